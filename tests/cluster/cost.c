/* What watching costs the server: round trips, and how often there are any. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/cluster/watching.h"
#include "tests/tap/tap.h"

static PGconn *control;

/* By the log of the server, which writes a line for each message that has statements.
 */
static void
test_round_trips(struct loop *loop, const struct cluster *cluster)
{
	enum { SNAPSHOTS = 10 };
	struct watching watching;
	PGconn *holder = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);
	PGconn *waiter = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);

	/* Both things that need the second trip: a version table, an insert that waits.
	 */
	cluster_run(control, "CREATE ROLE counted LOGIN SUPERUSER; "
			     "ALTER ROLE counted SET log_statement = 'all'; "
			     "CREATE TABLE t (id int PRIMARY KEY); "
			     "CREATE TABLE alembic_version (version_num varchar(32)); "
			     "INSERT INTO alembic_version VALUES ('a')");
	cluster_run(holder, "BEGIN; INSERT INTO t VALUES (1)");
	cluster_send(waiter, "INSERT INTO t VALUES (1)");
	cluster_wait_blocked(control, waiter);
	watching_start(&watching, loop, "user=counted", NULL, NULL);
	tap_ok(watching_next(&watching, SNAPSHOTS), "%d snapshots", SNAPSHOTS);
	tap_is_int((int64_t)lock_forest_rows(watching.snapshot->locks), 2,
		"with the insert that waits");
	tap_is_int((int64_t)watching.snapshot->version.rows.count, 1,
		"and the version table's row");
	tap_is_text(cluster_ask(control, "SELECT count(*) FROM pg_stat_activity "
					 "WHERE usename = 'counted'"),
		"1", "on one connection");
	int snapshots = watching.snapshots;
	watching_stop(&watching);
	int trips =
		cluster_log_count(cluster, "primary", " pgrunbook LOG:  statement: ");
	/* Beside those of the snapshots: to begin with, and of a poll that was left. */
	tap_ok(trips >= 2 * snapshots && trips <= 1 + 2 * snapshots + 2,
		"%d round trips for %d snapshots: two each", trips, snapshots);
	tap_is_int(cluster_log_count(cluster, "primary", " pgrunbook LOG:  execute "),
		0, "none by another way");
	cluster_run(holder, "ROLLBACK");
	cluster_finish(waiter);
	PQfinish(waiter);
	PQfinish(holder);
}

static bool
is_complete(const struct snapshot *snapshot, const void *context)
{
	(void)context;
	return snapshot->left_out == 0;
}

/* By the log again. */
static void
test_left_out(struct loop *loop, const struct cluster *cluster)
{
	static const char asked[] = "pg_stat_get_progress_info";
	struct watching watching;

	watching_start(&watching, loop, "user=counted", NULL, NULL);
	pg_watch_leave_out(watching.watch, SNAPSHOT_PROGRESS);
	watching_next(&watching, 3);
	tap_is_int((int64_t)watching.snapshot->left_out, SNAPSHOT_PROGRESS,
		"the snapshot says what is not in it");
	int before = cluster_log_count(cluster, "primary", asked);
	pg_watch_set_interval(watching.watch, INT64_C(3600) * 1000 * 1000);
	pg_watch_leave_out(watching.watch, 0);
	tap_ok(watching_await(&watching, is_complete, NULL),
		"what is opened is read at once, not after an hour");
	tap_is_int(cluster_log_count(cluster, "primary", asked) - before, 1,
		"and wasn't before");
	watching_stop(&watching);
}

static bool
is_slow(const struct snapshot *snapshot, const void *context)
{
	return snapshot->slow == *(const bool *)context;
}

/* The server takes the time that a table says for one of the functions of a poll: one
 * of a superuser's stands in its place. */
static void
test_slow(struct loop *loop)
{
	static const bool yes = true, no = false;
	struct watching watching;

	cluster_run(control,
		"CREATE SCHEMA slow; CREATE TABLE slow.pace AS SELECT 0.0 AS seconds; "
		"ALTER FUNCTION pg_catalog.pg_current_wal_lsn() RENAME TO quick_lsn; "
		"CREATE FUNCTION pg_catalog.pg_current_wal_lsn() RETURNS pg_lsn "
		"LANGUAGE plpgsql AS 'BEGIN "
		"PERFORM pg_catalog.pg_sleep(seconds) FROM slow.pace; "
		"RETURN pg_catalog.quick_lsn(); END'");
	watching_start(&watching, loop, "", NULL, NULL);
	pg_watch_set_interval(watching.watch, 500 * 1000);
	/* A machine that is busy with other things may take its time at first. */
	tap_ok(watching_await(&watching, is_slow, &no), "a server that is quick");
	tap_ok(!watching.snapshot->slow && watching.snapshot->every_us == 500 * 1000,
		"is asked as often as was wished");
	cluster_run(control, "UPDATE slow.pace SET seconds = 0.15");
	tap_ok(watching_await(&watching, is_slow, &yes), "one that is slow");
	tap_ok(watching.snapshot->every_us >= 1000 * 1000, "less often: every %d ms",
		(int)(watching.snapshot->every_us / 1000));
	cluster_run(control, "UPDATE slow.pace SET seconds = 0");
	tap_ok(watching_await(&watching, is_slow, &no),
		"and as before when it is quick");
	tap_ok(!pg_watch_problem(watching.watch) && watching.lost == 0,
		"nothing else is said about it");
	watching_stop(&watching);
}

int
main(void)
{
	struct cluster *cluster = cluster_start();
	struct loop *loop = loop_new();

	control = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);
	test_round_trips(loop, cluster);
	test_left_out(loop, cluster);
	test_slow(loop);
	PQfinish(control);
	tap_ok(loop_free(loop), "nothing is left behind");
	cluster_stop(cluster);
	return tap_done();
}
