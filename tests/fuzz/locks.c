/* Any edges are a forest: a row for each, an order, and an end; none is ended twice. */
#include <stdint.h>
#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/locks.h"

enum { PIDS = 24 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A quarter of the pids are workers of others, real ones or not. */
static void
add_sessions(struct session_list *sessions, uint8_t seed)
{
	sessions->items = alloc_zeroed(PIDS, sizeof(*sessions->items));
	sessions->count = sessions->capacity = PIDS;
	for (int i = 0; i < PIDS; i++)
		sessions->items[i] = (struct session){ .pid = i + 1,
			.leader_pid = i % 4 == 0 ? (i * 7 + seed) % PIDS : 0,
			.state = (enum session_state)(i % 3),
			.backend_type = alloc_copy(
				i % 8 == 0 ? "parallel worker" : "client backend") };
}

/* Three bytes are an edge; a waiter's edges follow each other or don't. */
static void
add_waits(struct lock_wait_list *list, const uint8_t *data, size_t size)
{
	for (size_t at = 0; at + 3 <= size && list->count < 200; at += 3) {
		struct lock_wait *wait = NULL;
		int pid = data[at] % (PIDS + 4) + 1;

		if (data[at + 2] % 2 && list->count > 0)
			wait = &list->waits[list->count - 1];
		if (!wait || wait->pid != pid || wait->blocker_count == 8) {
			list->waits = alloc_room(list->waits, list->count,
				&list->capacity, sizeof(*list->waits));
			wait = &list->waits[list->count++];
			*wait = (struct lock_wait){ .pid = pid,
				.since_us = data[at + 2],
				.mode = alloc_copy("ShareLock"),
				.kind = alloc_copy("relation"),
				.blockers = alloc_zeroed(8, sizeof(int)) };
		}
		wait->blockers[wait->blocker_count++] = data[at + 1] % (PIDS + 5);
	}
}

static void
check_row(const struct lock_forest *forest, size_t at, const size_t *seen)
{
	const struct lock_row *row = lock_forest_row(forest, at);
	const struct lock_row *parent = lock_forest_row(forest, row->parent);

	if (row->pid != 0 && seen[row->pid] != 1)
		abort(); /* a row of its own, and one */
	if (row->depth == 0 ? row->parent != at : row->parent >= at)
		abort();
	if (row->depth != 0 && parent->depth != row->depth - 1)
		abort();
	for (int how = 0; how < LOCK_END_COUNT; how++) {
		struct lock_release release =
			lock_forest_release(forest, at, (enum lock_end)how);
		size_t sum = release.at_once + release.later + release.still;

		if (sum != (release.refused ? 0 : row->held_up))
			abort();
		free(lock_release_words(&release));
	}
	free(lock_row_wants(row));
	free(lock_row_has(row));
	free(lock_row_behind(forest, row, 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct session_list sessions = { 0 };
	struct lock_wait_list waits = { 0 };
	size_t seen[PIDS + 8] = { 0 };

	if (size == 0)
		return 0;
	add_sessions(&sessions, data[0]);
	add_waits(&waits, data + 1, size - 1);
	struct lock_forest *forest = lock_forest_new(&waits, &sessions);
	size_t rows = lock_forest_rows(forest);
	for (size_t i = 0; i < rows; i++)
		seen[lock_forest_row(forest, i)->pid]++;
	for (size_t i = 0; i < rows; i++)
		check_row(forest, i, seen);
	if (lock_forest_waiting(forest) + lock_forest_roots(forest) < rows)
		abort(); /* who is no root waits */
	lock_forest_free(forest);
	session_list_free(&sessions);
	return 0;
}
