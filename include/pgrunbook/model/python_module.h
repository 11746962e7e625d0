/*
 * What running a module's top level would bind its names to, statement by statement:
 * Python's scoping without Python's computing.  What is bound under a condition, by a
 * loop, an import or a definition is unknown from then on.
 */
#ifndef PGRUNBOOK_MODEL_PYTHON_MODULE_H
#define PGRUNBOOK_MODEL_PYTHON_MODULE_H

#include "pgrunbook/model/python_value.h"

/*
 * Reads the simple statement that the lexer stands on and moves to what ends it.  In
 * `conditional` ones nothing that is bound is known.
 */
void python_statement_read(
	struct python_lexer *lexer, bool conditional, struct python_scope *scope);

/*
 * If the lexer stands on a statement with a block (if, for, try, ...): reads its header
 * and what stands on the same line, moves to the end of the line, and returns true.
 */
bool python_compound_read(struct python_lexer *lexer, struct python_scope *scope);

/* The name is bound to something that nobody wrote down. */
void python_scope_forget(struct python_scope *scope, const struct python_token *name);

#endif
