/*
 * Runbooks read.  tests/runbooks has five that teams wrote for themselves; beside each
 * stands what becomes of it, NAME.steps.  After a change that is meant:
 * `tests/model/runbook --print FILE.md >FILE.steps`, and read the difference: no menu
 * of alternatives may become something that can be run.
 */
#include "pgrunbook/model/runbook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "tests/tap/tap.h"

static char *
file_read(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	struct str text = { 0 };
	char buffer[4096];
	size_t got;

	if (file == NULL)
		return NULL;
	while ((got = fread(buffer, 1, sizeof(buffer), file)) > 0)
		str_add_bytes(&text, buffer, got);
	fclose(file);
	*length = text.length;
	return str_take(&text);
}

static struct runbook *
read_text(const char *text)
{
	struct error error = { 0 };
	struct runbook *runbook =
		runbook_read("folder/test.md", text, strlen(text), &error);

	if (runbook == NULL)
		tap_diag("%s", error.message);
	error_clear(&error);
	return runbook;
}

static const char *
kind_name(const struct step *step)
{
	static const char *const names[] = { "attest", "shell", "sql", "action" };

	return names[step->kind];
}

/* One step: what it is, what it would run, and whether it can be run from here. */
static void
print_step(const struct step *step, struct str *out)
{
	str_printf(out, "%d %s%s %s: %s\n", step->line, kind_name(step),
		step->optional ? " (optional)" : "", step->id, step->title);
	if (step->command != NULL)
		str_printf(out, "\t%s: %s%s\n", danger_name(step->danger),
			step->by_hand == NULL ? "RUN" : "by hand, ",
			step->by_hand == NULL ? "" : step->by_hand);
	for (const char *line = step->command; line != NULL && *line != '\0';) {
		size_t length = strcspn(line, "\n");

		str_printf(out, "\t| %.*s\n", (int)length, line);
		line += length + (line[length] == '\n');
	}
	for (size_t i = 0; i < step->inputs.count; i++)
		str_printf(out, "\t<%s>%s\n", step->inputs.items[i],
			runbook_input_is_revision(step->inputs.items[i]) ? " a revision"
									 : "");
}

static char *
print_runbook(const struct runbook *runbook)
{
	struct str out = { 0 };

	str_printf(&out, "%s\n", runbook->title);
	for (size_t i = 0; i < runbook->step_count; i++) {
		const struct step *step = &runbook->steps[i];

		if (i == 0 || step->section != runbook->steps[i - 1].section)
			str_printf(&out, "\n# %s\n",
				step->section < 0
					? "(no heading)"
					: runbook->blocks[step->section].text);
		print_step(step, &out);
	}
	str_add(&out, "\n");
	for (size_t i = 0; i < runbook->notes.count; i++)
		str_printf(&out, "%s\n", runbook->notes.items[i]);
	return str_take(&out);
}

static char *
print_file(const char *path)
{
	struct error error = { 0 };
	struct runbook *runbook;
	size_t length;
	char *bytes = file_read(path, &length), *out;

	if (bytes == NULL)
		return alloc_printf("%s can't be read", path);
	runbook = runbook_read(path, bytes, length, &error);
	out = runbook != NULL ? print_runbook(runbook) : alloc_copy(error.message);
	runbook_free(runbook);
	error_clear(&error);
	free(bytes);
	return out;
}

static void
source_is_read(const char *folder, const char *name)
{
	char *path = alloc_printf("%s/tests/runbooks/%s.md", folder, name);
	char *golden = alloc_printf("%s/tests/runbooks/%s.steps", folder, name);
	char *got = print_file(path);
	size_t length;
	char *want = file_read(golden, &length);

	tap_is_text(got, want, "%s reads as it did", name);
	free(want);
	free(got);
	free(golden);
	free(path);
}

static void
installed_is_read(const char *folder, const char *name)
{
	char *path = alloc_printf("%s/runbooks/%s.md", folder, name);
	size_t length = 0;
	char *bytes = file_read(path, &length);
	struct error error = { 0 };
	struct runbook *runbook = runbook_read(path, bytes, length, &error);
	size_t runnable = 0;

	tap_ok(runbook != NULL, "%s is read", name);
	for (size_t i = 0; runbook != NULL && i < runbook->step_count; i++)
		runnable += runbook->steps[i].by_hand == NULL;
	tap_is_int((int64_t)runnable, runbook ? (int64_t)runbook->step_count : -1,
		"every step of %s can be done from here", name);
	tap_is_int(runbook ? (int64_t)runbook->notes.count : -1, 0,
		"nothing is noted about %s", name);
	runbook_free(runbook);
	error_clear(&error);
	free(bytes);
	free(path);
}

