/* Sessions on a real server: queries, refusals, losses and coming back. */
#include "pgrunbook/drive/pg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/clock.h"
#include "tests/cluster/cluster.h"
#include "tests/tap/tap.h"

enum { BIG = 8 * 1024 * 1024 };

struct seen {
	struct loop *loop;
	struct pg *pg;
	bool free_when_connected, free_when_answered;
	int connected, lost, answers, notices;
	int64_t longest_us; /* announced to the next attempt */
	char *message, *notice;
	/* Of the last answer. */
	size_t results;
	int rows;
	int64_t sent;
	char *value, *error, sqlstate[6];
	bool answer_lost;
	char command[32];
};

static void
keep(char **to, const char *text)
{
	free(*to);
	*to = alloc_copy(text);
}

static void
on_connected(void *context)
{
	struct seen *seen = context;

	seen->connected++;
	if (seen->free_when_connected)
		pg_free(seen->pg);
}

static void
on_lost(void *context, const char *message)
{
	struct seen *seen = context;

	seen->lost++;
	if (pg_retry_in(seen->pg) > seen->longest_us)
		seen->longest_us = pg_retry_in(seen->pg);
	keep(&seen->message, message);
}

static void
on_notice(void *context, const char *message)
{
	struct seen *seen = context;

	seen->notices++;
	keep(&seen->notice, message);
}

static void
on_answer(void *context, const struct pg_answer *answer)
{
	struct seen *seen = context;
	const struct pg_result *last =
		answer->count ? answer->results[answer->count - 1] : NULL;

	seen->answers++;
	seen->results = answer->count;
	seen->rows = last ? pg_result_rows(last) : -1;
	seen->sent = last ? answer->sent[answer->count - 1] : -1;
	keep(&seen->value, last && pg_result_rows(last) && pg_result_columns(last)
				   ? pg_result_text(last, 0, 0)
				   : NULL);
	keep(&seen->error, answer->error);
	snprintf(seen->sqlstate, sizeof(seen->sqlstate), "%s", answer->sqlstate);
	snprintf(seen->command, sizeof(seen->command), "%s",
		last ? pg_result_command(last) : "");
	seen->answer_lost = answer->lost;
	if (seen->free_when_answered)
		pg_free(seen->pg);
}

static bool
is_connected(const void *context)
{
	return ((const struct seen *)context)->connected > 0;
}

static bool
is_answered(const void *context)
{
	return ((const struct seen *)context)->answers > 0;
}

static bool
is_lost(const void *context)
{
	return ((const struct seen *)context)->lost > 0;
}

static void
start_as(struct seen *seen, const char *given, const char *application)
{
	struct pg_params params;
	struct error error = { 0 };
	const struct pg_handler handler = { .connected = on_connected,
		.lost = on_lost,
		.notice = on_notice,
		.context = seen };

	if (!pg_params_make(given, NULL, NULL, NULL, &params, &error))
		tap_diag("%s", error.message);
	error_clear(&error);
	seen->pg = pg_new(seen->loop, &params, application, &handler);
	pg_params_free(&params);
}

static void
start(struct seen *seen, const char *given)
{
	start_as(seen, given, "pgrunbook");
}

static void
end(struct seen *seen)
{
	pg_free(seen->pg);
	free(seen->message);
	free(seen->notice);
	free(seen->value);
	free(seen->error);
	*seen = (struct seen){ .loop = seen->loop };
}

static void
ask(struct seen *seen, const char *sql, const char *const *parameters, size_t count)
{
	struct error error = { 0 };

	seen->answers = 0;
	if (!pg_query(seen->pg, sql, parameters, count, on_answer, seen, &error))
		tap_diag("%s: %s", sql, error.message);
	error_clear(&error);
	tap_ok(cluster_await(seen->loop, is_answered, seen), "%.40s: answered", sql);
}

