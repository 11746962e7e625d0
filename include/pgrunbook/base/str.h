/*
 * A growable byte string.  `bytes` is always NUL-terminated once anything was added;
 * an all-zero struct is the empty string.  It may hold any byte, NUL included.
 */
#ifndef PGRUNBOOK_BASE_STR_H
#define PGRUNBOOK_BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct str {
	char *bytes; /* NULL while nothing was added */
	size_t length;
	size_t capacity;
};

void str_add(struct str *str, const char *text);
void str_add_bytes(struct str *str, const char *bytes, size_t length);
void str_add_char(struct str *str, char c);
void str_printf(struct str *str, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void str_vprintf(struct str *str, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

/* The text as a C string, "" when empty; valid until the next change. */
const char *str_text(const struct str *str);

/* Empties it and keeps its memory. */
void str_clear(struct str *str);

/* Hands the bytes to the caller (never NULL) and leaves an empty string behind. */
char *str_take(struct str *str);

void str_free(struct str *str);

#endif
