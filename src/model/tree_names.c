#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/tree_internal.h"

/* FNV-1a. */
static uint32_t
names_hash(const char *text)
{
	uint32_t hash = 2166136261u;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619u;
	return hash;
}

/* The slot that holds the name, or the free one where it belongs. */
static int *
names_slot(const struct tree *tree, const char *text)
{
	size_t mask = tree->slot_count - 1;
	size_t at = names_hash(text) & mask;

	while (tree->slots[at] &&
		strcmp(tree->names[tree->slots[at] - 1].text, text) != 0)
		at = (at + 1) & mask;
	return &tree->slots[at];
}

static void
names_grow(struct tree *tree)
{
	if (tree->slots && tree->slot_count > 2 * tree->name_count + 2)
		return;
	free(tree->slots);
	tree->slot_count = tree->slot_count ? tree->slot_count * 2 : 64;
	tree->slots = alloc_zeroed(tree->slot_count, sizeof(*tree->slots));
	for (size_t i = 0; tree->names && i < tree->name_count; i++)
		*names_slot(tree, tree->names[i].text) = (int)i + 1;
}

struct tree_name *
tree_names_find(const struct tree *tree, const char *text)
{
	if (!tree->slots)
		return NULL;
	int slot = *names_slot(tree, text);
	return slot ? &tree->names[slot - 1] : NULL;
}

int
tree_names_add(struct tree *tree, const char *text, int revision)
{
	const struct tree_name *found = tree_names_find(tree, text);

	if (found)
		return found->revision;
	names_grow(tree);
	tree->names = alloc_room(tree->names, tree->name_count, &tree->name_capacity,
		sizeof(*tree->names));
	tree->names[tree->name_count] =
		(struct tree_name){ .text = text, .revision = revision };
	*names_slot(tree, text) = (int)++tree->name_count;
	return TREE_NONE;
}

void
tree_names_free(struct tree *tree)
{
	free(tree->names);
	free(tree->slots);
}

int
tree_find_name(const struct tree *tree, const char *name)
{
	const struct tree_name *found = tree_names_find(tree, name);

	return found ? found->revision : TREE_NONE;
}

int
tree_find(const struct tree *tree, const char *id)
{
	int index = tree_find_name(tree, id);

	if (index == TREE_NONE || strcmp(tree->items[index].script.revision, id) != 0)
		return TREE_NONE;
	return index;
}

size_t
tree_name_count(const struct tree *tree)
{
	return tree->name_count;
}

const char *
tree_name_at(const struct tree *tree, size_t index, int *revision)
{
	*revision = tree->names[index].revision;
	return tree->names[index].text;
}
