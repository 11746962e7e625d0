#include "pgrunbook/model/script_quick.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/quick_text.h"

/*
 * Names that the long way looks at, by length.  Wherever one of them stands but where
 * a usual file has it, or in a body, the long way must tell what it means there.
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
	struct quick_text text;
	bool helped; /* it has a function that is neither upgrade nor downgrade */
	struct script *script;
};

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

/*
 * Whether the name may be looked up.  To look up a function is as much as to call it;
 * so after one that could be named only None is sure.
 */
static bool
quick_is_harmless(const struct quick_reader *reader, const char *name, size_t length)
{
	return !quick_is_watched(name, length) && !quick_is_quote(&reader->text) &&
	       (!reader->helped || quick_is(name, length, "None"));
}

/* Where names stand, and so what may stand between them. */
enum quick_place {
	QUICK_IMPORT = 1,
	QUICK_IMPORT_LIST = 2, /* in brackets */
	QUICK_ANNOTATION = 4,
	QUICK_PARAMETERS = 8,
	QUICK_RESULT = 16, /* behind `->` */
	QUICK_TYPES = QUICK_ANNOTATION | QUICK_PARAMETERS | QUICK_RESULT,
	QUICK_IMPORTS = QUICK_IMPORT | QUICK_IMPORT_LIST,
};

static const unsigned char quick_betweens[256] = {
	[' '] = QUICK_IMPORTS | QUICK_TYPES,
	['\t'] = QUICK_IMPORTS,
	['.'] = QUICK_IMPORT | QUICK_TYPES,
	[','] = QUICK_IMPORTS | QUICK_PARAMETERS | QUICK_RESULT,
	['['] = QUICK_TYPES,
	[']'] = QUICK_TYPES,
	['|'] = QUICK_TYPES,
	[':'] = QUICK_PARAMETERS,
	['*'] = QUICK_PARAMETERS,
	['-'] = QUICK_RESULT,
	['>'] = QUICK_RESULT,
};

/* Moves over what may stand between names; a comma may within brackets. */
static bool
quick_between(struct quick_text *text, enum quick_place place, size_t *depth)
{
	const char *at = text->at, *end = text->end;

	while (at < end && ((quick_betweens[(unsigned char)*at] & place) ||
				   (*at == ',' && *depth))) {
		if (*at == ']' && (*depth)-- == 0)
			return false;
		*depth += *at++ == '[';
	}
	text->at = at;
	return true;
}

/* Moves over names and what may stand between them, up to something else. */
static bool
quick_names(struct quick_reader *reader, enum quick_place place)
{
	struct quick_text *text = &reader->text;
	size_t depth = 0, length;

	if (!quick_between(text, place, &depth))
		return false;
	while ((length = quick_name(text)))
		if (!quick_is_harmless(reader, text->at - length, length) ||
			!quick_between(text, place, &depth))
			return false;
	return depth == 0;
}

/* Behind `import` or `from`: names, and brackets over several lines. */
static bool
quick_import(struct quick_reader *reader)
{
	if (!quick_names(reader, QUICK_IMPORT))
		return false;
	if (!quick_takes(&reader->text, '('))
		return quick_line_end(&reader->text);
	for (;;) {
		if (!quick_names(reader, QUICK_IMPORT_LIST))
			return false;
		if (quick_takes(&reader->text, ')'))
			return quick_line_end(&reader->text);
		if (reader->text.at == reader->text.end ||
			!quick_line_end(&reader->text))
			return false;
	}
}

/* A literal on one line that says what stands there; the caller owns it, NULL if not.
 */
static char *
quick_literal(struct quick_reader *reader)
{
	const char *text;
	size_t length;
	bool plain;
	int line = reader->text.line;

	if (!quick_is_quote(&reader->text) ||
		!quick_string(&reader->text, &text, &length, &plain) || !plain ||
		length == 0 || reader->text.line != line)
		return NULL;
	return alloc_copy_bytes(text, length);
}

/* Blanks, comments and newlines within brackets. */
static void
quick_space(struct quick_reader *reader)
{
	while (reader->text.at < reader->text.end && quick_line_end(&reader->text))
		;
}

