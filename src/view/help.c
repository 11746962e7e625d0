/* The '?' screen: the table of actions, the focused pane's own first. */
#include <stdio.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/view/draw.h"
#include "pgrunbook/view/parts.h"

enum { KEY_CELLS = 7 };

static void
help_row(const struct app *app, const struct action_row *row, struct flow *flow)
{
	bool off = app->read_only && row->risk >= RISK_CHANGE;
	static const char *const asks[] = {
		[RISK_NONE] = "",
		[RISK_MILD] = "",
		[RISK_CHANGE] = " (asks)",
		[RISK_SEVERE] = " (asks for a typed phrase)",
	};

	area_field(flow->area, flow->row, 1, KEY_CELLS - 2, ROLE_KEY, row->key);
	flow_printf(flow, off ? ROLE_DIM : ROLE_TEXT, KEY_CELLS, "%s%s", row->help,
		off ? " (off: --read-only)" : asks[row->risk]);
}

static void
help_flow(const struct app *app, struct flow *flow)
{
	const struct action_row *table = action_table();
	bool any = false;

	for (int i = 0; i < ACT_COUNT; i++)
		any = any || table[i].pane == app->focus;
	if (any) {
		flow_printf(flow, ROLE_HEADING, 0, "In %s", pane_name(app->focus));
		for (int i = 0; i < ACT_COUNT; i++) {
			if (table[i].pane == app->focus)
				help_row(app, &table[i], flow);
		}
		flow_gap(flow);
	}
	flow_text(flow, ROLE_HEADING, 0, "Everywhere");
	for (int i = 0; i < ACT_COUNT; i++) {
		if (table[i].pane == PANE_ANY)
			help_row(app, &table[i], flow);
	}
}

size_t
help_last(const struct app *app, struct area area)
{
	struct flow flow = flow_at(area_measure(frame_inside(area)), 0);
	int rows = frame_inside(area).rows;

	help_flow(app, &flow);
	return flow.row > rows ? (size_t)(flow.row - rows) : 0;
}

void
help_page(const struct app *app, struct area area, int top)
{
	struct flow flow = flow_at(area, top);

	help_flow(app, &flow);
}

void
help_draw(const struct app *app, struct area area)
{
	size_t last = help_last(app, area);
	size_t top = app->over.top < last ? app->over.top : last;

	help_page(app, area_frame(area, ROLE_BORDER, ROLE_FOCUS, " Keys "), (int)top);
	draw_more(area, last - top);
}
