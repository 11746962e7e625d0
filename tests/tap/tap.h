/*
 * The small TAP producer of this project's C tests.  A test program calls tap_ok and
 * its kin and ends with `return tap_done();`, which prints the plan.  Output is flushed
 * line by line, so that a crash loses nothing.
 */
#ifndef PGRUNBOOK_TESTS_TAP_H
#define PGRUNBOOK_TESTS_TAP_H

#include <stdbool.h>
#include <stdint.h>

/* One test; the format is its description.  Returns `passed`. */
bool tap_ok(bool passed, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Two texts are the same; the first difference is shown.  NULL equals only NULL. */
bool tap_is_text(const char *got, const char *want, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

bool tap_is_int(int64_t got, int64_t want, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* One test that can't be run here; the format says why. */
void tap_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Comment lines; line breaks in the text start new ones. */
void tap_diag(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints the plan; the exit status: 0 when every test passed. */
int tap_done(void);

#endif