/* The steps as "KIND by-hand?" in a line each. */
static void
becomes(const char *markdown, const char *want, const char *what)
{
	struct runbook *runbook = read_text(markdown);
	struct str got = { 0 };

	for (size_t i = 0; runbook != NULL && i < runbook->step_count; i++) {
		const struct step *step = &runbook->steps[i];

		str_printf(&got, "%s %s%s%s\n", kind_name(step), step->title,
			step->by_hand != NULL ? " -- " : "",
			step->by_hand != NULL ? step->by_hand : "");
	}
	tap_is_text(str_text(&got), want, "%s", what);
	str_free(&got);
	runbook_free(runbook);
}

static void
test_shape(void)
{
	struct runbook *runbook =
		read_text("---\ntitle: \"A title\"\ncwd: x\n---\n\n"
			  "# Head\n\ntext `code` <b>\n\n- bullet\n"
			  "  - deep\n\n| a | b |\n|---|---|\n| c | d |\n\n"
			  "```python\nprint(1)\n```\n\n```sh\nls\n```\n");

	tap_is_text(runbook->name, "test", "the name is the file's");
	tap_is_text(runbook->title, "A title", "the title is the front matter's");
	tap_is_text(runbook->notes.items[0],
		"line 1: not used from the front matter: cwd",
		"what isn't used of it is said");
	tap_is_text(runbook->blocks[0].text, "Head", "a heading");
	tap_is_int(runbook->blocks[0].line, 6, "lines count from the file's first");
	tap_is_text(
		runbook->blocks[1].text, "text code <b>", "a paragraph is plain text");
	tap_is_int(runbook->blocks[3].level, 2, "a list in a list is deeper");
	tap_is_text(runbook->blocks[5].text, "c | d", "a table's row");
	tap_is_int(runbook->blocks[6].kind, BLOCK_CODE, "python is shown");
	tap_is_text(runbook->blocks[6].text, "print(1)\n", "as it is");
	tap_is_int(runbook->blocks[7].kind, BLOCK_STEP, "a shell command is a step");
	tap_is_text(runbook->steps[0].id, "head-1", "named by its section");
	tap_is_int(runbook->steps[0].line, 22, "on the command's line");
	tap_is_int(runbook->steps[0].section, 0, "under its heading");
	tap_is_int(runbook_find_step(runbook, "head-1"), 0, "found by its id");
	tap_is_int((int64_t)strlen(runbook->sha256), 64, "the bytes are hashed");
	runbook_free(runbook);
}

static void
test_ids(void)
{
	struct runbook *runbook =
		read_text("```sh\na\n```\n# 1. Roll back!\n```sh\na\nb\n```\n"
			  "# Roll back\n```sh\na\n```\n"
			  "# \xC3\x84\n```sh {name=\"Take a backup\"}\na\nb\n```\n");
	static const char *const want[] = { "start-1", "roll-back-1", "roll-back-2",
		"roll-back-2-1", "take-a-backup", "take-a-backup-2" };

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		tap_is_text(runbook->steps[i].id, want[i], "id %zu", i + 1);
	tap_is_text(runbook->steps[4].title, "Take a backup", "a name is a title, too");
	runbook_free(runbook);
}

static void
test_attestations(void)
{
	becomes("- [ ] a\n- [x] b\n- c\n", "attest a\nattest b\n",
		"task items are ticked");
	becomes("# Prerequisites\n- a\n  - deep\n- b\n", "attest a\nattest b\n",
		"bullets under Prerequisites, too");
	becomes("**Check for**:\n- a\n\ntext\n\n- b\n", "attest a\n",
		"and under a paragraph that says so");
	becomes("1. a\n2. `0001` - first\n3. c\n   - d\n", "attest a\nattest c\n",
		"ordered items, unless they only list names");
	becomes("# Overview\n1. a\n", "", "not those that describe");
	becomes("The deploy runs automatically:\n\n1. a\n", "", "by heading or lead");
	becomes("1. Look:\n   ```sh\n   ls\n   ```\n", "shell ls\n",
		"an item with code is no step of its own");
}

