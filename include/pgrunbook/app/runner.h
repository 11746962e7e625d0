/*
 * The runner carries out a runbook's steps, one at a time, and writes each of them down
 * before it starts.  What was done lives in the incident log alone (app->run is its
 * fold); the runner only knows what is under way.
 */
#ifndef PGRUNBOOK_APP_RUNNER_H
#define PGRUNBOOK_APP_RUNNER_H

#include <stdbool.h>

#include "pgrunbook/app/alembic_command.h"
#include "pgrunbook/app/app.h"
#include "pgrunbook/app/journal.h"
#include "pgrunbook/drive/loop.h"
#include "pgrunbook/drive/pg_params.h"
#include "pgrunbook/drive/pg_watch.h"

struct runner;

struct runner_options {
	struct app *app;
	struct journal *journal;
	struct loop *loop;
	struct pg_watch *watch;
	const struct pg_params *params;
	const struct alembic_choice *choice; /* of the tree on screen */
};

/* Copies what it needs; the pointers must outlive it. */
struct runner *runner_new(const struct runner_options *options);
void runner_free(struct runner *runner);

/* Shows a runbook; nothing is written before its first step.  `target` may be NULL. */
void runner_open(struct runner *runner, const char *path, const char *target);

/* After the journal took up an incident again: loads its runbook. */
void runner_resume(struct runner *runner);

/* The requests of the app that are about steps. */
void runner_do_step(struct runner *runner, int step);
/* Begins a step by asking for its values again, such as its target. */
void runner_edit(struct runner *runner, int step);
void runner_input(struct runner *runner, const char *value);
void runner_log_answer(struct runner *runner, const char *text);
void runner_answer(struct runner *runner, enum ask_purpose purpose, char choice);
void runner_decline(struct runner *runner, enum ask_purpose purpose);
void runner_skip(struct runner *runner, int step, const char *reason);
void runner_stop(struct runner *runner);
void runner_abort(struct runner *runner, const char *reason);

/* The server answers the watch: the run's own session may connect, which it leaves to
 * the watch else: an account is not to be locked by two that try a wrong password. */
void runner_reachable(struct runner *runner);
/* A new snapshot came: waits look at it. */
void runner_snapshot(struct runner *runner);

#endif
