/* The watch on a real primary and standby: what snapshots say, in trouble too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/drive/clock.h"
#include "tests/cluster/watching.h"
#include "tests/tap/tap.h"

static PGconn *control;

static const struct replica *
replica_named(const struct snapshot *snapshot, const char *name)
{
	for (size_t i = 0; i < snapshot->replication.count; i++) {
		if (strcmp(snapshot->replication.items[i].name, name) == 0)
			return &snapshot->replication.items[i];
	}
	return NULL;
}

static void
test_identity(struct loop *loop, const struct cluster *cluster)
{
	struct watching watching;
	const struct server *server;
	const struct session *session;

	watching_start(&watching, loop, "", NULL, NULL);
	tap_ok(watching_next(&watching, 2), "snapshots come");
	server = &watching.snapshot->server;
	tap_is_text(server->host, cluster_host(cluster), "host");
	tap_is_text(server->port, "5432", "port");
	tap_is_text(server->database, "billing", "database");
	tap_is_text(server->user, "postgres", "user");
	tap_ok(server->version && !strchr(server->version, ' '), "version %s",
		server->version);
	tap_ok(server->version_number >= 130000, "version number");
	tap_is_int(server->role, SERVER_PRIMARY, "a primary");
	tap_is_text(server->system_identifier,
		cluster_ask(
			control, "SELECT system_identifier FROM pg_control_system()"),
		"system identifier");
	tap_ok(server->started_us > INT64_C(1700000000000000), "start");
	tap_ok(server->monitor && server->superuser, "rights");
	tap_ok(llabs(server->skew_us) < 1000000, "clocks agree");
	tap_ok(llabs(watching.snapshot->server_now_us - watching.snapshot->taken_us) <
			2000000,
		"a moment");
	tap_ok(!snapshot_problem(watching.snapshot, SNAPSHOT_ALL),
		"nothing is left out");
	session = watching_session(watching.snapshot, "pgrunbook");
	tap_ok(session && session->own && !session->migration,
		"our own session is marked");
	watching_stop(&watching);
}

static bool
has_problem(const struct snapshot *snapshot, const void *context)
{
	(void)context;
	return snapshot->version.table == VERSION_TABLE_NOT_PERMITTED;
}

static bool
table_is(const struct snapshot *snapshot, const void *context)
{
	return snapshot->version.table == *(const enum version_table *)context;
}

static bool
has_rows(const struct snapshot *snapshot, const void *context)
{
	char *rows = strlist_join(&snapshot->version.rows, " ");
	bool same = snapshot->version.table == VERSION_TABLE_READ &&
		    strcmp(rows, context) == 0;

	free(rows);
	return same;
}

static void
test_version_table(struct loop *loop, const struct cluster *cluster)
{
	static const enum version_table missing = VERSION_TABLE_MISSING,
					several = VERSION_TABLE_SEVERAL;
	struct watching watching, plain;
	PGconn *locker;
	int64_t read_us;

	watching_start(&watching, loop, "", NULL, NULL);
	tap_ok(watching_await(&watching, table_is, &missing), "no version table");
	cluster_run(control, "CREATE TABLE alembic_version (version_num varchar(32) "
			     "PRIMARY KEY)");
	tap_ok(watching_await(&watching, has_rows, ""), "an empty one is base");
	cluster_run(control, "INSERT INTO alembic_version VALUES ('b'), ('a')");
	tap_ok(watching_await(&watching, has_rows, "a b"), "its rows, sorted");
	tap_is_text(
		watching.snapshot->version.name, "public.alembic_version", "its name");

	/* Whoever locks it must not be waited for, and not be disturbed either. */
	locker = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);
	cluster_run(locker, "BEGIN; LOCK TABLE alembic_version");
	watching_next(&watching, 2);
	read_us = watching.snapshot->version.read_us;
	tap_ok(watching_next(&watching, 2), "a locked table stops no poll");
	tap_ok(has_rows(watching.snapshot, "a b") &&
			watching.snapshot->version.read_us == read_us &&
			watching.snapshot->taken_us > read_us,
		"its rows are as of before");
	PQfinish(locker);
	cluster_wait_for(control,
		"SELECT count(*) = 1 FROM pg_stat_activity WHERE "
		"backend_type = 'client backend' AND application_name = ''");
	watching_next(&watching, 2);
	tap_ok(watching.snapshot->version.read_us > read_us, "then it is read again");

	watching_start(&plain, loop, "dbname=billing user=plain", NULL, NULL);
	tap_ok(watching_await(&plain, has_problem, NULL), "SELECT isn't granted");
	cluster_run(control, "GRANT SELECT ON alembic_version TO plain");
	tap_ok(watching_await(&plain, has_rows, "a b"), "now it is");
	watching_stop(&plain);

	cluster_run(control, "CREATE SCHEMA \"Other\"; CREATE TABLE \"Other\".version "
			     "(version_num varchar(32) NOT NULL); INSERT INTO "
			     "\"Other\".version VALUES ('z')");
	cluster_run(control, "CREATE SCHEMA pgrunbook; CREATE TABLE "
			     "pgrunbook.alembic_version (version_num varchar(32))");
	watching_stop(&watching);
	watching_start(&watching, loop, "", NULL, NULL);
	tap_ok(watching_await(&watching, table_is, &several), "two of them");
	tap_ok(watching.snapshot->version.candidate_count == 2 &&
			strcmp(watching.snapshot->version.candidates[1].name,
				"\"Other\".version") == 0,
		"and which; the ledger's is not among them");
	watching_stop(&watching);
	watching_start(&watching, loop, "", NULL, "Other.version");
	tap_ok(watching_await(&watching, has_rows, "z"), "one that is configured");
	watching_stop(&watching);
	watching_start(&watching, loop, "", NULL, "no'\\such");
	tap_ok(watching_await(&watching, table_is, &missing), "one that isn't there");
	watching_stop(&watching);
	cluster_run(control,
		"DROP SCHEMA \"Other\" CASCADE; DROP SCHEMA pgrunbook CASCADE");
}

