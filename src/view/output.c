/* What a step's command printed: its tail in the Runbook pane, or all of it. */
#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/view/draw.h"
#include "pgrunbook/view/parts.h"

static int
line_rows(struct area area, const char *line)
{
	int rows = area_wrap(area_measure(area), 0, ROLE_TEXT, line);

	return rows < 1 ? 1 : rows; /* an empty line is a line */
}

void
output_draw_tail(const struct app *app, struct area area, size_t last)
{
	size_t lines = output_lines(&app->output);
	int rows = 0;

	if (lines == 0 || area.rows <= 0 || area.columns <= 0)
		return;
	size_t first = last < lines ? last : lines - 1;
	/* Upwards until the page is full; a page that isn't takes what comes after. */
	for (;;) {
		rows += line_rows(area, output_line(&app->output, first));
		if (rows >= area.rows || first == 0)
			break;
		first--;
	}
	int row = rows > area.rows ? area.rows - rows : 0;
	for (size_t at = first; at < lines && row < area.rows; at++) {
		const char *line = output_line(&app->output, at);

		area_wrap(area, row, ROLE_TEXT, line);
		row += line_rows(area, line);
	}
}

void
output_draw(const struct app *app, struct area area)
{
	size_t lines = output_lines(&app->output);
	char *title = lines == 0 ? alloc_copy(" Output ")
				 : alloc_printf(" Output, to line %zu of %zu ",
					   app->over.row + 1 < lines ? app->over.row + 1
								     : lines,
					   lines);

	area = area_frame(area, ROLE_BORDER, ROLE_FOCUS, title);
	free(title);
	if (lines == 0)
		draw_empty(area, "no step has printed anything yet");
	else
		output_draw_tail(app, area, app->over.row);
}
