/* The migration on screen: its line in the header and its page in the pane Progress. */
#ifndef PGRUNBOOK_VIEW_MIGRATION_H
#define PGRUNBOOK_VIEW_MIGRATION_H

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/canvas.h"

struct flow;

/* Of the first one, how many others there are, or that one has just gone. */
void migration_line_draw(const struct app *app, struct area area, int row);
/* All of it in full: query, locks, blockers with their remedy, victims, workers. */
void migration_facts(
	const struct app *app, const struct migration *migration, struct flow *flow);

#endif
