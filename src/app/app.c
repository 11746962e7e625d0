#include "pgrunbook/app/app.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"

void
app_init(struct app *app)
{
	*app = (struct app){ .step_running = -1, .rows = 24, .columns = 80 };
	settings_init(&app->settings);
	run_init(&app->run);
}

void
app_forget_entries(struct app *app)
{
	for (size_t i = 0; i < app->entry_count; i++)
		entry_free(&app->entries[i]);
	free(app->entries);
	app->entries = NULL;
	app->entry_count = app->entry_capacity = 0;
	run_free(&app->run);
	run_init(&app->run);
}

void
app_forget_run(struct app *app)
{
	if (app->incident == NULL) {
		app_forget_entries(app);
		return;
	}
	run_free(&app->run);
	run_init(&app->run);
}

static void
app_forget_operations(struct app *app)
{
	free(app->operations_path);
	free(app->operations_problem);
	app->operations_path = app->operations_problem = NULL;
	script_operations_free(&app->operations);
	file_view_clear(&app->file_view);
}

void
app_free(struct app *app)
{
	settings_free(&app->settings);
	migrations_free(&app->migrations);
	snapshot_free(app->snapshot);
	snapshot_free(app->latest);
	lag_history_free(&app->lags);
	standbys_free(&app->standbys);
	free(app->target);
	free(app->lost);
	free(app->moved);
	status_free(&app->status);
	git_found_list_free(&app->git);
	version_rows_free(&app->tables);
	revisions_free(&app->revisions);
	if (app->tree != NULL)
		revisions_view_forget(&app->revisions_view, tree_count(app->tree));
	revisions_view_free(&app->revisions_view);
	sessions_view_free(&app->sessions_view);
	free(app->end_targets.items);
	free(app->find.needle);
	free(app->find.before);
	free(app->find.origin);
	tree_free(app->tree);
	free(app->tree_problem);
	app_forget_operations(app);
	for (int i = 0; i < PANE_COUNT; i++) {
		free(app->panes[i].selected);
		free(app->panes[i].name);
	}
	free(app->over.selected);
	alerts_free(&app->alerts);
	vitals_history_free(&app->history);
	ask_close(&app->ask);
	for (size_t i = 0; i < app->ask_count; i++)
		ask_close(&app->asks[i]);
	free(app->asks);
	free(app->line.label);
	free(app->line.text);
	free(app->message);
	strlist_free(&app->runbooks);
	runbook_free(app->runbook);
	free(app->step_phase);
	output_clear(&app->output);
	free(app->input_name);
	free(app->incident);
	free(app->log_problem);
	app_forget_entries(app);
	for (size_t i = 0; i < app->request_count; i++)
		request_free(&app->requests[i]);
	free(app->requests);
	*app = (struct app){ 0 };
}

/* The status is made when one of its two sides changes, not with every key. */
static void
app_judge(struct app *app)
{
	static const struct version_rows not_read = { .table = VERSION_TABLE_NOT_READ };

	status_free(&app->status);
	status_make(app->tree,
		app->snapshot == NULL ? &not_read : &app->snapshot->version,
		&app->status);
	app_revisions_judge(app);
}

/* Whether a second look at the version table found the same. */
static bool
app_same_version(const struct version_rows *a, const struct version_rows *b)
{
	return a->table == VERSION_TABLE_READ && b->table == VERSION_TABLE_READ &&
	       a->id_length == b->id_length && strlist_equal(&a->rows, &b->rows) &&
	       a->name != NULL && b->name != NULL && strcmp(a->name, b->name) == 0;
}

void
app_take_snapshot(struct app *app, struct snapshot *snapshot)
{
	const struct snapshot *before = app->latest ? app->latest : app->snapshot;

	free(app->lost);
	app->lost = NULL;
	app->lost_waits = false;
	if (before != NULL)
		app_follow_server(app, &before->server, &snapshot->server);
	app_sessions_take_held(app, snapshot);
	lag_history_note(&app->lags, &snapshot->replication, snapshot->taken_us);
	standbys_note(&app->standbys, snapshot);
	if (app->paused && app->snapshot != NULL) {
		snapshot_free(app->latest);
		app->latest = snapshot;
		return;
	}
	bool same = app->snapshot != NULL &&
		    app_same_version(&app->snapshot->version, &snapshot->version);
	app_migrations_leave(app, snapshot);
	snapshot_free(app->snapshot);
	app->snapshot = snapshot;
	app_migrations_relist(app);
	app_sessions_relist(app);
	vitals_history_take(&app->history, snapshot);
	if (!same)
		app_judge(app);
}

void
app_pause(struct app *app, bool paused)
{
	app->paused = paused;
	if (!paused && app->latest != NULL) {
		struct snapshot *latest = app->latest;

		app->latest = NULL;
		/* What was not drawn while the picture stood is not known. */
		vitals_history_gap(&app->history, app->snapshot->taken_us + 1);
		app_take_snapshot(app, latest);
	}
}

