#include "pgrunbook/app/layout.h"

#include "pgrunbook/model/vitals.h"

/* Rows that a frame and a pane's own column heads take from it. */
enum { FRAME_ROWS = 2, HEAD_ROWS = 1 };

/* The others are in the pane Overview. */
enum { ALERT_ROWS = 4, TALL_ROWS = 44 /* Overview has room below the tree */ };

static int
at_most(int value, int most)
{
	return value > most ? most : value;
}

static int
at_least(int value, int least)
{
	return value < least ? least : value;
}

/* Takes `rows` off the top of what is left; gives what there is. */
static struct rect
take_top(struct rect *rest, int rows)
{
	struct rect taken = *rest;

	taken.rows = rows < rest->rows ? rows : rest->rows;
	rest->top += taken.rows;
	rest->rows -= taken.rows;
	return taken;
}

static struct rect
take_bottom(struct rect *rest, int rows)
{
	struct rect taken = *rest;

	taken.rows = rows < rest->rows ? rows : rest->rows;
	rest->rows -= taken.rows;
	taken.top = rest->top + rest->rows;
	return taken;
}

static struct rect
take_left(struct rect *rest, int columns)
{
	struct rect taken = *rest;

	taken.columns = columns;
	rest->left += columns;
	rest->columns -= columns;
	return taken;
}

/* Progress gets what it needs, up to a quarter of the middle. */
static struct rect
take_progress(struct rect *rest, int middle_rows, const struct layout_needs *needs)
{
	int most = at_least(middle_rows / 4, FRAME_ROWS + 1);
	int rows = FRAME_ROWS + at_least(needs->progress, 1);

	if (needs->progress == 0 && needs->focus != PANE_PROGRESS)
		return (struct rect){ 0 };
	return take_top(rest, rows < most ? rows : most);
}

/*
 * Left: the tree above the replicas; right: sessions, locks and progress, then runbook
 * and log.  The runbook gets the most of the right side while it has the keys: it is
 * being worked.
 */
static void
layout_wide(struct rect middle, const struct layout_needs *needs, struct layout *layout)
{
	struct rect left = take_left(&middle, at_least(middle.columns * 2 / 5, 40));
	enum pane_id focus = needs->focus;
	int rows = middle.rows;

	layout->framed = true;
	layout->panes[PANE_REPLICAS] =
		take_bottom(&left, at_least(left.rows / 5, FRAME_ROWS + HEAD_ROWS + 2));
	if (rows >= TALL_ROWS && focus != PANE_OVERVIEW)
		layout->panes[PANE_OVERVIEW] =
			take_bottom(&left, FRAME_ROWS + VITAL_COUNT);
	layout->panes[PANE_REVISIONS] = left;
	if (focus == PANE_RUNBOOK || focus == PANE_LOG || focus == PANE_OVERVIEW) {
		layout->panes[PANE_LOCKS] =
			take_top(&middle, at_least(rows / 4, 5) + HEAD_ROWS);
		layout->panes[PANE_PROGRESS] = take_progress(&middle, rows, needs);
		layout->panes[focus] = middle;
		return;
	}
	layout->panes[PANE_SESSIONS] = take_top(&middle, rows / 2 * 2 / 3);
	layout->panes[PANE_LOCKS] = take_top(&middle, rows / 2 * 2 / 3);
	layout->panes[PANE_PROGRESS] = take_progress(&middle, rows, needs);
	layout->panes[PANE_RUNBOOK] = middle;
}

void
layout_make(
	int rows, int columns, const struct layout_needs *needs, struct layout *layout)
{
	struct rect rest = { 0, 0, rows, columns };
	int alerts = needs->alerts;

	*layout = (struct layout){ 0 };
	/* The target is the last to go, then the footer with its question or line. */
	layout->header =
		take_top(&rest, (rows >= 6 ? 2 : 1) + (needs->migration && rows >= 8));
	layout->footer = take_bottom(&rest, 1);
	layout->alerts =
		take_top(&rest, at_most(at_most(alerts, ALERT_ROWS), rest.rows / 3));
	if (!needs->zoomed && columns >= LAYOUT_WIDE_COLUMNS &&
		rows >= LAYOUT_WIDE_ROWS) {
		layout_wide(rest, needs, layout);
		return;
	}
	if (rest.rows >= 3)
		layout->tabs = take_top(&rest, 1);
	layout->panes[needs->focus] = rest;
}

int
layout_pane_rows(const struct layout *layout, enum pane_id pane)
{
	int rows = layout->panes[pane].rows - (layout->framed ? FRAME_ROWS : 0);
	bool heads =
		pane == PANE_SESSIONS || pane == PANE_LOCKS || pane == PANE_REPLICAS;

	return at_least(rows - (heads ? HEAD_ROWS : 0), 0);
}
