/* The lock corpus on a real server: who waits for whom, edge by edge. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cluster/scene.h"
#include "tests/tap/tap.h"

static void
test_queue(struct scene *scene)
{
	const struct lock_row *row;

	scene_holds(scene, "reader", "SELECT * FROM inv");
	scene_waits(scene, "alter", "ALTER TABLE inv ADD COLUMN note text");
	scene_waits(scene, "first", "SELECT * FROM inv");
	scene_waits(scene, "second", "SELECT * FROM inv");
	scene_settle(scene, "an idle reader, an ALTER TABLE, two SELECTs",
		"reader +3; "
		". alter < reader inv AccessExclusiveLock +2; "
		". . first < alter inv AccessShareLock; "
		". . second < alter inv AccessShareLock");
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

static void
test_rows(struct scene *scene)
{
	const struct lock_row *row;

	scene_holds(scene, "one", "UPDATE inv SET v = 'a' WHERE id = 1");
	scene_waits(scene, "two", "UPDATE inv SET v = 'b' WHERE id = 1");
	scene_waits(scene, "three", "UPDATE inv SET v = 'c' WHERE id = 1");
	scene_settle(scene, "a chain of row locks",
		"one +2; . two < one inv ShareLock +1; . . three < two inv "
		"ExclusiveLock");
	row = scene_row(scene, "two");
	tap_ok(row && strncmp(row->wait->object, "inv row (0,", 11) == 0,
		"the row of a transactionid wait: %s", row ? row->wait->object : "-");
	scene_clear(scene);

	scene_holds(scene, "x", "UPDATE inv SET v = 'a' WHERE id = 1");
	scene_holds(scene, "y", "SELECT * FROM inv WHERE id = 2 FOR UPDATE");
	scene_waits(scene, "wx", "DELETE FROM inv WHERE id = 1");
	scene_waits(scene, "wy", "SELECT * FROM inv WHERE id = 2 FOR SHARE");
	scene_waits(scene, "wz", "SELECT * FROM inv WHERE id = 2 FOR SHARE");
	scene_settle(scene, "several roots, the worst first",
		"y +2; . wy < y inv ShareLock; . wz < y inv ShareLock; "
		"x +1; . wx < x inv ShareLock");
	scene_clear(scene);

	scene_holds(scene, "insert", "INSERT INTO inv VALUES (1000, 'a')");
	scene_waits(scene, "same", "INSERT INTO inv VALUES (1000, 'b')");
	scene_settle(scene, "an insert of the same unique key",
		"insert +1; . same < insert inv ShareLock");
	row = scene_row(scene, "same");
	tap_ok(row && strstr(row->wait->object, "inv, transaction "),
		"its table and the transaction: %s", row ? row->wait->object : "-");
	scene_clear(scene);

	scene_holds(scene, "child", "INSERT INTO line VALUES (1, 1)");
	scene_waits(scene, "parent", "DELETE FROM inv WHERE id = 1");
	scene_settle(scene, "a foreign key's share lock",
		"child +1; . parent < child inv ShareLock");
	scene_clear(scene);
}

static void
test_others(struct scene *scene)
{
	const struct lock_row *row;

	scene_holds(
		scene, "big", "SELECT pg_advisory_lock(42), pg_advisory_lock(-7, 3)");
	scene_waits(scene, "key", "SELECT pg_advisory_lock(42)");
	scene_waits(scene, "pair", "SELECT pg_advisory_lock(-7, 3)");
	scene_settle(scene, "advisory locks",
		"big +2; . key < big advisory 42 ExclusiveLock; "
		". pair < big advisory (-7, 3) ExclusiveLock");
	scene_clear(scene);

	scene_open(scene, "held");
	cluster_run(scene->connections[0],
		"BEGIN; LOCK TABLE inv IN SHARE MODE; UPDATE line SET n = 2; "
		"PREPARE TRANSACTION 'a gid'");
	scene_waits(scene, "write", "UPDATE inv SET v = 'z' WHERE id = 3");
	scene_waits(scene, "line", "UPDATE line SET n = 3");
	scene_settle(scene, "a prepared transaction",
		"prepared +2; . write < prepared inv RowExclusiveLock; "
		". line < prepared line ShareLock");
	row = lock_forest_row(scene->watching->snapshot->locks, 0);
	tap_ok(row->prepared && strcmp(row->prepared->gid, "a gid") == 0 &&
			strcmp(row->prepared->owner, "postgres") == 0 &&
			strcmp(row->prepared->database, "billing") == 0,
		"it is named");
	tap_is_text(
		lock_node_kind_name(row->kind), "prepared", "and called what it is");
	scene_clear(scene);
	cluster_run(scene->control, "ROLLBACK PREPARED 'a gid'");

	scene_holds(scene, "share", "LOCK TABLE inv IN SHARE MODE");
	scene_holds(scene, "update", "LOCK TABLE line IN SHARE UPDATE EXCLUSIVE MODE");
	scene_waits(scene, "row", "LOCK TABLE inv IN ROW EXCLUSIVE MODE");
	scene_waits(scene, "excl", "LOCK TABLE line, inv IN EXCLUSIVE MODE");
	scene_settle(scene, "LOCK TABLE in several modes",
		"share +1; . row < share inv RowExclusiveLock; "
		"update +1; . excl < update line ExclusiveLock");
	scene_clear(scene);

	cluster_run(scene->control, "ALTER SYSTEM SET deadlock_timeout = '60s'");
	cluster_run(scene->control, "SELECT pg_reload_conf()");
	scene_holds(scene, "a", "LOCK TABLE inv");
	scene_holds(scene, "b", "LOCK TABLE line");
	cluster_send(scene->connections[0], "SELECT * FROM line");
	cluster_wait_blocked(scene->control, scene->connections[0]);
	cluster_send(scene->connections[1], "SELECT * FROM inv");
	cluster_wait_blocked(scene->control, scene->connections[1]);
	scene_settle(scene, "a deadlock before it is found",
		"a < b line AccessShareLock +1 cycle; . b < a inv AccessShareLock +1 "
		"cycle");
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
	scene_settle(scene, "a wait for a safe snapshot",
		"writer +1; . dump < writer a safe snapshot -");
	tap_is_text(lock_node_kind_name(scene_row(scene, "dump")->kind),
		"safe-snapshot", "called what it is");
	tap_ok(scene_row(scene, "dump")->wait->since_at_least,
		"since at least when we saw it");
	scene_clear(scene);
}

/* A role that sees nothing of other sessions still sees who waits for whom. */
static void
test_plain_role(struct scene *scene)
{
	struct watching *all = scene->watching, plain;
	const struct lock_row *row;

	watching_start(&plain, all->loop, "dbname=billing user=plain", NULL, NULL);
	scene->watching = &plain;
	watching_next(&plain, 1);
	scene_holds(scene, "reader", "SELECT * FROM inv");
	scene_waits(scene, "alter", "ALTER TABLE inv ADD COLUMN note text");
	scene_settle(scene, "a role without pg_monitor sees the same",
		"reader +1; . alter < reader inv AccessExclusiveLock");
	row = scene_row(scene, "alter");
	tap_ok(row && row->session && row->session->waiting &&
			row->session->state == SESSION_STATE_UNKNOWN,
		"its state is hidden, its waiting is not");
	tap_ok(!plain.snapshot->server.monitor, "the role is known to see less");
	watching_stop(&plain);
	scene->watching = all;
	scene_clear(scene);
}

