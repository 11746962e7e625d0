/* A session's queries, once it is there; drive/pg_connect.c brings it there. */
#include "pgrunbook/drive/pg.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/clock.h"
#include "pgrunbook/model/server.h"
#include "src/drive/pg_session.h"

/* What a goodbye may take, and what has taken so long already that it gets none. */
static const int64_t LEAVE_NS = 100 * INT64_C(1000000),
		     HUNG_NS = 500 * INT64_C(1000000);

static void
pg_destroy(struct pg *pg)
{
	pg_params_free(&pg->params);
	free(pg->application);
	free(pg->hosts);
	free(pg->addresses);
	free(pg->ports);
	strlist_free(&pg->try_hosts);
	strlist_free(&pg->try_addresses);
	strlist_free(&pg->try_ports);
	strlist_free(&pg->notices);
	free(pg->fatal);
	free(pg);
}

void
pg_enter(struct pg *pg)
{
	pg->inside++;
}

void
pg_leave(struct pg *pg)
{
	if (--pg->inside == 0 && pg->freed)
		pg_destroy(pg);
}

struct pg *
pg_new(struct loop *loop, const struct pg_params *params, const char *application,
	const struct pg_handler *handler)
{
	struct pg *pg = alloc_zeroed(1, sizeof(*pg));

	pg->loop = loop;
	pg_params_copy(&pg->params, params);
	pg->application = alloc_copy(application);
	pg->handler = *handler;
	pg->hosts = pg_params_value(params, "host");
	pg->addresses = pg_params_value(params, "hostaddr");
	pg->ports = pg_params_value(params, "port");
	pg->state = PG_WAITING;
	pg->timer = loop_timer_new(loop, pg_on_timer, pg);
	pg_schedule(pg, 0);
	return pg;
}

/* Takes a step towards the end of what is under way; false when there is no more.
 * `events` are what the next one waits for. */
static bool
pg_hear(struct pg *pg, short *events)
{
	PGconn *connection = pg->connection;
	int unsent;

	*events = POLLIN;
	if (pg->state == PG_CONNECTING) {
		PostgresPollingStatusType status = PQconnectPoll(connection);

		if (status == PGRES_POLLING_WRITING)
			*events = POLLOUT;
		return status == PGRES_POLLING_READING ||
		       status == PGRES_POLLING_WRITING;
	}
	unsent = PQflush(connection);
	if (unsent < 0 || !PQconsumeInput(connection))
		return false;
	if (unsent)
		*events |= POLLOUT;
	while (!PQisBusy(connection)) {
		PGresult *result = PQgetResult(connection);
		ExecStatusType status = PQresultStatus(result);

		PQclear(result);
		if (!result || status == PGRES_COPY_OUT || status == PGRES_COPY_IN)
			return false;
	}
	return PQstatus(connection) == CONNECTION_OK;
}

/*
 * A server whose client goes away before it has answered logs that as FATAL.  A poll's
 * answer comes in a moment, so that moment is waited for; but nobody waits for a server
 * that hangs.
 */
static void
pg_hear_out(struct pg *pg)
{
	int64_t end_ns = clock_monotonic_ns() + LEAVE_NS, left_ns = LEAVE_NS;
	struct pollfd socket = { .events = POLLIN };

	if (pg->state == PG_CONNECTING
			? PQstatus(pg->connection) < CONNECTION_AWAITING_RESPONSE
			: pg->state != PG_BUSY)
		return; /* the server knows nothing of us, or has nothing to say */
	if (end_ns - LEAVE_NS - pg->begun_ns > HUNG_NS)
		return;
	for (; left_ns > 0; left_ns = end_ns - clock_monotonic_ns()) {
		socket.fd = PQsocket(pg->connection); /* connecting may change it */
		if (socket.fd < 0 ||
			poll(&socket, 1, (int)(left_ns / 1000000) + 1) == 0 ||
			!pg_hear(pg, &socket.events))
			return;
	}
}

void
pg_free(struct pg *pg)
{
	if (!pg || pg->freed)
		return;
	pg_hear_out(pg);
	pg->freed = true;
	pg->state = PG_CLOSED;
	pg->answered = NULL;
	pg_came_clear(&pg->came);
	pg_drop(pg);
	loop_timer_free(pg->timer);
	pg->timer = NULL;
	if (pg->inside == 0)
		pg_destroy(pg);
}

void
pg_keep_rows(struct pg *pg, size_t most)
{
	pg->most_rows = most;
}

enum pg_state
pg_state(const struct pg *pg)
{
	return pg->state;
}

static bool
pg_is_connected(const struct pg *pg)
{
	return pg->state == PG_READY || pg->state == PG_BUSY;
}

int
pg_server_version(const struct pg *pg)
{
	return pg_is_connected(pg) ? PQserverVersion(pg->connection) : 0;
}

bool
pg_in_transaction(const struct pg *pg)
{
	return pg_is_connected(pg) &&
	       PQtransactionStatus(pg->connection) != PQTRANS_IDLE;
}

int
pg_backend_pid(const struct pg *pg)
{
	return pg_is_connected(pg) ? PQbackendPID(pg->connection) : 0;
}

