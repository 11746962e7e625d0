/*
 * Finding the version table and reading its rows, as SQL and from its answers: the same
 * for the console, which asks in each poll, and for one quick look.
 */
#ifndef PGRUNBOOK_SRC_DRIVE_PG_VERSION_H
#define PGRUNBOOK_SRC_DRIVE_PG_VERSION_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/base/str.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/drive/pg.h"
#include "pgrunbook/model/version.h"

/* What PG_QUERY_TABLES found. */
struct pg_version {
	struct version_candidate *items;
	size_t count;
	int chosen; /* index of the one; -1: there is none, or there are several */
};

/*
 * Adds the condition that completes PG_QUERY_TABLES.  `table` (see version_name_parse)
 * NULL: whatever looks like a version table, but for that of the console's own ledger.
 */
void pg_version_condition(const char *table, struct str *sql);
/* The same for the tables of some oids and for those with Alembic's own name: found by
 * indexes alone. */
void pg_version_known(const struct strlist *oids, struct str *sql);
/*
 * Replaces what was found, but keeps the rows of a table that is the same.  `named`: it
 * was asked for by its name or oid.  `locked` are the oids of tables for which a look
 * would have to wait.
 */
void pg_version_found(struct pg_version *version, bool named,
	const struct pg_result *result, const struct strlist *locked);
/* The query for the rows, of the one or of all that may be read; false: of none. */
bool pg_version_query(const struct pg_version *version, struct str *sql);
void pg_version_read(struct pg_version *version, const struct pg_result *result);
/* What it all means; `rows` is empty before. */
void pg_version_fill(const struct pg_version *version, struct version_rows *rows);
void pg_version_free(struct pg_version *version);

#endif
