/* From settings to a session: resolving, connecting, setting up, and trying again. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/clock.h"
#include "pgrunbook/model/server.h"
#include "src/drive/pg_queries.h"
#include "src/drive/pg_session.h"

enum {
	RETRY_FIRST_US = 100 * 1000,
	RETRY_LONGEST_US = 500 * 1000,	     /* back within a second of the server */
	RETRY_FULL_US = 2 * 1000 * 1000,     /* max_connections reached */
	RETRY_REFUSED_US = 10 * 1000 * 1000, /* what only people can change */
	RETRY_PASSWORD_MOST = 5,	     /* doublings of it: 5 min 20 s */
	PATIENCE_S = 10			     /* connect_timeout, unless it is given */
};

/* What libpq needs to notice a dead network within half a minute. */
static const struct {
	const char *keyword, *value;
} connection_defaults[] = {
	{ "keepalives_idle", "10" },
	{ "keepalives_interval", "5" },
	{ "keepalives_count", "3" },
	{ "tcp_user_timeout", "20000" },
};

/* Of our own refusal: feature_not_supported. */
static const char pooled_sqlstate[] = "0A000";

static void pg_connect(struct pg *pg);

static int64_t
pg_retry_delay(const struct pg *pg, const char *sqlstate)
{
	int64_t delay = RETRY_FIRST_US;

	/* Whoever counts wrong passwords locks the account after a few. */
	if (strncmp(sqlstate, "28", 2) == 0)
		return (int64_t)RETRY_REFUSED_US
		       << (pg->refusals < RETRY_PASSWORD_MOST ? pg->refusals
							      : RETRY_PASSWORD_MOST);
	if (strcmp(sqlstate, "3D000") == 0 || strcmp(sqlstate, pooled_sqlstate) == 0)
		return RETRY_REFUSED_US;
	if (strcmp(sqlstate, "53300") == 0)
		return RETRY_FULL_US;
	for (unsigned i = 0; i < pg->failures && delay < RETRY_LONGEST_US; i++)
		delay *= 2;
	return delay < RETRY_LONGEST_US ? delay : RETRY_LONGEST_US;
}

void
pg_drop(struct pg *pg)
{
	resolve_cancel(pg->resolve);
	pg->resolve = NULL;
	/* Before the socket closes: its number may come back. */
	loop_descriptor_free(pg->descriptor);
	pg->descriptor = NULL;
	PQfinish(pg->connection);
	pg->connection = NULL;
	loop_timer_stop(pg->timer);
	free(pg->fatal);
	pg->fatal = NULL;
	if (pg->state != PG_CLOSED)
		pg->state = PG_WAITING;
}

void
pg_schedule(struct pg *pg, int64_t delay_us)
{
	pg->retry_ns = clock_monotonic_ns() + delay_us * 1000;
	if (!pg->held)
		loop_timer_start(pg->timer, delay_us, 0);
}

void
pg_hold(struct pg *pg, bool held)
{
	if (pg->held == held)
		return;
	pg->held = held;
	if (pg->state != PG_WAITING)
		return;
	if (held)
		loop_timer_stop(pg->timer);
	else
		pg_schedule(pg, pg_retry_in(pg));
}

int64_t
pg_retry_in(const struct pg *pg)
{
	int64_t left_us = (pg->retry_ns - clock_monotonic_ns()) / 1000;

	return pg->state != PG_WAITING ? -1 : left_us < 0 ? 0 : left_us;
}

void
pg_retry_now(struct pg *pg)
{
	if (pg->state == PG_WAITING)
		pg_schedule(pg, 0);
}

/* "billing on db1:5432", from what was given, for messages. */
static char *
pg_target(const struct pg *pg)
{
	char *database = pg_params_value(&pg->params, "dbname");
	char *target = alloc_printf("%s on %s%s%s", database ? database : "the server",
		pg->hosts ? pg->hosts : "", pg->ports && *pg->ports ? ":" : "",
		pg->ports ? pg->ports : "");

	free(database);
	return target;
}

/* With one host libpq's "connection to server on socket "..." failed: " says nothing
 * that the target doesn't, and pushes the cause off a narrow screen. */
static const char *
pg_cause(const struct pg *pg, const char *words)
{
	const char *failed = strstr(words, " failed: ");

	if (pg->try_hosts.count == 1 && failed &&
		strncmp(words, "connection to server ", 21) == 0)
		return failed + 9;
	return words;
}

static void
pg_connect_refused(struct pg *pg, const char *words, const char *sqlstate)
{
	char *target = pg_target(pg);
	char *text = server_lost_words(false, target, words);

	pg_lose(pg, text, sqlstate);
	free(text);
	free(target);
}

static void
pg_connect_failed(struct pg *pg, const char *message)
{
	char sqlstate[SQLSTATE_TEXT];
	char *words = pg_connection_error(message, sqlstate);
	/* That there is no password is libpq's own refusal, without a code. */
	bool missing = pg->connection && PQconnectionNeedsPassword(pg->connection);

	pg_connect_refused(pg, pg_cause(pg, words), missing ? "28P01" : sqlstate);
	free(words);
}

