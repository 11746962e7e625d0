#include "pgrunbook/model/lanes.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/sorted.h"

enum { NO_LANE = -1, WORD_BITS = 64 };

/* A set of lanes, searched 64 at a time. */
struct lane_set {
	uint64_t *words;
	size_t count, capacity;
};

/* A line on its way down. */
struct lane {
	int awaits;  /* the revision that it leads to; TREE_NONE: none */
	size_t line; /* into lanes->lines */
	int next;    /* lane that awaits the same revision */
};

/* The lanes that lead to a revision. */
struct lanes_target {
	int first;	   /* all of them, linked by lane.next */
	int solid, dotted; /* the leftmost of each kind */
	bool drawn;
};

/* The row that is being drawn, and the lanes that reach it. */
struct lanes_pen {
	const struct tree *tree;
	struct lanes *lanes;
	struct lanes_target *targets; /* by revision */
	struct lane *lane;
	size_t count, capacity;
	struct lane_set vacant, busy; /* may be taken; have a line */
	struct tree_list ended;	      /* in this row: taken only in a later one */
	int cooling;		      /* where a root stood in the row above */
};

static void
set_put(struct lane_set *set, int lane, bool in)
{
	size_t word = (size_t)lane / WORD_BITS;
	uint64_t bit = UINT64_C(1) << (lane % WORD_BITS);

	while (word >= set->count) {
		set->words = alloc_room(
			set->words, set->count, &set->capacity, sizeof(*set->words));
		set->words[set->count++] = 0;
	}
	if (in)
		set->words[word] |= bit;
	else
		set->words[word] &= ~bit;
}

/* The first lane of the set from `from` on; NO_LANE if there is none. */
static int
set_next(const struct lane_set *set, int from)
{
	for (size_t word = (size_t)from / WORD_BITS; word < set->count; word++) {
		uint64_t bits = set->words[word];

		if (word == (size_t)from / WORD_BITS)
			bits &= ~UINT64_C(0) << (from % WORD_BITS);
		for (int bit = 0; bits != 0; bit++, bits >>= 1)
			if (bits & 1)
				return (int)word * WORD_BITS + bit;
	}
	return NO_LANE;
}

static int
set_last(const struct lane_set *set)
{
	for (size_t word = set->count; word > 0; word--) {
		uint64_t bits = set->words[word - 1];

		for (int bit = WORD_BITS - 1; bits != 0; bit--, bits <<= 1)
			if (bits >> (WORD_BITS - 1))
				return (int)(word - 1) * WORD_BITS + bit;
	}
	return NO_LANE;
}

/* A vacant lane: to the right of `node`, else to its left, else a new one. */
static int
pen_take_lane(struct lanes_pen *pen, int node)
{
	int lane = set_next(&pen->vacant, node);

	if (lane == NO_LANE && node > 0)
		lane = set_next(&pen->vacant, 0);
	if (lane == NO_LANE) {
		pen->lane = alloc_room(
			pen->lane, pen->count, &pen->capacity, sizeof(*pen->lane));
		lane = (int)pen->count++;
	}
	pen->lane[lane] = (struct lane){ .awaits = TREE_NONE, .next = NO_LANE };
	set_put(&pen->vacant, lane, false);
	return lane;
}

/* A line along the row, from the node. */
static void
pen_link(struct lanes_pen *pen, struct lanes_row *row, int lane, bool dotted)
{
	struct lanes *lanes = pen->lanes;

	if (lane == row->node)
		return;
	lanes->links = alloc_room(lanes->links, lanes->link_count,
		&lanes->link_capacity, sizeof(*lanes->links));
	lanes->links[lanes->link_count++] =
		(struct lanes_link){ .lane = lane, .dotted = dotted };
	row->link_count++;
}

/* The leftmost lane that leads to a revision, one of its children's if there is any. */
static int
pen_find_lane(const struct lanes_pen *pen, int revision)
{
	const struct lanes_target *target = &pen->targets[revision];

	return target->solid != NO_LANE ? target->solid : target->dotted;
}

/* The lanes that led to this revision end at its node. */
static void
pen_end_lanes(struct lanes_pen *pen, struct lanes_row *row)
{
	struct lanes *lanes = pen->lanes;
	int lane = pen->targets[row->revision].first;

	for (; lane != NO_LANE; lane = pen->lane[lane].next) {
		struct lanes_line *line = &lanes->lines[pen->lane[lane].line];

		line->to = (int)lanes->count;
		pen_link(pen, row, lane, line->dotted);
		pen->lane[lane].awaits = TREE_NONE;
		set_put(&pen->busy, lane, false);
		if (lane != row->node)
			tree_list_add(&pen->ended, lane);
	}
}

