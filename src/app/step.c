/* A step from question to end: what all kinds of steps have in common. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/evidence.h"
#include "pgrunbook/app/runner_parts.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/drive/clock.h"
#include "pgrunbook/model/migration_call.h"

void
step_set_phase(struct runner *runner, enum runner_phase phase, const char *words)
{
	struct app *app = runner->app;
	char *copy = alloc_copy(words);

	runner->phase = phase;
	free(app->step_phase);
	app->step_phase = copy;
	if (phase == RUNNER_RUNNING && app->step_running != runner->step) {
		app->step_running = runner->step;
		app->step_started_us = clock_now_us();
	}
}

/* Forgets what was under way; the log has what is to be kept. */
static void
step_forget(struct runner *runner)
{
	runner->phase = RUNNER_IDLE;
	runner->step = -1;
	runner->again = -1;
	runner->verify_us = 0;
	runner->ticket++; /* no answer to its questions counts any more */
	runner->stopping = false;
	runner->wait_until_us = 0;
	runner->edit_next = -1;
	free(runner->skip_reason);
	runner->skip_reason = NULL;
	free(runner->command);
	runner->command = NULL;
	free(runner->revision);
	runner->revision = NULL;
	strlist_free(&runner->argv);
	plan_free(&runner->plan);
	free(runner->script_text);
	runner->script_text = NULL;
	identity_free(&runner->asked);
	free(runner->app->step_phase);
	runner->app->step_phase = NULL;
	/* Whatever it ran may have made a version table, or another one. */
	pg_watch_look_anew(runner->watch);
	runner->app->step_running = -1;
	if (runner->app->overlay == OVERLAY_REVISIONS)
		runner->app->overlay = OVERLAY_NONE; /* it chose for this step */
	pg_watch_set_step(runner->watch, NULL);
}

json_t *
step_attributes(const struct runner *runner)
{
	const struct step *step = runner_step(runner);
	const struct run_step *state = run_step(&runner->app->run, step->id);
	json_t *attributes = json_object();

	json_object_set_new(attributes, "step.id", evidence_text(step->id));
	json_object_set_new(attributes, "step.number", json_integer(step->number));
	json_object_set_new(attributes, "step.title", evidence_text(step->title));
	json_object_set_new(
		attributes, "step.kind", json_string(step_kind_name(step->kind)));
	json_object_set_new(attributes, "attempt",
		json_integer(
			state == NULL
				? 1
				: state->attempts +
					  (runner->phase != RUNNER_RUNNING &&
						  runner->phase != RUNNER_VERIFYING)));
	if (runner->command != NULL)
		json_object_set_new(attributes, "process.command_line",
			evidence_text(runner->command));
	return attributes;
}

void
step_print(struct runner *runner, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	char *line = alloc_vprintf(format, arguments);
	va_end(arguments);
	output_add(&runner->app->output, line, strlen(line));
	output_add(&runner->app->output, "\n", 1);
	if (runner->transcript != NULL) {
		struct str shown = { 0 };

		transcript_add(runner->transcript, line, strlen(line), &shown);
		transcript_add(runner->transcript, "\n", 1, &shown);
		str_free(&shown);
	}
	free(line);
}

bool
step_started(struct runner *runner)
{
	const struct step *step = runner_step(runner);
	json_t *attributes = step_attributes(runner);

	json_object_set_new(attributes, "alembic.revision.before",
		evidence_list(&runner_newest(runner)->version.rows));
	if (!journal_write(runner->journal, EVENT_STEP_STARTED, ENTRY_INFO, attributes,
		    "step %d started: %s", step->number,
		    runner->command == NULL ? step->title : runner->command)) {
		step_drop(runner, true,
			"nothing was started: the incident log can't be "
			"written: %s",
			runner->app->log_problem);
		return false;
	}
	char *application = runner_application(runner);
	pg_watch_set_step(runner->watch, application);
	free(application);
	step_set_phase(runner, RUNNER_RUNNING, NULL);
	return true;
}

static void
step_take(json_t *to, json_t *from)
{
	if (from == NULL)
		return;
	json_object_update(to, from);
	json_decref(from);
}

static json_t *
step_end_attributes(
	struct runner *runner, json_t *more, const char *outcome, const char *words)
{
	struct app *app = runner->app;
	json_t *attributes = step_attributes(runner);

	json_object_set_new(attributes, "step.result", evidence_text(words));
	json_object_set_new(attributes, "event.outcome", json_string(outcome));
	if (app->step_running == runner->step)
		json_object_set_new(attributes, "duration_ms",
			json_integer((clock_now_us() - app->step_started_us) / 1000));
	step_take(attributes, more);
	return attributes;
}

