#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/view/draw.h"
#include "pgrunbook/view/pane.h"
#include "pgrunbook/view/sessions.h"

enum { COLUMN_MARK, COLUMN_STATE = 2, COLUMN_WHO = 7 };

static const struct column columns[] = {
	{ .head = "", .width = 1 },
	{ .head = "PID", .width = -7 },
	{ .head = "STATE", .width = 10 },
	{ .head = "AGE", .width = -7, .rank = 1 },
	{ .head = "XACT", .width = -7, .rank = 5 },
	{ .head = "XMIN", .width = -6, .rank = 8 },
	{ .head = "WAIT", .width = 13, .rank = 3, .grows = true, .most = 26 },
	{ .head = "WHO", .width = 10, .rank = 4, .grows = true, .most = 24 },
	{ .head = "DATABASE", .width = 10, .rank = 7 },
	{ .head = "CLIENT", .width = 15, .rank = 6 },
	{ .head = "QUERY", .width = 16, .rank = 2, .grows = true },
};

enum { SESSION_COLUMNS = sizeof(columns) / sizeof(columns[0]) };

/* The column that shows a field; a session's type has none. */
static int
column_of(enum session_field field)
{
	static const int shown[SESSION_FIELD_COUNT] = {
		[SESSION_FIELD_PID] = 1,
		[SESSION_FIELD_STATE] = COLUMN_STATE,
		[SESSION_FIELD_AGE] = 3,
		[SESSION_FIELD_XACT] = 4,
		[SESSION_FIELD_XMIN] = 5,
		[SESSION_FIELD_WAIT] = 6,
		[SESSION_FIELD_APPLICATION] = COLUMN_WHO,
		[SESSION_FIELD_USER] = COLUMN_WHO,
		[SESSION_FIELD_DATABASE] = 8,
		[SESSION_FIELD_CLIENT] = 9,
		[SESSION_FIELD_QUERY] = 10,
	};

	return shown[field];
}

bool
session_idle_long(const struct app *app, const struct session *session)
{
	int64_t age = session_age_us(session, app_server_now_us(app));

	return session_is_idle_in_transaction(session) &&
	       alerts_level(age, app->settings.thresholds.idle_in_transaction_us) ==
		       ALERT_ABOVE;
}

bool
session_transaction_long(const struct app *app, const struct session *session)
{
	int64_t age = session_transaction_age_us(session, app_server_now_us(app));

	return alerts_level(age, app->settings.thresholds.transaction_us) ==
	       ALERT_ABOVE;
}

bool
session_snapshot_old(const struct session *session)
{
	return session->xmin_age >= SESSION_OLD_XMIN;
}

static char *
sessions_summary(const struct app *app)
{
	size_t active = 0, waiting = 0, in_transaction = 0, hidden = 0, old = 0;
	struct str words = { 0 };

	if (app->snapshot == NULL)
		return NULL;
	const struct session_list *list = &app->snapshot->sessions;
	for (size_t i = 0; i < list->count; i++) {
		const struct session *session = &list->items[i];

		active += session->state == SESSION_ACTIVE;
		waiting += session_waits_for_lock(session);
		in_transaction += session_is_idle_in_transaction(session);
		old += session_transaction_long(app, session) ||
		       session_snapshot_old(session);
		hidden += session_is_hidden(session) && !session_is_server(session);
	}
	/* What the hidden ones do isn't known; who waits is, from the locks. */
	bool unknown = hidden != 0 && !app->snapshot->server.monitor;
	const char *least = unknown ? ">=" : "";
	char *listed = app_sessions_words(app);
	if (listed != NULL)
		str_printf(&words, "%s; ", listed);
	free(listed);
	str_printf(&words, "%s%zu active, %zu waiting, %s%zu idle in transaction",
		least, active, waiting, least, in_transaction);
	if (old != 0)
		str_printf(&words, ", %zu long!", old);
	if (unknown)
		str_printf(&words, ", %zu hidden (" SERVER_NEEDS_MONITOR ")", hidden);
	return str_take(&words);
}

