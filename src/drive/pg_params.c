#include "pgrunbook/drive/pg_params.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "src/drive/pg_library.h"

/* libpq's own test for "this is more than a database's name". */
static bool
pg_params_is_conninfo(const char *text)
{
	return strncmp(text, "postgresql://", 13) == 0 ||
	       strncmp(text, "postgres://", 11) == 0 || strchr(text, '=');
}

/* The length of the scheme of a URL that libpq would take for a database's name. */
static size_t
pg_params_foreign(const char *text)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-_");

	if (strncmp(text + length, "://", 3) != 0)
		return 0;
	return strncmp(text, "postgresql:", 11) == 0 ||
			       strncmp(text, "postgres:", 9) == 0
		       ? 0
		       : length;
}

static size_t
pg_params_index(const struct pg_params *params, const char *keyword)
{
	size_t at = 0;

	while (at < params->keywords.count &&
		strcmp(params->keywords.items[at], keyword) != 0)
		at++;
	return at;
}

static const char *
pg_params_given(const struct pg_params *params, const char *keyword)
{
	size_t at = pg_params_index(params, keyword);

	return at < params->keywords.count ? params->values.items[at] : NULL;
}

void
pg_params_set(struct pg_params *params, const char *keyword, const char *value)
{
	size_t at = pg_params_index(params, keyword);

	if (at == params->keywords.count) {
		strlist_add(&params->keywords, keyword);
		strlist_add(&params->values, value);
	} else {
		free(params->values.items[at]);
		params->values.items[at] = alloc_copy(value);
	}
}

static void
pg_params_unset(struct pg_params *params, const char *keyword)
{
	/* libpq takes an empty value for one that isn't given. */
	if (pg_params_given(params, keyword))
		pg_params_set(params, keyword, "");
}

/*
 * A connection that fails before it asks the network, but after libpq has put together
 * what was given, the environment, the service file and its defaults.  libpq has no
 * other way to say what a service means.  NULL with libpq's words if it can't.
 */
static PGconn *
pg_params_probe(const struct pg_params *params, struct error *error)
{
	static const char never[] = "!";
	const char **keywords =
		alloc_zeroed(params->keywords.count + 2, sizeof(char *));
	const char **values = alloc_zeroed(params->keywords.count + 2, sizeof(char *));
	size_t count = params->keywords.count;
	PGconn *connection;

	for (size_t i = 0; i < count; i++) {
		keywords[i] = params->keywords.items[i];
		values[i] = params->values.items[i];
	}
	keywords[count] = "ssl_min_protocol_version";
	values[count] = never;
	connection = PQconnectStartParams(keywords, values, 0);
	free(keywords);
	free(values);
	if (!connection)
		abort(); /* out of memory */

	/* Without a user it stopped at the service, before anything was put together.
	 */
	if (!PQuser(connection) || !*PQuser(connection)) {
		error_set(error, "cannot use the connection settings: %s",
			PQerrorMessage(connection));
		PQfinish(connection);
		return NULL;
	}
	return connection;
}

static bool
pg_params_add_conninfo(
	struct pg_params *params, const char *conninfo, struct error *error)
{
	char *message = NULL;
	PQconninfoOption *options = PQconninfoParse(conninfo, &message);

	if (!options) {
		/* libpq quotes what it can't parse, and that may be a password. */
		error_set(error, "cannot read the connection string: %s",
			strstr(conninfo, "@") || strstr(conninfo, "password")
				? "it is no conninfo and no URL that libpq accepts "
				  "(its text isn't shown, it may hold a password)"
				: message);
		PQfreemem(message);
		return false;
	}
	for (const PQconninfoOption *option = options; option->keyword; option++) {
		if (option->val)
			pg_params_set(params, option->keyword, option->val);
	}
	PQconninfoFree(options);
	return true;
}

static bool
pg_params_check_ports(const char *ports, struct error *error)
{
	for (const char *at = ports; at && *at;) {
		char *end;
		long port = strtol(at, &end, 10);

		if (end != at && (port < 1 || port > 65535))
			end = (char *)at + strlen(at) + 1;
		else if (*end == ',')
			end++;
		else if (*end)
			end = (char *)at + strlen(at) + 1;
		if (end > at + strlen(at))
			return error_set(error,
				"port \"%s\" is no number from 1 to 65535", ports);
		at = end;
	}
	return true;
}

bool
pg_params_make(const char *given, const char *host, const char *port, const char *user,
	struct pg_params *params, struct error *error)
{
	bool ok = true;