static void
test_choices(void)
{
	becomes("```sh\n# One\na\n# Or another\nb\n```\n",
		"shell One -- a choice between alternatives: Or another\n"
		"shell Or another -- a choice between alternatives: Or another\n",
		"a comment with or");
	becomes("```sh\na\n```\n\nAlternatively:\n\n```sh\nb\n```\n",
		"shell a -- a choice between alternatives: Alternatively:\n"
		"shell b -- a choice between alternatives: Alternatively:\n",
		"a paragraph with or");
	becomes("# Option 1: x\n## y\n```sh\na\n```\n",
		"shell a -- a choice between alternatives: Option 1: x\n",
		"a section that is an option");
	becomes("# Quick Commands\n```sh\nls\n```\n",
		"shell ls -- a choice between alternatives: Quick Commands\n",
		"a collection");
	becomes("```sh\nalembic downgrade -1\nls\nalembic downgrade base\n```\n",
		"shell alembic downgrade -1 -- a choice between alternatives: several "
		"of "
		"these move the database\n"
		"shell ls -- a choice between alternatives: several of these move the "
		"database\n"
		"shell alembic downgrade base -- a choice between alternatives: "
		"several of "
		"these move the database\n",
		"a fence with several targets");
	becomes("```sh\nalembic downgrade -1; alembic downgrade base\n```\n",
		"shell alembic downgrade -1; alembic downgrade base -- a choice "
		"between "
		"alternatives: several of these move the database\n",
		"also on one line");
	becomes("# a\n```sh\nalembic downgrade -1\n```\n# b\n```sh\nalembic downgrade "
		"-2\n```\n",
		"shell alembic downgrade -1 -- a choice between alternatives: this "
		"runbook "
		"downgrades in 2 places\n"
		"shell alembic downgrade -2 -- a choice between alternatives: this "
		"runbook "
		"downgrades in 2 places\n",
		"downgrades anywhere in a document");
	becomes("# a\n```sh\nalembic upgrade head --sql\nalembic upgrade "
		"head\nls\n```\n",
		"shell alembic upgrade head --sql\nshell alembic upgrade head\nshell "
		"ls\n",
		"a dry run and an upgrade are no choice");
	becomes("# t\n## a\n```sh\nalembic upgrade head\n```\n## b\n```sh\nalembic "
		"upgrade head\n```\n",
		"shell alembic upgrade head\nshell alembic upgrade head\n",
		"nor are two chapters that upgrade");
	becomes("```sh\napt-get install a\nbrew install a\n```\n",
		"shell apt-get install a -- a choice between alternatives: installers "
		"of "
		"different systems\n"
		"shell brew install a -- a choice between alternatives: installers of "
		"different systems\n",
		"installers of different systems are");
}

