#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/view/draw.h"
#include "pgrunbook/view/pane.h"

static const struct column columns[] = {
	{ .head = "", .width = 1 },
	{ .head = "PID", .width = -7 },
	{ .head = "STATE", .width = 10 },
	{ .head = "AGE", .width = -6, .rank = 1 },
	{ .head = "TX AGE", .width = -6, .rank = 5 },
	{ .head = "WAIT", .width = 13, .rank = 3 },
	{ .head = "WHO", .width = 10, .rank = 4 },
	{ .head = "CLIENT", .width = 15, .rank = 6 },
	{ .head = "QUERY", .width = 16, .rank = 2, .grows = true },
};

enum { COLUMN_WHO = 6, SESSION_COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static bool
session_waits_for_lock(const struct session *session)
{
	return session->wait_type != NULL && strcmp(session->wait_type, "Lock") == 0;
}

static char *
sessions_summary(const struct app *app)
{
	size_t active = 0, waiting = 0, in_transaction = 0, hidden = 0;

	if (app->snapshot == NULL)
		return NULL;
	const struct session_list *list = &app->snapshot->sessions;
	for (size_t i = 0; i < list->count; i++) {
		const struct session *session = &list->items[i];

		active += session->state == SESSION_ACTIVE;
		waiting += session_waits_for_lock(session);
		in_transaction += session->state == SESSION_IDLE_IN_TRANSACTION ||
				  session->state == SESSION_IDLE_IN_TRANSACTION_ABORTED;
		hidden += session->state == SESSION_STATE_UNKNOWN;
	}
	char *words = alloc_printf("%zu active, %zu waiting, %zu idle in transaction",
		active, waiting, in_transaction);
	if (hidden != 0 && !app->snapshot->server.monitor) {
		char *more = alloc_printf(
			"%s, %zu hidden (needs pg_monitor)", words, hidden);

		free(words);
		words = more;
	}
	return words;
}

static bool
session_of_server(const struct session *session)
{
	return session->state == SESSION_STATE_UNKNOWN &&
	       session->backend_type != NULL &&
	       strcmp(session->backend_type, "client backend") != 0;
}

/* What the session is for the operator: the migration before anything else. */
static const char *
session_words(const struct session *session, enum role *role)
{
	*role = ROLE_TEXT;
	if (session->migration) {
		*role = ROLE_MIGRATION;
		return "MIGRATION";
	}
	if (session->own) {
		*role = ROLE_DIM;
		return "console";
	}
	switch (session->state) {
	case SESSION_STATE_UNKNOWN:
		*role = ROLE_DIM;
		/* The server's own processes have no state; others hide theirs. */
		return session_of_server(session) ? "server" : "hidden";
	case SESSION_IDLE:
		*role = ROLE_DIM;
		break;
	case SESSION_IDLE_IN_TRANSACTION:
	case SESSION_IDLE_IN_TRANSACTION_ABORTED:
		*role = ROLE_WARNING;
		break;
	default:
		break;
	}
	return session_state_words(session->state);
}

static char *
session_wait(const struct session *session)
{
	/* The server's processes wait in their main loops, which is no news. */
	if (session->wait_type == NULL || strcmp(session->wait_type, "Activity") == 0)
		return alloc_copy("");
	/* An idle session waits for its client: its state says so already. */
	if (strcmp(session->wait_type, "Client") == 0 &&
		session->state != SESSION_ACTIVE)
		return alloc_copy("");
	return alloc_printf("%s %s", session->wait_type,
		session->wait_event == NULL ? "" : session->wait_event);
}

/* Nothing where there is nothing to be old: a dash in every idle row is noise. */
static const char *
session_age_text(int64_t age_us, char out[DURATION_TEXT])
{
	return age_us < 0 ? "" : duration_format(age_us, out);
}

/* The application tells them apart; the user is often the same for all of them. */
char *
session_who(const struct session *session, int cells)
{
	const char *user = session->user == NULL ? "" : session->user;
	const char *application =
		session->application == NULL ? "" : session->application;

	if (*application == '\0' || strcmp(user, application) == 0)
		return alloc_copy(user);
	char *both = alloc_printf("%s (%s)", application, user);
	if (text_width(both) <= cells)
		return both;
	free(both);
	return alloc_copy(application);
}

static void
sessions_draw_row(const struct app *app, const struct session *session,
	struct area area, int row, const int *widths)
{
	int64_t now = app_server_now_us(app);
	char age[DURATION_TEXT], pid[16];
	char *wait = session_wait(session);
	char *who = session_who(session, widths[COLUMN_WHO]);
	enum role state;
	const char *words = session_words(session, &state);
	bool waits = session_waits_for_lock(session);
	enum role quiet = state == ROLE_DIM ? ROLE_DIM : ROLE_TEXT;
	struct pen pen = pen_at(area, row, columns, widths);

