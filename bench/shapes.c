/*
 * shapes [COUNT [SHAPE]]: trees of shapes that make a careless walk quadratic, of COUNT
 * (10,000) revisions and of twice as many, and how long what the console makes of a
 * tree takes.  It is CPU time, the least of three turns.  A line for each shape and
 * work: their names, the time of the smaller one and of the larger one (us), and the
 * ratio of the two: 2 is linear, 4 quadratic.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/lanes.h"
#include "pgrunbook/model/plan.h"
#include "pgrunbook/model/status.h"
#include "pgrunbook/model/tree.h"
#include "pgrunbook/model/tree_answer.h"

enum { TURNS = 3, LARGER = 2 };

static int64_t
cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* Ids are in no order, as uuids are. */
static char *
name(int number)
{
	return alloc_printf(
		"%08x%04x", (unsigned)number * 2654435761u, (unsigned)number & 0xffff);
}

static struct script
script_of(int number)
{
	return (struct script){
		.path = alloc_printf("versions/%d.py", number),
		.revision = name(number),
		.message = alloc_copy(""),
		.docstring = alloc_copy(""),
		.upgrade.body = BODY_REAL,
		.downgrade.body = BODY_REAL,
	};
}

/* What a revision of a shape names. */
static void
follow(struct script *script, int number)
{
	strlist_add_owned(&script->down_revision, name(number));
}

static void
depend(struct script *script, int number)
{
	strlist_add_owned(&script->depends_on, name(number));
}

static void
label(struct script *script, int number)
{
	strlist_add_owned(&script->branch_labels, alloc_printf("label%d", number));
}

/* Each fills in what revision `i` of `count` names. */
typedef void shape(struct script *script, int i, int count);

static void
shape_chain(struct script *script, int i, int count)
{
	(void)count;
	if (i > 0)
		follow(script, i - 1);
}

static void
shape_roots(struct script *script, int i, int count)
{
	(void)script, (void)i, (void)count;
}

static void
shape_merge(struct script *script, int i, int count)
{
	for (int k = 0; i == count - 1 && k < i; k++)
		follow(script, k);
}

static void
shape_branches(struct script *script, int i, int count)
{
	(void)count;
	if (i > 0)
		follow(script, 0);
}

/* One root, many branches, merged again. */
static void
shape_diamond(struct script *script, int i, int count)
{
	for (int k = 1; i == count - 1 && k < i; k++)
		follow(script, k);
	if (i > 0 && i < count - 1)
		follow(script, 0);
}

/* A trunk, and from each of its revisions a branch that goes nowhere. */
static void
shape_comb(struct script *script, int i, int count)
{
	(void)count;
	if (i > 0)
		follow(script, (i - 1) & ~1);
}

/* A trunk from whose each revision a branch leaves that the end merges. */
static void
shape_merged_comb(struct script *script, int i, int count)
{
	for (int k = 1; i == count - 1 && k < i; k += 2)
		follow(script, k);
	if (i > 0)
		follow(script, (i - 1) & ~1);
}

/* Every fourth merges the three before it. */
static void
shape_merges(struct script *script, int i, int count)
{
	(void)count;
	for (int back = 3; i % 4 == 0 && i > 0 && back > 1; back--)
		follow(script, i - back);
	if (i > 0)
		follow(script, i % 4 ? i - i % 4 : i - 1);
}

static void
shape_dependents(struct script *script, int i, int count)
{
	(void)count;
	if (i > 0)
		depend(script, 0);
}

static void
shape_dependencies(struct script *script, int i, int count)
{
	for (int k = 0; i == count - 1 && k < i; k++)
		depend(script, k);
}

/* A line each of whose revisions depends on the same one, and on one of its own. */
static void
shape_repeated(struct script *script, int i, int count)
{
	if (i > 1 && i < count / 2)
		follow(script, i - 1);
	if (i > 0 && i < count / 2) {
		depend(script, 0);
		depend(script, count / 2 + i);
	}
}