/* Bytes of a session's query, whatever they are. */
static void
test_bytes(struct loop *loop, const struct cluster *cluster)
{
	static const char query[] = "SELECT 1 /* \x1b[2J\x1b]0;x\x07 \xff\xfe\xc3( */";
	struct watching watching;
	const struct session *session;
	PGconn *hostile;

	cluster_run(control, "CREATE DATABASE bytes ENCODING 'SQL_ASCII' TEMPLATE "
			     "template0 LC_COLLATE 'C' LC_CTYPE 'C'");
	hostile = cluster_connect(
		cluster, CLUSTER_PRIMARY_PORT, "dbname=bytes application_name=hostile");
	cluster_run(hostile, query);
	watching_start(&watching, loop, "", NULL, NULL);
	watching_next(&watching, 1);
	session = watching_session(watching.snapshot, "hostile");
	tap_ok(session && strcmp(session->query, query) == 0,
		"a query's bytes arrive as they are");
	tap_ok(session && session->database &&
			strcmp(session->database, "bytes") == 0 &&
			session->state == SESSION_IDLE && session->backend_start_us > 0,
		"and the rest of it");
	watching_stop(&watching);
	PQfinish(hostile);
}

static bool
is_lost(const void *context)
{
	return ((const struct watching *)context)->lost > 0;
}

