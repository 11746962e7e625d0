#include <stdint.h>
#include <string.h>

#include "pgrunbook/base/text.h"
#include "pgrunbook/model/python_value.h"

/* The body of a string literal and how to read it. */
struct python_body {
	const char *at, *end;
	bool raw, formatted;
};

/* False for bytes. */
static bool
string_open(const struct python_token *token, struct python_body *body)
{
	const char *at = token->start, *end = token->start + token->length;

	*body = (struct python_body){ 0 };
	for (; at < end && *at != '"' && *at != '\''; at++) {
		char letter = (char)(*at | 0x20);

		if (letter == 'b' || letter == 't')
			return false;
		body->raw |= letter == 'r';
		body->formatted |= letter == 'f';
	}
	size_t quotes = end - at >= 6 && at[1] == at[0] && at[2] == at[0] ? 3 : 1;
	if ((size_t)(end - at) < 2 * quotes)
		return false;
	body->at = at + quotes;
	body->end = end - quotes;
	return true;
}

/* Whether a byte of a string may stand for something else than itself. */
static bool
string_is_special(char c)
{
	return c == '\\' || c == '\r' || c == '{' || c == '}' || c == '\0';
}

static void
string_add_code(struct str *out, uint32_t code)
{
	char encoded[4];

	if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
		code = TEXT_REPLACEMENT;
	str_add_bytes(out, encoded, text_encode(code, encoded));
}

/* At most `most` digits of a number to the base 8 or 16; moves behind them. */
static uint32_t
string_read_digits(struct python_body *body, int base, int most)
{
	uint32_t code = 0;

	for (; most > 0 && body->at < body->end; most--, body->at++) {
		unsigned char c = (unsigned char)*body->at;
		int digit = c >= '0' && c <= '9' ? c - '0'
			    : (c | 0x20) >= 'a' && (c | 0x20) <= 'f'
				    ? (c | 0x20) - 'a' + 10
				    : 16;

		if (digit >= base)
			break;
		code = code * (uint32_t)base + (uint32_t)digit;
	}
	return code;
}

/* The character of a one-letter escape, or 0. */
static char
string_simple_escape(char c)
{
	static const char letters[] = "\\'\"abfnrtv";
	static const char meanings[] = "\\'\"\a\b\f\n\r\t\v";
	const char *found = c ? strchr(letters, c) : NULL;

	return found ? meanings[found - letters] : '\0';
}

/* What stands behind a backslash; false if it can't be told without a table of names.
 */
static bool
string_decode_escape(struct python_body *body, struct str *out)
{
	char c = *body->at;
	char simple = string_simple_escape(c);

	if (simple) {
		body->at++;
		str_add_char(out, simple);
		return true;
	}
	if (c >= '0' && c <= '7') {
		string_add_code(out, string_read_digits(body, 8, 3));
		return true;
	}
	switch (c) {
	case '\r':
		body->at += body->at + 1 < body->end && body->at[1] == '\n';
		/* fall through */
	case '\n':
		body->at++;
		return true;
	case 'x':
	case 'u':
	case 'U':
		body->at++;
		string_add_code(out, string_read_digits(body, 16,
					     c == 'x'	? 2
					     : c == 'u' ? 4
							: 8));
		return true;
	case 'N':
		return false;
	default: /* no escape: the backslash stays */
		str_add_char(out, '\\');
		return true;
	}
}

bool
python_string_decode(const struct python_token *token, struct str *out)
{
	struct python_body body;

	if (!string_open(token, &body))
		return false;
	while (body.at < body.end) {
		const char *start = body.at;

		while (body.at < body.end && !string_is_special(*body.at))
			body.at++;
		str_add_bytes(out, start, (size_t)(body.at - start));
		if (body.at == body.end)
			break;
		char c = *body.at++;
		if (c == '\0')
			return false;
		if (c == '\r') { /* Python reads every line end as \n */
			body.at += body.at < body.end && *body.at == '\n';
			str_add_char(out, '\n');
		} else if (c == '\\' && !body.raw && body.at < body.end) {
			if (!string_decode_escape(&body, out))
				return false;
		} else if (body.formatted && c != '\\') {
			if (body.at == body.end || *body.at != c)
				return false; /* a field */
			body.at++;
			str_add_char(out, c);
		} else {
			str_add_char(out, c);
		}
	}
	return true;
}
