#include "pgrunbook/model/shell_words.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/placeholder.h"
#include "pgrunbook/model/shell_lex.h"

enum {
	NESTING_MAX = 8,
	/* Each level may be read twice, as a substitution and as a script: without an
	 * end to it a short text could keep this busy for hours. */
	READ_FACTOR = 4,
	READ_LEAST = 4096,
};

/* What the next word means. */
enum expected {
	EXPECT_WORD,
	EXPECT_WRITTEN_FILE,
	EXPECT_READ_FILE,
	EXPECT_DESCRIPTOR, /* of >&, but it may also be a file */
	EXPECT_TEXT	   /* of <<< */
};

struct reader {
	struct shell_words *out;
	struct shell_lexer lexer;
	size_t current; /* index of the simple command being read; SIZE_MAX: none yet */
	enum expected expected;
	size_t heredoc_of; /* index of the command that the next heredoc belongs to */
	int depth;
};

static void read_text(
	struct shell_words *out, const char *text, size_t length, int depth);

static struct shell_simple *
current_command(struct reader *reader)
{
	struct shell_words *out = reader->out;

	if (reader->current == SIZE_MAX) {
		out->items = alloc_room(
			out->items, out->count, &out->capacity, sizeof(*out->items));
		reader->current = out->count++;
		out->items[reader->current] =
			(struct shell_simple){ .nested = reader->depth > 0 };
	}
	return &out->items[reader->current];
}

/* A substitution's text becomes commands of its own. */
static void
read_substitution(struct reader *reader, size_t start, size_t end)
{
	const char *bytes = reader->lexer.bytes;

	if (bytes[start] == '`')
		read_text(reader->out, bytes + start + 1, end - start - 2,
			reader->depth + 1);
	else if (end - start > 3 && bytes[start + 1] == '(' && bytes[start + 2] != '(')
		read_text(reader->out, bytes + start + 2, end - start - 3,
			reader->depth + 1);
	else if (bytes[start + 1] == '(' || bytes[start + 1] == '{') {
		/* What is inside may hold substitutions itself. */
		for (size_t at = start + 2; at + 1 < end; at++) {
			size_t to;

			if (bytes[at] != '`' &&
				(bytes[at] != '$' || bytes[at + 1] != '('))
				continue;
			to = shell_lex_piece(bytes, end, at);
			if (to == SIZE_MAX)
				break;
			read_substitution(reader, at, to);
			at = to - 1;
		}
	}
}

/* Adds what a double-quoted text stands for, from..to without the quotes. */
static void
unquote_double(struct reader *reader, size_t from, size_t to, struct str *word)
{
	const char *bytes = reader->lexer.bytes;

	while (from < to) {
		size_t end = from + 1;

		if (bytes[from] == '\\' && strchr("\"$`\\\n", bytes[end]) != NULL) {
			if (bytes[end] != '\n')
				str_add_char(word, bytes[end]);
			from += 2;
			continue;
		}
		if (bytes[from] == '`' || (bytes[from] == '$' && bytes[end] != '\'')) {
			end = shell_lex_piece(bytes, to, from);
			if (end == SIZE_MAX)
				end = from + 1;
			else if (end > from + 1)
				read_substitution(reader, from, end);
		}
		str_add_bytes(word, bytes + from, end - from);
		from = end;
	}
}

static char *
unquote(struct reader *reader, const struct shell_token *token)
{
	const char *bytes = reader->lexer.bytes;
	struct str word = { 0 };
	size_t at = token->start;

	while (at < token->end) {
		size_t end = shell_lex_piece(bytes, token->end, at);

		if (end == SIZE_MAX)
			end = at + 1;
		if (bytes[at] == '\\' && end == at + 2) {
			if (bytes[at + 1] != '\n')
				str_add_char(&word, bytes[at + 1]);
		} else if (bytes[at] == '\'' && end > at + 1) {
			str_add_bytes(&word, bytes + at + 1, end - at - 2);
		} else if (bytes[at] == '"' && end > at + 1) {
			unquote_double(reader, at + 1, end - 1, &word);
		} else {
			if (end > at + 1 && bytes[at + 1] != '\'')
				read_substitution(reader, at, end);
			str_add_bytes(&word, bytes + at, end - at);
		}
		at = end;
	}
	return str_take(&word);
}

static bool
is_shell(const char *word)
{
	static const char *const shells[] = { "bash", "sh", "dash", "zsh", "ksh", "ash",
		"ssh", "su", "eval", "watch" };
	const char *slash = strrchr(word, '/');

	if (slash != NULL)
		word = slash + 1;
	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (strcmp(word, shells[i]) == 0)
			return true;
	}
	return false;
}

/* `bash -c "..."` and its kin: a word with blanks behind a shell is a script. */
static void
read_scripts(struct reader *reader, size_t command)
{
	bool shell = false;

	for (size_t i = 0; i < reader->out->items[command].words.count; i++) {
		/* Reading moves the items: look the word up each time. */
		char *word = alloc_copy(reader->out->items[command].words.items[i]);

		if (shell && strpbrk(word, " \t\n;") != NULL)
			read_text(reader->out, word, strlen(word), reader->depth + 1);
		shell = shell || is_shell(word);
		free(word);
	}
}

