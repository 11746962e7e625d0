#include "pgrunbook/model/script_imports.h"

bool
python_token_same(const struct python_token *a, const struct python_token *b)
{
	return a->length == b->length && memcmp(a->start, b->start, a->length) == 0;
}

const struct script_import *
script_imports_find(const struct script_imports *names, const struct python_token *name)
{
	for (size_t i = names->count; i-- > 0;)
		if (python_token_same(&names->items[i].name, name))
			return &names->items[i];
	return NULL;
}

static void
imports_add(struct script_imports *names, enum script_import_kind kind,
	const struct python_token *name, const struct python_token *operation)
{
	if (names->count < SCRIPT_IMPORTS && !script_imports_find(names, name))
		names->items[names->count++] = (struct script_import){
			.kind = kind, .name = *name, .operation = *operation
		};
}

/* `NAME.NAME`, which the lexer moves behind; false if it isn't alembic or alembic.op.
 */
static bool
imports_read_module(
	struct python_lexer *lexer, struct python_token *package, bool *operations)
{
	size_t parts = 0;
	bool ours = true;

	*package = lexer->token;
	*operations = false;
	while (lexer->token.kind == PYTHON_NAME) {
		*operations = parts == 1 && python_token_is(&lexer->token, "op");
		ours = ours && (parts == 0 ? python_token_is(&lexer->token, "alembic")
					   : *operations);
		parts++;
		python_lexer_next(lexer);
		if (!python_token_is(&lexer->token, "."))
			break;
		python_lexer_next(lexer);
	}
	return ours && parts > 0;
}

/* The name behind `as`, else `name` itself. */
static struct python_token
imports_read_alias(struct python_lexer *lexer, struct python_token name)
{
	if (!python_token_is(&lexer->token, "as"))
		return name;
	python_lexer_next(lexer);
	name = lexer->token;
	if (name.kind == PYTHON_NAME)
		python_lexer_next(lexer);
	return name;
}

/* import alembic, alembic.op as NAME */
static void
imports_read_import(struct python_lexer *lexer, struct script_imports *names)
{
	do {
		struct python_token package;
		bool operations;

		python_lexer_next(lexer);
		bool ours = imports_read_module(lexer, &package, &operations);
		struct python_token alias = imports_read_alias(lexer, package);
		if (ours && alias.kind == PYTHON_NAME)
			imports_add(names,
				operations && alias.start != package.start
					? IMPORT_OPERATIONS
					: IMPORT_ALEMBIC,
				&alias, &alias);
	} while (python_token_is(&lexer->token, ","));
}

/* from alembic import op as NAME; from alembic.op import NAME, (NAME as NAME) */
static void
imports_read_from(struct python_lexer *lexer, struct script_imports *names)
{
	struct python_token package;
	bool operations;

	python_lexer_next(lexer);
	if (!imports_read_module(lexer, &package, &operations) ||
		!python_token_is(&lexer->token, "import"))
		return;
	python_lexer_next(lexer);
	while (!python_token_ends(&lexer->token)) {
		struct python_token name = lexer->token;

		names->star |= operations && python_token_is(&name, "*");
		python_lexer_next(lexer);
		if (name.kind != PYTHON_NAME)
			continue;
		struct python_token alias = imports_read_alias(lexer, name);
		if (alias.kind == PYTHON_NAME &&
			(operations || python_token_is(&name, "op")))
			imports_add(names,
				operations ? IMPORT_OPERATION : IMPORT_OPERATIONS,
				&alias, &name);
	}
}

void
script_imports_read(struct python_lexer lexer, struct script_imports *names)
{
	static const struct python_token usual = {
		.kind = PYTHON_NAME, .start = "op", .length = 2
	};
	bool begins = true;

	*names = (struct script_imports){ 0 };
	while (lexer.token.kind != PYTHON_END) {
		struct python_token token = lexer.token;

		if (begins && python_token_is(&token, "import"))
			imports_read_import(&lexer, names);
		else if (begins && python_token_is(&token, "from"))
			imports_read_from(&lexer, names);
		else
			python_lexer_next(&lexer);
		begins = python_token_ends(&token) || python_token_is(&token, ":");
	}
	if (names->count == 0 && !names->star)
		imports_add(names, IMPORT_OPERATIONS, &usual, &usual);
}