	*params = (struct pg_params){ 0 };
	if (!pg_library_open(error))
		return false;
	char *text = pg_params_libpq_url(given ? given : "");
	size_t foreign = pg_params_foreign(text);
	if (foreign) /* the rest may hold a password */
		ok = error_set(error,
			"%.*s:// is no URL of PostgreSQL: those begin with "
			"postgresql://",
			(int)foreign, text);
	else if (pg_params_is_conninfo(text))
		ok = pg_params_add_conninfo(params, text, error);
	else if (*text)
		pg_params_set(params, "dbname", text);
	free(text);
	if (!ok)
		return false;
	if (host) {
		pg_params_set(params, "host", host);
		/* It would beat the host's name. */
		pg_params_unset(params, "hostaddr");
	}
	if (port)
		pg_params_set(params, "port", port);
	if (user)
		pg_params_set(params, "user", user);

	/* What can't ever work is better said now than tried again and again. */
	PGconn *probe = pg_params_probe(params, error);

	ok = probe && pg_params_check_ports(PQport(probe), error);
	PQfinish(probe);
	return ok;
}

char *
pg_params_value(const struct pg_params *params, const char *keyword)
{
	struct error unused = { 0 };
	PGconn *probe = pg_params_probe(params, &unused);
	PQconninfoOption *options = probe ? PQconninfo(probe) : NULL;
	const char *value = NULL;
	char *copy;

	for (const PQconninfoOption *option = options; option && option->keyword;
		option++) {
		if (strcmp(option->keyword, keyword) == 0)
			value = option->val;
	}
	if (strcmp(keyword, "ssl_min_protocol_version") == 0)
		value = pg_params_given(params, keyword);
	if (probe && strcmp(keyword, "host") == 0 && (!value || !*value))
		value = PQhost(probe); /* the built-in socket directory */
	copy = value && *value ? alloc_copy(value) : NULL;
	PQconninfoFree(options);
	PQfinish(probe);
	error_clear(&unused);
	return copy;
}

static void
pg_params_add_variable(
	struct strlist *environment, const char *variable, const char *value)
{
	if (value && *value)
		strlist_add_owned(environment, alloc_printf("%s=%s", variable, value));
}

static bool
pg_params_is_target(const char *keyword)
{
	return strcmp(keyword, "host") == 0 || strcmp(keyword, "port") == 0 ||
	       strcmp(keyword, "user") == 0 || strcmp(keyword, "dbname") == 0;
}

/* Settings that a child must not be given although they were. */
static bool
pg_params_is_left_out(const char *keyword)
{
	return strcmp(keyword, "service") == 0 || strcmp(keyword, "servicefile") == 0 ||
	       strcmp(keyword, "application_name") == 0 ||
	       strcmp(keyword, "ssl_min_protocol_version") == 0;
}

void
pg_params_environment(const struct pg_params *params, struct strlist *environment)
{
	struct error unused = { 0 };
	PGconn *probe = pg_params_probe(params, &unused);
	PQconninfoOption *options = probe ? PQconninfo(probe) : NULL;
	const char *given = pg_params_given(params, "service");
	bool service = (given && *given) || getenv("PGSERVICE");

	for (const PQconninfoOption *option = options; option && option->keyword;
		option++) {
		if (!option->envvar || pg_params_is_left_out(option->keyword))
			continue;
		given = pg_params_given(params, option->keyword);
		if (strcmp(option->keyword, "host") == 0 &&
			(!option->val || !*option->val))
			pg_params_add_variable(
				environment, option->envvar, PQhost(probe));
		else if (service || given || pg_params_is_target(option->keyword))
			pg_params_add_variable(
				environment, option->envvar, option->val);
		/* Given as empty: it must not come from the environment either. */
		if (given && !*given)
			strlist_add(environment, option->envvar);
	}
	pg_params_add_variable(environment, "PGSSLMINPROTOCOLVERSION",
		pg_params_given(params, "ssl_min_protocol_version"));
	strlist_add(environment, "PGSERVICE");
	PQconninfoFree(options);
	PQfinish(probe);
	error_clear(&unused);
}

void
pg_params_copy(struct pg_params *to, const struct pg_params *from)
{
	*to = (struct pg_params){ 0 };
	strlist_copy(&to->keywords, &from->keywords);
	strlist_copy(&to->values, &from->values);
}

void
pg_params_free(struct pg_params *params)
{
	strlist_free(&params->keywords);
	strlist_free(&params->values);
}
