#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/tree_internal.h"

/* A walk down the tree that follows one head at a time. */
struct order_walk {
	const struct tree *tree;
	bool *pending; /* wanted and not in the order yet */
	bool *alive;   /* pending, or not wanted and after it comes what is pending */
	bool *open;    /* in heads */
	size_t *waits; /* alive revisions that come right after it */
	size_t *seen;  /* the search that last passed */
	size_t search;
	struct tree_list heads;
	struct tree_list gone; /* out of the way, which what is below wasn't told yet */
	size_t at;	       /* the head that is followed */
	struct tree_list *order;
};

/* What is below waits for one less; with nothing to wait for the unwanted go. */
static void
order_release(struct order_walk *walk, const struct tree_list *below)
{
	for (size_t i = 0; i < below->count; i++) {
		int index = below->items[i];

		walk->waits[index] -= walk->waits[index] > 0;
		if (walk->waits[index] || walk->pending[index] || !walk->alive[index])
			continue;
		walk->alive[index] = false;
		tree_list_add(&walk->gone, index);
	}
}

static void
order_release_below(struct order_walk *walk, int index)
{
	tree_list_add(&walk->gone, index);
	while (walk->gone.count) {
		int gone = walk->gone.items[--walk->gone.count];

		order_release(walk, &walk->tree->items[gone].parents);
		order_release(walk, &walk->tree->items[gone].dependencies);
	}
}

static void
order_start(struct order_walk *walk, const bool *wanted, const struct tree_list *heads)
{
	size_t count = walk->tree->count;

	walk->pending = alloc_zeroed(count, sizeof(*walk->pending));
	walk->alive = alloc_zeroed(count, sizeof(*walk->alive));
	walk->open = alloc_zeroed(count, sizeof(*walk->open));
	walk->waits = alloc_zeroed(count, sizeof(*walk->waits));
	walk->seen = alloc_zeroed(count, sizeof(*walk->seen));
	memcpy(walk->pending, wanted, count * sizeof(*wanted));
	memset(walk->alive, true, count);
	for (size_t i = 0; i < count; i++) {
		const struct revision *revision = &walk->tree->items[i];

		walk->waits[i] = revision->children.count + revision->dependents.count;
	}
	for (size_t i = 0; i < count; i++) {
		if (wanted[i] || walk->waits[i] || !walk->alive[i])
			continue;
		walk->alive[i] = false;
		order_release_below(walk, (int)i);
	}
	for (size_t i = 0; i < heads->count; i++)
		if (wanted[heads->items[i]])
			walk->open[heads->items[i]] = true;
	for (size_t i = 0; i < count; i++) /* in load order */
		if (walk->open[i])
			tree_list_add(&walk->heads, (int)i);
}

static void
order_end(struct order_walk *walk)
{
	free(walk->pending);
	free(walk->alive);
	free(walk->open);
	free(walk->waits);
	free(walk->seen);
	tree_list_free(&walk->heads);
	tree_list_free(&walk->gone);
}

static void
order_look_up(
	struct order_walk *walk, struct tree_list *stack, const struct tree_list *up)
{
	for (size_t i = 0; i < up->count; i++) {
		int index = up->items[i];

		if (walk->alive[index] && walk->seen[index] != walk->search) {
			walk->seen[index] = walk->search;
			tree_list_add(stack, index);
		}
	}
}

/* Moves to the first other head above this one; false if there is none (a circle). */
static bool
order_switch(struct order_walk *walk)
{
	struct tree_list stack = { 0 };

	walk->search++;
	tree_list_add(&stack, walk->heads.items[walk->at]);
	while (stack.count) {
		int index = stack.items[--stack.count];

		order_look_up(walk, &stack, &walk->tree->items[index].children);
		order_look_up(walk, &stack, &walk->tree->items[index].dependents);
	}
	tree_list_free(&stack);
	for (size_t i = 0; i < walk->heads.count; i++) {
		if (i != walk->at && walk->seen[walk->heads.items[i]] == walk->search) {
			walk->at = i;
			return true;
		}
	}
	return false;
}

/* The revisions below become heads: the first takes the place, others go to the end. */
static void
order_open(struct order_walk *walk, const struct tree_list *below, bool *replaced)
{
	for (size_t i = 0; i < below->count; i++) {
		int index = below->items[i];

		if (!walk->pending[index] || walk->open[index])
			continue;
		walk->open[index] = true;
		if (*replaced)
			tree_list_add(&walk->heads, index);
		else
			walk->heads.items[walk->at] = index;
		*replaced = true;
	}
}

/* Puts the followed head into the order and goes on below it. */
static void
order_emit(struct order_walk *walk)
{
	int index = walk->heads.items[walk->at];
	const struct revision *revision = &walk->tree->items[index];
	bool replaced = false;

	tree_list_add(walk->order, index);
	walk->pending[index] = walk->alive[index] = walk->open[index] = false;
	order_release_below(walk, index);
	order_open(walk, &revision->parents, &replaced);
	order_open(walk, &revision->own_dependencies, &replaced);
	if (replaced)
		return;
	walk->heads.count--;
	memmove(walk->heads.items + walk->at, walk->heads.items + walk->at + 1,
		(walk->heads.count - walk->at) * sizeof(*walk->heads.items));
	walk->at -= walk->at > 0;
}

/* What is next after `child`'th of what comes after a revision; TREE_NONE at the end.
 */
static int
order_above(const struct revision *revision, size_t child)
{
	if (child < revision->children.count)
		return revision->children.items[child];
	child -= revision->children.count;
	return child < revision->dependents.count ? revision->dependents.items[child]
						  : TREE_NONE;
}

/* An order for what is left of a broken tree: as far as can be, children first. */
static void
order_rest(struct order_walk *walk, int from)
{
	struct tree_list path = { 0 };
	size_t *next = walk->waits; /* not needed any more */

	tree_list_add(&path, from);
	walk->pending[from] = false;
	next[from] = 0;
	while (path.count) {
		int index = path.items[path.count - 1];
		int above = order_above(&walk->tree->items[index], next[index]++);

		if (above == TREE_NONE) {
			tree_list_add(walk->order, index);
			path.count--;
		} else if (walk->pending[above]) {
			walk->pending[above] = false;
			next[above] = 0;
			tree_list_add(&path, above);
		}
	}
	tree_list_free(&path);
}

void
tree_sort(const struct tree *tree, const bool *wanted, const struct tree_list *heads,
	struct tree_list *order)
{
	struct order_walk walk = { .tree = tree, .order = order };

	order_start(&walk, wanted, heads);
	while (!tree->cyclic && walk.heads.count) {
		if (walk.waits[walk.heads.items[walk.at]] == 0)
			order_emit(&walk);
		else if (!order_switch(&walk))
			break;
	}
	for (size_t i = 0; i < tree->count; i++)
		if (walk.pending[i])
			order_rest(&walk, (int)i);
	order_end(&walk);
}
