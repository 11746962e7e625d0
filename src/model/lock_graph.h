/*
 * The arithmetic of waiting: a directed graph of small integers, from each waiter to
 * those it waits for, cut down to the edges that no others imply.
 */
#ifndef PGRUNBOOK_SRC_MODEL_LOCK_GRAPH_H
#define PGRUNBOOK_SRC_MODEL_LOCK_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lock_graph_node {
	size_t *to; /* whom it waits for; sorted and once each after lock_graph_unique
		     */
	size_t count, capacity;
	int64_t since_us; /* the start of its wait; 0: not known, or it doesn't wait */
	/* Found by lock_graph_reduce. */
	size_t component; /* the same for all nodes of a cycle; blockers' are lower */
	size_t depth;	  /* 0: it waits for nobody */
	bool cycle;
	size_t held_up;	   /* nodes that wait for it, directly or through others */
	int64_t oldest_us; /* the earliest known start of their waits and its own; 0 */
};

struct lock_graph {
	struct lock_graph_node *nodes;
	size_t count;
	/* Found by lock_graph_reduce: nodes by component, those of the component c from
	 * first[c] up to first[c + 1]. */
	size_t *members, *first;
};

void lock_graph_init(struct lock_graph *graph, size_t count);
void lock_graph_add(struct lock_graph *graph, size_t waiter, size_t blocker);
/* Sorts each one's edges and takes away repeated ones; lock_graph_reduce needs that. */
void lock_graph_unique(struct lock_graph *graph);
/* Takes away implied edges (none within a cycle) and fills in what is found. */
void lock_graph_reduce(struct lock_graph *graph);
void lock_graph_free(struct lock_graph *graph);

#endif
