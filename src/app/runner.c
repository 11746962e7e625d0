/* The run: which runbook, which step next, and whom the operator's answers go to. */
#include "pgrunbook/app/runner.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/evidence.h"
#include "pgrunbook/app/runner_parts.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/clock.h"
#include "pgrunbook/drive/file.h"

enum { RUNBOOK_BYTES = 4 << 20 };

static void
runner_connected(void *context)
{
	struct runner *runner = context;

	free(runner->pg_problem);
	runner->pg_problem = NULL;
	if (runner->phase == RUNNER_CONNECTING) {
		runner->phase = RUNNER_IDLE;
		runner_guard(runner);
	}
}

static void
runner_lost(void *context, const char *message)
{
	struct runner *runner = context;

	free(runner->pg_problem);
	runner->pg_problem = alloc_copy(message);
	runner->guarded = false; /* the lock went with the session */
	pg_hold(runner->pg, true);
	if (runner->phase == RUNNER_CONNECTING)
		step_drop(runner, true, "no connection for the run: %s", message);
}

struct runner *
runner_new(const struct runner_options *options)
{
	struct runner *runner = alloc_zeroed(1, sizeof(*runner));
	struct pg_handler handler = {
		.connected = runner_connected,
		.lost = runner_lost,
		.context = runner,
	};
	struct error problem = { 0 };

	runner->app = options->app;
	runner->journal = options->journal;
	runner->loop = options->loop;
	runner->watch = options->watch;
	runner->step = runner->again = runner->edit_next = -1;
	pg_params_copy(&runner->params, options->params);
	alembic_command_make(runner->app->settings.alembic, options->choice,
		&runner->alembic, &problem);
	runner->alembic_problem = problem.message;
	runner->pg = pg_new(runner->loop, &runner->params, "pgrunbook", &handler);
	pg_pin_path(runner->pg);
	pg_hold(runner->pg, true);
	return runner;
}

void
runner_reachable(struct runner *runner)
{
	pg_hold(runner->pg, false);
}

void
runner_free(struct runner *runner)
{
	struct str rest = { 0 };
	struct transcript_end end;

	if (runner == NULL)
		return;
	if (runner->transcript != NULL) {
		transcript_end(runner->transcript, &end, &rest);
		free(end.path);
		str_free(&rest);
	}
	child_free(runner->child);
	free(runner->child_run);
	json_decref(runner->output_attributes);
	pg_free(runner->sql);
	pg_free(runner->pg);
	pg_params_free(&runner->params);
	strlist_free(&runner->alembic);
	free(runner->alembic_problem);
	free(runner->pg_problem);
	free(runner->target);
	free(runner->skip_reason);
	free(runner->script_text);
	loop_timer_free(runner->sight);
	free(runner->command);
	strlist_free(&runner->argv);
	plan_free(&runner->plan);
	identity_free(&runner->asked);
	free(runner->revision);
	str_free(&runner->collected);
	free(runner->backup);
	free(runner);
}

const struct snapshot *
runner_newest(const struct runner *runner)
{
	const struct app *app = runner->app;

	return app->latest != NULL ? app->latest : app->snapshot;
}

const struct step *
runner_step(const struct runner *runner)
{
	return &runner->app->runbook->steps[runner->step];
}

char *
runner_application(const struct runner *runner)
{
	return alloc_printf(
		"pgrunbook:%s:%s", runner->app->run.id, runner_step(runner)->id);
}

static struct runbook *
runner_load(struct runner *runner, const char *path)
{
	struct error error = { 0 };
	struct str bytes = { 0 };
	struct runbook *runbook = NULL;

	if (file_read(path, RUNBOOK_BYTES, &bytes, &error))
		runbook = runbook_read(path, str_text(&bytes), bytes.length, &error);
	str_free(&bytes);
	if (runbook == NULL)
		app_say(runner->app, true, "%s", error.message);
	error_clear(&error);
	return runbook;
}

