#include "pgrunbook/model/python_statement.h"

#include <string.h>

#include "pgrunbook/model/python_scan.h"
#include "pgrunbook/model/python_target.h"

/* More is never written; what goes beyond isn't known then. */
enum { STATEMENT_TARGETS = 16 };

/* How a statement binds. */
struct statement_survey {
	struct python_lexer values[STATEMENT_TARGETS]; /* each behind an '=' */
	size_t count;				       /* of '=' outside of brackets */
	bool annotated;				       /* NAME: annotation */
	bool augmented;				       /* NAME += value */
	bool after_lambda; /* an '=' stands behind a lambda, whose own it may be */
};

/* One look over the statement: where its values begin, and what else it binds. */
static void
statement_survey(struct python_lexer lexer, struct python_scope *scope,
	struct statement_survey *survey)
{
	struct python_lexer from = lexer;
	bool lambda = false;

	survey->count = 0;
	survey->annotated = survey->augmented = survey->after_lambda = false;
	for (; !python_token_ends(&lexer.token); python_lexer_next(&lexer)) {
		const struct python_token *token = &lexer.token;

		if (token->depth > 0)
			continue;
		if (python_token_is(token, "lambda")) {
			lambda = true;
		} else if (python_token_is(token, "=")) {
			survey->after_lambda |= lambda;
			if (lambda || survey->count++ >= STATEMENT_TARGETS)
				continue;
			survey->values[survey->count - 1] = lexer;
			python_lexer_next(&survey->values[survey->count - 1]);
		} else if (python_token_is(token, ":")) {
			survey->annotated |= survey->count == 0 && !lambda;
		} else {
			survey->augmented |= python_token_is_augmented(token);
		}
	}
	python_expression_scan(&from, SCAN_STATEMENT, scope);
}

/* The module of a star import: does anybody know what it has? */
static bool
import_is_harmless(const struct python_token *module)
{
	static const char *const modules[] = { "__future__", "alembic", "sqlalchemy",
		"typing", "datetime" };

	return python_token_is_any(module, modules, sizeof(modules) / sizeof(*modules));
}

/* `import a.b`, `import a as b`, `from a import b, c as d`: b, b, then b and d. */
static void
import_read(struct python_lexer *lexer, size_t fixed, struct python_scope *scope)
{
	bool from = python_token_is(&lexer->token, "from");
	bool listed = !from;
	struct python_token bound = { 0 }, module;

	python_lexer_next(lexer);
	module = lexer->token;
	for (; !python_token_ends(&lexer->token); python_lexer_next(lexer)) {
		const struct python_token *token = &lexer->token;

		if (!listed) {
			listed = python_token_is(token, "import");
		} else if (from && python_token_is(token, "*")) {
			python_scope_forget_all(
				scope, token, import_is_harmless(&module) ? fixed : 0);
		} else if (token->kind != PYTHON_NAME) {
			if (python_token_is(token, ",")) {
				python_scope_forget(scope, &bound);
				bound = (struct python_token){ 0 };
			}
		} else if (from || bound.kind != PYTHON_NAME) {
			bound = *token;
		} else if (python_token_is(token, "as")) {
			bound = (struct python_token){ 0 };
		}
	}
	python_scope_forget(scope, &bound);
}

/* The names of `a, (b) = ...`. */
struct target_list {
	struct python_token names[STATEMENT_TARGETS];
	size_t count; /* 0: it is something else */
	bool ends;    /* with a name, and no comma or bracket */
};

static void
target_list_read(struct python_lexer lexer, const struct python_lexer *until,
	struct target_list *list)
{
	bool bracket = python_token_is(&lexer.token, "(") ||
		       python_token_is(&lexer.token, "[");
	size_t count = 0, commas = 0;

