/* What needs the operator: the rounds of app->alerts, and the bell. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/alert_rules.h"
#include "pgrunbook/model/tree_problems.h"
#include "pgrunbook/model/version_choose.h"

/* Something that is wrong as such, beyond any threshold; takes over the texts. */
static void
app_find(struct app *app, struct alert *alert)
{
	if (alerts_wants(&app->alerts, alert, ALERT_ABOVE)) {
		alerts_add(&app->alerts, alert);
		return;
	}
	free(alert->name);
	free(alert->text);
	free(alert->advice);
}

static void
app_find_log(struct app *app)
{
	/* What came back stands last; the path before it is in the message. */
	const char *reason =
		app->log_problem == NULL ? NULL : strrchr(app->log_problem, ':');

	if (app->log_problem == NULL)
		return;
	app_find(app,
		&(struct alert){
			.kind = ALERT_LOG,
			.severe = true,
			.text = alloc_printf(
				"the incident log can't be written: %s; no step that "
				"changes anything starts",
				reason == NULL || reason[1] != ' ' ? app->log_problem
								   : reason + 2),
		});
}

static void
app_find_moved(struct app *app)
{
	if (app->moved == NULL)
		return;
	app_find(app, &(struct alert){
			      .kind = ALERT_MOVED,
			      .severe = app->moved_badly,
			      .text = alloc_printf("%s (Esc: seen)", app->moved),
		      });
}

static void
app_find_tree(struct app *app)
{
	const struct tree_problem *defect =
		app->tree == NULL ? NULL : tree_first_defect(app->tree);

	if (app->tree_problem != NULL)
		app_find(app, &(struct alert){
				      .kind = ALERT_TREE,
				      .severe = true,
				      .name = alloc_copy("problem"),
				      .text = alloc_copy(app->tree_problem),
			      });
	if (defect == NULL)
		return;
	size_t count = tree_problems(app->tree)->count;
	app_find(app,
		&(struct alert){
			.kind = ALERT_TREE,
			.severe = true,
			.text = count == 1
					? alloc_copy(defect->text)
					: alloc_printf("%s (and %zu more problem%s of "
						       "the tree)",
						  defect->text, count - 1,
						  count == 2 ? "" : "s"),
		});
}

/* Why the rows aren't known, where somebody can do something about it. */
static char *
app_table_trouble(const struct app *app)
{
	const struct version_rows *rows = &app->snapshot->version;

	if (rows->table == VERSION_TABLE_SEVERAL)
		return alloc_printf("%zu tables look like Alembic's version table: "
				    ":version-table chooses one",
			rows->candidate_count);
	if (rows->table == VERSION_TABLE_NOT_PERMITTED)
		return alloc_printf("the version table needs %s", rows->grant);
	if (rows->table == VERSION_TABLE_OTHER || rows->table == VERSION_TABLE_UNSAFE)
		return version_problem(app->tree, rows, NULL);
	return NULL;
}

static void
app_find_table(struct app *app)
{
	char *trouble = app_table_trouble(app);

	if (trouble != NULL)
		app_find(app, &(struct alert){
				      .kind = ALERT_VERSION_TABLE, .text = trouble });
}

/* Where what the tree doesn't have was found; how to have it here is to be copied, and
 * so has a row of its own. */
static void
app_find_git(struct app *app)
{
	for (size_t i = 0; i < app->git.count; i++) {
		const struct git_found *found = &app->git.items[i];

		if (!strlist_has(&app->status.unknown, found->id))
			continue;
		app_find(app, &(struct alert){
				      .kind = ALERT_REVISION,
				      .name = alloc_copy(found->id),
				      .text = git_found_words(found, app->now_us),
			      });
		char *command = git_found_command(found);
		if (command != NULL)
			app_find(
				app, &(struct alert){
					     .kind = ALERT_REVISION,
					     .name = alloc_printf("%s: how", found->id),
					     .text = alloc_printf(
						     "%s: %s", found->id, command),
				     });
		free(command);
	}
}

/* A frozen picture doesn't silence what happens behind it. */
static const struct snapshot *
app_newest(const struct app *app)
{
	return app->latest != NULL ? app->latest : app->snapshot;
}

/* The server's clock by the newest snapshot, which a frozen picture's ages don't
 * follow. */
static int64_t
app_newest_now_us(const struct app *app)
{
	const struct snapshot *newest = app_newest(app);

	return newest->server_now_us + app->now_us - newest->taken_us;
}

bool
app_see_gone_standbys(struct app *app)
{
	return app_newest(app) != NULL &&
	       standbys_see(&app->standbys, app_newest_now_us(app));
}

/* A lost server's troubles stand as they were when it was last seen. */
static void
app_find_server(struct app *app)
{
	const struct snapshot *newest = app_newest(app);

	if (app->lost != NULL) {
		app_find(app,
			&(struct alert){
				.kind = ALERT_LOST,
				.severe = true,
				.shown = true,
				.text = alloc_printf(
					"the server is lost: %s", app->lost),
				.advice = alloc_copy("The console goes on trying to "
						     "reach it by itself."),
				.age_us = app->now_us - app->lost_since_us,
			});
		alerts_keep_server(&app->alerts);
		return;
	}
	if (newest != NULL)
		alert_rules_apply(&app->alerts, newest, &app->standbys,
			&app->settings.thresholds, app_newest_now_us(app));
}

void
app_judge_alerts(struct app *app)
{
	alerts_begin(&app->alerts);
	app_find_log(app);
	app_find_moved(app);
	app_find_tree(app);
	app_find_server(app);
	if (app->snapshot != NULL) {
		app_find_table(app);
		app_find_git(app);
	}
	alerts_end(&app->alerts, app->now_us);
}

size_t
app_banner_rows(const struct app *app)
{
	size_t rows = 0;

	for (size_t i = 0; i < app->alerts.raised; i++)
		rows += !app->alerts.items[i].shown;
	return rows;
}

void
app_mute(struct app *app, bool mute)
{
	app->muted = mute;
	app_say(app, false,
		mute ? "the bell is muted; alerts are still shown"
		     : "a new severe alert rings the bell");
}

void
app_turn_mute(struct app *app, int unused)
{
	(void)unused;
	app_mute(app, !app->muted);
}
