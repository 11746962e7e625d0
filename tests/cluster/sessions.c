/*
 * Sessions as a real server tells them: to whom nothing is hidden and to a role without
 * any grant, parallel workers, all locks of one, and many that are ended at once; and
 * what is said of an end when sessions can't be read.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/model/session_rows.h"
#include "tests/cluster/watching.h"
#include "tests/tap/tap.h"

enum { MANY = 40 };

static PGconn *control;

static const struct session *
session_named(const struct snapshot *snapshot, const char *application)
{
	for (size_t i = 0; i < snapshot->sessions.count; i++) {
		const struct session *session = &snapshot->sessions.items[i];

		if (session->application && session->leader_pid == 0 &&
			strcmp(session->application, application) == 0)
			return session;
	}
	return NULL;
}

/* The pids that a filter leaves of the snapshot. */
static size_t
listed(const struct snapshot *snapshot, const char *text, struct session_rows *rows)
{
	struct error error = { 0 };
	struct session_filter *filter = session_filter_parse(text, &error);
	const struct session_choice choice = { .filter = filter };

	if (!filter) {
		tap_ok(false, "%s: %s", text, error.message);
		return 0;
	}
	session_rows_make(&snapshot->sessions, &choice, snapshot->server_now_us, rows);
	session_filter_free(filter);
	return rows->listed;
}

struct want {
	const char *filter;
	size_t count;
};

static bool
lists(const struct snapshot *snapshot, const void *context)
{
	const struct want *want = context;
	struct session_rows rows = { 0 };
	bool same = listed(snapshot, want->filter, &rows) == want->count;

	session_rows_free(&rows);
	return same;
}

static void
await_listed(struct watching *watching, const char *filter, size_t count)
{
	const struct want want = { filter, count };

	tap_ok(watching_await(watching, lists, &want), "%zu with %s", count, filter);
}

