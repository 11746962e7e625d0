/*
 * Naming a place in the tree as Alembic's command line does: head, heads, base,
 * current, ids and unambiguous prefixes, labels, label@head, +N, -N, rev+N, rev-N.
 */
#ifndef PGRUNBOOK_MODEL_PLACE_H
#define PGRUNBOOK_MODEL_PLACE_H

#include <stdbool.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/tree.h"

/*
 * Resolves `name` to exactly one revision, or to TREE_NONE for base.  `rows` are the
 * version table's rows, for "current" and bare +N and -N (NULL: those are errors).  The
 * error names the candidates of an ambiguous name, and refuses -1 with several rows.
 */
bool place_resolve(const struct tree *tree, const char *name,
	const struct strlist *rows, int *index, struct error *error);

/*
 * Resolves an absolute name that may stand for several revisions (heads, label@heads)
 * or none (base): they are added to `places`.
 */
bool place_resolve_all(const struct tree *tree, const char *name,
	struct tree_list *places, struct error *error);

/*
 * The revisions of the version table's rows; NULL is an error.  Alembic looks for them
 * as for names: a part of an id is found, too.
 */
bool place_find_rows(const struct tree *tree, const struct strlist *rows,
	struct tree_list *places, struct error *error);

/* A place that no revision is at: further down than base, from some head. */
enum { PLACE_BEYOND = -2 };

/*
 * "-N" and "label@-N" where nothing is current: N steps down from each head (real ones,
 * those with that very label).  TREE_NONE is base, PLACE_BEYOND further down.
 */
bool place_below_heads(const struct tree *tree, const char *name,
	struct tree_list *places, struct error *error);

/* A name taken apart: "label@symbol", or "label@symbol-2" if it is relative. */
struct place_name {
	char *label;  /* NULL: none */
	char *symbol; /* NULL: none; never in an absolute one */
	bool relative;
	bool negative; /* -0 isn't */
	int steps;     /* without its sign */
};

/* The caller frees it with place_name_free. */
void place_name_parse(const char *name, struct place_name *parts);
void place_name_free(struct place_name *parts);

/*
 * A full or partial id, or a label.  With `label` it must be of that branch: a partial
 * id is looked for only there.
 */
bool place_find(const struct tree *tree, const char *id, const char *label, int *index,
	struct error *error);

/*
 * As place_find, and also head (an error if there are several) and base (TREE_NONE).
 */
bool place_find_symbol(const struct tree *tree, const char *symbol, const char *label,
	int *index, struct error *error);

/*
 * Sets marks[index] of what comes before or after the branch's revision by
 * down_revision: Alembic's sense of "in the lineage of".  A way up takes symbols for a
 * branch, too: base is everything, head and heads are what leads to them.
 */
bool place_mark_lineage(
	const struct tree *tree, const char *label, bool *marks, struct error *error);

/*
 * Goes up or down by down_revision; TREE_NONE is base, also as the result of going
 * down.  Up through a branch point it goes where `lineage` is marked (NULL: anywhere).
 * The error says where the way forks or ends.
 */
bool place_walk_up(const struct tree *tree, int from, int steps, const bool *lineage,
	int *index, struct error *error);
bool place_walk_down(
	const struct tree *tree, int from, int steps, int *index, struct error *error);

/*
 * The same as far as the way goes: *done says how many steps that were.  The error says
 * where it forks.
 */
bool place_go_up(const struct tree *tree, int from, int steps, const bool *lineage,
	int *index, int *done, struct error *error);
bool place_go_down(const struct tree *tree, int from, int steps, int *index, int *done,
	struct error *error);

/*
 * Those of the applied revisions of a branch that nothing applied follows: where the
 * branch is, also if another branch's row stands for it.  With `dependencies` what
 * another revision of the branch depends on is none of them.
 */
void place_branch_tips(const struct tree *tree, const bool *applied,
	const bool *lineage, bool dependencies, struct tree_list *tips);

#endif