static void
test_killed(struct loop *loop, struct cluster *cluster)
{
	struct watching watching;
	int64_t taken;

	watching_start(&watching, loop, "", NULL, NULL);
	watching_next(&watching, 2);
	taken = watching.snapshot->taken_us;
	cluster_do(cluster, "kill", "primary");
	tap_ok(cluster_await(loop, is_lost, &watching), "a killed server is lost");
	tap_ok(strstr(watching.message, "lost the connection to billing on "), "%s",
		watching.message);
	while (strcmp(pg_watch_problem(watching.watch), watching.message) == 0)
		loop_turn(loop, true);
	tap_ok(strstr(pg_watch_problem(watching.watch), "cannot connect"),
		"the problem follows the attempts: %s",
		pg_watch_problem(watching.watch));
	tap_is_int(watching.snapshot->taken_us, taken, "the last snapshot stays");
	cluster_do(cluster, "restart", "primary");
	tap_ok(pg_watch_retry_in(watching.watch) <= 500 * INT64_C(1000),
		"the next attempt is at most half a second away");
	tap_ok(watching_next(&watching, 1), "it comes back by itself");
	tap_ok(!pg_watch_problem(watching.watch), "nothing is wrong any more");
	tap_is_int(watching.lost, 1, "the loss is told once");
	watching_stop(&watching);
	PQfinish(control);
	control = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);
}

struct beats {
	int count;
	int64_t last_ns, longest_ns;
};

static void
on_beat(void *context)
{
	struct beats *beats = context;
	int64_t now = clock_monotonic_ns();

	if (beats->count++ > 0 && now - beats->last_ns > beats->longest_ns)
		beats->longest_ns = now - beats->last_ns;
	beats->last_ns = now;
}

static void
test_stopped(struct loop *loop, struct cluster *cluster)
{
	struct watching watching;
	struct beats beats = { 0 };
	struct watching_outcome outcome = { 0 };
	struct loop_timer *timer = loop_timer_new(loop, on_beat, &beats);
	const struct pg_end_target target = { .pid = 1, .backend_start_us = 1 };

	watching_start(&watching, loop, "", NULL, NULL);
	watching_next(&watching, 2);
	cluster_do(cluster, "pause", "primary");
	loop_timer_start(timer, 10000, 10000);
	/* A poll is under way, so that what is to be ended has to wait. */
	pg_watch_refresh(watching.watch);
	while (beats.count < 20)
		loop_turn(loop, true);
	pg_watch_end(watching.watch, PG_END_TERMINATE, &target, watching_on_outcome,
		&outcome);
	tap_ok(watching.lost == 0, "timers fire while nobody answers");
	tap_ok(cluster_await(loop, is_lost, &watching),
		"a server that hangs is told of: %s", watching.message);
	tap_ok(strstr(watching.message, "has not answered for 5 s"), "%s",
		watching.message);
	tap_diag("%d beats of 500, at most %lld ms apart", beats.count,
		(long long)beats.longest_ns / 1000000);
	tap_ok(outcome.count == 1 && !outcome.ended &&
			strcmp(outcome.words,
				"the server does not answer: nothing was done") == 0,
		"what was to be ended is told: %s", outcome.words);
	cluster_do(cluster, "resume", "primary");
	tap_ok(watching_next(&watching, 1), "it goes on on the same connection");
	tap_is_int(watching.lost, 1, "and was lost once");
	loop_timer_free(timer);
	watching_stop(&watching);
}

static void
end_session(struct watching *watching, enum pg_end how,
	const struct pg_end_target *target, bool ended, const char *words)
{
	struct watching_outcome outcome = { 0 };

	watching_end(watching, how, target, &outcome);
	tap_is_text(outcome.words, words, "outcome");
	tap_is_int(outcome.ended, ended, "ended or not");
}

