#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/view/draw.h"
#include "pgrunbook/view/pane.h"

/* The tree stands before the pid; its width follows what is on screen. */
enum { COLUMN_TREE = 1, COLUMN_WHAT = 5, COLUMN_WHO = 6, LOCK_COLUMNS = 8 };

static const struct column columns[LOCK_COLUMNS] = {
	{ .head = "", .width = 1 }, /* the cursor */
	{ .head = "PID", .width = 6 },
	{ .head = "BLOCKS", .width = -6 },
	{ .head = "STATE", .width = 10 }, /* or what else it is */
	{ .head = "WAIT", .width = -7, .rank = 1 },
	{ .head = "WAITS FOR", .width = 18, .least = 10, .grows = true },
	{ .head = "WHO", .width = 12, .rank = 2 },
	{ .head = "QUERY", .width = 26, .rank = 3, .grows = true },
};

static char *
locks_summary(const struct app *app)
{
	if (app->snapshot == NULL || app->snapshot->locks == NULL)
		return NULL;
	if (app->snapshot->locks_unread)
		return alloc_copy("not known");
	size_t roots = lock_forest_roots(app->snapshot->locks);
	size_t waiting = lock_forest_waiting(app->snapshot->locks);

	if (waiting == 0)
		return alloc_copy("nobody waits");
	return alloc_printf(
		"%zu root%s, %zu waiting", roots, roots == 1 ? "" : "s", waiting);
}

/*
 * Lines from parent to child.  Whether an ancestor has siblings to come decides
 * between a line and a blank, so the prefix is built from the row up.
 */
static char *
lock_tree_text(const struct canvas *canvas, const struct lock_forest *forest, size_t at,
	int cells)
{
	const struct lock_row *row = lock_forest_row(forest, at);
	char *text =
		row->pid != 0 ? alloc_printf("%d", row->pid) : alloc_copy("prepared");

	for (int depth = row->depth; depth > 0; depth--) {
		enum glyph glyph = row->last ? GLYPH_LAST_BRANCH : GLYPH_BRANCH;
		bool own = row == lock_forest_row(forest, at);
		const char *lines = own ? canvas_glyph_text(canvas, glyph)
				    : row->last
					    ? "  "
					    : canvas_glyph_text(canvas, GLYPH_VERTICAL);
		char *longer = alloc_printf(
			"%s%s%s", lines, own || row->last ? "" : " ", text);

		free(text);
		text = longer;
		if (text_width(text) + 2 > cells && depth > 1) {
			/* Too deep for the column: the levels above are implied. */
			longer = alloc_printf("%s%s",
				canvas_glyph_text(canvas, GLYPH_ELLIPSIS), text);
			free(text);
			return longer;
		}
		row = lock_forest_row(forest, row->parent);
	}
	return text;
}

static const char *
lock_state_words(const struct lock_row *row, enum role *role)
{
	*role = ROLE_TEXT;
	if (row->cycle) {
		*role = ROLE_ALERT;
		return "DEADLOCK";
	}
	if (row->session != NULL && row->session->migration) {
		*role = ROLE_MIGRATION;
		return "MIGRATION";
	}
	if (row->wait == NULL)
		*role = ROLE_WARNING;
	if (row->kind != LOCK_NODE_SESSION || row->session == NULL)
		return lock_node_kind_words(row->kind);
	if (session_is_hidden(row->session))
		return "hidden";
	return session_state_words(row->session->state);
}

/* Of several it stands under one; the others are named with it. */
static void
lock_add_further(
	const struct lock_forest *forest, const struct lock_row *row, struct str *out)
{
	const struct lock_row *parent = lock_forest_row(forest, row->parent);
	size_t named = 0;

	if (row->waits_for_count < 2)
		return;
	for (size_t i = 0; i < row->waits_for_count; i++) {
		if (row->waits_for[i] == parent->pid)
			continue;
		str_add(out, named++ == 0 ? ", also blocked by " : ", ");
		if (row->waits_for[i] == 0)
			str_add(out, "prepared");
		else
			str_printf(out, "%d", row->waits_for[i]);
	}
}