/* By every connection, and where the encoding is set up before, too. */
static void
test_pinned(struct loop *loop)
{
	static const char *const given[] = { "", "client_encoding=LATIN1" };

	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		struct seen seen = { .loop = loop };

		start(&seen, given[i]);
		pg_pin_path(seen.pg);
		tap_ok(cluster_await(loop, is_connected, &seen), "connected");
		ask(&seen, "SHOW search_path", NULL, 0);
		tap_is_text(seen.value, "pg_catalog, pg_temp", "the path is pinned");
		seen.connected = 0;
		pg_reconnect(seen.pg);
		tap_ok(cluster_await(loop, is_connected, &seen), "connected again");
		ask(&seen, "SHOW search_path", NULL, 0);
		tap_is_text(seen.value, "pg_catalog, pg_temp", "and again");
		end(&seen);
	}
}

static void
test_queries(struct loop *loop)
{
	struct seen seen = { .loop = loop };
	const char *parameters[] = { "7", NULL };
	char *big = alloc_zeroed(BIG + 1, 1);
	const char *one[] = { big };
	struct error error = { 0 };

	start(&seen, NULL);
	tap_is_int(
		pg_state(seen.pg), PG_WAITING, "nothing happens before the loop turns");
	tap_ok(!pg_query(seen.pg, "SELECT 1", NULL, 0, on_answer, &seen, &error),
		"a query before is refused");
	tap_is_text(
		error.message, "there is no connection to the server", "and says why");
	error_clear(&error);
	tap_ok(cluster_await(loop, is_connected, &seen), "connected");
	tap_ok(pg_server_version(seen.pg) >= 130000, "version %d",
		pg_server_version(seen.pg));
	tap_is_text(pg_host(seen.pg), getenv("PGHOST"), "host");
	tap_is_text(pg_port(seen.pg), "5432", "port");
	tap_is_text(pg_database(seen.pg), "billing", "database");
	tap_is_text(pg_user(seen.pg), "postgres", "user");

	ask(&seen, "SELECT 1; SELECT 2, 3; CREATE TEMP TABLE t (a int)", NULL, 0);
	tap_is_int((int64_t)seen.results, 3, "a result for each statement");
	tap_is_text(seen.command, "CREATE TABLE", "the last one's command");
	ask(&seen, "SELECT $1::int + 1, $2::text", parameters, 2);
	tap_is_text(seen.value, "8", "parameters");
	ask(&seen, "SELECT 1; SELECT 1/0; SELECT 2", NULL, 0);
	tap_is_text(seen.error, "ERROR: division by zero", "an error in words");
	tap_is_text(seen.sqlstate, "22012", "and its SQLSTATE");
	tap_is_int((int64_t)seen.results, 1, "with what came before");
	ask(&seen,
		"DO $$BEGIN RAISE NOTICE 'hear' USING HINT = 'me'; END$$; SELECT 'on'",
		NULL, 0);
	tap_is_text(seen.notice, "NOTICE: hear\nHINT: me", "a notice");
	tap_is_text(seen.value, "on", "after an error it goes on");
	ask(&seen, "COPY t FROM STDIN", NULL, 0);
	tap_ok(seen.error && strstr(seen.error, "not supported here"), "COPY in: %s",
		seen.error ? seen.error : "no error");
	ask(&seen, "COPY (SELECT generate_series(1, 100000)) TO STDOUT; SELECT 'after'",
		NULL, 0);
	tap_is_text(seen.value, "after", "COPY out is thrown away");
	memset(big, 'x', BIG);
	ask(&seen, "SELECT length($1)", one, 1);
	tap_is_text(seen.value, "8388608", "more than the socket takes at once");
	free(big);
	seen.free_when_answered = true;
	ask(&seen, "SELECT 1", NULL, 0);
	seen.pg = NULL;
	end(&seen);
}

