/* What the console may do and what it doesn't try: no error of its in the log, with any
 * role, whatever the role's own settings are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/drive/pg_queries.h"
#include "tests/cluster/watching.h"
#include "tests/tap/tap.h"

enum { SCENE = 12, LOCK_ROWS = 10 };

static PGconn *control;
static PGconn *scene[SCENE];
static size_t scene_count;

static PGconn *
open_session(const struct cluster *cluster, const char *settings)
{
	scene[scene_count] = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, settings);
	return scene[scene_count++];
}

static void
holds(const struct cluster *cluster, const char *sql)
{
	cluster_run(open_session(cluster, NULL), sql);
}

static void
waits(const struct cluster *cluster, const char *begin, const char *sql)
{
	PGconn *connection = open_session(cluster, NULL);

	cluster_run(connection, begin);
	cluster_send(connection, sql);
	if (strstr(begin, "DEFERRABLE"))
		cluster_wait_for(control, "SELECT EXISTS (SELECT FROM pg_stat_activity "
					  "WHERE wait_event = 'SafeSnapshot')");
	else
		cluster_wait_blocked(control, connection);
}

/* Something for each query that the console has. */
static void
set_scene(const struct cluster *cluster)
{
	cluster_run(control,
		"CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (a int);"
		"CREATE TABLE v (a int); CREATE TABLE alembic_version (version_num "
		"varchar(32)); INSERT INTO alembic_version VALUES ('a');"
		"CREATE SCHEMA hidden; CREATE TABLE hidden.alembic_version "
		"(version_num varchar(32))");
	holds(cluster, "BEGIN; LOCK TABLE u");
	waits(cluster, "BEGIN", "SELECT * FROM u");
	holds(cluster, "BEGIN; INSERT INTO t VALUES (1)");
	waits(cluster, "BEGIN", "INSERT INTO t VALUES (1)");
	holds(cluster, "BEGIN; LOCK TABLE v; PREPARE TRANSACTION 'prepared'");
	waits(cluster, "BEGIN", "SELECT * FROM v");
	holds(cluster, "BEGIN ISOLATION LEVEL SERIALIZABLE; CREATE TABLE w ()");
	waits(cluster, "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE",
		"SELECT 1");
	holds(cluster, "SELECT pg_advisory_lock(1)");
	waits(cluster, "BEGIN", "SELECT pg_advisory_lock(1)");
}

static void
clear_scene(void)
{
	while (scene_count > 0) {
		char sql[64];

		snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%d)",
			PQbackendPID(scene[--scene_count]));
		cluster_run(control, sql);
		PQfinish(scene[scene_count]);
	}
	cluster_run(control, "ROLLBACK PREPARED 'prepared'");
}

static bool
shows_standby(const struct snapshot *snapshot, const void *context)
{
	const struct replication *replication = &snapshot->replication;

	(void)context;
	for (size_t i = 0; i < replication->count; i++) {
		if (strcmp(replication->items[i].name, "r1") == 0 &&
			replication->items[i].direct &&
			!replication->items[i].disconnected)
			return true;
	}
	return false;
}

/* Everything is asked for, on both servers, and nothing had to be left out. */
static void
test_polls(struct loop *loop, const char *role)
{
	struct watching primary, standby;
	char conninfo[64], replica[64];

	snprintf(conninfo, sizeof(conninfo), "user=%s", role);
	snprintf(replica, sizeof(replica), "port=5433 user=%s", role);
	watching_start(&primary, loop, conninfo, replica, NULL);
	watching_start(&standby, loop, replica, NULL, NULL);
	tap_ok(watching_await(&primary, shows_standby, NULL),
		"%s: the standby is seen directly", role);
	tap_ok(watching_next(&primary, 2) && watching_next(&standby, 2),
		"%s: both are polled", role);
	if (!tap_ok(!snapshot_problem(primary.snapshot, SNAPSHOT_ALL) &&
			    !snapshot_problem(standby.snapshot, SNAPSHOT_ALL),
		    "%s: no query failed", role))
		tap_diag("%s; %s",
			snapshot_problem(primary.snapshot, SNAPSHOT_ALL)
				? snapshot_problem(primary.snapshot, SNAPSHOT_ALL)
				: "-",
			snapshot_problem(standby.snapshot, SNAPSHOT_ALL)
				? snapshot_problem(standby.snapshot, SNAPSHOT_ALL)
				: "-");
	tap_is_int((int64_t)lock_forest_rows(primary.snapshot->locks), LOCK_ROWS,
		"%s: who waits and for whom", role);
	tap_is_int(primary.lost + standby.lost, 0, "%s: no connection was lost", role);
	watching_stop(&primary);
	watching_stop(&standby);
}

