/*
 * What the runner asks over its own session.  One question at a time; the answer is for
 * the step that asked it and for no other: whoever has dropped that step hears nothing.
 */
#include <stdlib.h>

#include "pgrunbook/app/runner_parts.h"
#include "pgrunbook/drive/clock.h"

static void
runner_query_answered(void *context, const struct pg_answer *answer)
{
	struct runner *runner = context;

	if (runner->query_ticket != runner->ticket) {
		/* The lock for runs may have come too late for whoever wanted it. */
		if (!runner->guarded)
			runner_unguard(runner);
		return;
	}
	runner->app->now_us = clock_now_us();
	runner->query_answered(runner, answer);
}

bool
runner_query(struct runner *runner, const char *sql, const char *const *parameters,
	size_t count,
	void (*answered)(struct runner *runner, const struct pg_answer *answer),
	struct error *error)
{
	if (pg_state(runner->pg) == PG_BUSY)
		return error_set(error,
			"the run's own session still waits for an earlier answer");
	if (pg_state(runner->pg) != PG_READY)
		return error_set(error, "%s",
			runner->pg_problem == NULL ? "the run's own session is down"
						   : runner->pg_problem);
	if (!pg_query(runner->pg, sql, parameters, count, runner_query_answered, runner,
		    error))
		return false;
	runner->query_ticket = runner->ticket;
	runner->query_answered = answered;
	return true;
}

static void
runner_guarded(struct runner *runner, const struct pg_answer *answer)
{
	int step = runner->step;

	runner->phase = RUNNER_IDLE;
	if (answer->error != NULL) {
		step_drop(runner, true, "the database's lock for runs can't be had: %s",
			answer->error);
		return;
	}
	if (!pg_result_bool(answer->results[0], 0, 0)) {
		step_drop(runner, true,
			"another console runs a runbook on this database "
			"(pid %s there): one at a time",
			pg_result_text(answer->results[0], 0, 1)
				? pg_result_text(answer->results[0], 0, 1)
				: "unknown");
		return;
	}
	runner->guarded = true;
	char *reason = runner->skip_reason;
	runner->skip_reason = NULL;
	if (reason == NULL)
		runner_do_step(runner, step);
	else
		runner_skip(runner, step, reason);
	free(reason);
}

/* The key is "pgrunbk" in ASCII; such a lock belongs to the database it is taken in. */
static const char guard_sql[] =
	"SELECT pg_try_advisory_lock(key) AS taken, "
	"(SELECT string_agg(pid::text, ', ') FROM pg_locks WHERE locktype = 'advisory' "
	"AND database = (SELECT oid FROM pg_database "
	"WHERE datname = current_database()) "
	"AND (classid::bigint << 32 | objid::bigint) = key AND objsubid = 1 "
	"AND pid <> pg_backend_pid()) AS holder "
	"FROM (VALUES (31638938685694571)) AS lock (key)";

/* One run at a time per database: polled, never waited for. */
void
runner_guard(struct runner *runner)
{
	struct error error = { 0 };

	/* It comes up a moment after the screen's: an early Enter is not refused. */
	if (pg_state(runner->pg) != PG_READY && runner->pg_problem == NULL) {
		step_set_phase(runner, RUNNER_CONNECTING, "connecting for the run");
		return;
	}
	if (!runner_query(runner, guard_sql, NULL, 0, runner_guarded, &error)) {
		step_drop(runner, true, "no connection for the run yet: %s",
			error.message);
		error_clear(&error);
		return;
	}
	step_set_phase(
		runner, RUNNER_GUARDING, "taking the lock for runs on this database");
}

void
runner_unguard(struct runner *runner)
{
	struct error unused = { 0 };

	runner->guarded = false;
	/* A session that isn't there holds no lock. */
	pg_query(runner->pg, "SELECT pg_advisory_unlock_all()", NULL, 0, NULL, NULL,
		&unused);
	error_clear(&unused);
}
