#include "pgrunbook/model/python_value.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/python_scope.h"

/*
 * Brackets in brackets, elements of a set, bytes of what a name or a sum stands for:
 * more is never written, but a hostile file could ask for the work.
 */
enum { VALUE_NESTING = 64, VALUE_ELEMENTS = 256, VALUE_LARGEST = 16 << 10 };

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
	*to = *from;
	to->text = alloc_copy(from->text);
	to->items = (struct strlist){ 0 };
	strlist_copy(&to->items, &from->items);
}

static size_t
value_size(const struct python_value *value)
{
	size_t size = value->text ? strlen(value->text) : 0;

	for (size_t i = 0; i < value->items.count; i++)
		size += strlen(value->items.items[i]) + sizeof(char *);
	return size;
}

bool
python_value_is_mutable(const struct python_value *value)
{
	return value->kind == PYTHON_LIST && value->open != '(';
}

/* Adjacent literals are one string. */
static void
value_read_strings(struct python_lexer *lexer, struct python_value *value)
{
	struct str text = { 0 };
	bool known = true, bytes = false;

	for (; lexer->token.kind == PYTHON_STRING; python_lexer_next(lexer)) {
		bytes |= python_string_is_bytes(&lexer->token);
		known = known && python_string_decode(&lexer->token, &text);
	}
	value->kind = bytes ? PYTHON_OTHER : known ? PYTHON_TEXT : PYTHON_UNKNOWN;
	if (value->kind == PYTHON_TEXT)
		value->text = str_take(&text);
	str_free(&text);
}

/* The value of a name.  A list is handed on if nothing else can get hold of it. */
static void
value_read_binding(const struct python_scope *scope, const struct python_token *name,
	struct python_value *value)
{
	const struct python_binding *binding =
		python_scope_find(scope, name->start, name->length);

	if (binding && binding->value.kind != PYTHON_ABSENT &&
		value_size(&binding->value) <= VALUE_LARGEST &&
		!(python_value_is_mutable(&binding->value) &&
			python_scope_shares(scope, binding, 1)))
		python_value_copy(value, &binding->value);
}

/* tuple([...]) and list((...)); the lexer stands on the opening bracket. */
static void
value_read_conversion(struct python_lexer *lexer, const struct python_scope *scope,
	char open, int nesting, struct python_value *value)
{
	python_lexer_next(lexer);
	if (python_token_is(&lexer->token, ")")) {
		value->kind = PYTHON_LIST;
	} else {
		value_read(lexer, scope, false, nesting + 1, value);
		if (python_token_is(&lexer->token, ","))
			python_lexer_next(lexer);
		/* A set has no order that could be told. */
		if (value->kind != PYTHON_LIST ||
			(value->open == '{' && value->items.count > 1) ||
			!python_token_is(&lexer->token, ")")) {
			python_value_free(value);
			value->kind = PYTHON_UNKNOWN;
			return;
		}
	}
	value->open = open;
	python_lexer_next(lexer);
}

static void
value_read_name(struct python_lexer *lexer, const struct python_scope *scope,
	int nesting, struct python_value *value)
{
	struct python_token name = lexer->token;

	value->kind = PYTHON_UNKNOWN;
	python_lexer_next(lexer);
	if (python_token_is(&name, "None")) {
		value->kind = PYTHON_NONE;
	} else if (python_token_is(&name, "True") || python_token_is(&name, "False")) {
		value->kind = PYTHON_OTHER;
	} else if (python_token_is(&lexer->token, "(")) {
		if (!scope->own_builtins && python_is_builtin(&name) &&
			nesting < VALUE_NESTING)
			value_read_conversion(lexer, scope,
				python_token_is(&name, "list") ? '[' : '(', nesting,
				value);
	} else {
		value_read_binding(scope, &name, value);
	}
}

/* Adds an element to a list; what is no string makes the whole list unknown. */
static void
value_add(struct python_value *list, struct python_value *item, size_t *nones)
{
	if (item->kind == PYTHON_TEXT && list->open == '{' &&
		list->items.count < VALUE_ELEMENTS &&
		strlist_has(&list->items, item->text)) {
		/* a set has it once */
	} else if (item->kind == PYTHON_TEXT) {
		strlist_add_owned(&list->items, item->text);
		item->text = NULL;
	} else if (item->kind == PYTHON_NONE) {
		++*nones;
	} else {
		list->kind = PYTHON_UNKNOWN;
	}
	python_value_free(item);
}

