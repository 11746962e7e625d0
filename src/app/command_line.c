/* The ':' command line: one table of commands, with their completion. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/model/place.h"
#include "pgrunbook/model/plan.h"

enum argument {
	ARGUMENT_NONE,
	ARGUMENT_TEXT,
	ARGUMENT_RUNBOOK,
	ARGUMENT_REVISION,
	ARGUMENT_PLAN, /* upgrade or downgrade, then a revision */
	ARGUMENT_FILTER,
	ARGUMENT_COLUMN
};

struct command {
	const char *name;
	enum argument argument;
	const char *usage;
	void (*run)(struct app *app, const char *argument);
};

static void
command_action(struct app *app, enum action_id action)
{
	app_act(app, action);
}

static void
command_abort(struct app *app, const char *argument)
{
	if (app->runbook == NULL)
		app_say(app, true, "no run to abort");
	else if (*argument == '\0')
		command_action(app, ACT_ABORT);
	else
		app_request(app, REQUEST_ABORT)->text = alloc_copy(argument);
}

static void
command_cancel(struct app *app, const char *argument)
{
	app_end_command(app, false, argument);
}

static void
command_terminate(struct app *app, const char *argument)
{
	app_end_command(app, true, argument);
}

static void
command_every(struct app *app, const char *argument)
{
	int64_t interval;
	char every[DURATION_TEXT], slow[DURATION_TEXT];

	if (!duration_parse(argument, &interval) || interval < 100000 ||
		interval > 3600 * INT64_C(1000000)) {
		app_say(app, true, "\"%s\" is no interval: 100ms to 1h, such as 2s",
			argument);
		return;
	}
	app->interval_us = interval;
	app_request(app, REQUEST_INTERVAL)->number = interval;
	duration_every(interval, every);
	if (app->snapshot != NULL && app->snapshot->slow &&
		app->snapshot->every_us > interval)
		app_say(app, false, "every %s; as long as the server is slow, every %s",
			every, duration_every(app->snapshot->every_us, slow));
	else
		app_say(app, false, "every %s from now on", every);
}

static void
command_help(struct app *app, const char *argument)
{
	(void)argument;
	command_action(app, ACT_HELP);
}

static void
command_mute(struct app *app, const char *argument)
{
	if (*argument == '\0')
		command_action(app, ACT_MUTE);
	else if (strcmp(argument, "on") == 0 || strcmp(argument, "off") == 0)
		app_mute(app, strcmp(argument, "on") == 0);
	else
		app_say(app, true, "mute \"%s\"? mute, mute on or mute off", argument);
}

static void
command_note(struct app *app, const char *argument)
{
	if (*argument == '\0')
		command_action(app, ACT_NOTE);
	else
		app_request(app, REQUEST_NOTE)->text = alloc_copy(argument);
}

static void
command_quit(struct app *app, const char *argument)
{
	(void)argument;
	app_request(app, REQUEST_QUIT);
}

static void
command_refresh(struct app *app, const char *argument)
{
	(void)argument;
	app_request(app, REQUEST_REFRESH);
}

static const char *
runbook_path(const struct app *app, const char *wanted)
{
	for (size_t i = 0; i < app->runbooks.count; i++) {
		char *name = runbook_name_of(app->runbooks.items[i]);
		bool same = strcmp(name, wanted) == 0;

		free(name);
		if (same)
			return app->runbooks.items[i];
	}
	return NULL;
}

static void
command_runbook(struct app *app, const char *argument)
{
	const char *path = runbook_path(app, argument);

	if (*argument == '\0')
		command_action(app, ACT_RUNBOOKS);
	else if (path == NULL)
		app_say(app, true, "there is no runbook \"%s\": R lists them",
			argument);
	else
		app_request(app, REQUEST_OPEN_RUNBOOK)->text = alloc_copy(path);
}

char *
app_target_refused(const struct app *app, bool upgrade, const char *target)
{
	struct error error = { 0 };
	struct plan plan;
	char *why = NULL;

	if (app->tree == NULL || app->snapshot == NULL ||
		app->snapshot->version.table != VERSION_TABLE_READ)
		return NULL;
	if (!plan_make(app->tree, upgrade ? PLAN_UPGRADE : PLAN_DOWNGRADE, target,
		    &app->snapshot->version.rows, &plan, &error))
		why = alloc_copy(error.message);
	else if (plan.count == 0)
		why = alloc_printf("there is nothing to %s: the database is at %s",
			upgrade ? "upgrade" : "downgrade", target);
	error_clear(&error);
	plan_free(&plan);
	return why;
}