static void
test_by_hand(void)
{
	becomes("```sh\nls\ncd x\nls\n```\n```sh\nls\n```\n# b\n```sh\nls\n```\n",
		"shell ls\nshell cd x -- changes the shell's own state\n"
		"shell ls -- needs what stands above it: cd x\n"
		"shell ls -- needs what stands above it: cd x\nshell ls\n",
		"what changes the shell, and what comes after it in the section");
	becomes("```sh\ncd x && ls\nA=b ls\n```\n", "shell cd x && ls\nshell A=b ls\n",
		"not if it is one command");
	becomes("```sh\nvim x\npsql\npsql -c '\\l'\nkubectl run -it x\n```\n",
		"shell vim x -- interactive: it needs a terminal of its own\n"
		"shell psql -- interactive: it needs a terminal of its own\n"
		"shell psql -c '\\l'\n"
		"shell kubectl run -it x -- interactive: it needs a terminal of its "
		"own\n",
		"what needs a terminal");
	becomes("```sh\ntail -f x\nkubectl get pods -w\nkubectl logs -f x\nx &\n```\n",
		"shell tail -f x -- endless: it runs until it is stopped\n"
		"shell kubectl get pods -w -- endless: it runs until it is stopped\n"
		"shell kubectl logs -f x -- endless: it runs until it is stopped\n"
		"shell x & -- goes on in the background\n",
		"what doesn't end");
	becomes("```sh\nx postgresql+asyncpg://u@h/d\nDATABASE_URL=$X x\n"
		"pg_dump -h prod -d x\npg_dump -h $H -d $D\npsql -d x -c '\\l'\n```\n",
		"shell x postgresql+asyncpg://u@h/d -- names a database of its own: "
		"postgresql+asyncpg://u@h/d\n"
		"shell DATABASE_URL=$X x -- names a database of its own: "
		"DATABASE_URL=$X\n"
		"shell pg_dump -h prod -d x -- names a database of its own: prod\n"
		"shell pg_dump -h $H -d $D\nshell psql -d x -c '\\l'\n",
		"what may be another database");
	becomes("```sh\n# If it is broken\nfix it\n# If unsure\nls\n```\n",
		"shell If it is broken -- only under a condition: If it is broken\n"
		"shell If unsure\n",
		"what changes something under a condition");
	becomes("```sh\na 'b\n```\n```sh\na \xE2\x80\xAE "
		"b\n```\n```sh\na\033[2Jb\n```\n",
		"shell a 'b -- not understood: kept whole\n"
		"shell a \xE2\x80\xAE b -- has characters that don't show\n"
		"shell a\033[2Jb -- has characters that don't show\n",
		"what can't be read as it stands");
	becomes("```sh\n./scripts/test_migrations.sh\n```\n",
		"shell ./scripts/test_migrations.sh -- a test: not for a database that "
		"is "
		"in use\n",
		"a test of migrations");
}

static void
test_samples(void)
{
	becomes("**Expected Output**:\n```sh\na\n```\n", "",
		"what follows Expected Output");
	becomes("```sh\n# x\nGET /health\n```\n", "", "requests");
	becomes("```\na\n```\n\n    b\n", "", "code of no language");
	becomes("```console\n$ a\nsaid\n$ b \\\n> c\n```\n", "shell a\nshell b\n",
		"in a session only what stands behind the prompt is run");
	becomes("```sh\n# 1. Call somebody\n\n# 2. Look\nls\n```\n",
		"attest 1. Call somebody\nshell 2. Look\n",
		"a numbered comment without a command is for a person");
}

static void
test_sql(void)
{
	becomes("```sql\n-- one\nSELECT 1;\nSELECT '<x>';\n\\dt\n```\n",
		"sql one\nsql SELECT '<x>'\nsql \\dt -- a command of psql\n",
		"a statement is a step");
	becomes("```sql\nBEGIN;\nSELECT 1;\nCOMMIT;\n```\n",
		"sql BEGIN -- part of a transaction over several statements\n"
		"sql SELECT 1 -- part of a transaction over several statements\n"
		"sql COMMIT -- part of a transaction over several statements\n",
		"a transaction isn't cut into steps");
}

static void
test_actions(void)
{
	static const char wrong[] = "# a\n\n```pgrunbook\nidentify\nreboot\n```\n";
	struct error error = { 0 };
	struct runbook *runbook = read_text(
		"```pgrunbook\n# Go back\ndowngrade <target>\n\nask a \"Why?\"\n```\n");

	tap_is_text(runbook->steps[0].title, "Go back", "an action has a comment");
	tap_is_text(runbook->steps[0].inputs.items[0], "target", "and an input");
	tap_is_int(runbook->steps[0].danger, DANGER_DESTRUCTIVE, "and a danger");
	tap_is_int(runbook_filled_danger(&runbook->steps[0], "downgrade base"),
		DANGER_REFUSED, "which may grow when it is filled");
	tap_is_text(runbook->steps[1].title, "Why?", "a question is a title");
	runbook_free(runbook);
	tap_ok(runbook_read("a.md", wrong, strlen(wrong), &error) == NULL,
		"a wrong action is an error");
	tap_ok(strncmp(error.message, "a.md: line 5: unknown action \"reboot\"", 37) ==
			0,
		"with file and line: %s", error.message);
	error_clear(&error);
	tap_ok(runbook_read("a.md", "a\0b", 3, &error) == NULL,
		"NUL bytes are no text");
	error_clear(&error);
}

