#include "pgrunbook/app/console.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/alert_log.h"
#include "pgrunbook/app/evidence.h"
#include "pgrunbook/app/journal.h"
#include "pgrunbook/app/lost_revisions.h"
#include "pgrunbook/app/runbook_folders.h"
#include "pgrunbook/app/runner.h"
#include "pgrunbook/app/script_reading.h"
#include "pgrunbook/app/session_end.h"
#include "pgrunbook/app/table_choice.h"
#include "pgrunbook/app/tree_follow.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/drive/clock.h"
#include "pgrunbook/drive/pg_watch.h"

/* The screen answers a key within 16 ms. */
enum { CALLS_SLICE_US = 8000, CALLS_PAUSE_US = 1000 };

struct console {
	struct console_options options;
	struct loop *loop;
	struct app app;
	struct journal journal;
	struct alert_log alerts;
	struct pg_watch *watch;
	struct table_choice table;
	struct lost_revisions lost;
	struct runner *runner;
	struct tree_follow *tree;
	struct loop_timer *calls; /* reads scripts in slices, between keys */
	struct loop_timer *tick; /* the clock on screen, and ages while nothing comes */
	bool left;		 /* what is asked for after that is not done any more */
	bool resume_looked;	 /* for incidents that were left open */
	char *resume;		 /* the one that the open question is about */
	char *farewell;
};

static void console_read_calls(void *context);

/* A database of the same name on another server is another database. */
static bool
console_is_here(const struct app *app, const struct incident_summary *item)
{
	const struct server *now = &app->snapshot->server;
	const struct server then = {
		.host = item->address,
		.port = item->port,
		.database = item->database,
		.system_identifier = item->system_identifier,
		.role = now->role,
	};
	char *why;
	bool here = server_same(&then, now, &why);

	free(why);
	return here;
}

/* Offers the newest incident that was left open on this very database. */
static void
console_look_for_open(struct console *console)
{
	struct app *app = &console->app;
	struct incident_list list = { 0 };
	struct error error = { 0 };
	char *root = incident_root(&error);

	console->resume_looked = true;
	if (root == NULL || app->read_only || !incident_list(root, &list, &error)) {
		error_clear(&error);
		free(root);
		return;
	}
	for (size_t i = 0; i < list.count && console->resume == NULL; i++) {
		const struct incident_summary *item = &list.items[i];
		char opened[INSTANT_TEXT];

		if (item->closed || item->in_use || item->database == NULL ||
			!console_is_here(app, item))
			continue;
		struct ask ask = {
			.purpose = ASK_RESUME,
			.kind = ASK_CHOICE,
			.title = alloc_copy(
				"An incident on this database was left open"),
			.choices = { { 'r', "resume it" },
				{ 'l', "leave it for later" },
				{ 'c', "close it: it is over" } },
		};
		ask_fact(&ask, "incident", "%s", item->id);
		ask_fact(&ask, "opened", "%s", instant_format(item->opened_us, opened));
		ask_fact(&ask, "what", "%s", item->title == NULL ? "" : item->title);
		if (item->damaged)
			ask_warn(&ask, "its log doesn't hold: pgrunbook log verify %s",
				item->id);
		console->resume = alloc_copy(item->id);
		app_ask(app, &ask);
	}
	incident_list_free(&list);
	free(root);
}

static void
console_snapshot(void *context, struct snapshot *snapshot)
{
	struct console *console = context;

	console->app.now_us = clock_now_us();
	app_take_snapshot(&console->app, snapshot);
	if (!console->resume_looked)
		console_look_for_open(console);
	table_choice_follow(&console->table);
	lost_revisions_follow(&console->lost);
	runner_reachable(console->runner);
	runner_snapshot(console->runner);
}

static void
console_lost(void *context, const char *message)
{
	struct console *console = context;

	console->app.now_us = clock_now_us();
	app_connection_lost(&console->app, message);
	console->app.lost_waits = pg_watch_waits(console->watch);
}

/* Each attempt may meet something else. */
static void
console_follow_loss(struct console *console)
{
	struct app *app = &console->app;
	const char *problem = pg_watch_problem(console->watch);

	if (app->lost == NULL || problem == NULL)
		return;
	app_connection_lost(app, problem);
	app->lost_waits = pg_watch_waits(console->watch);
	app->retry_in_us = pg_watch_retry_in(console->watch);
}

/* Wakes the loop, which draws before it waits again; waits end without news, too. */
static void
console_ticked(void *context)
{
	struct console *console = context;

	console->app.now_us = clock_now_us();
	console_follow_loss(console);
	runner_snapshot(console->runner);
}

static void
console_secret(struct console *console, const struct pg_params *params)
{
	char *password = pg_params_value(params, "password");

	if (password != NULL && *password != '\0')
		redact_add_secret(console->journal.redact, password);
	free(password);
}