void
pg_pin_path(struct pg *pg)
{
	pg->pinned = true;
}

/* Of BEGIN, the question and COMMIT. */
enum { PIN_ANSWER = 1, PIN_RESULTS = 3 };

static void
pg_path_pinned(void *context, const struct pg_answer *answer)
{
	struct pg *pg = context;

	if (answer->lost)
		return;
	/* Not safe to ask anything. */
	if (answer->error)
		pg_connect_failed(pg, answer->error);
	else if (answer->count < PIN_RESULTS ||
		 pg_result_rows(answer->results[PIN_ANSWER]) == 0 ||
		 !pg_result_text(answer->results[PIN_ANSWER], 0, 0))
		pg_connect_refused(pg,
			"a connection pooler answers there: what the console sets for "
			"its own session would reach the sessions of others; connect "
			"to the server itself",
			pooled_sqlstate);
	else
		pg_ready(pg);
}

static void
pg_connected_last(struct pg *pg)
{
	struct error error = { 0 };

	pg->state = PG_READY;
	if (!pg->pinned) {
		pg_ready(pg);
		return;
	}
	/*
	 * Nothing is set on a session that isn't ours alone: behind a pooler the one
	 * who answers has another pid than the one that greeted us.  In a transaction
	 * of its own, because a standby refuses every query of a role that is
	 * serializable by default.
	 */
	char *sql = alloc_printf("BEGIN ISOLATION LEVEL READ COMMITTED; "
				 "SELECT CASE WHEN pg_catalog.pg_backend_pid() "
				 "OPERATOR(pg_catalog.=) %d THEN %s END; COMMIT",
		PQbackendPID(pg->connection), PG_QUERY_PIN_PATH);
	if (!pg_send(pg, sql, NULL, 0, pg_path_pinned, pg, &error))
		pg_connect_failed(pg, error.message);
	error_clear(&error);
	free(sql);
}

static void
pg_set_up(void *context, const struct pg_answer *answer)
{
	struct pg *pg = context;

	/* Without the server's encoding we see its texts converted: that is no reason
	 * to do without them. */
	if (!answer->lost)
		pg_connected_last(pg);
}

/* Connected: no conversion, whatever the role's or the user's settings say. */
static void
pg_connected(struct pg *pg)
{
	const char *server = PQparameterStatus(pg->connection, "server_encoding");
	const char *client = PQparameterStatus(pg->connection, "client_encoding");
	struct error unused = { 0 };
	bool sent = false;

	PQsetErrorVerbosity(pg->connection, PQERRORS_DEFAULT);
	PQsetnonblocking(pg->connection, 1);
	if (server && client && strcmp(server, client) != 0) {
		char *quoted = PQescapeLiteral(pg->connection, server, strlen(server));
		char *sql = alloc_printf("SET client_encoding TO %s", quoted);

		pg->state = PG_READY;
		sent = pg_send(pg, sql, NULL, 0, pg_set_up, pg, &unused);
		free(sql);
		PQfreemem(quoted);
	}
	error_clear(&unused);
	if (!sent)
		pg_connected_last(pg);
}

static void
pg_on_connect(void *context, int events)
{
	struct pg *pg = context;

	(void)events;
	pg_enter(pg);
	/* libpq may close its socket and open another one of the same number. */
	loop_descriptor_free(pg->descriptor);
	pg->descriptor = NULL;
	switch (PQconnectPoll(pg->connection)) {
	case PGRES_POLLING_READING:
		pg_watch_socket(pg, LOOP_READABLE, pg_on_connect);
		break;
	case PGRES_POLLING_WRITING:
		pg_watch_socket(pg, LOOP_WRITABLE, pg_on_connect);
		break;
	case PGRES_POLLING_OK:
		pg_connected(pg);
		break;
	default:
		pg_connect_failed(pg, PQerrorMessage(pg->connection));
		break;
	}
	pg_leave(pg);
}

static int64_t
pg_patience_us(const struct pg *pg)
{
	char *given = pg_params_value(&pg->params, "connect_timeout");
	long seconds = given ? strtol(given, NULL, 10) : 0;

	free(given);
	/* libpq takes 1 for 2, and nothing for "wait for ever", which we never do. */
	return (int64_t)(seconds <= 0  ? PATIENCE_S
			 : seconds < 2 ? 2
				       : seconds) *
	       1000000;
}

static void
pg_rotate(const struct strlist *list, size_t first, struct strlist *out)
{
	for (size_t i = 0; i < list->count; i++)
		strlist_add(out, list->items[(first + i) % list->count]);
}

static void
pg_set_list(struct pg_params *params, const char *keyword, const struct strlist *list,
	size_t first)
{
	struct strlist rotated = { 0 };
	char *joined;

	pg_rotate(list, first, &rotated);
	joined = strlist_join(&rotated, ",");
	pg_params_set(params, keyword, joined);
	free(joined);
	strlist_free(&rotated);
}

