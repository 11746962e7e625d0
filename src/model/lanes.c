#include "pgrunbook/model/lanes.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"

enum { LANE_LINES = LANE_UP | LANE_DOWN | LANE_LEFT | LANE_RIGHT };

/* A line on its way down. */
struct lane {
	int awaits; /* the revision that it leads to; TREE_NONE: the lane is free */
	bool dotted;
	size_t freed; /* the row after the one where its last line ended */
};

/* The row that is being drawn, and the lanes that reach it. */
struct lanes_pen {
	const struct tree *tree;
	struct lanes *lanes;
	struct lane *lane;
	size_t count, capacity; /* of lanes, free ones included */
	uint8_t *cells;		/* every line of the row */
	uint8_t *solid;		/* those that aren't dotted */
	size_t cell_capacity;
	bool *drawn; /* revisions whose row is there */
};

/* Room for one lane more, in the row too. */
static void
pen_add_lane(struct lanes_pen *pen)
{
	pen->lane =
		alloc_room(pen->lane, pen->count, &pen->capacity, sizeof(*pen->lane));
	if (pen->cell_capacity < pen->capacity) {
		pen->cells = alloc_resize(pen->cells, pen->capacity, 1);
		pen->solid = alloc_resize(pen->solid, pen->capacity, 1);
		pen->cell_capacity = pen->capacity;
	}
	pen->cells[pen->count] = pen->solid[pen->count] = 0;
	pen->lane[pen->count++] = (struct lane){ .awaits = TREE_NONE };
}

static void
pen_draw(struct lanes_pen *pen, size_t at, unsigned lines, bool dotted)
{
	pen->cells[at] |= (uint8_t)lines;
	if (!dotted)
		pen->solid[at] |= (uint8_t)lines;
}

/* A line along the row. */
static void
pen_link(struct lanes_pen *pen, size_t from, size_t to, bool dotted)
{
	size_t left = from < to ? from : to, right = from < to ? to : from;

	if (left == right)
		return;
	pen_draw(pen, left, LANE_RIGHT, dotted);
	pen_draw(pen, right, LANE_LEFT, dotted);
	for (size_t i = left + 1; i < right; i++)
		pen_draw(pen, i, LANE_LEFT | LANE_RIGHT, dotted);
}

/* Whether a lane is free; what ended in this row would look as if it went on. */
static bool
pen_is_free(const struct lanes_pen *pen, size_t at)
{
	return pen->lane[at].awaits == TREE_NONE &&
	       pen->lane[at].freed <= pen->lanes->count;
}

/* A free lane: to the right of `node`, else to its left, else a new one. */
static size_t
pen_take_lane(struct lanes_pen *pen, size_t node)
{
	for (size_t i = node; i < pen->count; i++)
		if (pen_is_free(pen, i))
			return i;
	for (size_t i = 0; i < node && i < pen->count; i++)
		if (pen_is_free(pen, i))
			return i;
	pen_add_lane(pen);
	return pen->count - 1;
}

/* The leftmost lane that leads to a revision, one of its children's if there is any. */
static size_t
pen_find_lane(const struct lanes_pen *pen, int revision)
{
	size_t found = SIZE_MAX;

	for (size_t i = 0; i < pen->count; i++) {
		if (pen->lane[i].awaits != revision)
			continue;
		if (!pen->lane[i].dotted)
			return i;
		if (found == SIZE_MAX)
			found = i;
	}
	return found;
}

/* The lines from above: they end at this revision's node, or go on. */
static void
pen_draw_above(struct lanes_pen *pen, int revision, size_t node)
{
	for (size_t i = 0; i < pen->count; i++) {
		struct lane *lane = &pen->lane[i];

		if (lane->awaits == TREE_NONE)
			continue;
		pen_draw(pen, i, LANE_UP, lane->dotted);
		if (lane->awaits != revision) {
			pen_draw(pen, i, LANE_DOWN, lane->dotted);
			continue;
		}
		pen_link(pen, i, node, lane->dotted);
		lane->awaits = TREE_NONE;
		lane->freed = pen->lanes->count + (i != node);
	}
}

/*
 * The lines down.  The first goes straight on; the others join a lane that leads there
 * already, or begin one.  In a circle some lead to a row above: those aren't drawn.
 */
static void
pen_draw_below(struct lanes_pen *pen, const struct tree_list *below, size_t node,
	bool dotted, bool *straight)
{
	for (size_t i = 0; i < below->count; i++) {
		int target = below->items[i];

		if (pen->drawn[target])
			continue;
		size_t lane = *straight ? pen_find_lane(pen, target) : node;
		if (lane == SIZE_MAX)
			lane = pen_take_lane(pen, node);
		if (pen->lane[lane].awaits == TREE_NONE) {
			pen->lane[lane].awaits = target;
			pen->lane[lane].dotted = dotted;
			pen_draw(pen, lane, LANE_DOWN, dotted);
		}
		pen_link(pen, node, lane, dotted);
		*straight = true;
	}
}

/* The row is ready: a cell is dotted if all of its lines are. */
static void
pen_end_row(struct lanes_pen *pen, int revision)
{
	struct lanes *lanes = pen->lanes;
	struct lanes_row row = { .revision = revision };

	for (size_t i = 0; i < pen->count; i++) {
		if (pen->cells[i])
			row.width = i + 1;
		if ((pen->cells[i] & LANE_LINES) && !(pen->solid[i] & LANE_LINES))
			pen->cells[i] |= LANE_DOTTED;
	}
	row.cells = alloc_resize(NULL, row.width, 1);
	memcpy(row.cells, pen->cells, row.width);
	if (row.width > lanes->width)
		lanes->width = row.width;
	lanes->rows = alloc_room(
		lanes->rows, lanes->count, &lanes->capacity, sizeof(*lanes->rows));
	lanes->rows[lanes->count++] = row;
	memset(pen->cells, 0, pen->count);
	memset(pen->solid, 0, pen->count);
}

static void
pen_draw_revision(struct lanes_pen *pen, int revision)
{
	const struct revision *at = tree_at(pen->tree, revision);
	size_t node = pen_find_lane(pen, revision);
	bool straight = false;

	if (node == SIZE_MAX)
		node = pen_take_lane(pen, 0);
	pen->drawn[revision] = true;
	pen_draw_above(pen, revision, node);
	pen_draw(pen, node, LANE_NODE, true);
	pen_draw_below(pen, &at->parents, node, false, &straight);
	pen_draw_below(pen, &at->own_dependencies, node, true, &straight);
	pen_end_row(pen, revision);
}

void
lanes_make(const struct tree *tree, struct lanes *lanes)
{
	struct lanes_pen pen = { .tree = tree, .lanes = lanes };
	const struct tree_list *order = tree_order(tree);

	*lanes = (struct lanes){ 0 };
	pen.drawn = alloc_zeroed(tree_count(tree), sizeof(*pen.drawn));
	for (size_t i = 0; i < order->count; i++)
		pen_draw_revision(&pen, order->items[i]);
	free(pen.lane);
	free(pen.cells);
	free(pen.solid);
	free(pen.drawn);
}

size_t
lanes_row_of(const struct lanes *lanes, int revision)
{
	for (size_t i = 0; i < lanes->count; i++)
		if (lanes->rows[i].revision == revision)
			return i;
	return 0;
}

void
lanes_free(struct lanes *lanes)
{
	for (size_t i = 0; i < lanes->count; i++)
		free(lanes->rows[i].cells);
	free(lanes->rows);
	*lanes = (struct lanes){ 0 };
}
