/* The whole screen from the app's state: header, alerts, panes, overlays, question. */
#ifndef PGRUNBOOK_VIEW_SCREEN_H
#define PGRUNBOOK_VIEW_SCREEN_H

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/canvas.h"
#include "pgrunbook/base/key.h"

/* The canvas has the size app->rows x app->columns. */
void screen_draw(const struct app *app, struct canvas *canvas);
/*
 * The last row that the text over the panes may begin with, for app->over_last;
 * SIZE_MAX if what lies there is no text, or nothing does.
 */
size_t screen_over_last(const struct app *app);

/* A click on the tab of a pane becomes the key of that pane. */
void screen_click(const struct app *app, struct key *key);

/*
 * The row of the text over the panes where app->find's needle comes next, as
 * find.over_direction and over_from ask, round its ends; SIZE_MAX: nowhere.
 */
size_t screen_over_find(const struct app *app);

#endif
