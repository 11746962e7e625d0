/*
 * TOML 1.0, as pyproject.toml is written (https://toml.io/en/v1.0.0).  Debian has no C
 * library for it.  Everything is checked; texts, booleans, arrays and tables have their
 * values, of numbers and dates it is only known that they are some.  Other than in
 * Python's tomllib, what is nested deeper than TOML_DEEPEST or a table of more than
 * TOML_MOST keys is an error.
 */
#ifndef PGRUNBOOK_MODEL_TOML_H
#define PGRUNBOOK_MODEL_TOML_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/base/error.h"

enum { TOML_DEEPEST = 64, TOML_MOST = 10000 };

enum toml_kind {
	TOML_TABLE, /* also an inline one, and the document */
	TOML_ARRAY, /* also one of tables */
	TOML_STRING,
	TOML_BOOLEAN,
	TOML_NUMBER,
	TOML_DATE, /* or a time, or both */
};

struct toml;

/* The document, a table; NULL and an error with file and line if it is not TOML. */
struct toml *toml_parse(
	const char *path, const char *bytes, size_t length, struct error *error);
void toml_free(struct toml *document);

enum toml_kind toml_kind(const struct toml *value);
/* What the kind is called, with its article: "a string". */
const char *toml_kind_name(const struct toml *value);
/* Where the value stands, or the header or key that made the table. */
int toml_line(const struct toml *value);

/* The value of a key; NULL if there is none, or if `table` is none or NULL. */
const struct toml *toml_member(const struct toml *table, const char *key);
/* The items of an array, or the values of a table in file order: index from 0; NULL at
 * the end, and of anything else. */
const struct toml *toml_item(const struct toml *value, size_t index);
/* The key of a table's value; *length says how long, as it may hold zero bytes. */
const char *toml_key(const struct toml *value, size_t *length);

/* A string's text; *length says how long, as it may hold zero bytes. */
const char *toml_text(const struct toml *string, size_t *length);
bool toml_is_true(const struct toml *boolean);

#endif
