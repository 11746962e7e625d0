/* What keys do: they change the app's state and leave requests. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/model/version_choose.h"

void
app_focus(struct app *app, enum pane_id pane)
{
	app->focus = pane;
	app->overlay = OVERLAY_NONE;
	app_settle(app);
}

/* The rows of the list or text that has the keys; SIZE_MAX: only drawing knows. */
static size_t
app_over_rows(const struct app *app)
{
	switch (app->overlay) {
	case OVERLAY_RUNBOOKS:
		return app->runbooks.count;
	case OVERLAY_REVISIONS:
		return app->tree == NULL ? 0 : tree_order(app->tree)->count + 1;
	case OVERLAY_TABLES:
		return app->tables.candidate_count;
	case OVERLAY_OUTPUT:
		return output_lines(&app->output);
	default:
		return SIZE_MAX;
	}
}

static void
app_move_over(struct app *app, ptrdiff_t by, size_t page)
{
	struct pane_state *over = &app->over;
	size_t rows = app_over_rows(app);
	bool text = app->overlay == OVERLAY_HELP || app->overlay == OVERLAY_DETAIL ||
		    app->overlay == OVERLAY_OUTPUT;

	/* A text ends where the view found that it does; until then there is no end. */
	if (rows == SIZE_MAX && app->over_last != SIZE_MAX)
		rows = app->over_last + 1;
	if (over->row >= rows)
		over->row = rows == 0 ? 0 : rows - 1;
	if (by < 0)
		over->row = over->row > (size_t)-by ? over->row - (size_t)-by : 0;
	else if (rows != 0)
		over->row = over->row + (size_t)by < rows ? over->row + (size_t)by
							  : rows - 1;
	if (text) {
		over->top = over->row;
		return;
	}
	if (over->row < over->top)
		over->top = over->row;
	if (over->row >= over->top + page)
		over->top = over->row - page + 1;
}

void
app_move(struct app *app, ptrdiff_t by)
{
	struct pane_state *state = &app->panes[app->focus];

	if (app->overlay != OVERLAY_NONE) {
		app_move_over(app, by, (size_t)(app->rows > 6 ? app->rows - 6 : 1));
		return;
	}
	size_t row = by < 0 && state->row < (size_t)-by ? 0 : state->row + (size_t)by;
	app_move_to(app, app->focus, row);
}

void
app_over_to(struct app *app, size_t row)
{
	app_move_over(app, (ptrdiff_t)row - (ptrdiff_t)app->over.row,
		(size_t)(app->rows > 6 ? app->rows - 6 : 1));
}

static void
app_overlay(struct app *app, enum overlay overlay)
{
	app->overlay = overlay;
	app->over.row = app->over.top = 0;
	app->over_last = SIZE_MAX;
	if (overlay == OVERLAY_OUTPUT && output_lines(&app->output) > 1)
		app_move_over(app, (ptrdiff_t)output_lines(&app->output), 1);
}

void
app_choose_table(struct app *app, const struct version_rows *rows)
{
	version_rows_free(&app->tables);
	version_rows_copy(&app->tables, rows);
	app_overlay(app, OVERLAY_TABLES);
	app->over.row = version_choose_best(app->tree, rows);
}

static void
app_choose(struct app *app)
{
	size_t row = app->over.row;
	enum overlay overlay = app->overlay;

	app->overlay = OVERLAY_NONE;
	if (overlay == OVERLAY_RUNBOOKS && row < app->runbooks.count) {
		app_request(app, REQUEST_OPEN_RUNBOOK)->text =
			alloc_copy(app->runbooks.items[row]);
	} else if (overlay == OVERLAY_TABLES && row < app->tables.candidate_count) {
		app_request(app, REQUEST_TABLE)->text =
			alloc_copy(app->tables.candidates[row].name);
	} else if (overlay == OVERLAY_REVISIONS && app->tree != NULL) {
		const struct tree_list *order = tree_order(app->tree);

		app_request(app, REQUEST_INPUT)->value =
			row < order->count
				? alloc_copy(tree_at(app->tree, order->items[row])
						     ->script.revision)
				: alloc_copy("base");
	}
}

/*
 * A held Enter must not tick one attestation after another: what is ticked was read.
 * Every repeat keeps it waiting.
 */
static bool
app_held_open(struct app *app)
{
	int64_t before = app->opened_us;
	int step = app_selected_step(app);

	app->opened_us = app->now_us;
	if (app->runbook->steps[step].kind != STEP_ATTEST ||
		app->now_us - before >= ASK_REPEAT_US)
		return false;
	app_say(app, false, "step %d is to be read before it is ticked: Enter again",
		app->runbook->steps[step].number);
	return true;
}

