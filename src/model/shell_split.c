#include "pgrunbook/model/shell_split.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/shell_lex.h"

enum {
	/* A script of this size is no list of commands to walk through. */
	FENCE_MAX = 16 * 1024,
	COMPOUND_MAX = 32,
};

struct comments {
	struct str remarks; /* blocks that are known to belong to no command */
	struct str block;   /* the block being read */
	bool attached;	    /* the block stands right below a command */
};

static bool
begins_with_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	return strncasecmp(text, word, length) == 0 &&
	       !isalpha((unsigned char)text[length]);
}

/* What a command prints is told in a comment below it, not above the next one. */
static bool
is_about_output(const char *text)
{
	static const char *const words[] = { "output", "expected", "error", "result",
		"returns", "prints", "shows" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (begins_with_word(text, words[i]))
			return true;
	}
	return false;
}

static void
block_to_remarks(struct comments *comments)
{
	if (comments->block.length == 0)
		return;
	if (comments->remarks.length > 0)
		str_add_char(&comments->remarks, '\n');
	str_add(&comments->remarks, str_text(&comments->block));
	str_clear(&comments->block);
}

/* "2. ..." begins something new, whatever stands above it. */
static bool
is_numbered(const char *bytes, size_t length)
{
	size_t digits = 0;

	while (digits < length && isdigit((unsigned char)bytes[digits]))
		digits++;
	return digits > 0 && digits < length &&
	       (bytes[digits] == '.' || bytes[digits] == ')');
}

/* One comment line; without `joins` it begins a block of its own. */
static void
comment_add(struct comments *comments, const char *bytes, size_t length, bool joins,
	bool attached)
{
	while (length > 0 && (bytes[0] == '#' || bytes[0] == ' ' || bytes[0] == '\t')) {
		bytes++;
		length--;
	}
	while (length > 0 && isspace((unsigned char)bytes[length - 1]))
		length--;
	if (!joins || is_numbered(bytes, length)) {
		block_to_remarks(comments);
		comments->attached = attached;
	}
	if (length == 0)
		return;
	if (comments->block.length > 0)
		str_add_char(&comments->block, ' ');
	str_add_bytes(&comments->block, bytes, length);
}

/* The block above a command is its title, unless it speaks of the command before. */
static char *
comments_title(struct comments *comments, bool gap)
{
	const char *text = str_text(&comments->block);

	if (comments->block.length == 0)
		return NULL;
	if (comments->attached && (gap || is_about_output(text))) {
		block_to_remarks(comments);
		return NULL;
	}
	return str_take(&comments->block);
}

static char *
taken_or_null(struct str *text)
{
	return text->length > 0 ? str_take(text) : NULL;
}

/* The compound statements that a command has opened, by what closes them. */
struct nesting {
	const char *closers[COMPOUND_MAX];
	size_t count;
	bool starts;   /* the next word stands where a command begins */
	bool goes_on;  /* a line end doesn't end the command: after | and && */
	bool is_wrong; /* closed what wasn't open, or too deep */
};

static void
nesting_open(struct nesting *nesting, const char *closer)
{
	if (nesting->count == COMPOUND_MAX)
		nesting->is_wrong = true;
	else
		nesting->closers[nesting->count++] = closer;
}

static bool
nesting_top_is(const struct nesting *nesting, const char *closer)
{
	const char *top =
		nesting->count > 0 ? nesting->closers[nesting->count - 1] : NULL;

	return top != NULL && strcmp(top, closer) == 0;
}

static void
nesting_close(struct nesting *nesting, const char *closer)
{
	if (nesting_top_is(nesting, closer))
		nesting->count--;
	else
		nesting->is_wrong = true;
}

