/*
 * Two trees in one alembic.ini: the alembic that runs a step gets the file and the
 * section of the tree on screen, though its own command says neither.
 */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/pty/console.h"
#include "tests/tap/tap.h"

/*
 * [alembic] becomes the tree of somebody else, which has none of the revisions; the
 * settings name the other section and the bare command.
 */
static void
make_sections(const struct console_test *test)
{
	const char *directory = cluster_directory(test->cluster);
	char *runbooks = alloc_printf("%s/short", directory);
	char *line = alloc_printf(
		"cd '%s' && mkdir -p app/other/versions short && "
		"cp app/migrations/env.py app/other/ && "
		"sed -i 's|^script_location.*|script_location = %%(here)s/other\\n\\n"
		"[billing]\\nscript_location = %%(here)s/migrations|' app/alembic.ini "
		"&& "
		"sed -i 's|^alembic = .*|alembic = /usr/bin/alembic\\n"
		"alembic_section = billing|' pgrunbook.ini && "
		"printf '# Forward\\n\\n```pgrunbook\\nupgrade 0016\\n```\\n' "
		">short/forward.md",
		directory);

	tap_is_int(console_shell(line), 0, "two sections, and a runbook of one step");
	setenv("PGRUNBOOK_RUNBOOKS", runbooks, 1);
	free(line);
	free(runbooks);
}

static void
test_sections(struct console_test *test)
{
	char *output;

	console_run(test, "show head", &output);
	tap_ok(strncmp(output, "Rev: 0016 (head)", 16) == 0,
		"the settings' section has a head: %.16s", output);
	free(output);
	console_run(test, "history -n alembic", &output);
	tap_is_text(output, "", "the section that was named has none");
	free(output);
	tap_is_int(console_run(test, "history -n nonsense 2>&1", &output), 2,
		"a section that isn't there");
	tap_ok(strstr(output, "alembic, billing") != NULL,
		"is an error that names the others");
	free(output);
}

int
main(void)
{
	struct console_test test = { 0 };
	char *output;

	console_test_start(&test);
	make_sections(&test);
	test_sections(&test);
	console_must(console_open(&test, 40, 120), "the console shows the tree");
	console_command(&test, "runbook forward");
	console_must(pty_wait(test.pty, "nothing is written before", PTY_DEADLINE),
		"the runbook is open");
	pty_key(test.pty, "Enter");
	console_must(
		console_answer(&test, "Upgrade billing to 0016?", "billing 0016", true),
		"the bare command sees the same revision");
	console_must(pty_wait(test.pty, "the database is at 0016", PTY_DEADLINE),
		"and takes the database forward");
	tap_is_text(console_revision(test.primary), "0016", "the table has 0016");
	console_must(console_answer(&test, "Close the incident?", "y", false) &&
			     pty_wait(test.pty, "is closed", PTY_DEADLINE),
		"the incident is closed");
	console_must(console_quit(&test), "q leaves with exit status 0");

	char *id = console_incident(&test);
	char *line = alloc_printf("log export %s --format markdown", id);
	console_run(&test, line, &output);
	char *command = alloc_printf(
		"/usr/bin/alembic -c %s/alembic.ini -n billing upgrade 0016",
		test.tree);
	tap_ok(strstr(output, command) != NULL, "the log has the command: %s", command);
	free(command);
	free(output);
	free(line);
	free(id);
	console_test_stop(&test);
	return tap_done();
}
