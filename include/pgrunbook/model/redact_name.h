/*
 * What introduces a secret in a text: a URL, a setting's name, SQL's PASSWORD.  The
 * inner part of model/redact.h, by itself because its rules are many.
 */
#ifndef PGRUNBOOK_MODEL_REDACT_NAME_H
#define PGRUNBOOK_MODEL_REDACT_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* The bytes at hand.  Unless `end`, more may come, and what is last may be half of it.
 */
struct redact_window {
	const char *bytes;
	size_t length;
	unsigned char before;
	bool end;
};

/* Bytes to take out.  What stands from `origin` on is needed to find it again. */
struct redact_span {
	size_t origin, start, stop;
};

enum redact_found { REDACT_NONE, REDACT_SECRET, REDACT_INCOMPLETE };

/* The byte at `at`; 0, which ends everything, where the text ends. */
unsigned char redact_byte(const struct redact_window *in, size_t at);
/* Whether what stands at `at` is still to come. */
bool redact_runs_out(const struct redact_window *in, size_t at);

/* Names of settings, of environment variables and of URL schemes. */
bool redact_is_name(unsigned char c);

/* The name that begins at span->origin, and the secret that it introduces. */
enum redact_found redact_match_name(
	const struct redact_window *in, struct redact_span *span);

#endif
