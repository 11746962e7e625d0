#include "pgrunbook/model/report_steps.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"

static bool
same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* The run of that id; one that the log doesn't begin is made. */
static struct report_run *
run_of(struct report_runs *runs, const char *id)
{
	for (size_t i = runs->count; i-- > 0;)
		if (same(runs->items[i].id, id) || (!id && !runs->items[i].id))
			return &runs->items[i];
	runs->items = alloc_room(
		runs->items, runs->count, &runs->capacity, sizeof(*runs->items));
	runs->items[runs->count] = (struct report_run){ .id = id };
	return &runs->items[runs->count++];
}

static struct report_step *
step_of(struct report_run *run, const char *id)
{
	for (size_t i = 0; i < run->step_count; i++)
		if (same(run->steps[i].id, id))
			return &run->steps[i];
	run->steps = alloc_room(
		run->steps, run->step_count, &run->step_capacity, sizeof(*run->steps));
	run->steps[run->step_count] = (struct report_step){ .id = id };
	return &run->steps[run->step_count++];
}

static struct report_attempt *
new_attempt(struct report_step *step)
{
	step->attempts = alloc_room(step->attempts, step->attempt_count,
		&step->attempt_capacity, sizeof(*step->attempts));
	step->attempts[step->attempt_count] = (struct report_attempt){ 0 };
	step->skipped = NULL;
	return &step->attempts[step->attempt_count++];
}

static void
begin_run(struct report_run *run, const struct entry *entry)
{
	const json_t *item, *list = json_object_get(entry->attributes, "steps");
	size_t i;

	run->started = entry;
	json_array_foreach(list, i, item)
	{
		const char *id = json_string_value(json_object_get(item, "id"));
		struct report_step *step;

		if (!id)
			continue;
		step = step_of(run, id);
		step->title = json_string_value(json_object_get(item, "title"));
		step->kind = json_string_value(json_object_get(item, "kind"));
		step->number = json_integer_value(json_object_get(item, "number"));
	}
}

/* What the step's own entries say of it, where its run's beginning didn't. */
static struct report_step *
step_of_entry(struct report_runs *runs, const struct entry *entry)
{
	const char *id = entry_text(entry, "step.id");
	struct report_step *step =
		step_of(run_of(runs, entry_text(entry, "run.id")), id ? id : "?");

	if (!step->title)
		step->title = entry_text(entry, "step.title");
	if (!step->kind)
		step->kind = entry_text(entry, "step.kind");
	if (step->number == 0)
		step->number = entry_int(entry, "step.number", 0);
	return step;
}

static void
finish_step(struct report_step *step, const struct entry *entry)
{
	struct report_attempt *last = step->attempt_count > 0
					      ? &step->attempts[step->attempt_count - 1]
					      : NULL;

	if (!last || last->finished)
		last = new_attempt(step);
	last->finished = entry;
}

void
report_runs_make(const struct entry *entries, size_t count, struct report_runs *runs)
{
	*runs = (struct report_runs){ 0 };
	for (size_t i = 0; i < count; i++) {
		const struct entry *entry = &entries[i];

		switch (entry->event) {
		case EVENT_RUN_STARTED:
			begin_run(run_of(runs, entry_text(entry, "run.id")), entry);
			break;
		case EVENT_RUN_FINISHED:
		case EVENT_RUN_ABORTED:
			run_of(runs, entry_text(entry, "run.id"))->ended = entry;
			break;
		case EVENT_STEP_STARTED:
			new_attempt(step_of_entry(runs, entry))->started = entry;
			break;
		case EVENT_STEP_FINISHED:
			finish_step(step_of_entry(runs, entry), entry);
			break;
		case EVENT_STEP_SKIPPED:
			step_of_entry(runs, entry)->skipped = entry;
			break;
		default:
			break;
		}
	}
}

void
report_runs_free(struct report_runs *runs)
{
	for (size_t i = 0; i < runs->count; i++) {
		for (size_t k = 0; k < runs->items[i].step_count; k++)
			free(runs->items[i].steps[k].attempts);
		free(runs->items[i].steps);
	}
	free(runs->items);
	*runs = (struct report_runs){ 0 };
}

bool
report_step_done(const struct report_step *step)
{
	const struct report_attempt *last =
		step->attempt_count > 0 ? &step->attempts[step->attempt_count - 1]
					: NULL;

	return last && last->finished &&
	       same(entry_text(last->finished, "event.outcome"), "success");
}

bool
report_step_unknown(const struct report_step *step)
{
	const struct entry *finished;

	if (step->attempt_count == 0 || step->skipped)
		return false;
	finished = step->attempts[step->attempt_count - 1].finished;
	return !finished || same(entry_text(finished, "event.outcome"), "unknown");
}
