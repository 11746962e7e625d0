/*
 * One quick look at the version table, for commands without a screen: one connection,
 * two round trips after it, and never a wait for a lock.
 */
#ifndef PGRUNBOOK_DRIVE_VERSION_READ_H
#define PGRUNBOOK_DRIVE_VERSION_READ_H

#include <stdbool.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/drive/pg_params.h"
#include "pgrunbook/model/version.h"

/*
 * Blocks until it is read, at most 15 seconds.  `table` is as version_name_parse wants
 * it; NULL: find it.  False with an error if there is no connection or no answer, or if
 * somebody holds an ACCESS EXCLUSIVE lock on the table; a table that is missing, or not
 * permitted, or one of several, is an answer.  `rows` is empty before; free it with
 * version_rows_free.
 *
 * After a failure work may be left on a thread (see loop_free), so the process must
 * leave by _exit then.
 */
bool version_read(const struct pg_params *params, const char *table,
	struct version_rows *rows, struct error *error);

#endif
