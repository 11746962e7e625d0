#include "pgrunbook/model/script.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/python_module.h"
#include "pgrunbook/model/python_source.h"

/* Calls within calls, and batches open in one function; more are not followed. */
enum { CALLS_NESTING = 8, CALLS_ALIASES = 8 };

/* How far a name of the form op.NAME( has been read. */
enum calls_reference {
	REFERENCE_NONE,
	REFERENCE_MODULE, /* op */
	REFERENCE_DOT,	  /* op. or op.add. */
	REFERENCE_NAME	  /* op.add_column */
};

/* A call whose bracket is open. */
struct calls_open {
	int depth; /* of its bracket */
	int line;
	size_t start, open; /* where it begins and opens in reader.text */
	bool batch;	    /* of an object that batch_alter_table gave */
};

struct calls_reader {
	struct python_lexer *lexer;
	struct python_token operations;
	struct script_calls *found;
	enum calls_reference reference;
	struct calls_open pending; /* the reference's own, until its bracket opens */
	struct calls_open calls[CALLS_NESTING];
	size_t call_count;
	struct python_token aliases[CALLS_ALIASES]; /* with ... as NAME */
	size_t alias_count;
	struct str text;  /* the outermost call or reference so far, on one line */
	const char *last; /* the end of the token before */
	bool after_dot, after_batch, after_as;
};

static bool
token_same(const struct python_token *a, const struct python_token *b)
{
	return a->length == b->length && memcmp(a->start, b->start, a->length) == 0;
}

static bool
calls_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
calls_opens(char c)
{
	return c == '(' || c == '[' || c == '{';
}

/* Appends a token's text; line breaks in a string become one blank with what's around.
 */
static void
calls_add_token(struct str *text, const struct python_token *token)
{
	const char *at = token->start, *end = token->start + token->length;

	while (at < end) {
		const char *line = memchr(at, '\n', (size_t)(end - at));
		const char *stop = line ? line : end;

		while (line && stop > at && calls_is_blank(stop[-1]))
			stop--;
		str_add_bytes(text, at, (size_t)(stop - at));
		if (!line)
			return;
		for (at = line; at < end && calls_is_blank(*at);)
			at++;
		str_add_char(text, ' ');
	}
}

/* Appends the token with the blank before it, if it has one that isn't layout. */
static void
calls_add_text(struct calls_reader *reader)
{
	const struct python_token *token = &reader->lexer->token;
	struct str *text = &reader->text;
	bool closes = token->kind == PYTHON_OPERATOR && strchr(")]}", *token->start);

	if (text->length && reader->last && token->start > reader->last) {
		bool opened = calls_opens(text->bytes[text->length - 1]);
		bool layout = memchr(reader->last, '\n',
				      (size_t)(token->start - reader->last)) != NULL;

		if (!layout || (!opened && !closes))
			str_add_char(text, ' ');
	}
	calls_add_token(text, token);
}

/* A call's bracket has closed: it goes into the function's list, after those within it.
 */
static void
calls_close_call(struct calls_reader *reader)
{
	struct script_calls *found = reader->found;
	const struct calls_open *call = &reader->calls[--reader->call_count];
	const char *start = reader->text.bytes + call->start;
	const char *dot = memchr(start, '.', call->open - call->start);
	size_t length = (size_t)(reader->text.bytes + call->open - dot) - 1;
	char *name = alloc_copy_bytes(dot + 1, length);

	reader->after_batch = strcmp(name, "batch_alter_table") == 0;
	if (strcmp(name, "f") == 0) { /* marks a name as final; does nothing */
		free(name);
		return;
	}
	if (call->batch) {
		char *whole = alloc_printf("batch.%s", name);
		free(name);
		name = whole;
	}
	found->items = alloc_room(
		found->items, found->count, &found->capacity, sizeof(*found->items));
	found->items[found->count++] = (struct script_call){
		.name = name,
		.text = alloc_copy_bytes(start, reader->text.length - call->start),
		.line = call->line,
	};
}

static bool
calls_begins_reference(struct calls_reader *reader)
{
	const struct python_token *token = &reader->lexer->token;

	if (token->kind != PYTHON_NAME || reader->after_dot)
		return false;
	reader->pending =
		(struct calls_open){ .depth = token->depth, .line = token->line };
	if (token_same(token, &reader->operations))
		return true;
	for (size_t i = 0; i < reader->alias_count; i++)
		if (token_same(token, &reader->aliases[i]))
			return reader->pending.batch = true;
	return false;
}

