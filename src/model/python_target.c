#include "pgrunbook/model/python_target.h"

#include <string.h>

/* Brackets in brackets; more are never written, and not known then. */
enum { TARGET_NESTING = 32 };

/* Moves behind the bracket that the lexer stands on and what is in it. */
void
python_skip_bracket(struct python_lexer *lexer)
{
	int depth = lexer->token.depth;

	do {
		python_lexer_next(lexer);
	} while (
		lexer->token.kind != PYTHON_NEWLINE &&
		lexer->token.kind != PYTHON_END &&
		!(lexer->token.depth == depth && lexer->token.kind == PYTHON_OPERATOR &&
			strchr(")]}", *lexer->token.start)));
	if (lexer->token.depth == depth && lexer->token.kind == PYTHON_OPERATOR)
		python_lexer_next(lexer);
}

static bool
token_is_trailer(const struct python_token *token)
{
	return python_token_is(token, ".") || python_token_is(token, "[") ||
	       python_token_is(token, "(");
}

/* Skips .NAME, [...] and (...); false if there is none. */
static bool
skip_trailers(struct python_lexer *lexer)
{
	bool any = false;

	for (; token_is_trailer(&lexer->token); any = true) {
		if (!python_token_is(&lexer->token, ".")) {
			python_skip_bracket(lexer);
			continue;
		}
		python_lexer_next(lexer);
		if (lexer->token.kind == PYTHON_NAME)
			python_lexer_next(lexer);
	}
	return any;
}

void
python_target_bind(struct python_scope *scope, const struct python_token *name,
	const struct python_value *value, bool counted)
{
	struct python_value copy = { 0 };

	python_value_copy(&copy, value);
	python_scope_bind(scope, name, &copy);
	struct python_binding *binding =
		python_scope_find(scope, name->start, name->length);
	if (binding && counted)
		binding->targets++;
}

/* Whether the target in the bracket that the lexer stands on is one of several. */
static bool
bracket_is_list(struct python_lexer lexer)
{
	int depth = lexer.token.depth;

	if (*lexer.token.start == '[')
		return true;
	for (python_lexer_next(&lexer); lexer.token.depth > depth;
		python_lexer_next(&lexer))
		if (lexer.token.depth == depth + 1 &&
			python_token_is(&lexer.token, ","))
			return true;
	return false;
}

static void
target_read(struct python_lexer *lexer, const struct python_value *value, int nesting,
	struct python_scope *scope)
{
	static const struct python_value unknown = { .kind = PYTHON_UNKNOWN };

	if (python_token_is(&lexer->token, "*")) {
		python_lexer_next(lexer);
		value = &unknown;
	}
	struct python_token first = lexer->token;
	if (!python_token_is(&first, "(") && !python_token_is(&first, "[")) {
		python_lexer_next(lexer);
		if (!skip_trailers(lexer) && first.kind == PYTHON_NAME)
			python_target_bind(scope, &first, value,
				!python_scope_rebinds(&first, &lexer->token));
		return;
	}
	struct python_lexer after = *lexer;
	python_skip_bracket(&after);
	if (!skip_trailers(&after)) {
		value = bracket_is_list(*lexer) ? &unknown : value;
		python_lexer_next(lexer);
		while (lexer->token.depth > first.depth) {
			if (python_token_is(&lexer->token, ","))
				python_lexer_next(lexer);
			else if (nesting < TARGET_NESTING)
				target_read(lexer, value, nesting + 1, scope);
			else {
				python_scope_forget(scope, &lexer->token);
				python_lexer_next(lexer);
			}
		}
	}
	*lexer = after;
}

void
python_target_read(struct python_lexer *lexer, const struct python_value *value,
	struct python_scope *scope)
{
	target_read(lexer, value, 0, scope);
}

void
python_targets_read(struct python_lexer *lexer, const char *until,
	const struct python_value *value, struct python_scope *scope)
{
	while (!python_token_ends(&lexer->token) &&
		!python_token_is(&lexer->token, until) &&
		!python_token_is(&lexer->token, ":")) {
		if (python_token_is(&lexer->token, ","))
			python_lexer_next(lexer);
		else
			target_read(lexer, value, 0, scope);
	}
}
