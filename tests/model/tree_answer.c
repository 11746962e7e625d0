/* Which revisions the commands about a tree speak of, beyond the recorded trees. */
#include "pgrunbook/model/tree_answer.h"

#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "tests/model/grow.h"
#include "tests/tap/tap.h"

/*
 *  1111 - 2222 - 3333a (left) - 4444        5555 (other) - 6666
 *              \ 3333b (right)              é11 (ab1)
 */
static const char forked[] =
	"1111:\n2222: 1111\n3333a: 2222 | | left\n3333b: 2222 | | right\n4444: 3333a\n"
	"5555: | | other\n6666: 5555\n\xc3\xa9"
	"11: | | ab1\n";

/* A line with a merge in it. */
static const char merged[] =
	"1111:\n2222: 1111\n3333: 1111\n4444: 2222 3333\n5555: 4444\n";

/*
 * bbbb depends on dddd, which is of another root and depends on aaaa1: from aaaa0 on it
 * lies between bbbb and aaaa1, but not in the range.
 */
static const char gap[] = "aaaa0:\naaaa1: aaaa0\ncccc: aaaa1\nbbbb: aaaa0 | dddd\n"
			  "dddd: | aaaa1\n";

struct answer_case {
	const char *tree;
	enum tree_verb verb;
	const char *name; /* of show, or the range of history */
	const char *rows; /* NULL: not known */
	const char *want; /* the ids, or the error */
};

static const struct answer_case cases[] = {
	{ forked, TREE_HEADS, NULL, NULL,
		"3333b 4444 6666 \xc3\xa9"
		"11" },
	{ forked, TREE_BRANCHES, NULL, NULL, "2222" },
	{ forked, TREE_SHOW, "3333a", NULL, "3333a" },
	{ forked, TREE_SHOW, "base", NULL, "" },
	{ forked, TREE_SHOW, "left@heads", NULL, "4444" },
	{ forked, TREE_SHOW, "left@-1", NULL, "3333a" },
	{ forked, TREE_SHOW, "nosuch@-1", NULL, "" },
	{ merged, TREE_SHOW, "-1", NULL, "4444" },
	{ merged, TREE_SHOW, "-2", NULL,
		"the way is ambiguous before 4444: it may go to 2222, 3333; name a "
		"revision" },
	{ forked, TREE_SHOW, "other@-2", NULL,
		"other@-2 goes down from the heads, and one of them has no revision "
		"that "
		"far below it" },
	{ merged, TREE_SHOW, "+1", NULL, "+1 is relative; this takes a revision" },
	{ merged, TREE_SHOW, "head-1", NULL,
		"head-1 is relative; this takes a revision" },
	{ merged, TREE_SHOW, "current", NULL, "the current revisions aren't known" },
	{ forked, TREE_SHOW, "current", "6666 2222", "6666 2222" },
	/* A name of three characters is found by no part of it. */
	{ forked, TREE_SHOW, "\xc3\xa9", NULL,
		"can't locate a revision or branch identified by '\xc3\xa9'" },

	{ forked, TREE_CURRENT, NULL, "6666 4444", "4444 6666" },
	{ forked, TREE_CURRENT, NULL, "2222 4444", "4444" },
	{ gap, TREE_CURRENT, NULL, "bbbb", "aaaa1 bbbb dddd" },
	{ forked, TREE_CURRENT, NULL, "", "" },
	{ forked, TREE_CURRENT, NULL, "9999",
		"current revision 9999: can't locate a revision or branch identified "
		"by "
		"'9999'" },

	{ merged, TREE_HISTORY, "2222:", NULL, "5555 4444 2222" },
	{ merged, TREE_HISTORY, ":2222", NULL, "2222 1111" },
	{ merged, TREE_HISTORY, "2222:4444", NULL, "4444 2222" },
	{ merged, TREE_HISTORY, ":", NULL, "5555 4444 2222 3333 1111" },
	{ merged, TREE_HISTORY, "base:base", NULL, "" },
	{ merged, TREE_HISTORY, "4444:4444", NULL, "4444" },
	{ merged, TREE_HISTORY, "4444:2222", NULL,
		"the range 4444:2222 doesn't go from a revision to one that comes "
		"after "
		"it: 4444 is no ancestor of 2222" },
	{ merged, TREE_HISTORY, "4444", NULL,
		"a range is FROM:TO, FROM: or :TO, not \"4444\"" },
	{ merged, TREE_HISTORY, "1111:2222:", NULL,
		"a range is FROM:TO, FROM: or :TO, not \"1111:2222:\"" },
	{ merged, TREE_HISTORY, "current:", "3333", "5555 4444 3333" },
	{ merged, TREE_HISTORY, ":current", "3333", "3333 1111" },
	/* As with Alembic an empty table leaves the end out. */
	{ merged, TREE_HISTORY, ":current", "", "5555 4444 2222 3333 1111" },
	{ merged, TREE_HISTORY, ":current", NULL,
		"the current revisions aren't known" },
	{ merged, TREE_HISTORY, "current:current", "3333",
		"can't locate a revision or branch identified by 'current'" },
	{ merged, TREE_HISTORY, "-1:", NULL, "5555 4444" },
	{ merged, TREE_HISTORY, "-1:2222", NULL,
		"the range -1:2222 doesn't go from a revision to one that comes after "
		"it: -1 is no ancestor of 2222" },
	{ merged, TREE_HISTORY, "-2:2222", NULL,
		"the way is ambiguous before 4444: it may go to 2222, 3333; name a "
		"revision" },
	{ merged, TREE_HISTORY, "3333:+1", NULL, "4444 3333" },
	{ merged, TREE_HISTORY, "3333:+9", NULL, "5555 4444 3333" },
	{ merged, TREE_HISTORY, ":head-1", NULL, "4444 2222 3333 1111" },
	{ merged, TREE_HISTORY, ":1111-1", NULL,
		"the range ends at 1111-1, which is "
		"base" },
	{ merged, TREE_HISTORY, "2222:-1", NULL,
		"the range ends at -1, which is before its beginning" },
	{ forked, TREE_HISTORY, "2222:left@+1", NULL, "3333a 2222" },
	{ forked, TREE_HISTORY, "2222:+1", NULL,
		"the way is ambiguous after 2222: it may go to 3333a, 3333b; name a "
		"revision" },
	{ forked, TREE_HISTORY, "5555:base@+1", NULL, "6666 5555" },
	{ forked, TREE_HISTORY, "other@-1:other@+1", NULL, "6666 5555" },
	{ forked, TREE_HISTORY, "other@-2:other@+1", NULL,
		"other@-2 goes down from the heads beyond the first revision" },
	{ forked, TREE_HISTORY, "left@2222:heads", NULL, "4444 3333a 2222" },
	{ forked, TREE_HISTORY, "right@2222:heads", NULL, "3333b 2222" },
	{ forked, TREE_HISTORY, "other@-1:", NULL, "6666 5555" },
	/* Beyond base from the heads: counted from TO. */
	{ forked, TREE_HISTORY, "-9:4444", NULL, "4444 3333a 2222 1111" },
	{ forked, TREE_HISTORY, "current:heads", "2222 4444",
		"revision 2222 overlaps with 4444: it comes before it, and a range is "
		"of revisions side by side" },
	/* aaaa1 waits for bbbb, which depends on it through dddd. */
	{ gap, TREE_HISTORY, "aaaa0:", NULL, "cccc bbbb aaaa1 aaaa0" },
};

