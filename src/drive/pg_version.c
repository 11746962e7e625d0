#include "src/drive/pg_version.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "src/drive/pg_queries.h"

void
pg_version_free(struct pg_version *version)
{
	for (size_t i = 0; i < version->count; i++)
		version_candidate_free(&version->items[i]);
	free(version->items);
	*version = (struct pg_version){ .chosen = -1 };
}

void
pg_version_condition(const char *table, struct str *sql)
{
	char *schema = NULL, *name = NULL;

	if (!table || !version_name_parse(table, &schema, &name)) {
		/*
		 * Alembic's setting may have changed the name, but not the column, and
		 * hardly anybody adds another one.  What was dropped still counts in
		 * relnatts, which is there to look at few tables in detail.
		 */
		str_add(sql, "n.nspname <> 'pgrunbook' "
			     "AND NOT c.relispartition "
			     "AND a.attnum IS NOT NULL "
			     "AND (c.relname = 'alembic_version' "
			     "  OR c.relkind IN ('r', 'p') AND t.typcategory = 'S' "
			     "     AND (c.relname LIKE '%alembic\\_version%' "
			     "       OR c.relnatts <= 4 AND 1 = "
			     "          (SELECT count(*) FROM pg_attribute o "
			     "            WHERE o.attrelid = c.oid AND o.attnum > 0 "
			     "              AND NOT o.attisdropped)))");
		return;
	}
	str_add(sql, "c.relname = ");
	pg_queries_literal(name, sql);
	str_add(sql, " AND n.nspname ");
	str_add(sql, schema ? "= " : "<> ");
	pg_queries_literal(schema ? schema : "pgrunbook", sql);
	free(schema);
	free(name);
}

void
pg_version_known(const struct strlist *oids, struct str *sql)
{
	char *list = strlist_join(oids, ", ");

	str_printf(sql,
		"n.nspname <> 'pgrunbook' "
		"AND NOT c.relispartition "
		"AND a.attnum IS NOT NULL "
		"AND (c.relname = 'alembic_version'%s%s%s)",
		oids->count ? " OR c.oid IN (" : "", list, oids->count ? ")" : "");
	free(list);
}

static void
pg_version_candidate(const struct pg_result *result, int row,
	const struct strlist *locked, struct version_candidate *candidate)
{
	*candidate = (struct version_candidate){
		.name = alloc_copy(pg_result_text(result, row, PG_TABLE_NAME)),
		.oid = alloc_copy(pg_result_text(result, row, PG_TABLE_OID)),
		.grant = alloc_copy(pg_result_text(result, row, PG_TABLE_GRANT)),
		.view = pg_result_bool(result, row, PG_TABLE_VIEW),
		.column = pg_result_bool(result, row, PG_TABLE_COLUMN),
		.visible = pg_result_bool(result, row, PG_TABLE_VISIBLE),
		.id_length = (int)pg_result_int(result, row, PG_TABLE_LENGTH, 0),
		.hazard = (enum version_hazard)pg_result_int(
			result, row, PG_TABLE_HAZARD, VERSION_SAFE),
	};
	candidate->locked = strlist_has(locked, candidate->oid);
}

static int
pg_version_compare(const void *left, const void *right)
{
	const struct version_candidate *a = left, *b = right;

	if (a->view != b->view)
		return a->view - b->view;
	if (a->visible != b->visible)
		return b->visible - a->visible;
	return strcmp(a->name, b->name);
}

/* The one to take; by a configured name that which the search path finds. */
static int
pg_version_choose(const struct pg_version *version, bool named)
{
	if (version->count == 0)
		return -1;
	/* A view runs its owner's functions with our rights: only if it is asked for.
	 */
	if (version->count == 1)
		return named || !version->items[0].view ? 0 : -1;
	return named && version->items[0].visible ? 0 : -1;
}

