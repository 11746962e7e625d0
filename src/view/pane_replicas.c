#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/view/draw.h"
#include "pgrunbook/view/pane.h"
#include "pgrunbook/view/replicas_detail.h"
#include "pgrunbook/view/sparkline.h"

enum { COLUMN_NAME = 1, COLUMN_CURVE = 5 };

static const struct column columns[] = {
	{ .head = "", .width = 1 },
	{ .head = "NAME", .width = 8, .grows = true },
	{ .head = "STATE", .width = 9, .rank = 2 },
	{ .head = "BEHIND", .width = -8 },
	{ .head = "TIME", .width = -7, .rank = 1 },
	{ .head = "5 MIN", .width = 8, .rank = 5 },
	{ .head = "CAUSE", .width = 16, .rank = 3 },
	{ .head = "REVISION", .width = 12, .rank = 4 },
	{ .head = "SYNC", .width = 9, .rank = 6 },
};

enum {
	REPLICA_COLUMNS = sizeof(columns) / sizeof(columns[0]),
	/* What idle servers write now and then shouldn't look like a lag. */
	CURVE_LEAST = 64 * 1024
};

/* What is drawn where: the row, its columns, and when. */
struct replicas_row {
	const struct app *app;
	const struct replication *list;
	struct area area;
	int row;
	const int *widths;
	char *identity;
};

/* The slot that needs somebody most: they are sorted by that. */
static const struct slot *
slot_to_name(const struct replication *list)
{
	const struct slot *slot = list->slot_count == 0 ? NULL : &list->slots[0];

	return slot != NULL && slot_in_trouble(slot) ? slot : NULL;
}

/* Of the others nobody can say that they are not behind. */
static size_t
replicas_known(const struct replication *list)
{
	size_t known = 0;

	for (size_t i = 0; i < list->count; i++)
		known += list->items[i].lag_bytes >= 0 ||
			 list->items[i].kind == REPLICA_BACKUP;
	return known;
}

static char *
replicas_summary(const struct app *app)
{
	char bytes[BYTES_TEXT];

	if (app->snapshot == NULL)
		return NULL;
	const struct replication *list = &app->snapshot->replication;
	const struct replica *worst = replication_worst(list);
	const struct slot *slot = slot_to_name(list);
	char *words = replication_sync_words(list);
	if (words != NULL)
		return words;
	size_t known = replicas_known(list);
	if (list->count != 0)
		words = known == list->count
				? alloc_printf("%zu known", known)
				: alloc_printf("%zu of %zu known", known, list->count);
	if (worst != NULL || known != 0) {
		char *count = words;

		words = worst == NULL ? alloc_printf("%s, none behind", count)
				      : alloc_printf("%s, at most %s behind", count,
						bytes_format(worst->lag_bytes, bytes));
		free(count);
	}
	if (slot == NULL)
		return words;
	char *with = alloc_printf("%s%sslot %s holds %s", words == NULL ? "" : words,
		words == NULL ? "" : ", ", slot->name,
		slot->held_bytes < 0 ? "nothing any more"
				     : bytes_format(slot->held_bytes, bytes));
	free(words);
	return with;
}

static enum role
replica_role(const struct app *app, const struct replica *replica)
{
	int64_t limit = app->settings.thresholds.replica_lag_bytes;

	switch (replica->cause) {
	case REPLICA_CAUGHT_UP:
		return ROLE_GOOD;
	case REPLICA_DISCONNECTED:
	case REPLICA_SILENT:
		return ROLE_ALERT;
	case REPLICA_PAUSED:
	case REPLICA_CONFLICT:
		return ROLE_WARNING;
	default:
		return limit >= 0 && replica->lag_bytes > limit ? ROLE_WARNING
								: ROLE_TEXT;
	}
}

/* Whether what stands at `at` is the last of those under the same one. */
static bool
replica_last(const struct replication *list, size_t at)
{
	int depth = list->items[at].depth;

	for (size_t i = at + 1; i < list->count; i++) {
		if (list->items[i].depth <= depth)
			return list->items[i].depth < depth;
	}
	return true;
}

/* The one right above in the tree. */
static size_t
replica_above(const struct replication *list, size_t at)
{
	size_t above = at;

	while (above > 0 && list->items[above].depth >= list->items[at].depth)
		above--;
	return above;
}

