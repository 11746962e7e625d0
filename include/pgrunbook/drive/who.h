/*
 * Who is at the console, and where: the resource of every log entry.  Names are
 * OpenTelemetry's where it has them.
 */
#ifndef PGRUNBOOK_DRIVE_WHO_H
#define PGRUNBOOK_DRIVE_WHO_H

#include <jansson.h>

/*
 * A new object, the caller's reference:
 *
 *   service.name, service.version, host.name, host.boot_id, process.pid,
 *   deployment.environment.name (unless `environment` is NULL),
 *   user.name, user.id: of the real uid, from the user database;
 *   user.effective_id: only if it differs;
 *   user.audit_id: the kernel's login uid, which su and sudo leave alone, if it is set;
 *   user.sudo_user, ssh.connection, client.address, client.port: what the environment
 *     says (SUDO_USER, SSH_CONNECTION).  Whoever starts the console can set these:
 *     user.unverified lists the names of those that are there.
 */
json_t *who_resource(const char *environment);

#endif
