#include "tests/screen/state_tree.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/screen/state_json.h"

/* Takes over the id. */
static struct script
make_script(char *revision)
{
	struct script script = { .revision = revision, .docstring = alloc_copy("") };

	script.path = alloc_printf("migrations/versions/%s.py", revision);
	script.upgrade = (struct script_function){ .body = BODY_REAL, .line = 20 };
	script.downgrade = (struct script_function){ .body = BODY_REAL, .line = 24 };
	return script;
}

static enum script_body
body_of(const json_t *object, const char *name)
{
	static const char *const bodies[] = { "missing", "empty", "raises", "real" };
	const char *word = json_string_value(json_object_get(object, name));

	for (size_t i = 0; word != NULL && i < BODY_REAL; i++) {
		if (strcmp(bodies[i], word) == 0)
			return (enum script_body)i;
	}
	return BODY_REAL;
}

/* {"branch_labels": 7}: the name, and its line. */
static void
add_computed(const json_t *object, struct script *script)
{
	const json_t *lines = json_object_get(object, "computed");

	for (int i = 0; i < SCRIPT_NAMES; i++) {
		const json_t *line =
			json_object_get(lines, script_name_text((enum script_name)i));

		if (line == NULL)
			continue;
		script->senses[i] = SCRIPT_COMPUTED;
		script->lines[i] = (int)json_integer_value(line);
	}
}

static void
add_object(const json_t *object, struct tree *tree)
{
	struct script script = make_script(
		alloc_copy(json_string_value(json_object_get(object, "revision"))));

	script.message =
		alloc_copy(json_string_value(json_object_get(object, "message")));
	list_of(object, "down", &script.down_revision);
	list_of(object, "labels", &script.branch_labels);
	list_of(object, "depends", &script.depends_on);
	add_computed(object, &script);
	script.upgrade.body = body_of(object, "upgrade");
	script.downgrade.body = body_of(object, "downgrade");
	tree_add(tree, &script);
}

/* The words up to one of `stops`; returns what comes after it. */
static const char *
take_words(const char *at, const char *stops, struct strlist *words)
{
	while (*at != '\0' && strchr(stops, *at) == NULL) {
		size_t length = strcspn(at, " :|");

		if (length != 0)
			strlist_add_owned(words, alloc_copy_bytes(at, length));
		at += length;
		at += *at == ' ';
	}
	return at + (*at != '\0');
}

static void
add_line(const char *line, struct tree *tree)
{
	size_t id = strcspn(line, ":");
	struct script script = make_script(alloc_copy_bytes(line, id));

	line = take_words(line + id + (line[id] != '\0'), "|", &script.down_revision);
	line = take_words(line, "|", &script.depends_on);
	line = take_words(line, "|", &script.branch_labels);
	line += strspn(line, " ");
	script.message = alloc_copy(line);
	tree_add(tree, &script);
}

/* A line with, every so often, a branch of two revisions beside three others. */
static void
add_many(int count, int every, struct tree *tree)
{
	for (int i = 1; i <= count; i++) {
		int phase = every == 0 ? 0 : i % every;
		int parent = phase == 4 ? i - 3 : i - 1;
		char *merged = phase == 5 ? alloc_printf("r%05d", i - 2) : NULL;
		struct script script = make_script(alloc_printf("r%05d", i));

		if (parent > 0)
			strlist_add_owned(
				&script.down_revision, alloc_printf("r%05d", parent));
		if (merged != NULL)
			strlist_add_owned(&script.down_revision, merged);
		script.message = alloc_printf("change number %d", i);
		tree_add(tree, &script);
	}
}

struct tree *
state_tree(const json_t *description)
{
	if (!json_is_array(description) && !json_is_object(description))
		return NULL;
	struct tree *tree = tree_new();
	json_t *item;
	size_t i;

	if (json_is_object(description))
		add_many((int)json_integer_value(
				 json_object_get(description, "revisions")),
			(int)json_integer_value(
				json_object_get(description, "branch_every")),
			tree);
	json_array_foreach(description, i, item)
	{
		if (json_is_string(item))
			add_line(json_string_value(item), tree);
		else
			add_object(item, tree);
	}
	tree_seal(tree);
	return tree;
}
