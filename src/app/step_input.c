/* The values that a step needs before it can be shown: asked for, checked, changed. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/evidence.h"
#include "pgrunbook/app/runner_parts.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/placeholder.h"

/* Where the picker's cursor starts: the value so far, else what is meant most often. */
static char *
input_suggested(const struct runner *runner, const char *name)
{
	const struct app *app = runner->app;
	const struct step *step = runner_step(runner);
	const char *value = run_input(&app->run, name);
	const struct tree_list *current = &app->status.current;

	if (value != NULL)
		return alloc_copy(value);
	if (step->kind == STEP_ACTION && step->action.kind == ACTION_UPGRADE &&
		tree_heads(app->tree)->count != 0)
		return alloc_copy(tree_at(app->tree, tree_heads(app->tree)->items[0])
					  ->script.revision);
	if (current->count == 0)
		return NULL;
	int revision = current->items[0];
	const struct tree_list *parents = &tree_at(app->tree, revision)->parents;
	if (step->kind == STEP_ACTION && step->action.kind == ACTION_DOWNGRADE &&
		parents->count != 0)
		revision = parents->items[0];
	return alloc_copy(tree_at(app->tree, revision)->script.revision);
}

static void
input_pick(struct runner *runner, const char *name)
{
	struct app *app = runner->app;
	const struct tree_list *order = tree_order(app->tree);
	char *suggested = input_suggested(runner, name);

	app->overlay = OVERLAY_REVISIONS;
	app->over.row = app->over.top = 0;
	for (size_t i = 0; suggested != NULL && i < order->count; i++) {
		if (strcmp(tree_at(app->tree, order->items[i])->script.revision,
			    suggested) == 0)
			app->over.row = i;
	}
	free(suggested);
}

static void
input_ask(struct runner *runner, const char *name)
{
	struct app *app = runner->app;
	const char *value = run_input(&app->run, name);

	if (runbook_input_is_revision(name) && app->tree != NULL) {
		input_pick(runner, name);
		return;
	}
	char *label = alloc_printf("%s: ", name);
	app_line_open(app, LINE_INPUT, label, value == NULL ? "" : value);
	free(label);
}

bool
step_inputs(struct runner *runner)
{
	struct app *app = runner->app;
	const struct step *step = runner_step(runner);

	for (size_t i = 0; i < step->inputs.count; i++) {
		const char *name = step->inputs.items[i];

		bool edited = runner->edit_next >= 0 && i >= (size_t)runner->edit_next;
		if (run_input(&app->run, name) != NULL && !edited)
			continue;
		runner->edit_next = edited ? (int)i : -1;
		free(app->input_name);
		app->input_name = alloc_copy(name);
		step_set_phase(runner, RUNNER_INPUT, "waits for a value");
		if (runner->target != NULL && runbook_input_is_revision(name)) {
			char *target = alloc_copy(runner->target);

			runner_input(runner, target);
			free(target);
		} else {
			input_ask(runner, name);
		}
		return false;
	}
	return true;
}

/* Why the step can't have this target; NULL: it can, or that is not known yet. */
static char *
input_refused(const struct runner *runner, const char *value)
{
	const struct app *app = runner->app;
	const struct step *step = runner_step(runner);

	if (step->kind != STEP_ACTION || !runbook_input_is_revision(app->input_name) ||
		(step->action.kind != ACTION_UPGRADE &&
			step->action.kind != ACTION_DOWNGRADE))
		return NULL;
	return app_target_refused(app, step->action.kind == ACTION_UPGRADE, value);
}

void
runner_input(struct runner *runner, const char *value)
{
	struct app *app = runner->app;

	if (runner->phase != RUNNER_INPUT || app->input_name == NULL)
		return;
	char *refused = input_refused(runner, value);
	if (refused != NULL) {
		size_t row = app->over.row, top = app->over.top;

		free(runner->target);
		runner->target = NULL;
		input_ask(runner, app->input_name);
		app->over.row = row;
		app->over.top = top;
		app_say(app, true, "%s: choose another", refused);
		free(refused);
		return;
	}
	json_t *attributes = step_attributes(runner);
	json_object_set_new(attributes, "input.name", evidence_text(app->input_name));
	json_object_set_new(attributes, "input.value", evidence_text(value));
	runner->phase = RUNNER_IDLE;
	/* Kept until it is written down: a full disk must not lose it. */
	if (!journal_write(runner->journal, EVENT_INPUT_GIVEN, ENTRY_INFO, attributes,
		    "%s = %s", app->input_name, value)) {
		step_drop(runner, true, "the incident log can't be written: %s",
			app->log_problem);
		return;
	}
	free(runner->target);
	runner->target = NULL;
	runner->edit_next += runner->edit_next >= 0;
	step_begin(runner);
}

void
runner_edit(struct runner *runner, int step)
{
	struct app *app = runner->app;

	if (runner->phase != RUNNER_IDLE || app->runbook == NULL || step < 0 ||
		(size_t)step >= app->runbook->step_count) {
		runner_do_step(runner, step); /* says what is under way */
		return;
	}
	const struct step *edited = &app->runbook->steps[step];
	if (edited->inputs.count == 0) {
		app_say(app, false, "step %d has no value to edit", edited->number);
		return;
	}
	runner->edit_next = 0;
	runner_do_step(runner, step);
}

char *
step_filled(struct runner *runner, const char *text)
{
	const struct run *run = &runner->app->run;
	struct error error = { 0 };
	char *filled = placeholder_fill(text, &run->input_names, &run->input_values,
		runner_step(runner)->kind == STEP_SHELL, &error);

	if (filled == NULL)
		step_drop(runner, true, "%s", error.message);
	error_clear(&error);
	return filled;
}
