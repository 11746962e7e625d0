/* The lock corpus on a real server: who waits for whom, edge by edge. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cluster/scene.h"
#include "tests/tap/tap.h"

/* 1 and 2 of the corpus, 4, 7 and 13. */
static void
test_rows(struct scene *scene)
{
	scene_holds(scene, "one", "UPDATE inv SET v = 'a' WHERE id = 1");
	scene_waits(scene, "two", "UPDATE inv SET v = 'b' WHERE id = 1");
	scene_settle(scene, "1: a row lock",
		"one has inv row (0,1) +1; . two < one inv row (0,1) Share");
	scene_waits(scene, "three", "UPDATE inv SET v = 'c' WHERE id = 1");
	scene_settle(scene, "2: a chain of three",
		"one has inv row (0,1) +2; "
		". two < one inv row (0,1) Share has inv row (0,1) Exclusive +1; "
		". . three < two inv row (0,1) Exclusive");
	scene_clear(scene);

	scene_holds(scene, "x", "UPDATE inv SET v = 'a' WHERE id = 1");
	scene_holds(scene, "y", "SELECT * FROM inv WHERE id = 2 FOR UPDATE");
	scene_waits(scene, "wx", "DELETE FROM inv WHERE id = 1");
	scene_waits(scene, "wy", "SELECT * FROM inv WHERE id = 2 FOR SHARE");
	scene_waits(scene, "wz", "SELECT * FROM inv WHERE id = 2 FOR SHARE");
	scene_settle(scene, "4: several roots, the worst first",
		"y has inv row (0,2) +2; . wy < y inv row (0,2) Share; "
		". wz < y inv row (0,2) Share; "
		"x has inv row (0,1) +1; . wx < x inv row (0,1) Share");
	scene_clear(scene);

	scene_holds(scene, "insert", "INSERT INTO inv VALUES (1000, 'a')");
	scene_waits(scene, "same", "INSERT INTO inv VALUES (1000, 'b')");
	scene_settle(scene, "7: an insert of the same unique key",
		"insert has inv, transaction N +1; "
		". same < insert inv, transaction N Share");
	scene_clear(scene);

	scene_holds(scene, "insert", "INSERT INTO inv VALUES (1001, 'a')");
	scene_waits(scene, "same",
		"SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; "
		"SET LOCAL enable_seqscan = off; SELECT FROM inv WHERE id = 2; "
		"INSERT INTO inv VALUES (1001, 'b')");
	scene_settle(scene, "7: a row that was read is not the one waited for",
		"insert has inv, transaction N +1; "
		". same < insert inv, transaction N Share");
	scene_clear(scene);

	scene_holds(scene, "child", "INSERT INTO line VALUES (1, 1)");
	scene_waits(scene, "parent", "DELETE FROM inv WHERE id = 1");
	scene_settle(scene, "13: a foreign key's share lock",
		"child has inv row (0,1) +1; . parent < child inv row (0,1) Share");
	scene_clear(scene);
}

static void
test_queue(struct scene *scene)
{
	const struct lock_row *row;

	scene_holds(scene, "reader", "SELECT * FROM inv");
	scene_waits(scene, "alter", "ALTER TABLE inv ADD COLUMN note text");
	scene_waits(scene, "first", "SELECT * FROM inv");
	scene_waits(scene, "second", "SELECT * FROM inv");
	scene_settle(scene, "3: an idle reader, an ALTER TABLE, two SELECTs",
		"reader has inv AccessShare +3; "
		". alter < reader inv AccessExclusive +2; "
		". . first < alter inv AccessShare; "
		". . second < alter inv AccessShare");
	row = scene_row(scene, "alter");
	tap_ok(row && row->wait && row->wait->since_us > 0,
		"it is known since when it waits");
	if (PQserverVersion(scene->control) < 140000)
		tap_skip("PostgreSQL 13 has no pg_locks.waitstart");
	else
		tap_ok(row && row->wait && !row->wait->since_at_least,
			"because the server says so");
	tap_ok(row && row->session && row->session->waiting &&
			row->backend_start_us == row->session->backend_start_us,
		"its session is known, and waits");
	tap_is_int((int64_t)lock_forest_waiting(scene->watching->snapshot->locks), 3,
		"three wait");
	row = scene_row(scene, "reader");
	tap_ok(row && row->session->state == SESSION_IDLE_IN_TRANSACTION &&
			!row->session->waiting,
		"the root is idle in a transaction");
	scene_clear(scene);
}

