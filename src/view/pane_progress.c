#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/view/draw.h"
#include "pgrunbook/view/migration.h"
#include "pgrunbook/view/pane.h"

enum { COLUMN_BAR = 2, COLUMN_WHAT = 4, PROGRESS_COLUMNS = 9 };

static const struct column columns[PROGRESS_COLUMNS] = {
	{ .width = 1 },		    /* the cursor */
	{ .width = -7 },	    /* pid */
	{ .width = 10, .rank = 1 }, /* bar */
	{ .width = -4 },	    /* percent, or that it is unknown */
	{ .width = 30, .least = 16, .grows = true },		/* what it does */
	{ .width = 24, .least = 14, .rank = 1, .grows = true }, /* phase */
	{ .width = 18, .rank = 3 },				/* how far */
	{ .width = -11, .rank = 2 },				/* rate */
	{ .width = -8, .rank = 1 },				/* rest */
};

static char *
progress_summary(const struct app *app)
{
	size_t count = app->snapshot == NULL ? 0 : app_progress_rows(app);
	if (app->snapshot == NULL ||
		(count == 0 && app->snapshot->left_out & SNAPSHOT_PROGRESS))
		return NULL;
	return count == 0 ? alloc_copy("nothing") : alloc_printf("%zu running", count);
}

/*
 * The phase, with the most important first: "waits for 4312: old snapshots", "scanning
 * table" of an index that is built.
 */
static char *
progress_phase(const struct progress *progress)
{
	static const char waits[] = "waiting for ", builds[] = "building index: ";
	int locker = (int)progress->counters[PROGRESS_LOCKER];
	char *words = progress_phase_words(progress);
	char *shorter = NULL;

	if (words == NULL)
		return NULL;
	if (locker > 0 && strncmp(words, waits, sizeof(waits) - 1) == 0)
		shorter = alloc_printf(
			"waits for %d: %s", locker, words + sizeof(waits) - 1);
	else if (strncmp(words, builds, sizeof(builds) - 1) == 0)
		shorter = alloc_copy(words + sizeof(builds) - 1);
	if (shorter == NULL)
		return words;
	free(words);
	return shorter;
}

static char *
progress_share(const struct progress *progress)
{
	int percent = progress_percent(progress);

	if (percent < 0)
		return alloc_copy("-");
	return percent == 0 && progress->done > 0 ? alloc_copy("<1%")
						  : alloc_printf("%d%%", percent);
}

/* ">2m10s": more comes after this phase, which the words of the detail say. */
static char *
progress_rest(const struct progress *progress)
{
	char age[DURATION_TEXT];

	if (progress->rest_us < 0)
		return NULL;
	return alloc_printf("%s%s",
		progress->last ? "" : ">=", duration_format(progress->rest_us, age));
}

static char *
progress_what(const struct progress *progress, int cells)
{
	char *words = progress_command_words(progress);

	if (text_width(words) <= cells)
		return words;
	free(words);
	return progress_short_words(progress);
}

/* What a migration does: what the server counts of it, else its statement. */
static char *
row_what(const struct progress_row *at, int cells)
{
	if (at->progress != NULL && !at->progress->hidden)
		return progress_what(at->progress, cells);
	if (at->migration == NULL)
		return progress_what(at->progress, cells);
	return migration_statement(at->migration->session->query, cells);
}

/* Where it is in that; of a migration that waits whom for. */
static char *
row_phase(const struct progress_row *at, int64_t now_us, enum role *role)
{
	const struct progress *progress = at->progress;
	char *waits =
		at->migration == NULL ? NULL : migration_wait_words(at->migration);

	*role = ROLE_TEXT;
	if (waits != NULL) {
		*role = ROLE_ALERT;
		return waits;
	}
	if (progress == NULL)
		return migration_state_words(at->migration, now_us);
	if (progress->hidden)
		*role = ROLE_DIM;
	else if (progress->counters[PROGRESS_LOCKER] > 0)
		*role = ROLE_WARNING;
	return progress_phase(progress);
}

/* A migration of which nothing is counted has none of these. */
static const struct progress nothing = {
	.unit = PROGRESS_UNKNOWN, .done = -1, .total = -1, .rate = -1, .rest_us = -1
};

