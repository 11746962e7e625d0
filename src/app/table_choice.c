#include "pgrunbook/app/table_choice.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/version_choose.h"

void
table_choice_init(struct table_choice *choice, struct app *app, struct pg_watch *watch,
	const struct setup *setup)
{
	*choice = (struct table_choice){
		.app = app,
		.watch = watch,
		.setup = setup,
		.source = setup->version_source,
	};
}

static void
table_choice_several(struct table_choice *choice, const struct version_rows *rows)
{
	struct app *app = choice->app;
	struct version_rows taken;

	version_rows_copy(&taken, rows);
	char *words = version_settle(app->tree, &taken);
	bool settled = words != NULL;
	if (settled) {
		app_say(app, false, "%s", words);
		pg_watch_set_table(choice->watch, taken.name);
		choice->source = VERSION_FOUND;
	}
	version_rows_free(&taken);
	free(words);
	if (settled)
		return;
	/* Not over a question, a line that is typed, or what is being read. */
	if (choice->asked || app->overlay != OVERLAY_NONE ||
		app->ask.purpose != ASK_NOTHING || app->line.purpose != LINE_NONE)
		return;
	choice->asked = true;
	app_choose_table(app, rows);
}

static bool
name_matches(const char *given, const char *read)
{
	char *schema, *name, *read_schema, *read_name;
	bool known = version_name_parse(given, &schema, &name);
	bool same = version_name_parse(read, &read_schema, &read_name) && known &&
		    strcmp(name, read_name) == 0 &&
		    (schema == NULL || strcmp(schema, read_schema) == 0);

	free(schema);
	free(name);
	free(read_schema);
	free(read_name);
	return same;
}

static void
table_choice_remember(struct table_choice *choice)
{
	struct error error = { 0 };
	const char *name = choice->unproven;

	if (setup_remember_table(choice->setup, name, &error))
		app_say(choice->app, false,
			"%s is remembered for you on this database; version_table in "
			"the settings names it for everybody",
			name);
	else
		app_say(choice->app, true, "%s is taken, but not remembered: %s", name,
			error.message);
	error_clear(&error);
	free(choice->unproven);
	choice->unproven = NULL;
}

static void
table_choice_forget(struct table_choice *choice)
{
	struct app *app = choice->app;

	choice->source = VERSION_FOUND;
	choice->asked = false;
	if (choice->unproven != NULL)
		app_say(app, true,
			"there is no version table %s: looking for another one",
			choice->unproven);
	else
		app_say(app, true,
			"the version table that was chosen is not there: looking "
			"for another one");
	free(choice->unproven);
	choice->unproven = NULL;
	pg_watch_set_table(choice->watch, NULL);
}

void
table_choice_follow(struct table_choice *choice)
{
	struct app *app = choice->app;
	const struct snapshot *snapshot =
		app->latest != NULL ? app->latest : app->snapshot;

	if (snapshot == NULL)
		return;
	if (snapshot->version.table == VERSION_TABLE_SEVERAL) {
		table_choice_several(choice, &snapshot->version);
	} else if (snapshot->version.table == VERSION_TABLE_MISSING &&
		   choice->source == VERSION_FROM_CHOICE) {
		table_choice_forget(choice);
	} else if (snapshot->version.table == VERSION_TABLE_READ &&
		   choice->unproven != NULL &&
		   name_matches(choice->unproven, snapshot->version.name)) {
		table_choice_remember(choice);
	}
}

void
table_choice_take(struct table_choice *choice, const char *name)
{
	char *unproven = alloc_copy(name);

	free(choice->unproven);
	choice->unproven = unproven;
	choice->source = VERSION_FROM_CHOICE;
	pg_watch_set_table(choice->watch, name);
}

void
table_choice_free(struct table_choice *choice)
{
	free(choice->unproven);
	choice->unproven = NULL;
}
