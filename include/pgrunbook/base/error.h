/*
 * Errors are values with a message for the operator: what was tried, on what, what came
 * back and what to do next.  A function that can fail returns false (or NULL) and sets
 * the error it was given; one that succeeds leaves it alone.
 */
#ifndef PGRUNBOOK_BASE_ERROR_H
#define PGRUNBOOK_BASE_ERROR_H

#include <stdbool.h>

struct error {
	char *message; /* owned; NULL: no error */
};

/* Replaces the message.  Always returns false: `return error_set(error, ...);`. */
bool error_set(struct error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Puts "CONTEXT: " before the message that is there.  Returns false. */
bool error_prefix(struct error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void error_clear(struct error *error);

#endif
