#include "pgrunbook/app/overview.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/alloc.h"

size_t
app_overview_rows(const struct app *app)
{
	return VITAL_COUNT + app->alerts.raised;
}

bool
app_overview_vital(const struct app *app, size_t row, enum vital *vital)
{
	(void)app;
	*vital = (enum vital)row;
	return row < VITAL_COUNT;
}

size_t
app_overview_alert(size_t row)
{
	return row - VITAL_COUNT;
}

char *
app_overview_identity(const struct app *app, size_t row)
{
	enum vital vital;

	if (app_overview_vital(app, row, &vital))
		return alloc_copy(vital_name(vital));
	const struct alert *alert = &app->alerts.items[app_overview_alert(row)];
	return alloc_printf("! %s %d/%" PRId64 " %s", alert_kind_name(alert->kind),
		alert->pid, alert->backend_start_us,
		alert->name == NULL ? "" : alert->name);
}

int64_t
app_overview_until_us(const struct app *app)
{
	return app->paused && app->snapshot != NULL ? app->snapshot->taken_us
						    : app->now_us;
}

double
app_overview_value(const struct app *app, enum vital vital)
{
	double value = app->snapshot == NULL ? SERIES_UNKNOWN
					     : vital_value(vital, app->snapshot,
						       app_server_now_us(app));

	return series_known(value) ? value : series_last(&app->history.series[vital]);
}

static enum pane_id
alert_pane(enum alert_kind kind)
{
	switch (kind) {
	case ALERT_LOG:
		return PANE_LOG;
	case ALERT_TREE:
	case ALERT_VERSION_TABLE:
	case ALERT_REVISION:
		return PANE_REVISIONS;
	case ALERT_LOCK:
		return PANE_LOCKS;
	case ALERT_REPLICA:
	case ALERT_SLOT:
		return PANE_REPLICAS;
	case ALERT_CONNECTIONS:
	case ALERT_IDLE_IN_TRANSACTION:
	case ALERT_TRANSACTION:
	case ALERT_MIGRATION:
		return PANE_SESSIONS;
	case ALERT_LOST:
	case ALERT_MOVED:
	case ALERT_WRAPAROUND:
	case ALERT_KINDS:
		break;
	}
	return PANE_OVERVIEW;
}

static bool
replica_row_is(const struct replication *list, size_t row, const struct alert *alert)
{
	const struct replication_row at = replication_row(list, row);

	if (at.kind == REPLICATION_ROW_REPLICA)
		return strcmp(list->items[at.index].name, alert->name) == 0;
	return alert->kind == ALERT_SLOT && at.kind == REPLICATION_ROW_SLOT &&
	       strcmp(list->slots[at.index].name, alert->name) == 0;
}

/* Whether a pane's row is what the alert is about. */
static bool
alert_is_row(const struct app *app, const struct alert *alert, size_t row)
{
	const struct session *session;
	const struct lock_row *lock;

	switch (alert_pane(alert->kind)) {
	case PANE_LOCKS:
		lock = lock_forest_row(app->snapshot->locks, row);
		if (alert->pid != 0)
			return lock->pid == alert->pid;
		return lock->pid == 0 && lock->prepared != NULL &&
		       lock->prepared->gid != NULL && alert->name != NULL &&
		       strcmp(lock->prepared->gid, alert->name) == 0;
	case PANE_SESSIONS:
		session = app_session_at(app, row);
		return session != NULL && session->pid == alert->pid &&
		       session->backend_start_us == alert->backend_start_us;
	case PANE_REPLICAS:
		return replica_row_is(&app->snapshot->replication, row, alert);
	default:
		return false;
	}
}

bool
app_overview_open(struct app *app)
{
	const struct pane_state *state = &app->panes[PANE_OVERVIEW];
	enum vital vital;

	if (state->row >= app_overview_rows(app) ||
		app_overview_vital(app, state->row, &vital))
		return false;
	if (state->gone) {
		app_say(app, false, "the alert is over");
		return true;
	}
	const struct alert *alert = &app->alerts.items[app_overview_alert(state->row)];
	enum pane_id pane = alert_pane(alert->kind);
	if (pane == PANE_OVERVIEW) {
		app_say(app, false, "%s",
			alert->advice == NULL ? alert->text : alert->advice);
		return true;
	}
	size_t rows = app->snapshot == NULL ? 0 : app_pane_rows(app, pane);
	size_t row = 0;
	while (row < rows && !alert_is_row(app, alert, row))
		row++;
	bool one = alert->pid != 0 || (alert->name != NULL && pane != PANE_REVISIONS);
	if (row < rows)
		app_move_to(app, pane, row);
	else if (one)
		app_say(app, false, "what the alert is about is not listed there now");
	app_focus(app, pane);
	return true;
}
