/*
 * Finds the commands that move a database between revisions: alembic itself wherever it
 * stands in a command line, and what wraps it (make alembic-down, flask db upgrade).
 */
#ifndef PGRUNBOOK_MODEL_MIGRATION_CALL_H
#define PGRUNBOOK_MODEL_MIGRATION_CALL_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/shell_words.h"

enum migration_verb {
	MIGRATION_NONE,
	MIGRATION_UPGRADE,
	MIGRATION_DOWNGRADE,
	MIGRATION_STAMP,
	MIGRATION_LOOK,	 /* current, history, heads, show, branches, check */
	MIGRATION_MERGE, /* writes a script that joins heads */
	MIGRATION_OTHER, /* revision, init, edit, or not understood */
	MIGRATION_COUNT
};

struct migration_call {
	enum migration_verb verb;
	bool alembic;		/* alembic or flask db; else a make target */
	bool hidden;		/* its verb is left to a variable */
	bool offline;		/* --sql: prints what it would do */
	struct strlist targets; /* revisions named on its command line */
};

/* All calls of the commands, in order; the caller frees each and the array. */
size_t migration_calls(const struct shell_words *words, struct migration_call **calls);
void migration_calls_free(struct migration_call *calls, size_t count);

/* Does a shell command move a database to another revision, or stamp it? */
bool migration_call_moves(const char *command);

/*
 * The revisions that a call names outright: not head, heads, base, current, steps (+1),
 * variables or placeholders; "ae10+1" and "a:b" name ae10, a and b.
 */
void migration_call_literals(
	const struct migration_call *call, struct strlist *revisions);

#endif
