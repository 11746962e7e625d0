/* What the panes list, row by row, and where their cursors stand. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/alloc.h"

size_t
app_pane_rows(const struct app *app, enum pane_id pane)
{
	switch (pane) {
	case PANE_REVISIONS:
		return app->revisions.count;
	case PANE_SESSIONS:
		return app->sessions_view.rows.count;
	case PANE_LOCKS:
		return app->snapshot == NULL ? 0
					     : lock_forest_rows(app->snapshot->locks);
	case PANE_REPLICAS:
		return app->snapshot == NULL
			       ? 0
			       : replication_rows(&app->snapshot->replication);
	case PANE_PROGRESS:
		return app_progress_rows(app);
	case PANE_RUNBOOK:
		return app->runbook == NULL ? 0 : app->runbook->step_count;
	case PANE_LOG:
		return app->entry_count;
	case PANE_OVERVIEW:
		return app_overview_rows(app);
	case PANE_COUNT:
		break;
	}
	return 0;
}

static char *
lock_identity(const struct lock_row *row)
{
	if (row->pid == 0 && row->prepared != NULL)
		return alloc_printf("prepared %s", row->prepared->gid);
	return alloc_printf("%d/%" PRId64, row->pid, row->backend_start_us);
}

/* What a row is, whatever row it moves to; NULL for a row that is no thing. */
static char *
app_identity(const struct app *app, enum pane_id pane, size_t row)
{
	struct session_key key;

	if (row >= app_pane_rows(app, pane))
		return NULL;
	switch (pane) {
	case PANE_REVISIONS:
		return app_revisions_identity(app, row);
	case PANE_SESSIONS:
		return app_sessions_identity(app, row);
	case PANE_LOCKS:
		return lock_identity(lock_forest_row(app->snapshot->locks, row));
	case PANE_REPLICAS:
		return replication_row_identity(&app->snapshot->replication, row);
	case PANE_PROGRESS:
		key = app_progress_key(app, row);
		return alloc_printf("%d/%" PRId64, key.pid, key.backend_start_us);
	case PANE_RUNBOOK:
		return alloc_copy(app->runbook->steps[row].id);
	case PANE_OVERVIEW:
		return app_overview_identity(app, row);
	case PANE_LOG:
		return alloc_printf("%" PRIu64, app->entries[row].seq);
	case PANE_COUNT:
		break;
	}
	return NULL;
}

/* What a row is called, for when it is gone; NULL: what it is says its pane. */
static char *
app_thing_name(const struct app *app, enum pane_id pane, size_t row)
{
	const struct session *session = NULL;
	int pid;

	switch (pane) {
	case PANE_SESSIONS:
		session = app_session_at(app, row);
		return session == NULL ? NULL : session_name(session);
	case PANE_LOCKS:
		return lock_row_name(lock_forest_row(app->snapshot->locks, row));
	case PANE_PROGRESS:
		pid = app_progress_key(app, row).pid;
		session = session_find(&app->snapshot->sessions, pid);
		return session == NULL ? alloc_printf("%d", pid)
				       : session_name(session);
	case PANE_REPLICAS:
		return app_identity(app, pane, row);
	default:
		return NULL;
	}
}

/* The row of a thing, looked for at its old place first; -1: it is gone. */
static ptrdiff_t
app_find_row(
	const struct app *app, enum pane_id pane, const char *identity, size_t near)
{
	size_t rows = app_pane_rows(app, pane);

	if (pane == PANE_REVISIONS) /* there may be thousands */
		return app_revisions_find_row(app, identity);
	if (pane == PANE_SESSIONS)
		return app_sessions_find_row(app, identity, near);
	for (size_t i = 0; i < rows; i++) {
		size_t row = (near + i) % rows;
		char *other = app_identity(app, pane, row);
		bool same = other != NULL && strcmp(other, identity) == 0;

		free(other);
		if (same)
			return (ptrdiff_t)row;
	}
	return -1;
}

/* The first thing that the cursor should stand on when nothing was chosen. */
static size_t
app_first_choice(const struct app *app, enum pane_id pane)
{
	size_t rows = app_pane_rows(app, pane);

	if (pane == PANE_LOG && rows != 0)
		return rows - 1;
	if (pane == PANE_RUNBOOK) {
		int next = app->step_running >= 0
				   ? app->step_running
				   : run_next_step(&app->run, app->runbook);

		return next < 0 ? 0 : (size_t)next;
	}
	if (pane == PANE_REVISIONS && app->status.current.count != 0)
		return revisions_row_of(&app->revisions, app->status.current.items[0]);
	return 0;
}

