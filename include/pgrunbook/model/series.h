/*
 * What a number did in the last minute, or in another window that its owner sets:
 * samples with their times, at whatever interval they come, and what was not known in
 * between.  Times are Unix microseconds; the model
 * has no clock, so `now_us` is a parameter.
 *
 * A sample holds until the next one: where the console looks once in ten seconds, ten
 * seconds are drawn.  So a lost connection must be said (series_add_unknown), or its
 * time would look like the last known value.
 */
#ifndef PGRUNBOOK_MODEL_SERIES_H
#define PGRUNBOOK_MODEL_SERIES_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No value: never 0, never drawn.  Ask with series_known: it equals nothing. */
#define SERIES_UNKNOWN ((double)NAN)

/* A minute. */
enum { SERIES_WINDOW_US = 60000000 };

struct series_sample {
	int64_t at_us;
	double value; /* SERIES_UNKNOWN */
};

/* All zero is an empty one. */
struct series {
	int64_t window_us;	       /* how far back it tells; 0: SERIES_WINDOW_US */
	struct series_sample *samples; /* a ring of `capacity` */
	size_t first, count, capacity;
};

void series_free(struct series *series);
static inline bool
series_known(double value)
{
	return !isnan(value);
}

/*
 * Adds a sample and forgets what the window before it doesn't need: of the samples
 * from before the window only the last, which reaches into it.  Samples that are not
 * older than this one are forgotten too: the clock was set back.
 */
void series_add(struct series *series, int64_t at_us, double value);
void series_add_unknown(struct series *series, int64_t at_us);

/* The last sample; SERIES_UNKNOWN if there is none. */
double series_last(const struct series *series);
/* Lowest and highest known value of the window before now; false: nothing is known. */
bool series_range(
	const struct series *series, int64_t now_us, double *low, double *high);
/*
 * What it changed by a second, from the oldest known sample that is at most `window_us`
 * older than the last to that.  SERIES_UNKNOWN where they are less than `least_us`
 * apart.
 */
double series_slope(const struct series *series, int64_t window_us, int64_t least_us);
/*
 * The window before now in `count` cells, oldest first: the highest value known of each
 * cell's time, SERIES_UNKNOWN where there is none.  The cells' edges are multiples of
 * their time, so that what is drawn moves by whole cells and is not changed by it; the
 * last cell is the one that now is in.
 */
void series_cells(
	const struct series *series, int64_t now_us, double *cells, size_t count);

/* A number that only grows, for what it grows by. */
struct series_counter {
	bool known;
	int64_t at_us;
	int64_t since; /* what it counts from, as below */
	uint64_t value;
};

/*
 * What it grew by a second since the call before.  SERIES_UNKNOWN for the first value,
 * where it is smaller than before, where `since` (anything that is another one once it
 * was reset: pg_stat_database.stats_reset, a server's start) changed, and where no time
 * went by.
 */
double series_rate(
	struct series_counter *counter, int64_t at_us, int64_t since, uint64_t value);
/* The next value is the first again: nobody knows what was in between. */
void series_rate_lost(struct series_counter *counter);

#endif
