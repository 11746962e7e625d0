/*
 * What must not run: a wrong phrase, a target that moved while the question was open, a
 * second console; and what a downgrade that fails leaves behind.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/pty/console.h"
#include "tests/tap/tap.h"

static int
incidents_mention(struct console_test *test, const char *text)
{
	char *id = console_incident(test);
	char *line = alloc_printf("log show %s | grep -c -- '%s'", id, text);
	char *output;

	console_run(test, line, &output);
	int count = atoi(output);
	free(output);
	free(line);
	free(id);
	return count;
}

static void
test_phrase(struct console_test *test)
{
	pty_key(test->pty, "Enter");
	console_must(console_answer(
			     test, "Downgrade billing to 0014?", "billing 0013", true),
		"a wrong phrase is typed");
	console_must(pty_wait(test->pty, "not the phrase", PTY_DEADLINE),
		"and is told apart");
	pty_paste(test->pty, "billing 0014");
	pty_key(test->pty, "Enter");
	console_must(
		pty_wait_gone(test->pty, "Downgrade billing to 0014?", PTY_DEADLINE) &&
			pty_wait(test->pty, "nothing was run", PTY_DEADLINE),
		"a paste is no phrase: Enter on the empty line is No");
	tap_is_text(
		console_revision(test->primary), "0015", "the database is unchanged");
	tap_is_int(incidents_mention(test, "step 9 started"), 0,
		"no downgrade was started");
}

static void
test_moved(struct console_test *test)
{
	pty_key(test->pty, "Enter");
	pty_wait(test->pty, "Downgrade billing to 0014?", PTY_DEADLINE);
	/* Somebody else's migration, between question and answer. */
	cluster_run(test->primary, "UPDATE alembic_version SET version_num = '0016'");
	console_must(console_answer(
			     test, "Downgrade billing to 0014?", "billing 0014", true),
		"the right phrase for a target that moved");
	console_must(pty_wait(test->pty, "the target moved between question and answer",
			     PTY_DEADLINE),
		"is refused");
	tap_is_text(console_revision(test->primary), "0016", "and nothing ran");
	cluster_run(test->primary, "UPDATE alembic_version SET version_num = '0015'");
}

static void
test_second(struct console_test *test)
{
	struct console_test second = *test;

	second.pty = NULL;
	console_must(console_open(&second, 24, 80),
		"a second console looks at the database");
	console_command(&second, "downgrade 0016");
	console_must(pty_wait(second.pty, "not a valid downgrade target", PTY_DEADLINE),
		"a downgrade can't go up");
	console_command(&second, "downgrade 0014");
	pty_wait(second.pty, "nothing is written before", PTY_DEADLINE);
	pty_key(second.pty, "Enter");
	console_must(
		pty_wait(second.pty, "another console runs a runbook", PTY_DEADLINE),
		"but can't begin a second run");
	console_must(console_quit(&second), "and leaves");
}

/* Makes the downgrade of 0015 fail after its first statement. */
static void
break_downgrade(const struct console_test *test, bool broken)
{
	char *line = alloc_printf(
		"f=$(grep -l \"^revision.*'0015'\\|^revision.*\\\"0015\\\"\" "
		"'%s'/migrations/versions/*.py); "
		"if [ %d = 1 ]; then cp \"$f\" \"$f.keep\"; "
		"printf '    raise RuntimeError(\"no way back\")\\n' >>\"$f\"; "
		"else mv \"$f.keep\" \"$f\"; fi",
		test->tree, broken);

	tap_is_int(console_shell(line), 0,
		broken ? "the script is made to raise" : "the script is mended");
	free(line);
}

static void
test_failure(struct console_test *test)
{
	break_downgrade(test, true);
	/* The console sees the changed file by itself. */
	pty_key(test->pty, "Enter");
	console_must(console_answer(
			     test, "Downgrade billing to 0014?", "billing 0014", true),
		"a downgrade that raises is confirmed");
	console_must(pty_wait(test->pty, "retry it", PTY_DEADLINE) &&
			     pty_wait(test->pty, "skip it", PTY_DEADLINE) &&
			     pty_wait(test->pty, "abort", PTY_DEADLINE),
		"its failure ends in retry, skip or abort");
	console_must(pty_wait(test->pty, "unchanged at 0015", PTY_DEADLINE),
		"and says that the database is unchanged");
	tap_is_text(console_revision(test->primary), "0015", "which is true");
	tap_is_text(cluster_ask(test->primary,
			    "SELECT count(*) FROM information_schema.columns "
			    "WHERE table_name = 'invoices' AND "
			    "column_name LIKE 'tax_region%'"),
		"1", "its columns are still there");
	break_downgrade(test, false);
	console_must(console_answer(test, "retry it", "r", false), "r retries");
	console_must(
		console_answer(
			test, "Downgrade billing to 0014?", "billing 0014", true) &&
			pty_wait(test->pty, "the database is at 0014", PTY_DEADLINE),
		"and the mended script runs through");
	tap_is_text(console_revision(test->primary), "0014", "the database is at 0014");
}

static void
test_abort(struct console_test *test)
{
	pty_send(test->pty, "A");
	pty_wait(test->pty, "abort the run because", PTY_DEADLINE);
	pty_send(test->pty, "rehearsal only");
	pty_key(test->pty, "Enter");
	console_must(pty_wait(test->pty, "the run is aborted", PTY_DEADLINE),
		"A aborts the run");
	console_must(incidents_mention(test, "rehearsal only") > 0,
		"with its reason in the log");
	console_must(console_quit(test), "q leaves with exit status 0");
}

int
main(void)
{
	struct console_test test = { 0 };

	console_test_start(&test);
	console_must(
		console_open(&test, 40, 120) && console_to_downgrade(&test, "0014"),
		"a run stands before its downgrade");
	test_phrase(&test);
	test_moved(&test);
	test_second(&test);
	test_failure(&test);
	test_abort(&test);
	console_test_stop(&test);
	return tap_done();
}
