#include <stdlib.h>

#include "pgrunbook/base/text.h"
#include "pgrunbook/view/draw.h"
#include "pgrunbook/view/pane.h"
#include "pgrunbook/view/parts.h"

enum { ADVICE_CELLS = 24 }; /* less of an advice is none */

/* " 1 Revisions " for each, by the names' own widths. */
static bool
tabs_fit(int cells)
{
	for (int i = 0; i < PANE_COUNT; i++)
		cells -= 4 + text_width(pane_name((enum pane_id)i));
	return cells >= 0;
}

/* All names if they fit, else numbers and the name of the one that is on screen. */
void
tabs_draw(const struct app *app, struct area area)
{
	const struct pane *pane = pane_get(app->focus);
	char *summary = pane->summary == NULL ? NULL : pane->summary(app);
	struct segments segments = { 0 };
	char *chosen = app->focus == PANE_SESSIONS ? app_sessions_words(app) : NULL;
	/* That not all is listed matters more than what other panes are called. */
	bool names = tabs_fit(area.columns) && chosen == NULL;

	for (int i = 0; i < PANE_COUNT; i++) {
		enum pane_id id = (enum pane_id)i;
		bool focused = id == app->focus;

		segments_add(&segments, focused ? 0 : 1, focused ? 3 : 0,
			focused ? ROLE_FOCUS : ROLE_DIM,
			names || focused ? " %d %s " : " %d ", i + 1, pane_name(id));
	}
	if (app->panes[app->focus].gone)
		segments_add(&segments, 2, 8, ROLE_WARNING, " (%s)",
			app_gone_words(app, app->focus));
	if (summary != NULL)
		segments_add(&segments, 3, 8, ROLE_TITLE, " %s", summary);
	segments_draw(&segments, area, 0, 0, 0);
	free(chosen);
	free(summary);
}

/* One row: what is the matter, and what to do about it as far as there is room. */
static void
alerts_draw_row(
	const struct app *app, size_t index, size_t more, struct area area, int row)
{
	const struct alert *alert = &app->alerts.items[index];
	char *text = alerts_text(&app->alerts, index);
	struct segments segments = { 0 };

	segments_add(&segments, 1, 1, alert->severe ? ROLE_ALERT : ROLE_WARNING, "! %s",
		text);
	if (alert->advice != NULL)
		segments_add(&segments, 2, ADVICE_CELLS, ROLE_DIM, "%s", alert->advice);
	if (more != 0) {
		segments_add(&segments, 0, 0, ROLE_WARNING, "(and %zu more)", more);
		segments_right(&segments);
	}
	segments_draw(&segments, area, row, area.columns >= 60, 2);
	free(text);
}

void
alerts_draw(const struct app *app, struct area area)
{
	size_t wanted = app_banner_rows(app);
	size_t rows = (size_t)area.rows < wanted ? (size_t)area.rows : wanted;
	size_t row = 0;

	for (size_t i = 0; row < rows; i++) {
		if (app->alerts.items[i].shown)
			continue;
		alerts_draw_row(
			app, i, row + 1 == rows ? wanted - rows : 0, area, (int)row);
		row++;
	}
}
