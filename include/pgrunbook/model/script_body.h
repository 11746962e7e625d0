/* The bodies of upgrade() and downgrade(): do they do anything, and what. */
#ifndef PGRUNBOOK_MODEL_SCRIPT_BODY_H
#define PGRUNBOOK_MODEL_SCRIPT_BODY_H

#include "pgrunbook/model/python_lex.h"
#include "pgrunbook/model/script.h"

/*
 * Reads a function whose `def` stands at the indentation `column` and whose name the
 * lexer stands on; moves to the first token after it.  `operations` is the name that
 * alembic.op has in this file.  What the function held before is forgotten.
 */
void script_function_read(struct python_lexer *lexer, int column,
	const struct python_token *operations, struct script_function *function);
void script_function_free(struct script_function *function);

#endif