/* Shows it; the cursor stands on the next step to do. */
static void
runner_show(struct runner *runner, struct runbook *runbook)
{
	struct app *app = runner->app;

	runbook_free(app->runbook);
	app->runbook = runbook;
	app->overlay = OVERLAY_NONE;
	app->focus = PANE_RUNBOOK;
	free(app->panes[PANE_RUNBOOK].selected);
	app->panes[PANE_RUNBOOK] = (struct pane_state){ 0 };
	output_clear(&app->output);
}

/* Whether a step is under way; says so. */
static bool
runner_busy(struct runner *runner)
{
	if (runner->phase == RUNNER_IDLE)
		return false;
	app_say(runner->app, true,
		runner->phase == RUNNER_FAILED || runner->phase == RUNNER_DECIDING
			? "step %d waits for your decision first"
			: "step %d is under way: S stops it first",
		runner_step(runner)->number);
	return true;
}

void
runner_open(struct runner *runner, const char *path, const char *target)
{
	struct app *app = runner->app;

	/* Steps are known by their place in the runbook that is open. */
	if (runner_busy(runner))
		return;
	if (app->run.id != NULL && !app->run.closed && !app->run.finished &&
		!app->run.aborted) {
		app->focus = PANE_RUNBOOK;
		app_say(app, true,
			"a run of %s is under way: finish it, or A aborts it",
			app->runbook == NULL ? "a runbook" : app->runbook->name);
		return;
	}
	struct runbook *runbook = runner_load(runner, path);
	if (runbook == NULL)
		return;
	runner_show(runner, runbook);
	app_forget_run(app);
	free(runner->target);
	runner->target = alloc_copy(target);
	app_say(app, false,
		"%zu steps; nothing runs and nothing is written before the first "
		"one is done with Enter",
		runbook->step_count);
}

static void
runner_say_resumed(struct app *app)
{
	for (size_t i = 0; i < app->runbook->step_count; i++) {
		const struct run_step *state =
			run_step(&app->run, app->runbook->steps[i].id);

		if (state == NULL || state->state != STEP_OUTCOME_UNKNOWN)
			continue;
		app_say(app, true,
			"resumed: nobody knows how step %d ended; look at the "
			"database before anything else",
			app->runbook->steps[i].number);
		return;
	}
	app_say(app, false, "resumed; no step was under way");
}

/* What can't be resumed stays as it is, and stands in nobody's way. */
static void
runner_leave(struct runner *runner)
{
	journal_leave(runner->journal);
	app_forget_entries(runner->app);
}

void
runner_resume(struct runner *runner)
{
	struct app *app = runner->app;
	struct runbook *runbook;

	if (app->run.runbook_path == NULL || app->run.finished || app->run.aborted) {
		/* Sessions were ended, or the closing entry is all that lacks. */
		journal_write(runner->journal, EVENT_INCIDENT_RESUMED, ENTRY_INFO, NULL,
			"resumed");
		journal_close(runner->journal, "closed on resume: no run was open");
		return;
	}
	runbook = runner_load(runner, app->run.runbook_path);
	if (runbook == NULL) {
		runner_leave(runner);
		return;
	}
	if (strcmp(runbook->sha256, app->run.runbook_sha256) != 0) {
		runbook_free(runbook);
		app_say(app, true,
			"%s has changed since the run began: put back the file "
			"with the digest %.12s... and resume again",
			app->run.runbook_path, app->run.runbook_sha256);
		runner_leave(runner);
		return;
	}
	char *stray = runner_stray(runner);
	if (stray != NULL) {
		runbook_free(runbook);
		app_say(app, true, "not resumed: the run was begun elsewhere: %s",
			stray);
		free(stray);
		runner_leave(runner);
		return;
	}
	runner_show(runner, runbook);
	journal_write(runner->journal, EVENT_INCIDENT_RESUMED, ENTRY_INFO, NULL,
		"resumed %s", runbook->name);
	journal_evidence(runner->journal, "at the resume");
	runner_say_resumed(app);
	runner_next(runner);
}

