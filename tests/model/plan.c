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
		"checkout older than the database?" },
	{ "0a1b2c:\n", PLAN_UPGRADE, "head", "0a1b",
		"the version table has 0a1b, which is in none of the scripts: is this "
		"checkout older than the database? did you mean 0a1b2c?" },
	{ line, PLAN_UPGRADE, "head", "a b",
		"the version table has a, which another of its rows implies; an "
		"Alembic before 1.13.1 leaves that behind, and every upgrade fails "
		"(\"overlaps\") until DELETE FROM alembic_version WHERE version_num = "
		"'a'" },
	{ line, PLAN_UPGRADE, "+1", "a b c",
		"the version table has a, b, which another of its rows implies; an "
		"Alembic before 1.13.1 leaves that behind, and every upgrade fails "
		"(\"overlaps\") until DELETE FROM alembic_version WHERE version_num IN "
		"('a', 'b')" },
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
		"-1 is ambiguous: there are 2 current revisions; say b-1 or c-1; with "
		"b@-1 the other branches stay" },
	{ fork, PLAN_DOWNGRADE, "b@-1", "b c", "b>a=c" },
	{ "a:\nb: a\nc: a\nd: b\ne: c\n", PLAN_DOWNGRADE, "-1", "d e",
		"-1 is ambiguous: there are 2 current revisions; say d-1 or e-1" },
	{ fork, PLAN_UPGRADE, "+1", "b c",
		"+1 is ambiguous: there are 2 current revisions; say b+1 or c+1" },
	/* a merge is DELETE and UPDATE, its way back INSERT and UPDATE */
	{ merge, PLAN_UPGRADE, "m", "b c", "b,c>m=m" },
	{ merge, PLAN_UPGRADE, "head", "b", "a>c=b,c b,c>m=m m>n=n" },
	{ merge, PLAN_DOWNGRADE, "m-1", "m",
		"the way is ambiguous before m: it may go to b, c; name a revision" },
	{ merge, PLAN_DOWNGRADE, "b", "m", "m>b,c=b,c" },
	{ merge, PLAN_DOWNGRADE, "a", "n", "n>m=m m>b,c=b,c b>a=c c>a=a" },
	/* beside another row each parent gets one, also what another of them implies */
	{ "a:\nb: a\nm: a b\nx:\n", PLAN_DOWNGRADE, "base", "m x",
		"m>a,b=a,b,x b>a=a,x x>=a a>=" },
	{ "a:\nb: a\nm: a b\n", PLAN_DOWNGRADE, "base", "m", "m>a,b=b b>a=a a>=" },
	/* a dependency has no row while another row implies it */
	{ depends, PLAN_UPGRADE, "c", "", ">a=a >b=a,b b>c=c" },
	{ depends, PLAN_DOWNGRADE, "b", "c", "c>b=a,b" },
	{ depends, PLAN_DOWNGRADE, "base", "c", "c>b=a,b b>=a a>=" },
	{ twice, PLAN_UPGRADE, "heads", "", ">a=a a>d=d >b=b,d b>c=c,d c,d>m=m" },
	{ twice, PLAN_DOWNGRADE, "c", "m", "m>c,d=c,d" },
};

static char *
plan_text(const struct tree *tree, const struct plan *plan)
{
	struct strlist after = { 0 };
	struct str out = { 0 };

	strlist_copy(&after, &plan->rows_before);
	for (size_t i = 0; i < plan->count; i++) {
		char *from = strlist_join(&plan->steps[i].from, ",");
		char *to = strlist_join(&plan->steps[i].to, ",");
		plan_step_move(tree, &plan->steps[i], &after);
		char *rows = strlist_join(&after, ",");

		str_printf(&out, "%s%s>%s=%s", i ? " " : "", from, to, rows);
		free(from);
		free(to);
		free(rows);
	}
	bool same = strlist_equal(&after, &plan->rows_after);
	char *text = alloc_copy(same ? str_text(&out) : "the steps lead elsewhere");
	strlist_free(&after);
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
	char *got = good ? plan_text(tree, &plan) : alloc_copy(error.message);
	tap_is_text(got, one->want, "%s %s at (%s)",
		one->direction == PLAN_UPGRADE ? "upgrade" : "downgrade", one->target,
		one->rows);
	free(got);
	plan_free(&plan);
	error_clear(&error);
	strlist_free(&rows);
	tree_free(tree);
}

