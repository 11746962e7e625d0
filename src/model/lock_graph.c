#include "src/model/lock_graph.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"

enum { WORD_BITS = 64 };

/* What the reduction works with, by component. */
struct reduction {
	size_t components, words;
	uint64_t *reach; /* components that each one waits for, one row of bits each */
	size_t *members; /* nodes by component */
	size_t *first;	 /* where a component's members begin; one more at the end */
	size_t *next;	 /* scratch: successors of one component */
	uint64_t *implied; /* scratch: which of them others imply */
};

/* Tarjan's strongly connected components with a stack of its own: a queue of thousands
 * must not be a recursion of thousands. */
struct search {
	size_t *index, *low, *stack, *path, *edge;
	bool *on_stack;
	size_t stacked, depth, visited, components;
};

void
lock_graph_init(struct lock_graph *graph, size_t count)
{
	graph->count = count;
	graph->nodes = alloc_zeroed(count ? count : 1, sizeof(*graph->nodes));
}

void
lock_graph_add(struct lock_graph *graph, size_t waiter, size_t blocker)
{
	struct lock_graph_node *node = &graph->nodes[waiter];

	if (waiter == blocker)
		return;
	node->to =
		alloc_room(node->to, node->count, &node->capacity, sizeof(*node->to));
	node->to[node->count++] = blocker;
}

void
lock_graph_free(struct lock_graph *graph)
{
	for (size_t i = 0; i < graph->count; i++)
		free(graph->nodes[i].to);
	free(graph->nodes);
	*graph = (struct lock_graph){ 0 };
}

