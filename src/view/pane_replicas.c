#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/view/draw.h"
#include "pgrunbook/view/pane.h"

static const struct column columns[] = {
	{ .head = "", .width = 1 },
	{ .head = "NAME", .width = 8, .grows = true },
	{ .head = "STATE", .width = 9, .rank = 2 },
	{ .head = "BEHIND", .width = -8 },
	{ .head = "TIME", .width = -6, .rank = 1 },
	{ .head = "CAUSE", .width = 16, .rank = 3 },
	{ .head = "REVISION", .width = 14, .rank = 4 },
	{ .head = "SYNC", .width = 7, .rank = 5 },
};

enum { REPLICA_COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static char *
replicas_summary(const struct app *app)
{
	char bytes[BYTES_TEXT];

	if (app->snapshot == NULL)
		return NULL;
	const struct replication *list = &app->snapshot->replication;
	const struct replica *worst = replication_worst(list);
	if (worst != NULL && worst->lag_bytes > 0)
		return alloc_printf("%zu known, at most %s behind", list->count,
			bytes_format(worst->lag_bytes, bytes));
	return list->count == 0 ? NULL
				: alloc_printf("%zu known, none behind", list->count);
}

static enum role
replica_role(const struct app *app, const struct replica *replica)
{
	int64_t limit = app->settings.replica_lag_bytes;

	switch (replica->cause) {
	case REPLICA_CAUGHT_UP:
		return ROLE_GOOD;
	case REPLICA_DISCONNECTED:
		return ROLE_ALERT;
	case REPLICA_PAUSED:
		return ROLE_WARNING;
	default:
		return limit >= 0 && replica->lag_bytes > limit ? ROLE_WARNING
								: ROLE_TEXT;
	}
}

/* The revisions that a direct connection read; empty where there is none. */
static char *
replica_revisions(const struct replica *replica)
{
	if (!replica->version_rows_read)
		return alloc_copy("");
	if (replica->version_rows.count == 0)
		return alloc_copy("base");
	return strlist_join(&replica->version_rows, ", ");
}

static void
replicas_draw_row(const struct app *app, const struct replica *replica,
	struct area area, int row, const int *widths)
{
	enum role role = replica_role(app, replica);
	char bytes[BYTES_TEXT], age[DURATION_TEXT];
	char *revisions = replica_revisions(replica);
	const char *words = replica_cause_words(replica->cause);
	/* "replay: a conflict or load": the column has the word, Enter the rest. */
	char *cause = alloc_copy_bytes(words, strcspn(words, ":"));
	struct pen pen = pen_at(area, row, columns, widths);

	pen_put(&pen, ROLE_TEXT, "");
	pen_put(&pen, ROLE_TEXT, replica->name);
	if (replica->problem != NULL) {
		pen_rest(&pen, ROLE_ALERT, replica->problem);
	} else {
		pen_put(&pen, ROLE_TEXT,
			replica->state == NULL ? "unknown" : replica->state);
		pen_put(&pen, role, bytes_format(replica->lag_bytes, bytes));
		pen_put(&pen, role, duration_format(replica->lag_us, age));
		pen_put(&pen, role, cause);
		pen_put(&pen, ROLE_TEXT, revisions);
		pen_put(&pen, ROLE_DIM, replica->sync_state);
	}
	free(revisions);
	free(cause);
}

/* Why the list is empty, and what would fill it. */
static char *
replicas_nothing(const struct app *app)
{
	const struct replication *list = &app->snapshot->replication;

	if (list->problem != NULL)
		return alloc_copy(list->problem);
	if (app->snapshot->server.role == SERVER_STANDBY)
		return alloc_copy("this is a standby and nothing is connected to it; "
				  "watch others with replica.NAME in the settings");
	return alloc_copy("no standby is connected; those that connect are shown, "
			  "replica.NAME in the settings watches one directly");
}

static void
replicas_draw(const struct app *app, struct area area)
{
	const struct pane_state *state = &app->panes[PANE_REPLICAS];
	int widths[COLUMNS_MAX];

	if (app->snapshot == NULL) {
		draw_empty(area, "no replica is known yet: the server was not reached");
		return;
	}
	const struct replication *list = &app->snapshot->replication;
	if (list->count == 0) {
		char *why = replicas_nothing(app);

		draw_empty(area, why);
		free(why);
		return;
	}
	columns_fit(columns, REPLICA_COLUMNS, area.columns, widths);
	columns_head(area, columns, REPLICA_COLUMNS, widths);
	for (int row = 1; row < area.rows; row++) {
		size_t at = state->top + (size_t)row - 1;

		if (at >= list->count)
			break;
		replicas_draw_row(app, &list->items[at], area, row, widths);
		if (at == state->row)
			draw_cursor(area, row, app->focus == PANE_REPLICAS);
	}
}

static void
detail_position(struct flow *flow, const char *label, uint64_t lsn)
{
	char text[32];

	if (lsn == 0)
		return;
	snprintf(text, sizeof(text), "%X/%X", (unsigned)(lsn >> 32), (unsigned)lsn);
	flow_fact(flow, label, text);
}

static int
replicas_detail(const struct app *app, struct area area, int top)
{
	const struct pane_state *state = &app->panes[PANE_REPLICAS];
	const struct replication *list = &app->snapshot->replication;
	struct flow flow = flow_at(area, top);
	char bytes[BYTES_TEXT], age[DURATION_TEXT];

	if (state->gone || state->row >= list->count) {
		flow_text(&flow, ROLE_WARNING, 0, "the replica is gone");
		return flow.row + top;
	}
	const struct replica *replica = &list->items[state->row];
	char *revisions = replica_revisions(replica);
	flow_fact(&flow, "name", replica->name);
	if (replica->problem != NULL)
		flow_text(&flow, ROLE_ALERT, 0, replica->problem);
	flow_fact(&flow, "state", replica->state);
	flow_fact(&flow, "behind", bytes_format(replica->lag_bytes, bytes));
	flow_fact(&flow, "in time",
		replica->lag_us < 0 ? "unknown"
				    : duration_format(replica->lag_us, age));
	flow_fact(&flow, "cause", replica_cause_words(replica->cause));
	flow_fact(&flow, "sync", replica->sync_state);
	flow_fact(&flow, "revision", revisions);
	detail_position(&flow, "primary at", list->current_lsn);
	detail_position(&flow, "sent", replica->sent_lsn);
	detail_position(&flow, "written", replica->write_lsn);
	detail_position(&flow, "flushed", replica->flush_lsn);
	detail_position(&flow, "replayed", replica->replay_lsn);
	if (replica->reply_us != 0)
		flow_fact(&flow, "last word",
			duration_format(
				app_server_now_us(app) - replica->reply_us, age));
	flow_fact(&flow, "seen by",
		replica->from_primary && replica->direct
			? "the primary and a direct connection"
		: replica->direct ? "a direct connection"
				  : "the primary");
	free(revisions);
	return flow.row + top;
}

const struct pane pane_replicas = {
	.id = PANE_REPLICAS,
	.summary = replicas_summary,
	.draw = replicas_draw,
	.detail = replicas_detail,
};
