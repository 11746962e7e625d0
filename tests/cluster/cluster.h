/*
 * A real primary and standby of a test's own, made by demo/cluster in a temporary
 * directory.  They are stopped and removed when the test ends, however it ends: a
 * process of its own watches over them, so a crash or SIGKILL leaves nothing behind
 * either.
 */
#ifndef PGRUNBOOK_TESTS_CLUSTER_H
#define PGRUNBOOK_TESTS_CLUSTER_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "pgrunbook/drive/loop.h"

enum { CLUSTER_PRIMARY_PORT = 5432, CLUSTER_STANDBY_PORT = 5433 };

struct cluster;

/* Starts both and takes over the variables of its env file.  A failure ends the test
 * program as failed. */
struct cluster *cluster_start(void);
/* Stops and removes both; not needed at the end of a program. */
void cluster_stop(struct cluster *cluster);

const char *cluster_directory(const struct cluster *cluster);
/* The directory of the sockets: libpq's host. */
const char *cluster_host(const struct cluster *cluster);

/* `demo/cluster VERB DIR [SERVER]`: cluster_do(c, "kill", "primary"). */
void cluster_do(const struct cluster *cluster, const char *verb, const char *server);
/* Whether the server's log says `text` anywhere: cluster_log_has(c, "primary",
 * "ERROR"). */
bool cluster_log_has(
	const struct cluster *cluster, const char *server, const char *text);
/* In how many of its lines; the first is shown. */
int cluster_log_count(
	const struct cluster *cluster, const char *server, const char *text);
/*
 * How many ERROR and FATAL lines in both logs are of sessions with that
 * application_name; shows them.  To have been terminated by others, or to lose the
 * postmaster, is no error.
 */
int cluster_log_errors(const struct cluster *cluster, const char *application);

/* A session of the test's; more settings as a conninfo, e.g. "dbname=x user=y". */
PGconn *cluster_connect(const struct cluster *cluster, int port, const char *settings);
/* Runs SQL and waits for it; a failure ends the test program. */
void cluster_run(PGconn *connection, const char *sql);
/* Sets what the server reads while it runs: cluster_set(c, "autovacuum = off"). */
void cluster_set(PGconn *connection, const char *setting);
/* The first value that a query gives ("" for none), kept until the next call. */
const char *cluster_ask(PGconn *connection, const char *sql);
/* Sends SQL that will block. */
void cluster_send(PGconn *connection, const char *sql);
/* Waits for what cluster_send sent; returns its SQLSTATE, "" if it worked. */
const char *cluster_finish(PGconn *connection);
/* Asks again until the query's first value is "t"; false after 20 seconds. */
bool cluster_wait_for(PGconn *connection, const char *sql);
/* Waits until the backend of `waiter` waits for a lock. */
bool cluster_wait_blocked(PGconn *connection, PGconn *waiter);

/* Turns the loop until `condition` holds; false after 20 seconds. */
bool cluster_await(
	struct loop *loop, bool (*condition)(const void *context), const void *context);

#endif