/* Reserved words where a command begins open and close compound statements. */
static void
nesting_word(struct nesting *nesting, const struct shell_lexer *lexer,
	const struct shell_token *token)
{
	static const struct {
		const char *word, *opens, *closes;
		bool starts; /* a command follows */
	} reserved[] = {
		{ .word = "if", .opens = "fi", .starts = true },
		{ .word = "while", .opens = "done", .starts = true },
		{ .word = "until", .opens = "done", .starts = true },
		{ .word = "for", .opens = "done" },
		{ .word = "select", .opens = "done" },
		{ .word = "case", .opens = "esac" },
		{ .word = "{", .opens = "}", .starts = true },
		{ .word = "[[", .opens = "]]" },
		{ .word = "then", .starts = true },
		{ .word = "else", .starts = true },
		{ .word = "elif", .starts = true },
		{ .word = "do", .starts = true },
		{ .word = "!", .starts = true },
		{ .word = "time", .starts = true },
		{ .word = "fi", .closes = "fi" },
		{ .word = "done", .closes = "done" },
		{ .word = "esac", .closes = "esac" },
		{ .word = "}", .closes = "}" },
	};

	if (nesting_top_is(nesting, "]]")) { /* only words, until it is closed */
		if (shell_token_is(lexer, token, "]]"))
			nesting->count--;
		return;
	}
	if (!nesting->starts)
		return;
	nesting->starts = false;
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		if (!shell_token_is(lexer, token, reserved[i].word))
			continue;
		if (reserved[i].opens != NULL)
			nesting_open(nesting, reserved[i].opens);
		if (reserved[i].closes != NULL)
			nesting_close(nesting, reserved[i].closes);
		nesting->starts = reserved[i].starts;
		return;
	}
}

static bool
is_redirection(const struct shell_lexer *lexer, const struct shell_token *token)
{
	char first = lexer->bytes[token->start], second = '\0';

	if (token->end - token->start > 1)
		second = lexer->bytes[token->start + 1];
	return second != '(' && (first == '<' || first == '>' || second == '>');
}

static void
nesting_operator(struct nesting *nesting, const struct shell_lexer *lexer,
	const struct shell_token *token)
{
	if (is_redirection(lexer, token))
		return;
	nesting->goes_on = shell_token_is(lexer, token, "|") ||
			   shell_token_is(lexer, token, "|&") ||
			   shell_token_is(lexer, token, "||") ||
			   shell_token_is(lexer, token, "&&");
	nesting->starts = true;
	if (shell_token_is(lexer, token, ")")) {
		if (!nesting_top_is(nesting, "esac")) /* else a pattern of case */
			nesting_close(nesting, ")");
		nesting->starts = nesting_top_is(nesting, "esac");
	} else if (lexer->bytes[token->end - 1] == '(') {
		nesting_open(nesting, ")");
	}
}

/* `name ()` defines a function: its body follows, maybe on the next line. */
static bool
skip_function_brackets(struct shell_lexer *lexer)
{
	struct shell_lexer ahead = *lexer;
	struct shell_token open, close;

	shell_lex(&ahead, &open);
	if (open.kind != SHELL_OPERATOR || !shell_token_is(&ahead, &open, "("))
		return false;
	shell_lex(&ahead, &close);
	if (close.kind != SHELL_OPERATOR || !shell_token_is(&ahead, &close, ")"))
		return false;
	*lexer = ahead;
	return true;
}

/*
 * Reads one command from the lexer's place on.  False if it isn't understood.  *end is
 * after its last byte, `beside` the comment behind it on its last line.
 */
static bool
command_end(struct shell_lexer *lexer, size_t *end, struct shell_token *beside)
{
	struct nesting nesting = { .starts = true };
	struct shell_token token;

	*end = lexer->at;
	*beside = (struct shell_token){ .kind = SHELL_END };
	for (;;) {
		shell_lex(lexer, &token);
		switch (token.kind) {
		case SHELL_BAD:
			return false;
		case SHELL_END:
			return nesting.count == 0 && !nesting.goes_on &&
			       !lexer->wants_delimiter;
		case SHELL_COMMENT:
			*beside = token;
			continue;
		case SHELL_NEWLINE:
			if (token.end > token.start + 1) /* with heredocs */
				*end = token.end;
			if (nesting.count == 0 && !nesting.goes_on)
				return !lexer->wants_delimiter;
			nesting.starts = true;
			continue;
		case SHELL_WORD:
			nesting.goes_on = false;
			if (nesting.starts && skip_function_brackets(lexer))
				nesting.goes_on = true;
			else
				nesting_word(&nesting, lexer, &token);
			break;
		case SHELL_OPERATOR:
			nesting_operator(&nesting, lexer, &token);
			break;
		}
		*end = lexer->at;
		if (nesting.is_wrong)
			return false;
	}
}