static json_t *
runner_checklist(const struct runbook *runbook)
{
	json_t *list = json_array();

	for (size_t i = 0; i < runbook->step_count; i++) {
		const struct step *step = &runbook->steps[i];
		json_t *item = json_object();

		json_object_set_new(item, "id", evidence_text(step->id));
		json_object_set_new(item, "number", json_integer(step->number));
		json_object_set_new(item, "title", evidence_text(step->title));
		json_object_set_new(
			item, "kind", json_string(step_kind_name(step->kind)));
		json_array_append_new(list, item);
	}
	return list;
}

static bool
runner_begin_run(struct runner *runner)
{
	struct app *app = runner->app;
	const struct runbook *runbook = app->runbook;
	char *title = alloc_printf("%s", runbook->title);
	bool open = journal_open(runner->journal, title);

	free(title);
	if (!open)
		return false;
	/* Short enough for an application_name together with a step's id. */
	char *id = alloc_printf("%lld", (long long)(app->now_us / 1000000 % 100000000));
	json_t *attributes = json_object();
	json_object_set_new(attributes, "run.id", evidence_text(id));
	json_object_set_new(attributes, "runbook.path", evidence_text(runbook->path));
	json_object_set_new(attributes, "runbook.title", evidence_text(runbook->title));
	json_object_set_new(
		attributes, "runbook.sha256", evidence_text(runbook->sha256));
	json_object_set_new(attributes, "steps", runner_checklist(runbook));
	json_object_set_new(attributes, "alembic.revision.before",
		evidence_list(&runner_newest(runner)->version.rows));
	json_object_set_new(attributes, "server.clock_skew_ms",
		json_integer(runner_newest(runner)->server.skew_us / 1000));
	free(id);
	return journal_write(runner->journal, EVENT_RUN_STARTED, ENTRY_INFO, attributes,
		"run of %s started", runbook->name);
}

/* Every required step is done or skipped: offers to close. */
static void
runner_offer_close(struct runner *runner)
{
	struct app *app = runner->app;
	struct ask ask = {
		.purpose = ASK_CLOSE,
		.kind = ASK_YES,
		.title = alloc_copy("Every step is done. Close the incident?"),
	};
	size_t skipped = 0;

	for (size_t i = 0; i < app->run.step_ids.count; i++)
		skipped += app->run.steps[i].state == STEP_SKIPPED;
	ask_fact(&ask, "incident", "%s", app->incident);
	ask_fact(&ask, "skipped", "%zu step%s", skipped, skipped == 1 ? "" : "s");
	ask_fact(&ask, "then", "the log is closed and report.md is written beside it");
	app_ask(app, &ask);
}

void
runner_do_step(struct runner *runner, int step)
{
	struct app *app = runner->app;

	if (runner_busy(runner) || app->runbook == NULL || step < 0 ||
		(size_t)step >= app->runbook->step_count)
		return;
	if (!runner_may_begin(runner)) {
		runner->again = -1;
		return;
	}
	if (app->run.id != NULL && run_next_step(&app->run, app->runbook) < 0) {
		runner_offer_close(runner); /* it was left open the first time */
		return;
	}
	/* Nothing is judged by a frozen picture. */
	app_pause(app, false);
	runner->step = step;
	if (!runner->guarded) {
		runner_guard(runner);
		return;
	}
	if (app->run.id == NULL && !runner_begin_run(runner)) {
		runner->step = -1;
		return;
	}
	step_begin(runner);
}

void
runner_snapshot(struct runner *runner)
{
	if (runner->phase == RUNNER_RUNNING && runner->wait_until_us != 0)
		step_wait_look(runner);
	if (runner->phase == RUNNER_VERIFYING && runner->verify_us != 0)
		step_migrate_look(runner);
	if (runner->sql != NULL && runner->phase != RUNNER_RUNNING) {
		pg_free(runner->sql);
		runner->sql = NULL;
	}
}

