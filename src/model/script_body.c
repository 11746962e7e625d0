#include "pgrunbook/model/script_body.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"

/* Calls within calls, and batches open in one function; more are not followed. */
enum { BODY_NESTING = 8, BODY_ALIASES = 8 };

/* How far a name of the form op.NAME( has been read. */
enum body_reference {
	REFERENCE_NONE,
	REFERENCE_MODULE, /* op */
	REFERENCE_DOT,	  /* op. or op.add. */
	REFERENCE_NAME	  /* op.add_column */
};

/* A call whose bracket is open. */
struct body_call {
	int depth; /* of its bracket */
	int line;
	size_t start, open; /* where it begins and opens in reader.text */
	bool batch;	    /* of an object that batch_alter_table gave */
};

struct body_reader {
	struct python_lexer *lexer;
	struct python_token operations;
	struct script_function *function;
	enum body_reference reference;
	struct body_call pending; /* the reference's own, until its bracket opens */
	struct body_call calls[BODY_NESTING];
	size_t call_count;
	struct python_token aliases[BODY_ALIASES]; /* with ... as NAME */
	size_t alias_count;
	struct str text;  /* the outermost call or reference so far, on one line */
	const char *last; /* the end of the token before */
	bool after_dot, after_batch, after_as;
	bool decided; /* what the body is */
};

static bool
token_same(const struct python_token *a, const struct python_token *b)
{
	return a->length == b->length && memcmp(a->start, b->start, a->length) == 0;
}

void
script_function_free(struct script_function *function)
{
	for (size_t i = 0; i < function->call_count; i++) {
		free(function->calls[i].name);
		free(function->calls[i].text);
	}
	free(function->calls);
	*function = (struct script_function){ 0 };
}

static bool
body_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
body_opens(char c)
{
	return c == '(' || c == '[' || c == '{';
}

/* Appends a token's text; line breaks in a string become one blank with what's around.
 */
static void
body_add_token(struct str *text, const struct python_token *token)
{
	const char *at = token->start, *end = token->start + token->length;

	while (at < end) {
		const char *line = memchr(at, '\n', (size_t)(end - at));
		const char *stop = line ? line : end;

		while (line && stop > at && body_is_blank(stop[-1]))
			stop--;
		str_add_bytes(text, at, (size_t)(stop - at));
		if (!line)
			return;
		for (at = line; at < end && body_is_blank(*at);)
			at++;
		str_add_char(text, ' ');
	}
}

/* Appends the token with the blank before it, if it has one that isn't layout. */
static void
body_add_text(struct body_reader *reader)
{
	const struct python_token *token = &reader->lexer->token;
	struct str *text = &reader->text;
	bool closes = token->kind == PYTHON_OPERATOR && strchr(")]}", *token->start);

	if (text->length && reader->last && token->start > reader->last) {
		bool opened = body_opens(text->bytes[text->length - 1]);
		bool layout = memchr(reader->last, '\n',
				      (size_t)(token->start - reader->last)) != NULL;

		if (!layout || (!opened && !closes))
			str_add_char(text, ' ');
	}
	body_add_token(text, token);
}

/* A call's bracket has closed: it goes into the function's list, after those within it.
 */
static void
body_close_call(struct body_reader *reader)
{
	struct script_function *function = reader->function;
	const struct body_call *call = &reader->calls[--reader->call_count];
	const char *start = reader->text.bytes + call->start;
	const char *dot = memchr(start, '.', call->open - call->start);
	size_t length = (size_t)(reader->text.bytes + call->open - dot) - 1;
	char *name = alloc_copy_bytes(dot + 1, length);

	reader->after_batch = strcmp(name, "batch_alter_table") == 0;
	if (strcmp(name, "f") == 0) { /* marks a name as final; does nothing */
		free(name);
		return;
	}
	if (call->batch) {
		char *whole = alloc_printf("batch.%s", name);
		free(name);
		name = whole;
	}
	function->calls = alloc_room(function->calls, function->call_count,
		&function->call_capacity, sizeof(*function->calls));
	function->calls[function->call_count++] = (struct script_call){
		.name = name,
		.text = alloc_copy_bytes(start, reader->text.length - call->start),
		.line = call->line,
	};
}

static bool
body_begins_reference(struct body_reader *reader)
{
	const struct python_token *token = &reader->lexer->token;

	if (token->kind != PYTHON_NAME || reader->after_dot)
		return false;
	reader->pending =
		(struct body_call){ .depth = token->depth, .line = token->line };
	if (token_same(token, &reader->operations))
		return true;
	for (size_t i = 0; i < reader->alias_count; i++)
		if (token_same(token, &reader->aliases[i]))
			return reader->pending.batch = true;
	return false;
}

/* Follows op.NAME( token by token. */
static void
body_follow_reference(struct body_reader *reader)
{
	const struct python_token *token = &reader->lexer->token;
	bool dot = python_token_is(token, ".");

	if (reader->reference == REFERENCE_DOT && token->kind == PYTHON_NAME) {
		reader->reference = REFERENCE_NAME;
	} else if (reader->reference != REFERENCE_NONE &&
		   reader->reference != REFERENCE_DOT && dot) {
		reader->reference = REFERENCE_DOT;
	} else if (reader->reference == REFERENCE_NAME && python_token_is(token, "(") &&
		   reader->call_count < BODY_NESTING) {
		reader->pending.open = reader->text.length;
		reader->calls[reader->call_count++] = reader->pending;
		reader->reference = REFERENCE_NONE;
	} else if (body_begins_reference(reader)) {
		reader->reference = REFERENCE_MODULE;
		if (reader->call_count == 0)
			str_clear(&reader->text);
		else if (reader->last && token->start > reader->last &&
			 !body_opens(reader->text.bytes[reader->text.length - 1]))
			str_add_char(&reader->text, ' ');
		reader->last = NULL;
		reader->pending.start = reader->text.length;
	} else {
		reader->reference = REFERENCE_NONE;
	}
}

