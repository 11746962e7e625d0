/* Runs a step's command as a child: its output on screen, in its file and in the log.
 */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/evidence.h"
#include "pgrunbook/app/runner_parts.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/clock.h"

enum { COLLECT_BYTES = 1 << 20 }; /* of `alembic current`, which says a few lines */

struct child_run {
	struct runner *runner;
	void (*ended)(struct runner *runner, const struct child_exit *exit);
};

char *
argv_words(const struct strlist *argv)
{
	struct str out = { 0 };

	for (size_t i = 0; i < argv->count; i++) {
		const char *word = argv->items[i];
		static const char plain[] =
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			"0123456789@%+=:,./_-";

		if (i != 0)
			str_add_char(&out, ' ');
		if (*word != '\0' && word[strspn(word, plain)] == '\0') {
			str_add(&out, word);
			continue;
		}
		str_add_char(&out, '\'');
		for (; *word != '\0'; word++) {
			if (*word == '\'')
				str_add(&out, "'\\''");
			else
				str_add_char(&out, *word);
		}
		str_add_char(&out, '\'');
	}
	return str_take(&out);
}

char *
child_exit_words(const struct child_exit *exit)
{
	return exit->signal != 0
		       ? alloc_printf("killed by SIG%s", sigabbrev_np(exit->signal))
		       : alloc_printf("exit status %d", exit->status);
}

json_t *
step_child_attributes(const struct runner *runner, const struct child_exit *exit)
{
	json_t *attributes = json_object();

	if (exit->signal != 0)
		json_object_set_new(
			attributes, "process.signal", json_integer(exit->signal));
	else
		json_object_set_new(
			attributes, "process.exit.code", json_integer(exit->status));
	json_object_update(attributes, runner->output_attributes);
	return attributes;
}

static void
child_output(void *context, const char *bytes, size_t length)
{
	struct child_run *run = context;
	struct runner *runner = run->runner;
	struct str shown = { 0 };

	if (runner->phase == RUNNER_PROVING && runner->collected.length < COLLECT_BYTES)
		str_add_bytes(&runner->collected, bytes, length);
	if (runner->transcript != NULL)
		transcript_add(runner->transcript, bytes, length, &shown);
	else
		redact_text(runner->journal->redact, bytes, length, &shown);
	output_add(&runner->app->output, str_text(&shown), shown.length);
	str_free(&shown);
}

/* What the log says of the output; also ends the screen's copy of it. */
static void
child_close_transcript(struct runner *runner)
{
	struct transcript_end end;
	struct str rest = { 0 };

	json_decref(runner->output_attributes);
	runner->output_attributes = json_object();
	if (runner->transcript == NULL)
		return;
	transcript_end(runner->transcript, &end, &rest);
	runner->transcript = NULL;
	output_add(&runner->app->output, str_text(&rest), rest.length);
	str_free(&rest);
	json_t *attributes = runner->output_attributes;
	json_object_set_new(attributes, "output.path", evidence_text(end.path));
	json_object_set_new(attributes, "output.sha256", json_string(end.sha256));
	json_object_set_new(attributes, "output.bytes", json_integer(end.bytes));
	json_object_set_new(
		attributes, "output.truncated", json_boolean(end.truncated));
	json_object_set_new(
		attributes, "redactions", json_integer((json_int_t)end.redactions));
	free(end.path);
}

static void
child_ended(void *context, const struct child_exit *exit)
{
	struct child_run *run = context;
	struct runner *runner = run->runner;
	void (*ended)(struct runner *, const struct child_exit *) = run->ended;
	struct child_exit copy = *exit;

	runner->app->now_us = clock_now_us();
	child_close_transcript(runner);
	output_end(&runner->app->output);
	child_free(runner->child);
	runner->child = NULL;
	pg_watch_set_child(runner->watch, 0);
	free(run);
	runner->child_run = NULL;
	ended(runner, &copy);
}

/* Of several hosts the command gets the one that was read back, not a choice. */
static void
step_pin_host(const struct runner *runner, struct strlist *environment)
{
	char *hosts = pg_params_value(&runner->params, "host");
	const char *host = pg_host(runner->pg);

	if (hosts != NULL && strchr(hosts, ',') != NULL && *host != '\0') {
		strlist_add_owned(environment, alloc_printf("PGHOST=%s", host));
		strlist_add_owned(
			environment, alloc_printf("PGPORT=%s", pg_port(runner->pg)));
		strlist_add(environment, "PGHOSTADDR");
	}
	free(hosts);
}

void
step_environment(struct runner *runner, struct strlist *environment)
{
	char *application = runner_application(runner);

	pg_params_environment(&runner->params, environment);
	step_pin_host(runner, environment);
	strlist_add_owned(environment, alloc_printf("PGAPPNAME=%s", application));
	free(application);
}

bool
step_child(struct runner *runner,
	void (*ended)(struct runner *runner, const struct child_exit *exit))
{
	struct error error = { 0 };
	struct strlist environment = { 0 };
	struct child_run *run = alloc_zeroed(1, sizeof(*run));
	struct child_handler handler = {
		.output = child_output,
		.ended = child_ended,
		.context = run,
	};

	*run = (struct child_run){ runner, ended };
	/* Looking on is not worth a file; what changes something is. */
	if (runner->phase == RUNNER_RUNNING) {
		runner->transcript = transcript_new(
			runner->journal->incident, runner->journal->redact, &error);
		if (runner->transcript == NULL) {
			free(run);
			step_fail(runner, NULL,
				"not started: its output can't be kept: %s",
				error.message);
			error_clear(&error);
			return false;
		}
	}
	step_environment(runner, &environment);
	runner->child = child_start(
		runner->loop, &runner->argv, &environment, NULL, &handler, &error);
	strlist_free(&environment);
	if (runner->child == NULL) {
		child_close_transcript(runner);
		free(run);
		step_fail(runner, NULL, "%s", error.message);
		error_clear(&error);
		return false;
	}
	runner->child_run = run;
	if (runner->phase == RUNNER_RUNNING)
		pg_watch_set_child(runner->watch, child_pid(runner->child));
	return true;
}
