/*
 * What the pane Revisions lists: the tree's problems, the version table's rows that it
 * doesn't have, and its revisions with their lanes, long linear runs of them folded
 * into a row each.  All that depends on the whole tree is made here, once per change;
 * a row is then drawn without looking at any other.
 */
#ifndef PGRUNBOOK_MODEL_REVISIONS_H
#define PGRUNBOOK_MODEL_REVISIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/model/lanes.h"
#include "pgrunbook/model/status.h"
#include "pgrunbook/model/tree.h"

/* How a revision stands to the database; none of them: that isn't known. */
enum { REVISION_APPLIED = 1, REVISION_CURRENT = 2, REVISION_PENDING = 4 };

/* Where to stop: more problems than that are counted in one row. */
enum { REVISIONS_PROBLEMS = 5 };

enum {
	/*
	 * A tree of this size is folded unless the operator wants it otherwise: a
	 * smaller one is paged through as fast as a fold is opened.
	 */
	REVISIONS_FOLD_FROM = 100,
	/* What an upgrade would run is for reading, unless it is more than anyone
	   reads. */
	REVISIONS_FOLD_PENDING = 100,
	/* Hiding fewer isn't worth a row that needs reading. */
	REVISIONS_FOLD_LEAST = 8,
	/*
	 * Neighbours of what stands out are shown: `downgrade -1` goes to the one below
	 * the current revision.
	 */
	REVISIONS_FOLD_CONTEXT = 3
};

enum revisions_kind {
	REVISIONS_PROBLEM,  /* index: into tree_problems */
	REVISIONS_MORE,	    /* problems that have no row; index: the first, count */
	REVISIONS_UNKNOWN,  /* index: into status->unknown */
	REVISIONS_REVISION, /* index: lanes row */
	REVISIONS_FOLD	    /* index: the first lanes row; count */
};

struct revisions_row {
	enum revisions_kind kind;
	size_t index, count;
};

struct revisions {
	struct lanes lanes;
	int id_cells;	/* of the widest id */
	uint8_t *state; /* REVISION_... by revision */
	bool many_pending;
	bool judged; /* pending is known: the version table was read and fits */
	struct revisions_row *rows;
	size_t count, capacity;
	size_t *shown; /* by lanes row: the row that shows it */
	size_t folds;
};

/* The lanes; nothing is listed yet.  Free with revisions_free. */
void revisions_make(const struct tree *tree, struct revisions *revisions);
void revisions_free(struct revisions *revisions);

/* Where the database stands. */
void revisions_judge(struct revisions *revisions, const struct tree *tree,
	const struct status *status);

/*
 * Lists the rows.  `fold`: long runs get a row each, except those with a revision of
 * open[]; what is kept[] is never part of one (each by revision; NULL: none is).
 */
void revisions_list(struct revisions *revisions, const struct tree *tree,
	const struct status *status, bool fold, const bool *open, const bool *kept);

/* The row that shows a revision: its own, or the one that it is folded into. */
size_t revisions_row_of(const struct revisions *revisions, int revision);
/* The revision of a row; TREE_NONE for a row that is none (of a fold: none). */
int revisions_at(const struct revisions *revisions, size_t row);
/* The newest and the oldest revision of a fold. */
int revisions_fold_first(const struct revisions *revisions, size_t row);
int revisions_fold_last(const struct revisions *revisions, size_t row);

/*
 * The run that a revision could be folded into: its lanes rows from *first to *last.
 * False if it stands out, or the run is too short.
 */
bool revisions_run(const struct revisions *revisions, const struct tree *tree,
	const bool *kept, int revision, size_t *first, size_t *last);

#endif
