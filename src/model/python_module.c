#include "pgrunbook/model/python_module.h"

/* What an assignment assigns, and to what. */
struct module_targets {
	struct python_lexer value; /* stands on the first token of what is assigned */
	size_t count;		   /* of '=' outside of brackets */
	bool single;		   /* `NAME = value` or `NAME: annotation = value` */
	bool augmented;
};

void
python_scope_forget(struct python_scope *scope, const struct python_token *name)
{
	struct python_value unknown = { .kind = PYTHON_UNKNOWN };

	if (name->kind == PYTHON_NAME)
		python_scope_bind(scope, name, &unknown);
}

static bool
module_is_any(const struct python_token *token, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (*token->start == *words[i] && python_token_is(token, words[i]))
			return true;
	return false;
}

/*
 * A list may be changed by whoever gets hold of it: by a method, by an index, by a
 * function that it is passed to.  After any of those it isn't known any more.
 */
static void
module_note_use(struct python_scope *scope, const struct python_token *before,
	const struct python_token *name, const struct python_token *after)
{
	struct python_binding *binding =
		python_scope_find(scope, name->start, name->length);

	if (!binding || !binding->value.mutable)
		return;
	if (python_token_is(after, ".") || python_token_is(after, "[") ||
		(name->depth > 0 &&
			(python_token_is(before, "(") || python_token_is(before, ","))))
		python_scope_forget(scope, name);
}

/* One look over the statement: where its value begins, and what else it binds. */
static struct module_targets
module_survey(struct python_lexer lexer, struct python_scope *scope)
{
	struct module_targets targets = { 0 };
	struct python_token before = { 0 }, name = { 0 }, first = lexer.token;

	for (; !python_token_ends(&lexer.token); python_lexer_next(&lexer)) {
		const struct python_token *token = &lexer.token;

		if (name.kind == PYTHON_NAME) {
			module_note_use(scope, &before, &name, token);
			if (python_token_is(token, ":="))
				python_scope_forget(scope, &name);
		}
		if (token->depth == 0 && python_token_is(token, "=")) {
			targets.count++;
			targets.value = lexer;
		}
		targets.augmented |=
			token->depth == 0 && python_token_is_augmented(token);
		if (name.start == first.start && name.kind == PYTHON_NAME)
			targets.single = python_token_is(token, "=") ||
					 python_token_is(token, ":");
		before = name;
		name = *token;
	}
	targets.single &= targets.count == 1;
	if (targets.count)
		python_lexer_next(&targets.value);
	return targets;
}

