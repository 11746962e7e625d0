/* The focused pane's selection on the whole screen. */
#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/view/draw.h"
#include "pgrunbook/view/pane.h"
#include "pgrunbook/view/parts.h"

/* A blank beside the frame: text that touches lines is hard to read. */
static struct area
detail_inside(struct area area)
{
	area = frame_inside(area);
	return area_part(area, 0, 1, area.rows, area.columns - 2);
}

/* Whether there is something to tell about: all but three panes show the snapshot. */
static bool
detail_exists(const struct app *app, struct area inside)
{
	if (pane_get(app->focus)->detail == NULL || inside.rows <= 0 ||
		inside.columns <= 0)
		return false;
	return app->snapshot != NULL || app->focus == PANE_REVISIONS ||
	       app->focus == PANE_LOG || app->focus == PANE_RUNBOOK;
}

size_t
detail_last(const struct app *app, struct area area)
{
	struct area inside = detail_inside(area);

	if (!detail_exists(app, inside))
		return 0;
	int rows = pane_get(app->focus)->detail(app, area_measure(inside), 0);
	return rows > inside.rows ? (size_t)(rows - inside.rows) : 0;
}

void
detail_page(const struct app *app, struct area area, int top)
{
	if (detail_exists(app, area))
		pane_get(app->focus)->detail(app, area, top);
}

void
detail_draw(const struct app *app, struct area area)
{
	struct area inside = detail_inside(area);
	size_t last = detail_last(app, area);
	size_t top = app->over.top < last ? app->over.top : last;
	char *title =
		app->focus == PANE_RUNBOOK
			? alloc_copy(" Runbook ")
			: alloc_printf(" %s: the selected one ", pane_name(app->focus));

	area_frame(area, ROLE_BORDER, ROLE_FOCUS, title);
	free(title);
	detail_page(app, inside, (int)top);
	draw_more(area, last - top);
}