/* The sentences, one a line, and "refused" at the end if it is. */
static char *
danger_text(const struct plan *plan)
{
	struct str out = { 0 };

	for (size_t i = 0; i < plan->dangers.count; i++) {
		const struct plan_danger *danger = &plan->dangers.items[i];

		str_printf(&out, "%s%s: %s", i ? "\n" : "",
			plan_danger_name(danger->kind), danger->text);
	}
	str_add(&out, plan->refused ? "\nrefused" : "");
	return str_take(&out);
}

struct danger_case {
	const char *what, *tree;
	enum plan_direction direction;
	const char *target, *rows, *want;
};

static const char stacked[] = "a:\nb: a | | x\nc: b\nd: a | | y\ne: d | b\n";

static const struct danger_case danger_cases[] = {
	{ "none", line, PLAN_DOWNGRADE, "-1", "c", "" },
	{ "to base", line, PLAN_DOWNGRADE, "base", "c",
		"to-base: this goes back to base: nothing of the 3 revisions that are "
		"applied stays" },
	{ "nothing is left to take back", line, PLAN_DOWNGRADE, "base", "", "" },
	{ "below the branch", fork, PLAN_DOWNGRADE, "x@-1", "a",
		"leaves-branch: x@-1 leaves the branch x: it takes back a, which other "
		"branches stand on; name the revision to go to\n"
		"to-base: this goes back to base: nothing of the 1 revision that is "
		"applied stays\nrefused" },
	{ "another branch is on the way", fork, PLAN_DOWNGRADE, "b-1", "b c",
		"other-branches: 2 of the 2 current revisions are taken back, b, c; "
		"b@a takes back one of them" },
	{ "one branch alone", fork, PLAN_DOWNGRADE, "b@a", "b c", "" },
	{ "a dependent goes too", stacked, PLAN_DOWNGRADE, "x@a", "c e",
		"other-branches: 2 of the 2 current revisions are taken back, c, e\n"
		"dependents: e is taken back too: it depends on what goes" },
	{ "a redundant row", line, PLAN_DOWNGRADE, "b", "b c",
		"redundant-row: the version table has b, which another of its rows "
		"implies; an Alembic before 1.13.1 leaves that behind, and every "
		"upgrade fails (\"overlaps\") until DELETE FROM alembic_version WHERE "
		"version_num = 'b'" },
	{ "a long id", "a:\nb23456789_123456789_123456789_123: a\n", PLAN_UPGRADE,
		"head", "",
		"long-id: b23456789_123456789_123456789_123 is longer than the 32 "
		"characters of the version table's column: Alembic fails after running "
		"it; ALTER TABLE alembic_version ALTER version_num TYPE varchar(33) "
		"first" },
	{ "one that fits, counted in characters",
		"\xC3\xA9"
		"23456789_123456789_123456789_12:\n",
		PLAN_UPGRADE, "head", "", "" },
	{ "a long id that is there already",
		"a:\nb23456789_123456789_123456789_123: a\n", PLAN_DOWNGRADE, "a",
		"b23456789_123456789_123456789_123", "" },
};

static void
test_danger_cases(void)
{
	for (size_t i = 0; i < sizeof(danger_cases) / sizeof(*danger_cases); i++) {
		const struct danger_case *one = &danger_cases[i];
		struct tree *tree = grow_tree(one->tree);
		struct strlist rows = { 0 };
		struct error error = { 0 };
		struct plan plan;

		grow_words(one->rows, &rows);
		bool good = plan_make(
			tree, one->direction, one->target, &rows, &plan, &error);
		char *got = good ? danger_text(&plan) : alloc_copy(error.message);
		tap_is_text(got, one->want, "danger: %s", one->what);
		free(got);
		plan_free(&plan);
		error_clear(&error);
		strlist_free(&rows);
		tree_free(tree);
	}
}

