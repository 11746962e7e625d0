/* What the names of a module stand for, and what is done to that. */
#ifndef PGRUNBOOK_MODEL_PYTHON_SCOPE_H
#define PGRUNBOOK_MODEL_PYTHON_SCOPE_H

#include "pgrunbook/model/python_value.h"
#include "pgrunbook/model/script.h"

/* What the names of a module stand for so far. */
struct python_binding {
	const char *name; /* in the source */
	size_t length;
	int line;	/* of the last binding */
	size_t targets; /* how often it was bound among others: see _shares */
	bool reached;	/* some function binds it by `global`: never known again */
	struct python_value value;
};

/* A def or class of the module. */
struct python_function {
	struct python_lexer at; /* stands on its name */
	int column;		/* of the line that its header begins */
	bool class;
	struct script_function body;
	/*
	 * The definition that this one replaces only under a condition: its index + 1.
	 */
	size_t other;
};

struct python_scope {
	const char *source; /* what the names are in */
	size_t length;
	struct python_binding *items;
	size_t count, capacity;
	struct python_function *functions;
	size_t function_count, function_capacity;
	size_t most;	   /* names beyond so many aren't remembered; 0: the usual */
	bool remembers;	   /* names that are bound to something unknown, too */
	bool own_builtins; /* `tuple` or `list` may be something else here */
	bool exposed;	   /* calling one of its functions may bind anything */
};

/* The binding of a name; NULL if it has none that is known of. */
struct python_binding *python_scope_find(
	const struct python_scope *scope, const char *name, size_t length);
/*
 * Takes over *value (empties it).  A name that isn't in the scope is unknown anyway, so
 * being bound to something unknown doesn't put it there unless the scope `remembers`.
 */
void python_scope_bind(struct python_scope *scope, const struct python_token *name,
	struct python_value *value);
/* The name is bound to something that nobody wrote down. */
void python_scope_forget(struct python_scope *scope, const struct python_token *name);
/*
 * Something bound names that nobody knows: none is known any more.  The first `spared`
 * stay as they are.
 */
void python_scope_forget_all(
	struct python_scope *scope, const struct python_token *by, size_t spared);
/* A function binds the name by `global`: it is never known again. */
void python_scope_reach(struct python_scope *scope, const struct python_token *name);
/*
 * Whether a name is bound here and nothing else is done with it: `NAME = ` or `NAME: `
 * outside of brackets.
 */
bool python_scope_rebinds(
	const struct python_token *name, const struct python_token *after);
/*
 * Whether anything in the source but plain bindings, those that were counted, and
 * `reads` more places has the name: a list may be changed there.
 */
bool python_scope_shares(const struct python_scope *scope,
	const struct python_binding *binding, size_t reads);
void python_scope_free(struct python_scope *scope);

/* A built-in that makes a value of another one. */
bool python_is_builtin(const struct python_token *name);

#endif