static void
test_end(struct loop *loop, struct cluster *cluster)
{
	struct watching watching, plain;
	struct pg_end_target target;
	const struct session *session;
	PGconn *victim = cluster_connect(
		cluster, CLUSTER_PRIMARY_PORT, "application_name=victim");

	watching_start(&watching, loop, "", NULL, NULL);
	watching_next(&watching, 1);
	session = watching_session(watching.snapshot, "victim");
	target = (struct pg_end_target){ .pid = session->pid,
		.backend_start_us = session->backend_start_us };
	end_session(&watching, PG_END_CANCEL, &target, false,
		"runs no query: nothing was done");

	cluster_send(victim, "SELECT pg_sleep(1000)");
	watching_await(&watching, watching_shows_active, "victim");
	session = watching_session(watching.snapshot, "victim");
	target.query_start_us = session->query_start_us - 1;
	target.backend_start_us--;
	end_session(&watching, PG_END_TERMINATE, &target, false,
		"is another session now: nothing was done");
	end_session(&watching, PG_END_CANCEL, &target, false,
		"is another session now: nothing was done");
	target.backend_start_us++;
	end_session(&watching, PG_END_CANCEL, &target, false,
		"runs another query now: nothing was done");
	tap_ok(watching_shows_active(watching.snapshot, "victim"), "it goes on");

	watching_start(&plain, loop, "dbname=billing user=plain", NULL, NULL);
	watching_next(&plain, 1);
	target.query_start_us = 0;
	end_session(&plain, PG_END_TERMINATE, &target, false,
		"not permitted: needs pg_monitor to tell which session it is");
	cluster_run(control, "GRANT pg_monitor TO plain");
	end_session(&plain, PG_END_TERMINATE, &target, false,
		"not permitted: only a superuser may end a superuser's session");
	watching_next(&plain, 1);
	tap_ok(plain.snapshot->server.own_ending &&
			!watching.snapshot->server.own_ending,
		"who is nobody else's member may end its own alone, and that is known");
	cluster_run(control, "CREATE ROLE others; GRANT others TO plain");
	watching_next(&plain, 2);
	tap_ok(!plain.snapshot->server.own_ending, "a member may end theirs");
	cluster_run(control, "REVOKE others FROM plain; GRANT others TO pg_monitor");
	watching_next(&plain, 2);
	tap_ok(!plain.snapshot->server.own_ending, "in a roundabout way, too");
	cluster_run(control, "DROP ROLE others; GRANT pg_signal_backend TO plain");
	watching_next(&plain, 2);
	tap_ok(!plain.snapshot->server.own_ending, "and so may who has the right");
	watching_stop(&plain);
	cluster_run(control, "REVOKE pg_monitor, pg_signal_backend FROM plain");

	target.query_start_us =
		watching_session(watching.snapshot, "victim")->query_start_us;
	end_session(&watching, PG_END_CANCEL, &target, true, "its query was cancelled");
	tap_is_text(cluster_finish(victim), "57014", "the session has heard it");
	end_session(&watching, PG_END_TERMINATE, &target, true, "was terminated");
	end_session(&watching, PG_END_TERMINATE, &target, false,
		"is gone already: nothing was done");
	session = watching_session(watching.snapshot, "pgrunbook");
	target = (struct pg_end_target){ .pid = session->pid,
		.backend_start_us = session->backend_start_us };
	end_session(&watching, PG_END_TERMINATE, &target, false,
		"is the console's own session: nothing was done");
	for (size_t i = 0; i < watching.snapshot->sessions.count; i++) {
		session = &watching.snapshot->sessions.items[i];
		if (session->backend_type &&
			strcmp(session->backend_type, "checkpointer") == 0)
			target = (struct pg_end_target){ .pid = session->pid,
				.backend_start_us = session->backend_start_us };
	}
	end_session(&watching, PG_END_TERMINATE, &target, false,
		"is a process of the server's own: it can't be ended");
	watching_stop(&watching);
	PQfinish(victim);

	watching_start(&watching, loop, "dbname=nowhere", NULL, NULL);
	cluster_await(loop, is_lost, &watching);
	end_session(&watching, PG_END_TERMINATE, &target, false,
		"there is no connection: nothing was done");
	watching_stop(&watching);
}

static bool
shows_migration(const struct snapshot *snapshot, const void *context)
{
	const struct session *session = watching_session(snapshot, context);

	return session && session->migration;
}

