/*
 * The steps of an incident's runs as the review sees them: the checklist and what
 * became of each, over all runs of the incident.  (model/run.h folds the last run
 * alone, for going on with it.)
 */
#ifndef PGRUNBOOK_MODEL_REPORT_STEPS_H
#define PGRUNBOOK_MODEL_REPORT_STEPS_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/model/entry.h"

/* Texts belong to the entries. */
struct report_attempt {
	const struct entry *started;  /* NULL: a tick */
	const struct entry *finished; /* NULL: no end was written */
};

struct report_step {
	const char *id, *title, *kind; /* NULL: not recorded */
	int64_t number;		       /* 0: not recorded */
	struct report_attempt *attempts;
	size_t attempt_count, attempt_capacity;
	const struct entry *skipped; /* NULL: it wasn't, or was tried again after */
};

struct report_run {
	const char *id;
	const struct entry *started; /* NULL: its beginning isn't in the log */
	const struct entry *ended;   /* finished or aborted; NULL: neither */
	struct report_step *steps;
	size_t step_count, step_capacity;
};

struct report_runs {
	struct report_run *items;
	size_t count, capacity;
};

/* In the order of their first entries.  `entries` must outlive the runs. */
void report_runs_make(
	const struct entry *entries, size_t count, struct report_runs *runs);
void report_runs_free(struct report_runs *runs);

/* The last attempt's end says success. */
bool report_step_done(const struct report_step *step);
/* It was started, and no end was written. */
bool report_step_unknown(const struct report_step *step);

#endif
