/* The part of the lock corpus that needs more than sessions of one primary, or more
 * than one process to a session; the rest is in locks.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cluster/scene.h"
#include "tests/tap/tap.h"

static void
expect_virtual(struct scene *scene, const char *blocker, const char *what)
{
	char sql[160], want[160];

	snprintf(sql, sizeof(sql),
		"SELECT virtualxid FROM pg_locks WHERE locktype = 'virtualxid' AND "
		"granted AND pid = %d",
		PQbackendPID(scene->connections[0]));
	snprintf(want, sizeof(want),
		"%s +1; . index < %s virtual transaction %s ShareLock", blocker,
		blocker, cluster_ask(scene->control, sql));
	/* watching_forest prints the object where there is no relation. */
	scene_settle(scene, what, want);
}

/* It waits for transactions, not for a lock of theirs. */
static void
test_concurrent_index(struct scene *scene)
{
	static const char create[] = "CREATE INDEX CONCURRENTLY line_n ON line (n)";

	scene_holds(scene, "writer", "INSERT INTO line VALUES (7)");
	cluster_send(scene_open(scene, "index"), create);
	cluster_wait_blocked(scene->control, scene->connections[1]);
	expect_virtual(scene, "writer", "CREATE INDEX CONCURRENTLY behind a writer");
	scene_clear(scene);
	cluster_run(scene->control, "DROP INDEX IF EXISTS line_n");

	scene_open(scene, "snapshot");
	cluster_run(scene->connections[0],
		"BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM inv");
	cluster_send(scene_open(scene, "index"), create);
	cluster_wait_blocked(scene->control, scene->connections[1]);
	expect_virtual(scene, "snapshot", "and behind a snapshot of another table");
	scene_clear(scene);
	cluster_run(scene->control, "DROP INDEX IF EXISTS line_n");
}

/* The workers wait, the leader waits for them. */
static void
test_parallel(struct scene *scene)
{
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
	scene_settle(scene, "which is their leader's wait",
		"holder +1; . leader < holder inv AccessShareLock");
	tap_is_int((int64_t)lock_forest_waiting(scene->watching->snapshot->locks), 1,
		"one session waits");
	scene_waits(scene, "alter", "ALTER TABLE many ADD COLUMN note text");
	scene_settle(scene, "and who waits for its own locks, waits for it",
		"holder +2; . leader < holder inv AccessShareLock +1; "
		". . alter < leader many AccessExclusiveLock");
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

/* As a role that sees nothing of others, too. */
static void
expect_as(struct scene *standby, const char *user, const char *what, const char *want)
{
	struct watching *all = standby->watching, other;
	char conninfo[64];

	snprintf(conninfo, sizeof(conninfo), "port=5433 user=%s", user);
	watching_start(&other, all->loop, conninfo, NULL, NULL);
	watching_next(&other, 1);
	standby->watching = &other;
	scene_settle(standby, what, want);
	standby->watching = all;
	watching_stop(&other);
}

/* Replay holds a lock that readers want, then wants one that a reader holds. */
static void
test_replay(struct scene *primary, struct scene *standby)
{
	static const char behind[] =
		"reader +2; . replay < reader inv AccessExclusiveLock +1; "
		". . late < replay inv AccessShareLock";
	const struct lock_row *row;

	lock_on_primary(primary);
	scene_name(standby, "replay", startup_pid(standby));
	cluster_wait_for(standby->control,
		"SELECT EXISTS (SELECT FROM pg_locks WHERE granted AND mode = "
		"'AccessExclusiveLock' AND relation = 'inv'::regclass)");
	scene_waits(standby, "early", "SELECT * FROM inv");
	scene_settle(standby, "a reader behind a lock that was replayed",
		"replay +1; . early < replay inv AccessShareLock");
	row = scene_row(standby, "replay");
	tap_ok(row && row->kind == LOCK_NODE_STARTUP, "by the startup process");
	tap_diag("%s", row ? lock_row_remedy(row) : "-");
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
	scene_settle(standby, "replay behind a reader, and a reader behind it", behind);
	row = scene_row(standby, "replay");
	tap_ok(row && row->kind == LOCK_NODE_STARTUP, "it is the startup process");
	expect_as(standby, "plain", "the same as a role without rights", behind);
	scene_clear(primary);
	scene_clear(standby);
}

int
main(void)
{
	struct cluster *cluster = cluster_start();
	struct loop *loop = loop_new();
	struct watching watching, replica;
	struct scene primary = { .cluster = cluster,
		.watching = &watching,
		.control = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL) };
	struct scene standby = { .cluster = cluster,
		.watching = &replica,
		.port = CLUSTER_STANDBY_PORT,
		.control = cluster_connect(cluster, CLUSTER_STANDBY_PORT, NULL) };

	cluster_run(primary.control,
		"CREATE ROLE plain LOGIN; CREATE TABLE inv (id int); "
		"CREATE TABLE line (n int); CREATE TABLE many (n int); "
		"INSERT INTO many SELECT generate_series(1, 10000); "
		"CREATE FUNCTION peek(int) RETURNS int LANGUAGE plpgsql PARALLEL SAFE "
		"AS 'BEGIN PERFORM FROM inv; RETURN $1; END'; "
		"GRANT SELECT ON inv TO PUBLIC");
	cluster_run(
		standby.control, "ALTER SYSTEM SET max_standby_streaming_delay = -1");
	cluster_run(standby.control, "SELECT pg_reload_conf()");
	cluster_wait_for(standby.control, "SELECT to_regclass('inv') IS NOT NULL");
	watching_start(&watching, loop, "", NULL, NULL);
	watching_start(&replica, loop, "port=5433", NULL, NULL);
	watching_next(&watching, 1);
	watching_next(&replica, 1);
	test_concurrent_index(&primary);
	test_parallel(&primary);
	test_replay(&primary, &standby);
	watching_stop(&watching);
	watching_stop(&replica);
	PQfinish(primary.control);
	PQfinish(standby.control);
	tap_ok(loop_free(loop), "nothing is left behind");
	tap_is_int(cluster_log_errors(cluster, "pgrunbook"), 0,
		"no error of the console's is in the logs");
	cluster_stop(cluster);
	return tap_done();
}
