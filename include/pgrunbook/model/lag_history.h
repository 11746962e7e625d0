/*
 * What each replica was behind in the last five minutes, and what each slot held: kept
 * from one snapshot to the next, by what the thing is, so that a replica that comes
 * back goes on where it was, with a gap.
 */
#ifndef PGRUNBOOK_MODEL_LAG_HISTORY_H
#define PGRUNBOOK_MODEL_LAG_HISTORY_H

#include "pgrunbook/model/replication.h"
#include "pgrunbook/model/series.h"

/* All zero is an empty one. */
struct lag_history {
	struct lag_kept {
		char *identity; /* "replica r1", "slot old" */
		struct series bytes;
		bool seen; /* by the look that is being noted */
	} * items;
	size_t count, capacity;
};

/*
 * What a look at that time (our clock) showed; NULL: the server was lost.  What isn't
 * known is a gap; what nobody has seen for as long is forgotten.
 */
void lag_history_note(struct lag_history *history,
	const struct replication *replication, int64_t at_us);
/* Of a thing that replication_row_identity names; NULL: nothing is kept of it. */
const struct series *lag_history_of(
	const struct lag_history *history, const char *identity);
void lag_history_free(struct lag_history *history);

#endif
