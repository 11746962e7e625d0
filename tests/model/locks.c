/* The forest of lock waits, from edges as the server gives them. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/model/lock_scene.h"
#include "tests/tap/tap.h"

static void
test_shapes(void)
{
	struct lock_scene scene = { 0 };

	lock_scene_is(&scene, "", "nobody waits");
	tap_ok(!lock_forest_worst(scene.forest), "and nobody is the worst");
	lock_scene_end(&scene);

	lock_scene_session(&scene, 10);
	lock_scene_session(&scene, 20);
	lock_scene_waits(&scene, 20, 5, 10, -1);
	lock_scene_is(&scene, "10 +1; . 20 < 10 last", "one waits for one");
	tap_is_int((int64_t)lock_forest_roots(scene.forest), 1, "one root");
	tap_is_int((int64_t)lock_forest_waiting(scene.forest), 1, "one waiter");
	tap_is_int(lock_row_wait_us(scene.forest, 0, 12), 7, "the root's longest wait");
	tap_is_int(
		lock_row_wait_us(scene.forest, 1, 3), 0, "a wait from the future is 0");
	tap_is_int(lock_wait_us(lock_forest_row(scene.forest, 1)->wait, 3), 0,
		"its own, too");
	tap_is_int(lock_wait_us(lock_forest_row(scene.forest, 1)->wait, 12), 7,
		"and it has a length later");
	lock_scene_end(&scene);

	lock_scene_waits(&scene, 30, 6, 20, -1);
	lock_scene_waits(&scene, 20, 5, 10, -1);
	lock_scene_is(&scene, "10 +2; . 20 < 10 +1 last; . . 30 < 20 last",
		"a chain of three");
	tap_is_text(lock_node_kind_name(lock_forest_row(scene.forest, 0)->kind), "gone",
		"whoever isn't in the sessions is gone");
	lock_scene_end(&scene);

	/* The reader doesn't hold up the selects, the queued ALTER TABLE does. */
	lock_scene_waits(&scene, 41, 7, 30, -1);
	lock_scene_waits(&scene, 40, 8, 30, -1);
	lock_scene_waits(&scene, 30, 6, 20, -1);
	lock_scene_is(&scene, "20 +3; . 30 < 20 +2 last; . . 41 < 30; . . 40 < 30 last",
		"a queue behind an ALTER TABLE, in its order");
	lock_scene_end(&scene);

	lock_scene_waits(&scene, 3, 9, 1, 2, 2, 1, -1);
	lock_scene_is(&scene, "1 +1; . 3 < 1 2 last; 2 +1",
		"a waiter with two blockers stands once, and both hold it up");
	tap_is_int(lock_row_wait_us(scene.forest, 2, 10), 1, "both have its wait");
	lock_scene_end(&scene);

	lock_scene_waits(&scene, 3, 9, 1, 2, -1);
	lock_scene_waits(&scene, 2, 0, 4, -1);
	lock_scene_is(&scene, "4 +2; . 2 < 4 +1 last; . . 3 < 1 2 last; 1 +1",
		"it stands under the one with the longest way to go");
	tap_is_int(lock_row_wait_us(scene.forest, 1, 10), 1,
		"an unknown start is no start");
	tap_is_int(lock_wait_us(lock_forest_row(scene.forest, 1)->wait, 10), -1,
		"and its own wait is unknown");
	lock_scene_end(&scene);

	lock_scene_waits(&scene, 2, 5, 1, -1);
	lock_scene_waits(&scene, 12, 5, 11, -1);
	lock_scene_waits(&scene, 13, 4, 12, 11, -1);
	lock_scene_is(&scene,
		"11 +2; . 12 < 11 +1 last; . . 13 < 12 last; 1 +1; . 2 < 1 last",
		"several roots, the worst first");
	tap_is_int(lock_forest_worst(scene.forest)->pid, 11, "the worst");
	lock_scene_end(&scene);
}

