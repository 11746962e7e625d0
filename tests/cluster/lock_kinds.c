/* Locks that others than clients hold and want: prepared transactions, autovacuum,
 * walsenders, a subscription's workers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cluster/scene.h"
#include "tests/tap/tap.h"

static void
test_prepared(struct scene *scene)
{
	scene_prepare(scene, "gid 1", "LOCK TABLE inv IN SHARE MODE");
	scene_prepare(scene, "gid 2", "LOCK TABLE inv IN SHARE MODE");
	scene_waits(scene, "write", "UPDATE inv SET v = 'z' WHERE id = 3");
	scene_settle(scene, "two prepared transactions",
		"prepared 'gid 1' has inv Share +1; "
		". write < prepared inv RowExclusive; "
		"prepared 'gid 2' has inv Share +1");
	char *behind = lock_row_behind(
		scene->watching->snapshot->locks, scene_row(scene, "write"), 0);
	tap_is_text(behind,
		"prepared transaction 'gid 1', prepared transaction 'gid 2'",
		"the waiter names both");
	free(behind);
	scene_clear(scene);
	scene_unprepare(scene, "gid 1");
	scene_unprepare(scene, "gid 2");
}

/* The one server process of a query's making; 0 after 20 seconds without. */
static int
process_pid(const struct scene *scene, const char *query)
{
	char sql[400];

	snprintf(sql, sizeof(sql), "SELECT EXISTS (%s)", query);
	if (!cluster_wait_for(scene->control, sql))
		return 0;
	return atoi(cluster_ask(scene->control, query));
}

/* A table that autovacuum has work in, for much longer than the test takes. */
static void
expect_autovacuum(struct scene *scene, const char *what, const char *want)
{
	cluster_set(scene->control, "autovacuum = on");
	scene_name(scene, "vacuum",
		process_pid(scene,
			"SELECT pid FROM pg_stat_activity WHERE backend_type "
			"= 'autovacuum worker' AND query LIKE "
			"'%public.slow%'"));
	scene_waits(scene, "alter", "ALTER TABLE slow ADD COLUMN note text");
	scene_settle(scene, what, want);
	scene_clear(scene);
	cluster_set(scene->control, "autovacuum = off");
	cluster_wait_for(scene->control,
		"SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = "
		"'autovacuum launcher'");
	cluster_run(scene->control,
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
		"backend_type = 'autovacuum worker'");
}

static void
test_autovacuum(struct scene *scene)
{
	static const char *const settings[] = { "autovacuum = off",
		"autovacuum_naptime = '1s'", "autovacuum_vacuum_cost_delay = '100ms'",
		"autovacuum_vacuum_cost_limit = 1", "deadlock_timeout = '60s'" };

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		cluster_set(scene->control, settings[i]);
	cluster_run(scene->control,
		"CREATE TABLE slow (a text) WITH (autovacuum_vacuum_threshold = 0, "
		"autovacuum_vacuum_scale_factor = 0)");
	cluster_run(scene->control, "INSERT INTO slow SELECT repeat('x', 1000) FROM "
				    "generate_series(1, 20000)");
	cluster_run(scene->control, "DELETE FROM slow WHERE ctid > '(2000,0)'");
	expect_autovacuum(scene, "autovacuum",
		"vacuum [autovacuum] has slow ShareUpdateExclusive +1; "
		". alter < vacuum slow AccessExclusive");

	/* The least that counts as old, and a transaction more. */
	cluster_run(scene->control, "DO 'BEGIN FOR i IN 1..100001 LOOP PERFORM "
				    "pg_current_xact_id(); COMMIT; END LOOP; END'");
	cluster_run(scene->control,
		"ALTER TABLE slow SET (autovacuum_freeze_max_age = 100000)");
	expect_autovacuum(scene, "autovacuum to prevent wraparound",
		"vacuum [autovacuum-wraparound] has slow ShareUpdateExclusive +1; "
		". alter < vacuum slow AccessExclusive");
}

static PGconn *
open_walsender(struct scene *scene)
{
	PGconn *connection = cluster_connect(scene->cluster, CLUSTER_PRIMARY_PORT,
		"replication=database application_name=slot");

	scene_name(scene, "slot", PQbackendPID(connection));
	scene->connections[scene->count - 1] = connection;
	return connection;
}

static void
test_walsender(struct scene *scene)
{
	static const char create[] =
		"CREATE_REPLICATION_SLOT slot TEMPORARY LOGICAL pgoutput";

	cluster_run(open_walsender(scene), create);
	scene_waits_alone(scene, "index", "CREATE INDEX CONCURRENTLY inv_v ON inv (v)");
	scene_settle(scene, "a walsender that exports its snapshot",
		"slot [walsender] has an open transaction +1; "
		". index < slot virtual transaction N Share");
	scene_clear(scene);
	cluster_run(scene->control, "DROP INDEX IF EXISTS inv_v");

	scene_holds(scene, "writer", "INSERT INTO inv VALUES (-1, 'w')");
	cluster_send(open_walsender(scene), create);
	cluster_wait_blocked(scene->control, scene->connections[1]);
	scene_settle(scene, "a slot that waits for transactions to end",
		"writer has transaction N +1; "
		". slot [walsender] < writer transaction N Share");
	scene_clear(scene);
}

