#include "pgrunbook/model/tree.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/tree_internal.h"

void
tree_list_add(struct tree_list *list, int index)
{
	list->items = alloc_room(
		list->items, list->count, &list->capacity, sizeof(*list->items));
	list->items[list->count++] = index;
}

bool
tree_list_has(const struct tree_list *list, int index)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i] == index)
			return true;
	return false;
}

void
tree_list_free(struct tree_list *list)
{
	free(list->items);
	*list = (struct tree_list){ 0 };
}

struct tree *
tree_new(void)
{
	return alloc_zeroed(1, sizeof(struct tree));
}

void
tree_free(struct tree *tree)
{
	if (!tree)
		return;
	for (size_t i = 0; i < tree->count; i++) {
		struct revision *revision = &tree->items[i];

		script_free(&revision->script);
		tree_list_free(&revision->parents);
		tree_list_free(&revision->children);
		tree_list_free(&revision->dependencies);
		tree_list_free(&revision->own_dependencies);
		tree_list_free(&revision->dependents);
	}
	free(tree->items);
	tree_names_free(tree);
	strlist_free(&tree->problems);
	free(tree->problem_items);
	strlist_free(&tree->broken);
	free(tree->directory);
	tree_list_free(&tree->heads);
	tree_list_free(&tree->order);
	tree_list_free(&tree->upward);
	for (size_t i = 0; i < tree->label_set_count; i++) {
		strlist_free(tree->label_sets[i]);
		free(tree->label_sets[i]);
	}
	free(tree->label_sets);
	free(tree);
}

void
tree_add(struct tree *tree, struct script *script)
{
	if (!script->revision) {
		tree_report(tree, TREE_BROKEN_FILE, TREE_NONE, "%s",
			script->problem ? script->problem : "a script has no revision");
		if (script->path)
			strlist_add(&tree->broken, script->path);
		script_free(script);
		return;
	}
	tree->items = alloc_room(
		tree->items, tree->count, &tree->capacity, sizeof(*tree->items));
	tree->items[tree->count++] = (struct revision){ .script = *script };
	*script = (struct script){ 0 };
}

size_t
tree_count(const struct tree *tree)
{
	return tree->count;
}

const struct revision *
tree_at(const struct tree *tree, int index)
{
	return &tree->items[index];
}

const struct tree_list *
tree_heads(const struct tree *tree)
{
	return &tree->heads;
}

const struct tree_list *
tree_order(const struct tree *tree)
{
	return &tree->order;
}

/* Ids: of two scripts with the same one, the later wins, as in Alembic. */
static void
tree_name_revisions(struct tree *tree)
{
	for (size_t i = 0; i < tree->count; i++) {
		const struct script *script = &tree->items[i].script;
		int twin = tree_names_add(tree, script->revision, (int)i);

		tree_check_script(tree, (int)i);
		if (twin == TREE_NONE)
			continue;
		struct tree_name *name = tree_names_find(tree, script->revision);
		tree_report_twins(tree, twin, (int)i);
		*name = (struct tree_name){ .text = script->revision,
			.revision = (int)i };
	}
}

static void
tree_name_labels(struct tree *tree)
{
	for (size_t i = 0; i < tree->count; i++) {
		const struct script *script = &tree->items[i].script;

		for (size_t k = 0; k < script->branch_labels.count; k++) {
			const char *label = script->branch_labels.items[k];
			int twin = tree_names_add(tree, label, (int)i);

			if (twin != TREE_NONE)
				tree_report_label(tree, twin, (int)i, label);
		}
	}
}

void
tree_seal(struct tree *tree)
{
	tree_find_directory(tree);
	tree_name_revisions(tree);
	tree_name_labels(tree);
	tree_link(tree);
	tree_find_cycles(tree);
	tree_spread_labels(tree);

	struct tree_list tops = { 0 };
	bool *wanted = alloc_zeroed(tree->count, sizeof(*wanted));
	for (size_t i = 0; i < tree->count; i++) {
		wanted[i] = true;
		if (tree->items[i].head)
			tree_list_add(&tree->heads, (int)i);
		if (tree->items[i].real_head)
			tree_list_add(&tops, (int)i);
	}
	tree_sort(tree, wanted, &tops, &tree->order);
	tree_list_free(&tops);
	free(wanted);
}
