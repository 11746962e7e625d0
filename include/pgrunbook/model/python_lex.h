/*
 * The tokens of Python source, as far as version files need them: enough to know where
 * a string, a comment, a bracket and a logical line begin and end, for every Python
 * from 2.7 to 3.14.  Nothing is copied or allocated: tokens point into the source.
 *
 * The lexer is a plain value; a copy of it is a place to come back to.
 */
#ifndef PGRUNBOOK_MODEL_PYTHON_LEX_H
#define PGRUNBOOK_MODEL_PYTHON_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum python_token_kind {
	PYTHON_END,
	PYTHON_NEWLINE, /* the end of a logical line; never twice in a row */
	PYTHON_NAME,	/* keywords too */
	PYTHON_NUMBER,
	PYTHON_STRING, /* one literal with its prefix and quotes */
	PYTHON_OPERATOR
};

struct python_token {
	enum python_token_kind kind;
	const char *start;
	size_t length;
	int line;
	int column; /* the indentation, if it is the first of its logical line; else -1
		     */
	int depth;  /* brackets open around it; its own pair doesn't count */
};

struct python_lexer {
	struct python_token token; /* the one to look at */
	const char *at, *end;	   /* what follows it */
	int line;
	int depth;
	int open_line; /* of the outermost bracket that is open */
	bool line_start;
	const char *problem; /* the first thing that is no Python; NULL: fine */
	int problem_line;
};

/*
 * Takes the text of a python_source (model/python_source.h), which must outlive the
 * lexer.  Stands on the first token afterwards.
 */
void python_lexer_start(struct python_lexer *lexer, const char *text, size_t length);
void python_lexer_next(struct python_lexer *lexer);

/*
 * Whether the token is this name or this operator.  Every token is held against many
 * words: inline, the compiler makes a comparison of a few bytes of each.
 */
static inline bool
python_token_is(const struct python_token *token, const char *text)
{
	size_t length = strlen(text);

	return token->length == length && memcmp(token->start, text, length) == 0 &&
	       (token->kind == PYTHON_NAME || token->kind == PYTHON_OPERATOR);
}

/* Whether the token ends a simple statement: a newline, the end, or a semicolon. */
static inline bool
python_token_ends(const struct python_token *token)
{
	return token->kind == PYTHON_NEWLINE || token->kind == PYTHON_END ||
	       (token->kind == PYTHON_OPERATOR && *token->start == ';' &&
		       token->depth == 0);
}

/* An operator like "+=", which binds again what it reads. */
bool python_token_is_augmented(const struct python_token *token);

/* Moves to the token that ends the simple statement, or to the newline or end. */
void python_skip_statement(struct python_lexer *lexer);
void python_skip_line(struct python_lexer *lexer);

/* What belongs to the header of a def: lines that are deeper, or the rest of its own.
 */
struct python_block {
	int column; /* of the header */
	bool rest;  /* what stands behind the colon, and no lines */
	bool begun;
};

/* The lexer stands in a header whose line begins at `column`: moves behind its colon.
 */
void python_block_open(
	struct python_lexer *lexer, int column, struct python_block *block);
/*
 * Moves to the first token of the block's next line from the end of one; false at the
 * block's end.
 */
bool python_block_line(struct python_lexer *lexer, struct python_block *block);

#endif
