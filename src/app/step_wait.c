/* wait replicas: until every replica has replayed what was written before the step. */
#include <stdlib.h>

#include "pgrunbook/app/evidence.h"
#include "pgrunbook/app/runner_parts.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/drive/clock.h"

/* Why this replica isn't there yet; NULL: it is.  The caller owns it. */
static char *
wait_behind(const struct runner *runner, const struct snapshot *snapshot,
	const struct replica *replica)
{
	int64_t allowed = runner_step(runner)->action.lag_us;
	char bytes[BYTES_TEXT];

	/* Backups and subscribers are none of those that the step speaks of. */
	if (replica->kind != REPLICA_STANDBY)
		return NULL;
	if (replica->problem != NULL || replica->cause == REPLICA_DISCONNECTED)
		return alloc_printf("%s: %s", replica->name,
			replica->problem != NULL ? replica->problem
						 : replica_cause_words(replica->cause));
	if (replica->version_rows_read &&
		!strlist_equal(&replica->version_rows, &snapshot->version.rows))
		return alloc_printf("%s has another revision still", replica->name);
	if (replica->replayed_lsn == 0)
		return alloc_printf("%s: how far it is isn't known", replica->name);
	if (replica->replayed_lsn >= runner->wait_lsn)
		return NULL;
	if (allowed >= 0 && replica->lag_us >= 0 && replica->lag_us < allowed &&
		replica->lag_time != LAG_TIME_AT_LEAST && replica->version_rows_read)
		return NULL;
	return alloc_printf("%s is %s behind (%s)", replica->name,
		bytes_format(replica->lag_bytes, bytes),
		replica_cause_words(replica->cause));
}

void
step_wait_look(struct runner *runner)
{
	struct app *app = runner->app;
	const struct snapshot *snapshot = app->latest ? app->latest : app->snapshot;
	const struct replication *replication = &snapshot->replication;
	char *behind = NULL;

	if (replication->problem != NULL)
		behind = alloc_copy(replication->problem);
	for (size_t i = 0; i < replication->count && behind == NULL; i++)
		behind = wait_behind(runner, snapshot, &replication->items[i]);
	if (runner->stopping) {
		step_fail(runner, NULL, "stopped while waiting: %s",
			behind == NULL ? "all are there" : behind);
	} else if (behind == NULL && snapshot->taken_us >= app->step_started_us) {
		if (replication->count == 0)
			step_succeed(runner, NULL,
				"no replica is known: nothing to wait for");
		else
			step_succeed(runner, NULL, "all replicas have it: %zu",
				replication->count);
	} else if (app->now_us > runner->wait_until_us) {
		step_fail(runner, NULL, "not within the time allowed: %s",
			behind == NULL ? "no fresh data" : behind);
	} else {
		step_set_phase(runner, RUNNER_RUNNING,
			behind == NULL ? "waiting for fresh data" : behind);
	}
	free(behind);
}

static void
wait_position(struct runner *runner, const struct pg_answer *answer)
{
	if (answer->error != NULL) {
		step_fail(runner, NULL, "the position to wait for can't be read: %s",
			answer->error);
		return;
	}
	const char *position = pg_result_text(answer->results[0], 0, 0);
	if (position == NULL || !replication_parse_lsn(position, &runner->wait_lsn)) {
		step_fail(runner, NULL, "the server gave no position to wait for");
		return;
	}
	runner->wait_until_us = clock_now_us() + runner_step(runner)->action.within_us;
	pg_watch_refresh(runner->watch);
}

void
step_wait_begin(struct runner *runner)
{
	struct error error = { 0 };

	if (!step_started(runner))
		return;
	if (!runner_query(runner,
		    "SELECT CASE WHEN pg_is_in_recovery() THEN "
		    "pg_last_wal_receive_lsn() "
		    "ELSE pg_current_wal_lsn() END",
		    NULL, 0, wait_position, &error)) {
		step_fail(runner, NULL, "no connection: %s", error.message);
		error_clear(&error);
	}
}
