/*
 * The Revisions pane follows files and version table without a key: a new script, a
 * migration that somebody else runs, a script that breaks and heals, a tree that is
 * away for a while, a changed alembic.ini.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/pty/console.h"
#include "tests/tap/tap.h"

static char *
version_path(const struct console_test *test, const char *name)
{
	return alloc_printf("%s/migrations/versions/%s", test->tree, name);
}

static void
write_script(const struct console_test *test, const char *name, const char *revision,
	const char *parent)
{
	char *path = version_path(test, name);
	FILE *file = fopen(path, "w");

	if (file == NULL)
		abort();
	fprintf(file,
		"\"\"\"Came while you looked\"\"\"\n\n"
		"from alembic import op\n\n"
		"revision = \"%s\"\n"
		"down_revision = \"%s\"\n\n\n"
		"def upgrade():\n    op.execute(\"SELECT 1\")\n\n\n"
		"def downgrade():\n    op.execute(\"SELECT 2\")\n",
		revision, parent);
	fclose(file);
	free(path);
}

/* Both words stand in one row. */
struct row_of {
	const char *first, *second;
};

static bool
has_row(const char *screen, void *user)
{
	const struct row_of *want = user;
	const char *row = screen;

	for (const char *end; (end = strchr(row, '\n')) != NULL; row = end + 1) {
		const char *first = strstr(row, want->first);
		const char *second = strstr(row, want->second);

		if (first != NULL && first < end && second != NULL && second < end)
			return true;
	}
	return false;
}

static bool
wait_row(struct console_test *test, const char *first, const char *second)
{
	struct row_of want = { first, second };
	char *what = alloc_printf("a row with %s and %s", first, second);
	bool found = pty_wait_for(test->pty, has_row, &want, what, PTY_DEADLINE);

	free(what);
	return found;
}

static void
test_files(struct console_test *test)
{
	tap_ok(wait_row(test, "0015", "(current)"), "the tree is there");
	write_script(test, "0017_live.py", "0017", "0016");
	tap_ok(wait_row(test, "0017", "(head)"), "a new script appears");
	tap_ok(wait_row(test, "\xE2\x96\xB8", "0015"),
		"the cursor stays on its revision");
}

static void
test_upgrade(struct console_test *test)
{
	char *line = alloc_printf("cd '%s' && DATABASE_URL='postgresql:///billing?host="
				  "%s&port=%d&user=postgres' alembic upgrade +1",
		test->tree, cluster_host(test->cluster), CLUSTER_PRIMARY_PORT);

	console_must(console_shell(line) == 0, "alembic upgrade +1 runs elsewhere");
	tap_ok(wait_row(test, "0016", "(current)"), "current moves by itself");
	free(line);
}

static void
test_broken(struct console_test *test)
{
	char *path = version_path(test, "0018_live.py");

	write_script(test, "0018_live.py", "0018", "gone");
	tap_ok(wait_row(test, "! ", "gone"), "a broken script is a problem");
	tap_ok(wait_row(test, "0016", "(current)"), "beside the tree");
	write_script(test, "0018_live.py", "0018", "0017");
	tap_ok(pty_wait_gone(test->pty, "gone", PTY_DEADLINE), "it heals");
	tap_ok(wait_row(test, "0018", "(pending)"), "and takes its place");
	remove(path);
	tap_ok(pty_wait_gone(test->pty, "0018", PTY_DEADLINE), "a removed one goes");
	free(path);
}

static void
test_away(struct console_test *test)
{
	char *line =
		alloc_printf("mv '%s/migrations' '%s/away'", test->tree, test->tree);
	char *back =
		alloc_printf("mv '%s/away' '%s/migrations'", test->tree, test->tree);

	console_must(console_shell(line) == 0, "the tree goes away");
	tap_ok(pty_wait_gone(test->pty, "0003", PTY_DEADLINE), "which is seen");
	tap_ok(pty_wait(test->pty, "isn't there", PTY_DEADLINE),
		"and told as at the start");
	tap_ok(!pty_shows(test->pty, "0 scripts"), "not as a tree without scripts");
	console_must(console_shell(back) == 0, "it comes back");
	tap_ok(wait_row(test, "0016", "(current)"), "as it was");
	free(line);
	free(back);
}

static void
test_configuration(struct console_test *test)
{
	char *line =
		alloc_printf("mkdir '%s/more' && cd '%s' && "
			     "sed -i 's|^script_location.*|&\\nversion_locations = "
			     "%s/migrations/versions %s/more|' alembic.ini",
			test->tree, test->tree, test->tree, test->tree);
	char *path = alloc_printf("%s/more/0020.py", test->tree);
	char *copy = alloc_printf("sed 's/\"0017\"/\"0020\"/; s/\"0016\"/\"0017\"/' "
				  "'%s/migrations/versions/0017_live.py' >'%s'",
		test->tree, path);

	console_must(console_shell(line) == 0, "another location is configured");
	console_must(console_shell(copy) == 0, "and gets a script");
	tap_ok(wait_row(test, "0020", "(head)"), "it is found without a restart");
	free(line);
	free(path);
	free(copy);
}

int
main(void)
{
	struct console_test test = { 0 };

	console_test_start(&test);
	console_must(console_open(&test, 34, 80), "the console opens");
	test_files(&test);
	test_upgrade(&test);
	test_broken(&test);
	test_away(&test);
	test_configuration(&test);
	tap_ok(console_quit(&test), "q leaves");
	console_test_stop(&test);
	return tap_done();
}
