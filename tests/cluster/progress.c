/* Long operations of a real server, each held in its middle, as the watch tells them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cluster/watching.h"
#include "tests/tap/tap.h"

static PGconn *control;
static const struct cluster *servers;
static struct watching watching;

/* What is waited for: an operation of that session in a phase that begins so. */
struct wanted {
	int pid;
	const char *phase;
	enum progress_counter counter; /* is above `least` by then; ..._COUNT: `done` */
	int64_t least;
};

static bool
shows_phase(const struct snapshot *snapshot, const void *context)
{
	const struct wanted *wanted = context;
	const struct progress *progress =
		progress_find(&snapshot->progress, wanted->pid);

	if (!progress || !progress->phase ||
		strncmp(progress->phase, wanted->phase, strlen(wanted->phase)) != 0)
		return false;
	return (wanted->counter == PROGRESS_COUNTER_COUNT
			       ? progress->done
			       : progress->counters[wanted->counter]) > wanted->least;
}

static bool
shows_rate(const struct snapshot *snapshot, const void *context)
{
	const struct progress *progress =
		progress_find(&snapshot->progress, *(const int *)context);

	return progress && progress->rate > 0;
}

static bool
shows_nothing(const struct snapshot *snapshot, const void *context)
{
	return !progress_find(&snapshot->progress, *(const int *)context);
}

/* The operation once it is in that phase; a failed test and NULL if it never is. */
static const struct progress *
await_phase(PGconn *connection, const char *phase, enum progress_counter counter,
	int64_t least)
{
	struct wanted wanted = { PQbackendPID(connection), phase, counter, least };

	if (tap_ok(watching_await(&watching, shows_phase, &wanted), "in phase \"%s\"",
		    phase))
		return progress_find(&watching.snapshot->progress, wanted.pid);
	for (size_t i = 0; i < watching.snapshot->progress.count; i++) {
		const struct progress *progress = &watching.snapshot->progress.items[i];

		tap_diag("%d %s: %s", progress->pid,
			progress->command ? progress->command : "-",
			progress->phase ? progress->phase : "-");
	}
	tap_diag("problem: %s", watching.snapshot->progress.problem
					? watching.snapshot->progress.problem
					: "none");
	return NULL;
}

static void
is_words(char *words, const char *want, const char *what)
{
	tap_is_text(words ? words : "(nothing)", want, "%s", what);
	free(words);
}

/* Ends a session in the middle of what it does, and sees it go. */
static void
end(PGconn *connection)
{
	int pid = PQbackendPID(connection);
	char sql[64];

	snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%d)", pid);
	cluster_run(control, sql);
	PQfinish(connection);
	tap_ok(watching_await(&watching, shows_nothing, &pid), "it is gone");
}

static PGconn *
open_session(const char *settings)
{
	return cluster_connect(servers, CLUSTER_PRIMARY_PORT, settings);
}

/*
 * What evaluates held() for all rows of t is stopped in its middle while somebody holds
 * the advisory lock 5.
 */
static void
set_scene(void)
{
	cluster_run(control,
		"CREATE TABLE t (a int, b text) WITH (autovacuum_enabled = off);"
		"INSERT INTO t SELECT i, repeat('x', 200) "
		"  FROM generate_series(1, 4000) i;"
		"DELETE FROM t WHERE a % 2 = 0;"
		"CREATE FUNCTION held(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS "
		"'BEGIN IF $1 > 2000 THEN PERFORM pg_advisory_xact_lock_shared(5); "
		"END IF; RETURN $1; END';"
		"CREATE ROLE plain LOGIN");
}

