#include "pgrunbook/model/tree_answer.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/place.h"
#include "pgrunbook/model/tree_range.h"
#include "pgrunbook/model/tree_text.h"

bool
tree_answer_needs_rows(const struct tree_ask *ask)
{
	switch (ask->verb) {
	case TREE_HISTORY:
		return ask->indicate_current ||
		       (ask->range && tree_range_is_current(ask->range));
	case TREE_SHOW:
		return strcmp(ask->name, "current") == 0;
	case TREE_CURRENT:
		return true;
	default:
		return false;
	}
}

static void
answer_copy(const struct tree_list *from, struct tree_list *to)
{
	for (size_t i = 0; i < from->count; i++)
		tree_list_add(to, from->items[i]);
}

/* In load order. */
static void
answer_heads(const struct tree *tree, bool resolve_dependencies, struct tree_list *list)
{
	const struct tree_list *heads = tree_heads(tree);

	for (size_t i = 0; i < heads->count; i++)
		if (!resolve_dependencies || tree_at(tree, heads->items[i])->real_head)
			tree_list_add(list, heads->items[i]);
}

/* Newest first. */
static void
answer_branches(const struct tree *tree, struct tree_list *list)
{
	const struct tree_list *order = tree_order(tree);

	for (size_t i = 0; i < order->count; i++)
		if (tree_at(tree, order->items[i])->branch_point)
			tree_list_add(list, order->items[i]);
}

/* "-N": every way down from a head ends at a revision. */
static bool
answer_below_heads(const struct tree *tree, const char *name, struct tree_list *list,
	struct error *error)
{
	struct tree_list places = { 0 };
	bool good = place_below_heads(tree, name, &places, error);

	for (size_t i = 0; good && i < places.count; i++) {
		if (places.items[i] < 0)
			good = error_set(error,
				"%s goes down from the heads, and one of them has no "
				"revision that far below it",
				name);
		else
			tree_list_add(list, places.items[i]);
	}
	tree_list_free(&places);
	return good;
}

static bool
answer_show(const struct tree *tree, const char *name, const struct strlist *rows,
	struct tree_list *list, struct error *error)
{
	struct place_name parts;
	bool good;

	if (strcmp(name, "current") == 0)
		return place_find_rows(tree, rows, list, error);
	place_name_parse(name, &parts);
	good = parts.relative && parts.negative && !parts.symbol
		       ? answer_below_heads(tree, name, list, error)
		       : place_resolve_all(tree, name, list, error);
	place_name_free(&parts);
	return good;
}

static int
answer_compare(const void *a, const void *b, void *context)
{
	const struct tree *tree = context;

	return strcmp(tree_at(tree, *(const int *)a)->script.revision,
		tree_at(tree, *(const int *)b)->script.revision);
}

/* Marks the rows and what they depend on. */
static bool
answer_mark_applied(const struct tree *tree, const struct strlist *rows, bool *applied,
	struct error *error)
{
	struct tree_list found = { 0 };
	bool good = place_find_rows(tree, rows, &found, error);

	for (size_t i = 0; good && i < found.count; i++)
		tree_mark_ancestors(tree, found.items[i], true, applied);
	tree_list_free(&found);
	return good;
}

static bool
answer_current(const struct tree *tree, const struct strlist *rows,
	struct tree_list *list, struct error *error)
{
	bool *applied = alloc_zeroed(tree_count(tree), sizeof(*applied));
	bool good = answer_mark_applied(tree, rows, applied, error);

	for (size_t i = 0; good && i < tree_count(tree); i++) {
		const struct tree_list *children = &tree_at(tree, (int)i)->children;
		bool last = applied[i];

		for (size_t k = 0; last && k < children->count; k++)
			last = !applied[children->items[k]];
		if (last)
			tree_list_add(list, (int)i);
	}
	if (list->count)
		qsort_r(list->items, list->count, sizeof(*list->items), answer_compare,
			(void *)tree);
	free(applied);
	return good;
}

bool
tree_answer_missing_heads(const struct tree *tree, const struct strlist *rows,
	struct tree_list *missing, struct error *error)
{
	const struct tree_list *heads = tree_heads(tree);
	bool *applied = alloc_zeroed(tree_count(tree), sizeof(*applied));
	bool good = answer_mark_applied(tree, rows, applied, error);

	for (size_t i = 0; good && i < heads->count; i++)
		if (!applied[heads->items[i]])
			tree_list_add(missing, heads->items[i]);
	free(applied);
	return good;
}

bool
tree_answer_find(const struct tree *tree, const struct tree_ask *ask,
	struct tree_list *list, struct error *error)
{
	switch (ask->verb) {
	case TREE_HEADS:
		answer_heads(tree, ask->resolve_dependencies, list);
		return true;
	case TREE_BRANCHES:
		answer_branches(tree, list);
		return true;
	case TREE_HISTORY:
		if (ask->range)
			return tree_range_find(
				tree, ask->range, ask->rows, list, error);
		answer_copy(tree_order(tree), list);
		return true;
	case TREE_SHOW:
		return answer_show(tree, ask->name, ask->rows, list, error);
	case TREE_CURRENT:
		return answer_current(tree, ask->rows, list, error);
	}
	return true;
}

void
tree_answer_mark_rows(const struct tree *tree, const struct strlist *rows, bool *marks)
{
	for (size_t i = 0; i < rows->count; i++) {
		int index = tree_find(tree, rows->items[i]);

		if (index != TREE_NONE)
			marks[index] = true;
	}
}

/* What Alembic puts on a revision's line. */
static unsigned
answer_form(const struct tree_ask *ask)
{
	static const unsigned forms[] = {
		[TREE_HEADS] = TREE_TEXT_LABELS,
		[TREE_HISTORY] = TREE_TEXT_PARENTS | TREE_TEXT_LABELS | TREE_TEXT_TREE |
				 TREE_TEXT_MESSAGE,
		[TREE_SHOW] = TREE_TEXT_LONG,
		[TREE_CURRENT] = TREE_TEXT_TREE,
	};

	return ask->verbose ? TREE_TEXT_LONG : forms[ask->verb];
}

void
tree_answer_text(const struct tree *tree, const struct tree_ask *ask,
	const struct tree_list *list, struct str *out)
{
	bool *current = NULL;

	if (ask->verb == TREE_BRANCHES) {
		tree_text_branches(tree, list, ask->verbose, out);
		return;
	}
	if (ask->verb == TREE_HISTORY && ask->indicate_current) {
		current = alloc_zeroed(tree_count(tree), sizeof(*current));
		tree_answer_mark_rows(tree, ask->rows, current);
	}
	tree_text_list(tree, list, answer_form(ask), current, out);
	free(current);
}
