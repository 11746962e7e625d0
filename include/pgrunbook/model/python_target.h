/* What an assignment, a loop or `as` binds: names, lists of them, attributes. */
#ifndef PGRUNBOOK_MODEL_PYTHON_TARGET_H
#define PGRUNBOOK_MODEL_PYTHON_TARGET_H

#include "pgrunbook/model/python_scope.h"

/*
 * Binds what the one target names that the lexer stands on, and moves behind it: a
 * name to the value, all names of a list of targets to what isn't known.  Those of
 * attributes and subscripts are no names of the module.
 */
void python_target_read(struct python_lexer *lexer, const struct python_value *value,
	struct python_scope *scope);
/* Targets with commas between them, up to the token `until` or a colon. */
void python_targets_read(struct python_lexer *lexer, const char *until,
	const struct python_value *value, struct python_scope *scope);
/*
 * Binds a name that an assignment names to a copy of the value; `counted` as
 * python_scope_shares needs it.
 */
void python_target_bind(struct python_scope *scope, const struct python_token *name,
	const struct python_value *value, bool counted);

/* Moves behind the bracket that the lexer stands on and what is in it. */
void python_skip_bracket(struct python_lexer *lexer);

#endif
