#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/migration_call.h"
#include "pgrunbook/model/runbook.h"
#include "pgrunbook/model/shell_words.h"

bool
runbook_input_is_revision(const char *name)
{
	static const char *const others[] = { "app", "file", "image", "package", "pod",
		"release", "server", "tag" };
	static const char *const revisions[] = { "revision", "version", "rev_id" };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (strcasestr(name, others[i]) != NULL)
			return false;
	}
	for (size_t i = 0; i < sizeof(revisions) / sizeof(revisions[0]); i++) {
		if (strcasestr(name, revisions[i]) != NULL)
			return true;
	}
	if (strncasecmp(name, "head", 4) == 0)
		return strspn(name + 4, "0123456789") == strlen(name + 4);
	return strcasecmp(name, "target") == 0 || strcasecmp(name, "rev") == 0;
}

void
runbook_literal_revisions(const struct step *step, struct strlist *revisions)
{
	struct migration_call *calls;
	struct shell_words words;
	size_t count;

	if (step->kind == STEP_ACTION && step->action.target != NULL) {
		struct migration_call call = { .alembic = true };

		if (step->action.target[0] == '<')
			return;
		strlist_add(&call.targets, step->action.target);
		migration_call_literals(&call, revisions);
		strlist_free(&call.targets);
	}
	if (step->kind != STEP_SHELL)
		return;
	shell_words_read(step->command, &words);
	count = migration_calls(&words, &calls);
	for (size_t i = 0; i < count; i++)
		migration_call_literals(&calls[i], revisions);
	migration_calls_free(calls, count);
	shell_words_free(&words);
}

static enum danger
danger_of_text(enum step_kind kind, const char *command)
{
	struct error error = { 0 };
	struct action action;
	enum danger danger = DANGER_CHANGE;

	switch (kind) {
	case STEP_ATTEST:
		return DANGER_READ;
	case STEP_SHELL:
		return danger_of_shell(command);
	case STEP_SQL:
		return danger_of_sql(command);
	case STEP_ACTION:
		break;
	}
	if (action_parse(command, &action, &error)) {
		danger = danger_of_action(&action);
		action_free(&action);
	}
	error_clear(&error);
	return danger;
}

enum danger
runbook_filled_danger(const struct step *step, const char *command)
{
	enum danger danger = danger_of_text(step->kind, command);

	/* The author may know a command to only read that isn't known here. */
	if (danger == DANGER_CHANGE && step->danger == DANGER_READ &&
		danger_of_text(step->kind, step->command) == DANGER_CHANGE)
		return DANGER_READ;
	return danger > step->danger ? danger : step->danger;
}
