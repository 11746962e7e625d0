/*
 * What the parts of the watch share: pg_watch.c steps it, pg_watch_silence.c waits for
 * a server that hangs, pg_watch_batch.c puts queries together, pg_watch_read.c,
 * pg_watch_wal.c, pg_watch_locks.c and pg_watch_progress.c turn answers into values,
 * pg_watch_finish.c makes a snapshot of them, pg_watch_table.c finds the version table,
 * pg_watch_replica.c holds the direct connections, pg_watch_end.c ends sessions.
 */
#ifndef PGRUNBOOK_SRC_DRIVE_PG_WATCH_PARTS_H
#define PGRUNBOOK_SRC_DRIVE_PG_WATCH_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/base/str.h"
#include "pgrunbook/drive/pg.h"
#include "pgrunbook/drive/pg_watch.h"
#include "pgrunbook/model/pace.h"
#include "src/drive/pg_queries.h"
#include "src/drive/pg_version.h"

/* The application name of the console's own sessions. */
extern const char watch_application[];

/*
 * What one connection has prepared: to parse and plan the queries takes the server
 * longer than to run them.
 */
struct watch_plans {
	bool off;  /* not with this server */
	bool lost; /* all of them were, once */
	bool kept[PG_QUERY_COUNT];
	/* That their texts were completed with; NULL: nobody knows. */
	char *rest[PG_QUERY_COUNT];
};

/* Of a new connection. */
void watch_plans_begin(struct watch_plans *plans);
void watch_plans_clear(struct watch_plans *plans);

enum watch_statement_kind { STATEMENT_QUERY, STATEMENT_PREPARE, STATEMENT_DEALLOCATE };

/* Several queries of the table in one round trip: a statement has one result. */
struct watch_batch {
	struct str sql;
	struct watch_statement {
		enum pg_query_id id;
		enum watch_statement_kind kind;
	} statements[3 * PG_QUERY_COUNT];
	size_t count;
};

void watch_batch_clear(struct watch_batch *batch);
/* `rest` completes texts that end in what is to be added; NULL: nothing.  Without plans
 * (NULL) it is sent as it is. */
void watch_batch_add(struct watch_batch *batch, struct watch_plans *plans,
	enum pg_query_id id, int version, const char *rest);
/* The query that result is of; PG_QUERY_COUNT: of none. */
enum pg_query_id watch_batch_query(const struct watch_batch *batch, size_t result);
/* Notes what the answer says was prepared, whatever came after it. */
void watch_plans_note(struct watch_plans *plans, const struct watch_batch *batch,
	const struct pg_answer *answer);
/* Whether it failed because what was prepared isn't there any more (or is, in another's
 * session): then it is worth being sent again, which can happen twice. */
bool watch_plans_lost(struct watch_plans *plans, const struct pg_answer *answer);
/* Makes it what a new connection is asked first; the identity's answer comes last. */
void watch_batch_setup(struct watch_batch *batch, const struct pg *pg);

/*
 * Queries that failed: left out for a while, or until the next connection where trying
 * again can't help, and why is said.
 */
struct watch_skips {
	unsigned polls[PG_QUERY_COUNT];
	char *why[PG_QUERY_COUNT];
};

void watch_skips_add(
	struct watch_skips *skips, enum pg_query_id id, const struct pg_answer *answer);
/* The same for the rows of a table, which may be another one by now. */
void watch_skips_rows(struct watch_skips *skips, const struct pg_answer *answer);
/* Whether it is left out of this poll. */
bool watch_skips_one(struct watch_skips *skips, enum pg_query_id id);
/* NULL while it is not left out. */
const char *watch_skips_why(const struct watch_skips *skips, enum pg_query_id id);
void watch_skips_clear(struct watch_skips *skips);

/* What identity says of the role: what may be asked next. */
struct watch_rights {
	bool sees_all, superuser, recovery, system, own_ending;
	bool senders, slots, subscriptions, receiver, conflicts;
	char *database_oid;
};

/* What a poll asks about version tables. */
enum watch_table_look {
	WATCH_TABLE_ALL,  /* looks through all tables, or for the one that is named */
	WATCH_TABLE_ONE,  /* the one that is known */
	WATCH_TABLE_KNOWN /* there was none, or several: whether that is still so */
};

/* The version table, as far as it is known. */
struct watch_table {
	char *name; /* as configured or chosen; NULL: to be found */
	struct pg_version found;
	enum watch_table_look look; /* of this poll */
	struct strlist known; /* oids of all that were found by the last look for all */
	int64_t looked_ns;    /* when that was, monotonic; 0: never for this table */
	bool due;	      /* another one, with the next poll */
	int64_t rest_ns;      /* until the next time: it may take long */
	int64_t read_us;      /* when the rows were read */
	bool gone;	      /* the one isn't there any more: as of the poll before */
};

/* A wait whose start the server doesn't tell, since we first saw it. */
struct watch_seen {
	int pid;
	uint64_t what;
	int64_t since_us;
};

struct watch_seen_list {
	struct watch_seen *items;
	size_t count, capacity;
};

