/*
 * The names in a function of a version file for what operations gave: a batch of
 * op.batch_alter_table, the connection of op.get_bind, a session on that.
 */
#ifndef PGRUNBOOK_MODEL_SCRIPT_ALIASES_H
#define PGRUNBOOK_MODEL_SCRIPT_ALIASES_H

#include "pgrunbook/model/python_scope.h"
#include "pgrunbook/model/script_imports.h"

struct script_alias {
	struct python_token name;
	bool bind;   /* a connection or session; else a batch */
	char *table; /* of a batch; NULL: computed */
};

/* More of them in one function aren't followed. */
enum { SCRIPT_ALIASES = 32 };

struct script_aliases {
	const struct script_imports *names;
	const struct python_scope *scope; /* of the function */
	struct script_alias items[SCRIPT_ALIASES];
	size_t count;
};

struct script_alias *script_aliases_find(
	struct script_aliases *aliases, const struct python_token *name);
/* Takes over the table. */
void script_aliases_set(struct script_aliases *aliases, const struct python_token *name,
	bool bind, char *table);
/*
 * The lexer stands where a statement begins.  Notes `NAME = `, `NAME: TYPE = ` and
 * `with ... as NAME` of a connection, and what a name was before it is bound anew.
 */
void script_aliases_begin_statement(
	struct script_aliases *aliases, struct python_lexer lexer);
void script_aliases_free(struct script_aliases *aliases);

/* A name for alembic.op and a member of it, or for the member: moves behind both. */
bool script_read_operation(struct script_aliases *aliases, struct python_lexer *lexer,
	struct python_token *operation);
/* `.NAME`, which the lexer moves behind. */
bool script_read_member(struct python_lexer *lexer, struct python_token *name);
/* Whether it is what runs SQL on a connection or session. */
bool script_runs_sql(const struct python_token *name);

#endif