static void
test_cycles(void)
{
	struct lock_scene scene = { 0 };

	lock_scene_waits(&scene, 1, 20, 2, -1);
	lock_scene_waits(&scene, 2, 10, 1, -1);
	lock_scene_waits(&scene, 3, 30, 1, -1);
	lock_scene_is(&scene, "2 < 1 +2 cycle; . 1 < 2 +2 cycle last; . . 3 < 1 last",
		"a deadlock opens at the one that waits longest");
	tap_ok(strstr(lock_row_remedy(lock_forest_row(scene.forest, 0)), "deadlock"),
		"and the remedy says so");
	lock_scene_end(&scene);

	lock_scene_waits(&scene, 1, 1, 2, -1);
	lock_scene_waits(&scene, 2, 2, 3, -1);
	lock_scene_waits(&scene, 3, 3, 1, 9, -1);
	lock_scene_is(&scene,
		"9 +3; . 3 < 1 9 +2 cycle last; . . 2 < 3 +2 cycle last; "
		". . . 1 < 2 +2 cycle last",
		"a deadlock that waits for somebody else too opens there");
	lock_scene_end(&scene);

	lock_scene_waits(&scene, 5, 1, 5, -1);
	lock_scene_is(&scene, "5", "nobody waits for itself");
	lock_scene_end(&scene);
}

static void
test_prepared(void)
{
	struct lock_scene scene = { 0 };

	lock_scene_prepared(&scene, "731", 20);
	lock_scene_prepared(&scene, "732", 0);
	lock_scene_waits(&scene, 20, 5, 0, -1);
	lock_scene_is(&scene, "prepared 731 +1; . 20 < 0 last",
		"a prepared transaction; one that holds up nobody is left out");
	tap_ok(strstr(lock_row_remedy(lock_forest_row(scene.forest, 0)),
		       "ROLLBACK PREPARED"),
		"its remedy");
	lock_scene_end(&scene);

	lock_scene_prepared(&scene, "731", 20);
	lock_scene_prepared(&scene, "732", 20);
	lock_scene_waits(&scene, 20, 5, 0, 0, 7, -1);
	lock_scene_is(&scene, "7 +1; . 20 < 0 7 last; prepared 731 +1; prepared 732 +1",
		"two of them and a session");
	lock_scene_end(&scene);

	lock_scene_waits(&scene, 20, 5, 0, -1);
	lock_scene_is(&scene, "0 +1; . 20 < 0 last", "one that is known by its 0 only");
	tap_is_text(lock_node_kind_name(lock_forest_row(scene.forest, 0)->kind),
		"prepared", "is still a prepared transaction");
	lock_scene_end(&scene);
}

static void
test_ours(void)
{
	struct lock_scene scene = { 0 };

	lock_scene_session(&scene, 1)->application = alloc_copy("pgrunbook:r1:migrate");
	lock_scene_session(&scene, 2)->own = true;
	lock_scene_waits(&scene, 2, 5, 1, -1);
	lock_scene_is(&scene, "1 +1; . 2 < 1 last", "the console and its step");
	tap_is_text(lock_node_kind_name(lock_forest_row(scene.forest, 0)->kind), "ours",
		"a step: %s", lock_row_remedy(lock_forest_row(scene.forest, 0)));
	tap_is_text(lock_node_kind_name(lock_forest_row(scene.forest, 1)->kind), "ours",
		"the console: %s", lock_row_remedy(lock_forest_row(scene.forest, 1)));
	lock_scene_end(&scene);
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
		{ "logical replication worker", NULL, LOCK_NODE_APPLY },
		{ "logical replication apply worker", NULL, LOCK_NODE_APPLY },
		{ "logical replication tablesync worker", NULL, LOCK_NODE_APPLY },
		{ "logical replication parallel worker", NULL, LOCK_NODE_APPLY },
		{ "pg_cron launcher", NULL, LOCK_NODE_WORKER },
		{ "walsender", NULL, LOCK_NODE_WALSENDER },
		{ NULL, "<insufficient privilege>", LOCK_NODE_SESSION },
	};
	const struct lock_row *row;
	struct lock_scene scene = { 0 };

	for (int i = 0; i < (int)(sizeof(cases) / sizeof(cases[0])); i++) {
		struct session *at = lock_scene_session(&scene, 1);

		free(at->backend_type);
		at->backend_type = alloc_copy(cases[i].type);
		at->query = alloc_copy(cases[i].query);
		lock_scene_waits(&scene, 2, 5, 1, -1);
		scene.forest = lock_forest_new(&scene.waits, &scene.sessions);
		tap_is_text(lock_node_kind_name(lock_forest_row(scene.forest, 0)->kind),
			lock_node_kind_name(cases[i].kind), "%s: %s",
			cases[i].type ? cases[i].type : "hidden",
			lock_row_remedy(lock_forest_row(scene.forest, 0)));
		lock_scene_end(&scene);
	}

	/* A worker's wait is its leader's; what it waits for may have workers too. */
	lock_scene_session(&scene, 1);
	lock_scene_worker(&scene, 2, 1);
	lock_scene_worker(&scene, 3, 1);
	lock_scene_session(&scene, 7);
	lock_scene_worker(&scene, 8, 7);
	lock_scene_waits(&scene, 2, 5, 8, 7, 1, -1);
	lock_scene_waits(&scene, 3, 4, 7, -1);
	lock_scene_is(&scene, "7 +1; . 1 < 7 last",
		"parallel workers stand for their leaders");
	row = lock_forest_row(scene.forest, 1);
	tap_is_int(row->kind, LOCK_NODE_PARALLEL, "which are a parallel group");
	tap_ok(row->wait->pid == 2 && row->worker_wait_count == 1 &&
			row->worker_waits[0]->pid == 3,
		"with the waits of both workers");
	tap_is_int(lock_row_wait_us(scene.forest, 1, 10), 6, "the longest of them");
	lock_scene_end(&scene);

	lock_scene_worker(&scene, 2, 1);
	lock_scene_waits(&scene, 2, 5, 7, -1);
	lock_scene_waits(&scene, 1, 6, 7, -1);
	lock_scene_is(&scene, "7 +1; . 1 < 7 last", "a leader that waits itself");
	row = lock_forest_row(scene.forest, 1);
	tap_ok(row->wait->pid == 1 && row->worker_waits[0]->pid == 2,
		"its own wait comes first");
	lock_scene_end(&scene);

	/* A subscription's worker has a leader, but waits for it, too. */
	free(lock_scene_worker(&scene, 2, 1)->backend_type);
	scene.sessions.items[0].backend_type =
		alloc_copy("logical replication parallel worker");
	lock_scene_waits(&scene, 1, 5, 2, -1);
	lock_scene_is(
		&scene, "2 +1; . 1 < 2 last", "a parallel apply worker stands alone");
	lock_scene_end(&scene);

	free(lock_scene_waits(&scene, 2, 5, 1, -1)->kind);
	scene.waits.waits[0].kind = alloc_copy("safe-snapshot");
	scene.forest = lock_forest_new(&scene.waits, &scene.sessions);
	tap_is_int(lock_forest_row(scene.forest, 1)->kind, LOCK_NODE_SAFE_SNAPSHOT,
		"a wait for a safe snapshot");
	lock_scene_end(&scene);
}