const char *
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
		/* Processes that run no queries have no state; others hide theirs. */
		return session_is_server(session)   ? "server"
		       : session_is_hidden(session) ? "hidden"
						    : "-";
	case SESSION_IDLE:
		*role = ROLE_DIM;
		break;
	case SESSION_IDLE_IN_TRANSACTION:
		*role = ROLE_WARNING;
		break;
	case SESSION_IDLE_IN_TRANSACTION_ABORTED:
		*role = ROLE_ALERT;
		break;
	default:
		break;
	}
	return session_state_words(session->state);
}

char *
session_wait_words(const struct session *session)
{
	/* All that is known without pg_monitor. */
	if (session->wait_type == NULL)
		return alloc_copy(session->waiting ? "Lock" : "");
	/* The server's processes wait in their main loops, which is no news. */
	if (strcmp(session->wait_type, "Activity") == 0)
		return alloc_copy("");
	/* An idle session waits for its client: its state says so already. */
	if (strcmp(session->wait_type, "Client") == 0 &&
		session->state != SESSION_ACTIVE)
		return alloc_copy("");
	return alloc_printf("%s %s", session->wait_type,
		session->wait_event == NULL ? "" : session->wait_event);
}

const char *
session_count_text(int64_t count, char out[COUNT_TEXT])
{
	if (count < 10000)
		snprintf(out, COUNT_TEXT, "%d", (int)count);
	else if (count < 1000000)
		snprintf(out, COUNT_TEXT, "%dk", (int)(count / 1000));
	else if (count < 10000000)
		snprintf(out, COUNT_TEXT, "%d.%dM", (int)(count / 1000000),
			(int)(count / 100000 % 10));
	else
		snprintf(out, COUNT_TEXT, "%dM", (int)(count / 1000000));
	return out;
}

/*
 * Nothing where there is nothing to be old: a dash in every idle row is noise.  What is
 * too old has a mark beside its colour.
 */
static void
put_age(struct pen *pen, enum role role, bool late, int64_t age_us)
{
	char text[DURATION_TEXT + 1] = "", age[DURATION_TEXT];

	if (age_us >= 0)
		snprintf(text, sizeof(text), "%s%s", duration_format(age_us, age),
			late ? "!" : "");
	pen_put(pen, late ? ROLE_ALERT : role, text);
}

static void
put_xmin(struct pen *pen, enum role role, const struct session *session)
{
	char text[COUNT_TEXT + 1] = "", count[COUNT_TEXT];
	bool old = session_snapshot_old(session);

	if (session->xmin_age >= 0)
		snprintf(text, sizeof(text), "%s%s",
			session_count_text(session->xmin_age, count), old ? "!" : "");
	pen_put(pen, old ? ROLE_ALERT : role, text);
}

/* A worker hangs below its leader, where its pid leaves room for that. */
static void
put_pid(struct pen *pen, enum role role, const struct session_row *row)
{
	const struct canvas *canvas = pen->area.canvas;
	char pid[32];

	snprintf(pid, sizeof(pid), "%s%d",
		!row->worker || row->session->pid > 99999
			? ""
			: canvas_glyph_text(
				  canvas, row->last ? GLYPH_LAST_BRANCH : GLYPH_BRANCH),
		row->session->pid);
	pen_own(pen, role, pid);
}

/* What it does; folded workers are told where there is room for them. */
static void
put_query(struct pen *pen, enum role role, const struct session_row *row, bool told)
{
	const struct session *session = row->session;
	const char *text = session_is_server(session)	? session->backend_type
			   : session_is_hidden(session) ? SERVER_NEEDS_MONITOR
							: session->query;

	if (row->folded && !told) {
		char *with = alloc_printf(
			"(+%zu workers) %s", row->workers, text == NULL ? "" : text);

		pen_put(pen, role, with);
		free(with);
		return;
	}
	pen_put(pen, session_is_hidden(session) ? ROLE_DIM : role, text);
}

