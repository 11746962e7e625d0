/*
 * The console's version table, where the database has several: the one that fits is
 * taken, else the operator is asked once and the answer remembered.
 */
#ifndef PGRUNBOOK_APP_TABLE_CHOICE_H
#define PGRUNBOOK_APP_TABLE_CHOICE_H

#include <stdbool.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/app/setup.h"
#include "pgrunbook/drive/pg_watch.h"

struct table_choice {
	struct app *app;
	struct pg_watch *watch;
	const struct setup *setup;
	enum version_source source; /* of what the watch looks at */
	bool asked;		    /* the operator knows, and can ask again */
	char *unproven; /* what the operator chose, until it was read; NULL: nothing */
};

void table_choice_init(struct table_choice *choice, struct app *app,
	struct pg_watch *watch, const struct setup *setup);
void table_choice_free(struct table_choice *choice);
/* To be called after each snapshot. */
void table_choice_follow(struct table_choice *choice);
/*
 * The operator's own choice, from the list or typed.  It is remembered once it was
 * read: a misspelt name isn't asked for again at the next start.
 */
void table_choice_take(struct table_choice *choice, const char *name);

#endif
