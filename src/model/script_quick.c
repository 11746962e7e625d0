#include "pgrunbook/model/script_quick.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/python_lex.h"

/* What a byte of code is; what is nothing of these is left to the long way. */
enum quick_kind {
	QUICK_OTHER,
	QUICK_PLAIN, /* blanks and operators */
	QUICK_DIGIT,
	QUICK_NAME, /* a letter */
	QUICK_QUOTE,
	QUICK_OPEN,
	QUICK_CLOSE,
	QUICK_NEWLINE,
	QUICK_COMMENT,
	QUICK_JOIN /* a backslash */
};

enum { O = QUICK_OTHER, P, D, N, Q, B, C, L, H, J };

/* By ASCII code, sixteen in a row. */
static const unsigned char quick_kinds[256] = {
	O, O, O, O, O, O, O, O, O, P, L, O, O, O, O, O, /* \t \n */
	O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, /* control characters */
	P, P, Q, H, P, P, P, Q, B, C, P, P, P, P, P, P, /* blank ! " # ... . / */
	D, D, D, D, D, D, D, D, D, D, P, P, P, P, P, P, /* 0-9 : ; < = > ? */
	P, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, /* @ A-O */
	N, N, N, N, N, N, N, N, N, N, N, B, J, C, P, N, /* P-Z [ \ ] ^ _ */
	O, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, /* ` a-o */
	N, N, N, N, N, N, N, N, N, N, N, B, P, C, P, O, /* p-z { | } ~ */
};

/*
 * Names that the long way looks at, by length.  Wherever one of them stands but where
 * a usual file has it, the long way must tell what it means there.
 */
static const char *const quick_watched[] = {
	[4] = "execevalvars",
	[6] = "globallocals",
	[7] = "globalssetattrdelattrmodulesupgrade__doc__",
	[8] = "__dict__revision",
	[9] = "_getframedowngrade",
	[10] = "depends_on",
	[11] = "__setattr__",
	[12] = "currentframe",
	[13] = "down_revisionbranch_labels",
	[16] = "autocommit_block",
};

struct quick_reader {
	const char *at, *end;
	int line;
	struct script *script;
};

static enum quick_kind
quick_kind(const struct quick_reader *reader)
{
	return reader->at < reader->end ? quick_kinds[(unsigned char)*reader->at]
					: QUICK_NEWLINE;
}

static inline bool
quick_is_between(char c, enum quick_kind first, enum quick_kind last)
{
	unsigned kind = quick_kinds[(unsigned char)c];

	return kind - first <= last - first;
}

static bool
quick_is(const char *name, size_t length, const char *word)
{
	return strlen(word) == length && memcmp(name, word, length) == 0;
}

static bool
quick_is_watched(const char *name, size_t length)
{
	const char *word = length < sizeof(quick_watched) / sizeof(*quick_watched)
				   ? quick_watched[length]
				   : NULL;

	for (; word && *word; word += length)
		if (*word == *name && memcmp(word, name, length) == 0)
			return true;
	return false;
}

/* Moves behind a name and returns its length; 0 if there is none. */
static size_t
quick_name(struct quick_reader *reader)
{
	const char *start = reader->at, *at = start, *end = reader->end;

	if (at == end || quick_kinds[(unsigned char)*at] != QUICK_NAME)
		return 0;
	while (at < end && quick_is_between(*at, QUICK_DIGIT, QUICK_NAME))
		at++;
	reader->at = at;
	return (size_t)(at - start);
}

static void
quick_blanks(struct quick_reader *reader)
{
	while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t'))
		reader->at++;
}

static void
quick_comment(struct quick_reader *reader)
{
	const char *line = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));

	reader->at = line ? line : reader->end;
}

/* Moves behind the newline, if the line ends here. */
static bool
quick_line_end(struct quick_reader *reader)
{
	quick_blanks(reader);
	if (reader->at < reader->end && *reader->at == '#')
		quick_comment(reader);
	if (reader->at == reader->end)
		return true;
	if (*reader->at != '\n')
		return false;
	reader->at++;
	reader->line++;
	return true;
}

/* Whether the line ends here but for blanks and a comment; doesn't move. */
static bool
quick_ends(const struct quick_reader *reader)
{
	struct quick_reader ahead = *reader;

	return quick_line_end(&ahead);
}

