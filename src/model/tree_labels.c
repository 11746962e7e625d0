#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/tree_internal.h"

/*
 * A label goes to all that comes after its revision, so that most revisions have the
 * labels of the one below: those share a set.  Only where labels are declared, or
 * branches with different labels meet, a set is made.  A tree that somebody means gets
 * a few; one with a label on each of many revisions in a row would get sets that grow
 * with each: LABELS_MOST is all that sets may hold together.
 */
enum { LABELS_MOST = 1000000 };

/* Whether a line may go on through here: one way up, one way down. */
static bool
labels_pass(const struct revision *revision)
{
	return revision->children.count + revision->dependents.count <= 1 &&
	       !revision->merge_point;
}

/* A child that also depends on its parent is one way up, not two. */
static bool
labels_pass_once(const struct revision *revision)
{
	if (revision->merge_point || revision->children.count != 1 ||
		revision->dependents.count != 1)
		return labels_pass(revision);
	return revision->children.items[0] == revision->dependents.items[0];
}

/*
 * A label on a line that ends at a head reaches down to all of the line: nothing of it
 * belongs to another branch.  Names where it starts, by revision.
 */
static void
labels_mark_line(const struct tree *tree, int head, int *start)
{
	int first = head, next = head;

	while (next != TREE_NONE && labels_pass_once(&tree->items[next])) {
		const struct tree_list *parents = &tree->items[next].parents;

		first = next;
		next = parents->count ? parents->items[0] : TREE_NONE;
	}
	for (int at = head; at != next; at = tree->items[at].parents.items[0]) {
		start[at] = first;
		if (at == first)
			break;
	}
}

static void
labels_add_own(const struct tree *tree, int index, struct strlist *labels)
{
	const struct strlist *own = &tree->items[index].script.branch_labels;

	for (size_t i = 0; i < own->count; i++)
		if (tree_find_name(tree, own->items[i]) == index)
			strlist_add(labels, own->items[i]);
}

/* Sorts, and leaves each once. */
static void
labels_sort(struct strlist *labels)
{
	size_t kept = 0;

	strlist_sort(labels);
	for (size_t i = 0; i < labels->count; i++) {
		if (kept && strcmp(labels->items[kept - 1], labels->items[i]) == 0)
			free(labels->items[i]);
		else
			labels->items[kept++] = labels->items[i];
	}
	labels->count = kept;
}

/* The tree keeps a set for all who share it; takes over what is in `labels`. */
static const struct strlist *
labels_keep(struct tree *tree, struct strlist *labels)
{
	struct strlist *kept = alloc_zeroed(1, sizeof(*kept));

	*kept = *labels;
	*labels = (struct strlist){ 0 };
	tree->label_sets = alloc_room(tree->label_sets, tree->label_set_count,
		&tree->label_set_capacity, sizeof(*tree->label_sets));
	tree->label_sets[tree->label_set_count++] = kept;
	return kept;
}

/* Adds the parents' labels; returns the largest of their sets. */
static const struct strlist *
labels_inherit(const struct tree *tree, const struct revision *revision,
	struct strlist *labels, size_t *held)
{
	const struct strlist *most = &tree->no_labels, *last = most;

	for (size_t i = 0; i < revision->parents.count; i++) {
		const struct strlist *set =
			tree->items[revision->parents.items[i]].labels;

		for (size_t k = 0; set != last && k < set->count && *held < LABELS_MOST;
			k++, ++*held)
			strlist_add(labels, set->items[k]);
		most = set->count > most->count ? set : most;
		last = set;
	}
	return most;
}

/* Whether all that the revision has is what any of its parents has. */
static bool
labels_are_shared(const struct tree *tree, const struct revision *revision, size_t own)
{
	for (size_t i = 1; i < revision->parents.count; i++)
		if (tree->items[revision->parents.items[i]].labels !=
			tree->items[revision->parents.items[0]].labels)
			return false;
	return own == 0 && revision->parents.count;
}

/* The set of a revision with these labels of its own, which are taken over. */
static const struct strlist *
labels_join(struct tree *tree, const struct revision *revision, struct strlist *own,
	size_t *held)
{
	if (labels_are_shared(tree, revision, own->count))
		return tree->items[revision->parents.items[0]].labels;
	*held += own->count;
	const struct strlist *most = labels_inherit(tree, revision, own, held);
	labels_sort(own);
	if (own->count > most->count)
		return labels_keep(tree, own);
	strlist_free(own);
	return most;
}

/* A line's start is before the rest of it in tree->upward. */
static void
labels_find(struct tree *tree, int index, const int *start, size_t *held)
{
	struct revision *revision = &tree->items[index];
	struct strlist own = { 0 };

	if (start[index] != TREE_NONE && start[index] != index) {
		revision->labels = tree->items[start[index]].labels;
		return;
	}
	labels_add_own(tree, index, &own);
	for (int at = index;
		start[at] != TREE_NONE && tree->items[at].children.count;) {
		at = tree->items[at].children.items[0];
		labels_add_own(tree, at, &own);
	}
	revision->labels = labels_join(tree, revision, &own, held);
}

/* Of a circle and what is above it only the own labels are known. */
static void
labels_find_broken(struct tree *tree, int index)
{
	struct strlist own = { 0 };

	labels_add_own(tree, index, &own);
	labels_sort(&own);
	tree->items[index].labels = labels_keep(tree, &own);
}

void
tree_spread_labels(struct tree *tree)
{
	int *start = alloc_zeroed(tree->count, sizeof(*start));
	size_t held = 0;

	for (size_t i = 0; i < tree->count; i++)
		start[i] = TREE_NONE;
	for (size_t i = 0; i < tree->upward.count; i++)
		if (tree->items[tree->upward.items[i]].children.count == 0)
			labels_mark_line(tree, tree->upward.items[i], start);
	for (size_t i = 0; i < tree->upward.count; i++)
		labels_find(tree, tree->upward.items[i], start, &held);
	for (size_t i = 0; i < tree->count; i++)
		if (!tree->items[i].labels)
			labels_find_broken(tree, (int)i);
	if (held >= LABELS_MOST)
		tree_report_labels(tree);
	free(start);
}
