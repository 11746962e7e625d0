#include "pgrunbook/app/command_look.h"

#include <signal.h>
#include <stdlib.h>

#include "pgrunbook/app/command_tree.h"
#include "pgrunbook/app/evidence.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/drive/loop.h"
#include "pgrunbook/drive/pg_watch.h"

enum {
	LOOK_TIMEOUT_US = 15000000,
	/* For what a first look lacks: it is asked for that often, that many times. */
	LOOK_AGAIN_US = 100000,
	LOOK_AGAIN = 30
};

/* A command at work. */
struct look_run {
	const struct look *look;
	const struct setup *setup;
	const struct look_way *way;
	void *kept; /* by the command */
	struct loop *loop;
	struct loop_timer *timer; /* of a single look's patience with the server */
	struct str out, complaints;
	size_t answers;
	int incomplete; /* looks that were not the last */
	int status;	/* of the latest */
};

void
look_line(struct str *out, int indent, const char *text)
{
	char *clean = text_sanitized(text);

	str_printf(out, "%*s%s\n", indent, "", clean);
	free(clean);
}

static void
look_print(struct look_run *run)
{
	if (!run->way->print(run->way->context, &run->out, &run->complaints) ||
		!run->way->watch)
		loop_stop(run->loop);
}

static void
look_complain(struct look_run *run, const char *message)
{
	struct error error = { 0 };

	error_set(&error, "%s", message);
	setup_name_target(run->setup, &error);
	command_complain(&run->complaints, &error);
}

/* A line of JSON says when: an object by one more key, a list as a member of one. */
static json_t *
look_timed(const struct look_run *run, const struct snapshot *snapshot, json_t *value)
{
	char at[INSTANT_TEXT];
	json_t *timed = json_object();

	json_object_set_new(
		timed, "at", json_string(instant_format(snapshot->taken_us, at)));
	if (json_is_object(value))
		json_object_update(timed, value);
	else
		json_object_set(timed, run->look->list, value);
	json_decref(value);
	return timed;
}

static void
look_answer(struct look_run *run, struct snapshot *snapshot)
{
	bool watch = run->way->watch;
	json_t *value = NULL;
	char at[INSTANT_TEXT];

	if (watch && !run->way->json)
		str_printf(&run->out, "%s%s\n", run->answers == 0 ? "" : "\n",
			instant_format(snapshot->taken_us, at));
	run->status = run->look->answer(
		run->kept, snapshot, run->way->json ? &value : NULL, &run->out);
	if (value != NULL && watch)
		evidence_print_line(look_timed(run, snapshot, value), &run->out);
	else if (value != NULL)
		evidence_print(value, &run->out);
	for (unsigned i = 0; i < SNAPSHOT_SOURCES; i++) {
		if ((run->look->tells & 1U << i) && snapshot->problems[i] != NULL)
			look_complain(run, snapshot->problems[i]);
	}
	run->answers++;
}

/* Whether a single look has to go on. */
static bool
look_lacks(struct look_run *run, const struct snapshot *snapshot)
{
	const struct look *look = run->look;

	if (run->way->watch)
		return false;
	if (look->complete != NULL && !look->complete(snapshot) &&
		run->incomplete++ < LOOK_AGAIN)
		return true;
	return look->settled != NULL && !look->settled(run->kept, snapshot);
}

static void
look_on_snapshot(void *context, struct snapshot *snapshot)
{
	struct look_run *run = context;

	if (look_lacks(run, snapshot)) {
		snapshot_free(snapshot);
		loop_timer_start(run->timer, LOOK_TIMEOUT_US, 0);
		return;
	}
	look_answer(run, snapshot);
	snapshot_free(snapshot);
	look_print(run);
}

static void
look_on_lost(void *context, const char *message)
{
	struct look_run *run = context;

	look_complain(run, message);
	look_print(run);
}

static void
look_on_timeout(void *context)
{
	look_on_lost(context, "no answer from the server within 15 seconds");
}

static void
look_on_signal(void *context, int number)
{
	struct look_run *run = context;

	(void)number;
	loop_stop(run->loop);
}

static void
look_on_pipe(void *context, int events)
{
	struct look_run *run = context;

	(void)events;
	run->way->broken(run->way->context);
	loop_stop(run->loop);
}

static void
look_run(struct look_run *run)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	enum { SIGNALS = sizeof(numbers) / sizeof(numbers[0]) };
	struct pg_watch_handler handler = { look_on_snapshot, look_on_lost, run };
	struct pg_watch_options options = setup_watch_options(run->setup);
	struct loop_signal *signals[SIGNALS] = { NULL };
	struct loop_descriptor *pipe = NULL;
	struct pg_watch *watch;

	run->timer = loop_timer_new(run->loop, look_on_timeout, run);
	if (!run->way->watch)
		options.interval_us = LOOK_AGAIN_US;
	watch = pg_watch_new(run->loop, &options, &handler);
	pg_watch_leave_out(watch, run->look->without);
	for (int i = 0; run->way->watch && i < SIGNALS; i++)
		signals[i] =
			loop_signal_new(run->loop, numbers[i], look_on_signal, run);
	if (run->way->watch && run->way->pipe >= 0)
		pipe = loop_descriptor_new(
			run->loop, run->way->pipe, look_on_pipe, run);
	if (pipe != NULL) /* nothing can be read from this end, but that it broke */
		loop_descriptor_set(pipe, LOOP_READABLE);
	if (!run->way->watch)
		loop_timer_start(run->timer, LOOK_TIMEOUT_US, 0);
	loop_run(run->loop);
	loop_descriptor_free(pipe);
	for (int i = 0; i < SIGNALS; i++)
		loop_signal_free(signals[i]);
	loop_timer_free(run->timer);
	pg_watch_free(watch);
}

int
command_look(
	const struct look *look, const struct setup *setup, const struct look_way *way)
{
	struct look_run run = { .look = look, .setup = setup, .way = way };
	int status = 2;

	if (look->open == NULL || look->open(setup, &run.kept, &run.complaints)) {
		run.loop = loop_new();
		look_run(&run);
		loop_free(run.loop);
		if (run.answers != 0)
			status = way->watch ? 0 : run.status;
	} else {
		way->print(way->context, &run.out, &run.complaints);
	}
	if (look->close != NULL)
		look->close(run.kept);
	str_free(&run.out);
	str_free(&run.complaints);
	return status;
}
