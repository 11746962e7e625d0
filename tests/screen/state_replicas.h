/* Replicas, slots and subscriptions of a golden screen's state. */
#ifndef PGRUNBOOK_TESTS_SCREEN_STATE_REPLICAS_H
#define PGRUNBOOK_TESTS_SCREEN_STATE_REPLICAS_H

#include <jansson.h>

#include "pgrunbook/model/replication.h"

void state_load_replicas(
	const json_t *state, int64_t now_us, struct replication *replication);

#endif
