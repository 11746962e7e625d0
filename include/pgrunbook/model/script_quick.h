/*
 * The short way through a version file of the shape that `alembic revision` writes, as
 * nearly all are: a docstring, imports, literals for the names, functions.  It looks at
 * each byte once and makes no tokens, which is ten times as fast.
 *
 * Whatever may mean more than that is left to the long way, which knows Python; what
 * the short one takes is what the long one would have taken, to the last line number.
 */
#ifndef PGRUNBOOK_MODEL_SCRIPT_QUICK_H
#define PGRUNBOOK_MODEL_SCRIPT_QUICK_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/model/script.h"

/*
 * `text` as a python_source has it, without recoding.  Fills in all but the path. False
 * if the file is of another shape: then nothing but the path is there.
 */
bool script_quick_read(const char *text, size_t length, struct script *script);

/* The docstring and the message from what the docstring says unstripped. */
void script_take_text(struct script *script, const char *text, size_t length);

/* As script_read, by the long way alone. */
void script_read_long(
	const char *path, const char *bytes, size_t length, struct script *script);

#endif
