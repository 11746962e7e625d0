#include "pgrunbook/model/script.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/python_module.h"
#include "pgrunbook/model/script_body.h"

/* The names that count in a version file; the scope begins with them, in this order. */
enum script_name {
	NAME_REVISION,
	NAME_DOWN_REVISION,
	NAME_LABELS,
	NAME_DEPENDS,
	NAME_UPGRADE,
	NAME_DOWNGRADE,
	NAMES
};

static const char *const script_names[NAMES] = { "revision", "down_revision",
	"branch_labels", "depends_on", "upgrade", "downgrade" };

struct script_reader {
	struct python_lexer lexer;
	struct python_scope scope;
	struct python_token operations; /* the name of alembic.op here */
	int skip_column; /* lines deeper than this are in a def or class; -1: none */
	struct script *script;
	struct script_operations *found; /* NULL: nobody asks for the calls */
};

static void
script_begin_scope(struct python_scope *scope)
{
	for (size_t i = 0; i < NAMES; i++) {
		scope->items = alloc_room(scope->items, scope->count, &scope->capacity,
			sizeof(*scope->items));
		scope->items[scope->count++] =
			(struct python_binding){ .name = script_names[i],
				.length = strlen(script_names[i]) };
	}
}

/* Python's str.strip(), as far as ASCII goes. */
static bool
script_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1c' && c <= '\x1f');
}

static char *
script_strip(const char *text)
{
	size_t length = strlen(text);

	while (length && script_is_blank(text[length - 1]))
		length--;
	while (length && script_is_blank(*text)) {
		text++;
		length--;
	}
	return alloc_copy_bytes(text, length);
}

/* The module's first statement is its docstring if it is a string and nothing else. */
static void
script_read_docstring(struct script_reader *reader)
{
	struct python_lexer ahead = reader->lexer;
	struct python_value value = { 0 };

	if (ahead.token.kind == PYTHON_STRING || python_token_is(&ahead.token, "("))
		python_value_read(&ahead, &reader->scope, true, &value);
	if (value.kind == PYTHON_TEXT && python_token_ends(&ahead.token)) {
		reader->script->docstring = script_strip(value.text);
		reader->lexer = ahead;
	} else {
		reader->script->docstring = alloc_copy("");
	}
	python_value_free(&value);

	const char *text = reader->script->docstring;
	const char *blank = strstr(text, "\n\n");
	reader->script->message =
		alloc_copy_bytes(text, blank ? (size_t)(blank - text) : strlen(text));
}

/* `from alembic import op as NAME` */
static void
script_note_operations(struct script_reader *reader)
{
	struct python_lexer ahead = reader->lexer;
	bool operations = false;

	python_lexer_next(&ahead);
	if (!python_token_is(&ahead.token, "alembic"))
		return;
	for (; !python_token_ends(&ahead.token); python_lexer_next(&ahead)) {
		if (python_token_is(&ahead.token, "op")) {
			operations = true;
			reader->operations = ahead.token;
		} else if (operations && python_token_is(&ahead.token, "as")) {
			python_lexer_next(&ahead);
			reader->operations = ahead.token;
			return;
		} else {
			operations = false;
		}
	}
}

static void
script_read_function(struct script_reader *reader, int column,
	struct script_function *function, struct script_calls *calls)
{
	struct python_lexer again = reader->lexer;

	if (calls)
		script_calls_read(&again, column, &reader->operations, calls);
	script_function_read(&reader->lexer, column, function);
}

/* A def or class: binds its name; upgrade and downgrade are what this is all about. */
static void
script_read_definition(struct script_reader *reader, int column)
{
	struct python_lexer *lexer = &reader->lexer;
	bool function = python_token_is(&lexer->token, "def");

	python_lexer_next(lexer);
	python_scope_forget(&reader->scope, &lexer->token);
	if (function && python_token_is(&lexer->token, "upgrade")) {
		script_read_function(reader, column, &reader->script->upgrade,
			reader->found ? &reader->found->upgrade : NULL);
	} else if (function && python_token_is(&lexer->token, "downgrade")) {
		script_read_function(reader, column, &reader->script->downgrade,
			reader->found ? &reader->found->downgrade : NULL);
	} else {
		python_skip_line(lexer);
		reader->skip_column = column;
	}
}