/* What it waits for; of who waits for nobody what it holds, and since when. */
static char *
lock_what(const struct app *app, const struct lock_row *row, int cells)
{
	enum { WORDS_CELLS = 20 }; /* less has no room for saying which of the two */
	int64_t now = app_server_now_us(app);
	struct str out = { 0 };
	char age[DURATION_TEXT];
	char *has = lock_row_has(row);
	char *wants = lock_row_wants(row);

	if (wants != NULL) {
		str_add(&out, wants);
		lock_add_further(app->snapshot->locks, row, &out);
	} else if (has != NULL) {
		str_printf(&out, "%s%s", cells < WORDS_CELLS ? "" : "holds ", has);
	}
	free(has);
	if (wants == NULL) {
		int64_t since = row->prepared != NULL ? now - row->prepared->prepared_us
				: row->session != NULL
					? session_transaction_age_us(row->session, now)
					: -1;
		if (since >= 0)
			str_printf(&out, "%stransaction %s",
				out.length == 0 ? "" : ", ",
				duration_format(since, age));
	}
	free(wants);
	return str_take(&out);
}

/* How long it waits; of a root: how long the longest below it does. */
static char *
lock_time(const struct app *app, const struct lock_forest *forest, size_t at)
{
	const struct lock_row *row = lock_forest_row(forest, at);
	int64_t now = app_server_now_us(app);
	char age[DURATION_TEXT];

	if (row->wait == NULL)
		return alloc_copy(
			duration_format(lock_row_wait_us(forest, at, now), age));
	int64_t waited = lock_wait_us(row->wait, now);
	if (waited < 0)
		return alloc_copy("?");
	return alloc_printf("%s%s", row->wait->since_at_least ? ">=" : "",
		duration_format(waited, age));
}

static char *
lock_who(const struct lock_row *row, int cells)
{
	if (row->prepared != NULL)
		return alloc_copy(row->prepared->owner);
	return row->session == NULL ? alloc_copy("") : session_who(row->session, cells);
}

static void
locks_draw_row(
	const struct app *app, struct area area, int row, size_t at, const int *widths)
{
	const struct lock_forest *forest = app->snapshot->locks;
	const struct lock_row *lock = lock_forest_row(forest, at);
	enum role role;
	const char *words = lock_state_words(lock, &role);
	char *tree = lock_tree_text(area.canvas, forest, at, widths[COLUMN_TREE]);
	char *what = lock_what(app, lock, widths[COLUMN_WHAT]);
	char *wait = lock_time(app, forest, at);
	char *who = lock_who(lock, widths[COLUMN_WHO]);
	char held_up[24] = "";
	struct pen pen = pen_at(area, row, columns, widths);

	if (lock->held_up != 0)
		snprintf(held_up, sizeof(held_up), "%zu", lock->held_up);
	pen_put(&pen, ROLE_TEXT, "");
	pen_own(&pen, role == ROLE_MIGRATION ? role : ROLE_TEXT, tree);
	pen_put(&pen, ROLE_WARNING, held_up);
	pen_put(&pen, role, words);
	pen_put(&pen, lock->wait == NULL ? ROLE_DIM : ROLE_WARNING, wait);
	pen_put(&pen, lock->wait == NULL ? ROLE_WARNING : ROLE_TEXT, what);
	pen_put(&pen, ROLE_TEXT, who);
	pen_put(&pen, ROLE_DIM, lock_row_query(lock));
	free(tree);
	free(what);
	free(wait);
	free(who);
}

/* Widths for the rows on screen: the tree gets what it needs, up to a third. */
static void
locks_fit(const struct app *app, struct area area, int *widths)
{
	const struct lock_forest *forest = app->snapshot->locks;
	struct column fitted[LOCK_COLUMNS];
	size_t top = app->panes[PANE_LOCKS].top;
	int most = area.columns / 3;
	int need = columns[COLUMN_TREE].width;

	memcpy(fitted, columns, sizeof(fitted));
	for (size_t at = top; at < lock_forest_rows(forest); at++) {
		if (at - top + 1 >= (size_t)area.rows)
			break;
		char *text = lock_tree_text(area.canvas, forest, at, most);
		int width = text_width(text);

		need = width > need ? width : need;
		free(text);
	}
	fitted[COLUMN_TREE].width = need;
	columns_fit(fitted, LOCK_COLUMNS, area.columns, widths);
}

/* That nobody waits would be a guess. */
static void
locks_draw_unread(const struct app *app, struct area area)
{
	const char *problem = app->snapshot->problems[SNAPSHOT_OF_LOCKS];
	char *words = alloc_printf("who waits for a lock could not be read%s%s",
		problem == NULL ? "" : ": ", problem == NULL ? "" : problem);

	draw_empty(area, words);
	free(words);
}