static void
pen_begin_line(struct lanes_pen *pen, int lane, int revision, bool dotted)
{
	struct lanes *lanes = pen->lanes;
	struct lanes_target *target = &pen->targets[revision];
	int *leftmost = dotted ? &target->dotted : &target->solid;

	lanes->lines = alloc_room(lanes->lines, lanes->line_count,
		&lanes->line_capacity, sizeof(*lanes->lines));
	lanes->lines[lanes->line_count] = (struct lanes_line){ .lane = lane,
		.from = (int)lanes->count,
		.to = (int)lanes->count,
		.dotted = dotted };
	pen->lane[lane] = (struct lane){
		.awaits = revision, .line = lanes->line_count++, .next = target->first
	};
	target->first = lane;
	if (*leftmost == NO_LANE || lane < *leftmost)
		*leftmost = lane;
	set_put(&pen->busy, lane, true);
}

/*
 * The lines down.  The first goes straight on; the others join a lane that leads there
 * already, or begin one.  In a circle some lead to a row above: those aren't drawn.
 */
static void
pen_begin_lanes(struct lanes_pen *pen, struct lanes_row *row,
	const struct tree_list *below, bool dotted)
{
	for (size_t i = 0; i < below->count; i++) {
		int target = below->items[i];

		if (pen->targets[target].drawn)
			continue;
		int lane = row->ends ? row->node : pen_find_lane(pen, target);
		if (lane == NO_LANE)
			lane = pen_take_lane(pen, row->node);
		if (pen->lane[lane].awaits == TREE_NONE)
			pen_begin_line(pen, lane, target, dotted);
		pen_link(pen, row, lane, dotted);
		row->ends = false;
	}
}

static int
link_compare(const void *a, const void *b)
{
	const struct lanes_link *left = a, *right = b;

	return (left->lane > right->lane) - (left->lane < right->lane);
}

static int
at_least(int value, int least)
{
	return value < least ? least : value;
}

/*
 * What ended in this row is vacant from the next one on.  Where a root stood another
 * row is left out, or the next tree's head would look like what comes before it.
 */
static void
pen_end_row(struct lanes_pen *pen, struct lanes_row *row)
{
	struct lanes *lanes = pen->lanes;

	if (row->link_count != 0) {
		struct lanes_link *links = &lanes->links[row->link];

		qsort(links, row->link_count, sizeof(*links), link_compare);
		row->width = at_least(row->width, links[row->link_count - 1].lane + 1);
	}
	row->width = at_least(row->width, set_last(&pen->busy) + 1);
	lanes->width = at_least(lanes->width, row->width);
	for (size_t i = 0; i < pen->ended.count; i++)
		set_put(&pen->vacant, pen->ended.items[i], true);
	pen->ended.count = 0;
	if (pen->cooling != NO_LANE)
		set_put(&pen->vacant, pen->cooling, true);
	pen->cooling = row->ends ? row->node : NO_LANE;
	lanes->row_of[row->revision] = lanes->count;
	lanes->rows = alloc_room(
		lanes->rows, lanes->count, &lanes->capacity, sizeof(*lanes->rows));
	lanes->rows[lanes->count++] = *row;
}

static void
pen_draw_revision(struct lanes_pen *pen, int revision)
{
	const struct revision *at = tree_at(pen->tree, revision);
	struct lanes_row row = {
		.revision = revision,
		.node = pen_find_lane(pen, revision),
		.link = pen->lanes->link_count,
		.ends = true,
	};

	if (row.node == NO_LANE)
		row.node = pen_take_lane(pen, 0);
	row.width = at_least(row.node + 1, set_last(&pen->busy) + 1);
	pen->targets[revision].drawn = true;
	pen_end_lanes(pen, &row);
	pen_begin_lanes(pen, &row, &at->parents, false);
	pen_begin_lanes(pen, &row, &at->own_dependencies, true);
	pen_end_row(pen, &row);
}

/* Sorts the lines by lane; those of one lane were begun in the order of their rows. */
static void
lanes_sort_lines(struct lanes *lanes, size_t lane_count)
{
	struct lanes_line *sorted =
		alloc_zeroed(lanes->line_count, sizeof(*lanes->lines));
	size_t *next = alloc_zeroed(lane_count + 1, sizeof(*next));

	lanes->lane_lines = alloc_zeroed(lane_count + 1, sizeof(*lanes->lane_lines));
	for (size_t i = 0; i < lanes->line_count; i++)
		lanes->lane_lines[lanes->lines[i].lane + 1]++;
	for (size_t i = 0; i < lane_count; i++)
		lanes->lane_lines[i + 1] += lanes->lane_lines[i];
	memcpy(next, lanes->lane_lines, (lane_count + 1) * sizeof(*next));
	for (size_t i = 0; i < lanes->line_count; i++)
		sorted[next[lanes->lines[i].lane]++] = lanes->lines[i];
	free(next);
	free(lanes->lines);
	lanes->lines = sorted;
	lanes->line_capacity = lanes->line_count;
}

