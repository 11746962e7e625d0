#include "tests/cluster/cluster.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATH_TEXT = 512, DEADLINE_S = 20 };

struct cluster {
	char directory[64], host[80], script[PATH_TEXT];
	int leash; /* the guardian acts when this closes */
	pid_t guardian;
};

static void
cluster_die(const char *what, const char *detail)
{
	printf("Bail out! %s: %s\n", what, detail);
	fflush(stdout);
	exit(99);
}

/* Runs a program and waits; its exit status, -1 if it didn't exit. */
static int
cluster_command(const char *const *argv)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* Sleeps until the test is gone or has done with the servers, then clears up. */
static void
cluster_guard(const struct cluster *cluster, int leash)
{
	const char *const stop[] = { cluster->script, "stop", cluster->directory,
		NULL };
	const char *const clear[] = { "rm", "-rf", cluster->directory, NULL };
	char byte;

	/* Ctrl-C goes to everyone at the terminal. */
	setsid();
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	while (read(leash, &byte, 1) > 0)
		continue;
	cluster_command(stop);
	cluster_command(clear);
	_exit(0);
}

static void
cluster_start_guardian(struct cluster *cluster)
{
	int leash[2];

	if (pipe2(leash, O_CLOEXEC) != 0)
		cluster_die("pipe", "failed");
	cluster->guardian = fork();
	if (cluster->guardian == 0) {
		close(leash[1]);
		cluster_guard(cluster, leash[0]);
	}
	close(leash[0]);
	cluster->leash = leash[1];
}

/* "export NAME=VALUE" lines, a value in single quotes or bare. */
static void
cluster_read_env(const struct cluster *cluster)
{
	char path[PATH_TEXT], line[PATH_TEXT];
	FILE *file;

	snprintf(path, sizeof(path), "%s/env", cluster->directory);
	file = fopen(path, "r");
	if (!file)
		cluster_die(path, "can't be read");
	while (fgets(line, sizeof(line), file)) {
		char *name = strncmp(line, "export ", 7) == 0 ? line + 7 : line;
		char *value = strchr(name, '=');

		if (!value)
			continue;
		*value++ = '\0';
		value[strcspn(value, "\n")] = '\0';
		if (*value == '\'') {
			value++;
			value[strcspn(value, "'")] = '\0';
		}
		setenv(name, value, 1);
	}
	fclose(file);
}

struct cluster *
cluster_start(void)
{
	struct cluster *cluster = calloc(1, sizeof(*cluster));
	const char *source = getenv("srcdir");

	if (!cluster)
		abort();
	snprintf(cluster->directory, sizeof(cluster->directory),
		"/tmp/pgrunbook-XXXXXX");
	if (!mkdtemp(cluster->directory))
		cluster_die(cluster->directory, "can't be made");
	snprintf(cluster->host, sizeof(cluster->host), "%s/sock", cluster->directory);
	snprintf(cluster->script, sizeof(cluster->script), "%s/demo/cluster",
		source ? source : ".");
	cluster_start_guardian(cluster);

	const char *const start[] = { cluster->script, "start", cluster->directory,
		NULL };

	if (cluster_command(start) != 0)
		cluster_die(cluster->script, "could not start the servers");
	cluster_read_env(cluster);
	return cluster;
}

void
cluster_stop(struct cluster *cluster)
{
	close(cluster->leash);
	waitpid(cluster->guardian, NULL, 0);
	free(cluster);
}

const char *
cluster_directory(const struct cluster *cluster)
{
	return cluster->directory;
}

const char *
cluster_host(const struct cluster *cluster)
{
	return cluster->host;
}

void
cluster_do(const struct cluster *cluster, const char *verb, const char *server)
{
	const char *const argv[] = { cluster->script, verb, cluster->directory, server,
		NULL };

	if (cluster_command(argv) != 0)
		cluster_die(cluster->script, verb);
}

static FILE *
cluster_open_log(const struct cluster *cluster, const char *server)
{
	char path[PATH_TEXT];
	FILE *file;

	snprintf(path, sizeof(path), "%s/log/%s.log", cluster->directory, server);
	file = fopen(path, "r");
	if (!file)
		cluster_die(path, "can't be read");
	return file;
}

int
cluster_log_count(const struct cluster *cluster, const char *server, const char *text)
{
	char *line = NULL;
	size_t room = 0;
	int count = 0;
	FILE *file = cluster_open_log(cluster, server);

	while (getline(&line, &room, file) > 0) {
		if (strstr(line, text) && count++ == 0)
			printf("# %s.log: %s", server, line);
	}
	free(line);
	fclose(file);
	return count;
}

