/* Functions and operators that others put on the operator's search path: none of ours
 * may be theirs, and names still read as on that path. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "src/drive/pg_queries.h"
#include "src/drive/pg_version.h"
#include "tests/cluster/watching.h"
#include "tests/tap/tap.h"

static PGconn *control;

/* A whole statement; "" where that version has none. */
static void
add_query(enum pg_query_id id, struct str *sql)
{
	const char *text = pg_queries_text(id, PQserverVersion(control));

	if (*text == '\0')
		return;
	/* In a view there are no parameters. */
	for (; *text; text++)
		if (*text == '$' && text[1] >= '1' && text[1] <= '9')
			text++, str_add(sql, "'1'");
		else
			str_add_char(sql, *text);
	if (id == PG_QUERY_HELD)
		str_add(sql, "1");
	else if (id == PG_QUERY_EVENT)
		str_add(sql, "1)");
	else if (id == PG_QUERY_WRITES)
		str_add(sql, "(1)");
	else if (id == PG_QUERY_TABLES || id == PG_QUERY_TABLE)
		pg_version_condition(NULL, sql);
}

/*
 * As a role that may do no more than create: whatever our SQL calls, with all arguments
 * that may fit better, and the operators.  Each is an error where it is called.
 */
static void
make_traps(void)
{
	struct str sql = { 0 }, all = { 0 };

	for (int id = PG_QUERY_SETTINGS; id < PG_QUERY_COUNT; id++)
		add_query((enum pg_query_id)id, &all);
	str_add(&sql, "CREATE ROLE intruder; GRANT CREATE, USAGE ON SCHEMA public TO "
		      "intruder; CREATE TABLE called AS SELECT DISTINCT proname, "
		      "CASE WHEN provariadic <> 0 THEN 3 ELSE pronargs END AS count "
		      "FROM regexp_matches(");
	pg_queries_literal(str_text(&all), &sql);
	str_add(&sql, ", '([a-z_0-9]+)\\s*\\(', 'g') word JOIN pg_proc ON proname = "
		      "word[1] AND pronamespace = 'pg_catalog'::regnamespace; "
		      "GRANT SELECT ON called TO intruder");
	cluster_run(control, str_text(&sql));
	tap_ok(atoi(cluster_ask(
		       control, "SELECT count(DISTINCT proname) FROM called")) > 30,
		"our SQL calls many functions");
	cluster_run(control,
		"SET search_path = pg_catalog; SET check_function_bodies = off; "
		"SET ROLE intruder; "
		"DO $do$ DECLARE make text; BEGIN FOR make IN "
		"WITH t (t) AS (VALUES ('text'), ('name'), ('oid'), ('xid'), ('int4'), "
		"    ('int8'), ('float8'), ('numeric'), ('timestamptz'), ('interval'), "
		"    ('\"char\"'), ('bool'), ('regclass'), ('regnamespace'), "
		"    ('regtype'), ('regprocedure'), ('regrole'), ('int2')), "
		"few (t) AS (VALUES ('text'), ('name'), ('oid'), ('int2')), "
		"arguments (count, list) AS ("
		"    SELECT 0, '' UNION ALL SELECT 1, t FROM t "
		"    UNION ALL SELECT 2, a.t || ', ' || b.t FROM t a, t b "
		"    UNION ALL SELECT 3, a.t || ', ' || b.t || ', ' || c.t "
		"                FROM few a, few b, few c) "
		"SELECT format('CREATE FUNCTION public.%I(%s) RETURNS text LANGUAGE "
		"              plpgsql AS $$BEGIN RAISE ''a trap''; END$$', proname, "
		"              list) "
		"  FROM public.called NATURAL JOIN arguments "
		"UNION ALL "
		"SELECT format('CREATE FUNCTION public.trap(%s) RETURNS text LANGUAGE "
		"              plpgsql AS $$BEGIN RAISE ''a trap''; END$$', list) "
		"  FROM arguments WHERE count = 2 "
		"UNION ALL "
		"SELECT format('CREATE OPERATOR public.%s (LEFTARG = %s, RIGHTARG = "
		"%s, "
		"              FUNCTION = public.trap)', sign, a.t, b.t) "
		"  FROM t a, t b, unnest(array['=', '<>', '||', '*', '+', '-', '>', "
		"                              '<=', '~~']) sign "
		"LOOP EXECUTE make; END LOOP; END $do$; "
		"RESET ROLE");
	str_free(&sql);
	str_free(&all);
}

/* Whether the query is another one than we wrote, by what a view of it depends on:
 * what is in pg_catalog is no dependency. */
