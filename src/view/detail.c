/* The focused pane's selection on the whole screen. */
#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/view/draw.h"
#include "pgrunbook/view/pane.h"
#include "pgrunbook/view/parts.h"

void
detail_draw(const struct app *app, struct area area)
{
	const struct pane *pane = pane_get(app->focus);
	char *title = alloc_printf(" %s: the selected one ", pane_name(app->focus));

	area = area_frame(area, ROLE_BORDER, ROLE_FOCUS, title);
	free(title);
	/* A blank beside the frame: text that touches lines is hard to read. */
	area = area_part(area, 0, 1, area.rows, area.columns - 2);
	if (pane->detail == NULL || area.rows <= 0 || area.columns <= 0)
		return;
	if (app->snapshot == NULL && app->focus != PANE_REVISIONS &&
		app->focus != PANE_LOG)
		return;
	int rows = pane->detail(app, area_measure(area), 0);
	int last = rows > area.rows ? rows - area.rows : 0;
	int top = app->over.top < (size_t)last ? (int)app->over.top : last;
	pane->detail(app, area, top);
	if (top < last)
		area_printf(area, area.rows - 1, area.columns - 12, ROLE_KEY, "%d more",
			last - top);
}
