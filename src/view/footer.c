#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/key.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/view/draw.h"
#include "pgrunbook/view/parts.h"

/* The actions' names, from the same table as everything else about them. */
static const char *const names[ACT_COUNT] = {
#define ACTION(id, key, pane, risk, help) [ACT_##id] = #id,
#include "pgrunbook/app/actions.def"
#undef ACTION
};

/* Keys of the pane Runbook that would do nothing now. */
static bool
footer_omits_step(const struct app *app, enum action_id id)
{
	int step = app_selected_step(app);
	bool busy = app->step_running >= 0 || app->step_phase != NULL;

	switch (id) {
	case ACT_OPEN:
		return busy && app->focus == PANE_RUNBOOK;
	case ACT_READ:
		return step < 0;
	case ACT_NEXT_STEP:
	case ACT_SKIP:
	case ACT_ABORT:
		return step < 0 || busy;
	case ACT_EDIT:
		return step < 0 || busy || app->runbook->steps[step].inputs.count == 0;
	case ACT_STOP:
		return !busy;
	case ACT_OUTPUT:
		return output_lines(&app->output) == 0;
	default:
		return false;
	}
}

/* Moving about needs no reminder; the tabs and titles show the panes' numbers. */
static bool
footer_omits(const struct app *app, enum action_id id)
{
	switch (id) {
	case ACT_ZOOM: /* a pane that is alone has the screen */
		return !app->layout.framed && !app->zoomed;
	case ACT_REDRAW:
	case ACT_NEXT_PANE:
	case ACT_PREVIOUS_PANE:
	case ACT_PANE_1:
	case ACT_PANE_2:
	case ACT_PANE_3:
	case ACT_PANE_4:
	case ACT_PANE_5:
	case ACT_PANE_6:
	case ACT_PANE_7:
	case ACT_PANE_8:
	case ACT_UP:
	case ACT_DOWN:
	case ACT_PAGE_UP:
	case ACT_PAGE_DOWN:
	case ACT_FIRST:
	case ACT_LAST:
	case ACT_BACK:
	case ACT_FIND_NEXT:
	case ACT_FIND_PREVIOUS:
	case ACT_FOLD_OPEN:
	case ACT_FOLD_CLOSE:
	case ACT_FOLD_OPEN_SESSION:
	case ACT_FOLD_CLOSE_SESSION:
	case ACT_FOLD_SESSIONS:
	case ACT_SORT_TURN:
	case ACT_HIDE_OWN:
	case ACT_SERVER:
	case ACT_TO_CURRENT:
	case ACT_TO_HEAD:
	case ACT_NEXT_FORK:
	case ACT_PREVIOUS_FORK:
		return true;
	case ACT_MIGRATION:
	case ACT_MIGRATION_LOCK:
		return app->migrations.list.count != 0;
	case ACT_MARK_ALL:
	case ACT_UNMARK:
		return app->sessions_view.marks.count == 0;
	case ACT_FOLD: /* a short tree has nothing to fold */
		return app->revisions.lanes.count <= REVISIONS_FOLD_FROM;
	default:
		return footer_omits_step(app, id);
	}
}

/*
 * "CANCEL_LOCK" in the pane Locks is "cancel": where an act exists in several panes its
 * name ends with the pane's.
 */
static char *
action_words(const struct action_row *row)
{
	char *words = alloc_copy(names[row->id]);
	char *last = strrchr(words, '_');

	for (char *at = words; *at != '\0'; at++)
		*at = *at == '_' ? ' ' : (char)tolower((unsigned char)*at);
	if (last != NULL && row->pane != PANE_ANY &&
		strncasecmp(last + 1, pane_name(row->pane), strlen(last + 1)) == 0)
		*last = '\0';
	return words;
}

/* The pane's own keys come first and are the last to be left out; '?' and 'q' stay. */
static int
action_rank(const struct action_row *row)
{
	if (row->id == ACT_HELP || row->id == ACT_QUIT)
		return 0;
	if (row->pane != PANE_ANY || row->id == ACT_OPEN)
		return 1;
	if (row->id == ACT_RUNBOOKS || row->id == ACT_COMMAND || row->id == ACT_FIND)
		return 2;
	return 3;
}

/* What Enter does here. */
static const char *
footer_open(const struct app *app)
{
	if (app->focus != PANE_RUNBOOK)
		return "open";
	return app_selected_step(app) < 0 ? "choose a runbook" : "do step";
}