static void
console_secrets(struct console *console)
{
	const struct setup *setup = console->options.setup;

	console_secret(console, &setup->params);
	for (size_t i = 0; i < setup->replica_count; i++)
		console_secret(console, &setup->replicas[i].params);
}

static void
console_settings(struct app *app, const struct settings *settings)
{
	app->settings.environment = alloc_copy(settings->environment);
	app->settings.protect = settings->protect;
	app->settings.alembic = alloc_copy(settings->alembic);
	app->settings.backup_dir = alloc_copy(settings->backup_dir);
	app->muted = !settings->bell;
	app->settings.thresholds = settings->thresholds;
	strlist_copy(&app->settings.runbooks, &settings->runbooks);
}

struct console *
console_new(struct loop *loop, const struct console_options *options)
{
	struct console *console = alloc_zeroed(1, sizeof(*console));
	const struct setup *setup = options->setup;
	struct app *app = &console->app;
	struct pg_watch_handler handler = {
		.snapshot = console_snapshot,
		.lost = console_lost,
		.context = console,
	};

	console->options = *options;
	console->loop = loop;
	app_init(app);
	console_settings(app, &setup->settings);
	app->read_only = options->read_only;
	app->interval_us = setup->interval_us;
	app->target = alloc_copy(setup->target);
	app->now_us = clock_now_us();
	journal_init(&console->journal, app);
	console_secrets(console);
	if (options->runbook != NULL)
		strlist_add(&app->runbooks, options->runbook);
	runbook_folders_find(&app->settings.runbooks, &app->runbooks);
	console->tree = tree_follow_new(loop, app, setup);
	struct pg_watch_options watch = setup_watch_options(setup);
	console->watch = pg_watch_new(loop, &watch, &handler);
	table_choice_init(&console->table, app, console->watch, setup);
	lost_revisions_init(&console->lost, app, loop, setup);
	struct runner_options runner = {
		.app = app,
		.journal = &console->journal,
		.loop = loop,
		.watch = console->watch,
		.params = &setup->params,
		.choice = &setup->choice,
	};
	console->runner = runner_new(&runner);
	console->calls = loop_timer_new(loop, console_read_calls, console);
	console->tick = loop_timer_new(loop, console_ticked, console);
	loop_timer_start(console->tick, 1000000, 1000000);
	if (options->runbook != NULL)
		runner_open(console->runner, options->runbook, NULL);
	return console;
}

void
console_free(struct console *console)
{
	if (console == NULL)
		return;
	loop_timer_free(console->tick);
	loop_timer_free(console->calls);
	lost_revisions_free(&console->lost);
	table_choice_free(&console->table);
	tree_follow_free(console->tree);
	pg_watch_end_give_up(console->watch, "the console is gone");
	runner_free(console->runner);
	pg_watch_free(console->watch);
	journal_free(&console->journal);
	alert_log_free(&console->alerts);
	app_free(&console->app);
	free(console->resume);
	free(console->farewell);
	free(console);
}

struct app *
console_app(struct console *console)
{
	return &console->app;
}

/* An incident without an open run is closed; a run stays open to be resumed. */
static void
console_settle_incident(struct console *console)
{
	struct app *app = &console->app;
	bool open = app->run.id != NULL && !app->run.finished && !app->run.aborted;

	if (console->journal.incident == NULL)
		return;
	if (!open) {
		journal_close(&console->journal, "closed: the console was left");
		return;
	}
	free(console->farewell);
	console->farewell =
		alloc_printf("pgrunbook: incident %s is still open; the console "
			     "offers to resume it when it is started on this "
			     "database again",
			app->incident);
	journal_leave(&console->journal);
}

void
console_leave(struct console *console)
{
	if (console->left)
		return;
	console->left = true;
	pg_watch_end_give_up(
		console->watch, "the console was left: the outcome is unknown");
	console_settle_incident(console);
	if (console->options.quit != NULL)
		console->options.quit(console->options.context);
}

static void
console_ask_quit(struct console *console)
{
	struct app *app = &console->app;
	struct ask ask = {
		.purpose = ASK_QUIT,
		.kind = ASK_YES,
		.severe = true,
		.title = alloc_copy("A step is running. Leave the console?"),
	};

	ask_fact(&ask, "step", "%s", app->runbook->steps[app->step_running].title);
	ask_warn(&ask,
		"the step goes on without you until it next writes output, which "
		"ends most commands in the middle; its outcome will be unknown: "
		"S stops it in order");
	app_ask(app, &ask);
}

static void
console_resume(struct console *console)
{
	struct app *app = &console->app;

	/* A note can be written before the question comes up. */
	if (console->journal.incident != NULL)
		app_say(app, true,
			"not resumed: incident %s is open already; start the console "
			"again",
			app->incident);
	else if (journal_resume(&console->journal, console->resume))
		runner_resume(console->runner);
}

