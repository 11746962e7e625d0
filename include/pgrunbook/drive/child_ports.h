/* Where a command's connections begin: that tells its sessions from all others. */
#ifndef PGRUNBOOK_DRIVE_CHILD_PORTS_H
#define PGRUNBOOK_DRIVE_CHILD_PORTS_H

#include "pgrunbook/model/session.h"

/*
 * The TCP connections of a process and of all that it started, to servers at
 * `server_port`: this side's addresses and ports, from /proc (proc(5)).  None where
 * that isn't there or not to be read; connections to a local socket have no port, and
 * behind a proxy the server sees another one.  The caller frees *ports.
 */
size_t child_ports(int pid, int server_port, struct session_port **ports);

#endif
