/* What Python makes of random documents, beside what we make of them. */
#ifndef PGRUNBOOK_TESTS_PYTHON_ANSWERS_H
#define PGRUNBOOK_TESTS_PYTHON_ANSWERS_H

#include <jansson.h>
#include <stddef.h>

/*
 * Runs tests/model/SCRIPT with Debian's Python.  It prints a line for each document, a
 * JSON object of its bytes as `hex`, or the path of a `file` that has them, and of the
 * `answer`, which `check` compares with ours:
 * NULL if it is the same, else what differs, which the caller owns.  The first
 * differences are shown; one TAP test in the end.
 */
void python_answers(const char *script,
	char *(*check)(const char *bytes, size_t length, const json_t *answer));

#endif
