/* What came of ending sessions, summed up for the footer. */
#ifndef PGRUNBOOK_MODEL_END_SUMMARY_H
#define PGRUNBOOK_MODEL_END_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>

struct end_outcome {
	char *words;
	int *pids;
	size_t count, capacity;
};

struct end_summary {
	size_t asked, ended, told;  /* how many; `told` of those asked */
	struct end_outcome *others; /* what came of those that were not ended */
	size_t other_count, other_capacity;
};

/* `outcome` as pg_watch_end tells it: "is gone already: nothing was done". */
void end_summary_add(
	struct end_summary *summary, int pid, bool ended, const char *outcome);
/*
 * "10 of 12 sessions were terminated; 4312: is gone already: nothing was done; 4400,
 * 4401 and 3 more: not permitted: needs pg_signal_backend"; the caller owns it.
 */
char *end_summary_words(const struct end_summary *summary, bool terminate);
void end_summary_free(struct end_summary *summary);

#endif
