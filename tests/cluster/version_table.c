/* Version tables in every situation, read once as the commands do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "pgrunbook/drive/version_read.h"
#include "pgrunbook/model/version_choose.h"
#include "tests/cluster/cluster.h"
#include "tests/cluster/watching.h"
#include "tests/tap/tap.h"

static PGconn *control;

static struct version_rows rows;

static bool
look_as(const char *conninfo, const char *table)
{
	struct pg_params params;
	struct error error = { 0 };
	bool good;

	version_rows_free(&rows);
	if (!pg_params_make(conninfo, NULL, NULL, NULL, &params, &error))
		abort();
	good = version_read(&params, table, &rows, &error);
	if (!good)
		tap_diag("%s", error.message);
	error_clear(&error);
	pg_params_free(&params);
	return good;
}

/* The rows with blanks between them; "!" and a number for any other state. */
static void
check(const char *table, const char *want_name, const char *want_rows, const char *what)
{
	bool good = look_as("", table) && rows.table == VERSION_TABLE_READ;
	char *got = strlist_join(&rows.rows, " ");

	tap_ok(good, "%s: read", what);
	tap_is_text(rows.name ? rows.name : "", want_name, "%s: its name", what);
	tap_is_text(got, want_rows, "%s: its rows", what);
	free(got);
}

static void
check_state(const char *table, enum version_table state, size_t candidates,
	const char *what)
{
	look_as("", table);
	tap_is_int(rows.table, state, "%s", what);
	tap_is_int((int64_t)rows.candidate_count, (int64_t)candidates, "candidates");
}

static void
test_found(void)
{
	check_state(NULL, VERSION_TABLE_MISSING, 0, "none at all");
	cluster_run(control,
		"CREATE TABLE noise (version_num int); "
		"CREATE TABLE more_noise (version_num text, b int); "
		"CREATE TEMP TABLE alembic_version (version_num varchar(32))");
	check_state(NULL, VERSION_TABLE_MISSING, 0, "nothing that is one");
	cluster_run(control, "CREATE SCHEMA far; CREATE TABLE far.alembic_version "
			     "(version_num varchar(32) PRIMARY KEY)");
	check(NULL, "far.alembic_version", "", "off the search path, empty");
	tap_is_int(rows.id_length, 32, "how long an id may be");
	cluster_run(control, "INSERT INTO far.alembic_version VALUES ('b'), ('a')");
	check(NULL, "far.alembic_version", "a b", "two rows");
	check("alembic_version", "far.alembic_version", "a b", "by its bare name");
	check("far.alembic_version", "far.alembic_version", "a b", "by both names");
	cluster_run(control, "ALTER TABLE far.alembic_version ADD x int; "
			     "ALTER TABLE far.alembic_version ALTER version_num "
			     "TYPE text");
	check(NULL, "far.alembic_version", "a b", "with another column");
	tap_is_int(rows.id_length, 0, "any length");
	cluster_run(
		control, "CREATE VIEW alembic_version AS TABLE far.alembic_version");
	check(NULL, "far.alembic_version", "a b", "a view of it is no other one");
	check("public.alembic_version", "public.alembic_version", "a b",
		"the view by its name");
	cluster_run(control, "DROP SCHEMA far CASCADE; CREATE VIEW alembic_version AS "
			     "SELECT 'v'::text AS version_num");
	check_state(NULL, VERSION_TABLE_MISSING, 1, "a view alone is only named");
	check_state("noise2", VERSION_TABLE_MISSING, 0, "a name that nothing has");
	check_state("public.pg_temp", VERSION_TABLE_MISSING, 0, "nor that");
	cluster_run(control, "DROP VIEW public.alembic_version");
}

