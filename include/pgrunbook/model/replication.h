/*
 * Replicas: bytes first, then time, and what is not known is not zero.  Two sources:
 * the pg_stat_replication of the server that sends, and direct connections to standbys;
 * one standby is one item, whoever tells of it.  A standby that is watched is an item
 * itself
 * (`self`), and those that receive from a standby stand under it.
 */
#ifndef PGRUNBOOK_MODEL_REPLICATION_H
#define PGRUNBOOK_MODEL_REPLICATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/session.h"
#include "pgrunbook/model/slot.h"
#include "pgrunbook/model/standby.h"
#include "pgrunbook/model/subscription.h"
#include "pgrunbook/model/wal_clock.h"

enum { LAG_UNKNOWN = -1 };

/* What it is that receives. */
enum replica_kind {
	REPLICA_STANDBY,
	REPLICA_LOGICAL,  /* logical decoding: a subscriber */
	REPLICA_WAL_ONLY, /* keeps WAL and replays none: pg_receivewal */
	REPLICA_BACKUP	  /* a base backup that is being taken */
};

/* What holds a replica back. */
enum replica_cause {
	REPLICA_UNKNOWN,
	REPLICA_CAUGHT_UP,
	REPLICA_SENDING,      /* sent < current: the sender or the network */
	REPLICA_WRITING,      /* write < sent */
	REPLICA_FLUSHING,     /* flush < write: the standby's disk */
	REPLICA_REPLAYING,    /* replay < flush: a conflict or load */
	REPLICA_PAUSED,	      /* replay is paused */
	REPLICA_DISCONNECTED, /* no WAL receiver, or the direct connection is down */
	REPLICA_CONFLICT,     /* replay waits for a query of the standby's */
	REPLICA_DELAYED,      /* recovery_min_apply_delay */
	REPLICA_UPSTREAM,     /* the standby that it receives from is behind itself */
	REPLICA_SILENT,	      /* no reply for too long: a dead link or a dead standby */
	REPLICA_COPYING	      /* a base backup */
};

/* How a lag in time is to be read. */
enum lag_time { LAG_TIME_UNKNOWN, LAG_TIME_IS, LAG_TIME_AT_LEAST, LAG_TIME_AT_MOST };

struct replica {
	char *name; /* the configured one, or application_name; unique in the list */
	char *upstream; /* item that it receives from; NULL: the server watched */
	int depth;	/* under it, in the tree: replication_arrange */
	bool self;	/* the server watched, a standby */
	enum replica_kind kind;

	/* The sender's view. */
	bool from_primary; /* a row of pg_stat_replication */
	char *application; /* as it calls itself there */
	char *client;	   /* its address; NULL: a socket, or not known */
	char *slot;	   /* that it uses; NULL: none */
	int sender_pid;	   /* of the walsender; 0: not known */
	int sender_port;   /* of the server whose view this is; 0: not known */
	char *state;	   /* "streaming", "catchup", "backup"; NULL: not known */
	char *sync_state;  /* "sync", "potential", "quorum", "async" */
	uint64_t sent_lsn, write_lsn, flush_lsn, replay_lsn; /* 0: unknown */
	int64_t replay_lag_us; /* the server's figure; LAG_UNKNOWN: NULL */
	int64_t reply_us;      /* last word from it, server's clock; 0: unknown */

	/* Its own view. */
	bool direct;		     /* a connection of our own to it */
	bool pending;		     /* that has told nothing at all yet */
	struct standby own;	     /* what it said over that */
	struct strlist version_rows; /* its alembic_version rows */
	bool version_rows_read;
	char *version_problem; /* why they aren't; NULL: nothing is known */

	/* What follows from both: replica_judge. */
	uint64_t received_lsn, replayed_lsn; /* the further of both views; 0: unknown */
	int64_t lag_bytes; /* current WAL minus replayed; LAG_UNKNOWN */
	int64_t lag_us;	   /* LAG_UNKNOWN; else to be read as lag_time says */
	enum lag_time lag_time;
	int64_t silent_us; /* since its last reply; LAG_UNKNOWN */
	bool paused;	   /* its replay is paused; known directly only */
	bool disconnected; /* no WAL receiver, or no direct connection */
	enum replica_cause cause;
	char *disagreement; /* both views contradict each other: how; NULL: they don't
			     */
	char *problem;	    /* "cannot connect: ...", "needs pg_monitor"; NULL: fine */
};

/* synchronous_standby_names, and who waits because of it. */
struct sync_standbys {
	char *names;	    /* the setting; NULL: not known; "": none */
	bool waiting_known; /* our role sees what sessions wait for */
	size_t waiting;	    /* commits that wait for a standby's word */
	int64_t longest_us; /* of those; 0: none */
};

