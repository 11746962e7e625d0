#include "pgrunbook/model/run.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"

void
run_init(struct run *run)
{
	*run = (struct run){ 0 };
}

static void
step_free(struct run_step *step)
{
	free(step->result);
	free(step->output_path);
}

void
run_free(struct run *run)
{
	for (size_t i = 0; i < run->step_ids.count; i++)
		step_free(&run->steps[i]);
	free(run->steps);
	strlist_free(&run->step_ids);
	strlist_free(&run->input_names);
	strlist_free(&run->input_values);
	strlist_free(&run->question_names);
	strlist_free(&run->answers);
	strlist_free(&run->revision_before);
	free(run->id);
	free(run->runbook_path);
	free(run->runbook_sha256);
	free(run->server_name);
	free(run->backup_path);
	*run = (struct run){ 0 };
}

static void
text_replace(char **text, const char *by)
{
	char *copy = alloc_copy(by);

	free(*text);
	*text = copy;
}

static int
list_find(const struct strlist *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->items[i], text) == 0)
			return (int)i;
	}
	return -1;
}

/* A later value for the same name replaces the earlier one. */
static void
pairs_set(struct strlist *names, struct strlist *values, const char *name,
	const char *value)
{
	int at;

	if (name == NULL)
		return;
	at = list_find(names, name);
	if (at >= 0) {
		text_replace(&values->items[at], value != NULL ? value : "");
		return;
	}
	strlist_add(names, name);
	strlist_add(values, value != NULL ? value : "");
}

static const char *
pairs_get(const struct strlist *names, const struct strlist *values, const char *name)
{
	int at = list_find(names, name);

	return at >= 0 ? values->items[at] : NULL;
}

/* The step of that id; a log may name one that its run's start didn't. */
static struct run_step *
step_of(struct run *run, const char *id)
{
	int at = id != NULL ? list_find(&run->step_ids, id) : -1;

	if (at >= 0 || id == NULL)
		return at >= 0 ? &run->steps[at] : NULL;
	run->steps =
		alloc_resize(run->steps, run->step_ids.count + 1, sizeof(*run->steps));
	run->steps[run->step_ids.count] = (struct run_step){ .state = STEP_OPEN };
	strlist_add(&run->step_ids, id);
	return &run->steps[run->step_ids.count - 1];
}

static void
apply_run_started(struct run *run, const struct entry *entry)
{
	const char *database = entry_text(entry, "db.namespace");
	const char *address = entry_text(entry, "server.address");
	bool closed = run->closed;
	const json_t *rows, *steps;

	run_free(run); /* an incident's last run is the one that counts */
	run->closed = closed;
	run->id = alloc_copy(entry_text(entry, "run.id"));
	run->runbook_path = alloc_copy(entry_text(entry, "runbook.path"));
	run->runbook_sha256 = alloc_copy(entry_text(entry, "runbook.sha256"));
	if (database != NULL)
		run->server_name = alloc_printf("%s on %s", database,
			address != NULL ? address : "local socket");
	run->started_us = entry->timestamp_us;
	rows = json_object_get(entry->attributes, "alembic.revision.before");
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const char *row = json_string_value(json_array_get(rows, i));

		if (row != NULL)
			strlist_add(&run->revision_before, row);
	}
	steps = json_object_get(entry->attributes, "steps");
	for (size_t i = 0; i < json_array_size(steps); i++)
		step_of(run, json_string_value(
				     json_object_get(json_array_get(steps, i), "id")));
}

static void
apply_step_started(struct run *run, const struct entry *entry)
{
	struct run_step *step = step_of(run, entry_text(entry, "step.id"));

	if (step == NULL)
		return;
	step->state = STEP_RUNNING;
	step->attempts = (int)entry_int(entry, "attempt", step->attempts + 1);
	step->started_us = entry->timestamp_us;
	step->finished_us = 0;
	text_replace(&step->result, NULL);
	text_replace(&step->output_path, entry_text(entry, "output.path"));
}

static enum step_state
state_of_outcome(const char *outcome)
{
	if (outcome != NULL && strcmp(outcome, "success") == 0)
		return STEP_DONE;
	if (outcome != NULL &&
		(strcmp(outcome, "failure") == 0 || strcmp(outcome, "cancelled") == 0))
		return STEP_FAILED;
	return STEP_OUTCOME_UNKNOWN;
}

/* A backup counts once its step succeeded; a new one isn't verified by the old proof.
 */
static void
apply_backup(struct run *run, const struct entry *entry, enum step_state state)
{
	const char *path = entry_text(entry, "backup.path");
	const json_t *verified = json_object_get(entry->attributes, "backup.verified");

	if (path != NULL && state == STEP_DONE &&
		(run->backup_path == NULL || strcmp(run->backup_path, path) != 0)) {
		text_replace(&run->backup_path, path);
		run->backup_us = entry->timestamp_us;
		run->backup_verified = false;
	}
	if (json_is_boolean(verified))
		run->backup_verified = json_is_true(verified) && state == STEP_DONE;
}

