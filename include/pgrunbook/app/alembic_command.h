/* The words of the team's alembic command, so that it sees the tree on screen. */
#ifndef PGRUNBOOK_APP_ALEMBIC_COMMAND_H
#define PGRUNBOOK_APP_ALEMBIC_COMMAND_H

#include <stdbool.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/strlist.h"

/* Which tree it is, in the words of alembic's own options. */
struct alembic_choice {
	struct strlist files; /* for -c; empty: alembic finds them itself */
	bool named;	      /* the operator named them with -c */
	char *section;	      /* for -n; NULL: the one that alembic takes anyway */
};

/*
 * Splits `command` as a shell does, without running anything; NULL is "alembic".  Adds
 * -c and -n unless the command says them itself.  To a command of the settings -c is
 * added only if the operator gave it: the command may run where the files have other
 * names.  False with an error if it can't be split.
 */
bool alembic_command_make(const char *command, const struct alembic_choice *choice,
	struct strlist *argv, struct error *error);
void alembic_choice_free(struct alembic_choice *choice);

#endif
