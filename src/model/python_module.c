#include "pgrunbook/model/python_module.h"

#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/python_function.h"
#include "pgrunbook/model/python_scan.h"
#include "pgrunbook/model/python_statement.h"

struct module_reader {
	struct python_lexer lexer;
	struct python_scope *scope;
	size_t fixed;
	bool decorated; /* the line before was a decorator */
};

/* The module's first statement is its docstring if it is a string and nothing else. */
static char *
module_read_docstring(struct python_lexer *lexer)
{
	struct python_lexer ahead = *lexer;
	struct str text = { 0 };
	bool found = false;
	int brackets = 0;

	for (; python_token_is(&ahead.token, "("); brackets++)
		python_lexer_next(&ahead);
	for (; ahead.token.kind == PYTHON_STRING; python_lexer_next(&ahead)) {
		found = !python_string_is_formatted(&ahead.token) &&
			!python_string_is_bytes(&ahead.token);
		if (!found)
			break;
		python_string_decode(&ahead.token, &text);
	}
	for (; brackets > 0 && python_token_is(&ahead.token, ")"); brackets--)
		python_lexer_next(&ahead);
	found = found && brackets == 0 && python_token_ends(&ahead.token);
	if (found)
		*lexer = ahead;
	char *docstring = found ? str_take(&text) : NULL;
	str_free(&text);
	return docstring;
}

/* A def or class, whose name the lexer stands on. */
static void
module_read_definition(struct module_reader *reader, int column, bool class)
{
	struct python_scope *scope = reader->scope;
	struct python_token name = reader->lexer.token;
	struct python_function function = { .at = reader->lexer,
		.column = column,
		.class = class };
	struct python_value value = { .kind = PYTHON_FUNCTION };
	const struct python_binding *before =
		python_scope_find(scope, name.start, name.length);

	if (column > 0 && before && before->value.kind == PYTHON_FUNCTION)
		function.other = before->value.function + 1;
	python_lexer_next(&reader->lexer);
	python_expression_scan(&reader->lexer, class ? SCAN_HEADER : SCAN_DEF, scope);
	bool backdoor = python_function_read(&reader->lexer, column, &function, scope);
	scope->exposed |= backdoor;
	/* A class's block runs at once; a decorator may call what it is given. */
	if (backdoor && (class || reader->decorated))
		python_scope_forget_all(scope, &name, 0);
	if (name.kind != PYTHON_NAME)
		return;
	value.function = scope->function_count;
	scope->functions = alloc_room(scope->functions, scope->function_count,
		&scope->function_capacity, sizeof(*scope->functions));
	scope->functions[scope->function_count++] = function;
	python_scope_bind(scope, &name, &value);
}

/* The statements of a line without a block. */
static void
module_read_simple(struct module_reader *reader, bool conditional)
{
	struct python_lexer *lexer = &reader->lexer;

	while (lexer->token.kind != PYTHON_NEWLINE && lexer->token.kind != PYTHON_END) {
		if (python_token_is(&lexer->token, ";"))
			python_lexer_next(lexer);
		else
			python_statement_read(
				lexer, conditional, reader->fixed, reader->scope);
	}
}

static bool
module_is_definition(const struct python_token *token)
{
	return python_token_is(token, "def") || python_token_is(token, "class");
}

static void
module_read_line(struct module_reader *reader)
{
	struct python_lexer *lexer = &reader->lexer;
	int column = lexer->token.column;

	if (python_token_is(&lexer->token, "async")) {
		struct python_lexer ahead = *lexer;

		python_lexer_next(&ahead);
		if (module_is_definition(&ahead.token))
			*lexer = ahead;
	}
	bool decorator = python_token_is(&lexer->token, "@");
	if (decorator) {
		python_expression_scan(lexer, SCAN_STATEMENT, reader->scope);
	} else if (module_is_definition(&lexer->token)) {
		bool class = python_token_is(&lexer->token, "class");

		python_lexer_next(lexer);
		module_read_definition(reader, column, class);
	} else {
		bool header = python_header_read(lexer, reader->scope);

		module_read_simple(reader, header || column > 0);
	}
	reader->decorated = decorator;
}

void
python_module_read(
	const char *text, size_t length, size_t fixed, struct python_module *module)
{
	struct module_reader reader = { .scope = &module->scope, .fixed = fixed };
	struct python_lexer *lexer = &reader.lexer;

	module->scope.source = text;
	module->scope.length = length;
	python_lexer_start(lexer, text, length);
	module->docstring = module_read_docstring(lexer);
	while (lexer->token.kind != PYTHON_END) {
		if (lexer->token.kind == PYTHON_NEWLINE)
			python_lexer_next(lexer);
		else if (lexer->token.column >= 0)
			module_read_line(&reader);
		else
			module_read_simple(&reader, false);
	}
	for (size_t i = 0; i < module->scope.count; i++) {
		struct python_binding *binding = &module->scope.items[i];

		if (python_value_is_mutable(&binding->value) &&
			python_scope_shares(&module->scope, binding, 0)) {
			python_value_free(&binding->value);
			binding->value.kind = PYTHON_UNKNOWN;
		}
	}
	module->problem = lexer->problem;
	module->problem_line = lexer->problem_line;
}

void
python_module_free(struct python_module *module)
{
	python_scope_free(&module->scope);
	free(module->docstring);
	*module = (struct python_module){ 0 };
}