struct replication {
	struct replica *items; /* as replication_arrange left them */
	size_t count, capacity;
	struct slot *slots; /* what the rows show of them comes first */
	size_t slot_count, slot_capacity, slots_shown;
	struct subscription *subscriptions;
	size_t subscription_count, subscription_capacity;
	bool pending; /* there are subscriptions that were not asked for yet */
	struct sync_standbys sync;
	uint64_t current_lsn; /* of the primary; or received by the standby; 0: unknown
			       */
	int64_t silence_us; /* from which age of a reply on a link is dead; 0: never */
	/* Why replicas, slots, subscriptions can't be had; NULL: fine. */
	char *problem, *slots_problem, *subscriptions_problem;
};

/*
 * A new item that nothing is known of, valid until the next call.  Items may have the
 * same name until replication_settle.
 */
struct replica *replication_add(struct replication *replication, const char *name);
/* A copy of a sender's view of one, without what isn't of that. */
void replication_add_sender(
	struct replication *replication, const struct replica *sender);
const struct replica *replication_find(
	const struct replication *replication, const char *name);
struct slot *replication_add_slot(struct replication *replication);
struct subscription *replication_add_subscription(struct replication *replication);
/* Counts the commits that wait, where `monitor` lets our role see them. */
void replication_count_waiting(struct replication *replication,
	const struct session_list *sessions, bool monitor, int64_t server_now_us);

/*
 * Makes one of everything: an item that only a direct connection tells of is joined
 * with the one that its sender lists (by slot, name, address and port; where several
 * are as likely, none), slots are given to their replicas, kinds told, all of it judged
 * and put into the order of the tree.  `clock` knows where the primary was when.
 */
void replication_settle(struct replication *replication, const struct wal_clock *clock,
	int64_t server_now_us);
/* By name, and those of a standby under it; then slots and subscriptions. */
void replication_arrange(struct replication *replication);
/*
 * From when on a link is dead whose standby reports every `interval_us` (0: when asked)
 * and is asked after half of `timeout_us` (wal_sender_timeout, 0: never); 0: never.
 */
int64_t replication_silence_us(int64_t interval_us, int64_t timeout_us);

/* What a replica is judged by. */
struct replica_judge_by {
	uint64_t current_lsn;	       /* of the primary; 0: unknown */
	uint64_t upstream_lsn;	       /* what its upstream has to send; 0: the same */
	const struct wal_clock *clock; /* NULL: none */
	int64_t server_now_us;
	int64_t silence_us;
};

/*
 * Fills in what follows from both views.  A lag in time is told where bytes are
 * missing, and 0 only for one that is connected and lacks none: the server's figures
 * are NULL or old then.
 */
void replica_judge(struct replica *replica, const struct replica_judge_by *by);
const char *replica_cause_words(enum replica_cause cause);
/* "standby", "logical decoding", ...; static. */
const char *replica_kind_words(enum replica_kind kind);
/* "38s", ">=38s", "<=38s", "-" for unknown; the caller owns it. */
char *replica_lag_words(const struct replica *replica);
/* The cause with all that is known of it, in a sentence; the caller owns it. */
char *replica_why(const struct replica *replica);
/* What to do about it; NULL: nothing is known.  The caller owns it. */
char *replica_remedy(const struct replica *replica);

/* The one that is furthest behind; NULL if none lags or there are none. */
const struct replica *replication_worst(const struct replication *replication);
/* What must be said of synchronous commits; NULL: all is well.  Caller owns both. */
char *replication_sync_words(const struct replication *replication);
char *replication_sync_remedy(const struct replication *replication);
/* How many standbys a setting of synchronous_standby_names waits for. */
size_t sync_standbys_needed(const char *names);
/* Synchronous standbys that are connected; -1: not known. */
int replication_sync_connected(const struct replication *replication);

/* The rows of a list of all: trouble with commits, replicas, slots, subscriptions. */
enum replication_row_kind {
	REPLICATION_ROW_SYNC,
	REPLICATION_ROW_REPLICA,
	REPLICATION_ROW_SLOT,
	REPLICATION_ROW_SUBSCRIPTION
};

struct replication_row {
	enum replication_row_kind kind;
	size_t index;
};

size_t replication_rows(const struct replication *replication);
struct replication_row replication_row(
	const struct replication *replication, size_t row);
/* What a row is, whatever row it moves to; the caller owns it. */
char *replication_row_identity(const struct replication *replication, size_t row);

/* "0/3000060"; false (and 0) if it is none. */
bool replication_parse_lsn(const char *text, uint64_t *lsn);
/* The same back; "unknown" for 0. */
enum { LSN_TEXT = 20 };
const char *replication_format_lsn(uint64_t lsn, char out[LSN_TEXT]);
void replica_free(struct replica *replica);
void replication_free(struct replication *replication);

#endif
