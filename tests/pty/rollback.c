/*
 * The main job: an operator takes the database back from 0015 to 0014 through
 * backup-then-downgrade, on a real primary with a real standby and the real alembic.
 */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/pty/console.h"
#include "tests/tap/tap.h"

static void
test_backup(struct console_test *test)
{
	char *line = alloc_printf("locks >/dev/null && pg_restore --list '%s'/*.dump | "
				  "grep -c 'TABLE DATA'",
		test->backups);
	char *output;

	tap_ok(console_run(test, line, &output) == 0 && atoi(output) > 3,
		"pg_restore lists the tables of the one backup file");
	free(output);
	free(line);
}

static void
test_log(struct console_test *test)
{
	char *id = console_incident(test);
	char *verify = alloc_printf("log verify %s", id);
	char *report = alloc_printf("log export %s --format markdown", id);
	char *output;

	tap_is_int(console_run(test, verify, NULL), 0, "the incident's log verifies");
	tap_is_int(console_run(test, report, &output), 0, "it is exported as Markdown");
	tap_ok(strstr(output, "alembic") != NULL &&
			strstr(output, "downgrade 0014") != NULL,
		"with the command that ran");
	tap_ok(strstr(output, "the table was too big") != NULL,
		"and the answers to the closing questions");
	free(output);
	free(report);
	free(verify);
	free(id);
}

static bool
answer_questions(struct console_test *test)
{
	bool good = true;

	for (int step = 13; step <= 17 && good; step++) {
		char *done = alloc_printf("✓] %d ", step);

		pty_key(test->pty, "Enter");
		pty_send(test->pty, "the table was too big");
		good = pty_wait(test->pty, "the table was too big", PTY_DEADLINE);
		pty_key(test->pty, "Enter");
		good = good && pty_wait(test->pty, done, PTY_DEADLINE);
		free(done);
	}
	return good;
}

int
main(void)
{
	struct console_test test = { 0 };

	console_test_start(&test);
	tap_is_text(console_revision(test.primary), "0015", "the database is at 0015");
	console_must(console_open(&test, 40, 120), "the console shows it");
	console_must(console_to_downgrade(&test, "0014"),
		"identified, ticked, checked, backed up and verified");

	pty_key(test.pty, "Enter");
	console_must(console_answer(
			     &test, "Downgrade billing to 0014?", "billing 0014", true),
		"the downgrade asks for database and revision");
	console_must(pty_wait(test.pty, "the database is at 0014", PTY_DEADLINE),
		"and runs once they are typed");
	tap_is_text(console_revision(test.primary), "0014", "alembic_version has 0014");
	pty_key(test.pty, "Enter");
	console_must(
		pty_wait(test.pty, "✓] 10 ", PTY_DEADLINE), "the revision is verified");
	pty_key(test.pty, "Enter");
	console_must(pty_wait(test.pty, "replicas have it", PTY_DEADLINE),
		"the standby is waited for");
	tap_is_text(console_revision(test.standby), "0014", "the standby has 0014 too");
	console_must(pty_wait(test.pty, "✓] 11 ", PTY_DEADLINE) &&
			     console_tick(&test, "✓] 12 "),
		"the last prerequisite is ticked");
	console_must(answer_questions(&test),
		"the questions of the incident log are answered");
	console_must(console_answer(&test, "Close the incident?", "y", false),
		"closing is offered");
	console_must(pty_wait(test.pty, "is closed", PTY_DEADLINE),
		"the incident is closed");
	console_must(pty_bytes_clean(test.pty),
		"nothing but text and known sequences was sent");
	console_must(console_quit(&test), "q leaves with exit status 0");

	test_backup(&test);
	test_log(&test);
	console_test_stop(&test);
	return tap_done();
}
