/* SQLAlchemy's URLs, as alembic.ini and DATABASE_URL hold them, in libpq's words. */
#include <ctype.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/drive/pg_params.h"

/* What follows "://" in postgresql+driver://, else NULL. */
static const char *
pg_url_after_driver(const char *url)
{
	const char *at = url;

	if (strncmp(at, "postgresql+", 11) == 0)
		at += 11;
	else if (strncmp(at, "postgres+", 9) == 0)
		at += 9;
	else
		return NULL;
	while (isalnum((unsigned char)*at) || *at == '_')
		at++;
	return strncmp(at, "://", 3) == 0 ? at + 3 : NULL;
}

static bool
pg_url_libpq_knows(const char *keyword)
{
	PQconninfoOption *options = PQconndefaults();
	bool known = false;

	for (const PQconninfoOption *option = options; option && option->keyword;
		option++)
		known = known || strcmp(option->keyword, keyword) == 0;
	PQconninfoFree(options);
	return known;
}

/* asyncpg's ssl is a mode of libpq's or a truth value. */
static const char *
pg_url_sslmode(const char *ssl)
{
	if (strcasecmp(ssl, "true") == 0 || strcmp(ssl, "1") == 0)
		return "require";
	if (strcasecmp(ssl, "false") == 0 || strcmp(ssl, "0") == 0)
		return "disable";
	return ssl;
}

static void
pg_url_add(struct str *out, const char *keyword, const char *value)
{
	str_printf(
		out, "%c%s=%s", strchr(str_text(out), '?') ? '&' : '?', keyword, value);
}

/* Splits NAME:PORT; SQLAlchemy repeats the argument host for each of several. */
static void
pg_url_add_host(struct str *hosts, struct str *ports, const char *value)
{
	const char *colon = strrchr(value, ':');
	bool port = colon && colon[1] &&
		    strspn(colon + 1, "0123456789") == strlen(colon + 1);

	if (hosts->length) {
		str_add_char(hosts, ',');
		str_add_char(ports, ',');
	}
	str_add_bytes(hosts, value, port ? (size_t)(colon - value) : strlen(value));
	if (port)
		str_add(ports, colon + 1);
}

static void
pg_url_add_argument(struct str *out, struct str *hosts, struct str *ports,
	const char *keyword, const char *value)
{
	if (strcmp(keyword, "host") == 0)
		pg_url_add_host(hosts, ports, value);
	else if (strcmp(keyword, "ssl") == 0)
		pg_url_add(out, "sslmode", pg_url_sslmode(value));
	else if (strcmp(keyword, "timeout") == 0)
		pg_url_add(out, "connect_timeout", value);
	else if (pg_url_libpq_knows(keyword))
		pg_url_add(out, keyword, value);
}

char *
pg_params_libpq_url(const char *url)
{
	struct str out = { 0 }, hosts = { 0 }, ports = { 0 };
	const char *rest = pg_url_after_driver(url);
	char *copy, *next;

	if (!rest)
		return alloc_copy(url);
	copy = alloc_copy(rest);
	next = strchr(copy, '?');
	if (next)
		*next++ = '\0';
	str_printf(&out, "postgresql://%s", copy);
	while (next) {
		char *keyword = next, *value;

		next = strchr(next, '&');
		if (next)
			*next++ = '\0';
		value = strchr(keyword, '=');
		if (!value)
			continue;
		*value++ = '\0';
		pg_url_add_argument(&out, &hosts, &ports, keyword, value);
	}
	if (hosts.length)
		pg_url_add(&out, "host", str_text(&hosts));
	/* Only commas: no host came with a port of its own. */
	if (strspn(str_text(&ports), ",") < ports.length)
		pg_url_add(&out, "port", str_text(&ports));
	free(copy);
	str_free(&hosts);
	str_free(&ports);
	return str_take(&out);
}