static void
test_case(const struct answer_case *one)
{
	struct tree *tree = grow_tree(one->tree);
	struct strlist rows = { 0 };
	struct tree_list list = { 0 };
	struct error error = { 0 };
	struct tree_ask ask = { .verb = one->verb };

	if (one->verb == TREE_HISTORY)
		ask.range = one->name;
	else
		ask.name = one->name;
	if (one->rows) {
		grow_words(one->rows, &rows);
		ask.rows = &rows;
	}
	char *got = tree_answer_find(tree, &ask, &list, &error)
			    ? grow_ids(tree, &list)
			    : alloc_copy(error.message);
	tap_is_text(got, one->want, "%d: %s with rows %s", one->verb,
		one->name ? one->name : "", one->rows ? one->rows : "not known");
	free(got);
	error_clear(&error);
	tree_list_free(&list);
	strlist_free(&rows);
	tree_free(tree);
}

static void
test_missing_heads(void)
{
	static const struct {
		const char *rows, *want;
	} pairs[] = {
		{ "cccc bbbb", "" },
		{ "bbbb", "cccc" },
		{ "", "cccc bbbb dddd" },
		{ "dddd", "cccc bbbb" },
	};
	struct tree *tree = grow_tree(gap);

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct strlist rows = { 0 };
		struct tree_list missing = { 0 };
		struct error error = { 0 };

		grow_words(pairs[i].rows, &rows);
		tree_answer_missing_heads(tree, &rows, &missing, &error);
		char *got = grow_ids(tree, &missing);
		tap_is_text(got, pairs[i].want, "heads that are missing at (%s)",
			pairs[i].rows);
		free(got);
		tree_list_free(&missing);
		strlist_free(&rows);
	}
	tree_free(tree);
}

static void
test_needs_rows(void)
{
	struct tree_ask ask = { .verb = TREE_HISTORY, .range = "current:" };

	tap_ok(tree_answer_needs_rows(&ask), "a range from current needs rows");
	ask.range = "a:current";
	tap_ok(tree_answer_needs_rows(&ask), "a range to current, too");
	ask.range = "currents:";
	tap_ok(!tree_answer_needs_rows(&ask), "an id that begins like it doesn't");
	ask.range = "-3:head";
	tap_ok(!tree_answer_needs_rows(&ask), "nor what counts from the heads");
	ask.indicate_current = true;
	tap_ok(tree_answer_needs_rows(&ask), "marks do");
}

/* Lines end where Python's splitlines() ends them. */
static void
test_long(void)
{
	struct tree *tree = tree_new();
	struct script script = { .revision = alloc_copy("a1"),
		.path = alloc_copy("/v/a1.py"),
		.message = alloc_copy(""),
		.docstring = alloc_copy("one\r\ntwo\vthree\xc2\x85"
					"four\xe2\x80\xa8"
					"five\n\n\tsix") };
	struct tree_ask ask = { .verb = TREE_SHOW, .name = "a1" };
	struct tree_list list = { 0 };
	struct error error = { 0 };
	struct str out = { 0 };

	strlist_add(&script.branch_labels, "b1");
	tree_add(tree, &script);
	tree_seal(tree);
	tree_answer_find(tree, &ask, &list, &error);
	tree_answer_text(tree, &ask, &list, &out);
	tap_is_text(str_text(&out),
		"Rev: a1 (head)\nParent: <base>\nBranch names: b1\nPath: /v/a1.py\n\n"
		"    one\n    two\n    three\n    four\n    five\n    \n    \tsix\n\n",
		"all about a revision");
	str_free(&out);
	tree_list_free(&list);
	tree_free(tree);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		test_case(&cases[i]);
	test_missing_heads();
	test_needs_rows();
	test_long();
	return tap_done();
}
