/* The server killed, stopped and hostile, under the eyes of the console. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "tests/pty/console.h"
#include "tests/tap/tap.h"

static void
test_hostile(struct console_test *test)
{
	size_t length;

	/* A database without an encoding takes any byte, and other databases see it. */
	cluster_run(test->primary, "CREATE DATABASE anything TEMPLATE template0 "
				   "ENCODING 'SQL_ASCII' LOCALE 'C'");
	PGconn *hostile =
		cluster_connect(test->cluster, CLUSTER_PRIMARY_PORT, "dbname=anything");
	cluster_run(hostile, "SET application_name = 'evil'");
	cluster_send(hostile, "SELECT /* \033[2J\033]0;pwned\007\x9b"
			      "31m \xff\xfe \xe2\x80\xae nasty */ pg_sleep(600)");
	pty_key(test->pty, "2");
	pty_key(test->pty, "z");
	console_must(
		pty_wait(test->pty, "evil", PTY_DEADLINE), "a hostile query is listed");
	console_command(test, "filter app=evil");
	console_must(pty_wait(test->pty, "1 of ", PTY_DEADLINE), "alone");
	pty_key(test->pty, "Enter");
	console_must(pty_wait(test->pty, "the selected one", PTY_DEADLINE) &&
			     pty_wait(test->pty, "pwned", PTY_DEADLINE),
		"and in full");
	pty_key(test->pty, "Esc");
	console_command(test, "filter");
	pty_key(test->pty, "z");
	console_must(pty_bytes_clean(test->pty),
		"none of its controls reached the terminal");
	const char *bytes = pty_bytes(test->pty, &length);
	console_must(memmem(bytes, length, "\033]0;pwned", 9) == NULL &&
			     memmem(bytes, length, "\xff\xfe", 2) == NULL,
		"neither its title nor its invalid bytes");
	PQfinish(hostile);
}

/* A query of a megabyte, wide characters and all, from its head to its end. */
static void
test_long(struct console_test *test)
{
	struct str query = { 0 };

	/* What the server keeps of a query is its own choice, made when it starts. */
	cluster_run(
		test->primary, "ALTER SYSTEM SET track_activity_query_size = '1MB'");
	cluster_do(test->cluster, "restart", "primary");
	PQreset(test->primary);
	console_must(pty_wait(test->pty, "was restarted", PTY_DEADLINE),
		"that the server was restarted is told");
	pty_key(test->pty, "Esc");
	str_add(&query, "SELECT /* head \xf0\x9f\x98\x80 ");
	while (query.length < (1 << 20) - 100)
		str_add(&query, "\xe4\xbd\xa0\xe5\xa5\xbd \xf0\x9f\x9a\x80 word ");
	str_add(&query, " tail */ pg_sleep(600)");
	PGconn *wordy =
		cluster_connect(test->cluster, CLUSTER_PRIMARY_PORT, "dbname=billing");
	cluster_send(wordy, str_text(&query));
	pty_key(test->pty, "2");
	pty_key(test->pty, "z");
	console_must(pty_wait(test->pty, "head \xf0\x9f\x98\x80", PTY_DEADLINE),
		"a query of a megabyte is in the list");
	char *row = pty_row_with(test->pty, "head");
	tap_ok(row != NULL && strlen(row) < 400, "in one row");
	free(row);
	pty_key(test->pty, "z");
	tap_ok(pty_wait(test->pty, "3 Locks", PTY_DEADLINE), "beside the other panes");
	tap_ok(pty_bytes_clean(test->pty), "and nothing else was sent");
	PQfinish(wordy);
	str_free(&query);
}

static void
test_stopped(struct console_test *test)
{
	cluster_do(test->cluster, "pause", "primary");
	pty_key(test->pty, "?");
	console_must(pty_wait(test->pty, "Freeze the picture", PTY_DEADLINE),
		"with the server stopped, ? is answered");
	pty_key(test->pty, "Esc");
	console_must(
		pty_wait_gone(test->pty, "Freeze the picture", PTY_DEADLINE), "Esc is");
	pty_key(test->pty, "3");
	console_command(test, "every 300ms");
	console_must(
		pty_wait(test->pty, "every 0.3s", PTY_DEADLINE), "the command line is");
	cluster_do(test->cluster, "resume", "primary");
}

