#include "pgrunbook/model/tree_text.h"

#include <string.h>

#include "pgrunbook/base/text.h"

static void
text_add_list(struct str *out, const struct strlist *list)
{
	for (size_t i = 0; i < list->count; i++)
		str_printf(out, "%s%s", i ? ", " : "", list->items[i]);
}

static void
text_add_parents(const struct revision *revision, struct str *out)
{
	if (revision->script.down_revision.count)
		text_add_list(out, &revision->script.down_revision);
	else
		str_add(out, "<base>");
	if (revision->script.depends_on.count) {
		str_add(out, " (");
		text_add_list(out, &revision->script.depends_on);
		str_add(out, ")");
	}
	str_add(out, " -> ");
}

void
tree_text_line(const struct tree *tree, int revision, unsigned what, struct str *out)
{
	const struct revision *at = tree_at(tree, revision);

	if (what & TREE_TEXT_PARENTS)
		text_add_parents(at, out);
	str_add(out, at->script.revision);
	if ((what & TREE_TEXT_LABELS) && at->labels->count) {
		str_add(out, " (");
		text_add_list(out, at->labels);
		str_add(out, ")");
	}
	if (at->head)
		str_add(out, at->real_head ? " (head)" : " (effective head)");
	if (what & TREE_TEXT_CURRENT)
		str_add(out, " (current)");
	if ((what & TREE_TEXT_TREE) && at->branch_point)
		str_add(out, " (branchpoint)");
	if ((what & TREE_TEXT_TREE) && at->merge_point)
		str_add(out, " (mergepoint)");
	if (what & TREE_TEXT_MESSAGE)
		str_printf(out, ", %s", at->script.message);
}

void
tree_text_list(const struct tree *tree, const struct tree_list *list, unsigned what,
	const bool *current, struct str *out)
{
	for (size_t i = 0; i < list->count; i++) {
		int revision = list->items[i];
		bool marked = current && current[revision];

		if (what & TREE_TEXT_LONG)
			tree_text_long(tree, revision, marked, out);
		else
			tree_text_line(tree, revision,
				what | (marked ? TREE_TEXT_CURRENT : 0), out);
		str_add_char(out, '\n');
	}
}

/* The characters of an id: what its children are indented by. */
static int
text_characters(const char *id)
{
	size_t length = strlen(id);
	int count = 0;

	for (size_t i = 0, used; i < length; i += used, count++)
		text_decode(id + i, length - i, &used);
	return count;
}

void
tree_text_branches(const struct tree *tree, const struct tree_list *list, bool verbose,
	struct str *out)
{
	unsigned what = TREE_TEXT_LABELS | TREE_TEXT_TREE;

	for (size_t i = 0; i < list->count; i++) {
		const struct revision *at = tree_at(tree, list->items[i]);

		if (verbose)
			tree_text_long(tree, list->items[i], false, out);
		else
			tree_text_line(tree, list->items[i], what, out);
		str_add_char(out, '\n');
		for (size_t k = 0; k < at->children.count; k++) {
			str_printf(out, "%*s -> ", text_characters(at->script.revision),
				"");
			tree_text_line(tree, at->children.items[k],
				what | (verbose ? TREE_TEXT_MESSAGE : 0), out);
			str_add_char(out, '\n');
		}
		str_add_char(out, '\n');
	}
}
