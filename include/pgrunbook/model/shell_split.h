/*
 * Splits the text of a shell fence into commands with respect to quotes, backslashes,
 * heredocs and compound statements.  When in doubt it keeps text whole and says so.
 */
#ifndef PGRUNBOOK_MODEL_SHELL_SPLIT_H
#define PGRUNBOOK_MODEL_SHELL_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

struct shell_command {
	char *text;  /* the exact bytes of the command, without its comment lines */
	char *title; /* the comment right above it, without '#'; NULL: none */
	/* Comments further above that belong to no command ("3. Restart the
	 * application"), and what a comment says the command before printed; a line
	 * each; NULL: none. */
	char *remarks;
	int line;      /* from 1, within the fence */
	bool doubtful; /* kept whole because it isn't understood: never run by default
			*/
};

struct shell_split {
	struct shell_command *commands;
	size_t count, capacity;
	char *remarks; /* comments after the last command; NULL: none */
};

void shell_split(const char *bytes, size_t length, struct shell_split *split);
void shell_split_free(struct shell_split *split);

#endif
