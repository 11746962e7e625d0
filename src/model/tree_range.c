#include "pgrunbook/model/tree_range.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/place.h"

/* One end of a range. */
struct range_end {
	char *name;		    /* never NULL; "base" or "heads" if left out */
	const struct strlist *rows; /* not NULL: these stand for the name */
	struct place_name parts;    /* of the name */
};

/* A range while it is resolved. */
struct range {
	const struct tree *tree;
	struct range_end from, to;
	struct tree_list tops;	  /* what `to` stands for */
	struct tree_list bottoms; /* what `from` stands for; empty: base */
	struct error *error;
};

bool
tree_range_is_current(const char *range)
{
	const char *colon = strchr(range, ':');

	return colon && ((colon - range == 7 && strncmp(range, "current", 7) == 0) ||
				strcmp(colon + 1, "current") == 0);
}

/* A relative name that only goes down, from where nothing is said. */
static bool
range_is_below(const struct range_end *end)
{
	return end->parts.relative && end->parts.negative && !end->parts.symbol;
}

static bool
range_refuse(const struct range *range)
{
	return error_set(range->error,
		"the range %s:%s doesn't go from a revision to one that comes after "
		"it: %s is no ancestor of %s",
		range->from.name, range->to.name, range->from.name, range->to.name);
}

/* What comes after `low` in the list. */
static int
range_find_later(const struct range *range, const struct tree_list *list, int low)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i] != low &&
			tree_is_ancestor(range->tree, low, list->items[i]))
			return list->items[i];
	return low;
}

/* Whether one of the revisions comes before another: Alembic takes no such list. */
static bool
range_check_overlap(const struct range *range, const struct tree_list *list)
{
	bool *before = alloc_zeroed(tree_count(range->tree), sizeof(*before));
	int low = TREE_NONE;

	for (size_t i = 0; i < list->count; i++) {
		const struct revision *at = tree_at(range->tree, list->items[i]);

		for (size_t k = 0; k < at->parents.count; k++)
			tree_mark_ancestors(
				range->tree, at->parents.items[k], true, before);
		for (size_t k = 0; k < at->dependencies.count; k++)
			tree_mark_ancestors(
				range->tree, at->dependencies.items[k], true, before);
	}
	for (size_t i = 0; i < list->count && low == TREE_NONE; i++)
		if (before[list->items[i]])
			low = list->items[i];
	free(before);
	if (low == TREE_NONE)
		return true;
	int high = range_find_later(range, list, low);
	return error_set(range->error,
		"revision %s overlaps with %s: it comes before it, and a range is of "
		"revisions side by side",
		tree_at(range->tree, low)->script.revision,
		tree_at(range->tree, high)->script.revision);
}

/* What FROM stands for, where a way up begins there. */
static bool
range_find_from(struct range *range, const bool *lineage, struct tree_list *from)
{
	if (range->from.rows)
		return place_find_rows(
			range->tree, range->from.rows, from, range->error);
	/* Only with a label Alembic takes -N here. */
	if (!lineage || !range_is_below(&range->from))
		return place_resolve_all(
			range->tree, range->from.name, from, range->error);
	if (!place_below_heads(range->tree, range->from.name, from, range->error))
		return false;
	for (size_t i = 0; i < from->count; i++)
		if (from->items[i] < 0)
			return error_set(range->error,
				"%s goes down from the heads beyond the first revision",
				range->from.name);
	return true;
}

/* Where "+N" begins: at FROM, or where its branch is. */
static bool
range_start_up(struct range *range, const bool *lineage, int *start)
{
	struct tree_list from = { 0 }, starts = { 0 };
	bool good = range_find_from(range, lineage, &from);

	for (size_t i = 0; good && i < from.count; i++)
		if (!lineage || lineage[from.items[i]])
			tree_list_add(&starts, from.items[i]);
	if (good && lineage && starts.count == 0) {
		bool *below = alloc_zeroed(tree_count(range->tree), sizeof(*below));

		for (size_t i = 0; i < from.count; i++)
			tree_mark_ancestors(range->tree, from.items[i], true, below);
		place_branch_tips(range->tree, below, lineage, true, &starts);
		free(below);
	}
	*start = starts.count ? starts.items[0] : TREE_NONE;
	if (good && starts.count > 1)
		good = error_set(range->error,
			"%s is ambiguous: %s stands for %zu revisions; name one",
			range->to.name, range->from.name, starts.count);
	tree_list_free(&from);
	tree_list_free(&starts);
	return good;
}