/* Follows op.NAME( token by token. */
static void
calls_follow_reference(struct calls_reader *reader)
{
	const struct python_token *token = &reader->lexer->token;
	bool dot = python_token_is(token, ".");

	if (reader->reference == REFERENCE_DOT && token->kind == PYTHON_NAME) {
		reader->reference = REFERENCE_NAME;
	} else if (reader->reference != REFERENCE_NONE &&
		   reader->reference != REFERENCE_DOT && dot) {
		reader->reference = REFERENCE_DOT;
	} else if (reader->reference == REFERENCE_NAME && python_token_is(token, "(") &&
		   reader->call_count < CALLS_NESTING) {
		reader->pending.open = reader->text.length;
		reader->calls[reader->call_count++] = reader->pending;
		reader->reference = REFERENCE_NONE;
	} else if (calls_begins_reference(reader)) {
		reader->reference = REFERENCE_MODULE;
		if (reader->call_count == 0)
			str_clear(&reader->text);
		else if (reader->last && token->start > reader->last &&
			 !calls_opens(reader->text.bytes[reader->text.length - 1]))
			str_add_char(&reader->text, ' ');
		reader->last = NULL;
		reader->pending.start = reader->text.length;
	} else {
		reader->reference = REFERENCE_NONE;
	}
}

/* `with op.batch_alter_table(...) as NAME`: NAME's calls are operations too. */
static void
calls_follow_alias(struct calls_reader *reader)
{
	const struct python_token *token = &reader->lexer->token;

	if (reader->after_as && token->kind == PYTHON_NAME &&
		reader->alias_count < CALLS_ALIASES)
		reader->aliases[reader->alias_count++] = *token;
	reader->after_as = reader->after_batch && python_token_is(token, "as");
	reader->after_batch = false;
}

/* Looks at the token and moves on. */
static void
calls_step(struct calls_reader *reader)
{
	struct python_token *token = &reader->lexer->token;

	calls_follow_alias(reader);
	calls_follow_reference(reader);
	if (reader->call_count || reader->reference != REFERENCE_NONE)
		calls_add_text(reader);
	while (reader->call_count && token->kind == PYTHON_OPERATOR &&
		*token->start == ')' &&
		token->depth == reader->calls[reader->call_count - 1].depth)
		calls_close_call(reader);
	reader->after_dot = python_token_is(token, ".");
	reader->last = token->start + token->length;
	python_lexer_next(reader->lexer);
}

/* The statements up to the end of the logical line. */
static void
calls_read_line(struct calls_reader *reader)
{
	const struct python_token *token = &reader->lexer->token;

	while (token->kind != PYTHON_NEWLINE && token->kind != PYTHON_END)
		calls_step(reader);
	/* What was open can't go on: the line has ended. */
	reader->call_count = 0;
	reader->reference = REFERENCE_NONE;
	reader->after_dot = reader->after_as = reader->after_batch = false;
}

static void
calls_free(struct script_calls *calls)
{
	for (size_t i = 0; i < calls->count; i++) {
		free(calls->items[i].name);
		free(calls->items[i].text);
	}
	free(calls->items);
	*calls = (struct script_calls){ 0 };
}

void
script_operations_free(struct script_operations *operations)
{
	calls_free(&operations->upgrade);
	calls_free(&operations->downgrade);
}

static void
script_calls_read(struct python_lexer lexer, int column,
	const struct python_token *operations, struct script_calls *calls)
{
	struct calls_reader reader = {
		.lexer = &lexer, .operations = *operations, .found = calls
	};
	struct python_block block;

	calls_free(calls);
	python_block_open(&lexer, column, &block);
	while (python_block_line(&lexer, &block))
		calls_read_line(&reader);
	str_free(&reader.text);
}

/* The name that `from alembic import op as NAME` gives. */
static void
calls_find_operations(struct python_lexer lexer, struct python_token *operations)
{
	struct python_token before = { 0 };
	bool alembic = false, as = false;

	for (; lexer.token.kind != PYTHON_END; python_lexer_next(&lexer)) {
		const struct python_token *token = &lexer.token;

		if (python_token_is(token, "import"))
			alembic = python_token_is(&before, "alembic");
		else if (alembic && python_token_is(token, "op"))
			*operations = *token;
		else if (alembic && as)
			*operations = *token;
		as = python_token_is(token, "as") && python_token_is(&before, "op");
		alembic = alembic && !python_token_ends(token);
		before = *token;
	}
}

static void
calls_read_named(const struct python_scope *scope, const char *name,
	const struct python_token *operations, struct script_calls *calls)
{
	const struct python_binding *binding =
		python_scope_find(scope, name, strlen(name));

	if (!binding || binding->value.kind != PYTHON_FUNCTION)
		return;
	const struct python_function *function =
		&scope->functions[binding->value.function];
	script_calls_read(function->at, function->column, operations, calls);
}

void
script_operations_read(
	const char *bytes, size_t length, struct script_operations *operations)
{
	struct python_token name = { .kind = PYTHON_NAME, .start = "op", .length = 2 };
	struct python_module module = { 0 };
	struct python_source source;
	struct python_lexer lexer;

	*operations = (struct script_operations){ 0 };
	python_source_open(bytes, length, &source);
	python_module_read(source.text, source.length, 0, &module);
	python_lexer_start(&lexer, source.text, source.length);
	calls_find_operations(lexer, &name);
	calls_read_named(&module.scope, "upgrade", &name, &operations->upgrade);
	calls_read_named(&module.scope, "downgrade", &name, &operations->downgrade);
	python_module_free(&module);
	python_source_free(&source);
}
