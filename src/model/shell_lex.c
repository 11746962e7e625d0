#include "pgrunbook/model/shell_lex.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

/* Nested deeper than any command that people write, and far from the stack's end. */
enum { NESTING_MAX = 40 };

struct span {
	const char *bytes;
	size_t length;
};

static size_t piece_end(struct span text, size_t at, int depth);

static size_t
single_end(struct span text, size_t at, bool escapes)
{
	for (; at < text.length; at++) {
		if (escapes && text.bytes[at] == '\\')
			at++;
		else if (text.bytes[at] == '\'')
			return at + 1;
	}
	return SIZE_MAX;
}

static size_t
backtick_end(struct span text, size_t at)
{
	for (; at < text.length; at++) {
		if (text.bytes[at] == '\\')
			at++;
		else if (text.bytes[at] == '`')
			return at + 1;
	}
	return SIZE_MAX;
}

static size_t
double_end(struct span text, size_t at, int depth)
{
	while (at < text.length) {
		char c = text.bytes[at];

		if (c == '"')
			return at + 1;
		if (c == '\'')
			at++;
		else if (c == '$' && at + 1 < text.length &&
			 (text.bytes[at + 1] == '\'' || text.bytes[at + 1] == '"'))
			at++;
		else
			at = piece_end(text, at, depth);
	}
	return SIZE_MAX; /* also when a piece had no end */
}

/* From after the opening bracket to after the one that closes it. */
static size_t
bracket_end(struct span text, size_t at, char open, char close, int depth)
{
	size_t level = 1;

	while (at < text.length) {
		char c = text.bytes[at];

		if (c == '#' && open == '(' &&
			isspace((unsigned char)text.bytes[at - 1])) {
			while (at < text.length && text.bytes[at] != '\n')
				at++;
			continue;
		}
		if (c == open)
			level++;
		else if (c == close && --level == 0)
			return at + 1;
		at = piece_end(text, at, depth);
	}
	return SIZE_MAX;
}

static size_t
dollar_end(struct span text, size_t at, int depth)
{
	switch (at + 1 < text.length ? text.bytes[at + 1] : '\0') {
	case '(':
		return bracket_end(text, at + 2, '(', ')', depth);
	case '{':
		return bracket_end(text, at + 2, '{', '}', depth);
	case '\'':
		return single_end(text, at + 2, true);
	default:
		return at + 1;
	}
}

static size_t
piece_end(struct span text, size_t at, int depth)
{
	if (depth > NESTING_MAX)
		return SIZE_MAX;
	switch (text.bytes[at]) {
	case '\\':
		return at + 1 < text.length ? at + 2 : SIZE_MAX;
	case '\'':
		return single_end(text, at + 1, false);
	case '"':
		return double_end(text, at + 1, depth + 1);
	case '`':
		return backtick_end(text, at + 1);
	case '$':
		return dollar_end(text, at, depth + 1);
	default:
		return at + 1;
	}
}

size_t
shell_lex_piece(const char *bytes, size_t length, size_t at)
{
	return piece_end((struct span){ .bytes = bytes, .length = length }, at, 0);
}

bool
shell_token_is(const struct shell_lexer *lexer, const struct shell_token *token,
	const char *text)
{
	size_t length = strlen(text);

	return token->end - token->start == length &&
	       memcmp(lexer->bytes + token->start, text, length) == 0;
}

/* The operator that begins at `at`; 0: none. */
static size_t
operator_length(const struct shell_lexer *lexer, size_t at)
{
	static const char *const operators[] = { "<<<", "<<-", "&>>", ";;&", "&&", "||",
		"|&", ";;", ";&", "<<", "<(", ">(", ">>", ">&", ">|", "<&", "<>", "&>",
		"|", "&", ";", "<", ">", "(", ")" };

	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		size_t length = strlen(operators[i]);

		if (lexer->length - at >= length &&
			memcmp(lexer->bytes + at, operators[i], length) == 0)
			return length;
	}
	return 0;
}

/* The end of the word that begins at `at`; SIZE_MAX if a piece of it has no end. */
static size_t
word_end(const struct shell_lexer *lexer, size_t at)
{
	struct span text = { .bytes = lexer->bytes, .length = lexer->length };

	while (at < lexer->length) {
		char c = lexer->bytes[at];

		if (c == '(' && lexer->bytes[at - 1] == '=') /* an array: A=(b c) */
			at = bracket_end(text, at + 1, '(', ')', 0);
		else if (strchr(" \t\n;&|<>()", c) != NULL && c != '\0')
			break;
		else
			at = piece_end(text, at, 0);
		if (at == SIZE_MAX)
			break;
	}
	return at;
}

