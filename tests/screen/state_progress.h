/* What progresses in a golden screen's state. */
#ifndef PGRUNBOOK_TESTS_SCREEN_STATE_PROGRESS_H
#define PGRUNBOOK_TESTS_SCREEN_STATE_PROGRESS_H

#include <jansson.h>

#include "pgrunbook/model/snapshot.h"

/* Needs the sessions. */
void state_load_progress(const json_t *state, struct snapshot *snapshot);

#endif