static void
pg_version_keep_rows(const struct pg_version *before, struct version_candidate *item)
{
	bool read = *item->grant == '\0' && item->hazard == VERSION_SAFE;

	for (size_t i = 0; read && i < before->count; i++) {
		struct version_candidate *old = &before->items[i];

		if (!old->read || strcmp(old->oid, item->oid) != 0 ||
			strcmp(old->name, item->name) != 0)
			continue;
		item->rows = old->rows;
		old->rows = (struct strlist){ 0 };
		item->read = true;
		item->null_rows = old->null_rows;
		item->more = old->more;
	}
}

void
pg_version_found(struct pg_version *version, bool named, const struct pg_result *result,
	const struct strlist *locked)
{
	struct pg_version before = *version;
	int rows = pg_result_rows(result);
	bool tables = false;

	*version = (struct pg_version){
		.items = alloc_zeroed((size_t)rows + 1, sizeof(*version->items)),
		.count = (size_t)rows,
	};
	for (int row = 0; row < rows; row++) {
		struct version_candidate *item = &version->items[row];

		pg_version_candidate(result, row, locked, item);
		pg_version_keep_rows(&before, item);
		tables = tables || !item->view;
	}
	qsort(version->items, version->count, sizeof(*version->items),
		pg_version_compare);
	/* They stand last, behind the tables that they may show. */
	while (!named && tables && version->items[version->count - 1].view)
		version_candidate_free(&version->items[--version->count]);
	version->chosen = pg_version_choose(version, named);
	pg_version_free(&before);
}

/* Whether the query for the rows asks that one too. */
static bool
pg_version_asks(const struct pg_version *version, size_t index)
{
	const struct version_candidate *item = &version->items[index];

	if (!item->column || item->locked || *item->grant != '\0' ||
		item->hazard != VERSION_SAFE)
		return false;
	if (version->chosen >= 0)
		return (size_t)version->chosen == index;
	return !item->view && index < VERSION_CANDIDATES_READ;
}

static size_t
pg_version_most(const struct pg_version *version)
{
	return version->chosen >= 0 ? VERSION_ROWS_MOST : VERSION_CANDIDATE_ROWS;
}

bool
pg_version_query(const struct pg_version *version, struct str *sql)
{
	bool any = false;

	for (size_t i = 0; i < version->count; i++) {
		if (!pg_version_asks(version, i))
			continue;
		/* One more tells that there are more. */
		str_printf(sql, "%s(SELECT %zu, version_num::text FROM %s LIMIT %zu)",
			any ? " UNION ALL " : "", i, version->items[i].name,
			pg_version_most(version) + 1);
		any = true;
	}
	return any;
}

void
pg_version_read(struct pg_version *version, const struct pg_result *result)
{
	for (size_t i = 0; i < version->count; i++) {
		struct version_candidate *item = &version->items[i];

		if (!pg_version_asks(version, i))
			continue;
		strlist_free(&item->rows);
		item->null_rows = 0;
		item->more = false;
		item->read = true;
	}
	for (int row = 0; row < pg_result_rows(result); row++) {
		size_t index = (size_t)pg_result_int(result, row, 0, 0);
		const char *id = pg_result_text(result, row, 1);
		struct version_candidate *item = &version->items[index];

		if (item->rows.count + item->null_rows == pg_version_most(version))
			item->more = true;
		else if (id)
			strlist_add(&item->rows, id);
		else
			item->null_rows++;
	}
	for (size_t i = 0; i < version->count; i++)
		strlist_sort(&version->items[i].rows);
}

void
pg_version_fill(const struct pg_version *version, struct version_rows *rows)
{
	if (version->chosen >= 0) {
		version_rows_take(rows, &version->items[version->chosen]);
		return;
	}
	rows->table = version->count == 0 || version->items[0].view
			      ? VERSION_TABLE_MISSING
			      : VERSION_TABLE_SEVERAL;
	rows->candidates = alloc_zeroed(version->count, sizeof(*rows->candidates));
	for (size_t i = 0; i < version->count; i++)
		version_candidate_copy(&rows->candidates[i], &version->items[i]);
	rows->candidate_count = version->count;
}