/* "+N", "label@+N", "name+N", "label@name+N"; the last revision if N is too far. */
static bool
range_up(struct range *range, int *found)
{
	const struct place_name *parts = &range->to.parts;
	bool *lineage = NULL;
	bool good = true;
	int start = TREE_NONE, done;

	if (parts->label) {
		lineage = alloc_zeroed(tree_count(range->tree), sizeof(*lineage));
		good = place_mark_lineage(
			range->tree, parts->label, lineage, range->error);
	}
	if (good && parts->symbol)
		good = place_find_symbol(
			range->tree, parts->symbol, NULL, &start, range->error);
	else if (good)
		good = range_start_up(range, lineage, &start);
	good = good && place_go_up(range->tree, start, parts->steps, lineage, found,
			       &done, range->error);
	free(lineage);
	return good;
}

/* "name-N", "label@name-N" */
static bool
range_down(struct range *range, int *found)
{
	const struct place_name *parts = &range->to.parts;
	int start = TREE_NONE;

	if (!parts->symbol)
		return error_set(range->error,
			"the range ends at %s, which is before its beginning",
			range->to.name);
	return place_find_symbol(range->tree, parts->symbol, parts->label, &start,
		       range->error) &&
	       place_walk_down(range->tree, start, parts->steps, found, range->error);
}

/*
 * FROM may be "label@...": then only what is of that branch counts.  An id may stand
 * for the label that it has.
 */
static bool
range_keep_branch(struct range *range)
{
	const char *at = strchr(range->from.name, '@');
	const char *label = range->from.parts.label;
	int revision;
	size_t kept = 0;

	if (range->from.rows || !at)
		return true;
	if (!label ||
		!place_find_symbol(range->tree, label, NULL, &revision, range->error))
		return range->error->message != NULL
			       ? false
			       : error_set(range->error, "%s names no branch",
					 range->from.name);
	if (revision != TREE_NONE &&
		strcmp(tree_at(range->tree, revision)->script.revision, label) == 0) {
		const struct strlist *labels = tree_at(range->tree, revision)->labels;

		if (labels->count != 1)
			return error_set(range->error,
				"%s has %zu labels: the range begins on a branch, name "
				"it by its label",
				label, labels->count);
		label = labels->items[0];
	}
	for (size_t i = 0; i < range->tops.count; i++) {
		int top = range->tops.items[i];

		if (strlist_has_sorted(tree_at(range->tree, top)->labels, label))
			range->tops.items[kept++] = top;
	}
	range->tops.count = kept;
	return true;
}

static bool
range_find_tops(struct range *range)
{
	const struct place_name *parts = &range->to.parts;
	int found = TREE_NONE;
	bool good;

	if (range->to.rows)
		good = place_find_rows(
			range->tree, range->to.rows, &range->tops, range->error);
	else if (!parts->relative)
		good = place_resolve_all(
			range->tree, range->to.name, &range->tops, range->error);
	else if (parts->negative || parts->steps == 0)
		good = range_down(range, &found);
	else
		good = range_up(range, &found);
	if (good && !range->to.rows && parts->relative) {
		if (found == TREE_NONE)
			return error_set(range->error,
				"the range ends at %s, which is base", range->to.name);
		tree_list_add(&range->tops, found);
	}
	return good && range_keep_branch(range) &&
	       range_check_overlap(range, &range->tops);
}

/*
 * "-N" that reaches beyond base from the heads counts down from TO instead, and stays
 * at base.
 */
static bool
range_from_top(struct range *range)
{
	const struct place_name *parts = &range->from.parts;
	const char *name = range->to.name;
	int start, found, done;

	if (range->to.rows && range->to.rows->count != 1)
		return error_set(range->error,
			"%s is ambiguous: there are %zu current revisions; name one",
			range->from.name, range->to.rows->count);
	if (range->to.rows)
		name = range->to.rows->items[0];
	if (!place_find(range->tree, name, parts->label, &start, range->error) ||
		!place_go_down(
			range->tree, start, parts->steps, &found, &done, range->error))
		return false;
	range->bottoms.count = 0;
	if (found != TREE_NONE)
		tree_list_add(&range->bottoms, found);
	return true;
}

static bool
range_find_bottoms(struct range *range, const bool *required)
{
	struct tree_list *bottoms = &range->bottoms;
	bool good;

	if (range->from.rows)
		good = place_find_rows(
			range->tree, range->from.rows, bottoms, range->error);
	else if (range_is_below(&range->from))
		good = place_below_heads(
			range->tree, range->from.name, bottoms, range->error);
	else
		good = place_resolve_all(
			range->tree, range->from.name, bottoms, range->error);
	for (size_t i = 0; good && i < bottoms->count; i++) {
		int bottom = bottoms->items[i];

		if (bottom == TREE_NONE || (bottom >= 0 && !required[bottom]))
			return range_refuse(range);
	}
	if (good && bottoms->count && bottoms->items[0] == PLACE_BEYOND)
		return range_from_top(range);
	for (size_t i = 0; good && i < bottoms->count; i++)
		if (bottoms->items[i] == PLACE_BEYOND)
			good = error_set(range->error,
				"%s goes down from the heads, and one of them has not "
				"that many revisions below it",
				range->from.name);
	return good && range_check_overlap(range, bottoms);
}