/* What replay alone does tells it where its type is hidden. */
static void
test_hidden_replay(void)
{
	struct lock_scene scene = { 0 };

	free(lock_scene_session(&scene, 1)->backend_type);
	scene.sessions.items[0].backend_type = NULL;
	lock_scene_waits(&scene, 2, 5, 1, -1);
	lock_scene_hold(&scene, 1, NULL, "AccessExclusiveLock", "inv");
	scene.waits.standby = true;
	lock_scene_is(&scene, "1 +1; . 2 < 1 last", "a reader behind a hidden process");
	tap_is_int(lock_forest_row(scene.forest, 0)->kind, LOCK_NODE_STARTUP,
		"which is replay");
	lock_scene_end(&scene);
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
make_queue(struct lock_scene *scene, int count)
{
	for (int i = 1; i <= count; i++) {
		struct lock_wait *wait = lock_scene_waits(scene, i, i, -1);

		wait->blockers = alloc_zeroed((size_t)i, sizeof(int));
		for (int at = 0; at < i; at++)
			wait->blockers[wait->blocker_count++] = at ? at : 100000;
	}
}

static void
test_queues(void)
{
	struct lock_scene scene = { 0 };
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
	lock_scene_end(&scene);

	/* 500,000 edges must neither take noticeable time nor a deep stack. */
	make_queue(&scene, 1000);
	scene.forest = lock_forest_new(&scene.waits, &scene.sessions);
	tap_is_int(lock_forest_row(scene.forest, 1000)->depth, 1000, "a queue of 1000");
	lock_scene_end(&scene);
	for (int i = 1; i <= 10000; i++)
		lock_scene_waits(&scene, i, i, i + 1, -1);
	scene.forest = lock_forest_new(&scene.waits, &scene.sessions);
	tap_is_int(
		lock_forest_row(scene.forest, 10000)->depth, 10000, "a chain of 10000");
	lock_scene_end(&scene);
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
make_random(struct lock_scene *scene, unsigned *random, unsigned density,
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
				wait = lock_scene_waits(scene, a + 1, a + 1, -1);
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
		struct lock_scene scene = { 0 };

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
		lock_scene_end(&scene);
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
	test_ours();
	test_hidden_replay();
	test_modes();
	test_queues();
	test_random();
	return tap_done();
}
