/* The tree of a golden screen, as its state's "tree" describes it. */
#ifndef PGRUNBOOK_TESTS_SCREEN_STATE_TREE_H
#define PGRUNBOOK_TESTS_SCREEN_STATE_TREE_H

#include <jansson.h>

#include "pgrunbook/model/tree.h"

/*
 * An array of revisions, each an object (see normal.state), or a line of the form
 * "ID: PARENTS | DEPENDENCIES | LABELS | MESSAGE"; or, made up here,
 * {"revisions": 10000, "branch_every": 40}.  NULL for anything else.
 */
struct tree *state_tree(const json_t *description);

#endif
