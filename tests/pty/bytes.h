/*
 * What a console may send to a terminal: printable UTF-8, a few control characters, and
 * the sequences that ncurses uses on it.  Anything else came from outside.
 */
#ifndef PGRUNBOOK_TESTS_PTY_BYTES_H
#define PGRUNBOOK_TESTS_PTY_BYTES_H

#include <stdbool.h>
#include <stddef.h>

enum bytes_terminal {
	BYTES_XTERM, /* xterm-256color */
	BYTES_LINUX  /* what it has besides: other character sets, the cursor's shape */
};

/* The offset of the first byte that begins nothing of the kind; `length` if all is
 * well. */
size_t bytes_first_foreign(
	enum bytes_terminal terminal, const char *bytes, size_t length);

/* Whether they are the beginning of something that may be known, and end there. */
bool bytes_unfinished(const char *bytes, size_t length);

#endif
