#include "pgrunbook/model/placeholder.h"

#include <stdlib.h>
#include <string.h>

#include "tests/tap/tap.h"

static void
finds(const char *command, const char *want)
{
	struct strlist names = { 0 };
	char *got;

	placeholder_find(command, &names);
	got = strlist_join(&names, "|");
	tap_is_text(got, want, "in: %s", command);
	free(got);
	strlist_free(&names);
}

static char *
filled(const char *command, const char *value, bool shell, struct error *error)
{
	struct strlist names = { 0 }, values = { 0 };
	char *got;

	strlist_add(&names, "x");
	strlist_add(&values, value);
	got = placeholder_fill(command, &names, &values, shell, error);
	strlist_free(&names);
	strlist_free(&values);
	return got;
}

static void
fills(const char *command, const char *value, bool shell, const char *want)
{
	struct error error = { 0 };
	char *got = filled(command, value, shell, &error);

	tap_is_text(got, want, "%s with %s", command, value);
	free(got);
	error_clear(&error);
}

static void
refuses(const char *command, const char *value, bool shell, const char *because)
{
	struct error error = { 0 };
	char *got = filled(command, value, shell, &error);

	tap_ok(got == NULL && error.message != NULL && strstr(error.message, because),
		"%s with %s is refused: %s", command, value, because);
	free(got);
	error_clear(&error);
}

static void
reads(const char *command, const char *want)
{
	struct strlist names = { 0 };
	char *got;

	placeholder_variables(command, &names);
	got = strlist_join(&names, " ");
	tap_is_text(got, want, "variables in: %s", command);
	free(got);
	strlist_free(&names);
}

static void
test_find(void)
{
	finds("alembic downgrade <revision>", "revision");
	finds("alembic merge <head1> <head2> <head1>", "head1|head2");
	finds("alembic downgrade <target revision>", "target revision");
	finds("cat versions/<migration_file>.py", "migration_file");
	finds("psql -c \"... = '<previous_version>';\"", "previous_version");
	finds("postgresql://u:p@<rds-endpoint>:5432/x", "rds-endpoint");
	finds("curl https://your-app.railway.app/health", "your-app");
	finds("call [Contact info] or [Team lead]", "Contact info|Team lead");
	finds("deploy [VERSION]", "VERSION");
	finds("echo YOUR_PROJECT", "YOUR_PROJECT");
	finds("cat <<EOF\nx\nEOF", "");
	finds("cat <<EOF >out", "");
	finds("sort <in >out", "");
	finds("sort <in.txt 2>err", "");
	finds("sort <file 2>&1", "");
	finds("cat <in>>out", "");
	finds("diff <(sort a) <(sort b)", "");
	finds("[ -f x ] && [[ $a == b ]]", "");
	finds("ls [a-z]* a[0] ${a[KEY]}", "");
	finds("grep '\\<word\\>' x", "");
	finds("export YOUR_NAME=x; echo $YOUR_NAME ${YOUR_NAME}", "");
	finds("SELECT 1 WHERE a < b AND c > d", "");
}

static void
test_fill(void)
{
	fills("alembic downgrade <x>", "0014", true, "alembic downgrade 0014");
	fills("alembic downgrade <x>", "-1", true, "alembic downgrade -1");
	fills("echo <x>", "a b", true, "echo 'a b'");
	fills("echo <x>", "it's; rm -rf /", true, "echo 'it'\\''s; rm -rf /'");
	fills("echo '<x>'", "it's", true, "echo 'it'\\''s'");
	fills("echo \"<x>\"", "$(reboot) \"a\" `b` \\", true,
		"echo \"\\$(reboot) \\\"a\\\" \\`b\\` \\\\\"");
	fills("echo \"it's <x>\"", "a b", true, "echo \"it's a b\"");
	fills("echo \\\"<x>", "a b", true, "echo \\\"'a b'");
	fills("echo $(cat <x>)", "plain", true, "echo $(cat plain)");
	fills("# don't\necho <x>", "a b", true, "# don't\necho 'a b'");
	fills("SELECT '<x>'", "it's", false, "SELECT 'it''s'");
	fills("SELECT <x>", "42", false, "SELECT 42");
	fills("downgrade <x>", "billing@0014", false, "downgrade billing@0014");
	refuses("echo \"$(cat <x>)\"", "a b", true, "can't stand there");
	refuses("cat <<EOF\n<x>\nEOF", "a b", true, "can't stand there");
	refuses("SELECT <x>", "1; DROP TABLE a", false, "can't stand there");
	refuses("downgrade <x>", "0014 reboot", false, "can't stand there");
	refuses("echo <x>", "", true, "<x> is not filled in");
	refuses("echo <y>", "a", true, "<y> is not filled in");
	refuses("echo <x>", "a\nreboot", true, "control characters");
	refuses("echo <x>", "a\033[2J", true, "control characters");
}

int
main(void)
{
	char *neutral = placeholder_neutral("alembic downgrade <x> >out");

	tap_is_text(neutral, "alembic downgrade PLACEHOLDER >out",
		"a placeholder is one word to the shell's grammar");
	free(neutral);
	test_find();
	test_fill();
	reads("pg_dump -h $DB_HOST -d \"${DB_NAME}\" $DB_HOST", "DB_HOST DB_NAME");
	reads("echo '$NOT' \\$NOT ${SET:-x} $1 $? $(date) $$", "");
	reads("A=1; echo $A; for f in *; do echo $f; done", "");
	reads("echo \"it's $HERE\"", "HERE");
	return tap_done();
}
