/* `pgrunbook plan` on a tree on disk: what it prints, and its exit status. */
#include "pgrunbook/app/command_plan.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/file.h"
#include "tests/tap/scratch.h"
#include "tests/tap/tap.h"

struct project {
	char *folder;
	struct setup setup;
	struct str out, complaints;
};

static void
put(const char *folder, const char *name, const char *text)
{
	char *path = file_join(folder, name);
	FILE *file = fopen(path, "w");

	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		abort();
	free(path);
}

static void
project_make(struct project *project)
{
	struct error error = { 0 };

	*project = (struct project){ .folder = scratch_make() };
	char *ini = file_join(project->folder, "alembic.ini");
	char *versions = file_join(project->folder, "versions");

	put(project->folder, "alembic.ini", "[alembic]\nscript_location = %(here)s\n");
	mkdir(versions, 0700);
	struct setup_options options = { .config = ini };
	if (!setup_make_tree(&options, &project->setup, &error))
		abort();
	free(versions);
	free(ini);
}

static void
project_free(struct project *project)
{
	setup_free(&project->setup);
	scratch_remove(project->folder);
	str_free(&project->out);
	str_free(&project->complaints);
}

static int
ask(struct project *project, const char *direction, const char *target, const char *at,
	bool json)
{
	struct tree_question question = {
		.word1 = direction, .word2 = target, .at = at, .json = json
	};

	str_clear(&project->out);
	str_clear(&project->complaints);
	return command_plan(
		&project->setup, &question, &project->out, &project->complaints);
}

static void
check(struct project *project, const char *direction, const char *target,
	const char *at, int status, const char *out, const char *complaints)
{
	tap_is_int(ask(project, direction, target, at, false), status,
		"%s %s at (%s): exit status", direction, target, at);
	tap_is_text(str_text(&project->out), out, "output");
	tap_is_text(str_text(&project->complaints), complaints, "complaints");
}

#define BODIES "def upgrade():\n    op.x()\ndef downgrade():\n    op.y()\n"

static void
test_empty(struct project *project)
{
	tap_is_int(ask(project, "upgrade", "heads", "", false), 0, "an empty tree");
	tap_is_text(str_text(&project->out), "nothing to run\nrows after: base\n",
		"has nothing to run");
	char *want = alloc_printf(
		"pgrunbook: there is no revision in %s/versions\n", project->folder);
	tap_is_text(str_text(&project->complaints), want, "which is said");
	free(want);
	char *versions = file_join(project->folder, "versions");
	rmdir(versions);
	want = alloc_printf(
		"pgrunbook: there is no revision in %s, which doesn't exist\n",
		versions);
	tap_is_int(ask(project, "upgrade", "heads", "", false), 0, "no directory");
	tap_is_text(str_text(&project->complaints), want, "which is said");
	mkdir(versions, 0700);
	free(want);
	free(versions);
}

static void
test_text(struct project *project)
{
	check(project, "upgrade", "heads", "base", 0,
		"Running upgrade  -> a1, first\n"
		"Running upgrade a1 -> c3\n"
		"Running upgrade a1 -> b2, second line one\n"
		"rows after: b2, c3\n"
		"! b2 commits in between by autocommit_block (2.py:7): if anything "
		"fails after that, what ran before it stays done\n"
		"note: c3 has an empty upgrade (3.py:3): only the version moves\n",
		"");
	check(project, "upgrade", "b2", "b2", 0, "nothing to run\nrows after: b2\n",
		"");
	check(project, "downgrade", "base", "a1", 0,
		"Running downgrade a1 -> , first\n"
		"rows after: base\n"
		"! this goes back to base: nothing of the 1 revision that is applied "
		"stays\n",
		"");
	check(project, "downgrade", "a1", "b2, c3", 0,
		"Running downgrade b2 -> a1, second line one\n"
		"Running downgrade c3 -> a1\n"
		"rows after: a1\n"
		"! 2 of the 2 current revisions are taken back, b2, c3; b2@a1 takes "
		"back one of them\n",
		"");
}