/* Adds the elements of `*list`. */
static void
value_add_all(struct python_value *list, struct python_value *items)
{
	if (items->kind != PYTHON_LIST || items->none ||
		(items->open == '{' && items->items.count > 1)) {
		list->kind = PYTHON_UNKNOWN;
	} else {
		for (size_t i = 0; i < items->items.count; i++)
			strlist_add_owned(&list->items, items->items.items[i]);
		items->items.count = 0;
	}
	python_value_free(items);
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
		bool starred = python_token_is(&lexer->token, "*");

		if (starred)
			python_lexer_next(lexer);
		value_read(lexer, scope, false, nesting + 1, &item);
		if (starred)
			value_add_all(list, &item);
		else
			value_add(list, &item, &nones);
		if (!python_token_is(&lexer->token, ","))
			break;
		python_lexer_next(lexer);
	}
	list->none = nones > 0;
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
	value->open = open;
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

/* What binds tighter than any operator, without what follows it. */
static void
value_read_term(struct python_lexer *lexer, const struct python_scope *scope,
	int nesting, struct python_value *value)
{
	const struct python_token *token = &lexer->token;

	if (token->kind == PYTHON_STRING) {
		value_read_strings(lexer, value);
	} else if (token->kind == PYTHON_NAME) {
		value_read_name(lexer, scope, nesting, value);
	} else if (token->kind == PYTHON_NUMBER || python_token_is(token, "...")) {
		value->kind = PYTHON_OTHER;
		python_lexer_next(lexer);
	} else if (python_token_is(token, "-")) {
		python_lexer_next(lexer);
		value->kind =
			token->kind == PYTHON_NUMBER ? PYTHON_OTHER : PYTHON_UNKNOWN;
		if (value->kind == PYTHON_OTHER)
			python_lexer_next(lexer);
	} else if (python_token_is(token, "(") || python_token_is(token, "[") ||
		   python_token_is(token, "{")) {
		value_read_bracket(lexer, scope, nesting, value);
	} else {
		value->kind = PYTHON_UNKNOWN; /* the caller skips the rest */
	}
}

/* *value + *other; empties *other. */
static void
value_sum(struct python_value *value, struct python_value *other)
{
	if (value_size(value) + value_size(other) > VALUE_LARGEST) {
		python_value_free(value);
		value->kind = PYTHON_UNKNOWN;
	} else if (value->kind == PYTHON_TEXT && other->kind == PYTHON_TEXT) {
		char *text = alloc_printf("%s%s", value->text, other->text);

		free(value->text);
		value->text = text;
	} else if (value->kind == PYTHON_LIST && other->kind == PYTHON_LIST &&
		   value->open == other->open && value->open != '{' && !value->none) {
		value_add_all(value, other);
	} else if (value->kind == PYTHON_OTHER && other->kind == PYTHON_OTHER) {
		value->kind = PYTHON_UNKNOWN; /* numbers are of no interest */
	} else {
		python_value_free(value);
		value->kind = PYTHON_UNKNOWN;
	}
	python_value_free(other);
}

static void
value_read(struct python_lexer *lexer, const struct python_scope *scope, bool comma,
	int nesting, struct python_value *value)
{
	python_value_free(value);
	if (comma && python_token_is(&lexer->token, "*")) {
		*value = (struct python_value){ .kind = PYTHON_LIST, .open = '(' };
		value_read_items(
			lexer, scope, nesting, nesting ? ")" : NULL, NULL, value);
		return;
	}
	value_read_term(lexer, scope, nesting, value);
	while (python_token_is(&lexer->token, "+")) {
		struct python_value other = { 0 };

		python_lexer_next(lexer);
		value_read_term(lexer, scope, nesting, &other);
		value_sum(value, &other);
	}
	if (comma && python_token_is(&lexer->token, ",")) {
		struct python_value first = *value;

		*value = (struct python_value){ .kind = PYTHON_LIST, .open = '(' };
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
