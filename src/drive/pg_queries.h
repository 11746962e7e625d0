/*
 * The one table of monitoring SQL: each text with the server versions it serves and
 * what it costs.  A poll sends several of them in one round trip, so none may fail:
 * what a role isn't permitted is found out before, in columns of their own.
 */
#ifndef PGRUNBOOK_SRC_DRIVE_PG_QUERIES_H
#define PGRUNBOOK_SRC_DRIVE_PG_QUERIES_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/base/str.h"

/*
 * Whoever may create functions in a schema on the search path could make better ones of
 * what our SQL calls, and have them run with the operator's rights: no session that
 * asks for the console itself searches anything but pg_catalog.
 */
#define PG_QUERY_PIN_PATH                                                              \
	"pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false)"

enum pg_query_id {
	PG_QUERY_SETTINGS, /* once a connection */
	PG_QUERY_IDENTITY, /* columns: enum pg_identity_column */
	PG_QUERY_SYSTEM,   /* the system identifier; only if identity permits it */
	PG_QUERY_SESSIONS, /* enum pg_session_column */
	PG_QUERY_LOCKS,	   /* enum pg_lock_column */
	PG_QUERY_HELD,	   /* the same, of one session; ends in a pid to be added */
	PG_QUERY_EVENT, /* what it waits for, in words; 17+; ends as PG_QUERY_HELD, with
			 * ")" after it */
	PG_QUERY_PREPARED,	/* enum pg_prepared_column */
	PG_QUERY_WAL,		/* enum pg_wal_column */
	PG_QUERY_SENDERS,	/* enum pg_sender_column */
	PG_QUERY_SENDERS_NAMED, /* the same with PG_SENDER_NAME and what follows it */
	PG_QUERY_SLOTS,		/* enum pg_slot_column */
	PG_QUERY_SUBSCRIBED,	/* whether there is a subscription at all */
	PG_QUERY_SUBSCRIPTIONS, /* enum pg_subscription_column; a row for each worker */
	PG_QUERY_STANDBY,	/* enum pg_standby_column; on a standby */
	PG_QUERY_PROGRESS, /* which of the next have rows, as the server names them */
	PG_QUERY_PROGRESS_INDEX, /* enum pg_progress_column, all of them */
	PG_QUERY_PROGRESS_VACUUM,
	PG_QUERY_PROGRESS_ANALYZE,
	PG_QUERY_PROGRESS_CLUSTER,
	PG_QUERY_PROGRESS_COPY,
	PG_QUERY_PROGRESS_BACKUP,
	PG_QUERY_VITALS, /* enum pg_vitals_column */
	PG_QUERY_TABLES, /* enum pg_table_column; ends in a condition to be added */
	PG_QUERY_TABLE,	 /* the same of those that are known */
	PG_QUERY_ROWS,	 /* of those tables: drive/pg_version.c makes it */
	PG_QUERY_LOCKED, /* enum pg_locked_column */
	PG_QUERY_WRITES, /* enum pg_write_column; ends in a list of pids to be added */
	PG_QUERY_CLOCK,	 /* the server's time, after all that stands before it */
	PG_QUERY_RECEIVER,  /* enum pg_receiver_column; on a standby; no row: none runs
			     */
	PG_QUERY_CONFLICTS, /* enum pg_conflict_column; on a standby */
	PG_QUERY_CANCEL,    /* enum pg_end_column; $1 pid, $2 start, $3 query start */
	PG_QUERY_TERMINATE, /* the same */
	PG_QUERY_COUNT
};

/* Times are Unix microseconds by the server's clock; positions are text. */

enum pg_identity_column {
	PG_IDENTITY_RECOVERY,
	PG_IDENTITY_NOW,
	PG_IDENTITY_USER,
	PG_IDENTITY_DATABASE,
	PG_IDENTITY_DATABASE_OID,
	PG_IDENTITY_VERSION,
	PG_IDENTITY_STARTED,
	PG_IDENTITY_SEES_ALL, /* other roles' sessions and replicas in detail */
	PG_IDENTITY_SUPERUSER,
	PG_IDENTITY_SYSTEM, /* PG_QUERY_SYSTEM is permitted */
	/* So is what these need; not on every managed server. */
	PG_IDENTITY_SENDERS,
	PG_IDENTITY_SLOTS,
	PG_IDENTITY_SUBSCRIPTIONS,
	PG_IDENTITY_RECEIVER,
	PG_IDENTITY_CONFLICTS,
	PG_IDENTITY_OWN_ENDING /* as server.own_ending */
};

