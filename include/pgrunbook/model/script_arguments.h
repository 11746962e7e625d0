/* What a call of a version file is given. */
#ifndef PGRUNBOOK_MODEL_SCRIPT_ARGUMENTS_H
#define PGRUNBOOK_MODEL_SCRIPT_ARGUMENTS_H

#include "pgrunbook/model/script.h"
#include "pgrunbook/model/script_locals.h"

/* Reads the arguments of the call whose opening bracket the lexer stands on. */
void script_arguments_read(struct python_lexer lexer,
	const struct script_locals *locals, struct script_budget *budget,
	struct script_call *call);
void script_arguments_free(struct script_call *call);

/*
 * The table of `sa.table("name", ...)` or `op.create_table("name", ...)`, which the
 * lexer stands on; NULL if it is something else.  The caller owns it.
 */
char *script_table_read(struct python_lexer lexer, const struct script_locals *locals,
	struct script_budget *budget);

#endif