static void
test_odd(void)
{
	cluster_run(control,
		"CREATE SCHEMA \"S.1\"; "
		"CREATE TABLE \"S.1\".\"my\"\"alembic_version'\\x\" "
		"(version_num char(8), gone int) PARTITION BY LIST (version_num); "
		"CREATE TABLE \"S.1\".part PARTITION OF "
		"\"S.1\".\"my\"\"alembic_version'\\x\" DEFAULT; "
		"INSERT INTO \"S.1\".part VALUES ('0052')");
	check(NULL, "\"S.1\".\"my\"\"alembic_version'\\x\"", "0052",
		"partitioned, an odd name");
	tap_is_int(rows.id_length, 8, "char(8)");
	check("\"S.1\".\"my\"\"alembic_version'\\x\"",
		"\"S.1\".\"my\"\"alembic_version'\\x\"", "0052",
		"the name as given back");
	cluster_run(control, "DROP SCHEMA \"S.1\" CASCADE");

	cluster_run(control, "CREATE TABLE public.alembic_version (version_num int); "
			     "INSERT INTO public.alembic_version VALUES (7)");
	check(NULL, "public.alembic_version", "7", "numbers");
	cluster_run(control, "DROP TABLE public.alembic_version; CREATE TABLE "
			     "public.alembic_version (id text)");
	check_state("alembic_version", VERSION_TABLE_OTHER, 0, "without the column");
	check_state(NULL, VERSION_TABLE_MISSING, 0, "which isn't found by itself");
	cluster_run(control,
		"DROP TABLE public.alembic_version; CREATE TABLE "
		"public.alembic_version (version_num text, dropped int); ALTER TABLE "
		"public.alembic_version DROP dropped; INSERT INTO "
		"public.alembic_version VALUES (NULL), (NULL), ('a'), (E'\\x1b[2J')");
	check(NULL, "public.alembic_version", "\x1b[2J a", "rows with anything");
	tap_is_int((int64_t)rows.null_rows, 2, "and NULLs");
	cluster_run(control, "INSERT INTO public.alembic_version SELECT i FROM "
			     "generate_series(1, 100000) i");
	tap_ok(look_as("", NULL) && rows.more, "too many rows are said");
	tap_is_int((int64_t)(rows.rows.count + rows.null_rows), VERSION_ROWS_MOST,
		"and cut");
}

static void
test_rights(void)
{
	cluster_run(control, "DROP TABLE public.alembic_version; CREATE SCHEMA hidden; "
			     "CREATE TABLE hidden.alembic_version (version_num "
			     "varchar(32)); INSERT INTO hidden.alembic_version VALUES "
			     "('a')");
	look_as("user=plain", NULL);
	tap_is_int(rows.table, VERSION_TABLE_NOT_PERMITTED, "not permitted");
	tap_is_text(rows.grant,
		"GRANT USAGE ON SCHEMA hidden TO plain; GRANT SELECT ON "
		"hidden.alembic_version TO plain",
		"what is to be granted");
	cluster_run(control, rows.grant);
	tap_ok(look_as("user=plain", NULL) && rows.table == VERSION_TABLE_READ,
		"and that is enough");
}

static void
test_several(void)
{
	cluster_run(control,
		"CREATE TABLE public.alembic_version (version_num varchar(32)); "
		"INSERT INTO public.alembic_version VALUES ('x'), ('y'); "
		"CREATE TABLE hidden.alembic_version_billing (version_num "
		"varchar(32)); "
		"CREATE SCHEMA pgrunbook; "
		"CREATE TABLE pgrunbook.alembic_version (version_num varchar(32))");
	check_state(NULL, VERSION_TABLE_SEVERAL, 3, "several, without the ledger's");
	tap_is_text(rows.candidates[0].name, "public.alembic_version",
		"that of the search path first");
	tap_ok(rows.candidates[0].rows.count == 2 && rows.candidates[1].read &&
			rows.candidates[1].rows.count == 1 &&
			rows.candidates[2].rows.count == 0,
		"each with its rows");
	check("alembic_version", "public.alembic_version", "x y",
		"a bare name is what the search path finds");
	check("pgrunbook.alembic_version", "pgrunbook.alembic_version", "",
		"the ledger's, if it is asked for");
}

static void
test_locked(const struct cluster *cluster)
{
	PGconn *locker = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);

	cluster_run(locker, "BEGIN; LOCK TABLE public.alembic_version");
	tap_ok(!look_as("", "public.alembic_version"), "a locked one isn't waited for");
	check_state(NULL, VERSION_TABLE_SEVERAL, 3, "nor one of several");
	tap_ok(rows.candidates[0].locked && !rows.candidates[0].read &&
			rows.candidates[1].read,
		"which is marked");
	PQfinish(locker);
	tap_ok(!cluster_log_has(cluster, "primary", "lock timeout"),
		"without an error in the server's log");
}

