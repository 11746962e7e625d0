/*
 * What a standby says of itself: what it receives, what it replays, and what stops it.
 * pg_stat_wal_receiver and the recovery functions tell that on the standby alone; its
 * upstream knows nothing of pauses and conflicts.
 */
#ifndef PGRUNBOOK_MODEL_STANDBY_H
#define PGRUNBOOK_MODEL_STANDBY_H

#include <stdbool.h>
#include <stdint.h>

/* pg_get_wal_replay_pause_state(); before 14 only whether a pause was asked for. */
enum replay_pause {
	REPLAY_PAUSE_UNKNOWN,
	REPLAY_NOT_PAUSED,
	REPLAY_PAUSE_REQUESTED, /* from 14 on: it stops at the next record */
	REPLAY_PAUSED
};

enum standby_receiver { RECEIVER_UNKNOWN, RECEIVER_NONE, RECEIVER_RUNS };

enum { STANDBY_UNKNOWN = -1 };

/* Queries that replay had to cancel, of all databases, since statistics began. */
struct standby_conflicts {
	bool read;
	int64_t tablespace, lock, snapshot, buffer_pin, deadlock;
	int64_t logical_slot; /* from 16 on; STANDBY_UNKNOWN before */
};

/* Texts are the server's bytes; NULL: not known, or none.  Positions: 0 unknown. */
struct standby {
	bool read;     /* it has told; all below is as of then */
	bool recovery; /* else it is a primary by now */
	enum standby_receiver receiver;
	char *receiver_status; /* "streaming", "waiting" */
	char *upstream_host;   /* where it receives from: address, name or socket */
	int upstream_port;     /* 0: not known */
	char *application;     /* its name there, of primary_conninfo */
	char *cluster_name;
	char *slot;	       /* primary_slot_name */
	char *address;	       /* its own, as our connection found it */
	uint64_t received_lsn; /* and flushed */
	uint64_t replayed_lsn;
	uint64_t upstream_lsn;	/* the end of its upstream's WAL, as last told */
	int64_t now_us;		/* its clock */
	int64_t message_us;	/* last message of its upstream, its clock; 0: none */
	int64_t replayed_at_us; /* when what was replayed last was committed, by the
				   primary's clock; 0: nothing yet */
	enum replay_pause pause;
	int64_t apply_delay_us; /* recovery_min_apply_delay; 0: none */
	/* wal_receiver_status_interval: how often it reports; 0: only when asked. */
	int64_t status_interval_us;
	/* max_standby_streaming_delay: how long replay waits for queries; -1: for ever.
	 */
	int64_t patience_us;
	struct standby_conflicts conflicts;
	char *startup_wait; /* wait event of the process that replays */
	int blocker_pid;    /* the session that replay waits for; 0: none is known */
	char *blocker;	    /* "web-3 (deploy)" */
	bool blocker_sure;  /* it holds the lock; else its snapshot is the oldest */
	bool monitor;	    /* our role may see all of this */
	char *receiver_problem, *conflicts_problem; /* why that can't be read */
};

/* Whether replay waits for a query of the standby's own. */
bool standby_in_conflict(const struct standby *standby);
/* "replay waits for pid 4312, web (deploy), which ..."; NULL: it doesn't.  Caller owns.
 */
char *standby_conflict_words(const struct standby *standby);
/* How that conflict ends; NULL: there is none.  The caller owns it. */
char *standby_conflict_remedy(const struct standby *standby);
/* "12: 3 locks, 9 snapshots"; "none"; NULL: not known.  The caller owns it. */
char *standby_conflicts_words(const struct standby_conflicts *conflicts);
/* "not paused", "a pause was asked for", "paused"; static; NULL: not known. */
const char *replay_pause_words(enum replay_pause pause);
/*
 * The application name in pg_stat_wal_receiver.conninfo, which quotes nothing and may
 * have options that our libpq doesn't know; NULL: it has none.  The caller owns it.
 */
char *standby_name_of(const char *conninfo);
/* "db1:5432"; NULL: not known.  The caller owns it. */
char *standby_upstream(const struct standby *standby);
void standby_copy(struct standby *to, const struct standby *from);
void standby_free(struct standby *standby);

#endif
