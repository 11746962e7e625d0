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

/* What is being looked for above a revision. */
struct rows_search {
	const struct tree *tree;
	const bool *applied;
	const struct tree_list *rows;	/* one of these */
	const struct tree_list *except; /* but of these; NULL: of none */
	bool *seen;
	struct tree_list stack;
};

static void
rows_push(struct rows_search *search, const struct tree_list *above)
{
	for (size_t i = 0; i < above->count; i++) {
		int index = above->items[i];

		if (search->applied[index] && !search->seen[index]) {
			search->seen[index] = true;
			tree_list_add(&search->stack, index);
		}
	}
}

/*
 * Whether a row above `from` implies it.  It is looked for from below: what is applied
 * above a revision whose turn it is is little, what lies below a row is nearly all.
 */
static bool
rows_reach(struct rows_search *search, int from)
{
	bool found = false;

	search->stack.count = 0;
	search->seen = alloc_zeroed(tree_count(search->tree), sizeof(bool));
	tree_list_add(&search->stack, from);
	while (!found && search->stack.count) {
		int index = search->stack.items[--search->stack.count];
		const struct revision *at = tree_at(search->tree, index);

		found = tree_list_has(search->rows, index) &&
			!(search->except && tree_list_has(search->except, index));
		rows_push(search, &at->children);
		rows_push(search, &at->dependents);
	}
	free(search->seen);
	tree_list_free(&search->stack);
	return found;
}

/* Drops from `list` what the rows, those not in `except`, imply. */
static void
rows_drop_implied(const struct plan_rows *at, const struct tree_list *except,
	struct tree_list *list)
{
	struct tree_list kept = { 0 };
	struct rows_search search = { .tree = at->tree,
		.applied = at->applied,
		.rows = &at->rows,
		.except = except };

	for (size_t i = 0; i < list->count; i++)
		if (!rows_reach(&search, list->items[i]))
			tree_list_add(&kept, list->items[i]);
	tree_list_free(list);
	*list = kept;
}

/* Drops from `list` what others of the list imply. */
static void
rows_drop_inner(const struct plan_rows *at, struct tree_list *list)
{
	struct tree_list kept = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		struct tree_list self = { .items = &list->items[i], .count = 1 };
		struct rows_search search = { .tree = at->tree,
			.applied = at->applied,
			.rows = list,
			.except = &self };

		if (!rows_reach(&search, list->items[i]))
			tree_list_add(&kept, list->items[i]);
	}
	tree_list_free(list);
	*list = kept;
}

/* A merge: the rows below go, but for those that others still imply. */
static bool
rows_merge(struct plan_rows *at, int revision, struct tree_list *below,
	struct error *error)
{
	struct tree_list all = { 0 };

	for (size_t i = 0; i < below->count; i++)
		tree_list_add(&all, below->items[i]);
	rows_drop_implied(at, &all, below);
	tree_list_free(&all);
	for (size_t i = 0; i < below->count; i++)
		if (!rows_remove(&at->rows, below->items[i]))
			return error_set(error,
				"Alembic fails at %s: it would delete the version row "
				"%s, which another row implies; take that out of "
				"depends_on",
				tree_at(at->tree, revision)->script.revision,
				tree_at(at->tree, below->items[i])->script.revision);
	return true;
}

bool
plan_rows_upgrade(struct plan_rows *at, int revision, struct error *error)
{
	struct tree_list below = { 0 };
	size_t present = 0;
	bool good = true;

	rows_below(at->tree, revision, &below);
	for (size_t i = 0; i < below.count; i++)
		present += tree_list_has(&at->rows, below.items[i]);
	if (present > 1)
		good = rows_merge(at, revision, &below, error);
	for (size_t i = 0; present <= 1 && i < below.count; i++)
		rows_remove(&at->rows, below.items[i]);
	tree_list_add(&at->rows, revision);
	at->applied[revision] = true;
	tree_list_free(&below);
	return good;
}

bool
plan_rows_downgrade(struct plan_rows *at, int revision, struct error *error)
{
	struct tree_list below = { 0 };

	if (!rows_remove(&at->rows, revision))
		return error_set(error,
			"Alembic fails at %s: the version table has no row for it then",
			tree_at(at->tree, revision)->script.revision);
	at->applied[revision] = false;
	rows_below(at->tree, revision, &below);
	if (at->rows.count)
		rows_drop_implied(at, NULL, &below);
	else if (below.count > 1)
		rows_drop_inner(at, &below);
	for (size_t i = 0; i < below.count; i++)
		tree_list_add(&at->rows, below.items[i]);
	tree_list_free(&below);
	return true;
}
