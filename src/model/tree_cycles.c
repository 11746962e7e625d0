#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/tree_internal.h"

/* Takes away, again and again, what nothing that is left comes before. */
static void
cycles_peel(const struct tree *tree, bool upward, bool dependencies, bool *left)
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

/* The first of the list that is left; TREE_NONE if there is none. */
static int
cycles_below(const struct tree_list *below, const bool *left)
{
	for (size_t i = 0; i < below->count; i++)
		if (left[below->items[i]])
			return below->items[i];
	return TREE_NONE;
}

/* Goes down from `index`, which is on a circle or above one; TREE_NONE: above none. */
static int
cycles_step(const struct tree *tree, int index, bool dependencies, const bool *left)
{
	const struct revision *at = &tree->items[index];
	int below = cycles_below(&at->parents, left);

	if (below == TREE_NONE && dependencies)
		below = cycles_below(&at->dependencies, left);
	return below;
}

/* "c follows b (c.py:4), b follows c (b.py:4)" from `start` around to it again. */
static void
cycles_tell(struct tree *tree, int start, bool dependencies, const bool *left)
{
	enum { NAMED = 8 };
	struct str text = { 0 };
	int index = start;
	size_t count = 0;

	do {
		const struct revision *at = &tree->items[index];
		int below = cycles_step(tree, index, dependencies, left);
		bool parent = tree_list_has(&at->parents, below);

		if (count++ < NAMED) {
			char *place = tree_place(tree, &at->script,
				parent ? at->script.lines[SCRIPT_DOWN_REVISION]
				       : at->script.lines[SCRIPT_DEPENDS_ON]);

			str_printf(&text, "%s%s %s %s (%s)", count > 1 ? ", " : "",
				at->script.revision, parent ? "follows" : "depends on",
				tree->items[below].script.revision, place);
			free(place);
		}
		index = below;
	} while (index != start);
	if (count > NAMED)
		str_printf(&text, " and so on, %zu revisions", count);
	tree_report(tree, dependencies ? TREE_DEPENDENCY_CYCLE : TREE_CYCLE, start,
		"a circle: %s: none of them can be first; correct the %s that is wrong",
		str_text(&text),
		dependencies ? "depends_on or down_revision" : "down_revision");
	str_free(&text);
}

/*
 * Tells each circle that is met by going down from what is left, which always leads
 * to one.  True if there is any.
 */
static bool
cycles_report(struct tree *tree, bool dependencies)
{
	enum { TOLD = 8 };
	bool *left = alloc_zeroed(tree->count, sizeof(*left));
	size_t *seen = alloc_zeroed(tree->count, sizeof(*seen));
	size_t told = 0;

	memset(left, true, tree->count);
	cycles_peel(tree, true, dependencies, left);
	for (size_t i = 0; i < tree->count && told < TOLD; i++) {
		int at = (int)i;

		if (!left[i] || seen[i])
			continue;
		while (!seen[at]) {
			seen[at] = i + 1;
			at = cycles_step(tree, at, dependencies, left);
		}
		if (seen[at] != i + 1)
			continue; /* a circle that was told */
		cycles_tell(tree, at, dependencies, left);
		told++;
	}
	free(left);
	free(seen);
	return told > 0;
}

static bool
cycles_depend(const struct tree *tree)
{
	for (size_t i = 0; i < tree->count; i++)
		if (tree->items[i].dependencies.count)
			return true;
	return false;
}

void
tree_find_cycles(struct tree *tree)
{
	tree->cyclic = cycles_report(tree, false) ||
		       (cycles_depend(tree) && cycles_report(tree, true));
}
