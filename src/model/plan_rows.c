#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/plan_internal.h"

/* What the version table implies right below a revision: parents and dependencies. */
static void
rows_below(const struct tree *tree, int revision, struct tree_list *below)
{
	const struct revision *at = tree_at(tree, revision);

	for (size_t i = 0; i < at->parents.count; i++)
		tree_list_add(below, at->parents.items[i]);
	for (size_t i = 0; i < at->own_dependencies.count; i++)
		if (!tree_list_has(below, at->own_dependencies.items[i]))
			tree_list_add(below, at->own_dependencies.items[i]);
}

static bool
rows_remove(struct tree_list *rows, int revision)
{
	for (size_t i = 0; i < rows->count; i++) {
		if (rows->items[i] == revision) {
			rows->items[i] = rows->items[--rows->count];
			return true;
		}
	}
	return false;
}

/* Keeps what isn't marked. */
static void
rows_drop_marked(struct tree_list *list, const bool *marks)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++)
		if (!marks[list->items[i]])
			list->items[kept++] = list->items[i];
	list->count = kept;
}

/* Drops from `list` what the other rows, those not in `except`, imply. */
static void
rows_drop_implied(const struct tree *tree, const struct tree_list *rows,
	const struct tree_list *except, struct tree_list *list)
{
	bool *implied = alloc_zeroed(tree_count(tree), sizeof(*implied));

	for (size_t i = 0; i < rows->count; i++)
		if (!tree_list_has(except, rows->items[i]))
			tree_mark_ancestors(tree, rows->items[i], true, implied);
	rows_drop_marked(list, implied);
	free(implied);
}

/* Drops from `list` what others of the list imply. */
static void
rows_drop_inner(const struct tree *tree, struct tree_list *list)
{
	bool *implied = alloc_zeroed(tree_count(tree), sizeof(*implied));

	for (size_t i = 0; i < list->count; i++) {
		const struct revision *at = tree_at(tree, list->items[i]);

		for (size_t k = 0; k < at->parents.count; k++)
			tree_mark_ancestors(tree, at->parents.items[k], true, implied);
		for (size_t k = 0; k < at->dependencies.count; k++)
			tree_mark_ancestors(
				tree, at->dependencies.items[k], true, implied);
	}
	rows_drop_marked(list, implied);
	free(implied);
}

/* A merge: the rows below go, but for those that others still imply. */
static bool
rows_merge(const struct tree *tree, int revision, struct tree_list *below,
	struct tree_list *rows, struct error *error)
{
	rows_drop_implied(tree, rows, below, below);
	for (size_t i = 0; i < below->count; i++)
		if (!rows_remove(rows, below->items[i]))
			return error_set(error,
				"Alembic fails at %s: it would delete the version row "
				"%s, which another row implies; take that out of "
				"depends_on",
				tree_at(tree, revision)->script.revision,
				tree_at(tree, below->items[i])->script.revision);
	tree_list_add(rows, revision);
	return true;
}

bool
plan_rows_upgrade(const struct tree *tree, int revision, struct tree_list *rows,
	struct error *error)
{
	struct tree_list below = { 0 };
	size_t present = 0;
	bool good = true;

	rows_below(tree, revision, &below);
	for (size_t i = 0; i < below.count; i++)
		present += tree_list_has(rows, below.items[i]);
	if (present > 1) {
		good = rows_merge(tree, revision, &below, rows, error);
	} else {
		for (size_t i = 0; i < below.count; i++)
			rows_remove(rows, below.items[i]);
		tree_list_add(rows, revision);
	}
	tree_list_free(&below);
	return good;
}

bool
plan_rows_downgrade(const struct tree *tree, int revision, struct tree_list *rows,
	struct error *error)
{
	struct tree_list below = { 0 };

	if (!rows_remove(rows, revision))
		return error_set(error,
			"Alembic fails at %s: the version table has no row for it then",
			tree_at(tree, revision)->script.revision);
	rows_below(tree, revision, &below);
	if (rows->count)
		rows_drop_implied(tree, rows, &(struct tree_list){ 0 }, &below);
	else if (below.count > 1)
		rows_drop_inner(tree, &below);
	for (size_t i = 0; i < below.count; i++)
		tree_list_add(rows, below.items[i]);
	tree_list_free(&below);
	return true;
}
