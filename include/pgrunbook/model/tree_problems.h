/*
 * The ways in which a tree can be broken: what can't be told from one script alone, or
 * never works.  Each is a sentence that begins with what matters, names file and line,
 * and ends with the way out.
 */
#ifndef PGRUNBOOK_MODEL_TREE_PROBLEMS_H
#define PGRUNBOOK_MODEL_TREE_PROBLEMS_H

#include <stddef.h>

#include "pgrunbook/base/str.h"
#include "pgrunbook/model/tree.h"

enum tree_problem_kind {
	TREE_UNREADABLE,  /* a directory or a link that leads nowhere */
	TREE_BROKEN_FILE, /* a file that is no revision: its syntax, no `revision` */
	TREE_COMPUTED,	  /* only Python can tell what it is, if it is anything */
	TREE_COMPUTED_LABELS,
	TREE_ILLEGAL_ID,
	TREE_DUPLICATE_ID,
	TREE_DUPLICATE_LABEL, /* also a label that is an id */
	TREE_MISSING_PARENT,
	TREE_MISSING_DEPENDENCY,
	TREE_SELF_LOOP, /* its own down_revision, or depends on itself */
	TREE_CYCLE,	/* by down_revision */
	TREE_DEPENDENCY_CYCLE,
	TREE_MANY_LABELS /* more, on more revisions, than are held: some lack */
};

struct tree_problem {
	enum tree_problem_kind kind;
	int revision;	  /* that has it; TREE_NONE: none that is in the tree */
	const char *text; /* the sentence, as in tree_problems */
};

/* `index` as in tree_problems. */
const struct tree_problem *tree_problem_at(const struct tree *tree, size_t index);

/*
 * Whether all that is told of the tree is true all the same, but for labels that may
 * be missing.
 */
bool tree_problem_is_note(const struct tree_problem *problem);

/* The first problem that is no note; NULL if there is none. */
const struct tree_problem *tree_first_defect(const struct tree *tree);

/*
 * The first problem with which Alembic itself loads nothing, takes it for another tree,
 * or knows labels that this tree lacks; NULL if there is none.  What is computed is no
 * problem to Alembic.
 */
const struct tree_problem *tree_fatal_problem(const struct tree *tree);

/* "missing-parent": for programs. */
const char *tree_problem_name(enum tree_problem_kind kind);

/*
 * The directory that all files of the tree are in, with its '/': the sentences leave it
 * away.  The caller owns the string; "" if there is none.
 */
char *tree_directory(const struct tree *tree);

/*
 * "0007_b.py:4", below that directory; the line is left out if it isn't above 0.  The
 * caller owns it.
 */
char *tree_place(const struct tree *tree, const struct script *script, int line);

/*
 * Appends "; did you mean a1b2 or a1b3?" for a name that isn't in the tree: what it
 * begins, and what differs in a letter or two.  Nothing if nothing is near.
 */
void tree_suggest(const struct tree *tree, const char *name, struct str *out);

#endif
