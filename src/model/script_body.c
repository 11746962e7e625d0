#include "pgrunbook/model/script_body.h"

/* What is being found out about a function. */
struct body_reader {
	struct python_lexer *lexer;
	struct script_function *function;
	bool decided; /* what the body is */
};

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

/* `.autocommit_block`: what came before it is committed, whatever fails later. */
static void
body_note_commit(struct body_reader *reader, bool after_dot)
{
	const struct python_token *token = &reader->lexer->token;

	if (after_dot && !reader->function->commit_line &&
		python_token_is(token, "autocommit_block"))
		reader->function->commit_line = token->line;
}

/* The statements up to the end of the logical line. */
static void
body_read_line(struct body_reader *reader)
{
	const struct python_token *token = &reader->lexer->token;
	bool begins = true, after_dot = false;

	while (token->kind != PYTHON_NEWLINE && token->kind != PYTHON_END) {
		if (begins)
			body_judge(reader);
		body_note_commit(reader, after_dot);
		begins = python_token_ends(token);
		after_dot = python_token_is(token, ".");
		python_lexer_next(reader->lexer);
	}
}

void
script_function_read(
	struct python_lexer *lexer, int column, struct script_function *function)
{
	struct body_reader reader = { .lexer = lexer, .function = function };
	struct python_block block;

	*function = (struct script_function){ .line = lexer->token.line,
		.body = BODY_EMPTY };
	python_block_open(lexer, column, &block);
	while (python_block_line(lexer, &block))
		body_read_line(&reader);
}
