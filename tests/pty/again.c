/*
 * What the operator does after the first time: takes back what was confirmed, meets a
 * command of another database, edits a script under a question, runs an unknown step
 * again, and begins a second run in the same console.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/pty/console.h"
#include "tests/tap/tap.h"

static const char question[] = "Downgrade billing to 0014?";

/* The server hangs between the confirmation and the command. */
static void
test_taken_back(struct console_test *test)
{
	pty_key(test->pty, "Enter");
	console_must(pty_wait(test->pty, question, PTY_DEADLINE), "a downgrade asks");
	cluster_do(test->cluster, "pause", "primary");
	console_must(console_answer(test, question, "billing 0014", true) &&
			     pty_wait_gone(test->pty, question, PTY_DEADLINE),
		"it is confirmed while the server hangs");
	pty_send(test->pty, "S");
	console_must(pty_wait(test->pty, "nothing was run", PTY_DEADLINE),
		"S takes it back");
	cluster_do(test->cluster, "resume", "primary");
	console_must(pty_wait_gone(test->pty, "NO ANSWER", PTY_DEADLINE),
		"the server goes on");
	tap_is_text(console_revision(test->primary), "0015",
		"and what was confirmed before is not run now");
}

static void
edit(struct console_test *test, const char *command)
{
	char *line = alloc_printf("cd '%s' && f=$(grep -l "
				  "\"^revision.*'0015'\\|^revision.*\\\"0015\\\"\" "
				  "migrations/versions/*.py) && %s",
		test->tree, command);

	tap_is_int(console_shell(line), 0, "%s", command);
	free(line);
}

static void
test_edited(struct console_test *test)
{
	pty_key(test->pty, "Enter");
	console_must(pty_wait(test->pty, question, PTY_DEADLINE), "it asks again");
	char *unseen = pty_row_with(test->pty, "was not seen");
	tap_is_text(unseen, NULL, "alembic's session was seen on this server");
	free(unseen);
	/* The first line is in the pane Revisions, beside the question. */
	edit(test, "cp $f $f.keep && { sed 's/Tax invoices/Odd invoices/' $f.keep; "
		   "echo '    op.drop_table(\"invoices\")'; } >$f.new && "
		   "mv $f.new $f");
	console_must(pty_wait(test->pty, "Odd invoices", PTY_DEADLINE),
		"the console sees it");
	console_must(console_answer(test, question, "billing 0014", true) &&
			     pty_wait(test->pty, "scripts were changed", PTY_DEADLINE),
		"a script that was edited under the question stops it");
	edit(test, "mv $f.keep $f");
	tap_is_text(console_revision(test->primary), "0015", "nothing was run");
	console_must(pty_wait(test->pty, "Tax invoices", PTY_DEADLINE),
		"and sees that it is as before");
}

static void
test_again(struct console_test *test)
{
	int status;
	PGconn *holder =
		cluster_connect(test->cluster, CLUSTER_PRIMARY_PORT, "dbname=billing");

	cluster_run(holder, "BEGIN; LOCK TABLE invoices IN ACCESS SHARE MODE");
	pty_key(test->pty, "Enter");
	console_must(console_answer(test, question, "billing 0014", true) &&
			     cluster_wait_for(test->primary,
				     "SELECT count(*) = 1 FROM pg_stat_activity WHERE "
				     "wait_event_type = 'Lock' AND "
				     "application_name LIKE 'pgrunbook:%'"),
		"a downgrade waits for a lock");
	pty_kill(test->pty, SIGKILL);
	pty_wait_exit(test->pty, &status, PTY_DEADLINE);
	cluster_run(test->primary, "SELECT pg_terminate_backend(pid) FROM "
				   "pg_stat_activity WHERE application_name LIKE "
				   "'pgrunbook:%'");
	cluster_run(holder, "ROLLBACK");
	PQfinish(holder);
	console_must(console_open(test, 40, 120) &&
			     console_answer(test, "was left open", "r", false) &&
			     pty_wait(test->pty, "outcome unknown", PTY_DEADLINE),
		"its console and its backend died: the outcome is unknown");
	pty_key(test->pty, "Enter");
	console_must(
		console_answer(test, "What is true now?", "r", false) &&
			console_answer(test, question, "billing 0014", true) &&
			pty_wait(test->pty, "the database is at 0014", PTY_DEADLINE),
		"it is run again on purpose, after the question for it");
}