/* The strings of a tuple, behind its bracket. */
static bool
quick_tuple(struct quick_reader *reader, struct strlist *list)
{
	for (;;) {
		quick_space(reader);
		if (quick_takes(&reader->text, ')'))
			return true;
		char *text = quick_literal(reader);
		if (!text)
			return false;
		strlist_add_owned(list, text);
		quick_space(reader);
		if (!quick_takes(&reader->text, ',') &&
			quick_peek(&reader->text) != ')')
			return false;
	}
}

/* A string, None, or a tuple of strings. */
static bool
quick_value(struct quick_reader *reader, char **string, struct strlist *list)
{
	const char *start = reader->text.at;
	size_t length = quick_name(&reader->text);

	if (length)
		return list && quick_is(start, length, "None");
	if (list && quick_takes(&reader->text, '('))
		return quick_tuple(reader, list);
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
	*line = reader->text.line;
	quick_blanks(&reader->text);
	if (quick_takes(&reader->text, ':')) {
		const char *start = reader->text.at;

		if (!quick_names(reader, QUICK_ANNOTATION) || reader->text.at == start)
			return false;
	}
	if (!quick_takes(&reader->text, '='))
		return false;
	quick_blanks(&reader->text);
	return quick_value(reader, string, list) && quick_line_end(&reader->text);
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
	const char *start = reader->text.at, *text;
	size_t length;
	bool plain;

	if (quick_is_quote(&reader->text))
		return quick_string(&reader->text, &text, &length, &plain) &&
		       quick_ends(&reader->text);
	length = quick_name(&reader->text);
	if (length == 0 || quick_is_watched(start, length) ||
		quick_is_quote(&reader->text))
		return false;
	if (quick_is(start, length, "pass"))
		return quick_ends(&reader->text);
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
	while (reader->text.at < reader->text.end) {
		const char *line = reader->text.at;

		if (quick_line_end(&reader->text))
			continue;
		if (reader->text.at == line)
			break; /* something in the first column */
		begun = true;
		if (function->body == BODY_EMPTY && !quick_judge(reader, function))
			return false;
		if (!quick_skip_line(&reader->text))
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

	quick_blanks(&reader->text);
	const char *start = reader->text.at;
	size_t length = quick_name(&reader->text);
	if (quick_is(start, length, "upgrade"))
		function = &script->upgrade;
	else if (quick_is(start, length, "downgrade"))
		function = &script->downgrade;
	else if (length == 0 || quick_is_watched(start, length))
		return false;
	if (function->line)
		return false;
	function->line = reader->text.line;
	/* No defaults, which are computed at once. */
	if (!quick_takes(&reader->text, '(') ||
		!quick_names(reader, QUICK_PARAMETERS) ||
		!quick_takes(&reader->text, ')') ||
		!quick_names(reader, QUICK_RESULT) ||
		!quick_takes(&reader->text, ':') || !quick_line_end(&reader->text))
		return false;
	reader->helped |= function == &other;
	return quick_body(reader, function);
}

/* A line that begins in the first column. */
static bool
quick_line(struct quick_reader *reader)
{
	struct script *script = reader->script;
	const char *name = reader->text.at;
	size_t length = quick_name(&reader->text);

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

	while (reader->text.at < reader->text.end && quick_line_end(&reader->text))
		;
	if (quick_is_quote(&reader->text) &&
		(!quick_string(&reader->text, &text, &length, &plain) || !plain ||
			!quick_line_end(&reader->text)))
		return false;
	script_take_text(reader->script, text, length);
	while (reader->text.at < reader->text.end) {
		const char *line = reader->text.at;

		if (quick_line_end(&reader->text))
			continue;
		if (reader->text.at != line || !quick_line(reader))
			return false;
	}
	return reader->script->lines[SCRIPT_REVISION] &&
	       reader->script->lines[SCRIPT_DOWN_REVISION];
}

bool
script_quick_read(const char *text, size_t length, struct script *script)
{
	struct quick_reader reader = {
		.text = { .start = text, .at = text, .end = text + length, .line = 1 },
		.script = script,
	};

	if (quick_module(&reader))
		return true;
	char *path = script->path;
	script->path = NULL;
	script_free(script);
	script->path = path;
	return false;
}
