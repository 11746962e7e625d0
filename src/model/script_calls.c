#include "pgrunbook/model/script.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/operation.h"
#include "pgrunbook/model/python_module.h"
#include "pgrunbook/model/python_source.h"
#include "pgrunbook/model/script_aliases.h"
#include "pgrunbook/model/script_arguments.h"

/*
 * Calls within calls, names for batches and connections in one function, functions
 * within functions, functions and calls altogether: more are not followed.
 */
enum {
	CALLS_NESTING = 8,
	CALLS_DEPTH = 32,
	CALLS_FUNCTIONS = 256,
	CALLS_TEMPLATES = 16,
	CALLS_MOST = 1 << 14,
	CALLS_BYTES = 8 << 20,
	CALLS_COUNTS = 64
};

/* A call that is being read. */
struct calls_open {
	const char *bracket; /* where it opens */
	int depth;	     /* of its bracket */
	int line;
	size_t start;	    /* where it begins in reader.text */
	const char *prefix; /* "batch." */
	struct python_token name;
	const char *batch; /* the table, of the alias; NULL: computed, or none */
};

/* What is read of one file. */
struct calls_file {
	const struct python_scope *module;
	struct script_imports names;
	struct script_budget budget;
	struct script_calls *found;
	bool *seen; /* the module's functions that are listed, by their index */
	size_t functions, depth, templates;
};

/* What is read of one function. */
struct calls_reader {
	struct calls_file *file;
	struct python_lexer *lexer;
	struct script_locals locals;
	char *via;
	struct calls_open pending[2]; /* whose brackets come next */
	size_t pending_count;
	struct calls_open calls[CALLS_NESTING];
	size_t call_count;
	struct script_call read[CALLS_NESTING]; /* their arguments */
	struct script_aliases aliases;
	struct str text;  /* the outermost call or reference so far, on one line */
	const char *last; /* the end of the token before */
	struct python_token before;
	bool after_batch, after_as, begins;
	char *batch; /* the table of the batch that closed last */
};

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

/* Fills what the reference that the lexer stands on opens: how many calls. */
static size_t
calls_match(struct calls_reader *reader, struct calls_open *open)
{
	struct python_lexer lexer = *reader->lexer;
	const struct script_alias *alias =
		script_aliases_find(&reader->aliases, &lexer.token);
	struct calls_open *call = &open[0];

	*call = (struct calls_open){ .line = lexer.token.line, .prefix = "" };
	if (alias) {
		python_lexer_next(&lexer);
		if (!script_read_member(&lexer, &call->name) ||
			(alias->bind && !script_runs_sql(&call->name)))
			return 0;
		call->prefix = alias->bind ? "bind." : "batch.";
		call->batch = alias->table;
	} else if (!script_read_operation(&reader->aliases, &lexer, &call->name)) {
		return 0;
	}
	if (!python_token_is(&lexer.token, "("))
		return 0;
	call->bracket = lexer.token.start;
	call->depth = lexer.token.depth;
	if (alias || !python_token_is(&call->name, "get_bind"))
		return 1;
	open[1] = *call;
	open[1].prefix = "bind.";
	python_lexer_next(&lexer);
	if (!python_token_is(&lexer.token, ")"))
		return 1; /* nobody gives it anything */
	python_lexer_next(&lexer);
	if (!script_read_member(&lexer, &open[1].name) ||
		!script_runs_sql(&open[1].name) || !python_token_is(&lexer.token, "("))
		return 1;
	open[1].bracket = lexer.token.start;
	open[1].depth = lexer.token.depth;
	return 2;
}

static void
calls_add(struct calls_reader *reader, const struct calls_open *open,
	struct script_call *call)
{
	struct script_calls *found = reader->file->found;

	call->name = alloc_printf(
		"%s%.*s", open->prefix, (int)open->name.length, open->name.start);
	call->text = alloc_copy_bytes(
		reader->text.bytes + open->start, reader->text.length - open->start);
	call->line = open->line;
	call->via = alloc_copy(reader->via);
	found->items = alloc_room(
		found->items, found->count, &found->capacity, sizeof(*found->items));
	found->items[found->count++] = *call;
}

static void
call_free(struct script_call *call)
{
	free(call->name);
	free(call->text);
	free(call->via);
	free(call->batch);
	script_arguments_free(call);
}

/* A call's bracket has closed: it goes into the function's list, after those within it.
 */
