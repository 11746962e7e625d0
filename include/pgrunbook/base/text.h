/*
 * Text from outside: UTF-8, cell widths and sanitising.  Query texts, names, file
 * contents and child output are hostile; whatever is shown or printed passes through
 * here first, so that no control byte of theirs reaches a terminal.
 */
#ifndef PGRUNBOOK_BASE_TEXT_H
#define PGRUNBOOK_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str;

/* U+FFFD, what stands for bytes that are not UTF-8. */
enum { TEXT_REPLACEMENT = 0xFFFD };

/*
 * Decodes one code point from at most `length` bytes (length > 0) and says how many
 * bytes it took (at least 1).  Overlong forms, surrogates, values above U+10FFFF and
 * truncated sequences are TEXT_REPLACEMENT and take one byte.
 */
uint32_t text_decode(const char *bytes, size_t length, size_t *used);

/* Bytes of a character that begins with this one; 1 also where none does. */
size_t text_expects(char first);

/* Writes `code` as UTF-8 to `out` (room for 4 bytes); returns the number of bytes. */
size_t text_encode(uint32_t code, char *out);

/*
 * Cells that a code point takes: 0 for combining and zero-width ones, 2 for wide ones,
 * -1 for what must never be printed (C0, DEL, C1, bidirectional controls and other
 * format characters, unassigned ones).  Independent of the locale: it follows the table
 * of the C library's C.UTF-8 as built into base/width_table.h.
 */
int text_width_of(uint32_t code);

/* Cells of a whole string once sanitised. */
int text_width(const char *text);

/*
 * Appends `bytes` to `out` fit for a terminal on one line: line breaks and tabs become
 * a blank, runs of blanks one, other controls and format characters TEXT_REPLACEMENT,
 * invalid UTF-8 TEXT_REPLACEMENT, zero-width characters are dropped.
 */
void text_sanitize(const char *bytes, size_t length, struct str *out);

/* As text_sanitize, but keeps '\n', and tabs become blanks up to the next multiple
 * of 8. */
void text_sanitize_lines(const char *bytes, size_t length, struct str *out);

/* text_sanitize for a C string; NULL is "".  The caller owns the string. */
char *text_sanitized(const char *text);

/*
 * Where the text has the needle, NULL if nowhere.  Letters of both cases are the same
 * unless the needle has a capital (ASCII's).
 */
const char *text_find(const char *text, const char *needle);

/* The bytes of `text` that fit into `cells` cells; *width says how many they take. */
size_t text_fit(const char *text, int cells, int *width);

#endif
