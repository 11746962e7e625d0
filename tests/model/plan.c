#include "pgrunbook/model/plan.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "tests/model/grow.h"
#include "tests/tap/tap.h"

static const char line[] = "a:\nb: a\nc: b\n";
static const char fork[] = "a:\nb: a | | x\nc: a | | y\n";
static const char merge[] = "a:\nb: a\nc: a\nm: b c\nn: m\n";
static const char depends[] = "a:\nb:\nc: b | a\n";
static const char twice[] = "a:\nb:\nc: b | a\nd: a\nm: c d\n";

struct plan_case {
	const char *tree;
	enum plan_direction direction;
	const char *target, *rows;
	const char *want; /* "from>to=rows ..." of each step, or the error */
};

static const struct plan_case cases[] = {
	{ line, PLAN_UPGRADE, "head", "", ">a=a a>b=b b>c=c" },
	{ line, PLAN_UPGRADE, "+1", "a", "a>b=b" },
	{ line, PLAN_UPGRADE, "head", "c", "" },
	{ line, PLAN_UPGRADE, "a", "c", "" },
	{ line, PLAN_DOWNGRADE, "-1", "c", "c>b=b" },
	{ line, PLAN_DOWNGRADE, "base", "b", "b>a=a a>=" },
	{ line, PLAN_DOWNGRADE, "a", "c", "c>b=b b>a=a" },
	{ line, PLAN_DOWNGRADE, "b", "b", "" },
	{ line, PLAN_DOWNGRADE, "c", "b",
		"c is not a valid downgrade target: nothing that is applied comes "
		"after it" },
	{ line, PLAN_DOWNGRADE, "-1", "", "-1: nothing is applied" },
	{ line, PLAN_DOWNGRADE, "+1", "b",
		"+1 doesn't go down: a downgrade goes to -1 and on" },
	{ line, PLAN_UPGRADE, "-1", "b",
		"-1 doesn't go up: an upgrade goes to +1 and on" },
	{ line, PLAN_UPGRADE, "head", "z",
		"the version table has z, which is in none of the scripts: is this "
		"checkout "
		"older than the database?" },
	{ line, PLAN_UPGRADE, "head", "a b",
		"the version table has b and a, which comes before it: Alembic refuses "
		"to "
		"upgrade from there; a downgrade by a version before 1.13.1 leaves "
		"that; "
		"delete the row a" },
	{ line, PLAN_DOWNGRADE, "-0", "b",
		"-0 doesn't go down: a downgrade goes to -1 and on" },
	{ line, PLAN_DOWNGRADE, "base+0", "b",
		"base+0 is base: if that is meant, say base" },
	/* Alembic would take everything back to base. */
	{ line, PLAN_DOWNGRADE, "nolabel@base", "b",
		"can't locate a revision or branch identified by 'nolabel'" },
	/* a fork adds a row and takes it away again */
	{ fork, PLAN_UPGRADE, "heads", "", ">a=a a>c=c a>b=b,c" },
	{ fork, PLAN_UPGRADE, "y@head", "b", "a>c=b,c" },
	{ fork, PLAN_DOWNGRADE, "a", "b c", "b>a=c c>a=a" },
	{ fork, PLAN_DOWNGRADE, "x@a", "b c", "b>a=c" },
	{ fork, PLAN_DOWNGRADE, "b-1", "b c", "b>a=c c>a=a" },
	{ fork, PLAN_DOWNGRADE, "x@-1", "b c", "b>a=c" },
	{ fork, PLAN_DOWNGRADE, "-1", "b c",
		"-1 is ambiguous: there are 2 current revisions; say b-1 or c-1" },
	{ fork, PLAN_UPGRADE, "+1", "b c",
		"+1 is ambiguous: there are 2 current revisions; say b+1 or c+1" },
	/* a merge is DELETE and UPDATE, its way back INSERT and UPDATE */
	{ merge, PLAN_UPGRADE, "m", "b c", "b,c>m=m" },
	{ merge, PLAN_UPGRADE, "head", "b", "a>c=b,c b,c>m=m m>n=n" },
	{ merge, PLAN_DOWNGRADE, "m-1", "m",
		"the way is ambiguous before m: it may go to b, c; name a revision" },
	{ merge, PLAN_DOWNGRADE, "b", "m", "m>b,c=b,c" },
	{ merge, PLAN_DOWNGRADE, "a", "n", "n>m=m m>b,c=b,c b>a=c c>a=a" },
	/* a dependency has no row while another row implies it */
	{ depends, PLAN_UPGRADE, "c", "", ">a=a >b=a,b b>c=c" },
	{ depends, PLAN_DOWNGRADE, "b", "c", "c>b=a,b" },
	{ depends, PLAN_DOWNGRADE, "base", "c", "c>b=a,b b>=a a>=" },
	{ twice, PLAN_UPGRADE, "heads", "", ">a=a a>d=d >b=b,d b>c=c,d c,d>m=m" },
	{ twice, PLAN_DOWNGRADE, "c", "m", "m>c,d=c,d" },
};