/* Between the server's start and the console's return, by the server's own clock. */
static void
say_how_long(struct console_test *test)
{
	PQreset(test->primary);
	tap_ok(cluster_wait_for(test->primary,
		       "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE "
		       "application_name = 'pgrunbook' AND backend_start > "
		       "pg_postmaster_start_time())"),
		"on a connection that is younger than the server");
	tap_diag("back %s after the start of the server",
		cluster_ask(test->primary,
			"SELECT min(backend_start) - pg_postmaster_start_time() FROM "
			"pg_stat_activity WHERE application_name = 'pgrunbook'"));
}

static void
test_killed(struct console_test *test)
{
	console_must(!pty_shows(test->pty, "LOST") && pty_shows(test->pty, "0015"),
		"before: nothing is lost");
	cluster_do(test->cluster, "kill", "primary");
	console_must(
		pty_wait(test->pty, "LOST", PTY_DEADLINE), "a killed server is told");
	tap_ok(pty_shows(test->pty, "0015") && pty_shows(test->pty, "as of "),
		"during: the last data stays on screen, with its age");
	pty_send(test->pty, "?");
	tap_ok(pty_wait(test->pty, "Freeze the picture", PTY_DEADLINE),
		"keys are answered");
	pty_key(test->pty, "Esc");
	cluster_do(test->cluster, "restart", "primary");
	console_must(pty_wait_gone(test->pty, "LOST", PTY_DEADLINE),
		"after: the console comes back by itself");
	tap_ok(pty_wait(test->pty, "was restarted at", PTY_DEADLINE),
		"and says that it was restarted");
	pty_key(test->pty, "Esc");
	console_must(pty_wait_gone(test->pty, "was restarted at", PTY_DEADLINE),
		"until Esc says that it was seen");
	say_how_long(test);
}

/* A poll is under way and nobody will answer it. */
static void
test_stopped_quit(struct console_test *test)
{
	cluster_do(test->cluster, "pause", "primary");
	console_must(pty_wait(test->pty, "NO ANSWER", PTY_DEADLINE),
		"a server that hangs is told of");
	console_must(console_quit(test), "q leaves with exit status 0 all the same");
	test->left_hanging++;
	cluster_do(test->cluster, "resume", "primary");
}

static void
test_prepared(struct console_test *test)
{
	PGconn *preparer =
		cluster_connect(test->cluster, CLUSTER_PRIMARY_PORT, "dbname=billing");
	PGconn *waiter =
		cluster_connect(test->cluster, CLUSTER_PRIMARY_PORT, "dbname=billing");

	cluster_run(preparer, "BEGIN; LOCK TABLE invoices IN ACCESS EXCLUSIVE MODE; "
			      "PREPARE TRANSACTION 'two-phase'");
	cluster_send(waiter, "SELECT count(*) FROM invoices");
	pty_key(test->pty, "3");
	console_must(pty_wait(test->pty, "two-phase", PTY_DEADLINE),
		"a prepared transaction is shown as the blocker");
	pty_key(test->pty, "g");
	pty_send(test->pty, "T");
	console_must(pty_wait(test->pty, "ROLLBACK PREPARED", PTY_DEADLINE),
		"T says what ends it instead of asking to terminate it");
	cluster_run(preparer, "ROLLBACK PREPARED 'two-phase'");
	cluster_finish(waiter);
	PQfinish(waiter);
	PQfinish(preparer);
}

static void
test_terminate(struct console_test *test)
{
	struct console_block block;

	console_block(test, &block, "payments");
	console_terminate(test, &block, true);
	console_must(
		pty_wait(test->pty, "terminated", PTY_DEADLINE), "the outcome is told");
	tap_is_text(cluster_finish(block.waiter), "", "the waiter got its lock");
	char *gone = alloc_printf(
		"SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = %s", block.pid);
	tap_ok(cluster_wait_for(test->primary, gone), "the blocker is gone");
	free(gone);
	console_unblock(&block);
}

int
main(void)
{
	struct console_test test = { 0 };

	console_test_start(&test);
	console_must(console_open(&test, 40, 120), "the console shows the database");
	test_hostile(&test);
	test_prepared(&test);
	test_terminate(&test);
	test_stopped(&test);
	console_must(pty_wait_gone(test.pty, "NO ANSWER", PTY_DEADLINE),
		"a server that goes on is watched again");
	test_killed(&test);
	test_long(&test);
	test_stopped_quit(&test);
	console_test_stop(&test);
	return tap_done();
}