static bool
is_trapped(PGconn *connection, const char *sql, bool tells)
{
	struct str view = { 0 };
	bool trapped;

	str_printf(&view,
		"BEGIN READ WRITE; CREATE VIEW hold.probe AS SELECT FROM (%s) AS "
		"query",
		sql);
	PGresult *result = PQexec(connection, str_text(&view));
	trapped = PQresultStatus(result) != PGRES_COMMAND_OK;
	if (trapped && tells)
		tap_diag("%s", PQerrorMessage(connection));
	PQclear(result);
	if (!trapped) {
		cluster_run(connection, "SET LOCAL search_path = pg_catalog");
		trapped = strcmp(cluster_ask(connection,
					 "SELECT count(*) FROM pg_depend d "
					 "JOIN pg_rewrite r ON r.oid = d.objid "
					 "WHERE r.ev_class = 'hold.probe'::regclass "
					 "AND d.refclassid IN ('pg_proc'::regclass, "
					 "'pg_operator'::regclass)"),
				  "0") != 0;
	}
	cluster_run(connection, "ROLLBACK");
	str_free(&view);
	return trapped;
}

/* How many of the console's queries fall into a trap in that session. */
static int
count_trapped(PGconn *connection, bool tells)
{
	int count = 0;

	for (int id = PG_QUERY_SETTINGS + 1; id < PG_QUERY_COUNT; id++) {
		struct str sql = { 0 };

		add_query((enum pg_query_id)id, &sql);
		if (sql.length > 0 && is_trapped(connection, str_text(&sql), tells)) {
			count++;
			if (tells)
				tap_diag("query %d", id);
		}
		str_free(&sql);
	}
	return count;
}

static void
test_texts(const struct cluster *cluster, const char *conninfo)
{
	PGconn *connection = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, conninfo);
	PGconn *bare = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, conninfo);

	cluster_run(connection,
		pg_queries_text(PG_QUERY_SETTINGS, PQserverVersion(control)));
	tap_is_int(count_trapped(connection, true), 0,
		"%s: every query is what was written", conninfo);
	tap_ok(count_trapped(bare, false) > 5, "%s: on its own path many are not",
		conninfo);
	PQfinish(connection);
	PQfinish(bare);
}

static bool
shows_all(const struct snapshot *snapshot, const void *context)
{
	(void)context;
	return lock_forest_rows(snapshot->locks) == 2 && snapshot->progress.count > 0 &&
	       snapshot->held != NULL;
}

/* The real thing, with somebody who waits and something that goes on. */
static void
test_polls(struct loop *loop, const struct cluster *cluster, const char *conninfo)
{
	PGconn *holder = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);
	PGconn *waiter = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);
	struct watching watching, standby;
	struct str replica = { 0 };

	cluster_run(holder, "BEGIN; INSERT INTO hold.t VALUES (1)");
	cluster_send(waiter, "CREATE INDEX CONCURRENTLY i ON hold.t (id)");
	cluster_wait_blocked(control, waiter);
	str_printf(&replica, "port=5433 %s", conninfo);
	watching_start(&watching, loop, conninfo, str_text(&replica), NULL);
	watching_start(&standby, loop, str_text(&replica), NULL, NULL);
	tap_ok(watching_next(&watching, 1) && watching_next(&standby, 1),
		"%s: both are polled", conninfo);
	const struct session *session =
		session_find(&watching.snapshot->sessions, PQbackendPID(holder));
	if (session != NULL)
		pg_watch_ask_locks(watching.watch, (struct session_key){ session->pid,
							   session->backend_start_us });
	tap_ok(watching_await(&watching, shows_all, NULL), "%s: all is seen", conninfo);
	tap_ok(watching_next(&watching, 2) && watching_next(&standby, 2) &&
			!snapshot_problem(watching.snapshot, SNAPSHOT_ALL) &&
			!snapshot_problem(standby.snapshot, SNAPSHOT_ALL) &&
			!watching.snapshot->progress.problem &&
			!watching.snapshot->replication.problem,
		"%s: no query failed", conninfo);
	watching_stop(&watching);
	watching_stop(&standby);
	cluster_run(holder, "ROLLBACK");
	cluster_finish(waiter);
	cluster_run(control, "DROP INDEX hold.i");
	str_free(&replica);
	PQfinish(holder);
	PQfinish(waiter);
}

/* As `conninfo` sees what one session has locked, in the order of the alphabet. */
static char *
names_seen(const struct cluster *cluster, const char *conninfo, int pid)
{
	PGconn *connection = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, conninfo);
	int version = PQserverVersion(connection);
	struct strlist names = { 0 };
	struct str sql = { 0 };

	/* Twice: as after a first attempt that got no answer. */
	cluster_run(connection, pg_queries_text(PG_QUERY_SETTINGS, version));
	cluster_run(connection, pg_queries_text(PG_QUERY_SETTINGS, version));
	str_printf(&sql, "%s%d", pg_queries_text(PG_QUERY_HELD, version), pid);
	PGresult *result = PQexec(connection, str_text(&sql));
	tap_ok(PQresultStatus(result) == PGRES_TUPLES_OK, "%s: asked", conninfo);
	for (int row = 0; row < PQntuples(result); row++)
		for (int column = PG_LOCK_NAME; column <= PG_LOCK_WHAT; column++)
			if (!PQgetisnull(result, row, column) &&
				!strlist_has(&names, PQgetvalue(result, row, column)))
				strlist_add(&names, PQgetvalue(result, row, column));
	strlist_sort(&names);
	char *joined = strlist_join(&names, "; ");
	PQclear(result);
	PQfinish(connection);
	strlist_free(&names);
	str_free(&sql);
	return joined;
}

