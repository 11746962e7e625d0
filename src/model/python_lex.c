#include "pgrunbook/model/python_lex.h"

#include <string.h>

/* f-strings within f-strings; Python's own limit is 150. */
enum { LEX_NESTING = 32, LEX_TAB = 8, LEX_CHARACTER_NAME = 128 };

/* What a string's prefix says. */
struct lex_prefix {
	bool raw, formatted;
};

static const char *lex_skip_string(struct python_lexer *lexer, const char *at,
	struct lex_prefix prefix, int nesting);
static const char *lex_skip_field(
	struct python_lexer *lexer, const char *at, int nesting);

static bool
lex_is_name_start(unsigned char c)
{
	return (unsigned char)((c | 0x20) - 'a') < 26 || c == '_' || c >= 0x80;
}

static bool
lex_is_digit(unsigned char c)
{
	return (unsigned char)(c - '0') < 10;
}

static bool
lex_is_name(unsigned char c)
{
	return lex_is_name_start(c) || lex_is_digit(c);
}

static void
lex_fail(struct python_lexer *lexer, const char *problem, int line)
{
	if (!lexer->problem) {
		lexer->problem = problem;
		lexer->problem_line = line;
	}
}

/* Whether a name just before a quote is a string's prefix, and what it means. */
static bool
lex_read_prefix(const char *start, size_t length, struct lex_prefix *prefix)
{
	*prefix = (struct lex_prefix){ 0 };
	if (length > 2)
		return false;
	for (size_t i = 0; i < length; i++) {
		switch (start[i] | 0x20) {
		case 'r':
			prefix->raw = true;
			break;
		case 'f':
		case 't':
			prefix->formatted = true;
			break;
		case 'b':
		case 'u':
			break;
		default:
			return false;
		}
	}
	return true;
}

/* The format after the colon of a replacement field, up to its '}'. */
static const char *
lex_skip_format(struct python_lexer *lexer, const char *at, int nesting)
{
	while (at < lexer->end && *at != '}') {
		if (*at == '{') {
			at = lex_skip_field(lexer, at + 1, nesting + 1);
			continue;
		}
		lexer->line += *at++ == '\n';
	}
	return at < lexer->end ? at + 1 : at;
}

/* A name in a replacement field; it may turn out to be the prefix of a string. */
static const char *
lex_skip_field_name(struct python_lexer *lexer, const char *at, int nesting)
{
	const char *start = at;
	struct lex_prefix prefix;

	while (at < lexer->end && lex_is_name((unsigned char)*at))
		at++;
	if (at < lexer->end && (*at == '"' || *at == '\'') &&
		lex_read_prefix(start, (size_t)(at - start), &prefix))
		return lex_skip_string(lexer, at, prefix, nesting);
	return at;
}

/* A replacement field of an f-string: from after its '{' to after its '}'. */
static const char *
lex_skip_field(struct python_lexer *lexer, const char *at, int nesting)
{
	int depth = 0;

	if (nesting > LEX_NESTING) {
		lex_fail(lexer, "f-strings are nested too deep", lexer->line);
		return lexer->end;
	}
	while (at < lexer->end) {
		char c = *at;

		if (lex_is_name((unsigned char)c)) {
			at = lex_skip_field_name(lexer, at, nesting);
			continue;
		}
		if (c == '"' || c == '\'') {
			at = lex_skip_string(
				lexer, at, (struct lex_prefix){ 0 }, nesting);
			continue;
		}
		at++;
		if (c == '}' && depth == 0)
			return at;
		if (c == ':' && depth == 0)
			return lex_skip_format(lexer, at, nesting);
		if (c == '(' || c == '[' || c == '{')
			depth++;
		else if (c == ')' || c == ']' || c == '}')
			depth -= depth > 0;
		else if (c == '\n')
			lexer->line++;
		else if (c == '#')
			while (at < lexer->end && *at != '\n')
				at++;
	}
	return at;
}

/* The length of what stands at a backslash or a brace of a string. */
static const char *
lex_skip_special(struct python_lexer *lexer, const char *at, struct lex_prefix prefix,
	int nesting)
{
	size_t left = (size_t)(lexer->end - at);

	if (*at == '\\') {
		if (left < 2)
			return lexer->end;
		/* A brace after a backslash still opens a field, except in \N{NAME}. */
		if (prefix.formatted && at[1] == '{')
			return at + 1;
		if (prefix.formatted && !prefix.raw && at[1] == 'N' && left > 2 &&
			at[2] == '{') {
			size_t most =
				left < LEX_CHARACTER_NAME ? left : LEX_CHARACTER_NAME;
			const char *close = memchr(at, '}', most);
			if (close)
				return close + 1;
		}
		lexer->line += at[1] == '\n';
		return at + 2;
	}
	if (left > 1 && at[1] == '{')
		return at + 2;
	return lex_skip_field(lexer, at + 1, nesting + 1);
}

