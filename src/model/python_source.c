#include "pgrunbook/model/python_source.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/text.h"

/* No encoding has a longer name. */
enum { SOURCE_NAME = 40 };

enum source_encoding {
	SOURCE_UTF8,
	SOURCE_LATIN1,
	SOURCE_ASCII,
	SOURCE_SINGLE, /* ASCII, and others that can't be mistaken for ASCII */
	SOURCE_DOUBLE, /* ASCII, and others that may have ASCII as their second byte */
	SOURCE_FOREIGN /* not even ASCII is sure */
};

struct source_name {
	const char *name; /* of the codec, or how its names begin */
	bool begins;
	enum source_encoding encoding;
};

/*
 * Python's names (docs.python.org, "Standard Encodings") in lower case with '-' for
 * '_'.  The first that fits counts.
 */
static const struct source_name source_names[] = {
	{ "utf-8", true, SOURCE_UTF8 },
	{ "utf8", false, SOURCE_UTF8 },
	{ "u8", false, SOURCE_UTF8 },
	{ "cp65001", false, SOURCE_UTF8 },
	{ "latin-1", true, SOURCE_LATIN1 },
	{ "iso-latin-1", true, SOURCE_LATIN1 },
	{ "latin1", false, SOURCE_LATIN1 },
	{ "l1", false, SOURCE_LATIN1 },
	{ "cp819", false, SOURCE_LATIN1 },
	{ "8859", false, SOURCE_LATIN1 },
	{ "iso8859", false, SOURCE_LATIN1 },
	{ "iso8859-1", false, SOURCE_LATIN1 },
	{ "iso-8859-1", false, SOURCE_LATIN1 },
	{ "iso-8859-1-", true, SOURCE_LATIN1 },
	{ "ascii", false, SOURCE_ASCII },
	{ "us-ascii", false, SOURCE_ASCII },
	{ "iso-8859-", true, SOURCE_SINGLE },
	{ "iso8859-", true, SOURCE_SINGLE },
	{ "latin", true, SOURCE_SINGLE },
	{ "cp125", true, SOURCE_SINGLE },
	{ "windows-125", true, SOURCE_SINGLE },
	{ "koi8-", true, SOURCE_SINGLE },
	{ "cp437", false, SOURCE_SINGLE },
	{ "cp85", true, SOURCE_SINGLE },
	{ "cp866", false, SOURCE_SINGLE },
	{ "mac-roman", false, SOURCE_SINGLE },
	{ "mac-cyrillic", false, SOURCE_SINGLE },
	{ "euc-", true, SOURCE_SINGLE },
	{ "eucjp", false, SOURCE_SINGLE },
	{ "euckr", false, SOURCE_SINGLE },
	{ "gb2312", false, SOURCE_SINGLE },
	{ "gbk", false, SOURCE_DOUBLE },
	{ "gb18030", false, SOURCE_DOUBLE },
	{ "cp9", true, SOURCE_DOUBLE },
	{ "big5", false, SOURCE_DOUBLE },
	{ "shift-jis", false, SOURCE_DOUBLE },
	{ "sjis", false, SOURCE_DOUBLE },
};

static enum source_encoding
source_encoding_of(const char *name)
{
	for (size_t i = 0; i < sizeof(source_names) / sizeof(*source_names); i++) {
		const struct source_name *one = &source_names[i];

		if (one->begins ? strncmp(name, one->name, strlen(one->name)) == 0
				: strcmp(name, one->name) == 0)
			return one->encoding;
	}
	return SOURCE_FOREIGN;
}

static bool
source_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\f';
}

/* A comment's `coding: NAME`; fills `name` and returns true. */
static bool
source_read_cookie(const char *at, const char *end, char name[SOURCE_NAME])
{
	static const char word[] = "coding";
	size_t length = 0;

	while ((at = memmem(at, (size_t)(end - at), word, sizeof(word) - 1))) {
		at += sizeof(word) - 1;
		if (at < end && (*at == ':' || *at == '='))
			break;
	}
	if (!at)
		return false;
	for (at++; at < end && (*at == ' ' || *at == '\t');)
		at++;
	for (; at < end && (isalnum((unsigned char)*at) || strchr("-_.", *at)); at++)
		if (*at && length < SOURCE_NAME - 1)
			name[length++] =
				*at == '_' ? '-' : (char)tolower((unsigned char)*at);
	name[length] = '\0';
	return length > 0;
}

/* The line that declares the encoding, 1 or 2; 0 if none does. */
static int
source_find_cookie(const char *bytes, size_t length, char name[SOURCE_NAME])
{
	const char *at = bytes, *end = bytes + length;

	for (int line = 1; line <= 2 && at < end; line++) {
		while (at < end && source_is_blank(*at))
			at++;
		if (at < end && *at != '#' && *at != '\n' && *at != '\r')
			return 0;
		const char *stop = at;
		while (stop < end && *stop != '\n' && *stop != '\r')
			stop++;
		if (source_read_cookie(at, stop, name))
			return line;
		at = stop + (stop < end);
		if (at < end && at[-1] == '\r' && *at == '\n')
			at++;
	}
	return 0;
}