/* Rows of any number and length cost what is kept of them. */
static void
test_many_rows(struct loop *loop)
{
	struct seen seen = { .loop = loop };

	start(&seen, "");
	pg_keep_rows(seen.pg, 10);
	cluster_await(loop, is_connected, &seen);
	ask(&seen, "SELECT NULLIF(i, 7)::text FROM generate_series(5, 1000004) AS i",
		NULL, 0);
	tap_is_int(seen.rows, 10, "the first ten of a million rows are kept");
	tap_is_int(seen.sent, 1000000, "all are counted");
	tap_is_text(seen.value, "5", "they are the first");
	ask(&seen, "SELECT 'one'; SELECT 'two' WHERE false", NULL, 0);
	tap_is_int((int64_t)seen.results, 2, "a result for each statement");
	tap_is_int(seen.rows + seen.sent, 0, "one without rows has none");
	ask(&seen, "SELECT NULL UNION ALL SELECT 'x'", NULL, 0);
	tap_ok(seen.rows == 2 && seen.value == NULL, "NULL stays NULL");
	ask(&seen, "SELECT 'kept'; SELECT 1 / (5 - i) FROM generate_series(1, 9) AS i",
		NULL, 0);
	tap_ok(seen.error && seen.results == 1,
		"an error after some rows is an error: %s", seen.error);
	tap_is_text(seen.value, "kept", "with what came before");
	ask(&seen, "CREATE TEMP TABLE none (a int)", NULL, 0);
	tap_is_text(seen.command, "CREATE TABLE", "no rows at all");
	end(&seen);

	start(&seen, "");
	pg_keep_rows(seen.pg, 1000);
	cluster_await(loop, is_connected, &seen);
	ask(&seen, "SELECT repeat('x', 1024 * 1024) FROM generate_series(1, 40)", NULL,
		0);
	tap_ok(seen.rows >= 16 && seen.rows < 20 && seen.sent == 40,
		"of long ones 16 MB: %d of 40", seen.rows);
	end(&seen);
}

static void
count_idle(void *context)
{
	++*(int *)context;
}

/* The screen is drawn when the loop is idle: not for each part of a long answer. */
static void
test_parts(struct loop *loop)
{
	struct seen seen = { .loop = loop };
	int idles = 0;

	start(&seen, NULL);
	cluster_await(loop, is_connected, &seen);
	loop_set_idle(loop, count_idle, &idles);
	ask(&seen, "SELECT repeat('x', 8000) FROM generate_series(1, 1000)", NULL, 0);
	loop_set_idle(loop, NULL, NULL);
	tap_is_int(seen.rows, 1000, "an answer of 8 MB");
	tap_ok(idles <= 20, "%d idle calls for all of its parts", idles);
	end(&seen);
}

static void
test_cancel(struct cluster *cluster, struct loop *loop)
{
	struct seen seen = { .loop = loop };
	PGconn *other = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);
	struct error error = { 0 };

	start(&seen, NULL);
	cluster_await(loop, is_connected, &seen);
	pg_cancel(seen.pg); /* nothing under way: nothing happens */
	pg_query(seen.pg, "SELECT pg_sleep(1000)", NULL, 0, on_answer, &seen, &error);
	/* A request that comes before the query has no effect. */
	tap_ok(cluster_wait_for(other,
		       "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE "
		       "wait_event = 'PgSleep' AND pid <> pg_backend_pid())"),
		"a query is under way");
	pg_cancel(seen.pg);
	tap_ok(cluster_await(loop, is_answered, &seen), "a cancelled query answers");
	tap_is_text(seen.sqlstate, "57014", "with query_canceled");
	tap_ok(!seen.answer_lost && pg_state(seen.pg) == PG_READY,
		"and the session lives");
	PQfinish(other);
	end(&seen);
}