/* What a role's own settings would do to a console that kept them. */
static void
test_settings(const struct cluster *cluster)
{
	static const struct {
		int since;
		const char *name, *want;
	} settings[] = {
		{ 0, "default_transaction_isolation", "read committed" },
		{ 0, "default_transaction_read_only", "on" },
		{ 0, "statement_timeout", "4s" },
		{ 0, "lock_timeout", "100ms" },
		{ 0, "search_path", "pg_catalog, pg_temp" },
		{ 140000, "idle_session_timeout", "0" },
		{ 170000, "transaction_timeout", "0" },
	};
	int version = PQserverVersion(control);
	PGconn *plain = cluster_connect(
		cluster, CLUSTER_PRIMARY_PORT, "user=odd application_name=settings");
	char sql[128];

	cluster_run(plain, pg_queries_text(PG_QUERY_SETTINGS, version));
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (version < settings[i].since) {
			tap_skip("PostgreSQL %d has no %s", version / 10000,
				settings[i].name);
			continue;
		}
		snprintf(sql, sizeof(sql), "SHOW %s", settings[i].name);
		tap_is_text(cluster_ask(plain, sql), settings[i].want, "%s",
			settings[i].name);
	}
	PQfinish(plain);
}

static void
make_roles(void)
{
	int version = PQserverVersion(control);

	cluster_run(control,
		"CREATE ROLE plain LOGIN; CREATE ROLE operator LOGIN;"
		"GRANT pg_monitor, pg_signal_backend TO operator;"
		"CREATE ROLE odd LOGIN;"
		"ALTER ROLE odd SET default_transaction_isolation = 'serializable';"
		"ALTER ROLE odd SET default_transaction_deferrable = on;"
		"ALTER ROLE odd SET default_transaction_read_only = on;"
		"ALTER ROLE odd SET statement_timeout = '1h';"
		"ALTER ROLE odd SET standard_conforming_strings = off;"
		"ALTER ROLE odd SET DateStyle = 'German';"
		"ALTER ROLE odd SET IntervalStyle = 'iso_8601';"
		"ALTER ROLE odd SET extra_float_digits = -15;"
		"ALTER ROLE odd SET search_path = ''");
	if (version >= 140000)
		cluster_run(
			control, "ALTER ROLE odd SET idle_session_timeout = '30ms'");
	if (version >= 170000)
		cluster_run(control, "ALTER ROLE odd SET transaction_timeout = '1h'");
}

/* As `role` to all of the server's sessions; none of them may be signalled. */
static void
test_refusals(struct loop *loop, const char *role, bool sees)
{
	struct watching all, watching;
	const struct session_list *sessions;
	struct snapshot *snapshot;
	struct watching_outcome outcome;
	char conninfo[64];
	int refused = 0, asked = 0;

	watching_start(&all, loop, "", NULL, NULL);
	watching_next(&all, 1);
	snapshot = all.snapshot;
	all.snapshot = NULL;
	watching_stop(&all);
	snprintf(conninfo, sizeof(conninfo), "user=%s", role);
	watching_start(&watching, loop, conninfo, NULL, NULL);
	watching_next(&watching, 1);
	sessions = &snapshot->sessions;
	for (size_t i = 0; i < sessions->count; i++) {
		const struct session *session = &sessions->items[i];
		struct pg_end_target target = { .pid = session->pid,
			.backend_start_us = session->backend_start_us };

		if (session->own)
			continue; /* gone by now */
		asked++;
		watching_end(&watching, i % 2 ? PG_END_CANCEL : PG_END_TERMINATE,
			&target, &outcome);
		if (strstr(outcome.words, sees ? "superuser" : "needs pg_monitor") ||
			strstr(outcome.words, "the server's own"))
			refused++;
		else
			tap_diag("%s: %s", session->backend_type, outcome.words);
	}
	tap_ok(asked > 10, "%d sessions", asked);
	tap_is_int(refused, asked, "%s may end nobody here", role);
	watching_stop(&watching);
	snapshot_free(snapshot);
}

