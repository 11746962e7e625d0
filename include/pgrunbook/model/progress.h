/*
 * How far the server's long operations are, as the pg_stat_progress_... views tell it:
 * indexes, vacuum, analyze, cluster, copy (14+) and base backups.  No I/O, no clock.
 *
 * Each phase has one counter that means something; those of the phases before keep
 * their values and say nothing.  A total that is NULL or 0 is unknown: it is never 0 %
 * nor 100 %.
 */
#ifndef PGRUNBOOK_MODEL_PROGRESS_H
#define PGRUNBOOK_MODEL_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/model/series.h"
#include "pgrunbook/model/session.h"

enum progress_kind {
	PROGRESS_CREATE_INDEX, /* and reindex, both of them concurrently too */
	PROGRESS_VACUUM,
	PROGRESS_ANALYZE,
	PROGRESS_CLUSTER, /* and vacuum full */
	PROGRESS_COPY,
	PROGRESS_BASE_BACKUP,
	PROGRESS_KIND_COUNT
};

/* The views' counters; each kind has some of them, the others are -1. */
enum progress_counter {
	PROGRESS_BLOCKS_TOTAL,
	PROGRESS_BLOCKS_DONE,
	PROGRESS_BLOCKS_VACUUMED, /* by vacuum's second pass over the table */
	PROGRESS_TUPLES_TOTAL,	  /* cluster: heap_tuples_scanned */
	PROGRESS_TUPLES_DONE,	  /* cluster: heap_tuples_written */
	PROGRESS_BYTES_TOTAL,
	PROGRESS_BYTES_DONE,
	PROGRESS_PARTS_TOTAL, /* partitions, child tables, extended statistics,
			       * tablespaces; of vacuum indexes (17+) */
	PROGRESS_PARTS_DONE,
	PROGRESS_ROUNDS, /* vacuum: index_vacuum_count; cluster: indexes rebuilt */
	PROGRESS_LOCKERS_TOTAL,
	PROGRESS_LOCKERS_DONE,
	PROGRESS_LOCKER,       /* pid of the one that is waited for; 0: none */
	PROGRESS_MEMORY_TOTAL, /* for dead rows: tuples up to 16, bytes from 17 on */
	PROGRESS_MEMORY_USED,
	PROGRESS_DELAY_US, /* 18+: slept for the cost limit, if that is timed */
	PROGRESS_COUNTER_COUNT
};

/* What is counted in the phase under way. */
enum progress_unit {
	PROGRESS_UNKNOWN, /* nothing is */
	PROGRESS_BLOCKS,
	PROGRESS_TUPLES,
	PROGRESS_BYTES,
	PROGRESS_TABLES,     /* children that analyze reads */
	PROGRESS_STATISTICS, /* extended ones */
	PROGRESS_INDEXES,
	PROGRESS_SESSIONS /* that it waits for, one after another */
};

/* All text is the server's bytes: sanitise before showing. */
struct progress {
	int pid;		  /* the leader's, where a worker reports */
	int64_t backend_start_us; /* of that session; 0: not known */
	enum progress_kind kind;
	bool hidden;	/* another role's: needs pg_monitor */
	char *database; /* NULL: of none (a base backup) */
	char *relation; /* as SQL names it; NULL: see `relation_id` */
	char *part;	/* an index of it, or the child that analyze reads; NULL */
	char *relation_id, *part_id; /* their oids; NULL: none */
	bool elsewhere; /* in another database: there is no name to be had */
	char *command;	/* "CREATE INDEX CONCURRENTLY"; NULL: hidden */
	char *phase;	/* the view's words; of a copy "pipe", "file", ... */
	int64_t counters[PROGRESS_COUNTER_COUNT]; /* -1: NULL, or not of this kind */
	int64_t block_size;			  /* of the server, in bytes */

	/* As progress_list_settle finds it. */
	const struct session *session; /* NULL: not among the sessions */
	enum progress_unit unit;
	int64_t done, total; /* in units; -1: unknown */
	bool last;	     /* nothing comes after this phase that takes time */

	/* As progress_history_take finds it. */
	double rate;	 /* units a second; negative: unknown */
	int64_t rest_us; /* of this phase; -1: unknown.  All of it only if `last` */
};

struct progress_list {
	struct progress *items; /* by pid */
	size_t count, capacity;
	char *problem; /* why the list can't be had; NULL: fine */
};

/* A new item with nothing known of it; valid until the next call. */
struct progress *progress_list_add(struct progress_list *list);
void progress_list_free(struct progress_list *list);
/*
 * Once all rows are there: finds their sessions, folds parallel workers into their
 * leaders, and judges how far each is.  Keeps pointers into `sessions`.
 */
void progress_list_settle(
	struct progress_list *list, const struct session_list *sessions);
/* What a session is doing; NULL: nothing that is counted. */
const struct progress *progress_find(const struct progress_list *list, int pid);

/* What was done at the looks before, of one phase of one operation. */
struct progress_past {
	int pid;
	int64_t backend_start_us;
	enum progress_kind kind;
	enum progress_unit unit;
	int64_t total, rounds;
	char *phase;
	struct series done;
};

/* All zero is an empty one. */
struct progress_history {
	struct progress_past *items;
	size_t count, capacity;
};

/*
 * Keeps what the settled list says and gives its items their rate, over the last 20
 * seconds of the same phase, and what the phase takes yet.  Both need some seconds of
 * samples.
 */
void progress_history_take(
	struct progress_history *history, struct progress_list *list, int64_t now_us);
void progress_history_free(struct progress_history *history);

/* "create-index", "vacuum", ...: the names in `progress --format json`. */
const char *progress_kind_name(enum progress_kind kind);
/* "blocks", "rows", ...; NULL for PROGRESS_UNKNOWN. */
const char *progress_unit_name(enum progress_unit unit);

/* 0 to 100, and 100 only when all is done; -1: unknown. */
int progress_percent(const struct progress *progress);
/*
 * In words; the caller owns them.  What it does and on what: "CREATE INDEX CONCURRENTLY
 * invoices_idx on invoices"; the phase: "building index: scanning table"; how far it
 * is: "412 MB of 5.1 GB", "1 of 3 sessions"; how fast: "38 MB/s"; how long it takes:
 * "at least 2m10s".  NULL for what isn't known.
 */
char *progress_command_words(const struct progress *progress);
/* Shorter: "index invoices_idx", "autovacuum invoices". */
char *progress_short_words(const struct progress *progress);
/* What it works on alone. */
char *progress_target_words(const struct progress *progress);
char *progress_phase_words(const struct progress *progress);
char *progress_done_words(const struct progress *progress);
char *progress_rate_words(const struct progress *progress);
char *progress_rest_words(const struct progress *progress);

#endif
