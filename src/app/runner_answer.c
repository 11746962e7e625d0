/* Whom the operator's answers go to: confirmations, failures, unknown outcomes, stops.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/evidence.h"
#include "pgrunbook/app/runner_parts.h"
#include "pgrunbook/base/alloc.h"

int
runner_put_back(struct runner *runner)
{
	int step = runner->step;

	/* A question about it that is still to be seen has nothing to decide. */
	app_forget_ask(runner->app, ASK_FAILURE);
	app_forget_ask(runner->app, ASK_UNKNOWN);

	runner->phase = RUNNER_IDLE;
	runner->step = -1;
	free(runner->app->step_phase);
	runner->app->step_phase = NULL;
	return step;
}

/* A session of the step that was asked to end; written down when it is known. */
struct runner_end {
	struct runner *runner;
	int pid;
};

static void
runner_ended(void *context, bool ended, const char *outcome)
{
	struct runner_end *end = context;
	struct runner *runner = end->runner;
	json_t *attributes = json_object();

	json_object_set_new(attributes, "backend.pid", json_integer(end->pid));
	json_object_set_new(attributes, "event.outcome",
		json_string(ended ? "success" : "failure"));
	journal_write(runner->journal, EVENT_BACKEND_CANCELLED,
		ended ? ENTRY_INFO : ENTRY_WARN, attributes,
		"session %d of the step: %s", end->pid, outcome);
	step_print(runner, "-- session %d %s", end->pid, outcome);
	free(end);
}

static void
runner_cancel_backends(struct runner *runner)
{
	const struct snapshot *snapshot = runner_newest(runner);
	bool sql = runner_step(runner)->kind == STEP_SQL && runner->sql != NULL;
	char *application = runner_application(runner);
	size_t count = 0;

	if (sql)
		step_sql_stop(runner);
	for (size_t i = 0; i < snapshot->sessions.count; i++) {
		const struct session *session = &snapshot->sessions.items[i];
		struct pg_end_target target = { session->pid, session->backend_start_us,
			0 };

		/* The server cuts application names at 63 bytes. */
		if (session->application == NULL ||
			strncmp(session->application, application, 63) != 0)
			continue;
		struct runner_end *end = alloc_zeroed(1, sizeof(*end));
		*end = (struct runner_end){ runner, session->pid };
		count++;
		pg_watch_end(runner->watch, PG_END_CANCEL, &target, runner_ended, end);
	}
	app_say(runner->app, count == 0 && !sql,
		count == 0 && !sql ? "no session of this step is seen on the server"
				   : "asked the server to cancel the step's sessions");
	free(application);
}

/* Ask them about a failed step: nothing goes on by itself. */
static void
runner_failure_answer(struct runner *runner, char choice)
{
	if (choice == 'c')
		runner_cancel_backends(runner);
	int step = runner_put_back(runner);

	if (choice == 'r') {
		runner_do_step(runner, step);
	} else if (choice == 'e') {
		runner_edit(runner, step);
	} else if (choice == 's') {
		app_move_to(runner->app, PANE_RUNBOOK, (size_t)step);
		app_act(runner->app, ACT_SKIP);
	} else if (choice == 'a') {
		app_act(runner->app, ACT_ABORT);
	}
}

static void
runner_unknown_answer(struct runner *runner, char choice)
{
	int step = runner->step;

	if (choice == 'v') {
		json_t *attributes = step_attributes(runner);

		json_object_set_new(attributes, "alembic.revision.after",
			evidence_list(&runner_newest(runner)->version.rows));
		step_succeed(runner, attributes,
			"verified by hand after its outcome was unknown");
		return;
	}
	runner_failure_answer(runner, choice == 'r' ? 0 : choice);
	if (choice != 'r')
		return;
	/* The log says that it was run again on purpose; the step then asks as always.
	 */
	runner->step = step;
	json_t *attributes = step_attributes(runner);
	json_object_set_new(attributes, "event.outcome", json_string("unknown"));
	bool written = journal_write(runner->journal, EVENT_STEP_FINISHED, ENTRY_WARN,
		attributes, "outcome stays unknown; to be run again");
	runner->step = -1;
	if (written) {
		runner->again = step;
		runner_do_step(runner, step);
	}
}

static void
runner_accepted(struct runner *runner)
{
	const struct step *step = runner_step(runner);
	json_t *attributes = step_attributes(runner);
	void (*accepted)(struct runner *) = NULL;

	json_object_set_new(attributes, "confirm.kind",
		json_string(runner->typed ? "typed" : "yes"));
	if (!journal_write(runner->journal, EVENT_CONFIRMATION_ACCEPTED, ENTRY_INFO,
		    attributes, "confirmed: %s",
		    runner->command == NULL ? step->title : runner->command)) {
		step_drop(runner, true,
			"nothing was started: the incident log can't be "
			"written: %s",
			runner->app->log_problem);
		return;
	}
	if (step->by_hand != NULL)
		accepted = step_tick;
	else if (step->kind == STEP_SHELL)
		accepted = step_shell_accepted;
	else if (step->kind == STEP_SQL)
		accepted = step_sql_accepted;
	else if (step->action.kind == ACTION_IDENTIFY)
		accepted = step_identify_accepted;
	else if (step->action.kind == ACTION_BACKUP)
		accepted = step_backup_accepted;
	else
		accepted = step_migrate_accepted;
	accepted(runner);
}