static void
test_migration(struct loop *loop, struct cluster *cluster)
{
	struct watching watching;
	PGconn *step = cluster_connect(
		cluster, CLUSTER_PRIMARY_PORT, "application_name=the_step");

	watching_start(&watching, loop, "", NULL, NULL);
	watching_next(&watching, 1);
	tap_ok(!shows_migration(watching.snapshot, "the_step"), "no migration yet");
	pg_watch_set_step(watching.watch, "the_step");
	tap_ok(watching_await(&watching, shows_migration, "the_step"),
		"the step's session is the migration");
	tap_is_text(watching.snapshot->sessions.items[0].application, "the_step",
		"and comes first");
	watching_stop(&watching);
	PQfinish(step);
}

static bool
shows_cause(const struct snapshot *snapshot, const void *context)
{
	const struct replica *replica = replica_named(snapshot, "r1");

	return replica && replica->direct && replica->from_primary &&
	       !replica->problem &&
	       replica->cause == *(const enum replica_cause *)context &&
	       (replica->cause != REPLICA_PAUSED || replica->lag_bytes > 1000000);
}

static bool
shows_standby_rows(const struct snapshot *snapshot, const void *context)
{
	const struct replica *replica = replica_named(snapshot, "r1");
	char *rows = replica ? strlist_join(&replica->version_rows, " ") : NULL;
	bool same = rows && replica->version_rows_read && strcmp(rows, context) == 0;

	free(rows);
	return same;
}

static bool
shows_problem(const struct snapshot *snapshot, const void *context)
{
	const struct replica *replica = replica_named(snapshot, "r1");

	return replica && replica->problem && strstr(replica->problem, context);
}

static void
test_replica(struct loop *loop, struct cluster *cluster)
{
	static const enum replica_cause caught_up = REPLICA_CAUGHT_UP,
					paused = REPLICA_PAUSED;
	struct watching watching;
	const struct replica *replica;
	PGconn *standby = cluster_connect(cluster, CLUSTER_STANDBY_PORT, NULL);

	watching_start(&watching, loop, "", "port=5433", NULL);
	tap_ok(watching_await(&watching, shows_cause, &caught_up), "caught up");
	replica = replica_named(watching.snapshot, "r1");
	tap_is_int((int64_t)watching.snapshot->replication.count, 1,
		"the primary's row and the direct connection are one");
	tap_ok(replica->lag_bytes == 0 && replica->lag_us == 0, "no lag");
	tap_is_text(replica->state, "streaming", "streaming");
	tap_is_text(replica->sync_state, "async", "asynchronous");
	tap_ok(replica->reply_us > 0 && !replica->problem, "it has spoken");
	tap_ok(watching_await(&watching, shows_standby_rows, "a b"),
		"the standby's own version rows");

	cluster_run(standby, "SELECT pg_wal_replay_pause()");
	cluster_run(control, "CREATE TABLE big AS SELECT repeat('x', 1000) AS x FROM "
			     "generate_series(1, 3000); DELETE FROM alembic_version "
			     "WHERE version_num = 'b'");
	tap_ok(watching_await(&watching, shows_cause, &paused),
		"paused, with the bytes that wait");
	tap_ok(has_rows(watching.snapshot, "a") &&
			shows_standby_rows(watching.snapshot, "a b"),
		"the standby is a revision behind");
	tap_ok(replication_worst(&watching.snapshot->replication) != NULL,
		"it is the worst");
	cluster_run(standby, "SELECT pg_wal_replay_resume()");
	tap_ok(watching_await(&watching, shows_cause, &caught_up), "it catches up");
	tap_ok(watching_await(&watching, shows_standby_rows, "a"), "in its rows too");
	PQfinish(standby);
	watching_stop(&watching);

	/* The standby as the database that is watched. */
	watching_start(&watching, loop, "port=5433", NULL, NULL);
	tap_ok(watching_await(&watching, has_rows, "a"),
		"a standby can be watched itself");
	tap_is_int(watching.snapshot->server.role, SERVER_STANDBY, "as a standby");
	tap_ok(watching.snapshot->replication.current_lsn > 0,
		"its WAL is what it has");
	watching_stop(&watching);

	watching_start(&watching, loop, "", "port=5432", NULL);
	tap_ok(watching_await(&watching, shows_problem, "is not a standby"),
		"a replica that is none");
	watching_stop(&watching);
	watching_start(&watching, loop, "", "port=5433 dbname=nowhere", NULL);
	tap_ok(watching_await(&watching, shows_problem, "\"nowhere\" does not exist"),
		"a replica that can't be reached");
	replica = replica_named(watching.snapshot, "r1");
	tap_ok(replica->cause == REPLICA_CAUGHT_UP && !replica->version_rows_read,
		"the primary still knows of it");
	watching_stop(&watching);
	watching_start(&watching, loop, "user=plain", "port=5433 user=plain", NULL);
	tap_ok(watching_await(&watching, shows_standby_rows, "a"),
		"a plain role sees the standby's rows");
	watching_stop(&watching);
	watching_start(&watching, loop, "user=plain", NULL, NULL);
	tap_ok(watching_await(&watching, shows_problem, "needs pg_monitor"),
		"and what it would need to see more");
	replica = replica_named(watching.snapshot, "r1");
	tap_ok(replica->lag_bytes == LAG_UNKNOWN && replica->lag_us == LAG_UNKNOWN &&
			replica->cause == REPLICA_UNKNOWN,
		"what isn't known is unknown");
	watching_stop(&watching);
}

