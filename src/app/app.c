#include "pgrunbook/app/app.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/model/tree_problems.h"
#include "pgrunbook/model/version_choose.h"

void
app_init(struct app *app)
{
	*app = (struct app){ .step_running = -1, .rows = 24, .columns = 80 };
	settings_init(&app->settings);
	run_init(&app->run);
}

static void
app_clear_alerts(struct app *app)
{
	for (size_t i = 0; i < app->alert_count; i++)
		free(app->alerts[i].text);
	free(app->alerts);
	app->alerts = NULL;
	app->alert_count = 0;
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
	for (int i = 0; i < PANE_COUNT; i++)
		free(app->panes[i].selected);
	free(app->over.selected);
	app_clear_alerts(app);
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
	if (before != NULL)
		app_follow_server(app, &before->server, &snapshot->server);
	app_sessions_take_held(app, snapshot);
	lag_history_note(&app->lags, &snapshot->replication, snapshot->taken_us);
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
		app_take_snapshot(app, latest);
	}
}

void
app_connection_lost(struct app *app, const char *message)
{
	if (app->lost == NULL)
		app->lost_since_us = app->now_us;
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

static void
app_alert(struct app *app, bool severe, char *text)
{
	app->alerts =
		alloc_resize(app->alerts, app->alert_count + 1, sizeof(*app->alerts));
	app->alerts[app->alert_count++] =
		(struct alert){ .text = text, .severe = severe };
}

static void
app_alert_locks(struct app *app)
{
	const struct lock_forest *locks = app->snapshot->locks;
	const struct lock_row *worst = lock_forest_worst(locks);
	int64_t least = app->settings.lock_wait_us;
	char age[DURATION_TEXT];

	if (worst == NULL)
		return;
	for (size_t row = 0; row < lock_forest_rows(locks); row++) {
		if (lock_forest_row(locks, row) != worst)
			continue;
		int64_t wait = lock_row_wait_us(locks, row, app_server_now_us(app));
		if (wait >= 0 && wait < least)
			return;
		char *who = worst->pid != 0 ? alloc_printf("%d", worst->pid)
					    : alloc_printf("prepared transaction %s",
						      worst->prepared == NULL
							      ? "?"
							      : worst->prepared->gid);
		app_alert(app, true,
			alloc_printf("%s blocks %zu session%s for %s", who,
				worst->held_up, worst->held_up == 1 ? "" : "s",
				wait < 0 ? "an unknown time"
					 : duration_format(wait, age)));
		free(who);
		return;
	}
}

static void
app_alert_replicas(struct app *app)
{
	const struct replica *worst = replication_worst(&app->snapshot->replication);
	char bytes[BYTES_TEXT], age[DURATION_TEXT];

	if (worst == NULL)
		return;
	if (worst->cause == REPLICA_DISCONNECTED || worst->cause == REPLICA_PAUSED) {
		app_alert(app, worst->cause == REPLICA_DISCONNECTED,
			alloc_printf("%s is %s", worst->name,
				replica_cause_words(worst->cause)));
		return;
	}
	if (worst->lag_bytes < app->settings.replica_lag_bytes)
		return;
	app_alert(app, false,
		alloc_printf("%s is %s behind (%s, %s)", worst->name,
			bytes_format(worst->lag_bytes, bytes),
			worst->lag_us < 0 ? "time unknown"
					  : duration_format(worst->lag_us, age),
			replica_cause_words(worst->cause)));
}

/* Why the rows aren't known, where somebody can do something about it. */
static void
app_alert_table(struct app *app)
{
	const struct version_rows *rows = &app->snapshot->version;

	if (rows->table == VERSION_TABLE_SEVERAL)
		app_alert(app, false,
			alloc_printf("%zu tables look like Alembic's version table: "
				     ":version-table chooses one",
				rows->candidate_count));
	else if (rows->table == VERSION_TABLE_NOT_PERMITTED)
		app_alert(app, false,
			alloc_printf("the version table needs %s", rows->grant));
	else if (rows->table == VERSION_TABLE_OTHER)
		app_alert(app, false, version_problem(app->tree, rows, NULL));
}

/* Where what the tree doesn't have was found, and how to have it here. */
static void
app_alert_git(struct app *app)
{
	for (size_t i = 0; i < app->git.count; i++) {
		const struct git_found *found = &app->git.items[i];

		if (!strlist_has(&app->status.unknown, found->id))
			continue;
		app_alert(app, false, git_found_words(found, app->now_us));
		char *command = git_found_command(found);
		if (command != NULL)
			app_alert(
				app, false, alloc_printf("%s: %s", found->id, command));
		free(command);
	}
}

/* Worst first: what makes this console unsafe, then what hurts the database. */
static void
app_alerts(struct app *app)
{
	app_clear_alerts(app);
	if (app->log_problem != NULL) {
		/* What came back stands last; the path before it is in the message. */
		const char *reason = strrchr(app->log_problem, ':');

		app_alert(app, true,
			alloc_printf(
				"the incident log can't be written: %s; no step that "
				"changes anything starts",
				reason == NULL || reason[1] != ' ' ? app->log_problem
								   : reason + 2));
	}
	if (app->moved != NULL)
		app_alert(app, app->moved_badly,
			alloc_printf("%s (Esc: seen)", app->moved));
	if (app->tree_problem != NULL)
		app_alert(app, true, alloc_copy(app->tree_problem));
	if (app->snapshot != NULL) {
		app_alert_locks(app);
		app_alert_replicas(app);
		app_alert_table(app);
		app_alert_git(app);
	}
	const struct tree_problem *defect =
		app->tree == NULL ? NULL : tree_first_defect(app->tree);
	if (defect != NULL) {
		size_t count = tree_problems(app->tree)->count;

		app_alert(app, true,
			count == 1 ? alloc_copy(defect->text)
				   : alloc_printf("%s (and %zu more problem%s of "
						  "the tree)",
					     defect->text, count - 1,
					     count == 2 ? "" : "s"));
	}
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
	app_ask_next(app);
	ask_show(&app->ask, app->now_us);
	app_alerts(app);
	const struct layout_needs needs = { .focus = app->focus,
		.zoomed = app->zoomed,
		.alerts = (int)app->alert_count,
		.progress = (int)app_pane_rows(app, PANE_PROGRESS),
		.migration = app->migrations.list.count != 0 ||
			     app_migration_gone(app) != NULL };
	layout_make(app->rows, app->columns, &needs, &app->layout);
	for (int pane = 0; pane < PANE_COUNT; pane++)
		app_settle_pane(app, (enum pane_id)pane);
	app_follow_operations(app);
	app_sessions_follow_held(app);
}
