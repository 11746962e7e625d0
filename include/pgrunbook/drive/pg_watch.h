/*
 * Watches a database: polls on one connection, at most two round trips a poll, and
 * hands over a whole snapshot each time; direct connections to standbys are joined in.
 *
 * Its own sessions are read-only and give up soon (a statement after 4 s, a lock after
 * 100 ms).  What its role isn't permitted is left out and said, never tried: the
 * server's log stays clean.  A callback may do anything, pg_watch_free included.
 */
#ifndef PGRUNBOOK_DRIVE_PG_WATCH_H
#define PGRUNBOOK_DRIVE_PG_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/drive/loop.h"
#include "pgrunbook/drive/pg_params.h"
#include "pgrunbook/model/snapshot.h"

struct pg_watch;

struct pg_watch_replica {
	char *name;
	struct pg_params params;
};

struct pg_watch_options {
	struct pg_params params;
	const struct pg_watch_replica *replicas;
	size_t replica_count;
	const char *version_table; /* see version_name_parse; NULL: find it */
	int64_t interval_us;
	/*
	 * A server that is silent for so long is asked anew, on another connection; the
	 * next time is given twice as long, up to 10 min.  0: 30 s.
	 */
	int64_t patience_us;
};

struct pg_watch_handler {
	/* The snapshot is the receiver's to free with snapshot_free. */
	void (*snapshot)(void *context, struct snapshot *snapshot);
	/*
	 * The server is lost, or silent for too long: why, in words.  Called once; the
	 * next snapshot says that it is back.  Meanwhile pg_watch_problem follows what
	 * each attempt meets.
	 */
	void (*lost)(void *context, const char *message);
	void *context;
};

/* Copies what it needs of the options. */
struct pg_watch *pg_watch_new(struct loop *loop, const struct pg_watch_options *options,
	const struct pg_watch_handler *handler);
void pg_watch_free(struct pg_watch *watch);
/* Why there are no snapshots just now, in words; NULL: nothing is wrong. */
const char *pg_watch_problem(const struct pg_watch *watch);
/* Whether there is a connection all the same: something was asked and isn't answered.
 */
bool pg_watch_waits(const struct pg_watch *watch);
/* Microseconds to the next attempt to connect; -1: none is waited for. */
int64_t pg_watch_retry_in(const struct pg_watch *watch);
/* Makes that attempt now, or a new connection where the server is silent: for the
 * operator only, since it may count. */
void pg_watch_retry_now(struct pg_watch *watch);
/* How often to poll; less often while the server is slow: the snapshot says so. */
void pg_watch_set_interval(struct pg_watch *watch, int64_t interval_us);
/* Takes another version table from the next poll on; NULL: finds it. */
void pg_watch_set_table(struct pg_watch *watch, const char *name);
/*
 * Leaves out parts (enum snapshot_part) that nobody looks at; none at first.  What is
 * wanted again is polled at once.
 */
void pg_watch_leave_out(struct pg_watch *watch, unsigned parts);
/* Polls now and looks through all tables for Alembic's, where somebody may have made
 * one: else it is done seldom, for its cost. */
void pg_watch_look_anew(struct pg_watch *watch);
/* Polls now, or as soon as the poll under way is done. */
void pg_watch_refresh(struct pg_watch *watch);
/*
 * The next snapshot has all locks of that session (`held`), and no other one unless it
 * is asked for again: they take as long to read as everybody's waits.
 */
void pg_watch_ask_locks(struct pg_watch *watch, struct session_key key);
/* The application name of the step under way, for marking its sessions; NULL: none. */
void pg_watch_set_step(struct pg_watch *watch, const char *application);

/* The command that the step runs, for marking its connections; 0: none. */
void pg_watch_set_child(struct pg_watch *watch, int pid);
/* The sessions that the operator takes for the migration (copied); polls now. */
void pg_watch_set_chosen(
	struct pg_watch *watch, const struct session_key *keys, size_t count);

enum pg_end { PG_END_CANCEL, PG_END_TERMINATE };
/*
 * Cancels or terminates one session in one statement that matches pid and backend start
 * (and for a cancel the query start), then looks whether it is gone for up to 3 s.
 * `done` is called once, unless the watch is freed before; `ended` says that we ended
 * it, `outcome` is a sentence about it: "was terminated", "is another session now:
 * nothing was done", "not permitted: needs pg_signal_backend", ...
 */
struct pg_end_target {
	int pid;
	int64_t backend_start_us;
	int64_t query_start_us; /* 0: don't look */
};
void pg_watch_end(struct pg_watch *watch, enum pg_end how,
	const struct pg_end_target *target,
	void (*done)(void *context, bool ended, const char *outcome), void *context);
/* Tells the outcome of all that are pending, because nobody will wait for it. */
void pg_watch_end_give_up(struct pg_watch *watch, const char *outcome);

#endif
