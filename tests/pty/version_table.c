/* A database with several version tables: the console and the commands. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/pty/console.h"
#include "tests/tap/tap.h"

static void
must_say(struct console_test *test, const char *arguments, int status,
	const char *const *texts, const char *what)
{
	char *both = alloc_printf("%s 2>&1", arguments);
	char *output;
	int got = console_run(test, both, &output);
	bool all = got == status;

	for (size_t i = 0; texts[i]; i++)
		all = all && strstr(output, texts[i]) != NULL;
	if (!tap_ok(all, "%s", what))
		tap_diag("status %d: %s", got, output);
	free(output);
	free(both);
}

/* One that this tree doesn't know settles nothing; one that it knows is the other's. */
static void
test_fitting(struct console_test *test)
{
	cluster_run(test->primary, "CREATE SCHEMA audit; CREATE TABLE "
				   "audit.alembic_version (version_num varchar(32)); "
				   "INSERT INTO audit.alembic_version VALUES ('zz')");
	must_say(test, "status --format json", 1,
		(const char *[]){ "\"version_table\": \"public.alembic_version\"",
			"of 2 version tables", "this tree's", NULL },
		"without a screen the one that fits is taken, and that is said");
	console_must(console_open(test, 34, 120), "the console opens");
	console_must(pty_wait(test->pty, "is this tree's", PTY_DEADLINE) &&
			     pty_wait(test->pty, "0015", PTY_DEADLINE),
		"so does the console");
	console_must(console_quit(test), "it is left");
}

static void
test_asked(struct console_test *test)
{
	cluster_run(
		test->primary, "UPDATE audit.alembic_version SET version_num = '0001'");
	must_say(test, "status", 2,
		(const char *[]){ "2 tables",
			"audit.alembic_version (0001: this tree's)",
			"--version-table='", NULL },
		"two that fit: the error names them and the way out");
	must_say(test, "status --version-table=audit.alembic_version", 1,
		(const char *[]){ "0001", NULL }, "which works");
	must_say(test, "status --version-table=a.b.c", 2,
		(const char *[]){ "a.b.c", NULL }, "a name that is none");
	console_must(console_open(test, 34, 120), "the console opens");
	console_must(pty_wait(test->pty, "Choose the version table", PTY_DEADLINE),
		"it asks");
	pty_key(test->pty, "Esc");
	console_must(pty_wait(test->pty, "several version tables", PTY_DEADLINE),
		"who leaves isn't asked again");
	console_command(test, "version-table nope");
	console_must(
		pty_wait(test->pty, "there is no version table nope", PTY_DEADLINE),
		"a name that is none is told");
	console_must(pty_wait(test->pty, "Choose the version table", PTY_DEADLINE),
		"and it asks again");
	pty_key(test->pty, "Esc");
	console_must(pty_wait(test->pty, "several version tables", PTY_DEADLINE),
		"until it is left");
	char *line = alloc_printf(
		"! grep -qs nope '%s/pgrunbook/choices.json'", test->state);
	tap_is_int(console_shell(line), 0, "what was never read isn't remembered");
	free(line);
	console_command(test, "version-table");
	console_must(pty_wait(test->pty, "Choose the version table", PTY_DEADLINE),
		"until he wants to be");
	pty_key(test->pty, "Down");
	pty_key(test->pty, "Enter");
	console_must(pty_wait(test->pty, "remembered for you", PTY_DEADLINE),
		"the choice is remembered");
	console_must(pty_wait_gone(test->pty, "several version tables", PTY_DEADLINE) &&
			     pty_wait(test->pty, "0001 ", PTY_DEADLINE),
		"and taken");
	console_must(console_quit(test), "it is left");
	must_say(test, "status", 1, (const char *[]){ "0001", NULL },
		"the commands know it, too");
	console_must(console_open(test, 34, 120), "the next day");
	console_must(!pty_shows(test->pty, "Choose the version table"), "nobody asks");
	cluster_run(test->primary, "DROP TABLE audit.alembic_version");
	console_must(pty_wait(test->pty, "that was chosen is not there", PTY_DEADLINE),
		"until it is gone");
	console_must(
		pty_wait(test->pty, "0015", PTY_DEADLINE), "then it is looked for");
	console_must(console_quit(test), "it is left");
}

/* env.py settles it for everybody. */
static void
test_env_py(struct console_test *test)
{
	cluster_run(test->primary, "CREATE TABLE audit.alembic_version (version_num "
				   "varchar(32)); INSERT INTO audit.alembic_version "
				   "VALUES ('0002')");
	char *line = alloc_printf("rm -rf '%s/pgrunbook/choices.json'; printf '%%s\\n' "
				  "'context.configure(connection=c, "
				  "version_table_schema=\"audit\")' >\"$(dirname "
				  "\"$(find '%s' -name env.py)\")/env.py\"",
		test->state, test->tree);
	tap_is_int(console_shell(line), 0, "an env.py that names a schema");
	free(line);
	must_say(test, "status", 1, (const char *[]){ "0002", NULL }, "is believed");
}

/* A row of another branch: the checkout is older than the database. */
static void
test_other_branch(struct console_test *test)
{
	char *line = alloc_printf(
		"set -e; cd '%s'; git init -q -b main .; "
		"git() { command git -c user.name=Ann -c user.email=a@x \"$@\"; }; "
		"git add -A; git commit -q -m one; git checkout -q -b feature/tax; "
		"f=$(dirname \"$(git ls-files | grep 0001)\")/0099_x.py; "
		"printf 'revision = \"0099\"\\ndown_revision = \"0015\"\\n' >\"$f\"; "
		"git add -A; git commit -q -m two; git checkout -q main",
		test->tree);

	tap_is_int(console_shell(line), 0, "a branch that has a revision more");
	free(line);
	cluster_run(test->primary, "DROP SCHEMA audit CASCADE; UPDATE alembic_version "
				   "SET version_num = '0099'");
	must_say(test, "status --version-table alembic_version --format json", 1,
		(const char *[]){ "\"status\": \"unknown-revision\"",
			"\"ref\": \"refs/heads/feature/tax\"", "0099_x.py",
			"git checkout ", "on branch feature/tax", NULL },
		"status names the branch, the commit and the file");
	cluster_run(test->primary,
		"CREATE SCHEMA audit; CREATE TABLE "
		"audit.alembic_version (version_num text); INSERT INTO "
		"audit.alembic_version VALUES ('0099')");
	console_must(console_open(test, 34, 120), "the console opens");
	console_must(pty_wait(test->pty, "on branch feature/tax", PTY_DEADLINE),
		"and tells it, too");
	line = alloc_printf("cd '%s'; git checkout -q feature/tax", test->tree);
	tap_is_int(console_shell(line), 0, "the branch is checked out");
	free(line);
	console_must(pty_wait_gone(test->pty, "on branch feature/tax", PTY_DEADLINE),
		"then it isn't lost any more");
	console_must(console_quit(test), "it is left");
}

int
main(void)
{
	struct console_test test = { 0 };

	console_test_start(&test);
	test_fitting(&test);
	test_asked(&test);
	test_env_py(&test);
	test_other_branch(&test);
	console_test_stop(&test);
	return tap_done();
}
