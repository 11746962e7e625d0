/* A watch that must always come back: backends that hang, refusals, and many faults in
 * a row at any moment of it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pgrunbook/base/alloc.h"
#include "tests/cluster/watching.h"
#include "tests/tap/tap.h"

enum { ROUNDS = 50 };

static PGconn *control;

static const struct replica *
standby_of(const struct snapshot *snapshot)
{
	return replication_find(&snapshot->replication, "r1");
}

static bool
shows_anything(const struct snapshot *snapshot, const void *context)
{
	(void)snapshot;
	(void)context;
	return true;
}

static bool
shows_standby(const struct snapshot *snapshot, const void *context)
{
	const struct replica *replica = standby_of(snapshot);

	(void)context;
	return replica && replica->direct && replica->own.read && !replica->problem;
}

static bool
shows_standby_problem(const struct snapshot *snapshot, const void *context)
{
	const struct replica *replica = standby_of(snapshot);

	return replica && replica->problem && strstr(replica->problem, context);
}

static bool
is_lost(const void *context)
{
	return ((const struct watching *)context)->lost > 0;
}

static bool
problem_is(const void *context)
{
	const struct watching *watching = context;
	const char *problem = pg_watch_problem(watching->watch);

	return problem && strstr(problem, "permission denied");
}

/* The backend of the console's session at a port; 0: there is none. */
static int
own_backend(PGconn *asker)
{
	return atoi(cluster_ask(asker, "SELECT pid FROM pg_stat_activity "
				       "WHERE application_name = 'pgrunbook' "
				       "ORDER BY backend_start DESC LIMIT 1"));
}

/* Our own backend hangs; the server doesn't. */
static void
test_own_hangs(struct loop *loop)
{
	struct watching watching;
	int pid;

	watching_start_patient(&watching, loop, "", NULL, 1000);
	watching_next(&watching, 2);
	pid = own_backend(control);
	kill(pid, SIGSTOP);
	tap_ok(cluster_await(loop, is_lost, &watching), "told: %s", watching.message);
	tap_ok(watching_next(&watching, 2), "another connection is made by itself");
	tap_ok(!pg_watch_problem(watching.watch), "and nothing is wrong any more");
	tap_ok(own_backend(control) != pid, "it has another backend");
	kill(pid, SIGCONT);
	watching_stop(&watching);

	watching_start(&watching, loop, "", NULL, NULL);
	watching_next(&watching, 2);
	pid = own_backend(control);
	kill(pid, SIGSTOP);
	pg_watch_retry_now(watching.watch);
	tap_ok(cluster_await(loop, is_lost, &watching), "told: %s", watching.message);
	tap_ok(strstr(watching.message, "waiting") && pg_watch_waits(watching.watch),
		"it would wait for longer");
	pg_watch_retry_now(watching.watch);
	tap_ok(watching_next(&watching, 2), "the operator needn't");
	kill(pid, SIGCONT);
	watching_stop(&watching);
}

static void
test_standby_hangs(struct loop *loop, struct cluster *cluster)
{
	struct watching watching;
	PGconn *standby = cluster_connect(cluster, CLUSTER_STANDBY_PORT, NULL);
	int pid;

	watching_start_patient(&watching, loop, "", "port=5433", 6000);
	tap_ok(watching_await(&watching, shows_standby, NULL), "the standby is read");
	pid = own_backend(standby);
	kill(pid, SIGSTOP);
	tap_ok(watching_await(&watching, shows_standby_problem, "has not answered"),
		"one that hangs is told");
	tap_ok(watching_await(&watching, shows_standby, NULL),
		"and asked anew on another connection");
	tap_is_int(watching.lost, 0, "the primary has nothing to do with it");
	kill(pid, SIGCONT);
	watching_stop(&watching);
	PQfinish(standby);
}

static bool
shows_rows_problem(const struct snapshot *snapshot, const void *context)
{
	const struct replica *replica = standby_of(snapshot);

	(void)context;
	return replica && replica->version_problem;
}

