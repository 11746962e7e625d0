#include <inttypes.h>
#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/view/draw.h"
#include "pgrunbook/view/pane.h"
#include "pgrunbook/view/sparkline.h"

enum { COLUMN_SPARK = 3, OVERVIEW_COLUMNS = 5, NAMED = 12 };

static const struct column columns[OVERVIEW_COLUMNS] = {
	{ .width = 1 }, /* the cursor */
	{ .width = 13 }, { .width = -10 },
	{ .width = 12, .least = 4, .grows = true }, /* the last minute */
	{ .width = 30, .rank = 1, .grows = true },  /* of how many, or whose */
};

static char *
overview_summary(const struct app *app)
{
	size_t count = app->alerts.raised;
	const char *muted = app->muted ? ", the bell is muted" : "";

	if (count == 0)
		return alloc_printf("no alerts%s", muted);
	return alloc_printf("%zu alert%s%s", count, count == 1 ? "" : "s", muted);
}

static bool
overview_alerts(const struct app *app, enum alert_kind kind)
{
	for (size_t i = 0; i < app->alerts.raised; i++) {
		if (app->alerts.items[i].kind == kind)
			return true;
	}
	return false;
}

/* A number stands out while an alert is about it. */
static enum role
overview_role(const struct app *app, enum vital vital)
{
	bool bad = false;

	switch (vital) {
	case VITAL_IDLE_IN_TRANSACTION:
		bad = overview_alerts(app, ALERT_IDLE_IN_TRANSACTION);
		break;
	case VITAL_WAITING:
		bad = overview_alerts(app, ALERT_LOCK);
		break;
	case VITAL_CONNECTIONS:
		bad = overview_alerts(app, ALERT_CONNECTIONS);
		break;
	case VITAL_TRANSACTION:
		bad = overview_alerts(app, ALERT_TRANSACTION);
		break;
	case VITAL_XID:
	case VITAL_MULTIXACT:
		bad = overview_alerts(app, ALERT_WRAPAROUND);
		break;
	default:
		break;
	}
	return bad ? ROLE_WARNING : ROLE_TEXT;
}

static char *
overview_frozen(const char *database, int64_t limit)
{
	char count[BYTES_TEXT];

	if (limit < 0 || database == NULL)
		return NULL;
	return alloc_printf(
		"of %s, %s begins autovacuum", database, count_format(limit, count));
}

/* What the number is held against, or who is behind it; the caller owns it. */
static char *
overview_note(const struct app *app, enum vital vital)
{
	const struct snapshot *snapshot = app->snapshot;
	const char *missing = vital_missing(vital, snapshot);
	struct holder holder;

	if (missing != NULL)
		return alloc_copy(missing);
	switch (vital) {
	case VITAL_CONNECTIONS:
		if (vitals_most_connections(&snapshot->vitals) < 0)
			return NULL;
		return alloc_printf(
			"of %" PRId64, vitals_most_connections(&snapshot->vitals));
	case VITAL_TRANSACTION:
		holder = vitals_oldest_transaction(snapshot, app_server_now_us(app));
		return holder_words(&holder);
	case VITAL_XMIN:
		holder = vitals_oldest_xmin(snapshot);
		return holder_words(&holder);
	case VITAL_XID:
		return overview_frozen(
			snapshot->vitals.xid_database, snapshot->vitals.freeze_max_age);
	case VITAL_MULTIXACT:
		return overview_frozen(snapshot->vitals.multixact_database,
			snapshot->vitals.multixact_freeze_max_age);
	default:
		return NULL;
	}
}

/* What is the full height: connections have a limit, others their highest. */
static double
overview_full(const struct app *app, enum vital vital)
{
	int64_t most = vital == VITAL_CONNECTIONS && app->snapshot != NULL
			       ? vitals_most_connections(&app->snapshot->vitals)
			       : 0;

	return most > 0 ? (double)most : 0;
}

static void
overview_draw_vital(const struct app *app, enum vital vital, struct area area, int row,
	const int *widths)
{
	double value = app_overview_value(app, vital);
	struct pen pen = pen_at(area, row, columns, widths);
	char *note = app->snapshot == NULL ? NULL : overview_note(app, vital);
	enum role role = overview_role(app, vital);
	char text[VITAL_TEXT];

	pen_put(&pen, ROLE_TEXT, "");
	pen_put(&pen, ROLE_TEXT, vital_name(vital));
	pen_put(&pen, series_known(value) ? role : ROLE_DIM,
		vital_format(vital, value, text));
	sparkline_draw(area, row, pen.column, widths[COLUMN_SPARK], ROLE_DIM,
		&app->history.series[vital], app_overview_until_us(app),
		overview_full(app, vital));
	pen.column += widths[COLUMN_SPARK] + 1;
	pen.next++;
	pen_put(&pen, ROLE_DIM, note);
	free(note);
}

static void
overview_draw_alert(const struct app *app, size_t index, struct area area, int row)
{
	const struct alert *alert = &app->alerts.items[index];
	char *text = alerts_text(&app->alerts, index);
	struct segments segments = { 0 };

	segments_add(&segments, 0, 1, alert->severe ? ROLE_ALERT : ROLE_WARNING, "! %s",
		text);
	if (alert->advice != NULL)
		segments_add(&segments, 1, 24, ROLE_DIM, "%s", alert->advice);
	segments_draw(&segments, area, row, 2, 2);
	free(text);
}