	list->count = 0;
	if (bracket)
		python_lexer_next(&lexer);
	for (; lexer.token.start < until->token.start; python_lexer_next(&lexer)) {
		const struct python_token *token = &lexer.token;

		if (token->depth > bracket || count == STATEMENT_TARGETS)
			return;
		if (token->kind == PYTHON_NAME && count == commas)
			list->names[count++] = *token;
		else if (python_token_is(token, ",") && count == commas + 1)
			commas++;
		else if (!python_token_is(token, "=") &&
			 !(bracket && token->depth == 0 &&
				 (python_token_is(token, ")") ||
					 python_token_is(token, "]"))))
			return;
	}
	list->count = commas ? count : 0;
	list->ends = count == commas + 1 && !bracket;
}

/* Moves to the comma or the end of what stands between commas. */
static void
skip_element(struct python_lexer *lexer, int depth)
{
	if (python_token_is(&lexer->token, "lambda")) /* has commas of its own */
		while (!python_token_ends(&lexer->token) &&
			lexer->token.depth >= depth &&
			!(lexer->token.depth == depth &&
				python_token_is(&lexer->token, ":")))
			python_lexer_next(lexer);
	while (!python_token_ends(&lexer->token) && lexer->token.depth >= depth &&
		!(lexer->token.depth == depth && python_token_is(&lexer->token, ",")))
		python_lexer_next(lexer);
}

/*
 * Parallel assignment: `a, b = "x", None`.  All values are read before any is bound.
 * False if they aren't written down one by one.  In `shared` ones a list has another
 * name, too.
 */
static bool
assign_each(const struct target_list *list, bool shared, struct python_lexer lexer,
	struct python_scope *scope)
{
	struct python_value values[STATEMENT_TARGETS] = { 0 };
	struct python_lexer whole = lexer;
	bool bracket = python_token_is(&lexer.token, "(") ||
		       python_token_is(&lexer.token, "[");
	size_t found = 0;
	bool fits = true;

	if (bracket) {
		python_skip_bracket(&whole);
		bracket = python_token_ends(&whole.token);
	}
	if (bracket)
		python_lexer_next(&lexer);
	while (fits && !python_token_ends(&lexer.token) &&
		lexer.token.depth >= (int)bracket) {
		if (found == list->count || python_token_is(&lexer.token, "*")) {
			fits = false;
			break;
		}
		if (!python_token_is(&lexer.token, "lambda"))
			python_value_read(&lexer, scope, false, &values[found]);
		if ((shared && python_value_is_mutable(&values[found])) ||
			(!python_token_is(&lexer.token, ",") &&
				!python_token_ends(&lexer.token) &&
				lexer.token.depth >= (int)bracket)) {
			python_value_free(&values[found]);
			values[found].kind = PYTHON_UNKNOWN;
			skip_element(&lexer, bracket);
		}
		found++;
		if (python_token_is(&lexer.token, ","))
			python_lexer_next(&lexer);
	}
	fits = fits && found == list->count;
	for (size_t i = 0; fits && i < list->count; i++)
		python_target_bind(scope, &list->names[i], &values[i],
			i + 1 < list->count || !list->ends);
	for (size_t i = 0; i < STATEMENT_TARGETS; i++)
		python_value_free(&values[i]);
	return fits;
}

static bool
targets_are_several(struct python_lexer lexer, const struct python_lexer *until)
{
	for (; lexer.token.start < until->token.start; python_lexer_next(&lexer))
		if (lexer.token.depth == 0 && python_token_is(&lexer.token, ","))
			return true;
	return false;
}

/* Binds every target of `a = b = value`; the lexer stands on the first. */
static void
statement_assign(struct python_lexer *lexer, const struct statement_survey *survey,
	bool conditional, struct python_scope *scope)
{
	static const struct python_value unknown = { .kind = PYTHON_UNKNOWN };
	const struct python_lexer *last = &survey->values[survey->count - 1];
	struct python_lexer after = *last;
	struct python_value value = { 0 };

	python_value_read(&after, scope, true, &value);
	if (conditional || !python_token_ends(&after.token) ||
		(survey->count > 1 && python_value_is_mutable(&value))) {
		python_value_free(
			&value); /* a list with two names: either changes it */
		value.kind = PYTHON_UNKNOWN;
	}
	for (size_t i = 0; i < survey->count; i++) {
		const struct python_lexer *next = &survey->values[i];
		struct target_list list = { 0 };

		if (!conditional)
			target_list_read(*lexer, next, &list);
		if (!list.count || !assign_each(&list, survey->count > 1, *last, scope))
			python_targets_read(lexer, "=",
				targets_are_several(*lexer, next) ? &unknown : &value,
				scope);
		*lexer = *next;
	}
	python_value_free(&value);
}

