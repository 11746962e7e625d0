#include "pgrunbook/model/status.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/model/grow.h"
#include "tests/tap/tap.h"

struct status_case {
	const char *what, *tree, *rows;
	const char *words, *pending;
};

static const struct status_case cases[] = {
	{ "at the head", "a:\nb: a\n", "b", "in sync", "" },
	{ "behind", "a:\nb: a\nc: b\n", "a", "2 pending", "b c" },
	{ "at base", "a:\nb: a\n", "", "2 pending", "a b" },
	{ "a row that nobody knows", "a:\n", "a z y", "unknown revisions z, y", "" },
	{ "two heads, one applied", "a:\nb: a\nc: a\n", "b", "several heads, 1 pending",
		"c" },
	{ "two heads, both applied", "a:\nb: a\nc: a\n", "b c", "in sync", "" },
	{ "a dependency counts", "a:\nb: | a\n", "b", "in sync", "" },
	{ "a broken tree", "a: x\nb: a\n", "a", "broken tree", "b" },
	{ "no revisions", "", "", "no revisions found", "" },
};

static void
check(const struct status_case *one)
{
	struct tree *tree = grow_tree(one->tree);
	struct version_rows rows = { .table = VERSION_TABLE_READ };
	struct status status;

	grow_words(one->rows, &rows.rows);
	status_make(tree, &rows, &status);
	char *words = status_words(&status);
	char *pending = grow_ids(tree, &status.pending);
	tap_is_text(words, one->words, "%s", one->what);
	tap_is_text(pending, one->pending, "what is pending, in order");
	tap_is_int((int64_t)(status.applied.count + status.pending.count),
		(int64_t)tree_count(tree), "the rest is applied");
	free(words);
	free(pending);
	status_free(&status);
	version_rows_free(&rows);
	tree_free(tree);
}

/* Labels that only Python knows leave all else true; a parent doesn't. */
static void
check_computed(const char *line, const char *want)
{
	char *source = alloc_printf("revision = 'a'\ndown_revision = None\n%s", line);
	struct tree *tree = tree_new();
	struct version_rows rows = { .table = VERSION_TABLE_READ };
	struct script script;
	struct status status;

	script_read("a.py", source, strlen(source), &script);
	tree_add(tree, &script);
	tree_seal(tree);
	status_make(tree, &rows, &status);
	char *words = status_words(&status);
	tap_is_text(words, want, "%s", line);
	free(words);
	status_free(&status);
	tree_free(tree);
	free(source);
}

static void
check_table(enum version_table table, const char *want)
{
	struct tree *tree = grow_tree("a:\n");
	struct version_rows rows = { .table = table };
	struct status status;

	status_make(tree, &rows, &status);
	char *words = status_words(&status);
	tap_is_text(words, want, "table: %s", want);
	free(words);
	status_free(&status);
	tree_free(tree);
}

/* Rows that nobody's Alembic wrote. */
static void
test_nulls(void)
{
	struct tree *tree = grow_tree("a:\n");
	struct version_rows rows = { .table = VERSION_TABLE_READ, .null_rows = 2 };
	struct status status;

	grow_words("a 1 2 3 4 5 6 7", &rows.rows);
	strlist_add(&rows.rows, "");
	status_make(tree, &rows, &status);
	char *words = status_words(&status);
	tap_is_int(status.kind, STATUS_UNKNOWN_REVISION, "NULL is no revision");
	tap_is_text(words,
		"unknown revisions 1, 2, 3, 4, 5 and 3 more, a row that is NULL",
		"a few of many");
	free(words);
	status_free(&status);
	strlist_free(&rows.rows);
	grow_words("a", &rows.rows);
	status_make(tree, &rows, &status);
	words = status_words(&status);
	tap_is_text(words, "a row that is NULL", "NULL alone");
	free(words);
	status_free(&status);
	version_rows_free(&rows);
	tree_free(tree);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check(&cases[i]);
	test_nulls();
	check_computed("branch_labels = f()", "1 pending");
	check_computed("branch_labels = 5", "broken tree");
	check_computed("depends_on = f()", "broken tree");
	check_table(VERSION_TABLE_OTHER, "not a version table");
	check_table(VERSION_TABLE_NOT_READ, "unknown");
	check_table(VERSION_TABLE_MISSING, "no version table");
	check_table(VERSION_TABLE_NOT_PERMITTED, "version table not readable");
	check_table(VERSION_TABLE_SEVERAL, "several version tables");

	struct version_rows rows = { .table = VERSION_TABLE_READ };
	struct status status;
	status_make(NULL, &rows, &status);
	tap_is_int(status.kind, STATUS_UNKNOWN, "without a tree nothing is known");
	status_free(&status);
	return tap_done();
}
