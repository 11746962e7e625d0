#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/tree_internal.h"

static void
list_add_once(struct tree_list *list, int index)
{
	if (!tree_list_has(list, index))
		tree_list_add(list, index);
}

/* The parents that a script names; a missing one is left out and reported. */
static void
link_parents(struct tree *tree, int index)
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
			list_add_once(&revision->parents, parent);
	}
}

static void
link_dependencies(struct tree *tree, int index)
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
			list_add_once(&revision->dependencies, found);
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

/* Children are few, save where somebody is hostile; then they stay in load order. */
static void
link_sort(const struct tree *tree, struct tree_list *list)
{
	enum { MOST = 1000 };

	if (list->count > MOST)
		return;
	for (size_t i = 1; i < list->count; i++) {
		int moving = list->items[i];
		const char *id = tree->items[moving].script.revision;
		size_t at = i;

		while (at > 0 &&
			strcmp(tree->items[list->items[at - 1]].script.revision, id) >
				0) {
			list->items[at] = list->items[at - 1];
			at--;
		}
		list->items[at] = moving;
	}
}

/* Whether somebody else depends on `dependency` too, so that an ancestor might. */
static bool
link_is_shared(const struct tree *tree, int dependency)
{
	return tree->items[dependency].dependents.count > 1;
}

/*
 * A dependency that a versioned ancestor declares says nothing new, and Alembic's
 * version rows are reckoned without it.
 */
static void
link_own_dependencies(struct tree *tree, int index)
{
	struct revision *revision = &tree->items[index];
	bool *ancestors = NULL;

	for (size_t i = 0; i < revision->dependencies.count; i++) {
		int dependency = revision->dependencies.items[i];
		const struct tree_list *dependents =
			&tree->items[dependency].dependents;
		bool declared = false;

		if (link_is_shared(tree, dependency) && !ancestors) {
			ancestors = alloc_zeroed(tree->count, sizeof(*ancestors));
			tree_mark_ancestors(tree, index, false, ancestors);
		}
		for (size_t k = 0; ancestors && k < dependents->count; k++)
			declared |= dependents->items[k] != index &&
				    ancestors[dependents->items[k]];
		if (!declared)
			tree_list_add(&revision->own_dependencies, dependency);
	}
	free(ancestors);
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
	for (size_t i = 0; i < tree->count; i++) {
		link_parents(tree, (int)i);
		link_dependencies(tree, (int)i);
		link_upward(tree, (int)i);
	}
	for (size_t i = 0; i < tree->count; i++) {
		struct revision *revision = &tree->items[i];

		link_sort(tree, &revision->children);
		link_sort(tree, &revision->dependents);
		link_mark(revision);
	}
	for (size_t i = 0; i < tree->count; i++)
		if (tree->items[i].dependencies.count)
			link_own_dependencies(tree, (int)i);
}