/* `import a.b`, `import a as b`, `from a import b, c as d`: b, b, then b and d. */
static void
module_read_import(struct python_lexer *lexer, struct python_scope *scope)
{
	bool from = python_token_is(&lexer->token, "from");
	bool listed = !from;
	struct python_token bound = { 0 };

	python_lexer_next(lexer);
	for (; !python_token_ends(&lexer->token); python_lexer_next(lexer)) {
		const struct python_token *token = &lexer->token;

		if (!listed) {
			listed = python_token_is(token, "import");
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

/* Names that aren't parts of attributes or subscripts. */
static void
module_forget_names(struct python_lexer *lexer, const struct python_lexer *until,
	enum python_value_kind kind, struct python_scope *scope)
{
	struct python_token name = { 0 };
	bool attribute = false;

	for (;; python_lexer_next(lexer)) {
		const struct python_token *token = &lexer->token;
		bool ends = python_token_ends(token) ||
			    (until && token->start >= until->token.start);
		bool goes_on = !ends && (python_token_is(token, ".") ||
						python_token_is(token, "["));

		if (name.kind == PYTHON_NAME && !goes_on && !attribute) {
			struct python_value value = { .kind = kind };
			python_scope_bind(scope, &name, &value);
		}
		if (ends)
			return;
		attribute = name.kind == PYTHON_OPERATOR && name.length == 1 &&
			    *name.start == '.';
		name = *token;
	}
}

/*
 * Parallel assignment: `a, b = "x", None`.  The lexer stands on the first target, a
 * copy of it walks the values.
 */
static void
module_assign_each(struct python_lexer *lexer, const struct python_lexer *until,
	struct python_lexer value, struct python_scope *scope)
{
	while (lexer->token.start < until->token.start &&
		!python_token_ends(&lexer->token)) {
		struct python_token name = lexer->token;
		struct python_value item = { 0 };

		if (name.kind == PYTHON_NAME) {
			python_value_read(&value, scope, false, &item);
			if (!python_token_is(&value.token, ",") &&
				!python_token_ends(&value.token))
				item.kind = PYTHON_UNKNOWN;
			python_scope_bind(scope, &name, &item);
			if (python_token_is(&value.token, ","))
				python_lexer_next(&value);
		}
		python_lexer_next(lexer);
	}
}

/* How one target of an assignment looks. */
enum module_target { TARGET_NAME, TARGET_NAMES, TARGET_OTHER };

/* Looks at the target up to its '=' or its annotation; *name is its name. */
static enum module_target
module_look_at_target(struct python_lexer lexer, struct python_token *name)
{
	size_t names = 0, commas = 0;

	*name = (struct python_token){ 0 };
	while (!python_token_ends(&lexer.token) &&
		!(lexer.token.depth == 0 &&
			(python_token_is(&lexer.token, "=") ||
				python_token_is(&lexer.token, ":")))) {
		const struct python_token *token = &lexer.token;

		if (token->kind == PYTHON_NAME) {
			names++;
			*name = *token;
		} else if (python_token_is(token, ",")) {
			commas++;
			if (token->depth > 0)
				return TARGET_OTHER;
		} else if (!python_token_is(token, "(") &&
			   !python_token_is(token, ")")) {
			return TARGET_OTHER;
		}
		python_lexer_next(&lexer);
	}
	if (commas)
		return names == commas + 1 ? TARGET_NAMES : TARGET_OTHER;
	return names == 1 ? TARGET_NAME : TARGET_OTHER;
}

/* Binds every target of `a = b = value`. */
static void
module_assign(struct python_lexer *lexer, const struct module_targets *targets,
	struct python_scope *scope)
{
	struct python_lexer after = targets->value;
	struct python_value value = { 0 };

	python_value_read(&after, scope, true, &value);
	if (!python_token_ends(&after.token))
		value.kind = PYTHON_UNKNOWN;
	if (targets->single) { /* nearly always; the rest is for the odd ones */
		python_scope_bind(scope, &lexer->token, &value);
		*lexer = after;
		return;
	}
	while (lexer->token.start < targets->value.token.start) {
		struct python_value copy = { 0 };
		struct python_token name;
		struct python_lexer end = *lexer;

		while (!(end.token.depth == 0 && python_token_is(&end.token, "=")))
			python_lexer_next(&end);
		switch (module_look_at_target(*lexer, &name)) {
		case TARGET_NAME:
			python_value_copy(&copy, &value);
			python_scope_bind(scope, &name, &copy);
			break;
		case TARGET_NAMES:
			module_assign_each(lexer, &end, targets->value, scope);
			break;
		case TARGET_OTHER:
			module_forget_names(lexer, &end, PYTHON_UNKNOWN, scope);
			break;
		}
		*lexer = end;
		python_lexer_next(lexer);
	}
	python_value_free(&value);
}

void
python_statement_read(
	struct python_lexer *lexer, bool conditional, struct python_scope *scope)
{
	struct python_token first = lexer->token;

	if (python_token_is(&first, "import") || python_token_is(&first, "from")) {
		module_read_import(lexer, scope);
		return;
	}
	struct module_targets targets = module_survey(*lexer, scope);
	if (python_token_is(&first, "del")) {
		python_lexer_next(lexer);
		module_forget_names(lexer, NULL,
			conditional ? PYTHON_UNKNOWN : PYTHON_ABSENT, scope);
	} else if (python_token_is(&first, "type") && targets.count) {
		python_lexer_next(lexer);
		python_scope_forget(scope, &lexer->token);
	} else if (targets.augmented) {
		python_scope_forget(scope, &first);
	} else if (targets.count && conditional) {
		module_forget_names(lexer, &targets.value, PYTHON_UNKNOWN, scope);
	} else if (targets.count) {
		module_assign(lexer, &targets, scope);
	}
	python_skip_statement(lexer);
}

/* `for NAME in`, `as NAME`, `(NAME := ...)` in the header of a compound statement. */
static void
module_read_header(struct python_lexer *lexer, struct python_scope *scope)
{
	struct python_token before = { 0 };
	bool targets = false;
	size_t lambdas = 0;

	for (; lexer->token.kind != PYTHON_NEWLINE && lexer->token.kind != PYTHON_END;
		python_lexer_next(lexer)) {
		const struct python_token *token = &lexer->token;

		if (python_token_is(token, "lambda"))
			lambdas += token->depth == 0;
		else if (token->depth == 0 && python_token_is(token, ":") &&
			 lambdas-- == 0)
			break;
		else if (python_token_is(token, "for") && token->depth == 0)
			targets = true;
		else if (python_token_is(token, "in"))
			targets = false;
		else if (python_token_is(token, ":="))
			python_scope_forget(scope, &before);
		else if (targets || python_token_is(&before, "as"))
			python_scope_forget(scope, token);
		before = *token;
	}
}

bool
python_compound_read(struct python_lexer *lexer, struct python_scope *scope)
{
	static const char *const words[] = { "if", "elif", "else", "for", "while",
		"try", "except", "finally", "with", "async" };

	if (!module_is_any(&lexer->token, words, sizeof(words) / sizeof(*words)))
		return false;
	module_read_header(lexer, scope);
	while (lexer->token.kind != PYTHON_NEWLINE && lexer->token.kind != PYTHON_END) {
		python_lexer_next(lexer); /* the colon or a semicolon */
		if (!python_token_ends(&lexer->token))
			python_statement_read(lexer, true, scope);
	}
	return true;
}
