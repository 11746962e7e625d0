/*
 * What a console may send to a terminal: printable UTF-8, a few control characters, and
 * the sequences that ncurses uses on an xterm-256color.  Anything else came from
 * outside.
 */
#ifndef PGRUNBOOK_TESTS_PTY_BYTES_H
#define PGRUNBOOK_TESTS_PTY_BYTES_H

#include <stddef.h>

/* The offset of the first byte that begins nothing of the kind; `length` if all is
 * well. */
size_t bytes_first_foreign(const char *bytes, size_t length);

#endif
