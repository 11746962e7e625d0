/* What model/plan*.c share; nobody else includes this. */
#ifndef PGRUNBOOK_MODEL_PLAN_INTERNAL_H
#define PGRUNBOOK_MODEL_PLAN_INTERNAL_H

#include <stdbool.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/tree.h"

/* Where the database stands. */
struct plan_state {
	const struct tree *tree;
	struct tree_list rows; /* the revisions that the version table holds */
	bool *applied;	       /* marks of all that they imply */
};

/* The revisions that an upgrade goes to; none: base. */
bool plan_upgrade_targets(const struct plan_state *state, const char *target,
	struct tree_list *targets, struct error *error);

/* Where a downgrade goes to. */
struct plan_downgrade_target {
	int revision; /* TREE_NONE: base */
	char *branch; /* only this branch is taken back; NULL: all; free() it */
	bool relative;
};

bool plan_downgrade_target(const struct plan_state *state, const char *target,
	struct plan_downgrade_target *found, struct error *error);

/*
 * What running one revision's upgrade or downgrade does to the version table's rows.
 * False where Alembic itself dies, with an error that says why.
 */
bool plan_rows_upgrade(const struct tree *tree, int revision, struct tree_list *rows,
	struct error *error);
bool plan_rows_downgrade(const struct tree *tree, int revision, struct tree_list *rows,
	struct error *error);

#endif
