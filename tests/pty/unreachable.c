/* A server that is there and doesn't let us in, and a name that nobody knows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/pty/console.h"
#include "tests/tap/tap.h"

enum { CONNECTIONS = 30 };

static void
open_as(struct console_test *test, const char *environment, const char *user)
{
	char *line = alloc_printf("%s exec \"$PGRUNBOOK\" -c '%s/alembic.ini' -d "
				  "'host=%s port=5432 dbname=billing user=%s' "
				  "--every 200ms",
		environment, test->tree, cluster_host(test->cluster), user);
	const char *const argv[] = { "bash", "-c", line, NULL };

	test->pty = pty_start(40, 160, NULL, argv);
	free(line);
}

static PGconn *
connect_as(const struct console_test *test, const char *user)
{
	char *conninfo = alloc_printf(
		"host=%s dbname=billing user=%s", cluster_host(test->cluster), user);
	PGconn *connection = PQconnectdb(conninfo);

	free(conninfo);
	return connection;
}

/* Takes every place, in the end the console's own. */
static void
take_all(struct console_test *test, PGconn **held, int *count)
{
	static const char none[] = "SELECT count(*) = 0 FROM pg_stat_activity WHERE "
				   "application_name = 'pgrunbook'";
	bool gone = false;

	for (*count = 0; *count < CONNECTIONS; (*count)++) {
		held[*count] = connect_as(test, "plain");
		if (PQstatus(held[*count]) == CONNECTION_OK)
			continue;
		PQfinish(held[*count]);
		/* Before and after there was no place the console wasn't there: a
		 * place that it has just left would be free. */
		bool before = gone;
		gone = strcmp(cluster_ask(test->primary, none), "t") == 0;
		if (before && gone)
			return;
		cluster_run(test->primary,
			"SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
			"WHERE application_name = 'pgrunbook'");
		(*count)--;
	}
}

static void
test_full(struct console_test *test)
{
	PGconn *held[CONNECTIONS];
	int count;

	cluster_run(test->primary,
		"CREATE ROLE plain LOGIN; GRANT SELECT ON alembic_version TO plain");
	open_as(test, "", "plain");
	console_must(pty_wait(test->pty, "0015", PTY_DEADLINE), "before: the revision");
	take_all(test, held, &count);
	console_must(
		pty_wait(test->pty, "connection slots are reserved", PTY_DEADLINE) &&
			pty_shows(test->pty, "LOST"),
		"during: no connection is left, which is told");
	tap_ok(pty_shows(test->pty, "0015"), "with what was known on the screen");
	while (count > 0)
		PQfinish(held[--count]);
	console_must(pty_wait_gone(test->pty, "LOST", PTY_DEADLINE),
		"after: it comes back by itself");
	console_must(console_quit(test), "q leaves");
}

static int
attempts(const struct console_test *test)
{
	return cluster_log_count(
		test->cluster, "primary", "password authentication failed");
}

static void
allow(struct console_test *test, const char *role, const char *method)
{
	char *line = alloc_printf("sed -i -e '1i local all %s %s' -e '/ %s /d' "
				  "\"$PRIMARY_DIR\"/pg_hba.conf",
		role, method, role);

	tap_is_int(console_shell(line), 0, "%s needs %s", role, method);
	free(line);
	cluster_run(test->primary, "SELECT pg_reload_conf()");
	char *sql = alloc_printf("SELECT EXISTS (SELECT FROM pg_hba_file_rules WHERE "
				 "'%s' = ANY (user_name) AND auth_method = '%s')",
		role, method);
	console_must(cluster_wait_for(test->primary, sql), "as the server sees it");
	free(sql);
}

static void
test_password(struct console_test *test, const char *method)
{
	char *role = alloc_printf("with_%.3s", method);
	char *sql = alloc_printf("SET password_encryption = '%s'; CREATE ROLE %s LOGIN "
				 "PASSWORD 'right'",
		method, role);
	int before = attempts(test);

	cluster_run(test->primary, sql);
	allow(test, role, method);
	open_as(test, "PGPASSWORD=wrong", role);
	console_must(
		pty_wait(test->pty, "password authentication failed", PTY_DEADLINE),
		"a wrong password is told");
	console_must(pty_wait(test->pty, "again in", PTY_DEADLINE),
		"and when it asks again");
	tap_is_int(attempts(test) - before, 1, "it has asked once");
	pty_send(test->pty, "r");
	console_must(pty_wait(test->pty, "again in 1", PTY_DEADLINE), "r asks at once");
	tap_is_int(attempts(test) - before, 2, "and once");
	allow(test, role, "trust");
	pty_send(test->pty, "r");
	console_must(pty_wait(test->pty, " primary ", PTY_DEADLINE),
		"after: what was put right is seen");
	console_must(console_quit(test), "q leaves");
	free(sql);
	free(role);
}

/* Without a password libpq itself refuses, again and again. */
static void
test_no_password(struct console_test *test)
{
	allow(test, "with_scr", "scram-sha-256");
	open_as(test, "", "with_scr");
	console_must(pty_wait(test->pty, "no password supplied", PTY_DEADLINE),
		"that there is no password is told");
	console_must(pty_wait(test->pty, "again in", PTY_DEADLINE),
		"and not asked for all the time");
	console_must(console_quit(test), "q leaves");
}

/* Where it can be: a name service that never answers. */
static const char dead_names[] =
	"cd \"$XDG_STATE_HOME\"; echo nameserver 192.0.2.1 >resolv; : >hosts; "
	"mount=\"mount --bind resolv /etc/resolv.conf && "
	"mount --bind hosts /etc/hosts\"; "
	"unshare -m bash -c \"$mount\" 2>/dev/null && "
	"exec unshare -m bash -c \"$mount && exec \\\"\\$@\\\"\" bash \"$@\"; "
	"exec \"$@\"";

static void
test_names(struct console_test *test)
{
	char *config = alloc_printf("%s/alembic.ini", test->tree);
	const char *const argv[] = { "bash", "-c", dead_names, "bash",
		getenv("PGRUNBOOK"), "-c", config, "-d",
		"host=db.example.invalid dbname=billing", NULL };
	int status = -1;

	test->pty = pty_start(40, 160, NULL, argv);
	console_must(pty_wait(test->pty, "db.example.invalid", PTY_DEADLINE),
		"before: whom it looks for");
	pty_key(test->pty, "?");
	console_must(pty_wait(test->pty, "Leave the console", PTY_DEADLINE),
		"during: keys are answered");
	pty_key(test->pty, "Esc");
	console_must(pty_wait(test->pty, "NOT CONNECTED", PTY_DEADLINE),
		"that the name isn't known is told");
	pty_send(test->pty, "q");
	pty_wait_exit(test->pty, &status, PTY_DEADLINE);
	tap_is_int(status, 0, "q leaves, whatever the name service does");
	pty_free(test->pty);
	test->pty = NULL;
	free(config);
}

int
main(void)
{
	struct console_test test = { 0 };

	setenv("CONNECTIONS", "20", 1);
	console_test_start(&test);
	test_full(&test);
	test_password(&test, "scram-sha-256");
	test_password(&test, "md5");
	test_no_password(&test);
	test_names(&test);
	console_test_stop(&test);
	return tap_done();
}
