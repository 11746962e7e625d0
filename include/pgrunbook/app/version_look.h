/* What the version table says, for commands without a screen. */
#ifndef PGRUNBOOK_APP_VERSION_LOOK_H
#define PGRUNBOOK_APP_VERSION_LOOK_H

#include <stdbool.h>

#include "pgrunbook/app/setup.h"
#include "pgrunbook/base/error.h"
#include "pgrunbook/model/tree.h"
#include "pgrunbook/model/version.h"

/*
 * Reads the rows once, quickly (see drive/version_read.h, also for how to leave after a
 * failure).  True if they are known: the table was read, or there is none and nothing
 * was ever applied (VERSION_TABLE_MISSING, no rows).  Of several tables that of `tree`
 * (NULL: not known) is taken if there is no doubt.  Else the error says what to do.
 * `rows` is to be freed with version_rows_free in any case.
 */
bool version_look(const struct setup *setup, const struct tree *tree,
	struct version_rows *rows, struct error *error);

#endif