/* Never runs bare: opens the runbook for it, with the target filled in. */
static void
command_migrate(struct app *app, bool upgrade, const char *argument)
{
	const char *runbook = upgrade ? "upgrade" : "backup-then-downgrade";
	const char *path = runbook_path(app, runbook);
	struct error error = { 0 };
	const struct strlist *rows =
		app->snapshot == NULL ? NULL : &app->snapshot->version.rows;
	int revision = TREE_NONE;
	bool given = *argument != '\0';

	if (path == NULL) {
		app_say(app, true, "the runbook \"%s\" is not in the runbook folders",
			runbook);
		return;
	}
	if (given && app->tree == NULL) {
		app_say(app, true,
			"the revision tree isn't read: \"%s\" can't be resolved",
			argument);
		return;
	}
	if (given && !place_resolve(app->tree, argument, rows, &revision, &error)) {
		app_say(app, true, "%s", error.message);
		error_clear(&error);
		return;
	}
	char *refused = given ? app_target_refused(app, upgrade, argument) : NULL;
	if (refused != NULL) {
		app_say(app, true, "%s", refused);
		free(refused);
		return;
	}
	struct request *request = app_request(app, REQUEST_OPEN_RUNBOOK);
	request->text = alloc_copy(path);
	if (given)
		request->value = alloc_copy(
			revision == TREE_NONE
				? "base"
				: tree_at(app->tree, revision)->script.revision);
}

static void
command_downgrade(struct app *app, const char *argument)
{
	command_migrate(app, false, argument);
}

static void
command_upgrade(struct app *app, const char *argument)
{
	command_migrate(app, true, argument);
}

static void
command_table(struct app *app, const char *argument)
{
	const struct version_rows *rows =
		app->snapshot == NULL ? NULL : &app->snapshot->version;
	char *schema, *name;

	if (*argument == '\0' && rows != NULL && rows->candidate_count > 1) {
		app_choose_table(app, rows);
	} else if (*argument == '\0') {
		app_say(app, rows == NULL || rows->name == NULL,
			"the version table: %s; version-table NAME takes another one",
			rows == NULL || rows->name == NULL ? "none" : rows->name);
	} else if (!version_name_parse(argument, &schema, &name)) {
		app_say(app, true, "\"%s\" is no table: SCHEMA.NAME, or NAME",
			argument);
	} else {
		app_request(app, REQUEST_TABLE)->text = alloc_copy(argument);
		free(schema);
		free(name);
	}
}

static void
command_goto(struct app *app, const char *argument)
{
	if (*argument == '\0')
		app_say(app, true, "go where? A revision, a label, head, base, -1 ...");
	else
		app_revisions_goto(app, argument);
}

static const struct command commands[] = {
	{ "abort", ARGUMENT_TEXT, "abort [REASON]", command_abort },
	{ "cancel", ARGUMENT_TEXT, "cancel PID...", command_cancel },
	{ "downgrade", ARGUMENT_REVISION, "downgrade [REVISION]", command_downgrade },
	{ "every", ARGUMENT_TEXT, "every INTERVAL", command_every },
	{ "filter", ARGUMENT_FILTER, "filter [TERM...]", app_sessions_filter },
	{ "goto", ARGUMENT_REVISION, "goto REVISION", command_goto },
	{ "help", ARGUMENT_NONE, "help", command_help },
	{ "migration", ARGUMENT_TEXT, "migration PID|off", app_migration_command },
	{ "mute", ARGUMENT_TEXT, "mute [on|off]", command_mute },
	{ "note", ARGUMENT_TEXT, "note TEXT", command_note },
	{ "plan", ARGUMENT_PLAN, "plan [upgrade|downgrade REVISION]",
		app_plan_command },
	{ "quit", ARGUMENT_NONE, "quit", command_quit },
	{ "refresh", ARGUMENT_NONE, "refresh", command_refresh },
	{ "runbook", ARGUMENT_RUNBOOK, "runbook [NAME]", command_runbook },
	{ "sort", ARGUMENT_COLUMN, "sort [COLUMN [asc|desc]]", app_sessions_sort },
	{ "terminate", ARGUMENT_TEXT, "terminate PID...", command_terminate },
	{ "upgrade", ARGUMENT_REVISION, "upgrade [REVISION]", command_upgrade },
	{ "version-table", ARGUMENT_TEXT, "version-table [NAME]", command_table },
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

/* An unambiguous beginning is enough; *count says how many begin so. */
static const struct command *
command_find(const char *word, size_t length, size_t *count)
{
	const struct command *found = NULL;

	*count = 0;
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strncmp(commands[i].name, word, length) != 0)
			continue;
		if (commands[i].name[length] == '\0') {
			*count = 1;
			return &commands[i];
		}
		found = &commands[i];
		++*count;
	}
	return found;
}

