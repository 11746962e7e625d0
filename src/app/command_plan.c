#include "pgrunbook/app/command_plan.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/command_tree.h"
#include "pgrunbook/app/evidence.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/plan.h"
#include "pgrunbook/model/tree_problems.h"

/* "a, b", or "base" */
static void
plan_add_rows(struct str *out, const struct strlist *rows)
{
	char *list = strlist_join(rows, ", ");

	str_printf(out, "rows after: %s\n", *list ? list : "base");
	free(list);
}

static void
plan_text(const struct tree *tree, const struct plan *plan, struct str *out)
{
	for (size_t i = 0; i < plan->count; i++) {
		plan_step_text(tree, plan, i, out);
		str_add_char(out, '\n');
	}
	if (plan->count == 0)
		str_add(out, "nothing to run\n");
	plan_add_rows(out, &plan->rows_after);
	for (size_t i = 0; i < plan->dangers.count; i++) {
		const struct plan_danger *danger = &plan->dangers.items[i];

		str_printf(out, "%s%s\n", plan_danger_is_note(danger) ? "note: " : "! ",
			danger->text);
	}
}

/* `rows` are those before the step, and then those after it. */
static json_t *
plan_json_step(
	const struct tree *tree, const struct plan_step *step, struct strlist *rows)
{
	const struct script *script = &tree_at(tree, step->revision)->script;
	size_t line = strcspn(script->message, "\n");
	char *message = alloc_copy_bytes(script->message, line);
	json_t *value = json_object();

	json_object_set_new(value, "revision", evidence_text(script->revision));
	json_object_set_new(value, "from", evidence_list(&step->from));
	json_object_set_new(value, "to", evidence_list(&step->to));
	json_object_set_new(value, "message", evidence_text(message));
	plan_step_move(tree, step, rows);
	json_object_set_new(value, "rows_after", evidence_list(rows));
	free(message);
	return value;
}

/* The dangers, or the notes. */
static json_t *
plan_json_dangers(const struct tree *tree, const struct plan *plan, bool notes)
{
	json_t *list = json_array();

	for (size_t i = 0; i < plan->dangers.count; i++) {
		const struct plan_danger *danger = &plan->dangers.items[i];
		json_t *value;

		if (plan_danger_is_note(danger) != notes)
			continue;
		value = json_object();
		json_t *ids = json_array();
		for (size_t k = 0; k < danger->revisions.count; k++)
			json_array_append_new(ids,
				evidence_text(tree_at(tree, danger->revisions.items[k])
						      ->script.revision));
		json_object_set_new(
			value, "kind", json_string(plan_danger_name(danger->kind)));
		json_object_set(value, "revision", json_array_get(ids, 0));
		json_object_set_new(value, "revisions", ids);
		json_object_set_new(value, "text", evidence_text(danger->text));
		json_array_append_new(list, value);
	}
	return list;
}

/*
 * `refusal` is NULL if the plan is fine.  Unless it was made nothing would happen, and
 * the rows stay.
 */
static void
plan_json(const struct tree *tree, const struct plan *plan, bool made,
	const char *refusal, struct str *out)
{
	json_t *value = json_object();
	json_t *steps = json_array();
	struct strlist rows = { 0 };

	strlist_copy(&rows, &plan->rows_before);
	for (size_t i = 0; i < plan->count; i++)
		json_array_append_new(
			steps, plan_json_step(tree, &plan->steps[i], &rows));
	strlist_free(&rows);
	json_object_set_new(value, "direction",
		json_string(plan->direction == PLAN_UPGRADE ? "upgrade" : "downgrade"));
	json_object_set_new(value, "target", evidence_text(plan->target));
	json_object_set_new(value, "rows_before", evidence_list(&plan->rows_before));
	json_object_set_new(value, "steps", steps);
	json_object_set_new(value, "rows_after",
		evidence_list(made ? &plan->rows_after : &plan->rows_before));
	json_object_set_new(value, "dangers", plan_json_dangers(tree, plan, false));
	json_object_set_new(value, "notes", plan_json_dangers(tree, plan, true));
	json_object_set_new(value, "refused", json_boolean(refusal != NULL));
	json_object_set_new(
		value, "error", refusal ? evidence_text(refusal) : json_null());
	evidence_print(value, out);
}

/* Why the plan is not to be run; NULL: it is fine.  Points into the plan or the error.
 */
static const char *
plan_refusal(const struct plan *plan, const struct error *error)
{
	if (error->message)
		return error->message;
	return plan->refused ? plan->dangers.items[0].text : NULL;
}

static int
plan_tell(const struct tree *tree, const struct tree_question *question,
	const struct version_rows *version, struct str *out, struct str *complaints)
{
	struct error error = { 0 };
	struct plan plan;
	enum plan_direction direction =
		strcmp(question->word1, "upgrade") == 0 ? PLAN_UPGRADE : PLAN_DOWNGRADE;
	int status = 0;

	bool made =
		plan_make_at(tree, direction, question->word2, version, &plan, &error);
	const char *refusal = plan_refusal(&plan, &error);
	if (question->json)
		plan_json(tree, &plan, made, refusal, out);
	else if (made)
		plan_text(tree, &plan, out);
	if (refusal && tree_fatal_problem(tree)) {
		status = 2; /* what is wrong with it was said when it was read */
	} else if (refusal) {
		struct error why = { 0 };

		error_set(&why, made ? "refused: %s" : "%s", refusal);
		command_complain(complaints, &why);
		status = 1;
	}
	plan_free(&plan);
	error_clear(&error);
	return status;
}

/* A row that was given is one that somebody typed: a wrong one is no state. */
static bool
plan_check_rows(
	const struct tree *tree, const struct strlist *rows, struct error *error)
{
	struct str near = { 0 };

	for (size_t i = 0; i < rows->count; i++) {
		if (tree_find(tree, rows->items[i]) != TREE_NONE)
			continue;
		tree_suggest(tree, rows->items[i], &near);
		error_set(error, "--at: there is no revision %s; a row is a whole id%s",
			rows->items[i], str_text(&near));
		str_free(&near);
		return false;
	}
	return true;
}

int
command_plan(const struct setup *setup, const struct tree_question *question,
	struct str *out, struct str *complaints)
{
	struct version_rows version = { 0 };
	struct error error = { 0 };
	struct tree *tree;
	int status = 2;

	if (strcmp(question->word1, "upgrade") != 0 &&
		strcmp(question->word1, "downgrade") != 0) {
		error_set(&error, "plan upgrade or plan downgrade, not \"%s\"",
			question->word1);
		return command_complain(complaints, &error);
	}
	tree = command_load_tree(setup, complaints, &status);
	if (tree == NULL)
		return 2;
	if (command_read_version(setup, tree, question, &version, &error) &&
		(!question->at || tree_fatal_problem(tree) ||
			plan_check_rows(tree, &version.rows, &error)))
		status = plan_tell(tree, question, &version, out, complaints);
	else
		status = command_complain(complaints, &error);
	version_rows_free(&version);
	tree_free(tree);
	return status;
}

bool
command_plan_asks(const struct tree_question *question)
{
	return question->at == NULL;
}
