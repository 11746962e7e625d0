#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/command_tree.h"
#include "pgrunbook/app/version_look.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/drive/tree_load.h"
#include "pgrunbook/model/tree_problems.h"

static int
load_complain(struct str *complaints, const char *problem)
{
	char *clean = text_sanitized(problem);

	str_printf(complaints, "pgrunbook: %s\n", clean);
	free(clean);
	return 2;
}

int
command_complain(struct str *complaints, struct error *error)
{
	int status = load_complain(complaints, error->message);

	error_clear(error);
	return status;
}

/*
 * Whether nothing can be told: what was read doesn't fit together.  If something wasn't
 * read or understood that may be why, and the rest is told all the same.
 */
static bool
load_is_refused(const struct tree *tree)
{
	bool refused = false, dependency = false, labels = false;

	for (size_t i = 0; i < tree_problems(tree)->count; i++) {
		switch (tree_problem_at(tree, i)->kind) {
		case TREE_UNREADABLE:
		case TREE_BROKEN_FILE:
		case TREE_COMPUTED:
			return false;
		case TREE_COMPUTED_LABELS:
			labels = true;
			break;
		case TREE_MISSING_DEPENDENCY: /* may be such a label */
			dependency = true;
			break;
		case TREE_DUPLICATE_ID: /* Alembic warns, and takes the last */
			break;
		default:
			refused = true;
		}
	}
	return refused || (dependency && !labels);
}

/* What is wrong, a line each; of what is only worth knowing one line. */
static int
load_tell_problems(const struct tree *tree, struct str *complaints)
{
	const struct tree_problem *note = NULL;
	size_t notes = 0;
	int status = 0;

	for (size_t i = 0; i < tree_problems(tree)->count; i++) {
		const struct tree_problem *problem = tree_problem_at(tree, i);

		if (!tree_problem_is_note(problem)) {
			status = load_complain(complaints, problem->text);
			continue;
		}
		note = note ? note : problem;
		notes++;
	}
	if (note) {
		char *more = notes > 1 ? alloc_printf(" (and %zu more)", notes - 1)
				       : alloc_copy("");
		char *text = alloc_printf("warning: %s%s", note->text, more);

		load_complain(complaints, text);
		free(text);
		free(more);
	}
	return status;
}

/* Likely the wrong directory; to Alembic it is a tree like others. */
static void
load_note_empty(
	const struct setup *setup, const struct tree *tree, struct str *complaints)
{
	if (tree_count(tree) != 0 || tree_problems(tree)->count != 0)
		return;
	char *nothing = tree_load_nothing(&setup->config);
	load_complain(complaints, nothing);
	free(nothing);
}

struct tree *
command_load_tree(const struct setup *setup, struct str *complaints, int *status)
{
	struct tree *tree = setup_load_tree(setup);

	if (tree == NULL) {
		*status = load_complain(complaints, setup->config_problem);
		return NULL;
	}
	*status = load_tell_problems(tree, complaints);
	load_note_empty(setup, tree, complaints);
	if (!load_is_refused(tree))
		return tree;
	tree_free(tree);
	return NULL;
}

/* "a, b"; base is no row */
static void
load_split_rows(const char *text, struct strlist *rows)
{
	while (*text) {
		text += strspn(text, ", ");
		size_t length = strcspn(text, ", ");

		if (length && !(length == 4 && strncmp(text, "base", length) == 0))
			strlist_add_owned(rows, alloc_copy_bytes(text, length));
		text += length;
	}
}

bool
command_read_version(const struct setup *setup, const struct tree *tree,
	const struct tree_question *question, struct version_rows *version,
	struct error *error)
{
	if (!question->at)
		return version_look(setup, tree, version, error);
	load_split_rows(question->at, &version->rows);
	return true;
}

/* Says after an error where more is told of a row that the database has, not the tree.
 */
static void
load_hint_unknown(const struct tree *tree, const struct tree_question *question,
	const struct strlist *rows, struct error *error)
{
	bool unknown = false;

	for (size_t i = 0; i < rows->count; i++)
		unknown |= tree_find(tree, rows->items[i]) == TREE_NONE;
	if (question->at || !unknown)
		return;
	char *message = alloc_copy(error->message);
	error_set(error, "%s; `pgrunbook status` looks for it in git", message);
	free(message);
}

bool
command_end(struct tree *tree, const struct tree_question *question,
	struct strlist *rows, struct error *error, struct str *complaints)
{
	bool good = error->message == NULL;

	if (!good) {
		load_hint_unknown(tree, question, rows, error);
		command_complain(complaints, error);
	}
	strlist_free(rows);
	tree_free(tree);
	return good;
}

bool
command_read_rows(const struct setup *setup, const struct tree *tree,
	const struct tree_question *question, struct strlist *rows, struct error *error)
{
	struct version_rows version = { 0 };
	bool good = command_read_version(setup, tree, question, &version, error);

	if (good)
		strlist_copy(rows, &version.rows);
	version_rows_free(&version);
	return good;
}
