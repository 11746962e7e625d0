#include "pgrunbook/model/locks.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/sorted.h"
#include "src/model/lock_forest.h"
#include "src/model/lock_graph.h"

enum { NOBODY = -1 };

/* One who waits or holds up; index in the graph. */
struct lock_node {
	int pid;
	const struct session *session;
	const struct lock_wait *wait;
	const struct lock_prepared *prepared;
	bool parallel; /* a worker of its takes part */
	const struct lock_wait **worker_waits;
	size_t worker_wait_count, worker_wait_capacity;
	long parent; /* node, or NOBODY */
};

struct lock_session {
	int pid;
	const struct session *session;
};

/* The making of a forest. */
struct lock_build {
	struct lock_forest *forest;
	struct lock_session *by_pid; /* sorted */
	size_t session_count;
	struct lock_node *nodes; /* first those with a pid, sorted, then the prepared */
	size_t count, pid_count;
	struct lock_graph graph;
	struct lock_edges blockers; /* by node, before the reduction */
	size_t *queue; /* nodes sorted by parent, then by place in the queue */
	size_t queued;
};

static int
lock_compare_sessions(const void *left, const void *right)
{
	const struct lock_session *a = left, *b = right;

	return (a->pid > b->pid) - (a->pid < b->pid);
}

static int
lock_compare_pids(const void *left, const void *right)
{
	const int *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static void
lock_sort_sessions(struct lock_build *build, const struct session_list *sessions)
{
	build->session_count = sessions->count;
	build->by_pid = alloc_zeroed(sessions->count + 1, sizeof(*build->by_pid));
	for (size_t i = 0; i < sessions->count; i++)
		build->by_pid[i] = (struct lock_session){ sessions->items[i].pid,
			&sessions->items[i] };
	qsort(build->by_pid, build->session_count, sizeof(*build->by_pid),
		lock_compare_sessions);
}

static const struct session *
lock_session(const struct lock_build *build, int pid)
{
	const struct lock_session key = { .pid = pid };
	const struct lock_session *found = bsearch(&key, build->by_pid,
		build->session_count, sizeof(*build->by_pid), lock_compare_sessions);

	return found ? found->session : NULL;
}

/*
 * A parallel worker stands for its leader, who is the one that can be ended.  A
 * subscription's workers have a leader too, but each a transaction of its own.
 */
static int
lock_leader(const struct lock_build *build, int pid)
{
	const struct session *session = lock_session(build, pid);

	if (!session || !session->leader_pid || !session->backend_type ||
		strcmp(session->backend_type, "parallel worker") != 0)
		return pid;
	return session->leader_pid;
}

static int
lock_compare_node(const void *key, const void *item)
{
	const int *pid = key;
	const struct lock_node *node = item;

	return (*pid > node->pid) - (*pid < node->pid);
}

/* The one of somebody who takes part: lock_collect. */
static struct lock_node *
lock_node(const struct lock_build *build, int pid)
{
	return &build->nodes[sorted_place(&pid, build->nodes, build->pid_count,
		sizeof(*build->nodes), lock_compare_node)];
}

static bool
lock_has_blocker(const struct lock_wait *wait, int pid)
{
	for (size_t i = 0; i < wait->blocker_count; i++) {
		if (wait->blockers[i] == pid)
			return true;
	}
	return false;
}

/* Everybody who takes part, once. */
static void
lock_collect(struct lock_build *build)
{
	const struct lock_wait_list *list = &build->forest->waits;
	size_t room = list->count, count = 0;
	int *pids;

	for (size_t i = 0; i < list->count; i++)
		room += list->waits[i].blocker_count;
	pids = alloc_zeroed(room + 1, sizeof(*pids));
	for (size_t i = 0; i < list->count; i++) {
		const struct lock_wait *wait = &list->waits[i];

		pids[count++] = lock_leader(build, wait->pid);
		for (size_t at = 0; at < wait->blocker_count; at++) {
			if (wait->blockers[at] != 0)
				pids[count++] = lock_leader(build, wait->blockers[at]);
		}
	}
	qsort(pids, count, sizeof(*pids), lock_compare_pids);

	/* One more for a prepared transaction that is known by its 0 only. */
	build->nodes =
		alloc_zeroed(count + list->prepared_count + 1, sizeof(*build->nodes));
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && pids[i] == pids[i - 1])
			continue;
		build->nodes[build->count++] = (struct lock_node){ .pid = pids[i],
			.session = lock_session(build, pids[i]),
			.parent = NOBODY };
	}
	build->pid_count = build->count;
	for (size_t i = 0; i < list->prepared_count; i++) {
		if (list->prepared[i].waiter_count > 0)
			build->nodes[build->count++] =
				(struct lock_node){ .prepared = &list->prepared[i],
					.parent = NOBODY };
	}
	free(pids);
}

