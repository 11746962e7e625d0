/* The rows of the pane Sessions, and what its keys do. */
#include "pgrunbook/app/sessions.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"

void
sessions_view_free(struct sessions_view *view)
{
	session_filter_free(view->filter);
	free(view->filter_text);
	session_keys_free(&view->open);
	session_keys_free(&view->marks);
	session_rows_free(&view->rows);
	session_held_free(view->held);
	*view = (struct sessions_view){ 0 };
}

void
app_sessions_relist(struct app *app)
{
	struct sessions_view *view = &app->sessions_view;
	const struct session_choice choice = {
		.filter = view->filter,
		.order = view->order,
		.hide_idle = view->hide_idle,
		.hide_own = view->hide_own,
		.server = view->server,
		.unfolded = view->unfolded,
		.open = &view->open,
	};

	if (app->snapshot == NULL)
		return;
	session_keys_keep(&view->open, &app->snapshot->sessions);
	session_keys_keep(&view->marks, &app->snapshot->sessions);
	session_rows_make(&app->snapshot->sessions, &choice,
		app->snapshot->server_now_us, &view->rows);
}

void
app_sessions_take_held(struct app *app, struct snapshot *snapshot)
{
	struct sessions_view *view = &app->sessions_view;

	if (snapshot->held == NULL ||
		!session_key_same(snapshot->held->key, view->held_key))
		return;
	session_held_free(view->held);
	view->held = snapshot->held;
	snapshot->held = NULL;
}

void
app_sessions_again(struct app *app)
{
	if (app->sessions_view.held_key.pid != 0)
		app_request(app, REQUEST_HELD);
}

void
app_sessions_follow_held(struct app *app)
{
	struct sessions_view *view = &app->sessions_view;
	const struct session *session =
		app->overlay == OVERLAY_DETAIL && app->focus == PANE_SESSIONS
			? app_selected_session(app)
			: NULL;
	struct session_key key = { 0 };

	if (session != NULL)
		key = session_key_of(session);
	if (session_key_same(key, view->held_key))
		return;
	session_held_free(view->held);
	view->held = NULL;
	view->held_key = key;
	app_sessions_again(app);
}

const struct session_row *
app_session_row(const struct app *app, size_t row)
{
	const struct session_rows *rows = &app->sessions_view.rows;

	return row < rows->count ? &rows->items[row] : NULL;
}

const struct session *
app_session_at(const struct app *app, size_t row)
{
	const struct session_row *at = app_session_row(app, row);

	return at == NULL ? NULL : at->session;
}

char *
app_sessions_identity(const struct app *app, size_t row)
{
	const struct session *session = app_session_at(app, row);

	return alloc_printf("%d/%" PRId64, session->pid, session->backend_start_us);
}

static struct session_key
session_key_read(const char *identity)
{
	char *rest;
	long pid = strtol(identity, &rest, 10);

	return (struct session_key){ .pid = (int)pid,
		.backend_start_us = *rest == '/' ? strtoll(rest + 1, NULL, 10) : 0 };
}

ptrdiff_t
app_sessions_find_row(const struct app *app, const char *identity, size_t near)
{
	return session_rows_find(
		&app->sessions_view.rows, session_key_read(identity), near);
}

const struct session *
app_session_of(const struct app *app, const char *identity)
{
	if (app->snapshot == NULL || identity == NULL)
		return NULL;
	return session_find_key(&app->snapshot->sessions, session_key_read(identity));
}

const struct session *
app_selected_session(const struct app *app)
{
	const struct pane_state *state = &app->panes[PANE_SESSIONS];

	if (!state->gone)
		return app_session_at(app, state->row);
	/* What is read goes on being shown, whatever is listed behind it. */
	return app->overlay == OVERLAY_DETAIL ? app_session_of(app, state->selected)
					      : NULL;
}

bool
app_session_marked(const struct app *app, const struct session *session)
{
	const struct session_keys *marks = &app->sessions_view.marks;

	return marks->count != 0 && session_keys_has(marks, session_key_of(session));
}

char *
app_sessions_words(const struct app *app)
{
	const struct sessions_view *view = &app->sessions_view;
	struct str words = { 0 };
	char *order = session_order_words(&view->order);

	if (view->marks.count != 0)
		str_printf(&words, "%zu marked, ", view->marks.count);
	if (view->filter != NULL || view->hide_idle || view->hide_own)
		str_printf(&words, "%zu of %zu", view->rows.listed, view->rows.all);
	if (view->filter != NULL)
		str_printf(&words, " with %s", view->filter_text);
	if (view->hide_idle || view->hide_own)
		str_printf(&words, " without %s%s%s", view->hide_idle ? "idle" : "",
			view->hide_idle && view->hide_own ? " and " : "",
			view->hide_own ? "own" : "");
	if (view->filter != NULL || view->hide_idle || view->hide_own)
		str_add(&words, ", ");
	if (order != NULL)
		str_printf(&words, "by %s, ", order);
	free(order);
	if (words.length == 0)
		return NULL;
	words.bytes[words.length - 2] = '\0';
	return str_take(&words);
}

