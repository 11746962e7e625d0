/*
 * A session on a PostgreSQL server that never blocks: connecting, querying and coming
 * back after a loss are steps of one state machine that the loop drives.  Names are
 * resolved off the loop (getaddrinfo), the rest is libpq's asynchronous interface.
 */
#ifndef PGRUNBOOK_DRIVE_PG_H
#define PGRUNBOOK_DRIVE_PG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/drive/loop.h"
#include "pgrunbook/drive/pg_params.h"

struct pg;

enum pg_state {
	PG_WAITING,    /* for the next attempt */
	PG_RESOLVING,  /* the host's name */
	PG_CONNECTING, /* PQconnectPoll */
	PG_READY,      /* connected, nothing under way */
	PG_BUSY,       /* a query is under way */
	PG_CLOSED      /* for good */
};

/* One result set, valid during the callback only.  Text format. */
struct pg_result;
int pg_result_rows(const struct pg_result *result);
int pg_result_columns(const struct pg_result *result);
const char *pg_result_column_name(const struct pg_result *result, int column);
/* NULL for SQL NULL. */
const char *pg_result_text(const struct pg_result *result, int row, int column);
int64_t pg_result_int(
	const struct pg_result *result, int row, int column, int64_t if_null);
bool pg_result_bool(const struct pg_result *result, int row, int column);
/* "INSERT 0 1", "DROP TABLE"; "" if there is none. */
const char *pg_result_command(const struct pg_result *result);

struct pg_answer {
	/* One per statement; the last failed one is not among them. */
	const struct pg_result *const *results;
	const int64_t *sent; /* rows of each; more than it has if they were too many */
	size_t count;
	/* NULL: it worked.  Else severity, message, detail and hint on lines of their
	 * own. */
	const char *error;
	const char
		*sqlstate; /* "" when the connection was lost, "57014" when cancelled */
	bool lost;	   /* the connection broke: the outcome is unknown */
};

struct pg_handler {
	/* A connection is up (again); queries may be sent. */
	void (*connected)(void *context);
	/* It was lost or could not be made; the next attempt comes by itself. */
	void (*lost)(void *context, const char *message);
	/* NOTICE and its kin; may be NULL. */
	void (*notice)(void *context, const char *message);
	void *context;
};

/*
 * Starts connecting at once and keeps trying until pg_free: after 100 ms, then less
 * often up to every 500 ms, so that it is back within a second of the server.  Where
 * the server itself refuses (no such database) it asks every 10 s, and every 2 s when
 * it has too many connections, to leave its log alone; where it refuses role or
 * password after 10 s, 20 s and so on up to 5 min, lest the account be locked.  One
 * attempt gets connect_timeout seconds (10 unless given); the next begins with the next
 * host of the list then.  `application` is the application_name.  No callback comes
 * from within this call.  Callbacks may do anything, pg_free included.
 */
struct pg *pg_new(struct loop *loop, const struct pg_params *params,
	const char *application, const struct pg_handler *handler);
/* Hears an answer that is under way out, for at most 100 ms, since the server would log
 * its loss as FATAL; says nothing of it. */
void pg_free(struct pg *pg);

/*
 * For SQL of the console's own, right after pg_new: unqualified names mean those of
 * pg_catalog, whatever others have put on the role's search path.  A connection pooler,
 * which would share the session with others, is refused: asked again every 10 s.
 */
void pg_pin_path(struct pg *pg);

/*
 * For SQL of others, right after pg_new: keeps at most so many rows of a result, not 0,
 * and no more once they take 16 MB; the rest is counted and thrown away as it comes.
 */
void pg_keep_rows(struct pg *pg, size_t most);

enum pg_state pg_state(const struct pg *pg);
/* In PG_WAITING: microseconds to the next attempt; else -1. */
int64_t pg_retry_in(const struct pg *pg);
/* Ends that wait. */
void pg_retry_now(struct pg *pg);
/* Makes no attempt to connect while it is held: another session tries for both. */
void pg_hold(struct pg *pg, bool held);
int pg_server_version(const struct pg *pg); /* 150018; 0 while not connected */
/* Whether a transaction is open that a statement began: an aborted one, too. */
bool pg_in_transaction(const struct pg *pg);
int pg_backend_pid(const struct pg *pg); /* 0 while not connected */
/* What it is connected to, "" while not: host (or socket directory), port, db, user. */
const char *pg_host(const struct pg *pg);
const char *pg_port(const struct pg *pg);
/* The same as a number; 0 while there is no connection. */
int pg_port_number(const struct pg *pg);
const char *pg_database(const struct pg *pg);
const char *pg_user(const struct pg *pg);

/*
 * Sends a query; the state must be PG_READY.  With parameters (texts, NULL is SQL NULL)
 * it is one statement by the extended protocol; without, `sql` may hold several
 * statements in one round trip.  A COPY from the client ends with an error, the rows of
 * a COPY to the client are thrown away.  `answered` is called exactly once, unless the
 * session is freed before.  False with an error if it can't be sent.
 */
bool pg_query(struct pg *pg, const char *sql, const char *const *parameters,
	size_t parameter_count,
	void (*answered)(void *context, const struct pg_answer *answer), void *context,
	struct error *error);

/*
 * Asks the server to cancel what is under way, without waiting for it (a cancel request
 * goes over its own connection, made on a thread of the loop's pool).  A request that
 * reaches the server before the query does has no effect: ask again.
 */
void pg_cancel(struct pg *pg);

/* Drops the connection and connects again at once; what is under way ends as lost. */
void pg_reconnect(struct pg *pg);

#endif