/* From this database into another of the same server. */
static PGconn *
subscribe(struct scene *scene)
{
	bool parallel = PQserverVersion(scene->control) >= 160000;
	PGconn *there;
	char sql[400];

	cluster_run(scene->control, "CREATE DATABASE copy");
	cluster_run(scene->control, "CREATE TABLE item (id int PRIMARY KEY, n int)");
	cluster_run(scene->control, "CREATE PUBLICATION items FOR TABLE item");
	cluster_run(scene->control,
		"SELECT pg_create_logical_replication_slot('items', 'pgoutput')");
	there = cluster_connect(scene->cluster, CLUSTER_PRIMARY_PORT, "dbname=copy");
	cluster_run(there, "CREATE TABLE item (id int PRIMARY KEY, n int)");
	snprintf(sql, sizeof(sql),
		"CREATE SUBSCRIPTION items CONNECTION 'host=%s port=%d dbname=billing "
		"user=postgres' PUBLICATION items WITH (create_slot = false, "
		"copy_data = false%s)",
		cluster_host(scene->cluster), CLUSTER_PRIMARY_PORT,
		parallel ? ", streaming = parallel" : "");
	cluster_run(there, sql);
	cluster_run(scene->control, "INSERT INTO item VALUES (1, 1)");
	tap_ok(cluster_wait_for(there, "SELECT count(*) = 1 FROM item"),
		"a subscription gets its rows");
	return there;
}

static void
test_subscription(struct scene *scene)
{
	struct watching *here = scene->watching, *plain = scene->plain, there;
	PGconn *control = subscribe(scene);
	char want[320];

	watching_start(&there, here->loop, "dbname=copy", NULL, NULL);
	watching_next(&there, 1);
	scene->watching = &there;
	scene->plain = NULL; /* that one looks at another database */
	scene_name(scene, "apply",
		process_pid(scene, "SELECT pid FROM pg_stat_subscription WHERE pid IS "
				   "NOT NULL"));
	cluster_run(scene_open_in(scene, "holder", "copy"),
		"BEGIN; UPDATE item SET n = 2 WHERE id = 1");
	cluster_run(scene->control, "UPDATE item SET n = 3 WHERE id = 1");
	cluster_wait_for(scene->control,
		"SELECT EXISTS (SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) "
		"WHERE NOT granted AND backend_type LIKE 'logical replication%')");
	scene_settle(scene, "a subscription's worker behind a client",
		"holder has item, transaction N +1; "
		". apply [apply] < holder item, transaction N Share");
	scene_clear(scene);

	if (PQserverVersion(scene->control) < 160000) {
		tap_skip("PostgreSQL before 16 has no applytransaction locks");
	} else {
		PGconn *writer = scene_open(scene, "writer");

		/* More than fits is streamed before it is committed. */
		cluster_run(writer, "BEGIN; INSERT INTO item SELECT i, i FROM "
				    "generate_series(10, 20000) i");
		scene_name(scene, "worker",
			process_pid(scene,
				"SELECT pid FROM pg_locks WHERE NOT granted AND "
				"locktype = 'applytransaction'"));
		scene_name(scene, "apply",
			process_pid(scene, "SELECT pid FROM pg_stat_subscription WHERE "
					   "pid IS NOT NULL AND leader_pid IS NULL"));
		snprintf(want, sizeof(want),
			"apply [apply] has remote transaction N of subscription %s "
			"AccessExclusive +1; . worker [apply] < apply remote "
			"transaction N of subscription %s AccessShare",
			cluster_ask(control, "SELECT oid FROM pg_subscription"),
			cluster_ask(control, "SELECT oid FROM pg_subscription"));
		scene_settle(scene, "a transaction that is streamed to a worker", want);
		scene_clear(scene);
	}
	scene->watching = here;
	scene->plain = plain;
	watching_stop(&there);
	cluster_run(control, "ALTER SUBSCRIPTION items DISABLE");
	cluster_run(control, "ALTER SUBSCRIPTION items SET (slot_name = NONE)");
	cluster_run(control, "DROP SUBSCRIPTION items");
	PQfinish(control);
}

int
main(void)
{
	struct cluster *cluster = cluster_start();
	struct loop *loop = loop_new();
	struct scene scene = { .cluster = cluster };
	PGconn *before = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);

	cluster_run(before, "ALTER SYSTEM SET wal_level = logical");
	cluster_run(before, "ALTER SYSTEM SET logical_decoding_work_mem = '64kB'");
	PQfinish(before);
	cluster_do(cluster, "restart", "primary");
	scene.control = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);
	cluster_run(scene.control, "CREATE ROLE plain LOGIN; "
				   "CREATE TABLE inv (id int PRIMARY KEY, v text); "
				   "INSERT INTO inv SELECT i, 'v' FROM "
				   "generate_series(1, 10) i");
	scene_watch(&scene, loop);
	test_prepared(&scene);
	test_walsender(&scene);
	test_subscription(&scene);
	test_autovacuum(&scene);
	scene_end(&scene);
	tap_ok(loop_free(loop), "nothing is left behind");
	tap_is_int(cluster_log_errors(cluster, "pgrunbook"), 0,
		"no error of the console's is in the logs");
	cluster_stop(cluster);
	return tap_done();
}
