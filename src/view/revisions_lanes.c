/* The lines of the revision graph: box characters, or strokes as git draws them. */
#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/view/revisions.h"

enum { LANE_WAYS = LANE_UP | LANE_DOWN | LANE_LEFT | LANE_RIGHT, LANE_CELLS = 2 };

/* A cell of the graph by the directions that its line leaves in. */
static const char *
lane_lines(uint8_t cell)
{
	static const char *const lines[LANE_WAYS + 1] = { " ", "╵", "╷", "│", "╴", "┘",
		"┐", "┤", "╶", "└", "┌", "├", "─", "┴", "┬", "┼" };

	if (cell & LANE_CROSSED)
		cell &= (uint8_t) ~(LANE_LEFT | LANE_RIGHT);
	if (cell & LANE_DOTTED) {
		if ((cell & LANE_WAYS) == (LANE_UP | LANE_DOWN))
			return "┊";
		if ((cell & LANE_WAYS) == (LANE_LEFT | LANE_RIGHT))
			return "┄";
	}
	return lines[cell & LANE_WAYS];
}

/* Dots instead of strokes: a dependency can be told from a parent here, too. */
static const char *
lane_lines_ascii(uint8_t cell)
{
	static const char *const lines[LANE_WAYS + 1] = { " ", "|", "|", "|", "-", "'",
		".", "+", "-", "`", ".", "|", "-", "'", ".", "+" };
	static const char *const dots[LANE_WAYS + 1] = { " ", ":", ":", ":", ".", "'",
		".", ":", ".", "'", ".", ":", ".", "'", ".", ":" };

	if (cell & LANE_CROSSED)
		cell &= (uint8_t) ~(LANE_LEFT | LANE_RIGHT);
	return cell & LANE_DOTTED ? dots[cell & LANE_WAYS] : lines[cell & LANE_WAYS];
}

/*
 * ASCII has no corners, but a line that bends between neighbours can be a stroke
 * between the two; 0: it is no such bend.
 */
static char
lane_stroke(const uint8_t *cells, int lane)
{
	uint8_t left = cells[lane], right = cells[lane + 1];

	if (!(left & LANE_RIGHT) || (left & (LANE_LEFT | LANE_RIGHT_DOTTED)) ||
		(right & (LANE_RIGHT | LANE_NODE)))
		return 0;
	if ((right & LANE_WAYS) == (LANE_LEFT | LANE_UP))
		return '/';
	return (right & LANE_WAYS) == (LANE_LEFT | LANE_DOWN) ? '\\' : 0;
}

static const char *
lane_text(bool ascii, const uint8_t *cells, int lane)
{
	uint8_t cell = cells[lane];

	if (!ascii)
		return lane_lines(cell);
	if (lane > 0 && lane_stroke(cells, lane - 1) != 0)
		return " ";
	/* The other end of a stroke, when it isn't a line of its own. */
	if (lane_stroke(cells, lane) != 0 &&
		((cell & LANE_WAYS) == (LANE_RIGHT | LANE_UP) ||
			(cell & LANE_WAYS) == (LANE_RIGHT | LANE_DOWN)))
		return " ";
	return lane_lines_ascii(cell);
}

static const char *
lane_between(bool ascii, const uint8_t *cells, int lane)
{
	uint8_t cell = cells[lane];

	if (!(cell & LANE_RIGHT))
		return " ";
	if (!ascii)
		return cell & LANE_RIGHT_DOTTED ? "┄" : "─";
	switch (lane_stroke(cells, lane)) {
	case '/':
		return "/";
	case '\\':
		return "\\";
	default:
		return cell & LANE_RIGHT_DOTTED ? "." : "-";
	}
}

enum glyph
revision_glyph(const struct app *app, int revision)
{
	unsigned state = app->revisions.state[revision];

	if (state & REVISION_CURRENT)
		return GLYPH_NODE_CURRENT;
	if (state & REVISION_APPLIED)
		return GLYPH_NODE_APPLIED;
	return state & REVISION_PENDING ? GLYPH_NODE_PENDING : GLYPH_NODE_UNKNOWN;
}