static void
test_refusals(struct project *project)
{
	check(project, "downgrade", "-1", "b2,c3", 1, "",
		"pgrunbook: -1 is ambiguous: there are 2 current revisions; say b2-1 "
		"or c3-1; with b2@-1 the other branches stay\n");
	check(project, "downgrade", "side@-1", "a1", 1,
		"Running downgrade a1 -> , first\n"
		"rows after: base\n"
		"! side@-1 leaves the branch side: it takes back a1, which other "
		"branches stand on; name the revision to go to\n"
		"! this goes back to base: nothing of the 1 revision that is applied "
		"stays\n",
		"pgrunbook: refused: side@-1 leaves the branch side: it takes back a1, "
		"which other branches stand on; name the revision to go to\n");
	check(project, "upgrade", "head", "a1,b2", 1, "",
		"pgrunbook: the version table has a1, which another of its rows "
		"implies; an Alembic before 1.13.1 leaves that behind, and every "
		"upgrade fails (\"overlaps\") until DELETE FROM alembic_version WHERE "
		"version_num = 'a1'\n");
	check(project, "upgrade", "nowhere", "a1", 1, "",
		"pgrunbook: can't locate a revision or branch identified by "
		"'nowhere'\n");
	check(project, "upgrade", "head", "a", 2, "",
		"pgrunbook: --at: there is no revision a; a row is a whole id\n");
	check(project, "sidegrade", "head", "a1", 2, "",
		"pgrunbook: plan upgrade or plan downgrade, not \"sidegrade\"\n");
}

static void
check_json(const json_t *value, const char *key, const char *want)
{
	char *got =
		json_dumps(json_object_get(value, key), JSON_ENCODE_ANY | JSON_COMPACT);

	tap_is_text(got, want, "JSON: %s", key);
	free(got);
}

static void
test_json(struct project *project)
{
	tap_is_int(ask(project, "upgrade", "b2", "a1", true), 0, "a plan in JSON");
	json_t *value = json_loads(str_text(&project->out), 0, NULL);
	check_json(value, "steps",
		"[{\"revision\":\"b2\",\"from\":[\"a1\"],\"to\":[\"b2\"],"
		"\"message\":\"second line one\",\"rows_after\":[\"b2\"]}]");
	check_json(value, "rows_before", "[\"a1\"]");
	check_json(value, "rows_after", "[\"b2\"]");
	check_json(value, "direction", "\"upgrade\"");
	check_json(value, "target", "\"b2\"");
	check_json(value, "dangers",
		"[{\"kind\":\"commits\",\"revision\":\"b2\",\"revisions\":[\"b2\"],"
		"\"text\":\"b2 commits in between by autocommit_block (2.py:7): if "
		"anything fails after that, what ran before it stays done\"}]");
	check_json(value, "notes", "[]");
	check_json(value, "refused", "false");
	check_json(value, "error", "null");
	json_decref(value);

	tap_is_int(ask(project, "downgrade", "-1", "b2,c3", true), 1, "a refusal");
	value = json_loads(str_text(&project->out), 0, NULL);
	check_json(value, "steps", "[]");
	check_json(value, "rows_after", "[\"b2\",\"c3\"]");
	check_json(value, "refused", "true");
	check_json(value, "error",
		"\"-1 is ambiguous: there are 2 current revisions; say b2-1 or c3-1; "
		"with b2@-1 the other branches stay\"");
	json_decref(value);

	tap_is_int(ask(project, "downgrade", "side@-1", "a1", true), 1, "another");
	value = json_loads(str_text(&project->out), 0, NULL);
	check_json(value, "rows_after", "[]");
	check_json(value, "refused", "true");
	json_decref(value);
}

static void
test_broken(struct project *project)
{
	put(project->folder, "versions/4.py",
		"revision = 'd4'\ndown_revision = f()\n" BODIES);
	check(project, "downgrade", "a1", "b2", 0,
		"Running downgrade b2 -> a1, second line one\nrows after: a1\n",
		"pgrunbook: down_revision of d4 is computed, so that only Python knows "
		"it (4.py:2): write the ids down\n");
	put(project->folder, "versions/4.py", "revision = 'd4'\n");
	check(project, "downgrade", "a1", "b2", 2, "",
		"pgrunbook: 4.py: it binds no `down_revision`; a first revision has "
		"`down_revision = None`\n");
	put(project->folder, "versions/4.py",
		"revision = 'd4'\ndown_revision = 'zz'\n" BODIES);
	tap_is_int(ask(project, "downgrade", "a1", "b2", false), 2, "a missing parent");
}

int
main(void)
{
	struct project project;

	project_make(&project);
	test_empty(&project);
	put(project.folder, "versions/1.py",
		"'''first'''\nrevision = 'a1'\ndown_revision = None\n" BODIES);
	put(project.folder, "versions/2.py",
		"'''second line one\nline two'''\nrevision = 'b2'\ndown_revision = "
		"'a1'\n\ndef upgrade():\n"
		"    with op.get_context().autocommit_block():\n        op.x()\n"
		"def downgrade():\n    op.y()\n");
	put(project.folder, "versions/3.py",
		"revision = 'c3'\ndown_revision = 'a1'; branch_labels = 'side'\n"
		"def upgrade():\n    pass\ndef downgrade():\n    pass\n");
	test_text(&project);
	test_refusals(&project);
	test_json(&project);
	test_broken(&project);
	project_free(&project);
	return tap_done();
}
