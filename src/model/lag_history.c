#include "pgrunbook/model/lag_history.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"

/* Long enough to see whether a replica catches up. */
static const int64_t LAG_WINDOW_US = 5 * INT64_C(60000000);

static struct lag_kept *
lag_history_find(const struct lag_history *history, const char *identity)
{
	for (size_t i = 0; i < history->count; i++) {
		if (strcmp(history->items[i].identity, identity) == 0)
			return &history->items[i];
	}
	return NULL;
}

static void
lag_history_add(struct lag_history *history, const char *kind, const char *name,
	int64_t bytes, int64_t at_us)
{
	char *identity = alloc_printf("%s %s", kind, name);
	struct lag_kept *kept = lag_history_find(history, identity);

	if (!kept) {
		history->items = alloc_room(history->items, history->count,
			&history->capacity, sizeof(*history->items));
		kept = &history->items[history->count++];
		*kept = (struct lag_kept){ .identity = identity,
			.bytes.window_us = LAG_WINDOW_US };
		identity = NULL;
	}
	kept->seen = true;
	if (bytes < 0)
		series_add_unknown(&kept->bytes, at_us);
	else
		series_add(&kept->bytes, at_us, (double)bytes);
	free(identity);
}

/* Those that this look said nothing of. */
static void
lag_history_age(struct lag_history *history, int64_t at_us)
{
	size_t left = 0;
	double low, high;

	for (size_t i = 0; i < history->count; i++) {
		struct lag_kept *kept = &history->items[i];

		if (!kept->seen)
			series_add_unknown(&kept->bytes, at_us);
		kept->seen = false;
		if (series_range(&kept->bytes, at_us, &low, &high)) {
			history->items[left++] = *kept;
			continue;
		}
		free(kept->identity);
		series_free(&kept->bytes);
	}
	history->count = left;
}

void
lag_history_note(struct lag_history *history, const struct replication *replication,
	int64_t at_us)
{
	for (size_t i = 0; replication && i < replication->count; i++)
		lag_history_add(history, "replica", replication->items[i].name,
			replication->items[i].lag_bytes, at_us);
	for (size_t i = 0; replication && i < replication->slot_count; i++)
		lag_history_add(history, "slot", replication->slots[i].name,
			replication->slots[i].held_bytes, at_us);
	lag_history_age(history, at_us);
}

const struct series *
lag_history_of(const struct lag_history *history, const char *identity)
{
	const struct lag_kept *kept = lag_history_find(history, identity);

	return kept ? &kept->bytes : NULL;
}

void
lag_history_free(struct lag_history *history)
{
	for (size_t i = 0; i < history->count; i++) {
		free(history->items[i].identity);
		series_free(&history->items[i].bytes);
	}
	free(history->items);
	*history = (struct lag_history){ 0 };
}
