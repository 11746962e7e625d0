/* A def or class of a module: what its block does, and what it may bind outside of it.
 */
#ifndef PGRUNBOOK_MODEL_PYTHON_FUNCTION_H
#define PGRUNBOOK_MODEL_PYTHON_FUNCTION_H

#include "pgrunbook/model/python_scope.h"

/*
 * The lexer stands on the colon of a header whose line begins at `column`: reads the
 * block into *function, moves to the first token after it.  Names that it binds by
 * `global` aren't known from then on.  True if there is something in it by which it
 * can bind any name.
 */
bool python_function_read(struct python_lexer *lexer, int column,
	struct python_function *function, struct python_scope *scope);

#endif