static void
app_open(struct app *app, int unused)
{
	(void)unused;
	if (app->overlay != OVERLAY_NONE) {
		app_choose(app);
		return;
	}
	if (app->focus == PANE_RUNBOOK && app_selected_step(app) >= 0) {
		if (app_held_open(app))
			return;
		app_request(app, REQUEST_DO_STEP)->number = app_selected_step(app);
		return;
	}
	if (app->focus == PANE_RUNBOOK) {
		app_overlay(app, OVERLAY_RUNBOOKS);
		return;
	}
	if (app->focus == PANE_REVISIONS && app_revisions_open_fold(app))
		return;
	if (app->focus == PANE_OVERVIEW && app_overview_open(app))
		return;
	if (app_pane_rows(app, app->focus) == 0)
		return;
	/* What is read stays what it is, even if nobody had moved the cursor to it. */
	if (!app->panes[app->focus].gone)
		app_move_to(app, app->focus, app->panes[app->focus].row);
	app_overlay(app, OVERLAY_DETAIL);
}

static void
app_target_runbook(struct app *app, const char *runbook)
{
	int revision = app_need_revision(app);

	if (revision == TREE_NONE)
		return;
	const char *id = tree_at(app->tree, revision)->script.revision;
	char *line = alloc_printf("%s %s", runbook, id);
	app_command(app, line);
	free(line);
}

static void
act_end_lock(struct app *app, int terminate)
{
	const struct lock_row *row = app_selected_lock(app);
	const struct session *session = row == NULL ? NULL : row->session;

	if (row != NULL && session == NULL)
		app_say(app, true, "%s", lock_row_remedy(row));
	else
		app_ask_end(app, terminate, &session, session != NULL);
}

static void
app_skip(struct app *app, int unused)
{
	int step = app_selected_step(app);

	(void)unused;
	if (step < 0) {
		app_say(app, true, "no runbook is open");
		return;
	}
	char *label = alloc_printf(
		"skip step %d because: ", app->runbook->steps[step].number);
	app_line_open(app, LINE_REASON, label, "");
	app->line.step = step; /* the cursor may move on while the reason is typed */
	free(label);
}

static void
app_edit(struct app *app, int unused)
{
	int step = app_selected_step(app);

	(void)unused;
	if (step < 0)
		app_say(app, true, "no runbook is open");
	else
		app_request(app, REQUEST_EDIT)->number = step;
}

static void
app_next_step(struct app *app, int unused)
{
	(void)unused;
	int next = app->runbook == NULL ? -1 : run_next_step(&app->run, app->runbook);

	if (next < 0)
		app_say(app, false, "no step is open");
	else
		app_move_to(app, PANE_RUNBOOK, (size_t)next);
}

static void
app_abort(struct app *app, int unused)
{
	(void)unused;
	if (app->runbook == NULL)
		app_say(app, true, "no run to abort");
	else
		app_line_open(app, LINE_ABORT, "abort the run because: ", "");
}

static void
app_back(struct app *app, int unused)
{
	(void)unused;
	/* So is one that waits for a revision. */
	if (app->overlay == OVERLAY_REVISIONS)
		app_request(app, REQUEST_STOP);
	if (app->overlay != OVERLAY_NONE)
		app->overlay = OVERLAY_NONE;
	else if (app->revisions_view.plan.target != NULL)
		app_plan_end(app);
	else if (app->moved != NULL)
		app_see_moved(app);
	else if (app_see_gone_standbys(app))
		app_say(app, false, "standbys that are gone are not missed any more");
	else if (!app_find_end(app))
		app->zoomed = false;
}

static void
app_quit(struct app *app, int unused)
{
	(void)unused;
	if (app->overlay != OVERLAY_NONE)
		app_back(app, 0);
	else
		app_request(app, REQUEST_QUIT);
}

/* The acts that only set something or ask for something, by their argument. */
static void
act_request(struct app *app, int kind)
{
	app_request(app, (enum request_kind)kind);
}

static void
act_overlay(struct app *app, int overlay)
{
	app_overlay(app, (enum overlay)overlay);
}

static void
act_line(struct app *app, int purpose)
{
	app_line_open(app, (enum line_purpose)purpose,
		purpose == LINE_COMMAND ? ":" : "note: ", "");
}

static void
act_zoom(struct app *app, int unused)
{
	(void)unused;
	app->zoomed = !app->zoomed;
}

static void
act_pause(struct app *app, int unused)
{
	(void)unused;
	app_pause(app, !app->paused);
}

static void
act_pane(struct app *app, int pane)
{
	app_focus(app, (enum pane_id)pane);
}

static void
act_turn(struct app *app, int by)
{
	app_focus(
		app, (enum pane_id)(((int)app->focus + PANE_COUNT + by) % PANE_COUNT));
}

