/* What the files of the pane Revisions share: view/revisions_*.c. */
#ifndef PGRUNBOOK_VIEW_REVISIONS_H
#define PGRUNBOOK_VIEW_REVISIONS_H

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/canvas.h"
#include "pgrunbook/view/draw.h"

/* The lanes that a page shows: those that fit, around the selected revision's. */
struct lanes_window {
	int first, count;
	int hidden; /* cells for the mark and the number of those further right; 0 */
	int column; /* where the words begin */
};

struct lanes_window lanes_window_make(
	const struct app *app, size_t top, struct area area);
/* The lanes of a row that is a revision or a fold. */
void revisions_draw_lanes(const struct app *app, struct area area, int at,
	const struct revisions_row *row, const struct lanes_window *window);
/* What it is: id, message, state; or what else stands in a row. */
void revisions_draw_words(
	const struct app *app, struct area area, int at, size_t row, int column);
/* The mark of a revision's state in its lane. */
enum glyph revision_glyph(const struct app *app, int revision);
enum role revision_role(const struct app *app, int revision);

/* The selected thing on the whole screen (struct pane's detail). */
int revisions_detail(const struct app *app, struct area area, int top);
/* Its file, with the numbers of its lines. */
void revisions_flow_file(const struct app *app, struct flow *flow);

#endif
