/*
 * The picture of a screen: a grid of cells, each a character with a role.  Panes draw
 * here; view/term carries it to the terminal; golden screens are its dump.  Drawing
 * sanitises what it is given and clips it, so nothing that is drawn can move the
 * cursor, leave its area or split a wide character.
 */
#ifndef PGRUNBOOK_BASE_CANVAS_H
#define PGRUNBOOK_BASE_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str;

/* What a cell means; view/term.c maps roles to colours and attributes. */
enum role {
	ROLE_TEXT,
	ROLE_DIM,     /* secondary text, stale data */
	ROLE_TITLE,   /* a pane's title */
	ROLE_FOCUS,   /* the title of the pane that has the keys */
	ROLE_HEADING, /* column heads, section headings */
	ROLE_KEY,     /* a key in the footer or help */
	ROLE_BORDER,
	ROLE_GOOD,	/* in sync, done, streaming */
	ROLE_WARNING,	/* pending, waiting, lagging */
	ROLE_ALERT,	/* something is wrong now */
	ROLE_PROTECTED, /* the badge of a protected environment */
	ROLE_RELAXED,	/* the badge of an environment that is not protected */
	ROLE_MIGRATION, /* the migration's own backend */
	ROLE_CURRENT,	/* the database's revision */
	ROLE_LANE,	/* lines of the revision graph */
	ROLE_INPUT,	/* what the operator types */
	ROLE_COUNT
};

/* Line and mark shapes with a UTF-8 and an ASCII form each. */
enum glyph {
	GLYPH_HORIZONTAL, /* - */
	GLYPH_VERTICAL,	  /* | */
	GLYPH_TOP_LEFT,
	GLYPH_TOP_RIGHT,
	GLYPH_BOTTOM_LEFT,
	GLYPH_BOTTOM_RIGHT,
	GLYPH_TEE_RIGHT, /* |- */
	GLYPH_TEE_LEFT,	 /* -| */
	GLYPH_TEE_DOWN,
	GLYPH_TEE_UP,
	GLYPH_CROSS,
	GLYPH_NODE_PENDING, /* a revision that isn't in the database: o */
	GLYPH_NODE_APPLIED, /* one that is: * */
	GLYPH_NODE_CURRENT, /* the one where the database stands: @ */
	GLYPH_NODE_UNKNOWN, /* nobody knows: ? */
	GLYPH_FOLD,	    /* several: = */
	GLYPH_BRANCH,	    /* |- of a tree */
	GLYPH_LAST_BRANCH,  /* `- of a tree */
	GLYPH_CURSOR,	    /* > beside the selected row */
	GLYPH_TICK,	    /* x in [x] */
	GLYPH_ASCENDING,    /* ^ beside the column that a list is sorted by */
	GLYPH_DESCENDING,   /* v */
	GLYPH_ELLIPSIS,	    /* ~ at the end of cut text */
	GLYPH_ARROW,	    /* -> between revisions */
	GLYPH_LEVEL,	    /* the lowest of eight heights: _.-=# */
	GLYPH_LEVEL_HIGHEST = GLYPH_LEVEL + 7,
	GLYPH_COUNT
};

enum { CELL_REVERSE = 1, CELL_BOLD = 2, CELL_UNDERLINE = 4 };

struct cell {
	uint32_t code;	   /* 0: the right half of the wide character before it */
	uint8_t role;	   /* enum role */
	uint8_t attribute; /* CELL_... */
};

struct canvas;

/* All blank.  `ascii` draws with ASCII only: other characters become '?'. */
struct canvas *canvas_new(int rows, int columns, bool ascii);
void canvas_free(struct canvas *canvas);
/* New size, all blank. */
void canvas_resize(struct canvas *canvas, int rows, int columns);
void canvas_clear(struct canvas *canvas);
int canvas_rows(const struct canvas *canvas);
int canvas_columns(const struct canvas *canvas);
bool canvas_ascii(const struct canvas *canvas);
const struct cell *canvas_cell(const struct canvas *canvas, int row, int column);

/* Where the terminal's cursor stands; hidden (row -1) unless somebody types. */
void canvas_set_cursor(struct canvas *canvas, int row, int column);
int canvas_cursor_row(const struct canvas *canvas);
int canvas_cursor_column(const struct canvas *canvas);

/* The text as lines, trailing blanks cut. */
void canvas_dump(const struct canvas *canvas, struct str *out);
/* The roles as lines of one letter each ('.' is ROLE_TEXT), for golden screens. */
void canvas_dump_roles(const struct canvas *canvas, struct str *out);

/* A rectangle of a canvas.  Rows and columns of the calls below count from its corner.
 */
struct area {
	struct canvas *canvas;
	int top, left, rows, columns;
};

struct area canvas_area(struct canvas *canvas);
/* The part of `area` that starts at row, column and is at most rows x columns. */
struct area area_part(struct area area, int row, int column, int rows, int columns);

/* Draw text from `column` on, cut at the area's edge.  They return the next column. */
int area_put(struct area area, int row, int column, enum role role, const char *text);
int area_printf(struct area area, int row, int column, enum role role,
	const char *format, ...) __attribute__((format(printf, 5, 6)));
/*
 * Draws text into exactly `width` cells: padded with blanks, or cut with
 * GLYPH_ELLIPSIS. A negative width aligns to the right.  Returns column + |width|.
 */
int area_field(struct area area, int row, int column, int width, enum role role,
	const char *text);
int area_glyph(struct area area, int row, int column, enum role role, enum glyph glyph);
/* The text of a glyph, for use in longer strings. */
const char *canvas_glyph_text(const struct canvas *canvas, enum glyph glyph);
/* Adds attributes to a whole row of the area. */
void area_mark_row(struct area area, int row, unsigned attribute);
/* The first row from `row` on that shows the text (as text_find has it); -1: none. */
int area_find(struct area area, int row, const char *text);
/* Underlines it wherever it is shown. */
void area_highlight(struct area area, const char *text);
/* Blanks all cells; what was below, attributes included, is gone. */
void area_fill(struct area area, enum role role);
/* A frame along the edge with a title in it; returns what is inside. */
struct area area_frame(
	struct area area, enum role border, enum role title, const char *text);
/*
 * Draws text wrapped at blanks (words longer than a line are split; '\n' breaks) from
 * row on.  Returns the row after the last.  With a NULL canvas it only counts.
 */
int area_wrap(struct area area, int row, enum role role, const char *text);

#endif
