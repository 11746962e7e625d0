/*
 * The tokens of a bash script, without any meaning: words with their quotes and
 * substitutions as they stand, operators, line ends with the heredocs they carry,
 * comments.  Splitting and judging commands are built on it.
 */
#ifndef PGRUNBOOK_MODEL_SHELL_LEX_H
#define PGRUNBOOK_MODEL_SHELL_LEX_H

#include <stdbool.h>
#include <stddef.h>

enum shell_token_kind {
	SHELL_END,
	SHELL_WORD,
	SHELL_OPERATOR, /* with the number of a file descriptor before it: 2>& */
	SHELL_NEWLINE,	/* with the bodies of the heredocs that were asked for before */
	SHELL_COMMENT,
	SHELL_BAD /* a quote, a substitution or a heredoc without an end */
};

struct shell_token {
	enum shell_token_kind kind;
	size_t start, end;
};

enum { SHELL_LEX_HEREDOCS = 4 };

/* Set bytes, length and at; the rest starts as zero. */
struct shell_lexer {
	const char *bytes;
	size_t length;
	size_t at;
	struct shell_heredoc {
		size_t start, end;	/* of the delimiter's word */
		bool tabs;		/* <<-: tabs before the delimiter don't count */
	} heredocs[SHELL_LEX_HEREDOCS]; /* asked for, and not read yet */
	size_t heredoc_count;
	bool wants_delimiter, wants_tabs; /* the next word is a heredoc's delimiter */
};

/* The next token.  After SHELL_END and SHELL_BAD there is nothing more to ask. */
void shell_lex(struct shell_lexer *lexer, struct shell_token *token);

/* Is the token these bytes exactly? */
bool shell_token_is(const struct shell_lexer *lexer, const struct shell_token *token,
	const char *text);

/*
 * The end of what starts at `at` and belongs together: a quoted text, $(...), ${...},
 * `...`, a character after a backslash; at + 1 for any other byte.  SIZE_MAX if it has
 * no end.
 */
size_t shell_lex_piece(const char *bytes, size_t length, size_t at);

#endif
