#include <stdint.h>
#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/tree_internal.h"

enum { OWN_BATCH = 64 };

/*
 * A dependency that a versioned ancestor declares says nothing new, and Alembic's
 * version rows are reckoned without it.
 *
 * One walk up the tree tells it of 64 dependencies, a bit for each, and goes from the
 * first revision that declares one of them to the last.  They are taken in the order in
 * which they are declared, so that most walks are short.
 */
struct own_walk {
	struct tree *tree;
	size_t *place;	    /* in tree->upward; by revision */
	uint64_t *bit;	    /* in the batch; 0: it isn't in it */
	uint64_t *declared; /* by the revision or an ancestor */
	bool *met;	    /* the dependency is or was in a batch */
	struct tree_list batch;
	size_t first, last; /* places that the batch is declared between */
};

/* What the ancestors declare. */
static uint64_t
own_inherit(const struct own_walk *walk, const struct revision *revision)
{
	uint64_t declared = 0;

	for (size_t i = 0; i < revision->parents.count; i++)
		if (walk->place[revision->parents.items[i]] >= walk->first)
			declared |= walk->declared[revision->parents.items[i]];
	return declared;
}

/* Takes those of the batch that an ancestor declares out of own_dependencies. */
static void
own_end_batch(struct own_walk *walk)
{
	for (size_t at = walk->first; at <= walk->last && walk->batch.count; at++) {
		int index = walk->tree->upward.items[at];
		struct revision *revision = &walk->tree->items[index];
		struct tree_list *own = &revision->own_dependencies;
		uint64_t inherited = own_inherit(walk, revision);
		size_t kept = 0;

		walk->declared[index] = inherited;
		for (size_t i = 0; i < own->count; i++) {
			uint64_t bit = walk->bit[own->items[i]];

			walk->declared[index] |= bit;
			if (!(inherited & bit))
				own->items[kept++] = own->items[i];
		}
		own->count = kept;
	}
	while (walk->batch.count)
		walk->bit[walk->batch.items[--walk->batch.count]] = 0;
}

/* Puts a dependency into the batch, which begins with the first. */
static void
own_add(struct own_walk *walk, size_t place, int dependency)
{
	const struct tree_list *dependents = &walk->tree->items[dependency].dependents;

	if (walk->met[dependency] || dependents->count < 2)
		return; /* nobody else declares it */
	walk->met[dependency] = true;
	if (walk->batch.count == OWN_BATCH)
		own_end_batch(walk);
	if (walk->batch.count == 0)
		walk->first = walk->last = place;
	walk->bit[dependency] = UINT64_C(1) << walk->batch.count;
	tree_list_add(&walk->batch, dependency);
	for (size_t i = 0; i < dependents->count; i++)
		if (walk->place[dependents->items[i]] != SIZE_MAX &&
			walk->place[dependents->items[i]] > walk->last)
			walk->last = walk->place[dependents->items[i]];
}

static void
own_start(struct own_walk *walk)
{
	const struct tree *tree = walk->tree;

	walk->place = alloc_zeroed(tree->count, sizeof(*walk->place));
	walk->bit = alloc_zeroed(tree->count, sizeof(*walk->bit));
	walk->declared = alloc_zeroed(tree->count, sizeof(*walk->declared));
	walk->met = alloc_zeroed(tree->count, sizeof(*walk->met));
	for (size_t i = 0; i < tree->count; i++) {
		struct revision *at = &tree->items[i];

		walk->place[i] = SIZE_MAX; /* on a circle, or above one */
		for (size_t k = 0; k < at->dependencies.count; k++)
			tree_list_add(&at->own_dependencies, at->dependencies.items[k]);
	}
	for (size_t i = 0; i < tree->upward.count; i++)
		walk->place[tree->upward.items[i]] = i;
}

void
tree_link_own(struct tree *tree)
{
	struct own_walk walk = { .tree = tree };

	own_start(&walk);
	for (size_t i = 0; i < tree->upward.count; i++) {
		const struct tree_list *all =
			&tree->items[tree->upward.items[i]].dependencies;

		for (size_t k = 0; k < all->count; k++)
			own_add(&walk, i, all->items[k]);
	}
	own_end_batch(&walk);
	free(walk.place);
	free(walk.bit);
	free(walk.declared);
	free(walk.met);
	tree_list_free(&walk.batch);
}