static void
app_scroll(struct pane_state *state, size_t rows, size_t page)
{
	if (state->row < state->top)
		state->top = state->row;
	if (state->row >= state->top + page)
		state->top = state->row - page + 1;
	if (state->top + page > rows)
		state->top = rows > page ? rows - page : 0;
}

size_t
app_page_rows(const struct app *app, enum pane_id pane)
{
	int rows = layout_pane_rows(&app->layout, pane);

	if (pane == PANE_REVISIONS)
		rows -= app_plan_rows(app, rows);
	return rows < 1 ? 1 : (size_t)rows;
}

void
app_settle_pane(struct app *app, enum pane_id pane)
{
	struct pane_state *state = &app->panes[pane];
	size_t rows = app_pane_rows(app, pane);

	state->gone = false;
	if (rows == 0) {
		state->row = state->top = 0;
		return;
	}
	if (state->selected == NULL) {
		state->row = app_first_choice(app, pane);
	} else {
		ptrdiff_t row = app_find_row(app, pane, state->selected, state->row);

		state->gone = row < 0;
		state->row = row < 0 ? state->row : (size_t)row;
		if (row >= 0) {
			free(state->name);
			state->name = app_thing_name(app, pane, (size_t)row);
		}
	}
	if (state->row >= rows)
		state->row = rows - 1;
	app_scroll(state, rows, app_page_rows(app, pane));
}

void
app_move_to(struct app *app, enum pane_id pane, size_t row)
{
	struct pane_state *state = &app->panes[pane];
	size_t rows = app_pane_rows(app, pane);

	if (rows == 0)
		return;
	row = row < rows ? row : rows - 1;
	char *identity = app_identity(app, pane, row);
	/* At the log's end the cursor follows what comes. */
	if (pane == PANE_LOG && row == rows - 1) {
		free(identity);
		identity = NULL;
	}
	free(state->selected);
	state->selected = identity;
	state->row = row;
	app_settle_pane(app, pane);
}

/* Whether what a pane has selected is a session that is still there. */
static bool
app_session_stays(const struct app *app, enum pane_id pane)
{
	return app_session_of(app, app->panes[pane].selected) != NULL;
}

char *
app_gone_words(const struct app *app, enum pane_id pane)
{
	const char *name = app->panes[pane].name;
	const char *what = "is gone";

	if (pane == PANE_SESSIONS && app_session_stays(app, pane))
		what = "is not listed any more";
	else if (pane == PANE_LOCKS && app_session_stays(app, pane))
		what = "waits and blocks no more";
	else if (pane == PANE_PROGRESS && app_session_stays(app, pane))
		what = "has done: the server counts it no more";
	return alloc_printf("%s %s", name == NULL ? "the selected one" : name, what);
}

void
app_say_gone(struct app *app, enum pane_id pane)
{
	char *words = app_gone_words(app, pane);

	if (app->panes[pane].selected == NULL)
		app_say(app, true, "nothing is selected");
	else
		app_say(app, true, "nothing was done: %s", words);
	free(words);
}

int
app_selected_revision(const struct app *app)
{
	const struct pane_state *state = &app->panes[PANE_REVISIONS];

	return state->gone ? TREE_NONE : revisions_at(&app->revisions, state->row);
}

int
app_need_revision(struct app *app)
{
	int revision = app_selected_revision(app);

	if (revision == TREE_NONE)
		app_say(app, true,
			app->panes[PANE_REVISIONS].gone
				? "what was selected is gone: select a revision"
				: "no revision is selected");
	return revision;
}

const struct lock_row *
app_selected_lock(const struct app *app)
{
	const struct pane_state *state = &app->panes[PANE_LOCKS];

	if (state->gone || state->row >= app_pane_rows(app, PANE_LOCKS))
		return NULL;
	return lock_forest_row(app->snapshot->locks, state->row);
}

bool
app_selected_progress(const struct app *app, struct progress_row *at)
{
	const struct pane_state *state = &app->panes[PANE_PROGRESS];

	return !state->gone && app_progress_row(app, state->row, at);
}

int
app_selected_step(const struct app *app)
{
	return app->runbook == NULL || app->runbook->step_count == 0
		       ? -1
		       : (int)app->panes[PANE_RUNBOOK].row;
}