/* What another role could have run with the rights of whoever looks. */
static void
test_hazards(const struct cluster *cluster)
{
	static const struct {
		const char *sql, *who, *what;
		enum version_hazard hazard;
	} traps[] = {
		{ "CREATE TABLE trap.alembic_version (version_num varchar(32))", "",
			"a table of another role's is as good as any", VERSION_SAFE },
		{ "CREATE TYPE trap.id AS ENUM ('a'); "
		  "CREATE FUNCTION trap.text(trap.id) RETURNS text LANGUAGE plpgsql "
		  "AS $$ BEGIN RAISE EXCEPTION 'trapped'; END $$; "
		  "CREATE CAST (trap.id AS text) WITH FUNCTION trap.text(trap.id); "
		  "CREATE TABLE trap.alembic_version (version_num trap.id); "
		  "INSERT INTO trap.alembic_version VALUES ('a')",
			"", "a type", VERSION_HAZARD_TYPE },
		{ "CREATE DOMAIN trap.id AS text; "
		  "CREATE TABLE trap.alembic_version (version_num trap.id)",
			"", "a domain", VERSION_HAZARD_TYPE },
		{ "CREATE VIEW trap.alembic_version AS SELECT trap.trap(1)::text "
		  "AS version_num",
			"", "a view", VERSION_HAZARD_VIEW },
		{ "CREATE MATERIALIZED VIEW trap.alembic_version AS SELECT 'a'::text "
		  "AS version_num",
			"", "a materialised view", VERSION_HAZARD_VIEW },
		{ "CREATE TABLE trap.alembic_version (version_num text); "
		  "CREATE INDEX ON trap.alembic_version ((trap.trap(1)))",
			"", "an index on an expression", VERSION_HAZARD_EXPRESSION },
		{ "CREATE TABLE trap.alembic_version (version_num text, b text); "
		  "CREATE STATISTICS trap.s ON version_num, b "
		  "FROM trap.alembic_version",
			"", "statistics", VERSION_HAZARD_EXPRESSION },
		{ "CREATE TABLE trap.alembic_version (version_num text) "
		  "PARTITION BY LIST (version_num)",
			"", "partitions", VERSION_HAZARD_PARTS },
		{ "CREATE TABLE trap.alembic_version (version_num text); "
		  "CREATE TABLE trap.child () INHERITS (trap.alembic_version)",
			"", "children", VERSION_HAZARD_PARTS },
		{ "CREATE TABLE trap.alembic_version (version_num text); "
		  "ALTER TABLE trap.alembic_version ENABLE ROW LEVEL SECURITY; "
		  "CREATE POLICY p ON trap.alembic_version USING "
		  "(trap.trap(1) = 1); "
		  "GRANT SELECT ON trap.alembic_version TO plain",
			"user=plain", "policies", VERSION_HAZARD_POLICY },
		{ "CREATE TABLE trap.alembic_version (version_num text); "
		  "ALTER TABLE trap.alembic_version ENABLE ROW LEVEL SECURITY; "
		  "CREATE POLICY p ON trap.alembic_version USING "
		  "(trap.trap(1) = 1)",
			"", "policies, for whom they are not", VERSION_SAFE },
		{ "CREATE VIEW trap.alembic_version AS SELECT 'a'::text AS version_num",
			"user=trapper", "a view of our own", VERSION_SAFE },
	};

	cluster_run(control, "CREATE ROLE trapper LOGIN");
	for (size_t i = 0; i < sizeof(traps) / sizeof(traps[0]); i++) {
		/* What is made of a constant is computed at once, so the trap is set
		 * after that. */
		cluster_run(control,
			"CREATE SCHEMA trap AUTHORIZATION trapper; GRANT USAGE ON "
			"SCHEMA trap TO plain; SET SESSION AUTHORIZATION trapper; "
			"CREATE FUNCTION trap.trap(int) RETURNS int LANGUAGE plpgsql "
			"IMMUTABLE AS $$ BEGIN RETURN $1; END $$");
		cluster_run(control, traps[i].sql);
		cluster_run(control,
			"CREATE OR REPLACE FUNCTION trap.trap(int) RETURNS int "
			"LANGUAGE "
			"plpgsql IMMUTABLE AS $$ BEGIN RAISE EXCEPTION 'trapped'; END "
			"$$; RESET SESSION AUTHORIZATION");
		tap_ok(look_as(traps[i].who, "trap.alembic_version"), "%s: no error",
			traps[i].what);
		tap_is_int(rows.table,
			traps[i].hazard == VERSION_SAFE ? VERSION_TABLE_READ
							: VERSION_TABLE_UNSAFE,
			"read or not");
		tap_is_int(rows.hazard, traps[i].hazard, "why");
		cluster_run(control, "DROP SCHEMA trap CASCADE");
	}
	cluster_run(control, "DROP ROLE trapper");
	tap_ok(!cluster_log_has(cluster, "primary", "trapped"),
		"nobody has run anything with our rights");
}

