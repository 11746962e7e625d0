/* The bodies of upgrade() and downgrade(): do they do anything, and what. */
#ifndef PGRUNBOOK_MODEL_SCRIPT_BODY_H
#define PGRUNBOOK_MODEL_SCRIPT_BODY_H

#include "pgrunbook/model/python_lex.h"
#include "pgrunbook/model/script.h"

/*
 * Both read a function whose `def` stands at the indentation `column` and whose name
 * the lexer stands on, and move to the first token after it.  What was read before of a
 * function of that name is forgotten.
 */
void script_function_read(
	struct python_lexer *lexer, int column, struct script_function *function);
/* `operations` is the name that alembic.op has in this file. */
void script_calls_read(struct python_lexer *lexer, int column,
	const struct python_token *operations, struct script_calls *calls);

#endif