void
app_command(struct app *app, const char *line)
{
	size_t count;

	line += strspn(line, " \t:");
	size_t length = strcspn(line, " \t");
	if (length == 0)
		return;
	const struct command *command = command_find(line, length, &count);
	if (count != 1) {
		app_say(app, true,
			count == 0 ? "there is no command \"%.*s\": Tab lists them"
				   : "\"%.*s\" begins several commands: Tab lists them",
			(int)length, line);
		return;
	}
	const char *rest = line + length + strspn(line + length, " \t");
	size_t end = strlen(rest);
	while (end != 0 && (rest[end - 1] == ' ' || rest[end - 1] == '\t'))
		end--;
	char *argument = alloc_copy_bytes(rest, end);
	if (command->argument == ARGUMENT_NONE && *argument != '\0')
		app_say(app, true, "\"%s\" takes no argument", command->name);
	else
		command->run(app, argument);
	free(argument);
}

static void
complete_add(struct strlist *candidates, const char *candidate, const char *word)
{
	if (strncmp(candidate, word, strlen(word)) == 0)
		strlist_add(candidates, candidate);
}

/* Ids, labels and what else may stand for a revision. */
static void
complete_revision(const struct app *app, const char *word, struct strlist *candidates)
{
	static const char *const symbols[] = { "base", "current", "head", "heads" };

	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++)
		complete_add(candidates, symbols[i], word);
	for (size_t i = 0; app->tree != NULL && i < tree_name_count(app->tree); i++) {
		int revision;

		complete_add(candidates, tree_name_at(app->tree, i, &revision), word);
	}
}

/* `line` up to the word: the first argument is the direction. */
static void
complete_plan(const struct app *app, const char *line, size_t word,
	struct strlist *candidates)
{
	size_t command = strcspn(line, " \t");

	if (command + strspn(line + command, " \t") >= word) {
		complete_add(candidates, "downgrade", line + word);
		complete_add(candidates, "upgrade", line + word);
	} else {
		complete_revision(app, line + word, candidates);
	}
}

static void
complete_argument(const struct app *app, enum argument argument, const char *word,
	struct strlist *candidates)
{
	if (argument == ARGUMENT_RUNBOOK) {
		for (size_t i = 0; i < app->runbooks.count; i++) {
			char *name = runbook_name_of(app->runbooks.items[i]);

			complete_add(candidates, name, word);
			free(name);
		}
	} else if (argument == ARGUMENT_REVISION) {
		complete_revision(app, word, candidates);
	} else if (argument == ARGUMENT_FILTER) {
		app_sessions_complete_filter(app, word, candidates);
	} else if (argument == ARGUMENT_COLUMN) {
		app_sessions_complete_sort(word, candidates);
	}
	strlist_sort(candidates);
}

void
app_complete(const struct app *app, const char *line, size_t word,
	struct strlist *candidates)
{
	size_t start = strspn(line, " \t:");
	size_t count;

	if (word <= start) {
		for (size_t i = 0; i < COMMANDS; i++)
			complete_add(candidates, commands[i].name, line + start);
		return;
	}
	const struct command *command =
		command_find(line + start, strcspn(line + start, " \t"), &count);
	if (count == 1 && command->argument == ARGUMENT_PLAN)
		complete_plan(app, line + start, word - start, candidates);
	else if (count == 1)
		complete_argument(app, command->argument, line + word, candidates);
}