static void
test_attributes(void)
{
	struct runbook *runbook = read_text(
		"```sh {danger=read}\nfrob\n```\n```sh {danger=read}\nrm x\n```\n"
		"```sh {\"danger\": \"destructive\", \"interactive\": true}\nls\n```\n"
		"```sh {ignore=true}\nls\n```\n```sh { background=true timeout=9 foo "
		"}\nls\n```\n");

	tap_is_int((int64_t)runbook->step_count, 4, "ignored code is no step");
	tap_is_int(runbook->steps[0].danger, DANGER_READ,
		"the author may say that an unknown command reads");
	tap_is_int(
		runbook->steps[1].danger, DANGER_DESTRUCTIVE, "but not that rm does");
	tap_is_int(runbook->steps[2].danger, DANGER_DESTRUCTIVE, "and may say more");
	tap_is_text(runbook->steps[2].by_hand,
		"interactive: it needs a terminal of its own", "JSON is read, too");
	tap_is_text(
		runbook->steps[3].by_hand, "goes on in the background", "background");
	tap_is_text(runbook->notes.items[0],
		"line 5: danger=read is not believed: rm x",
		"what isn't believed is noted");
	tap_is_text(runbook->notes.items[1], "line 14: timeout=9 is not used yet",
		"what isn't used yet is noted");
	tap_is_text(runbook->notes.items[2], "line 14: foo=true is not known",
		"what isn't known is noted");
	tap_is_int(runbook_filled_danger(&runbook->steps[0], "frob x"), DANGER_READ,
		"the author's word still counts when it is filled");
	runbook_free(runbook);
}

static void
test_literals(void)
{
	struct runbook *runbook =
		read_text("```sh\nalembic merge -m x abc def; alembic show ghi:head; "
			  "x alembic downgrade billing@jkl-1; alembic upgrade +1; "
			  "alembic stamp <rev>; alembic downgrade $X; alembic upgrade "
			  "heads\n```\n"
			  "```pgrunbook\nupgrade 0007\nupgrade <target>\n```\n");
	struct strlist revisions = { 0 };
	char *got;

	for (size_t i = 0; i < runbook->step_count; i++)
		runbook_literal_revisions(&runbook->steps[i], &revisions);
	got = strlist_join(&revisions, " ");
	tap_is_text(got, "abc def ghi jkl 0007", "literal revisions are found");
	free(got);
	strlist_free(&revisions);
	runbook_free(runbook);
	tap_ok(runbook_input_is_revision("version_before_problem"), "a version");
	tap_ok(runbook_input_is_revision("head2"), "a head");
	tap_ok(runbook_input_is_revision("target"), "a target");
	tap_ok(!runbook_input_is_revision("previous-tag"), "not a tag");
	tap_ok(!runbook_input_is_revision("migration_file"), "not a file");
}

static void
test_limits(void)
{
	struct str text = { 0 };
	struct runbook *runbook;

	for (int i = 0; i < 2100; i++)
		str_add(&text, "```sh {name=x}\nls\n```\n");
	runbook = read_text(str_text(&text));
	tap_is_int((int64_t)runbook->step_count, 2000, "there is an end to steps");
	tap_is_int(runbook->blocks[runbook->block_count - 1].kind, BLOCK_CODE,
		"what comes after is shown");
	runbook_free(runbook);
	str_free(&text);
	becomes("", "", "nothing is a runbook without steps");
}

int
main(int argc, char **argv)
{
	const char *folder = getenv("srcdir");

	if (argc == 3 && strcmp(argv[1], "--print") == 0) {
		char *out = print_file(argv[2]);

		fputs(out, stdout);
		free(out);
		return 0;
	}
	folder = folder != NULL ? folder : ".";
	source_is_read(folder, "docker-compose");
	source_is_read(folder, "kubernetes-helm");
	source_is_read(folder, "makefile-railway");
	source_is_read(folder, "plain-alembic");
	source_is_read(folder, "short-checklist");
	installed_is_read(folder, "backup-then-downgrade");
	installed_is_read(folder, "upgrade");
	test_shape();
	test_ids();
	test_attestations();
	test_choices();
	test_by_hand();
	test_samples();
	test_sql();
	test_actions();
	test_attributes();
	test_literals();
	test_limits();
	return tap_done();
}
