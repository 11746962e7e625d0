/* A revision's file: numbered lines, the long ones go on below. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/view/revisions.h"

/* Where there is less room for the text than that, the numbers go. */
enum { FILE_LEAST = 20 };

static void
file_part(struct flow *flow, int column, const char *text, size_t length)
{
	if (flow->row >= 0 && flow->row < flow->area.rows) {
		char *part = alloc_copy_bytes(text, length);

		area_put(flow->area, flow->row, column, ROLE_TEXT, part);
		free(part);
	}
	flow->row++;
}

/* One line, from `column` on, split where it reaches the edge. */
static void
file_line(struct flow *flow, int column, const char *text, size_t length)
{
	size_t room = (size_t)(flow->area.columns - column);
	bool first = true;

	while (first || length > 0) {
		size_t part = length;

		/* No character takes more cells than bytes. */
		if (length > room) {
			char *rest = alloc_copy_bytes(
				text, length < 4 * room ? length : 4 * room);
			int width;

			part = text_fit(rest, (int)room, &width);
			part = part == 0 ? length : part;
			free(rest);
		}
		file_part(flow, column, text, part);
		text += part;
		length -= part;
		first = false;
	}
}

void
revisions_flow_file(const struct app *app, struct flow *flow)
{
	const struct file_view *file = &app->file_view;
	int digits = 1, column;

	if (app->operations_path == NULL)
		return;
	flow_gap(flow);
	flow_printf(flow, ROLE_HEADING, 0, "File: %s", app->operations_path);
	if (file->problem != NULL)
		flow_text(flow, ROLE_ALERT, 0, file->problem);
	for (size_t count = file->line_count; count >= 10; count /= 10)
		digits++;
	column = flow->area.columns >= digits + 1 + FILE_LEAST ? digits + 1 : 0;
	for (size_t i = 0; i < file->line_count && flow->area.columns > 0; i++) {
		const char *text = str_text(&file->text) + file->lines[i];

		if (column > 0 && flow->row >= 0 && flow->row < flow->area.rows)
			area_printf(flow->area, flow->row, 0, ROLE_DIM, "%*zu", digits,
				i + 1);
		file_line(flow, column, text, strcspn(text, "\n"));
	}
	if (file->cut)
		flow_printf(flow, ROLE_WARNING, 0,
			"(the file goes on: its first %d kB are shown)",
			FILE_VIEW_BYTES >> 10);
}