static void
test_names(const struct cluster *cluster)
{
	static const struct {
		const char *conninfo, *want;
	} cases[] = {
		{ "user=bare", "\"S.1\".\"T\"; \"S.1\".pg_class; function "
			       "\"S.1\".f(integer); function \"S.1\".lower(text); "
			       "public.u; type \"S.1\".mood; type \"S.1\".mood[]; "
			       "type \"S.1\".oid; type \"S.1\".oid[]" },
		{ "user=odd", "\"S.1\".pg_class; \"T\"; function "
			      "\"S.1\".lower(text); function f(integer); "
			      "public.u; type \"S.1\".oid; type \"S.1\".oid[]; "
			      "type mood; type mood[]" },
		{ "user=plain", "\"S.1\".\"T\"; \"S.1\".pg_class; function "
				"\"S.1\".f(integer); function \"S.1\".lower(text); "
				"type \"S.1\".mood; type \"S.1\".mood[]; "
				"type \"S.1\".oid; type \"S.1\".oid[]; u" },
	};
	PGconn *holder = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);

	cluster_run(control,
		"CREATE SCHEMA \"S.1\"; CREATE TABLE \"S.1\".\"T\" (); "
		"CREATE TABLE \"S.1\".pg_class (); CREATE TABLE public.u (); "
		"CREATE TYPE \"S.1\".mood AS ENUM (); CREATE TYPE \"S.1\".oid AS ENUM "
		"(); CREATE FUNCTION \"S.1\".f(int) RETURNS int LANGUAGE sql AS "
		"'SELECT 1'; CREATE FUNCTION \"S.1\".lower(text) RETURNS text LANGUAGE "
		"sql AS 'SELECT $1'; "
		"CREATE ROLE plain LOGIN SUPERUSER; CREATE ROLE odd LOGIN SUPERUSER; "
		"ALTER ROLE odd SET search_path = nowhere, \"S.1\", public; "
		"CREATE ROLE bare LOGIN SUPERUSER; "
		"ALTER ROLE bare SET search_path = ''");
	cluster_run(holder,
		"BEGIN; LOCK TABLE \"S.1\".\"T\", \"S.1\".pg_class, public.u; "
		"DROP TYPE \"S.1\".mood; DROP TYPE \"S.1\".oid; "
		"DROP FUNCTION \"S.1\".f(int); DROP FUNCTION \"S.1\".lower(text)");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *names =
			names_seen(cluster, cases[i].conninfo, PQbackendPID(holder));

		tap_is_text(names, cases[i].want, "%s: names as on its path",
			cases[i].conninfo);
		free(names);
	}
	cluster_run(holder, "ROLLBACK");
	PQfinish(holder);
}

static bool
shows_version(const struct snapshot *snapshot, const void *context)
{
	return snapshot->version.name && strcmp(snapshot->version.name, context) == 0;
}

/* By a bare name it is the first one on the role's path. */
static void
test_version_table(struct loop *loop)
{
	struct watching watching;

	cluster_run(control, "CREATE TABLE public.alembic_version (version_num text); "
			     "CREATE TABLE \"S.1\".alembic_version (version_num text); "
			     "CREATE TABLE hold.alembic_version (version_num text)");
	watching_start(&watching, loop, "user=odd", NULL, "alembic_version");
	tap_ok(watching_await(&watching, shows_version, "\"S.1\".alembic_version"),
		"the version table is the first on the path");
	watching_stop(&watching);
	watching_start(&watching, loop, "user=plain", NULL, "alembic_version");
	tap_ok(watching_await(&watching, shows_version, "public.alembic_version"),
		"another one on another path");
	watching_stop(&watching);
}

int
main(void)
{
	struct cluster *cluster = cluster_start();
	struct loop *loop = loop_new();

	control = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);
	cluster_run(control, "CREATE SCHEMA hold; CREATE TABLE hold.t (id int); "
			     "CREATE ROLE last LOGIN SUPERUSER; "
			     "ALTER ROLE last SET search_path = public, pg_catalog");
	test_names(cluster);
	test_version_table(loop);
	make_traps();
	test_texts(cluster, "user=postgres");
	test_texts(cluster, "user=last");
	test_polls(loop, cluster, "user=postgres");
	test_polls(loop, cluster, "user=last");
	tap_ok(loop_free(loop), "nothing is left behind");
	tap_is_int(cluster_log_errors(cluster, "pgrunbook"), 0,
		"no error of the console's is in the log");
	PQfinish(control);
	cluster_stop(cluster);
	return tap_done();
}
