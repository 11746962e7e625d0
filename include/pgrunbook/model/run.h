/*
 * A run of a runbook as the fold of its incident's entries: there is no other state, so
 * resuming is replaying.
 */
#ifndef PGRUNBOOK_MODEL_RUN_H
#define PGRUNBOOK_MODEL_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/entry.h"
#include "pgrunbook/model/runbook.h"

enum step_state {
	STEP_OPEN,    /* nothing happened yet */
	STEP_RUNNING, /* started, and the console that started it is this one */
	STEP_DONE,
	STEP_FAILED,
	STEP_SKIPPED,	     /* with a reason */
	STEP_OUTCOME_UNKNOWN /* started, and no end was written: verify by hand */
};

struct run_step {
	enum step_state state;
	int attempts;
	int64_t started_us, finished_us; /* of the last attempt; 0: not yet */
	char *result;	   /* the last outcome's sentence, or the skip's reason; NULL */
	char *output_path; /* of the last attempt, relative to the incident; NULL */
};

struct run {
	char *id; /* NULL: no run was started in these entries */
	char *runbook_path, *runbook_sha256;
	char *server_name; /* db.namespace on server.address */
	struct strlist step_ids;
	struct run_step *steps; /* beside step_ids */
	struct strlist input_names, input_values;
	struct strlist question_names, answers;
	struct strlist revision_before; /* version rows when the run started */
	char *backup_path;		/* of the last backup taken; NULL: none */
	int64_t backup_us;		/* when it was finished */
	bool backup_verified;
	bool finished, aborted, closed;
	int64_t started_us;
};

void run_init(struct run *run);
/* Folds one entry in; entries that are not about the run change nothing. */
void run_apply(struct run *run, const struct entry *entry);
/* What was STEP_RUNNING in a log that another console wrote is STEP_OUTCOME_UNKNOWN. */
void run_resume(struct run *run);
void run_free(struct run *run);

const struct run_step *run_step(
	const struct run *run, const char *step_id);		/* NULL: none */
const char *run_input(const struct run *run, const char *name); /* NULL: none */
const char *run_answer(const struct run *run, const char *name);
/* The next step to do: the first that is open, failed or of unknown outcome; -1: none.
 */
int run_next_step(const struct run *run, const struct runbook *runbook);
const char *step_state_words(enum step_state state);

#endif
