/* A run folded from entries, as the runner writes them. */
#include "pgrunbook/model/run.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/tap/tap.h"

static const char start[] =
	"{\"run.id\":\"r1\",\"runbook.path\":\"a.md\",\"runbook.sha256\":\"12\","
	"\"db.namespace\":\"billing\",\"server.address\":\"db1\","
	"\"alembic.revision.before\":[\"0015\"],\"steps\":["
	"{\"id\":\"a-1\",\"number\":1},{\"id\":\"a-2\",\"number\":2},"
	"{\"id\":\"a-3\",\"number\":3}]}";

static void
apply(struct run *run, enum entry_event event, int64_t at, const char *body,
	const char *attributes)
{
	char text[] = "";
	struct entry entry = {
		.timestamp_us = at,
		.event = event,
		.body = body != NULL ? alloc_copy(body) : text,
		.attributes = json_loads(attributes, 0, NULL),
	};

	run_apply(run, &entry);
	json_decref(entry.attributes);
	if (body != NULL)
		free(entry.body);
}

static enum step_state
state_of(const struct run *run, const char *id)
{
	return run_step(run, id)->state;
}

static void
test_start(struct run *run)
{
	apply(run, EVENT_STEP_STARTED, 5, NULL,
		"{\"run.id\":\"r1\",\"step.id\":\"a-1\"}");
	tap_ok(run->id == NULL && run_step(run, "a-1") == NULL,
		"before a run starts nothing is about it");
	apply(run, EVENT_RUN_STARTED, 10, NULL, start);
	tap_is_text(run->id, "r1", "a run has an id");
	tap_is_text(run->runbook_path, "a.md", "and a runbook");
	tap_is_text(run->server_name, "billing on db1", "and a target");
	tap_is_text(run->revision_before.items[0], "0015", "and a revision before");
	tap_is_int((int64_t)run->step_ids.count, 3, "and steps");
	tap_is_int(state_of(run, "a-1"), STEP_OPEN, "that are open");
	tap_is_int(run->started_us, 10, "and a beginning");
}

static void
test_steps(struct run *run)
{
	const struct run_step *step;

	apply(run, EVENT_STEP_STARTED, 20, NULL,
		"{\"run.id\":\"r1\",\"step.id\":\"a-1\",\"attempt\":1}");
	tap_is_int(state_of(run, "a-1"), STEP_RUNNING, "a started step is running");
	apply(run, EVENT_STEP_FINISHED, 30, "went wrong",
		"{\"run.id\":\"r1\",\"step.id\":\"a-1\",\"attempt\":1,"
		"\"event.outcome\":\"failure\",\"output.path\":\"output/0001.txt\"}");
	step = run_step(run, "a-1");
	tap_is_int(step->state, STEP_FAILED, "a failure is a failed step");
	tap_is_text(step->result, "went wrong", "with its sentence");
	tap_is_text(step->output_path, "output/0001.txt", "and its output");
	tap_is_int(step->finished_us, 30, "and its end");
	apply(run, EVENT_STEP_STARTED, 40, NULL,
		"{\"run.id\":\"r1\",\"step.id\":\"a-1\",\"attempt\":2}");
	step = run_step(run, "a-1");
	tap_ok(step->attempts == 2 && step->finished_us == 0 && step->result == NULL &&
			step->output_path == NULL,
		"another attempt forgets the one before");
	apply(run, EVENT_STEP_FINISHED, 50, "done",
		"{\"run.id\":\"r1\",\"step.id\":\"a-1\",\"event.outcome\":"
		"\"success\"}");
	tap_is_int(state_of(run, "a-1"), STEP_DONE, "a success is a step done");
	apply(run, EVENT_STEP_FINISHED, 55, "ticked",
		"{\"run.id\":\"r1\",\"step.id\":\"a-2\",\"event.outcome\":"
		"\"success\"}");
	tap_is_int(run_step(run, "a-2")->attempts, 1, "a tick needs no start");
	apply(run, EVENT_STEP_SKIPPED, 60, "skipped",
		"{\"run.id\":\"r1\",\"step.id\":\"a-3\",\"reason\":\"no replicas\"}");
	tap_is_int(state_of(run, "a-3"), STEP_SKIPPED, "a step may be skipped");
	tap_is_text(run_step(run, "a-3")->result, "no replicas", "with the reason");
	apply(run, EVENT_STEP_STARTED, 65, NULL,
		"{\"run.id\":\"r0\",\"step.id\":\"a-3\"}");
	tap_is_int(
		state_of(run, "a-3"), STEP_SKIPPED, "another run's steps are not ours");
}