static void
locks_draw(const struct app *app, struct area area)
{
	const struct pane_state *state = &app->panes[PANE_LOCKS];
	size_t rows = app_pane_rows(app, PANE_LOCKS);
	int widths[COLUMNS_MAX];

	if (app->snapshot == NULL) {
		draw_empty(area, "no lock is known yet: the server was not reached");
		return;
	}
	if (app->snapshot->locks_unread) {
		locks_draw_unread(app, area);
		return;
	}
	if (rows == 0) {
		draw_empty(area, "nobody waits for a lock");
		return;
	}
	locks_fit(app, area, widths);
	columns_head(area, columns, LOCK_COLUMNS, widths);
	for (int row = 1; row < area.rows; row++) {
		size_t at = state->top + (size_t)row - 1;

		if (at >= rows)
			break;
		locks_draw_row(app, area, row, at, widths);
		if (at == state->row)
			draw_cursor(area, row, app->focus == PANE_LOCKS);
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
detail_prepared(
	const struct app *app, const struct lock_prepared *prepared, struct flow *flow)
{
	flow_fact(flow, "prepared", prepared->gid);
	flow_fact(flow, "transaction", prepared->transaction);
	flow_fact(flow, "owner", prepared->owner);
	flow_fact(flow, "database", prepared->database);
	detail_age(flow, "for", app_server_now_us(app) - prepared->prepared_us);
}

static void
detail_wait(const struct app *app, const struct lock_row *row, const char *waited,
	struct flow *flow)
{
	char *wants = lock_row_wants(row);
	char *behind = lock_row_behind(app->snapshot->locks, row, 0);

	flow_fact(flow, row->kind == LOCK_NODE_STARTUP ? "replay waits" : "waits for",
		wants);
	flow_fact(flow, "lock type", row->wait->kind);
	flow_fact(flow, "waiting", waited);
	if (row->wait->since_at_least)
		flow_text(flow, ROLE_DIM, 14,
			"that long since it was first seen to wait; the server "
			"doesn't say more");
	flow_fact(flow, "blocked by", behind);
	free(wants);
	free(behind);
	for (size_t i = 0; i < row->worker_wait_count; i++) {
		const struct lock_wait *wait = row->worker_waits[i];
		char *what = lock_words(
			wait->object == NULL ? wait->kind : wait->object, wait->mode);
		char *words = alloc_printf("%d waits for %s", wait->pid, what);

		flow_fact(flow, i == 0 ? "its workers" : "", words);
		free(what);
		free(words);
	}
}

/* What happens if this one is ended, each way that there is for it. */
static void
detail_release(const struct app *app, const struct lock_row *row, struct flow *flow)
{
	for (int way = 0; way < LOCK_END_COUNT; way++) {
		enum lock_end how = (enum lock_end)way;
		struct lock_release release = lock_forest_release(
			app->snapshot->locks, app->panes[PANE_LOCKS].row, how);
		char *words = lock_release_words(&release);

		if (lock_row_ends(row, how))
			flow_fact(flow, lock_end_words(how), words);
		free(words);
	}
}

static int
locks_detail(const struct app *app, struct area area, int top)
{
	const struct lock_row *row = app_selected_lock(app);
	struct flow flow = flow_at(area, top);
	char text[32];

	if (row == NULL) {
		flow_gone(&flow, app, PANE_LOCKS);
		return flow.row + top;
	}
	if (row->prepared != NULL)
		flow_label(&flow, lock_end_words(LOCK_END_ROLLBACK));
	if (row->cycle)
		flow_text(&flow, ROLE_ALERT, 0,
			"part of a DEADLOCK: the server ends one of its members soon");
	if (row->pid != 0) {
		snprintf(text, sizeof(text), "%d", row->pid);
		flow_fact(&flow, "pid", text);
	}
	flow_fact(&flow, "kind", lock_node_kind_name(row->kind));
	if (row->wait != NULL) {
		char *waited = lock_time(
			app, app->snapshot->locks, app->panes[PANE_LOCKS].row);

		detail_wait(app, row, waited, &flow);
		free(waited);
	}
	char *has = lock_row_has(row);
	flow_fact(&flow, "holds", has);
	free(has);
	snprintf(text, sizeof(text), "%zu", row->held_up);
	flow_fact(&flow, "blocks", text);
	if (row->held_up != 0)
		detail_release(app, row, &flow);
	flow_fact(&flow, "to end it", lock_row_remedy(row));
	flow_gap(&flow);
	if (row->prepared != NULL)
		detail_prepared(app, row->prepared, &flow);
	if (row->session != NULL)
		session_facts(app, row->session, &flow);
	return flow.row + top;
}

const struct pane pane_locks = {
	.id = PANE_LOCKS,
	.summary = locks_summary,
	.draw = locks_draw,
	.detail = locks_detail,
};
