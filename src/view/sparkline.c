#include "pgrunbook/view/sparkline.h"

#include <stdlib.h>

#include "pgrunbook/base/alloc.h"

static enum glyph
sparkline_glyph(double value, double full)
{
	const int between = GLYPH_LEVEL_HIGHEST - GLYPH_LEVEL - 1;

	if (value <= 0)
		return GLYPH_LEVEL;
	if (value >= full)
		return GLYPH_LEVEL_HIGHEST;
	return (enum glyph)(GLYPH_LEVEL + 1 + (int)(value / full * between));
}

static double
sparkline_highest(const double *values, int count)
{
	double highest = 0;

	for (int i = 0; i < count; i++) {
		if (series_known(values[i]) && values[i] > highest)
			highest = values[i];
	}
	return highest;
}

int
sparkline_draw(struct area area, int row, int column, int cells, enum role role,
	const struct series *series, int64_t now_us, double full)
{
	if (cells <= 0)
		return column;
	double *values = alloc_zeroed((size_t)cells, sizeof(*values));
	series_cells(series, now_us, values, (size_t)cells);
	if (full <= 0)
		full = sparkline_highest(values, cells);
	for (int i = 0; i < cells; i++) {
		if (series_known(values[i]))
			area_glyph(area, row, column + i, role,
				sparkline_glyph(values[i], full));
	}
	free(values);
	return column + cells;
}
