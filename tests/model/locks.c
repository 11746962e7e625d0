/* The forest of lock waits, from edges as the server gives them. */
#include "pgrunbook/model/locks.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "tests/tap/tap.h"

struct scene {
	struct session_list sessions;
	struct lock_wait_list waits;
	struct lock_forest *forest;
};

static struct session *
session(struct scene *scene, int pid)
{
	struct session_list *list = &scene->sessions;
	struct session *at;

	list->items = alloc_room(
		list->items, list->count, &list->capacity, sizeof(*list->items));
	at = &list->items[list->count++];
	*at = (struct session){ .pid = pid,
		.backend_start_us = pid,
		.state = SESSION_ACTIVE,
		.backend_type = alloc_copy("client backend") };
	return at;
}

/* `pid` waits since `since` for the pids that follow, up to -1. */
static struct lock_wait *
waits(struct scene *scene, int pid, int64_t since, ...)
{
	struct lock_wait_list *list = &scene->waits;
	struct lock_wait *wait;
	size_t room = 0;
	va_list pids;

	list->waits = alloc_room(
		list->waits, list->count, &list->capacity, sizeof(*list->waits));
	wait = &list->waits[list->count++];
	*wait = (struct lock_wait){
		.pid = pid, .since_us = since, .kind = alloc_copy("relation")
	};
	va_start(pids, since);
	for (int at = va_arg(pids, int); at != -1; at = va_arg(pids, int)) {
		wait->blockers = alloc_room(
			wait->blockers, wait->blocker_count, &room, sizeof(int));
		wait->blockers[wait->blocker_count++] = at;
	}
	va_end(pids);
	return wait;
}

static void
prepared(struct scene *scene, const char *transaction, int waiter)
{
	struct lock_wait_list *list = &scene->waits;
	struct lock_prepared *at;

	list->prepared = alloc_room(list->prepared, list->prepared_count,
		&list->prepared_capacity, sizeof(*list->prepared));
	at = &list->prepared[list->prepared_count++];
	*at = (struct lock_prepared){ .transaction = alloc_copy(transaction) };
	if (!waiter)
		return;
	at->waiters = alloc_room(
		at->waiters, at->waiter_count, &at->waiter_capacity, sizeof(int));
	at->waiters[at->waiter_count++] = waiter;
}

/* "1 +2; . 2 < 1 +1; . . 3 < 1 2" : depth, pid, whom it waits for, how many it holds.
 */
static void
add_row(const struct lock_row *row, struct str *out)
{
	for (int depth = 0; depth < row->depth; depth++)
		str_add(out, ". ");
	if (row->prepared)
		str_printf(out, "prepared %s", row->prepared->transaction);
	else
		str_printf(out, "%d", row->pid);
	for (size_t i = 0; i < row->waits_for_count; i++)
		str_printf(out, "%s%d", i ? " " : " < ", row->waits_for[i]);
	if (row->held_up)
		str_printf(out, " +%zu", row->held_up);
	if (row->cycle)
		str_add(out, " cycle");
	if (row->last && row->depth > 0)
		str_add(out, " last");
}

static void
is_forest(struct scene *scene, const char *want, const char *what)
{
	struct str got = { 0 };

	scene->forest = lock_forest_new(&scene->waits, &scene->sessions);
	for (size_t i = 0; i < lock_forest_rows(scene->forest); i++) {
		const struct lock_row *row = lock_forest_row(scene->forest, i);

		str_add(&got, i ? "; " : "");
		add_row(row, &got);
		if (row->depth > 0 &&
			lock_forest_row(scene->forest, row->parent)->depth + 1 !=
				row->depth)
			str_add(&got, " BAD PARENT");
	}
	tap_is_text(str_text(&got), want, "%s", what);
	str_free(&got);
}

static void
end(struct scene *scene)
{
	lock_forest_free(scene->forest);
	session_list_free(&scene->sessions);
	*scene = (struct scene){ 0 };
}