static void
test_lost(struct cluster *cluster, struct loop *loop)
{
	struct seen seen = { .loop = loop };
	PGconn *other = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);
	struct error error = { 0 };
	char sql[64];
	int pid;

	start(&seen, NULL);
	cluster_await(loop, is_connected, &seen);
	pid = pg_backend_pid(seen.pg);
	pg_query(seen.pg, "SELECT pg_sleep(1000)", NULL, 0, on_answer, &seen, &error);
	snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%d)", pid);
	cluster_run(other, sql);
	seen.connected = 0;
	tap_ok(cluster_await(loop, is_lost, &seen), "a terminated session is lost");
	tap_ok(seen.answers == 1 && seen.answer_lost,
		"the query under way ends as lost");
	tap_ok(strstr(seen.message,
		       "terminating connection due to administrator command"),
		"it says why: %s", seen.message);
	tap_ok(cluster_await(loop, is_connected, &seen), "it comes back");
	tap_ok(pg_backend_pid(seen.pg) != pid, "as another one");

	/* While idle the server's last words come as a notice. */
	snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%d)",
		pg_backend_pid(seen.pg));
	seen.connected = seen.lost = 0;
	cluster_run(other, sql);
	tap_ok(cluster_await(loop, is_lost, &seen), "an idle one is lost at once");
	tap_ok(strstr(seen.message, "administrator command"), "with why: %s",
		seen.message);
	cluster_await(loop, is_connected, &seen);
	pid = pg_backend_pid(seen.pg);
	seen.connected = 0;
	pg_reconnect(seen.pg);
	tap_ok(cluster_await(loop, is_connected, &seen) &&
			pg_backend_pid(seen.pg) != pid,
		"a session is made anew when asked");
	PQfinish(other);
	end(&seen);
}

static void
test_killed(struct cluster *cluster, struct loop *loop)
{
	struct seen seen = { .loop = loop };

	start(&seen, NULL);
	cluster_await(loop, is_connected, &seen);
	seen.connected = 0;
	cluster_do(cluster, "kill", "primary");
	tap_ok(cluster_await(loop, is_lost, &seen), "a killed server is lost");
	tap_diag("%s", seen.message);
	/* Long enough away to have reached the longest pause between attempts. */
	while (seen.lost < 6)
		loop_turn(loop, true);
	tap_ok(strstr(seen.message, "cannot connect to billing on"),
		"attempts say what they meet: %s", seen.message);
	cluster_do(cluster, "restart", "primary");
	tap_ok(cluster_await(loop, is_connected, &seen), "it comes back by itself");
	tap_ok(seen.longest_us > 0 && seen.longest_us <= 500 * INT64_C(1000),
		"no pause was longer than half a second (%lld ms)",
		(long long)seen.longest_us / 1000);
	end(&seen);
}

/* The server goes between two queries, and the loop has not seen it yet.  Bigger than
 * what libpq collects before it writes, a query makes it look. */
static void
test_send_to_nobody(struct cluster *cluster, struct loop *loop)
{
	static const size_t SIZES[] = { 1, 8 * 1024, 64 * 1024, BIG };

	for (size_t i = 0; i < sizeof(SIZES) / sizeof(SIZES[0]); i++) {
		struct seen seen = { .loop = loop };
		struct error error = { 0 };
		char *sql = alloc_printf("SELECT 1%*s", (int)SIZES[i], "");

		start(&seen, NULL);
		cluster_await(loop, is_connected, &seen);
		seen.connected = 0;
		cluster_do(cluster, "kill", "primary");
		tap_ok(pg_query(seen.pg, sql, NULL, 0, on_answer, &seen, &error),
			"%zu bytes to a server that is gone", SIZES[i]);
		tap_is_int(seen.answers + seen.lost, 0, "nothing is told at once");
		tap_ok(cluster_await(loop, is_lost, &seen), "it is lost");
		tap_ok(strstr(seen.message, "lost the connection to billing on "), "%s",
			seen.message);
		tap_ok(seen.answers == 1 && seen.answer_lost,
			"the query ends, once, as lost");
		cluster_do(cluster, "restart", "primary");
		tap_ok(cluster_await(loop, is_connected, &seen), "it comes back");
		error_clear(&error);
		free(sql);
		end(&seen);
	}
}

