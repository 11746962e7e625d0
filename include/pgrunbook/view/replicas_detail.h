/* A replica, slot or subscription on the whole screen. */
#ifndef PGRUNBOOK_VIEW_REPLICAS_DETAIL_H
#define PGRUNBOOK_VIEW_REPLICAS_DETAIL_H

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/canvas.h"

/* What a pane's `detail` does. */
int replicas_detail(const struct app *app, struct area area, int top);

#endif