/* A line of scripts a, b, c, ... that end in `texts`; the caller owns it. */
static struct tree *
grow_scripts(const char *const *texts, size_t count)
{
	struct tree *tree = tree_new();

	for (size_t i = 0; i < count; i++) {
		char *path = alloc_printf("%c.py", (char)('a' + i));
		char *parent = i ? alloc_printf("'%c'", (char)('a' + i - 1))
				 : alloc_copy("None");
		char *source = alloc_printf("revision='%c'\ndown_revision=%s\n%s",
			(char)('a' + i), parent, texts[i]);
		struct script script;

		script_read(path, source, strlen(source), &script);
		tree_add(tree, &script);
		free(source);
		free(parent);
		free(path);
	}
	tree_seal(tree);
	return tree;
}

/* What the plan from one end of the line to the other warns of. */
static void
check_scripts(const char *what, enum plan_direction direction, const char *const *texts,
	size_t count, const char *want)
{
	struct tree *tree = grow_scripts(texts, count);
	struct strlist rows = { 0 };
	struct error error = { 0 };
	struct plan plan;

	strlist_add(&rows, tree_at(tree, direction == PLAN_UPGRADE ? 0 : (int)count - 1)
				   ->script.revision);
	bool good = plan_make(tree, direction, direction == PLAN_UPGRADE ? "head" : "a",
		&rows, &plan, &error);
	char *got = good ? danger_text(&plan) : alloc_copy(error.message);
	tap_is_text(got, want, "danger: %s", what);
	free(got);
	plan_free(&plan);
	error_clear(&error);
	strlist_free(&rows);
	tree_free(tree);
}

#define UP "def upgrade():\n  op.x()\n"
#define IDLE_UP "def upgrade():\n  pass\n"
#define IMPORTED_UP "from shared import upgrade\n"
#define DOWN "def downgrade():\n  op.y()\n"
#define IDLE_DOWN "def downgrade():\n  pass\n"
#define RAISE_DOWN "def downgrade():\n  raise X\n"
#define COMMIT_UP                                                                      \
	"def upgrade():\n  with op.get_context().autocommit_block():\n    f()\n"

static void
test_script_dangers(void)
{
	static const char *const sound[] = { UP DOWN, UP DOWN, IDLE_UP IDLE_DOWN };
	static const char *const empty[] = { UP DOWN, UP IDLE_DOWN };
	static const char *const raising[] = { UP DOWN, UP RAISE_DOWN };
	static const char *const missing[] = { UP DOWN, UP };
	static const char *const missing_up[] = { UP, DOWN };
	static const char *const imported[] = { UP DOWN,
		UP "from shared import downgrade\n" };
	static const char *const one_way[] = { UP, UP, UP IDLE_DOWN, UP RAISE_DOWN,
		IDLE_UP IDLE_DOWN, UP "from shared import downgrade\n",
		IMPORTED_UP IDLE_DOWN };
	static const char *const idle[] = { UP DOWN, IDLE_UP DOWN };
	static const char *const commits[] = { UP, COMMIT_UP DOWN };
	static const char *const many[] = { UP DOWN, UP IDLE_DOWN, UP IDLE_DOWN,
		UP RAISE_DOWN, UP IDLE_DOWN, UP DOWN, UP IDLE_DOWN, UP IDLE_DOWN };

	check_scripts("none", PLAN_DOWNGRADE, sound, 3, "");
	check_scripts("empty", PLAN_DOWNGRADE, empty, 2,
		"empty-downgrade: b has an empty downgrade (b.py:5): what the upgrade "
		"did stays, the version says otherwise");
	check_scripts("no way back", PLAN_UPGRADE, one_way, 7,
		"one-way: 4 of 6 steps can't be taken back: b has no downgrade() "
		"(b.py), c has an empty downgrade (c.py:5), d raises in its downgrade "
		"(d.py:5) and 1 more\n"
		"empty-upgrade: e has an empty upgrade (e.py:3): only the version "
		"moves");
	check_scripts("the only step", PLAN_UPGRADE, empty, 2,
		"one-way: 1 of 1 step can't be taken back: b has an empty downgrade "
		"(b.py:5)");
	check_scripts("raises", PLAN_DOWNGRADE, raising, 2,
		"raises: b raises in its downgrade (b.py:5): Alembic fails there");
	check_scripts("missing", PLAN_DOWNGRADE, missing, 2,
		"missing-function: b has no downgrade() (b.py): Alembic fails before "
		"it runs anything\nrefused");
	check_scripts("missing upgrade", PLAN_UPGRADE, missing_up, 2,
		"missing-function: b has no upgrade() (b.py): Alembic fails before it "
		"runs anything\nrefused");
	check_scripts("imported", PLAN_DOWNGRADE, imported, 2, "");
	check_scripts("an empty upgrade", PLAN_UPGRADE, idle, 2,
		"empty-upgrade: b has an empty upgrade (b.py:3): only the version "
		"moves");
	check_scripts("commits", PLAN_UPGRADE, commits, 2,
		"commits: b commits in between by autocommit_block (b.py:4): if "
		"anything fails after that, what ran before it stays done");
	check_scripts("many", PLAN_DOWNGRADE, many, 8,
		"raises: d raises in its downgrade (d.py:5): Alembic fails there\n"
		"empty-downgrade: 5 of 7 steps have an empty downgrade: h (h.py:5), g "
		"(g.py:5), e (e.py:5) and 2 more: what the upgrade did stays, the "
		"version says otherwise");
}

