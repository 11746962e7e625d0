#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/view/draw.h"
#include "pgrunbook/view/parts.h"

enum {
	BOX_COLUMNS = 84,   /* longer lines are hard to read */
	FRAME_COLUMNS = 50, /* below these sizes a frame costs more than it gives */
	FRAME_ROWS = 16,
	COMPACT_ROWS = 5, /* below, the answer has one row */
	LIST_ROWS = 16	  /* from here on choices have a row each */
};

/* How many rows each part gets. */
struct ask_rows {
	int title, body, command, answer, gap;
};

static void
ask_title(const struct ask *ask, struct flow *flow)
{
	flow_text(flow, ask->severe ? ROLE_ALERT : ROLE_TITLE, 0, ask->title);
}

static void
ask_body(const struct ask *ask, struct flow *flow)
{
	for (size_t i = 0; i < ask->facts.count; i++)
		flow_fact(flow, ask->labels.items[i], ask->facts.items[i]);
	for (size_t i = 0; i < ask->warnings.count; i++)
		flow_printf(flow, ask->severe ? ROLE_ALERT : ROLE_WARNING, 0, "! %s",
			ask->warnings.items[i]);
}

/* Of a step that failed or is to be stopped, the command is no promise. */
static const char *
ask_command_label(const struct ask *ask)
{
	switch (ask->purpose) {
	case ASK_FAILURE:
		return "Was run";
	case ASK_STOP:
		return "Running";
	default:
		return "Runs";
	}
}

static void
ask_command(const struct ask *ask, struct flow *flow)
{
	if (ask->command != NULL)
		flow_printf(flow, ROLE_INPUT, 0, "%s: %s", ask_command_label(ask),
			ask->command);
}

/* What is typed, with as much of its end as there is room for. */
static void
ask_input(const struct ask *ask, struct area area, int row, int column)
{
	struct area field = area_part(area, 0, column, area.rows, area.columns);
	int cursor = text_width(str_text(&ask->typed));
	int shift = cursor >= field.columns ? cursor - field.columns + 1 : 0;

	if (row < 0 || row >= area.rows || field.columns <= 0)
		return;
	area_put(field, row, -shift, ROLE_INPUT, str_text(&ask->typed));
	canvas_set_cursor(area.canvas, field.top + row, field.left + cursor - shift);
}

static char *
ask_choices(const struct ask *ask, const char *separator)
{
	struct str out = { 0 };

	for (int i = 0; i < ASK_CHOICES && ask->choices[i].key != 0; i++)
		str_printf(&out, "%c %s%s", ask->choices[i].key, ask->choices[i].label,
			separator);
	return str_take(&out);
}

static void
ask_answer_choice(const struct ask *ask, bool list, struct flow *flow)
{
	if (!list) {
		char *choices = ask_choices(ask, "  ");

		flow_printf(flow, ROLE_KEY, 0, "%sEsc: none", choices);
		free(choices);
		return;
	}
	for (int i = 0; i < ASK_CHOICES && ask->choices[i].key != 0; i++) {
		char key[] = { ask->choices[i].key, '\0' };

		area_put(flow->area, flow->row, 2, ROLE_KEY, key);
		flow_text(flow, ROLE_TEXT, 5, ask->choices[i].label);
	}
	flow_text(flow, ROLE_DIM, 0, "Esc: none of them");
}

static void
ask_answer(const struct ask *ask, bool list, struct flow *flow)
{
	switch (ask->kind) {
	case ASK_YES:
		flow_text(flow, ROLE_KEY, 0, "y yes   Enter or Esc: No");
		break;
	case ASK_CHOICE:
		ask_answer_choice(ask, list, flow);
		break;
	case ASK_TYPED:
		flow_printf(flow, ROLE_KEY, 0, "Type \"%s\" and Enter.  Esc: No",
			ask->phrase);
		area_put(flow->area, flow->row, 0, ROLE_KEY, ">");
		ask_input(ask, flow->area, flow->row, 2);
		flow->row++;
		break;
	}
	if (ask->complaint != NULL)
		flow_text(flow, ROLE_ALERT, 0, ask->complaint);
}

/* The answer where there is one row for it. */
static void
ask_answer_compact(const struct ask *ask, struct area area)
{
	char *text = NULL;

	switch (ask->kind) {
	case ASK_YES:
		text = alloc_copy("y yes, Enter: No");
		break;
	case ASK_CHOICE:
		text = ask_choices(ask, " ");
		break;
	case ASK_TYPED:
		text = alloc_printf("%s> ", ask->phrase);
		break;
	}
	/* Too narrow for words: a mark that something is asked. */
	if (area.columns < 8) {
		free(text);
		text = alloc_copy("?");
	}
	int width = text_width(text);
	int most = ask->kind == ASK_TYPED && area.columns >= 8 ? area.columns - 4
							       : area.columns;
	width = width > most ? most : width;
	area_field(area, 0, 0, width, ask->severe ? ROLE_ALERT : ROLE_KEY, text);
	if (ask->kind == ASK_TYPED)
		ask_input(ask, area, 0, width);
	free(text);
}

static int
least(int a, int b)
{
	return a < b ? a : b;
}

