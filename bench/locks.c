/*
 * locks [WAITERS [SHAPE]]: what is made of a poll, and what that costs, where WAITERS
 * (5,000) of twice as many sessions wait, and with twice as many of both: the forest,
 * what ending each of its rows would release, the console's taking of the whole
 * snapshot (rows by a filter, sorted and folded; alerts; numbers), and one drawing of
 * it.  CPU time, the least of several turns.  A line for each shape and work: their
 * names, how many wait in the smaller one, its time and that of the larger one (us),
 * the ratio of the two, and the ratio of who waits for whom in them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/locks.h"
#include "pgrunbook/model/snapshot.h"
#include "pgrunbook/view/screen.h"

enum { TURNS = 5, LARGER = 2, QUEUE = 10, ROWS = 40, COLUMNS = 120 };

enum work { WORK_FOREST, WORK_RELEASES, WORK_TAKE, WORK_DRAW, WORK_COUNT };

static const char *const work_names[] = { "forest", "releases", "take", "draw" };

static const int64_t NOW_US = INT64_C(1800000000) * 1000000;

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

/* One queue for one table: as many edges as a thousand waiters can have. */
static void
queue(struct lock_wait *wait, size_t *room, int number, int count)
{
	(void)count;
	for (int at = 0; at < number; at++)
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
	/* One queue for one relation, of so many: its edges grow with their square. */
	int most;
} shapes[] = {
	{ "chain", chain, 0 },
	{ "star", star, 0 },
	{ "two-holders", two, 0 },
	{ "rows", rows, 0 },
	{ "queues", queues, 0 },
	{ "one-queue", queue, 1000 },
	{ "deadlocks", pairs, 0 },
};

enum { SHAPES = sizeof(shapes) / sizeof(shapes[0]) };

static void
make_sessions(struct session_list *list, int count)
{
	list->items = alloc_zeroed((size_t)count, sizeof(*list->items));
	for (int i = 0; i < count; i++)
		list->items[list->count++] = (struct session){ .pid = pid_of(i),
			.backend_start_us = NOW_US - i,
			.query_start_us = NOW_US - i % 1000 * INT64_C(1000000),
			.transaction_start_us = NOW_US - i % 1000 * INT64_C(1000000),
			.state = i % 3 ? SESSION_ACTIVE : SESSION_IDLE,
			.waiting = i > 0 && i <= count / 2,
			.backend_type = alloc_copy("client backend"),
			.database = alloc_copy("billing"),
			.user = alloc_copy("deploy"),
			.application = alloc_printf("web-%d", i % 20),
			.query = alloc_printf(
				"SELECT * FROM invoices WHERE id = %d", i) };
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
			.mode = alloc_copy(
				shape->most ? "AccessExclusiveLock" : "ShareLock"),
			.kind = alloc_copy(shape->most ? "relation" : "transactionid"),
			.object = alloc_printf("invoices row (%d,1)", i) };
		shape->add(wait, &room, i, count);
		list->count++;
	}
}

/* The second look of a console with a filter, as any later one. */
static void
show(struct app *app, struct canvas *canvas, struct snapshot *snapshot, int64_t *spent)
{
	int64_t start = cpu_ns();

	app_take_snapshot(app, snapshot);
	app_settle(app);
	spent[WORK_TAKE] = cpu_ns() - start;
	start = cpu_ns();
	canvas_clear(canvas);
	screen_draw(app, canvas);
	spent[WORK_DRAW] = cpu_ns() - start;
}

/* Nanoseconds of each work, added to the least so far. */
static void
turn(const struct shape *shape, struct app *app, struct canvas *canvas, int count,
	int64_t *least)
{
	struct snapshot *snapshot = alloc_zeroed(1, sizeof(*snapshot));
	struct lock_wait_list waits = { 0 };
	int64_t spent[WORK_COUNT], start;
	struct lock_forest *forest;
	struct lock_release release;

	snapshot->taken_us = snapshot->server_now_us = app->now_us;
	snapshot->server.database = alloc_copy("billing");
	snapshot->server.role = SERVER_PRIMARY;
	make_sessions(&snapshot->sessions, 2 * count);
	session_sort(&snapshot->sessions, app->now_us);
	make_waits(shape, count, &waits);
	start = cpu_ns();
	forest = lock_forest_new(&waits, &snapshot->sessions);
	spent[WORK_FOREST] = cpu_ns() - start;
	start = cpu_ns();
	for (size_t row = 0; row < lock_forest_rows(forest); row++) {
		release = lock_forest_release(forest, row, LOCK_END_TERMINATE);
		if (release.at_once + release.later + release.still !=
			lock_forest_row(forest, row)->held_up)
			fprintf(stderr, "%s: not all were counted\n", shape->name);
	}
	spent[WORK_RELEASES] = cpu_ns() - start;
	lock_wait_list_free(&waits);
	snapshot->locks = forest;
	show(app, canvas, snapshot, spent);
	for (int work = 0; work < WORK_COUNT; work++) {
		if (least[work] == 0 || spent[work] < least[work])
			least[work] = spent[work];
	}
}

static void
measure(const struct shape *shape, int count, int64_t *least)
{
	struct canvas *canvas = canvas_new(ROWS, COLUMNS, false);
	struct app app;

	app_init(&app);
	app.now_us = NOW_US;
	app_resize(&app, ROWS, COLUMNS);
	app_sessions_filter(&app, "state=active query~invoice");
	memset(least, 0, WORK_COUNT * sizeof(*least));
	for (int i = 0; i < TURNS; i++) {
		app.now_us += 1000000;
		turn(shape, &app, canvas, count, least);
	}
	app_free(&app);
	canvas_free(canvas);
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
		int most = shapes[i].most,
		    waiters = most && count > most ? most : count;

		if (argc > 2 && strcmp(argv[2], shapes[i].name) != 0)
			continue;
		measure(&shapes[i], waiters, once);
		measure(&shapes[i], LARGER * waiters, twice);
		for (int work = 0; work < WORK_COUNT; work++)
			printf("%s %s %d %.0f %.0f %.2f %d\n", shapes[i].name,
				work_names[work], waiters, (double)once[work] / 1e3,
				(double)twice[work] / 1e3,
				(double)twice[work] / (double)once[work],
				most ? LARGER * LARGER : LARGER);
	}
	return 0;
}