enum pg_session_column {
	PG_SESSION_PID,
	PG_SESSION_LEADER,
	PG_SESSION_BACKEND_START,
	PG_SESSION_QUERY_START,
	PG_SESSION_TRANSACTION_START,
	PG_SESSION_STATE_CHANGE,
	PG_SESSION_STATE,
	PG_SESSION_TYPE,
	PG_SESSION_DATABASE,
	PG_SESSION_USER,
	PG_SESSION_APPLICATION,
	PG_SESSION_CLIENT,
	PG_SESSION_PORT, /* -1: a local socket */
	PG_SESSION_WAIT_TYPE,
	PG_SESSION_WAIT_EVENT,
	PG_SESSION_XMIN_AGE,
	PG_SESSION_SNAPSHOT_BLOCKERS, /* "{1,2}" while it waits for a safe snapshot */
	PG_SESSION_QUERY_ID,	      /* NULL before 14 */
	PG_SESSION_QUERY
};

/* Who waits, and what holds him up where the waiting alone doesn't say it. */
enum pg_lock_column {
	PG_LOCK_PID, /* NULL: held by a prepared transaction */
	PG_LOCK_GRANTED,
	PG_LOCK_MODE,
	PG_LOCK_SINCE,
	PG_LOCK_TRANSACTION_OF, /* virtualtransaction: whose lock it is */
	PG_LOCK_KIND,
	PG_LOCK_DATABASE,
	PG_LOCK_RELATION,
	PG_LOCK_PAGE,
	PG_LOCK_TUPLE,
	PG_LOCK_VIRTUALXID,
	PG_LOCK_TRANSACTIONID,
	PG_LOCK_CLASS,
	PG_LOCK_OBJECT,
	PG_LOCK_SUBOBJECT,
	PG_LOCK_NAME,	   /* of the relation, if it is of this database */
	PG_LOCK_WHAT,	   /* the object in words: "schema app"; NULL: it is none */
	PG_LOCK_ELSEWHERE, /* the database's name, if it is another */
	PG_LOCK_BLOCKERS   /* "{4312,0}"; NULL unless it waits */
};

enum pg_prepared_column {
	PG_PREPARED_TRANSACTION,
	PG_PREPARED_GID,
	PG_PREPARED_SINCE,
	PG_PREPARED_OWNER,
	PG_PREPARED_DATABASE,
	PG_PREPARED_AGE
};

enum pg_wal_column {
	PG_WAL_CURRENT,
	PG_WAL_SYNCHRONOUS,	/* synchronous_standby_names */
	PG_WAL_STATUS_INTERVAL, /* how often its standbys report, if set as here */
	PG_WAL_SENDER_TIMEOUT
};

enum pg_vitals_column {
	PG_VITALS_CONNECTIONS, /* max_connections */
	PG_VITALS_RESERVED,
	PG_VITALS_COMMITS, /* of this database, as the next three */
	PG_VITALS_ROLLBACKS,
	PG_VITALS_TEMP,
	PG_VITALS_DEADLOCKS,
	PG_VITALS_RESET,
	PG_VITALS_XID_DATABASE,
	PG_VITALS_XID_AGE,
	PG_VITALS_XID_FREEZE,
	PG_VITALS_MULTIXACT_DATABASE,
	PG_VITALS_MULTIXACT_AGE,
	PG_VITALS_MULTIXACT_FREEZE
};

enum pg_sender_column {
	PG_SENDER_PID,
	PG_SENDER_STATE,
	PG_SENDER_SYNC_STATE,
	PG_SENDER_SENT,
	PG_SENDER_WRITE,
	PG_SENDER_FLUSH,
	PG_SENDER_REPLAY,
	PG_SENDER_REPLAY_LAG,
	PG_SENDER_REPLY,
	PG_SENDER_NAME,
	PG_SENDER_CLIENT,
	PG_SENDER_SLOT,
	PG_SENDER_LOGICAL
};

enum pg_slot_column {
	PG_SLOT_NAME,
	PG_SLOT_PLUGIN,
	PG_SLOT_LOGICAL,
	PG_SLOT_DATABASE,
	PG_SLOT_TEMPORARY,
	PG_SLOT_ACTIVE,
	PG_SLOT_PID,
	PG_SLOT_RESTART,
	PG_SLOT_CONFIRMED,
	PG_SLOT_WAL_STATUS,
	PG_SLOT_SAFE,
	PG_SLOT_XMIN_AGE,
	PG_SLOT_CONFLICTING,
	PG_SLOT_INVALIDATION,
	PG_SLOT_INACTIVE_SINCE,
	PG_SLOT_FAILOVER,
	PG_SLOT_SYNCED
};

enum pg_subscription_column {
	PG_SUBSCRIPTION_NAME,
	PG_SUBSCRIPTION_DATABASE,
	PG_SUBSCRIPTION_ENABLED,
	PG_SUBSCRIPTION_SLOT,
	PG_SUBSCRIPTION_PID,
	PG_SUBSCRIPTION_APPLIES, /* it is the one worker that applies */
	PG_SUBSCRIPTION_RECEIVED,
	PG_SUBSCRIPTION_LATEST_END,
	PG_SUBSCRIPTION_SENT_AT,
	PG_SUBSCRIPTION_RECEIVED_AT,
	PG_SUBSCRIPTION_LATEST_END_AT,
	PG_SUBSCRIPTION_TABLES_LEFT, /* NULL for another database's */
	PG_SUBSCRIPTION_APPLY_ERRORS,
	PG_SUBSCRIPTION_SYNC_ERRORS,
	PG_SUBSCRIPTION_CONFLICTS
};

