/*
 * The commands that answer about the tree of revisions as Alembic does, to the letter.
 * They read alembic.ini and the scripts, and the version table only where its rows are
 * asked for and `--at` doesn't give them.
 *
 * Exit status 2 also where a file of the tree could not be read or understood: each is
 * named in `complaints`, and what can be told of the others is in `out`.  A tree that
 * doesn't fit together, which Alembic refuses, is refused.
 */
#ifndef PGRUNBOOK_APP_COMMAND_TREE_H
#define PGRUNBOOK_APP_COMMAND_TREE_H

#include "pgrunbook/app/setup.h"
#include "pgrunbook/app/tree_question.h"
#include "pgrunbook/base/error.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/tree.h"
#include "pgrunbook/model/tree_answer.h"
#include "pgrunbook/model/version.h"

int command_heads(const struct setup *setup, const struct tree_question *question,
	struct str *out, struct str *complaints);
int command_branches(const struct setup *setup, const struct tree_question *question,
	struct str *out, struct str *complaints);
int command_history(const struct setup *setup, const struct tree_question *question,
	struct str *out, struct str *complaints);
int command_show(const struct setup *setup, const struct tree_question *question,
	struct str *out, struct str *complaints);
/* Exit status 1: --check-heads says no. */
int command_current(const struct setup *setup, const struct tree_question *question,
	struct str *out, struct str *complaints);

/* Whether the command has to ask the database. */
bool command_history_asks(const struct tree_question *question);
bool command_show_asks(const struct tree_question *question);
bool command_current_asks(const struct tree_question *question);

/* A line on standard error; clears the error.  Returns 2. */
int command_complain(struct str *complaints, struct error *error);

/*
 * What the commands about a tree have in common.  The tree, or NULL with a complaint;
 * *status becomes the exit status 2 if there is something to complain about.
 */
struct tree *command_load_tree(
	const struct setup *setup, struct str *complaints, int *status);

/*
 * The version table's rows as `--at` gives them, or as the database has them.  Those of
 * `--at` have commas between them; nothing, or base, stands for an empty table.
 */
bool command_read_rows(const struct setup *setup, const struct tree *tree,
	const struct tree_question *question, struct strlist *rows,
	struct error *error);
/*
 * Ends a command: frees the tree, which may be NULL, and the rows.  False if there was
 * an error, which is told then, with where more is told of a row that the tree doesn't
 * have.
 */
bool command_end(struct tree *tree, const struct tree_question *question,
	struct strlist *rows, struct error *error, struct str *complaints);
/* As it was found, also its name and column; free it with version_rows_free. */
bool command_read_version(const struct setup *setup, const struct tree *tree,
	const struct tree_question *question, struct version_rows *version,
	struct error *error);

/* The answer, in the form that was asked for; nothing where there is an error. */
void command_print(const struct tree *tree, const struct tree_ask *ask, bool json,
	struct str *out, struct error *error);

#endif
