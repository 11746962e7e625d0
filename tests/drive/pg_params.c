/* Connection settings from what people give; nothing here asks the network. */
#include "pgrunbook/drive/pg_params.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pgrunbook/drive/file.h"
#include "tests/tap/scratch.h"
#include "tests/tap/tap.h"

static void
is_value(const struct pg_params *params, const char *keyword, const char *want)
{
	char *value = pg_params_value(params, keyword);

	tap_is_text(value, want, "%s is %s", keyword, want ? want : "not set");
	free(value);
}

static bool
make(const char *given, const char *host, const char *port, const char *user,
	struct pg_params *params)
{
	struct error error = { 0 };
	bool made = pg_params_make(given, host, port, user, params, &error);

	if (!made)
		tap_diag("%s", error.message);
	error_clear(&error);
	return made;
}

static void
is_refused(const char *given, const char *want)
{
	struct pg_params params;
	struct error error = { 0 };

	tap_ok(!pg_params_make(given, NULL, NULL, NULL, &params, &error), "refused: %s",
		given);
	tap_is_text(error.message, want, "because");
	error_clear(&error);
	pg_params_free(&params);
}

static void
test_foreign(void)
{
	is_refused("mysql://u:secret@h/d",
		"mysql:// is no URL of PostgreSQL: those begin with postgresql://");
	is_refused("mysql+pymysql://u:se=cret@h/d",
		"mysql+pymysql:// is no URL of PostgreSQL: those begin with "
		"postgresql://");
}

static void
is_url(const char *url, const char *want)
{
	char *got = pg_params_libpq_url(url);

	tap_is_text(got, want, "%s", url);
	free(got);
}

static void
test_urls(void)
{
	is_url("billing", "billing");
	is_url("postgresql://u@h/d?ssl=true", "postgresql://u@h/d?ssl=true");
	is_url("postgresql+asyncpg://u:p%40@h:5433/d", "postgresql://u:p%40@h:5433/d");
	is_url("postgres+psycopg2://u@/d?host=/run/x&port=5432",
		"postgresql://u@/d?port=5432&host=/run/x");
	is_url("postgresql+asyncpg://h/d?ssl=require&prepared_statement_cache_size=0",
		"postgresql://h/d?sslmode=require");
	is_url("postgresql+asyncpg://h/d?ssl=true&timeout=3&application_name=x",
		"postgresql://h/"
		"d?sslmode=require&connect_timeout=3&application_name=x");
	is_url("postgresql+psycopg://u@/d?host=a:5432&host=b:5433",
		"postgresql://u@/d?host=a,b&port=5432,5433");
	is_url("mysql+pymysql://h/d", "mysql+pymysql://h/d");
}

static void
test_given(void)
{
	struct pg_params params;

	tap_ok(make("billing", NULL, NULL, NULL, &params), "a name is a database");
	is_value(&params, "dbname", "billing");
	is_value(&params, "port", "5432");
	pg_params_free(&params);

	tap_ok(make("host=a port=6000 dbname=x", "b", NULL, "me", &params),
		"options beat a conninfo");
	is_value(&params, "host", "b");
	is_value(&params, "port", "6000");
	is_value(&params, "user", "me");
	pg_params_free(&params);

	tap_ok(make("postgresql+asyncpg://u:secret@db1,db2:5433/d", NULL, NULL, NULL,
		       &params),
		"a URL of SQLAlchemy");
	is_value(&params, "host", "db1,db2");
	is_value(&params, "password", "secret");
	pg_params_set(&params, "application_name", "x");
	pg_params_set(&params, "application_name", "y");
	is_value(&params, "application_name", "y");
	pg_params_free(&params);

	setenv("PGHOST", "from-environment", 1);
	setenv("PGDATABASE", "theirs", 1);
	tap_ok(make(NULL, NULL, NULL, "me", &params), "nothing but the environment");
	is_value(&params, "host", "from-environment");
	is_value(&params, "dbname", "theirs");
	unsetenv("PGHOST");
	unsetenv("PGDATABASE");
	is_value(&params, "dbname", "me");
	pg_params_free(&params);
}

static void
fails(const char *given, const char *port, const char *words)
{
	struct pg_params params;
	struct error error = { 0 };

	tap_ok(!pg_params_make(given, NULL, port, NULL, &params, &error),
		"%s port %s fails", given, port ? port : "-");
	tap_ok(error.message && strstr(error.message, words), "and says: %s",
		error.message ? error.message : "nothing");
	tap_ok(!error.message || !strstr(error.message, "s3cret"), "but no password");
	error_clear(&error);
	pg_params_free(&params);
}

static void
test_errors(void)
{
	fails("nonsense=1", NULL, "nonsense");
	fails("postgresql://u:s3cret@[::1/d", NULL, "connection string");
	fails("password='s3cret", NULL, "connection string");
	fails("billing", "54x2", "54x2");
	fails("billing", "0", "from 1 to 65535");
	fails("service=nowhere", NULL, "nowhere");
}