/* Two lines; each step of the one depends on one of the other, by turns. */
static void
shape_ladder(struct script *script, int i, int count)
{
	(void)count;
	if (i > 1)
		follow(script, i - 2);
	if (i % 4 == 1 || (i > 2 && i % 4 == 2))
		depend(script, i - 1);
}

/* A line depends on the revisions of another, from which more depend. */
static void
shape_braid(struct script *script, int i, int count)
{
	(void)count;
	if (i > 2)
		follow(script, i - 3);
	if (i % 3)
		depend(script, i - i % 3);
}

static void
shape_root_labels(struct script *script, int i, int count)
{
	shape_chain(script, i, count);
	for (int k = 0; i == 0 && k < count; k++)
		label(script, k);
}

static void
shape_labels(struct script *script, int i, int count)
{
	shape_chain(script, i, count);
	label(script, i);
}

static void
shape_branch_labels(struct script *script, int i, int count)
{
	shape_branches(script, i, count);
	label(script, i);
}

static void
shape_missing(struct script *script, int i, int count)
{
	follow(script, count + i);
}

static void
shape_missing_dependencies(struct script *script, int i, int count)
{
	shape_chain(script, i, count);
	depend(script, count + i);
}

/* Pairs of files with one id. */
static void
shape_twins(struct script *script, int i, int count)
{
	shape_chain(script, i / 2 * 2, count);
	if (i % 2 == 1) {
		free(script->revision);
		script->revision = name(i - 1);
	}
}

static void
shape_circle(struct script *script, int i, int count)
{
	follow(script, (i + count - 1) % count);
}

static void
shape_circles(struct script *script, int i, int count)
{
	(void)count;
	follow(script, i ^ 1);
}

static void
shape_selves(struct script *script, int i, int count)
{
	(void)count;
	follow(script, i);
}

/* Of `labelled` each line of history has so many labels that they are all of it. */
static const struct {
	const char *name;
	shape *make;
	bool labelled;
} shapes[] = {
	{ "chain", shape_chain },
	{ "roots", shape_roots },
	{ "merge", shape_merge },
	{ "branches", shape_branches },
	{ "diamond", shape_diamond },
	{ "comb", shape_comb },
	{ "merged-comb", shape_merged_comb },
	{ "merges", shape_merges },
	{ "dependents", shape_dependents },
	{ "dependencies", shape_dependencies },
	{ "repeated", shape_repeated },
	{ "ladder", shape_ladder },
	{ "braid", shape_braid },
	{ "root-labels", shape_root_labels, .labelled = true },
	{ "labels", shape_labels, .labelled = true },
	{ "branch-labels", shape_branch_labels },
	{ "missing", shape_missing },
	{ "missing-depends", shape_missing_dependencies },
	{ "twins", shape_twins },
	{ "circle", shape_circle },
	{ "circles", shape_circles },
	{ "selves", shape_selves },
};

static struct tree *
make_tree(shape *make, int count)
{
	struct tree *tree = tree_new();

	for (int i = 0; i < count; i++) {
		struct script script = script_of(i);

		make(&script, i, count);
		tree_add(tree, &script);
	}
	return tree;
}

enum work {
	WORK_SEAL,
	WORK_STATUS,	  /* of an empty table */
	WORK_STATUS_FULL, /* of one at every head */
	WORK_LANES,
	WORK_HISTORY,
	WORK_RANGE,
	WORK_UPGRADE,
	WORK_DOWNGRADE,
	WORK_COUNT
};

static const char *const works[] = {
	[WORK_SEAL] = "seal",
	[WORK_STATUS] = "status",
	[WORK_STATUS_FULL] = "status-full",
	[WORK_LANES] = "lanes",
	[WORK_HISTORY] = "history",
	[WORK_RANGE] = "range",
	[WORK_UPGRADE] = "upgrade",
	[WORK_DOWNGRADE] = "downgrade",
};