static const char *
runner_stop_words(char choice)
{
	return choice == 'c'   ? "cancel its backends"
	       : choice == 'k' ? "SIGKILL"
	       : choice == 't' ? "SIGTERM"
			       : "SIGINT";
}

static void
runner_stop_answer(struct runner *runner, char choice)
{
	struct app *app = runner->app;

	if (runner->phase != RUNNER_RUNNING && runner->phase != RUNNER_PROVING)
		return;
	runner->stopping = true;
	/* A log that can't be written is no reason to let it go on. */
	journal_write(runner->journal, EVENT_CONFIRMATION_ACCEPTED, ENTRY_WARN,
		step_attributes(runner), "stop step %d: %s",
		runner_step(runner)->number, runner_stop_words(choice));
	if (choice == 'c') {
		runner_cancel_backends(runner);
		return;
	}
	if (runner->child == NULL)
		return;
	child_signal(runner->child, choice == 'k'   ? SIGKILL
				    : choice == 't' ? SIGTERM
						    : SIGINT);
	app_say(app, false, "sent %s to the command's process group",
		runner_stop_words(choice));
}

void
runner_answer(struct runner *runner, enum ask_purpose purpose, char choice)
{
	switch (purpose) {
	case ASK_STEP:
		if (runner->phase == RUNNER_ASKING)
			runner_accepted(runner);
		break;
	case ASK_FAILURE:
		if (runner->phase == RUNNER_FAILED)
			runner_failure_answer(runner, choice);
		break;
	case ASK_UNKNOWN:
		if (runner->phase == RUNNER_DECIDING)
			runner_unknown_answer(runner, choice);
		break;
	case ASK_STOP:
		runner_stop_answer(runner, choice);
		break;
	case ASK_CLOSE:
		runner_close(runner);
		break;
	default:
		break;
	}
}

void
runner_decline(struct runner *runner, enum ask_purpose purpose)
{
	if (purpose == ASK_STEP && runner->phase == RUNNER_ASKING) {
		journal_write(runner->journal, EVENT_CONFIRMATION_DECLINED, ENTRY_INFO,
			step_attributes(runner), "declined: step %d",
			runner_step(runner)->number);
		bool values = runner_step(runner)->inputs.count != 0;

		step_drop(runner, false, "No: nothing was run%s",
			values ? "; e edits the step's values" : "");
	} else if ((purpose == ASK_FAILURE && runner->phase == RUNNER_FAILED) ||
		   (purpose == ASK_UNKNOWN && runner->phase == RUNNER_DECIDING)) {
		runner_put_back(runner);
	}
}

static void
runner_ask_stop(struct runner *runner)
{
	struct ask ask = { .purpose = ASK_STOP, .kind = ASK_CHOICE };
	size_t choice = 0;

	ask.title = alloc_printf("Stop step %d: how?", runner_step(runner)->number);
	ask.command = alloc_copy(runner->command);
	ask.choices[choice++] = (struct ask_choice){ 'c',
		"cancel the backends that it opened (best for SQL)" };
	if (runner->child != NULL) {
		ask.choices[choice++] = (struct ask_choice){ 'i',
			"interrupt it (SIGINT): ends after the "
			"statement" };
		ask.choices[choice++] =
			(struct ask_choice){ 't', "terminate it (SIGTERM)" };
		ask.choices[choice++] = (struct ask_choice){ 'k', "kill it (SIGKILL)" };
		ask_warn(&ask,
			"a client that is killed leaves its backend at work with its "
			"locks: cancel the backend first");
	}
	app_ask(runner->app, &ask);
}

/* A server that doesn't answer must not keep what was confirmed hanging in the air. */
static void
runner_stop_running(struct runner *runner)
{
	if (runner->wait_until_us != 0) {
		runner->stopping = true;
		step_wait_look(runner);
	} else if (runner->child != NULL ||
		   (runner_step(runner)->kind == STEP_SQL && runner->sql_sent)) {
		runner_ask_stop(runner);
	} else {
		runner->stopping = true;
		pg_free(runner->sql);
		runner->sql = NULL;
		step_fail(runner, NULL,
			"stopped before the server was asked or had "
			"answered: nothing was changed");
	}
}

void
runner_stop(struct runner *runner)
{
	switch (runner->phase) {
	case RUNNER_INPUT:
	case RUNNER_CONNECTING:
	case RUNNER_GUARDING:
		step_drop(runner, false, "the step is put back: nothing was run");
		break;
	case RUNNER_PROVING:
		if (runner->child != NULL)
			runner_ask_stop(runner);
		else
			step_fail(runner, NULL, "stopped: nothing was run");
		break;
	case RUNNER_READING_BACK:
	case RUNNER_VERIFYING:
		identity_give_up(runner, "stopped");
		break;
	case RUNNER_RUNNING:
		runner_stop_running(runner);
		break;
	default:
		app_say(runner->app, false, "no step is running");
		break;
	}
}