static void
split_add(struct shell_split *split, const char *bytes, size_t start, size_t end,
	struct comments *comments, bool gap, bool doubtful)
{
	struct shell_command *command;
	int line = 1;

	while (end > start && isspace((unsigned char)bytes[end - 1]))
		end--;
	for (size_t i = 0; i < start; i++)
		line += bytes[i] == '\n';
	split->commands = alloc_room(split->commands, split->count, &split->capacity,
		sizeof(*split->commands));
	command = &split->commands[split->count++];
	*command = (struct shell_command){
		.text = alloc_copy_bytes(bytes + start, end - start),
		.title = comments_title(comments, gap),
		.line = line,
		.doubtful = doubtful,
	};
	command->remarks = taken_or_null(&comments->remarks);
}

/* Without a comment above it, the one beside a command is its title. */
static void
split_title_beside(struct shell_split *split, const struct shell_lexer *lexer,
	const struct shell_token *beside)
{
	struct shell_command *command = &split->commands[split->count - 1];
	struct comments comments = { 0 };

	if (command->title != NULL || beside->kind != SHELL_COMMENT)
		return;
	comment_add(&comments, lexer->bytes + beside->start,
		beside->end - beside->start, false, false);
	command->title = taken_or_null(&comments.block);
	str_free(&comments.block);
}

/* Where the reader of a fence stands between two commands. */
struct place {
	int blank_lines;    /* line ends since the last comment or command */
	bool after_command; /* the last thing was a command */
};

static void
split_commands(
	struct shell_lexer *lexer, struct shell_split *split, struct comments *comments)
{
	struct place place = { .blank_lines = 0 };

	for (;;) {
		struct shell_lexer before = *lexer;
		struct shell_token token;
		struct shell_token beside;
		size_t end;
		bool good;

		shell_lex(lexer, &token);
		if (token.kind == SHELL_END)
			return;
		if (token.kind == SHELL_NEWLINE) {
			place.blank_lines++;
			continue;
		}
		if (token.kind == SHELL_COMMENT) {
			comment_add(comments, lexer->bytes + token.start,
				token.end - token.start,
				place.blank_lines <= 1 && !place.after_command,
				place.after_command && place.blank_lines == 0);
			place = (struct place){ .blank_lines = 0 };
			continue;
		}
		*lexer = before;
		lexer->at = token.start;
		good = command_end(lexer, &end, &beside);
		if (!good)
			end = lexer->length;
		split_add(split, lexer->bytes, token.start, end, comments,
			place.blank_lines > 1, !good);
		if (good)
			split_title_beside(split, lexer, &beside);
		if (!good)
			return;
		/* The command took its own line end, a comment leaves it. */
		place = (struct place){ .after_command = true };
	}
}

void
shell_split(const char *bytes, size_t length, struct shell_split *split)
{
	struct shell_lexer lexer = { .bytes = bytes };
	struct comments comments = { 0 };

	*split = (struct shell_split){ 0 };
	while (length > 0 && isspace((unsigned char)bytes[length - 1]))
		length--;
	lexer.length = length;
	if (length > FENCE_MAX || memchr(bytes, '\0', length) != NULL ||
		(length > 2 && memcmp(bytes, "#!", 2) == 0))
		split_add(split, bytes, 0, length, &comments, false, true);
	else
		split_commands(&lexer, split, &comments);
	block_to_remarks(&comments);
	split->remarks = taken_or_null(&comments.remarks);
	str_free(&comments.block);
	str_free(&comments.remarks);
}

void
shell_split_free(struct shell_split *split)
{
	for (size_t i = 0; i < split->count; i++) {
		free(split->commands[i].text);
		free(split->commands[i].title);
		free(split->commands[i].remarks);
	}
	free(split->commands);
	free(split->remarks);
	*split = (struct shell_split){ 0 };
}