/* Where only Python knows what comes before a revision. */
static void
test_computed(void)
{
	static const char *const texts[] = { "", "", "down_revision = f()\n", "" };
	static const struct {
		enum plan_direction direction;
		const char *target, *rows, *want;
	} asked[] = {
		{ PLAN_UPGRADE, "b", "", ">a=a a>b=b" },
		{ PLAN_DOWNGRADE, "a", "b", "b>a=a" },
		{ PLAN_DOWNGRADE, "-1", "b", "b>a=a" },
		{ PLAN_DOWNGRADE, "b-1", "b", "b>a=a" },
		{ PLAN_UPGRADE, "head", "a", NULL },
		{ PLAN_UPGRADE, "heads", "a", NULL },
		{ PLAN_UPGRADE, "+1", "a", NULL },
		{ PLAN_UPGRADE, "a+1", "a", NULL },
		{ PLAN_UPGRADE, "d", "a", NULL },
		{ PLAN_DOWNGRADE, "base", "d", NULL },
	};
	struct tree *tree = grow_scripts(texts, 4);

	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		struct strlist rows = { 0 };
		struct error error = { 0 };
		struct plan plan;

		grow_words(asked[i].rows, &rows);
		bool good = plan_make(tree, asked[i].direction, asked[i].target, &rows,
			&plan, &error);
		char *got = good ? plan_text(tree, &plan) : alloc_copy(error.message);
		tap_is_text(got,
			asked[i].want
				? asked[i].want
				: "what comes before c is computed (c.py:3), so only "
				  "Alembic can tell what it would run here",
			"computed: %s at (%s)", asked[i].target, asked[i].rows);
		free(got);
		plan_free(&plan);
		error_clear(&error);
		strlist_free(&rows);
	}
	tree_free(tree);
}

/* The version table as it was found. */
static void
test_table(void)
{
	struct tree *tree = grow_tree("a:\nlonger: a\n");
	struct version_rows version = { .table = VERSION_TABLE_READ,
		.name = alloc_copy("app.\"v 1\""),
		.id_length = 4 };
	struct error error = { 0 };
	struct plan plan;

	tap_ok(plan_make_at(tree, PLAN_UPGRADE, "head", &version, &plan, &error),
		"a plan for a table");
	char *got = danger_text(&plan);
	tap_is_text(got,
		"long-id: longer is longer than the 4 characters of the version "
		"table's column: Alembic fails after running it; ALTER TABLE app.\"v "
		"1\" ALTER version_num TYPE varchar(6) first",
		"its name and column count");
	free(got);
	plan_free(&plan);
	version.id_length = 0;
	tap_ok(plan_make_at(tree, PLAN_UPGRADE, "head", &version, &plan, &error) &&
			plan.dangers.count == 0,
		"a column that takes any id");
	struct str text = { 0 };
	plan_step_text(tree, &plan, 1, &text);
	tap_is_text(str_text(&text), "Running upgrade a -> longer, message",
		"a step as Alembic logs it");
	str_free(&text);
	plan_free(&plan);
	version_rows_free(&version);
	tree_free(tree);
}

static void
test_broken(void)
{
	struct tree *tree = grow_tree("a: x\n");
	struct strlist rows = { 0 };
	struct error error = { 0 };
	struct plan plan;

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
	test_danger_cases();
	test_script_dangers();
	test_computed();
	test_table();
	test_broken();
	return tap_done();
}
