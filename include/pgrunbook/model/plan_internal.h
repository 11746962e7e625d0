/* What model/plan*.c share; nobody else includes this. */
#ifndef PGRUNBOOK_MODEL_PLAN_INTERNAL_H
#define PGRUNBOOK_MODEL_PLAN_INTERNAL_H

#include <stdbool.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/plan.h"
#include "pgrunbook/model/tree.h"

/* Where the database stands. */
struct plan_state {
	const struct tree *tree;
	struct tree_list rows; /* the revisions that the version table holds */
	bool *applied;	       /* marks of all that they imply */
	const char *table;     /* quoted, with schema; NULL: not known */
	int id_length;	       /* the longest id that its column takes; 0: any */
};

/* The revisions that an upgrade goes to; none: base. */
bool plan_upgrade_targets(const struct plan_state *state, const char *target,
	struct tree_list *targets, struct error *error);

/* Where a downgrade goes to. */
struct plan_downgrade_target {
	int revision; /* TREE_NONE: base */
	char *branch; /* only this branch is taken back; NULL: all */
	bool relative;
	bool forks;   /* several revisions stand right on it: a branch would matter */
	bool *stands; /* marks of what stands on it by down_revision */
};

/* The caller frees its branch. */
bool plan_downgrade_target(const struct plan_state *state, const char *target,
	struct plan_downgrade_target *found, struct error *error);

/* Adds those of the list that others of it imply to `implied`. */
void plan_find_implied(const struct tree *tree, const struct tree_list *list,
	struct tree_list *implied);

/* What is wrong with rows that others imply, and how to mend it; the caller owns it. */
char *plan_redundant_text(
	const struct plan_state *state, const struct tree_list *implied);

/* Fills plan->dangers and plan->refused.  `target` is a downgrade's. */
void plan_find_dangers(const struct plan_state *state,
	const struct plan_downgrade_target *target, struct plan *plan);
void plan_dangers_free(struct plan_dangers *dangers);

/*
 * The version table between two steps.  What is applied is a row or has something
 * applied right above it, and so a row above it.
 */
struct plan_rows {
	const struct tree *tree;
	struct tree_list rows;
	struct tree_list below, stack; /* the step's; a search's */
	size_t turn, search;	       /* the number of the step, and of the search */
	/* by revision */
	bool *applied;	/* marks of all that the rows imply */
	size_t *place;	/* in `rows`, from 1; 0: it is none of them */
	size_t *above;	/* how many applied come right after it */
	size_t *listed; /* the last turn that had it in `below` */
	size_t *seen;	/* the last search that met it */
};

void plan_rows_start(const struct plan_state *state, struct plan_rows *at);
void plan_rows_end(struct plan_rows *at);

/*
 * What running one revision's upgrade or downgrade does to the rows; the step is told.
 * False where Alembic itself dies, with an error that says why.
 */
bool plan_rows_upgrade(
	struct plan_rows *at, struct plan_step *step, struct error *error);
bool plan_rows_downgrade(
	struct plan_rows *at, struct plan_step *step, struct error *error);

#endif
