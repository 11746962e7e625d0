/*
 * What Alembic's commands about a tree answer: heads, branches, history, show, current.
 * Where Alembic gives an error the error here says the same or more; where it dies of
 * an assertion there is a sentence, or the answer.
 */
#ifndef PGRUNBOOK_MODEL_TREE_ANSWER_H
#define PGRUNBOOK_MODEL_TREE_ANSWER_H

#include <stdbool.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/tree.h"

enum tree_verb { TREE_HEADS, TREE_BRANCHES, TREE_HISTORY, TREE_SHOW, TREE_CURRENT };

/* A command, as it was given. */
struct tree_ask {
	enum tree_verb verb;
	const char *name; /* of show: an absolute name, "current", -N or label@-N, which
			     go down from the heads */
	/*
	 * Of history: FROM:TO, either may be left out; NULL is all.  Both are absolute
	 * names, or "current"; FROM may be -N or label@-N, counted down from the heads;
	 * TO may be relative to FROM (+N) or to a name (name+N, name-N).
	 */
	const char *range;
	const struct strlist *rows; /* the version table's; NULL: not known, which is an
				       error where they are asked for */
	bool verbose;
	bool resolve_dependencies; /* heads: leave out what something depends on */
	bool indicate_current;	   /* history: mark the rows */
};

/* Whether the command can't be answered without the version table's rows. */
bool tree_answer_needs_rows(const struct tree_ask *ask);

/*
 * Appends the revisions that the answer speaks of, in its order.  Those of `current`
 * are the rows and what they depend on, as far as nothing later of the same branch is
 * applied, sorted by id.
 */
bool tree_answer_find(const struct tree *tree, const struct tree_ask *ask,
	struct tree_list *list, struct error *error);

/*
 * Appends the heads that a database with these rows doesn't have, be it through what
 * depends on them.
 */
bool tree_answer_missing_heads(const struct tree *tree, const struct strlist *rows,
	struct tree_list *missing, struct error *error);

/* Marks what is a row; `marks` is indexed by revision. */
void tree_answer_mark_rows(
	const struct tree *tree, const struct strlist *rows, bool *marks);

/* Appends the text of the answer, to the letter as Alembic prints it. */
void tree_answer_text(const struct tree *tree, const struct tree_ask *ask,
	const struct tree_list *list, struct str *out);

#endif