static int
lock_graph_compare(const void *left, const void *right)
{
	const size_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static void
lock_graph_unique(struct lock_graph_node *node)
{
	size_t kept = 0;

	if (node->count > 1)
		qsort(node->to, node->count, sizeof(*node->to), lock_graph_compare);
	for (size_t i = 0; i < node->count; i++) {
		if (kept == 0 || node->to[i] != node->to[kept - 1])
			node->to[kept++] = node->to[i];
	}
	node->count = kept;
}

static void
search_enter(struct search *search, size_t node)
{
	search->index[node] = search->low[node] = ++search->visited;
	search->stack[search->stacked++] = node;
	search->on_stack[node] = true;
	search->edge[node] = 0;
	search->path[search->depth++] = node;
}

static void
search_leave(struct search *search, struct lock_graph *graph, size_t node)
{
	size_t member;

	search->depth--;
	if (search->depth > 0) {
		size_t above = search->path[search->depth - 1];

		if (search->low[node] < search->low[above])
			search->low[above] = search->low[node];
	}
	if (search->low[node] != search->index[node])
		return;
	do {
		member = search->stack[--search->stacked];
		search->on_stack[member] = false;
		graph->nodes[member].component = search->components;
	} while (member != node);
	search->components++;
}

static void
search_from(struct search *search, struct lock_graph *graph, size_t start)
{
	search_enter(search, start);
	while (search->depth > 0) {
		size_t node = search->path[search->depth - 1];
		const struct lock_graph_node *at = &graph->nodes[node];

		if (search->edge[node] == at->count) {
			search_leave(search, graph, node);
			continue;
		}
		size_t to = at->to[search->edge[node]++];

		if (!search->index[to])
			search_enter(search, to);
		else if (search->on_stack[to] && search->index[to] < search->low[node])
			search->low[node] = search->index[to];
	}
}

/* Numbers the components so that each waits only for lower ones; returns how many. */
static size_t
lock_graph_components(struct lock_graph *graph)
{
	size_t count = graph->count ? graph->count : 1;
	struct search search = { .index = alloc_zeroed(count, sizeof(size_t)),
		.low = alloc_zeroed(count, sizeof(size_t)),
		.stack = alloc_zeroed(count, sizeof(size_t)),
		.path = alloc_zeroed(count, sizeof(size_t)),
		.edge = alloc_zeroed(count, sizeof(size_t)),
		.on_stack = alloc_zeroed(count, sizeof(bool)) };

	for (size_t i = 0; i < graph->count; i++) {
		if (!search.index[i])
			search_from(&search, graph, i);
	}
	free(search.index);
	free(search.low);
	free(search.stack);
	free(search.path);
	free(search.edge);
	free(search.on_stack);
	return search.components;
}

static bool
bit_is_set(const uint64_t *row, size_t bit)
{
	return row[bit / WORD_BITS] >> (bit % WORD_BITS) & 1;
}

static void
bit_set(uint64_t *row, size_t bit)
{
	row[bit / WORD_BITS] |= UINT64_C(1) << (bit % WORD_BITS);
}

static void
reduction_init(
	struct reduction *reduction, const struct lock_graph *graph, size_t components)
{
	*reduction = (struct reduction){ .components = components,
		.words = components / WORD_BITS + 1,
		.members = alloc_zeroed(graph->count + 1, sizeof(size_t)),
		.first = alloc_zeroed(components + 2, sizeof(size_t)),
		.next = alloc_zeroed(components + 1, sizeof(size_t)) };
	reduction->reach =
		alloc_zeroed((components + 1) * reduction->words, sizeof(uint64_t));
	reduction->implied = alloc_zeroed(reduction->words, sizeof(uint64_t));
	for (size_t i = 0; i < graph->count; i++)
		reduction->first[graph->nodes[i].component + 2]++;
	for (size_t c = 2; c < components + 2; c++)
		reduction->first[c] += reduction->first[c - 1];
	/* first[c + 1] is where c's next member goes, and ends as where c ends. */
	for (size_t i = 0; i < graph->count; i++)
		reduction->members[reduction->first[graph->nodes[i].component + 1]++] =
			i;
}

static void
reduction_free(struct reduction *reduction)
{
	free(reduction->reach);
	free(reduction->members);
	free(reduction->first);
	free(reduction->next);
	free(reduction->implied);
}

/* The components that one waits for directly, highest first; returns how many. */
static size_t
reduction_successors(
	struct reduction *reduction, const struct lock_graph *graph, size_t component)
{
	size_t found = 0;
	uint64_t *seen =
		reduction->implied; /* free until reduction_component needs it */

	memset(seen, 0, reduction->words * sizeof(*seen));
	for (size_t m = reduction->first[component];
		m < reduction->first[component + 1]; m++) {
		const struct lock_graph_node *node =
			&graph->nodes[reduction->members[m]];

		for (size_t i = 0; i < node->count; i++) {
			size_t to = graph->nodes[node->to[i]].component;

			if (to != component && !bit_is_set(seen, to)) {
				bit_set(seen, to);
				reduction->next[found++] = to;
			}
		}
	}
	qsort(reduction->next, found, sizeof(*reduction->next), lock_graph_compare);
	for (size_t i = 0; i < found / 2; i++) {
		size_t swap = reduction->next[i];

		reduction->next[i] = reduction->next[found - 1 - i];
		reduction->next[found - 1 - i] = swap;
	}
	memset(seen, 0, reduction->words * sizeof(*seen));
	return found;
}

/*
 * One component, when all that it waits for are done.  Who implies another has a higher
 * number than that, so going down a single pass sees every implication in time.
 */
static void
reduction_component(
	struct reduction *reduction, struct lock_graph *graph, size_t component)
{
	uint64_t *reach = reduction->reach + component * reduction->words;
	size_t found = reduction_successors(reduction, graph, component);
	size_t depth = 0;

	for (size_t i = 0; i < found; i++) {
		size_t to = reduction->next[i];
		const uint64_t *below = reduction->reach + to * reduction->words;
		size_t member = reduction->members[reduction->first[to]];

		if (bit_is_set(reach, to)) {
			bit_set(reduction->implied, to);
			continue;
		}
		for (size_t word = 0; word < reduction->words; word++)
			reach[word] |= below[word];
		bit_set(reach, to);
		if (graph->nodes[member].depth + 1 > depth)
			depth = graph->nodes[member].depth + 1;
	}

	size_t size = reduction->first[component + 1] - reduction->first[component];

	for (size_t m = reduction->first[component];
		m < reduction->first[component + 1]; m++) {
		struct lock_graph_node *node = &graph->nodes[reduction->members[m]];
		size_t kept = 0;

		for (size_t i = 0; i < node->count; i++) {
			size_t to = graph->nodes[node->to[i]].component;

			if (to == component || !bit_is_set(reduction->implied, to))
				node->to[kept++] = node->to[i];
		}
		node->count = kept;
		node->depth = depth;
		node->cycle = size > 1;
	}
}

static int64_t
earlier(int64_t a, int64_t b)
{
	if (a == 0 || b == 0)
		return a ? a : b;
	return a < b ? a : b;
}

/* How many each component holds up, and since when, from what reaches it. */
static void
reduction_count(const struct reduction *reduction, struct lock_graph *graph)
{
	size_t *held = alloc_zeroed(reduction->components + 1, sizeof(*held));
	int64_t *oldest = alloc_zeroed(reduction->components + 1, sizeof(*oldest));

	for (size_t c = reduction->components; c-- > 0;) {
		const uint64_t *reach = reduction->reach + c * reduction->words;
		size_t size = reduction->first[c + 1] - reduction->first[c];

		for (size_t m = reduction->first[c]; m < reduction->first[c + 1]; m++)
			oldest[c] = earlier(oldest[c],
				graph->nodes[reduction->members[m]].since_us);
		for (size_t word = 0; word < reduction->words; word++) {
			for (uint64_t left = reach[word]; left; left &= left - 1) {
				size_t to = word * WORD_BITS +
					    (size_t)__builtin_ctzll(left);

				held[to] += size;
				oldest[to] = earlier(oldest[to], oldest[c]);
			}
		}
		for (size_t m = reduction->first[c]; m < reduction->first[c + 1]; m++) {
			struct lock_graph_node *node =
				&graph->nodes[reduction->members[m]];

			node->held_up = held[c] + size - 1;
			node->oldest_us = oldest[c];
		}
	}
	free(held);
	free(oldest);
}

void
lock_graph_reduce(struct lock_graph *graph)
{
	struct reduction reduction;

	for (size_t i = 0; i < graph->count; i++)
		lock_graph_unique(&graph->nodes[i]);
	reduction_init(&reduction, graph, lock_graph_components(graph));
	for (size_t c = 0; c < reduction.components; c++)
		reduction_component(&reduction, graph, c);
	reduction_count(&reduction, graph);
	reduction_free(&reduction);
}
