#include "pgrunbook/model/script_locals.h"

#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/script_arguments.h"
#include "pgrunbook/model/script_imports.h"

/* Names of one function; nobody writes more. */
enum { LOCALS_MOST = 256 };

static struct script_local *
locals_find(const struct script_locals *locals, const struct python_token *name)
{
	for (size_t i = 0; i < locals->count; i++)
		if (python_token_same(&locals->items[i].name, name))
			return &locals->items[i];
	return NULL;
}

const struct script_local *
script_locals_find(const struct script_locals *locals, const struct python_token *name)
{
	return locals_find(locals, name);
}

/* Counts a place that binds the name. */
static struct script_local *
locals_bind(struct script_locals *locals, const struct python_token *name)
{
	struct script_local *local = locals_find(locals, name);

	if (!local && locals->count == LOCALS_MOST) {
		locals->full = true;
		return NULL;
	}
	if (!local) {
		locals->items = alloc_room(locals->items, locals->count,
			&locals->capacity, sizeof(*locals->items));
		local = &locals->items[locals->count++];
		*local = (struct script_local){ .name = *name };
	}
	local->bindings++;
	return local;
}

/* Where the last `=` of the statement stands that binds what is before it; NULL: none.
 */
static const char *
locals_last_binding(struct python_lexer lexer)
{
	const char *last = NULL;

	for (; !python_token_ends(&lexer.token); python_lexer_next(&lexer))
		if (lexer.token.depth == 0 &&
			(python_token_is(&lexer.token, "=") ||
				python_token_is_augmented(&lexer.token)))
			last = lexer.token.start;
	return last;
}

/* NAME = VALUE, once and nothing else. */
static bool
locals_read_plain(
	struct script_locals *locals, struct python_lexer lexer, const char *last)
{
	struct python_token name = lexer.token;

	if (last == NULL) /* it binds nothing by "=" */
		return false;
	python_lexer_next(&lexer);
	if (name.kind != PYTHON_NAME || lexer.token.start != last ||
		!python_token_is(&lexer.token, "="))
		return false;
	python_lexer_next(&lexer);
	struct script_local *local = locals_bind(locals, &name);
	if (local) {
		local->plain = true;
		local->from = lexer;
	}
	return true;
}

/* Words behind which names are bound, up to `until` or the statement's end. */
static const struct locals_word {
	const char *word, *until;
} words[] = {
	{ "as", ":" },
	{ "case", ":" },
	{ "class", ":" },
	{ "def", ":" },
	{ "del", "" },
	{ "for", "in" },
	{ "from", "" },
	{ "global", "" },
	{ "import", "" },
	{ "lambda", ":" },
	{ "nonlocal", "" },
};

static const char *
locals_until(const struct python_token *token)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (python_token_is(token, words[i].word))
			return words[i].until;
	return NULL;
}

/* Rather too many names than too few: what is bound here isn't the module's. */
static void
locals_read_statement(struct script_locals *locals, struct python_lexer *lexer)
{
	const char *last = locals_last_binding(*lexer), *until = NULL;
	bool plain = locals_read_plain(locals, *lexer, last), dot = false;

	while (!python_token_ends(&lexer->token)) {
		struct python_token token = lexer->token;
		const char *begins = dot ? NULL : locals_until(&token);

		python_lexer_next(lexer);
		if (until && python_token_is(&token, until))
			until = NULL;
		else if (begins)
			until = begins;
		else if (token.kind == PYTHON_NAME && !dot &&
			 (until || (!plain && last && token.start < last) ||
				 python_token_is(&lexer->token, ":=")))
			locals_bind(locals, &token);
		dot = python_token_is(&token, ".");
	}
}

/* All that the function's header and block bind. */
static void
locals_collect(struct script_locals *locals, struct python_lexer lexer, int column)
{
	struct python_block block;
	struct python_lexer header;

	python_lexer_next(&lexer); /* its own name isn't in it */
	header = lexer;
	python_block_open(&lexer, column, &block);
	for (; header.token.start < lexer.token.start &&
		header.token.kind != PYTHON_END && header.token.kind != PYTHON_NEWLINE;
		python_lexer_next(&header))
		if (header.token.kind == PYTHON_NAME)
			locals_bind(locals, &header.token);
	while (python_block_line(&lexer, &block)) {
		while (lexer.token.kind != PYTHON_NEWLINE &&
			lexer.token.kind != PYTHON_END) {
			locals_read_statement(locals, &lexer);
			if (python_token_is(&lexer.token, ";"))
				python_lexer_next(&lexer);
		}
	}
}

static void
scope_add(struct python_scope *scope, const struct python_binding *binding)
{
	scope->items = alloc_room(
		scope->items, scope->count, &scope->capacity, sizeof(*scope->items));
	scope->items[scope->count++] = *binding;
}

/* A list is known if nobody else can get hold of it; a tuple can't be changed. */
static void
binding_settle(const struct python_scope *scope, struct python_binding *binding,
	struct script_budget *budget)
{
	if (!python_value_is_mutable(&binding->value))
		return;
	bool shared = budget->counts == 0 || python_scope_shares(scope, binding, 1);
	budget->counts -= budget->counts > 0;
	if (shared) {
		python_value_free(&binding->value);
		binding->value.kind = PYTHON_UNKNOWN;
	} else {
		binding->value.open = '(';
	}
}

/* What the names that are bound in one place are bound to, in the order of the text. */
static void
locals_settle(struct script_locals *locals, struct script_budget *budget)
{
	for (size_t i = 0; i < locals->count && !locals->full; i++) {
		struct script_local *local = &locals->items[i];
		struct python_binding *binding = &locals->scope.items[i];
		struct python_lexer lexer = local->from;
		struct python_value value = { 0 };

		if (local->bindings != 1 || !local->plain)
			continue;
		local->table = script_table_read(local->from, locals, budget);
		python_value_read(&lexer, &locals->scope, true, &value);
		if (python_token_ends(&lexer.token))
			binding->value = value;
		else
			python_value_free(&value);
		binding_settle(&locals->scope, binding, budget);
	}
}

void
script_locals_read(struct python_lexer lexer, int column,
	const struct python_scope *module, struct script_budget *budget,
	struct script_locals *locals)
{
	*locals = (struct script_locals){ .scope = *module };
	locals->scope.items = NULL;
	locals->scope.count = locals->scope.capacity = 0;
	locals_collect(locals, lexer, column);
	for (size_t i = 0; i < locals->count; i++) {
		const struct python_token *name = &locals->items[i].name;

		scope_add(&locals->scope, &(struct python_binding){ .name = name->start,
						  .length = name->length,
						  .value.kind = PYTHON_UNKNOWN });
		locals->scope.own_builtins |= python_is_builtin(name);
	}
	for (size_t i = 0; i < module->count && !locals->full; i++)
		scope_add(&locals->scope, &module->items[i]);
	locals_settle(locals, budget);
}

void
script_locals_free(struct script_locals *locals)
{
	for (size_t i = 0; i < locals->count; i++) {
		python_value_free(&locals->scope.items[i].value);
		free(locals->items[i].table);
	}
	free(locals->scope.items); /* the module's values are the module's */
	free(locals->items);
	*locals = (struct script_locals){ 0 };
}