/* Behind writers, then behind an old snapshot. */
static void
test_concurrently(void)
{
	PGconn *writer = open_session(NULL), *reader, *builder = open_session(NULL);
	const struct progress *progress;

	cluster_run(writer, "BEGIN; INSERT INTO t VALUES (0, '')");
	cluster_send(builder, "CREATE INDEX CONCURRENTLY \"T a\" ON t (a)");
	progress = await_phase(
		builder, "waiting for writers before build", PROGRESS_LOCKER, 0);
	if (progress) {
		is_words(progress_command_words(progress),
			"CREATE INDEX CONCURRENTLY \"T a\" on t", "what it does");
		is_words(progress_done_words(progress), "0 of 1 sessions", "how far");
		tap_is_int(progress_percent(progress), 0, "nothing of it is done");
		tap_is_int(progress->counters[PROGRESS_LOCKER], PQbackendPID(writer),
			"whom it waits for");
		tap_ok(progress->rest_us < 0 && progress->rate < 0,
			"nobody knows how long that takes");
		tap_ok(progress->session && progress->session->pid == progress->pid &&
				progress->backend_start_us ==
					progress->session->backend_start_us,
			"its session is known");
		tap_is_text(progress->database, "billing", "database");
	}
	reader = open_session(NULL);
	cluster_run(reader, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1");
	cluster_run(writer, "COMMIT");
	progress =
		await_phase(builder, "waiting for old snapshots", PROGRESS_LOCKER, 0);
	if (progress)
		tap_is_int(progress->counters[PROGRESS_LOCKER], PQbackendPID(reader),
			"whom it waits for now");
	PQfinish(reader);
	tap_is_text(cluster_finish(builder), "", "it gets done");
	PQfinish(writer);
	PQfinish(builder);
}

static void
test_index(void)
{
	PGconn *builder = open_session(NULL);
	const struct progress *progress;

	cluster_run(control, "SELECT pg_advisory_lock(5)");
	cluster_send(builder, "CREATE INDEX t_held ON t (held(a))");
	progress = await_phase(
		builder, "building index: scanning table", PROGRESS_COUNTER_COUNT, 0);
	if (progress) {
		char *done = progress_done_words(progress);

		is_words(progress_target_words(progress), "t", "its table");
		tap_ok(done && strstr(done, "B of ") && strstr(done, " kB"), "%s",
			done ? done : "-");
		tap_ok(progress_percent(progress) > 30 &&
				progress_percent(progress) < 70,
			"%d%%", progress_percent(progress));
		tap_ok(!progress->last, "sorting and loading follow");
		free(done);
	}
	end(builder);

	/* What its own transaction has made is no name to others. */
	builder = open_session(NULL);
	cluster_run(builder, "BEGIN; CREATE TABLE fresh AS SELECT a FROM t");
	cluster_send(builder, "CREATE INDEX ON fresh (held(a))");
	progress = await_phase(builder, "building index", PROGRESS_BLOCKS_TOTAL, 0);
	if (progress) {
		char *target = progress_target_words(progress);

		tap_ok(target && strncmp(target, "relation ", 9) == 0 &&
				strstr(target, " (not committed yet)"),
			"%s", target ? target : "-");
		free(target);
	}
	end(builder);

	cluster_run(control, "SELECT pg_advisory_unlock(5)");
	cluster_run(control, "CREATE INDEX t_held ON t (held(a))");
	cluster_run(control, "SELECT pg_advisory_lock(5)");
	builder = open_session(NULL);
	cluster_send(builder, "REINDEX INDEX t_held");
	progress = await_phase(builder, "building index", PROGRESS_BLOCKS_TOTAL, 0);
	if (progress)
		is_words(progress_command_words(progress), "REINDEX t_held on t",
			"an index that is made anew");
	end(builder);
}

/* The lock 5 is held since test_index; t_held makes cluster wait for it. */
static void
test_cluster(void)
{
	PGconn *session = open_session(NULL);
	const struct progress *progress;

	cluster_send(session, "VACUUM FULL t");
	progress = await_phase(session, "rebuilding index", PROGRESS_BLOCKS_TOTAL, -1);
	if (progress) {
		is_words(progress_command_words(progress), "VACUUM FULL t",
			"vacuum full");
		tap_is_int(progress_percent(progress), -1,
			"how many indexes there are isn't told");
	}
	end(session);
	session = open_session(NULL);
	cluster_send(session, "CLUSTER t USING \"T a\"");
	progress = await_phase(session, "rebuilding index", PROGRESS_BLOCKS_TOTAL, -1);
	if (progress) {
		char *words = progress_command_words(progress);

		tap_ok(strncmp(words, "CLUSTER t", 9) == 0, "%s", words);
		tap_ok(progress->counters[PROGRESS_TUPLES_DONE] == 2001,
			"rows that were written: %d",
			(int)progress->counters[PROGRESS_TUPLES_DONE]);
		free(words);
	}
	end(session);
	cluster_run(control, "SELECT pg_advisory_unlock(5)");
}

/* Both sleep after each block. */
static void
test_vacuum(void)
{
	PGconn *session = open_session(NULL);
	const struct progress *progress;
	int pid = PQbackendPID(session);

	cluster_run(session, "SET vacuum_cost_delay = 100; SET vacuum_cost_limit = 1");
	cluster_send(session, "VACUUM t");
	progress = await_phase(session, "scanning heap", PROGRESS_BLOCKS_DONE, 1);
	if (progress) {
		is_words(progress_command_words(progress), "VACUUM t", "vacuum");
		tap_ok(progress->total > 50 && progress->total < 1000, "%d blocks of t",
			(int)progress->total);
		tap_ok(progress->counters[PROGRESS_MEMORY_TOTAL] > 0,
			"memory for dead rows");
	}
	tap_ok(watching_await(&watching, shows_rate, &pid), "how fast it is");
	progress = progress_find(&watching.snapshot->progress, pid);
	tap_ok(progress && progress->rest_us > 0 && !progress->last,
		"and what this phase takes yet");
	end(session);

	session = open_session(NULL);
	cluster_run(session, "SET vacuum_cost_delay = 100; SET vacuum_cost_limit = 1");
	cluster_send(session, "ANALYZE t");
	progress =
		await_phase(session, "acquiring sample rows", PROGRESS_BLOCKS_DONE, 1);
	if (progress) {
		is_words(progress_command_words(progress), "ANALYZE t", "analyze");
		tap_ok(progress_percent(progress) >= 0, "%d%%",
			progress_percent(progress));
	}
	end(session);
}

/* A pipe tells no total, a file does. */
static void
test_copy(void)
{
	static const char line[] = "1\txxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n";
	PGconn *session = open_session(NULL);
	const struct progress *progress;
	char path[256], sql[1024];

	cluster_run(control, "CREATE TABLE c (a int, b text)");
	PQclear(PQexec(session, "COPY c FROM STDIN"));
	for (int i = 0; i < 20000; i++)
		PQputCopyData(session, line, sizeof(line) - 1);
	PQflush(session);
	progress = await_phase(session, "pipe", PROGRESS_TUPLES_DONE, 0);
	if (progress) {
		is_words(progress_command_words(progress), "COPY FROM c", "copy");
		is_words(progress_phase_words(progress), "from the client",
			"where from");
		tap_ok(progress->done > 0 && progress->total == -1 &&
				progress_percent(progress) == -1,
			"its end is unknown: not 0%%, not 100%%");
	}
	end(session);

	snprintf(path, sizeof(path), "%s/copied",
		cluster_ask(control, "SHOW data_directory"));
	snprintf(sql, sizeof(sql),
		"COPY (SELECT i, repeat('x', 100) FROM generate_series(1, 10000) i) "
		"TO '%s'; CREATE FUNCTION wait() RETURNS trigger LANGUAGE "
		"plpgsql AS 'BEGIN PERFORM held(2001); RETURN NEW; END'; CREATE "
		"TRIGGER w BEFORE INSERT ON c FOR EACH ROW WHEN (NEW.a = 5000) "
		"EXECUTE FUNCTION wait(); SELECT pg_advisory_lock(5)",
		path);
	cluster_run(control, sql);
	session = open_session(NULL);
	snprintf(sql, sizeof(sql), "COPY c FROM '%s'", path);
	cluster_send(session, sql);
	progress = await_phase(session, "file", PROGRESS_TUPLES_DONE, 3000);
	if (progress) {
		is_words(progress_phase_words(progress), "from a file", "where from");
		tap_ok(progress_percent(progress) > 20 &&
				progress_percent(progress) < 80,
			"%d%% of the file", progress_percent(progress));
		tap_ok(progress->last, "nothing comes after it");
	}
	end(session);
	cluster_run(control, "SELECT pg_advisory_unlock(5)");
}

/* A receiver that takes nothing. */
static void
test_base_backup(void)
{
	PGconn *session = open_session("replication=true application_name=slow_backup");
	bool since_15 = PQserverVersion(control) >= 150000;
	const struct progress *progress;

	cluster_send(session,
		since_15 ? "BASE_BACKUP (LABEL 'x', PROGRESS, CHECKPOINT 'fast', "
			   "MAX_RATE 32)"
			 : "BASE_BACKUP LABEL 'x' PROGRESS FAST MAX_RATE 32");
	progress = await_phase(
		session, "streaming database files", PROGRESS_BYTES_DONE, 0);
	if (progress) {
		char *done = progress_done_words(progress);

		is_words(progress_command_words(progress), "base backup", "a backup");
		tap_ok(progress->total > 0 && progress_percent(progress) < 100, "%s",
			done ? done : "-");
		tap_ok(!progress->database && !progress->relation_id,
			"it is of no database");
		tap_ok(!progress->last, "the WAL follows");
		free(done);
	}
	end(session);
}

/* Another database's, and another role's. */
static void
test_elsewhere(void)
{
	PGconn *session;
	struct watching plain;
	struct wanted wanted = { 0 };
	const struct progress *progress;

	cluster_run(control, "CREATE DATABASE other");
	session = open_session("dbname=other");
	cluster_run(session,
		"CREATE TABLE o AS SELECT repeat('x', 1000) FROM generate_series(1, "
		"2000); SET vacuum_cost_delay = 100; SET vacuum_cost_limit = 1");
	cluster_send(session, "VACUUM o");
	progress = await_phase(session, "scanning heap", PROGRESS_BLOCKS_TOTAL, 0);
	if (progress) {
		char *target = progress_target_words(progress);

		tap_ok(target && strncmp(target, "relation ", 9) == 0 &&
				strstr(target, " of database other"),
			"%s", target ? target : "-");
		free(target);
	}
	watching_start(&plain, watching.loop, "user=plain", NULL, NULL);
	watching_next(&plain, 2);
	wanted.pid = PQbackendPID(session);
	progress = progress_find(&plain.snapshot->progress, wanted.pid);
	tap_ok(progress && progress->hidden, "a role without rights sees it");
	if (progress) {
		is_words(progress_command_words(progress), "VACUUM", "what it is");
		is_words(progress_phase_words(progress), "needs pg_monitor",
			"and what it needs to see more");
		tap_is_text(progress->database, "other", "where it is");
		tap_is_int(progress_percent(progress), -1, "nothing is claimed");
	}
	tap_ok(!plain.snapshot->progress.problem &&
			!snapshot_problem(plain.snapshot, SNAPSHOT_ALL),
		"no query failed");
	watching_stop(&plain);
	end(session);
}

int
main(void)
{
	struct cluster *cluster = cluster_start();
	struct loop *loop = loop_new();

	servers = cluster;
	control = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);
	set_scene();
	watching_start(&watching, loop, "", NULL, NULL);
	test_concurrently();
	test_index();
	test_cluster();
	test_vacuum();
	if (PQserverVersion(control) >= 140000)
		test_copy();
	else
		tap_skip("PostgreSQL 13 doesn't count what a copy does");
	test_base_backup();
	test_elsewhere();
	tap_ok(!watching.snapshot->progress.problem, "nothing was left out");
	watching_stop(&watching);
	tap_is_int(cluster_log_errors(cluster, "pgrunbook"), 0,
		"no error of ours in the log");
	PQfinish(control);
	tap_ok(loop_free(loop), "nothing is left behind");
	cluster_stop(cluster);
	return tap_done();
}