void
app_connection_lost(struct app *app, const char *message)
{
	if (app->lost == NULL) {
		app->lost_since_us = app->now_us;
		vitals_history_gap(&app->history, app->now_us);
	}
	free(app->lost);
	app->lost = alloc_copy(message);
	lag_history_note(&app->lags, NULL, app->now_us);
}

void
app_take_operations(
	struct app *app, struct script_operations *operations, const char *problem)
{
	script_operations_free(&app->operations);
	app->operations = *operations;
	*operations = (struct script_operations){ 0 };
	free(app->operations_problem);
	app->operations_problem = alloc_copy(problem);
}

/* Asks for what the script calls whose detail is open. */
static void
app_follow_operations(struct app *app)
{
	int revision = app->overlay == OVERLAY_DETAIL && app->focus == PANE_REVISIONS
			       ? app_selected_revision(app)
			       : TREE_NONE;
	const char *path = revision == TREE_NONE
				   ? NULL
				   : tree_at(app->tree, revision)->script.path;

	if (path == NULL || app->operations_path == NULL ||
		strcmp(path, app->operations_path) != 0)
		app_forget_operations(app);
	if (path == NULL || app->operations_path != NULL)
		return;
	app->operations_path = alloc_copy(path);
	app_request(app, REQUEST_OPERATIONS);
}

void
app_take_tree(struct app *app, struct tree *tree, const char *problem)
{
	/* The status points into the tree: it goes first. */
	status_free(&app->status);
	if (app->tree != NULL)
		revisions_view_forget(&app->revisions_view, tree_count(app->tree));
	tree_free(app->tree);
	free(app->tree_problem);
	app->tree = tree;
	app->tree_problem = alloc_copy(problem);
	app_forget_operations(app); /* a file may have changed */
	app_revisions_take(app);
	if (app->find.needle != NULL)
		app_want_calls(app);
	app_judge(app);
}

void
app_take_git(struct app *app, struct git_found_list *list)
{
	git_found_list_free(&app->git);
	app->git = *list;
	*list = (struct git_found_list){ 0 };
}

void
app_take_entry(struct app *app, struct entry *entry)
{
	run_apply(&app->run, entry);
	memcpy(app->log_head, entry->hash, sizeof(app->log_head));
	app->entries = alloc_room(app->entries, app->entry_count, &app->entry_capacity,
		sizeof(*app->entries));
	app->entries[app->entry_count++] = *entry;
	*entry = (struct entry){ 0 };
}

void
app_resize(struct app *app, int rows, int columns)
{
	app->rows = rows;
	app->columns = columns;
}

void
app_say(struct app *app, bool bad, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	char *message = alloc_vprintf(format, arguments);
	va_end(arguments);
	free(app->message);
	app->message = message;
	app->message_bad = bad;
	app->said_us = app->now_us;
}

/* Somebody may have looked away from an error, but not for that long. */
static void
app_settle_message(struct app *app)
{
	enum { GOOD_S = 15, BAD_S = 600 };
	int64_t stays = (app->message_bad ? BAD_S : GOOD_S) * INT64_C(1000000);

	if (app->message == NULL || app->now_us - app->said_us < stays)
		return;
	free(app->message);
	app->message = NULL;
}

struct request *
app_request(struct app *app, enum request_kind kind)
{
	app->requests = alloc_room(app->requests, app->request_count,
		&app->request_capacity, sizeof(*app->requests));
	struct request *request = &app->requests[app->request_count++];
	*request = (struct request){ .kind = kind };
	return request;
}

void
request_free(struct request *request)
{
	free(request->text);
	free(request->value);
	*request = (struct request){ 0 };
}

int64_t
app_age_us(const struct app *app)
{
	return app->snapshot == NULL ? -1 : app->now_us - app->snapshot->taken_us;
}

int64_t
app_server_now_us(const struct app *app)
{
	if (app->snapshot == NULL)
		return 0;
	/* A frozen picture keeps the ages that it was taken with. */
	if (app->paused || app->lost != NULL)
		return app->snapshot->server_now_us;
	return app->snapshot->server_now_us + app_age_us(app);
}

bool
app_protected(const struct app *app)
{
	return app->settings.protect;
}

unsigned
app_unseen_parts(const struct app *app)
{
	/* Side by side with others the pane opens as soon as there is something in it,
	 * and the header follows a migration. */
	bool progress = app->layout.framed || app->focus == PANE_PROGRESS ||
			app->migrations.list.count != 0;

	return progress ? 0 : SNAPSHOT_PROGRESS;
}

void
app_settle(struct app *app)
{
	app_settle_message(app);
	app_ask_next(app);
	ask_show(&app->ask, app->now_us);
	app_judge_alerts(app);
	const struct layout_needs needs = { .focus = app->focus,
		.zoomed = app->zoomed,
		.alerts = (int)app_banner_rows(app),
		.progress = (int)app_pane_rows(app, PANE_PROGRESS),
		.migration = app->migrations.list.count != 0 ||
			     app_migration_gone(app) != NULL };
	layout_make(app->rows, app->columns, &needs, &app->layout);
	for (int pane = 0; pane < PANE_COUNT; pane++)
		app_settle_pane(app, (enum pane_id)pane);
	app_follow_operations(app);
	app_sessions_follow_held(app);
}
