#include "pgrunbook/view/draw.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/text.h"

enum { LABEL_CELLS = 14 };

static int
cells_of(int width)
{
	return width < 0 ? -width : width;
}

/* The column that goes next; -1: none may go. */
static int
columns_victim(const struct column *columns, int count, const int *widths)
{
	int victim = -1;

	for (int i = 0; i < count; i++) {
		if (widths[i] == 0 || columns[i].rank == 0)
			continue;
		if (victim < 0 || columns[i].rank > columns[victim].rank)
			victim = i;
	}
	return victim;
}

/* Takes up to `excess` cells from the columns that may shrink; returns how many. */
static int
columns_shrink(const struct column *columns, int count, int excess, int *widths)
{
	int taken = 0;

	for (int i = 0; i < count && taken < excess; i++) {
		int spare = columns[i].least == 0 ? 0 : widths[i] - columns[i].least;
		int part = spare < excess - taken ? spare : excess - taken;

		if (part > 0) {
			widths[i] -= part;
			taken += part;
		}
	}
	return taken; /* too much comes back when what is left is shared out */
}

/* Gives what is left to the columns that grow.  Those that have enough one day wait
 * until the others are twice as wide, and get less of it. */
static void
columns_grow(const struct column *columns, int count, int left, int *widths)
{
	enum { MORE = 2 };
	int growing = 0, bounded = 0, spare = left, share;

	for (int i = 0; i < count; i++) {
		growing += widths[i] != 0 && columns[i].grows;
		bounded += widths[i] != 0 && columns[i].grows && columns[i].most != 0;
		if (columns[i].grows && columns[i].most == 0)
			spare -= cells_of(widths[i]);
	}
	share = growing == 0 || spare < 0
			? 0
			: spare / (growing + (growing > bounded ? MORE : 0));
	for (int i = 0; i < count; i++) {
		int room = columns[i].most - cells_of(widths[i]);

		if (widths[i] == 0 || !columns[i].grows || columns[i].most == 0)
			continue;
		room = room < share ? room : share;
		widths[i] += widths[i] < 0 ? -room : room;
		left -= room;
	}
	growing -= bounded;
	for (int i = 0; i < count && left > 0; i++) {
		if (widths[i] == 0 || !columns[i].grows || columns[i].most != 0)
			continue;
		share = left / growing--;
		widths[i] += widths[i] < 0 ? -share : share;
		left -= share;
	}
}

void
columns_fit(const struct column *columns, int count, int cells, int *widths)
{
	int used = 0;

	for (int i = 0; i < count; i++) {
		widths[i] = columns[i].width;
		used += cells_of(widths[i]) + (i > 0);
	}
	while (used > cells) {
		int victim = columns_victim(columns, count, widths);

		if (victim < 0 || columns[victim].rank == 1)
			used -= columns_shrink(columns, count, used - cells, widths);
		if (victim < 0 || used <= cells)
			break;
		used -= cells_of(widths[victim]) + 1;
		widths[victim] = 0;
	}
	if (used < cells)
		columns_grow(columns, count, cells - used, widths);
}

struct pen
pen_at(struct area area, int row, const struct column *columns, const int *widths)
{
	return (struct pen){ area, row, 0, columns, widths, 0 };
}

char *
draw_line(const char *text, int cells)
{
	struct str out = { 0 };

	/* Enough for any mix of wide and dropped characters that is worth showing. */
	if (text != NULL)
		text_sanitize(text, strnlen(text, (size_t)cells * 8 + 64), &out);
	return str_take(&out);
}

void
pen_put(struct pen *pen, enum role role, const char *text)
{
	int width = pen->widths[pen->next++];
	char *line = draw_line(text, cells_of(width));

	if (width != 0)
		pen->column = 1 + area_field(pen->area, pen->row, pen->column, width,
					  role, line);
	free(line);
}

void
pen_own(struct pen *pen, enum role role, const char *text)
{
	int width = pen->widths[pen->next++];

	if (width != 0)
		pen->column = 1 + area_field(pen->area, pen->row, pen->column, width,
					  role, text);
}

void
pen_rest(struct pen *pen, enum role role, const char *text)
{
	int cells = pen->area.columns - pen->column;
	char *line = draw_line(text, cells < 0 ? 0 : cells);

	if (cells > 0)
		area_field(pen->area, pen->row, pen->column, cells, role, line);
	pen->column = pen->area.columns;
	free(line);
}

void
columns_head(
	struct area area, const struct column *columns, int count, const int *widths)
{
	struct pen pen = pen_at(area, 0, columns, widths);

	for (int i = 0; i < count; i++)
		pen_put(&pen, ROLE_HEADING, columns[i].head);
}

void
draw_cursor(struct area area, int row, bool focused)
{
	area_glyph(area, row, 0, ROLE_TEXT, GLYPH_CURSOR);
	if (focused)
		area_mark_row(area, row, CELL_REVERSE);
}

void
draw_empty(struct area area, const char *text)
{
	struct flow flow = flow_at(area_part(area, 0, 1, area.rows, area.columns), 0);

	flow_text(&flow, ROLE_DIM, 0, text);
}

void
segments_add(struct segments *segments, int rank, int least, enum role role,
	const char *format, ...)
{
	va_list arguments;

	if (segments->count == SEGMENTS_MAX)
		return;
	va_start(arguments, format);
	char *text = alloc_vprintf(format, arguments);
	va_end(arguments);
	segments->items[segments->count++] = (struct segment){
		.text = text_sanitized(text),
		.role = role,
		.rank = rank,
		.least = least,
	};
	free(text);
}

