#include "pgrunbook/model/python_scan.h"

#include <ctype.h>
#include <string.h>

bool
python_token_is_any(
	const struct python_token *token, const char *const *words, size_t count)
{
	if (token->kind != PYTHON_NAME)
		return false;
	for (size_t i = 0; i < count; i++)
		if (*token->start == *words[i] && python_token_is(token, words[i]))
			return true;
	return false;
}

bool
python_token_is_backdoor(const struct python_token *token,
	const struct python_token *before, const struct python_token *after)
{
	static const char *const builtins[] = { "exec", "eval", "globals", "locals",
		"vars", "setattr", "delattr" };
	static const char *const attributes[] = { "__dict__", "__setattr__", "modules",
		"_getframe", "currentframe" };

	if (token->kind != PYTHON_NAME)
		return false;
	if (python_token_is(before, "."))
		return python_token_is_any(
			token, attributes, sizeof(attributes) / sizeof(*attributes));
	/* Bound, annotated, a keyword: that has only the name in common. */
	return !python_token_is(after, "=") && !python_token_is(after, ":") &&
	       python_token_is_any(
		       token, builtins, sizeof(builtins) / sizeof(*builtins));
}

/* `name` with `before` and `after` around it is looked at: what may that bind? */
static void
scan_name(struct python_scope *scope, const struct python_token *before,
	const struct python_token *name, const struct python_token *after)
{
	if (name->kind != PYTHON_NAME)
		return;
	if (python_token_is(after, ":="))
		python_scope_forget(scope, name);
	if (python_token_is(after, ":=") || python_token_is(after, "="))
		return; /* it is bound, or a keyword */
	if (python_token_is_backdoor(name, before, after)) {
		python_scope_forget_all(scope, name, 0);
	} else if (scope->exposed && !python_token_is(before, ".")) {
		const struct python_binding *binding =
			python_scope_find(scope, name->start, name->length);

		if (binding && binding->value.kind == PYTHON_FUNCTION)
			python_scope_forget_all(scope, name, 0);
	}
}

static bool
scan_is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (c & 0x80);
}

/* The names in an f-string, whose fields are Python again. */
static void
scan_formatted(struct python_scope *scope, const struct python_token *string)
{
	const char *at = string->start, *end = at + string->length;
	struct python_token before = { .kind = PYTHON_OPERATOR };

	while (at < end) {
		struct python_token name = {
			.kind = PYTHON_NAME, .start = at, .line = string->line
		};
		struct python_token after = { .kind = PYTHON_OPERATOR };

		while (at < end && scan_is_name(*at))
			at++;
		name.length = (size_t)(at - name.start);
		while (at < end && *at == ' ')
			at++;
		after.start = at;
		after.length = end - at > 1 && memcmp(at, ":=", 2) == 0 ? 2 : at < end;
		/* Without a bracket it is a format: {name:=10} */
		if (after.length == 2 &&
			!strchr("([,", before.length ? *before.start : '{'))
			after.length = 1;
		if (name.length)
			scan_name(scope, &before, &name, &after);
		before.start = at;
		before.length = at < end;
		if (at < end && !scan_is_name(*at))
			at++;
		while (at < end && *at == ' ')
			at++;
	}
}

/* In `def f(a, *b)`: a and b only look like names that are read. */
static bool
scan_is_parameter(const struct python_token *before, const struct python_token *name)
{
	return name->depth == 1 &&
	       (python_token_is(before, "(") || python_token_is(before, ",") ||
		       python_token_is(before, "*") || python_token_is(before, "**"));
}

void
python_expression_scan(
	struct python_lexer *lexer, enum python_scan scan, struct python_scope *scope)
{
	struct python_token before = { 0 }, name = { 0 };
	bool header = scan != SCAN_STATEMENT;
	size_t lambdas = 0;

	for (;; python_lexer_next(lexer)) {
		const struct python_token *token = &lexer->token;
		bool ends = header ? token->kind == PYTHON_NEWLINE ||
					     token->kind == PYTHON_END
				   : python_token_ends(token);

		if (scan != SCAN_DEF || !scan_is_parameter(&before, &name))
			scan_name(scope, &before, &name, token);
		if (ends)
			return;
		if (token->kind == PYTHON_STRING && python_string_is_formatted(token))
			scan_formatted(scope, token);
		if (header && token->depth == 0) {
			if (python_token_is(token, "lambda"))
				lambdas++;
			else if (python_token_is(token, ":") && lambdas-- == 0)
				return;
		}
		before = name;
		name = *token;
	}
}