char *
app_sessions_empty(const struct app *app)
{
	const struct sessions_view *view = &app->sessions_view;
	const char *problem = app->snapshot->problems[SNAPSHOT_OF_SESSIONS];

	if (problem != NULL)
		return alloc_printf("sessions could not be read: %s", problem);
	if (view->rows.all == 0)
		return alloc_copy("no session is connected");
	if (view->filter == NULL)
		return alloc_printf("all %zu sessions are hidden: %s lists them",
			view->rows.all,
			view->hide_idle && view->hide_own ? "i and o"
			: view->hide_idle		  ? "i"
							  : "o");
	return alloc_printf("none of %zu sessions fits %s%s: \":filter\" alone lists "
			    "them again",
		view->rows.all, view->filter_text,
		view->hide_idle || view->hide_own ? ", and some are hidden (i, o)"
						  : "");
}

/* The cursor stays where it is in the list if what it stood on isn't listed any more.
 */
static void
sessions_choose(struct app *app)
{
	struct pane_state *state = &app->panes[PANE_SESSIONS];

	app_sessions_relist(app);
	if (state->selected != NULL &&
		app_sessions_find_row(app, state->selected, state->row) < 0 &&
		app->sessions_view.rows.count != 0)
		app_move_to(app, PANE_SESSIONS, state->row);
	app_settle_pane(app, PANE_SESSIONS);
}

void
app_sessions_filter(struct app *app, const char *argument)
{
	struct sessions_view *view = &app->sessions_view;
	struct error error = { 0 };
	struct session_filter *filter =
		*argument == '\0' ? NULL : session_filter_parse(argument, &error);

	if (filter == NULL && *argument != '\0') {
		app_say(app, true, "filter, %s", error.message);
		error_clear(&error);
		return;
	}
	session_filter_free(view->filter);
	free(view->filter_text);
	view->filter = filter;
	view->filter_text = filter == NULL ? NULL : alloc_copy(argument);
	sessions_choose(app);
	if (app->snapshot != NULL)
		app_say(app, false, "%zu of %zu sessions are listed%s",
			view->rows.listed, view->rows.all,
			filter == NULL ? "" : ": \":filter\" alone lists all");
}

void
app_sessions_sort(struct app *app, const char *argument)
{
	struct session_order order;
	struct error error = { 0 };

	if (!session_order_parse(argument, &order, &error)) {
		app_say(app, true, "sort, %s", error.message);
		error_clear(&error);
		return;
	}
	app->sessions_view.order = order;
	sessions_choose(app);
}

void
app_sessions_complete_filter(
	const struct app *app, const char *word, struct strlist *candidates)
{
	session_filter_complete(word,
		app->snapshot == NULL ? NULL : &app->snapshot->sessions, candidates);
}

void
app_sessions_complete_sort(const char *word, struct strlist *candidates)
{
	for (int i = 0; i < SESSION_FIELD_COUNT; i++) {
		const char *name = session_field_name((enum session_field)i);

		if (strncmp(name, word, strlen(word)) == 0)
			strlist_add(candidates, name);
	}
}

static void
sessions_say_order(struct app *app)
{
	char *words = session_order_words(&app->sessions_view.order);

	if (words == NULL)
		app_say(app, false,
			"the migration first, then who waits, idle in transaction, "
			"active, idle");
	else
		app_say(app, false, "sorted by %s", words);
	free(words);
}

static void
sessions_next_order(struct app *app)
{
	struct session_order *order = &app->sessions_view.order;

	*order = session_order_next(order);
	sessions_choose(app);
	sessions_say_order(app);
}

static void
sessions_turn_order(struct app *app)
{
	struct session_order *order = &app->sessions_view.order;

	if (!order->chosen) {
		app_say(app, false, "s chooses a column to sort by first");
		return;
	}
	order->descending = !order->descending;
	sessions_choose(app);
	sessions_say_order(app);
}

static void
sessions_toggle(struct app *app, bool *what, const char *on, const char *off)
{
	*what = !*what;
	sessions_choose(app);
	app_say(app, false, "%s", *what ? on : off);
}

/* The leader of the selected row, or the row itself; NULL: none is selected. */
static const struct session *
sessions_leader(const struct app *app)
{
	size_t row = app->panes[PANE_SESSIONS].row;
	const struct session_row *at = app_session_row(app, row);

	while (at != NULL && at->worker)
		at = app_session_row(app, --row);
	return at == NULL ? NULL : at->session;
}

