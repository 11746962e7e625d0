#include "pgrunbook/model/sql_split.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"

static bool
is_word_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (c & 0x80) != 0;
}

/* To after the closing quote; two of them stand for one.  `escapes`: E'...'. */
static size_t
quoted_end(const char *bytes, size_t length, size_t at, bool escapes, bool *open)
{
	char quote = bytes[at++];

	while (at < length) {
		if (escapes && bytes[at] == '\\' && at + 1 < length)
			at++;
		else if (bytes[at] == quote && at + 1 < length &&
			 bytes[at + 1] == quote)
			at++;
		else if (bytes[at] == quote)
			return at + 1;
		at++;
	}
	*open = true;
	return length;
}

/* The length of the $tag$ at `at`; 0 if there is none. */
static size_t
dollar_tag(const char *bytes, size_t length, size_t at)
{
	size_t end = at + 1;

	if (end < length && isdigit((unsigned char)bytes[end]))
		return 0;
	while (end < length && is_word_byte(bytes[end]))
		end++;
	return end < length && bytes[end] == '$' ? end + 1 - at : 0;
}

static size_t
dollar_end(const char *bytes, size_t length, size_t at, size_t tag, bool *open)
{
	const char *close =
		memmem(bytes + at + tag, length - at - tag, bytes + at, tag);

	*open = close == NULL;
	return close != NULL ? (size_t)(close - bytes) + tag : length;
}

/* Block comments nest in PostgreSQL. */
static size_t
comment_end(const char *bytes, size_t length, size_t at, bool *open)
{
	size_t level = 0;

	if (bytes[at] == '-') {
		while (at < length && bytes[at] != '\n')
			at++;
		return at;
	}
	while (at + 1 < length) {
		if (bytes[at] == '/' && bytes[at + 1] == '*') {
			level++;
			at += 2;
		} else if (bytes[at] == '*' && bytes[at + 1] == '/') {
			at += 2;
			if (--level == 0)
				return at;
		} else {
			at++;
		}
	}
	*open = true;
	return length;
}

static bool
pair_at(const char *bytes, size_t length, size_t at, const char *pair)
{
	return length - at > 1 && bytes[at] == pair[0] && bytes[at + 1] == pair[1];
}

void
sql_lex(const char *bytes, size_t length, size_t *at, struct sql_token *token)
{
	size_t tag;

	while (*at < length && isspace((unsigned char)bytes[*at]))
		++*at;
	*token = (struct sql_token){ .kind = SQL_END, .start = *at, .end = *at };
	if (*at == length)
		return;
	if (pair_at(bytes, length, *at, "--") || pair_at(bytes, length, *at, "/*")) {
		token->kind = SQL_COMMENT;
		token->end = comment_end(bytes, length, *at, &token->open);
	} else if (bytes[*at] == '\'' || bytes[*at] == '"') {
		token->kind = SQL_QUOTED;
		token->end = quoted_end(bytes, length, *at, false, &token->open);
	} else if ((bytes[*at] == 'e' || bytes[*at] == 'E') && length - *at > 1 &&
		   bytes[*at + 1] == '\'') {
		token->kind = SQL_QUOTED;
		token->end = quoted_end(bytes, length, *at + 1, true, &token->open);
	} else if (bytes[*at] == '$' && (tag = dollar_tag(bytes, length, *at)) > 0) {
		token->kind = SQL_QUOTED;
		token->end = dollar_end(bytes, length, *at, tag, &token->open);
	} else if (is_word_byte(bytes[*at])) {
		token->kind = SQL_WORD;
		while (token->end < length &&
			(is_word_byte(bytes[token->end]) || bytes[token->end] == '$'))
			token->end++;
	} else {
		token->kind = SQL_SYMBOL;
		token->end = *at + 1;
	}
	*at = token->end;
}

/* The statement being read. */
struct reader {
	const char *bytes;
	size_t length, at;
	struct sql_split *split;
	struct str comment; /* above the statement */
	size_t comment_end;
	size_t start, end; /* of the statement so far; equal: nothing yet */
	size_t words;	   /* of it */
	int brackets;
	bool begin, copy, from; /* the words before: BEGIN, COPY ... FROM */
	bool doubtful;		/* its end isn't known: all the rest belongs to it */
};

static bool
token_is(const struct reader *reader, const struct sql_token *token, const char *word)
{
	size_t length = strlen(word);

	return token->end - token->start == length &&
	       strncasecmp(reader->bytes + token->start, word, length) == 0;
}

