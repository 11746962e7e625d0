#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/tree_internal.h"

/* Puts what isn't marked yet on the stack, and marks it. */
static void
walk_push(struct tree_list *stack, const struct tree_list *next, bool *marks)
{
	for (size_t i = 0; i < next->count; i++) {
		if (!marks[next->items[i]]) {
			marks[next->items[i]] = true;
			tree_list_add(stack, next->items[i]);
		}
	}
}

/* Marks what is reached from `from`: towards base, or towards the heads if `up`. */
static void
walk_mark(const struct tree *tree, int from, bool up, bool dependencies, bool *marks)
{
	struct tree_list stack = { 0 };

	if (!marks[from]) {
		marks[from] = true;
		tree_list_add(&stack, from);
	}
	while (stack.count) {
		const struct revision *at = &tree->items[stack.items[--stack.count]];

		walk_push(&stack, up ? &at->children : &at->parents, marks);
		if (dependencies)
			walk_push(&stack, up ? &at->dependents : &at->dependencies,
				marks);
	}
	tree_list_free(&stack);
}

void
tree_mark_ancestors(const struct tree *tree, int from, bool dependencies, bool *marks)
{
	walk_mark(tree, from, false, dependencies, marks);
}

void
tree_mark_descendants(const struct tree *tree, int from, bool dependencies, bool *marks)
{
	walk_mark(tree, from, true, dependencies, marks);
}

bool
tree_is_ancestor(const struct tree *tree, int ancestor, int of)
{
	bool *marks = alloc_zeroed(tree->count, sizeof(*marks));

	tree_mark_ancestors(tree, of, true, marks);
	bool found = marks[ancestor];
	free(marks);
	return found;
}

/* Takes away, again and again, what nothing that is left comes before. */
static void
walk_peel(const struct tree *tree, bool upward, bool dependencies, bool *left)
{
	struct tree_list ready = { 0 };
	size_t *waits = alloc_zeroed(tree->count, sizeof(*waits));

	for (size_t i = 0; i < tree->count; i++) {
		const struct revision *at = &tree->items[i];
		const struct tree_list *before = upward ? &at->parents : &at->children;
		const struct tree_list *also =
			upward ? &at->dependencies : &at->dependents;

		waits[i] = before->count + (dependencies ? also->count : 0);
		if (waits[i] == 0)
			tree_list_add(&ready, (int)i);
	}
	while (ready.count) {
		int index = ready.items[--ready.count];
		const struct revision *at = &tree->items[index];
		const struct tree_list *after[2] = { upward ? &at->children
							    : &at->parents,
			upward ? &at->dependents : &at->dependencies };

		left[index] = false;
		for (size_t way = 0; way < (dependencies ? 2 : 1); way++)
			for (size_t i = 0; i < after[way]->count; i++)
				if (--waits[after[way]->items[i]] == 0)
					tree_list_add(&ready, after[way]->items[i]);
	}
	tree_list_free(&ready);
	free(waits);
}

/* Reports what is on a cycle, or between two; true if there is any. */
static bool
walk_report_cycles(struct tree *tree, bool dependencies)
{
	enum { NAMED = 8 };
	bool *left = alloc_zeroed(tree->count, sizeof(*left));
	struct str names = { 0 };
	size_t count = 0;

	memset(left, true, tree->count);
	walk_peel(tree, true, dependencies, left);
	walk_peel(tree, false, dependencies, left);
	for (size_t i = 0; i < tree->count; i++) {
		const struct script *script = &tree->items[i].script;

		if (!left[i])
			continue;
		if (count++ < NAMED)
			str_printf(&names, "%s%s (%s)", count > 1 ? ", " : "",
				script->revision, script->path);
	}
	if (count)
		tree_report(tree, "%s in a circle: %s%s",
			dependencies ? "these revisions depend on each other"
				     : "these revisions follow each other",
			str_text(&names), count > NAMED ? ", and more" : "");
	str_free(&names);
	free(left);
	return count > 0;
}

void
tree_find_cycles(struct tree *tree)
{
	tree->cyclic =
		walk_report_cycles(tree, false) || walk_report_cycles(tree, true);
}
