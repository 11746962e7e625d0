#include "pgrunbook/model/python_statement.h"

#include "pgrunbook/model/python_scan.h"
#include "pgrunbook/model/python_target.h"

/* `case` begins a pattern; as a name it has an operator behind it. */
static bool
header_is_pattern(struct python_lexer lexer)
{
	static const char *const operators[] = { "=", ":", ".", ",", ")", ":=", "+",
		"|", "/", "%", "<", ">", "==", "!=", "<=", ">=" };
	bool colon = false;

	python_lexer_next(&lexer);
	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++)
		if (python_token_is(&lexer.token, operators[i]))
			return false;
	if (python_token_is_augmented(&lexer.token))
		return false;
	for (; !python_token_ends(&lexer.token); python_lexer_next(&lexer))
		colon |= lexer.token.depth == 0 && python_token_is(&lexer.token, ":");
	return colon;
}

/* The names that `case PATTERN if ...:` captures; stops at its `if` or colon. */
static void
pattern_read(struct python_lexer *lexer, struct python_scope *scope)
{
	struct python_token before = { 0 }, name = { 0 };

	for (;; python_lexer_next(lexer)) {
		const struct python_token *token = &lexer->token;
		bool ends = python_token_ends(token) || python_token_is(token, "if") ||
			    (token->depth == 0 && python_token_is(token, ":"));

		if (name.kind == PYTHON_NAME && !python_token_is(&before, ".") &&
			!python_token_is(token, ".") && !python_token_is(token, "(") &&
			!python_token_is(token, "=") && !python_token_is(&name, "_"))
			python_scope_forget(scope, &name);
		if (ends)
			return;
		before = name;
		name = *token;
	}
}

/* What stands behind every `as` of the header. */
static void
header_read_aliases(struct python_lexer lexer, struct python_scope *scope)
{
	static const struct python_value unknown = { .kind = PYTHON_UNKNOWN };

	while (lexer.token.kind != PYTHON_NEWLINE && lexer.token.kind != PYTHON_END &&
		!(lexer.token.depth == 0 && python_token_is(&lexer.token, ":"))) {
		bool alias = python_token_is(&lexer.token, "as");

		python_lexer_next(&lexer);
		if (alias)
			python_target_read(&lexer, &unknown, scope);
	}
}

bool
python_header_read(struct python_lexer *lexer, struct python_scope *scope)
{
	static const char *const words[] = { "if", "elif", "else", "for", "while",
		"try", "except", "finally", "with", "async" };
	static const struct python_value unknown = { .kind = PYTHON_UNKNOWN };
	struct python_lexer header = *lexer;

	if (python_token_is(&header.token, "case") && header_is_pattern(header)) {
		python_lexer_next(lexer);
		header = *lexer;
		pattern_read(&header, scope);
	} else if (!python_token_is_any(
			   &header.token, words, sizeof(words) / sizeof(*words))) {
		return false;
	}
	if (python_token_is(&header.token, "async"))
		python_lexer_next(&header);
	if (python_token_is(&header.token, "for")) {
		python_lexer_next(&header);
		python_targets_read(&header, "in", &unknown, scope);
	} else if (python_token_is(&header.token, "with") ||
		   python_token_is(&header.token, "except")) {
		header_read_aliases(header, scope);
	}
	python_expression_scan(lexer, SCAN_HEADER, scope);
	if (python_token_is(&lexer->token, ":"))
		python_lexer_next(lexer);
	return true;
}