/* What is to happen, and what does when the holder is ended. */
static void
test_release(struct scene *scene)
{
	struct watching_outcome outcome;
	struct pg_end_target target;
	const struct lock_row *row;
	struct lock_release release;

	scene_holds(scene, "reader", "SELECT * FROM inv");
	scene_waits(scene, "alter", "ALTER TABLE inv ADD COLUMN note text");
	scene_waits(scene, "select", "SELECT * FROM inv");
	watching_next(scene->watching, 2);
	row = scene_row(scene, "alter");
	release = lock_forest_release(
		scene->watching->snapshot->locks, 1, LOCK_END_CANCEL);
	tap_ok(row && release.at_once == 1 && release.later + release.still == 0,
		"to cancel the ALTER TABLE would let the SELECT pass");
	target = (struct pg_end_target){ .pid = row ? row->pid : 0,
		.backend_start_us = row ? row->backend_start_us : 0 };
	watching_end(scene->watching, PG_END_CANCEL, &target, &outcome);
	tap_is_text(cluster_finish(scene->connections[1]), "57014", "it is cancelled");
	tap_is_text(cluster_finish(scene->connections[2]), "", "and the SELECT passes");
	scene_settle(scene, "nobody waits any more", "");
	scene_clear(scene);
}

static void
test_advisory(struct scene *scene)
{
	scene_holds(
		scene, "big", "SELECT pg_advisory_lock(42), pg_advisory_lock(-7, 3)");
	scene_waits(scene, "key", "SELECT pg_advisory_lock(42)");
	scene_waits(scene, "pair", "SELECT pg_advisory_lock(-7, 3)");
	scene_waits(scene, "shared", "SELECT pg_advisory_xact_lock_shared(42)");
	scene_settle(scene, "5: advisory locks, by both of their spellings",
		"big has advisory (-7, 3) Exclusive, advisory 42 Exclusive +3; "
		". key < big advisory 42 Exclusive +1; "
		". . shared < key advisory 42 Share; "
		". pair < big advisory (-7, 3) Exclusive");
	scene_clear(scene);
}

static void
test_prepared(struct scene *scene)
{
	const struct lock_row *row;

	scene_prepare(
		scene, "a gid", "LOCK TABLE inv IN SHARE MODE; UPDATE line SET n = 2");
	scene_waits(scene, "write", "UPDATE inv SET v = 'z' WHERE id = 3");
	scene_waits(scene, "line", "UPDATE line SET n = 3");
	scene_settle(scene, "6: a prepared transaction",
		"prepared 'a gid' has inv Share, line row (0,1) +2; "
		". write < prepared inv RowExclusive; "
		". line < prepared line row (0,1) Share");
	row = lock_forest_row(scene->watching->snapshot->locks, 0);
	tap_ok(row->prepared && strcmp(row->prepared->owner, "postgres") == 0 &&
			strcmp(row->prepared->database, "billing") == 0,
		"it is named");
	tap_is_text(
		lock_node_kind_name(row->kind), "prepared", "and called what it is");
	scene_clear(scene);
	scene_unprepare(scene, "a gid");
}

static void
test_modes(struct scene *scene)
{
	scene_holds(scene, "share", "LOCK TABLE inv IN SHARE MODE");
	scene_holds(scene, "update", "LOCK TABLE line IN SHARE UPDATE EXCLUSIVE MODE");
	scene_waits(scene, "row", "LOCK TABLE inv IN ROW EXCLUSIVE MODE");
	scene_waits(scene, "excl", "LOCK TABLE line, inv IN EXCLUSIVE MODE");
	scene_settle(scene, "14: LOCK TABLE in several modes",
		"share has inv Share +1; . row < share inv RowExclusive; "
		"update has line ShareUpdateExclusive +1; "
		". excl < update line Exclusive");
	scene_clear(scene);

	scene_holds(scene, "r1", "LOCK TABLE inv IN ROW SHARE MODE");
	scene_holds(scene, "r2", "LOCK TABLE inv IN ACCESS SHARE MODE");
	scene_waits(scene, "excl", "LOCK TABLE inv IN EXCLUSIVE MODE");
	scene_waits(scene, "both", "LOCK TABLE inv IN ACCESS EXCLUSIVE MODE");
	scene_settle(scene, "14: a waiter with two blockers, one of them in the queue",
		"r1 has inv RowShare +2; . excl < r1 inv Exclusive +1; "
		". . both < r2 excl inv AccessExclusive; r2 has inv AccessShare +1");
	scene_clear(scene);
}