static void
test_shapes(void)
{
	struct scene scene = { 0 };

	is_forest(&scene, "", "nobody waits");
	tap_ok(!lock_forest_worst(scene.forest), "and nobody is the worst");
	end(&scene);

	session(&scene, 10);
	session(&scene, 20);
	waits(&scene, 20, 5, 10, -1);
	is_forest(&scene, "10 +1; . 20 < 10 last", "one waits for one");
	tap_is_int((int64_t)lock_forest_roots(scene.forest), 1, "one root");
	tap_is_int((int64_t)lock_forest_waiting(scene.forest), 1, "one waiter");
	tap_is_int(lock_row_wait_us(scene.forest, 0, 12), 7, "the root's longest wait");
	tap_is_int(
		lock_row_wait_us(scene.forest, 1, 3), 0, "a wait from the future is 0");
	end(&scene);

	waits(&scene, 30, 6, 20, -1);
	waits(&scene, 20, 5, 10, -1);
	is_forest(&scene, "10 +2; . 20 < 10 +1 last; . . 30 < 20 last",
		"a chain of three");
	tap_is_text(lock_node_kind_name(lock_forest_row(scene.forest, 0)->kind), "gone",
		"whoever isn't in the sessions is gone");
	end(&scene);

	/* The reader doesn't hold up the selects, the queued ALTER TABLE does. */
	waits(&scene, 41, 7, 30, -1);
	waits(&scene, 40, 8, 30, -1);
	waits(&scene, 30, 6, 20, -1);
	is_forest(&scene, "20 +3; . 30 < 20 +2 last; . . 41 < 30; . . 40 < 30 last",
		"a queue behind an ALTER TABLE, in its order");
	end(&scene);

	waits(&scene, 3, 9, 1, 2, 2, 1, -1);
	is_forest(&scene, "1 +1; . 3 < 1 2 last; 2 +1",
		"a waiter with two blockers stands once, and both hold it up");
	tap_is_int(lock_row_wait_us(scene.forest, 2, 10), 1, "both have its wait");
	end(&scene);

	waits(&scene, 3, 9, 1, 2, -1);
	waits(&scene, 2, 0, 4, -1);
	is_forest(&scene, "4 +2; . 2 < 4 +1 last; . . 3 < 1 2 last; 1 +1",
		"it stands under the one with the longest way to go");
	tap_is_int(lock_row_wait_us(scene.forest, 1, 10), 1,
		"an unknown start is no start");
	end(&scene);

	waits(&scene, 2, 5, 1, -1);
	waits(&scene, 12, 5, 11, -1);
	waits(&scene, 13, 4, 12, 11, -1);
	is_forest(&scene,
		"11 +2; . 12 < 11 +1 last; . . 13 < 12 last; 1 +1; . 2 < 1 last",
		"several roots, the worst first");
	tap_is_int(lock_forest_worst(scene.forest)->pid, 11, "the worst");
	end(&scene);
}

static void
test_cycles(void)
{
	struct scene scene = { 0 };

	waits(&scene, 1, 20, 2, -1);
	waits(&scene, 2, 10, 1, -1);
	waits(&scene, 3, 30, 1, -1);
	is_forest(&scene, "2 < 1 +2 cycle; . 1 < 2 +2 cycle last; . . 3 < 1 last",
		"a deadlock opens at the one that waits longest");
	tap_ok(strstr(lock_row_remedy(lock_forest_row(scene.forest, 0)), "deadlock"),
		"and the remedy says so");
	end(&scene);

	waits(&scene, 1, 1, 2, -1);
	waits(&scene, 2, 2, 3, -1);
	waits(&scene, 3, 3, 1, 9, -1);
	is_forest(&scene,
		"9 +3; . 3 < 1 9 +2 cycle last; . . 2 < 3 +2 cycle last; "
		". . . 1 < 2 +2 cycle last",
		"a deadlock that waits for somebody else too opens there");
	end(&scene);

	waits(&scene, 5, 1, 5, -1);
	is_forest(&scene, "5", "nobody waits for itself");
	end(&scene);
}

static void
test_prepared(void)
{
	struct scene scene = { 0 };

	prepared(&scene, "731", 20);
	prepared(&scene, "732", 0);
	waits(&scene, 20, 5, 0, -1);
	is_forest(&scene, "prepared 731 +1; . 20 < 0 last",
		"a prepared transaction; one that holds up nobody is left out");
	tap_ok(strstr(lock_row_remedy(lock_forest_row(scene.forest, 0)),
		       "ROLLBACK PREPARED"),
		"its remedy");
	end(&scene);

	prepared(&scene, "731", 20);
	prepared(&scene, "732", 20);
	waits(&scene, 20, 5, 0, 0, 7, -1);
	is_forest(&scene, "7 +1; . 20 < 0 7 last; prepared 731 +1; prepared 732 +1",
		"two of them and a session");
	end(&scene);

	waits(&scene, 20, 5, 0, -1);
	is_forest(&scene, "0 +1; . 20 < 0 last", "one that is known by its 0 only");
	tap_is_text(lock_node_kind_name(lock_forest_row(scene.forest, 0)->kind),
		"prepared", "is still a prepared transaction");
	end(&scene);
}

