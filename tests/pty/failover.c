/*
 * The target becomes another one under the operator's eyes: a failover to the next host
 * of the list, a standby that is promoted, a primary that comes back as a standby.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/pty/console.h"
#include "tests/tap/tap.h"

/* Watches by conninfo instead of the settings' database. */
static bool
open_on(struct console_test *test, const char *conninfo)
{
	char *setup = alloc_printf("exec \"$@\" -d 'host=%s dbname=billing "
				   "user=postgres %s'",
		cluster_host(test->cluster), conninfo);
	bool shown = console_open_under(test, 40, 120, setup);

	free(setup);
	return shown;
}

/* A second pair of eyes, on the standby. */
static void
open_standby(struct console_test *test, struct console_test *other)
{
	char *line = alloc_printf("exec \"$PGRUNBOOK\" -c '%s/alembic.ini' -d 'host=%s "
				  "port=5433 dbname=billing user=postgres'",
		test->tree, cluster_host(test->cluster));
	const char *const argv[] = { "bash", "-c", line, NULL };

	*other = *test;
	other->pty = pty_start(40, 120, NULL, argv);
	free(line);
	console_must(pty_wait(other->pty, "STANDBY", PTY_DEADLINE),
		"before: a standby is told");
}

/* With a question open that only Yes is missing to. */
static void
test_failover(struct console_test *test)
{
	struct console_block block;

	console_must(pty_wait(test->pty, ":5432  primary", PTY_DEADLINE),
		"before: of two hosts the one that can be written to");
	console_block(test, &block, "payments");
	console_terminate(test, &block, false); /* but for Enter */

	cluster_do(test->cluster, "kill", "primary");
	console_must(pty_wait(test->pty, "LOST", PTY_DEADLINE), "during: it is lost");
	tap_ok(pty_shows(test->pty, "Terminate session"),
		"the question is still there");
	cluster_run(test->standby, "SELECT pg_promote()");
	console_must(pty_wait(test->pty, "another server now", PTY_DEADLINE),
		"after: that it is another server is told");
	tap_ok(pty_wait(test->pty, ":5433  primary", PTY_DEADLINE), "with its name");
	tap_ok(pty_wait_gone(test->pty, "Terminate session", PTY_DEADLINE),
		"the question is gone");
	tap_ok(pty_wait(test->pty, "nothing was done", PTY_DEADLINE), "which is said");
	tap_ok(!pty_shows(test->pty, "LOST"), "and nothing is lost");
	pty_key(test->pty, "Enter");
	pty_key(test->pty, "Esc");
	pty_key(test->pty, "Esc");
	tap_ok(pty_wait_gone(test->pty, "another server now", PTY_DEADLINE),
		"it stays until Esc says that it was seen");
	console_must(console_quit(test), "q leaves");
	console_unblock(&block);
}

static void
test_promoted(struct console_test *other)
{
	console_must(pty_wait(other->pty, "it is a primary now", PTY_DEADLINE),
		"a standby that is promoted is told of");
	tap_ok(pty_wait(other->pty, ":5433  primary", PTY_DEADLINE) &&
			!pty_shows(other->pty, "STANDBY"),
		"and is no standby any more");
	console_must(console_quit(other), "q leaves there, too");
}

/* The old primary comes back, first as it was, then to follow. */
static void
test_demoted(struct console_test *test)
{
	char *signal = alloc_printf("%s/standby.signal", getenv("PRIMARY_DIR"));

	cluster_do(test->cluster, "restart", "primary");
	console_must(open_on(test, "port=5432"), "before: a primary");
	FILE *file = fopen(signal, "w");
	if (file != NULL)
		fclose(file);
	cluster_do(test->cluster, "kill", "primary");
	console_must(pty_wait(test->pty, "LOST", PTY_DEADLINE), "during: it is lost");
	tap_ok(pty_shows(test->pty, "0015"), "with what was known on the screen");
	cluster_do(test->cluster, "restart", "primary");
	console_must(pty_wait(test->pty, "it is a standby now", PTY_DEADLINE),
		"after: that it is a standby is told");
	tap_ok(pty_wait(test->pty, "STANDBY", PTY_DEADLINE), "and stays in the header");
	console_must(console_quit(test), "q leaves");
	free(signal);
}

int
main(void)
{
	struct console_test test = { 0 }, other;

	console_test_start(&test);
	open_standby(&test, &other);
	char *both = alloc_printf("host=%s,%s port=5433,5432 "
				  "target_session_attrs=read-write",
		cluster_host(test.cluster), cluster_host(test.cluster));
	console_must(open_on(&test, both), "the console shows the database");
	free(both);
	test_failover(&test);
	test_promoted(&other);
	test_demoted(&test);
	PQreset(test.primary);
	console_test_stop(&test);
	return tap_done();
}