static void
sessions_fold(struct app *app, bool open)
{
	struct sessions_view *view = &app->sessions_view;
	const struct session *leader = sessions_leader(app);

	if (leader == NULL)
		return;
	struct session_key key = session_key_of(leader);
	ptrdiff_t row =
		session_rows_find(&view->rows, key, app->panes[PANE_SESSIONS].row);
	if (view->rows.items[row].workers == 0) {
		app_say(app, false, "%d has no parallel workers", leader->pid);
		return;
	}
	if (open) {
		session_keys_add(&view->open, key);
	} else {
		/* Of all that were opened one is folded again: the others stay. */
		for (size_t i = 0; view->unfolded && i < view->rows.count; i++) {
			if (view->rows.items[i].workers != 0)
				session_keys_add(&view->open,
					session_key_of(view->rows.items[i].session));
		}
		view->unfolded = false;
		session_keys_remove(&view->open, key);
		app_move_to(app, PANE_SESSIONS, (size_t)row);
	}
	sessions_choose(app);
}

static void
sessions_fold_all(struct app *app)
{
	session_keys_free(&app->sessions_view.open);
	sessions_toggle(app, &app->sessions_view.unfolded,
		"parallel workers have rows of their own",
		"parallel workers are folded under their leader");
}

static void
sessions_mark(struct app *app)
{
	struct pane_state *state = &app->panes[PANE_SESSIONS];
	const struct session *session = app_selected_session(app);

	if (session == NULL) {
		app_say_gone(app, PANE_SESSIONS);
		return;
	}
	struct session_key key = session_key_of(session);
	if (!session_keys_remove(&app->sessions_view.marks, key))
		session_keys_add(&app->sessions_view.marks, key);
	if (app->overlay == OVERLAY_NONE &&
		state->row + 1 < app->sessions_view.rows.count)
		app_move_to(app, PANE_SESSIONS, state->row + 1);
}

/* A leader's end is its workers'; our own and the server's can't be ended. */
static void
sessions_mark_all(struct app *app)
{
	struct sessions_view *view = &app->sessions_view;

	for (size_t i = 0; i < view->rows.count; i++) {
		const struct session_row *row = &view->rows.items[i];

		if (!row->worker && !row->session->own &&
			!session_is_server(row->session))
			session_keys_add(&view->marks, session_key_of(row->session));
	}
	app_say(app, false,
		"%zu marked: C cancels, T terminates, u takes the marks back",
		view->marks.count);
}

static void
sessions_unmark(struct app *app)
{
	size_t count = app->sessions_view.marks.count;

	session_keys_free(&app->sessions_view.marks);
	app_say(app, false, "%zu mark%s taken back", count, count == 1 ? "" : "s");
}

/* The marked ones, in the order of the list; else the selected one. */
static void
sessions_end(struct app *app, bool terminate)
{
	const struct session_list *list =
		app->snapshot == NULL ? NULL : &app->snapshot->sessions;
	const struct session *selected = app_selected_session(app);
	size_t marked = app->sessions_view.marks.count, count = 0;

	/* What is read in full is what is meant. */
	if (list == NULL || marked == 0 || app->overlay == OVERLAY_DETAIL) {
		app_ask_end(app, terminate, &selected, selected == NULL ? 0 : 1);
		return;
	}
	const struct session **sessions =
		alloc_zeroed(marked, sizeof(const struct session *));
	for (size_t i = 0; i < list->count && count < marked; i++) {
		if (app_session_marked(app, &list->items[i]))
			sessions[count++] = &list->items[i];
	}
	app_ask_end(app, terminate, sessions, count);
	free(sessions);
}

void
app_sessions_act(struct app *app, int action)
{
	struct sessions_view *view = &app->sessions_view;

	switch ((enum action_id)action) {
	case ACT_CANCEL:
	case ACT_TERMINATE:
		sessions_end(app, action == ACT_TERMINATE);
		break;
	case ACT_MARK:
		sessions_mark(app);
		break;
	case ACT_MARK_ALL:
		sessions_mark_all(app);
		break;
	case ACT_UNMARK:
		sessions_unmark(app);
		break;
	case ACT_SORT:
		sessions_next_order(app);
		break;
	case ACT_SORT_TURN:
		sessions_turn_order(app);
		break;
	case ACT_HIDE_IDLE:
		sessions_toggle(app, &view->hide_idle, "idle sessions are hidden",
			"idle sessions are listed");
		break;
	case ACT_HIDE_OWN:
		sessions_toggle(app, &view->hide_own,
			"the console's own sessions are hidden",
			"the console's own sessions are listed");
		break;
	case ACT_SERVER:
		sessions_toggle(app, &view->server,
			"the server's own processes are listed",
			"the server's own processes are left out");
		break;
	case ACT_FOLD_SESSIONS:
		sessions_fold_all(app);
		break;
	case ACT_FOLD_OPEN_SESSION:
		sessions_fold(app, true);
		break;
	case ACT_FOLD_CLOSE_SESSION:
		sessions_fold(app, false);
		break;
	default:
		break;
	}
}
