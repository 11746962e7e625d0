/*
 * The revision graph laid out in lanes, row by row, newest first, as `git log --graph`
 * readers know it; what view/pane_revisions.c draws, testable without a canvas.
 */
#ifndef PGRUNBOOK_MODEL_LANES_H
#define PGRUNBOOK_MODEL_LANES_H

#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/model/tree.h"

/* What stands in one lane of one row; directions that a line leaves the cell in. */
enum {
	LANE_UP = 1,
	LANE_DOWN = 2,
	LANE_LEFT = 4,
	LANE_RIGHT = 8,
	LANE_NODE = 16,	 /* the revision of this row */
	LANE_DOTTED = 32 /* a dependency, not a parent */
};

struct lanes_row {
	int revision;	/* the revision that stands here; TREE_NONE: lines only */
	uint8_t *cells; /* LANE_... of each lane */
	size_t width;
};

struct lanes {
	struct lanes_row *rows;
	size_t count, capacity;
	size_t width; /* the widest row */
};

void lanes_make(const struct tree *tree, struct lanes *lanes);
/* The row of a revision. */
size_t lanes_row_of(const struct lanes *lanes, int revision);
void lanes_free(struct lanes *lanes);

#endif
