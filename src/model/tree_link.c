#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/tree_internal.h"

/* Adds what isn't there yet; `listed` has the number of the list that took it last. */
static void
list_add_once(struct tree_list *list, int index, size_t *listed, size_t number)
{
	if (listed[index] == number)
		return;
	listed[index] = number;
	tree_list_add(list, index);
}

/* The parents that a script names; a missing one is left out and reported. */
static void
link_parents(struct tree *tree, int index, size_t *listed)
{
	struct revision *revision = &tree->items[index];
	const struct strlist *names = &revision->script.down_revision;

	for (size_t i = 0; i < names->count; i++) {
		int parent = tree_find(tree, names->items[i]);

		if (strcmp(names->items[i], revision->script.revision) == 0)
			tree_report_self(tree, index, false);
		else if (parent == TREE_NONE)
			tree_report_missing_parent(tree, index, names->items[i]);
		else
			list_add_once(&revision->parents, parent, listed,
				2 * (size_t)index + 1);
	}
}

static void
link_dependencies(struct tree *tree, int index, size_t *listed)
{
	struct revision *revision = &tree->items[index];
	const struct strlist *names = &revision->script.depends_on;

	for (size_t i = 0; i < names->count; i++) {
		int found = tree_find_name(tree, names->items[i]);

		if (found == TREE_NONE)
			tree_report_missing_dependency(tree, index, names->items[i]);
		else if (strcmp(tree->items[found].script.revision,
				 revision->script.revision) == 0)
			tree_report_self(tree, index, true);
		else
			list_add_once(&revision->dependencies, found, listed,
				2 * (size_t)index + 2);
	}
}

/* The edges upward; they come in load order. */
static void
link_upward(struct tree *tree, int index)
{
	const struct revision *revision = &tree->items[index];

	for (size_t i = 0; i < revision->parents.count; i++)
		tree_list_add(&tree->items[revision->parents.items[i]].children, index);
	for (size_t i = 0; i < revision->dependencies.count; i++)
		tree_list_add(&tree->items[revision->dependencies.items[i]].dependents,
			index);
}

/* By id; what has the same id stays in load order. */
static int
link_compare(const void *a, const void *b, void *context)
{
	const struct tree *tree = context;
	int left = *(const int *)a, right = *(const int *)b;
	int order = strcmp(
		tree->items[left].script.revision, tree->items[right].script.revision);

	return order != 0 ? order : (left > right) - (left < right);
}

static void
link_sort(struct tree *tree, struct tree_list *list)
{
	if (list->count > 1)
		qsort_r(list->items, list->count, sizeof(*list->items), link_compare,
			tree);
}

/* Lists the revisions so that each has its parents before it, but for circles. */
static void
link_order(struct tree *tree)
{
	size_t *waits = alloc_zeroed(tree->count, sizeof(*waits));
	struct tree_list *order = &tree->upward;

	for (size_t i = 0; i < tree->count; i++) {
		waits[i] = tree->items[i].parents.count;
		if (waits[i] == 0)
			tree_list_add(order, (int)i);
	}
	for (size_t at = 0; at < order->count; at++) {
		const struct tree_list *children =
			&tree->items[order->items[at]].children;

		for (size_t i = 0; i < children->count; i++)
			if (--waits[children->items[i]] == 0)
				tree_list_add(order, children->items[i]);
	}
	free(waits);
}

static void
link_mark(struct revision *revision)
{
	const struct script *script = &revision->script;

	revision->head = revision->children.count == 0;
	revision->real_head = revision->head && revision->dependents.count == 0;
	revision->base = script->down_revision.count == 0 &&
			 script->senses[SCRIPT_DOWN_REVISION] == SCRIPT_CLEAR;
	revision->branch_point = revision->children.count > 1;
	revision->merge_point = script->down_revision.count > 1;
}

void
tree_link(struct tree *tree)
{
	size_t *listed = alloc_zeroed(tree->count, sizeof(*listed));

	for (size_t i = 0; i < tree->count; i++) {
		link_parents(tree, (int)i, listed);
		link_dependencies(tree, (int)i, listed);
		link_upward(tree, (int)i);
	}
	free(listed);
	for (size_t i = 0; i < tree->count; i++) {
		struct revision *revision = &tree->items[i];

		link_sort(tree, &revision->children);
		link_sort(tree, &revision->dependents);
		link_mark(revision);
	}
	link_order(tree);
	tree_link_own(tree);
}
