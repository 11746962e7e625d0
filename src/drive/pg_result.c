#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "src/drive/pg_session.h"

/* A struct pg_result is a PGresult: callers outside see neither libpq nor a copy. */
static const PGresult *
pg_result_of(const struct pg_result *result)
{
	return (const PGresult *)(const void *)result;
}

int
pg_result_rows(const struct pg_result *result)
{
	return PQntuples(pg_result_of(result));
}

int
pg_result_columns(const struct pg_result *result)
{
	return PQnfields(pg_result_of(result));
}

const char *
pg_result_column_name(const struct pg_result *result, int column)
{
	return PQfname(pg_result_of(result), column);
}

const char *
pg_result_text(const struct pg_result *result, int row, int column)
{
	if (PQgetisnull(pg_result_of(result), row, column))
		return NULL;
	return PQgetvalue(pg_result_of(result), row, column);
}

int64_t
pg_result_int(const struct pg_result *result, int row, int column, int64_t if_null)
{
	const char *text = pg_result_text(result, row, column);

	return text ? strtoll(text, NULL, 10) : if_null;
}

bool
pg_result_bool(const struct pg_result *result, int row, int column)
{
	const char *text = pg_result_text(result, row, column);

	return text && *text == 't';
}

const char *
pg_result_command(const struct pg_result *result)
{
	/* libpq gives the text without promising to leave it alone. */
	return PQcmdStatus((PGresult *)pg_result_of(result));
}

static void
pg_result_add_field(struct str *out, const char *label, const char *text)
{
	if (text && *text)
		str_printf(out, "%s%s: %s", out->length ? "\n" : "", label, text);
}

char *
pg_result_error(const PGresult *result)
{
	struct str out = { 0 };
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY);

	pg_result_add_field(&out, severity ? severity : "ERROR",
		PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
	pg_result_add_field(
		&out, "DETAIL", PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL));
	pg_result_add_field(
		&out, "HINT", PQresultErrorField(result, PG_DIAG_MESSAGE_HINT));
	if (!out.length) /* libpq's own: nothing came from the server */
		str_add(&out, PQresultErrorMessage(result));
	while (out.length && out.bytes[out.length - 1] == '\n')
		out.bytes[--out.length] = '\0';
	return str_take(&out);
}

/* Length of "57P03: " at `text`, or 0. */
static size_t
pg_result_sqlstate_at(const char *text)
{
	size_t at = 0;

	while (at < 5 &&
		(isdigit((unsigned char)text[at]) || isupper((unsigned char)text[at])))
		at++;
	return at == 5 && text[5] == ':' && text[6] == ' ' ? 7 : 0;
}

char *
pg_connection_error(const char *message, char sqlstate[SQLSTATE_TEXT])
{
	struct str out = { 0 };

	sqlstate[0] = '\0';
	while (*message) {
		size_t length = strcspn(message, "\n");
		const char *end = message + length;
		const char *code;

		/* Advice that the operator needs no more than "LOCATION:  file.c:12".
		 */
		if (*message == '\t' ||
			(out.length && isdigit((unsigned char)end[-1]) &&
				memmem(message, length, ".c:", 3))) {
			message = *end ? end + 1 : end;
			continue;
		}
		if (out.length && length)
			str_add(&out, "; ");
		/* "FATAL:  57P03: the database system is starting up" */
		code = memmem(message, length, ":  ", 3);
		if (code && pg_result_sqlstate_at(code + 3)) {
			memcpy(sqlstate, code + 3, 5);
			sqlstate[5] = '\0';
			str_add_bytes(&out, message, (size_t)(code + 2 - message));
			message = code + 3 + pg_result_sqlstate_at(code + 3);
		}
		while (message < end && isspace((unsigned char)*message))
			message++;
		str_add_bytes(&out, message, (size_t)(end - message));
		message = *end ? end + 1 : end;
	}
	return str_take(&out);
}