static void
act_move(struct app *app, int by)
{
	app_move(app, by);
}

static void
act_page(struct app *app, int by)
{
	const struct layout *layout = &app->layout;
	int page = (int)app_page_rows(app, app->focus);

	/* A text or list over the panes has all their rows but for its frame's. */
	if (app->overlay != OVERLAY_NONE)
		page = app->rows - layout->header.rows - layout->alerts.rows -
		       layout->footer.rows - 2;
	app_move(app, by * (page < 1 ? 1 : page));
}

static void
act_target(struct app *app, int upgrade)
{
	app_target_runbook(app, upgrade ? "upgrade" : "downgrade");
}

static void
act_find(struct app *app, int direction)
{
	if (direction == 0)
		app_find_open(app);
	else
		app_find_next(app, direction);
}

enum { FAR = 1000000 };	 /* further than any list */
enum { WHEEL_ROWS = 3 }; /* a notch */

static const struct {
	void (*act)(struct app *app, int argument);
	int argument;
} acts[ACT_COUNT] = {
	[ACT_HELP] = { act_overlay, OVERLAY_HELP },
	[ACT_QUIT] = { app_quit, 0 },
	[ACT_COMMAND] = { act_line, LINE_COMMAND },
	[ACT_FIND] = { act_find, 0 },
	[ACT_FIND_NEXT] = { act_find, 1 },
	[ACT_FIND_PREVIOUS] = { act_find, -1 },
	[ACT_ZOOM] = { act_zoom, 0 },
	[ACT_PAUSE] = { act_pause, 0 },
	[ACT_REFRESH] = { act_request, REQUEST_REFRESH },
	[ACT_MUTE] = { app_turn_mute, 0 },
	[ACT_REDRAW] = { act_request, REQUEST_REDRAW },
	[ACT_NEXT_PANE] = { act_turn, 1 },
	[ACT_PREVIOUS_PANE] = { act_turn, -1 },
	[ACT_PANE_1] = { act_pane, PANE_REVISIONS },
	[ACT_PANE_2] = { act_pane, PANE_SESSIONS },
	[ACT_PANE_3] = { act_pane, PANE_LOCKS },
	[ACT_PANE_4] = { act_pane, PANE_REPLICAS },
	[ACT_PANE_5] = { act_pane, PANE_PROGRESS },
	[ACT_PANE_6] = { act_pane, PANE_RUNBOOK },
	[ACT_PANE_7] = { act_pane, PANE_LOG },
	[ACT_PANE_8] = { act_pane, PANE_OVERVIEW },
	[ACT_UP] = { act_move, -1 },
	[ACT_DOWN] = { act_move, 1 },
	[ACT_PAGE_UP] = { act_page, -1 },
	[ACT_PAGE_DOWN] = { act_page, 1 },
	[ACT_FIRST] = { act_move, -FAR },
	[ACT_LAST] = { act_move, FAR },
	[ACT_OPEN] = { app_open, 0 },
	[ACT_BACK] = { app_back, 0 },
	[ACT_RUNBOOKS] = { act_overlay, OVERLAY_RUNBOOKS },
	[ACT_NOTE] = { act_line, LINE_NOTE },
	[ACT_DOWNGRADE_TO] = { act_target, false },
	[ACT_UPGRADE_TO] = { act_target, true },
	[ACT_PLAN] = { app_revisions_act, ACT_PLAN },
	[ACT_FOLD] = { app_revisions_act, ACT_FOLD },
	[ACT_FOLD_OPEN] = { app_revisions_act, ACT_FOLD_OPEN },
	[ACT_FOLD_CLOSE] = { app_revisions_act, ACT_FOLD_CLOSE },
	[ACT_TO_CURRENT] = { app_revisions_act, ACT_TO_CURRENT },
	[ACT_TO_HEAD] = { app_revisions_act, ACT_TO_HEAD },
	[ACT_NEXT_FORK] = { app_revisions_act, ACT_NEXT_FORK },
	[ACT_PREVIOUS_FORK] = { app_revisions_act, ACT_PREVIOUS_FORK },
	[ACT_CANCEL] = { app_sessions_act, ACT_CANCEL },
	[ACT_TERMINATE] = { app_sessions_act, ACT_TERMINATE },
	[ACT_MARK] = { app_sessions_act, ACT_MARK },
	[ACT_MARK_ALL] = { app_sessions_act, ACT_MARK_ALL },
	[ACT_UNMARK] = { app_sessions_act, ACT_UNMARK },
	[ACT_SORT] = { app_sessions_act, ACT_SORT },
	[ACT_SORT_TURN] = { app_sessions_act, ACT_SORT_TURN },
	[ACT_HIDE_IDLE] = { app_sessions_act, ACT_HIDE_IDLE },
	[ACT_HIDE_OWN] = { app_sessions_act, ACT_HIDE_OWN },
	[ACT_SERVER] = { app_sessions_act, ACT_SERVER },
	[ACT_FOLD_SESSIONS] = { app_sessions_act, ACT_FOLD_SESSIONS },
	[ACT_FOLD_OPEN_SESSION] = { app_sessions_act, ACT_FOLD_OPEN_SESSION },
	[ACT_FOLD_CLOSE_SESSION] = { app_sessions_act, ACT_FOLD_CLOSE_SESSION },
	[ACT_MIGRATION] = { app_migration_act, 0 },
	[ACT_MIGRATION_LOCK] = { app_migration_act, 0 },
	[ACT_CANCEL_LOCK] = { act_end_lock, false },
	[ACT_TERMINATE_LOCK] = { act_end_lock, true },
	[ACT_NEXT_STEP] = { app_next_step, 0 },
	[ACT_SKIP] = { app_skip, 0 },
	[ACT_EDIT] = { app_edit, 0 },
	[ACT_STOP] = { act_request, REQUEST_STOP },
	[ACT_OUTPUT] = { act_overlay, OVERLAY_OUTPUT },
	[ACT_READ] = { act_overlay, OVERLAY_DETAIL },
	[ACT_ABORT] = { app_abort, 0 },
};