bool
cluster_log_has(const struct cluster *cluster, const char *server, const char *text)
{
	return cluster_log_count(cluster, server, text) > 0;
}

/* By the log_line_prefix that demo/cluster sets. */
static bool
cluster_is_error_of(const char *line, const char *application)
{
	static const char *const levels[] = { "ERROR", "FATAL", "PANIC" };
	char start[PATH_TEXT];

	if (strstr(line, "terminating connection due to administrator command") ||
		strstr(line,
			"terminating connection due to unexpected postmaster exit"))
		return false;
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		snprintf(start, sizeof(start), "] %s %s:  ", application, levels[i]);
		if (strstr(line, start))
			return true;
	}
	return false;
}

int
cluster_log_errors(const struct cluster *cluster, const char *application)
{
	static const char *const servers[] = { "primary", "standby" };
	char *line = NULL;
	size_t room = 0;
	int count = 0;

	for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
		FILE *file = cluster_open_log(cluster, servers[i]);

		while (getline(&line, &room, file) > 0) {
			if (!cluster_is_error_of(line, application))
				continue;
			printf("# %s.log: %s", servers[i], line);
			count++;
		}
		fclose(file);
	}
	free(line);
	return count;
}

PGconn *
cluster_connect(const struct cluster *cluster, int port, const char *settings)
{
	char conninfo[PATH_TEXT];
	PGconn *connection;

	snprintf(conninfo, sizeof(conninfo),
		"host=%s port=%d dbname=billing user=postgres "
		"options='-c client_min_messages=warning' %s",
		cluster->host, port, settings ? settings : "");
	connection = PQconnectdb(conninfo);
	if (PQstatus(connection) != CONNECTION_OK)
		cluster_die(conninfo, PQerrorMessage(connection));
	return connection;
}

void
cluster_run(PGconn *connection, const char *sql)
{
	PGresult *result = PQexec(connection, sql);
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		cluster_die(sql, PQerrorMessage(connection));
	PQclear(result);
}

void
cluster_set(PGconn *connection, const char *setting)
{
	char sql[160];

	snprintf(sql, sizeof(sql), "ALTER SYSTEM SET %s", setting);
	cluster_run(connection, sql);
	cluster_run(connection, "SELECT pg_reload_conf()");
}

const char *
cluster_ask(PGconn *connection, const char *sql)
{
	static char value[PATH_TEXT];
	PGresult *result = PQexec(connection, sql);

	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		cluster_die(sql, PQerrorMessage(connection));
	snprintf(value, sizeof(value), "%s",
		PQntuples(result) ? PQgetvalue(result, 0, 0) : "");
	PQclear(result);
	return value;
}

void
cluster_send(PGconn *connection, const char *sql)
{
	if (!PQsendQuery(connection, sql))
		cluster_die(sql, PQerrorMessage(connection));
}

const char *
cluster_finish(PGconn *connection)
{
	static char sqlstate[6];
	PGresult *result;

	sqlstate[0] = '\0';
	while ((result = PQgetResult(connection))) {
		const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);

		if (code)
			snprintf(sqlstate, sizeof(sqlstate), "%s", code);
		PQclear(result);
	}
	return sqlstate;
}

bool
cluster_wait_for(PGconn *connection, const char *sql)
{
	time_t end = time(NULL) + DEADLINE_S;

	/* The server does the waiting, so that this costs it little. */
	while (strcmp(cluster_ask(connection, sql), "t") != 0) {
		if (time(NULL) > end)
			return false;
		cluster_run(connection, "SELECT pg_sleep(0.01)");
	}
	return true;
}

bool
cluster_wait_blocked(PGconn *connection, PGconn *waiter)
{
	char sql[128];

	snprintf(sql, sizeof(sql),
		"SELECT EXISTS (SELECT FROM pg_locks WHERE pid = %d AND NOT granted)",
		PQbackendPID(waiter));
	return cluster_wait_for(connection, sql);
}

static void
cluster_on_deadline(void *context)
{
	*(bool *)context = true;
}

bool
cluster_await(
	struct loop *loop, bool (*condition)(const void *context), const void *context)
{
	bool over = false;
	struct loop_timer *deadline = loop_timer_new(loop, cluster_on_deadline, &over);

	loop_timer_start(deadline, (int64_t)DEADLINE_S * 1000000, 0);
	while (!over && !condition(context))
		loop_turn(loop, true);
	loop_timer_free(deadline);
	return condition(context);
}