const char *
pg_host(const struct pg *pg)
{
	return pg_is_connected(pg) ? PQhost(pg->connection) : "";
}

const char *
pg_port(const struct pg *pg)
{
	return pg_is_connected(pg) ? PQport(pg->connection) : "";
}

int
pg_port_number(const struct pg *pg)
{
	return (int)strtol(pg_port(pg), NULL, 10);
}

const char *
pg_database(const struct pg *pg)
{
	return pg_is_connected(pg) ? PQdb(pg->connection) : "";
}

const char *
pg_user(const struct pg *pg)
{
	return pg_is_connected(pg) ? PQuser(pg->connection) : "";
}

void
pg_watch_socket(struct pg *pg, int events, void (*ready)(void *context, int events))
{
	if (!pg->descriptor)
		pg->descriptor = loop_descriptor_new(
			pg->loop, PQsocket(pg->connection), ready, pg);
	if (pg->descriptor)
		loop_descriptor_set(pg->descriptor, events);
	else
		pg_lose(pg, "cannot watch the connection's socket", "");
}

/* False when the handler freed the session. */
static bool
pg_deliver_notices(struct pg *pg)
{
	struct strlist notices = pg->notices;

	pg->notices = (struct strlist){ 0 };
	for (size_t i = 0; i < notices.count && !pg->freed; i++) {
		if (pg->handler.notice)
			pg->handler.notice(pg->handler.context, notices.items[i]);
	}
	strlist_free(&notices);
	return !pg->freed;
}

void
pg_ready(struct pg *pg)
{
	loop_timer_stop(pg->timer);
	pg->state = PG_READY;
	pg->failures = pg->refusals = 0;
	pg_watch_socket(pg, LOOP_READABLE, pg_on_query);
	if (pg->state == PG_READY && pg_deliver_notices(pg) && pg->handler.connected)
		pg->handler.connected(pg->handler.context);
}

/* Sends what is queued; the server may have to read before it takes more. */
static bool
pg_flush(struct pg *pg)
{
	int left = PQflush(pg->connection);

	if (left < 0)
		return false;
	pg_watch_socket(
		pg, left ? LOOP_READABLE | LOOP_WRITABLE : LOOP_READABLE, pg_on_query);
	return true;
}

void
pg_broken(struct pg *pg)
{
	char sqlstate[SQLSTATE_TEXT];

	/* "terminating connection due to administrator command": who did it. */
	if (!pg->fatal && pg->came.failure)
		pg->fatal = alloc_copy(
			PQresultErrorField(pg->came.failure, PG_DIAG_MESSAGE_PRIMARY));
	char *words = pg_connection_error(PQerrorMessage(pg->connection), sqlstate);
	struct server server = { .host = PQhost(pg->connection),
		.port = PQport(pg->connection),
		.database = PQdb(pg->connection) };
	char *target = server_name(&server);
	char *message = server_lost_words(true, target, pg->fatal ? pg->fatal : words);

	/* Administrators' words and refusals alike: the server may be back soon. */
	pg_lose(pg, message, "");
	free(message);
	free(target);
	free(words);
}

static void
pg_finish(struct pg *pg)
{
	void (*answered)(void *, const struct pg_answer *) = pg->answered;
	void *context = pg->context;
	struct pg_came came = pg_came_take(&pg->came);
	char *error = came.failure ? pg_result_error(came.failure) : NULL;
	const char *sqlstate =
		came.failure ? PQresultErrorField(came.failure, PG_DIAG_SQLSTATE)
			     : NULL;
	struct pg_answer answer = { .error = error,
		.sqlstate = sqlstate ? sqlstate : "" };

	pg_came_tell(&came, &answer);
	/* The receiver may send its next query at once. */
	pg->answered = NULL;
	pg->state = PG_READY;
	if (pg_deliver_notices(pg) && answered)
		answered(context, &answer);
	pg_came_clear(&came);
	free(error);
}

/* Throws the rows of a COPY away; false if more are to come. */
static bool
pg_drain_copy(struct pg *pg)
{
	char *row;
	int length;

	while ((length = PQgetCopyData(pg->connection, &row, 1)) > 0)
		PQfreemem(row);
	pg->came.copying = length == 0;
	return !pg->came.copying;
}

static void
pg_keep(struct pg *pg, PGresult *result)
{
	switch (PQresultStatus(result)) {
	case PGRES_TUPLES_OK:
	case PGRES_COMMAND_OK:
	case PGRES_EMPTY_QUERY:
		pg_came_result(&pg->came, result);
		return;
	case PGRES_SINGLE_TUPLE:
		pg_came_row(&pg->came, result, pg->most_rows);
		return;
	case PGRES_COPY_IN:
		PQputCopyEnd(
			pg->connection, "COPY from the client is not supported here");
		break;
	case PGRES_COPY_OUT:
		pg->came.copying = true;
		break;
	default:
		if (!pg->came.failure) {
			pg->came.failure = result;
			return;
		}
		break;
	}
	PQclear(result);
}