static void
calls_close_call(struct calls_reader *reader)
{
	const struct calls_open *open = &reader->calls[--reader->call_count];
	struct script_call *call = &reader->read[reader->call_count];
	bool most = reader->file->found->count >= CALLS_MOST;

	reader->after_batch = python_token_is(&open->name, "batch_alter_table");
	if (reader->after_batch) {
		free(reader->batch);
		reader->batch = NULL;
	}
	if (most || python_token_is(&open->name, "f")) { /* f marks a name as final */
		reader->file->found->more |= most;
		call_free(call);
		return;
	}
	calls_add(reader, open, call);
	if (reader->after_batch)
		reader->batch = alloc_copy(script_call_table(call));
}

static void
calls_open_call(struct calls_reader *reader)
{
	struct calls_open open = reader->pending[0];

	reader->pending[0] = reader->pending[1];
	reader->pending_count--;
	if (reader->call_count == CALLS_NESTING)
		return;
	struct script_call *call = &reader->read[reader->call_count];
	*call = (struct script_call){ .batch = alloc_copy(open.batch) };
	open.batch = NULL;
	script_arguments_read(
		*reader->lexer, &reader->locals, &reader->file->budget, call);
	reader->calls[reader->call_count++] = open;
}

/* Where a name begins that calls something of Alembic's, and where its bracket opens.
 */
static void
calls_follow_reference(struct calls_reader *reader)
{
	const struct python_token *token = &reader->lexer->token;
	struct calls_open open[2];

	if (reader->pending_count && token->start == reader->pending[0].bracket) {
		calls_open_call(reader);
		return;
	}
	if (reader->pending_count || token->kind != PYTHON_NAME ||
		python_token_is(&reader->before, ".") ||
		python_token_is(&reader->before, "def"))
		return;
	reader->pending_count = calls_match(reader, open);
	if (reader->pending_count == 0)
		return;
	if (reader->call_count == 0)
		str_clear(&reader->text);
	else if (reader->last && token->start > reader->last &&
		 !calls_opens(reader->text.bytes[reader->text.length - 1]))
		str_add_char(&reader->text, ' ');
	reader->last = NULL;
	for (size_t i = 0; i < reader->pending_count; i++) {
		reader->pending[i] = open[i];
		reader->pending[i].start = reader->text.length;
	}
}

/* `with op.batch_alter_table(...) as NAME`: NAME's calls are operations too. */
static void
calls_follow_alias(struct calls_reader *reader)
{
	const struct python_token *token = &reader->lexer->token;

	if (reader->after_as && token->kind == PYTHON_NAME) {
		script_aliases_set(&reader->aliases, token, false, reader->batch);
		reader->batch = NULL;
	}
	reader->after_as = reader->after_batch && python_token_is(token, "as");
	reader->after_batch = false;
}

static void calls_read_function(struct calls_file *file, size_t index, bool helper);

/* The functions that globals()["upgrade_%s" % name] may give, by what is written. */
static void
calls_read_globals(struct calls_reader *reader, struct python_lexer lexer)
{
	const struct python_scope *module = reader->file->module;
	struct str text = { 0 };

	for (size_t i = 0; i < 3; i++) {
		static const char *const want[] = { "(", ")", "[" };

		python_lexer_next(&lexer);
		if (!python_token_is(&lexer.token, want[i]))
			return;
	}
	python_lexer_next(&lexer);
	if (lexer.token.kind != PYTHON_STRING)
		return;
	if (reader->file->templates++ >= CALLS_TEMPLATES)
		return;
	python_string_decode(&lexer.token, &text);
	python_lexer_next(&lexer);
	size_t length = strcspn(str_text(&text), "%{");
	bool whole = length == text.length && !python_token_is(&lexer.token, "+");
	for (size_t i = 0; length && i < module->function_count; i++) {
		const struct python_token *name = &module->functions[i].at.token;

		if (name->length >= length && (!whole || name->length == length) &&
			memcmp(name->start, text.bytes, length) == 0)
			calls_read_function(reader->file, i, true);
	}
	str_free(&text);
}

/* A function of this file that is called: what it calls is asked for, too. */
static void
calls_follow_helper(struct calls_reader *reader)
{
	const struct python_token *token = &reader->lexer->token;
	struct python_lexer ahead = *reader->lexer;

	if (token->kind != PYTHON_NAME || python_token_is(&reader->before, ".") ||
		python_token_is(&reader->before, "def"))
		return;
	python_lexer_next(&ahead);
	if (!python_token_is(&ahead.token, "("))
		return;
	const struct python_binding *binding =
		python_scope_find(&reader->locals.scope, token->start, token->length);
	if (binding && binding->value.kind == PYTHON_FUNCTION)
		calls_read_function(reader->file, binding->value.function, true);
	else if (!binding && python_token_is(token, "globals"))
		calls_read_globals(reader, *reader->lexer);
}

