/*
 * What `alembic upgrade TARGET` or `downgrade TARGET` would do: the steps in order, the
 * version table's rows after each, and what makes it dangerous.
 */
#ifndef PGRUNBOOK_MODEL_PLAN_H
#define PGRUNBOOK_MODEL_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/tree.h"
#include "pgrunbook/model/version.h"

enum plan_direction { PLAN_UPGRADE, PLAN_DOWNGRADE };

enum {
	/* What alembic_version.version_num holds where Alembic made it, in characters.
	 */
	PLAN_ID_LENGTH = 32
};

struct plan_step {
	int revision;		 /* the script that runs; always in the tree */
	struct strlist from, to; /* ids as Alembic logs them; empty: base */
	struct tree_list deleted, inserted; /* of the version table's rows */
};

/* In the order in which they are told: what is refused, what fails, what is lost. */
enum plan_danger_kind {
	PLAN_LEAVES_BRANCH,    /* label@-N goes below the branch: refused */
	PLAN_MISSING_FUNCTION, /* no upgrade() or downgrade(): refused */
	PLAN_RAISES,
	PLAN_LONG_ID,	     /* longer than the version table's column */
	PLAN_REDUNDANT_ROW,  /* a row that another implies: later upgrades fail */
	PLAN_TO_BASE,	     /* everything is taken back */
	PLAN_OTHER_BRANCHES, /* several of the current revisions are taken back */
	PLAN_DEPENDENTS,     /* what only depends on what is named is taken back too */
	PLAN_EMPTY_DOWNGRADE,
	PLAN_ONE_WAY,	   /* steps of an upgrade that no downgrade takes back */
	PLAN_COMMITS,	   /* in between, so that a failure undoes less */
	PLAN_EMPTY_UPGRADE /* a note: nothing is wrong */
};

struct plan_danger {
	enum plan_danger_kind kind;
	struct tree_list revisions; /* that it is about, in the order of the steps */
	char *text;		    /* one sentence about all of them */
};

struct plan_dangers {
	struct plan_danger *items;
	size_t count, capacity;
};

struct plan {
	enum plan_direction direction;
	char *target;		 /* as given */
	struct plan_step *steps; /* none: there is nothing to do */
	size_t count, capacity;
	struct strlist rows_before, rows_after; /* sorted */
	struct plan_dangers dangers;		/* one of a kind, in its order */
	bool refused; /* Alembic would do this, but nobody means it: the first danger
		       * says why */
};

/*
 * `rows` are the version table's.  The error says what Alembic would refuse, and why
 * (unknown rows, an ambiguous target, a broken tree).  Free with plan_free, also after
 * a failure.
 */
bool plan_make(const struct tree *tree, enum plan_direction direction,
	const char *target, const struct strlist *rows, struct plan *plan,
	struct error *error);
/* As plan_make, where also the table's name and the length of its column are known. */
bool plan_make_at(const struct tree *tree, enum plan_direction direction,
	const char *target, const struct version_rows *version, struct plan *plan,
	struct error *error);
void plan_free(struct plan *plan);

/*
 * Makes of the rows before a step those after it; they are sorted.  Steps don't hold
 * them: of many branches each would have a row for every other one.
 */
void plan_step_move(
	const struct tree *tree, const struct plan_step *step, struct strlist *rows);

/* "empty-downgrade": for programs. */
const char *plan_danger_name(enum plan_danger_kind kind);
/* Whether it only says something that is good to know. */
bool plan_danger_is_note(const struct plan_danger *danger);

/*
 * Appends "Running upgrade a -> b, message" as Alembic logs the step, of the message
 * only the first line, without a line's end.
 */
void plan_step_text(
	const struct tree *tree, const struct plan *plan, size_t step, struct str *out);

#endif