static void
test_states(struct loop *loop, const struct cluster *cluster)
{
	bool ids = PQserverVersion(control) >= 140000;
	struct watching watching;
	PGconn *open =
		cluster_connect(cluster, CLUSTER_PRIMARY_PORT, "application_name=open");
	PGconn *failed = cluster_connect(
		cluster, CLUSTER_PRIMARY_PORT, "application_name=failed");
	PGconn *busy =
		cluster_connect(cluster, CLUSTER_PRIMARY_PORT, "application_name=busy");

	if (ids)
		cluster_run(open, "SET compute_query_id = on");
	cluster_run(
		open, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM t");
	PQclear(PQexec(failed, "BEGIN; SELECT 1/0"));
	cluster_send(busy, "SELECT pg_sleep(1000)");
	watching_start(&watching, loop, "", NULL, NULL);
	await_listed(&watching, "state=idle-in-tx app=open xmin>=0", 1);
	await_listed(&watching, "state=aborted app=failed", 1);
	await_listed(
		&watching, "state=active app=busy wait=PgSleep age>0.2 xact>0.2", 1);
	await_listed(&watching, "type=checkpointer", 1);
	await_listed(&watching, "db=billing app~^", 0);
	const struct session *session = session_named(watching.snapshot, "open");
	tap_ok(session->client_port == -1 && session->client == NULL,
		"a local socket has no port");
	session = session_named(watching.snapshot, "failed");
	tap_is_text(session_state_name(session->state), "idle in transaction (aborted)",
		"the state's own name");
	tap_ok((session_named(watching.snapshot, "open")->query_id != 0) == ids, "%s",
		ids ? "a query's id" : "13 has no query ids");
	watching_stop(&watching);
	PQrequestCancel(busy);
	cluster_finish(busy);
	PQfinish(open);
	PQfinish(failed);
	PQfinish(busy);
}

/* Without a grant: pids, users, who waits, and words for the rest. */
static void
test_plain(struct loop *loop, const struct cluster *cluster)
{
	struct watching watching;
	PGconn *open =
		cluster_connect(cluster, CLUSTER_PRIMARY_PORT, "application_name=open");
	PGconn *waiter = cluster_connect(
		cluster, CLUSTER_PRIMARY_PORT, "application_name=waiter");

	cluster_run(open, "BEGIN; LOCK TABLE t");
	cluster_send(waiter, "SELECT * FROM t");
	watching_start(&watching, loop, "dbname=billing user=plain", NULL, NULL);
	await_listed(&watching, "state=waiting app=waiter", 1);
	const struct session *session = session_named(watching.snapshot, "waiter");
	tap_ok(session_is_hidden(session) && !session_is_server(session),
		"another role's session is hidden");
	tap_ok(session->user && session->backend_start_us == 0 &&
			session->query_start_us == 0 &&
			session_age_us(session, INT64_MAX) == -1,
		"what isn't shown is unknown");
	struct session_key key = session_key_of(session);
	await_listed(&watching, "query~'<insufficient'", 0);
	await_listed(&watching, "state=server user!=plain query~x", 0);
	size_t server = 0;
	for (size_t i = 0; i < watching.snapshot->sessions.count; i++)
		server += session_is_server(&watching.snapshot->sessions.items[i]);
	tap_ok(server >= 4, "%zu processes of the server's own are told apart", server);
	pg_watch_ask_locks(watching.watch, key);
	watching_next(&watching, 2);
	tap_ok(!snapshot_problem(watching.snapshot, SNAPSHOT_ALL), "nothing failed");
	watching_stop(&watching);
	PQfinish(open);
	cluster_finish(waiter);
	PQfinish(waiter);
}

static bool
has_held(const struct snapshot *snapshot, const void *context)
{
	(void)context;
	return snapshot->held != NULL;
}

static bool
holds(const struct session_held *held, bool granted, const char *mode,
	const char *object)
{
	for (size_t i = 0; i < held->count; i++) {
		const struct session_lock *lock = &held->items[i];

		if (lock->granted == granted && strcmp(lock->mode, mode) == 0 &&
			strcmp(lock->object, object) == 0)
			return true;
	}
	return false;
}

static void
test_held(struct loop *loop, const struct cluster *cluster)
{
	struct watching watching;
	PGconn *holder = cluster_connect(
		cluster, CLUSTER_PRIMARY_PORT, "application_name=holder");
	PGconn *waiter = cluster_connect(
		cluster, CLUSTER_PRIMARY_PORT, "application_name=waiter");

	cluster_run(holder, "BEGIN; LOCK TABLE t; SELECT pg_advisory_xact_lock(42)");
	cluster_run(waiter, "BEGIN; LOCK TABLE u IN ROW SHARE MODE");
	cluster_send(waiter, "SELECT * FROM t");
	watching_start(&watching, loop, "", NULL, NULL);
	await_listed(&watching, "state=waiting", 1);
	tap_ok(!watching.snapshot->held, "locks are not read unasked");

	struct session_key key =
		session_key_of(session_named(watching.snapshot, "holder"));
	pg_watch_ask_locks(watching.watch, key);
	tap_ok(watching_await(&watching, has_held, NULL), "they are when asked for");
	const struct session_held *held = watching.snapshot->held;
	tap_ok(held && session_key_same(held->key, key) && held->more == 0,
		"of that one");
	tap_ok(held && holds(held, true, "AccessExclusiveLock", "t") &&
			holds(held, true, "ExclusiveLock", "advisory 42"),
		"what it holds");
	watching_next(&watching, 2);
	tap_ok(!watching.snapshot->held, "once");

	key = session_key_of(session_named(watching.snapshot, "waiter"));
	pg_watch_ask_locks(watching.watch, key);
	watching_await(&watching, has_held, NULL);
	held = watching.snapshot->held;
	tap_ok(held && holds(held, false, "AccessShareLock", "t") &&
			holds(held, true, "RowShareLock", "u"),
		"what another waits for and holds");
	if (PQserverVersion(control) >= 170000)
		tap_ok(held && held->wait_words &&
				strstr(held->wait_words, "Waiting to acquire"),
			"and what its wait means: %s", held ? held->wait_words : "");
	else
		tap_ok(held && !held->wait_words, "before 17 waits have no words");

	key.backend_start_us--;
	pg_watch_ask_locks(watching.watch, key);
	watching_next(&watching, 3);
	tap_ok(!watching.snapshot->held,
		"another session with that pid is not asked about");
	tap_ok(!snapshot_problem(watching.snapshot, SNAPSHOT_ALL), "nothing failed");
	watching_stop(&watching);
	PQfinish(holder);
	cluster_finish(waiter);
	PQfinish(waiter);
}

/* A leader with its workers is one row. */
static void
test_workers(struct loop *loop, const struct cluster *cluster)
{
	struct watching watching;
	PGconn *leader = cluster_connect(
		cluster, CLUSTER_PRIMARY_PORT, "application_name=leader");
	struct session_rows rows = { 0 };

	cluster_run(leader, PQserverVersion(leader) >= 160000
				    ? "SET debug_parallel_query = on"
				    : "SET force_parallel_mode = on");
	cluster_send(leader, "SELECT pg_sleep_for('1000 s') FROM t LIMIT 1");
	watching_start(&watching, loop, "", NULL, NULL);
	await_listed(&watching, "type=\"parallel worker\"", 1);
	listed(watching.snapshot, "app=leader", &rows);
	tap_ok(rows.count == 1 && rows.listed == 2 && rows.items[0].workers == 1 &&
			rows.items[0].folded,
		"a worker is folded under its leader");
	session_rows_free(&rows);
	watching_stop(&watching);
	PQrequestCancel(leader);
	cluster_finish(leader);
	PQfinish(leader);
}

/* What came of each of many. */
struct ended {
	int told, ended, gone;
	char last[128];
};

static void
on_ended(void *context, bool ended, const char *outcome)
{
	struct ended *all = context;

	all->told++;
	all->ended += ended;
	all->gone += strcmp(outcome, "is gone already: nothing was done") == 0;
	snprintf(all->last, sizeof(all->last), "%s", outcome);
}

static bool
all_told(const void *context)
{
	return ((const struct ended *)context)->told == MANY;
}

static void
test_many(struct loop *loop, const struct cluster *cluster)
{
	struct watching watching;
	PGconn *victims[MANY];
	struct ended ended = { 0 };
	struct session_rows rows = { 0 };

	for (int i = 0; i < MANY; i++)
		victims[i] = cluster_connect(
			cluster, CLUSTER_PRIMARY_PORT, "application_name=victim");
	watching_start(&watching, loop, "", NULL, NULL);
	await_listed(&watching, "app=victim", MANY);
	PQfinish(victims[0]);
	listed(watching.snapshot, "app=victim", &rows);
	for (size_t i = 0; i < rows.count; i++) {
		const struct session *session = rows.items[i].session;
		const struct pg_end_target target = { session->pid,
			session->backend_start_us, 0 };

		pg_watch_end(
			watching.watch, PG_END_TERMINATE, &target, on_ended, &ended);
	}
	session_rows_free(&rows);
	tap_ok(cluster_await(loop, all_told, &ended), "every outcome is told");
	tap_ok(ended.ended + ended.gone == MANY && ended.ended >= MANY - 1,
		"%d were terminated, %d were gone", ended.ended, ended.gone);
	await_listed(&watching, "app=victim", 0);
	watching_stop(&watching);
	for (int i = 1; i < MANY; i++)
		PQfinish(victims[i]);
}

static bool
locks_are_unread(const struct snapshot *snapshot, const void *context)
{
	(void)context;
	return snapshot->locks_unread && snapshot_problem(snapshot, SNAPSHOT_ALL);
}

/*
 * Signalled, and then sessions can't be read any more: that nobody is seen doesn't say
 * that it is gone.  A process that is stopped hears no signal.
 */
static void
test_unreadable(struct loop *loop, const struct cluster *cluster)
{
	struct watching watching;
	struct watching_outcome outcome = { 0 };
	PGconn *victim = cluster_connect(
		cluster, CLUSTER_PRIMARY_PORT, "user=plain application_name=stopped");
	struct pg_end_target target = { .pid = PQbackendPID(victim) };

	cluster_run(control, "CREATE ROLE ender LOGIN IN ROLE pg_monitor, "
			     "pg_signal_backend");
	watching_start(&watching, loop, "dbname=billing user=ender", NULL, NULL);
	await_listed(&watching, "app=stopped", 1);
	target.backend_start_us =
		session_named(watching.snapshot, "stopped")->backend_start_us;
	kill(target.pid, SIGSTOP);
	pg_watch_end(watching.watch, PG_END_TERMINATE, &target, watching_on_outcome,
		&outcome);
	watching_next(&watching, 2);
	cluster_run(control, "REVOKE SELECT ON pg_stat_activity FROM PUBLIC");
	cluster_await(loop, watching_has_outcome, &outcome);
	tap_ok(!outcome.ended && strstr(outcome.words, "the outcome is unknown"),
		"where sessions can't be read: %s", outcome.words);
	tap_ok(!watching.snapshot->locks_unread, "locks still can");
	cluster_run(control, "REVOKE SELECT ON pg_locks FROM PUBLIC");
	tap_ok(watching_await(&watching, locks_are_unread, NULL),
		"that they can't is said, too");
	cluster_run(control, "GRANT SELECT ON pg_stat_activity, pg_locks TO PUBLIC");
	kill(target.pid, SIGCONT);
	watching_stop(&watching);
	PQfinish(victim);
}

int
main(void)
{
	struct cluster *cluster = cluster_start();
	struct loop *loop = loop_new();

	control = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);
	cluster_run(control, "CREATE ROLE plain LOGIN");
	cluster_run(control, "CREATE TABLE t (a int); CREATE TABLE u (a int); "
			     "INSERT INTO t VALUES (1)");
	test_states(loop, cluster);
	test_plain(loop, cluster);
	test_held(loop, cluster);
	test_workers(loop, cluster);
	test_many(loop, cluster);
	tap_is_int(cluster_log_errors(cluster, "pgrunbook"), 0,
		"no error in the server's log is the console's");
	test_unreadable(loop, cluster);
	PQfinish(control);
	tap_ok(loop_free(loop), "nothing is left behind");
	cluster_stop(cluster);
	return tap_done();
}