void
step_succeed(struct runner *runner, json_t *attributes, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	char *words = alloc_vprintf(format, arguments);
	va_end(arguments);
	bool written = journal_write(runner->journal, EVENT_STEP_FINISHED, ENTRY_INFO,
		step_end_attributes(runner, attributes, "success", words),
		"step %d: %s", runner_step(runner)->number, words);
	step_forget(runner);
	if (written) {
		app_say(runner->app, false, "%s", words);
		runner_next(runner);
	}
	free(words);
}

/* How many sessions on the server are the step's own. */
static size_t
step_sessions(const struct runner *runner)
{
	const struct snapshot *snapshot = runner_newest(runner);
	char *application = runner_application(runner);
	size_t count = 0;

	for (size_t i = 0; i < snapshot->sessions.count; i++) {
		const char *name = snapshot->sessions.items[i].application;

		/* The server cuts application names at 63 bytes. */
		count += name != NULL && strncmp(name, application, 63) == 0;
	}
	free(application);
	return count;
}

/* The last line that names an error: what follows it are often hints only. */
static size_t
step_said(const struct output *output)
{
	static const char *const signs[] = { "Error", "ERROR", "FATAL", "error:" };

	for (size_t line = output_lines(output); line-- > 0;) {
		const char *text = output_line(output, line);

		for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
			/* "Background on this error at: https://sqlalche.me/..." */
			if (strstr(text, signs[i]) != NULL &&
				strstr(text, "://") == NULL)
				return line;
		}
	}
	return SIZE_MAX - 3;
}

/* Nothing goes on after a failure without the operator's word. */
static void
step_offer(struct runner *runner, const char *words)
{
	struct app *app = runner->app;
	const struct step *step = runner_step(runner);
	struct ask ask = {
		.purpose = ASK_FAILURE,
		.kind = ASK_CHOICE,
		.severe = true,
		.title = alloc_printf("Step %d failed", step->number),
		.command = alloc_copy(runner->command),
	};
	size_t choice = 0;
	char *rows = identity_rows(&runner_newest(runner)->version.rows);
	size_t lines = output_lines(&app->output);

	ask.choices[choice++] = (struct ask_choice){ 'r', "retry it" };
	if (step->inputs.count != 0)
		ask.choices[choice++] =
			(struct ask_choice){ 'e', "edit its values, and retry" };
	ask.choices[choice++] = (struct ask_choice){ 's', "skip it, with a reason" };
	ask.choices[choice++] = (struct ask_choice){ 'a', "abort the run" };
	/* A client that was stopped may have left its backend at work. */
	if (runner->stopping && step_sessions(runner) != 0) {
		ask.choices[choice++] =
			(struct ask_choice){ 'c', "cancel what it left on the server" };
		ask_warn(&ask,
			"a moment ago its session was at work on the server: see "
			"Sessions before a retry");
	}
	ask_fact(&ask, "what failed", "%s", words);
	ask_fact(&ask, app->lost == NULL ? "database now" : "last seen at", "%s", rows);
	size_t said = step_said(&app->output);
	if (said + 3 < lines)
		ask_fact(&ask, "it said", "%s", output_line(&app->output, said));
	for (size_t i = lines > 3 ? lines - 3 : 0; i < lines; i++)
		ask_fact(&ask, i + 1 == lines ? "output ends" : "output", "%s",
			output_line(&app->output, i));
	free(rows);
	app_ask(app, &ask);
}

void
step_fail(struct runner *runner, json_t *attributes, const char *format, ...)
{
	va_list arguments;
	int step = runner->step;

	va_start(arguments, format);
	char *words = alloc_vprintf(format, arguments);
	va_end(arguments);
	journal_write(runner->journal, EVENT_STEP_FINISHED, ENTRY_ERROR,
		step_end_attributes(runner, attributes,
			runner->stopping ? "cancelled" : "failure", words),
		"step %d failed: %s", runner_step(runner)->number, words);
	journal_evidence(runner->journal, "at the failure");
	step_offer(runner, words);
	step_forget(runner);
	runner->step = step;
	runner->phase = RUNNER_FAILED;
	free(words);
}

void
step_drop(struct runner *runner, bool bad, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	char *words = alloc_vprintf(format, arguments);
	va_end(arguments);
	app_say(runner->app, bad, "%s", words);
	free(words);
	step_forget(runner);
}

/* What the operator sees of the run itself: open steps before this one. */
static void
step_warn_open(struct runner *runner, struct ask *ask)
{
	const struct runbook *runbook = runner->app->runbook;
	struct str open = { 0 };
	size_t count = 0;

	for (int i = 0; i < runner->step; i++) {
		const struct run_step *state =
			run_step(&runner->app->run, runbook->steps[i].id);
		bool settled = state != NULL && (state->state == STEP_DONE ||
							state->state == STEP_SKIPPED);

		if (settled || runbook->steps[i].optional)
			continue;
		str_printf(&open, "%s%d", count++ == 0 ? "" : ", ",
			runbook->steps[i].number);
	}
	if (count != 0)
		ask_warn(ask, "%s before this one %s not done: %s",
			count == 1 ? "a step" : "steps", count == 1 ? "is" : "are",
			str_text(&open));
	str_free(&open);
}