static void
footer_add(
	const struct app *app, const struct action_row *row, struct segments *segments)
{
	char *words = action_words(row);
	int rank = action_rank(row);

	if (app->read_only && row->risk >= RISK_CHANGE) {
		free(words);
		return;
	}
	segments_add(segments, rank, 0, ROLE_KEY, "%s %s", row->key,
		row->id == ACT_OPEN ? footer_open(app) : words);
	free(words);
}

static void
footer_keys(const struct app *app, struct area area)
{
	const struct action_row *table = action_table();
	struct segments segments = { 0 };

	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < ACT_COUNT; i++) {
			bool own = table[i].pane == app->focus || i == ACT_OPEN;
			bool any = table[i].pane == PANE_ANY && i != ACT_OPEN;

			if ((pass == 0 ? own : any) && !footer_omits(app, table[i].id))
				footer_add(app, &table[i], &segments);
		}
	}
	segments_draw(&segments, area, 0, area.columns >= 60, 2);
}

/* The typed line, moved to the left so far that its cursor is on screen. */
static void
footer_line(const struct app *app, struct area area)
{
	const struct line *line = &app->line;
	char *before = alloc_copy_bytes(line->text, line->cursor);
	int label = text_width(line->label);
	/* Where there is no room for both, what is typed is worth more. */
	if (label + 10 > area.columns)
		label = area.columns < 20 ? 0 : area.columns - 10;
	struct area field = area_part(area, 0, label, 1, area.columns);
	int cursor = text_width(before);
	int shift = cursor >= field.columns ? cursor - field.columns + 1 : 0;

	if (label > 0)
		area_field(area, 0, 0, label, ROLE_KEY, line->label);
	area_put(field, 0, -shift, ROLE_INPUT, line->text);
	canvas_set_cursor(area.canvas, field.top, field.left + cursor - shift);
	free(before);
}

/*
 * A message is read whole, even if it takes rows from the pane for a moment.  Its last
 * row is the footer's, or the one above the line that is being typed.
 */
static void
footer_message(const struct app *app, struct area screen, struct rect rect)
{
	enum { TOLD_AGE_US = 15 * 1000000 }; /* it may not be so any more */
	enum role role = app->message_bad ? ROLE_ALERT : ROLE_TEXT;
	struct str clean = { 0 };
	char age[DURATION_TEXT];

	text_sanitize_lines(app->message, strlen(app->message), &clean);
	if (app->message_bad && app->now_us - app->said_us >= TOLD_AGE_US)
		str_printf(&clean, " (%s ago)",
			duration_format(app->now_us - app->said_us, age));
	int margin = screen.columns >= 60;
	struct area measure =
		area_measure(area_part(screen, 0, margin, 0, screen.columns - margin));
	int rows = area_wrap(measure, 0, role, str_text(&clean));
	int most = rect.top + rect.rows - app->layout.header.rows;

	rows = rows < rect.rows ? rect.rows : rows > most ? most : rows;
	struct area area =
		area_part(screen, rect.top + rect.rows - rows, 0, rows, screen.columns);
	area_fill(area, ROLE_TEXT);
	area_wrap(area_part(area, 0, margin, rows, area.columns), 0, role,
		str_text(&clean));
	str_free(&clean);
}

void
footer_draw(const struct app *app, struct area screen, struct rect rect)
{
	struct area area =
		area_part(screen, rect.top, rect.left, rect.rows, rect.columns);

	if (area.rows == 0)
		return;
	if (app->line.purpose != LINE_NONE) {
		struct rect above = { rect.top - 1, rect.left, 1, rect.columns };

		if (app->message != NULL && above.top >= app->layout.header.rows)
			footer_message(app, screen, above);
		footer_line(app, area);
	} else if (app->message != NULL)
		footer_message(app, screen, rect);
	else if (app->ask.purpose != ASK_NOTHING)
		area_put(area, 0, area.columns >= 60, ROLE_DIM,
			"Esc leaves: nothing is done");
	else if (overlay_chooses(app->overlay))
		area_put(area, 0, area.columns >= 60, ROLE_KEY,
			"Enter choose  / find  Esc back  Up/Down  PgUp/PgDn");
	else if (app->overlay != OVERLAY_NONE)
		area_put(area, 0, area.columns >= 60, ROLE_KEY,
			"Esc back  / find  Up/Down  PgUp/PgDn");
	else
		footer_keys(app, area);
}
