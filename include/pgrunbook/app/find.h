/*
 * Looking for a text with '/': in the rows of the pane that has the keys, or in the
 * text over the panes.  Letters of both cases are the same unless one is a capital.
 */
#ifndef PGRUNBOOK_APP_FIND_H
#define PGRUNBOOK_APP_FIND_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/app/pane.h"

struct app;

struct find {
	char *needle; /* NULL: nothing is looked for */
	char *before; /* while a line is typed: what was looked for until then */
	char *origin; /* and the thing that the cursor stood on; NULL: none */
	size_t origin_row, origin_top;
	size_t origin_open; /* folds that were open */
	bool missed;	    /* nothing matched, and there was more to read */
	/* In a text over the panes only the view knows the rows: it is asked. */
	int over_direction; /* 0: nothing is asked */
	size_t over_from;   /* the row where it begins */
};

/* Opens the line; typing moves the cursor, Enter stays there, Esc goes back. */
void app_find_open(struct app *app);
void app_find_typed(struct app *app, const char *text);
void app_find_enter(struct app *app, const char *text);
void app_find_leave(struct app *app);
/* More can be searched than before: what wasn't found is looked for again. */
void app_find_again(struct app *app);
/* The next match, downwards (1) or upwards (-1). */
void app_find_next(struct app *app, int direction);
/* Nothing is looked for any more; false if nothing was. */
bool app_find_end(struct app *app);
/* What the view found for find.over_direction: a row, or SIZE_MAX. */
void app_find_over(struct app *app, size_t row);

/* Whether the text has the needle; NULL has nothing. */
bool find_in(const char *needle, const char *text);

/* Searching the pane Revisions (app/revisions_find.c): its things, folded ones too. */
size_t app_revisions_things(const struct app *app);
size_t app_revisions_thing(const struct app *app); /* where the cursor stands */
bool app_revisions_thing_matches(const struct app *app, size_t thing);
void app_revisions_select(struct app *app, size_t thing);
/* The matching revisions, anew. */
void app_revisions_find(struct app *app);
/* How many of a fold's revisions match. */
size_t app_revisions_fold_hits(const struct app *app, size_t row);

#endif
