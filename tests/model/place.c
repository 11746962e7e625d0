#include "pgrunbook/model/place.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/model/grow.h"
#include "tests/tap/tap.h"

/*
 *  1111 - 2222 - 3333a (left) - 4444        5555 (other)
 *              \ 3333b (right)
 */
static const char forked[] =
	"1111:\n2222: 1111\n3333a: 2222 | | left\n3333b: 2222 | | right\n4444: 3333a\n"
	"5555: | | other\n";
/* A line with a merge in it. */
static const char merged[] =
	"1111:\n2222: 1111\n3333: 1111\n4444: 2222 3333\n5555: 4444\n";

struct place_case {
	const char *tree, *name, *rows; /* NULL: not known */
	const char *want;		/* an id, base, or the error */
};

static const struct place_case cases[] = {
	{ merged, "head", NULL, "5555" },
	{ merged, "heads", NULL, "5555" },
	{ merged, "base", NULL, "base" },
	{ merged, "2222", NULL, "2222" },
	{ merged, "222", NULL, "2222" },
	{ merged, "5", NULL, "5555" },
	{ merged, "current", "4444", "4444" },
	{ merged, "current", "", "base" },
	{ merged, "current", NULL, "the current revision isn't known" },
	{ merged, "-1", "5555", "4444" },
	{ merged, "+1", "4444", "5555" },
	{ merged, "head-1", NULL, "4444" },
	{ merged, "2222-1", NULL, "1111" },
	{ merged, "2222-2", NULL, "base" },
	{ merged, "2222-3", NULL, "there are 2 steps down from 2222, not 3" },
	{ merged, "base+1", NULL, "1111" },
	{ merged, "5555+1", NULL,
		"there are 0 revisions after 5555 on this way, not 1" },
	{ merged, "1111+1", NULL,
		"the way is ambiguous after 1111: it may go to 2222, 3333; name a "
		"revision" },
	{ merged, "4444-1", NULL,
		"the way is ambiguous before 4444: it may go to 2222, 3333; name a "
		"revision" },
	{ merged, "-1", NULL, "the current revision isn't known" },
	{ merged, "nope", NULL,
		"can't locate a revision or branch identified by 'nope'" },
	{ merged, "", NULL, "can't locate a revision or branch identified by ''" },
	{ merged, "current", "9999",
		"the current revision 9999 is in none of the scripts" },
	{ forked, "head", NULL,
		"there are several heads: 3333b, 4444, 5555; name one, say heads for "
		"all, or join them with `alembic merge`" },
	{ forked, "heads", NULL, "heads are several revisions: 3333b, 4444, 5555" },
	{ forked, "left", NULL, "3333a" },
	{ forked, "left@head", NULL, "4444" },
	{ forked, "left@base", NULL, "base" },
	{ forked, "left@heads", NULL, "4444" },
	{ forked, "2222@head", NULL,
		"there are several heads on branch 2222: 3333b, 4444; name one, say "
		"2222@heads for all, or join them with `alembic merge`" },
	{ forked, "left@2222+1", NULL, "3333a" },
	{ forked, "left@+1", "2222", "3333a" },
	{ forked, "left@head-1", NULL, "3333a" },
	{ forked, "right@4444", NULL,
		"revision 4444 is not a member of branch 'right'" },
	{ forked, "left@3333", NULL, "3333a" },
	{ forked, "nope@head", NULL,
		"there is no branch 'nope': can't locate a revision or branch "
		"identified by "
		"'nope'" },
	{ forked, "3333", NULL,
		"3333 may be any of these revisions and branches: 3333a, 3333b" },
	{ forked, "-1", "4444 3333b",
		"-1 is ambiguous: there are 2 current revisions; Alembic would take "
		"any of "
		"them: say 4444-1 or 3333b-1" },
	{ forked, "current", "4444 3333b",
		"there are several current revisions: 4444, 3333b; name one" },
	{ forked, "4444-99999999999999999999", NULL,
		"there are 4 steps down from 4444, not 99999999" },
};

static void
check(const struct place_case *one)
{
	struct tree *tree = grow_tree(one->tree);
	struct strlist rows = { 0 };
	struct error error = { 0 };
	int index;

	if (one->rows)
		grow_words(one->rows, &rows);
	bool good = place_resolve(
		tree, one->name, one->rows ? &rows : NULL, &index, &error);
	const char *got = !good		       ? error.message
			  : index == TREE_NONE ? "base"
					       : tree_at(tree, index)->script.revision;
	tap_is_text(got, one->want, "'%s' at (%s)", one->name,
		one->rows ? one->rows : "unknown");
	error_clear(&error);
	strlist_free(&rows);
	tree_free(tree);
}

static void
test_all(void)
{
	struct tree *tree = grow_tree(forked);
	struct tree_list places = { 0 };
	struct error error = { 0 };

	tap_ok(place_resolve_all(tree, "heads", &places, &error), "heads are several");
	char *ids = grow_ids(tree, &places);
	tap_is_text(ids, "3333b 4444 5555", "in load order");
	free(ids);
	places.count = 0;
	tap_ok(place_resolve_all(tree, "base", &places, &error), "base is none");
	tap_is_int((int64_t)places.count, 0, "none");
	tap_ok(!place_resolve_all(tree, "+1", &places, &error),
		"relative names aren't taken");
	error_clear(&error);
	tree_list_free(&places);
	tree_free(tree);
}

/* A name that isn't known may be one that only Python knows. */
static void
test_doubt(void)
{
	static const char source[] =
		"revision = 'a'\ndown_revision = None\nbranch_labels = f()\n";
	struct tree *tree = tree_new();
	struct script script;
	struct error error = { 0 };
	int index;

	script_read("a.py", source, strlen(source), &script);
	tree_add(tree, &script);
	tree_seal(tree);
	tap_ok(!place_resolve(tree, "side", NULL, &index, &error), "an unknown label");
	tap_is_text(error.message,
		"can't locate a revision or branch identified by 'side'; some branch "
		"labels are computed, so that only Python knows them",
		"of which we know that there is more");
	error_clear(&error);
	tree_free(tree);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check(&cases[i]);
	test_all();
	test_doubt();
	return tap_done();
}
