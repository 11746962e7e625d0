/* What the files of a session share: pg.c (queries), pg_connect.c (getting there). */
#ifndef PGRUNBOOK_SRC_DRIVE_PG_SESSION_H
#define PGRUNBOOK_SRC_DRIVE_PG_SESSION_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/base/str.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/drive/pg.h"
#include "pgrunbook/drive/resolve.h"

enum { SQLSTATE_TEXT = 6 };

/* drive/pg_came.c: what came of the query under way; all zero is nothing. */
struct pg_came {
	PGresult **results;
	int64_t *sent; /* rows of each, kept or not */
	size_t count, capacity;
	PGresult *failure;
	bool copying; /* rows of a COPY to the client are on their way */
	/* Rows that came one by one, of the result that comes after them. */
	PGresult **rows;
	size_t row_count, row_capacity, row_bytes;
	int64_t row_sent;
};

/* One of PGRES_SINGLE_TUPLE; both take over what they are given. */
void pg_came_row(struct pg_came *came, PGresult *row, size_t most);
void pg_came_result(struct pg_came *came, PGresult *result);
void pg_came_tell(const struct pg_came *came, struct pg_answer *answer);
/* What is left behind is nothing. */
struct pg_came pg_came_take(struct pg_came *came);
void pg_came_clear(struct pg_came *came);

struct pg {
	struct loop *loop;
	struct pg_params params;
	char *application;
	struct pg_handler handler;
	enum pg_state state;

	/* Connecting. */
	char *hosts, *addresses, *ports; /* as given; addresses NULL: to be resolved */
	struct strlist try_hosts, try_addresses, try_ports; /* as resolved */
	size_t first;	   /* where in the list an attempt begins */
	unsigned failures; /* since the last connection */
	unsigned refusals; /* of our role or password, among them */
	bool held;	   /* no attempt is made */
	bool pinned;	   /* nothing but pg_catalog is searched */
	size_t most_rows;  /* that are kept of a result; 0: all */
	int64_t retry_ns;  /* when the next attempt begins, in PG_WAITING; monotonic */
	struct resolve *resolve; /* in PG_RESOLVING */
	struct loop_timer
		*timer; /* the next attempt, or the end of this one's patience */

	/* From PG_CONNECTING on. */
	PGconn *connection;
	int64_t begun_ns; /* the attempt, or the query under way; monotonic */
	struct loop_descriptor *descriptor;

	/* In PG_BUSY. */
	void (*answered)(void *context, const struct pg_answer *answer);
	void *context;
	struct pg_came came;

	/* libpq is on the stack when these come, so the handler hears them later. */
	struct strlist notices;
	char *fatal; /* the last words of the server before it closed */

	unsigned inside; /* depth of calls from the loop: the session must outlive them
			  */
	bool freed;
};

/* Around everything that may call a handler.  After pg_leave it may be gone. */
void pg_enter(struct pg *pg);
void pg_leave(struct pg *pg);

/* Begins the next attempt after `delay_us`. */
void pg_schedule(struct pg *pg, int64_t delay_us);
/* The connection is made and set up. */
void pg_ready(struct pg *pg);
/* The connection is over: ends what is under way, tells why, schedules the next. */
void pg_lose(struct pg *pg, const char *message, const char *sqlstate);
/* As pg_lose, with what libpq and the server's last words say of it. */
void pg_broken(struct pg *pg);
/* Gives up what it has of a connection, and a query under way without a word. */
void pg_drop(struct pg *pg);
/* Watches the socket for what a query needs. */
void pg_watch_socket(
	struct pg *pg, int events, void (*ready)(void *context, int events));
void pg_on_query(void *context, int events);
void pg_on_timer(void *context);
/* Sends without parameters; the state becomes PG_BUSY. */
bool pg_send(struct pg *pg, const char *sql, const char *const *parameters,
	size_t parameter_count,
	void (*answered)(void *context, const struct pg_answer *answer), void *context,
	struct error *error);

/* drive/pg_result.c: libpq's words for the operator.  The caller owns the strings. */

/* "ERROR: ...\nDETAIL: ...\nHINT: ..." of a failed result. */
char *pg_result_error(const PGresult *result);
/*
 * One line from a connection's message in verbose form, which alone tells the SQLSTATE
 * of a refusal; that goes to `sqlstate`, "" if the server was not the one who refused.
 */
char *pg_connection_error(const char *message, char sqlstate[SQLSTATE_TEXT]);

#endif
