#include "pgrunbook/model/tree_problems.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "tests/model/grow.h"
#include "tests/tap/tap.h"

struct order_case {
	const char *what, *tree, *order, *heads;
};

/* What `alembic history` and `alembic heads` list. */
static const struct order_case orders[] = {
	{ "nothing", "", "", "" },
	{ "a line", "a:\nb: a\nc: b\n", "c b a", "c" },
	{ "a fork follows one head down", "a:\nb: a\nc: b\nd: a\ne: d\n", "c b e d a",
		"c e" },
	{ "heads come in load order", "e: d\nd: a\na:\nc: b\nb: a\n", "e d c b a",
		"e c" },
	{ "a merge goes down its first parent first", "a:\nc: a\nb: a\nm: c b\n",
		"m c b a", "m" },
	{ "roots", "a:\nb:\nc: b\n", "a c b", "a c" },
	{ "a dependency is history too", "a:\nb:\nc: b | a\n", "c b a", "a c" },
	{ "a branch that another one depends on", "a:\nb: a\nc: a | b\n", "c b a",
		"b c" },
};

static void
test_orders(void)
{
	for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
		struct tree *tree = grow_tree(orders[i].tree);
		char *order = grow_ids(tree, tree_order(tree));
		char *heads = grow_ids(tree, tree_heads(tree));

		tap_is_text(order, orders[i].order, "order: %s", orders[i].what);
		tap_is_text(heads, orders[i].heads, "heads: %s", orders[i].what);
		tap_is_int((int64_t)tree_problems(tree)->count, 0, "it is sound");
		free(order);
		free(heads);
		tree_free(tree);
	}
}

static void
check_labels(const char *what, const char *text, const char *want)
{
	struct tree *tree = grow_tree(text);
	struct strlist all = { 0 };

	for (size_t i = 0; i < tree_count(tree); i++) {
		const struct revision *at = tree_at(tree, (int)i);
		char *labels = strlist_join(at->labels, ",");

		strlist_add_owned(
			&all, alloc_printf("%s=%s", at->script.revision, labels));
		free(labels);
	}
	char *got = strlist_join(&all, " ");
	tap_is_text(got, want, "labels: %s", what);
	free(got);
	strlist_free(&all);
	tree_free(tree);
}

static void
test_labels(void)
{
	check_labels("all that comes after", "a:\nb: a || x\nc: b\nd: b\n",
		"a= b=x c=x d=x");
	check_labels("down a line to its base", "a:\nb: a\nc: b || x\nd: c\n",
		"a=x b=x c=x d=x");
	check_labels("not below a branch point", "a:\nb: a\nc: b\nd: c || x\ne: b\n",
		"a= b= c=x d=x e=");
	check_labels("not below a merge point", "a:\nb:\nm: a b\nc: m || x\n",
		"a= b= m= c=x");
	check_labels("not down if it forks above", "a:\nb: a || x\nc: b\nd: b\n",
		"a= b=x c=x d=x");
	check_labels("a dependent is a fork too", "a:\nb: a || x\nc: b\nd: | b\n",
		"a= b=x c=x d=");
	check_labels("several", "a:|| y\nb: a || x\n", "a=x,y b=x,y");
	check_labels("each once", "a:|| y y\nb:|| x\nc: a\nd: a\nm: c d\nn: m b\n",
		"a=y b=x c=y d=y m=y n=x,y");
	check_labels("above a circle only its own", "a: b\nb: a\nc: b || x\nd: || y\n",
		"a= b= c=x d=y");
}

/*
 * A label on each of many revisions, from which as many branches leave: the sets grow
 * with each, and somewhere they end.
 */
static void
test_many_labels(void)
{
	enum { LABELS = 1500 };
	struct str text = { 0 };

	str_add(&text, "r0: || l0\n");
	for (int i = 1; i < LABELS; i++)
		str_printf(&text, "r%d: r%d || l%d\nb%d: r%d\n", i, i - 1, i, i, i - 1);
	struct tree *tree = grow_tree(str_text(&text));
	const struct strlist *first = tree_at(tree, tree_find(tree, "b500"))->labels;
	tap_is_int(
		(int64_t)first->count, 500, "a branch has all labels that lead to it");
	tap_ok(first == tree_at(tree, tree_find(tree, "r499"))->labels,
		"not its own copy");
	tap_ok(strlist_has_sorted(first, "l499") && !strlist_has_sorted(first, "l500"),
		"and none from above");
	tap_is_int((int64_t)tree_problems(tree)->count, 1, "too many is a problem");
	tap_is_text(tree_problem_name(tree_problem_at(tree, 0)->kind), "many-labels",
		"which it is told by");
	tap_ok(tree_fatal_problem(tree) != NULL, "and nothing is planned without them");
	tree_free(tree);
	str_free(&text);
}

