#include "pgrunbook/app/table_choice.h"

#include <stdlib.h>

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
		choice->source = VERSION_FOUND;
		choice->asked = false;
		app_say(app, true,
			"the version table that was chosen is not there: looking "
			"for another one");
		pg_watch_set_table(choice->watch, NULL);
	}
}

void
table_choice_take(struct table_choice *choice, const char *name)
{
	struct error error = { 0 };

	pg_watch_set_table(choice->watch, name);
	choice->source = VERSION_FROM_CHOICE;
	if (setup_remember_table(choice->setup, name, &error))
		app_say(choice->app, false,
			"%s is remembered for you on this database; version_table in "
			"the settings names it for everybody",
			name);
	else
		app_say(choice->app, true, "%s is taken, but not remembered: %s", name,
			error.message);
	error_clear(&error);
}