/* The first byte beyond ASCII; `end` if there is none. */
static const char *
source_skip_ascii(const char *at, const char *end)
{
	for (; end - at >= 32; at += 32) {
		uint64_t words[4];

		memcpy(words, at, sizeof(words));
		if ((words[0] | words[1] | words[2] | words[3]) &
			UINT64_C(0x8080808080808080))
			break;
	}
	while (at < end && !(*at & 0x80))
		at++;
	return at;
}

/* The first byte that is not part of UTF-8; `end` if all are. */
static const char *
source_skip_utf8(const char *at, const char *end)
{
	while ((at = source_skip_ascii(at, end)) < end) {
		size_t used;

		text_decode(at, (size_t)(end - at), &used);
		if (used == 1)
			return at;
		at += used;
	}
	return end;
}

/* Python counts a lone '\r' as the end of a line, as it does '\n' and "\r\n". */
static int
source_line_of(const char *bytes, const char *at)
{
	int line = 1;

	for (; bytes < at; bytes++)
		line += *bytes == '\n' || (*bytes == '\r' && bytes[1] != '\n');
	return line;
}

/* Writes the letters beyond ASCII as UTF-8, or as 0xFF. */
static void
source_recode(struct python_source *source, bool latin1)
{
	const char *at = source->text, *end = at + source->length;
	struct str out = { 0 };

	while (at < end) {
		const char *letter = source_skip_ascii(at, end);
		char encoded[4] = { (char)0xFF };

		str_add_bytes(&out, at, (size_t)(letter - at));
		if (letter == end)
			break;
		str_add_bytes(&out, encoded,
			latin1 ? text_encode((unsigned char)*letter, encoded) : 1);
		at = letter + 1;
	}
	source->owned = out;
	source->text = str_text(&source->owned);
	source->length = source->owned.length;
}

static void
source_join_line_ends(struct python_source *source)
{
	const char *at = source->text, *end = at + source->length;
	struct str out = { 0 };

	while (at < end) {
		const char *stop = memchr(at, '\r', (size_t)(end - at));

		str_add_bytes(&out, at, (size_t)((stop ? stop : end) - at));
		if (!stop)
			break;
		str_add_char(&out, '\n');
		at = stop + 1 + (stop + 1 < end && stop[1] == '\n');
	}
	str_free(&source->owned);
	source->owned = out;
	source->text = str_text(&source->owned);
	source->length = source->owned.length;
}

/* Takes over `problem`. */
static void
source_fail(struct python_source *source, int line, char *problem)
{
	source->problem = problem;
	source->problem_line = line;
}

/* Makes the bytes UTF-8, or says why that can't be done. */
static void
source_decode(struct python_source *source, bool marked)
{
	const char *text = source->text, *end = text + source->length;
	char name[SOURCE_NAME] = "utf-8";
	int line = source_find_cookie(text, source->length, name);
	enum source_encoding encoding = source_encoding_of(name);

	if (marked && encoding != SOURCE_UTF8) {
		source_fail(source, line,
			alloc_printf("it begins with the mark of UTF-8 and declares "
				     "the encoding %s; Python reads no such file",
				name));
		return;
	}
	const char *other = encoding == SOURCE_UTF8 ? source_skip_utf8(text, end)
						    : source_skip_ascii(text, end);
	if (encoding == SOURCE_FOREIGN)
		source_fail(source, line,
			alloc_printf("it declares the encoding %s, which isn't known "
				     "here; save it as UTF-8",
				name));
	else if (other == end)
		return;
	else if (encoding == SOURCE_UTF8 || encoding == SOURCE_ASCII)
		source_fail(source, source_line_of(text, other),
			alloc_printf("the byte 0x%02X is not %s; Python reads no such "
				     "file: save it as UTF-8 or declare its encoding",
				(unsigned char)*other,
				encoding == SOURCE_UTF8 ? "UTF-8" : "ASCII"));
	else if (encoding == SOURCE_DOUBLE)
		source_fail(source, source_line_of(text, other),
			alloc_printf("only ASCII can be read of the encoding %s that "
				     "it declares; save it as UTF-8",
				name));
	else
		source_recode(source, encoding == SOURCE_LATIN1);
}

void
python_source_open(const char *bytes, size_t length, struct python_source *source)
{
	bool marked = length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0;

	*source = (struct python_source){
		.text = length == 0 ? "" : bytes + (marked ? 3 : 0),
		.length = length - (marked ? 3 : 0),
	};
	const char *zero = memchr(source->text, '\0', source->length);
	if (zero)
		source_fail(source, source_line_of(source->text, zero),
			alloc_copy("it has a zero byte; Python reads no such file"));
	else
		source_decode(source, marked);
	if (source->problem) {
		source->text = "";
		source->length = 0;
	} else if (memchr(source->text, '\r', source->length)) {
		source_join_line_ends(source);
	}
}

void
python_source_free(struct python_source *source)
{
	str_free(&source->owned);
	free(source->problem);
	*source = (struct python_source){ 0 };
}
