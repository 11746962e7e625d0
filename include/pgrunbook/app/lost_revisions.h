/*
 * Rows of the version table that the tree doesn't have: looked for in git, once for
 * each set of them, and again when the operator asks to read everything anew.
 */
#ifndef PGRUNBOOK_APP_LOST_REVISIONS_H
#define PGRUNBOOK_APP_LOST_REVISIONS_H

#include "pgrunbook/app/app.h"
#include "pgrunbook/app/setup.h"
#include "pgrunbook/drive/git_find.h"

enum { LOST_MOST = 5 }; /* that are looked for */

struct lost_revisions {
	struct app *app;
	struct loop *loop;
	const struct setup *setup;
	struct git_find *find; /* NULL: nothing is under way */
	struct strlist looked; /* for these */
};

void lost_revisions_init(struct lost_revisions *lost, struct app *app,
	struct loop *loop, const struct setup *setup);
void lost_revisions_free(struct lost_revisions *lost);
/* To be called after each snapshot: looks for what is unknown now. */
void lost_revisions_follow(struct lost_revisions *lost);
/* Forgets what it knows, so that the next call looks again. */
void lost_revisions_again(struct lost_revisions *lost);

#endif