void
segments_right(struct segments *segments)
{
	if (segments->count != 0)
		segments->items[segments->count - 1].right = true;
}

/* Gives widths by rank; what is most important takes its cells first. */
static void
segments_fit(struct segments *segments, int cells, int gap)
{
	int highest = 0;
	int used = 0;

	for (int i = 0; i < segments->count; i++) {
		if (segments->items[i].rank > highest)
			highest = segments->items[i].rank;
	}
	for (int rank = 0; rank <= highest; rank++) {
		for (int i = 0; i < segments->count; i++) {
			struct segment *segment = &segments->items[i];
			int want = text_width(segment->text);
			int room = cells - used - (used == 0 ? 0 : gap);

			if (segment->rank != rank || want == 0)
				continue;
			/* Nothing that matters less takes the place of this one. */
			if (room <= 0 ||
				(want > room &&
					(segment->least == 0 || room < segment->least)))
				return;
			segment->width = want < room ? want : room;
			used += segment->width + (used == 0 ? 0 : gap);
		}
	}
}

void
segments_draw(struct segments *segments, struct area area, int row, int column, int gap)
{
	int right = area.columns;

	segments_fit(segments, area.columns - column, gap);
	for (int i = segments->count - 1; i >= 0; i--) {
		const struct segment *segment = &segments->items[i];

		if (!segment->right || segment->width == 0)
			continue;
		right -= segment->width;
		area_field(
			area, row, right, segment->width, segment->role, segment->text);
		right -= gap;
	}
	for (int i = 0; i < segments->count; i++) {
		struct segment *segment = &segments->items[i];

		if (!segment->right && segment->width != 0)
			column = gap + area_field(area, row, column, segment->width,
					       segment->role, segment->text);
		free(segment->text);
	}
	segments->count = 0;
}

struct flow
flow_at(struct area area, int top)
{
	return (struct flow){ area, -top, LABEL_CELLS };
}

void
flow_gap(struct flow *flow)
{
	flow->row++;
}

/* Wraps from `column` on; `first` cells of the first row are taken already. */
static void
flow_wrap(struct flow *flow, enum role role, int indent, const char *text)
{
	struct area part =
		area_part(flow->area, 0, indent, flow->area.rows, flow->area.columns);
	size_t length = strlen(text);
	struct str clean = { 0 };

	text_sanitize_lines(text, length < FLOW_BYTES ? length : FLOW_BYTES, &clean);
	if (length > FLOW_BYTES)
		str_printf(&clean, "\n(%zu bytes more)", length - FLOW_BYTES);
	flow->row = area_wrap(part, flow->row, role, str_text(&clean));
	str_free(&clean);
}

void
flow_text(struct flow *flow, enum role role, int indent, const char *text)
{
	/* In the narrowest places an indent would leave no room for the text. */
	if (indent * 3 > flow->area.columns)
		indent = 0;
	if (text != NULL)
		flow_wrap(flow, role, indent, text);
}

void
flow_printf(struct flow *flow, enum role role, int indent, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	char *text = alloc_vprintf(format, arguments);
	va_end(arguments);
	flow_text(flow, role, indent, text);
	free(text);
}

void
flow_label(struct flow *flow, const char *label)
{
	int cells = text_width(label) + 1;

	if (cells > flow->labels && cells <= flow->area.columns / 2)
		flow->labels = cells;
}

void
flow_fact(struct flow *flow, const char *label, const char *text)
{
	int cells = text_width(label) + 1;

	if (text == NULL || *text == '\0')
		return;
	cells = cells > flow->labels ? cells : flow->labels;
	/* A label that is cut would say something else. */
	if (flow->area.columns < 3 * LABEL_CELLS || cells > flow->area.columns / 2) {
		flow_printf(flow, ROLE_TEXT, 0, "%s: %s", label, text);
		return;
	}
	area_field(flow->area, flow->row, 0, cells - 1, ROLE_DIM, label);
	flow_wrap(flow, ROLE_TEXT, cells, text);
}

void
flow_gone(struct flow *flow, const struct app *app, enum pane_id pane)
{
	char *words = app_gone_words(app, pane);

	flow_text(flow, ROLE_WARNING, 0, words);
	free(words);
}

struct area
area_measure(struct area area)
{
	area.rows = 0;
	return area;
}

void
draw_more(struct area area, size_t rows)
{
	if (rows > 0 && area.columns > 16)
		area_printf(area, area.rows - 1, area.columns - 13, ROLE_KEY,
			" %zu more ", rows);
}

struct area
frame_inside(struct area area)
{
	if (area.rows < 2 || area.columns < 2)
		return area_part(area, 0, 0, 0, 0);
	return area_part(area, 1, 1, area.rows - 2, area.columns - 2);
}

char *
draw_bar(const struct canvas *canvas, int percent, int cells)
{
	static const char *const eighths[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉",
		"█" };
	bool ascii = canvas_ascii(canvas);
	int full = percent * cells * 8 / 100;
	struct str bar = { 0 };

	for (int cell = 0; cell < cells; cell++) {
		int part = full - cell * 8 > 8 ? 8 : full - cell * 8;

		if (ascii)
			str_add_char(&bar, part >= 8 ? '#' : '-');
		else
			str_add(&bar, part > 0 ? eighths[part] : "░");
	}
	return str_take(&bar);
}
