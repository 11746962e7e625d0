/*
 * locks [WAITERS [SHAPE]]: what the model's part of a poll costs where WAITERS (5,000)
 * of twice as many sessions wait, and with twice as many of both.  CPU time, the least
 * of several turns.  A line for each shape and work: their names, the time of the
 * smaller one and of the larger one (us), and the ratio of the two: 2 is linear, 4
 * quadratic.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/locks.h"

enum { TURNS = 5, LARGER = 2, QUEUE = 10 };

enum work { WORK_FOREST, WORK_RELEASE, WORK_COUNT };

static const char *const work_names[] = { "forest", "release" };

static int64_t
cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* Pids in no order. */
static int
pid_of(int number)
{
	return (int)((unsigned)number * 2654435761u % 4000037u) + 1;
}

static void
wait_for(struct lock_wait *wait, size_t *room, int blocker)
{
	wait->blockers =
		alloc_room(wait->blockers, wait->blocker_count, room, sizeof(int));
	wait->blockers[wait->blocker_count++] = pid_of(blocker);
}

/* Whom waiter `number` (from 1 on) waits for; 0 is who waits for nobody. */
static void
chain(struct lock_wait *wait, size_t *room, int number, int count)
{
	(void)count;
	wait_for(wait, room, number - 1);
}

static void
star(struct lock_wait *wait, size_t *room, int number, int count)
{
	(void)number;
	(void)count;
	wait_for(wait, room, 0);
}

/* Everybody waits for two who hold the same. */
static void
two(struct lock_wait *wait, size_t *room, int number, int count)
{
	wait_for(wait, room, 0);
	if (number < count)
		wait_for(wait, room, count);
	else
		wait->blocker_count = 0;
}

/* Rows of 50, each behind the one before. */
static void
rows(struct lock_wait *wait, size_t *room, int number, int count)
{
	(void)count;
	wait_for(wait, room, number % 50 == 1 ? 0 : number - 1);
}

/* Queues of ten for a table each, every request behind all before it. */
static void
queues(struct lock_wait *wait, size_t *room, int number, int count)
{
	(void)count;
	for (int at = (number - 1) / QUEUE * QUEUE; at < number; at++)
		wait_for(wait, room, at);
}

/* Pairs that wait for each other. */
static void
pairs(struct lock_wait *wait, size_t *room, int number, int count)
{
	(void)count;
	wait_for(wait, room, number % 2 ? number + 1 : number - 1);
}

static const struct shape {
	const char *name;
	void (*add)(struct lock_wait *wait, size_t *room, int number, int count);
} shapes[] = {
	{ "chain", chain },
	{ "star", star },
	{ "two-holders", two },
	{ "rows", rows },
	{ "queues", queues },
	{ "deadlocks", pairs },
};

enum { SHAPES = sizeof(shapes) / sizeof(shapes[0]) };

static void
make_sessions(struct session_list *list, int count)
{
	list->items = alloc_zeroed((size_t)count, sizeof(*list->items));
	for (int i = 0; i < count; i++)
		list->items[list->count++] = (struct session){ .pid = pid_of(i),
			.backend_start_us = i + 1,
			.state = SESSION_ACTIVE,
			.backend_type = alloc_copy("client backend"),
			.query = alloc_copy("SELECT 1") };
}

static void
make_waits(const struct shape *shape, int count, struct lock_wait_list *list)
{
	list->waits = alloc_zeroed((size_t)count, sizeof(*list->waits));
	for (int i = 1; i <= count; i++) {
		struct lock_wait *wait = &list->waits[list->count];
		size_t room = 0;

		*wait = (struct lock_wait){ .pid = pid_of(i),
			.since_us = i,
			.mode = alloc_copy("ShareLock"),
			.kind = alloc_copy("transactionid"),
			.object = alloc_printf("invoices row (%d,1)", i) };
		shape->add(wait, &room, i, count);
		list->count++;
	}
}

/* Nanoseconds of each work, added to the least so far. */
static void
turn(const struct shape *shape, const struct session_list *sessions, int count,
	int64_t *least)
{
	struct lock_wait_list waits = { 0 };
	int64_t spent[WORK_COUNT], start;
	struct lock_forest *forest;
	struct lock_release release;

	make_waits(shape, count, &waits);
	start = cpu_ns();
	forest = lock_forest_new(&waits, sessions);
	spent[WORK_FOREST] = cpu_ns() - start;
	start = cpu_ns();
	release = lock_forest_release(forest, 0, LOCK_END_TERMINATE);
	spent[WORK_RELEASE] = cpu_ns() - start;
	if (release.at_once + release.later + release.still !=
		lock_forest_row(forest, 0)->held_up)
		fprintf(stderr, "%s: not all were counted\n", shape->name);
	lock_forest_free(forest);
	for (int work = 0; work < WORK_COUNT; work++) {
		if (least[work] == 0 || spent[work] < least[work])
			least[work] = spent[work];
	}
}

static void
measure(const struct shape *shape, int count, int64_t *least)
{
	struct session_list sessions = { 0 };

	make_sessions(&sessions, 2 * count);
	memset(least, 0, WORK_COUNT * sizeof(*least));
	for (int i = 0; i < TURNS; i++)
		turn(shape, &sessions, count, least);
	session_list_free(&sessions);
}

int
main(int argc, char *argv[])
{
	int count = argc > 1 ? atoi(argv[1]) : 5000;

	if (count < 2) {
		fprintf(stderr, "usage: locks [WAITERS [SHAPE]]\n");
		return 2;
	}
	for (int i = 0; i < SHAPES; i++) {
		int64_t once[WORK_COUNT], twice[WORK_COUNT];

		if (argc > 2 && strcmp(argv[2], shapes[i].name) != 0)
			continue;
		measure(&shapes[i], count, once);
		measure(&shapes[i], LARGER * count, twice);
		for (int work = 0; work < WORK_COUNT; work++)
			printf("%s %s %.0f %.0f %.2f\n", shapes[i].name,
				work_names[work], (double)once[work] / 1e3,
				(double)twice[work] / 1e3,
				(double)twice[work] / (double)once[work]);
	}
	return 0;
}
