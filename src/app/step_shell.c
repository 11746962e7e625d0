/* A command of the runbook's own, run by bash. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/runner_parts.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/placeholder.h"

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

/* Whether the command will have it: what the step gives or takes away beats ours. */
static bool
shell_has_variable(const struct strlist *given, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = given->count; i-- > 0;) {
		const char *item = given->items[i];

		if (strncmp(item, name, length) == 0 &&
			(item[length] == '=' || item[length] == '\0'))
			return item[length] == '=';
	}
	return getenv(name) != NULL;
}

/* A variable that nobody set turns `rm -rf $DIR/` into something else. */
static bool
shell_variables_are_set(struct runner *runner)
{
	struct strlist names = { 0 };
	struct strlist given = { 0 };
	const char *unset = NULL;

	placeholder_variables(runner->command, &names);
	step_environment(runner, &given);
	for (size_t i = 0; i < names.count && unset == NULL; i++) {
		if (!shell_has_variable(&given, names.items[i]))
			unset = names.items[i];
	}
	strlist_free(&given);
	if (unset != NULL)
		step_drop(runner, true,
			"blocked: $%s is not set: set it before the console starts, or "
			"run "
			"the command by hand and skip the step with s",
			unset);
	strlist_free(&names);
	return unset == NULL;
}

void
step_shell_begin(struct runner *runner)
{
	const struct step *step = runner_step(runner);

	if (!shell_names_known_revisions(runner))
		return;
	runner->command = step_filled(runner, step->command);
	if (runner->command == NULL || !shell_variables_are_set(runner))
		return;
	step_ask_command(runner, step_shell_accepted);
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
	if (!identity_stands(runner, identity, why))
		return;
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
