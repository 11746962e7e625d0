/*
 * ini files with the rules of Python's ConfigParser, as alembic.ini and pgrunbook.ini
 * are written: %(name)s, %%, [DEFAULT], continuation lines, keys without regard to
 * case, whole-line comments with # or ;.  Other than there, a zero byte is an error,
 * keys beyond ASCII keep their case, and what grows without bounds is refused.
 * tests/model/ini_python.c holds it against Python's own.
 */
#ifndef PGRUNBOOK_MODEL_INI_H
#define PGRUNBOOK_MODEL_INI_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/base/error.h"

struct ini;

/*
 * Parses the bytes of the file `path`; `here` is the value of %(here)s, its absolute
 * directory (NULL: none).  NULL and an error with file and line if it is not an ini.
 */
struct ini *ini_parse(const char *path, const char *here, const char *bytes,
	size_t length, struct error *error);
void ini_free(struct ini *ini);

/* As it was given. */
const char *ini_path(const struct ini *ini);

/* The sections in file order, [DEFAULT] left out: index from 0; NULL at the end. */
const char *ini_section(const struct ini *ini, size_t index);
bool ini_has_section(const struct ini *ini, const char *section);

/*
 * The interpolated value; the caller owns it.  NULL without an error if the key is in
 * neither the section nor [DEFAULT]; NULL with an error if interpolation fails.
 */
char *ini_get(const struct ini *ini, const char *section, const char *key,
	struct error *error);

/* The value as it is written, "90%" being that; NULL if there is none. */
const char *ini_raw(const struct ini *ini, const char *section, const char *key);

/* The keys of a section in file order, [DEFAULT] left out: index from 0; NULL at the
 * end. */
const char *ini_key(const struct ini *ini, const char *section, size_t index);
/* The line on which a key stands, for messages; 0 if the file doesn't have it. */
int ini_line(const struct ini *ini, const char *section, const char *key);

#endif
