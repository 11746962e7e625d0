/*
 * When the primary was where.  The server's own figures of lag in time are NULL on an
 * idle replica, stand still while replay does, and age on an idle primary; to have seen
 * when the primary passed a position tells how old what a replica lacks is.
 */
#ifndef PGRUNBOOK_MODEL_WAL_CLOCK_H
#define PGRUNBOOK_MODEL_WAL_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WAL_CLOCK_MARKS = 128 };

/* Each position once, with the first and last look that found it.  All zero: empty. */
struct wal_clock {
	struct wal_mark {
		uint64_t lsn;
		int64_t first_us, last_us;
	} marks[WAL_CLOCK_MARKS];
	size_t count;
};

/*
 * The primary is at `lsn` now.  A position that goes back, or a clock that does, is
 * another server: what was known of the one before is forgotten.  There is room for
 * days of marks, since they get rarer with their age: what is an hour ago is known to
 * minutes.
 */
void wal_clock_note(struct wal_clock *clock, uint64_t lsn, int64_t now_us);

/* For how long the primary has had more than `lsn`. */
struct wal_behind {
	int64_t least_us; /* at least; 0: nothing is known */
	int64_t most_us;  /* at most; -1: it may be any time */
};

struct wal_behind wal_clock_behind(
	const struct wal_clock *clock, uint64_t lsn, int64_t now_us);

#endif
