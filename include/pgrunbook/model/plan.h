/*
 * What `alembic upgrade TARGET` or `downgrade TARGET` would do: the steps in order and
 * the version table's rows after each.
 */
#ifndef PGRUNBOOK_MODEL_PLAN_H
#define PGRUNBOOK_MODEL_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/tree.h"

enum plan_direction { PLAN_UPGRADE, PLAN_DOWNGRADE };

struct plan_step {
	int revision;		   /* the script that runs; always in the tree */
	struct strlist from, to;   /* ids as Alembic logs them; empty: base */
	struct strlist rows_after; /* sorted */
};

struct plan {
	enum plan_direction direction;
	char *target;		 /* as given */
	struct plan_step *steps; /* none: there is nothing to do */
	size_t count, capacity;
	struct strlist rows_before, rows_after; /* sorted */
	struct strlist dangers; /* "0004 has an empty downgrade", one sentence each */
	bool refused; /* Alembic would do this, but nobody means it: a danger says why
		       */
};

/*
 * `rows` are the version table's.  The error says what Alembic would refuse, and why
 * (unknown rows, an ambiguous target, a broken tree).  Free with plan_free, also after
 * a failure.
 */
bool plan_make(const struct tree *tree, enum plan_direction direction,
	const char *target, const struct strlist *rows, struct plan *plan,
	struct error *error);
void plan_free(struct plan *plan);

#endif