/* The prepared transactions that a waiter's 0 stands for. */
static void
lock_add_prepared(struct lock_build *build, const struct lock_wait *wait, size_t waiter)
{
	bool found = false;

	for (size_t i = build->pid_count; i < build->count; i++) {
		const struct lock_prepared *prepared = build->nodes[i].prepared;

		for (size_t at = 0; prepared && at < prepared->waiter_count; at++) {
			if (prepared->waiters[at] != wait->pid)
				continue;
			lock_graph_add(&build->graph, waiter, i);
			found = true;
		}
	}
	if (!found) /* gone between two looks, or not visible */
		lock_graph_add(&build->graph, waiter, build->graph.count - 1);
}

/* Of a leader and its workers the leader's own wait comes first. */
static void
lock_add_wait(struct lock_node *node, const struct lock_wait *wait)
{
	const struct lock_wait *other = wait;

	node->parallel = node->parallel || wait->pid != node->pid;
	if (!node->wait || wait->pid == node->pid) {
		other = node->wait;
		node->wait = wait;
	}
	if (!other)
		return;
	node->worker_waits = alloc_room(node->worker_waits, node->worker_wait_count,
		&node->worker_wait_capacity, sizeof(struct lock_wait *));
	node->worker_waits[node->worker_wait_count++] = other;
}

static void
lock_connect(struct lock_build *build)
{
	const struct lock_wait_list *list = &build->forest->waits;

	build->nodes[build->count++] = (struct lock_node){ .parent = NOBODY };
	lock_graph_init(&build->graph, build->count);
	for (size_t i = 0; i < list->count; i++) {
		const struct lock_wait *wait = &list->waits[i];
		struct lock_node *node =
			lock_node(build, lock_leader(build, wait->pid));
		size_t waiter = (size_t)(node - build->nodes);
		int64_t *since = &build->graph.nodes[waiter].since_us;

		lock_add_wait(node, wait);
		if (*since == 0 || (wait->since_us && wait->since_us < *since))
			*since = wait->since_us;
		for (size_t at = 0; at < wait->blocker_count; at++) {
			int blocker = lock_leader(build, wait->blockers[at]);

			if (blocker != 0)
				lock_graph_add(&build->graph, waiter,
					(size_t)(lock_node(build, blocker) -
						 build->nodes));
		}
		if (lock_has_blocker(wait, 0))
			lock_add_prepared(build, wait, waiter);
	}
}

/* The reduction takes edges away that still keep a waiter waiting. */
static void
lock_keep_edges(struct lock_build *build)
{
	struct lock_edges *kept = &build->blockers;
	size_t count = 0;

	kept->first = alloc_zeroed(build->count + 1, sizeof(*kept->first));
	for (size_t i = 0; i < build->count; i++) {
		count += build->graph.nodes[i].count;
		kept->first[i + 1] = count;
	}
	kept->to = alloc_zeroed(count + 1, sizeof(*kept->to));
	for (size_t i = 0; i < build->count; i++) {
		for (size_t at = 0; at < build->graph.nodes[i].count; at++)
			kept->to[kept->first[i] + at] =
				(unsigned)build->graph.nodes[i].to[at];
	}
}

