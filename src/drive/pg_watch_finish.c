#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "src/drive/pg_watch_parts.h"

/* What couldn't be read, panel by panel. */
static void
watch_fill_problems(struct pg_watch *watch, struct snapshot *snapshot)
{
	for (size_t i = 0; i < PG_QUERY_COUNT; i++) {
		char **to = i == PG_QUERY_SENDERS || i == PG_QUERY_WAL
				    ? &snapshot->replication.problem
			    : i >= PG_QUERY_PROGRESS && i <= PG_QUERY_PROGRESS_BACKUP
				    ? &snapshot->progress.problem
				    : &snapshot->problem;

		if (!watch->skip[i] || !watch->skip_why[i] || *to)
			continue;
		*to = alloc_copy(watch->skip_why[i]);
	}
}

static void
watch_mark_own(struct pg_watch *watch, struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->sessions.count; i++) {
		struct session *session = &snapshot->sessions.items[i];

		session->own =
			session->pid == pg_backend_pid(watch->pg) ||
			(session->application &&
				strcmp(session->application, watch_application) == 0);
	}
}

static int
watch_compare_pids(const void *left, const void *right)
{
	const int *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static void
watch_mark_waiting(struct pg_watch *watch, struct snapshot *snapshot)
{
	const struct lock_wait_list *waits = &watch->poll.waits;
	int *pids = alloc_zeroed(waits->count + 1, sizeof(*pids));

	for (size_t i = 0; i < waits->count; i++)
		pids[i] = waits->waits[i].pid;
	qsort(pids, waits->count, sizeof(*pids), watch_compare_pids);
	for (size_t i = 0; i < snapshot->sessions.count; i++) {
		struct session *session = &snapshot->sessions.items[i];

		session->waiting = bsearch(&session->pid, pids, waits->count,
					   sizeof(*pids), watch_compare_pids) != NULL;
	}
	free(pids);
}

/* Of a server that hung for a while it is known; only what it takes now counts. */
static void
watch_keep_pace(struct pg_watch *watch, struct snapshot *snapshot)
{
	if (watch->problem)
		pace_forget(&watch->pace);
	else
		pace_took(&watch->pace, watch->poll.took_us);
	snapshot->every_us = watch->pace.every_us;
	snapshot->slow = watch->pace.every_us > watch->pace.asked_us;
}

void
watch_finish(struct pg_watch *watch)
{
	struct snapshot *snapshot = watch->poll.snapshot;

	loop_timer_stop(watch->silent);
	watch_mark_own(watch, snapshot);
	watch_mark_waiting(watch, snapshot);
	session_mark_migration(&snapshot->sessions, watch->step);
	session_sort(&snapshot->sessions, snapshot->server_now_us);
	snapshot->locks = lock_forest_new(&watch->poll.waits, &snapshot->sessions);
	progress_list_settle(&snapshot->progress, &snapshot->sessions);
	progress_history_take(
		&watch->progress, &snapshot->progress, snapshot->server_now_us);
	for (size_t i = 0; i < watch->replica_count; i++)
		watch_replica_fill(&watch->replicas[i], snapshot);
	for (size_t i = 0; i < snapshot->replication.count; i++)
		replica_judge(&snapshot->replication.items[i],
			snapshot->replication.current_lsn);
	replication_sort(&snapshot->replication);
	watch_table_fill(watch, &snapshot->version);
	watch_fill_problems(watch, snapshot);
	watch_keep_pace(watch, snapshot);

	free(watch->seen.items);
	watch->seen = watch->poll.seen;
	watch->poll.seen = (struct watch_seen_list){ 0 };
	watch->poll.snapshot = NULL;
	watch_poll_free(&watch->poll);
	free(watch->problem);
	watch->problem = NULL;
	watch_end_check(watch, snapshot);
	if (watch->freed) {
		snapshot_free(snapshot);
		return;
	}
	watch_schedule(watch);
	if (watch->handler.snapshot)
		watch->handler.snapshot(watch->handler.context, snapshot);
	else
		snapshot_free(snapshot);
}
