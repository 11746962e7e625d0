#include "src/model/lock_graph.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"

enum { WORD_BITS = 64 };

/*
 * A component as the reduction sees it.  Most wait for one other only: those form
 * trees, in which "waits for, through others" is "is an ancestor".  Only who waits for
 * several keeps a set, so that a queue of thousands costs no more than its edges.
 */
struct part {
	size_t parent; /* the only one that it waits for; itself: it is a top */
	size_t top;    /* the end of that way: waits for nobody, or for several */
	size_t height; /* steps to the top */
	size_t jump;   /* a part further up on that way, for climbing in long steps */
	size_t depth;  /* as lock_graph_node.depth */
	uint64_t *
		reach; /* of a top that waits for several: bits of all that it waits for
			*/
};

/* What the reduction works with; parts by component. */
struct reduction {
	size_t components;
	struct part *parts;
	const size_t *members, *first; /* the graph's */
	size_t *next; /* scratch: successors of one component, those that are kept first
		       */
	size_t *seen; /* scratch: 1 more than the component that met it last */
	bool *implied; /* scratch: successors that others imply */
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
	free(graph->members);
	free(graph->first);
	*graph = (struct lock_graph){ 0 };
}

static int
lock_graph_compare(const void *left, const void *right)
{
	const size_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static void
lock_graph_node_unique(struct lock_graph_node *node)
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
lock_graph_gather(struct lock_graph *graph, size_t components)
{
	size_t *first = alloc_zeroed(components + 2, sizeof(*first));

	graph->members = alloc_zeroed(graph->count + 1, sizeof(*graph->members));
	graph->first = first;
	for (size_t i = 0; i < graph->count; i++)
		first[graph->nodes[i].component + 2]++;
	for (size_t c = 2; c < components + 2; c++)
		first[c] += first[c - 1];
	/* first[c + 1] is where c's next member goes, and ends as where c ends. */
	for (size_t i = 0; i < graph->count; i++)
		graph->members[first[graph->nodes[i].component + 1]++] = i;
}

static void
reduction_init(
	struct reduction *reduction, const struct lock_graph *graph, size_t components)
{
	*reduction = (struct reduction){ .components = components,
		.parts = alloc_zeroed(components + 1, sizeof(struct part)),
		.members = graph->members,
		.first = graph->first,
		.next = alloc_zeroed(components + 1, sizeof(size_t)),
		.seen = alloc_zeroed(components + 1, sizeof(size_t)),
		.implied = alloc_zeroed(components + 1, sizeof(bool)) };
}

static void
reduction_free(struct reduction *reduction)
{
	for (size_t c = 0; c < reduction->components; c++)
		free(reduction->parts[c].reach);
	free(reduction->parts);
	free(reduction->next);
	free(reduction->seen);
	free(reduction->implied);
}

static size_t
reduction_size(const struct reduction *reduction, size_t component)
{
	return reduction->first[component + 1] - reduction->first[component];
}

/* The components that one waits for directly, highest first; returns how many. */
static size_t
reduction_successors(
	struct reduction *reduction, const struct lock_graph *graph, size_t component)
{
	size_t found = 0;

	for (size_t m = reduction->first[component];
		m < reduction->first[component + 1]; m++) {
		const struct lock_graph_node *node =
			&graph->nodes[reduction->members[m]];

		for (size_t i = 0; i < node->count; i++) {
			size_t to = graph->nodes[node->to[i]].component;

			if (to == component || reduction->seen[to] == component + 1)
				continue;
			reduction->seen[to] = component + 1;
			reduction->next[found++] = to;
		}
	}
	qsort(reduction->next, found, sizeof(*reduction->next), lock_graph_compare);
	for (size_t i = 0; i < found / 2; i++) {
		size_t swap = reduction->next[i];

		reduction->next[i] = reduction->next[found - 1 - i];
		reduction->next[found - 1 - i] = swap;
	}
	return found;
}

/* Whether `from` is `to`, or waits for it through others. */
static bool
reduction_reaches(const struct reduction *reduction, size_t from, size_t to)
{
	const struct part *parts = reduction->parts;
	const struct part *top = &parts[parts[from].top];

	if (parts[to].top != parts[from].top)
		return top->reach && to < parts[from].top && bit_is_set(top->reach, to);
	while (parts[from].height > parts[to].height) {
		size_t jump = parts[from].jump;

		from = parts[jump].height >= parts[to].height ? jump
							      : parts[from].parent;
	}
	return from == to;
}

/* Hangs a component under the only one that it waits for. */
static void
reduction_hang(struct reduction *reduction, size_t component, size_t parent)
{
	struct part *parts = reduction->parts;
	const struct part *up = &parts[parent];
	const struct part *far = &parts[up->jump];

	/* Two jumps of the same length make one of both: skew-binary numbers, with
	 * which climbing n steps takes log n. */
	parts[component] = (struct part){ .parent = parent,
		.top = up->top,
		.height = up->height + 1,
		.jump = up->height - far->height ==
					far->height - parts[far->jump].height
				? far->jump
				: parent,
		.depth = up->depth + 1 };
}

/* Makes a component the top of a way, with all that it waits for. */
static void
reduction_top(struct reduction *reduction, size_t component, size_t kept)
{
	struct part *part = &reduction->parts[component];

	*part = (struct part){
		.parent = component, .top = component, .jump = component
	};
	if (kept == 0)
		return;
	part->reach = alloc_zeroed(component / WORD_BITS + 1, sizeof(uint64_t));
	for (size_t i = 0; i < kept; i++) {
		size_t at = reduction->next[i], top = reduction->parts[at].top;
		const uint64_t *above = reduction->parts[top].reach;

		if (reduction->parts[at].depth + 1 > part->depth)
			part->depth = reduction->parts[at].depth + 1;
		for (; at != top; at = reduction->parts[at].parent)
			bit_set(part->reach, at);
		bit_set(part->reach, top);
		for (size_t word = 0; above && word <= top / WORD_BITS; word++)
			part->reach[word] |= above[word];
	}
}

/*
 * One component, when all that it waits for are done.  Who implies another has a higher
 * number than that, so going down a single pass sees every implication in time.
 */
static void
reduction_component(
	struct reduction *reduction, struct lock_graph *graph, size_t component)
{
	size_t found = reduction_successors(reduction, graph, component);
	size_t kept = 0;

	for (size_t i = 0; i < found; i++) {
		size_t to = reduction->next[i];
		bool implied = false;

		for (size_t at = 0; at < kept && !implied; at++)
			implied = reduction_reaches(reduction, reduction->next[at], to);
		reduction->implied[to] = implied;
		if (!implied)
			reduction->next[kept++] = to;
	}
	if (kept == 1)
		reduction_hang(reduction, component, reduction->next[0]);
	else
		reduction_top(reduction, component, kept);

	for (size_t m = reduction->first[component];
		m < reduction->first[component + 1]; m++) {
		struct lock_graph_node *node = &graph->nodes[reduction->members[m]];
		size_t left = 0;

		for (size_t i = 0; i < node->count; i++) {
			size_t to = graph->nodes[node->to[i]].component;

			if (to == component || !reduction->implied[to])
				node->to[left++] = node->to[i];
		}
		node->count = left;
		node->depth = reduction->parts[component].depth;
		node->cycle = reduction_size(reduction, component) > 1;
	}
}

static int64_t
earlier(int64_t a, int64_t b)
{
	if (a == 0 || b == 0)
		return a ? a : b;
	return a < b ? a : b;
}

/* What is below a component. */
struct below {
	size_t hung;	   /* nodes that hang under it, and its own */
	size_t further;	   /* nodes that wait for it and for others too */
	int64_t oldest_us; /* as lock_graph_node.oldest_us */
};

/* Adds what hangs under a component to those that it waits for. */
static void
reduction_pass_on(
	const struct reduction *reduction, size_t component, struct below *below)
{
	const struct part *part = &reduction->parts[component];
	const struct below *from = &below[component];

	if (part->parent != component) {
		below[part->parent].hung += from->hung;
		below[part->parent].oldest_us =
			earlier(below[part->parent].oldest_us, from->oldest_us);
	}
	for (size_t word = 0; part->reach && word <= component / WORD_BITS; word++) {
		for (uint64_t left = part->reach[word]; left; left &= left - 1) {
			struct below *to = &below[word * WORD_BITS +
						  (size_t)__builtin_ctzll(left)];

			to->further += from->hung;
			to->oldest_us = earlier(to->oldest_us, from->oldest_us);
		}
	}
}

/* How many each component holds up, and since when: those below come first. */
static void
reduction_count(const struct reduction *reduction, struct lock_graph *graph)
{
	struct below *below = alloc_zeroed(reduction->components + 1, sizeof(*below));

	for (size_t c = reduction->components; c-- > 0;) {
		below[c].hung += reduction_size(reduction, c);
		for (size_t m = reduction->first[c]; m < reduction->first[c + 1]; m++)
			below[c].oldest_us = earlier(below[c].oldest_us,
				graph->nodes[reduction->members[m]].since_us);
		reduction_pass_on(reduction, c, below);
		for (size_t m = reduction->first[c]; m < reduction->first[c + 1]; m++) {
			struct lock_graph_node *node =
				&graph->nodes[reduction->members[m]];

			node->held_up = below[c].hung + below[c].further - 1;
			node->oldest_us = below[c].oldest_us;
		}
	}
	free(below);
}

void
lock_graph_unique(struct lock_graph *graph)
{
	for (size_t i = 0; i < graph->count; i++)
		lock_graph_node_unique(&graph->nodes[i]);
}

void
lock_graph_reduce(struct lock_graph *graph)
{
	struct reduction reduction;
	size_t components = lock_graph_components(graph);

	lock_graph_gather(graph, components);
	reduction_init(&reduction, graph, components);
	for (size_t c = 0; c < reduction.components; c++)
		reduction_component(&reduction, graph, c);
	reduction_count(&reduction, graph);
	reduction_free(&reduction);
}
