/*
 * A Python file as Python's own reader takes it: the encoding that a byte order mark or
 * a comment declares (PEP 263), every line end a '\n', no zero byte.
 */
#ifndef PGRUNBOOK_MODEL_PYTHON_SOURCE_H
#define PGRUNBOOK_MODEL_PYTHON_SOURCE_H

#include <stddef.h>

#include "pgrunbook/base/str.h"

struct python_source {
	/*
	 * UTF-8; the bytes themselves wherever they are that already, else in `owned`.
	 * The byte 0xFF stands for a letter of an encoding whose letters aren't known
	 * here: what has one in it can be told from other texts, but not read.
	 */
	const char *text;
	size_t length;
	struct str owned;
	char *problem; /* why Python doesn't read it, or we don't; NULL: fine */
	int problem_line;
};

/* Always fills *source; with a problem, the text is empty.  Free it afterwards. */
void python_source_open(const char *bytes, size_t length, struct python_source *source);
void python_source_free(struct python_source *source);

#endif