/* A wait for a transaction whose row isn't known: the tables that it writes may tell.
 */
struct watch_writer {
	size_t wait; /* index in the poll's waits */
	struct strlist relations;
};

/* A poll under way. */
struct watch_poll {
	struct snapshot *snapshot;
	struct session_key asked; /* it has all locks of that one; pid 0: of none */
	int64_t took_us;    /* the server, for the first trip: without the network */
	struct standby own; /* where the server is a standby */
	struct lock_wait_list waits;
	struct watch_seen_list seen;
	struct strlist locked; /* oids of tables that are locked exclusively */
	size_t *writers;       /* waits to be asked about in the second trip */
	size_t writer_count, writer_capacity;
	unsigned progressing; /* views that have rows: bits of pg_watch_progress.c */
};

enum watch_state {
	WATCH_DOWN,    /* no connection */
	WATCH_SETUP,   /* settings and identity are under way */
	WATCH_IDLE,    /* waiting for the next poll's time */
	WATCH_POLLING, /* the first trip: everything but the version rows */
	WATCH_READING, /* the second: version rows, and what the first left open */
	WATCH_ENDING   /* a session is being ended */
};

enum watch_replica_state {
	WATCH_REPLICA_DOWN,    /* no connection */
	WATCH_REPLICA_NEW,     /* settings and identity are to be asked */
	WATCH_REPLICA_SETUP,   /* they are under way */
	WATCH_REPLICA_IDLE,    /* waiting for the next poll of the watch */
	WATCH_REPLICA_POLLING, /* the first trip: everything but the version rows */
	WATCH_REPLICA_READING  /* the second: the version rows */
};

struct watch_replica {
	struct pg_watch *watch;
	struct pg *pg;
	char *name;
	enum watch_replica_state state;
	bool told;	     /* anything yet, if only that it can't be reached */
	int64_t patience_us; /* with a silent one; 0: as a rule */
	struct watch_rights rights;
	struct watch_skips skips;
	struct watch_plans plans;
	struct watch_batch batch;
	int64_t asked_ns;    /* monotonic */
	int64_t answered_us; /* our clock; 0: never */
	char *problem;
	/* As of answered_us. */
	struct standby own;
	struct replication senders; /* its own view of those that receive from it */
	char *system_identifier;
	struct pg_version version;
};

/* A session to be ended. */
struct watch_end {
	struct watch_end *next;
	enum pg_end how;
	struct pg_end_target target;
	bool signalled;	     /* now we look whether it goes */
	int64_t deadline_ns; /* monotonic */
	void (*done)(void *context, bool ended, const char *outcome);
	void *context;
};

struct pg_watch {
	struct loop *loop;
	struct pg *pg;
	struct pg_watch_handler handler;
	enum watch_state state;
	struct pace pace;
	char *step;		    /* the application name of the step under way */
	int child;		    /* the pid of its command; 0: none */
	struct session_key *chosen; /* that the operator takes for the migration */
	size_t chosen_count;

	struct loop_timer *next;     /* the next poll */
	struct loop_timer *silent;   /* the server has not answered for too long */
	int64_t sent_us;	     /* our clock, to hold the server's against */
	int64_t sent_ns, started_ns; /* monotonic; the trip, the poll */
	int64_t first_patience_us,
		patience_us; /* with a silent server: as a rule, now */
	unsigned left_out;   /* enum snapshot_part */
	bool refresh;	     /* poll again as soon as this one is done */
	char *problem;	     /* NULL unless the server is lost or silent */

	struct session_key asked; /* about all its locks; pid 0: nobody */

	struct watch_rights rights;
	struct watch_table table;
	struct watch_seen_list seen;
	struct progress_history progress;
	struct watch_skips skips;
	struct watch_plans plans;
	char *system_identifier; /* NULL until it is read */
	struct wal_clock wal_clock;
	bool subscribed; /* to something: as of the last poll */
	struct watch_batch batch;
	struct watch_poll poll;

	struct watch_replica *replicas;
	size_t replica_count;
	struct watch_end *ends;
	struct watch_end *ending; /* the one under way; NULL: nobody asks for it now */

	unsigned inside;
	bool freed;
};

/* pg_watch.c */
void watch_enter(struct pg_watch *watch);
void watch_leave(struct pg_watch *watch);
/* Does what is due, if the connection is free for it. */
void watch_step(struct pg_watch *watch);
/* Adds a query to the batch, unless it failed not long ago. */
void watch_add(struct pg_watch *watch, enum pg_query_id id, const char *rest);
/* Waits for the time of the next poll. */
void watch_schedule(struct pg_watch *watch);
/* The server didn't answer well: told once, until the next snapshot. */
void watch_report(struct pg_watch *watch, const char *message);
void watch_poll_free(struct watch_poll *poll);
/* The connection is over: pg's handler. */
void watch_on_lost(void *context, const char *message);

/* pg_watch_silence.c */
/* Starts to listen for silence; the timer `silent` ends that. */
void watch_listen(struct pg_watch *watch);
void watch_on_silence(void *context);
/* How much longer a server is waited for that was silent for `patience_us`. */
int64_t watch_patience_longer(int64_t patience_us);