/* A string in triple quotes without a backslash; *text and *length are what it says. */
static bool
quick_triple(struct quick_reader *reader, const char **text, size_t *length)
{
	const char *start = reader->at + 3, *at = start, *end = reader->end;
	char quote = *reader->at;

	for (;; at++) {
		at = memchr(at, quote, (size_t)(end - at));
		if (!at || end - at < 3)
			return false;
		if (at[1] == quote && at[2] == quote)
			break;
	}
	*text = start;
	*length = (size_t)(at - start);
	reader->at = at + 3;
	if (memchr(start, '\\', *length))
		return false;
	for (const char *line = start; (line = memchr(line, '\n', (size_t)(at - line)));
		line++)
		reader->line++;
	return true;
}

/* The quote that closes a string on one line; NULL if there is none. */
static const char *
quick_close(const char *at, const char *end, char quote, bool *plain)
{
	const char *close = memchr(at, quote, (size_t)(end - at));
	size_t length = close ? (size_t)(close - at) : 0;

	*plain = !memchr(at, '\\', length);
	if (*plain)
		return close && !memchr(at, '\n', length) ? close : NULL;
	for (; at < end && *at != quote; at++)
		if (*at == '\n' || (*at == '\\' && (++at == end || *at == '\n')))
			return NULL;
	return at < end ? at : NULL;
}

/* A string without a prefix; *plain if there is no backslash in it. */
static bool
quick_string(
	struct quick_reader *reader, const char **text, size_t *length, bool *plain)
{
	const char *at = reader->at, *end = reader->end;
	char quote = *at++;

	*plain = true;
	if (end - at >= 2 && at[0] == quote && at[1] == quote)
		return quick_triple(reader, text, length);
	const char *close = quick_close(at, end, quote, plain);
	if (!close)
		return false;
	*text = at;
	*length = (size_t)(close - at);
	reader->at = close + 1;
	return true;
}

/* A string with a prefix, which may have fields: the lexer knows where it ends. */
static bool
quick_prefixed(struct quick_reader *reader, const char *start)
{
	struct python_lexer lexer;

	python_lexer_start(&lexer, start, (size_t)(reader->end - start));
	if (lexer.token.kind != PYTHON_STRING || lexer.problem)
		return false;
	reader->at = start + lexer.token.length;
	reader->line += lexer.line - 1;
	return true;
}

static bool
quick_code_name(struct quick_reader *reader)
{
	const char *start = reader->at;
	size_t length = quick_name(reader);

	if (length <= 2 && quick_kind(reader) == QUICK_QUOTE)
		return quick_prefixed(reader, start);
	return !quick_is_watched(start, length);
}

/* Moves behind a backslash and the newline after it. */
static bool
quick_join(struct quick_reader *reader)
{
	if (reader->end - reader->at < 2 || reader->at[1] != '\n')
		return false;
	reader->at += 2;
	reader->line++;
	return true;
}

static void
quick_plain(struct quick_reader *reader)
{
	const char *at = reader->at, *end = reader->end;

	while (at < end && quick_is_between(*at, QUICK_PLAIN, QUICK_DIGIT))
		at++;
	reader->at = at;
}

/* Moves behind the newline that ends the logical line. */
static bool
quick_skip_line(struct quick_reader *reader)
{
	size_t depth = 0, length;
	const char *text;
	bool plain, good = true;

	while (good && reader->at < reader->end) {
		switch (quick_kind(reader)) {
		case QUICK_PLAIN:
		case QUICK_DIGIT:
			quick_plain(reader);
			break;
		case QUICK_NAME:
			good = quick_code_name(reader);
			break;
		case QUICK_QUOTE:
			good = quick_string(reader, &text, &length, &plain);
			break;
		case QUICK_OPEN:
			reader->at++;
			depth++;
			break;
		case QUICK_CLOSE:
			reader->at++;
			good = depth-- > 0;
			break;
		case QUICK_NEWLINE:
			reader->at++;
			reader->line++;
			if (depth == 0)
				return true;
			break;
		case QUICK_COMMENT:
			quick_comment(reader);
			break;
		case QUICK_JOIN:
			good = quick_join(reader);
			break;
		case QUICK_OTHER:
			return false;
		}
	}
	return good && depth == 0;
}

