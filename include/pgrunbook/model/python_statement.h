/* What one statement of a module's top level does to its names. */
#ifndef PGRUNBOOK_MODEL_PYTHON_STATEMENT_H
#define PGRUNBOOK_MODEL_PYTHON_STATEMENT_H

#include "pgrunbook/model/python_scope.h"

/*
 * Reads the simple statement that the lexer stands on and moves to what ends it.  In
 * `conditional` ones nothing that is bound is known.  `fixed`: as python_module_read.
 */
void python_statement_read(struct python_lexer *lexer, bool conditional, size_t fixed,
	struct python_scope *scope);

/*
 * If the lexer stands on a statement with a block (if, for, case, ...): binds what its
 * header binds, moves behind the header's colon, and returns true.
 */
bool python_header_read(struct python_lexer *lexer, struct python_scope *scope);

#endif
