/* What goes where on a screen of a given size: arithmetic, no drawing. */
#ifndef PGRUNBOOK_APP_LAYOUT_H
#define PGRUNBOOK_APP_LAYOUT_H

#include <stdbool.h>

#include "pgrunbook/app/pane.h"

struct rect {
	int top, left, rows, columns; /* rows 0: not on screen */
};

struct layout {
	struct rect header;	       /* 1 to 3 rows: target; revision; migration */
	struct rect alerts;	       /* one row an alert; empty if there are none */
	struct rect tabs;	       /* narrow: the panes' names in one row */
	struct rect panes[PANE_COUNT]; /* frame included where `framed` */
	bool framed;		       /* panes have a frame with their title */
	struct rect footer; /* keys, or the line that is typed, or a message */
};

enum { LAYOUT_WIDE_COLUMNS = 100, LAYOUT_WIDE_ROWS = 24 };

/* What the layout follows beside the size. */
struct layout_needs {
	enum pane_id focus;
	bool zoomed;	/* the focused pane gets the whole middle */
	int alerts;	/* rows that they want */
	int progress;	/* the same for what progresses; 0: there is nothing */
	bool migration; /* the header has a line for it */
};

/*
 * Wide terminals show the panes side by side, Progress only while something progresses
 * or it has the keys; narrower ones show the focused pane below a tab line; the header,
 * the alerts and the footer go last of all.
 */
void layout_make(
	int rows, int columns, const struct layout_needs *needs, struct layout *layout);

/* Rows inside a pane that list things (its frame and column heads taken off). */
int layout_pane_rows(const struct layout *layout, enum pane_id pane);

#endif