static void
test_deadlock(struct scene *scene)
{
	cluster_set(scene->control, "deadlock_timeout = '60s'");
	scene_holds(scene, "a", "LOCK TABLE inv");
	scene_holds(scene, "b", "LOCK TABLE line");
	cluster_send(scene->connections[0], "SELECT * FROM line");
	cluster_wait_blocked(scene->control, scene->connections[0]);
	cluster_send(scene->connections[1], "SELECT * FROM inv");
	cluster_wait_blocked(scene->control, scene->connections[1]);
	scene_settle(scene, "12: a deadlock before it is found",
		"a < b line AccessShare has inv AccessExclusive +1 cycle; "
		". b < a inv AccessShare has line AccessExclusive +1 cycle");
	scene_clear(scene);
}

static void
test_snapshots(struct scene *scene)
{
	scene_open(scene, "writer");
	cluster_run(scene->connections[0], "BEGIN ISOLATION LEVEL SERIALIZABLE; UPDATE "
					   "inv SET v = 's' WHERE id = 5");
	scene_open(scene, "dump");
	cluster_run(scene->connections[1],
		"BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE");
	cluster_send(scene->connections[1], "SELECT * FROM inv");
	cluster_wait_for(scene->control, "SELECT EXISTS (SELECT FROM pg_stat_activity "
					 "WHERE wait_event = 'SafeSnapshot')");
	scene_settle(scene, "9: a wait for a safe snapshot",
		"writer has a serializable transaction +1; "
		". dump [safe-snapshot] < writer a safe snapshot");
	tap_ok(scene_row(scene, "dump")->wait->since_at_least,
		"since at least when we saw it");
	scene_clear(scene);
}

/* 16: what a role that sees nothing of other sessions is told instead. */
static void
test_plain_role(struct scene *scene)
{
	struct watching *all = scene->watching;
	const struct lock_row *row;

	scene_holds(scene, "reader", "SELECT * FROM inv");
	scene_waits(scene, "alter", "ALTER TABLE inv ADD COLUMN note text");
	scene_settle(scene, "16: a role without pg_monitor sees the same",
		"reader has inv AccessShare +1; . alter < reader inv AccessExclusive");
	scene->watching = scene->plain;
	row = scene_row(scene, "alter");
	tap_ok(row && row->session && row->session->waiting &&
			row->session->state == SESSION_STATE_UNKNOWN,
		"its state is hidden, its waiting is not");
	row = scene_row(scene, "reader");
	tap_ok(row && strstr(lock_row_remedy(row), "needs pg_monitor"),
		"what is hidden says so: %s", row ? lock_row_remedy(row) : "-");
	tap_ok(!scene->plain->snapshot->server.monitor,
		"the role is known to see less");
	scene->watching = all;
	scene_clear(scene);
}

/* Names as SQL would need them. */
static void
test_names(struct scene *scene)
{
	cluster_run(
		scene->control, "CREATE SCHEMA hidden; CREATE TABLE hidden.t (a int)");
	scene_holds(scene, "holder", "LOCK TABLE hidden.t");
	scene_waits(scene, "waiter", "SELECT * FROM hidden.t");
	scene_settle(scene, "a table that isn't on the search path",
		"holder has hidden.t AccessExclusive +1; "
		". waiter < holder hidden.t AccessShare");
	scene_clear(scene);

	scene_holds(scene, "drop", "DROP SCHEMA hidden CASCADE");
	scene_waits(scene, "create", "CREATE TABLE hidden.u (a int)");
	scene_settle(scene, "a schema that is about to go",
		"drop has schema hidden AccessExclusive +1; "
		". create < drop schema hidden AccessShare");
	scene_clear(scene);
}

