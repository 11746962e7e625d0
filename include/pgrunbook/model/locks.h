/*
 * Who waits for whom: the forest of lock waits, built from the edges that
 * pg_blocking_pids gives.  A waiter stands once, under the one it waits for next;
 * further blockers are listed with it.  No I/O, no clock.
 *
 * Of the edges only those are kept that no others imply: a queue of 100 requests for
 * the same table is 5,050 edges from the server and a list of 100.  Within a deadlock
 * all are kept.
 */
#ifndef PGRUNBOOK_MODEL_LOCKS_H
#define PGRUNBOOK_MODEL_LOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/model/session.h"

enum lock_node_kind {
	LOCK_NODE_SESSION,
	LOCK_NODE_PREPARED,	 /* a prepared transaction: ROLLBACK PREPARED ends it */
	LOCK_NODE_SAFE_SNAPSHOT, /* waits for a safe snapshot */
	LOCK_NODE_AUTOVACUUM,	 /* yields by itself */
	LOCK_NODE_WRAPAROUND,	 /* autovacuum to prevent wraparound: does not yield */
	LOCK_NODE_STARTUP,	 /* replay on a standby: can't be terminated */
	LOCK_NODE_WALSENDER,
	LOCK_NODE_APPLY,    /* a subscription's worker: comes back when ended */
	LOCK_NODE_WORKER,   /* another process of the server's own */
	LOCK_NODE_PARALLEL, /* a leader together with its parallel workers */
	LOCK_NODE_OURS,	    /* the console's own session, or one that it started */
	LOCK_NODE_GONE	    /* named as a blocker, no longer there */
};

/* One wait as the server tells it. */
struct lock_wait {
	int pid;
	int64_t since_us;    /* server's clock; 0: not known yet */
	bool since_at_least; /* first seen by us then; it may have waited longer */
	char *mode;	     /* "AccessExclusiveLock"; NULL for a safe snapshot */
	char *kind;	     /* pg_locks.locktype, or "safe-snapshot" */
	char *relation; /* the table, as SQL would name it; NULL: none or not known */
	char *object;  /* in words: "invoices", "invoices row (0,7)", "transaction 731",
			* "advisory 42"; NULL: not known */
	int *blockers; /* pids; 0 is a prepared transaction; may repeat */
	size_t blocker_count;
};

/* How long it has lasted; -1: not known.  It may have begun after the server told its
 * time: then 0. */
int64_t lock_wait_us(const struct lock_wait *wait, int64_t server_now_us);

/* A lock that somebody has and a waiter wants. */
struct lock_hold {
	int pid;	   /* 0: a prepared transaction's */
	char *transaction; /* its xid, if it is a prepared one's; else NULL */
	char *mode;	   /* "AccessShareLock"; NULL for a serializable transaction */
	char *kind;	   /* as struct lock_wait */
	char *object;
};

struct lock_prepared {
	char *transaction; /* xid as text */
	char *gid, *owner, *database;
	int64_t prepared_us;
	int *waiters; /* pids that it holds up */
	size_t waiter_count, waiter_capacity;
};

struct lock_wait_list {
	struct lock_wait *waits;
	size_t count, capacity;
	struct lock_prepared
		*prepared; /* those that hold up nobody are left out later */
	size_t prepared_count, prepared_capacity;
	struct lock_hold *holds; /* in any order; may repeat */
	size_t hold_count, hold_capacity;
	bool standby; /* replay alone takes AccessExclusiveLock there */
};

void lock_wait_list_free(struct lock_wait_list *list);
/* Whether a lock of mode `held` (pg_locks.mode) keeps `wanted` waiting. */
bool lock_modes_conflict(const char *held, const char *wanted);

/*
 * A node as the pane shows it, in display order: roots first, children after parents in
 * the order of their queue.  A parallel worker's waits are its leader's.
 */
struct lock_row {
	int pid;		  /* 0: a prepared transaction */
	int64_t backend_start_us; /* 0 for those without a session */
	enum lock_node_kind kind;
	int depth;	/* 0: a root */
	bool last;	/* of its siblings */
	bool cycle;	/* part of a deadlock about to be found */
	size_t parent;	/* row of the one it waits for next; own row for a root */
	size_t held_up; /* sessions that wait for it, directly or through others,
			 * wherever they stand: a waiter with two blockers stands under
			 * one of them */
	int *waits_for; /* all blockers after transitive reduction, sorted pids */
	size_t waits_for_count;
	const struct session *session;	      /* NULL if there is none */
	const struct lock_wait *wait;	      /* NULL for who waits for nobody */
	const struct lock_prepared *prepared; /* NULL unless that is what it is */
	const struct lock_hold *holds;	      /* what others want of it */
	size_t hold_count;
	/* Of a parallel group: waits of its workers that `wait` isn't. */
	const struct lock_wait **worker_waits;
	size_t worker_wait_count;
};