/* Moves over names and what may stand between them, up to something else. */
static bool
quick_names(struct quick_reader *reader, const char *between)
{
	size_t depth = 0;

	while (reader->at < reader->end) {
		const char *start = reader->at;
		size_t length = quick_name(reader);

		if (length) {
			if (quick_is_watched(start, length) ||
				quick_kind(reader) == QUICK_QUOTE)
				return false;
			continue;
		}
		if (*start != ' ' && !(depth && *start == ',') &&
			!strchr(between, *start))
			break;
		if (*start == ']' && depth-- == 0)
			return false;
		depth += *start == '[';
		reader->at++;
	}
	return depth == 0;
}

/* Behind `import` or `from`: names, and brackets over several lines. */
static bool
quick_import(struct quick_reader *reader)
{
	if (!quick_names(reader, " \t.,"))
		return false;
	if (reader->at == reader->end || *reader->at != '(')
		return quick_line_end(reader);
	reader->at++;
	for (;;) {
		if (!quick_names(reader, " \t,"))
			return false;
		if (reader->at < reader->end && *reader->at == ')')
			break;
		if (reader->at == reader->end || !quick_line_end(reader))
			return false;
	}
	reader->at++;
	return quick_line_end(reader);
}

/* A literal on one line that says what stands there; the caller owns it, NULL if not.
 */
static char *
quick_literal(struct quick_reader *reader)
{
	const char *text;
	size_t length;
	bool plain;
	int line = reader->line;

	if (quick_kind(reader) != QUICK_QUOTE ||
		!quick_string(reader, &text, &length, &plain) || !plain ||
		length == 0 || reader->line != line)
		return NULL;
	return alloc_copy_bytes(text, length);
}

/* Blanks, comments and newlines within brackets. */
static void
quick_space(struct quick_reader *reader)
{
	while (reader->at < reader->end && quick_line_end(reader))
		;
}

/* The strings of a tuple, behind its bracket. */
static bool
quick_tuple(struct quick_reader *reader, struct strlist *list)
{
	for (;;) {
		quick_space(reader);
		if (reader->at < reader->end && *reader->at == ')')
			break;
		char *text = quick_literal(reader);
		if (!text)
			return false;
		strlist_add_owned(list, text);
		quick_space(reader);
		if (reader->at < reader->end && *reader->at == ',')
			reader->at++;
		else if (reader->at == reader->end || *reader->at != ')')
			return false;
	}
	reader->at++;
	return true;
}

/* A string, None, or a tuple of strings. */
static bool
quick_value(struct quick_reader *reader, char **string, struct strlist *list)
{
	const char *start = reader->at;
	size_t length = quick_name(reader);

	if (length)
		return list && quick_is(start, length, "None");
	if (list && reader->at < reader->end && *reader->at == '(') {
		reader->at++;
		return quick_tuple(reader, list);
	}
	char *text = quick_literal(reader);
	if (!text)
		return false;
	if (list)
		strlist_add_owned(list, text);
	else
		*string = text;
	return true;
}

/* Behind a name that counts: its annotation, its value, the end of the line. */
static bool
quick_assign(
	struct quick_reader *reader, int *line, char **string, struct strlist *list)
{
	if (*line)
		return false;
	*line = reader->line;
	quick_blanks(reader);
	if (reader->at < reader->end && *reader->at == ':') {
		const char *start = ++reader->at;

		if (!quick_names(reader, " []|.") || reader->at == start)
			return false;
	}
	if (reader->at == reader->end || *reader->at != '=')
		return false;
	reader->at++;
	quick_blanks(reader);
	return quick_value(reader, string, list) && quick_line_end(reader);
}

