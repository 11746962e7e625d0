/*
 * `pgrunbook status` and `pgrunbook locks`: one look at the database without a screen.
 */
#ifndef PGRUNBOOK_APP_COMMAND_WATCH_H
#define PGRUNBOOK_APP_COMMAND_WATCH_H

#include <stdbool.h>

#include "pgrunbook/app/setup.h"
#include "pgrunbook/base/str.h"

/* Exit status 0: in sync; 1: not; 2: error, or the version table can't be read. */
int command_status(
	const struct setup *setup, bool json, struct str *out, struct str *complaints);
/* Exit status 0: told, whether anybody waits or not; 2: error. */
int command_locks(
	const struct setup *setup, bool json, struct str *out, struct str *complaints);

#endif
