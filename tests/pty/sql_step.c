/* SQL steps of a runbook: a read of many rows, a mistake, a change. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/pty/console.h"
#include "tests/tap/tap.h"

static void
make_runbook(const struct console_test *test)
{
	const char *directory = cluster_directory(test->cluster);
	char *runbooks = alloc_printf("%s/short", directory);
	char *line = alloc_printf("mkdir -p '%s' && cat >'%s/look.md' <<'END'\n"
				  "# Look\n"
				  "\n"
				  "```sql\n"
				  "SELECT i AS number, repeat('x', 20) AS padding\n"
				  "  FROM generate_series(1, 20000) AS i;\n"
				  "```\n"
				  "\n"
				  "```sql\n"
				  "INSERT INTO nowhere VALUES (1);\n"
				  "```\n"
				  "\n"
				  "```sql\n"
				  "CREATE TABLE after_all (a int);\n"
				  "```\n"
				  "END\n",
		runbooks, runbooks);

	tap_is_int(console_shell(line), 0, "a runbook of three statements");
	setenv("PGRUNBOOK_RUNBOOKS", runbooks, 1);
	free(line);
	free(runbooks);
}

int
main(void)
{
	struct console_test test = { 0 };

	console_test_start(&test);
	make_runbook(&test);
	console_must(console_open(&test, 40, 120), "the console");
	console_command(&test, "runbook look");
	console_must(pty_wait(test.pty, "nothing is written before", PTY_DEADLINE),
		"the runbook is open");
	pty_key(test.pty, "Enter");
	console_must(console_answer(&test, "Run step 1?", "y", false), "a read");
	console_must(pty_wait(test.pty, "the statement is through: 20000 rows",
			     PTY_DEADLINE),
		"runs in a transaction that can't write");
	tap_ok(pty_wait(test.pty, "(20000 rows; the first 1000 are shown)",
		       PTY_DEADLINE),
		"its answer stands below the page");
	pty_send(test.pty, "o");
	console_must(pty_wait(test.pty, "982 ", PTY_DEADLINE), "o shows more of it");
	pty_key(test.pty, "Esc");
	pty_wait_gone(test.pty, "982 ", PTY_DEADLINE);

	pty_key(test.pty, "Enter");
	console_must(console_answer(&test, "Run step 2?", "y", false), "a mistake");
	console_must(pty_wait(test.pty, "relation \"nowhere\" does not exist",
			     PTY_DEADLINE) &&
			     console_answer(&test, "skip it", "s", false),
		"is told, and what can be done");
	console_must(pty_wait(test.pty, "skip step 2 because:", PTY_DEADLINE),
		"skipped, with a reason");
	pty_send(test.pty, "no such table");
	pty_key(test.pty, "Enter");
	console_must(pty_wait(test.pty, "▸[ ] 3", PTY_DEADLINE), "on to the next");
	pty_key(test.pty, "Enter");
	console_must(console_answer(&test, "Run step 3?", "y", false), "a change");
	tap_ok(pty_wait(test.pty, "the statement is through: CREATE TABLE",
		       PTY_DEADLINE),
		"says what the server said");
	tap_is_text(cluster_ask(test.primary, "SELECT count(*) FROM after_all"), "0",
		"and is one");
	pty_breathe(test.pty, 0.8); /* the same key again so soon would be a held one */
	console_must(
		console_answer(&test, "Close the incident?", "y", false) &&
			pty_wait_gone(test.pty, "Close the incident?", PTY_DEADLINE),
		"the incident is closed");
	console_must(console_quit(&test), "q leaves with exit status 0");

	char *id = console_incident(&test);
	char *line = alloc_printf("log show %s", id), *output;
	console_run(&test, line, &output);
	tap_ok(strstr(output, "step 1: the statement is through: 20000 rows") != NULL,
		"the log says how many rows there were");
	free(output);
	free(line);
	free(id);
	console_test_stop(&test);
	return tap_done();
}
