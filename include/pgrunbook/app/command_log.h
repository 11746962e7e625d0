/* `pgrunbook log`: incidents without a screen.  Exit statuses: 0, 1 (a log doesn't
 * hold), 2 (error). */
#ifndef PGRUNBOOK_APP_COMMAND_LOG_H
#define PGRUNBOOK_APP_COMMAND_LOG_H

#include "pgrunbook/base/str.h"

/*
 * arguments: what follows `log` (list | show [ID] | verify [ID] | export [ID] [--format
 * markdown|json] | note ID TEXT | --help; none is list); an ID may be any unambiguous
 * part of the name, or "last", which is what show and export take without one; verify
 * takes all.  Output, sanitised for a terminal, goes to `out`; complaints to
 * `complaints`.
 */
int command_log(
	int count, char *const arguments[], struct str *out, struct str *complaints);

#endif
