/* Revisions as text, to the letter as Alembic prints them; labels and children sorted.
 */
#ifndef PGRUNBOOK_MODEL_TREE_TEXT_H
#define PGRUNBOOK_MODEL_TREE_TEXT_H

#include "pgrunbook/base/str.h"
#include "pgrunbook/model/tree.h"

enum {
	TREE_TEXT_PARENTS = 1,	/* "aaaa1 (dep1) -> " before it */
	TREE_TEXT_LABELS = 2,	/* " (label, label)" */
	TREE_TEXT_CURRENT = 4,	/* " (current)" */
	TREE_TEXT_TREE = 8,	/* " (branchpoint)", " (mergepoint)" */
	TREE_TEXT_MESSAGE = 16, /* ", message" */
	TREE_TEXT_LONG = 32	/* all, on several lines, instead */
};

/* Appends the text without a line's end; the message may have several lines. */
void tree_text_line(
	const struct tree *tree, int revision, unsigned what, struct str *out);
/*
 * Appends all about a revision, several lines, as -v and `show` print it.  Alembic puts
 * an empty line after it.
 */
void tree_text_long(
	const struct tree *tree, int revision, bool current, struct str *out);

/*
 * Appends what the commands print about each revision of a list, lines with their ends.
 * `current`, if it isn't NULL, is indexed by revision.
 */
void tree_text_list(const struct tree *tree, const struct tree_list *list,
	unsigned what, const bool *current, struct str *out);
/* The same for `branches`: each with its children below it. */
void tree_text_branches(const struct tree *tree, const struct tree_list *list,
	bool verbose, struct str *out);

#endif
