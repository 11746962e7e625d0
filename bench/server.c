/*
 * server [TIMES [REST]]: what each query of a refresh costs the server that libpq's
 * environment names, in milliseconds of its backend's CPU time.  The server must be on
 * this machine: the kernel counts for each process (schedstat).
 *
 *   text      sent as it is: parsed, planned and run; the least of TIMES, back to back
 *   prepared  run by its name, without parsing and planning; likewise
 *   at rest   prepared, when the server has done other things for REST milliseconds, as
 *             between two refreshes: the median of TIMES
 *
 * A query alone reads again what those of a refresh share (the state of all sessions),
 * so all at once cost less than their sum.
 */
#define _POSIX_C_SOURCE 200809L

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/drive/pg_queries.h"
#include "src/drive/pg_version.h"

enum { TIMES_MOST = 1000, WARM_UP = 5 };

/* What a refresh asks on a primary where nothing is going on but waiting. */
static const enum pg_query_id refresh[] = {
	PG_QUERY_IDENTITY,
	PG_QUERY_WAL,
	PG_QUERY_SESSIONS,
	PG_QUERY_SENDERS,
	PG_QUERY_SLOTS,
	PG_QUERY_SUBSCRIBED,
	PG_QUERY_VITALS,
	PG_QUERY_PREPARED,
	PG_QUERY_LOCKS,
	PG_QUERY_PROGRESS,
	PG_QUERY_TABLE,
	PG_QUERY_CLOCK,
};
enum { REFRESH = sizeof(refresh) / sizeof(refresh[0]) };

struct bench {
	PGconn *connection;
	int backend, waiter;
	int times, rest_ms;
};

static void
fail(const char *what, const char *why)
{
	fprintf(stderr, "server: %s: %s\n", what, why);
	exit(1);
}

static void
rest(int milliseconds)
{
	struct timespec time = { milliseconds / 1000,
		(long)(milliseconds % 1000) * 1000000 };

	nanosleep(&time, NULL);
}

/* CPU time of the backend so far. */
static double
cpu_ms(const struct bench *bench)
{
	char path[64];
	double nanoseconds = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", bench->backend);
	rest(1); /* it answers before it goes to sleep */
	file = fopen(path, "r");
	if (!file || fscanf(file, "%lf", &nanoseconds) != 1)
		fail(path, "the kernel doesn't tell the backend's CPU time");
	fclose(file);
	return nanoseconds / 1e6;
}

/* Runs all that the text has; the last result is the caller's. */
static PGresult *
run(const struct bench *bench, const char *sql)
{
	PGresult *result = PQexec(bench->connection, sql);
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
		fail(sql, PQerrorMessage(bench->connection));
	return result;
}

static int
number(const struct bench *bench, const char *sql)
{
	PGresult *result = run(bench, sql);
	int value = PQntuples(result) ? atoi(PQgetvalue(result, 0, 0)) : 0;

	PQclear(result);
	return value;
}

static double
cost_ms(const struct bench *bench, const char *sql)
{
	double before = cpu_ms(bench);

	PQclear(run(bench, sql));
	return cpu_ms(bench) - before;
}

static int
compare(const void *left, const void *right)
{
	const double *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static double
median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof(*values), compare);
	return values[count / 2];
}

static double
least_cost_ms(const struct bench *bench, const char *sql)
{
	double least = 0;

	for (int i = -WARM_UP; i < bench->times; i++) {
		double cost = cost_ms(bench, sql);

		if (i <= 0 || cost < least)
			least = cost;
	}
	return least;
}