/* What each part would take in an area of these columns. */
static struct ask_rows
ask_measure(const struct ask *ask, struct area area, bool list)
{
	struct flow title = flow_at(area_measure(area), 0);
	struct flow body = title, command = title, answer = title;

	ask_title(ask, &title);
	ask_body(ask, &body);
	ask_command(ask, &command);
	ask_answer(ask, list, &answer);
	return (struct ask_rows){ title.row, body.row, command.row, answer.row, 1 };
}

static int
ask_total(const struct ask_rows *rows)
{
	return rows->title + rows->body + rows->command + rows->answer + 3 * rows->gap;
}

/*
 * Gives the rows there are: the answer first, then the command but for a row each of
 * the title and the facts; the facts scroll in what is left.
 */
static void
ask_share(struct ask_rows *rows, int available)
{
	if (ask_total(rows) <= available)
		return;
	rows->gap = 0;
	if (ask_total(rows) <= available)
		return;
	rows->answer =
		available < COMPACT_ROWS ? 1 : least(rows->answer, available - 2);
	int left = available - rows->answer;
	int others = left > 3 ? 2 : left > 1 ? 1 : 0;
	rows->command = least(rows->command, left - others);
	left -= rows->command;
	rows->title = least(rows->title, left > 2 ? left - 1 : left);
	rows->body = least(rows->body, left - rows->title);
}

static void
ask_draw_body(const struct ask *ask, struct area area, int all)
{
	int last = all > area.rows ? all - area.rows : 0;
	int top = least(ask->top, last);
	struct flow flow = flow_at(area, top);

	ask_body(ask, &flow);
	if (top < last)
		area_printf(area, area.rows - 1, area.columns - 14, ROLE_KEY,
			" Down: %d more", last - top);
}

/* A command that is cut says so: what is not on screen is not agreed to unseen. */
static void
ask_draw_command(const struct ask *ask, struct area area, int all)
{
	struct flow flow = flow_at(area, 0);

	/* A single row is cut by cells, not by words. */
	if (all > 1 && area.rows == 1) {
		char *line = draw_line(ask->command, area.columns);

		area_field(area, 0, 0, area.columns, ROLE_INPUT, line);
		free(line);
		return;
	}
	ask_command(ask, &flow);
	if (all > area.rows && area.rows > 0)
		area_glyph(area, area.rows - 1, area.columns - 1, ROLE_ALERT,
			GLYPH_ELLIPSIS);
}

static void
ask_draw_parts(const struct ask *ask, struct area area, bool list)
{
	struct ask_rows all = ask_measure(ask, area, list);
	struct ask_rows rows = all;
	int row = 0;

	ask_share(&rows, area.rows);
	struct flow title =
		flow_at(area_part(area, row, 0, rows.title, area.columns), 0);
	ask_title(ask, &title);
	row += rows.title + rows.gap;
	ask_draw_body(ask, area_part(area, row, 0, rows.body, area.columns), all.body);
	row += rows.body + rows.gap;
	ask_draw_command(
		ask, area_part(area, row, 0, rows.command, area.columns), all.command);
	row += rows.command + rows.gap;
	struct area last = area_part(area, row, 0, rows.answer, area.columns);
	if (rows.answer == 1 && all.answer > 1) {
		ask_answer_compact(ask, last);
	} else {
		struct flow answer = flow_at(last, 0);

		ask_answer(ask, list, &answer);
	}
}

int
ask_spares(int rows, int alerts)
{
	enum { WANTS = 9, LEAST = 5 };

	if (rows - alerts >= WANTS)
		return alerts;
	if (rows - WANTS > 1)
		return rows - WANTS;
	return alerts > 0 && rows - 1 >= LEAST ? 1 : 0;
}

void
ask_draw(const struct app *app, struct area screen, int top)
{
	const struct ask *ask = &app->ask;
	bool framed = screen.columns >= FRAME_COLUMNS && screen.rows >= FRAME_ROWS;
	bool list = screen.rows >= LIST_ROWS;

	/* On the smallest screens the question is all there is. */
	if (screen.rows - top < 3)
		top = 0;
	struct area area = area_part(screen, top, 0, screen.rows - top, screen.columns);
	if (!framed) {
		area_fill(area, ROLE_TEXT);
		ask_draw_parts(ask, area, list);
		return;
	}
	/* Slivers of the panes on both sides are harder to read past than nothing. */
	int columns = area.columns < BOX_COLUMNS + 20 ? area.columns : BOX_COLUMNS;
	struct area inner = area_part(area, 0, 0, area.rows, columns - 4);
	struct ask_rows rows = ask_measure(ask, inner, list);
	int height = least(ask_total(&rows) + 2, area.rows - 1);
	struct area box = area_part(area, (area.rows - 1 - height) / 3,
		(area.columns - columns) / 2, height, columns);
	area_fill(box, ROLE_TEXT);
	box = area_frame(box, ask->severe ? ROLE_ALERT : ROLE_TITLE,
		ask->severe ? ROLE_ALERT : ROLE_TITLE,
		ask->severe ? " Careful " : " Question ");
	ask_draw_parts(ask, area_part(box, 0, 1, box.rows, box.columns - 2), list);
}