static void
apply_step_finished(struct run *run, const struct entry *entry)
{
	struct run_step *step = step_of(run, entry_text(entry, "step.id"));

	if (step == NULL)
		return;
	step->state = state_of_outcome(entry_text(entry, "event.outcome"));
	step->attempts = (int)entry_int(
		entry, "attempt", step->attempts > 0 ? step->attempts : 1);
	step->finished_us = entry->timestamp_us;
	if (step->started_us == 0) /* a tick has no beginning of its own */
		step->started_us = entry->timestamp_us;
	const char *result = entry_text(entry, "step.result");

	text_replace(&step->result, result != NULL ? result : entry->body);
	if (entry_text(entry, "output.path") != NULL)
		text_replace(&step->output_path, entry_text(entry, "output.path"));
	apply_backup(run, entry, step->state);
}

static void
apply_step_skipped(struct run *run, const struct entry *entry)
{
	struct run_step *step = step_of(run, entry_text(entry, "step.id"));
	const char *reason = entry_text(entry, "reason");

	if (step == NULL)
		return;
	step->state = STEP_SKIPPED;
	step->finished_us = entry->timestamp_us;
	text_replace(&step->result, reason != NULL ? reason : entry->body);
}

/* What happens inside a run; entries of another run of the incident are not ours. */
static void
apply_in_run(struct run *run, const struct entry *entry)
{
	const char *id = entry_text(entry, "run.id");

	if (run->id == NULL || (id != NULL && strcmp(id, run->id) != 0))
		return;
	switch (entry->event) {
	case EVENT_RUN_FINISHED:
		run->finished = true;
		break;
	case EVENT_RUN_ABORTED:
		run->aborted = true;
		break;
	case EVENT_STEP_STARTED:
		apply_step_started(run, entry);
		break;
	case EVENT_STEP_FINISHED:
		apply_step_finished(run, entry);
		break;
	case EVENT_STEP_SKIPPED:
		apply_step_skipped(run, entry);
		break;
	case EVENT_INPUT_GIVEN:
		pairs_set(&run->input_names, &run->input_values,
			entry_text(entry, "input.name"),
			entry_text(entry, "input.value"));
		break;
	case EVENT_QUESTION_ANSWERED:
		pairs_set(&run->question_names, &run->answers,
			entry_text(entry, "question.name"),
			entry_text(entry, "answer"));
		break;
	default:
		break;
	}
}

void
run_apply(struct run *run, const struct entry *entry)
{
	switch (entry->event) {
	case EVENT_RUN_STARTED:
		if (entry_text(entry, "run.id") != NULL)
			apply_run_started(run, entry);
		break;
	case EVENT_INCIDENT_CLOSED:
		run->closed = true;
		break;
	case EVENT_INCIDENT_RESUMED:
		run->closed = false;
		run_resume(run); /* whoever started those steps is gone */
		break;
	default:
		apply_in_run(run, entry);
		break;
	}
}

void
run_resume(struct run *run)
{
	for (size_t i = 0; i < run->step_ids.count; i++) {
		if (run->steps[i].state == STEP_RUNNING)
			run->steps[i].state = STEP_OUTCOME_UNKNOWN;
	}
}

const struct run_step *
run_step(const struct run *run, const char *step_id)
{
	int at = list_find(&run->step_ids, step_id);

	return at >= 0 ? &run->steps[at] : NULL;
}

const char *
run_input(const struct run *run, const char *name)
{
	return pairs_get(&run->input_names, &run->input_values, name);
}

const char *
run_answer(const struct run *run, const char *name)
{
	return pairs_get(&run->question_names, &run->answers, name);
}

int
run_next_step(const struct run *run, const struct runbook *runbook)
{
	for (size_t i = 0; i < runbook->step_count; i++) {
		const struct run_step *step = run_step(run, runbook->steps[i].id);
		enum step_state state = step != NULL ? step->state : STEP_OPEN;

		if (state == STEP_FAILED || state == STEP_OUTCOME_UNKNOWN ||
			(state == STEP_OPEN && !runbook->steps[i].optional))
			return (int)i;
	}
	return -1;
}

const char *
step_state_words(enum step_state state)
{
	switch (state) {
	case STEP_OPEN:
		return "open";
	case STEP_RUNNING:
		return "running";
	case STEP_DONE:
		return "done";
	case STEP_FAILED:
		return "failed";
	case STEP_SKIPPED:
		return "skipped";
	case STEP_OUTCOME_UNKNOWN:
		return "outcome unknown: verify";
	}
	return "";
}