static void
test_unknown(void)
{
	struct run run;

	run_init(&run);
	apply(&run, EVENT_RUN_STARTED, 10, NULL, start);
	apply(&run, EVENT_STEP_STARTED, 20, NULL,
		"{\"run.id\":\"r1\",\"step.id\":\"a-2\"}");
	run_resume(&run);
	tap_is_int(state_of(&run, "a-2"), STEP_OUTCOME_UNKNOWN,
		"a start without an end is of unknown outcome");
	tap_is_text(step_state_words(STEP_OUTCOME_UNKNOWN), "outcome unknown: verify",
		"and says what to do");
	apply(&run, EVENT_STEP_STARTED, 30, NULL,
		"{\"run.id\":\"r1\",\"step.id\":\"a-3\"}");
	apply(&run, EVENT_INCIDENT_RESUMED, 40, NULL, "{}");
	tap_is_int(state_of(&run, "a-3"), STEP_OUTCOME_UNKNOWN,
		"so it is when another console took over");
	apply(&run, EVENT_STEP_FINISHED, 50, "cancelled",
		"{\"run.id\":\"r1\",\"step.id\":\"a-3\",\"event.outcome\":"
		"\"cancelled\"}");
	tap_is_int(state_of(&run, "a-3"), STEP_FAILED, "a cancelled step has failed");
	apply(&run, EVENT_STEP_FINISHED, 50, "lost",
		"{\"run.id\":\"r1\",\"step.id\":\"a-3\",\"event.outcome\":"
		"\"unknown\"}");
	tap_is_int(state_of(&run, "a-3"), STEP_OUTCOME_UNKNOWN,
		"what nobody knows is unknown");
	run_free(&run);
}

static void
test_answers(struct run *run)
{
	apply(run, EVENT_INPUT_GIVEN, 70, NULL,
		"{\"run.id\":\"r1\",\"input.name\":\"target\",\"input.value\":"
		"\"0014\"}");
	apply(run, EVENT_INPUT_GIVEN, 71, NULL,
		"{\"run.id\":\"r1\",\"input.name\":\"target\",\"input.value\":"
		"\"0013\"}");
	tap_is_text(
		run_input(run, "target"), "0013", "the last value of an input counts");
	tap_is_text(run_input(run, "other"), NULL, "others have none");
	apply(run, EVENT_QUESTION_ANSWERED, 72, NULL,
		"{\"run.id\":\"r1\",\"question.name\":\"why\",\"answer\":\"\"}");
	tap_is_text(run_answer(run, "why"), "", "an answer may be empty");
}

static void
finish_backup(struct run *run, int64_t at, const char *path, const char *outcome,
	const char *more)
{
	char *attributes =
		alloc_printf("{\"run.id\":\"r1\",\"step.id\":\"a-1\","
			     "\"backup.path\":\"%s\",\"event.outcome\":\"%s\"%s}",
			path, outcome, more);

	apply(run, EVENT_STEP_FINISHED, at, "x", attributes);
	free(attributes);
}