static void
pg_settings(const struct pg *pg, struct pg_params *settings)
{
	pg_params_copy(settings, &pg->params);
	for (size_t i = 0;
		i < sizeof(connection_defaults) / sizeof(connection_defaults[0]); i++) {
		if (!strlist_has(&settings->keywords, connection_defaults[i].keyword))
			pg_params_set(settings, connection_defaults[i].keyword,
				connection_defaults[i].value);
	}
	pg_params_set(settings, "application_name", pg->application);
	/* A walsender speaks another protocol. */
	pg_params_set(settings, "replication", "");
	if (pg->try_hosts.count == 0)
		return;
	pg_set_list(settings, "host", &pg->try_hosts, pg->first);
	pg_set_list(settings, "hostaddr", &pg->try_addresses, pg->first);
	pg_set_list(settings, "port", &pg->try_ports, pg->first);
}

/* What libpq would print is kept for the handler. */
static void
pg_on_notice(void *context, const PGresult *result)
{
	struct pg *pg = context;
	const char *severity =
		PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

	strlist_add_owned(&pg->notices, pg_result_error(result));
	if (severity && strcmp(severity, "FATAL") == 0) {
		free(pg->fatal);
		pg->fatal =
			alloc_copy(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
	}
}

static void
pg_connect(struct pg *pg)
{
	struct pg_params settings;
	char **keywords, **values;

	pg_settings(pg, &settings);
	keywords = strlist_argv(&settings.keywords);
	values = strlist_argv(&settings.values);
	pg->state = PG_CONNECTING;
	pg->begun_ns = clock_monotonic_ns();
	pg->connection = PQconnectStartParams(
		(const char *const *)keywords, (const char *const *)values, 0);
	free(keywords);
	free(values);
	pg_params_free(&settings);
	if (!pg->connection)
		abort(); /* out of memory */
	if (PQstatus(pg->connection) == CONNECTION_BAD) {
		pg_connect_failed(pg, PQerrorMessage(pg->connection));
		return;
	}
	PQsetErrorVerbosity(pg->connection, PQERRORS_VERBOSE);
	PQsetNoticeReceiver(pg->connection, pg_on_notice, pg);
	loop_timer_start(pg->timer, pg_patience_us(pg), 0);
	pg_watch_socket(pg, LOOP_WRITABLE, pg_on_connect);
}

static void
pg_split(const char *list, struct strlist *out)
{
	strlist_free(out);
	for (;;) {
		size_t length = strcspn(list, ",");

		strlist_add_owned(out, alloc_copy_bytes(list, length));
		if (!list[length])
			return;
		list += length + 1;
	}
}

static void
pg_on_resolved(void *context, const struct resolved *resolved)
{
	struct pg *pg = context;

	pg_enter(pg);
	pg->resolve = NULL;
	if (resolved->error) {
		pg_connect_failed(pg, resolved->error);
	} else {
		pg_split(resolved->hosts, &pg->try_hosts);
		pg_split(resolved->addresses, &pg->try_addresses);
		pg_split(resolved->ports, &pg->try_ports);
		pg_connect(pg);
	}
	pg_leave(pg);
}

static void
pg_attempt(struct pg *pg)
{
	loop_timer_stop(pg->timer);
	if (pg->addresses) {
		pg_connect(pg);
		return;
	}
	pg->state = PG_RESOLVING;
	loop_timer_start(pg->timer, pg_patience_us(pg), 0);
	pg->resolve = resolve_start(pg->loop, pg->hosts, pg->ports, pg_on_resolved, pg);
}

void
pg_on_timer(void *context)
{
	struct pg *pg = context;

	pg_enter(pg);
	switch (pg->state) {
	case PG_WAITING:
		pg_attempt(pg);
		break;
	case PG_RESOLVING:
		pg_connect_failed(pg, "the name service does not answer");
		break;
	case PG_BUSY:
		if (PQstatus(pg->connection) == CONNECTION_BAD) { /* seen by pg_send */
			pg_broken(pg);
			break;
		}
		/* setting up: */
		/* fall through */
	case PG_CONNECTING:
		/* libpq has no way to go on to the next host: the next attempt does. */
		pg->first++;
		pg_connect_failed(pg, "no answer within connect_timeout");
		break;
	case PG_READY:
	case PG_CLOSED:
		break;
	}
	pg_leave(pg);
}

void
pg_lose(struct pg *pg, const char *message, const char *sqlstate)
{
	void (*answered)(void *, const struct pg_answer *) = pg->answered;
	void *context = pg->context;
	struct pg_came came = pg_came_take(&pg->came);
	struct pg_answer answer = { .error = message, .sqlstate = "", .lost = true };

	pg_came_tell(&came, &answer);
	pg->answered = NULL;
	pg_drop(pg);
	pg_schedule(pg, pg_retry_delay(pg, sqlstate));
	pg->failures++;
	pg->refusals += strncmp(sqlstate, "28", 2) == 0;
	if (answered)
		answered(context, &answer);
	pg_came_clear(&came);
	if (!pg->freed && pg->handler.lost)
		pg->handler.lost(pg->handler.context, message);
}
