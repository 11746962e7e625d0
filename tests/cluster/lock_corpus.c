/* The part of the lock corpus that needs more than sessions of one primary, or more
 * than one process to a session; the rest is in locks.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cluster/scene.h"
#include "tests/tap/tap.h"

/* It waits for transactions, not for a lock of theirs. */
static void
test_concurrent_index(struct scene *scene)
{
	static const char create[] = "CREATE INDEX CONCURRENTLY line_n ON line (n)";

	scene_holds(scene, "writer", "INSERT INTO line VALUES (7)");
	scene_waits_alone(scene, "index", create);
	scene_settle(scene, "8: CREATE INDEX CONCURRENTLY behind a writer",
		"writer has an open transaction +1; "
		". index < writer virtual transaction N Share");
	scene_clear(scene);
	cluster_run(scene->control, "DROP INDEX IF EXISTS line_n");

	scene_open(scene, "snapshot");
	cluster_run(scene->connections[0],
		"BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM inv");
	scene_waits_alone(scene, "index", create);
	scene_settle(scene, "8: and behind an old snapshot of another table",
		"snapshot has an open transaction +1; "
		". index < snapshot virtual transaction N Share");
	scene_clear(scene);
	cluster_run(scene->control, "DROP INDEX IF EXISTS line_n");

	scene_prepare(scene, "writer", "INSERT INTO line VALUES (8)");
	scene_waits_alone(scene, "index", create);
	scene_settle(scene, "8: and behind a prepared transaction",
		"prepared 'writer' has transaction N +1; "
		". index < prepared transaction N Share");
	scene_clear(scene);
	scene_unprepare(scene, "writer");
	cluster_run(scene->control, "DROP INDEX IF EXISTS line_n");
}

/* The workers wait, the leader waits for them. */
static void
test_parallel(struct scene *scene)
{
	struct watching *plain = scene->plain;
	PGconn *leader;

	scene_holds(scene, "holder", "LOCK TABLE inv");
	leader = scene_open(scene, "leader");
	cluster_run(leader, "SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;"
			    "SET min_parallel_table_scan_size = 0;"
			    "SET max_parallel_workers_per_gather = 2;"
			    "SET parallel_leader_participation = off");
	cluster_send(leader, "SELECT sum(peek(n)) FROM many");
	tap_ok(cluster_wait_for(scene->control,
		       "SELECT count(*) = 2 FROM pg_locks JOIN pg_stat_activity USING "
		       "(pid) WHERE NOT granted AND backend_type = 'parallel worker'"),
		"two parallel workers wait");
	/* Whose worker it is, is hidden too. */
	scene->plain = NULL;
	scene_settle(scene, "15: parallel workers of a blocked leader",
		"holder has inv AccessExclusive +1; "
		". leader [parallel] < holder inv AccessShare and inv AccessShare");
	tap_is_int((int64_t)lock_forest_waiting(scene->watching->snapshot->locks), 1,
		"one session waits");
	scene_waits(scene, "alter", "ALTER TABLE many ADD COLUMN note text");
	scene_settle(scene, "15: and who waits for its own locks, waits for it",
		"holder has inv AccessExclusive +2; "
		". leader [parallel] < holder inv AccessShare and inv AccessShare "
		"has many AccessShare +1; "
		". . alter < leader many AccessExclusive");
	scene->plain = plain;
	scene_clear(scene);
}

static int
startup_pid(const struct scene *standby)
{
	return atoi(cluster_ask(standby->control,
		"SELECT pid FROM pg_stat_activity WHERE backend_type = 'startup'"));
}

static bool
startup_waits(const struct scene *standby)
{
	return cluster_wait_for(standby->control,
		"SELECT EXISTS (SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) "
		"WHERE NOT granted AND backend_type = 'startup')");
}

/* A commit of somebody else's sends the lock on its way to the standby. */
static void
lock_on_primary(struct scene *primary)
{
	scene_holds(primary, "ddl", "LOCK TABLE inv");
	cluster_run(primary->control, "INSERT INTO line VALUES (0)");
}

/* Replay holds a lock that readers want, then wants one that a reader holds. */
static void
test_replay(struct scene *primary, struct scene *standby)
{
	struct watching *all = standby->watching;
	const struct lock_row *row;

	lock_on_primary(primary);
	scene_name(standby, "replay", startup_pid(standby));
	cluster_wait_for(standby->control,
		"SELECT EXISTS (SELECT FROM pg_locks WHERE granted AND mode = "
		"'AccessExclusiveLock' AND relation = 'inv'::regclass)");
	scene_waits(standby, "early", "SELECT * FROM inv");
	scene_settle(standby, "10: a reader behind a lock that was replayed",
		"replay [startup] has inv AccessExclusive +1; "
		". early < replay inv AccessShare");
	row = scene_row(standby, "replay");
	tap_ok(row && strstr(lock_row_remedy(row), "can't be ended"),
		"by the startup process");
	cluster_run(primary->connections[0], "COMMIT");
	tap_is_text(cluster_finish(standby->connections[1]), "",
		"it goes on when the transaction has ended");
	scene_clear(primary);
	scene_clear(standby);

	scene_holds(standby, "reader", "SELECT * FROM inv");
	scene_name(standby, "replay", startup_pid(standby));
	lock_on_primary(primary);
	tap_ok(startup_waits(standby), "replay waits for a reader");
	scene_waits(standby, "late", "SELECT * FROM inv");
	scene_settle(standby, "10: replay behind a reader, and a reader behind it",
		"reader has inv AccessShare +2; "
		". replay [startup] < reader inv AccessExclusive +1; "
		". . late < replay inv AccessShare");
	standby->watching = standby->plain;
	row = scene_row(standby, "replay");
	tap_ok(row && row->kind == LOCK_NODE_STARTUP,
		"a role without rights knows replay by what it does");
	standby->watching = all;
	scene_clear(primary);
	scene_clear(standby);
}

int
main(void)
{
	struct cluster *cluster = cluster_start();
	struct loop *loop = loop_new();
	struct scene primary = { .cluster = cluster,
		.control = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL) };
	struct scene standby = { .cluster = cluster,
		.port = CLUSTER_STANDBY_PORT,
		.control = cluster_connect(cluster, CLUSTER_STANDBY_PORT, NULL) };

	cluster_run(primary.control,
		"CREATE ROLE plain LOGIN; CREATE TABLE inv (id int); "
		"CREATE TABLE line (n int); CREATE TABLE many (n int); "
		"INSERT INTO many SELECT generate_series(1, 10000); "
		"CREATE FUNCTION peek(int) RETURNS int LANGUAGE plpgsql PARALLEL SAFE "
		"AS 'BEGIN PERFORM FROM inv; RETURN $1; END'; "
		"GRANT SELECT ON inv TO PUBLIC");
	cluster_set(standby.control, "max_standby_streaming_delay = -1");
	cluster_wait_for(standby.control, "SELECT to_regclass('inv') IS NOT NULL");
	scene_watch(&primary, loop);
	scene_watch(&standby, loop);
	test_concurrent_index(&primary);
	test_parallel(&primary);
	test_replay(&primary, &standby);
	scene_end(&primary);
	scene_end(&standby);
	tap_ok(loop_free(loop), "nothing is left behind");
	tap_is_int(cluster_log_errors(cluster, "pgrunbook"), 0,
		"no error of the console's is in the logs");
	cluster_stop(cluster);
	return tap_done();
}
