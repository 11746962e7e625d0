#include "pgrunbook/model/python_function.h"

#include <ctype.h>

#include "pgrunbook/model/python_scan.h"

/* What is being found out about a function. */
struct body_reader {
	struct python_lexer *lexer;
	struct script_function *function;
	struct python_scope *scope;
	bool decided;  /* what the body is */
	bool backdoor; /* it may bind any name */
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

/* A constant and nothing else: a docstring, "...", a comment in the guise of one. */
static bool
body_is_constant(const struct body_reader *reader)
{
	static const struct python_scope nothing = { 0 };
	struct python_lexer ahead = *reader->lexer;
	struct python_value value = { 0 };

	/* Strings that can't be decoded do nothing either, unless they have fields. */
	while (ahead.token.kind == PYTHON_STRING &&
		!python_string_is_formatted(&ahead.token))
		python_lexer_next(&ahead);
	if (ahead.token.start != reader->lexer->token.start &&
		python_token_ends(&ahead.token))
		return true;
	ahead = *reader->lexer;
	python_value_read(&ahead, &nothing, true, &value);
	bool constant = value.kind > PYTHON_FUNCTION && python_token_ends(&ahead.token);
	python_value_free(&value);
	return constant;
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
	for (size_t i = 0; i < sizeof(idle) / sizeof(*idle); i++)
		if (python_token_is(token, idle[i]))
			return;
	if (python_token_is(token, "pass") && body_is_single(reader->lexer))
		return;
	if (!(token->kind == PYTHON_NAME && islower((unsigned char)*token->start)) &&
		body_is_constant(reader))
		return; /* a name in small letters is none of None, True, False */
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

/* The names of a `global` statement, which the lexer stands on. */
static void
body_read_global(struct python_lexer lexer, struct python_scope *scope)
{
	for (python_lexer_next(&lexer); !python_token_ends(&lexer.token);
		python_lexer_next(&lexer))
		if (lexer.token.kind == PYTHON_NAME)
			python_scope_reach(scope, &lexer.token);
}

/* The statements up to the end of the logical line. */
static void
body_read_line(struct body_reader *reader)
{
	const struct python_token *token = &reader->lexer->token;
	struct python_token before = { 0 }, earlier = { 0 };
	bool begins = true;

	while (token->kind != PYTHON_NEWLINE && token->kind != PYTHON_END) {
		bool after_dot = before.length == 1 && python_token_is(&before, ".");

		if (begins)
			body_judge(reader);
		if (token->kind == PYTHON_NAME) {
			body_note_commit(reader, after_dot);
			if (!after_dot && python_token_is(token, "global"))
				body_read_global(*reader->lexer, reader->scope);
		}
		reader->backdoor |= before.kind == PYTHON_NAME &&
				    python_token_is_backdoor(&before, &earlier, token);
		begins = python_token_ends(token);
		earlier = before;
		before = *token;
		python_lexer_next(reader->lexer);
	}
	reader->backdoor |= before.kind == PYTHON_NAME &&
			    python_token_is_backdoor(&before, &earlier, token);
}

bool
python_function_read(struct python_lexer *lexer, int column,
	struct python_function *function, struct python_scope *scope)
{
	struct body_reader reader = {
		.lexer = lexer, .function = &function->body, .scope = scope
	};
	struct python_block block;

	function->body = (struct script_function){ .line = function->at.token.line,
		.body = BODY_EMPTY };
	python_block_open(lexer, column, &block);
	while (python_block_line(lexer, &block))
		body_read_line(&reader);
	return reader.backdoor;
}
