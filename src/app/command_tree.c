#include "pgrunbook/app/command_tree.h"

#include <stdlib.h>

#include "pgrunbook/app/evidence.h"
#include "pgrunbook/app/revision_json.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/model/place.h"
#include "pgrunbook/model/tree_text.h"

static int
tree_complain(struct str *complaints, const char *problem)
{
	char *clean = text_sanitized(problem);

	str_printf(complaints, "pgrunbook: %s\n", clean);
	free(clean);
	return 2;
}

/* The exit status of what was told about this tree. */
static int
tree_status(const struct tree *tree, struct str *complaints)
{
	const struct strlist *problems = tree_problems(tree);

	for (size_t i = 0; i < problems->count; i++)
		tree_complain(complaints, problems->items[i]);
	return problems->count == 0 ? 0 : 2;
}

static void
heads_text(const struct tree *tree, const struct tree_list *heads, bool verbose,
	struct str *out)
{
	for (size_t i = 0; i < heads->count; i++) {
		if (verbose)
			tree_text_long(tree, heads->items[i], false, out);
		else
			tree_text_line(tree, heads->items[i], TREE_TEXT_LABELS, out);
		str_add_char(out, '\n');
	}
}

int
command_heads(const struct setup *setup, const struct tree_question *question,
	struct str *out, struct str *complaints)
{
	struct tree *tree = setup_load_tree(setup);
	struct tree_list heads = { 0 };
	struct error error = { 0 };

	if (tree == NULL)
		return tree_complain(complaints, setup->config_problem);
	if (question->resolve_dependencies)
		place_resolve_all(tree, "heads", &heads, &error);
	const struct tree_list *told =
		question->resolve_dependencies ? &heads : tree_heads(tree);
	if (question->json)
		evidence_print(revision_json_list(tree, told, NULL), out);
	else
		heads_text(tree, told, question->verbose, out);
	int status = tree_status(tree, complaints);
	error_clear(&error);
	tree_list_free(&heads);
	tree_free(tree);
	return status;
}