static void
test_kinds(void)
{
	static const struct {
		const char *type, *query;
		enum lock_node_kind kind;
	} cases[] = {
		{ "client backend", "SELECT", LOCK_NODE_SESSION },
		{ "autovacuum worker", "autovacuum: VACUUM t", LOCK_NODE_AUTOVACUUM },
		{ "autovacuum worker", "autovacuum: VACUUM t (to prevent wraparound)",
			LOCK_NODE_WRAPAROUND },
		{ "startup", NULL, LOCK_NODE_STARTUP },
		{ "walsender", NULL, LOCK_NODE_WALSENDER },
		{ NULL, "<insufficient privilege>", LOCK_NODE_SESSION },
	};
	struct scene scene = { 0 };

	for (int i = 0; i < (int)(sizeof(cases) / sizeof(cases[0])); i++) {
		struct session *at = session(&scene, 1);

		free(at->backend_type);
		at->backend_type = alloc_copy(cases[i].type);
		at->query = alloc_copy(cases[i].query);
		waits(&scene, 2, 5, 1, -1);
		scene.forest = lock_forest_new(&scene.waits, &scene.sessions);
		tap_is_text(lock_node_kind_name(lock_forest_row(scene.forest, 0)->kind),
			lock_node_kind_name(cases[i].kind), "%s: %s",
			cases[i].type ? cases[i].type : "hidden",
			lock_row_remedy(lock_forest_row(scene.forest, 0)));
		end(&scene);
	}

	/* A worker's wait is its leader's; what it waits for may have workers too. */
	session(&scene, 1);
	session(&scene, 2)->leader_pid = 1;
	session(&scene, 7);
	session(&scene, 8)->leader_pid = 7;
	waits(&scene, 2, 5, 8, 7, 1, -1);
	is_forest(&scene, "7 +1; . 1 < 7 last",
		"parallel workers stand for their leaders");
	end(&scene);

	free(waits(&scene, 2, 5, 1, -1)->kind);
	scene.waits.waits[0].kind = alloc_copy("safe-snapshot");
	scene.forest = lock_forest_new(&scene.waits, &scene.sessions);
	tap_is_int(lock_forest_row(scene.forest, 1)->kind, LOCK_NODE_SAFE_SNAPSHOT,
		"a wait for a safe snapshot");
	end(&scene);
}

static void
test_modes(void)
{
	tap_ok(lock_modes_conflict("AccessShareLock", "AccessExclusiveLock"), "AS, AX");
	tap_ok(!lock_modes_conflict("AccessShareLock", "ExclusiveLock"), "AS, not X");
	tap_ok(!lock_modes_conflict("ShareLock", "ShareLock"), "S, not S");
	tap_ok(lock_modes_conflict("ShareLock", "RowExclusiveLock"), "S, RX");
	tap_ok(lock_modes_conflict("NewLock", "ShareLock"), "unknown ones do");
}

/* A queue of `count` requests of which each waits for all before it. */
static void
make_queue(struct scene *scene, int count)
{
	for (int i = 1; i <= count; i++) {
		struct lock_wait *wait = waits(scene, i, i, -1);

		wait->blockers = alloc_zeroed((size_t)i, sizeof(int));
		for (int at = 0; at < i; at++)
			wait->blockers[wait->blocker_count++] = at ? at : 100000;
	}
}

static void
test_queues(void)
{
	struct scene scene = { 0 };
	const struct lock_row *last;

	make_queue(&scene, 100);
	scene.forest = lock_forest_new(&scene.waits, &scene.sessions);
	last = lock_forest_row(scene.forest, 100);
	tap_is_int((int64_t)lock_forest_rows(scene.forest), 101, "a queue of 100");
	tap_ok(last->pid == 100 && last->depth == 100 && last->waits_for_count == 1 &&
			last->waits_for[0] == 99,
		"each waits for the one before");
	tap_is_int((int64_t)lock_forest_worst(scene.forest)->held_up, 100,
		"the root holds up all");
	end(&scene);

	/* 500,000 edges must neither take noticeable time nor a deep stack. */
	make_queue(&scene, 1000);
	scene.forest = lock_forest_new(&scene.waits, &scene.sessions);
	tap_is_int(lock_forest_row(scene.forest, 1000)->depth, 1000, "a queue of 1000");
	end(&scene);
	for (int i = 1; i <= 10000; i++)
		waits(&scene, i, i, i + 1, -1);
	scene.forest = lock_forest_new(&scene.waits, &scene.sessions);
	tap_is_int(
		lock_forest_row(scene.forest, 10000)->depth, 10000, "a chain of 10000");
	end(&scene);
}