/* The statements of a line without a block. */
static void
script_read_simple(struct script_reader *reader, bool conditional)
{
	struct python_lexer *lexer = &reader->lexer;

	while (lexer->token.kind != PYTHON_NEWLINE && lexer->token.kind != PYTHON_END) {
		if (python_token_is(&lexer->token, ";")) {
			python_lexer_next(lexer);
			continue;
		}
		if (python_token_is(&lexer->token, "from"))
			script_note_operations(reader);
		python_statement_read(lexer, conditional, &reader->scope);
	}
}

static bool
script_is_definition(const struct python_token *token)
{
	return python_token_is(token, "def") || python_token_is(token, "class");
}

static void
script_read_line(struct script_reader *reader)
{
	struct python_lexer *lexer = &reader->lexer;
	int column = lexer->token.column;

	if (column > reader->skip_column && reader->skip_column >= 0) {
		python_skip_line(lexer);
		return;
	}
	reader->skip_column = -1;
	if (python_token_is(&lexer->token, "async")) {
		struct python_lexer ahead = *lexer;

		python_lexer_next(&ahead);
		if (script_is_definition(&ahead.token))
			*lexer = ahead;
	}
	if (python_token_is(&lexer->token, "@"))
		python_skip_line(lexer);
	else if (script_is_definition(&lexer->token))
		script_read_definition(reader, column);
	else if (!python_compound_read(lexer, &reader->scope))
		script_read_simple(reader, column > 0);
}

static void
script_read_module(struct script_reader *reader)
{
	struct python_lexer *lexer = &reader->lexer;

	script_read_docstring(reader);
	while (lexer->token.kind != PYTHON_END) {
		if (lexer->token.kind == PYTHON_NEWLINE)
			python_lexer_next(lexer);
		else if (lexer->token.column >= 0)
			script_read_line(reader);
		else
			script_read_simple(reader, false);
	}
}

/* The id that a file without a `revision` has: its name, if that is hexadecimal. */
static char *
script_id_of_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t length = strspn(name, "abcdef0123456789");

	return length && strcmp(name + length, ".py") == 0
		       ? alloc_copy_bytes(name, length)
		       : NULL;
}

static void
script_take_revision(struct script *script, const struct python_binding *binding)
{
	switch (binding->value.kind) {
	case PYTHON_TEXT:
		if (*binding->value.text)
			script->revision = alloc_copy(binding->value.text);
		else
			script->problem = alloc_printf("%s:%d: revision is empty",
				script->path, binding->line);
		break;
	case PYTHON_ABSENT:
		script->revision = script_id_of_name(script->path);
		if (!script->revision)
			script->problem = alloc_printf(
				"%s: it binds no `revision`, and its name is no "
				"revision id: if it is no migration, move it out of "
				"here",
				script->path);
		break;
	case PYTHON_UNKNOWN:
		script->problem = alloc_printf(
			"%s:%d: revision is computed; only Python can tell what it is",
			script->path, binding->line);
		break;
	default:
		script->problem = alloc_printf(
			"%s:%d: revision is no string", script->path, binding->line);
		break;
	}
}

/* The strings of down_revision and its kin. */
static void
script_take_list(struct script *script, struct python_binding *binding,
	const char *name, struct strlist *list)
{
	switch (binding->value.kind) {
	case PYTHON_ABSENT:
	case PYTHON_NONE:
		break;
	case PYTHON_TEXT:
		strlist_add(list, binding->value.text);
		break;
	case PYTHON_LIST:
		*list = binding->value.items;
		binding->value.items = (struct strlist){ 0 };
		break;
	default:
		strlist_add_owned(&script->unknown,
			alloc_printf("%s is %s at line %d", name,
				binding->value.kind == PYTHON_OTHER ? "no revision id"
								    : "computed",
				binding->line));
		break;
	}
}

