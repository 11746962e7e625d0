/* Trees for tests, written down in a line per revision. */
#ifndef PGRUNBOOK_TESTS_GROW_H
#define PGRUNBOOK_TESTS_GROW_H

#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/tree.h"

/*
 * "id: parent parent | dependency | label label\n..." in load order; what is empty at
 * the end of a line may be left out.  Every revision has real bodies; its four names
 * are bound in the lines 1 to 4 of ID.py.
 */
struct tree *grow_tree(const char *text);

/* The words of a text. */
void grow_words(const char *text, struct strlist *words);

/* The ids of a list with blanks between; the caller owns the string. */
char *grow_ids(const struct tree *tree, const struct tree_list *list);

#endif
