#include "pgrunbook/model/script_arguments.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"

/* Functions in functions, like text(dedent("...")). */
enum { ARGUMENT_NESTING = 3 };

/* What reading an argument goes by. */
struct argument_reader {
	const struct script_locals *locals;
	struct script_budget *budget;
};

/* Functions whose first argument says what they give. */
static const struct argument_function {
	const char *name;
	enum script_argument_kind kind;
} functions[] = {
	{ "Column", GIVEN_COLUMN },
	{ "DDL", GIVEN_TEXT },
	{ "Table", GIVEN_TABLE },
	{ "create_table", GIVEN_TABLE },
	{ "f", GIVEN_TEXT },
	{ "quoted_name", GIVEN_TEXT },
	{ "table", GIVEN_TABLE },
	{ "text", GIVEN_TEXT },
};

static bool
argument_take(struct argument_reader *reader, size_t bytes)
{
	if (reader->budget->bytes < bytes)
		return false;
	reader->budget->bytes -= bytes;
	return true;
}

/*
 * Whether the argument of a call whose bracket is at `depth` ends here.  Brackets that
 * don't match end it too.
 */
static bool
argument_ends(const struct python_lexer *lexer, int depth)
{
	const struct python_token *token = &lexer->token;

	return token->kind == PYTHON_END || token->kind == PYTHON_NEWLINE ||
	       token->depth <= depth ||
	       (token->depth == depth + 1 && python_token_is(token, ","));
}

/* Moves to where it ends; a lambda has commas of its own. */
static void
argument_skip(struct python_lexer *lexer, int depth)
{
	bool lambda = false;

	for (; !argument_ends(lexer, depth) ||
		(lambda && python_token_is(&lexer->token, ","));
		python_lexer_next(lexer)) {
		if (lexer->token.depth != depth + 1)
			continue;
		if (python_token_is(&lexer->token, "lambda"))
			lambda = true;
		else if (python_token_is(&lexer->token, ":"))
			lambda = false;
	}
}

/*
 * NAME.NAME( of one of the functions; moves to the bracket.  What the file defines
 * itself under such a name is something else.
 */
static const struct argument_function *
argument_function_find(
	struct python_lexer *lexer, const struct script_locals *locals, bool *own)
{
	struct python_token name = lexer->token;
	bool dotted = false;

	*own = false;
	if (name.kind != PYTHON_NAME)
		return NULL;
	for (python_lexer_next(lexer); python_token_is(&lexer->token, ".");) {
		python_lexer_next(lexer);
		name = lexer->token;
		dotted = true;
		if (name.kind != PYTHON_NAME)
			return NULL;
		python_lexer_next(lexer);
	}
	if (!python_token_is(&lexer->token, "("))
		return NULL;
	const struct python_binding *binding =
		python_scope_find(&locals->scope, name.start, name.length);
	*own = !dotted && binding && binding->value.kind == PYTHON_FUNCTION;
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions) && !*own; i++)
		if (python_token_is(&name, functions[i].name))
			return &functions[i];
	return NULL;
}

static void argument_read(struct argument_reader *reader, struct python_lexer lexer,
	int depth, int nesting, struct script_argument *argument);

/* The keyword of `NAME =`, which the lexer moves behind; NULL: it is none. */
static char *
argument_read_keyword(struct python_lexer *lexer)
{
	struct python_lexer ahead = *lexer;

	if (lexer->token.kind != PYTHON_NAME)
		return NULL;
	python_lexer_next(&ahead);
	if (!python_token_is(&ahead.token, "="))
		return NULL;
	char *keyword = alloc_copy_bytes(lexer->token.start, lexer->token.length);
	python_lexer_next(&ahead);
	*lexer = ahead;
	return keyword;
}

/* Binding values to an SQL text leaves the text what it is. */
static bool
argument_is_bound(struct python_lexer *lexer, int depth)
{
	while (python_token_is(&lexer->token, ".")) {
		python_lexer_next(lexer);
		if (!python_token_is(&lexer->token, "bindparams"))
			return false;
		python_lexer_next(lexer);
		if (!python_token_is(&lexer->token, "("))
			return false;
		int inner = lexer->token.depth;
		do
			python_lexer_next(lexer);
		while (lexer->token.depth > inner && lexer->token.kind != PYTHON_END);
		python_lexer_next(lexer);
	}
	return argument_ends(lexer, depth);
}

/* One of the functions above; leaves the argument computed if it isn't. */
static void
argument_read_function(struct argument_reader *reader, struct python_lexer lexer,
	int depth, int nesting, struct script_argument *argument)
{
	struct script_argument first = { 0 };
	bool own;
	const struct argument_function *function =
		argument_function_find(&lexer, reader->locals, &own);

	if (!function || nesting >= ARGUMENT_NESTING)
		return;
	int inner = lexer.token.depth;
	python_lexer_next(&lexer);
	free(argument_read_keyword(&lexer)); /* name=, text=: there is no other first */
	argument_read(reader, lexer, inner, nesting + 1, &first);
	while (lexer.token.depth > inner && lexer.token.kind != PYTHON_END)
		python_lexer_next(&lexer);
	python_lexer_next(&lexer);
	bool whole = function->kind == GIVEN_TEXT ? argument_is_bound(&lexer, depth)
						  : argument_ends(&lexer, depth);
	bool known = first.kind == GIVEN_TEXT;
	if (whole && (known || function->kind != GIVEN_TEXT)) {
		argument->kind = function->kind;
		argument->text = known ? first.text : NULL;
		first.text = known ? NULL : first.text;
	}
	free(first.text);
	strlist_free(&first.items);
}