struct want {
	enum version_table table;
	const char *name, *rows;
};

static bool
shows(const struct snapshot *snapshot, const void *context)
{
	const struct want *want = context;
	const struct version_rows *version = &snapshot->version;
	char *got = strlist_join(&version->rows, " ");
	bool same = version->table == want->table &&
		    (!want->name || (version->name &&
					    strcmp(version->name, want->name) == 0)) &&
		    strcmp(got, want->rows) == 0;

	free(got);
	return same;
}

/* The console looks at it while others change what it is. */
static void
test_watched(void)
{
	static const struct {
		const char *sql, *what;
		struct want want;
	} steps[] = {
		{ "DROP SCHEMA hidden CASCADE; DELETE FROM public.alembic_version; "
		  "INSERT INTO public.alembic_version VALUES ('one')",
			"the only one that is left",
			{ VERSION_TABLE_READ, "public.alembic_version", "one" } },
		{ "BEGIN; DROP TABLE public.alembic_version; CREATE TABLE "
		  "public.alembic_version (version_num text); INSERT INTO "
		  "public.alembic_version VALUES ('two'); COMMIT",
			"made anew",
			{ VERSION_TABLE_READ, "public.alembic_version", "two" } },
		{ "ALTER TABLE public.alembic_version RENAME TO other_version",
			"renamed",
			{ VERSION_TABLE_READ, "public.other_version", "two" } },
		{ "DROP TABLE public.other_version", "dropped",
			{ VERSION_TABLE_MISSING, NULL, "" } },
		{ "CREATE TABLE public.alembic_version (version_num text)",
			"there again, empty",
			{ VERSION_TABLE_READ, "public.alembic_version", "" } },
	};
	struct loop *loop = loop_new();
	struct watching watching;

	watching_start(&watching, loop, "", NULL, NULL);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		cluster_run(control, steps[i].sql);
		tap_ok(watching_await(&watching, shows, &steps[i].want), "watched: %s",
			steps[i].what);
	}
	watching_stop(&watching);
	loop_free(loop);
}

