/* How fast long operations go, from one look to the next, and what is left. */
#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/progress.h"
#include "tests/tap/tap.h"

/* Takes the words over. */
static void
is_words(char *words, const char *want, const char *about)
{
	tap_is_text(words, want, "%s", about);
	free(words);
}

/* One look at a vacuum that has read so many blocks. */
static struct progress
look_of(struct progress_history *history, int64_t second, const char *phase,
	int64_t done, int64_t total, int64_t start_us)
{
	struct session session = { .pid = 100, .backend_start_us = start_us };
	const struct session_list sessions = { .items = &session, .count = 1 };
	struct progress_list list = { 0 };
	struct progress *progress = progress_list_add(&list), seen;

	progress->pid = 100;
	progress->kind = PROGRESS_VACUUM;
	progress->command = alloc_copy("VACUUM");
	progress->phase = alloc_copy(phase);
	progress->relation = alloc_copy("t");
	progress->block_size = 8192;
	progress->counters[PROGRESS_BLOCKS_TOTAL] = total;
	progress->counters[PROGRESS_BLOCKS_DONE] = done;
	progress->counters[PROGRESS_BLOCKS_VACUUMED] = done;
	progress_list_settle(&list, &sessions);
	progress_history_take(history, &list, second * 1000000);
	seen = *progress;
	progress_list_free(&list);
	return seen;
}

static struct progress
look(struct progress_history *history, int64_t second, const char *phase, int64_t done,
	int64_t start_us)
{
	return look_of(history, second, phase, done, 1000, start_us);
}

/* Years are no estimate, and more than 292,000 of them no number of ours. */
static void
test_endless(void)
{
	static const int64_t totals[] = { INT64_C(1) << 40, INT64_MAX };

	for (size_t i = 0; i < sizeof(totals) / sizeof(totals[0]); i++) {
		struct progress_history history = { 0 };
		struct progress seen = { 0 };

		for (int64_t second = 0; second < 10; second++)
			seen = look_of(&history, second, "scanning heap", second,
				totals[i], 1);
		tap_ok(seen.rate > 0 && seen.rest_us < 0,
			"with %lld blocks to go nobody knows", (long long)totals[i]);
		progress_history_free(&history);
	}
}

static void
test_rate(void)
{
	struct progress_history history = { 0 };
	struct progress seen;

	for (int64_t second = 0; second < 3; second++)
		tap_ok(look(&history, second, "scanning heap", second * 10, 1).rate < 0,
			"too early to tell");
	seen = look(&history, 3, "scanning heap", 30, 1);
	is_words(progress_rate_words(&seen), "80 kB/s", "rate");
	is_words(progress_rest_words(&seen), "at least 1m37s", "rest");
	for (int64_t second = 4; second <= 40; second++)
		seen = look(&history, second, "scanning heap",
			second < 20 ? second * 10 : 200 + (second - 20) * 20, 1);
	is_words(progress_rate_words(&seen), "160 kB/s", "rate of the last 20 seconds");
	seen = look(&history, 41, "vacuuming heap", 700, 1);
	tap_ok(seen.rate < 0 && seen.rest_us < 0, "another phase begins anew");
	for (int64_t second = 42; second < 50; second++)
		seen = look(&history, second, "vacuuming heap", 700, 1);
	tap_ok(seen.rate == 0 && seen.rest_us < 0,
		"what stands still takes nobody knows how long");
	for (int64_t second = 50; second < 60; second++)
		seen = look(&history, second, "vacuuming heap", 700 + second, 1);
	tap_ok(seen.rate > 0, "it goes on");
	seen = look(&history, 60, "vacuuming heap", 10, 1);
	tap_ok(seen.rate < 0, "a counter that fell begins anew");
	seen = look(&history, 70, "vacuuming heap", 20, 2);
	tap_ok(seen.rate < 0, "so does another session with the pid");
	tap_is_int((int64_t)history.count, 1, "what is over is forgotten");
	progress_history_free(&history);
}

int
main(void)
{
	test_rate();
	test_endless();
	return tap_done();
}
