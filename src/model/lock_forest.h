/* The forest from within: what src/model/lock*.c share. */
#ifndef PGRUNBOOK_SRC_MODEL_LOCK_FOREST_H
#define PGRUNBOOK_SRC_MODEL_LOCK_FOREST_H

#include "pgrunbook/model/locks.h"

/* Lists of small numbers: those of `at` begin at first[at] and end at first[at + 1]. */
struct lock_edges {
	size_t *first;
	unsigned *to;
};

void lock_edges_free(struct lock_edges *edges);
/* The same the other way round: for each of `count` those that lead to it. */
void lock_edges_reverse(
	const struct lock_edges *edges, size_t count, struct lock_edges *reverse);

/* How many go on when a row is ended. */
struct lock_freed {
	size_t all;
	size_t at_once; /* of these: waited for it alone */
};

struct lock_forest {
	struct lock_wait_list waits;
	struct lock_row *rows;
	int64_t *oldest_us; /* by row: the start of the longest wait for it */
	size_t count, roots, waiting;
	/* By row and as rows, those that others imply too. */
	struct lock_edges blockers, waiters;
	struct lock_freed *freed; /* by row */
};

/* By row, from all else that stands in the forest; the caller owns it. */
struct lock_freed *lock_freed_new(const struct lock_forest *forest);

/*
 * Adds what a wait for a transaction says of its holder, sorts by holder and takes away
 * what is repeated.
 */
void lock_wait_list_settle(struct lock_wait_list *list);
/* The holds of a session, or of a prepared transaction (pid 0). */
const struct lock_hold *lock_wait_list_holds(const struct lock_wait_list *list, int pid,
	const char *transaction, size_t *count);

/* What a row is, from what else stands in it; `parallel`: workers of its take part. */
enum lock_node_kind lock_kind(const struct lock_row *row, bool parallel, bool standby);

#endif
