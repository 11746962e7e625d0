/* Replicas, slots and subscriptions as JSON; the manual names its keys. */
#ifndef PGRUNBOOK_APP_REPLICAS_JSON_H
#define PGRUNBOOK_APP_REPLICAS_JSON_H

#include <jansson.h>

#include "pgrunbook/model/snapshot.h"

/* A new object; what isn't known is null. */
json_t *replicas_json(const struct snapshot *snapshot);

#endif