static void
step_target_facts(const struct runner *runner, struct ask *ask)
{
	const struct app *app = runner->app;
	const struct server *server = &app->snapshot->server;
	char *name = server_name(server);
	/* A migration has just read them; the picture may be an interval old. */
	char *rows = identity_rows(runner->asked.server.database != NULL
					   ? &runner->asked.rows
					   : &app->snapshot->version.rows);

	ask_fact(ask, "environment", "%s%s",
		app->settings.environment == NULL ? "not named"
						  : app->settings.environment,
		app_protected(app) ? " (protected)" : "");
	ask_fact(ask, "target", "%s, %s, as %s", name,
		server->role == SERVER_PRIMARY ? "primary" : "standby", server->user);
	ask_fact(ask, "revision now", "%s", rows);
	free(rows);
	free(name);
}

/* The target's facts come first: on a small screen what is last is cut. */
void
step_ask(struct runner *runner, struct ask *ask)
{
	struct ask full = *ask;
	const struct step *step = runner_step(runner);

	full.labels = full.facts = (struct strlist){ 0 };
	step_target_facts(runner, &full);
	for (size_t i = 0; i < ask->facts.count; i++)
		ask_fact(&full, ask->labels.items[i], "%s", ask->facts.items[i]);
	strlist_free(&ask->labels);
	strlist_free(&ask->facts);
	full.purpose = ASK_STEP;
	runner->typed = full.kind == ASK_TYPED;
	if (runner->asked.server.database == NULL)
		server_copy(&runner->asked.server, &runner->app->snapshot->server);
	full.command = alloc_copy(runner->command);
	step_warn_open(runner, &full);
	if (!journal_write(runner->journal, EVENT_CONFIRMATION_ASKED, ENTRY_INFO,
		    step_attributes(runner), "asked: %s", full.title)) {
		ask_close(&full);
		step_drop(runner, true,
			"step %d is blocked: the incident log can't be "
			"written: %s",
			step->number, runner->app->log_problem);
		return;
	}
	step_set_phase(runner, RUNNER_ASKING, "waits for an answer");
	app_ask(runner->app, &full);
}

void
step_ask_command(struct runner *runner, void (*accepted)(struct runner *runner))
{
	const struct step *step = runner_step(runner);
	enum danger danger = runbook_filled_danger(step, runner->command);
	bool moves = step->kind == STEP_SHELL && migration_call_moves(runner->command);
	bool typed = danger == DANGER_DESTRUCTIVE || danger == DANGER_REFUSED ||
		     (moves && app_protected(runner->app));
	struct ask ask = {
		.kind = typed ? ASK_TYPED : ASK_YES,
		.severe = typed,
	};

	if (danger == DANGER_REFUSED && app_protected(runner->app)) {
		step_drop(runner, true, "refused in a protected environment: %s",
			runner->command);
		return;
	}
	if (danger == DANGER_READ) {
		accepted(runner);
		return;
	}
	ask.title = alloc_printf("Run step %d?", step->number);
	if (moves)
		ask_warn(&ask, "this command finds its database by itself: nothing "
			       "proves that it is the one above");
	if (typed)
		ask.phrase = alloc_printf(
			"%s %d", runner->app->snapshot->server.database, step->number);
	step_ask(runner, &ask);
}

/* A person did it: one entry is all there is to it. */
void
step_tick(struct runner *runner)
{
	const struct step *step = runner_step(runner);

	step_succeed(runner, NULL, "%s%s",
		step->by_hand == NULL ? "" : "done by hand: ", step->title);
}

/* Enter runs other commands: that this one was done must not be said by habit. */
static void
step_ask_by_hand(struct runner *runner)
{
	const struct step *step = runner_step(runner);
	struct ask ask = {
		.kind = ASK_YES,
		.title = alloc_printf("Step %d is not run from here. Have you done it?",
			step->number),
	};

	ask_fact(&ask, "command", "%s", step->command);
	ask_fact(&ask, "by hand", "%s", step->by_hand);
	step_ask(runner, &ask);
}

static void
step_ask_question(struct runner *runner)
{
	const struct action *action = &runner_step(runner)->action;
	char *label = alloc_printf("%s ", action->text);

	step_set_phase(runner, RUNNER_INPUT, "waits for the answer");
	app_line_open(runner->app, LINE_ANSWER, label, "");
	free(label);
}

