/*
 * A pane of the console: one file, one designated initialiser at its end
 * (view/pane_sessions.c is a good one to read first).  Drawing looks, it never changes.
 */
#ifndef PGRUNBOOK_VIEW_PANE_H
#define PGRUNBOOK_VIEW_PANE_H

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/canvas.h"

struct flow;

struct pane {
	enum pane_id id;
	/* Words after the pane's name in its title: "72 active, 3 waiting"; owned by
	 * the caller; may be NULL. */
	char *(*summary)(const struct app *app);
	/* Column heads and rows, from app->panes[id].top on. */
	void (*draw)(const struct app *app, struct area area);
	/* The selected thing on the whole screen, wrapped; returns the rows it takes
	 * altogether (drawn from `top` on).  May be NULL. */
	int (*detail)(const struct app *app, struct area area, int top);
};

extern const struct pane pane_revisions, pane_sessions, pane_locks, pane_replicas,
	pane_progress, pane_runbook, pane_log, pane_overview;

/* By id; static. */
const struct pane *pane_get(enum pane_id id);
/* The pane in its rectangle, with its frame and title if the layout has frames. */
void pane_draw(const struct app *app, enum pane_id id, struct area area);
/* What a session does and for how long, whose it is, and its query. */
void session_facts(
	const struct app *app, const struct session *session, struct flow *flow);
/* "2 Sessions: 72 active, 3 waiting"; the caller owns it. */
char *pane_title(const struct app *app, enum pane_id id);

#endif