static bool
shows_rows(const struct snapshot *snapshot, const void *context)
{
	const struct replica *replica = standby_of(snapshot);

	(void)context;
	return replica && replica->version_rows_read && !replica->version_problem;
}

/* The rows are a trip of their own: their failure says nothing of the standby. */
static void
test_standby_rows(struct loop *loop, struct cluster *cluster)
{
	struct watching watching;
	char *path, *away;

	cluster_run(control, "CREATE TABLE alembic_version (version_num varchar(32)); "
			     "INSERT INTO alembic_version VALUES ('a'); CHECKPOINT");
	PGconn *standby = cluster_connect(cluster, CLUSTER_STANDBY_PORT, NULL);
	cluster_wait_for(standby, "SELECT EXISTS (SELECT FROM alembic_version)");
	path = alloc_printf("%s/standby/%s", cluster_directory(cluster),
		cluster_ask(control, "SELECT pg_relation_filepath('alembic_version')"));
	away = alloc_printf("%s.away", path);
	tap_ok(rename(path, away) == 0, "the standby's file is gone");
	watching_start(&watching, loop, "", "port=5433", NULL);
	tap_ok(watching_await(&watching, shows_rows_problem, NULL),
		"its rows can't be read");
	tap_diag("%s", standby_of(watching.snapshot)->version_problem);
	tap_ok(shows_standby(watching.snapshot, NULL) &&
			!standby_of(watching.snapshot)->disconnected,
		"it is no less connected");
	tap_ok(!standby_of(watching.snapshot)->version_rows_read,
		"the rows aren't known");
	tap_ok(rename(away, path) == 0, "there it is again");
	tap_ok(watching_await(&watching, shows_rows, NULL), "and read");
	watching_stop(&watching);
	PQfinish(standby);
	free(path);
	free(away);
}

/* Setting up, and who we are: nothing is asked without them. */
static void
test_refused(struct loop *loop, const char *function)
{
	const struct pg_end_target target = { .pid = 1, .backend_start_us = 1 };
	struct watching watching;
	struct watching_outcome outcome = { 0 };
	char *sql = alloc_printf("REVOKE EXECUTE ON FUNCTION %s FROM public", function);

	cluster_run(control, sql);
	free(sql);
	watching_start(&watching, loop, "user=plain", "port=5433 user=plain", NULL);
	tap_ok(cluster_await(loop, problem_is, &watching), "without %s it is told why",
		function);
	tap_diag("%s", pg_watch_problem(watching.watch));
	tap_ok(!pg_watch_waits(watching.watch), "which is an answer: it isn't silent");
	pg_watch_end(watching.watch, PG_END_TERMINATE, &target, watching_on_outcome,
		&outcome);
	tap_ok(cluster_await(loop, watching_has_outcome, &outcome),
		"what was to be ended is told: %s", outcome.words);
	tap_ok(!outcome.ended, "it was not");
	sql = alloc_printf("GRANT EXECUTE ON FUNCTION %s TO public", function);
	cluster_run(control, sql);
	free(sql);
	tap_ok(watching_await(&watching, shows_standby, NULL),
		"once it may, it goes on with both");
	watching_stop(&watching);
}