/* The names of a statement that is too odd to be read. */
static void
statement_forget(struct python_lexer *lexer, struct python_scope *scope)
{
	for (; !python_token_ends(&lexer->token); python_lexer_next(lexer))
		python_scope_forget(scope, &lexer->token);
}

/*
 * Moves from the colon of `NAME: annotation = value` to the '='.  False if there is
 * more in the annotation than names, brackets and plain strings.
 */
static bool
skip_annotation(struct python_lexer *lexer)
{
	for (; !python_token_ends(&lexer->token); python_lexer_next(lexer)) {
		const struct python_token *token = &lexer->token;
		static const struct python_token nothing = { 0 };

		if (token->kind == PYTHON_OPERATOR && token->length == 1) {
			if (*token->start == '=')
				return token->depth == 0;
			if (strchr(".,[]|:", *token->start))
				continue;
			return false;
		}
		if (token->kind == PYTHON_NAME
				? python_token_is(token, "lambda") ||
					  python_token_is_backdoor(
						  token, &nothing, &nothing)
				: token->kind != PYTHON_STRING ||
					  python_string_is_formatted(token))
			return false;
	}
	return false;
}

/* `NAME = value` with a value that is written down: nearly all that matters. */
static bool
statement_is_simple(struct python_lexer *lexer, struct python_scope *scope)
{
	struct python_lexer ahead = *lexer;
	struct python_token name = lexer->token;
	struct python_value value = { 0 };

	if (name.kind != PYTHON_NAME || scope->exposed)
		return false;
	python_lexer_next(&ahead);
	if (python_token_is(&ahead.token, ":") ? !skip_annotation(&ahead)
					       : !python_token_is(&ahead.token, "="))
		return false;
	python_lexer_next(&ahead);
	python_value_read(&ahead, scope, true, &value);
	if (!python_token_ends(&ahead.token) || value.kind == PYTHON_UNKNOWN) {
		python_value_free(&value);
		return false;
	}
	python_scope_bind(scope, &name, &value);
	*lexer = ahead;
	return true;
}

/* `type NAME = ...`; `type` may be a name as well. */
static bool
statement_is_alias(struct python_lexer lexer)
{
	if (!python_token_is(&lexer.token, "type"))
		return false;
	python_lexer_next(&lexer);
	return lexer.token.kind == PYTHON_NAME;
}

void
python_statement_read(struct python_lexer *lexer, bool conditional, size_t fixed,
	struct python_scope *scope)
{
	struct python_token first = lexer->token;
	struct statement_survey survey;

	if (!conditional && statement_is_simple(lexer, scope))
		return;
	if (python_token_is(&first, "import") || python_token_is(&first, "from")) {
		import_read(lexer, fixed, scope);
		return;
	}
	statement_survey(*lexer, scope, &survey);
	if (python_token_is(&first, "del")) {
		struct python_value gone = { .kind = conditional ? PYTHON_UNKNOWN
								 : PYTHON_ABSENT };

		python_lexer_next(lexer);
		python_targets_read(lexer, ";", &gone, scope);
	} else if (survey.count > STATEMENT_TARGETS) {
		statement_forget(lexer, scope);
	} else if (survey.count && statement_is_alias(*lexer)) {
		python_lexer_next(lexer);
		python_scope_forget(scope, &lexer->token);
	} else if (survey.augmented || (survey.annotated && survey.after_lambda)) {
		struct python_value unknown = { .kind = PYTHON_UNKNOWN };

		python_target_read(lexer, &unknown, scope);
	} else if (survey.count) {
		statement_assign(lexer, &survey, conditional, scope);
	}
	python_skip_statement(lexer);
}