/* The name with the lines of the tree before it, built from the row up. */
static char *
replica_tree_text(
	const struct canvas *canvas, const struct replication *list, size_t at)
{
	char *text = alloc_copy(list->items[at].name);

	for (size_t row = at; list->items[row].depth > 0;
		row = replica_above(list, row)) {
		bool last = replica_last(list, row);
		const char *lines =
			row == at ? canvas_glyph_text(canvas,
					    last ? GLYPH_LAST_BRANCH : GLYPH_BRANCH)
			: last	  ? " "
				  : canvas_glyph_text(canvas, GLYPH_VERTICAL);
		char *longer =
			alloc_printf("%s%s%s", lines, row == at ? "" : " ", text);

		free(text);
		text = longer;
	}
	return text;
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
put_curve(const struct replicas_row *at, struct pen *pen, enum role role)
{
	const struct app *app = at->app;
	const struct series *series = lag_history_of(&app->lags, at->identity);
	int64_t now_us = app->paused ? app->snapshot->taken_us : app->now_us;
	int column = pen->column, cells = at->widths[COLUMN_CURVE];
	double low, high;

	pen_put(pen, role, "");
	if (cells == 0 || series == NULL || !series_range(series, now_us, &low, &high))
		return;
	sparkline_draw(at->area, at->row, column, cells, role, series, now_us,
		high < CURVE_LEAST ? CURVE_LEAST : 0);
}

/* "replay: a conflict or load": the column has the word, Enter the rest. */
static void
put_cause(struct pen *pen, enum role role, const char *words)
{
	char *cause = alloc_copy_bytes(words, strcspn(words, ":"));

	pen_put(pen, role, cause);
	free(cause);
}

static void
draw_replica(const struct replicas_row *at, struct pen *pen, size_t index)
{
	const struct replica *replica = &at->list->items[index];
	enum role role = replica_role(at->app, replica);
	bool trouble =
		role == ROLE_ALERT || role == ROLE_WARNING || replica->problem != NULL;
	char bytes[BYTES_TEXT];
	char *name = replica_tree_text(at->area.canvas, at->list, index);
	char *age = replica_lag_words(replica), *revisions = replica_revisions(replica);

	pen_put(pen, trouble ? role : ROLE_TEXT, trouble ? "!" : "");
	/* The lines are ours, the name isn't. */
	char *line = draw_line(name, at->widths[COLUMN_NAME]);
	pen_own(pen, ROLE_TEXT, replica->depth == 0 ? line : name);
	free(line);
	if (replica->problem != NULL && replica->lag_bytes < 0) {
		pen_rest(pen, ROLE_ALERT, replica->problem);
	} else {
		pen_put(pen, ROLE_TEXT,
			replica->state != NULL ? replica->state
			: replica->own.read && replica->own.receiver == RECEIVER_RUNS
				? "receiving"
				: "unknown");
		pen_put(pen, role,
			replica->kind == REPLICA_BACKUP
				? "-"
				: bytes_format(replica->lag_bytes, bytes));
		if (replica->problem != NULL) {
			pen_rest(pen, ROLE_ALERT, replica->problem);
		} else {
			pen_put(pen, role, age);
			put_curve(at, pen, role);
			put_cause(pen, role, replica_cause_words(replica->cause));
			pen_put(pen, ROLE_TEXT, revisions);
			pen_put(pen, ROLE_DIM,
				replica->kind == REPLICA_LOGICAL ? "logical"
				: replica->kind == REPLICA_WAL_ONLY
					? "WAL only"
					: replica->sync_state);
		}
	}
	free(revisions);
	free(age);
	free(name);
}

/* What stands beside "inactive" and for how long; Enter has the whole sentence. */
static const char *
slot_word(const struct slot *slot)
{
	switch (slot_state(slot)) {
	case SLOT_HOLDS:
		return "holds WAL";
	case SLOT_AT_RISK:
		return "soon lost";
	case SLOT_LOST:
		return "lost";
	case SLOT_IN_CONFLICT:
		return "invalidated";
	case SLOT_UNUSED:
		return "never used";
	default:
		return "";
	}
}

static void
draw_slot(const struct replicas_row *at, struct pen *pen, const struct slot *slot)
{
	int64_t now_us = app_server_now_us(at->app);
	enum role role = slot_state(slot) >= SLOT_AT_RISK ? ROLE_ALERT
			 : slot_in_trouble(slot)	  ? ROLE_WARNING
							  : ROLE_DIM;
	char *name = alloc_printf("slot %s", slot->name);
	char bytes[BYTES_TEXT], age[DURATION_TEXT];

	pen_put(pen, role, slot_in_trouble(slot) ? "!" : "");
	pen_put(pen, slot_in_trouble(slot) ? role : ROLE_TEXT, name);
	pen_put(pen, role, slot->active ? "active" : "inactive");
	pen_put(pen, role, bytes_format(slot->held_bytes, bytes));
	pen_put(pen, role,
		slot->inactive_since_us == 0
			? "-"
			: duration_format(now_us - slot->inactive_since_us, age));
	put_curve(at, pen, role);
	pen_put(pen, role, slot_word(slot));
	pen_put(pen, ROLE_TEXT, "");
	pen_put(pen, ROLE_DIM, slot->logical ? "logical" : "physical");
	free(name);
}

static void
draw_subscription(const struct replicas_row *at, struct pen *pen,
	const struct subscription *subscription)
{
	int64_t now_us = app_server_now_us(at->app);
	bool trouble = subscription_in_trouble(subscription);
	enum role role = trouble ? ROLE_WARNING : ROLE_TEXT;
	char *name = alloc_printf("from %s in %s", subscription->name,
		subscription->database == NULL ? "?" : subscription->database);
	char *words = subscription_words(subscription);
	char bytes[BYTES_TEXT], age[DURATION_TEXT];

	pen_put(pen, role, trouble ? "!" : "");
	pen_put(pen, trouble ? role : ROLE_TEXT, name);
	/* "runs, 2 errors": the errors stand with the cause. */
	char *state = alloc_copy_bytes(words, strcspn(words, ","));
	pen_put(pen, role, state);
	free(state);
	pen_put(pen, role, bytes_format(subscription_lag_bytes(subscription), bytes));
	pen_put(pen, role,
		subscription->received_us == 0
			? "-"
			: duration_format(now_us - subscription->received_us, age));
	pen_put(pen, role, "");
	pen_put(pen, role, words);
	pen_put(pen, ROLE_TEXT, "");
	pen_put(pen, ROLE_DIM, "incoming");
	free(words);
	free(name);
}

static void
replicas_draw_row(const struct replicas_row *at, size_t index)
{
	const struct replication_row row = replication_row(at->list, index);
	struct pen pen = pen_at(at->area, at->row, columns, at->widths);
	char *words;

	switch (row.kind) {
	case REPLICATION_ROW_SYNC:
		words = replication_sync_words(at->list);
		pen_put(&pen, ROLE_ALERT, "!");
		pen_rest(&pen, ROLE_ALERT, words);
		free(words);
		break;
	case REPLICATION_ROW_REPLICA:
		draw_replica(at, &pen, row.index);
		break;
	case REPLICATION_ROW_SLOT:
		draw_slot(at, &pen, &at->list->slots[row.index]);
		break;
	case REPLICATION_ROW_SUBSCRIPTION:
		draw_subscription(at, &pen, &at->list->subscriptions[row.index]);
		break;
	}
}

/* Why the list is empty, and what would fill it. */
static char *
replicas_nothing(const struct app *app)
{
	const struct replication *list = &app->snapshot->replication;

	if (list->problem != NULL)
		return alloc_copy(list->problem);
	return alloc_copy("no standby is connected; those that connect are shown, "
			  "replica.NAME in the settings watches one directly");
}

/* What a part lacks, in the rows that are left; the next free one. */
static int
draw_problem(struct area area, int row, const char *what, const char *problem)
{
	if (problem == NULL || row >= area.rows)
		return row;
	char *text = alloc_printf("%s: %s", what, problem);
	char *line = draw_line(text, area.columns - 2);
	area_field(area, row, 2, area.columns - 2, ROLE_DIM, line);
	free(line);
	free(text);
	return row + 1;
}

static void
replicas_draw(const struct app *app, struct area area)
{
	const struct pane_state *state = &app->panes[PANE_REPLICAS];
	int widths[COLUMNS_MAX], row = 1;

	if (app->snapshot == NULL) {
		draw_empty(area, "no replica is known yet: the server was not reached");
		return;
	}
	const struct replication *list = &app->snapshot->replication;
	size_t rows = replication_rows(list);
	if (rows == 0) {
		char *why = replicas_nothing(app);

		draw_empty(area, why);
		free(why);
		return;
	}
	columns_fit(columns, REPLICA_COLUMNS, area.columns, widths);
	columns_head(area, columns, REPLICA_COLUMNS, widths);
	for (; row < area.rows; row++) {
		size_t at = state->top + (size_t)row - 1;
		struct replicas_row place = { app, list, area, row, widths, NULL };

		if (at >= rows)
			break;
		place.identity = replication_row_identity(list, at);
		replicas_draw_row(&place, at);
		free(place.identity);
		if (at == state->row)
			draw_cursor(area, row, app->focus == PANE_REPLICAS);
	}
	row = draw_problem(area, row, "replicas", list->problem);
	row = draw_problem(area, row, "slots", list->slots_problem);
	draw_problem(area, row, "subscriptions", list->subscriptions_problem);
}

const struct pane pane_replicas = {
	.id = PANE_REPLICAS,
	.summary = replicas_summary,
	.draw = replicas_draw,
	.detail = replicas_detail,
};