void
lanes_make(const struct tree *tree, struct lanes *lanes)
{
	struct lanes_pen pen = { .tree = tree, .lanes = lanes, .cooling = NO_LANE };
	const struct tree_list *order = tree_order(tree);
	size_t count = tree_count(tree);

	*lanes = (struct lanes){ .row_of = alloc_zeroed(count, sizeof(size_t)) };
	pen.targets = alloc_zeroed(count, sizeof(*pen.targets));
	for (size_t i = 0; i < count; i++)
		pen.targets[i] = (struct lanes_target){
			.first = NO_LANE, .solid = NO_LANE, .dotted = NO_LANE
		};
	pen.lane = alloc_room(pen.lane, 0, &pen.capacity, sizeof(*pen.lane));
	for (size_t i = 0; i < order->count; i++)
		pen_draw_revision(&pen, order->items[i]);
	lanes_sort_lines(lanes, pen.count);
	free(pen.targets);
	free(pen.lane);
	free(pen.vacant.words);
	free(pen.busy.words);
	tree_list_free(&pen.ended);
}

size_t
lanes_row_of(const struct lanes *lanes, int revision)
{
	return lanes->row_of[revision];
}

static int
line_compare_end(const void *key, const void *item)
{
	const size_t *row = key;
	const struct lanes_line *line = item;

	return (*row > (size_t)line->to) - (*row < (size_t)line->to);
}

/* The lines of one lane that touch a row: one that ends there and one that begins. */
static uint8_t
lanes_cell_lines(const struct lanes *lanes, size_t row, int lane, uint8_t *solid)
{
	size_t first = lanes->lane_lines[lane], end = lanes->lane_lines[lane + 1];
	uint8_t cell = 0;

	/* From the first line that reaches the row. */
	first += sorted_place(&row, &lanes->lines[first], end - first,
		sizeof(*lanes->lines), line_compare_end);
	for (; first < end && (size_t)lanes->lines[first].from <= row; first++) {
		const struct lanes_line *line = &lanes->lines[first];
		uint8_t ways = (uint8_t)(((size_t)line->from < row ? LANE_UP : 0) |
					 ((size_t)line->to > row ? LANE_DOWN : 0));

		cell |= ways;
		*solid |= line->dotted ? 0 : ways;
	}
	return cell;
}

/* How far the lines along the row reach: those that aren't dotted, or all. */
static void
lanes_reach(const struct lanes *lanes, const struct lanes_row *row, bool solid,
	int *left, int *right)
{
	*left = *right = row->node;
	for (size_t i = 0; i < row->link_count; i++) {
		const struct lanes_link *link = &lanes->links[row->link + i];

		if (solid && link->dotted)
			continue;
		*left = link->lane < *left ? link->lane : *left;
		*right = link->lane > *right ? link->lane : *right;
	}
}

static uint8_t
lanes_cell_ways(int lane, int left, int right)
{
	return (uint8_t)((lane > left && lane <= right ? LANE_LEFT : 0) |
			 (lane >= left && lane < right ? LANE_RIGHT : 0));
}

static bool
lanes_has_link(const struct lanes *lanes, const struct lanes_row *row, int lane)
{
	const struct lanes_link key = { .lane = lane };

	return row->link_count != 0 &&
	       bsearch(&key, &lanes->links[row->link], row->link_count, sizeof(key),
		       link_compare) != NULL;
}

void
lanes_cells(const struct lanes *lanes, size_t row, int first, int count, uint8_t *cells)
{
	const struct lanes_row *at = &lanes->rows[row];
	int left, right, solid_left, solid_right;

	lanes_reach(lanes, at, false, &left, &right);
	lanes_reach(lanes, at, true, &solid_left, &solid_right);
	memset(cells, 0, (size_t)count);
	for (int i = 0; i < count && first + i < at->width; i++) {
		int lane = first + i;
		uint8_t solid = lanes_cell_ways(lane, solid_left, solid_right);
		bool dotted_right = !(solid & LANE_RIGHT);
		uint8_t along = lanes_cell_ways(lane, left, right);
		uint8_t cell = lanes_cell_lines(lanes, row, lane, &solid);

		if (along == (LANE_LEFT | LANE_RIGHT) && cell != 0 &&
			lane != at->node && !lanes_has_link(lanes, at, lane))
			cell |= LANE_CROSSED;
		cell |= along;
		if (cell != 0 && solid == 0)
			cell |= LANE_DOTTED;
		if (dotted_right && (along & LANE_RIGHT))
			cell |= LANE_RIGHT_DOTTED;
		if (lane == at->node)
			cell |= LANE_NODE;
		cells[i] = cell;
	}
}

void
lanes_free(struct lanes *lanes)
{
	free(lanes->rows);
	free(lanes->lines);
	free(lanes->lane_lines);
	free(lanes->links);
	free(lanes->row_of);
	*lanes = (struct lanes){ 0 };
}
