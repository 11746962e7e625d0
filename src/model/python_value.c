#include "pgrunbook/model/python_value.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"

/*
 * VALUE_NESTING brackets is deeper than anybody writes.  VALUE_NAMES bounds the work
 * that a hostile file can ask for; a name that isn't remembered is unknown.
 */
enum { VALUE_NESTING = 64, VALUE_NAMES = 256 };

static void value_read(struct python_lexer *lexer, const struct python_scope *scope,
	bool comma, int nesting, struct python_value *value);

void
python_value_free(struct python_value *value)
{
	free(value->text);
	strlist_free(&value->items);
	*value = (struct python_value){ 0 };
}

void
python_value_copy(struct python_value *to, const struct python_value *from)
{
	python_value_free(to);
	to->kind = from->kind;
	to->mutable = from->mutable;
	to->text = alloc_copy(from->text);
	strlist_copy(&to->items, &from->items);
}

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

void
python_scope_bind(struct python_scope *scope, const struct python_token *name,
	struct python_value *value)
{
	struct python_binding *binding =
		python_scope_find(scope, name->start, name->length);

	if (!binding && value->kind > PYTHON_UNKNOWN && scope->count < VALUE_NAMES) {
		scope->items = alloc_room(scope->items, scope->count, &scope->capacity,
			sizeof(*scope->items));
		binding = &scope->items[scope->count++];
		*binding = (struct python_binding){ .name = name->start,
			.length = name->length };
	}
	if (binding) {
		python_value_free(&binding->value);
		binding->value = *value;
		binding->line = name->line;
	} else {
		python_value_free(value);
	}
	*value = (struct python_value){ 0 };
}

void
python_scope_free(struct python_scope *scope)
{
	for (size_t i = 0; i < scope->count; i++)
		python_value_free(&scope->items[i].value);
	free(scope->items);
	*scope = (struct python_scope){ 0 };
}

/* Adjacent literals are one string. */
static void
value_read_strings(struct python_lexer *lexer, struct python_value *value)
{
	struct str text = { 0 };
	bool known = true;

	for (; lexer->token.kind == PYTHON_STRING; python_lexer_next(lexer))
		known = known && python_string_decode(&lexer->token, &text);
	value->kind = known ? PYTHON_TEXT : PYTHON_UNKNOWN;
	if (known)
		value->text = str_take(&text);
	str_free(&text);
}

static void
value_read_name(struct python_lexer *lexer, const struct python_scope *scope,
	struct python_value *value)
{
	const struct python_token *token = &lexer->token;
	const struct python_binding *binding = NULL;

	if (python_token_is(token, "None"))
		value->kind = PYTHON_NONE;
	else if (python_token_is(token, "True") || python_token_is(token, "False"))
		value->kind = PYTHON_OTHER;
	else if ((binding = python_scope_find(scope, token->start, token->length)) &&
		 binding->value.kind != PYTHON_ABSENT)
		python_value_copy(value, &binding->value);
	else
		value->kind = PYTHON_UNKNOWN;
	python_lexer_next(lexer);
}

/* Adds an element to a list; what is no string makes the whole list unknown. */
static void
value_add(struct python_value *list, struct python_value *item, size_t *nones)
{
	if (item->kind == PYTHON_TEXT) {
		strlist_add_owned(&list->items, item->text);
		item->text = NULL;
	} else if (item->kind == PYTHON_NONE) {
		++*nones;
	} else {
		list->kind = PYTHON_UNKNOWN;
	}
	python_value_free(item);
}

/*
 * The elements up to the closing bracket.  A tuple's first element was read before its
 * comma showed that it is a tuple.  Stops where something isn't an element.
 */
static void
value_read_items(struct python_lexer *lexer, const struct python_scope *scope,
	int nesting, const char *close, struct python_value *first,
	struct python_value *list)
{
	size_t nones = 0;

	if (first) {
		value_add(list, first, &nones);
		python_lexer_next(lexer); /* the comma */
	}
	while (!python_token_ends(&lexer->token) &&
		!(close && python_token_is(&lexer->token, close)) &&
		!python_token_is(&lexer->token, "=")) {
		struct python_value item = { 0 };

		value_read(lexer, scope, false, nesting + 1, &item);
		value_add(list, &item, &nones);
		if (!python_token_is(&lexer->token, ","))
			break;
		python_lexer_next(lexer);
	}
	if (nones && (nones > 1 || list->items.count))
		list->kind = PYTHON_UNKNOWN;
}

static void
value_read_bracket(struct python_lexer *lexer, const struct python_scope *scope,
	int nesting, struct python_value *value)
{
	char open = *lexer->token.start;
	const char *close = open == '(' ? ")" : open == '[' ? "]" : "}";

	python_lexer_next(lexer);
	value->kind = PYTHON_LIST;
	value->mutable = open != '(';
	if (nesting >= VALUE_NESTING) {
		value->kind = PYTHON_UNKNOWN;
		return;
	}
	if (open == '(' && !python_token_is(&lexer->token, close))
		value_read(lexer, scope, true, nesting + 1, value);
	else if (open == '{' && python_token_is(&lexer->token, close))
		value->kind = PYTHON_OTHER; /* an empty dict */
	else
		value_read_items(lexer, scope, nesting, close, NULL, value);
	if (python_token_is(&lexer->token, close))
		python_lexer_next(lexer);
	else
		value->kind = PYTHON_UNKNOWN;
}

static void
value_read(struct python_lexer *lexer, const struct python_scope *scope, bool comma,
	int nesting, struct python_value *value)
{
	const struct python_token *token = &lexer->token;

	python_value_free(value);
	if (token->kind == PYTHON_STRING) {
		value_read_strings(lexer, value);
	} else if (token->kind == PYTHON_NAME) {
		value_read_name(lexer, scope, value);
	} else if (token->kind == PYTHON_NUMBER) {
		value->kind = PYTHON_OTHER;
		python_lexer_next(lexer);
	} else if (python_token_is(token, "(") || python_token_is(token, "[") ||
		   python_token_is(token, "{")) {
		value_read_bracket(lexer, scope, nesting, value);
	} else {
		value->kind = PYTHON_UNKNOWN; /* the caller skips the rest */
	}
	if (comma && python_token_is(token, ",")) {
		struct python_value first = *value;

		*value = (struct python_value){ .kind = PYTHON_LIST };
		value_read_items(
			lexer, scope, nesting, nesting ? ")" : NULL, &first, value);
	}
}

void
python_value_read(struct python_lexer *lexer, const struct python_scope *scope,
	bool comma, struct python_value *value)
{
	value_read(lexer, scope, comma, 0, value);
}
