#include "pgrunbook/drive/who.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pgrunbook/drive/clock.h"
#include "pgrunbook/model/entry.h"

static void
who_set(json_t *who, const char *name, const char *value)
{
	if (value && *value)
		json_object_set_new(who, name, entry_json_text(value, strlen(value)));
}

static void
who_set_id(json_t *who, const char *name, unsigned long id)
{
	char text[24];

	snprintf(text, sizeof(text), "%lu", id);
	who_set(who, name, text);
}

/* The kernel's login uid of this session; nothing if nobody logged in: a daemon's
 * child. */
static void
set_audit_id(json_t *who)
{
	FILE *file = fopen("/proc/self/loginuid", "re");
	char text[24] = "";

	if (!file)
		return;
	if (fgets(text, sizeof(text), file)) {
		unsigned long login = strtoul(text, NULL, 10);

		if (login != (uid_t)-1)
			who_set_id(who, "user.audit_id", login);
	}
	fclose(file);
}

static void
set_user(json_t *who)
{
	const struct passwd *user = getpwuid(getuid());

	who_set(who, "user.name", user ? user->pw_name : NULL);
	who_set_id(who, "user.id", getuid());
	if (geteuid() != getuid())
		who_set_id(who, "user.effective_id", geteuid());
	set_audit_id(who);
}

/* "client's address, its port, the server's address, its port" */
static void
set_client(json_t *who, const char *connection)
{
	char address[64], port[8];

	if (sscanf(connection, "%63s %7s", address, port) != 2)
		return;
	who_set(who, "client.address", address);
	who_set(who, "client.port", port);
}

static void
set_claims(json_t *who)
{
	const char *sudo = getenv("SUDO_USER");
	const char *ssh = getenv("SSH_CONNECTION");
	json_t *unverified = json_array();

	if (sudo && *sudo) {
		who_set(who, "user.sudo_user", sudo);
		json_array_append_new(unverified, json_string("user.sudo_user"));
	}
	if (ssh && *ssh) {
		who_set(who, "ssh.connection", ssh);
		json_array_append_new(unverified, json_string("ssh.connection"));
		set_client(who, ssh);
	}
	if (json_array_size(unverified) > 0)
		json_object_set(who, "user.unverified", unverified);
	json_decref(unverified);
}

json_t *
who_resource(const char *environment)
{
	json_t *who = json_object();
	char host[256] = "", boot[40];

	if (gethostname(host, sizeof(host) - 1) != 0)
		host[0] = '\0';
	who_set(who, "service.name", "pgrunbook");
	who_set(who, "service.version", PACKAGE_VERSION);
	who_set(who, "host.name", host);
	who_set(who, "host.boot_id", clock_boot_id(boot));
	json_object_set_new(who, "process.pid", json_integer(getpid()));
	who_set(who, "deployment.environment.name", environment);
	set_user(who);
	set_claims(who);
	return who;
}