static void
test_marks(void)
{
	struct tree *tree = grow_tree("a:\nb: a\nc: a | b\nm: b c\nd: c | b\n");
	const struct revision *a = tree_at(tree, 0), *b = tree_at(tree, 1);
	const struct revision *c = tree_at(tree, 2), *m = tree_at(tree, 3);
	const struct revision *d = tree_at(tree, 4);

	tap_ok(a->base && a->branch_point && !a->head, "a base and branch point");
	tap_ok(m->merge_point && m->head && m->real_head, "a merge point and head");
	tap_ok(!c->merge_point, "a dependency makes no merge");
	tap_is_int((int64_t)b->dependents.count, 2, "dependents");
	tap_is_int((int64_t)c->own_dependencies.count, 1, "a dependency of its own");
	tap_is_int(
		(int64_t)d->own_dependencies.count, 0, "one that an ancestor declares");
	tap_is_int((int64_t)d->dependencies.count, 1, "it is a dependency still");
	tap_ok(tree_is_ancestor(tree, 1, 4), "an ancestor by a dependency");
	tap_ok(!tree_is_ancestor(tree, 4, 1), "not the other way");
	tap_is_int(tree_find(tree, "c"), 2, "found by id");
	tap_is_int(tree_find(tree, "x"), TREE_NONE, "not found");
	tree_free(tree);

	tree = grow_tree("a:\nb: a a\n");
	tap_ok(tree_at(tree, 1)->merge_point, "the same parent twice is a merge");
	tap_is_int((int64_t)tree_at(tree, 1)->parents.count, 1, "with one parent");
	tap_ok(!tree_at(tree, 0)->branch_point, "which is no branch point");
	tree_free(tree);

	tree = grow_tree("a: || x\nb: | x\nc: a\n");
	tap_is_int(tree_find_name(tree, "x"), 0, "a label stands for its revision");
	tap_is_int(tree_find(tree, "x"), TREE_NONE, "and is no id");
	tap_is_int(tree_at(tree, 1)->dependencies.items[0], 0, "a dependency by label");
	tree_free(tree);
}

struct broken_case {
	const char *what, *tree, *order;
	const char *kind, *problem;
};

static const struct broken_case broken[] = {
	{ "a missing parent", "a: x\nb: a\n", "b a", "missing-parent",
		"a follows x, which no file has (a.py:2): restore the file of x if a "
		"merge or checkout lost it, or let down_revision name what a really "
		"follows" },
	{ "a parent that is cut short", "0a1b2c:\nb: 0a1b\n", "0a1b2c b",
		"missing-parent",
		"b follows 0a1b, which no file has (b.py:2); did you mean 0a1b2c? "
		"Else restore the file of 0a1b if a merge or checkout lost it, or let "
		"down_revision name what b really follows" },
	{ "a parent that is misspelt", "0a1b2c3d:\n0a1b2c3e:\nb: 0a1c2c3d\n",
		"0a1b2c3d 0a1b2c3e b", "missing-parent",
		"b follows 0a1c2c3d, which no file has (b.py:2); did you mean 0a1b2c3d "
		"or 0a1b2c3e? Else restore the file of 0a1c2c3d if a merge or checkout "
		"lost "
		"it, or let down_revision name what b really follows" },
	{ "a missing dependency", "a: | x\n", "a", "missing-dependency",
		"a depends on x, which is no revision and no branch label (a.py:4): "
		"restore its file, or take it out of depends_on" },
	{ "a parent by label", "a: || x\nb: x\n", "a b", "missing-parent",
		"b follows x, which is a branch label, no revision (b.py:2): let "
		"down_revision name the revision, a" },
	{ "a revision twice", "a:\nb: a\nb: a\nc: b\n", "b c b a", "duplicate-id",
		"two files have revision b (b.py:1, b.py:1): Alembic takes the second "
		"alone; delete the copy, or give one a new id and let what follows it "
		"name that" },
	{ "a circle", "a: c\nb: a\nc: b\nd: b\n", "c d b a", "cycle",
		"a circle: a follows c (a.py:2), c follows b (c.py:2), b follows a "
		"(b.py:2): none of them can be first; correct the down_revision that "
		"is wrong" },
	{ "two circles", "a: b\nb: a\nc: d b\nd: c\n", "d c b a", "cycle",
		"a circle: a follows b (a.py:2), b follows a (b.py:2): none of them "
		"can be first; correct the down_revision that is wrong\n"
		"a circle: c follows d (c.py:2), d follows c (d.py:2): none of them "
		"can be first; correct the down_revision that is wrong" },
	{ "a circle of dependencies", "a: | b\nb: | a\n", "b a", "dependency-cycle",
		"a circle: a depends on b (a.py:4), b depends on a (b.py:4): none of "
		"them can be first; correct the depends_on or down_revision that is "
		"wrong" },
	{ "a circle of both", "a: | b\nb: a\n", "b a", "dependency-cycle",
		"a circle: a depends on b (a.py:4), b follows a (b.py:2): none of them "
		"can be first; correct the depends_on or down_revision that is wrong" },
	{ "its own parent", "a: a\n", "a", "self-loop",
		"a follows itself (a.py:2): let down_revision name the revision before "
		"it, or None if it is the first" },
	{ "depends on itself", "a: | a\n", "a", "self-loop",
		"a depends on itself (a.py:4): take that out of depends_on" },
	{ "a label twice", "a: || x\nb: || x\n", "a b", "duplicate-label",
		"branch label x is given twice, by a and b (a.py:3, b.py:3): rename or "
		"remove one" },
	{ "a label twice in one file", "a: || x x\n", "a", "duplicate-label",
		"a has branch label x twice (a.py:3): take one away" },
	{ "a label that is an id", "a: || b\nb:\n", "a b", "duplicate-label",
		"branch label b of a is a revision's id too (a.py:3, b.py:1): rename "
		"the label" },
	{ "an illegal character", "a-b:\n", "a-b", "illegal-id",
		"revision id a-b has a `-`, which Alembic takes for part of an "
		"expression (a-b.py:1): rename it here and where it is named" },
};