/* Looks at the token and moves on. */
static void
calls_step(struct calls_reader *reader)
{
	struct python_token *token = &reader->lexer->token;

	if (reader->begins)
		script_aliases_begin_statement(&reader->aliases, *reader->lexer);
	calls_follow_alias(reader);
	calls_follow_reference(reader);
	calls_follow_helper(reader);
	if (reader->call_count || reader->pending_count)
		calls_add_text(reader);
	while (reader->call_count && token->kind == PYTHON_OPERATOR &&
		*token->start == ')' &&
		token->depth == reader->calls[reader->call_count - 1].depth)
		calls_close_call(reader);
	reader->begins = python_token_ends(token) ||
			 (token->depth == 0 && python_token_is(token, ":"));
	reader->before = *token;
	reader->last = token->start + token->length;
	python_lexer_next(reader->lexer);
}

/* The statements up to the end of the logical line. */
static void
calls_read_line(struct calls_reader *reader)
{
	const struct python_token *token = &reader->lexer->token;

	reader->begins = true;
	reader->before = (struct python_token){ 0 };
	while (token->kind != PYTHON_NEWLINE && token->kind != PYTHON_END)
		calls_step(reader);
	/* What was open can't go on: the line has ended. */
	while (reader->call_count)
		call_free(&reader->read[--reader->call_count]);
	reader->pending_count = 0;
	reader->after_as = reader->after_batch = false;
}

static void
calls_reader_free(struct calls_reader *reader)
{
	script_aliases_free(&reader->aliases);
	free(reader->batch);
	free(reader->via);
	str_free(&reader->text);
	script_locals_free(&reader->locals);
	free(reader);
}

static void
calls_read_one(
	struct calls_file *file, const struct python_function *function, bool helper)
{
	const struct python_token *name = &function->at.token;
	struct calls_reader *reader = alloc_zeroed(1, sizeof(*reader));
	struct python_lexer lexer = function->at;
	struct python_block block;

	reader->file = file;
	reader->lexer = &lexer;
	if (helper)
		reader->via = alloc_copy_bytes(name->start, name->length);
	script_locals_read(
		lexer, function->column, file->module, &file->budget, &reader->locals);
	reader->aliases.names = &file->names;
	reader->aliases.scope = &reader->locals.scope;
	python_block_open(&lexer, function->column, &block);
	while (python_block_line(&lexer, &block))
		calls_read_line(reader);
	calls_reader_free(reader);
}

/* With those that it replaces only under a condition: any may be the one that runs. */
static void
calls_read_function(struct calls_file *file, size_t index, bool helper)
{
	const struct python_function *functions = file->module->functions;

	/* Those before a function that is listed are listed, too. */
	for (size_t next = index + 1; next && !file->seen[next - 1];
		next = functions[next - 1].other) {
		const struct python_function *function = &functions[next - 1];

		if (file->functions == CALLS_FUNCTIONS || file->depth == CALLS_DEPTH) {
			file->found->more = true;
			return;
		}
		file->seen[next - 1] = true;
		if (function->class)
			continue;
		file->functions++;
		file->depth++;
		calls_read_one(file, function, helper);
		file->depth--;
	}
}

static void
calls_free(struct script_calls *calls)
{
	for (size_t i = 0; i < calls->count; i++)
		call_free(&calls->items[i]);
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
calls_read_named(struct calls_file *file, const char *name, struct script_calls *calls)
{
	const struct python_binding *binding =
		python_scope_find(file->module, name, strlen(name));

	if (!binding || binding->value.kind != PYTHON_FUNCTION)
		return;
	file->found = calls;
	file->functions = 0;
	file->seen = alloc_zeroed(file->module->function_count, sizeof(*file->seen));
	calls_read_function(file, binding->value.function, false);
	free(file->seen);
}

void
script_operations_read(
	const char *bytes, size_t length, struct script_operations *operations)
{
	struct calls_file file = { .budget = { .bytes = CALLS_BYTES,
					   .counts = CALLS_COUNTS } };
	struct python_module module = { 0 };
	struct python_source source;
	struct python_lexer lexer;

	*operations = (struct script_operations){ 0 };
	python_source_open(bytes, length, &source);
	python_module_read(source.text, source.length, 0, &module);
	python_lexer_start(&lexer, source.text, source.length);
	script_imports_read(lexer, &file.names);
	file.module = &module.scope;
	calls_read_named(&file, "upgrade", &operations->upgrade);
	calls_read_named(&file, "downgrade", &operations->downgrade);
	python_module_free(&module);
	python_source_free(&source);
}