static void
test_second_run(struct console_test *test)
{
	pty_send(test->pty, "A");
	pty_wait(test->pty, "abort the run because", PTY_DEADLINE);
	pty_send(test->pty, "far enough");
	pty_key(test->pty, "Enter");
	console_must(
		pty_wait(test->pty, "the run is aborted", PTY_DEADLINE), "A aborts");
	console_must(cluster_wait_for(test->primary,
			     "SELECT count(*) = 0 FROM pg_locks WHERE locktype = "
			     "'advisory'"),
		"the lock for runs is given back");
	console_command(test, "upgrade 0015");
	console_must(pty_wait(test->pty, "nothing is written before", PTY_DEADLINE),
		"the same console opens another runbook");
	pty_key(test->pty, "Enter");
	console_must(
		console_answer(test, "Is this the database you mean", "y", false) &&
			pty_wait(test->pty, "target confirmed", PTY_DEADLINE),
		"and begins a second run");
}

/* Puts the team's command before alembic, or takes it away again. */
static void
set_command(struct console_test *test, bool elsewhere)
{
	char *command = alloc_printf("env DATABASE_URL=postgresql://postgres@/staging"
				     "?host=%s ",
		cluster_host(test->cluster));
	char *line = alloc_printf("sed -i 's|^alembic = %s|alembic = %s|' "
				  "'%s/pgrunbook.ini'",
		elsewhere ? "" : command, elsewhere ? command : "",
		cluster_directory(test->cluster));

	tap_is_int(console_shell(line), 0, "alembic = %s...", elsewhere ? command : "");
	free(line);
	free(command);
}

/* The command of another database, which is at the same revision. */
static void
test_elsewhere(struct console_test *test)
{
	cluster_run(test->primary, "CREATE DATABASE staging");
	PGconn *staging =
		cluster_connect(test->cluster, CLUSTER_PRIMARY_PORT, "dbname=staging");
	cluster_run(staging, "CREATE TABLE alembic_version (version_num varchar(32) "
			     "PRIMARY KEY); INSERT INTO alembic_version VALUES "
			     "('0015')");
	PQfinish(staging);
	set_command(test, true);
	console_must(console_open(test, 40, 120) && console_to_downgrade(test, "0014"),
		"a run stands before its downgrade, with another one's command");
	pty_key(test->pty, "Enter");
	console_must(pty_wait(test->pty, "was not seen as a session", PTY_DEADLINE),
		"the question says that the command was seen nowhere here");
	pty_key(test->pty, "Esc");
	pty_wait_gone(test->pty, question, PTY_DEADLINE);
	pty_send(test->pty, "A");
	pty_wait(test->pty, "abort the run because", PTY_DEADLINE);
	pty_key(test->pty, "Enter");
	console_must(pty_wait(test->pty, "the run is aborted", PTY_DEADLINE) &&
			     console_quit(test),
		"and nothing is run");
	set_command(test, false);
}

int
main(void)
{
	struct console_test test = { 0 };

	console_test_start(&test);
	test_elsewhere(&test);
	console_must(
		console_open(&test, 40, 120) && console_to_downgrade(&test, "0014"),
		"a run stands before its downgrade");
	test_taken_back(&test);
	test_edited(&test);
	test_again(&test);
	test_second_run(&test);
	console_must(console_quit(&test), "q leaves with exit status 0");
	console_test_stop(&test);
	return tap_done();
}