static void
sessions_draw_row(const struct app *app, const struct session_row *row,
	struct area area, int line, const struct column *fitted, const int *widths)
{
	const struct session *session = row->session;
	int64_t now = app_server_now_us(app);
	char *wait = session_wait_words(session);
	char *who = session_who(session, widths[COLUMN_WHO]);
	enum role role;
	const char *words = session_words(session, &role);
	char *state = row->folded ? alloc_printf("%s +%zu", words, row->workers)
				  : alloc_copy(words);
	bool told = text_width(state) <= widths[COLUMN_STATE];
	enum role quiet = role == ROLE_DIM ? ROLE_DIM : ROLE_TEXT;
	bool open = session_is_idle_in_transaction(session);
	struct pen pen = pen_at(area, line, fitted, widths);

	pen_own(&pen, ROLE_KEY, app_session_marked(app, session) ? " *" : "");
	put_pid(&pen, session->migration ? ROLE_MIGRATION : quiet, row);
	pen_put(&pen, role, told ? state : words);
	put_age(&pen, open ? ROLE_WARNING : quiet, session_idle_long(app, session),
		session_age_us(session, now));
	put_age(&pen, open ? ROLE_WARNING : quiet,
		session_transaction_long(app, session),
		session_transaction_age_us(session, now));
	put_xmin(&pen, quiet, session);
	pen_put(&pen, session_waits_for_lock(session) ? ROLE_WARNING : ROLE_DIM, wait);
	pen_put(&pen, quiet, who);
	pen_put(&pen, ROLE_DIM, session->database);
	pen_put(&pen, ROLE_DIM, session->client_port < 0 ? "local" : session->client);
	put_query(&pen, quiet, row, told);
	free(state);
	free(wait);
	free(who);
}

/* The head of the column that the list is sorted by has a mark. */
static void
sessions_head(const struct app *app, struct area area, struct column *fitted,
	const int *widths)
{
	const struct session_order *order = &app->sessions_view.order;
	int column = order->chosen ? column_of(order->field) : 0;
	char head[32];

	if (column != 0) {
		snprintf(head, sizeof(head), "%s%s", fitted[column].head,
			canvas_glyph_text(area.canvas, order->descending
							       ? GLYPH_DESCENDING
							       : GLYPH_ASCENDING));
		fitted[column].head = head;
	}
	columns_head(area, fitted, SESSION_COLUMNS, widths);
	if (column != 0)
		fitted[column].head = columns[column].head;
}

static void
sessions_draw(const struct app *app, struct area area)
{
	const struct pane_state *state = &app->panes[PANE_SESSIONS];
	struct column fitted[SESSION_COLUMNS];
	int widths[COLUMNS_MAX];

	if (app->snapshot == NULL) {
		draw_empty(area, "no session is known yet: the server was not reached");
		return;
	}
	memcpy(fitted, columns, sizeof(fitted));
	if (app->sessions_view.marks.count != 0)
		fitted[COLUMN_MARK].width = 2;
	columns_fit(fitted, SESSION_COLUMNS, area.columns, widths);
	sessions_head(app, area, fitted, widths);
	if (app->sessions_view.rows.count == 0) {
		char *why = app_sessions_empty(app);

		draw_empty(area_part(area, 1, 0, area.rows, area.columns), why);
		free(why);
	}
	for (int line = 1; line < area.rows; line++) {
		size_t at = state->top + (size_t)line - 1;
		const struct session_row *row = app_session_row(app, at);

		if (row == NULL)
			break;
		sessions_draw_row(app, row, area, line, fitted, widths);
		if (at == state->row)
			draw_cursor(area, line, app->focus == PANE_SESSIONS);
	}
}

const struct pane pane_sessions = {
	.id = PANE_SESSIONS,
	.summary = sessions_summary,
	.draw = sessions_draw,
	.detail = sessions_detail,
};
