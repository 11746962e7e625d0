/* What clicks and the wheel do: choose, scroll, and nothing that changes anything. */
#include "pgrunbook/app/app.h"

static bool
rect_has(struct rect rect, int row, int column)
{
	return row >= rect.top && row < rect.top + rect.rows && column >= rect.left &&
	       column < rect.left + rect.columns;
}

/* The pane under the pointer; PANE_ANY if there is none. */
static enum pane_id
mouse_pane(const struct app *app, const struct key *key)
{
	for (int i = 0; i < PANE_COUNT; i++)
		if (rect_has(app->layout.panes[i], key->row, key->column))
			return (enum pane_id)i;
	return PANE_ANY;
}

void
app_click(struct app *app, const struct key *key)
{
	enum pane_id pane = mouse_pane(app, key);

	if (pane == PANE_ANY)
		return;
	/* As it was clicked on: with the keys it may get another place and size. */
	struct rect rect = app->layout.panes[pane];
	int page = layout_pane_rows(&app->layout, pane);
	int row =
		key->row - (rect.top + rect.rows - (app->layout.framed ? 1 : 0) - page);
	size_t at = app->panes[pane].top + (size_t)row;

	if (app->focus != pane)
		app_focus(app, pane);
	/* Rows of a runbook are text between steps: only the pane is chosen. */
	if (pane != PANE_RUNBOOK && row >= 0 && row < page &&
		at < app_pane_rows(app, pane))
		app_move_to(app, pane, at);
}

void
app_wheel(struct app *app, const struct key *key, ptrdiff_t rows)
{
	enum pane_id pane = mouse_pane(app, key);

	if (app->overlay == OVERLAY_NONE && pane != PANE_ANY && app->focus != pane)
		app_focus(app, pane);
	app_move(app, rows);
}
