#include "pgrunbook/model/wal_clock.h"

#include <string.h>

/* The one goes whose neighbours are the nearest for their age. */
static void
wal_clock_thin(struct wal_clock *clock, int64_t now_us)
{
	struct wal_mark *marks = clock->marks;
	size_t dense = 1;
	double least = 0;

	for (size_t i = 1; i + 1 < clock->count; i++) {
		double span = (double)(marks[i + 1].first_us - marks[i - 1].first_us);
		double part = span / (double)(now_us - marks[i].first_us + 1);

		if (i == 1 || part < least) {
			least = part;
			dense = i;
		}
	}
	memmove(&marks[dense], &marks[dense + 1],
		(clock->count - dense - 1) * sizeof(*marks));
	clock->count--;
}

void
wal_clock_note(struct wal_clock *clock, uint64_t lsn, int64_t now_us)
{
	struct wal_mark *last = clock->count ? &clock->marks[clock->count - 1] : NULL;

	if (lsn == 0)
		return;
	if (last && (lsn < last->lsn || now_us < last->last_us)) {
		clock->count = 0;
		last = NULL;
	}
	if (last && last->lsn == lsn) {
		last->last_us = now_us;
		return;
	}
	if (clock->count == WAL_CLOCK_MARKS)
		wal_clock_thin(clock, now_us);
	clock->marks[clock->count++] =
		(struct wal_mark){ .lsn = lsn, .first_us = now_us, .last_us = now_us };
}

struct wal_behind
wal_clock_behind(const struct wal_clock *clock, uint64_t lsn, int64_t now_us)
{
	struct wal_behind behind = { 0, -1 };

	for (size_t i = 0; i < clock->count; i++) {
		const struct wal_mark *mark = &clock->marks[i];

		if (mark->lsn <= lsn) {
			/* It had no more then. */
			behind.most_us = now_us - mark->last_us;
			continue;
		}
		behind.least_us = now_us - mark->first_us;
		return behind;
	}
	/* Nobody saw it have more. */
	behind.most_us = clock->count ? 0 : -1;
	return behind;
}