/* From nodes to rows, when all are laid out. */
static void
lock_lay_out_edges(struct lock_build *build, const size_t *row_of)
{
	struct lock_forest *forest = build->forest;
	const struct lock_edges *from = &build->blockers;
	struct lock_edges *to = &forest->blockers;

	to->first = alloc_zeroed(forest->count + 1, sizeof(*to->first));
	to->to = alloc_zeroed(from->first[build->count] + 1, sizeof(*to->to));
	for (size_t place = 0; place < build->queued; place++) {
		size_t node = build->queue[place];

		to->first[row_of[node] + 1] = from->first[node + 1] - from->first[node];
	}
	for (size_t row = 0; row < forest->count; row++)
		to->first[row + 1] += to->first[row];
	for (size_t place = 0; place < build->queued; place++) {
		size_t node = build->queue[place], at = to->first[row_of[node]];

		for (size_t i = from->first[node]; i < from->first[node + 1]; i++)
			to->to[at++] = (unsigned)row_of[from->to[i]];
	}
	lock_edges_reverse(to, forest->count, &forest->waiters);
}

/* The queue's order: who waits longest comes first, who just came last. */
static int
lock_compare_since(int64_t a, int64_t b)
{
	if (a == b)
		return 0;
	if (a == 0 || b == 0)
		return a == 0 ? 1 : -1;
	return a < b ? -1 : 1;
}

/* Of several blockers the one with the longest way to its root will be gone last. */
static bool
lock_is_nearer(const struct lock_build *build, size_t candidate, size_t than)
{
	const struct lock_graph_node *a = &build->graph.nodes[candidate];
	const struct lock_graph_node *b = &build->graph.nodes[than];

	if (a->depth != b->depth)
		return a->depth > b->depth;
	if (a->held_up != b->held_up)
		return a->held_up > b->held_up;
	return candidate < than;
}

/* The best blocker outside of a node's own cycle, or NOBODY. */
static long
lock_outside_parent(const struct lock_build *build, size_t node)
{
	const struct lock_graph_node *at = &build->graph.nodes[node];
	long best = NOBODY;

	for (size_t i = 0; i < at->count; i++) {
		size_t to = at->to[i];

		if (build->graph.nodes[to].component == at->component)
			continue;
		if (best == NOBODY || lock_is_nearer(build, to, (size_t)best))
			best = (long)to;
	}
	return best;
}

/* Whether a cycle is better entered at `candidate`: at one that waits for somebody
 * outside, else at the one that waits longest. */
static bool
lock_is_entry(const struct lock_build *build, size_t candidate, size_t than)
{
	bool a = build->nodes[candidate].parent != NOBODY;
	bool b = build->nodes[than].parent != NOBODY;
	int since = lock_compare_since(build->graph.nodes[candidate].since_us,
		build->graph.nodes[than].since_us);

	if (a != b)
		return a;
	return since != 0 ? since < 0 : candidate < than;
}

/* Hangs a cycle's members under each other, from the entry on. */
static void
lock_open_cycle(struct lock_build *build, size_t entry, bool *placed)
{
	size_t component = build->graph.nodes[entry].component;
	size_t begin = build->graph.first[component];
	size_t end = build->graph.first[component + 1];
	size_t *open = alloc_zeroed(end - begin, sizeof(*open));
	size_t from = 0, to = 0;

	placed[entry] = true;
	open[to++] = entry;
	while (from < to) {
		size_t blocker = open[from++];

		for (size_t m = begin; m < end; m++) {
			size_t i = build->graph.members[m];
			const struct lock_graph_node *at = &build->graph.nodes[i];

			for (size_t edge = 0; edge < at->count && !placed[i]; edge++) {
				if (at->to[edge] != blocker)
					continue;
				build->nodes[i].parent = (long)blocker;
				placed[i] = true;
				open[to++] = i;
			}
		}
	}
	free(open);
}