static void
test_refused(struct cluster *cluster, struct loop *loop)
{
	struct seen seen = { .loop = loop };
	char given[256];

	start(&seen, "nowhere");
	tap_ok(cluster_await(loop, is_lost, &seen), "no such database");
	snprintf(given, sizeof(given),
		"cannot connect to nowhere on %s:5432: FATAL: database \"nowhere\" "
		"does "
		"not exist",
		cluster_host(cluster));
	tap_is_text(seen.message, given, "and the operator reads why");
	end(&seen);

	snprintf(given, sizeof(given), "host=/tmp/nobody-here,%s port=5432,5433",
		cluster_host(cluster));
	start(&seen, given);
	tap_ok(cluster_await(loop, is_connected, &seen), "the second host of two");
	tap_is_text(pg_port(seen.pg), "5433", "is the one that answers");
	end(&seen);

	start(&seen, "host=no-such-host.invalid connect_timeout=2");
	tap_ok(cluster_await(loop, is_lost, &seen), "a name that there isn't");
	tap_ok(strstr(seen.message, "no-such-host.invalid"), "%s", seen.message);
	end(&seen);

	/* Gone before anything came of it, in every state that it may be in. */
	start(&seen, NULL);
	end(&seen);
	start(&seen, "host=no-such-host.invalid");
	loop_turn(loop, true);
	end(&seen);
	start(&seen, NULL);
	while (pg_state(seen.pg) != PG_CONNECTING)
		loop_turn(loop, true);
	end(&seen);
	start(&seen, NULL);
	seen.free_when_connected = true;
	tap_ok(cluster_await(loop, is_connected, &seen), "freed by its own handler");
	seen.pg = NULL;
	end(&seen);
}

/* Who goes away while the server works leaves no FATAL in its log. */
static void
test_leaving(struct cluster *cluster, struct loop *loop)
{
	static const char gone[] = "SELECT count(*) = 0 FROM pg_stat_activity "
				   "WHERE application_name = 'leaving'";
	struct seen seen = { .loop = loop };
	PGconn *other = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);
	struct error error = { 0 };

	start_as(&seen, NULL, "leaving");
	cluster_await(loop, is_connected, &seen);
	pg_query(seen.pg, "SELECT pg_sleep(0.005), 'answer'", NULL, 0, on_answer, &seen,
		&error);
	pg_free(seen.pg);
	tap_is_int(seen.answers, 0, "nobody hears an answer after pg_free");
	seen.pg = NULL;
	end(&seen);
	start_as(&seen, NULL, "leaving");
	while (pg_state(seen.pg) != PG_CONNECTING)
		loop_turn(loop, true);
	loop_turn(loop, true); /* says who it is */
	end(&seen);
	cluster_wait_for(other, gone);
	tap_is_int(cluster_log_errors(cluster, "leaving"), 0,
		"an answer under way is heard out");

	/* Not for ever. */
	start_as(&seen, NULL, "leaving");
	cluster_await(loop, is_connected, &seen);
	pg_query(seen.pg, "SELECT pg_sleep(0.5)", NULL, 0, on_answer, &seen, &error);
	end(&seen);
	cluster_wait_for(other, gone);
	tap_is_int(cluster_log_errors(cluster, "leaving"), 1,
		"but not for long: the server has seen it go");
	PQfinish(other);
}

static void
test_encoding(struct cluster *cluster, struct loop *loop)
{
	struct seen seen = { .loop = loop };
	PGconn *other = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);

	cluster_run(other, "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 "
			   "LC_COLLATE 'C' LC_CTYPE 'C'");
	setenv("PGCLIENTENCODING", "UTF8", 1);
	start(&seen, "latin");
	tap_ok(cluster_await(loop, is_connected, &seen), "a database in LATIN1");
	unsetenv("PGCLIENTENCODING");
	ask(&seen, "SHOW client_encoding", NULL, 0);
	tap_is_text(seen.value, "LATIN1", "its bytes come as they are");
	end(&seen);
	PQfinish(other);
}

int
main(void)
{
	struct cluster *cluster = cluster_start();
	struct loop *loop = loop_new();

	test_queries(loop);
	test_pinned(loop);
	test_parts(loop);
	test_many_rows(loop);
	test_cancel(cluster, loop);
	test_lost(cluster, loop);
	test_killed(cluster, loop);
	test_send_to_nobody(cluster, loop);
	test_refused(cluster, loop);
	test_leaving(cluster, loop);
	test_encoding(cluster, loop);
	tap_ok(loop_free(loop), "nothing is left behind");
	cluster_stop(cluster);
	return tap_done();
}
