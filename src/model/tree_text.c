#include "pgrunbook/model/tree_text.h"

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
	if ((what & TREE_TEXT_LABELS) && at->labels.count) {
		str_add(out, " (");
		text_add_list(out, &at->labels);
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
