#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/view/pane.h"
#include "pgrunbook/view/revisions.h"

static char *
revisions_summary(const struct app *app)
{
	if (app->tree == NULL)
		return NULL;
	size_t heads = tree_heads(app->tree)->count;
	struct str words = { 0 };

	str_printf(&words, "%zu script%s", tree_count(app->tree),
		tree_count(app->tree) == 1 ? "" : "s");
	if (heads > 1)
		str_printf(&words, ", %zu heads", heads);
	if (app->revisions.judged && app->status.pending.count != 0)
		str_printf(&words, ", %zu pending", app->status.pending.count);
	if (app->revisions.folds != 0)
		str_printf(&words, ", %zu fold%s", app->revisions.folds,
			app->revisions.folds == 1 ? "" : "s");
	return str_take(&words);
}

/* The plan in words, in the pane's last rows. */
static void
revisions_draw_plan(const struct app *app, struct area area)
{
	bool refused = app->revisions_view.plan.refused != NULL;
	char *text = app_plan_text(app);
	enum role role = refused ? ROLE_ALERT : ROLE_MIGRATION;
	struct area inside = area_part(area, 0, 1, area.rows, area.columns);
	struct flow flow = flow_at(inside, 0);

	flow_text(&flow, role, 0, text);
	/* Enter tells the rest. */
	if (flow.row > inside.rows)
		area_glyph(inside, inside.rows - 1, inside.columns - 1, role,
			GLYPH_ELLIPSIS);
	free(text);
}

static void
revisions_draw_rows(const struct app *app, struct area area)
{
	const struct pane_state *state = &app->panes[PANE_REVISIONS];
	int plan = app_plan_rows(app, area.rows);

	if (plan > 0)
		revisions_draw_plan(
			app, area_part(area, area.rows - plan, 0, plan, area.columns));
	area = area_part(area, 0, 0, area.rows - plan, area.columns);
	struct lanes_window window = lanes_window_make(app, state->top, area);
	for (int row = 0; row < area.rows; row++) {
		size_t at = state->top + (size_t)row;

		if (at >= app->revisions.count)
			break;
		const struct revisions_row *it = &app->revisions.rows[at];
		if (it->kind >= REVISIONS_REVISION)
			revisions_draw_lanes(app, area, row, it, &window);
		revisions_draw_words(app, area, row, at, window.column);
		if (at == state->row)
			draw_cursor(area, row, app->focus == PANE_REVISIONS);
	}
}

static void
revisions_draw_pane(const struct app *app, struct area area)
{
	if (app->tree == NULL)
		draw_empty(area, app->tree_problem != NULL
					 ? app->tree_problem
					 : "the revision scripts are being read");
	else if (app->revisions.count == 0)
		draw_empty(area, "there is no revision script yet: "
				 "`alembic revision -m ...` makes the first");
	else
		revisions_draw_rows(app, area);
}

const struct pane pane_revisions = {
	.id = PANE_REVISIONS,
	.summary = revisions_summary,
	.draw = revisions_draw_pane,
	.detail = revisions_detail,
};
