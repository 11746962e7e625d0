/*
 * The values that a version file binds its names to, as far as they are written down:
 * strings in all spellings, None, tuples, lists and sets of strings, and what is made
 * of them by + and by tuple() and list().  Anything that Python would have to compute
 * is PYTHON_UNKNOWN: a value that is given is the one that running the file would give.
 */
#ifndef PGRUNBOOK_MODEL_PYTHON_VALUE_H
#define PGRUNBOOK_MODEL_PYTHON_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/base/str.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/python_lex.h"

enum python_value_kind {
	PYTHON_ABSENT,	 /* never bound, or deleted */
	PYTHON_UNKNOWN,	 /* bound to something computed */
	PYTHON_FUNCTION, /* a def or class of this module */
	PYTHON_OTHER, /* a literal that is neither a string nor None: a number, bytes */
	PYTHON_NONE,
	PYTHON_TEXT,
	PYTHON_LIST /* a tuple, list or set of strings; (None,) is the empty one */
};

struct python_value {
	enum python_value_kind kind;
	char open;	      /* of PYTHON_LIST: '(', '[' or '{' */
	bool none;	      /* of PYTHON_LIST: it is (None,) */
	char *text;	      /* of PYTHON_TEXT */
	struct strlist items; /* of PYTHON_LIST */
	size_t function;      /* of PYTHON_FUNCTION: its index in scope.functions */
};

struct python_scope;

/*
 * Reads the expression that the lexer stands on and moves behind it.  The caller looks
 * at the token there: an operator means that the expression goes on, and is computed.
 * Without `comma` it stops before a bare comma.
 */
void python_value_read(struct python_lexer *lexer, const struct python_scope *scope,
	bool comma, struct python_value *value);
void python_value_copy(struct python_value *to, const struct python_value *from);
void python_value_free(struct python_value *value);
/* A list or set: what is done to it later may change it. */
bool python_value_is_mutable(const struct python_value *value);

/*
 * Appends what a string literal stands for.  False if that isn't exactly what is
 * written down: a character by its name, an f-string with fields, what UTF-8 or a C
 * string can't hold; it is appended as it is written then.  Nothing is for bytes.
 */
bool python_string_decode(const struct python_token *token, struct str *out);
/* Whether the literal is an f-string or t-string, or bytes. */
bool python_string_is_formatted(const struct python_token *token);
bool python_string_is_bytes(const struct python_token *token);

#endif