/* `with op.batch_alter_table(...) as NAME`: NAME's calls are operations too. */
static void
body_follow_alias(struct body_reader *reader)
{
	const struct python_token *token = &reader->lexer->token;

	if (reader->after_as && token->kind == PYTHON_NAME &&
		reader->alias_count < BODY_ALIASES)
		reader->aliases[reader->alias_count++] = *token;
	reader->after_as = reader->after_batch && python_token_is(token, "as");
	reader->after_batch = false;
}

/* Looks at the token and moves on. */
static void
body_step(struct body_reader *reader)
{
	struct python_token *token = &reader->lexer->token;

	body_follow_alias(reader);
	body_follow_reference(reader);
	if (!reader->function->commit_line && reader->after_dot &&
		python_token_is(token, "autocommit_block"))
		reader->function->commit_line = token->line;
	if (reader->call_count || reader->reference != REFERENCE_NONE)
		body_add_text(reader);
	while (reader->call_count && token->kind == PYTHON_OPERATOR &&
		*token->start == ')' &&
		token->depth == reader->calls[reader->call_count - 1].depth)
		body_close_call(reader);
	reader->after_dot = python_token_is(token, ".");
	reader->last = token->start + token->length;
	python_lexer_next(reader->lexer);
}

/* Whether the statement ends right after its first token. */
static bool
body_is_single(const struct python_lexer *lexer)
{
	struct python_lexer ahead = *lexer;

	python_lexer_next(&ahead);
	return python_token_ends(&ahead.token);
}

static bool
body_returns_nothing(const struct python_lexer *lexer)
{
	struct python_lexer ahead = *lexer;

	python_lexer_next(&ahead);
	if (python_token_is(&ahead.token, "None"))
		python_lexer_next(&ahead);
	return python_token_ends(&ahead.token);
}

/* Strings and nothing else: a docstring, or a comment in the guise of one. */
static bool
body_is_text(const struct python_lexer *lexer)
{
	struct python_lexer ahead = *lexer;

	while (ahead.token.kind == PYTHON_STRING)
		python_lexer_next(&ahead);
	return python_token_ends(&ahead.token);
}

/* What the statement that begins here makes of the body. */
static void
body_judge(struct body_reader *reader)
{
	const struct python_token *token = &reader->lexer->token;
	static const char *const idle[] = { "import", "from", "global", "nonlocal" };

	if (reader->decided || token->kind == PYTHON_NEWLINE ||
		python_token_is(token, ";"))
		return;
	if (token->kind == PYTHON_STRING && body_is_text(reader->lexer))
		return;
	for (size_t i = 0; i < sizeof(idle) / sizeof(*idle); i++)
		if (python_token_is(token, idle[i]))
			return;
	bool single = body_is_single(reader->lexer);
	if (single &&
		(python_token_is(token, "pass") || python_token_is(token, "...") ||
			token->kind == PYTHON_NUMBER))
		return;
	reader->decided = true;
	if (python_token_is(token, "raise"))
		reader->function->body = BODY_RAISES;
	else if (!python_token_is(token, "return") ||
		 !body_returns_nothing(reader->lexer))
		reader->function->body = BODY_REAL;
}

/* The statements up to the end of the logical line. */
static void
body_read_line(struct body_reader *reader)
{
	const struct python_token *token = &reader->lexer->token;
	bool begins = true;

	while (token->kind != PYTHON_NEWLINE && token->kind != PYTHON_END) {
		if (begins)
			body_judge(reader);
		begins = python_token_ends(token);
		body_step(reader);
	}
	/* What was open can't go on: the line has ended. */
	reader->call_count = 0;
	reader->reference = REFERENCE_NONE;
	reader->after_dot = reader->after_as = reader->after_batch = false;
}

/* Moves behind the colon that ends the header. */
static void
body_skip_header(struct python_lexer *lexer)
{
	while (lexer->token.kind != PYTHON_NEWLINE && lexer->token.kind != PYTHON_END) {
		bool colon =
			lexer->token.depth == 0 && python_token_is(&lexer->token, ":");

		python_lexer_next(lexer);
		if (colon)
			return;
	}
}

void
script_function_read(struct python_lexer *lexer, int column,
	const struct python_token *operations, struct script_function *function)
{
	struct body_reader reader = {
		.lexer = lexer, .operations = *operations, .function = function
	};

	script_function_free(function);
	function->line = lexer->token.line;
	function->body = BODY_EMPTY;
	body_skip_header(lexer);
	if (lexer->token.kind != PYTHON_NEWLINE) {
		body_read_line(&reader);
	} else {
		python_lexer_next(lexer);
		while (lexer->token.kind != PYTHON_END &&
			lexer->token.column > column) {
			body_read_line(&reader);
			python_lexer_next(lexer); /* the newline */
		}
	}
	str_free(&reader.text);
}