static void
test_backup(struct run *run)
{
	finish_backup(run, 80, "half.dump", "failure", "");
	tap_is_text(run->backup_path, NULL, "half a backup is none");
	finish_backup(run, 81, "b.dump", "success", "");
	tap_is_text(run->backup_path, "b.dump", "a backup is kept");
	tap_is_int(run->backup_us, 81, "with its time");
	tap_ok(!run->backup_verified, "but not verified yet");
	finish_backup(run, 82, "b.dump", "success", ",\"backup.verified\":true");
	tap_ok(run->backup_verified && run->backup_us == 81,
		"verifying is another step");
	finish_backup(run, 83, "b.dump", "failure", ",\"backup.verified\":false");
	tap_ok(!run->backup_verified, "and it may find otherwise");
	finish_backup(run, 84, "b.dump", "success", ",\"backup.verified\":true");
	finish_backup(run, 85, "c.dump", "success", "");
	tap_ok(strcmp(run->backup_path, "c.dump") == 0 && !run->backup_verified,
		"the old proof isn't one of a new backup");
}

static void
test_end(struct run *run)
{
	apply(run, EVENT_RUN_ABORTED, 90, NULL, "{\"run.id\":\"r1\"}");
	apply(run, EVENT_INCIDENT_CLOSED, 91, NULL, "{}");
	tap_ok(run->aborted && !run->finished && run->closed, "a run may be aborted");
	apply(run, EVENT_INCIDENT_RESUMED, 92, NULL, "{}");
	tap_ok(!run->closed, "an incident may be opened again");
	apply(run, EVENT_RUN_STARTED, 93, NULL, "{\"run.id\":\"r2\"}");
	tap_ok(strcmp(run->id, "r2") == 0 && !run->aborted &&
			run->step_ids.count == 0 && run->backup_path == NULL,
		"another run of the incident starts from nothing");
	apply(run, EVENT_STEP_STARTED, 94, NULL,
		"{\"run.id\":\"r2\",\"step.id\":\"new\"}");
	tap_is_int(state_of(run, "new"), STEP_RUNNING, "a step may be met later");
	apply(run, EVENT_STEP_FINISHED, 95, NULL, "{\"run.id\":\"r2\"}");
	apply(run, EVENT_RUN_FINISHED, 96, NULL, "{\"run.id\":\"r2\"}");
	tap_ok(run->finished, "and it may finish");
}

static void
test_next(void)
{
	static const char text[] =
		"# Testing\n- [ ] t\n# a\n- [ ] one\n- [ ] two\n- [ ] three\n";
	struct error error = { 0 };
	struct runbook *runbook = runbook_read("a.md", text, strlen(text), &error);
	struct run run;

	run_init(&run);
	apply(&run, EVENT_RUN_STARTED, 10, NULL, start);
	tap_is_int(
		run_next_step(&run, runbook), 1, "the first step that isn't optional");
	apply(&run, EVENT_STEP_FINISHED, 20, NULL,
		"{\"run.id\":\"r1\",\"step.id\":\"a-1\",\"event.outcome\":"
		"\"success\"}");
	apply(&run, EVENT_STEP_STARTED, 20, NULL,
		"{\"run.id\":\"r1\",\"step.id\":\"a-2\"}");
	tap_is_int(run_next_step(&run, runbook), 3, "then what is open");
	run_resume(&run);
	tap_is_int(run_next_step(&run, runbook), 2, "or of unknown outcome before it");
	apply(&run, EVENT_STEP_SKIPPED, 20, NULL,
		"{\"run.id\":\"r1\",\"step.id\":\"a-2\",\"reason\":\"r\"}");
	apply(&run, EVENT_STEP_FINISHED, 20, NULL,
		"{\"run.id\":\"r1\",\"step.id\":\"a-3\",\"event.outcome\":"
		"\"failure\"}");
	tap_is_int(
		run_next_step(&run, runbook), 3, "a failed step is to be done again");
	apply(&run, EVENT_STEP_FINISHED, 20, NULL,
		"{\"run.id\":\"r1\",\"step.id\":\"a-3\",\"event.outcome\":"
		"\"success\"}");
	tap_is_int(run_next_step(&run, runbook), -1, "until nothing is left");
	run_free(&run);
	runbook_free(runbook);
}

int
main(void)
{
	struct run run;

	run_init(&run);
	test_start(&run);
	test_steps(&run);
	test_answers(&run);
	test_backup(&run);
	test_end(&run);
	run_free(&run);
	test_unknown();
	test_next();
	return tap_done();
}