static void
script_take_bindings(struct script *script, const struct python_scope *scope)
{
	struct python_binding *bindings = scope->items;

	script->revision_line = bindings[NAME_REVISION].line;
	script->down_revision_line = bindings[NAME_DOWN_REVISION].line;
	script->branch_labels_line = bindings[NAME_LABELS].line;
	script->depends_on_line = bindings[NAME_DEPENDS].line;
	script_take_revision(script, &bindings[NAME_REVISION]);
	script_take_list(script, &bindings[NAME_DOWN_REVISION], "down_revision",
		&script->down_revision);
	script_take_list(script, &bindings[NAME_LABELS], "branch_labels",
		&script->branch_labels);
	script_take_list(
		script, &bindings[NAME_DEPENDS], "depends_on", &script->depends_on);
	if (!script->problem &&
		bindings[NAME_DOWN_REVISION].value.kind == PYTHON_ABSENT)
		script->problem = alloc_printf(
			"%s: it binds no `down_revision`; a first revision has "
			"`down_revision = None`",
			script->path);
}

/* Runs over the module; the reader holds what its names stand for at the end. */
static void
script_read_bytes(const char *bytes, size_t length, struct script *script,
	struct script_operations *found, struct script_reader *reader)
{
	*reader = (struct script_reader){
		.operations = { .kind = PYTHON_NAME, .start = "op", .length = 2 },
		.skip_column = -1,
		.script = script,
		.found = found,
	};
	script_begin_scope(&reader->scope);
	python_lexer_start(&reader->lexer, bytes, length);
	script_read_module(reader);
}

/* A function that no def makes may be there all the same, also by `import *`. */
static void
script_look_elsewhere(const struct python_binding *binding, const char *bytes,
	size_t length, struct script_function *function)
{
	if (function->body == BODY_MISSING &&
		(binding->value.kind != PYTHON_ABSENT ||
			memmem(bytes, length, "import *", 8)))
		function->body = BODY_ELSEWHERE;
}

void
script_read(const char *path, const char *bytes, size_t length, struct script *script)
{
	struct script_reader reader;

	*script = (struct script){ .path = alloc_copy(path) };
	script_read_bytes(bytes, length, script, NULL, &reader);
	if (reader.lexer.problem)
		script->problem = alloc_printf("%s:%d: %s", path,
			reader.lexer.problem_line, reader.lexer.problem);
	else
		script_take_bindings(script, &reader.scope);
	script_look_elsewhere(
		&reader.scope.items[NAME_UPGRADE], bytes, length, &script->upgrade);
	script_look_elsewhere(
		&reader.scope.items[NAME_DOWNGRADE], bytes, length, &script->downgrade);
	if (script->problem) {
		free(script->revision);
		script->revision = NULL;
	}
	python_scope_free(&reader.scope);
}

void
script_operations_read(
	const char *bytes, size_t length, struct script_operations *operations)
{
	struct script_reader reader;
	struct script script = { 0 };

	*operations = (struct script_operations){ 0 };
	script_read_bytes(bytes, length, &script, operations, &reader);
	python_scope_free(&reader.scope);
	script_free(&script);
}

void
script_free(struct script *script)
{
	free(script->path);
	free(script->revision);
	free(script->message);
	free(script->docstring);
	free(script->problem);
	strlist_free(&script->down_revision);
	strlist_free(&script->branch_labels);
	strlist_free(&script->depends_on);
	strlist_free(&script->unknown);
	*script = (struct script){ 0 };
}

bool
script_is_version_file(const char *name)
{
	size_t length = strlen(name);

	return length >= 3 && strcmp(name + length - 3, ".py") == 0 &&
	       strncmp(name, ".#", 2) != 0 && strncmp(name, "__init__", 8) != 0;
}
