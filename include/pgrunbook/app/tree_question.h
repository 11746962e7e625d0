/*
 * What a command without a screen is asked about the tree of revisions, as the command
 * line gave it.  The commands that take one have the form
 *
 *   int command_X(const struct setup *setup, const struct tree_question *question,
 *           struct str *out, struct str *complaints);
 *
 * and return the exit status: 0 fine, 1 the answer is no, 2 error.  `out` holds the
 * bytes of files as they are: whoever prints it on a terminal sanitises it.
 */
#ifndef PGRUNBOOK_APP_TREE_QUESTION_H
#define PGRUNBOOK_APP_TREE_QUESTION_H

#include <stdbool.h>

/* NULL and false where nothing was said. */
struct tree_question {
	const char *word1,
		*word2;	   /* REV of show; upgrade|downgrade and TARGET of plan */
	const char *range; /* FROM:TO of history */
	const char
		*at; /* the version table's rows, with commas; NULL: ask the database */
	bool verbose;
	bool indicate_current;
	bool resolve_dependencies;
	bool check_heads;
	bool json;
};

#endif