	snprintf(pid, sizeof(pid), "%d", session->pid);
	pen_put(&pen, ROLE_TEXT, "");
	pen_put(&pen, session->migration ? ROLE_MIGRATION : quiet, pid);
	pen_put(&pen, state, words);
	pen_put(&pen, quiet, session_age_text(session_age_us(session, now), age));
	pen_put(&pen, state == ROLE_WARNING ? ROLE_WARNING : quiet,
		session_age_text(session_transaction_age_us(session, now), age));
	pen_put(&pen, waits ? ROLE_WARNING : ROLE_DIM, wait);
	pen_put(&pen, quiet, who);
	pen_put(&pen, ROLE_DIM, session->client);
	pen_put(&pen, quiet,
		session_of_server(session) ? session->backend_type : session->query);
	free(wait);
	free(who);
}

static void
sessions_draw(const struct app *app, struct area area)
{
	const struct pane_state *state = &app->panes[PANE_SESSIONS];
	size_t rows = app_pane_rows(app, PANE_SESSIONS);
	int widths[COLUMNS_MAX];

	if (app->snapshot == NULL) {
		draw_empty(area, "no session is known yet: the server was not reached");
		return;
	}
	columns_fit(columns, SESSION_COLUMNS, area.columns, widths);
	columns_head(area, columns, SESSION_COLUMNS, widths);
	if (rows == 0)
		draw_empty(area_part(area, 1, 0, area.rows, area.columns),
			"no session is connected");
	for (int row = 1; row < area.rows; row++) {
		size_t at = state->top + (size_t)row - 1;

		if (at >= rows)
			break;
		sessions_draw_row(app, app_session_at(app, at), area, row, widths);
		if (at == state->row)
			draw_cursor(area, row, app->focus == PANE_SESSIONS);
	}
}

static void
detail_age(struct flow *flow, const char *label, int64_t age_us)
{
	char age[DURATION_TEXT];

	if (age_us >= 0)
		flow_fact(flow, label, duration_format(age_us, age));
}

static void
detail_locks(const struct app *app, const struct session *session, struct flow *flow)
{
	const struct lock_forest *locks = app->snapshot->locks;

	for (size_t i = 0; i < lock_forest_rows(locks); i++) {
		const struct lock_row *row = lock_forest_row(locks, i);

		if (row->pid != session->pid)
			continue;
		if (row->wait != NULL) {
			char *what = alloc_printf("%s on %s",
				row->wait->mode == NULL ? "a lock" : row->wait->mode,
				row->wait->object != NULL ? row->wait->object
				: row->wait->kind != NULL ? row->wait->kind
							  : "something unknown");
			flow_fact(flow, "waits for", what);
			free(what);
		}
		for (size_t j = 0; j < row->waits_for_count; j++) {
			char *pid = row->waits_for[j] == 0
					    ? alloc_copy("a prepared transaction")
					    : alloc_printf("%d", row->waits_for[j]);
			flow_fact(flow, j == 0 ? "blocked by" : "", pid);
			free(pid);
		}
		char *held = alloc_printf(
			"%zu session%s", row->held_up, row->held_up == 1 ? "" : "s");
		flow_fact(flow, "holds up", held);
		free(held);
		if (row->held_up != 0 && row->wait == NULL)
			flow_fact(flow, "to end it", lock_row_remedy(row));
		return;
	}
}

static int
sessions_detail(const struct app *app, struct area area, int top)
{
	const struct session *session = app_selected_session(app);
	struct flow flow = flow_at(area, top);
	int64_t now = app_server_now_us(app);
	char text[INSTANT_TEXT];

	if (session == NULL) {
		flow_text(&flow, ROLE_WARNING, 0, "the session is gone");
		return flow.row + top;
	}
	enum role role;
	const char *words = session_words(session, &role);
	char *wait = session_wait(session);
	snprintf(text, sizeof(text), "%d", session->pid);
	flow_fact(&flow, "pid", text);
	flow_fact(&flow, "state",
		session->migration ? session_state_words(session->state) : words);
	if (session->migration)
		flow_text(&flow, ROLE_MIGRATION, 14, "the MIGRATION's own backend");
	detail_age(&flow, "for", session_age_us(session, now));
	detail_age(&flow, "transaction", session_transaction_age_us(session, now));
	flow_fact(&flow, "wait event", wait);
	detail_locks(app, session, &flow);
	flow_fact(&flow, "user", session->user);
	flow_fact(&flow, "application", session->application);
	flow_fact(&flow, "client", session->client);
	flow_fact(&flow, "database", session->database);
	flow_fact(&flow, "backend", session->backend_type);
	if (session->backend_start_us != 0)
		flow_fact(&flow, "connected",
			instant_format(session->backend_start_us, text));
	if (session->xmin_age >= 0) {
		snprintf(text, sizeof(text), "%lld", (long long)session->xmin_age);
		flow_fact(&flow, "xmin age", text);
	}
	flow_gap(&flow);
	flow_text(&flow, ROLE_HEADING, 0, "Query");
	flow_text(&flow, ROLE_TEXT, 0,
		session->query == NULL ? "hidden: reading it needs pg_monitor"
				       : session->query);
	free(wait);
	return flow.row + top;
}

const struct pane pane_sessions = {
	.id = PANE_SESSIONS,
	.summary = sessions_summary,
	.draw = sessions_draw,
	.detail = sessions_detail,
};
