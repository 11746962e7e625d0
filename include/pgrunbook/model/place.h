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

#endif
