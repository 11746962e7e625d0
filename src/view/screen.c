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

void
screen_draw(const struct app *app, struct canvas *canvas)
{
	struct area screen = canvas_area(canvas);
	const struct layout *layout = &app->layout;

	canvas_clear(canvas);
	header_draw(app, screen_part(screen, layout->header));
	alerts_draw(app, screen_part(screen, layout->alerts));
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
	footer_draw(app, screen, layout->footer);
	if (app->ask.purpose != ASK_NOTHING)
		ask_draw(app, screen, layout->header.rows);
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