/* From a string's first quote to after its last. */
static const char *
lex_skip_string(struct python_lexer *lexer, const char *at, struct lex_prefix prefix,
	int nesting)
{
	char quote = *at;
	bool triple = lexer->end - at >= 3 && at[1] == quote && at[2] == quote;
	int line = lexer->line;

	at += triple ? 3 : 1;
	while (at < lexer->end) {
		char c = *at;

		if (c == quote) {
			if (!triple)
				return at + 1;
			if (lexer->end - at >= 3 && at[1] == quote && at[2] == quote)
				return at + 3;
			at++;
		} else if (c == '\\' || (c == '{' && prefix.formatted)) {
			at = lex_skip_special(lexer, at, prefix, nesting);
		} else if (c == '\n') {
			if (!triple)
				break;
			lexer->line++;
			at++;
		} else {
			at++;
		}
	}
	lex_fail(lexer,
		triple ? "a string in triple quotes never ends" : "a string never ends",
		line);
	return at;
}

/* The length of the operator at `at`; the long ones that mean something else when cut.
 */
static size_t
lex_operator_length(const char *at, size_t left)
{
	static const char *const operators[] = { "...",
		"**=", "//=", ">>=", "<<=", "->", ":=", "==", "!=", "<=", ">=", "+=",
		"-=", "*=", "/=", "%=", "@=", "&=", "|=", "^=", "**", "//", ">>",
		"<<" };

	char next = left < 2 ? '\0' : at[1];
	if (next != '=' && next != '.' && next != '*' && next != '/' && next != '>' &&
		next != '<')
		return 1;
	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++) {
		size_t length = strlen(operators[i]);

		if (length <= left && memcmp(at, operators[i], length) == 0)
			return length;
	}
	return 1;
}

/* Counts brackets, so that a newline within them ends nothing. */
static void
lex_count_bracket(struct python_lexer *lexer, struct python_token *token)
{
	switch (*token->start) {
	case '(':
	case '[':
	case '{':
		if (lexer->depth++ == 0)
			lexer->open_line = token->line;
		break;
	case ')':
	case ']':
	case '}':
		if (lexer->depth == 0)
			lex_fail(lexer, "a bracket closes that was never opened",
				token->line);
		else
			token->depth = --lexer->depth;
		break;
	default:
		break;
	}
}

/* Skips blanks, comments and joined lines; true if a logical line ended on the way. */
static bool
lex_skip_blanks(struct python_lexer *lexer, int *column)
{
	const char *at = lexer->at;
	int joined = 0; /* a line that goes on has the indentation of its first part */
	bool ended = false;

	*column = 0;
	while (at < lexer->end) {
		char c = *at;

		if (c == ' ' || c == '\f') {
			*column = c == ' ' ? *column + 1 : 0;
		} else if (c == '\t') {
			*column += LEX_TAB - *column % LEX_TAB;
		} else if (c == '\n') {
			lexer->line++;
			*column = joined = 0;
			if (lexer->depth == 0 && !lexer->line_start) {
				lexer->line_start = ended = true;
				at++;
				break;
			}
		} else if (c == '#') {
			const char *line = memchr(at, '\n', (size_t)(lexer->end - at));
			at = line ? line : lexer->end;
			continue;
		} else if (c == '\\' && at + 1 < lexer->end && at[1] == '\n') {
			joined = joined ? joined : *column;
			at++;
			lexer->line++;
		} else {
			break;
		}
		at++;
	}
	if (joined)
		*column = joined;
	lexer->at = at;
	return ended;
}

/* The end of digits, '_' between them included. */
static const char *
lex_skip_digits(const struct python_lexer *lexer, const char *at)
{
	while (at < lexer->end && (lex_is_digit((unsigned char)*at) || *at == '_'))
		at++;
	return at;
}

/* The end of the number at `at`; what follows may be a keyword, as in `1if x else 2`.
 */