static void
progress_draw_row(const struct app *app, const struct progress_row *at,
	struct area area, int row, const int *widths)
{
	const struct progress *progress =
		at->progress == NULL ? &nothing : at->progress;
	int pid = at->migration == NULL ? progress->pid : at->migration->session->pid;
	int percent = progress_percent(progress);
	enum role role;
	char *what = row_what(at, widths[COLUMN_WHAT]);
	char *phase = row_phase(at, app_server_now_us(app), &role);
	char *bar =
		percent < 0 ? NULL : draw_bar(area.canvas, percent, widths[COLUMN_BAR]);
	char *share = progress_share(progress);
	char *done = progress_done_words(progress);
	char *rate = progress_rate_words(progress);
	char *rest = progress_rest(progress);
	char number[16];
	struct pen pen = pen_at(area, row, columns, widths);

	snprintf(number, sizeof(number), "%d", pid);
	pen_put(&pen, ROLE_TEXT, "");
	pen_put(&pen, at->migration == NULL ? ROLE_TEXT : ROLE_MIGRATION, number);
	if (bar == NULL && at->migration != NULL)
		pen_put(&pen, ROLE_MIGRATION, "MIGRATION");
	else
		pen_own(&pen, ROLE_GOOD, bar == NULL ? "" : bar);
	pen_put(&pen, ROLE_TEXT, share);
	pen_put(&pen, ROLE_TEXT, what);
	pen_put(&pen, role, phase);
	pen_put(&pen, ROLE_DIM, done);
	pen_put(&pen, ROLE_DIM, rate);
	pen_put(&pen, ROLE_TEXT, rest);
	free(what);
	free(phase);
	free(bar);
	free(share);
	free(done);
	free(rate);
	free(rest);
}

static void
progress_draw(const struct app *app, struct area area)
{
	const struct pane_state *state = &app->panes[PANE_PROGRESS];
	size_t rows = app_pane_rows(app, PANE_PROGRESS);
	int widths[COLUMNS_MAX];

	if (app->snapshot == NULL) {
		draw_empty(area, "nothing is known yet: the server was not reached");
		return;
	}
	if (rows == 0 && app->snapshot->left_out & SNAPSHOT_PROGRESS) {
		draw_empty(area, app->lost == NULL ? "looking"
				 : app->lost_waits
					 ? "not known: the server does not answer"
					 : "not known: there is no connection");
		return;
	}
	if (rows == 0 && app->snapshot->progress.problem != NULL) {
		draw_empty(area, app->snapshot->progress.problem);
		return;
	}
	if (rows == 0) {
		draw_empty(area,
			"nothing runs that the server counts: indexes, vacuum, "
			"analyze, cluster, copy and base backups are shown");
		return;
	}
	columns_fit(columns, PROGRESS_COLUMNS, area.columns, widths);
	for (int row = 0; row < area.rows; row++) {
		size_t at = state->top + (size_t)row;

		struct progress_row operation;

		if (!app_progress_row(app, at, &operation))
			break;
		progress_draw_row(app, &operation, area, row, widths);
		if (at == state->row)
			draw_cursor(area, row, app->focus == PANE_PROGRESS);
	}
}

/* The session that an index waits for: it is the one to look at. */
static void
detail_locker(const struct app *app, int pid, struct flow *flow)
{
	const struct session *session = session_find(&app->snapshot->sessions, pid);
	int64_t now = app_server_now_us(app);
	char age[DURATION_TEXT];

	if (session == NULL) {
		flow_printf(flow, ROLE_WARNING, 0, "waits for %d", pid);
		return;
	}
	char *who = session_who(session, 60);
	flow_printf(flow, ROLE_WARNING, 0, "waits for %d, %s: %s, transaction %s", pid,
		who, session_state_words(session->state),
		duration_format(session_transaction_age_us(session, now), age));
	free(who);
	flow_fact(flow, "its query", session->query);
}

