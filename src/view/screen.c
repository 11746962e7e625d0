#include "pgrunbook/view/screen.h"

#include <stdint.h>

#include "pgrunbook/view/draw.h"
#include "pgrunbook/view/pane.h"
#include "pgrunbook/view/parts.h"

static struct area
screen_part(struct area screen, struct rect rect)
{
	return area_part(screen, rect.top, rect.left, rect.rows, rect.columns);
}

/* What is left for an overlay: everything but the target, the alerts and the footer. */
static struct area
screen_middle(const struct app *app, struct area screen)
{
	const struct layout *layout = &app->layout;
	int top = layout->header.rows + layout->alerts.rows;

	return area_part(screen, top, 0, screen.rows - top - layout->footer.rows,
		screen.columns);
}

static void
screen_overlay(const struct app *app, struct area screen)
{
	static void (*const draw[])(const struct app *app, struct area area) = {
		[OVERLAY_HELP] = help_draw,
		[OVERLAY_DETAIL] = detail_draw,
		[OVERLAY_RUNBOOKS] = runbooks_draw,
		[OVERLAY_REVISIONS] = revisions_draw,
		[OVERLAY_TABLES] = tables_draw,
		[OVERLAY_OUTPUT] = output_draw,
	};
	struct area middle = screen_middle(app, screen);

	if (middle.rows > 0)
		draw[app->overlay](app, middle);
}

/* What is looked for, wherever the pane in focus or the text over it shows it. */
static void
screen_highlight(const struct app *app, struct area screen)
{
	struct area area = screen_part(screen, app->layout.panes[app->focus]);

	if (app->find.needle == NULL)
		return;
	if (app->overlay != OVERLAY_NONE)
		area = screen_middle(app, screen);
	if (app->overlay != OVERLAY_NONE || app->layout.framed)
		area = frame_inside(area);
	area_highlight(area, app->find.needle);
}

void
screen_draw(const struct app *app, struct canvas *canvas)
{
	struct area screen = canvas_area(canvas);
	const struct layout *layout = &app->layout;

	struct rect alerts = layout->alerts;

	canvas_clear(canvas);
	header_draw(app, screen_part(screen, layout->header));
	if (app->ask.purpose != ASK_NOTHING)
		alerts.rows =
			ask_spares(screen.rows - layout->header.rows, alerts.rows);
	alerts_draw(app, screen_part(screen, alerts));
	if (app->overlay != OVERLAY_NONE) {
		screen_overlay(app, screen);
	} else {
		if (layout->tabs.rows > 0)
			tabs_draw(app, screen_part(screen, layout->tabs));
		for (int i = 0; i < PANE_COUNT; i++) {
			struct area area = screen_part(screen, layout->panes[i]);

			if (area.rows > 0 && area.columns > 0)
				pane_draw(app, (enum pane_id)i, area);
		}
	}
	screen_highlight(app, screen);
	footer_draw(app, screen, layout->footer);
	if (app->ask.purpose != ASK_NOTHING)
		ask_draw(app, screen, layout->header.rows + alerts.rows);
}

void
screen_click(const struct app *app, struct key *key)
{
	if (key->code != KEY_CODE_CLICK || app->overlay != OVERLAY_NONE ||
		app->ask.purpose != ASK_NOTHING || app->line.purpose != LINE_NONE)
		return;
	enum pane_id pane = tabs_pane_at(app, key->row, key->column);

	if (pane != PANE_ANY)
		key->code = '1' + (uint32_t)pane;
}

size_t
screen_over_last(const struct app *app)
{
	/* Measuring draws nothing, but a glyph's form is the canvas's. */
	struct canvas *canvas = canvas_new(1, 1, false);
	struct area screen = { canvas, 0, 0, app->rows, app->columns };
	struct area middle = screen_middle(app, screen);
	size_t last = SIZE_MAX;

	if (app->overlay == OVERLAY_HELP)
		last = help_last(app, middle);
	else if (app->overlay == OVERLAY_DETAIL)
		last = detail_last(app, middle);
	canvas_free(canvas);
	return last;
}

/* The text over the panes from `top` on, without its frame. */
static void
over_page(const struct app *app, struct area area, size_t top)
{
	area_fill(area, ROLE_TEXT);
	if (app->overlay == OVERLAY_HELP)
		help_page(app, area, (int)top);
	else
		detail_page(app, area, (int)top);
}

/* The first match in the rows from `from` up to `end`, or the last of them. */
static size_t
over_find_within(
	const struct app *app, struct area page, size_t from, size_t end, bool last)
{
	size_t found = SIZE_MAX, rows = (size_t)page.rows;

	for (size_t top = from; top < end; top += rows) {
		struct area part = area_part(page, 0, 0,
			(int)(end - top < rows ? end - top : rows), page.columns);

		over_page(app, page, top);
		for (int row = area_find(part, 0, app->find.needle); row >= 0;
			row = area_find(part, row + 1, app->find.needle)) {
			found = top + (size_t)row;
			if (!last)
				return found;
		}
	}
	return found;
}

size_t
screen_over_find(const struct app *app)
{
	enum { PAGE_ROWS = 200 };
	struct canvas *canvas = canvas_new(PAGE_ROWS, app->columns, false);
	struct area screen = { canvas, 0, 0, app->rows, app->columns };
	struct area middle = frame_inside(screen_middle(app, screen));
	struct area page = area_part(canvas_area(canvas), 0, 0, PAGE_ROWS,
		app->overlay == OVERLAY_HELP ? middle.columns : middle.columns - 2);
	size_t end = screen_over_last(app) + (size_t)middle.rows;
	size_t from = app->find.over_from < end ? app->find.over_from : end;
	bool up = app->find.over_direction < 0;
	size_t found = up ? over_find_within(app, page, 0, from, true)
			  : over_find_within(app, page, from, end, false);

	if (found == SIZE_MAX)
		found = up ? over_find_within(app, page, from, end, true)
			   : over_find_within(app, page, 0, from, false);
	canvas_free(canvas);
	return found;
}
