/*
 * Replicas: bytes first, then time, and what is not known is not zero.  Two sources:
 * the primary's pg_stat_replication, and direct connections to standbys.
 */
#ifndef PGRUNBOOK_MODEL_REPLICATION_H
#define PGRUNBOOK_MODEL_REPLICATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/base/strlist.h"

enum { LAG_UNKNOWN = -1 };

/* What holds a replica back. */
enum replica_cause {
	REPLICA_UNKNOWN,
	REPLICA_CAUGHT_UP,
	REPLICA_SENDING,     /* sent < current: the sender or the network */
	REPLICA_WRITING,     /* write < sent */
	REPLICA_FLUSHING,    /* flush < write: the standby's disk */
	REPLICA_REPLAYING,   /* replay < flush: a conflict or load */
	REPLICA_PAUSED,	     /* replay is paused */
	REPLICA_DISCONNECTED /* no WAL receiver, or the direct connection is down */
};

struct replica {
	char *name;	   /* application_name, or the configured name */
	bool from_primary; /* a row of pg_stat_replication */
	bool direct;	   /* a connection of our own to it */
	char *state;	   /* "streaming", "catchup"; NULL: not known */
	char *sync_state;
	uint64_t sent_lsn, write_lsn, flush_lsn, replay_lsn; /* 0: unknown */
	int64_t lag_bytes; /* current WAL minus replayed; LAG_UNKNOWN */
	int64_t lag_us; /* LAG_UNKNOWN when the server gives NULL and it isn't caught up
			 */
	bool paused;	/* its replay is paused; known over a direct connection only */
	bool disconnected; /* no WAL receiver, or no direct connection */
	enum replica_cause cause;
	int64_t reply_us; /* last word from it, server's clock; 0: unknown */
	struct strlist
		version_rows; /* its alembic_version rows over the direct connection */
	bool version_rows_read;
	char *problem; /* "cannot connect: ...", "needs pg_monitor"; NULL: fine */
};

struct replication {
	struct replica *items; /* by name */
	size_t count, capacity;
	uint64_t current_lsn; /* of the primary; or received by the standby; 0: unknown
			       */
	char *problem;	      /* why the list can't be had; NULL: fine */
};

/* The item of that name, added if there is none; valid until the next call. */
struct replica *replication_item(struct replication *replication, const char *name);
/* By name. */
void replication_sort(struct replication *replication);

const char *replica_cause_words(enum replica_cause cause);
/*
 * Fills lag_bytes and cause from the positions and what is known of pause and receiver;
 * `current` is the primary's position (0: unknown).  No lag in time is kept for one
 * that is caught up: the server's figures are NULL or old then.
 */
void replica_judge(struct replica *replica, uint64_t current);
/* The one that is furthest behind; NULL if none lags or there are none. */
const struct replica *replication_worst(const struct replication *replication);
/* "0/3000060"; false (and 0) if it is none. */
bool replication_parse_lsn(const char *text, uint64_t *lsn);
void replica_free(struct replica *replica);
void replication_free(struct replication *replication);

#endif