/* Another database's catalog can't be read: its name, and the number. */
static void
test_elsewhere(struct scene *scene)
{
	PGconn *holder = scene_open_in(scene, "holder", "postgres");
	char number[16], want[320];

	cluster_run(holder, "CREATE TABLE there (a int)");
	cluster_run(holder, "BEGIN; LOCK TABLE there; SELECT pg_advisory_lock(9)");
	snprintf(number, sizeof(number), "%s",
		cluster_ask(holder, "SELECT 'there'::regclass::oid"));
	cluster_send(scene_open_in(scene, "reader", "postgres"), "SELECT * FROM there");
	cluster_wait_blocked(scene->control, scene->connections[1]);
	cluster_send(
		scene_open_in(scene, "key", "postgres"), "SELECT pg_advisory_lock(9)");
	cluster_wait_blocked(scene->control, scene->connections[2]);
	snprintf(want, sizeof(want),
		"holder has advisory 9 of database postgres Exclusive, "
		"relation %s of database postgres AccessExclusive +2; "
		". reader < holder relation %s of database postgres AccessShare; "
		". key < holder advisory 9 of database postgres Exclusive",
		number, number);
	scene_settle(scene, "waits in another database", want);
	scene_clear(scene);
}

/* Whether a row is that of one in the queue, behind `blocker` alone. */
static bool
is_queued(const struct lock_row *row, int pid, int blocker, int depth)
{
	return row->pid == pid && row->depth == depth && row->waits_for_count == 1 &&
	       row->waits_for[0] == blocker && strcmp(row->wait->object, "inv") == 0 &&
	       strcmp(row->wait->mode, "AccessExclusiveLock") == 0;
}

static void
test_big_queue(struct scene *scene)
{
	enum { QUEUE = 100 };
	PGconn *queue[QUEUE];
	const struct lock_forest *forest;
	struct lock_release release;
	int right = 0;

	scene_holds(scene, "reader", "SELECT * FROM inv");
	for (int i = 0; i < QUEUE; i++) {
		queue[i] = cluster_connect(
			scene->cluster, CLUSTER_PRIMARY_PORT, "application_name=queue");
		cluster_send(queue[i], "BEGIN; LOCK TABLE inv");
		if (!cluster_wait_blocked(scene->control, queue[i]))
			tap_ok(false, "request %d does not wait", i);
	}
	watching_next(scene->watching, 2);
	forest = scene->watching->snapshot->locks;
	if (tap_is_int((int64_t)lock_forest_rows(forest), QUEUE + 1,
		    "11: 100 queued ACCESS EXCLUSIVE requests")) {
		for (int i = 0; i < QUEUE; i++)
			right += is_queued(lock_forest_row(forest, (size_t)i + 1),
				PQbackendPID(queue[i]),
				i ? PQbackendPID(queue[i - 1]) : scene->names[0].pid,
				i + 1);
		release = lock_forest_release(forest, 0, LOCK_END_TERMINATE);
		tap_ok(release.at_once == 1 && release.later == QUEUE - 1,
			"of which one would go on at once");
	}
	tap_is_int(right, QUEUE, "11: each under the one before, in their order");
	cluster_run(scene->control,
		"SELECT pg_terminate_backend(pid) FROM "
		"pg_stat_activity WHERE application_name = 'queue'");
	for (int i = 0; i < QUEUE; i++)
		PQfinish(queue[i]);
	scene_clear(scene);
}

int
main(void)
{
	struct cluster *cluster = cluster_start();
	struct loop *loop = loop_new();
	struct scene scene = { .cluster = cluster,
		.control = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL) };

	cluster_run(scene.control, "CREATE ROLE plain LOGIN; "
				   "CREATE TABLE inv (id int PRIMARY KEY, v text); "
				   "INSERT INTO inv SELECT i, 'v' FROM "
				   "generate_series(1, 100) i; "
				   "CREATE TABLE line (n int, inv int REFERENCES inv); "
				   "INSERT INTO line VALUES (1, 2)");
	scene_watch(&scene, loop);
	test_rows(&scene);
	test_queue(&scene);
	test_release(&scene);
	test_advisory(&scene);
	test_prepared(&scene);
	test_modes(&scene);
	test_deadlock(&scene);
	test_snapshots(&scene);
	test_plain_role(&scene);
	test_names(&scene);
	test_elsewhere(&scene);
	test_big_queue(&scene);
	scene_end(&scene);
	tap_ok(loop_free(loop), "nothing is left behind");
	tap_is_int(cluster_log_errors(cluster, "pgrunbook"), 0,
		"no error of the console's is in the logs");
	cluster_stop(cluster);
	return tap_done();
}