/* Freed from its own callbacks. */
static struct pg_watch *doomed;
static int doomed_calls;

static void
on_doomed(void *context, struct snapshot *snapshot)
{
	(void)context;
	snapshot_free(snapshot);
	pg_watch_free(doomed);
	doomed_calls++;
}

static void
on_doomed_lost(void *context, const char *message)
{
	(void)context;
	(void)message;
	pg_watch_free(doomed);
	doomed_calls++;
}

static bool
is_doomed(const void *context)
{
	return doomed_calls == *(const int *)context;
}

static void
test_freed(struct loop *loop)
{
	static const char *const given[] = { "", "dbname=nowhere" };
	const struct pg_watch_handler handler = { .snapshot = on_doomed,
		.lost = on_doomed_lost };

	for (int i = 0; i < 2; i++) {
		struct pg_watch_options options = { .interval_us = 1000 };
		struct error error = { 0 };
		int want = i + 1;

		pg_params_make(given[i], NULL, NULL, NULL, &options.params, &error);
		doomed = pg_watch_new(loop, &options, &handler);
		tap_ok(cluster_await(loop, is_doomed, &want), "freed by its handler");
		pg_params_free(&options.params);
	}
}

int
main(void)
{
	struct cluster *cluster = cluster_start();
	struct loop *loop = loop_new();

	control = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);
	cluster_run(control, "CREATE ROLE plain LOGIN");
	test_identity(loop, cluster);
	test_version_table(loop, cluster);
	test_bytes(loop, cluster);
	test_migration(loop, cluster);
	test_end(loop, cluster);
	test_replica(loop, cluster);
	test_freed(loop);
	/* Until here nothing of ours may be an error in the log: what was cancelled on
	 * request is one, but the victim's. */
	tap_ok(!cluster_log_has(cluster, "primary", "permission denied"),
		"nothing was tried that isn't permitted");
	tap_ok(!cluster_log_has(cluster, "primary", "lock timeout") &&
			!cluster_log_has(cluster, "primary", "statement timeout"),
		"nothing had to be given up");
	test_stopped(loop, cluster);
	test_killed(loop, cluster);
	PQfinish(control);
	tap_ok(loop_free(loop), "nothing is left behind");
	cluster_stop(cluster);
	return tap_done();
}
