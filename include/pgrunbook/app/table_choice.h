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
};

void table_choice_init(struct table_choice *choice, struct app *app,
	struct pg_watch *watch, const struct setup *setup);
/* To be called after each snapshot. */
void table_choice_follow(struct table_choice *choice);
/* The operator's own choice, from the list or typed. */
void table_choice_take(struct table_choice *choice, const char *name);

#endif
