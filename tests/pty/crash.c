/* A console that is killed in the middle of a downgrade, and what the next one does. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/pty/console.h"
#include "tests/tap/tap.h"

static void
test_verify_log(struct console_test *test, const char *what)
{
	char *id = console_incident(test);
	char *line = alloc_printf("log verify %s", id);

	tap_is_int(console_run(test, line, NULL), 0, "%s", what);
	free(line);
	free(id);
}

int
main(void)
{
	struct console_test test = { 0 };
	int status;

	console_test_start(&test);
	console_must(
		console_open(&test, 40, 120) && console_to_downgrade(&test, "0014"),
		"a run stands before its downgrade");

	/* Something holds the table: the downgrade waits for its lock. */
	PGconn *holder =
		cluster_connect(test.cluster, CLUSTER_PRIMARY_PORT, "dbname=billing");
	cluster_run(holder, "BEGIN; LOCK TABLE invoices IN ACCESS SHARE MODE");
	pty_key(test.pty, "Enter");
	console_must(console_answer(
			     &test, "Downgrade billing to 0014?", "billing 0014", true),
		"the downgrade is confirmed");
	console_must(cluster_wait_for(test.primary,
			     "SELECT count(*) = 1 FROM pg_stat_activity WHERE "
			     "wait_event_type = "
			     "'Lock' AND application_name LIKE 'pgrunbook:%'"),
		"and waits for a lock, under a name of its own");
	console_must(pty_wait(test.pty, "MIGRATION", PTY_DEADLINE),
		"the migration's backend is marked on screen");
	pty_kill(test.pty, SIGKILL);
	console_must(pty_wait_exit(test.pty, &status, PTY_DEADLINE) &&
			     status == 128 + SIGKILL,
		"the console is killed");
	test_verify_log(&test, "its log holds without a closing");

	console_must(console_open(&test, 40, 120), "a new console starts");
	console_must(console_answer(&test, "was left open", "r", false),
		"it offers to resume");
	console_must(pty_wait(test.pty, "outcome unknown", PTY_DEADLINE),
		"the step is shown as outcome unknown");
	tap_is_text(console_revision(test.primary), "0015", "nothing was run again");
	pty_key(test.pty, "Enter");
	console_must(pty_wait(test.pty, "What is true now?", PTY_DEADLINE),
		"doing the step asks what is true");
	console_must(pty_wait(test.pty, "1 of its sessions", PTY_DEADLINE),
		"and says that its backend is still at work");
	pty_key(test.pty, "Esc");

	/* The way is free: the backend that outlived its console comes to its end. */
	cluster_run(holder, "ROLLBACK");
	PQfinish(holder);
	console_must(cluster_wait_for(test.primary,
			     "SELECT version_num = '0014' FROM alembic_version"),
		"the downgrade comes to its end by itself");
	console_must(pty_wait(test.pty, "0014 ", PTY_DEADLINE), "the console shows it");
	pty_key(test.pty, "Enter");
	console_must(console_answer(&test, "What is true now?", "v", false) &&
			     pty_wait(test.pty, "verified by hand", PTY_DEADLINE),
		"the operator has looked: done");
	pty_key(test.pty, "Enter");
	console_must(pty_wait(test.pty, "the database is at 0014", PTY_DEADLINE),
		"and the run goes on with the next step");
	console_must(console_quit(&test), "q leaves, and the incident stays open");
	test_verify_log(&test, "the log of both consoles holds");
	console_test_stop(&test);
	return tap_done();
}
