/*
 * Which of several version tables is this tree's, and in words why one can't be taken
 * or read and what to do then.  All returned strings are the caller's to free; ids and
 * names in them are not sanitised.
 */
#ifndef PGRUNBOOK_MODEL_VERSION_CHOOSE_H
#define PGRUNBOOK_MODEL_VERSION_CHOOSE_H

#include <stddef.h>

#include "pgrunbook/model/tree.h"
#include "pgrunbook/model/version.h"

/*
 * The candidate of which the tree knows every row, if it has rows, all candidates were
 * read, and no other could be the tree's as well (an empty one could); else -1.  `tree`
 * may be NULL.
 */
int version_choose(const struct tree *tree, const struct version_rows *rows);
/* Takes that one, if there are several and one is it: says so in words; else NULL. */
char *version_settle(const struct tree *tree, struct version_rows *rows);
/* The one that fits best, where somebody is to choose. */
size_t version_choose_best(const struct tree *tree, const struct version_rows *rows);

/* "0052: this tree's", "8f1c, 90ab: not this tree's", "empty", "GRANT ... is missing".
 */
char *version_candidate_words(
	const struct tree *tree, const struct version_candidate *candidate);
/*
 * Why the rows can't be told, and what to do; NULL if they were read.  `configured` is
 * the table's name in the settings, NULL if there is none.
 */
char *version_problem(const struct tree *tree, const struct version_rows *rows,
	const char *configured);

#endif
