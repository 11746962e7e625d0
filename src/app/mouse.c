/* What clicks do. */
#include "pgrunbook/app/app.h"

static bool
rect_has(struct rect rect, int row, int column)
{
	return row >= rect.top && row < rect.top + rect.rows && column >= rect.left &&
	       column < rect.left + rect.columns;
}

void
app_click(struct app *app, const struct key *key)
{
	for (int i = 0; i < PANE_COUNT; i++) {
		enum pane_id pane = (enum pane_id)i;
		struct rect rect = app->layout.panes[pane];
		int page = layout_pane_rows(&app->layout, pane);

		if (!rect_has(rect, key->row, key->column))
			continue;
		if (app->focus != pane)
			app_focus(app, pane);
		/* Rows of a runbook are text between steps: only the pane is chosen. */
		int row = key->row -
			  (rect.top + rect.rows - (app->layout.framed ? 1 : 0) - page);
		if (pane != PANE_RUNBOOK && row >= 0 && row < page &&
			app->panes[pane].top + (size_t)row < app_pane_rows(app, pane))
			app_move_to(app, pane, app->panes[pane].top + (size_t)row);
		return;
	}
}