void
runner_next(struct runner *runner)
{
	struct app *app = runner->app;
	int next = run_next_step(&app->run, app->runbook);

	if (next >= 0) {
		app_move_to(app, PANE_RUNBOOK, (size_t)next);
		return;
	}
	if (app->run.id != NULL && !app->run.finished && !app->run.aborted)
		runner_offer_close(runner);
}

void
runner_close(struct runner *runner)
{
	struct app *app = runner->app;

	/* The question may have waited until there was nothing left to close. */
	if (app->run.id == NULL || app->run.finished || app->run.aborted)
		return;
	char *id = alloc_copy(app->incident);
	if (journal_write(runner->journal, EVENT_RUN_FINISHED, ENTRY_INFO, NULL,
		    "run of %s finished", app->runbook->name)) {
		journal_close(runner->journal, "closed");
		app_say(app, false, "incident %s is closed; its log ends with %.16s...",
			id, app->log_head);
		runner_unguard(runner);
	}
	free(id);
}

static void
runner_end_run(struct runner *runner, const char *reason)
{
	struct app *app = runner->app;
	json_t *attributes = json_object();

	json_object_set_new(attributes, "reason", evidence_text(reason));
	const struct strlist *rows = &runner_newest(runner)->version.rows;
	json_object_set_new(attributes, "alembic.revision.after", evidence_list(rows));
	if (!journal_write(runner->journal, EVENT_RUN_ABORTED, ENTRY_WARN, attributes,
		    "run of %s aborted: %s", app->runbook->name,
		    *reason == '\0' ? "no reason given" : reason))
		return;
	journal_close(runner->journal, "closed after the abort");
	char *now = identity_rows(rows);
	app_say(app, false, "the run is aborted and written down; the database %s %s",
		app->lost == NULL ? "is at" : "was last seen at", now);
	free(now);
	runner_unguard(runner);
}

void
runner_abort(struct runner *runner, const char *reason)
{
	struct app *app = runner->app;

	if (runner->phase != RUNNER_IDLE && runner->phase != RUNNER_FAILED &&
		runner->phase != RUNNER_DECIDING) {
		app_say(app, true, "step %d is under way: S stops it first",
			runner_step(runner)->number);
		return;
	}
	if (app->run.id == NULL || app->run.finished || app->run.aborted) {
		runbook_free(app->runbook);
		app->runbook = NULL;
		app_say(app, false, "the runbook is put away");
		return;
	}
	runner_put_back(runner);
	runner_end_run(runner, reason);
}

void
runner_skip(struct runner *runner, int step, const char *reason)
{
	struct app *app = runner->app;

	if (runner->phase == RUNNER_FAILED)
		runner_put_back(runner);
	if (runner_busy(runner) || app->runbook == NULL || step < 0 ||
		(size_t)step >= app->runbook->step_count || !runner_may_begin(runner))
		return;
	const struct run_step *state =
		run_step(&app->run, app->runbook->steps[step].id);
	if (state != NULL && state->state == STEP_DONE) {
		app_say(app, true, "step %d is done: it can't be skipped any more",
			app->runbook->steps[step].number);
		return;
	}
	runner->step = step;
	if (!runner->guarded) {
		free(runner->skip_reason);
		runner->skip_reason = alloc_copy(reason);
		runner_guard(runner);
		return;
	}
	if (app->run.id == NULL && !runner_begin_run(runner)) {
		runner->step = -1;
		return;
	}
	json_t *attributes = step_attributes(runner);
	json_object_set_new(attributes, "reason", evidence_text(reason));
	const struct step *skipped = runner_step(runner);
	bool written = journal_write(runner->journal, EVENT_STEP_SKIPPED, ENTRY_WARN,
		attributes, "step %d skipped: %s", skipped->number, reason);
	runner->step = -1;
	if (written)
		runner_next(runner);
}