static void
work_status(const struct tree *tree, const struct version_rows *rows)
{
	struct status status;

	status_make(tree, rows, &status);
	status_free(&status);
}

static void
work_lanes(const struct tree *tree)
{
	struct lanes lanes;

	lanes_make(tree, &lanes);
	lanes_free(&lanes);
}

static void
work_history(const struct tree *tree, const char *range)
{
	struct tree_ask ask = { .verb = TREE_HISTORY, .range = range };
	struct tree_list list = { 0 };
	struct error error = { 0 };
	struct str text = { 0 };

	if (tree_answer_find(tree, &ask, &list, &error) && !range)
		tree_answer_text(tree, &ask, &list, &text);
	error_clear(&error);
	tree_list_free(&list);
	str_free(&text);
}

static void
work_plan(const struct tree *tree, enum plan_direction direction, const char *target,
	const struct strlist *rows)
{
	struct error error = { 0 };
	struct plan plan;

	plan_make(tree, direction, target, rows, &plan, &error);
	plan_free(&plan);
	error_clear(&error);
}

static void
work_do(enum work work, struct tree *tree, const struct version_rows *full)
{
	struct version_rows none = { .table = VERSION_TABLE_READ };

	switch (work) {
	case WORK_SEAL:
		tree_seal(tree);
		break;
	case WORK_STATUS:
		work_status(tree, &none);
		break;
	case WORK_STATUS_FULL:
		work_status(tree, full);
		break;
	case WORK_LANES:
		work_lanes(tree);
		break;
	case WORK_HISTORY:
		work_history(tree, NULL);
		break;
	case WORK_RANGE:
		work_history(tree, "base:heads");
		break;
	case WORK_UPGRADE:
		work_plan(tree, PLAN_UPGRADE, "heads", &none.rows);
		break;
	case WORK_DOWNGRADE:
		work_plan(tree, PLAN_DOWNGRADE, "base", &full->rows);
		break;
	case WORK_COUNT:
		break;
	}
}

/* The rows of a database that is at every head. */
static void
list_heads(const struct tree *tree, struct version_rows *full)
{
	full->table = VERSION_TABLE_READ;
	for (size_t i = 0; i < tree_count(tree); i++)
		if (tree_at(tree, (int)i)->real_head)
			strlist_add(
				&full->rows, tree_at(tree, (int)i)->script.revision);
}

/* The least time of each work on a shape; ns.  `labelled` leaves out history. */
static void
measure(shape *make, int count, bool labelled, int64_t *least)
{
	for (int turn = 0; turn < TURNS; turn++) {
		struct tree *tree = make_tree(make, count);
		struct version_rows full = { 0 };

		for (int work = 0; work < WORK_COUNT; work++) {
			int64_t start = cpu_ns();

			if (work != WORK_HISTORY || !labelled)
				work_do((enum work)work, tree, &full);
			int64_t took = cpu_ns() - start;
			if (turn == 0 || took < least[work])
				least[work] = took;
			if (work == WORK_SEAL)
				list_heads(tree, &full);
		}
		strlist_free(&full.rows);
		tree_free(tree);
	}
}

int
main(int argc, char **argv)
{
	int count = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 10000;
	const char *only = argc > 2 ? argv[2] : NULL;

	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		int64_t small[WORK_COUNT], large[WORK_COUNT];

		if (only && strcmp(only, shapes[i].name) != 0)
			continue;
		measure(shapes[i].make, count, shapes[i].labelled, small);
		measure(shapes[i].make, count * LARGER, shapes[i].labelled, large);
		for (int work = 0; work < WORK_COUNT; work++)
			if (work != WORK_HISTORY || !shapes[i].labelled)
				printf("%s %s %lld %lld %.1f\n", shapes[i].name,
					works[work], (long long)(small[work] / 1000),
					(long long)(large[work] / 1000),
					(double)large[work] / (double)small[work]);
		fflush(stdout);
	}
	return 0;
}