/* What was given up is nobody's answer. */
static void
test_given_up(struct loop *loop, struct cluster *cluster)
{
	const struct pg_end_target first = { .pid = 1, .backend_start_us = 1 };
	struct watching watching;
	struct watching_outcome one = { 0 }, two = { 0 };
	PGconn *victim = cluster_connect(
		cluster, CLUSTER_PRIMARY_PORT, "application_name=victim");
	struct pg_end_target second = { .pid = PQbackendPID(victim) };
	int turns = 0;

	second.backend_start_us = atoll(cluster_ask(victim,
		"SELECT (date_part('epoch', backend_start) * 1e6)::bigint FROM "
		"pg_stat_activity WHERE pid = pg_backend_pid()"));
	watching_start(&watching, loop, "", NULL, NULL);
	watching_next(&watching, 1);
	while (turns++ < 200) {
		one = two = (struct watching_outcome){ 0 };
		pg_watch_end(watching.watch, PG_END_CANCEL, &first, watching_on_outcome,
			&one);
		for (int i = turns % 5; i > 0 && one.count == 0; i--)
			loop_turn(loop, true);
		pg_watch_end_give_up(watching.watch, "given up");
		pg_watch_end(watching.watch, PG_END_CANCEL, &second,
			watching_on_outcome, &two);
		cluster_await(loop, watching_has_outcome, &two);
		if (one.count != 1 ||
			strcmp(two.words, "runs no query: nothing was done") != 0)
			break;
	}
	tap_is_int(turns, 201, "each asker gets the answer about its own: \"%s\"",
		two.words);
	tap_ok(watching_next(&watching, 2), "and the watch goes on");
	watching_stop(&watching);
	PQfinish(victim);
}

static void
on_outcome_free(void *context, bool ended, const char *words)
{
	struct watching *watching = context;

	(void)ended;
	(void)words;
	watching->lost++;
	pg_watch_free(watching->watch);
}

/* Whoever hears that it is given up may have had enough of all. */
static void
test_given_up_freed(struct loop *loop)
{
	const struct pg_end_target target = { .pid = 1, .backend_start_us = 1 };
	struct watching watching;

	watching_start(&watching, loop, "", NULL, NULL);
	watching_next(&watching, 1);
	for (int i = 0; i < 2; i++)
		pg_watch_end(watching.watch, PG_END_CANCEL, &target, on_outcome_free,
			&watching);
	pg_watch_end_give_up(watching.watch, "given up");
	watching.watch = NULL;
	tap_is_int(watching.lost, 1, "a watch that is freed says no more");
	watching_stop(&watching);
}

/* A fault of each kind; what is done in SQL is done by whoever can't be lost. */
enum fault {
	FAULT_TERMINATE, /* our session, on the primary */
	FAULT_CANCEL,	 /* what it asks */
	FAULT_STANDBY,	 /* our session on the standby */
	FAULT_HANG,	 /* our backend is stopped and goes on */
	FAULT_SERVER_HANG,
	FAULT_BACKEND_KILLED, /* and all others with it: the server recovers */
	FAULT_RESTART,
	FAULT_KILL,
	FAULT_STANDBY_RESTART,
	FAULTS
};

static const char *const fault_names[FAULTS] = {
	[FAULT_TERMINATE] = "terminate",
	[FAULT_CANCEL] = "cancel",
	[FAULT_STANDBY] = "terminate on the standby",
	[FAULT_HANG] = "hang",
	[FAULT_SERVER_HANG] = "hang of the server",
	[FAULT_BACKEND_KILLED] = "SIGKILL of our backend",
	[FAULT_RESTART] = "restart",
	[FAULT_KILL] = "SIGKILL of the server",
	[FAULT_STANDBY_RESTART] = "restart of the standby",
};

/* Another moment of the watch's each time. */
static void
turn(struct loop *loop, unsigned most)
{
	for (int turns = rand() % (int)(most + 1); turns > 0; turns--)
		loop_turn(loop, false);
}

