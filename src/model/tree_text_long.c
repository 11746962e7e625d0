#include <string.h>

#include "pgrunbook/base/text.h"
#include "pgrunbook/model/tree_text.h"

static void
long_add_list(struct str *out, const char *name, const struct strlist *list)
{
	str_add(out, name);
	for (size_t i = 0; i < list->count; i++)
		str_printf(out, "%s%s", i ? ", " : "", list->items[i]);
	str_add_char(out, '\n');
}

static void
long_add_children(const struct tree *tree, const struct revision *at, struct str *out)
{
	str_add(out, "Branches into: ");
	for (size_t i = 0; i < at->children.count; i++)
		str_printf(out, "%s%s", i ? ", " : "",
			tree_at(tree, at->children.items[i])->script.revision);
	str_add_char(out, '\n');
}

/* What ends a line for Python's str.splitlines(): its length in bytes, or 0. */
static size_t
long_break(const char *text, size_t length)
{
	size_t used;

	if (text[0] == '\r' && length > 1 && text[1] == '\n')
		return 2;
	switch (text_decode(text, length, &used)) {
	case '\n':
	case '\v':
	case '\f':
	case '\r':
	case 0x1c:
	case 0x1d:
	case 0x1e:
	case 0x85:
	case 0x2028:
	case 0x2029:
		return used;
	default:
		return 0;
	}
}

/* Each line of the docstring, indented. */
static void
long_add_docstring(const char *text, struct str *out)
{
	size_t length = strlen(text);
	bool begins = true;

	for (size_t i = 0; i < length;) {
		size_t end = long_break(text + i, length - i);

		if (begins)
			str_add(out, "    ");
		begins = end > 0;
		if (end > 0)
			str_add_char(out, '\n');
		else
			str_add_char(out, text[i]);
		i += end > 0 ? end : 1;
	}
	str_add_char(out, '\n');
}

void
tree_text_long(const struct tree *tree, int revision, bool current, struct str *out)
{
	const struct revision *at = tree_at(tree, revision);
	const struct script *script = &at->script;

	str_printf(out, "Rev: %s%s%s%s%s\n", script->revision,
		at->head ? " (head)" : "", at->branch_point ? " (branchpoint)" : "",
		at->merge_point ? " (mergepoint)" : "", current ? " (current)" : "");
	if (script->down_revision.count)
		long_add_list(out, at->merge_point ? "Merges: " : "Parent: ",
			&script->down_revision);
	else
		str_add(out, "Parent: <base>\n");
	if (script->depends_on.count)
		long_add_list(out, "Also depends on: ", &script->depends_on);
	if (at->branch_point)
		long_add_children(tree, at, out);
	if (at->labels->count)
		long_add_list(out, "Branch names: ", at->labels);
	str_printf(out, "Path: %s\n\n", script->path);
	long_add_docstring(script->docstring, out);
}