static char *
plan_text(const struct plan *plan)
{
	struct str out = { 0 };

	for (size_t i = 0; i < plan->count; i++) {
		char *from = strlist_join(&plan->steps[i].from, ",");
		char *to = strlist_join(&plan->steps[i].to, ",");
		char *rows = strlist_join(&plan->steps[i].rows_after, ",");

		str_printf(&out, "%s%s>%s=%s", i ? " " : "", from, to, rows);
		free(from);
		free(to);
		free(rows);
	}
	char *text = alloc_copy(str_text(&out));
	str_free(&out);
	return text;
}

static void
check(const struct plan_case *one)
{
	struct tree *tree = grow_tree(one->tree);
	struct strlist rows = { 0 };
	struct error error = { 0 };
	struct plan plan;

	grow_words(one->rows, &rows);
	bool good = plan_make(tree, one->direction, one->target, &rows, &plan, &error);
	char *got = good ? plan_text(&plan) : alloc_copy(error.message);
	tap_is_text(got, one->want, "%s %s at (%s)",
		one->direction == PLAN_UPGRADE ? "upgrade" : "downgrade", one->target,
		one->rows);
	free(got);
	plan_free(&plan);
	error_clear(&error);
	strlist_free(&rows);
	tree_free(tree);
}

/* The dangers of a downgrade of one revision, whose script is given. */
static void
check_danger(const char *what, const char *upgrade, const char *downgrade, bool refused,
	const char *want)
{
	char *source = alloc_printf(
		"revision='a'\ndown_revision=None\n%s%s", upgrade, downgrade);
	struct tree *tree = tree_new();
	struct script script;
	struct strlist rows = { 0 };
	struct error error = { 0 };
	struct plan plan;

	script_read("a.py", source, strlen(source), &script);
	tree_add(tree, &script);
	tree_seal(tree);
	strlist_add(&rows, "a");
	plan_make(tree, PLAN_DOWNGRADE, "base", &rows, &plan, &error);
	char *got = strlist_join(&plan.dangers, "\n");
	tap_is_text(got, want, "danger: %s", what);
	tap_ok(plan.refused == refused, "it is %srefused", refused ? "" : "not ");
	free(got);
	free(source);
	plan_free(&plan);
	error_clear(&error);
	strlist_free(&rows);
	tree_free(tree);
}

static void
test_dangers(void)
{
	static const char up[] = "def upgrade():\n  op.x()\n";
	static const char idle[] = "def upgrade():\n  pass\n";

	check_danger("none", up, "def downgrade():\n  op.y()\n", false, "");
	check_danger("both are empty", idle, "def downgrade():\n  pass\n", false, "");
	check_danger("empty", up, "def downgrade():\n  pass\n", false,
		"a has an empty downgrade: what its upgrade did stays, the version "
		"says "
		"otherwise");
	check_danger("raises", up, "def downgrade():\n  raise X\n", false,
		"a raises in its downgrade(): Alembic fails there");
	check_danger("missing", up, "", true, "a has no downgrade(): Alembic fails");
}

static void
test_lineage(void)
{
	struct tree *tree = grow_tree("a:\nb: a | | x\nc: a | | y\n");
	struct strlist rows = { 0 };
	struct error error = { 0 };
	struct plan plan;

	strlist_add(&rows, "a");
	tap_ok(plan_make(tree, PLAN_DOWNGRADE, "x@-1", &rows, &plan, &error),
		"label@-1 below the branch is planned");
	tap_ok(plan.refused, "and refused");
	tap_is_text(plan.dangers.count ? plan.dangers.items[0] : NULL,
		"x@-1 leaves the branch x: it takes back a, which other branches stand "
		"on; "
		"name the revision to go to",
		"with the reason");
	plan_free(&plan);
	strlist_free(&rows);
	tree_free(tree);

	tree = grow_tree("a: x\n");
	tap_ok(!plan_make(tree, PLAN_UPGRADE, "head", &rows, &plan, &error),
		"a broken tree has no plans");
	tap_is_text(error.message,
		"the tree is broken: a follows x, which no file has (a.py:2): restore "
		"the file of x if a merge or checkout lost it, or let down_revision "
		"name what a really follows",
		"and the error says why");
	plan_free(&plan);
	error_clear(&error);
	tree_free(tree);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check(&cases[i]);
	test_dangers();
	test_lineage();
	return tap_done();
}
