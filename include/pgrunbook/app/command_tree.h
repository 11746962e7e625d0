/*
 * The commands that answer about the tree of revisions as Alembic does, to the letter:
 * heads.  They read alembic.ini and the scripts, and nothing else.
 */
#ifndef PGRUNBOOK_APP_COMMAND_TREE_H
#define PGRUNBOOK_APP_COMMAND_TREE_H

#include "pgrunbook/app/setup.h"
#include "pgrunbook/app/tree_question.h"
#include "pgrunbook/base/str.h"

/*
 * Exit status 2 if the tree has problems: they are named in `complaints`, and what can
 * be told all the same is in `out`.
 */
int command_heads(const struct setup *setup, const struct tree_question *question,
	struct str *out, struct str *complaints);

#endif