static bool
has(const struct pg_params *params, const char *item)
{
	struct strlist environment = { 0 };
	bool found;

	pg_params_environment(params, &environment);
	found = strlist_has(&environment, item);
	if (!found) {
		for (size_t i = 0; i < environment.count; i++)
			tap_diag("%s", environment.items[i]);
	}
	strlist_free(&environment);
	return found;
}

static void
test_environment(void)
{
	struct pg_params params, copy;
	char path[] = "/tmp/pgrunbook-service-XXXXXX";
	int fd = mkstemp(path);
	static const char service[] = "[prod]\nhost=db.prod\nport=6432\nuser=deploy\n"
				      "password=pw\ndbname=billing\n";

	make("postgresql://u:pw@h/d?sslmode=disable&application_name=x", NULL, NULL,
		NULL, &params);
	pg_params_copy(&copy, &params);
	pg_params_free(&params);
	tap_ok(has(&copy, "PGHOST=h"), "PGHOST");
	tap_ok(has(&copy, "PGPORT=5432"), "PGPORT, though it is the default");
	tap_ok(has(&copy, "PGUSER=u"), "PGUSER");
	tap_ok(has(&copy, "PGDATABASE=d"), "PGDATABASE");
	tap_ok(has(&copy, "PGPASSWORD=pw"), "the password that was given");
	tap_ok(has(&copy, "PGSSLMODE=disable"), "another setting that was given");
	tap_ok(has(&copy, "PGSERVICE"), "PGSERVICE is taken away");
	pg_params_free(&copy);

	tap_ok(write(fd, service, strlen(service)) > 0, "a service file");
	close(fd);
	setenv("PGSERVICEFILE", path, 1);
	setenv("PGSERVICE", "prod", 1);
	make(NULL, "other", NULL, NULL, &params);
	tap_ok(has(&params, "PGHOST=other"), "a host that was given beats the service");
	tap_ok(has(&params, "PGPORT=6432"), "the rest comes from the service");
	tap_ok(has(&params, "PGPASSWORD=pw"), "the service's password too");
	is_value(&params, "user", "deploy");
	pg_params_free(&params);
	unsetenv("PGSERVICE");
	unsetenv("PGSERVICEFILE");
	unlink(path);
}

/* Whether libpq is part of this process. */
static bool
is_loaded(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[4096];
	bool found = false;

	if (!maps)
		abort();
	while (!found && fgets(line, sizeof(line), maps))
		found = strstr(line, "/libpq.so") != NULL;
	fclose(maps);
	return found;
}

static void
test_loaded(void)
{
	struct pg_params params;

	tap_ok(!is_loaded(), "a program that asks no database has no libpq");
	make("app", NULL, NULL, NULL, &params);
	tap_ok(is_loaded(), "it is loaded for the first one");
	pg_params_free(&params);
}

/* Run again by test_missing, where libpq is a file without a byte. */
static int
without_library(void)
{
	struct pg_params params;
	struct error error = { 0 };
	bool made = pg_params_make("app", NULL, NULL, NULL, &params, &error);

	puts(made ? "made" : error.message);
	error_clear(&error);
	pg_params_free(&params);
	return 0;
}

/* This program, which looks for libraries in a folder first; what it says. */
static FILE *
start_without_library(const char *folder, pid_t *pid)
{
	int ends[2];

	if (pipe(ends) != 0)
		abort();
	*pid = fork();
	if (*pid == 0) {
		setenv("LD_LIBRARY_PATH", folder, true);
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		execl("/proc/self/exe", "pg_params", "without", (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	return fdopen(ends[0], "r");
}

static void
test_missing(void)
{
	char *folder = scratch_make(), *path = file_join(folder, "libpq.so.5");
	char line[4096] = "";
	int empty = open(path, O_WRONLY | O_CREAT, 0600);

	if (empty < 0)
		abort();
	close(empty);
	pid_t pid;
	FILE *out = start_without_library(folder, &pid);
	if (!out || !fgets(line, sizeof(line), out))
		abort();
	fclose(out);
	waitpid(pid, NULL, 0);
	tap_ok(strstr(line, "can't load PostgreSQL's client library") &&
			strstr(line, "libpq.so.5") && strstr(line, "libpq5"),
		"one that is missing is told of: %s", line);
	free(path);
	scratch_remove(folder);
}

int
main(int argc, char **argv)
{
	static const char *const names[] = { "PGHOST", "PGPORT", "PGUSER", "PGDATABASE",
		"PGSERVICE", "PGSERVICEFILE", "PGPASSWORD", "PGHOSTADDR" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
	(void)argv;
	if (argc > 1)
		return without_library();
	test_loaded();
	test_missing();
	test_urls();
	test_foreign();
	test_given();
	test_errors();
	test_environment();
	return tap_done();
}