enum { RANDOM_NODES = 14 };

/* The naive way: reach[a][b] says that a waits for b, directly or through others. */
static void
reach_all(bool reach[RANDOM_NODES][RANDOM_NODES])
{
	for (int by = 0; by < RANDOM_NODES; by++) {
		for (int a = 0; a < RANDOM_NODES; a++) {
			for (int b = 0; reach[a][by] && b < RANDOM_NODES; b++)
				reach[a][b] = reach[a][b] || reach[by][b];
		}
	}
}

static size_t
count_held(bool reach[RANDOM_NODES][RANDOM_NODES], int node)
{
	size_t held = 0;

	for (int a = 0; a < RANDOM_NODES; a++)
		held += a != node && reach[a][node];
	return held;
}

/* Some waits at random, of `density` in 100; mostly for lower pids. */
static void
make_random(struct scene *scene, unsigned *random, unsigned density,
	bool edge[RANDOM_NODES][RANDOM_NODES])
{
	for (int a = 0; a < RANDOM_NODES; a++) {
		struct lock_wait *wait = NULL;

		for (int b = 0; b < RANDOM_NODES; b++) {
			*random = *random * 1103515245U + 12345U;
			unsigned dice = *random >> 16;

			if (a == b || dice % 100 >= density ||
				(b > a && dice / 100 % 16 != 0))
				continue;
			edge[a][b] = true;
			if (!wait) {
				wait = waits(scene, a + 1, a + 1, -1);
				wait->blockers =
					alloc_zeroed(RANDOM_NODES, sizeof(int));
			}
			wait->blockers[wait->blocker_count++] = b + 1;
		}
	}
}

/* Whether an edge is implied: whoever is in a's deadlock may imply it for all of it. */
static bool
is_implied(int a, int b, bool edge[RANDOM_NODES][RANDOM_NODES],
	bool reach[RANDOM_NODES][RANDOM_NODES])
{
	if (reach[a][b] && reach[b][a])
		return false;
	for (int from = 0; from < RANDOM_NODES; from++) {
		if (from != a && !(reach[from][a] && reach[a][from]))
			continue;
		for (int by = 0; by < RANDOM_NODES; by++) {
			if (edge[from][by] && reach[by][b] && by != b &&
				!reach[b][by] && !reach[by][a])
				return true;
		}
	}
	return false;
}

/* Whether a row says what the naive way finds. */
static bool
is_right(const struct lock_row *row, bool edge[RANDOM_NODES][RANDOM_NODES],
	bool reach[RANDOM_NODES][RANDOM_NODES])
{
	int a = row->pid - 1;
	size_t listed = 0;

	for (int b = 0; b < RANDOM_NODES; b++) {
		if (!edge[a][b] || is_implied(a, b, edge, reach))
			continue;
		if (listed == row->waits_for_count || row->waits_for[listed] != b + 1)
			return false;
		listed++;
	}
	return listed == row->waits_for_count && row->cycle == reach[a][a] &&
	       row->held_up == count_held(reach, a);
}

static void
test_random(void)
{
	unsigned random = 42;
	size_t wrong = 0, rows = 0;

	for (unsigned round = 0; round < 2000; round++) {
		bool edge[RANDOM_NODES][RANDOM_NODES] = { 0 };
		bool reach[RANDOM_NODES][RANDOM_NODES];
		struct scene scene = { 0 };

		make_random(&scene, &random, 5 + round % 40, edge);
		memcpy(reach, edge, sizeof(reach));
		reach_all(reach);
		scene.forest = lock_forest_new(&scene.waits, &scene.sessions);
		rows += lock_forest_rows(scene.forest);
		for (size_t i = 0; i < lock_forest_rows(scene.forest); i++) {
			const struct lock_row *row = lock_forest_row(scene.forest, i);

			wrong += !is_right(row, edge, reach);
			if (!is_right(row, edge, reach) && wrong < 3)
				tap_diag("round %u, pid %d", round, row->pid);
		}
		end(&scene);
	}
	tap_ok(rows > 10000 && wrong == 0,
		"%zu rows of graphs made at random are as the naive way finds them",
		rows);
}

int
main(void)
{
	test_shapes();
	test_cycles();
	test_prepared();
	test_kinds();
	test_modes();
	test_queues();
	test_random();
	return tap_done();
}
