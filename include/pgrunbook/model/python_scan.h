/* What binds names without being a statement: by `:=`, or by code that can bind any. */
#ifndef PGRUNBOOK_MODEL_PYTHON_SCAN_H
#define PGRUNBOOK_MODEL_PYTHON_SCAN_H

#include "pgrunbook/model/python_scope.h"

enum python_scan {
	SCAN_STATEMENT, /* up to its end */
	SCAN_HEADER,	/* up to its colon */
	SCAN_DEF	/* of a def, behind its name: its parameters are no names */
};

/* Looks for what binds names within expressions; moves to where that ends. */
void python_expression_scan(
	struct python_lexer *lexer, enum python_scan scan, struct python_scope *scope);

/* Whether the token is something by which code can bind any name, like exec. */
bool python_token_is_backdoor(const struct python_token *token,
	const struct python_token *before, const struct python_token *after);

/* Whether the token is one of these names. */
bool python_token_is_any(
	const struct python_token *token, const char *const *words, size_t count);

#endif
