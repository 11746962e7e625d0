#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/model/python_scope.h"

/*
 * They bound the work that a hostile file can ask for: the names of a module, beyond
 * which one that isn't remembered is unknown, and the bytes of a source in which the
 * mentions of a name are counted.
 */
enum { SCOPE_NAMES = 256, SCOPE_SOURCE = 1 << 20 };

struct python_binding *
python_scope_find(const struct python_scope *scope, const char *name, size_t length)
{
	for (size_t i = 0; i < scope->count; i++) {
		struct python_binding *binding = &scope->items[i];

		if (binding->length == length &&
			memcmp(binding->name, name, length) == 0)
			return binding;
	}
	return NULL;
}

bool
python_is_builtin(const struct python_token *name)
{
	return python_token_is(name, "tuple") || python_token_is(name, "list");
}

static struct python_binding *
scope_add(struct python_scope *scope, const struct python_token *name)
{
	scope->items = alloc_room(
		scope->items, scope->count, &scope->capacity, sizeof(*scope->items));
	scope->items[scope->count] =
		(struct python_binding){ .name = name->start, .length = name->length };
	return &scope->items[scope->count++];
}

/*
 * Python takes compatible letters for the same (NFKC), so a name in wide or bold ones
 * may be any.  Whether this is one of those that become ASCII.
 */
static bool
name_is_disguised(const struct python_token *name)
{
	static const uint32_t ranges[][2] = { { 0xAA, 0xAA }, { 0xBA, 0xBA },
		{ 0x132, 0x133 }, { 0x140, 0x140 }, { 0x17F, 0x17F }, { 0x1C4, 0x1F3 },
		{ 0x2B0, 0x2E4 }, { 0x1D2C, 0x1DBF }, { 0x2070, 0x209C },
		{ 0x2100, 0x2188 }, { 0x2C7C, 0x2C7D }, { 0xA69C, 0xA7FF },
		{ 0xAB5C, 0xAB5F }, { 0xFB00, 0xFB06 }, { 0xFE33, 0xFE4F },
		{ 0xFF10, 0xFF5A }, { 0xFFFD, 0xFFFD }, { 0x10780, 0x107BA },
		{ 0x1D400, 0x1D7FF }, { 0x1FBF0, 0x1FBF9 } };
	const char *at = name->start, *end = at + name->length;

	while (at < end) {
		size_t used = 1;
		uint32_t code =
			*at & 0x80 ? text_decode(at, (size_t)(end - at), &used) : 0;

		for (size_t i = 0; code && i < sizeof(ranges) / sizeof(*ranges); i++)
			if (code >= ranges[i][0] && code <= ranges[i][1])
				return true;
		at += used;
	}
	return false;
}

void
python_scope_bind(struct python_scope *scope, const struct python_token *name,
	struct python_value *value)
{
	struct python_binding *binding =
		python_scope_find(scope, name->start, name->length);
	size_t most = scope->most ? scope->most : SCOPE_NAMES;

	if (binding && binding->reached)
		value->kind = PYTHON_UNKNOWN;
	else if (!binding && (value->kind > PYTHON_UNKNOWN || scope->remembers) &&
		 scope->count < most)
		binding = scope_add(scope, name);
	scope->own_builtins |= python_is_builtin(name) || scope->count >= most;
	if (binding) {
		python_value_free(&binding->value);
		binding->value = *value;
		binding->line = name->line;
	} else {
		python_value_free(value);
	}
	*value = (struct python_value){ 0 };
	if (name_is_disguised(name))
		python_scope_forget_all(scope, name, 0);
}

void
python_scope_forget(struct python_scope *scope, const struct python_token *name)
{
	struct python_value unknown = { .kind = PYTHON_UNKNOWN };

	if (name->kind == PYTHON_NAME)
		python_scope_bind(scope, name, &unknown);
}

void
python_scope_reach(struct python_scope *scope, const struct python_token *name)
{
	struct python_binding *binding =
		python_scope_find(scope, name->start, name->length);

	if (!binding && scope->count >= (scope->most ? scope->most : SCOPE_NAMES)) {
		python_scope_forget_all(scope, name, 0);
		return;
	}
	if (!binding)
		binding = scope_add(scope, name);
	binding->reached = true;
	python_scope_forget(scope, name);
}

void
python_scope_forget_all(
	struct python_scope *scope, const struct python_token *by, size_t spared)
{
	for (size_t i = spared; i < scope->count; i++) {
		struct python_binding *binding = &scope->items[i];

		python_value_free(&binding->value);
		binding->value.kind = PYTHON_UNKNOWN;
		binding->line = by->line;
	}
	scope->own_builtins = true;
}

/* How often the name stands in the fields of an f-string, or looks as if it did. */
static size_t
count_in_string(const struct python_token *string, const struct python_binding *binding)
{
	const char *at = string->start, *end = at + string->length;
	size_t seen = 0;

	while ((at = memmem(at, (size_t)(end - at), binding->name, binding->length))) {
		seen++;
		at += binding->length;
	}
	return seen;
}

bool
python_scope_rebinds(const struct python_token *name, const struct python_token *after)
{
	return name->depth == 0 &&
	       (python_token_is(after, "=") ||
		       (name->column >= 0 && python_token_is(after, ":")));
}

bool
python_scope_shares(const struct python_scope *scope,
	const struct python_binding *binding, size_t reads)
{
	struct python_lexer lexer;
	size_t seen = 0;

	if (scope->length > SCOPE_SOURCE)
		return true;
	python_lexer_start(&lexer, scope->source, scope->length);
	while (lexer.token.kind != PYTHON_END) {
		struct python_token token = lexer.token;

		python_lexer_next(&lexer);
		if (token.kind == PYTHON_STRING && python_string_is_formatted(&token))
			seen += count_in_string(&token, binding);
		else if (token.kind == PYTHON_NAME && token.length == binding->length &&
			 memcmp(token.start, binding->name, binding->length) == 0)
			seen += !python_scope_rebinds(&token, &lexer.token);
	}
	return seen != binding->targets + reads;
}

void
python_scope_free(struct python_scope *scope)
{
	for (size_t i = 0; i < scope->count; i++)
		python_value_free(&scope->items[i].value);
	free(scope->items);
	free(scope->functions);
	*scope = (struct python_scope){ 0 };
}
