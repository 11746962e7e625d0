/*
 * Splits SQL into statements with respect to quotes, dollar quotes, nested comments and
 * brackets.  What can't be split safely (data of COPY, bodies in BEGIN ATOMIC) is kept
 * whole and said to be doubtful.
 */
#ifndef PGRUNBOOK_MODEL_SQL_SPLIT_H
#define PGRUNBOOK_MODEL_SQL_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

struct sql_statement {
	char *text;  /* the exact bytes, without the ';' and comments before it */
	char *title; /* the comment right above it, without its marks; NULL: none */
	int line;    /* from 1, within the text */
	bool meta;   /* a command of psql: \dt */
	bool doubtful;
};

struct sql_split {
	struct sql_statement *statements;
	size_t count, capacity;
};

void sql_split(const char *bytes, size_t length, struct sql_split *split);
void sql_split_free(struct sql_split *split);

enum sql_token_kind {
	SQL_END,
	SQL_WORD,    /* an identifier or keyword without quotes; also $1 and numbers */
	SQL_QUOTED,  /* '...', "...", $$...$$; to the end of the text if it isn't closed
		      */
	SQL_COMMENT, /* to the end of the text if it isn't closed */
	SQL_SYMBOL   /* any other byte */
};

struct sql_token {
	enum sql_token_kind kind;
	size_t start, end;
	bool open; /* the quote or comment has no end */
};

/* The next token from *at on, which moves behind it. */
void sql_lex(const char *bytes, size_t length, size_t *at, struct sql_token *token);

#endif