void
app_act(struct app *app, enum action_id action)
{
	if (action == ACT_NONE)
		return;
	if (app->read_only && action_table()[action].risk != RISK_NONE) {
		app_say(app, true, "the console was started with --read-only");
		return;
	}
	acts[action].act(app, acts[action].argument);
}

static void
app_answer(struct app *app, const struct key *key)
{
	char choice;
	enum ask_answer answer = ask_key(&app->ask, key, app->now_us, &choice);

	if (answer == ASK_PENDING)
		return;
	struct request *request = app_request(
		app, answer == ASK_ACCEPTED ? REQUEST_ANSWER : REQUEST_DECLINE);
	request->number = app->ask.purpose;
	request->choice = choice;
	request->text = alloc_copy(app->ask.phrase);
	ask_close(&app->ask);
}

/* A list to choose from hides the panes: no key acts on what it covers. */
static bool
app_choosing_takes(enum action_id action)
{
	switch (action) {
	case ACT_UP:
	case ACT_DOWN:
	case ACT_PAGE_UP:
	case ACT_PAGE_DOWN:
	case ACT_FIRST:
	case ACT_LAST:
	case ACT_OPEN:
	case ACT_BACK:
	case ACT_FIND:
	case ACT_FIND_NEXT:
	case ACT_FIND_PREVIOUS:
	case ACT_QUIT:
	case ACT_REDRAW:
	case ACT_NONE:
		return true;
	default:
		return false;
	}
}

static void
app_plain_key(struct app *app, uint32_t code)
{
	enum action_id action = action_for_key(code, app->focus);
	bool choosing = overlay_chooses(app->overlay);

	if (choosing && !app_choosing_takes(action))
		app_say(app, false, "Enter chooses, Esc leaves");
	else
		app_act(app, action);
}

void
app_follow_paste(struct app *app, const struct key *key)
{
	if (key->code == KEY_CODE_PASTE_BEGIN || key->code == KEY_CODE_PASTE_END)
		app->pasting = key->code == KEY_CODE_PASTE_BEGIN;
}

void
app_key(struct app *app, const struct key *key)
{
	uint32_t code = key->code;

	app_follow_paste(app, key);
	if (app->ask.purpose != ASK_NOTHING) {
		app_answer(app, key);
		app->last_key = code;
		return;
	}
	app->last_key = code;
	free(app->message);
	app->message = NULL;
	if (app->pasting && code == ('C' - '@')) {
		/* Its end may have got lost on the way. */
		app->pasting = false;
		app_say(app, false, "the paste is over");
		return;
	}
	if (app->pasting || code == KEY_CODE_PASTE_END) {
		app_say(app, true, "a paste is no key: nothing was done%s",
			app->pasting ? " (Control-C ends it)" : "");
		return;
	}
	if (code == KEY_CODE_CLICK && app->overlay == OVERLAY_NONE)
		app_click(app, key);
	else if (code == KEY_CODE_WHEEL_UP)
		app_wheel(app, key, -WHEEL_ROWS);
	else if (code == KEY_CODE_WHEEL_DOWN)
		app_wheel(app, key, WHEEL_ROWS);
	else if (code == ('C' - '@'))
		app_quit(app, 0);
	else
		app_plain_key(app, code);
}
