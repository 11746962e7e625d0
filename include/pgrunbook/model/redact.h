/*
 * Secrets taken out before anything is buffered: passwords in URLs and conninfo
 * strings, PGPASSWORD, values marked secret, and what matches configured patterns.
 */
#ifndef PGRUNBOOK_MODEL_REDACT_H
#define PGRUNBOOK_MODEL_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/base/str.h"
#include "pgrunbook/base/strlist.h"

struct redact;

/* `secrets` (may be NULL): values that must not appear.  Copied. */
struct redact *redact_new(const struct strlist *secrets);
void redact_add_secret(struct redact *redact, const char *secret);
void redact_free(struct redact *redact);

/* Appends `bytes` redacted; returns how many places were. */
size_t redact_text(
	const struct redact *redact, const char *bytes, size_t length, struct str *out);

/*
 * The same for a stream that comes in pieces: what could be the beginning of a secret
 * is held back until the rest shows (at most a line), or `end` says that there is no
 * more.
 */
struct redact_stream {
	const struct redact *redact;
	struct str held;
	size_t count;
};
void redact_stream_add(struct redact_stream *stream, const char *bytes, size_t length,
	bool end, struct str *out);
void redact_stream_free(struct redact_stream *stream);

#endif
