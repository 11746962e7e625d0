/*
 * What panes are drawn with: columns that give way by rank, segments of a line that do
 * the same, and text that flows down a page.  All texts are sanitised here; they may
 * come from the server as they are.
 */
#ifndef PGRUNBOOK_VIEW_DRAW_H
#define PGRUNBOOK_VIEW_DRAW_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/canvas.h"

/* A list's columns, drawn from left to right with a blank between them. */
struct column {
	const char *head;
	int width;  /* in cells; negative: aligned to the right */
	int rank;   /* the highest goes first when there is no room; 0 never goes */
	bool grows; /* shares what is left */
	int least;  /* if not 0: it shrinks down to this before a column of rank 1 goes
		     */
	int most;   /* if not 0: it grows up to this, and less than those without */
};

enum { COLUMNS_MAX = 12 };

/* The widths that fit into `cells`; 0: the column is left out. */
void columns_fit(const struct column *columns, int count, int cells, int *widths);

/* A row of such columns: pen_put fills them one after another. */
struct pen {
	struct area area;
	int row, column;
	const struct column *columns;
	const int *widths;
	int next;
};

struct pen pen_at(
	struct area area, int row, const struct column *columns, const int *widths);
/* NULL is "". */
void pen_put(struct pen *pen, enum role role, const char *text);
/* A text of our own, whose blanks stay as they are (lines of a tree). */
void pen_own(struct pen *pen, enum role role, const char *text);
/* Gives a whole row to one text, from the pen's column on. */
void pen_rest(struct pen *pen, enum role role, const char *text);
void columns_head(
	struct area area, const struct column *columns, int count, const int *widths);

/* `text` on one line: sanitised, and no longer than `cells` can show.  Caller owns. */
char *draw_line(const char *text, int cells);

/*
 * Marks the row that a pane's cursor stands on: by a glyph in the first column, and
 * reversed where the pane has the keys.
 */
void draw_cursor(struct area area, int row, bool focused);
/* One sentence in an empty pane: what is missing, and what to do. */
void draw_empty(struct area area, const char *text);

/* A bar `cells` long of which so many percent are full; the caller owns it. */
char *draw_bar(const struct canvas *canvas, int percent, int cells);

/* Parts of one line; those with the highest rank are left out first. */
struct segment {
	char *text;
	enum role role;
	int rank;
	int least;  /* cells that it can be cut down to */
	bool right; /* stands at the right edge */
	int width;  /* 0: left out */
};

enum { SEGMENTS_MAX = 40 };

struct segments {
	struct segment items[SEGMENTS_MAX];
	int count;
};

/* `least` 0: it is never cut. */
void segments_add(struct segments *segments, int rank, int least, enum role role,
	const char *format, ...) __attribute__((format(printf, 5, 6)));
/* What was added last stands at the right. */
void segments_right(struct segments *segments);
/* Draws them from `column` on with `gap` blanks between, and frees them. */
void segments_draw(
	struct segments *segments, struct area area, int row, int column, int gap);

/* More than that of one text is read elsewhere: wrapping a megabyte takes longer than a
 * key may wait. */
enum { FLOW_BYTES = 16000 };

/* A page of text, scrolled by beginning above its area. */
struct flow {
	struct area area;
	int row;
	int labels; /* cells of the labels, with a blank */
};

/* A page of which the first `top` rows are scrolled away. */
struct flow flow_at(struct area area, int top);
void flow_gap(struct flow *flow);
void flow_text(struct flow *flow, enum role role, int indent, const char *text);
void flow_printf(struct flow *flow, enum role role, int indent, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Has all labels that follow stand as wide as this one, if that is wider. */
void flow_label(struct flow *flow, const char *label);
/* A label with its text beside it; nothing if the text is NULL or empty. */
void flow_fact(struct flow *flow, const char *label, const char *text);
/* Which thing of a pane is gone that was looked at. */
void flow_gone(struct flow *flow, const struct app *app, enum pane_id pane);
/* Says in the frame's last line how many rows are below it; nothing for 0. */
void draw_more(struct area area, size_t rows);
/* What area_frame leaves of an area. */
struct area frame_inside(struct area area);
/* The area without rows, for finding out how long a page is. */
struct area area_measure(struct area area);

#endif
