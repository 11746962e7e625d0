#include "pgrunbook/model/status.h"

#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/tree_problems.h"

enum { UNKNOWN_SHOWN = 5 };

/* Sorts the rows into those that the tree knows and those that it doesn't. */
static void
status_place_rows(const struct tree *tree, const struct strlist *rows, bool *applied,
	struct status *status)
{
	bool *listed = alloc_zeroed(tree_count(tree), sizeof(*listed));

	for (size_t i = 0; i < rows->count; i++) {
		int index = tree_find(tree, rows->items[i]);

		if (index == TREE_NONE) {
			strlist_add(&status->unknown, rows->items[i]);
			continue;
		}
		if (!listed[index])
			tree_list_add(&status->current, index);
		listed[index] = true;
		tree_mark_ancestors(tree, index, true, applied);
	}
	free(listed);
}

/* `alembic upgrade heads` runs what isn't applied, in the reverse of history's order.
 */
static void
status_list_pending(const struct tree *tree, bool *applied, struct status *status)
{
	struct tree_list tops = { 0 }, order = { 0 };

	for (size_t i = 0; i < tree_count(tree); i++) {
		if (applied[i])
			tree_list_add(&status->applied, (int)i);
		applied[i] = !applied[i];
		if (tree_at(tree, (int)i)->real_head)
			tree_list_add(&tops, (int)i);
	}
	tree_sort(tree, applied, &tops, &order);
	for (size_t i = order.count; i > 0; i--)
		tree_list_add(&status->pending, order.items[i - 1]);
	tree_list_free(&tops);
	tree_list_free(&order);
}

static enum status_kind
status_judge_rows(const struct tree *tree, const struct status *status)
{
	if (status->unknown.count || status->null_rows)
		return STATUS_UNKNOWN_REVISION;
	if (tree_first_defect(tree))
		return STATUS_BROKEN;
	if (status->pending.count == 0)
		return STATUS_IN_SYNC;
	return tree_heads(tree)->count > 1 ? STATUS_SEVERAL_HEADS : STATUS_PENDING;
}

static enum status_kind
status_judge(const struct tree *tree, const struct version_rows *rows,
	const struct status *status)
{
	if (!tree)
		return STATUS_UNKNOWN;
	if (tree_count(tree) == 0)
		return STATUS_NO_TREE;
	switch (rows->table) {
	case VERSION_TABLE_NOT_READ:
		return STATUS_UNKNOWN;
	case VERSION_TABLE_MISSING:
		return STATUS_NO_TABLE;
	case VERSION_TABLE_OTHER:
		return STATUS_OTHER_TABLE;
	case VERSION_TABLE_NOT_PERMITTED:
	case VERSION_TABLE_UNSAFE:
		return STATUS_NOT_PERMITTED;
	case VERSION_TABLE_SEVERAL:
		return STATUS_SEVERAL_TABLES;
	case VERSION_TABLE_READ:
		break;
	}
	return status_judge_rows(tree, status);
}

void
status_make(
	const struct tree *tree, const struct version_rows *rows, struct status *status)
{
	*status = (struct status){ 0 };
	if (tree) {
		bool *applied = alloc_zeroed(tree_count(tree), sizeof(*applied));

		status_place_rows(tree, &rows->rows, applied, status);
		status->null_rows = rows->null_rows;
		status_list_pending(tree, applied, status);
		free(applied);
	}
	status->kind = status_judge(tree, rows, status);
}

void
status_free(struct status *status)
{
	tree_list_free(&status->applied);
	tree_list_free(&status->pending);
	tree_list_free(&status->current);
	strlist_free(&status->unknown);
	*status = (struct status){ 0 };
}

/* The first few: a table that is somebody else's may have a thousand rows. */
static char *
status_unknown_words(const struct status *status)
{
	size_t count = status->unknown.count;
	struct str out = { 0 };

	if (count != 0)
		str_printf(&out, "unknown revision%s ", count > 1 ? "s" : "");
	for (size_t i = 0; i < count && i < UNKNOWN_SHOWN; i++) {
		const char *id = status->unknown.items[i];

		str_printf(&out, "%s%s", i == 0 ? "" : ", ", *id == '\0' ? "\"\"" : id);
	}
	if (count > UNKNOWN_SHOWN)
		str_printf(&out, " and %zu more", count - UNKNOWN_SHOWN);
	if (status->null_rows != 0)
		str_printf(&out, "%sa row that is NULL", count != 0 ? ", " : "");
	return str_take(&out);
}

char *
status_words(const struct status *status)
{
	switch (status->kind) {
	case STATUS_UNKNOWN:
		return alloc_copy("unknown");
	case STATUS_NO_TREE:
		return alloc_copy("no revisions found");
	case STATUS_NO_TABLE:
		return alloc_copy("no version table");
	case STATUS_OTHER_TABLE:
		return alloc_copy("not a version table");
	case STATUS_NOT_PERMITTED:
		return alloc_copy("version table not readable");
	case STATUS_SEVERAL_TABLES:
		return alloc_copy("several version tables");
	case STATUS_IN_SYNC:
		return alloc_copy("in sync");
	case STATUS_BROKEN:
		return alloc_copy("broken tree");
	case STATUS_SEVERAL_HEADS:
		return alloc_printf(
			"several heads, %zu pending", status->pending.count);
	case STATUS_PENDING:
		return alloc_printf("%zu pending", status->pending.count);
	case STATUS_UNKNOWN_REVISION:
		break;
	}
	return status_unknown_words(status);
}
