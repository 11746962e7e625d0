/* A watch on a test's servers, and waiting for what its snapshots show. */
#ifndef PGRUNBOOK_TESTS_WATCHING_H
#define PGRUNBOOK_TESTS_WATCHING_H

#include "pgrunbook/base/str.h"
#include "pgrunbook/drive/pg_watch.h"
#include "tests/cluster/cluster.h"

struct watching {
	struct loop *loop;
	struct pg_watch *watch;
	struct snapshot *snapshot; /* the latest; NULL: none yet */
	int snapshots, lost;
	char message[512]; /* of the latest loss */
};

/* Watches by conninfo, every 50 ms; `replica` (may be NULL) as the standby "r1". */
void watching_start(struct watching *watching, struct loop *loop, const char *conninfo,
	const char *replica, const char *version_table);
/* The same with so much patience, in milliseconds, for a server that is silent. */
void watching_start_patient(struct watching *watching, struct loop *loop,
	const char *conninfo, const char *replica, int patience_ms);
void watching_stop(struct watching *watching);

/* Turns the loop until a snapshot satisfies `shows`; false after 20 seconds. */
bool watching_await(struct watching *watching,
	bool (*shows)(const struct snapshot *snapshot, const void *context),
	const void *context);
/* The first session of an application; NULL: none. */
const struct session *watching_session(
	const struct snapshot *snapshot, const char *application);
/* Whether it runs something; `application` is its name. */
bool watching_shows_active(const struct snapshot *snapshot, const void *application);
/* As many more snapshots. */
bool watching_next(struct watching *watching, int count);

/* What came of ending a session. */
struct watching_outcome {
	int count; /* of calls; never more than 1 */
	bool ended;
	char words[128];
};
/* pg_watch_end's `done`; the context is a struct watching_outcome. */
void watching_on_outcome(void *context, bool ended, const char *words);
/* Whether it was told. */
bool watching_has_outcome(const void *outcome);
/* Ends a session and waits for the outcome; "" for none after 20 seconds. */
void watching_end(struct watching *watching, enum pg_end how,
	const struct pg_end_target *target, struct watching_outcome *outcome);

/*
 * The lock forest as text, whole, with names of connections for pids and N for numbers
 * of transactions: who it is, its kind unless that is a plain session's, whom it waits
 * for, for what, what it has that others want, how many it holds up:
 * "reader has inv AccessShare +2; . alter < reader inv AccessExclusive +1; . . s <
 * ...".
 */
struct watching_name {
	const char *name;
	int pid;
};
void watching_forest(const struct snapshot *snapshot, const struct watching_name *names,
	size_t count, bool kinds, struct str *out);

#endif