/* A poll that fails before it looks has not looked: nothing is missing for that. */
static void
test_watched_in_part(void)
{
	struct loop *loop = loop_new();
	struct watching watching;

	cluster_run(control,
		"REVOKE SELECT ON pg_catalog.pg_prepared_xacts FROM public; "
		"DROP TABLE public.alembic_version; "
		"CREATE TABLE public.my_version (version_num varchar(32)); "
		"INSERT INTO public.my_version VALUES ('mine'); "
		"GRANT SELECT ON public.my_version TO plain");
	watching_start(&watching, loop, "user=plain", NULL, NULL);
	tap_ok(watching_next(&watching, 1), "a role that is refused one query");
	tap_ok(snapshot_problem(watching.snapshot, SNAPSHOT_ALL), "it says so");
	tap_is_int(watching.snapshot->version.table, VERSION_TABLE_READ,
		"its first look finds the table");
	tap_is_text(watching.snapshot->version.name, "public.my_version", "by itself");
	watching_stop(&watching);

	cluster_run(control, "GRANT SELECT ON pg_catalog.pg_prepared_xacts TO public; "
			     "REVOKE SELECT ON pg_catalog.pg_inherits FROM public");
	watching_start(&watching, loop, "user=plain", NULL, NULL);
	tap_ok(watching_next(&watching, 1), "a role that may not look for tables");
	tap_ok(snapshot_problem(watching.snapshot, 1U << SNAPSHOT_OF_TABLES) &&
			!snapshot_problem(watching.snapshot, 1U << SNAPSHOT_OF_SERVER),
		"that is said of the tables and of nothing else");
	watching_stop(&watching);
	cluster_run(control, "GRANT SELECT ON pg_catalog.pg_inherits TO public; "
			     "DROP TABLE public.my_version; "
			     "CREATE TABLE public.alembic_version (version_num text)");
	loop_free(loop);
}

/* Through all tables at most a few times, whatever there is to be found. */
static void
test_cost(void)
{
	static const char scans[] = "SELECT seq_scan FROM pg_stat_sys_tables WHERE "
				    "relid = 'pg_class'::regclass";
	static const struct {
		const char *sql, *what;
		enum version_table table;
	} cases[] = {
		{ "DROP TABLE public.alembic_version", "none", VERSION_TABLE_MISSING },
		{ "CREATE TABLE public.alembic_version (version_num varchar(32)); "
		  "CREATE TABLE public.other_alembic_version (version_num varchar(32))",
			"several", VERSION_TABLE_SEVERAL },
		{ "DROP TABLE public.other_alembic_version", "one",
			VERSION_TABLE_READ },
	};

	cluster_run(control,
		"CREATE SCHEMA many; DO $$ BEGIN FOR i IN 1..2000 LOOP EXECUTE "
		"format('CREATE TABLE many.t%s (a int)', i); END LOOP; END $$; "
		"ANALYZE pg_class");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct want want = { cases[i].table, NULL, "" };
		struct loop *loop = loop_new();
		struct watching watching;
		int before;

		cluster_run(control, cases[i].sql);
		watching_start(&watching, loop, "", NULL, NULL);
		tap_ok(watching_await(&watching, shows, &want), "%s", cases[i].what);
		before = atoi(cluster_ask(control, scans));
		watching_next(&watching, 60);
		int more = atoi(cluster_ask(control, scans)) - before;
		tap_ok(more < 10, "60 polls went through all tables %d times", more);
		watching_stop(&watching);
		loop_free(loop);
	}
	cluster_run(control, "DROP TABLE public.alembic_version");
	for (int i = 0; i < 20; i++) {
		char sql[160];

		snprintf(sql, sizeof(sql),
			"DO $$ BEGIN FOR i IN %d..%d LOOP EXECUTE "
			"format('DROP TABLE many.t%%s', i); END LOOP; END $$",
			i * 100 + 1, i * 100 + 100);
		cluster_run(control, sql);
	}
}

/* It listens, and that is all. */
static void
test_silent(const struct cluster *cluster)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.6000",
		cluster_host(cluster));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
		listen(listener, 5) != 0)
		abort();
	tap_ok(!look_as("port=6000 connect_timeout=2", NULL),
		"a server that never answers is given up");
	close(listener);
	unlink(address.sun_path);
}

static void
test_unreachable(void)
{
	tap_ok(!look_as("port=1", NULL), "no server");
	tap_ok(!look_as("user=nobody_at_all", NULL), "no such role");
	tap_ok(!look_as("dbname=nowhere", NULL), "no such database");
}

int
main(void)
{
	struct cluster *cluster = cluster_start();

	control = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);
	cluster_run(control, "CREATE ROLE plain LOGIN");
	test_found();
	test_odd();
	test_rights();
	test_several();
	test_locked(cluster);
	test_hazards(cluster);
	test_watched();
	test_watched_in_part();
	test_cost();
	test_silent(cluster);
	test_unreachable();
	version_rows_free(&rows);
	PQfinish(control);
	cluster_stop(cluster);
	return tap_done();
}
