/* Alembic's version table, as the polls of a watch see it. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/clock.h"
#include "src/drive/pg_watch_parts.h"

/* How long what was found is taken for all there is: so many times what it took to
 * look, but not less than this. */
enum { LOOK_SHARE = 100 };
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
	strlist_free(&table->known);
	free(table->name);
	table->name = NULL;
}

/* What another table would change is looked at seldom, or when somebody may have made
 * one. */
static enum watch_table_look
watch_table_due(const struct pg_watch *watch)
{
	const struct watch_table *table = &watch->table;

	if (table->due || !table->looked_ns ||
		watch->started_ns - table->looked_ns >= table->rest_ns)
		return WATCH_TABLE_ALL;
	if (watch_table_oid(table))
		return WATCH_TABLE_ONE;
	/* By a name it is found by an index. */
	return table->name ? WATCH_TABLE_ALL : WATCH_TABLE_KNOWN;
}

char *
watch_table_condition(struct pg_watch *watch)
{
	struct watch_table *table = &watch->table;
	struct str condition = { 0 };

	table->look = watch_table_due(watch);
	switch (table->look) {
	case WATCH_TABLE_ALL:
		table->due = false;
		table->looked_ns = watch->started_ns;
		table->rest_ns = LOOK_NS;
		pg_version_condition(table->name, &condition);
		break;
	case WATCH_TABLE_ONE:
		str_printf(&condition, "c.oid = %s", watch_table_oid(table));
		break;
	case WATCH_TABLE_KNOWN:
		pg_version_known(&table->known, &condition);
		break;
	}
	return str_take(&condition);
}

/* Whether the answer is about the tables that the last look for all has found. */
static bool
watch_table_known(struct watch_table *table, const struct pg_result *result)
{
	struct strlist oids = { 0 };
	bool same;

	for (int row = 0; row < pg_result_rows(result); row++)
		strlist_add(&oids, pg_result_text(result, row, PG_TABLE_OID));
	strlist_sort(&oids);
	if (table->look == WATCH_TABLE_ALL) {
		strlist_free(&table->known);
		table->known = oids;
		return true;
	}
	same = strlist_equal(&oids, &table->known);
	strlist_free(&oids);
	return same;
}

void
watch_read_tables(struct pg_watch *watch, const struct pg_result *result)
{
	struct watch_table *table = &watch->table;
	bool one = table->look == WATCH_TABLE_ONE;

	table->gone = one && pg_result_rows(result) == 0;
	/* Dropped, made anew, or one more: the next poll looks which. */
	table->due = one ? table->gone : !watch_table_known(table, result);
	if (!table->due)
		pg_version_found(
			&table->found, one || table->name, result, &watch->poll.locked);
}

void
watch_table_took(struct pg_watch *watch)
{
	struct watch_table *table = &watch->table;
	int64_t rest_ns = watch->poll.took_us * 1000 * LOOK_SHARE;

	if (table->look == WATCH_TABLE_ALL && rest_ns > table->rest_ns)
		table->rest_ns = rest_ns;
}

void
watch_table_missed(struct pg_watch *watch)
{
	if (watch->table.look == WATCH_TABLE_ALL)
		watch->table.looked_ns = 0;
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
	watch->skips.polls[PG_QUERY_ROWS] = 0; /* those were the other one's */
	pg_watch_refresh(watch);
}

void
pg_watch_look_anew(struct pg_watch *watch)
{
	watch->table.due = true;
	pg_watch_refresh(watch);
}
