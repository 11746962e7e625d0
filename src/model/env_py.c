#include "pgrunbook/model/env_py.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/python_scope.h"
#include "pgrunbook/model/python_source.h"
#include "pgrunbook/model/version.h"

/* One call of configure(). */
struct env_call {
	struct python_value table, schema; /* PYTHON_ABSENT: not given */
	bool connection;		   /* it has one: it is the online mode */
	bool more;			   /* **arguments, which may say anything */
};

static void
env_call_free(struct env_call *call)
{
	python_value_free(&call->table);
	python_value_free(&call->schema);
}

/* The value of a keyword argument; what goes on behind it is computed. */
static void
env_read_value(struct python_lexer *lexer, int depth, struct python_value *value)
{
	static const struct python_scope nothing = { 0 };

	python_value_free(value);
	python_value_read(lexer, &nothing, false, value);
	if (lexer->token.kind == PYTHON_OPERATOR &&
		((lexer->token.depth == depth && python_token_is(&lexer->token, ",")) ||
			(lexer->token.depth == depth - 1 &&
				python_token_is(&lexer->token, ")"))))
		return;
	python_value_free(value);
	value->kind = PYTHON_UNKNOWN;
}

/* Stands on the opening bracket; moves to the closing one, or to the end. */
static void
env_read_call(struct python_lexer *lexer, struct env_call *call)
{
	int depth = lexer->token.depth + 1;
	bool begins = true; /* an argument */

	python_lexer_next(lexer);
	while (lexer->token.kind != PYTHON_END && lexer->token.depth >= depth) {
		struct python_token name = lexer->token;

		python_lexer_next(lexer);
		if (!begins || name.depth != depth) {
			begins = name.depth == depth && python_token_is(&name, ",");
			continue;
		}
		begins = false;
		call->more = call->more || python_token_is(&name, "**");
		if (name.kind != PYTHON_NAME || !python_token_is(&lexer->token, "="))
			continue;
		call->connection =
			call->connection || python_token_is(&name, "connection");
		python_lexer_next(lexer);
		if (python_token_is(&name, "version_table"))
			env_read_value(lexer, depth, &call->table);
		else if (python_token_is(&name, "version_table_schema"))
			env_read_value(lexer, depth, &call->schema);
	}
}

static bool
env_is_written(const struct python_value *value, bool more)
{
	return (value->kind == PYTHON_TEXT && *value->text != '\0') ||
	       value->kind == PYTHON_NONE || (value->kind == PYTHON_ABSENT && !more);
}

/* Alembic's own defaults where a call says nothing; NULL: it isn't known. */
static char *
env_call_name(const struct env_call *call)
{
	if (!env_is_written(&call->table, call->more) ||
		!env_is_written(&call->schema, call->more))
		return NULL;
	return version_name_make(
		call->schema.kind == PYTHON_TEXT ? call->schema.text : NULL,
		call->table.kind == PYTHON_TEXT ? call->table.text : "alembic_version");
}

static bool
env_call_says(const struct env_call *call)
{
	return call->table.kind != PYTHON_ABSENT || call->schema.kind != PYTHON_ABSENT;
}

char *
env_py_version_table(const char *bytes, size_t length)
{
	struct python_source source;
	struct python_lexer lexer;
	char *name = NULL;
	bool online = false, says = false, settled = true;

	python_source_open(bytes, length, &source);
	python_lexer_start(&lexer, source.text, source.length);
	while (lexer.token.kind != PYTHON_END) {
		bool configure = python_token_is(&lexer.token, "configure");
		struct env_call call = { 0 };

		python_lexer_next(&lexer);
		if (!configure || !python_token_is(&lexer.token, "("))
			continue;
		env_read_call(&lexer, &call);
		if (call.connection && !online) { /* what came before doesn't count */
			online = settled = true;
			says = false;
			free(name);
			name = NULL;
		}
		if (call.connection == online) {
			char *other = env_call_name(&call);

			settled = settled && other != NULL &&
				  (name == NULL || strcmp(name, other) == 0);
			says = says || env_call_says(&call);
			free(name);
			name = other;
		}
		env_call_free(&call);
	}
	python_source_free(&source);
	if (settled && says)
		return name;
	free(name);
	return NULL;
}
