/*
 * How many go on when one is ended, of all at once.
 *
 * Who waits for somebody goes on without him unless it waits for others that don't:
 * unless, by another way, its waits lead to somebody who waits for nobody, or into a
 * deadlock without him.  Seen from those ends of all waits, it goes on if every way to
 * it leads through the one that is ended: if that one dominates it.  So the tree of
 * dominators answers for all rows, in time that grows with the edges: K. D. Cooper,
 * T. J. Harvey and K. Kennedy, "A Simple, Fast Dominance Algorithm".
 */
#include <stdint.h>
#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "src/model/lock_forest.h"

#define NOWHERE SIZE_MAX

/*
 * Places are numbers in the order in which a search from the ends leaves the rows, so
 * that who is nearer to the ends has the higher one.  A deadlock that waits for nobody
 * else has a place of its own above all its members, whoever of them the search met
 * first; the last place is above all ends.
 */
struct freed {
	const struct lock_forest *forest;
	size_t *place;	/* by row */
	size_t *row_at; /* by place; NOWHERE: none */
	size_t *ring;	/* by row: the place of its deadlock, if that is an end */
	size_t *above;	/* by place: who dominates it next; NOWHERE: not known yet */
	size_t places;
};

/* What one row has of a list of edges. */
static size_t
edges_count(const struct lock_edges *edges, size_t row)
{
	return edges->first[row + 1] - edges->first[row];
}

/* Places everybody who waits for `start`; `open` and `next` are room for all rows. */
static void
freed_search(struct freed *freed, size_t start, size_t *open, size_t *next)
{
	const struct lock_edges *waiters = &freed->forest->waiters;
	size_t depth = 0;

	open[depth++] = start;
	next[start] = waiters->first[start] + 1; /* one more: 0 is who wasn't met */
	while (depth > 0) {
		size_t row = open[depth - 1];

		if (next[row] - 1 == waiters->first[row + 1]) {
			freed->place[row] = freed->places;
			freed->row_at[freed->places++] = row;
			depth--;
			continue;
		}
		size_t to = waiters->to[next[row]++ - 1];

		if (next[to] == 0) {
			next[to] = waiters->first[to] + 1;
			open[depth++] = to;
		}
	}
}

/* Gives the members of a deadlock that is an end its place. */
static void
freed_close_ring(struct freed *freed, size_t start, size_t *open)
{
	const struct lock_edges *blockers = &freed->forest->blockers;
	size_t depth = 0;

	open[depth++] = start;
	freed->ring[start] = freed->places;
	while (depth > 0) {
		size_t row = open[--depth];

		for (size_t i = blockers->first[row]; i < blockers->first[row + 1];
			i++) {
			if (freed->ring[blockers->to[i]] != NOWHERE)
				continue;
			freed->ring[blockers->to[i]] = freed->places;
			open[depth++] = blockers->to[i];
		}
	}
	freed->places++;
}

/* All rows hang under roots: who waits for nobody, or who a deadlock begins with. */
static void
freed_place(struct freed *freed)
{
	const struct lock_forest *forest = freed->forest;
	size_t *open = alloc_zeroed(forest->count + 1, sizeof(*open));
	size_t *next = alloc_zeroed(forest->count + 1, sizeof(*next));

	for (size_t row = 0; row < forest->count; row++) {
		if (forest->rows[row].depth != 0)
			continue;
		freed_search(freed, row, open, next);
		if (edges_count(&forest->blockers, row) != 0)
			freed_close_ring(freed, row, open);
	}
	free(open);
	free(next);
}

/* The nearest that is above both. */
static size_t
freed_meet(const struct freed *freed, size_t a, size_t b)
{
	while (a != b) {
		if (a < b)
			a = freed->above[a];
		else
			b = freed->above[b];
	}
	return a;
}

/* What is above all that a row waits for, as far as that is known. */
static size_t
freed_above(const struct freed *freed, size_t row)
{
	const struct lock_edges *blockers = &freed->forest->blockers;
	size_t met = NOWHERE;

	if (freed->ring[row] != NOWHERE)
		return freed->ring[row];
	if (edges_count(blockers, row) == 0)
		return freed->places;
	for (size_t i = blockers->first[row]; i < blockers->first[row + 1]; i++) {
		size_t at = freed->place[blockers->to[i]];

		if (freed->above[at] == NOWHERE)
			continue;
		met = met == NOWHERE ? at : freed_meet(freed, met, at);
		if (met == freed->places)
			break;
	}
	return met;
}

/* One turn from the ends down; returns whether it changed anything. */
static bool
freed_turn(struct freed *freed)
{
	bool changed = false;

	for (size_t at = freed->places; at-- > 0;) {
		if (freed->row_at[at] == NOWHERE)
			continue;
		size_t above = freed_above(freed, freed->row_at[at]);

		changed = changed || above != freed->above[at];
		freed->above[at] = above;
	}
	return changed;
}

static void
freed_dominate(struct freed *freed)
{
	bool cycle = false;

	for (size_t at = 0; at < freed->places; at++)
		freed->above[at] =
			freed->row_at[at] == NOWHERE ? freed->places : NOWHERE;
	freed->above[freed->places] = freed->places;
	for (size_t row = 0; row < freed->forest->count; row++)
		cycle = cycle || freed->forest->rows[row].cycle;
	/* Without a deadlock the first turn meets nobody before whom he waits for. */
	while (freed_turn(freed) && cycle)
		;
}

static void
freed_count(const struct freed *freed, struct lock_freed *out)
{
	const struct lock_edges *blockers = &freed->forest->blockers;
	size_t *below = alloc_zeroed(freed->places + 1, sizeof(*below));

	for (size_t at = 0; at < freed->places; at++) {
		below[at] += freed->row_at[at] != NOWHERE;
		below[freed->above[at]] += below[at];
	}
	for (size_t row = 0; row < freed->forest->count; row++) {
		size_t ring = freed->ring[row];

		out[row].all = below[ring == NOWHERE ? freed->place[row] : ring] - 1;
		if (edges_count(blockers, row) == 1)
			out[blockers->to[blockers->first[row]]].at_once++;
	}
	free(below);
}

struct lock_freed *
lock_freed_new(const struct lock_forest *forest)
{
	size_t most = forest->count + forest->roots + 1;
	struct lock_freed *out = alloc_zeroed(forest->count + 1, sizeof(*out));
	struct freed freed = { .forest = forest,
		.place = alloc_zeroed(forest->count + 1, sizeof(size_t)),
		.row_at = alloc_zeroed(most, sizeof(size_t)),
		.ring = alloc_zeroed(forest->count + 1, sizeof(size_t)),
		.above = alloc_zeroed(most, sizeof(size_t)) };

	for (size_t row = 0; row < forest->count; row++)
		freed.ring[row] = NOWHERE;
	for (size_t at = 0; at < most; at++)
		freed.row_at[at] = NOWHERE;
	freed_place(&freed);
	freed_dominate(&freed);
	freed_count(&freed, out);
	free(freed.place);
	free(freed.row_at);
	free(freed.ring);
	free(freed.above);
	return out;
}
