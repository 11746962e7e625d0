/*
 * Any files are a tree: the input is cut at its form feeds into version files.  Linking
 * them ends, every revision is in the order once, every problem is a sentence, and a
 * plan from any rows is a plan or a reason.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/plan.h"
#include "pgrunbook/model/tree_problems.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_plan(const struct tree *tree, enum plan_direction direction, const char *target,
	size_t row)
{
	struct strlist rows = { 0 };
	struct error error = { 0 };
	struct plan plan;

	if (row < tree_count(tree))
		strlist_add(&rows, tree_at(tree, (int)row)->script.revision);
	bool good = plan_make(tree, direction, target, &rows, &plan, &error);
	if (good == (error.message != NULL) || (plan.refused && !plan.dangers.count))
		abort();
	plan_free(&plan);
	error_clear(&error);
	strlist_free(&rows);
}

static void
check_tree(const struct tree *tree)
{
	const struct tree_list *order = tree_order(tree);
	bool *seen = alloc_zeroed(tree_count(tree), sizeof(*seen));

	if (order->count != tree_count(tree))
		abort();
	for (size_t i = 0; i < order->count; i++) {
		if (seen[order->items[i]])
			abort();
		seen[order->items[i]] = true;
	}
	free(seen);
	for (size_t i = 0; i < tree_problems(tree)->count; i++)
		if (!*tree_problem_name(tree_problem_at(tree, i)->kind) ||
			tree_problem_at(tree, i)->text != tree_problems(tree)->items[i])
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tree *tree = tree_new();
	const char *at = (const char *)data, *end = at + size;

	while (at < end) {
		const char *feed = memchr(at, '\f', (size_t)(end - at));
		size_t length = (size_t)((feed ? feed : end) - at);
		struct script script;

		script_read("versions/a.py", at, length, &script);
		tree_add(tree, &script);
		at += length + 1;
	}
	tree_seal(tree);
	check_tree(tree);
	check_plan(tree, PLAN_UPGRADE, "heads", tree_count(tree));
	check_plan(tree, PLAN_UPGRADE, "+1", 0);
	check_plan(tree, PLAN_DOWNGRADE, "base", 0);
	check_plan(tree, PLAN_DOWNGRADE, "-1", tree_count(tree) / 2);
	tree_free(tree);
	return 0;
}
