/*
 * What the names in a function of a version file stand for: its own, which hide those
 * of the module.  A name of its own is known if it is bound in one place, to something
 * that is written down: Python raises wherever that hasn't run yet.
 */
#ifndef PGRUNBOOK_MODEL_SCRIPT_LOCALS_H
#define PGRUNBOOK_MODEL_SCRIPT_LOCALS_H

#include "pgrunbook/model/python_scope.h"

/* A name that the function binds itself. */
struct script_local {
	struct python_token name;
	size_t bindings;	  /* in how many places */
	bool plain;		  /* the place is NAME = VALUE */
	struct python_lexer from; /* which stands on that value */
	char *table;		  /* it is this table; NULL: not known to be one */
};

struct script_locals {
	/* The function's names, then the module's whose values it only borrows. */
	struct python_scope scope;
	struct script_local *items;
	size_t count, capacity;
	bool full; /* there are more: no name is known */
};

/* What reading a file's calls may still cost, so that a hostile one ends, too. */
struct script_budget {
	size_t bytes;  /* of arguments */
	size_t counts; /* of the places that mention a list */
};

/* The lexer stands on the function's name, whose line begins at `column`. */
void script_locals_read(struct python_lexer lexer, int column,
	const struct python_scope *module, struct script_budget *budget,
	struct script_locals *locals);
void script_locals_free(struct script_locals *locals);
/* NULL: the function doesn't bind it. */
const struct script_local *script_locals_find(
	const struct script_locals *locals, const struct python_token *name);

#endif
