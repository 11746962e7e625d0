/* A revision as JSON: the one place that knows the keys; pgrunbook(1) lists them. */
#ifndef PGRUNBOOK_APP_REVISION_JSON_H
#define PGRUNBOOK_APP_REVISION_JSON_H

#include <jansson.h>

#include "pgrunbook/model/tree.h"

/* A new object. */
json_t *revision_json(const struct tree *tree, int revision);

/* Their ids, as a new array. */
json_t *revision_json_ids(const struct tree *tree, const struct tree_list *list);

/*
 * What its file asks of alembic.op, as it is now: a new object; null if it can't be
 * read.
 */
json_t *revision_json_operations(const struct tree *tree, int revision);

/*
 * A new array of them.  `current`, if it isn't NULL, is indexed by revision: each
 * object says whether it is current.
 */
json_t *revision_json_list(
	const struct tree *tree, const struct tree_list *list, const bool *current);

#endif
