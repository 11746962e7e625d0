#include "pgrunbook/model/redact_name.h"

#include <string.h>
#include <strings.h>

enum { URL_PART = 1024 };

static bool
is_alnum(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

bool
redact_is_name(unsigned char c)
{
	return is_alnum(c) || c == '_' || c == '-' || c == '.' || c == '+';
}

static bool
is_blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_space(unsigned char c)
{
	return is_blank(c) || c == '\n' || c == '\r' || c == '\f' || c == '\v' ||
	       c == '\0';
}

static bool
is_one_of(unsigned char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

unsigned char
redact_byte(const struct redact_window *in, size_t at)
{
	return at < in->length ? (unsigned char)in->bytes[at] : 0;
}

bool
redact_runs_out(const struct redact_window *in, size_t at)
{
	return at >= in->length && !in->end;
}

/* A URL's password: from the ':' after the user to the last '@' before the host. */
static enum redact_found
match_url(const struct redact_window *in, size_t user, struct redact_span *span)
{
	size_t colon = user, at, stop;

	while (colon < in->length && !is_space(redact_byte(in, colon)) &&
		!is_one_of(redact_byte(in, colon), ":/@?#\"'`<>"))
		colon++;
	if (redact_runs_out(in, colon))
		return REDACT_INCOMPLETE;
	if (redact_byte(in, colon) != ':')
		return REDACT_NONE;
	at = colon + 1;
	while (redact_byte(in, at) >= '0' && redact_byte(in, at) <= '9')
		at++;
	if (is_one_of(redact_byte(in, at), "\"'`,;)]}>\\"))
		return REDACT_NONE; /* a port, and the URL's end */
	/* SQLAlchemy takes a '/' in a password, so only a blank is the end. */
	at = colon + 1;
	while (at < in->length && at - colon < URL_PART &&
		!is_space(redact_byte(in, at)) && in->bytes[at] != '@')
		at++;
	if (redact_runs_out(in, at))
		return REDACT_INCOMPLETE;
	if (redact_byte(in, at) != '@' || at == colon + 1)
		return REDACT_NONE;
	for (stop = at + 1; stop < in->length && stop - at < URL_PART; stop++) {
		if (is_space(redact_byte(in, stop)) ||
			is_one_of(redact_byte(in, stop), "/?#\"'`,;<>)"))
			break;
		if (in->bytes[stop] == '@')
			at = stop;
	}
	if (redact_runs_out(in, stop))
		return REDACT_INCOMPLETE;
	span->start = colon + 1;
	span->stop = at;
	return REDACT_SECRET;
}

static bool
ends_in(const char *name, size_t length, const char *suffix)
{
	size_t size = strlen(suffix);

	return length >= size && strncasecmp(name + length - size, suffix, size) == 0;
}

static bool
names_secret(const char *name, size_t length)
{
	static const char *const suffixes[] = { "password", "passwd", "passphrase",
		"secret", "token", "api_key", "api-key", "apikey", "access_key",
		"access-key", "private_key", "private-key", "secret_key", "secret-key",
		"_pass", "_pwd", "-pwd" };

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (ends_in(name, length, suffixes[i]))
			return true;
	return false;
}

/* A value without quotes, up to a blank; *at is left at its end. */
static enum redact_found
match_bare(const struct redact_window *in, size_t *at)
{
	for (; *at < in->length && !is_space(redact_byte(in, *at)); ++*at) {
		size_t name = *at + 1;

		if (in->bytes[*at] == '\\' && is_blank(redact_byte(in, name)))
			++*at;
		if (in->bytes[*at] != '&')
			continue;
		while (redact_is_name(redact_byte(in, name)))
			name++;
		if (redact_runs_out(in, name))
			return REDACT_INCOMPLETE;
		if (redact_byte(in, name) == '=' && name > *at + 1)
			return REDACT_SECRET; /* the next parameter of a URL */
	}
	return redact_runs_out(in, *at) ? REDACT_INCOMPLETE : REDACT_SECRET;
}

/* A value that begins with the quote at *at - 1; *at is left at the closing one. */
static enum redact_found
match_quoted(const struct redact_window *in, unsigned char quote, size_t *at)
{
	for (; *at < in->length && in->bytes[*at] != '\n'; ++*at) {
		if (in->bytes[*at] == '\\' && redact_byte(in, *at + 1) != '\n') {
			++*at;
		} else if (redact_byte(in, *at) == quote) {
			if (redact_runs_out(in, *at + 2))
				return REDACT_INCOMPLETE;
			if (quote == '\'' && redact_byte(in, *at + 1) == quote)
				++*at;
			else
				break;
		}
	}
	if (*at > in->length)
		*at = in->length;
	return redact_runs_out(in, *at) ? REDACT_INCOMPLETE : REDACT_SECRET;
}

/* 'it'"'"'s' is one word to a shell, and all of it the secret. */
static bool
goes_on(const struct redact_window *in, size_t closing)
{
	unsigned char next = redact_byte(in, closing + 1);

	if (is_one_of(next, "\"'"))
		return !is_space(redact_byte(in, closing + 2)) &&
		       !is_one_of(redact_byte(in, closing + 2), ",;)]}");
	return is_alnum(next) || is_one_of(next, "$\\");
}

/* The value that begins at `at`. */
static enum redact_found
match_value(const struct redact_window *in, size_t at, struct redact_span *span)
{
	bool escaped = redact_byte(in, at) == '\\' && redact_byte(in, at + 1) == '"';
	unsigned char quote = redact_byte(in, at + escaped);
	enum redact_found found;

	if (redact_runs_out(in, at + 1))
		return REDACT_INCOMPLETE;
	span->start = span->stop = at;
	if (escaped || quote == '"' || quote == '\'') {
		span->start = span->stop = at + escaped + 1;
		if (escaped) {
			/* JSON within JSON: \"...\" */
			while (span->stop < in->length &&
				!is_one_of(redact_byte(in, span->stop), "\"\n"))
				span->stop++;
			if (redact_runs_out(in, span->stop))
				return REDACT_INCOMPLETE;
			if (span->stop > span->start &&
				in->bytes[span->stop - 1] == '\\')
				span->stop--;
		} else if ((found = match_quoted(in, quote, &span->stop)) !=
			   REDACT_SECRET) {
			return found;
		} else if (goes_on(in, span->stop)) {
			found = match_bare(in, &span->stop);
			if (found != REDACT_SECRET)
				return found;
		}
	} else {
		found = match_bare(in, &span->stop);
		if (found != REDACT_SECRET)
			return found;
		while (span->stop > span->start + 1 &&
			is_one_of(redact_byte(in, span->stop - 1), "\"',;)]}"))
			span->stop--;
	}
	return span->stop > span->start ? REDACT_SECRET : REDACT_NONE;
}

/* What follows a name that ends at `at` and promises a secret. */
static enum redact_found
match_setting(const struct redact_window *in, size_t name, size_t at,
	struct redact_span *span)
{
	bool sql = at - name == strlen("password");
	bool rest_of_line = ends_in(in->bytes + name, at - name, "authorization");
	size_t blanks, value;

	if (redact_byte(in, at) == '\\' && redact_byte(in, at + 1) == '"')
		at += 2;
	else if (is_one_of(redact_byte(in, at), "\"'"))
		at++;
	blanks = at;
	while (is_blank(redact_byte(in, at)))
		at++;
	if (redact_runs_out(in, at + 1))
		return REDACT_INCOMPLETE;
	if (sql && at > blanks && redact_byte(in, at) == '\'')
		return match_value(in, at, span);
	if (!is_one_of(redact_byte(in, at), "=:"))
		return REDACT_NONE;
	value = at + 1;
	if (is_one_of(redact_byte(in, value), "=>"))
		value++;
	while (is_blank(redact_byte(in, value)))
		value++;
	if (redact_runs_out(in, value))
		return REDACT_INCOMPLETE;
	/* `PGPASSWORD= psql` gives no password. */
	if (is_space(redact_byte(in, value)) ||
		(redact_byte(in, at) == '=' && at == blanks &&
			is_blank(redact_byte(in, at + 1)) &&
			!is_one_of(redact_byte(in, value), "\"'")))
		return REDACT_NONE;
	if (!rest_of_line)
		return match_value(in, value, span);
	span->start = span->stop = value;
	while (span->stop < in->length &&
		!is_one_of(redact_byte(in, span->stop), "\n\r"))
		span->stop++;
	return redact_runs_out(in, span->stop) ? REDACT_INCOMPLETE : REDACT_SECRET;
}

enum redact_found
redact_match_name(const struct redact_window *in, struct redact_span *span)
{
	size_t name = span->origin, at = name;
	static const unsigned char colon[] = "://";
	size_t slashes = 0;

	while (redact_is_name(redact_byte(in, at)))
		at++;
	while (slashes < 3 && redact_byte(in, at + slashes) == colon[slashes])
		slashes++;
	if (slashes == 3)
		return match_url(in, at + 3, span);
	if (redact_runs_out(in, at + slashes))
		return REDACT_INCOMPLETE;
	if (!names_secret(in->bytes + name, at - name) &&
		!ends_in(in->bytes + name, at - name, "authorization"))
		return REDACT_NONE;
	return match_setting(in, name, at, span);
}
