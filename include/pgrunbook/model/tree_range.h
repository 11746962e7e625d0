/* The ranges of `alembic history`: see tree_answer.h for what their ends may be. */
#ifndef PGRUNBOOK_MODEL_TREE_RANGE_H
#define PGRUNBOOK_MODEL_TREE_RANGE_H

#include <stdbool.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/tree.h"

/* Whether one of the ends is "current". */
bool tree_range_is_current(const char *range);

/* Appends what lies in the range, both ends included, newest first. */
bool tree_range_find(const struct tree *tree, const char *range,
	const struct strlist *rows, struct tree_list *list, struct error *error);

#endif
