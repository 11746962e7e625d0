#include "pgrunbook/app/find.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/app/revisions.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/text.h"

/* A list that can be searched, thing by thing. */
struct find_list {
	size_t (*count)(const struct app *app);
	size_t (*at)(const struct app *app); /* where the cursor stands */
	bool (*matches)(const struct app *app, size_t thing);
	void (*select)(struct app *app, size_t thing);
};

bool
find_in(const char *needle, const char *text)
{
	return text != NULL && text_find(text, needle) != NULL;
}

static bool
session_matches(const char *needle, const struct session *session)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", session->pid);
	return find_in(needle, pid) || find_in(needle, session->query) ||
	       find_in(needle, session->application) ||
	       find_in(needle, session->user) || find_in(needle, session->database) ||
	       find_in(needle, session->client) ||
	       find_in(needle, session->wait_event) ||
	       find_in(needle, session_state_words(session->state));
}

static bool
lock_matches(const char *needle, const struct lock_row *row)
{
	if (row->session != NULL && session_matches(needle, row->session))
		return true;
	if (row->prepared != NULL && find_in(needle, row->prepared->gid))
		return true;
	for (size_t i = 0; i < row->hold_count; i++) {
		if (find_in(needle, row->holds[i].object))
			return true;
	}
	return row->wait != NULL &&
	       (find_in(needle, row->wait->object) || find_in(needle, row->wait->mode));
}

static bool
progress_matches(const struct app *app, size_t row)
{
	const char *needle = app->find.needle;
	struct progress_row at;

	if (!app_progress_row(app, row, &at))
		return false;
	if (at.migration != NULL && session_matches(needle, at.migration->session))
		return true;
	const struct progress *progress = at.progress;
	if (progress == NULL)
		return false;
	if (progress->session != NULL && session_matches(needle, progress->session))
		return true;
	return find_in(needle, progress->command) ||
	       find_in(needle, progress->relation) || find_in(needle, progress->part) ||
	       find_in(needle, progress->phase) || find_in(needle, progress->database);
}

static bool
replication_matches(
	const char *needle, const struct replication *replication, size_t at)
{
	const struct replication_row row = replication_row(replication, at);
	char *identity = replication_row_identity(replication, at);
	bool matches = find_in(needle, identity);

	free(identity);
	if (matches || row.kind != REPLICATION_ROW_REPLICA)
		return matches;
	const struct replica *replica = &replication->items[row.index];
	return find_in(needle, replica->state) || find_in(needle, replica->slot) ||
	       find_in(needle, replica->client) ||
	       find_in(needle, replica->application) ||
	       find_in(needle, replica_cause_words(replica->cause));
}

static size_t
pane_count(const struct app *app)
{
	return app_pane_rows(app, app->focus);
}

static size_t
pane_at(const struct app *app)
{
	return app->panes[app->focus].row;
}

static bool
pane_matches(const struct app *app, size_t row)
{
	const char *needle = app->find.needle;
	enum vital vital;

	switch (app->focus) {
	case PANE_SESSIONS:
		return session_matches(needle, app_session_at(app, row));
	case PANE_LOCKS:
		return lock_matches(needle, lock_forest_row(app->snapshot->locks, row));
	case PANE_REPLICAS:
		return replication_matches(needle, &app->snapshot->replication, row);
	case PANE_PROGRESS:
		return progress_matches(app, row);
	case PANE_RUNBOOK:
		return find_in(needle, app->runbook->steps[row].title);
	case PANE_LOG:
		return find_in(needle, app->entries[row].body);
	case PANE_OVERVIEW:
		return find_in(needle,
			app_overview_vital(app, row, &vital)
				? vital_name(vital)
				: app->alerts.items[app_overview_alert(row)].text);
	default:
		return false;
	}
}

static void
pane_select(struct app *app, size_t row)
{
	app_move_to(app, app->focus, row);
}

static size_t
output_count(const struct app *app)
{
	return output_lines(&app->output);
}

static size_t
over_at(const struct app *app)
{
	return app->over.row;
}

static bool
output_matches(const struct app *app, size_t line)
{
	return find_in(app->find.needle, output_line(&app->output, line));
}

static void
over_select(struct app *app, size_t row)
{
	app_over_to(app, row);
}

static size_t
runbooks_count(const struct app *app)
{
	return app->runbooks.count;
}

static bool
runbooks_match(const struct app *app, size_t row)
{
	return find_in(app->find.needle, app->runbooks.items[row]);
}

static size_t
tables_count(const struct app *app)
{
	return app->tables.candidate_count;
}

static bool
tables_match(const struct app *app, size_t row)
{
	return find_in(app->find.needle, app->tables.candidates[row].name);
}

static size_t
choice_count(const struct app *app)
{
	return app->tree == NULL ? 0 : tree_order(app->tree)->count;
}

static bool
choice_matches(const struct app *app, size_t row)
{
	return app->revisions_view.hits != NULL &&
	       app->revisions_view.hits[tree_order(app->tree)->items[row]];
}

/* NULL: a text whose rows only the view knows. */
static const struct find_list *
find_list(const struct app *app)
{
	static const struct find_list
		revisions = { app_revisions_things, app_revisions_thing,
			app_revisions_thing_matches, app_revisions_select },
		pane = { pane_count, pane_at, pane_matches, pane_select },
		output = { output_count, over_at, output_matches, over_select },
		runbooks = { runbooks_count, over_at, runbooks_match, over_select },
		tables = { tables_count, over_at, tables_match, over_select },
		choice = { choice_count, over_at, choice_matches, over_select };

	switch (app->overlay) {
	case OVERLAY_NONE:
		return app->focus == PANE_REVISIONS ? &revisions : &pane;
	case OVERLAY_OUTPUT:
		return &output;
	case OVERLAY_RUNBOOKS:
		return &runbooks;
	case OVERLAY_TABLES:
		return &tables;
	case OVERLAY_REVISIONS:
		return &choice;
	case OVERLAY_HELP:
	case OVERLAY_DETAIL:
		break;
	}
	return NULL;
}

