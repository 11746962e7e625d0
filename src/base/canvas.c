#include "pgrunbook/base/canvas.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/text.h"

struct canvas {
	struct cell *cells;
	int rows, columns;
	int cursor_row, cursor_column;
	bool ascii;
};

static const struct {
	const char *utf8, *ascii;
} glyphs[GLYPH_COUNT] = {
	[GLYPH_HORIZONTAL] = { "─", "-" },
	[GLYPH_VERTICAL] = { "│", "|" },
	[GLYPH_TOP_LEFT] = { "┌", "+" },
	[GLYPH_TOP_RIGHT] = { "┐", "+" },
	[GLYPH_BOTTOM_LEFT] = { "└", "+" },
	[GLYPH_BOTTOM_RIGHT] = { "┘", "+" },
	[GLYPH_TEE_RIGHT] = { "├", "+" },
	[GLYPH_TEE_LEFT] = { "┤", "+" },
	[GLYPH_TEE_DOWN] = { "┬", "+" },
	[GLYPH_TEE_UP] = { "┴", "+" },
	[GLYPH_CROSS] = { "┼", "+" },
	[GLYPH_NODE_PENDING] = { "○", "o" },
	[GLYPH_NODE_APPLIED] = { "●", "*" },
	[GLYPH_NODE_CURRENT] = { "◆", "@" },
	[GLYPH_NODE_UNKNOWN] = { "◌", "?" },
	[GLYPH_FOLD] = { "⋮", "=" },
	[GLYPH_BRANCH] = { "├─", "|-" },
	[GLYPH_LAST_BRANCH] = { "└─", "`-" },
	[GLYPH_CURSOR] = { "▸", ">" },
	[GLYPH_TICK] = { "✓", "x" },
	[GLYPH_ASCENDING] = { "▲", "^" },
	[GLYPH_DESCENDING] = { "▼", "v" },
	[GLYPH_ELLIPSIS] = { "…", "~" },
	[GLYPH_ARROW] = { "→", "->" },
	[GLYPH_LEVEL] = { "▁", "_" },
	[GLYPH_LEVEL + 1] = { "▂", "." },
	[GLYPH_LEVEL + 2] = { "▃", "." },
	[GLYPH_LEVEL + 3] = { "▄", "-" },
	[GLYPH_LEVEL + 4] = { "▅", "-" },
	[GLYPH_LEVEL + 5] = { "▆", "=" },
	[GLYPH_LEVEL + 6] = { "▇", "=" },
	[GLYPH_LEVEL_HIGHEST] = { "█", "#" },
};

/* The role letters of golden screens, in the order of enum role. */
static const char role_letters[ROLE_COUNT + 1] = ".dtfhkb+w!PRMCLi";

struct canvas *
canvas_new(int rows, int columns, bool ascii)
{
	struct canvas *canvas = alloc_zeroed(1, sizeof(*canvas));

	canvas->ascii = ascii;
	canvas_resize(canvas, rows, columns);
	return canvas;
}

void
canvas_free(struct canvas *canvas)
{
	if (canvas == NULL)
		return;
	free(canvas->cells);
	free(canvas);
}

void
canvas_resize(struct canvas *canvas, int rows, int columns)
{
	canvas->rows = rows > 0 ? rows : 1;
	canvas->columns = columns > 0 ? columns : 1;
	canvas->cells = alloc_resize(canvas->cells,
		(size_t)canvas->rows * (size_t)canvas->columns, sizeof(struct cell));
	canvas_clear(canvas);
}

void
canvas_clear(struct canvas *canvas)
{
	size_t count = (size_t)canvas->rows * (size_t)canvas->columns;

	for (size_t i = 0; i < count; i++)
		canvas->cells[i] = (struct cell){ .code = ' ', .role = ROLE_TEXT };
	canvas->cursor_row = -1;
	canvas->cursor_column = 0;
}

int
canvas_rows(const struct canvas *canvas)
{
	return canvas->rows;
}

int
canvas_columns(const struct canvas *canvas)
{
	return canvas->columns;
}

bool
canvas_ascii(const struct canvas *canvas)
{
	return canvas->ascii;
}

static struct cell *
canvas_at(struct canvas *canvas, int row, int column)
{
	return &canvas->cells[(size_t)row * (size_t)canvas->columns + (size_t)column];
}

const struct cell *
canvas_cell(const struct canvas *canvas, int row, int column)
{
	return &canvas->cells[(size_t)row * (size_t)canvas->columns + (size_t)column];
}