static const struct session *
autovacuum_of(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->sessions.count; i++) {
		const struct session *session = &snapshot->sessions.items[i];

		/* Another one is soon done. */
		if (session->backend_type &&
			strcmp(session->backend_type, "autovacuum worker") == 0 &&
			session->query && strstr(session->query, ".slow"))
			return session;
	}
	return NULL;
}

static bool
shows_autovacuum(const struct snapshot *snapshot, const void *context)
{
	(void)context;
	return autovacuum_of(snapshot) != NULL;
}

/* A worker that takes its time: nobody owns it. */
static void
test_autovacuum(const struct cluster *cluster, struct loop *loop)
{
	PGconn *maker = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);
	struct watching watching;
	struct watching_outcome outcome;
	struct pg_end_target target;
	int version = PQserverVersion(control);

	cluster_run(maker,
		"CREATE TABLE slow (a int) WITH (autovacuum_vacuum_cost_delay = 100,"
		" autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_threshold = 0,"
		" autovacuum_vacuum_scale_factor = 0);"
		"INSERT INTO slow SELECT generate_series(1, 100000);"
		"DELETE FROM slow");
	/* Before PostgreSQL 15 an idle session may keep what it counted to itself. */
	PQfinish(maker);
	cluster_set(control, "autovacuum_naptime = '1s'");
	watching_start(&watching, loop, "user=operator", NULL, NULL);
	if (!tap_ok(watching_await(&watching, shows_autovacuum, NULL),
		    "a worker of autovacuum is at work")) {
		watching_stop(&watching);
		return;
	}
	target = (struct pg_end_target){ .pid = autovacuum_of(watching.snapshot)->pid,
		.backend_start_us =
			autovacuum_of(watching.snapshot)->backend_start_us };
	watching_end(&watching, PG_END_TERMINATE, &target, &outcome);
	tap_is_text(outcome.words,
		version < 180000 ? "not permitted: only a superuser may end it"
				 : "not permitted: needs pg_signal_autovacuum_worker",
		"the right that it takes is named");
	if (version < 180000) {
		tap_skip("PostgreSQL %d has no role pg_signal_autovacuum_worker",
			version / 10000);
	} else {
		cluster_run(control, "GRANT pg_signal_autovacuum_worker TO operator");
		watching_end(&watching, PG_END_TERMINATE, &target, &outcome);
		tap_is_text(outcome.words, "was terminated", "and is enough");
	}
	watching_stop(&watching);
}

int
main(void)
{
	struct cluster *cluster = cluster_start();
	struct loop *loop = loop_new();
	PGconn *proof;

	control = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);
	cluster_set(control, "log_min_messages = 'error'");
	make_roles();
	test_settings(cluster);
	set_scene(cluster);
	test_polls(loop, "postgres");
	test_polls(loop, "plain");
	test_polls(loop, "operator");
	test_polls(loop, "odd");
	test_refusals(loop, "plain", false);
	test_refusals(loop, "operator", true);
	clear_scene();
	test_autovacuum(cluster, loop);
	tap_ok(loop_free(loop), "nothing is left behind");
	tap_is_int(cluster_log_errors(cluster, "pgrunbook"), 0,
		"no error of the console's is in the log");
	proof = cluster_connect(
		cluster, CLUSTER_PRIMARY_PORT, "application_name=pgrunbook");
	cluster_send(proof, "SELECT 1/0");
	cluster_finish(proof);
	tap_is_int(cluster_log_errors(cluster, "pgrunbook"), 1, "one would be seen");
	PQfinish(proof);
	PQfinish(control);
	cluster_stop(cluster);
	return tap_done();
}