static void
overview_draw(const struct app *app, struct area area)
{
	const struct pane_state *state = &app->panes[PANE_OVERVIEW];
	int widths[COLUMNS_MAX];

	columns_fit(columns, OVERVIEW_COLUMNS, area.columns, widths);
	for (int row = 0; row < area.rows; row++) {
		size_t at = state->top + (size_t)row;
		enum vital vital;

		if (at >= app_overview_rows(app))
			break;
		if (app_overview_vital(app, at, &vital))
			overview_draw_vital(app, vital, area, row, widths);
		else
			overview_draw_alert(app, app_overview_alert(at), area, row);
		if (at == state->row)
			draw_cursor(area, row, app->focus == PANE_OVERVIEW);
	}
}

/* Whether the session is one of those that the number counts. */
static bool
overview_counts(enum vital vital, const struct session *session)
{
	if (session->own)
		return false;
	if (vital == VITAL_WAITING)
		return session->waiting;
	if (!vitals_is_client(session))
		return false;
	if (vital == VITAL_ACTIVE)
		return session->state == SESSION_ACTIVE ||
		       session->state == SESSION_FASTPATH;
	return vital == VITAL_IDLE_IN_TRANSACTION &&
	       session_is_idle_in_transaction(session);
}

/* The sessions behind a number, as the pane Sessions orders them. */
static void
overview_name_sessions(const struct app *app, enum vital vital, struct flow *flow)
{
	const struct session_list *list = &app->snapshot->sessions;
	char age[DURATION_TEXT];
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct session *session = &list->items[i];

		if (!overview_counts(vital, session) || count++ >= NAMED)
			continue;
		char *who = session_who(session, 30);
		flow_printf(flow, ROLE_TEXT, 2, "%d  %s  %s  %.200s", session->pid,
			duration_format(
				session_age_us(session, app_server_now_us(app)), age),
			who, session->query == NULL ? "" : session->query);
		free(who);
	}
	if (count > NAMED)
		flow_printf(flow, ROLE_DIM, 2, "and %zu more", count - NAMED);
}

static void
overview_name_connections(const struct app *app, struct flow *flow)
{
	const struct vitals *vitals = &app->snapshot->vitals;
	struct vitals_sessions counts;

	vitals_count(app->snapshot, &counts);
	if (vitals->read)
		flow_printf(flow, ROLE_TEXT, 0,
			"max_connections is %" PRId64 ", of which %" PRId64
			" are reserved.",
			vitals->max_connections, vitals->reserved_connections);
	flow_printf(flow, ROLE_TEXT, 0, "%zu are active, %zu idle in a transaction%s.",
		counts.active, counts.idle_in_transaction,
		counts.hidden == 0 ? "" : "; what others do is hidden");
}

static void
overview_name_holder(const struct app *app, enum vital vital, struct flow *flow)
{
	struct holder holder = vital == VITAL_XMIN
				       ? vitals_oldest_xmin(app->snapshot)
				       : vitals_oldest_transaction(
						 app->snapshot, app_server_now_us(app));
	char *words = holder_words(&holder);

	if (words == NULL)
		return;
	flow_fact(flow, "whose", words);
	if (holder.session != NULL)
		flow_fact(flow, "database", holder.session->database);
	if (holder.session != NULL)
		flow_fact(flow, "query", holder.session->query);
	flow_gap(flow);
	flow_text(flow, ROLE_TEXT, 0, holder_remedy(&holder));
	free(words);
}

static void
overview_behind(const struct app *app, enum vital vital, struct flow *flow)
{
	char *note = overview_note(app, vital);

	flow_gap(flow);
	switch (vital) {
	case VITAL_ACTIVE:
	case VITAL_IDLE_IN_TRANSACTION:
	case VITAL_WAITING:
		overview_name_sessions(app, vital, flow);
		break;
	case VITAL_CONNECTIONS:
		overview_name_connections(app, flow);
		break;
	case VITAL_TRANSACTION:
	case VITAL_XMIN:
		overview_name_holder(app, vital, flow);
		break;
	default:
		if (note != NULL)
			flow_text(flow, ROLE_TEXT, 0, note);
		break;
	}
	free(note);
}

static int
overview_detail(const struct app *app, struct area area, int top)
{
	const struct pane_state *state = &app->panes[PANE_OVERVIEW];
	struct flow flow = flow_at(area, top);
	char text[VITAL_TEXT], other[VITAL_TEXT];
	enum vital vital;
	double low, high;

	if (!app_overview_vital(app, state->row, &vital))
		return flow.row + top;
	const char *missing = vital_missing(vital, app->snapshot);
	flow_fact(&flow, vital_name(vital),
		vital_format(vital, app_overview_value(app, vital), text));
	if (series_range(&app->history.series[vital], app_overview_until_us(app), &low,
		    &high)) {
		char *range = alloc_printf("%s to %s", vital_format(vital, low, text),
			vital_format(vital, high, other));

		flow_fact(&flow, "last minute", range);
		free(range);
	}
	if (missing != NULL)
		flow_text(&flow, ROLE_WARNING, 0, missing);
	flow_gap(&flow);
	flow_text(&flow, ROLE_TEXT, 0, vital_explanation(vital));
	overview_behind(app, vital, &flow);
	return flow.row + top;
}

const struct pane pane_overview = {
	.id = PANE_OVERVIEW,
	.summary = overview_summary,
	.draw = overview_draw,
	.detail = overview_detail,
};