static void
lock_choose_parents(struct lock_build *build)
{
	bool *placed = alloc_zeroed(build->count, sizeof(*placed));
	long *entry =
		alloc_zeroed(build->count, sizeof(*entry)); /* by component, plus 1 */

	for (size_t i = 0; i < build->count; i++)
		build->nodes[i].parent = lock_outside_parent(build, i);
	for (size_t i = 0; i < build->count; i++) {
		size_t component = build->graph.nodes[i].component;

		if (build->graph.nodes[i].cycle &&
			(!entry[component] ||
				lock_is_entry(build, i, (size_t)entry[component] - 1)))
			entry[component] = (long)i + 1;
	}
	for (size_t c = 0; c < build->count; c++) {
		if (entry[c])
			lock_open_cycle(build, (size_t)entry[c] - 1, placed);
	}
	free(placed);
	free(entry);
}

static int
lock_compare_places(const void *left, const void *right, void *context)
{
	const struct lock_build *build = context;
	size_t a = *(const size_t *)left, b = *(const size_t *)right;
	const struct lock_graph_node *node_a = &build->graph.nodes[a];
	const struct lock_graph_node *node_b = &build->graph.nodes[b];
	int since;

	if (build->nodes[a].parent != build->nodes[b].parent)
		return build->nodes[a].parent < build->nodes[b].parent ? -1 : 1;
	if (build->nodes[a].parent == NOBODY) {
		/* Roots, worst first. */
		if (node_a->held_up != node_b->held_up)
			return node_a->held_up > node_b->held_up ? -1 : 1;
		since = lock_compare_since(node_a->oldest_us, node_b->oldest_us);
	} else {
		since = lock_compare_since(node_a->since_us, node_b->since_us);
	}
	return since != 0 ? since : (a > b) - (a < b);
}

static void
lock_fill_row(const struct lock_build *build, size_t node, struct lock_row *row)
{
	const struct lock_node *from = &build->nodes[node];
	const struct lock_graph_node *at = &build->graph.nodes[node];

	row->pid = from->pid;
	row->backend_start_us = from->session ? from->session->backend_start_us : 0;
	row->cycle = at->cycle;
	row->held_up = at->held_up;
	row->session = from->session;
	row->wait = from->wait;
	row->prepared = from->prepared;
	row->holds = lock_wait_list_holds(&build->forest->waits, from->pid,
		from->prepared ? from->prepared->transaction : NULL, &row->hold_count);
	row->worker_waits = from->worker_waits;
	row->worker_wait_count = from->worker_wait_count;
	row->kind = lock_kind(row, from->parallel, build->forest->waits.standby);
	row->waits_for = alloc_zeroed(at->count + 1, sizeof(*row->waits_for));
	for (size_t i = 0; i < at->count; i++)
		row->waits_for[i] = build->nodes[at->to[i]].pid;
	/* Several prepared transactions are one 0. */
	qsort(row->waits_for, at->count, sizeof(*row->waits_for), lock_compare_pids);
	for (size_t i = 0; i < at->count; i++) {
		if (i == 0 || row->waits_for[i] != row->waits_for[i - 1])
			row->waits_for[row->waits_for_count++] = row->waits_for[i];
	}
}

static void
lock_place(struct lock_build *build, size_t node, const size_t *row_of)
{
	struct lock_forest *forest = build->forest;
	struct lock_row *row = &forest->rows[forest->count];
	long parent = build->nodes[node].parent;

	lock_fill_row(build, node, row);
	row->parent = parent == NOBODY ? forest->count : row_of[parent];
	row->depth = parent == NOBODY ? 0 : forest->rows[row->parent].depth + 1;
	forest->oldest_us[forest->count] = build->graph.nodes[node].oldest_us;
	forest->roots += parent == NOBODY;
	forest->waiting += row->wait != NULL;
	forest->count++;
}