/* What the statement that begins here makes of the body; false if that isn't plain. */
static bool
quick_judge(struct quick_reader *reader, struct script_function *function)
{
	/* What they begin needs a closer look: it may do nothing. */
	static const char *const closer[] = { "False", "None", "True", "and", "as",
		"assert", "async", "await", "break", "class", "continue", "def", "del",
		"elif", "else", "except", "finally", "from", "global", "import", "in",
		"is", "lambda", "nonlocal", "not", "or", "raise", "return", "yield" };
	const char *start = reader->at, *text;
	size_t length;
	bool plain;

	if (quick_kind(reader) == QUICK_QUOTE)
		return quick_string(reader, &text, &length, &plain) &&
		       quick_ends(reader);
	length = quick_name(reader);
	if (length == 0 || quick_is_watched(start, length) ||
		quick_kind(reader) == QUICK_QUOTE)
		return false;
	if (quick_is(start, length, "pass"))
		return quick_ends(reader);
	for (size_t i = 0; i < sizeof(closer) / sizeof(*closer); i++)
		if (*start == *closer[i] && quick_is(start, length, closer[i]))
			return false;
	function->body = BODY_REAL;
	return true;
}

/* The lines that are deeper than a def in the first column. */
static bool
quick_body(struct quick_reader *reader, struct script_function *function)
{
	bool begun = false;

	function->body = BODY_EMPTY;
	while (reader->at < reader->end) {
		const char *line = reader->at;

		if (quick_line_end(reader))
			continue;
		if (reader->at == line)
			break; /* something in the first column */
		begun = true;
		if (function->body == BODY_EMPTY && !quick_judge(reader, function))
			return false;
		if (!quick_skip_line(reader))
			return false;
	}
	return begun;
}

/* Behind `def`. */
static bool
quick_function(struct quick_reader *reader)
{
	struct script_function other = { 0 }, *function = &other;
	struct script *script = reader->script;

	quick_blanks(reader);
	const char *start = reader->at;
	size_t length = quick_name(reader);
	if (quick_is(start, length, "upgrade"))
		function = &script->upgrade;
	else if (quick_is(start, length, "downgrade"))
		function = &script->downgrade;
	else if (length == 0 || quick_is_watched(start, length))
		return false;
	if (function->line)
		return false;
	function->line = reader->line;
	/* No defaults, which are computed at once. */
	if (reader->at == reader->end || *reader->at++ != '(' ||
		!quick_names(reader, " ,:.*[]|") || reader->at == reader->end ||
		*reader->at++ != ')' || !quick_names(reader, " ->.[],|") ||
		reader->at == reader->end || *reader->at++ != ':' ||
		!quick_line_end(reader))
		return false;
	return quick_body(reader, function);
}

/* A line that begins in the first column. */
static bool
quick_line(struct quick_reader *reader)
{
	struct script *script = reader->script;
	const char *name = reader->at;
	size_t length = quick_name(reader);

	if (quick_is(name, length, "def"))
		return quick_function(reader);
	if (quick_is(name, length, "from") || quick_is(name, length, "import"))
		return quick_import(reader);
	if (quick_is(name, length, "revision"))
		return quick_assign(reader, &script->lines[SCRIPT_REVISION],
			&script->revision, NULL);
	if (quick_is(name, length, "down_revision"))
		return quick_assign(reader, &script->lines[SCRIPT_DOWN_REVISION], NULL,
			&script->down_revision);
	if (quick_is(name, length, "branch_labels"))
		return quick_assign(reader, &script->lines[SCRIPT_BRANCH_LABELS], NULL,
			&script->branch_labels);
	return quick_is(name, length, "depends_on") &&
	       quick_assign(reader, &script->lines[SCRIPT_DEPENDS_ON], NULL,
		       &script->depends_on);
}

static bool
quick_module(struct quick_reader *reader)
{
	const char *text = "";
	size_t length = 0;
	bool plain;

	while (reader->at < reader->end && quick_line_end(reader))
		;
	if (quick_kind(reader) == QUICK_QUOTE &&
		(!quick_string(reader, &text, &length, &plain) || !plain ||
			!quick_line_end(reader)))
		return false;
	script_take_text(reader->script, text, length);
	while (reader->at < reader->end) {
		const char *line = reader->at;

		if (quick_line_end(reader))
			continue;
		if (reader->at != line || !quick_line(reader))
			return false;
	}
	return reader->script->lines[SCRIPT_REVISION] &&
	       reader->script->lines[SCRIPT_DOWN_REVISION];
}

bool
script_quick_read(const char *text, size_t length, struct script *script)
{
	struct quick_reader reader = {
		.at = text, .end = text + length, .line = 1, .script = script
	};

	if (quick_module(&reader))
		return true;
	char *path = script->path;
	script->path = NULL;
	script_free(script);
	script->path = path;
	return false;
}