static void
test_broken(void)
{
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		struct tree *tree = grow_tree(broken[i].tree);
		char *order = grow_ids(tree, tree_order(tree));
		char *problems = strlist_join(tree_problems(tree), "\n");

		tap_is_text(problems, broken[i].problem, "broken: %s", broken[i].what);
		tap_is_text(order, broken[i].order, "every revision is listed");
		if (tree_problems(tree)->count)
			tap_is_text(tree_problem_name(tree_problem_at(tree, 0)->kind),
				broken[i].kind, "its kind");
		free(order);
		free(problems);
		tree_free(tree);
	}
}

static void
add_file(struct tree *tree, const char *path, const char *text)
{
	struct script script;

	script_read(path, text, strlen(text), &script);
	tree_add(tree, &script);
}

/* What only the files' bytes can break. */
static void
test_files(void)
{
	struct tree *tree = tree_new();

	tree_add_problem(tree, "can't read the directory /t/w");
	add_file(tree, "/t/v/1_a.py",
		"revision = 'a'\ndown_revision = None\n"
		"depends_on = f()\nbranch_labels = g()\n");
	add_file(tree, "/t/v/below/2_b9.py", "revision = 'b9\n");
	add_file(tree, "/t/v/3_c.py", "\nrevision = 'c'\ndown_revision = 'b9'\n");
	add_file(tree, "/t/v/4_d.py", "revision = 'd'\ndown_revision = c + 1\n");
	add_file(tree, "/t/v/5_e.py", "revision = 'e'\ndown_revision = 5\n");
	tree_seal(tree);

	char *problems = strlist_join(tree_problems(tree), "\n");
	tap_is_text(problems,
		"can't read the directory /t/w\n"
		"below/2_b9.py:1: a string never ends\n"
		"branch_labels of a is computed, so that only Python knows it "
		"(1_a.py:4): write the labels down\n"
		"depends_on of a is computed, so that only Python knows it "
		"(1_a.py:3): write the ids down\n"
		"down_revision of d is computed, so that only Python knows it "
		"(4_d.py:2): write the ids down\n"
		"down_revision of e is neither a string nor None (5_e.py:2): write the "
		"ids down\n"
		"c follows b9, which no readable file has (3_c.py:3): below/2_b9.py "
		"seems to be it; mend that first",
		"problems of files");
	char *directory = tree_directory(tree);
	tap_is_text(directory, "/t/v/", "the directory of all");
	tap_is_int(tree_problem_at(tree, 0)->revision, TREE_NONE, "one of no script");
	tap_is_int(tree_problem_at(tree, 6)->revision, 1, "one of a script");
	tap_is_text(tree_problem_at(tree, 6)->text, tree_problems(tree)->items[6],
		"the same sentence");
	free(directory);
	free(problems);
	tree_free(tree);
}

/* A merge of three over and over; whoever compares all with all shows here. */
static void
test_large(void)
{
	enum { MERGES = 2500 };
	struct str text = { 0 };

	str_add(&text, "m0:\n");
	for (int i = 1; i <= MERGES; i++)
		str_printf(&text, "a%d: m%d\nb%d: m%d\nc%d: m%d\nm%d: a%d b%d c%d\n", i,
			i - 1, i, i - 1, i, i - 1, i, i, i, i);
	struct tree *tree = grow_tree(str_text(&text));
	tap_is_int((int64_t)tree_order(tree)->count, 4 * MERGES + 1, "a large tree");
	tap_is_text(tree_at(tree, tree_order(tree)->items[0])->script.revision, "m2500",
		"its head is first");
	tree_free(tree);
	str_free(&text);
}

int
main(void)
{
	test_orders();
	test_labels();
	test_many_labels();
	test_marks();
	test_broken();
	test_files();
	test_large();
	return tap_done();
}
