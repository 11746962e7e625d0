/*
 * The state of the console that a golden screen begins with, from JSON: see
 * normal.state for an example.  {"base": "normal.state"} takes over what it doesn't
 * say itself.
 */
#ifndef PGRUNBOOK_TESTS_SCREEN_STATE_H
#define PGRUNBOOK_TESTS_SCREEN_STATE_H

#include <stdbool.h>

#include "pgrunbook/app/app.h"

/* Fills *app (app_init included); exits with a message if the file makes no sense. */
void state_load(const char *folder, const char *name, struct app *app, bool *ascii);

/* Hands over the server as another file has it. */
void state_look(const char *folder, const char *name, struct app *app);

#endif