void
canvas_set_cursor(struct canvas *canvas, int row, int column)
{
	if (row < 0 || row >= canvas->rows)
		return;
	canvas->cursor_row = row;
	if (column >= canvas->columns)
		column = canvas->columns - 1;
	canvas->cursor_column = column < 0 ? 0 : column;
}

int
canvas_cursor_row(const struct canvas *canvas)
{
	return canvas->cursor_row;
}

int
canvas_cursor_column(const struct canvas *canvas)
{
	return canvas->cursor_column;
}

void
canvas_dump(const struct canvas *canvas, struct str *out)
{
	for (int row = 0; row < canvas->rows; row++) {
		size_t end = out->length;

		for (int column = 0; column < canvas->columns; column++) {
			uint32_t code = canvas_cell(canvas, row, column)->code;
			char encoded[4];

			if (code == 0)
				continue;
			str_add_bytes(out, encoded, text_encode(code, encoded));
			if (code != ' ')
				end = out->length;
		}
		out->length = end;
		str_add_char(out, '\n');
	}
}

void
canvas_dump_roles(const struct canvas *canvas, struct str *out)
{
	for (int row = 0; row < canvas->rows; row++) {
		size_t end = out->length;

		for (int column = 0; column < canvas->columns; column++) {
			const struct cell *cell = canvas_cell(canvas, row, column);
			char letter = role_letters[cell->role];

			if (cell->attribute & CELL_UNDERLINE)
				letter = '_';
			else if (cell->attribute & CELL_REVERSE)
				letter = '#';
			str_add_char(out, letter);
			if (letter != '.')
				end = out->length;
		}
		out->length = end;
		str_add_char(out, '\n');
	}
}

const char *
canvas_glyph_text(const struct canvas *canvas, enum glyph glyph)
{
	return canvas->ascii ? glyphs[glyph].ascii : glyphs[glyph].utf8;
}

struct area
canvas_area(struct canvas *canvas)
{
	return (struct area){ canvas, 0, 0, canvas->rows, canvas->columns };
}

struct area
area_part(struct area area, int row, int column, int rows, int columns)
{
	row = row < 0 ? 0 : row > area.rows ? area.rows : row;
	column = column < 0 ? 0 : column > area.columns ? area.columns : column;
	if (rows > area.rows - row)
		rows = area.rows - row;
	if (columns > area.columns - column)
		columns = area.columns - column;
	return (struct area){ area.canvas, area.top + row, area.left + column,
		rows < 0 ? 0 : rows, columns < 0 ? 0 : columns };
}

/* Overwriting one half of a wide character must not leave the other half behind. */
static void
canvas_break_wide(struct canvas *canvas, int row, int column)
{
	struct cell *cell = canvas_at(canvas, row, column);

	if (cell->code == 0 && column > 0)
		canvas_at(canvas, row, column - 1)->code = ' ';
	if (column + 1 < canvas->columns &&
		canvas_at(canvas, row, column + 1)->code == 0)
		canvas_at(canvas, row, column + 1)->code = ' ';
}

static void
canvas_set(struct canvas *canvas, int row, int column, uint32_t code, enum role role)
{
	struct cell *cell = canvas_at(canvas, row, column);

	canvas_break_wide(canvas, row, column);
	*cell = (struct cell){ code, (uint8_t)role, cell->attribute };
}

/* What is put into a cell for a code point, 0 for nothing. */
static uint32_t
canvas_fit_code(const struct canvas *canvas, uint32_t code)
{
	int width;

	if (code == '\t' || code == '\n')
		return ' ';
	width = text_width_of(code);
	if (width == 0)
		return 0;
	if (width < 0)
		code = TEXT_REPLACEMENT;
	return canvas->ascii && code > 0x7E ? '?' : code;
}

static int
area_put_bytes(struct area area, int row, int column, enum role role, const char *text,
	size_t length)
{
	if (row < 0 || row >= area.rows)
		return column;
	for (size_t i = 0, used; i < length; i += used) {
		uint32_t code = canvas_fit_code(
			area.canvas, text_decode(text + i, length - i, &used));
		if (code == 0)
			continue;
		int width = text_width_of(code);
		if (column + width > area.columns)
			break;
		if (column >= 0) {
			canvas_set(area.canvas, area.top + row, area.left + column,
				code, role);
			if (width == 2)
				canvas_set(area.canvas, area.top + row,
					area.left + column + 1, 0, role);
		}
		column += width;
	}
	return column;
}

