/* TOML's strings, keys, blanks and comments. */
#include <string.h>

#include "pgrunbook/base/text.h"
#include "pgrunbook/model/toml_internal.h"

static const char bare[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			   "0123456789-_";

/* Control characters can't stand anywhere, but for tabs and line ends. */
static bool
text_is_control(char c)
{
	return ((unsigned char)c < 0x20 && c != '\t' && c != '\n') || c == 0x7F;
}

void
toml_skip_blanks(struct toml_reader *reader)
{
	reader->at += strspn(reader->at, " \t");
}

bool
toml_skip_comment(struct toml_reader *reader)
{
	if (*reader->at != '#')
		return true;
	while (*reader->at != '\0' && *reader->at != '\n') {
		if (text_is_control(*reader->at))
			return toml_fail(reader,
				"the comment has the control character 0x%02x",
				(unsigned char)*reader->at);
		reader->at++;
	}
	return true;
}

/* \uXXXX and \UXXXXXXXX, from behind the letter. */
static bool
text_read_code(struct toml_reader *reader, size_t count, struct str *out)
{
	uint32_t code = 0;
	char bytes[4];

	for (size_t i = 0; i < count; i++) {
		static const char digits[] = "0123456789abcdef";
		char digit = reader->at[i];
		const char *found =
			digit == '\0' ? NULL
				      : strchr(digits, digit >= 'A' && digit <= 'F'
							       ? digit | 0x20
							       : digit);

		if (found == NULL)
			return toml_fail(reader,
				"\\%c is followed by %zu hexadecimal digits",
				count == 4 ? 'u' : 'U', count);
		code = code << 4 | (uint32_t)(found - digits);
	}
	if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
		return toml_fail(reader, "there is no character U+%X", (unsigned)code);
	reader->at += count;
	str_add_bytes(out, bytes, text_encode(code, bytes));
	return true;
}

/* A backslash at the end of a line takes the white space that follows. */
static bool
text_join_lines(struct toml_reader *reader)
{
	const char *end = reader->at + strspn(reader->at, " \t");

	if (*end != '\n')
		return toml_fail(reader, "a backslash before a blank is none of TOML's "
					 "escapes: \\\\ is a backslash");
	reader->at = end + strspn(end, " \t\n");
	return true;
}

/* What a backslash begins. */
static bool
text_read_escape(struct toml_reader *reader, bool lines, struct str *out)
{
	static const char letters[] = "btnfr\"\\", meanings[] = "\b\t\n\f\r\"\\";
	char letter = *++reader->at;
	const char *found = letter == '\0' ? NULL : strchr(letters, letter);

	if (lines && (letter == ' ' || letter == '\t' || letter == '\n'))
		return text_join_lines(reader);
	if (letter == 'u' || letter == 'U') {
		reader->at++;
		return text_read_code(reader, letter == 'u' ? 4 : 8, out);
	}
	if (found == NULL)
		return toml_fail(reader,
			"a backslash in a \"string\" is written \\\\, or the string in "
			"single quotes");
	str_add_char(out, meanings[found - letters]);
	reader->at++;
	return true;
}

/* Behind the opening quotes, up to and with the closing ones. */
static bool
text_read_quoted(struct toml_reader *reader, char quote, bool lines, struct str *out)
{
	const char end[] = { quote, quote, quote, '\0' };

	for (;;) {
		char c = *reader->at;

		if (c == '\0' || (c == '\n' && !lines))
			return toml_fail(reader, "the string has no end");
		if (text_is_control(c))
			return toml_fail(reader,
				"the string has the control character 0x%02x",
				(unsigned char)c);
		if (c == quote && !lines) {
			reader->at++;
			return true;
		}
		if (lines && strncmp(reader->at, end, 3) == 0)
			break;
		if (c == '\\' && quote == '"') {
			if (!text_read_escape(reader, lines, out))
				return false;
			continue;
		}
		str_add_char(out, c);
		reader->at++;
	}
	reader->at += 3;
	/* Up to two quotes of its own may stand before the closing ones. */
	for (int i = 0; i < 2 && *reader->at == quote; i++) {
		str_add_char(out, quote);
		reader->at++;
	}
	return true;
}

bool
toml_read_string(struct toml_reader *reader, bool lines, struct str *out)
{
	char quote = *reader->at;

	lines = lines && reader->at[1] == quote && reader->at[2] == quote;
	reader->at += lines ? 3 : 1;
	if (lines && *reader->at == '\n')
		reader->at++;
	return text_read_quoted(reader, quote, lines, out);
}

static bool
text_read_name(struct toml_reader *reader, struct str *out)
{
	size_t length = strspn(reader->at, bare);

	if (*reader->at == '"' || *reader->at == '\'')
		return toml_read_string(reader, false, out);
	if (length == 0)
		return toml_fail(reader, "here should be a key: letters, digits, - and "
					 "_, or anything in quotes");
	str_add_bytes(out, reader->at, length);
	reader->at += length;
	return true;
}

bool
toml_read_path(struct toml_reader *reader, struct toml_path *path)
{
	path->count = 0;
	for (;;) {
		if (path->count == TOML_DEEPEST)
			return toml_fail(
				reader, "the key has more than %d parts", TOML_DEEPEST);
		struct str *name = &path->names[path->count++];
		*name = (struct str){ 0 };
		if (!text_read_name(reader, name))
			return false;
		toml_skip_blanks(reader);
		if (*reader->at != '.')
			return true;
		reader->at++;
		toml_skip_blanks(reader);
	}
}

void
toml_path_free(struct toml_path *path)
{
	for (size_t i = 0; i < path->count; i++)
		str_free(&path->names[i]);
	path->count = 0;
}
