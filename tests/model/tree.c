#include "pgrunbook/model/tree.h"

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
		char *labels = strlist_join(&at->labels, ",");

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
	const char *what, *tree, *order, *problem;
};

static const struct broken_case broken[] = {
	{ "a missing parent", "a: x\nb: a\n", "b a",
		"a.py: down_revision x of revision a is in no file" },
	{ "a missing dependency", "a: | x\n", "a",
		"a.py: revision a depends on x, which is in no file" },
	{ "a parent by label", "a: || x\nb: x\n", "a b",
		"b.py: down_revision x of revision b is in no file" },
	{ "a revision twice", "a:\nb: a\nb: a\nc: b\n", "b c b a",
		"two files have revision b: b.py and b.py" },
	{ "a circle", "a: c\nb: a\nc: b\nd: b\n", "c d b a",
		"these revisions follow each other in a circle: a (a.py), b (b.py), "
		"c (c.py)" },
	{ "a circle of dependencies", "a: | b\nb: | a\n", "b a",
		"these revisions depend on each other in a circle: a (a.py), b "
		"(b.py)" },
	{ "its own parent", "a: a\n", "a",
		"a.py: revision a is its own down_revision" },
	{ "depends on itself", "a: | a\n", "a", "a.py: revision a depends on itself" },
	{ "a label twice", "a: || x\nb: || x\n", "a b",
		"b.py: branch label x of revision b is used by revision a already" },
	{ "a label that is an id", "a: || b\nb:\n", "a b",
		"a.py: branch label b of revision a is used by revision b already" },
	{ "an illegal character", "a-b:\n", "a-b",
		"a-b.py: Alembic takes no `-` in a revision id: a-b" },
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
		free(order);
		free(problems);
		tree_free(tree);
	}
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
	test_marks();
	test_broken();
	test_large();
	return tap_done();
}