static void
end_command(struct reader *reader)
{
	size_t command = reader->current;

	reader->expected = EXPECT_WORD;
	if (command == SIZE_MAX || reader->out->items[command].words.count == 0)
		return; /* nothing yet: a line end after | doesn't begin another */
	reader->current = SIZE_MAX;
	read_scripts(reader, command);
}

static void
read_word(struct reader *reader, const struct shell_token *token)
{
	size_t command;
	char *word;

	current_command(reader);
	command = reader->current;
	word = unquote(reader, token); /* may add commands behind this one */
	switch (reader->expected) {
	case EXPECT_WORD:
		strlist_add_owned(&reader->out->items[command].words, word);
		return;
	case EXPECT_WRITTEN_FILE:
		strlist_add_owned(&reader->out->items[command].writes, word);
		break;
	case EXPECT_DESCRIPTOR:
		if (strspn(word, "0123456789-") == strlen(word))
			free(word);
		else
			strlist_add_owned(&reader->out->items[command].writes, word);
		break;
	case EXPECT_READ_FILE:
		free(word);
		break;
	case EXPECT_TEXT:
		free(reader->out->items[command].heredoc);
		reader->out->items[command].heredoc = word;
		break;
	}
	reader->expected = EXPECT_WORD;
}

static void
read_redirection(struct reader *reader, const struct shell_token *token)
{
	struct shell_simple *simple = current_command(reader);
	const char *at = reader->lexer.bytes + token->start;
	size_t length = token->end - token->start;

	if (at[0] != '<' || shell_token_is(&reader->lexer, token, "<>")) {
		bool descriptor = shell_token_is(&reader->lexer, token, ">&");

		reader->expected = descriptor ? EXPECT_DESCRIPTOR : EXPECT_WRITTEN_FILE;
		return;
	}
	simple->fed = true;
	reader->expected = EXPECT_READ_FILE;
	if (shell_token_is(&reader->lexer, token, "<<<"))
		reader->expected = EXPECT_TEXT;
	else if (length > 1 && at[1] == '<')
		reader->heredoc_of = reader->current;
}

static void
read_operator(struct reader *reader, const struct shell_token *token)
{
	const char *at = reader->lexer.bytes + token->start;
	size_t length = token->end - token->start;
	char second = length > 1 ? at[1] : '\0';

	if (second != '(' && (at[0] == '<' || at[0] == '>' || second == '>')) {
		read_redirection(reader, token);
		return;
	}
	if (length == 1 && at[0] == '&')
		current_command(reader)->in_background = true;
	end_command(reader);
	if (at[0] == '|' && !shell_token_is(&reader->lexer, token, "||"))
		current_command(reader)->fed = true;
}

static void
read_newline(struct reader *reader, const struct shell_token *token)
{
	size_t start = token->start + 1;

	if (token->end > start && reader->heredoc_of != SIZE_MAX) {
		struct shell_simple *simple = &reader->out->items[reader->heredoc_of];

		free(simple->heredoc);
		simple->heredoc = alloc_copy_bytes(
			reader->lexer.bytes + start, token->end - start);
	}
	reader->heredoc_of = SIZE_MAX;
	end_command(reader);
}

static void
read_text(struct shell_words *out, const char *text, size_t length, int depth)
{
	struct reader reader = {
		.out = out,
		.lexer = { .bytes = text, .length = length },
		.current = SIZE_MAX,
		.heredoc_of = SIZE_MAX,
		.depth = depth,
	};
	struct shell_token token;

	if (depth > NESTING_MAX || length > out->left) {
		out->unclear = true;
		return;
	}
	out->left -= length;
	do {
		shell_lex(&reader.lexer, &token);
		if (token.kind == SHELL_WORD)
			read_word(&reader, &token);
		else if (token.kind == SHELL_OPERATOR)
			read_operator(&reader, &token);
		else if (token.kind == SHELL_NEWLINE)
			read_newline(&reader, &token);
	} while (token.kind != SHELL_END && token.kind != SHELL_BAD);
	end_command(&reader);
	out->unclear = out->unclear || token.kind == SHELL_BAD;
}

void
shell_words_read(const char *command, struct shell_words *words)
{
	char *neutral = placeholder_neutral(command);

	*words = (struct shell_words){
		.left = READ_LEAST + READ_FACTOR * strlen(neutral),
	};
	read_text(words, neutral, strlen(neutral), 0);
	free(neutral);
}

void
shell_words_free(struct shell_words *words)
{
	for (size_t i = 0; i < words->count; i++) {
		strlist_free(&words->items[i].words);
		strlist_free(&words->items[i].writes);
		free(words->items[i].heredoc);
	}
	free(words->items);
	*words = (struct shell_words){ 0 };
}
