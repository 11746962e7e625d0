#include "pgrunbook/model/markdown_out.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/text.h"

static bool
is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || (c & 0x80);
}

/* Adds clean text; `start` says that it stands where a block could begin. */
static void
add_escaped(struct str *out, const char *text, size_t length, bool start)
{
	size_t first = strspn(text, " ");

	for (size_t i = 0; i < length; i++) {
		char before = i > 0 ? text[i - 1] : ' ';
		char after = i + 1 < length ? text[i + 1] : ' ';
		/* alembic_version needs no backslash: within a word '_' is no markup.
		 */
		bool inner = text[i] == '_' && is_word(before) && is_word(after);
		bool begins = start && i == first && strchr("#+-=", text[i]);

		if (begins || (strchr("\\`*_[]<>|~&", text[i]) && !inner))
			str_add_char(out, '\\');
		/* "1. x" and "1) x" begin a list. */
		if (start && i > first && strchr(".)", text[i]) && after == ' ' &&
			first + strspn(text + first, "0123456789") == i)
			str_add_char(out, '\\');
		str_add_char(out, text[i]);
	}
}

void
markdown_add_text(struct str *out, const char *text)
{
	char *clean = text_sanitized(text);
	size_t skip = strspn(clean, " ");

	add_escaped(out, clean + skip, strlen(clean + skip), true);
	free(clean);
}

/* The longest run of backquotes in it. */
static size_t
longest_run(const char *text)
{
	size_t longest = 0;

	for (size_t run; *text; text += run ? run : 1) {
		run = strspn(text, "`");
		if (run > longest)
			longest = run;
	}
	return longest;
}

void
markdown_add_code(struct str *out, const char *text)
{
	char *clean = text_sanitized(text);
	size_t ticks = longest_run(clean) + 1;
	/* A blank on either side goes away again, and parts backquotes from the mark.
	 */
	bool pad = *clean == '\0' || *clean == '`' || clean[strlen(clean) - 1] == '`';

	for (size_t i = 0; i < ticks; i++)
		str_add_char(out, '`');
	if (pad)
		str_add_char(out, ' ');
	for (const char *c = clean; *c; c++) {
		if (*c == '|') /* a cell's end even within code */
			str_add_char(out, '\\');
		str_add_char(out, *c);
	}
	if (pad)
		str_add_char(out, ' ');
	for (size_t i = 0; i < ticks; i++)
		str_add_char(out, '`');
	free(clean);
}

/* Sanitised, without line breaks at its end; the caller owns it. */
static char *
clean_lines(const char *text)
{
	struct str clean = { 0 };

	text_sanitize_lines(text, strlen(text), &clean);
	while (clean.length > 0 && clean.bytes[clean.length - 1] == '\n')
		clean.bytes[--clean.length] = '\0';
	return str_take(&clean);
}

static void
add_lines(struct str *out, const char *indent, const char *clean, bool quoted)
{
	for (const char *at = clean;; at++) {
		size_t length = strcspn(at, "\n");

		str_add(out, indent);
		if (quoted) {
			str_add(out, "> ");
			add_escaped(out, at, length, true);
		} else {
			str_add_bytes(out, at, length);
		}
		str_add_char(out, '\n');
		at += length;
		if (*at == '\0')
			return;
	}
}

void
markdown_add_fence(
	struct str *out, const char *indent, const char *language, const char *text)
{
	char *clean = clean_lines(text);
	size_t ticks = longest_run(clean);

	ticks = ticks < 3 ? 3 : ticks + 1;
	str_add(out, indent);
	for (size_t i = 0; i < ticks; i++)
		str_add_char(out, '`');
	str_printf(out, "%s\n", language);
	add_lines(out, indent, clean, false);
	str_add(out, indent);
	for (size_t i = 0; i < ticks; i++)
		str_add_char(out, '`');
	str_add_char(out, '\n');
	free(clean);
}

void
markdown_add_quote(struct str *out, const char *indent, const char *text)
{
	char *clean = clean_lines(text);

	add_lines(out, indent, clean, true);
	free(clean);
}
