/* Alembic's version table: which one it is, whether it may be read, what it says. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/clock.h"
#include "src/drive/pg_watch_parts.h"

/* How long a table that was found is taken for the only one. */
enum { LOOK_US = 10 * 1000 * 1000 };

static void
watch_table_forget(struct watch_table *table)
{
	free(table->oid);
	free(table->name);
	table->oid = table->name = NULL;
	table->readable = false;
	strlist_free(&table->candidates);
}

void
watch_table_free(struct watch_table *table)
{
	watch_table_forget(table);
	strlist_free(&table->rows);
}

char *
watch_table_condition(struct pg_watch *watch)
{
	const struct watch_table *table = &watch->table;
	struct str condition = { 0 };

	if (table->oid && table->looked_us &&
		watch->started_us - table->looked_us < LOOK_US) {
		str_printf(&condition, "c.oid = %s", table->oid);
		return str_take(&condition);
	}
	watch->table.looked_us = watch->started_us;
	if (!watch->table_name) {
		/* Any name: Alembic's setting may have changed it, but not the column.
		 */
		str_add(&condition, "c.relnatts = 1");
		return str_take(&condition);
	}
	str_add(&condition, "c.relname = ");
	pg_queries_literal(watch->table_name, &condition);
	if (watch->table_schema) {
		str_add(&condition, " AND n.nspname = ");
		pg_queries_literal(watch->table_schema, &condition);
	}
	return str_take(&condition);
}

/* The row to take of several: by a configured name that which the search path finds. */
static int
watch_table_choose(const struct pg_watch *watch, const struct pg_result *result)
{
	if (pg_result_rows(result) == 1)
		return 0;
	for (int row = 0; watch->table_name && row < pg_result_rows(result); row++) {
		if (pg_result_bool(result, row, PG_TABLE_VISIBLE))
			return row;
	}
	return -1;
}

void
watch_read_tables(struct pg_watch *watch, const struct pg_result *result)
{
	struct watch_table *table = &watch->table;
	int chosen = watch_table_choose(watch, result);
	/* Rows outlive a poll in which their table was locked, no other table. */
	char *before = table->name;
	const char *name;

	table->name = NULL;
	watch_table_forget(table);
	if (pg_result_rows(result) == 0) {
		table->state = VERSION_TABLE_MISSING;
	} else if (chosen < 0) {
		table->state = VERSION_TABLE_SEVERAL;
		for (int row = 0; row < pg_result_rows(result); row++)
			strlist_add(&table->candidates,
				pg_result_text(result, row, PG_TABLE_NAME));
		strlist_sort(&table->candidates);
	} else {
		name = pg_result_text(result, chosen, PG_TABLE_NAME);
		table->name = alloc_copy(name);
		table->oid = alloc_copy(pg_result_text(result, chosen, PG_TABLE_OID));
		table->readable = pg_result_bool(result, chosen, PG_TABLE_READABLE);
		table->locked = strlist_has(&watch->poll.locked, table->oid);
		table->state = table->readable ? VERSION_TABLE_READ
					       : VERSION_TABLE_NOT_PERMITTED;
	}
	if (!table->name || !before || strcmp(table->name, before) != 0 ||
		!table->readable) {
		strlist_free(&table->rows);
		table->read_us = 0;
	}
	free(before);
}

bool
watch_table_query(const struct pg_watch *watch, struct str *sql)
{
	const struct watch_table *table = &watch->table;

	if (table->state != VERSION_TABLE_READ || table->locked)
		return false;
	str_printf(sql, "SELECT version_num FROM %s", table->name);
	return true;
}

void
watch_read_rows(struct pg_watch *watch, const struct pg_result *result)
{
	struct watch_table *table = &watch->table;

	strlist_free(&table->rows);
	for (int row = 0; row < pg_result_rows(result); row++) {
		const char *id = pg_result_text(result, row, 0);

		if (id)
			strlist_add(&table->rows, id);
	}
	strlist_sort(&table->rows);
	table->read_us = clock_now_us();
}

void
watch_table_fill(const struct pg_watch *watch, struct version_rows *version)
{
	const struct watch_table *table = &watch->table;

	version->table = table->state;
	if (table->state == VERSION_TABLE_READ && table->read_us == 0)
		version->table = VERSION_TABLE_NOT_READ; /* locked since we came */
	version->read_us = table->read_us;
	strlist_copy(&version->candidates, &table->candidates);
	if (version->table != VERSION_TABLE_READ)
		return;
	version->name = alloc_copy(table->name);
	strlist_copy(&version->rows, &table->rows);
}
