#include <limits.h>
#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/tree_internal.h"

enum { NO_SLOT = -1, NEVER = INT_MAX };

/* An edge upward, and the first slot that its end was known to come after. */
struct order_edge {
	int above, bound;
};

/*
 * A walk down the tree that follows one head at a time.  The heads are a list of slots,
 * numbered in the list's order: what is right below a head takes over its slot.
 *
 * Where the followed head has to wait, the walk goes to the first of the heads above
 * it. A search each time would be quadratic where many branches leave a trunk.  So
 * `first` has, for each revision, the first slot whose head is there or above.  It can
 * only grow, for what is opened below a head gets that head's slot or a later one; so a
 * heap of bounds per revision needs a new look at nothing but its top.
 */
struct order_walk {
	const struct tree *tree;
	bool *pending; /* wanted and not in the order yet */
	bool *alive;   /* pending, or not wanted and after it comes what is pending */
	size_t *waits; /* alive revisions that come right after it */
	int *slot;     /* its own; NO_SLOT: it is no open head */
	int *first;
	struct order_edge *edges;   /* by revision, each one's a heap */
	size_t *edge;		    /* where a revision's begin; and the end */
	int *head, *before, *after; /* by slot */
	int slots, top;		    /* top: the list's first; NO_SLOT: it is empty */
	int at;			    /* the slot that is followed */
	int last;		    /* slot */
	struct tree_list gone;	    /* what is below wasn't told yet */
	struct tree_list changed;   /* what is below has to look at `first` again */
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

/* Puts the top of a heap where it belongs. */
static void
order_sink(struct order_edge *heap, size_t count, size_t at)
{
	for (size_t least = at;; at = least) {
		for (size_t side = 1; side <= 2; side++)
			if (2 * at + side < count &&
				heap[2 * at + side].bound < heap[least].bound)
				least = 2 * at + side;
		if (least == at)
			return;
		struct order_edge swapped = heap[at];
		heap[at] = heap[least];
		heap[least] = swapped;
	}
}

/* The first slot whose head is above the revision; NEVER: there is none. */
static int
order_first_above(struct order_walk *walk, int index)
{
	struct order_edge *heap = &walk->edges[walk->edge[index]];
	size_t count = walk->edge[index + 1] - walk->edge[index];

	if (count == 0)
		return NEVER;
	while (heap->bound < walk->first[heap->above]) {
		heap->bound = walk->first[heap->above];
		order_sink(heap, count, 0);
	}
	return heap->bound;
}

static void
order_look(struct order_walk *walk, const struct tree_list *below)
{
	for (size_t i = 0; i < below->count; i++) {
		int index = below->items[i];
		int first = order_first_above(walk, index);

		if (walk->slot[index] != NO_SLOT && walk->slot[index] < first)
			first = walk->slot[index];
		if (first == walk->first[index])
			continue;
		walk->first[index] = first;
		tree_list_add(&walk->changed, index);
	}
}

/* What is below a revision, whose `first` changed, looks at it again. */
static void
order_look_below(struct order_walk *walk, int index)
{
	tree_list_add(&walk->changed, index);
	while (walk->changed.count) {
		int changed = walk->changed.items[--walk->changed.count];

		order_look(walk, &walk->tree->items[changed].parents);
		order_look(walk, &walk->tree->items[changed].dependencies);
	}
}

/* Adds a slot to the end of the list. */
static void
order_add_slot(struct order_walk *walk, int index)
{
	int slot = walk->slots++;

	walk->head[slot] = index;
	walk->slot[index] = slot;
	walk->before[slot] = walk->last;
	walk->after[slot] = NO_SLOT;
	if (walk->last == NO_SLOT)
		walk->top = slot;
	else
		walk->after[walk->last] = slot;
	walk->last = slot;
}

/* Takes out the slot that is followed, and follows the one before it. */
static void
order_drop_slot(struct order_walk *walk)
{
	int before = walk->before[walk->at], after = walk->after[walk->at];

	if (before == NO_SLOT)
		walk->top = after;
	else
		walk->after[before] = after;
	if (after == NO_SLOT)
		walk->last = before;
	else
		walk->before[after] = before;
	walk->at = before == NO_SLOT ? after : before;
}

static void
order_add_edges(struct order_walk *walk, const struct tree_list *above, size_t *count)
{
	for (size_t i = 0; i < above->count; i++)
		walk->edges[(*count)++] = (struct order_edge){ above->items[i], 0 };
}

/* `first` of all, beginning with what nothing comes after. */
static void
order_find_first(struct order_walk *walk)
{
	size_t total = walk->tree->count, count = 0;
	size_t *unknown = alloc_zeroed(total, sizeof(*unknown));
	struct tree_list known = { 0 };

	walk->edge = alloc_zeroed(total + 1, sizeof(*walk->edge));
	for (size_t i = 0; i < total; i++)
		count += walk->tree->items[i].children.count +
			 walk->tree->items[i].dependents.count;
	walk->edges = alloc_zeroed(count, sizeof(*walk->edges));
	count = 0;
	for (size_t i = 0; i < total; i++) {
		walk->edge[i] = count;
		order_add_edges(walk, &walk->tree->items[i].children, &count);
		order_add_edges(walk, &walk->tree->items[i].dependents, &count);
		walk->edge[i + 1] = count;
		unknown[i] = count - walk->edge[i];
		if (unknown[i] == 0)
			tree_list_add(&known, (int)i);
	}
	while (known.count) {
		int index = known.items[--known.count];
		const struct revision *at = &walk->tree->items[index];
		const struct tree_list *below[] = { &at->parents, &at->dependencies };
		int first = order_first_above(walk, index);

		walk->first[index] =
			walk->slot[index] != NO_SLOT && walk->slot[index] < first
				? walk->slot[index]
				: first;
		for (size_t way = 0; way < 2; way++)
			for (size_t i = 0; i < below[way]->count; i++)
				if (--unknown[below[way]->items[i]] == 0)
					tree_list_add(&known, below[way]->items[i]);
	}
	tree_list_free(&known);
	free(unknown);
}

static void
order_start(struct order_walk *walk, const bool *wanted, const struct tree_list *heads)
{
	size_t count = walk->tree->count;
	bool *open = alloc_zeroed(count, sizeof(*open));

	walk->pending = alloc_zeroed(count, sizeof(*walk->pending));
	walk->alive = alloc_zeroed(count, sizeof(*walk->alive));
	walk->waits = alloc_zeroed(count, sizeof(*walk->waits));
	walk->slot = alloc_zeroed(count, sizeof(*walk->slot));
	walk->first = alloc_zeroed(count, sizeof(*walk->first));
	walk->head = alloc_zeroed(count, sizeof(*walk->head));
	walk->before = alloc_zeroed(count, sizeof(*walk->before));
	walk->after = alloc_zeroed(count, sizeof(*walk->after));
	for (size_t i = 0; i < count; i++) {
		const struct revision *revision = &walk->tree->items[i];

		walk->pending[i] = wanted[i];
		walk->alive[i] = true;
		walk->slot[i] = NO_SLOT;
		walk->waits[i] = revision->children.count + revision->dependents.count;
	}
	for (size_t i = 0; i < count; i++) {
		if (wanted[i] || walk->waits[i] || !walk->alive[i])
			continue;
		walk->alive[i] = false;
		order_release_below(walk, (int)i);
	}
	for (size_t i = 0; i < heads->count; i++)
		open[heads->items[i]] = wanted[heads->items[i]];
	for (size_t i = 0; i < count; i++) /* in load order */
		if (open[i])
			order_add_slot(walk, (int)i);
	walk->at = walk->top;
	free(open);
}

static void
order_end(struct order_walk *walk)
{
	free(walk->pending);
	free(walk->alive);
	free(walk->waits);
	free(walk->slot);
	free(walk->first);
	free(walk->edges);
	free(walk->edge);
	free(walk->head);
	free(walk->before);
	free(walk->after);
	tree_list_free(&walk->gone);
	tree_list_free(&walk->changed);
}

/* The revisions below become heads: the first takes the slot, others go to the end. */
static void
order_open(struct order_walk *walk, const struct tree_list *below, bool *replaced)
{
	for (size_t i = 0; i < below->count; i++) {
		int index = below->items[i];

		if (!walk->pending[index] || walk->slot[index] != NO_SLOT)
			continue;
		if (*replaced) {
			order_add_slot(walk, index);
		} else {
			walk->slot[index] = walk->at;
			walk->head[walk->at] = index;
		}
		*replaced = true;
	}
}

/* Puts the followed head into the order and goes on below it. */
static void
order_emit(struct order_walk *walk)
{
	int index = walk->head[walk->at];
	const struct revision *revision = &walk->tree->items[index];
	bool replaced = false;

	tree_list_add(walk->order, index);
	walk->pending[index] = walk->alive[index] = false;
	walk->first[index] = NEVER;
	order_release_below(walk, index);
	order_open(walk, &revision->parents, &replaced);
	order_open(walk, &revision->own_dependencies, &replaced);
	order_look_below(walk, index);
	if (!replaced)
		order_drop_slot(walk);
}

/* Follows the heads as far as they lead. */
static void
order_follow(struct order_walk *walk)
{
	order_find_first(walk);
	while (walk->at != NO_SLOT) {
		int index = walk->head[walk->at];

		if (walk->waits[index] == 0) {
			order_emit(walk);
			continue;
		}
		int above = order_first_above(walk, index);
		if (above == NEVER)
			return;
		walk->at = above;
	}
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
	struct order_walk walk = {
		.tree = tree, .top = NO_SLOT, .last = NO_SLOT, .order = order
	};

	order_start(&walk, wanted, heads);
	if (!tree->cyclic)
		order_follow(&walk);
	for (size_t i = 0; i < tree->count; i++)
		if (walk.pending[i])
			order_rest(&walk, (int)i);
	order_end(&walk);
}
