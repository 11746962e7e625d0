/* The run of a golden screen's state: runbook, entries of the log, output. */
#ifndef PGRUNBOOK_TESTS_SCREEN_STATE_RUN_H
#define PGRUNBOOK_TESTS_SCREEN_STATE_RUN_H

#include <jansson.h>

#include "pgrunbook/app/app.h"

void state_load_run(const json_t *state, const char *folder, struct app *app);

#endif