/* How many match, and the number of the one at `thing` among them. */
static void
find_say(struct app *app, const struct find_list *list, size_t thing, bool wrapped,
	int direction)
{
	size_t count = list->count(app), matches = 0, number = 0;

	for (size_t i = 0; i < count; i++) {
		matches += list->matches(app, i);
		if (i == thing)
			number = matches;
	}
	app_say(app, false, "match %zu of %zu%s", number, matches,
		!wrapped	? ""
		: direction > 0 ? ", from the top again"
				: ", from the end again");
}

/* Whether what the scripts call is searched here. */
static bool
find_in_scripts(const struct app *app)
{
	return app->overlay == OVERLAY_REVISIONS ||
	       (app->overlay == OVERLAY_NONE && app->focus == PANE_REVISIONS);
}

static void
find_nothing(struct app *app)
{
	int revision;
	bool reading = find_in_scripts(app) && app_calls_next(app, &revision);

	app->find.missed = reading;
	app_say(app, true, "no match for \"%s\"%s", app->find.needle,
		reading ? " yet: the scripts are being read" : "");
}

/* From the thing at `from` on, round the end; that one itself only if `here`. */
static void
find_from(struct app *app, size_t from, int direction, bool here)
{
	const struct find_list *list = find_list(app);
	size_t count = list->count(app);

	app->find.missed = false;
	for (size_t i = here ? 0 : 1; i < count + (here ? 0 : 1); i++) {
		size_t step = direction > 0 ? i : count - i;
		size_t thing = (from + step) % count;
		bool wrapped = direction > 0 ? thing < from : thing > from;

		if (!list->matches(app, thing))
			continue;
		list->select(app, thing);
		find_say(app, list, thing, wrapped, direction);
		return;
	}
	find_nothing(app);
}

/* Takes over the needle. */
static void
find_set(struct app *app, char *needle)
{
	if (needle != NULL && *needle == '\0') {
		free(needle);
		needle = NULL;
	}
	free(app->find.needle);
	app->find.needle = needle;
	app_revisions_find(app);
}

void
app_find_open(struct app *app)
{
	struct find *find = &app->find;
	const struct pane_state *state =
		app->overlay == OVERLAY_NONE ? &app->panes[app->focus] : &app->over;

	free(find->before);
	free(find->origin);
	find->before = alloc_copy(find->needle);
	find->origin = alloc_copy(state->selected);
	find->origin_row = state->row;
	find->origin_top = state->top;
	find->origin_open = app->revisions_view.open.count;
	app_want_calls(app);
	app_line_open(app, LINE_FIND, "/", "");
}

/* Puts the cursor back to where it stood when the line was opened. */
static void
find_go_back(struct app *app)
{
	const struct find *find = &app->find;
	struct pane_state *state =
		app->overlay == OVERLAY_NONE ? &app->panes[app->focus] : &app->over;

	free(state->selected);
	state->selected = alloc_copy(find->origin);
	state->row = find->origin_row;
	state->top = find->origin_top;
	app_revisions_close_after(app, find->origin_open);
	if (app->overlay == OVERLAY_NONE)
		app_settle_pane(app, app->focus);
}

void
app_find_typed(struct app *app, const char *text)
{
	const struct find_list *list = find_list(app);

	find_go_back(app);
	find_set(app, alloc_copy(text));
	if (app->find.needle == NULL)
		return;
	if (list == NULL) {
		app->find.over_direction = 1;
		app->find.over_from = app->over.top;
	} else if (list->count(app) == 0) {
		find_nothing(app);
	} else {
		find_from(app, list->at(app), 1, true);
	}
}

void
app_find_enter(struct app *app, const char *text)
{
	/* Nothing typed: on with what was looked for before. */
	if (*text == '\0') {
		find_set(app, alloc_copy(app->find.before));
		app_find_next(app, 1);
	} else if (app->find.needle == NULL || strcmp(app->find.needle, text) != 0) {
		app_find_typed(app, text);
	}
}

void
app_find_again(struct app *app)
{
	app_revisions_find(app);
	/* Whoever went on to something else meanwhile keeps the cursor there. */
	if (!app->find.missed || !find_in_scripts(app))
		return;
	free(app->message);
	app->message = NULL;
	find_from(app, find_list(app)->at(app), 1, true);
}

void
app_find_leave(struct app *app)
{
	find_go_back(app);
	find_set(app, NULL);
}

void
app_find_next(struct app *app, int direction)
{
	const struct find_list *list = find_list(app);

	if (app->find.needle == NULL) {
		app_say(app, true, "nothing is looked for: / begins a search");
	} else if (list == NULL) {
		app->find.over_direction = direction;
		app->find.over_from = app->over.top + (direction > 0 ? 1 : 0);
	} else if (list->count(app) == 0) {
		find_nothing(app);
	} else {
		find_from(app, list->at(app), direction, false);
	}
}

bool
app_find_end(struct app *app)
{
	if (app->find.needle == NULL)
		return false;
	find_set(app, NULL);
	return true;
}

void
app_find_over(struct app *app, size_t row)
{
	bool wrapped = app->find.over_direction > 0 ? row < app->find.over_from
						    : row >= app->find.over_from;

	app->find.over_direction = 0;
	if (row == SIZE_MAX) {
		find_nothing(app);
		return;
	}
	app_over_to(app, row);
	if (wrapped)
		app_say(app, false, "%s", "round the end of the text");
}