/* The whole text, about a session that waits where it is about one. */
static char *
text_of(const struct bench *bench, enum pg_query_id id)
{
	struct str sql = { 0 };

	str_add(&sql, pg_queries_text(id, PQserverVersion(bench->connection)));
	if (id == PG_QUERY_HELD)
		str_printf(&sql, "%d", bench->waiter);
	else if (id == PG_QUERY_EVENT)
		str_printf(&sql, "%d)", bench->waiter);
	else if (id == PG_QUERY_WRITES)
		str_printf(&sql, "(%d)", bench->waiter);
	else if (id == PG_QUERY_TABLES)
		pg_version_condition(NULL, &sql);
	else if (id == PG_QUERY_TABLE)
		str_printf(&sql, "c.oid = %d",
			number(bench, "SELECT max(oid::int) FROM pg_class "
				      "WHERE relkind = 'r' AND oid >= 16384"));
	return str_take(&sql);
}

static long
result_bytes(const PGresult *result)
{
	long bytes = 0;

	for (int row = 0; row < PQntuples(result); row++)
		for (int column = 0; column < PQnfields(result); column++)
			bytes += PQgetlength(result, row, column);
	return bytes;
}

static void
execute_text(enum pg_query_id id, char *to, size_t size)
{
	snprintf(to, size, "EXECUTE %s", pg_queries_name(id));
}

/* After a rest, as the console asks: medians of each in the order of a refresh. */
static void
at_rest(const struct bench *bench, double *medians)
{
	double *values = calloc((size_t)REFRESH * (size_t)bench->times, sizeof(double));
	char sql[64];

	for (int time = 0; values && time < bench->times; time++) {
		rest(bench->rest_ms);
		for (int i = 0; i < REFRESH; i++) {
			execute_text(refresh[i], sql, sizeof(sql));
			values[i * bench->times + time] = cost_ms(bench, sql);
		}
	}
	for (int i = 0; values && i < REFRESH; i++)
		medians[i] = median(values + i * bench->times, bench->times);
	free(values);
}

/* All of a refresh in one message, after a rest. */
static void
measure_whole(const struct bench *bench, bool prepared)
{
	double values[TIMES_MOST];
	struct str sql = { 0 };

	for (int i = 0; i < REFRESH; i++) {
		char *text = text_of(bench, refresh[i]);

		if (prepared)
			str_printf(&sql, "EXECUTE %s;\n", pg_queries_name(refresh[i]));
		else
			str_printf(&sql, "%s;\n", text);
		free(text);
	}
	for (int i = -WARM_UP; i < bench->times; i++) {
		rest(bench->rest_ms);
		values[i < 0 ? 0 : i] = cost_ms(bench, str_text(&sql));
	}
	double middle = median(values, bench->times);

	printf("%-18s %10s %10s %10.2f %10.2f %8s %7zu\n",
		prepared ? "at once, prepared" : "at once, as text", "", "", middle,
		values[0], "", sql.length);
	str_free(&sql);
}

/* What the server's own views take of it, whoever asks and however little. */
static void
measure_floor(const struct bench *bench, const char *sql)
{
	double values[TIMES_MOST], middle;
	struct str prepare = { 0 };

	str_printf(&prepare, "PREPARE floor AS %s", sql);
	PQclear(run(bench, str_text(&prepare)));
	for (int i = -WARM_UP; i < bench->times; i++) {
		rest(bench->rest_ms);
		values[i < 0 ? 0 : i] = cost_ms(bench, "EXECUTE floor");
	}
	PQclear(run(bench, "DEALLOCATE floor"));
	middle = median(values, bench->times);
	printf("%-40s %10.2f %10.2f\n", sql + strlen("SELECT "), middle, values[0]);
	str_free(&prepare);
}

static int
place_in_refresh(enum pg_query_id id)
{
	for (int i = 0; i < REFRESH; i++)
		if (refresh[i] == id)
			return i;
	return -1;
}

static void
prepare(const struct bench *bench, enum pg_query_id id)
{
	char *text = text_of(bench, id);
	struct str sql = { 0 };

	str_printf(&sql, "PREPARE %s AS %s", pg_queries_name(id), text);
	PQclear(run(bench, str_text(&sql)));
	str_free(&sql);
	free(text);
}

