#include "pgrunbook/app/command_tree.h"

#include <stdlib.h>

#include "pgrunbook/app/evidence.h"
#include "pgrunbook/app/revision_json.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/tree_answer.h"

static struct tree_ask
tree_ask_of(enum tree_verb verb, const struct tree_question *question)
{
	return (struct tree_ask){
		.verb = verb,
		.name = question->word1,
		.range = question->range,
		.verbose = question->verbose,
		.resolve_dependencies = question->resolve_dependencies,
		.indicate_current = question->indicate_current,
	};
}

static void
tree_json(const struct tree *tree, const struct tree_ask *ask,
	const struct tree_list *list, struct str *out)
{
	bool *current = NULL;

	if (ask->rows) {
		current = alloc_zeroed(tree_count(tree), sizeof(*current));
		tree_answer_mark_rows(tree, ask->rows, current);
	}
	json_t *array = revision_json_list(tree, list, current);
	for (size_t i = 0; ask->verb == TREE_SHOW && i < list->count; i++)
		json_object_set_new(json_array_get(array, i), "operations",
			revision_json_operations(tree, list->items[i]));
	evidence_print(array, out);
	free(current);
}

void
command_print(const struct tree *tree, const struct tree_ask *ask, bool json,
	struct str *out, struct error *error)
{
	struct tree_list list = { 0 };

	if (tree_answer_find(tree, ask, &list, error)) {
		if (json)
			tree_json(tree, ask, &list, out);
		else
			tree_answer_text(tree, ask, &list, out);
	}
	tree_list_free(&list);
}

static int
tree_command(const struct setup *setup, enum tree_verb verb,
	const struct tree_question *question, struct str *out, struct str *complaints)
{
	int status = 0;
	struct tree *tree = command_load_tree(setup, complaints, &status);
	struct tree_ask ask = tree_ask_of(verb, question);
	struct strlist rows = { 0 };
	struct error error = { 0 };
	bool good = tree != NULL;

	if (good && (question->at || tree_answer_needs_rows(&ask))) {
		good = command_read_rows(setup, tree, question, &rows, &error);
		ask.rows = &rows;
	}
	if (good)
		command_print(tree, &ask, question->json, out, &error);
	return command_end(tree, question, &rows, &error, complaints) ? status : 2;
}

int
command_heads(const struct setup *setup, const struct tree_question *question,
	struct str *out, struct str *complaints)
{
	return tree_command(setup, TREE_HEADS, question, out, complaints);
}

int
command_branches(const struct setup *setup, const struct tree_question *question,
	struct str *out, struct str *complaints)
{
	return tree_command(setup, TREE_BRANCHES, question, out, complaints);
}

int
command_history(const struct setup *setup, const struct tree_question *question,
	struct str *out, struct str *complaints)
{
	return tree_command(setup, TREE_HISTORY, question, out, complaints);
}

int
command_show(const struct setup *setup, const struct tree_question *question,
	struct str *out, struct str *complaints)
{
	return tree_command(setup, TREE_SHOW, question, out, complaints);
}

static bool
tree_asks(enum tree_verb verb, const struct tree_question *question)
{
	struct tree_ask ask = tree_ask_of(verb, question);

	return question->at == NULL && tree_answer_needs_rows(&ask);
}

bool
command_history_asks(const struct tree_question *question)
{
	return tree_asks(TREE_HISTORY, question);
}

bool
command_show_asks(const struct tree_question *question)
{
	return tree_asks(TREE_SHOW, question);
}
