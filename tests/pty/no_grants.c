/*
 * The console as a role with no grants at all: every pane shows what it may, or says
 * what it needs, and the server has no error of its to log, whatever key is pressed.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/pty/console.h"
#include "tests/tap/tap.h"

enum { SCENE = 3 };

/* A prepared transaction with a waiter, an index that is being built. */
static void
set_scene(struct console_test *test, PGconn **scene)
{
	for (int i = 0; i < SCENE; i++)
		scene[i] = cluster_connect(
			test->cluster, CLUSTER_PRIMARY_PORT, "dbname=billing");
	cluster_run(scene[0], "BEGIN; LOCK TABLE invoices IN SHARE MODE; "
			      "PREPARE TRANSACTION 'two-phase'");
	cluster_send(scene[0], "INSERT INTO invoices DEFAULT VALUES");
	cluster_wait_blocked(test->primary, scene[0]);
	cluster_run(scene[1], "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1");
	cluster_send(scene[2], "CREATE INDEX CONCURRENTLY slow ON customers (id)");
}

static void
clear_scene(struct console_test *test, PGconn **scene)
{
	cluster_run(test->primary, "ROLLBACK PREPARED 'two-phase'");
	for (int i = 0; i < SCENE; i++)
		PQfinish(scene[i]);
}

/* Each pane at both widths, with the details of its first rows and its last. */
static void
walk(struct console_test *test)
{
	static const char *const names[] = { "1", "2", "3", "4", "5", "6", "7", "8" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		static const char *const keys[] = { "z", "g", "Enter", "Esc", "Down",
			"Enter", "Esc", "G", "Enter", "Esc", "r", "z" };

		pty_key(test->pty, names[i]);
		for (size_t key = 0; key < sizeof(keys) / sizeof(keys[0]); key++)
			pty_key(test->pty, keys[key]);
	}
}

static void
shows(struct console_test *test, const char *pane, const char *text, const char *what)
{
	pty_key(test->pty, pane);
	tap_ok(pty_wait(test->pty, text, PTY_DEADLINE), "%s: %s", what, text);
}

static void
test_console(struct console_test *test, const struct console_block *block)
{
	char *setup =
		alloc_printf("exec \"$@\" -d 'host=%s dbname=billing user=nobody'",
			cluster_host(test->cluster));

	console_must(console_open_under(test, 40, 120, setup), "the console opens");
	free(setup);
	tap_ok(pty_wait(test->pty, "GRANT SELECT ON public.alembic_version TO nobody",
		       PTY_DEADLINE),
		"what the version table needs is told");
	pty_key(test->pty, "2");
	pty_key(test->pty, "z");
	shows(test, "2", "needs pg_monitor", "sessions");
	shows(test, "3", "payments", "locks show who waits for what");
	shows(test, "3", "two-phase", "and the prepared transaction");
	shows(test, "4", "needs pg_monitor", "replicas");
	shows(test, "5", "CREATE INDEX", "progress shows that an index is built");
	shows(test, "5", "needs pg_monitor", "and what more would need");
	pty_key(test->pty, "z");
	walk(test);
	pty_resize(test->pty, 24, 80);
	walk(test);
	console_go_to_block(test, block);
	pty_send(test->pty, "T");
	tap_ok(pty_wait(test->pty, "not permitted: needs pg_monitor", PTY_DEADLINE),
		"what is missing for ending it is told at once");
	console_must(console_quit(test), "q leaves");
}

static void
test_commands(struct console_test *test)
{
	static const char *const commands[] = { "locks", "replicas", "sessions",
		"status" };

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		for (int json = 0; json <= 1; json++) {
			char *line = alloc_printf("%s -d 'host=%s dbname=billing "
						  "user=nobody' --format %s >/dev/null",
				commands[i], cluster_host(test->cluster),
				json ? "json" : "text");

			tap_is_int(console_run(test, line, NULL),
				strcmp(commands[i], "status") == 0 ? 2 : 0, "%s as %s",
				commands[i], json ? "JSON" : "text");
			free(line);
		}
	}
}

/* That nothing is to be seen is no all-clear. */
static void
test_alerts(struct console_test *test)
{
	static const char options[] =
		"alerts -d 'host=%s dbname=billing user=nobody' --format %s";
	char *line = alloc_printf(options, cluster_host(test->cluster), "json");
	char *output = NULL;
	bool known = false, hidden = false;
	int status = console_run(test, line, &output);
	json_t *alerts = json_loads(output, 0, NULL), *alert;
	size_t i;

	json_array_foreach(alerts, i, alert)
	{
		const char *kind = json_string_value(json_object_get(alert, "kind"));

		known = known || json_is_true(json_object_get(alert, "known"));
		hidden = hidden || (json_is_false(json_object_get(alert, "known")) &&
					   strcmp(kind, "transaction") == 0);
	}
	tap_ok(hidden, "that transactions aren't seen is told");
	tap_is_int(status, known ? 1 : 2, "alerts: exit status");
	json_decref(alerts);
	free(output);
	free(line);
	line = alloc_printf(options, cluster_host(test->cluster), "text");
	console_run(test, line, &output);
	tap_ok(strstr(output, "unknown: transaction: what ") &&
			strstr(output, "needs pg_monitor") &&
			!strstr(output, "no alerts"),
		"as text: %s", output);
	free(output);
	free(line);
}

/* No rows were read: neither that there are none nor that all is pending is known. */
static void
test_status(struct console_test *test)
{
	static const char options[] =
		"status -d 'host=%s dbname=billing user=nobody' --format %s";
	char *line = alloc_printf(options, cluster_host(test->cluster), "json");
	char *output = NULL;

	console_run(test, line, &output);
	json_t *status = json_loads(output, 0, NULL);
	tap_ok(json_is_null(json_object_get(status, "current")) &&
			json_is_null(json_object_get(status, "pending")),
		"current and pending are unknown: %s", output);
	json_decref(status);
	free(output);
	free(line);
	line = alloc_printf(options, cluster_host(test->cluster), "text");
	console_run(test, line, &output);
	tap_ok(strstr(output, "GRANT SELECT") != NULL &&
			strstr(output, "\npending") == NULL,
		"as text, too: %s", output);
	free(output);
	free(line);
}

int
main(void)
{
	struct console_test test = { 0 };
	struct console_block block;
	PGconn *scene[SCENE];

	console_test_start(&test);
	cluster_set(test.primary, "log_min_messages = 'error'");
	cluster_run(test.primary, "CREATE ROLE nobody LOGIN");
	console_block(&test, &block, "payments");
	set_scene(&test, scene);
	test_console(&test, &block);
	test_commands(&test);
	test_alerts(&test);
	test_status(&test);
	clear_scene(&test, scene);
	console_unblock(&block);
	console_test_stop(&test);
	return tap_done();
}