enum role
revision_role(const struct app *app, int revision)
{
	unsigned state = app->revisions.state[revision];

	if (state & REVISION_CURRENT)
		return ROLE_CURRENT;
	if (state & REVISION_APPLIED)
		return ROLE_GOOD;
	return state & REVISION_PENDING ? ROLE_WARNING : ROLE_DIM;
}

static const struct lanes_row *
window_row(const struct app *app, size_t row)
{
	const struct revisions *revisions = &app->revisions;

	if (row >= revisions->count || revisions->rows[row].kind < REVISIONS_REVISION)
		return NULL;
	return &revisions->lanes.rows[revisions->rows[row].index];
}

static int
digits_of(int number)
{
	int digits = 1;

	for (; number >= 10; number /= 10)
		digits++;
	return digits;
}

/*
 * As wide as this page's widest row, but never more than half of the pane: words say
 * more than lines.  What doesn't fit is moved by half windows, so that it stands still
 * most of the time, and so far that the selected revision's node is in view.
 */
struct lanes_window
lanes_window_make(const struct app *app, size_t top, struct area area)
{
	const struct lanes_row *selected =
		window_row(app, app->panes[PANE_REVISIONS].row);
	struct lanes_window window = { .count = 1 };
	int room = area.columns / (2 * LANE_CELLS), width = 1;

	room = room < 1 ? 1 : room;
	for (int i = 0; i < area.rows; i++) {
		const struct lanes_row *row = window_row(app, top + (size_t)i);

		if (row != NULL && row->width > width)
			width = row->width;
	}
	window.count = width < room ? width : room;
	if (selected != NULL && selected->node >= window.count) {
		int half = window.count < 4 ? 1 : window.count / 2;
		int least = selected->node - window.count + 1;

		window.first = (least + half - 1) / half * half;
	}
	if (window.first + window.count < width)
		window.hidden = 1 + digits_of(width - window.first - window.count);
	window.column =
		1 + LANE_CELLS * window.count + 1 + window.hidden - (window.hidden > 0);
	return window;
}

/* What is beyond the window is told: that there is something, and how many lanes. */
static void
lanes_draw_marks(struct area area, int at, const struct lanes_row *row,
	const struct lanes_window *window, bool node_first)
{
	int hidden = row->width - window->first - window->count;

	if (window->first > 0 && !node_first)
		area_put(area, at, 1, ROLE_WARNING, "<");
	if (hidden > 0 && window->hidden > 0)
		area_printf(area, at, LANE_CELLS * window->count, ROLE_WARNING, ">%d",
			hidden);
}

void
revisions_draw_lanes(const struct app *app, struct area area, int at,
	const struct revisions_row *row, const struct lanes_window *window)
{
	const struct lanes *lanes = &app->revisions.lanes;
	uint8_t *cells = alloc_zeroed((size_t)window->count + 1, 1);
	bool ascii = canvas_ascii(area.canvas);
	int revision = lanes->rows[row->index].revision;

	lanes_cells(lanes, row->index, window->first, window->count + 1, cells);
	for (int lane = 0; lane < window->count; lane++) {
		int column = 1 + LANE_CELLS * lane;

		if (cells[lane] & LANE_NODE)
			area_glyph(area, at, column, revision_role(app, revision),
				row->kind == REVISIONS_FOLD
					? GLYPH_FOLD
					: revision_glyph(app, revision));
		else
			area_put(area, at, column, ROLE_LANE,
				lane_text(ascii, cells, lane));
		area_put(area, at, column + 1, ROLE_LANE,
			lane_between(ascii, cells, lane));
	}
	lanes_draw_marks(
		area, at, &lanes->rows[row->index], window, cells[0] & LANE_NODE);
	free(cells);
}
