#include "pgrunbook/model/script_aliases.h"

#include <stdlib.h>

#include "pgrunbook/model/operation.h"

/* Tokens of a type between a name and its value. */
enum { ALIASES_TYPE = 32 };

struct script_alias *
script_aliases_find(struct script_aliases *aliases, const struct python_token *name)
{
	for (size_t i = 0; i < aliases->count; i++)
		if (python_token_same(&aliases->items[i].name, name))
			return &aliases->items[i];
	return NULL;
}

/* Takes over the table. */
void
script_aliases_set(struct script_aliases *aliases, const struct python_token *name,
	bool bind, char *table)
{
	struct script_alias *alias = script_aliases_find(aliases, name);

	if (!alias && aliases->count < SCRIPT_ALIASES) {
		alias = &aliases->items[aliases->count++];
		*alias = (struct script_alias){ 0 };
	}
	if (!alias) {
		free(table);
		return;
	}
	free(alias->table);
	*alias = (struct script_alias){ .name = *name, .bind = bind, .table = table };
}

static void
aliases_drop(struct script_aliases *aliases, const struct python_token *name)
{
	struct script_alias *alias = script_aliases_find(aliases, name);

	if (!alias)
		return;
	free(alias->table);
	*alias = aliases->items[--aliases->count];
}

/* What runs SQL on a connection or session. */
bool
script_runs_sql(const struct python_token *name)
{
	static const char *const words[] = { "exec_driver_sql", "execute", "scalar",
		"scalars" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (python_token_is(name, words[i]))
			return true;
	return false;
}

/* `.NAME`, which the lexer moves behind. */
bool
script_read_member(struct python_lexer *lexer, struct python_token *name)
{
	if (!python_token_is(&lexer->token, "."))
		return false;
	python_lexer_next(lexer);
	*name = lexer->token;
	if (name->kind != PYTHON_NAME)
		return false;
	python_lexer_next(lexer);
	return true;
}

/* The lexer stands on a bracket that opens: moves behind the one that closes it. */
static void
aliases_skip_group(struct python_lexer *lexer)
{
	int depth = lexer->token.depth;

	do
		python_lexer_next(lexer);
	while (lexer->token.depth > depth && lexer->token.kind != PYTHON_END &&
		lexer->token.kind != PYTHON_NEWLINE);
	if (lexer->token.kind == PYTHON_OPERATOR)
		python_lexer_next(lexer);
}

/* A name for alembic.op and a member of it: moves behind both. */
bool
script_read_operation(struct script_aliases *aliases, struct python_lexer *lexer,
	struct python_token *operation)
{
	const struct script_imports *names = aliases->names;
	struct python_token name = lexer->token;
	const struct script_import *known = script_imports_find(names, &name);
	const struct python_scope *scope = aliases->scope;

	python_lexer_next(lexer);
	if (known && known->kind == IMPORT_OPERATION) {
		*operation = known->operation;
		return true;
	}
	if (!known) {
		*operation = name;
		return names->star && operation_is_known(name.start, name.length) &&
		       !python_scope_find(scope, name.start, name.length);
	}
	if (known->kind == IMPORT_ALEMBIC && (!script_read_member(lexer, operation) ||
						     !python_token_is(operation, "op")))
		return false;
	return script_read_member(lexer, operation);
}

/* Whether the group that the lexer stands on has the database's connection in it. */
static bool
group_has_bind(struct script_aliases *aliases, struct python_lexer lexer)
{
	int depth = lexer.token.depth;

	for (python_lexer_next(&lexer);
		lexer.token.depth > depth && lexer.token.kind != PYTHON_END;
		python_lexer_next(&lexer)) {
		const struct script_alias *alias =
			lexer.token.kind == PYTHON_NAME
				? script_aliases_find(aliases, &lexer.token)
				: NULL;

		if ((alias && alias->bind) || python_token_is(&lexer.token, "get_bind"))
			return true;
	}
	return false;
}

/* NAME.NAME( of a session on the connection; moves behind its arguments. */
static bool
aliases_read_session(struct script_aliases *aliases, struct python_lexer *lexer)
{
	struct python_token name = lexer->token;

	python_lexer_next(lexer);
	while (script_read_member(lexer, &name))
		continue;
	if (!python_token_is(&name, "Session") &&
		!python_token_is(&name, "sessionmaker") &&
		!python_token_is(&name, "scoped_session"))
		return false;
	if (!python_token_is(&lexer->token, "(") || !group_has_bind(aliases, *lexer))
		return false;
	aliases_skip_group(lexer);
	return true;
}

/*
 * The database's connection, a session on it, or what makes such sessions; moves
 * behind it.
 */
static bool
aliases_read_bind(struct script_aliases *aliases, struct python_lexer *lexer)
{
	const struct script_alias *alias = script_aliases_find(aliases, &lexer->token);
	struct python_lexer ahead = *lexer;
	struct python_token member;

	if (lexer->token.kind != PYTHON_NAME)
		return false;
	if (alias) {
		python_lexer_next(lexer);
		if (!alias->bind)
			return false;
	} else if (script_read_operation(aliases, &ahead, &member) &&
		   python_token_is(&member, "get_bind")) {
		*lexer = ahead;
	} else if (!aliases_read_session(aliases, lexer)) {
		return false;
	}
	if (python_token_is(&lexer->token, "("))
		aliases_skip_group(lexer);
	while (script_read_member(lexer, &member)) {
		if (!python_token_is(&member, "begin") &&
			!python_token_is(&member, "connect") &&
			!python_token_is(&member, "connection") &&
			!python_token_is(&member, "execution_options"))
			return false;
		if (python_token_is(&lexer->token, "("))
			aliases_skip_group(lexer);
	}
	return true;
}

/* `=` or `: TYPE =`, which the lexer moves behind. */
static bool
aliases_read_binding(struct python_lexer *lexer)
{
	bool typed = python_token_is(&lexer->token, ":");

	for (size_t i = 0;
		typed && i < ALIASES_TYPE && !python_token_ends(&lexer->token) &&
		!python_token_is(&lexer->token, "=");
		i++)
		python_lexer_next(lexer);
	if (!python_token_is(&lexer->token, "="))
		return false;
	python_lexer_next(lexer);
	return true;
}

void
script_aliases_begin_statement(
	struct script_aliases *aliases, struct python_lexer lexer)
{
	struct python_token name = lexer.token;
	bool with = python_token_is(&name, "with");

	if (name.kind != PYTHON_NAME)
		return;
	python_lexer_next(&lexer);
	if (!with && !aliases_read_binding(&lexer))
		return;
	bool bind = aliases_read_bind(aliases, &lexer);
	if (with) {
		bind = bind && python_token_is(&lexer.token, "as");
		python_lexer_next(&lexer);
		if (bind && lexer.token.kind == PYTHON_NAME)
			script_aliases_set(aliases, &lexer.token, true, NULL);
	} else if (bind && python_token_ends(&lexer.token)) {
		script_aliases_set(aliases, &name, true, NULL);
	} else {
		aliases_drop(aliases, &name);
	}
}

void
script_aliases_free(struct script_aliases *aliases)
{
	for (size_t i = 0; i < aliases->count; i++)
		free(aliases->items[i].table);
	aliases->count = 0;
}
