#include <stdint.h>
#include <string.h>

#include "pgrunbook/base/text.h"
#include "pgrunbook/model/python_value.h"

/* The body of a string literal and how to read it. */
struct python_body {
	const char *at, *end;
	bool raw, formatted;
};

/* Whether one of the two letters, in either case, is in front of the quotes. */
static bool
string_has_prefix(const struct python_token *token, char one, char other)
{
	const char *at = token->start;

	for (; *at != '"' && *at != '\''; at++)
		if ((*at | 0x20) == one || (*at | 0x20) == other)
			return true;
	return false;
}

/* False for bytes. */
static bool
string_open(const struct python_token *token, struct python_body *body)
{
	const char *at = token->start, *end = token->start + token->length;

	*body = (struct python_body){ 0 };
	if (string_has_prefix(token, 'b', 't'))
		return false;
	for (; *at != '"' && *at != '\''; at++) {
		body->raw |= (*at | 0x20) == 'r';
		body->formatted |= (*at | 0x20) == 'f';
	}
	size_t quotes = end - at >= 6 && at[1] == at[0] && at[2] == at[0] ? 3 : 1;
	if ((size_t)(end - at) < 2 * quotes)
		return false;
	body->at = at + quotes;
	body->end = end - quotes;
	return true;
}

bool
python_string_is_formatted(const struct python_token *token)
{
	return string_has_prefix(token, 'f', 't');
}

bool
python_string_is_bytes(const struct python_token *token)
{
	return string_has_prefix(token, 'b', 'b');
}

/* Whether a byte of a string may stand for something else than itself. */
static bool
string_is_special(char c)
{
	return c == '\\' || c == '{' || c == '}' || c == '\xFF';
}

/* False for what a C string or UTF-8 can't hold. */
static bool
string_add_code(struct str *out, uint32_t code)
{
	char encoded[4];
	bool fits = code && code <= 0x10FFFF && (code < 0xD800 || code >= 0xE000);

	str_add_bytes(
		out, encoded, text_encode(fits ? code : TEXT_REPLACEMENT, encoded));
	return fits;
}

/* Up to `most` digits of a number to the base 8 or 16; says how many there were. */
static int
string_read_digits(struct python_body *body, int base, int most, uint32_t *code)
{
	int count = 0;

	for (*code = 0; count < most && body->at < body->end; count++, body->at++) {
		unsigned char c = (unsigned char)*body->at;
		int digit = c >= '0' && c <= '9' ? c - '0'
			    : (c | 0x20) >= 'a' && (c | 0x20) <= 'f'
				    ? (c | 0x20) - 'a' + 10
				    : 16;

		if (digit >= base)
			break;
		*code = *code * (uint32_t)base + (uint32_t)digit;
	}
	return count;
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

/* What stands behind a backslash; false if it isn't told exactly. */
static bool
string_decode_escape(struct python_body *body, struct str *out)
{
	char c = *body->at;
	char simple = string_simple_escape(c);
	uint32_t code;
	int digits;

	if (simple) {
		body->at++;
		str_add_char(out, simple);
		return true;
	}
	if (c >= '0' && c <= '7') {
		string_read_digits(body, 8, 3, &code);
		return string_add_code(out, code);
	}
	switch (c) {
	case '\n':
		body->at++;
		return true;
	case 'x':
	case 'u':
	case 'U':
		digits = c == 'x' ? 2 : c == 'u' ? 4 : 8;
		body->at++;
		return string_read_digits(body, 16, digits, &code) == digits &&
		       string_add_code(out, code);
	default: /* no escape, or a character by its name: the backslash stays */
		str_add_char(out, '\\');
		return c != 'N';
	}
}

bool
python_string_decode(const struct python_token *token, struct str *out)
{
	struct python_body body;
	bool exact = true;

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
		if (c == '\\' && !body.raw && body.at < body.end) {
			exact &= string_decode_escape(&body, out);
			continue;
		}
		if (body.formatted && (c == '{' || c == '}')) {
			if (body.at == body.end || *body.at != c)
				exact = false; /* a field */
			else
				body.at++;
		}
		exact &= c != '\xFF';
		str_add_char(out, c);
	}
	return exact;
}
