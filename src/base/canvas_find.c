/* Texts on a canvas, found where they are seen. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/canvas.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/text.h"

/* A row as text, and for each of its bytes the column that it stands in. */
static void
row_text(struct area area, int row, struct str *text, int *columns)
{
	for (int column = 0; column < area.columns; column++) {
		const struct cell *cell =
			canvas_cell(area.canvas, area.top + row, area.left + column);
		char encoded[4];

		if (cell->code == 0)
			continue;
		size_t length = text_encode(cell->code, encoded);
		for (size_t i = 0; i < length; i++)
			columns[text->length + i] = column;
		str_add_bytes(text, encoded, length);
	}
}

/* The columns from *first to *last of the text in a row, looked for from byte *at on.
 */
static bool
row_find(const struct str *text, const int *columns, const char *needle, size_t *at,
	int *first, int *last)
{
	const char *found = text_find(str_text(text) + *at, needle);

	if (found == NULL)
		return false;
	size_t start = (size_t)(found - str_text(text));
	size_t length = strlen(needle);
	*first = columns[start];
	*last = columns[start + length - 1];
	*at = start + length;
	return true;
}

int
area_find(struct area area, int row, const char *text)
{
	int *columns = alloc_zeroed((size_t)area.columns * 4 + 1, sizeof(*columns));
	struct str line = { 0 };
	int first, last, found = -1;

	for (; found < 0 && row < area.rows && *text != '\0'; row++) {
		size_t at = 0;

		str_clear(&line);
		row_text(area, row, &line, columns);
		if (row_find(&line, columns, text, &at, &first, &last))
			found = row;
	}
	str_free(&line);
	free(columns);
	return found;
}

void
area_highlight(struct area area, const char *text)
{
	int *columns = alloc_zeroed((size_t)area.columns * 4 + 1, sizeof(*columns));
	struct str line = { 0 };
	int first, last;

	for (int row = 0; row < area.rows && *text != '\0'; row++) {
		size_t at = 0;

		str_clear(&line);
		row_text(area, row, &line, columns);
		while (row_find(&line, columns, text, &at, &first, &last))
			area_mark_row(
				area_part(area, 0, first, area.rows, last - first + 1),
				row, CELL_UNDERLINE | CELL_BOLD);
	}
	str_free(&line);
	free(columns);
}
