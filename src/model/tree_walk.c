#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
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