/* What lies between the ends, both included. */
static void
range_collect(const struct range *range, const bool *required, bool *wanted)
{
	size_t count = tree_count(range->tree);
	bool *above = alloc_zeroed(count, sizeof(*above));
	bool *below = alloc_zeroed(count, sizeof(*below));

	for (size_t i = 0; i < range->bottoms.count; i++) {
		int bottom = range->bottoms.items[i];

		tree_mark_descendants(range->tree, bottom, false, above);
		tree_mark_ancestors(range->tree, bottom, true, below);
	}
	for (size_t i = 0; i < count; i++)
		wanted[i] = required[i] && !below[i] &&
			    (range->bottoms.count == 0 || above[i]);
	for (size_t i = 0; i < range->bottoms.count; i++)
		wanted[range->bottoms.items[i]] = true;
	free(above);
	free(below);
}

static bool
range_has_wanted(const struct tree_list *list, const bool *wanted)
{
	for (size_t i = 0; i < list->count; i++)
		if (wanted[list->items[i]])
			return true;
	return false;
}

/*
 * In the order of history.  It begins at what nothing else in the range comes after:
 * Alembic begins at TO alone, and dies where that doesn't reach the rest.
 */
static void
range_sort(const struct range *range, const bool *wanted, struct tree_list *list)
{
	struct tree_list heads = { 0 };

	for (size_t i = 0; i < tree_count(range->tree); i++) {
		const struct revision *at = tree_at(range->tree, (int)i);

		if (wanted[i] && !range_has_wanted(&at->children, wanted) &&
			!range_has_wanted(&at->dependents, wanted))
			tree_list_add(&heads, (int)i);
	}
	tree_sort(range->tree, wanted, &heads, list);
	tree_list_free(&heads);
}

static bool
range_resolve(struct range *range, struct tree_list *list)
{
	size_t count = tree_count(range->tree);
	bool *required = alloc_zeroed(count, sizeof(*required));
	bool *wanted = alloc_zeroed(count, sizeof(*wanted));
	bool good = range_find_tops(range);

	for (size_t i = 0; good && i < range->tops.count; i++)
		tree_mark_ancestors(range->tree, range->tops.items[i], true, required);
	good = good && range_find_bottoms(range, required);
	if (good) {
		range_collect(range, required, wanted);
		range_sort(range, wanted, list);
	}
	free(required);
	free(wanted);
	return good;
}

/* Takes over `name`; what is empty is `otherwise`. */
static void
range_set_end(struct range_end *end, char *name, const char *otherwise)
{
	if (*name == '\0') {
		free(name);
		name = alloc_copy(otherwise);
	}
	end->name = name;
	place_name_parse(name, &end->parts);
}

/* One end can be "current"; with an empty table Alembic takes it as left out. */
static void
range_set_current(struct range *range, const struct strlist *rows)
{
	struct range_end *end =
		strcmp(range->to.name, "current") == 0 ? &range->to : &range->from;

	if (strcmp(end->name, "current") != 0)
		return;
	if (rows->count) {
		end->rows = rows;
		return;
	}
	place_name_free(&end->parts);
	free(end->name);
	range_set_end(end, alloc_copy(""), end == &range->to ? "heads" : "base");
}

bool
tree_range_find(const struct tree *tree, const char *text, const struct strlist *rows,
	struct tree_list *list, struct error *error)
{
	struct range range = { .tree = tree, .error = error };
	const char *colon = strchr(text, ':');

	if (!colon || strchr(colon + 1, ':'))
		return error_set(
			error, "a range is FROM:TO, FROM: or :TO, not \"%s\"", text);
	if (!rows && tree_range_is_current(text))
		return error_set(error, "the current revisions aren't known");
	range_set_end(
		&range.from, alloc_copy_bytes(text, (size_t)(colon - text)), "base");
	range_set_end(&range.to, alloc_copy(colon + 1), "heads");
	if (rows)
		range_set_current(&range, rows);
	bool good = range_resolve(&range, list);
	place_name_free(&range.from.parts);
	place_name_free(&range.to.parts);
	free(range.from.name);
	free(range.to.name);
	tree_list_free(&range.tops);
	tree_list_free(&range.bottoms);
	return good;
}
