#include "tests/model/grow.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"

/* Adds the words up to one of `stops`; returns what stands there. */
static const char *
grow_take(const char *at, const char *stops, struct strlist *words)
{
	while (*at && !strchr(stops, *at)) {
		size_t length = strcspn(at, " |:\n");

		if (length)
			strlist_add_owned(words, alloc_copy_bytes(at, length));
		at += length;
		at += *at == ' ';
	}
	return at;
}

void
grow_words(const char *text, struct strlist *words)
{
	grow_take(text, "\n", words);
}

struct tree *
grow_tree(const char *text)
{
	struct tree *tree = tree_new();

	while (*text) {
		struct strlist id = { 0 };
		struct script script = { .message = alloc_copy("message"),
			.docstring = alloc_copy("") };

		text = grow_take(text, ":", &id);
		text = grow_take(text + 1, "|\n", &script.down_revision);
		if (*text == '|')
			text = grow_take(text + 1, "|\n", &script.depends_on);
		if (*text == '|')
			text = grow_take(text + 1, "\n", &script.branch_labels);
		text += *text == '\n';
		script.revision = strlist_join(&id, " ");
		script.path = alloc_printf("%s.py", script.revision);
		script.lines[SCRIPT_REVISION] = 1;
		script.lines[SCRIPT_DOWN_REVISION] = 2;
		script.lines[SCRIPT_BRANCH_LABELS] = 3;
		script.lines[SCRIPT_DEPENDS_ON] = 4;
		script.upgrade.body = script.downgrade.body = BODY_REAL;
		strlist_free(&id);
		tree_add(tree, &script);
	}
	tree_seal(tree);
	return tree;
}

char *
grow_ids(const struct tree *tree, const struct tree_list *list)
{
	struct strlist ids = { 0 };

	for (size_t i = 0; i < list->count; i++)
		strlist_add(&ids, tree_at(tree, list->items[i])->script.revision);
	char *text = strlist_join(&ids, " ");
	strlist_free(&ids);
	return text;
}