/* A number or True or False, as it is written; `from` is its first token. */
static void
argument_take_other(const struct python_token *from, const struct python_token *end,
	struct script_argument *argument)
{
	const char *stop = end->start;
	bool number = from->kind == PYTHON_NUMBER || python_token_is(from, "-");

	if (!number && !python_token_is(from, "True") &&
		!python_token_is(from, "False"))
		return; /* bytes, or a name that stands for such */
	while (stop > from->start && strchr(" \t\r\n\f\\", stop[-1]))
		stop--;
	/* A comment may stand between the number and the comma. */
	const char *comment = memchr(from->start, '#', (size_t)(stop - from->start));
	if (comment)
		stop = from->start + from->length;
	argument->kind = number ? GIVEN_NUMBER : GIVEN_CONSTANT;
	argument->text = alloc_copy_bytes(from->start, (size_t)(stop - from->start));
}

static size_t
argument_size(const struct python_value *value)
{
	size_t size = value->text ? strlen(value->text) + 1 : 0;

	for (size_t i = 0; i < value->items.count; i++)
		size += strlen(value->items.items[i]) + 1 + sizeof(char *);
	return size;
}

/* Takes over what the value holds. */
static void
argument_take_value(struct argument_reader *reader, const struct python_token *from,
	const struct python_token *end, struct python_value *value,
	struct script_argument *argument)
{
	if (!argument_take(reader, argument_size(value)))
		return;
	if (value->kind == PYTHON_TEXT) {
		argument->kind = GIVEN_TEXT;
		argument->text = value->text;
		value->text = NULL;
	} else if (value->kind == PYTHON_NONE) {
		argument->kind = GIVEN_CONSTANT;
		argument->text = alloc_copy("None");
	} else if (value->kind == PYTHON_LIST && !value->none) {
		argument->kind = GIVEN_LIST;
		argument->items = value->items;
		value->items = (struct strlist){ 0 };
	} else if (value->kind == PYTHON_OTHER) {
		argument_take_other(from, end, argument);
	}
}

/* A name that is known to be a table. */
static void
argument_read_local(struct argument_reader *reader, struct python_lexer lexer,
	int depth, struct script_argument *argument)
{
	const struct script_local *local =
		script_locals_find(reader->locals, &lexer.token);

	python_lexer_next(&lexer);
	if (!local || !local->table || !argument_ends(&lexer, depth) ||
		!argument_take(reader, strlen(local->table)))
		return;
	argument->kind = GIVEN_TABLE;
	argument->text = alloc_copy(local->table);
}

/* Reads the value that the lexer stands on. */
static void
argument_read(struct argument_reader *reader, struct python_lexer lexer, int depth,
	int nesting, struct script_argument *argument)
{
	struct python_lexer from = lexer;
	struct python_value value = { 0 };

	argument->line = from.token.line;
	if (argument_ends(&lexer, depth))
		return;
	python_value_read(&lexer, &reader->locals->scope, false, &value);
	if (argument_ends(&lexer, depth)) {
		argument_take_value(
			reader, &from.token, &lexer.token, &value, argument);
		if (argument->kind == GIVEN_COMPUTED && from.token.kind == PYTHON_NAME)
			argument_read_local(reader, from, depth, argument);
	}
	if (argument->kind == GIVEN_COMPUTED && from.token.kind == PYTHON_NAME)
		argument_read_function(reader, from, depth, nesting, argument);
	python_value_free(&value);
}

static bool
argument_read_spread(struct python_lexer *lexer)
{
	if (!python_token_is(&lexer->token, "*") &&
		!python_token_is(&lexer->token, "**"))
		return false;
	python_lexer_next(lexer);
	return true;
}

void
script_arguments_read(struct python_lexer lexer, const struct script_locals *locals,
	struct script_budget *budget, struct script_call *call)
{
	struct argument_reader reader = { .locals = locals, .budget = budget };
	int depth = lexer.token.depth;
	size_t capacity = 0;

	python_lexer_next(&lexer);
	while (lexer.token.depth > depth && lexer.token.kind != PYTHON_END) {
		struct script_argument argument = { .line = lexer.token.line };

		if (!argument_take(&reader, 2 * sizeof(argument)))
			return;
		argument.spread = argument_read_spread(&lexer);
		if (!argument.spread) {
			argument.keyword = argument_read_keyword(&lexer);
			argument_read(&reader, lexer, depth, 0, &argument);
		}
		argument_skip(&lexer, depth);
		call->arguments = alloc_room(call->arguments, call->argument_count,
			&capacity, sizeof(*call->arguments));
		call->arguments[call->argument_count++] = argument;
		if (lexer.token.depth > depth)
			python_lexer_next(&lexer); /* the comma */
	}
}

void
script_arguments_free(struct script_call *call)
{
	for (size_t i = 0; i < call->argument_count; i++) {
		free(call->arguments[i].keyword);
		free(call->arguments[i].text);
		strlist_free(&call->arguments[i].items);
	}
	free(call->arguments);
	call->arguments = NULL;
	call->argument_count = 0;
}

char *
script_table_read(struct python_lexer lexer, const struct script_locals *locals,
	struct script_budget *budget)
{
	struct argument_reader reader = { .locals = locals, .budget = budget };
	struct script_argument argument = { 0 };

	/* Up to the statement's end there is no comma that could end it. */
	argument_read_function(&reader, lexer, -1, 0, &argument);
	if (argument.kind == GIVEN_TABLE)
		return argument.text;
	free(argument.text);
	return NULL;
}
