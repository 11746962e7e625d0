/* A command of the runbook's own, run by bash. */
#include <stdlib.h>

#include "pgrunbook/app/runner_parts.h"
#include "pgrunbook/base/alloc.h"

/* A literal revision that the tree doesn't have marks an example. */
static bool
shell_names_known_revisions(struct runner *runner)
{
	const struct tree *tree = runner->app->tree;
	struct strlist named = { 0 };
	char *unknown = NULL;

	runbook_literal_revisions(runner_step(runner), &named);
	for (size_t i = 0; tree != NULL && i < named.count && unknown == NULL; i++) {
		if (tree_find(tree, named.items[i]) == TREE_NONE)
			unknown = alloc_copy(named.items[i]);
	}
	strlist_free(&named);
	if (unknown == NULL)
		return true;
	step_drop(runner, true,
		"blocked: the tree has no revision %s: the command is an "
		"example; run your own by hand and s skips the step",
		unknown);
	free(unknown);
	return false;
}

void
step_shell_begin(struct runner *runner)
{
	const struct step *step = runner_step(runner);

	if (!shell_names_known_revisions(runner))
		return;
	if (step->danger == DANGER_REFUSED && app_protected(runner->app)) {
		step_drop(runner, true, "refused in a protected environment: %s",
			step->command);
		return;
	}
	runner->command = step_filled(runner, step->command);
	if (runner->command == NULL)
		return;
	if (step->danger == DANGER_READ) {
		step_shell_accepted(runner);
		return;
	}
	struct ask ask = {
		.kind = step->danger == DANGER_CHANGE ? ASK_YES : ASK_TYPED,
		.severe = step->danger != DANGER_CHANGE,
		.title = alloc_printf("Run step %d?", step->number),
	};
	if (ask.kind == ASK_TYPED)
		ask.phrase = alloc_printf(
			"%s %d", runner->app->snapshot->server.database, step->number);
	step_ask(runner, &ask);
}

static void
shell_ended(struct runner *runner, const struct child_exit *exit)
{
	char *words = child_exit_words(exit);
	json_t *attributes = step_child_attributes(runner, exit);

	if (exit->signal == 0 && exit->status == 0)
		step_succeed(runner, attributes, "%s", words);
	else
		step_fail(runner, attributes, "%s", words);
	free(words);
}

/* The target may have moved while the question was open: a command is held against it.
 */
static void
shell_read_back(struct runner *runner, struct identity *identity, const char *why)
{
	(void)identity;
	if (why != NULL) {
		step_drop(runner, true,
			"nothing was run: the target can't be read back: %s", why);
		return;
	}
	strlist_add(&runner->argv, "bash");
	strlist_add(&runner->argv, "-o");
	strlist_add(&runner->argv, "pipefail");
	strlist_add(&runner->argv, "-c");
	strlist_add(&runner->argv, runner->command);
	if (step_started(runner))
		step_child(runner, shell_ended);
}

void
step_shell_accepted(struct runner *runner)
{
	step_set_phase(runner, RUNNER_READING_BACK, "reading the target back");
	identity_read(runner, shell_read_back);
}
