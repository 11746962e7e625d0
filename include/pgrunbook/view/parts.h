/* The parts of the screen around the panes and over them, one file each. */
#ifndef PGRUNBOOK_VIEW_PARTS_H
#define PGRUNBOOK_VIEW_PARTS_H

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/canvas.h"

/* header.c: which database this is and where it stands; one row or two. */
void header_draw(const struct app *app, struct area area);
/* tabs.c: the panes' names, and the alerts. */
void tabs_draw(const struct app *app, struct area area);
/* The pane whose tab is there; PANE_ANY if there is none. */
enum pane_id tabs_pane_at(const struct app *app, int row, int column);
void alerts_draw(const struct app *app, struct area area);

/*
 * footer.c: the line that is typed, the message or the keys of the pane in focus.  The
 * area is the whole screen; `rect` says where the footer is in it: a long message takes
 * rows above it.
 */
void footer_draw(const struct app *app, struct area screen, struct rect rect);

/* Overlays; their area is what lies between the alerts and the footer. */
void help_draw(const struct app *app, struct area area);
void detail_draw(const struct app *app, struct area area);
/* What is in their frames, from row `top` on. */
void help_page(const struct app *app, struct area area, int top);
void detail_page(const struct app *app, struct area area, int top);
/* The last row that can be the first on screen, in the same area. */
size_t help_last(const struct app *app, struct area area);
size_t detail_last(const struct app *app, struct area area);
void output_draw(const struct app *app, struct area area);
void runbooks_draw(const struct app *app, struct area area);
void revisions_draw(const struct app *app, struct area area);
void tables_draw(const struct app *app, struct area area);
/* The last lines of the step's output that end with line `last`, wrapped. */
void output_draw_tail(const struct app *app, struct area area, size_t last);

/*
 * ask.c: the question.  `screen` is all there is; what it must show (target, command
 * and the line that takes the answer) is there at any size that has a row for each.
 */
void ask_draw(const struct app *app, struct area screen, int top);
/* Of so many rows below the header, how many the question leaves to the alerts. */
int ask_spares(int rows, int alerts);

#endif
