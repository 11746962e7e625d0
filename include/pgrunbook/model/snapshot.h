/*
 * One look at the database, immutable once made: a poll builds a whole new one and
 * hands it over.  What could not be read this time says why.
 */
#ifndef PGRUNBOOK_MODEL_SNAPSHOT_H
#define PGRUNBOOK_MODEL_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "pgrunbook/model/locks.h"
#include "pgrunbook/model/progress.h"
#include "pgrunbook/model/replication.h"
#include "pgrunbook/model/server.h"
#include "pgrunbook/model/session.h"
#include "pgrunbook/model/session_held.h"
#include "pgrunbook/model/status.h"
#include "pgrunbook/model/vitals.h"

/* What needn't be read while nobody looks at it: no alert needs it. */
enum snapshot_part { SNAPSHOT_PROGRESS = 1 << 0 };

/* What is read by queries of its own, which may fail. */
enum snapshot_source {
	SNAPSHOT_OF_SESSIONS,
	SNAPSHOT_OF_LOCKS, /* who waits, and prepared transactions */
	SNAPSHOT_OF_VITALS,
	SNAPSHOT_OF_TABLES, /* Alembic's version table */
	SNAPSHOT_OF_SERVER, /* its identifier, what a session waits for in words */
	SNAPSHOT_SOURCES
};

/* All of them, as bits. */
enum { SNAPSHOT_ALL = (1 << SNAPSHOT_SOURCES) - 1 };

struct snapshot {
	int64_t taken_us;      /* our clock, Unix microseconds */
	int64_t server_now_us; /* the server's clock at the same moment */
	int64_t every_us;      /* until the next one */
	bool slow; /* that is longer than was asked for: model/pace.h says why */
	struct server server;
	struct session_list sessions;
	struct lock_forest *locks;
	bool locks_unread; /* who waits could not be read: it isn't nobody */
	struct progress_list progress; /* see left_out */
	struct session_held *held; /* of the one that was asked for; NULL: none was */
	struct replication replication;
	struct vitals vitals;
	struct version_rows version;
	unsigned left_out; /* enum snapshot_part: nobody wanted to see it then */
	/* Why that could not be read; NULL: it was.  Replication and progress have
	 * their own. */
	char *problems[SNAPSHOT_SOURCES];
};

/* The first problem of the sources that the bits name; NULL: none has any. */
const char *snapshot_problem(const struct snapshot *snapshot, unsigned sources);
void snapshot_free(struct snapshot *snapshot);

#endif