/* Is the line from..to the heredoc's delimiter?  Its quotes don't count. */
static bool
line_is_delimiter(const struct shell_lexer *lexer, const struct shell_heredoc *heredoc,
	size_t from, size_t to)
{
	size_t at = heredoc->start;

	while (heredoc->tabs && from < to && lexer->bytes[from] == '\t')
		from++;
	for (; at < heredoc->end; at++) {
		if (strchr("'\"\\", lexer->bytes[at]) != NULL)
			continue;
		if (from == to || lexer->bytes[from] != lexer->bytes[at])
			return false;
		from++;
	}
	return from == to;
}

/* Reads the bodies after a line end at `at`; SIZE_MAX if one has no end. */
static size_t
heredocs_end(struct shell_lexer *lexer, size_t at)
{
	for (size_t i = 0; i < lexer->heredoc_count; i++) {
		bool found = false;

		while (!found && at < lexer->length) {
			const char *newline =
				memchr(lexer->bytes + at, '\n', lexer->length - at);
			size_t to = newline != NULL ? (size_t)(newline - lexer->bytes)
						    : lexer->length;

			found = line_is_delimiter(lexer, &lexer->heredocs[i], at, to);
			at = to < lexer->length ? to + 1 : to;
		}
		if (!found)
			return SIZE_MAX;
	}
	lexer->heredoc_count = 0;
	return at;
}

static void
lex_newline(struct shell_lexer *lexer, struct shell_token *token)
{
	token->kind = SHELL_NEWLINE;
	token->end = heredocs_end(lexer, token->start + 1);
}

static void
lex_operator(struct shell_lexer *lexer, struct shell_token *token, size_t length)
{
	token->kind = SHELL_OPERATOR;
	token->end += length;
	if (shell_token_is(lexer, token, "<<") || shell_token_is(lexer, token, "<<-")) {
		lexer->wants_delimiter = true;
		lexer->wants_tabs = shell_token_is(lexer, token, "<<-");
	}
}

static void
lex_word(struct shell_lexer *lexer, struct shell_token *token)
{
	size_t at = token->start;
	size_t length;

	token->kind = SHELL_WORD;
	while (at < lexer->length && isdigit((unsigned char)lexer->bytes[at]))
		at++;
	if (at > token->start && at < lexer->length &&
		(lexer->bytes[at] == '<' || lexer->bytes[at] == '>')) {
		length = operator_length(lexer, at);
		token->end = at;
		token->start = at; /* "2>&1" acts as ">&1" does */
		lex_operator(lexer, token, length);
		return;
	}
	token->end = word_end(lexer, token->start);
	if (!lexer->wants_delimiter || token->end == SIZE_MAX)
		return;
	lexer->wants_delimiter = false;
	if (lexer->heredoc_count == SHELL_LEX_HEREDOCS) {
		token->end = SIZE_MAX;
		return;
	}
	lexer->heredocs[lexer->heredoc_count++] = (struct shell_heredoc){
		.start = token->start, .end = token->end, .tabs = lexer->wants_tabs
	};
}

static void
skip_blanks(struct shell_lexer *lexer)
{
	const char *bytes = lexer->bytes;

	while (lexer->at < lexer->length) {
		size_t left = lexer->length - lexer->at;

		if (bytes[lexer->at] == ' ' || bytes[lexer->at] == '\t')
			lexer->at++;
		else if (left > 1 && memcmp(bytes + lexer->at, "\\\n", 2) == 0)
			lexer->at += 2;
		else
			break;
	}
}

/* The whole of ((...)) when the brackets close together; 0 if they don't. */
static size_t
arithmetic_end(const struct shell_lexer *lexer, size_t at)
{
	struct span text = { .bytes = lexer->bytes, .length = lexer->length };
	size_t end;

	if (lexer->length - at < 2 || memcmp(lexer->bytes + at, "((", 2) != 0)
		return 0;
	end = bracket_end(text, at + 1, '(', ')', 0);
	return end != SIZE_MAX && lexer->bytes[end - 2] == ')' ? end : 0;
}

void
shell_lex(struct shell_lexer *lexer, struct shell_token *token)
{
	size_t length;
	char c;

	skip_blanks(lexer);
	*token = (struct shell_token){ .start = lexer->at, .end = lexer->at };
	if (lexer->at == lexer->length) {
		token->kind = lexer->heredoc_count > 0 ? SHELL_BAD : SHELL_END;
		return;
	}
	c = lexer->bytes[lexer->at];
	length = operator_length(lexer, lexer->at);
	if (c == '\n') {
		lex_newline(lexer, token);
	} else if (c == '#') {
		token->kind = SHELL_COMMENT;
		while (token->end < lexer->length && lexer->bytes[token->end] != '\n')
			token->end++;
	} else if (arithmetic_end(lexer, lexer->at) > 0) {
		token->kind = SHELL_WORD;
		token->end = arithmetic_end(lexer, lexer->at);
	} else if (length > 0) {
		lex_operator(lexer, token, length);
	} else {
		lex_word(lexer, token);
	}
	if (token->end == SIZE_MAX) {
		token->kind = SHELL_BAD;
		token->end = lexer->length;
	}
	lexer->at = token->end;
}
