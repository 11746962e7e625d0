/*
 * Secrets taken out before anything is buffered; "***" stands in their place.  What is
 * taken out, within one line:
 *
 *  - the password of a URL: scheme://user:PASSWORD@host, with any '@' and '/' in it;
 *  - the value after a name that ends in password, passwd, passphrase, secret, token,
 *    api_key, access_key or the like, and '=' or ':': PGPASSWORD=x, password = 'x y',
 *    "password": "x", ?sslpassword=x&; and SQL's PASSWORD 'x';
 *  - the rest of the line after "Authorization:";
 *  - values marked secret, also as percent-encoded in a URL; those shorter than four
 *    bytes only where they stand as a word of their own, or a log would be unreadable;
 *  - what the configured patterns match.
 *
 * It takes out too much rather than too little.  It can't know a secret that looks like
 * any other word: those have to be marked.
 */
#ifndef PGRUNBOOK_MODEL_REDACT_H
#define PGRUNBOOK_MODEL_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/strlist.h"

struct redact;

/* `secrets` (may be NULL): values that must not appear.  Copied. */
struct redact *redact_new(const struct strlist *secrets);
/* Empty ones and those with a line break are ignored; see above for short ones. */
void redact_add_secret(struct redact *redact, const char *secret);
/*
 * A POSIX extended regular expression, held against each line by itself.  If it has a
 * group, only what the first group matched is taken out.
 */
bool redact_add_pattern(
	struct redact *redact, const char *pattern, struct error *error);
void redact_free(struct redact *redact);

/* Appends `bytes` redacted; returns how many places were. */
size_t redact_text(
	const struct redact *redact, const char *bytes, size_t length, struct str *out);

/*
 * The same for a stream that comes in pieces: what could be the beginning of a secret
 * is held back until the rest shows (a word, a value; with patterns a line), or `end`
 * says that there is no more.  No more than REDACT_HELD bytes are held back: what is
 * longer is treated as if it ended there.
 */
enum { REDACT_HELD = 65536 };
struct redact_stream {
	const struct redact *redact;
	struct str held;
	size_t count;
	unsigned char before; /* the byte before what is held */
};
void redact_stream_add(struct redact_stream *stream, const char *bytes, size_t length,
	bool end, struct str *out);
void redact_stream_free(struct redact_stream *stream);

#endif
