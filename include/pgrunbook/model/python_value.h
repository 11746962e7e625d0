/*
 * The values that a version file binds its names to, as far as they are written down:
 * strings in all spellings, None, and tuples, lists and sets of strings.  Anything that
 * Python would have to compute is PYTHON_UNKNOWN.
 */
#ifndef PGRUNBOOK_MODEL_PYTHON_VALUE_H
#define PGRUNBOOK_MODEL_PYTHON_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/base/str.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/python_lex.h"

enum python_value_kind {
	PYTHON_ABSENT,	/* never bound, or deleted */
	PYTHON_UNKNOWN, /* bound to something computed */
	PYTHON_OTHER, /* a literal that is neither a string nor None: a number, bytes */
	PYTHON_NONE,
	PYTHON_TEXT,
	PYTHON_LIST /* a tuple, list or set of strings; (None,) is the empty one */
};

struct python_value {
	enum python_value_kind kind;
	char *text;	      /* of PYTHON_TEXT */
	struct strlist items; /* of PYTHON_LIST */
	bool mutable; /* a list or set: what is done to it later may change it */
};

/* What the names of a module stand for so far. */
struct python_binding {
	const char *name; /* in the source */
	size_t length;
	int line;
	struct python_value value;
};

struct python_scope {
	struct python_binding *items;
	size_t count, capacity;
};

/* The binding of a name; NULL if it has none that is known of. */
struct python_binding *python_scope_find(
	const struct python_scope *scope, const char *name, size_t length);
/*
 * Takes over *value (empties it).  A name that isn't in the scope is unknown anyway, so
 * being bound to something unknown doesn't put it there.
 */
void python_scope_bind(struct python_scope *scope, const struct python_token *name,
	struct python_value *value);
void python_scope_free(struct python_scope *scope);

/*
 * Reads the expression that the lexer stands on and moves behind it.  The caller looks
 * at the token there: an operator means that the expression goes on, and is computed.
 * Without `comma` it stops before a bare comma.
 */
void python_value_read(struct python_lexer *lexer, const struct python_scope *scope,
	bool comma, struct python_value *value);
void python_value_copy(struct python_value *to, const struct python_value *from);
void python_value_free(struct python_value *value);

/*
 * Appends what a string literal stands for.  False if that isn't a text that is written
 * down: bytes, an f-string with fields, a character by its name, a zero byte.
 */
bool python_string_decode(const struct python_token *token, struct str *out);

#endif
