#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/danger.h"
#include "pgrunbook/model/sql_split.h"

static bool
list_has(const char *const *list, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(list[i], word) == 0)
			return true;
	}
	return false;
}

/* Words that take something away wherever they stand in a statement. */
static bool
is_destructive_word(const char *word)
{
	static const char *const words[] = { "drop", "delete", "update", "truncate",
		"merge", "reassign", "pg_terminate_backend", "pg_drop_replication_slot",
		"lo_unlink", "dblink_exec", "drop_owned" };

	return list_has(words, sizeof(words) / sizeof(words[0]), word);
}

/* Words before a bracket that are no function. */
static bool
is_keyword(const char *word)
{
	static const char *const words[] = { "all", "and", "any", "array", "as",
		"between", "by", "case", "char", "cross", "decimal", "distinct", "else",
		"except", "exists", "filter", "from", "having", "ilike", "in", "inner",
		"intersect", "interval", "join", "lateral", "left", "like", "limit",
		"materialized", "not", "numeric", "offset", "on", "or", "over",
		"partition", "right", "row", "rows", "select", "similar", "some",
		"then", "union", "using", "values", "varchar", "when", "where", "with",
		"within" };

	return list_has(words, sizeof(words) / sizeof(words[0]), word);
}

/* Functions that only look, by name or by the beginning of their name. */
static bool
is_reading_function(const char *word)
{
	static const char *const functions[] = { "abs", "age", "avg", "bool_and",
		"bool_or", "cast", "ceil", "clock_timestamp", "coalesce", "concat",
		"concat_ws", "count", "date_part", "date_trunc", "dense_rank",
		"extract", "first_value", "floor", "format", "format_type",
		"generate_series", "greatest", "lag", "last_value", "lead", "least",
		"length", "lower", "ltrim", "make_interval", "max", "md5", "min",
		"mode", "now", "nullif", "obj_description", "col_description",
		"percentile_cont", "percentile_disc", "pg_backend_pid",
		"pg_blocking_pids", "pg_safe_snapshot_blocking_pids", "pg_column_size",
		"pg_conf_load_time", "pg_database_size", "pg_indexes_size",
		"pg_is_in_recovery", "pg_is_wal_replay_paused",
		"pg_postmaster_start_time", "pg_relation_size", "pg_size_pretty",
		"pg_table_is_visible", "pg_table_size", "pg_tablespace_size",
		"pg_total_relation_size", "pg_typeof", "pg_wal_lsn_diff", "position",
		"quote_ident", "quote_literal", "rank", "regexp_replace", "replace",
		"round", "row_number", "rtrim", "split_part", "string_agg", "substr",
		"substring", "sum", "to_char", "to_date", "to_json", "to_jsonb",
		"to_number", "to_regclass", "to_timestamp", "trim", "unnest", "upper",
		"version" };
	static const char *const beginnings[] = { "array_", "current_", "has_", "json_",
		"jsonb_", "pg_current_", "pg_get_", "pg_last_", "pg_stat_get_",
		"regexp_" };

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++) {
		if (strncasecmp(word, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	}
	return list_has(functions, sizeof(functions) / sizeof(functions[0]), word);
}

/* The first words of statements that only look, if nothing else in them says more. */
static bool
is_reading_start(const char *word)
{
	static const char *const words[] = { "explain", "select", "show", "table",
		"values", "with" };

	return list_has(words, sizeof(words) / sizeof(words[0]), word);
}

/* Words that make more than a look out of a SELECT: INTO, FOR UPDATE and its kin. */
static bool
is_changing_word(const char *word)
{
	static const char *const words[] = { "alter", "analyze", "call", "copy",
		"create", "execute", "grant", "insert", "into", "lock", "refresh",
		"revoke", "share", "vacuum" };

	return list_has(words, sizeof(words) / sizeof(words[0]), word);
}

static enum danger
worse(enum danger a, enum danger b)
{
	return a > b ? a : b;
}

/* All of the text as words, quotes or not: a DO block runs what it quotes. */
static enum danger
danger_of_quoted(const char *text)
{
	size_t at = 0;

	while (text[at] != '\0') {
		size_t length = strspn(text + at,
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");
		char *word = alloc_copy_bytes(text + at, length);
		bool destructive = is_destructive_word(word);

		free(word);
		if (destructive)
			return DANGER_DESTRUCTIVE;
		at += length > 0 ? length : 1;
	}
	return DANGER_CHANGE;
}

static enum danger
danger_of_meta(const char *text)
{
	static const char *const looks[] = { "\\conninfo", "\\echo", "\\encoding",
		"\\l", "\\l+", "\\q", "\\sf", "\\sv", "\\timing", "\\x", "\\z",
		"\\pset" };
	size_t length = strcspn(text, " \t");
	char *name = alloc_copy_bytes(text, length);
	bool look = list_has(looks, sizeof(looks) / sizeof(looks[0]), name) ||
		    strncmp(name, "\\d", 2) == 0;
	enum danger danger = look ? DANGER_READ : DANGER_CHANGE;

	if (strcasecmp(name, "\\gexec") == 0)
		danger = DANGER_DESTRUCTIVE;
	if (strpbrk(text, "`|") != NULL) /* psql runs those by the shell */
		danger = worse(danger, DANGER_CHANGE);
	free(name);
	return danger;
}

/* What the word at a token adds; `next` is the byte after it. */
static enum danger
danger_of_word(const char *word, bool first, char next)
{
	if (is_destructive_word(word))
		return DANGER_DESTRUCTIVE;
	if (first)
		return is_reading_start(word) ? DANGER_READ : DANGER_CHANGE;
	if (is_changing_word(word))
		return DANGER_CHANGE;
	if (next == '(' && !is_keyword(word) && !is_reading_function(word))
		return DANGER_CHANGE;
	return DANGER_READ;
}

static enum danger
danger_of_statement(const struct sql_statement *statement)
{
	const char *text = statement->text;
	size_t length = strlen(text), at = 0;
	enum danger danger = statement->doubtful ? DANGER_CHANGE : DANGER_READ;
	bool first = true;
	struct sql_token token;

	if (statement->meta)
		return danger_of_meta(text);
	for (sql_lex(text, length, &at, &token); token.kind != SQL_END;
		sql_lex(text, length, &at, &token)) {
		size_t next = token.end + strspn(text + token.end, " \t\n");
		char *word;

		if (token.kind == SQL_SYMBOL &&
			text[token.start] == '\\') /* \gexec, \g */
			danger = worse(danger, danger_of_meta(text + token.start));
		if (token.kind == SQL_QUOTED && text[next] == '(')
			danger = worse(danger, DANGER_CHANGE); /* "function"(...) */
		if (token.kind != SQL_WORD)
			continue;
		word = alloc_copy_bytes(text + token.start, token.end - token.start);
		danger = worse(danger, danger_of_word(word, first, text[next]));
		if ((first && strcasecmp(word, "do") == 0) ||
			strcasecmp(word, "execute") == 0)
			danger = worse(danger, danger_of_quoted(text));
		free(word);
		first = false;
	}
	return danger;
}

enum danger
danger_of_sql(const char *statements)
{
	enum danger danger = DANGER_READ;
	struct sql_split split;

	sql_split(statements, strlen(statements), &split);
	for (size_t i = 0; i < split.count; i++)
		danger = worse(danger, danger_of_statement(&split.statements[i]));
	sql_split_free(&split);
	return danger;
}