/* Prints a line, and adds to the sums if it is one of a refresh. */
static void
measure(const struct bench *bench, enum pg_query_id id, const double *rested,
	double sums[3])
{
	char *text = text_of(bench, id), execute[64];
	double planned = least_cost_ms(bench, text), prepared;
	int place = place_in_refresh(id);
	PGresult *result;

	execute_text(id, execute, sizeof(execute));
	prepared = least_cost_ms(bench, execute);
	result = run(bench, execute);
	printf("%-18s %10.2f %10.2f ", pg_queries_name(id), planned, prepared);
	if (place >= 0)
		printf("%10.2f", rested[place]);
	else
		printf("%10s", "");
	printf(" %7d %8ld %7zu\n", PQntuples(result), result_bytes(result),
		strlen(text));
	fflush(stdout);
	if (place >= 0) {
		sums[0] += planned;
		sums[1] += prepared;
		sums[2] += rested[place];
	}
	PQclear(result);
	free(text);
}

/* Whether it can be asked of a primary by itself. */
static bool
is_asked(const struct bench *bench, enum pg_query_id id)
{
	return id != PG_QUERY_SETTINGS && id != PG_QUERY_CANCEL &&
	       id != PG_QUERY_TERMINATE &&
	       *pg_queries_text(id, PQserverVersion(bench->connection)) != '\0';
}

static void
measure_all(const struct bench *bench)
{
	double rested[REFRESH] = { 0 }, sums[3] = { 0 };

	for (int id = 0; id < PG_QUERY_COUNT; id++)
		if (is_asked(bench, (enum pg_query_id)id))
			prepare(bench, (enum pg_query_id)id);
	at_rest(bench, rested);
	printf("Server %d, CPU of the backend in ms, %d times, rests of %d ms\n",
		PQserverVersion(bench->connection), bench->times, bench->rest_ms);
	printf("%-18s %10s %10s %10s %7s %8s %7s\n", "query", "text", "prepared",
		"at rest", "rows", "bytes", "length");
	for (int i = 0; i < REFRESH; i++)
		measure(bench, refresh[i], rested, sums);
	printf("%-18s %10.2f %10.2f %10.2f\n", "sum of a refresh", sums[0], sums[1],
		sums[2]);
	printf("%-18s %10s %10s %10s %10s\n", "", "", "", "at rest", "least");
	measure_whole(bench, false);
	measure_whole(bench, true);
	measure_floor(bench, "SELECT count(*) FROM pg_stat_activity");
	measure_floor(bench, "SELECT count(*) FROM pg_locks");
	measure_floor(
		bench, "SELECT pg_blocking_pids(pid) FROM pg_locks WHERE NOT granted");
	printf("On demand, or elsewhere:\n");
	for (int id = 0; id < PG_QUERY_COUNT; id++)
		if (is_asked(bench, (enum pg_query_id)id) &&
			place_in_refresh((enum pg_query_id)id) < 0)
			measure(bench, (enum pg_query_id)id, rested, sums);
}

int
main(int argc, char **argv)
{
	struct bench bench = { .times = argc > 1 ? atoi(argv[1]) : 25,
		.rest_ms = argc > 2 ? atoi(argv[2]) : 300 };

	if (argc > 3 || bench.times < 1 || bench.times > TIMES_MOST ||
		bench.rest_ms < 0) {
		fputs("usage: server [TIMES [REST]]\n", stderr);
		return 2;
	}
	bench.connection = PQconnectdb("");
	if (PQstatus(bench.connection) != CONNECTION_OK)
		fail("no connection", PQerrorMessage(bench.connection));
	PQclear(run(&bench,
		pg_queries_text(PG_QUERY_SETTINGS, PQserverVersion(bench.connection))));
	bench.backend = number(&bench, "SELECT pg_backend_pid()");
	bench.waiter = number(&bench, "SELECT pid FROM pg_locks WHERE NOT granted");
	measure_all(&bench);
	PQfinish(bench.connection);
	return 0;
}
