/* What a number did, as a row of small bars. */
#ifndef PGRUNBOOK_VIEW_SPARKLINE_H
#define PGRUNBOOK_VIEW_SPARKLINE_H

#include <stdint.h>

#include "pgrunbook/base/canvas.h"
#include "pgrunbook/model/series.h"

/*
 * Draws the series' window before now in `cells` cells and returns the next column.
 * `full` has the full height; 0: the highest of it has.  The lowest height is 0 and
 * nothing else, the full one is not reached by less, and a blank is what nobody knows.
 */
int sparkline_draw(struct area area, int row, int column, int cells, enum role role,
	const struct series *series, int64_t now_us, double full);

#endif
