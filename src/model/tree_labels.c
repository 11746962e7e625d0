#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/tree_internal.h"

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
 * Whether all that comes after the revision is one line.  Only then does its label
 * reach down to its ancestors: they belong to no other branch.
 */
static bool
labels_is_line(const struct tree *tree, int index)
{
	for (size_t steps = 0; steps <= tree->count; steps++) {
		const struct revision *at = &tree->items[index];

		if (!labels_pass_once(at))
			return false;
		if (at->children.count == 0)
			return true;
		index = at->children.items[0];
	}
	return false; /* a circle */
}

static void
labels_spread(struct tree *tree, int from, const char *label)
{
	bool *marks = alloc_zeroed(tree->count, sizeof(*marks));

	tree_mark_descendants(tree, from, false, marks);
	for (size_t i = 0; i < tree->count; i++)
		if (marks[i])
			strlist_add(&tree->items[i].labels, label);
	bool goes_down = labels_is_line(tree, from);
	for (int at = from; goes_down && tree->items[at].parents.count;) {
		at = tree->items[at].parents.items[0];
		if (marks[at] || !labels_pass_once(&tree->items[at]))
			break;
		marks[at] = true;
		strlist_add(&tree->items[at].labels, label);
	}
	free(marks);
}

void
tree_spread_labels(struct tree *tree)
{
	for (size_t i = 0; i < tree->count; i++) {
		const struct strlist *own = &tree->items[i].script.branch_labels;

		for (size_t k = 0; k < own->count; k++)
			if (tree_find_name(tree, own->items[k]) == (int)i)
				labels_spread(tree, (int)i, own->items[k]);
	}
	for (size_t i = 0; i < tree->count; i++)
		strlist_sort(&tree->items[i].labels);
}
