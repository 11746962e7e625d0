/*
 * The revision graph laid out in lanes, row by row, newest first, as `git log --graph`
 * readers know it; what view/revisions_lanes.c draws, testable without a canvas.
 *
 * Kept are the lines, not the cells: a graph takes memory for its edges, however wide
 * it is, and a row's cells are made for the lanes that somebody looks at.
 */
#ifndef PGRUNBOOK_MODEL_LANES_H
#define PGRUNBOOK_MODEL_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/model/tree.h"

/* What stands in one lane of one row; directions that a line leaves the cell in. */
enum {
	LANE_UP = 1,
	LANE_DOWN = 2,
	LANE_LEFT = 4,
	LANE_RIGHT = 8,
	LANE_NODE = 16,		/* the revision of this row */
	LANE_DOTTED = 32,	/* a dependency, not a parent */
	LANE_CROSSED = 64,	/* what goes along the row passes by: it doesn't join */
	LANE_RIGHT_DOTTED = 128 /* what leaves to the right is dotted */
};

/* Where a line of the row's revision goes along the row. */
struct lanes_link {
	int lane;
	bool dotted;
};

struct lanes_row {
	int revision;
	int node;  /* its lane */
	int width; /* lanes up to the last one that has a line or the node */
	size_t link, link_count; /* into lanes->links, sorted by lane */
	bool ends;		 /* no line leads on from the node */
};

/* A line down a lane: it leaves row `from` downwards and enters row `to`. */
struct lanes_line {
	int lane;
	int from, to;
	bool dotted;
};

struct lanes {
	struct lanes_row *rows;
	size_t count, capacity;
	int width;		  /* of the widest row */
	struct lanes_line *lines; /* by lane, then by row */
	size_t line_count, line_capacity;
	size_t *lane_lines; /* where each lane's lines begin; and the end */
	struct lanes_link *links;
	size_t link_count, link_capacity;
	size_t *row_of; /* by revision */
};

/* Free with lanes_free.  Time and memory grow with the edges, not with the width. */
void lanes_make(const struct tree *tree, struct lanes *lanes);
/* The row of a revision. */
size_t lanes_row_of(const struct lanes *lanes, int revision);
/* LANE_... of `count` lanes of a row from lane `first` on. */
void lanes_cells(
	const struct lanes *lanes, size_t row, int first, int count, uint8_t *cells);
void lanes_free(struct lanes *lanes);

#endif
