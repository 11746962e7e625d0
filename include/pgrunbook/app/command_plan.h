/*
 * `pgrunbook plan upgrade|downgrade TARGET`: what alembic would run, the version
 * table's rows after it, and what makes it dangerous.  Nothing is run.
 */
#ifndef PGRUNBOOK_APP_COMMAND_PLAN_H
#define PGRUNBOOK_APP_COMMAND_PLAN_H

#include "pgrunbook/app/setup.h"
#include "pgrunbook/app/tree_question.h"
#include "pgrunbook/base/str.h"

/*
 * Exit status 0: there is a plan, if only to do nothing; 1: it is refused, by Alembic
 * or by us, and `complaints` says why; 2: the tree or the rows can't be known.
 */
int command_plan(const struct setup *setup, const struct tree_question *question,
	struct str *out, struct str *complaints);

/* Whether the command has to ask the database. */
bool command_plan_asks(const struct tree_question *question);

#endif
