/* Alembic's version table, as the polls of a watch see it. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/clock.h"
#include "src/drive/pg_watch_parts.h"

/* How long a table that was found is taken for the only one. */
static const int64_t LOOK_NS = INT64_C(10) * 1000000000;

const char *
watch_table_oid(const struct watch_table *table)
{
	const struct pg_version *found = &table->found;

	return found->count != 0 && found->chosen >= 0 ? found->items[found->chosen].oid
						       : NULL;
}

void
watch_table_free(struct watch_table *table)
{
	pg_version_free(&table->found);
	free(table->name);
	table->name = NULL;
}

char *
watch_table_condition(struct pg_watch *watch)
{
	struct watch_table *table = &watch->table;
	const char *oid = watch_table_oid(table);
	struct str condition = { 0 };

	table->by_oid = oid && table->looked_ns &&
			watch->started_ns - table->looked_ns < LOOK_NS;
	if (table->by_oid) {
		str_printf(&condition, "c.oid = %s", oid);
	} else {
		table->looked_ns = watch->started_ns;
		pg_version_condition(table->name, &condition);
	}
	return str_take(&condition);
}

void
watch_read_tables(struct pg_watch *watch, const struct pg_result *result)
{
	struct watch_table *table = &watch->table;

	table->gone = table->by_oid && pg_result_rows(result) == 0;
	if (table->gone) {
		/* Dropped, or made anew: the next poll looks which. */
		table->looked_ns = 0;
		return;
	}
	pg_version_found(&table->found, table->by_oid || table->name, result,
		&watch->poll.locked);
}

bool
watch_table_query(const struct pg_watch *watch, struct str *sql)
{
	return !watch->table.gone && pg_version_query(&watch->table.found, sql);
}

void
watch_read_rows(struct pg_watch *watch, const struct pg_result *result)
{
	pg_version_read(&watch->table.found, result);
	watch->table.read_us = clock_now_us();
}

void
watch_table_fill(const struct pg_watch *watch, struct version_rows *version)
{
	const struct watch_table *table = &watch->table;

	if (table->looked_ns || table->gone)
		pg_version_fill(&table->found, version);
	version->read_us = version->table == VERSION_TABLE_READ ? table->read_us : 0;
}

void
pg_watch_set_table(struct pg_watch *watch, const char *name)
{
	char *copy = alloc_copy(name);

	free(watch->table.name);
	watch->table.name = copy;
	watch->table.looked_ns = 0;
	pg_watch_refresh(watch);
}
