#include "pgrunbook/model/redact.h"

#include <regex.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/redact_name.h"

static const char mark[] = "***";

enum { SHORT_SECRET = 4 };

struct pattern {
	regex_t compiled;
	size_t group; /* which part is the secret: 1, or 0 for all of it */
};

struct redact {
	struct strlist secrets;
	struct pattern *patterns;
	size_t pattern_count, pattern_capacity;
};

struct spans {
	struct redact_span *items;
	size_t count, capacity;
	size_t hold; /* from here on the bytes must wait for more */
};

struct redact *
redact_new(const struct strlist *secrets)
{
	struct redact *redact = alloc_zeroed(1, sizeof(*redact));

	for (size_t i = 0; secrets && i < secrets->count; i++)
		redact_add_secret(redact, secrets->items[i]);
	return redact;
}

void
redact_free(struct redact *redact)
{
	if (!redact)
		return;
	for (size_t i = 0; i < redact->pattern_count; i++)
		regfree(&redact->patterns[i].compiled);
	free(redact->patterns);
	strlist_free(&redact->secrets);
	free(redact);
}

void
redact_add_secret(struct redact *redact, const char *secret)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789-._~";
	struct str encoded = { 0 };

	if (*secret == '\0' || strchr(secret, '\n'))
		return;
	if (!strlist_has(&redact->secrets, secret))
		strlist_add(&redact->secrets, secret);
	for (const char *c = secret; *c; c++) {
		if (strchr(plain, *c))
			str_add_char(&encoded, *c);
		else
			str_printf(&encoded, "%%%02X", (unsigned)(unsigned char)*c);
	}
	if (!strlist_has(&redact->secrets, str_text(&encoded)))
		strlist_add(&redact->secrets, str_text(&encoded));
	str_free(&encoded);
}

bool
redact_add_pattern(struct redact *redact, const char *pattern, struct error *error)
{
	struct pattern *added;
	int problem;

	redact->patterns = alloc_room(redact->patterns, redact->pattern_count,
		&redact->pattern_capacity, sizeof(*redact->patterns));
	added = &redact->patterns[redact->pattern_count];
	problem = regcomp(&added->compiled, pattern, REG_EXTENDED);
	if (problem != 0) {
		char why[128];

		regerror(problem, &added->compiled, why, sizeof(why));
		return error_set(
			error, "The pattern \"%s\" can't be used: %s", pattern, why);
	}
	added->group = added->compiled.re_nsub > 0 ? 1 : 0;
	redact->pattern_count++;
	return true;
}