/* pg_watch_finish.c */
/* The poll is complete: hands its snapshot over. */
void watch_finish(struct pg_watch *watch);

/* pg_watch_read.c */
/* What the first trip brought. */
void watch_read(
	struct pg_watch *watch, enum pg_query_id id, const struct pg_result *result);
void watch_read_rights(struct watch_rights *rights, const struct pg_result *result);
/* "{1,2}" as numbers; the caller owns them. */
int *watch_read_pids(const char *array, size_t *count);

/* pg_watch_wal.c */
void watch_read_wal(struct replication *replication, const struct pg_result *result);
void watch_read_senders(struct pg_watch *watch, const struct pg_result *result);
/* Those of a standby, which stand under `upstream` in the list. */
void watch_read_senders_named(struct replication *senders,
	const struct pg_result *result, const char *upstream, int port);
void watch_read_slots(struct replication *replication, const struct pg_result *result);
void watch_read_subscriptions(
	struct replication *replication, const struct pg_result *result);
/* PG_QUERY_STANDBY, which comes first, and what adds to it; false: it is none of them.
 */
bool watch_read_of_standby(
	struct standby *standby, enum pg_query_id id, const struct pg_result *result);

/* pg_watch_vitals.c */
void watch_read_vitals(struct pg_watch *watch, const struct pg_result *result);

/* pg_watch_locks.c */
void watch_read_locks(struct pg_watch *watch, const struct pg_result *result);
/* All locks of the session that was asked about. */
void watch_read_held(struct pg_watch *watch, const struct pg_result *result);
void watch_read_prepared(struct pg_watch *watch, const struct pg_result *result);
void watch_read_writes(struct pg_watch *watch, const struct pg_result *result);
/* The pids to ask PG_QUERY_WRITES about, "(1, 2)"; false if there are none. */
bool watch_writers(const struct pg_watch *watch, struct str *pids);
/* Since when a wait is known, where the server doesn't say. */
void watch_since(struct pg_watch *watch, struct lock_wait *wait, uint64_t what);
/* What was seen in this poll, to be looked up in the next. */
void watch_sort_seen(struct watch_seen_list *seen);

/* pg_watch_progress.c */
void watch_read_progressing(struct pg_watch *watch, const struct pg_result *result);
/* Adds the views that have rows to the second trip. */
void watch_add_progress(struct pg_watch *watch);
/* False: the query is none of those. */
bool watch_read_progress(
	struct pg_watch *watch, enum pg_query_id id, const struct pg_result *result);

/* pg_watch_table.c */
/* What completes PG_QUERY_TABLES for this poll if it looks for all, else
 * PG_QUERY_TABLE. */
char *watch_table_condition(struct pg_watch *watch);
/* After a poll: what its look took says when to look again. */
void watch_table_took(struct pg_watch *watch);
/* The poll failed before its look: the next one looks. */
void watch_table_missed(struct pg_watch *watch);
void watch_read_tables(struct pg_watch *watch, const struct pg_result *result);
/* The query for the rows; false if they can't or needn't be read now. */
bool watch_table_query(const struct pg_watch *watch, struct str *sql);
void watch_read_rows(struct pg_watch *watch, const struct pg_result *result);
/* What the snapshot says of it. */
void watch_table_fill(const struct pg_watch *watch, struct version_rows *version);
/* The oid of the one, as the server prints it; NULL while it isn't known. */
const char *watch_table_oid(const struct watch_table *table);
void watch_table_free(struct watch_table *table);

/* pg_watch_replica.c */
/* Says in *problem (unless something is said) what isn't there or not permitted. */
void watch_say_unavailable(bool available, const char *name, char **problem);
/* What of a standby couldn't be read, and why. */
void watch_standby_problems(struct standby *standby, const struct watch_rights *rights,
	const struct watch_skips *skips);
void watch_replica_init(struct pg_watch *watch, struct watch_replica *replica,
	const struct pg_watch_replica *from);
void watch_replica_free(struct watch_replica *replica);
void watch_replica_poll(struct watch_replica *replica);
/* Adds what the direct connection knows to the snapshot's list. */
void watch_replica_fill(const struct watch_replica *replica, struct snapshot *snapshot);

/* pg_watch_end.c */
/* Sends the next statement that ends a session; false if there is none. */
bool watch_end_send(struct pg_watch *watch);
/* Whether some session is to be looked after soon. */
bool watch_end_pending(const struct pg_watch *watch);
/* Settles those that a new snapshot shows gone, and those that take too long. */
void watch_end_check(struct pg_watch *watch, const struct snapshot *snapshot);
/* Settles all: the connection is lost. */
void watch_end_lost(struct pg_watch *watch);
/* Settles what wasn't sent yet: the server is silent. */
void watch_end_silent(struct pg_watch *watch);
/* Settles those that take too long, while nothing can be seen of them: why. */
void watch_end_overdue(struct pg_watch *watch, const char *why);
void watch_end_free(struct pg_watch *watch);

#endif