static void
detail_counter(
	const struct progress *progress, const char *label, int done, struct flow *flow)
{
	int64_t total = progress->counters[done - 1];
	char have[BYTES_TEXT], all[BYTES_TEXT];

	if (total <= 0 || progress->counters[done] < 0)
		return;
	char *words = alloc_printf("%s of %s",
		count_format(progress->counters[done], have), count_format(total, all));
	flow_fact(flow, label, words);
	free(words);
}

/* What the views tell beside the phase's own counter. */
static void
detail_more(const struct progress *progress, struct flow *flow)
{
	const int64_t *counters = progress->counters;
	char text[DURATION_TEXT];

	if (progress->kind == PROGRESS_CREATE_INDEX)
		detail_counter(progress, "partitions", PROGRESS_PARTS_DONE, flow);
	if (progress->kind == PROGRESS_BASE_BACKUP)
		detail_counter(progress, "tablespaces", PROGRESS_PARTS_DONE, flow);
	if (progress->kind == PROGRESS_COPY && counters[PROGRESS_TUPLES_DONE] >= 0) {
		char rows[BYTES_TEXT];

		flow_fact(flow, "rows",
			count_format(counters[PROGRESS_TUPLES_DONE], rows));
	}
	if (counters[PROGRESS_MEMORY_TOTAL] > 0 && counters[PROGRESS_MEMORY_USED] >= 0)
		flow_printf(flow, ROLE_TEXT, 0,
			"memory for dead rows is %d%% full; when it is, the indexes "
			"are gone over once more",
			(int)(counters[PROGRESS_MEMORY_USED] * 100 /
				counters[PROGRESS_MEMORY_TOTAL]));
	if (counters[PROGRESS_DELAY_US] > 0)
		flow_fact(flow, "slept",
			duration_format(counters[PROGRESS_DELAY_US], text));
}

static void
detail_progress(
	const struct app *app, const struct progress *progress, struct flow *flow)
{
	char *what = progress_command_words(progress);
	char *phase = progress_phase_words(progress);
	char *done = progress_done_words(progress);
	char *share = progress_share(progress);
	char *rate = progress_rate_words(progress);
	char *rest = progress_rest_words(progress);
	struct str far = { 0 };

	flow_fact(flow, "runs", what);
	flow_fact(flow, "database", progress->database);
	flow_fact(flow, "phase", phase);
	if (done != NULL)
		str_printf(&far, "%s%s%s%s", done,
			progress->total < 0 ? ", of an unknown total" : " (",
			progress->total < 0 ? "" : share,
			progress->total < 0 ? "" : ")");
	flow_fact(flow, "done",
		done == NULL ? "the server does not say" : str_text(&far));
	flow_fact(flow, "rate", rate);
	if (rest != NULL && !progress->last) {
		char *words = alloc_printf("%s: this phase; others follow", rest);

		flow_fact(flow, "takes", words);
		free(words);
	} else {
		flow_fact(flow, "takes", rest);
	}
	detail_more(progress, flow);
	if (progress->counters[PROGRESS_LOCKER] > 0)
		detail_locker(app, (int)progress->counters[PROGRESS_LOCKER], flow);
	free(what);
	free(phase);
	free(done);
	free(share);
	free(rate);
	free(rest);
	str_free(&far);
}

static int
progress_detail(const struct app *app, struct area area, int top)
{
	struct flow flow = flow_at(area, top);
	struct progress_row at;
	char pid[16];

	if (!app_selected_progress(app, &at)) {
		flow_gone(&flow, app, PANE_PROGRESS);
		return flow.row + top;
	}
	if (at.migration != NULL)
		migration_facts(app, at.migration, &flow);
	if (at.migration != NULL && at.progress != NULL)
		flow_gap(&flow);
	if (at.progress == NULL)
		return flow.row + top;
	if (at.migration == NULL) {
		snprintf(pid, sizeof(pid), "%d", at.progress->pid);
		flow_fact(&flow, "pid", pid);
	}
	detail_progress(app, at.progress, &flow);
	if (at.migration == NULL && at.progress->session != NULL) {
		flow_gap(&flow);
		session_facts(app, at.progress->session, &flow);
	}
	return flow.row + top;
}

const struct pane pane_progress = {
	.id = PANE_PROGRESS,
	.summary = progress_summary,
	.draw = progress_draw,
	.detail = progress_detail,
};