int
area_put(struct area area, int row, int column, enum role role, const char *text)
{
	return area_put_bytes(area, row, column, role, text, strlen(text));
}

int
area_printf(
	struct area area, int row, int column, enum role role, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	char *text = alloc_vprintf(format, arguments);
	va_end(arguments);
	column = area_put(area, row, column, role, text);
	free(text);
	return column;
}

int
area_field(struct area area, int row, int column, int width, enum role role,
	const char *text)
{
	int cells = width < 0 ? -width : width;
	struct area field = area_part(area, row, column, 1, cells);
	int full = text_width(text);

	/* A row above would become the first one: a page that is scrolled has such. */
	if (row < 0 || column >= area.columns || cells == 0)
		return column + cells;
	for (int i = 0; i < field.columns && field.rows > 0; i++)
		area_put(field, 0, i, role, " ");
	if (full <= field.columns) {
		area_put(field, 0, width < 0 ? field.columns - full : 0, role, text);
		return column + cells;
	}
	int kept;
	size_t bytes = text_fit(text, field.columns - 1, &kept);
	area_put_bytes(field, 0, 0, role, text, bytes);
	area_glyph(field, 0, kept, role, GLYPH_ELLIPSIS);
	return column + cells;
}

int
area_glyph(struct area area, int row, int column, enum role role, enum glyph glyph)
{
	return area_put(area, row, column, role, canvas_glyph_text(area.canvas, glyph));
}

void
area_mark_row(struct area area, int row, unsigned attribute)
{
	if (row < 0 || row >= area.rows)
		return;
	for (int column = 0; column < area.columns; column++)
		canvas_at(area.canvas, area.top + row, area.left + column)->attribute |=
			(uint8_t)attribute;
}

void
area_fill(struct area area, enum role role)
{
	for (int row = 0; row < area.rows; row++) {
		for (int column = 0; column < area.columns; column++) {
			area_put(area, row, column, role, " ");
			canvas_at(area.canvas, area.top + row, area.left + column)
				->attribute = 0;
		}
	}
}

struct area
area_frame(struct area area, enum role border, enum role title, const char *text)
{
	int right = area.columns - 1;
	int bottom = area.rows - 1;

	if (right < 1 || bottom < 1)
		return area_part(area, 0, 0, 0, 0);
	for (int column = 1; column < right; column++) {
		area_glyph(area, 0, column, border, GLYPH_HORIZONTAL);
		area_glyph(area, bottom, column, border, GLYPH_HORIZONTAL);
	}
	for (int row = 1; row < bottom; row++) {
		area_glyph(area, row, 0, border, GLYPH_VERTICAL);
		area_glyph(area, row, right, border, GLYPH_VERTICAL);
	}
	area_glyph(area, 0, 0, border, GLYPH_TOP_LEFT);
	area_glyph(area, 0, right, border, GLYPH_TOP_RIGHT);
	area_glyph(area, bottom, 0, border, GLYPH_BOTTOM_LEFT);
	area_glyph(area, bottom, right, border, GLYPH_BOTTOM_RIGHT);
	area_put(area_part(area, 0, 2, 1, area.columns - 4), 0, 0, title, text);
	return area_part(area, 1, 1, area.rows - 2, area.columns - 2);
}

/* Bytes of the first line of `text` when wrapped to `cells`; *skip: what to pass over.
 */
static size_t
wrap_line(const char *text, int cells, size_t *skip)
{
	size_t end = strcspn(text, "\n");
	int width;
	size_t fits = text_fit(text, cells, &width);

	if (fits >= end) {
		*skip = end + (text[end] == '\n');
		return end;
	}
	for (size_t i = fits; i > 0; i--) {
		if (text[i] == ' ') {
			*skip = i + 1;
			return i;
		}
	}
	if (fits == 0) { /* a wide character in one column: pass it over */
		size_t used;

		text_decode(text, strlen(text), &used);
		fits = used;
	}
	*skip = fits;
	return fits;
}

int
area_wrap(struct area area, int row, enum role role, const char *text)
{
	if (area.columns <= 0)
		return row;
	while (*text != '\0') {
		size_t skip;
		size_t bytes = wrap_line(text, area.columns, &skip);

		if (area.canvas != NULL)
			area_put_bytes(area, row, 0, role, text, bytes);
		text += skip;
		row++;
	}
	return row;
}