/* Nobody goes on with it: the log says so, and no start offers it again. */
static void
console_close_left(struct console *console)
{
	struct app *app = &console->app;

	if (!journal_resume(&console->journal, console->resume))
		return;
	journal_write(&console->journal, EVENT_INCIDENT_RESUMED, ENTRY_INFO, NULL,
		"taken up to be closed");
	if (app->run.id != NULL && !app->run.finished && !app->run.aborted)
		journal_write(&console->journal, EVENT_RUN_ABORTED, ENTRY_WARN, NULL,
			"the run was left open and is not resumed");
	journal_close(&console->journal, "closed without being resumed");
	if (app->incident == NULL)
		app_say(app, false, "closed; pgrunbook log show %s tells what was done",
			console->resume);
}

static void
console_answer(struct console *console, const struct request *request)
{
	switch ((enum ask_purpose)request->number) {
	case ASK_QUIT:
		console_leave(console);
		break;
	case ASK_END_SESSION:
		session_end_all(&console->journal, console->watch, request->text);
		break;
	case ASK_RESUME:
		if (request->choice == 'r')
			console_resume(console);
		else if (request->choice == 'c')
			console_close_left(console);
		break;
	default:
		runner_answer(console->runner, (enum ask_purpose)request->number,
			request->choice);
		break;
	}
}

static void
console_note(struct console *console, const char *text)
{
	struct app *app = &console->app;

	if (app->read_only)
		app_say(app, true, "the console was started with --read-only");
	else if (journal_open(&console->journal, "Notes") &&
		 journal_write(
			 &console->journal, EVENT_NOTE, ENTRY_INFO, NULL, "%s", text))
		app_say(app, false, "noted in %s", app->incident);
}

/* A slice of the scripts' calls: keys are answered between two. */
static void
console_read_calls(void *context)
{
	struct console *console = context;

	if (!script_reading_calls(&console->app, clock_now_us() + CALLS_SLICE_US))
		loop_timer_stop(console->calls);
}

static void
console_request(struct console *console, const struct request *request)
{
	struct app *app = &console->app;
	struct runner *runner = console->runner;

	switch (request->kind) {
	case REQUEST_QUIT:
		if (app->step_running >= 0)
			console_ask_quit(console);
		else
			console_leave(console);
		break;
	case REQUEST_REFRESH:
		lost_revisions_again(&console->lost);
		tree_follow_read(console->tree);
		app_sessions_again(app);
		pg_watch_retry_now(console->watch);
		pg_watch_look_anew(console->watch);
		break;
	case REQUEST_REDRAW:
		if (console->options.redraw != NULL)
			console->options.redraw(console->options.context);
		break;
	case REQUEST_INTERVAL:
		pg_watch_set_interval(console->watch, request->number);
		break;
	case REQUEST_NOTE:
		console_note(console, request->text);
		break;
	case REQUEST_OPEN_RUNBOOK:
		runner_open(runner, request->text, request->value);
		break;
	case REQUEST_DO_STEP:
		runner_do_step(runner, (int)request->number);
		break;
	case REQUEST_EDIT:
		runner_edit(runner, (int)request->number);
		break;
	case REQUEST_ANSWER:
		console_answer(console, request);
		break;
	case REQUEST_DECLINE:
		runner_decline(runner, (enum ask_purpose)request->number);
		break;
	case REQUEST_SKIP:
		runner_skip(runner, (int)request->number, request->text);
		break;
	case REQUEST_STOP:
		runner_stop(runner);
		break;
	case REQUEST_ABORT:
		runner_abort(runner, request->text);
		break;
	case REQUEST_INPUT:
		runner_input(runner, request->value);
		break;
	case REQUEST_CALLS:
		loop_timer_start(console->calls, 0, CALLS_PAUSE_US);
		break;
	case REQUEST_HELD:
		pg_watch_ask_locks(console->watch, app->sessions_view.held_key);
		break;
	case REQUEST_OPERATIONS:
		script_reading_file(app);
		break;
	case REQUEST_MIGRATION:
		pg_watch_set_chosen(console->watch,
			console->app.migrations.chosen.items,
			console->app.migrations.chosen.count);
		break;
	case REQUEST_TABLE:
		table_choice_take(&console->table, request->text);
		break;
	case REQUEST_LOG_ANSWER:
		runner_log_answer(runner, request->text);
		break;
	}
}

void
console_work(struct console *console)
{
	struct app *app = &console->app;

	/* Carrying one out may ask for another. */
	for (size_t i = 0; i < app->request_count; i++) {
		struct request request = app->requests[i];

		app->requests[i] = (struct request){ 0 };
		if (!console->left)
			console_request(console, &request);
		request_free(&request);
	}
	app->request_count = 0;
	pg_watch_leave_out(console->watch, app_unseen_parts(app));
	if (!console->left)
		alert_log_follow(&console->alerts, app, &console->journal);
}

char *
console_farewell(const struct console *console)
{
	return alloc_copy(console->farewell);
}