static bool
is_alnum(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

static bool
ends_line(unsigned char c)
{
	return c == '\n' || c == '\r';
}

static enum redact_found
match_secret(
	const struct redact_window *in, const char *secret, struct redact_span *span)
{
	size_t length = strlen(secret), at = span->origin;
	size_t there = in->length - at < length ? in->length - at : length;
	unsigned char before = at > 0 ? redact_byte(in, at - 1) : in->before;

	if (memcmp(in->bytes + at, secret, there) != 0)
		return REDACT_NONE;
	if (there < length)
		return in->end ? REDACT_NONE : REDACT_INCOMPLETE;
	span->start = at;
	span->stop = at + length;
	if (length >= SHORT_SECRET)
		return REDACT_SECRET;
	if (redact_runs_out(in, span->stop))
		return REDACT_INCOMPLETE;
	return is_alnum(before) || is_alnum(redact_byte(in, span->stop))
		       ? REDACT_NONE
		       : REDACT_SECRET;
}

static void
spans_add(struct spans *spans, const struct redact_span *span)
{
	spans->items = alloc_room(
		spans->items, spans->count, &spans->capacity, sizeof(*spans->items));
	spans->items[spans->count++] = *span;
}

static void
spans_wait(struct spans *spans, size_t from)
{
	if (from < spans->hold)
		spans->hold = from;
}

static void
find_names(const struct redact_window *in, struct spans *spans)
{
	unsigned char before = in->before;

	for (size_t at = 0; at < in->length; at++) {
		struct redact_span span = { .origin = at };

		if (redact_is_name(redact_byte(in, at)) && !redact_is_name(before)) {
			enum redact_found found = redact_match_name(in, &span);

			if (found == REDACT_INCOMPLETE) {
				spans_wait(spans, at);
				return;
			}
			if (found == REDACT_SECRET) {
				spans_add(spans, &span);
				at = span.stop - 1;
			}
		}
		before = redact_byte(in, at);
	}
}

static void
find_secrets(const struct redact *redact, const struct redact_window *in,
	struct spans *spans)
{
	for (size_t i = 0; i < redact->secrets.count; i++) {
		const char *secret = redact->secrets.items[i];
		const char *at = in->bytes, *end = in->bytes + in->length;

		while (at < end && (at = memchr(at, *secret, (size_t)(end - at)))) {
			struct redact_span span = { .origin =
							    (size_t)(at - in->bytes) };
			enum redact_found found = match_secret(in, secret, &span);

			if (found == REDACT_SECRET)
				spans_add(spans, &span);
			if (found == REDACT_INCOMPLETE)
				spans_wait(spans, span.origin);
			at++;
		}
	}
}

static void
find_pattern(
	const struct pattern *pattern, char *line, size_t origin, struct spans *spans)
{
	regmatch_t match[2];
	size_t at = 0, length = strlen(line);

	while (at <= length && regexec(&pattern->compiled, line + at, 2, match,
				       at ? REG_NOTBOL : 0) == 0) {
		const regmatch_t *part = &match[pattern->group];

		if (part->rm_so >= 0 && part->rm_eo > part->rm_so) {
			struct redact_span span = { .origin = origin,
				.start = origin + at + (size_t)part->rm_so,
				.stop = origin + at + (size_t)part->rm_eo };

			spans_add(spans, &span);
		}
		at += match[0].rm_eo > 0 ? (size_t)match[0].rm_eo : 1;
	}
}

static void
find_patterns(const struct redact *redact, const struct redact_window *in,
	struct spans *spans)
{
	for (size_t at = 0, stop; at < in->length; at = stop + 1) {
		char *line;

		for (stop = at; stop < in->length; stop++)
			if (ends_line(redact_byte(in, stop)))
				break;
		if (redact_runs_out(in, stop)) {
			spans_wait(spans, at);
			return;
		}
		line = alloc_copy_bytes(in->bytes + at, stop - at);
		for (size_t i = 0; i < stop - at; i++)
			if (line[i] == '\0')
				line[i] = ' ';
		for (size_t i = 0; i < redact->pattern_count; i++)
			find_pattern(&redact->patterns[i], line, at, spans);
		free(line);
	}
}

static int
span_compare(const void *left, const void *right)
{
	const struct redact_span *a = left, *b = right;

	return (a->start > b->start) - (a->start < b->start);
}

/* Nothing may go out from which a span that has to wait would be found again. */
static void
spans_settle(struct spans *spans)
{
	bool again;

	do {
		again = false;
		for (size_t i = 0; i < spans->count; i++) {
			const struct redact_span *span = &spans->items[i];

			if (span->origin < spans->hold && span->stop > spans->hold) {
				spans->hold = span->origin;
				again = true;
			}
		}
	} while (again);
	if (spans->count > 0)
		qsort(spans->items, spans->count, sizeof(*spans->items), span_compare);
}

/* Redacts what can go out and says how much of the window that was. */
static size_t
redact_window(const struct redact *redact, const struct redact_window *in,
	struct str *out, size_t *count)
{
	struct spans spans = { .hold = in->length };
	size_t at = 0;

	find_names(in, &spans);
	find_secrets(redact, in, &spans);
	if (redact->pattern_count > 0)
		find_patterns(redact, in, &spans);
	spans_settle(&spans);
	for (size_t i = 0; i < spans.count; i++) {
		const struct redact_span *span = &spans.items[i];
		bool marked =
			span->stop - span->start == sizeof(mark) - 1 &&
			memcmp(in->bytes + span->start, mark, sizeof(mark) - 1) == 0;

		if (span->origin >= spans.hold || span->stop <= at || marked)
			continue;
		if (span->start >= at) {
			str_add_bytes(out, in->bytes + at, span->start - at);
			str_add(out, mark);
			++*count;
		}
		at = span->stop;
	}
	if (spans.hold > at) {
		str_add_bytes(out, in->bytes + at, spans.hold - at);
		at = spans.hold;
	}
	free(spans.items);
	return at;
}

size_t
redact_text(
	const struct redact *redact, const char *bytes, size_t length, struct str *out)
{
	struct redact_window in = { .bytes = bytes, .length = length, .end = true };
	size_t count = 0;

	if (length > 0)
		redact_window(redact, &in, out, &count);
	return count;
}

void
redact_stream_add(struct redact_stream *stream, const char *bytes, size_t length,
	bool end, struct str *out)
{
	struct redact_window in = { .before = stream->before, .end = end };
	struct str rest = { 0 };
	size_t used;

	str_add_bytes(&stream->held, bytes, length);
	if (stream->held.length == 0)
		return;
	in.bytes = stream->held.bytes;
	in.length = stream->held.length;
	used = redact_window(stream->redact, &in, out, &stream->count);
	if (used > 0)
		stream->before = redact_byte(&in, used - 1);
	str_add_bytes(&rest, in.bytes + used, in.length - used);
	str_free(&stream->held);
	stream->held = rest;
	if (!end && rest.length > REDACT_HELD)
		redact_stream_add(stream, "", 0, true, out);
}

void
redact_stream_free(struct redact_stream *stream)
{
	str_free(&stream->held);
}