/* Takes what has arrived; false if the connection broke. */
static bool
pg_take(struct pg *pg)
{
	while (pg->state == PG_BUSY) {
		if (pg->came.copying && !pg_drain_copy(pg))
			return true;
		if (PQisBusy(pg->connection))
			return PQstatus(pg->connection) == CONNECTION_OK;
		PGresult *result = PQgetResult(pg->connection);

		if (!result) {
			/* A FATAL error ends both the query and the connection. */
			if (PQstatus(pg->connection) != CONNECTION_OK)
				return false;
			pg_finish(pg);
			return true;
		}
		pg_keep(pg, result);
	}
	PQisBusy(pg->connection); /* parses notices and what says that it is over */
	return PQstatus(pg->connection) == CONNECTION_OK;
}

void
pg_on_query(void *context, int events)
{
	struct pg *pg = context;
	int64_t begun_ns = pg->begun_ns;
	bool ok = true, busy = pg->state == PG_BUSY;

	pg_enter(pg);
	if (events & LOOP_READABLE)
		ok = PQconsumeInput(pg->connection) == 1;
	/* What came before the end still counts: the server's last words, a result. */
	if (!ok)
		PQisBusy(pg->connection);
	else
		ok = pg_take(pg);
	if (!pg->freed && pg->connection) {
		if (!ok)
			pg_broken(pg);
		else if (!pg_flush(pg))
			pg_broken(pg);
	}
	/* Part of the answer, or of the query: long ones are of many parts. */
	if (busy && ok && pg->state == PG_BUSY && pg->begun_ns == begun_ns &&
		pg->notices.count == 0)
		loop_unseen(pg->loop);
	if (!pg->freed)
		pg_deliver_notices(pg);
	pg_leave(pg);
}

bool
pg_send(struct pg *pg, const char *sql, const char *const *parameters,
	size_t parameter_count,
	void (*answered)(void *context, const struct pg_answer *answer), void *context,
	struct error *error)
{
	int sent = parameter_count ? PQsendQueryParams(pg->connection, sql,
					     (int)parameter_count, NULL, parameters,
					     NULL, NULL, 0)
				   : PQsendQuery(pg->connection, sql);

	if (!sent && PQstatus(pg->connection) == CONNECTION_OK)
		return error_set(
			error, "cannot send: %s", PQerrorMessage(pg->connection));
	if (sent && pg->most_rows != 0)
		PQsetSingleRowMode(pg->connection);
	pg->state = PG_BUSY;
	pg->begun_ns = clock_monotonic_ns();
	pg->answered = answered;
	pg->context = context;
	if (!sent) {
		/* libpq read while it wrote, met the end and has closed the socket: no
		 * event will come of it any more.  The loop tells the loss all the
		 * same, as that of a query under way. */
		loop_descriptor_free(pg->descriptor);
		pg->descriptor = NULL;
		loop_timer_start(pg->timer, 0, 0);
		return true;
	}
	/* What can't be flushed now is when the socket is writable; and a socket that
	 * is broken is readable, which is where that is handled. */
	pg_watch_socket(pg, LOOP_READABLE | LOOP_WRITABLE, pg_on_query);
	return true;
}

bool
pg_query(struct pg *pg, const char *sql, const char *const *parameters,
	size_t parameter_count,
	void (*answered)(void *context, const struct pg_answer *answer), void *context,
	struct error *error)
{
	if (pg->state == PG_BUSY)
		return error_set(
			error, "another query is under way on this connection");
	if (pg->state != PG_READY)
		return error_set(error, "there is no connection to the server");
	return pg_send(pg, sql, parameters, parameter_count, answered, context, error);
}

void
pg_reconnect(struct pg *pg)
{
	void (*lost)(void *, const char *) = pg->handler.lost;

	pg_enter(pg);
	pg->handler.lost = NULL; /* nothing was lost that wasn't asked for */
	pg_lose(pg, "the connection was given up to make it anew", "");
	pg->handler.lost = lost;
	pg->failures = 0;
	if (!pg->freed)
		pg_schedule(pg, 0);
	pg_leave(pg);
}

/* Outlives the session: the request is on its way whatever becomes of that. */
struct pg_cancel_work {
	uv_work_t uv;
	PGcancel *cancel;
};

static void
pg_cancel_run(uv_work_t *uv)
{
	struct pg_cancel_work *work = uv->data;
	char message[256];

	/* A refusal shows in the query: it goes on. */
	PQcancel(work->cancel, message, sizeof(message));
}

static void
pg_cancel_done(uv_work_t *uv, int status)
{
	struct pg_cancel_work *work = uv->data;

	(void)status;
	PQfreeCancel(work->cancel);
	free(work);
}

void
pg_cancel(struct pg *pg)
{
	struct pg_cancel_work *work;
	PGcancel *cancel = pg->state == PG_BUSY ? PQgetCancel(pg->connection) : NULL;

	if (!cancel)
		return;
	work = alloc_zeroed(1, sizeof(*work));
	work->uv.data = work;
	work->cancel = cancel;
	if (uv_queue_work(
		    loop_uv(pg->loop), &work->uv, pg_cancel_run, pg_cancel_done) != 0)
		pg_cancel_done(&work->uv, 0);
}