static void
fault_do(enum fault fault, struct cluster *cluster, struct loop *loop)
{
	static const char terminate[] =
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
		"WHERE application_name = 'pgrunbook'";
	PGconn *asker = cluster_connect(cluster,
		fault == FAULT_STANDBY ? CLUSTER_STANDBY_PORT : CLUSTER_PRIMARY_PORT,
		NULL);
	int pid = own_backend(asker);

	turn(loop, 3);
	switch (fault) {
	case FAULT_TERMINATE:
	case FAULT_STANDBY:
		cluster_run(asker, terminate);
		break;
	case FAULT_CANCEL:
		cluster_run(asker,
			"SELECT pg_cancel_backend(pid) FROM pg_stat_activity "
			"WHERE application_name = 'pgrunbook'");
		break;
	case FAULT_HANG:
		if (pid > 0)
			kill(pid, SIGSTOP);
		turn(loop, 20);
		if (pid > 0)
			kill(pid, SIGCONT);
		break;
	case FAULT_SERVER_HANG:
		cluster_do(cluster, "pause", "primary");
		turn(loop, 20);
		cluster_do(cluster, "resume", "primary");
		break;
	case FAULT_BACKEND_KILLED:
		if (pid > 0)
			kill(pid, SIGKILL);
		break;
	case FAULT_RESTART:
		cluster_do(cluster, "restart", "primary");
		break;
	case FAULT_KILL:
		cluster_do(cluster, "kill", "primary");
		turn(loop, 5);
		cluster_do(cluster, "restart", "primary");
		break;
	default:
		cluster_do(cluster, "restart", "standby");
		break;
	}
	PQfinish(asker);
}

/* Most often what is quick. */
static enum fault
fault_choose(void)
{
	int which = rand() % 20;

	return which < 14 ? (enum fault)(which % FAULT_SERVER_HANG)
			  : (enum fault)(FAULT_SERVER_HANG + which % 5);
}

static void
test_random(struct loop *loop, struct cluster *cluster)
{
	const char *given = getenv("FAULTS_SEED");
	unsigned seed =
		given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);
	const struct pg_end_target target = { .pid = 1, .backend_start_us = 1 };
	struct watching watching;
	struct watching_outcome outcome = { .count = 1 };
	int ends = 0;

	tap_diag("FAULTS_SEED=%u", seed);
	srand(seed);
	watching_start(&watching, loop, "", "port=5433", NULL);
	for (int i = 0; i < ROUNDS; i++) {
		enum fault fault = fault_choose();
		bool back, whole;

		/* Now and then somebody wants something of it meanwhile. */
		if (outcome.count > 0 && rand() % 3 == 0) {
			outcome = (struct watching_outcome){ 0 };
			ends++;
			pg_watch_end(watching.watch, PG_END_CANCEL, &target,
				watching_on_outcome, &outcome);
		}
		if (rand() % 4 == 0)
			pg_watch_refresh(watching.watch);
		turn(loop, 6);
		fault_do(fault, cluster, loop);
		back = watching_await(&watching, shows_anything, NULL);
		whole = back && watching_await(&watching, shows_standby, NULL);
		if (!back || !whole) {
			const char *problem = pg_watch_problem(watching.watch);

			tap_ok(false, "round %d, %s: %s: %s", i, fault_names[fault],
				back ? "the standby does not come back"
				     : "does not come back",
				problem ? problem : "no problem");
			break;
		}
		if (ends > 0)
			cluster_await(loop, watching_has_outcome, &outcome);
	}
	tap_ok(watching_next(&watching, 2), "after %d faults it is there", ROUNDS);
	tap_ok(!pg_watch_problem(watching.watch), "without a problem");
	tap_is_int(outcome.count, 1, "each wish had one answer (%d)", ends);
	watching_stop(&watching);
}

int
main(void)
{
	struct cluster *cluster = cluster_start();
	struct loop *loop = loop_new();

	control = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);
	cluster_run(control, "CREATE ROLE plain LOGIN");
	test_own_hangs(loop);
	test_standby_hangs(loop, cluster);
	test_standby_rows(loop, cluster);
	test_refused(loop, "pg_catalog.set_config(text, text, boolean)");
	test_refused(loop, "pg_catalog.pg_postmaster_start_time()");
	test_given_up(loop, cluster);
	test_given_up_freed(loop);
	PQfinish(control);
	test_random(loop, cluster);
	loop_free(loop);
	cluster_stop(cluster);
	return tap_done();
}
