/* How fast long operations are, from what they had done at the looks before. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/progress.h"

enum {
	RATE_WINDOW_US = 20 * 1000 * 1000, /* what is older says little of now */
	RATE_LEAST_US = 3 * 1000 * 1000,   /* less is no rate but a moment */
	REST_MOST_S = 365 * 86400
};

static void
progress_past_free(struct progress_past *past)
{
	free(past->phase);
	series_free(&past->done);
}

void
progress_history_free(struct progress_history *history)
{
	for (size_t i = 0; i < history->count; i++)
		progress_past_free(&history->items[i]);
	free(history->items);
	*history = (struct progress_history){ 0 };
}

/* The same work: another phase or round has its own speed. */
static bool
progress_continues(const struct progress_past *past, const struct progress *progress)
{
	return past->pid == progress->pid &&
	       past->backend_start_us == progress->backend_start_us &&
	       past->kind == progress->kind && past->unit == progress->unit &&
	       past->total == progress->total &&
	       past->rounds == progress->counters[PROGRESS_ROUNDS] &&
	       strcmp(past->phase, progress->phase) == 0 &&
	       series_last(&past->done) <= (double)progress->done;
}

/* Takes what is known of it out of the history. */
static struct progress_past
progress_take_past(struct progress_history *history, const struct progress *progress)
{
	for (size_t i = 0; i < history->count; i++) {
		struct progress_past past = history->items[i];

		if (!progress_continues(&past, progress))
			continue;
		history->items[i] = history->items[--history->count];
		return past;
	}
	return (struct progress_past){ .pid = progress->pid,
		.backend_start_us = progress->backend_start_us,
		.kind = progress->kind,
		.unit = progress->unit,
		.total = progress->total,
		.rounds = progress->counters[PROGRESS_ROUNDS],
		.phase = alloc_copy(progress->phase) };
}

/* Whole things, such as sessions that are waited for, say nothing of the next one. */
static bool
progress_flows(enum progress_unit unit)
{
	return unit == PROGRESS_BLOCKS || unit == PROGRESS_TUPLES ||
	       unit == PROGRESS_BYTES;
}

static void
progress_measure(struct progress *progress, const struct series *done)
{
	double rate = series_slope(done, RATE_WINDOW_US, RATE_LEAST_US), rest_s;

	if (!series_known(rate))
		return;
	progress->rate = rate;
	/* What stands still, or as good as that, may go on the next moment, or never.
	 */
	if (rate <= 0 || progress->total < 0)
		return;
	rest_s = ((double)progress->total - (double)progress->done) / rate;
	if (rest_s < REST_MOST_S)
		progress->rest_us = (int64_t)(rest_s * 1e6);
}

void
progress_history_take(
	struct progress_history *history, struct progress_list *list, int64_t now_us)
{
	struct progress_history next = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		struct progress *progress = &list->items[i];
		struct progress_past past;

		if (!progress_flows(progress->unit))
			continue;
		past = progress_take_past(history, progress);
		series_add(&past.done, now_us, (double)progress->done);
		progress_measure(progress, &past.done);
		next.items = alloc_room(
			next.items, next.count, &next.capacity, sizeof(*next.items));
		next.items[next.count++] = past;
	}
	/* What isn't there any more is over. */
	progress_history_free(history);
	*history = next;
}
