/*
 * The numbers that people steer a server by, and who is behind them.  What this role
 * may not see, or no server of that version tells, is unknown, never 0.
 */
#ifndef PGRUNBOOK_MODEL_VITALS_H
#define PGRUNBOOK_MODEL_VITALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/model/series.h"
#include "pgrunbook/model/session.h"

struct snapshot;

/* Counters and settings that one row of a poll tells.  -1 and NULL: not known. */
struct vitals {
	bool read;
	int64_t max_connections;
	int64_t reserved_connections; /* of those, not for ordinary roles */
	/* Of the database that we are connected to, since stats_reset_us (0: ever). */
	int64_t commits, rollbacks, temp_bytes, deadlocks;
	int64_t stats_reset_us;
	/* The database that is furthest from its last freezing, in transactions. */
	char *xid_database;
	int64_t xid_age, freeze_max_age;
	/* The same for multixacts, of which row locks shared by several are made. */
	char *multixact_database;
	int64_t multixact_age, multixact_freeze_max_age;
	/* The oldest prepared transaction; NULL: there is none. */
	char *prepared_gid;
	int64_t prepared_xid_age, prepared_us;
};

void vitals_free(struct vitals *vitals);

/* In the order of the pane. */
enum vital {
	VITAL_ACTIVE,
	VITAL_IDLE_IN_TRANSACTION,
	VITAL_WAITING,
	VITAL_CONNECTIONS,
	VITAL_TRANSACTION, /* age of the oldest, microseconds */
	VITAL_XMIN,	   /* age of the oldest, transactions */
	VITAL_WAL,	   /* bytes a second; on a standby those replayed */
	VITAL_COMMITS,	   /* a second, as the three that follow */
	VITAL_ROLLBACKS,
	VITAL_TEMP, /* bytes of temporary files */
	VITAL_DEADLOCKS,
	VITAL_XID,	 /* age of the database that was frozen longest ago */
	VITAL_MULTIXACT, /* the same */
	VITAL_COUNT
};

/* "active", "oldest xmin": what the rows are called; static. */
const char *vital_name(enum vital vital);
/* What the number means and what moves it, in sentences; static. */
const char *vital_explanation(enum vital vital);
/* A value of that number as people read it: "72", "4m12s", "1.2 MB/s", "unknown". */
enum { VITAL_TEXT = 32 };
const char *vital_format(enum vital vital, double value, char out[VITAL_TEXT]);

/* How many of what; own sessions are connections and nothing else. */
struct vitals_sessions {
	size_t clients; /* that take one of max_connections */
	size_t active, idle_in_transaction, waiting;
	size_t hidden; /* whose state this role may not see */
};
void vitals_count(const struct snapshot *snapshot, struct vitals_sessions *counts);
/* Whether a session takes one of max_connections. */
bool vitals_is_client(const struct session *session);
/* Connections that an ordinary role can have; -1: not known. */
int64_t vitals_most_connections(const struct vitals *vitals);

/* Who keeps something old alive. */
enum holder_kind {
	HOLDER_NONE,
	HOLDER_SESSION,
	HOLDER_FEEDBACK, /* a standby's, told by its walsender */
	HOLDER_PREPARED,
	HOLDER_SLOT
};

struct holder {
	enum holder_kind kind;
	const struct session *session; /* of the snapshot; NULL for the last two */
	const char *name;	       /* of the snapshot */
	int64_t age;		       /* microseconds, or transactions for xmin */
};

struct holder vitals_oldest_transaction(
	const struct snapshot *snapshot, int64_t server_now_us);
struct holder vitals_oldest_xmin(const struct snapshot *snapshot);
/* "session 4312 (web-3)", "slot s1"; NULL for HOLDER_NONE.  The caller owns it. */
char *holder_words(const struct holder *holder);
/* What ends it; static, NULL for HOLDER_NONE. */
const char *holder_remedy(const struct holder *holder);

/* What can be told from one snapshot alone; SERIES_UNKNOWN for rates. */
double vital_value(
	enum vital vital, const struct snapshot *snapshot, int64_t server_now_us);
/* Why it is unknown, in words; NULL: it is not, or the next look will know.  Static. */
const char *vital_missing(enum vital vital, const struct snapshot *snapshot);

/* The last minute of all of them, kept from snapshot to snapshot.  All zero is none. */
struct vitals_history {
	struct series series[VITAL_COUNT];
	struct series_counter counters[VITAL_COUNT];
};

void vitals_history_take(
	struct vitals_history *history, const struct snapshot *snapshot);
/* Nothing is known from now on, until the next snapshot. */
void vitals_history_gap(struct vitals_history *history, int64_t now_us);
void vitals_history_free(struct vitals_history *history);

#endif