enum pg_progress_column {
	PG_PROGRESS_PID,
	PG_PROGRESS_DATABASE,
	PG_PROGRESS_HERE, /* in this database; NULL: in none */
	PG_PROGRESS_RELATION,
	PG_PROGRESS_RELATION_NAME, /* NULL: of another database, or not visible yet */
	PG_PROGRESS_PHASE,	   /* NULL: not permitted */
	PG_PROGRESS_BLOCK_SIZE,
	PG_PROGRESS_PART, /* index, or child table */
	PG_PROGRESS_PART_NAME,
	PG_PROGRESS_COMMAND,
	PG_PROGRESS_COUNTERS /* as src/drive/pg_watch_progress.c has them */
};

enum pg_table_column {
	PG_TABLE_OID,
	PG_TABLE_NAME,	  /* quoted, with schema */
	PG_TABLE_GRANT,	  /* SQL that would let us read it; "" if we may */
	PG_TABLE_VISIBLE, /* what its name alone means on the role's own path */
	PG_TABLE_VIEW,	  /* or a foreign table */
	PG_TABLE_COLUMN,  /* it has version_num */
	PG_TABLE_LENGTH,  /* of an id, in characters; 0: any */
	PG_TABLE_HAZARD	  /* enum version_hazard */
};

enum pg_locked_column { PG_LOCKED_RELATION, PG_LOCKED_PID };

enum pg_write_column { PG_WRITE_PID, PG_WRITE_RELATION, PG_WRITE_NAME };

/* Settings of time are in microseconds. */
enum pg_standby_column {
	PG_STANDBY_RECOVERY,
	PG_STANDBY_NOW,
	PG_STANDBY_RECEIVED,
	PG_STANDBY_REPLAYED,
	PG_STANDBY_REPLAYED_AT, /* when what was replayed last was committed */
	PG_STANDBY_PAUSE,	/* "not paused", "pause requested", "paused" */
	PG_STANDBY_CLUSTER_NAME,
	PG_STANDBY_SLOT,
	PG_STANDBY_APPLY_DELAY,
	PG_STANDBY_STATUS_INTERVAL,
	PG_STANDBY_PATIENCE, /* max_standby_streaming_delay; negative: for ever */
	PG_STANDBY_ADDRESS,
	PG_STANDBY_MONITOR
};

/* Without pg_monitor its row has nothing but the pid, which isn't asked for. */
enum pg_receiver_column {
	PG_RECEIVER_STATUS,
	PG_RECEIVER_UPSTREAM_END,
	PG_RECEIVER_MESSAGE_AT,
	PG_RECEIVER_SLOT,
	PG_RECEIVER_HOST,
	PG_RECEIVER_PORT,
	PG_RECEIVER_CONNINFO
};

enum pg_conflict_column {
	PG_CONFLICT_TABLESPACE,
	PG_CONFLICT_LOCK,
	PG_CONFLICT_SNAPSHOT,
	PG_CONFLICT_BUFFER_PIN,
	PG_CONFLICT_DEADLOCK,
	PG_CONFLICT_SLOT,
	PG_CONFLICT_WAIT,   /* wait event of the startup process */
	PG_CONFLICT_HOLDER, /* pid of whoever has the lock that it waits for */
	PG_CONFLICT_OLDEST, /* pid of whoever has the oldest snapshot */
	PG_CONFLICT_HOLDER_WHO,
	PG_CONFLICT_OLDEST_WHO
};

enum pg_end_column {
	PG_END_HIDDEN,	   /* its start isn't visible to this role */
	PG_END_SAME,	   /* it began when the parameter says */
	PG_END_SAME_QUERY, /* and its query did, or the parameter is 0 */
	PG_END_TYPE,
	PG_END_STATE,
	PG_END_ENDS,	 /* it is none of the server's own processes */
	PG_END_MISSING,	 /* the right that this role lacks; NULL: none */
	PG_END_SIGNALLED /* NULL: it was not tried */
};

/* A text of the table, with the versions of servers that it is for. */
struct pg_query_row {
	enum pg_query_id id;
	int since, before; /* 150000; 0: no bound */
	const char *sql;
};

/* Those about replication, of pg_queries_replication.c. */
extern const struct pg_query_row pg_queries_replication[];
extern const size_t pg_queries_replication_count;

/* The text for a server of that version (150018). */
const char *pg_queries_text(enum pg_query_id id, int version);

/* "sessions": a name for people, and for what is prepared. */
const char *pg_queries_name(enum pg_query_id id);

/* Whether its text is the same poll after poll, so that it is worth being prepared. */
bool pg_queries_lasts(enum pg_query_id id);

/* Appends `text` as an SQL literal. */
void pg_queries_literal(const char *text, struct str *sql);

#endif