/* Names as SQL would need them, and none of another database's. */
static void
test_names(struct scene *scene)
{
	PGconn *elsewhere;
	const struct lock_forest *forest;

	cluster_run(
		scene->control, "CREATE SCHEMA hidden; CREATE TABLE hidden.t (a int)");
	scene_holds(scene, "holder", "LOCK TABLE hidden.t");
	scene_waits(scene, "waiter", "SELECT * FROM hidden.t");
	scene_settle(scene, "a table that isn't on the search path",
		"holder +1; . waiter < holder hidden.t AccessShareLock");
	scene_clear(scene);

	elsewhere = cluster_connect(
		scene->cluster, CLUSTER_PRIMARY_PORT, "dbname=postgres");
	cluster_run(elsewhere, "CREATE TABLE there (a int)");
	cluster_run(elsewhere, "BEGIN; LOCK TABLE there");
	scene->connections[0] = cluster_connect(
		scene->cluster, CLUSTER_PRIMARY_PORT, "dbname=postgres");
	scene->names[scene->count++] =
		(struct watching_name){ "waiter", PQbackendPID(scene->connections[0]) };
	cluster_send(scene->connections[0], "SELECT * FROM there");
	tap_ok(cluster_wait_blocked(scene->control, scene->connections[0]),
		"a wait in another database");
	watching_next(scene->watching, 2);
	forest = scene->watching->snapshot->locks;
	tap_ok(lock_forest_rows(forest) == 2 &&
			strncmp(lock_forest_row(forest, 1)->wait->relation, "relation ",
				9) == 0,
		"one of another database: %s",
		lock_forest_rows(forest) == 2
			? lock_forest_row(forest, 1)->wait->relation
			: "-");
	PQfinish(elsewhere);
	scene_clear(scene);
}

static void
test_big_queue(struct scene *scene)
{
	enum { QUEUE = 100 };
	PGconn *queue[QUEUE];
	const struct lock_forest *forest;

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
	tap_is_int((int64_t)lock_forest_rows(forest), QUEUE + 1, "100 queued requests");
	tap_is_int(lock_forest_row(forest, QUEUE)->depth, QUEUE,
		"each behind the one before");
	tap_is_int(lock_forest_row(forest, QUEUE)->pid, PQbackendPID(queue[QUEUE - 1]),
		"in their order");
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
	struct watching watching;
	struct scene scene = { .cluster = cluster,
		.watching = &watching,
		.control = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL) };

	cluster_run(scene.control, "CREATE ROLE plain LOGIN; "
				   "CREATE TABLE inv (id int PRIMARY KEY, v text); "
				   "INSERT INTO inv SELECT i, 'v' FROM "
				   "generate_series(1, 100) i; "
				   "CREATE TABLE line (n int, inv int REFERENCES inv); "
				   "INSERT INTO line VALUES (1, 2)");
	watching_start(&watching, loop, "", NULL, NULL);
	watching_next(&watching, 1);
	test_queue(&scene);
	test_rows(&scene);
	test_others(&scene);
	test_snapshots(&scene);
	test_plain_role(&scene);
	test_names(&scene);
	test_big_queue(&scene);
	watching_stop(&watching);
	PQfinish(scene.control);
	tap_ok(loop_free(loop), "nothing is left behind");
	tap_ok(!cluster_log_has(cluster, "primary", "ERROR:"),
		"the server's log has no error");
	cluster_stop(cluster);
	return tap_done();
}
