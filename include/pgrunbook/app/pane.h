/* The panes, in the order of their number keys. */
#ifndef PGRUNBOOK_APP_PANE_H
#define PGRUNBOOK_APP_PANE_H

#include <stdbool.h>
#include <stddef.h>

enum pane_id {
	PANE_REVISIONS,
	PANE_SESSIONS,
	PANE_LOCKS,
	PANE_REPLICAS,
	PANE_PROGRESS,
	PANE_RUNBOOK,
	PANE_LOG,
	PANE_OVERVIEW,
	PANE_COUNT,
	PANE_ANY = PANE_COUNT /* of an action: wherever the keys are */
};

/* "Revisions"; static. */
const char *pane_name(enum pane_id pane);

/*
 * Where a pane's cursor stands: on a thing, never on a row number.  The row is found
 * again after every refresh (app_settle).
 */
struct pane_state {
	char *selected; /* the thing's identity; NULL: nothing chosen yet */
	char *name;	/* what it was called when it was last there; NULL */
	size_t row;	/* where it stands now */
	size_t top;	/* first row on screen */
	bool gone; /* the thing is no longer there; the cursor stands where it was */
};

#endif