static const char *
lex_skip_number(const struct python_lexer *lexer, const char *at)
{
	const char *end = lexer->end;
	char base = end - at > 1 && *at == '0' ? (char)(at[1] | 0x20) : '\0';

	if (base == 'x' || base == 'o' || base == 'b') {
		for (at += 2; at < end; at++) {
			unsigned char letter = (unsigned char)((*at | 0x20) - 'a');

			if (!lex_is_digit((unsigned char)*at) && *at != '_' &&
				(base != 'x' || letter > 5))
				break;
		}
		return at;
	}
	at = lex_skip_digits(lexer, at);
	if (at < end && *at == '.')
		at = lex_skip_digits(lexer, at + 1);
	if (at < end && (*at | 0x20) == 'e') {
		const char *power = at + 1;

		power += power < end && (*power == '+' || *power == '-');
		if (power < end && lex_is_digit((unsigned char)*power))
			at = lex_skip_digits(lexer, power);
	}
	/* `1jif x`... ends at the j; the l of Python 2 is left to what follows */
	return at + (at < end && (*at | 0x20) == 'j');
}

/* The token that begins at lexer->at; sets its kind and its end. */
static void
lex_read_token(struct python_lexer *lexer, struct python_token *token)
{
	const char *start = lexer->at, *at = start;
	unsigned char c = (unsigned char)*start;
	struct lex_prefix prefix = { 0 };

	if (lex_is_name_start(c)) {
		token->kind = PYTHON_NAME;
		while (at < lexer->end && lex_is_name((unsigned char)*at))
			at++;
		if (at < lexer->end && (*at == '"' || *at == '\'') &&
			lex_read_prefix(start, (size_t)(at - start), &prefix)) {
			token->kind = PYTHON_STRING;
			at = lex_skip_string(lexer, at, prefix, 0);
		}
	} else if (c == '"' || c == '\'') {
		token->kind = PYTHON_STRING;
		at = lex_skip_string(lexer, at, prefix, 0);
	} else if (lex_is_digit(c) || (c == '.' && at + 1 < lexer->end &&
					      lex_is_digit((unsigned char)at[1]))) {
		token->kind = PYTHON_NUMBER;
		at = lex_skip_number(lexer, at);
	} else {
		token->kind = PYTHON_OPERATOR;
		at += lex_operator_length(at, (size_t)(lexer->end - at));
		lex_count_bracket(lexer, token);
	}
	token->length = (size_t)(at - start);
	lexer->at = at;
}

void
python_lexer_next(struct python_lexer *lexer)
{
	struct python_token *token = &lexer->token;
	int line = lexer->line, column;

	if (lex_skip_blanks(lexer, &column)) {
		*token = (struct python_token){ .kind = PYTHON_NEWLINE,
			.start = lexer->at,
			.line = line,
			.column = -1 };
		return;
	}
	*token = (struct python_token){ .kind = PYTHON_END,
		.start = lexer->at,
		.line = lexer->line,
		.column = lexer->line_start ? column : -1,
		.depth = lexer->depth };
	if (lexer->at < lexer->end) {
		lexer->line_start = false;
		lex_read_token(lexer, token);
	} else if (lexer->depth) {
		lex_fail(lexer, "a bracket is never closed", lexer->open_line);
		lexer->depth = 0;
	}
	if (token->kind == PYTHON_END && !lexer->line_start) {
		lexer->line_start = true;
		token->kind = PYTHON_NEWLINE;
		token->depth = 0;
	}
}

void
python_lexer_start(struct python_lexer *lexer, const char *text, size_t length)
{
	*lexer = (struct python_lexer){
		.at = text,
		.end = text + length,
		.line = 1,
		.line_start = true,
	};
	python_lexer_next(lexer);
}

bool
python_token_is_augmented(const struct python_token *token)
{
	return token->kind == PYTHON_OPERATOR && token->length >= 2 &&
	       token->start[token->length - 1] == '=' &&
	       !strchr("=!:", token->start[0]) &&
	       !(token->length == 2 && strchr("<>", token->start[0]));
}

void
python_skip_statement(struct python_lexer *lexer)
{
	while (!python_token_ends(&lexer->token))
		python_lexer_next(lexer);
}

void
python_skip_line(struct python_lexer *lexer)
{
	while (lexer->token.kind != PYTHON_NEWLINE && lexer->token.kind != PYTHON_END)
		python_lexer_next(lexer);
}

void
python_block_open(struct python_lexer *lexer, int column, struct python_block *block)
{
	const struct python_token *token = &lexer->token;
	bool colon = false;

	while (!colon && token->kind != PYTHON_NEWLINE && token->kind != PYTHON_END) {
		colon = token->depth == 0 && python_token_is(token, ":");
		python_lexer_next(lexer);
	}
	*block = (struct python_block){ .column = column,
		.rest = token->kind != PYTHON_NEWLINE };
}

bool
python_block_line(struct python_lexer *lexer, struct python_block *block)
{
	bool first = !block->begun;

	block->begun = true;
	if (block->rest)
		return first;
	python_lexer_next(lexer); /* the newline */
	return lexer->token.kind != PYTHON_END && lexer->token.column > block->column;
}
