#include "pgrunbook/model/quick_text.h"

#include <string.h>

#include "pgrunbook/model/python_lex.h"

/* What a byte may be part of. */
enum {
	BLANK = 1, /* blanks, operators: nothing that a body is looked at for */
	DIGIT = 2,
	LETTER = 4,
	TELLING = 8 /* the letter that both names have which matter in a body */
};

enum { o = 0, P = BLANK, D = DIGIT, N = LETTER, K = TELLING };

/* By ASCII code, sixteen in a row. */
static const unsigned char quick_kinds[256] = {
	o, o, o, o, o, o, o, o, o, P, o, o, o, o, o, o, /* \t */
	o, o, o, o, o, o, o, o, o, o, o, o, o, o, o, o, /* control characters */
	P, P, o, o, P, P, P, o, o, o, P, P, P, P, P, P, /* blank ! $ % & * + , - . / */
	D, D, D, D, D, D, D, D, D, D, P, P, P, P, P, P, /* 0-9 : ; < = > ? */
	P, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, /* @ A-O */
	N, N, N, N, N, N, N, N, N, N, N, o, o, o, P, N, /* P-Z ^ _ */
	o, N, K, N, N, N, N, N, N, N, N, N, N, N, N, N, /* a-o */
	N, N, N, N, N, N, N, N, N, N, N, o, P, o, P, o, /* p-z | ~ */
};

static inline bool
quick_is_any(char byte, unsigned kinds)
{
	return quick_kinds[(unsigned char)byte] & kinds;
}

bool
quick_is_quote(const struct quick_text *text)
{
	return quick_peek(text) == '"' || quick_peek(text) == '\'';
}

size_t
quick_name(struct quick_text *text)
{
	const char *start = text->at, *at = start, *end = text->end;

	if (at == end || !quick_is_any(*at, LETTER | TELLING))
		return 0;
	do {
		at++;
	} while (at < end && quick_is_any(*at, LETTER | TELLING | DIGIT));
	text->at = at;
	return (size_t)(at - start);
}

void
quick_blanks(struct quick_text *text)
{
	const char *at = text->at, *end = text->end;

	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	text->at = at;
}

static void
quick_comment(struct quick_text *text)
{
	const char *line = memchr(text->at, '\n', (size_t)(text->end - text->at));

	text->at = line ? line : text->end;
}

bool
quick_line_end(struct quick_text *text)
{
	quick_blanks(text);
	if (quick_peek(text) == '#')
		quick_comment(text);
	if (text->at == text->end)
		return true;
	if (*text->at != '\n')
		return false;
	text->at++;
	text->line++;
	return true;
}

bool
quick_ends(const struct quick_text *text)
{
	struct quick_text ahead = *text;

	return quick_line_end(&ahead);
}

/* A string in triple quotes without a backslash. */
static bool
quick_triple(struct quick_text *text, const char **start, size_t *length)
{
	const char *at = text->at + 3, *end = text->end;
	char quote = *text->at;

	*start = at;
	for (;; at++) {
		at = memchr(at, quote, (size_t)(end - at));
		if (!at || end - at < 3)
			return false;
		if (at[1] == quote && at[2] == quote)
			break;
	}
	*length = (size_t)(at - *start);
	text->at = at + 3;
	if (memchr(*start, '\\', *length))
		return false;
	for (const char *line = *start;
		(line = memchr(line, '\n', (size_t)(at - line))); line++)
		text->line++;
	return true;
}

/* The quote that closes a string on one line; NULL if there is none. */
static const char *
quick_close(const char *at, const char *end, char quote, bool *plain)
{
	const char *close = memchr(at, quote, (size_t)(end - at));
	size_t length = close ? (size_t)(close - at) : 0;

	*plain = !memchr(at, '\\', length);
	if (*plain)
		return close && !memchr(at, '\n', length) ? close : NULL;
	for (; at < end && *at != quote; at++)
		if (*at == '\n' || (*at == '\\' && (++at == end || *at == '\n')))
			return NULL;
	return at < end ? at : NULL;
}

bool
quick_string(struct quick_text *text, const char **start, size_t *length, bool *plain)
{
	const char *at = text->at, *end = text->end;
	char quote = *at++;

	*plain = true;
	if (end - at >= 2 && at[0] == quote && at[1] == quote)
		return quick_triple(text, start, length);
	const char *close = quick_close(at, end, quote, plain);
	if (!close)
		return false;
	*start = at;
	*length = (size_t)(close - at);
	text->at = close + 1;
	return true;
}

/* A string with a prefix, which may have fields: the lexer knows where it ends. */
static bool
quick_prefixed(struct quick_text *text, const char *start)
{
	struct python_lexer lexer;

	python_lexer_start(&lexer, start, (size_t)(text->end - start));
	if (lexer.token.kind != PYTHON_STRING || lexer.problem)
		return false;
	text->at = start + lexer.token.length;
	text->line += lexer.line - 1;
	return true;
}

/* A string whose quote the reader stands on; its prefix has been passed. */
static bool
quick_code_string(struct quick_text *text)
{
	const char *prefix = text->at, *start;
	size_t length;
	bool plain;

	while (prefix > text->start &&
		quick_is_any(prefix[-1], LETTER | TELLING | DIGIT))
		prefix--;
	while (quick_is_any(*prefix, DIGIT))
		prefix++;
	if (prefix < text->at && text->at - prefix <= 2)
		return quick_prefixed(text, prefix);
	return quick_string(text, &start, &length, &plain);
}

/* Whether `word` stands around its letter number `index`, on which the reader is. */
static bool
quick_is_around(const struct quick_text *text, const char *word, size_t index)
{
	size_t length = strlen(word);

	return (size_t)(text->at - text->start) >= index &&
	       (size_t)(text->end - text->at) >= length - index &&
	       memcmp(text->at - index, word, length) == 0;
}

static inline bool
quick_tells(const struct quick_text *text)
{
	return quick_is_around(text, "global", 3) ||
	       quick_is_around(text, "autocommit_block", 11);
}

/* What the reader stands on has a meaning of its own in a body. */
static bool
quick_special(struct quick_text *text, size_t *depth)
{
	switch (*text->at) {
	case '"':
	case '\'':
		return quick_code_string(text);
	case '#':
		quick_comment(text);
		return true;
	case '(':
	case '[':
	case '{':
		++*depth;
		break;
	case ')':
	case ']':
	case '}':
		if ((*depth)-- == 0)
			return false;
		break;
	case 'b':
		if (quick_tells(text))
			return false;
		break;
	case '\\':
		text->at++;
		if (text->at == text->end || *text->at != '\n')
			return false;
		text->line++;
		break;
	default:
		return false;
	}
	text->at++;
	return true;
}

bool
quick_skip_line(struct quick_text *text)
{
	size_t depth = 0;

	for (;;) {
		const char *at = text->at, *end = text->end;

		while (at < end && quick_is_any(*at, BLANK | DIGIT | LETTER))
			at++;
		text->at = at;
		if (at == end)
			return depth == 0;
		if (*at == '\n') {
			text->at++;
			text->line++;
			if (depth == 0)
				return true;
		} else if (!quick_special(text, &depth)) {
			return false;
		}
	}
}
