/*
 * Names to addresses without blocking: getaddrinfo on a thread of the loop's pool.
 * Takes a libpq host list and gives back lists in which every host has its address, so
 * that libpq itself never asks DNS.
 */
#ifndef PGRUNBOOK_DRIVE_RESOLVE_H
#define PGRUNBOOK_DRIVE_RESOLVE_H

#include <stdbool.h>

#include "pgrunbook/drive/loop.h"

struct resolve;

/*
 * libpq's settings host, hostaddr and port, comma-separated lists of the same length. A
 * name with several addresses stands there once for each; a socket directory has an
 * empty address; names that can't be resolved are left out.
 */
struct resolved {
	const char *hosts, *addresses, *ports;
	const char *error; /* NULL, or why none of the names could be resolved */
};

/*
 * Resolves a host list ("db1,db2,/run/postgresql") with its port list ("" or NULL for
 * the default, one for all, or one each).  `done` is called once from the loop, never
 * from within this call; what it is given lives for that call.
 */
struct resolve *resolve_start(struct loop *loop, const char *hosts, const char *ports,
	void (*done)(void *context, const struct resolved *resolved), void *context);
/* Gives up: `done` is not called any more.  Not needed after `done`. */
void resolve_cancel(struct resolve *resolve);

#endif