static void
statement_end(struct reader *reader, bool meta)
{
	struct sql_split *split = reader->split;
	size_t end = reader->end;
	int line = 1;

	while (end > reader->start && isspace((unsigned char)reader->bytes[end - 1]))
		end--;
	for (size_t i = 0; i < reader->start; i++)
		line += reader->bytes[i] == '\n';
	if (end > reader->start) {
		split->statements = alloc_room(split->statements, split->count,
			&split->capacity, sizeof(*split->statements));
		split->statements[split->count++] = (struct sql_statement){
			.text = alloc_copy_bytes(
				reader->bytes + reader->start, end - reader->start),
			.title = reader->comment.length > 0 ? str_take(&reader->comment)
							    : NULL,
			.line = line,
			.meta = meta,
			.doubtful = reader->doubtful,
		};
	}
	str_clear(&reader->comment);
	reader->start = reader->end = reader->at;
	reader->words = 0;
	reader->brackets = 0;
	reader->begin = reader->copy = reader->from = reader->doubtful = false;
}

/* Comment lines that follow each other are one title; a blank line begins another. */
static void
comment_add(struct reader *reader, const struct sql_token *token)
{
	size_t start = token->start + 2, end = token->end;
	int lines = 0;

	if (reader->end > reader->start)
		return; /* inside a statement it is part of its text */
	if (reader->bytes[token->start] == '/' && !token->open)
		end -= 2;
	for (size_t i = reader->comment_end; i < token->start; i++)
		lines += reader->bytes[i] == '\n';
	if (lines > 1)
		str_clear(&reader->comment);
	while (start < end && strchr(" \t\n*-", reader->bytes[start]) != NULL)
		start++;
	while (end > start && isspace((unsigned char)reader->bytes[end - 1]))
		end--;
	if (reader->comment.length > 0 && end > start)
		str_add_char(&reader->comment, ' ');
	for (; start < end; start++)
		str_add_char(&reader->comment,
			reader->bytes[start] == '\n' ? ' ' : reader->bytes[start]);
	reader->comment_end = token->end;
}

static void
word_add(struct reader *reader, const struct sql_token *token)
{
	if (reader->words++ == 0)
		reader->copy = token_is(reader, token, "copy");
	if (reader->begin && token_is(reader, token, "atomic"))
		reader->doubtful = true; /* its semicolons end nothing */
	if (reader->copy && reader->from && token_is(reader, token, "stdin"))
		reader->doubtful = true; /* what follows is data */
	reader->begin = token_is(reader, token, "begin");
	reader->from = token_is(reader, token, "from");
}

/* A command of psql takes its whole line. */
static void
meta_add(struct reader *reader, size_t start)
{
	const char *newline =
		memchr(reader->bytes + start, '\n', reader->length - start);

	reader->start = start;
	reader->end =
		newline != NULL ? (size_t)(newline - reader->bytes) : reader->length;
	reader->at = reader->end;
	statement_end(reader, true);
}

static void
token_add(struct reader *reader, const struct sql_token *token)
{
	char symbol = token->kind == SQL_SYMBOL ? reader->bytes[token->start] : '\0';

	if (token->kind == SQL_COMMENT && !token->open) {
		comment_add(reader, token);
		return;
	}
	if (symbol == ';' && reader->brackets <= 0 && !reader->doubtful) {
		statement_end(reader, false);
		return;
	}
	if (reader->end == reader->start) {
		if (symbol == '\\') {
			meta_add(reader, token->start);
			return;
		}
		reader->start = token->start;
	}
	reader->brackets += (symbol == '(') - (symbol == ')');
	reader->doubtful = reader->doubtful || token->open;
	if (token->kind == SQL_WORD)
		word_add(reader, token);
	reader->end = token->end;
}

void
sql_split(const char *bytes, size_t length, struct sql_split *split)
{
	struct reader reader = { .bytes = bytes, .length = length, .split = split };
	struct sql_token token;

	*split = (struct sql_split){ 0 };
	for (;;) {
		sql_lex(bytes, length, &reader.at, &token);
		if (token.kind == SQL_END)
			break;
		token_add(&reader, &token);
	}
	if (reader.brackets > 0)
		reader.doubtful = true;
	statement_end(&reader, false);
	str_free(&reader.comment);
}

void
sql_split_free(struct sql_split *split)
{
	for (size_t i = 0; i < split->count; i++) {
		free(split->statements[i].text);
		free(split->statements[i].title);
	}
	free(split->statements);
	*split = (struct sql_split){ 0 };
}