struct lock_forest;

/* Takes over *waits (empties it); keeps pointers into `sessions`, which must outlive
 * it. */
struct lock_forest *lock_forest_new(
	struct lock_wait_list *waits, const struct session_list *sessions);
void lock_forest_free(struct lock_forest *forest);

size_t lock_forest_rows(const struct lock_forest *forest);
const struct lock_row *lock_forest_row(const struct lock_forest *forest, size_t row);
size_t lock_forest_roots(const struct lock_forest *forest);
size_t lock_forest_waiting(const struct lock_forest *forest);
/* The root that holds up the most; NULL if nobody waits. */
const struct lock_row *lock_forest_worst(const struct lock_forest *forest);
/* Longest wait of those that it holds up, or its own, by the server's clock; -1 if
 * unknown. */
int64_t lock_row_wait_us(
	const struct lock_forest *forest, size_t row, int64_t server_now_us);

enum lock_end {
	LOCK_END_CANCEL,    /* its query, and with that its transaction */
	LOCK_END_TERMINATE, /* its session */
	LOCK_END_ROLLBACK,  /* a prepared transaction */
	LOCK_END_COUNT
};

/*
 * What becomes of those that a row holds up when it is ended: held_up is the sum of the
 * three.  All 0 where it can't be ended that way.
 */
struct lock_release {
	size_t at_once; /* waited for it alone */
	size_t later; /* behind those, or in a deadlock: they go on one after another */
	size_t still; /* are behind somebody else all the same */
	const char *refused; /* why it can't be ended that way, static; NULL: it can */
	const char *unknown; /* why nobody knows whether it can, static; NULL */
	bool at_most; /* a cancel leaves the advisory locks of its session alone */
};

struct lock_release lock_forest_release(
	const struct lock_forest *forest, size_t row, enum lock_end how);
/* Whether it is a way for a row of that kind: a rollback is for what is prepared. */
bool lock_row_ends(const struct lock_row *row, enum lock_end how);
/* "3 go on at once, 2 after them, 1 is still behind others"; the caller owns it. */
char *lock_release_words(const struct lock_release *release);

/* "4312 (web-3)", "prepared transaction x"; the caller owns it. */
char *lock_row_name(const struct lock_row *row);
/* Whether it waits for this one next: no other blocker stands between them. */
bool lock_row_waits_for(const struct lock_row *row, int pid);

/* "session", "prepared", "safe-snapshot", ...: the names in `locks --format json`. */
const char *lock_node_kind_name(enum lock_node_kind kind);
/* What ends this blocker, in one sentence for the operator; static. */
const char *lock_row_remedy(const struct lock_row *row);
/* "cancel", "terminate", "rollback". */
const char *lock_end_name(enum lock_end how);
/* "if cancelled", "if terminated", "if rolled back". */
const char *lock_end_words(enum lock_end how);
/* The same in one word where there is little room: "wraparound", "replay"; static. */
const char *lock_node_kind_words(enum lock_node_kind kind);
/*
 * What it runs or ran last: of a prepared transaction its gid, of what is hidden that
 * it needs pg_monitor.  The server's bytes; NULL: nothing.
 */
const char *lock_row_query(const struct lock_row *row);
/* "invoices AccessExclusive", "the end of 4312's transaction"; NULL: it doesn't wait.
 * The caller owns it. */
char *lock_row_wants(const struct lock_row *row);
/* "invoices AccessShare, line row (0,7)"; NULL: nothing that others want.  The caller
 * owns it. */
char *lock_row_has(const struct lock_row *row);
/* Whom it waits for: "4312, 4400", "prepared transaction 'x'", from the `from`th on;
 * NULL: nobody.  The caller owns it. */
char *lock_row_behind(
	const struct lock_forest *forest, const struct lock_row *row, size_t from);
/*
 * How a lock is called everywhere: what is locked, which tells most where there is no
 * room for all, then the mode without its "Lock", which says nothing.  NULL: not known.
 * "invoices AccessShare"; the caller owns it.
 */
char *lock_words(const char *object, const char *mode);
/* "invoices AccessShare", "invoices row (0,7)"; the caller owns it. */
char *lock_hold_words(const struct lock_hold *hold);

#endif