/* Parents before children, siblings in the order of their queue. */
static void
lock_lay_out(struct lock_build *build)
{
	size_t *first = alloc_zeroed(build->count + 2, sizeof(*first));
	size_t *row_of = alloc_zeroed(build->count, sizeof(*row_of));
	size_t *open = alloc_zeroed(build->count + 1, sizeof(*open));
	size_t depth = 0;

	/* first[p + 1] is where p's children begin in the queue; the roots' parent is
	 * -1. */
	for (size_t i = build->queued; i-- > 0;)
		first[build->nodes[build->queue[i]].parent + 1] = i;
	/* The stack holds places in the queue; those after it are its next siblings. */
	if (build->queued)
		open[depth++] = first[0];
	while (depth > 0) {
		size_t place = open[depth - 1];
		size_t node = build->queue[place];
		bool last = place + 1 == build->queued ||
			    build->nodes[build->queue[place + 1]].parent !=
				    build->nodes[node].parent;
		size_t children = first[node + 1];

		if (last)
			depth--;
		else
			open[depth - 1]++;
		row_of[node] = build->forest->count;
		build->forest->rows[build->forest->count].last = last;
		lock_place(build, node, row_of);
		if (build->nodes[build->queue[children]].parent == (long)node)
			open[depth++] = children;
	}
	lock_lay_out_edges(build, row_of);
	free(first);
	free(row_of);
	free(open);
}

static void
lock_queue(struct lock_build *build)
{
	build->queue = alloc_zeroed(build->count, sizeof(*build->queue));
	/* The last is a prepared transaction that nothing is known of: mostly nobody.
	 */
	build->queued =
		build->count - (build->graph.nodes[build->count - 1].held_up == 0);
	for (size_t i = 0; i < build->queued; i++)
		build->queue[i] = i;
	qsort_r(build->queue, build->queued, sizeof(*build->queue), lock_compare_places,
		build);
}

struct lock_forest *
lock_forest_new(struct lock_wait_list *waits, const struct session_list *sessions)
{
	struct lock_forest *forest = alloc_zeroed(1, sizeof(*forest));
	struct lock_build build = { .forest = forest };

	forest->waits = *waits;
	*waits = (struct lock_wait_list){ 0 };
	lock_wait_list_settle(&forest->waits);
	lock_sort_sessions(&build, sessions);
	lock_collect(&build);
	lock_connect(&build);
	lock_graph_unique(&build.graph);
	lock_keep_edges(&build);
	lock_graph_reduce(&build.graph);
	lock_choose_parents(&build);
	lock_queue(&build);
	forest->rows = alloc_zeroed(build.count, sizeof(*forest->rows));
	forest->oldest_us = alloc_zeroed(build.count, sizeof(*forest->oldest_us));
	lock_lay_out(&build);
	forest->freed = lock_freed_new(forest);

	lock_edges_free(&build.blockers);
	lock_graph_free(&build.graph);
	free(build.queue);
	free(build.nodes);
	free(build.by_pid);
	return forest;
}

void
lock_forest_free(struct lock_forest *forest)
{
	if (!forest)
		return;
	for (size_t i = 0; i < forest->count; i++) {
		free(forest->rows[i].waits_for);
		free(forest->rows[i].worker_waits);
	}
	lock_edges_free(&forest->blockers);
	lock_edges_free(&forest->waiters);
	free(forest->freed);
	free(forest->rows);
	free(forest->oldest_us);
	lock_wait_list_free(&forest->waits);
	free(forest);
}

size_t
lock_forest_rows(const struct lock_forest *forest)
{
	return forest->count;
}

const struct lock_row *
lock_forest_row(const struct lock_forest *forest, size_t row)
{
	return &forest->rows[row];
}

size_t
lock_forest_roots(const struct lock_forest *forest)
{
	return forest->roots;
}

size_t
lock_forest_waiting(const struct lock_forest *forest)
{
	return forest->waiting;
}

const struct lock_row *
lock_forest_worst(const struct lock_forest *forest)
{
	return forest->count && forest->rows[0].held_up ? &forest->rows[0] : NULL;
}

int64_t
lock_row_wait_us(const struct lock_forest *forest, size_t row, int64_t server_now_us)
{
	int64_t since = forest->oldest_us[row];

	if (since == 0)
		return -1;
	return server_now_us > since ? server_now_us - since : 0;
}