void
runner_log_answer(struct runner *runner, const char *text)
{
	if (runner->phase != RUNNER_INPUT)
		return;
	const struct action *action = &runner_step(runner)->action;
	json_t *attributes = step_attributes(runner);

	json_object_set_new(attributes, "question.name", evidence_text(action->name));
	json_object_set_new(attributes, "question.text", evidence_text(action->text));
	json_object_set_new(attributes, "answer", evidence_text(text));
	if (!journal_write(runner->journal, EVENT_QUESTION_ANSWERED, ENTRY_INFO,
		    attributes, "%s %s", action->text, *text == '\0' ? "TODO" : text)) {
		step_drop(runner, true, "the incident log can't be written: %s",
			runner->app->log_problem);
		return;
	}
	step_succeed(runner, NULL, "%s",
		*text == '\0' ? "left open: TODO in the report" : text);
}

static void
step_note(struct runner *runner)
{
	const struct action *action = &runner_step(runner)->action;

	if (!journal_write(runner->journal, EVENT_NOTE, ENTRY_INFO,
		    step_attributes(runner), "%s", action->text)) {
		step_drop(runner, true, "the incident log can't be written: %s",
			runner->app->log_problem);
		return;
	}
	step_succeed(runner, NULL, "noted");
}

static void
step_action(struct runner *runner)
{
	static void (*const begin[])(struct runner *) = {
		[ACTION_IDENTIFY] = step_identify_begin,
		[ACTION_CHECK] = step_check_begin,
		[ACTION_BACKUP] = step_backup_begin,
		[ACTION_VERIFY_BACKUP] = step_verify_backup_begin,
		[ACTION_UPGRADE] = step_migrate_begin,
		[ACTION_DOWNGRADE] = step_migrate_begin,
		[ACTION_VERIFY_REVISION] = step_verify_revision_begin,
		[ACTION_WAIT_REPLICAS] = step_wait_begin,
		[ACTION_ASK] = step_ask_question,
		[ACTION_NOTE] = step_note,
	};

	begin[runner_step(runner)->action.kind](runner);
}

/* A console died while this step ran: nobody knows how it ended. */
static void
step_ask_unknown(struct runner *runner)
{
	struct app *app = runner->app;
	const struct step *step = runner_step(runner);
	const struct run_step *state = run_step(&app->run, step->id);
	char started[INSTANT_TEXT];
	char *rows = identity_rows(&app->snapshot->version.rows);
	size_t alive = step_sessions(runner);
	struct ask ask = {
		.purpose = ASK_UNKNOWN,
		.kind = ASK_CHOICE,
		.severe = true,
		.title = alloc_printf(
			"Step %d: outcome unknown. What is true now?", step->number),
		.choices = { { 'v', "verified by hand: it is done" },
			{ 'r', "run it again" }, { 's', "skip it, with a reason" } },
	};

	ask_fact(&ask, "step", "%s", step->title);
	ask_fact(&ask, "started", "%s; its end was never written",
		instant_format(state->started_us, started));
	ask_fact(&ask, "database now", "%s", rows);
	ask_fact(&ask, "still at work", "%zu of its sessions", alive);
	if (alive != 0) {
		/* A second one beside it would make it worse. */
		ask.choices[1] = (struct ask_choice){ 'c',
			"cancel what still runs, then look again" };
		ask_warn(&ask,
			"it is still running on the server: wait for its end, or "
			"cancel it");
	}
	free(rows);
	step_set_phase(runner, RUNNER_DECIDING, "waits for a decision");
	app_ask(app, &ask);
}

void
step_begin(struct runner *runner)
{
	struct app *app = runner->app;
	const struct step *step = runner_step(runner);
	const struct run_step *state = run_step(&app->run, step->id);

	if (state != NULL && state->state == STEP_DONE) {
		step_drop(runner, false,
			"step %d is done already; n adds a note to the log",
			step->number);
		if (run_next_step(&app->run, app->runbook) < 0)
			runner_next(runner);
		return;
	}
	/* Running, though nothing is under way: its end could not be written. */
	if (state != NULL && runner->again != runner->step &&
		(state->state == STEP_OUTCOME_UNKNOWN ||
			state->state == STEP_RUNNING)) {
		step_ask_unknown(runner);
		return;
	}
	if (step->by_hand != NULL && step->command != NULL) {
		step_ask_by_hand(runner);
		return;
	}
	if (step->kind == STEP_ATTEST || step->by_hand != NULL) {
		step_tick(runner);
		return;
	}
	if (!step_inputs(runner))
		return;
	output_clear(&app->output);
	if (step->kind == STEP_SHELL)
		step_shell_begin(runner);
	else if (step->kind == STEP_SQL)
		step_sql_begin(runner);
	else
		step_action(runner);
}
