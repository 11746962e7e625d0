#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/child_ports.h"
#include "src/drive/pg_watch_parts.h"

/* Where it is said that a query couldn't be asked. */
static char **
watch_problem_of(struct snapshot *snapshot, enum pg_query_id id)
{
	struct replication *replication = &snapshot->replication;

	switch (id) {
	case PG_QUERY_SENDERS:
	case PG_QUERY_WAL:
		return &replication->problem;
	case PG_QUERY_SLOTS:
		return &replication->slots_problem;
	case PG_QUERY_SUBSCRIBED:
	case PG_QUERY_SUBSCRIPTIONS:
		return &replication->subscriptions_problem;
	case PG_QUERY_STANDBY:
	case PG_QUERY_RECEIVER:
	case PG_QUERY_CONFLICTS:
		return NULL; /* the standby's own item says it */
	case PG_QUERY_SESSIONS:
		return &snapshot->problems[SNAPSHOT_OF_SESSIONS];
	case PG_QUERY_LOCKS:
	case PG_QUERY_PREPARED:
	case PG_QUERY_WRITES:
		return &snapshot->problems[SNAPSHOT_OF_LOCKS];
	case PG_QUERY_VITALS:
		return &snapshot->problems[SNAPSHOT_OF_VITALS];
	case PG_QUERY_TABLES:
	case PG_QUERY_TABLE:
	case PG_QUERY_ROWS:
		return &snapshot->problems[SNAPSHOT_OF_TABLES];
	default:
		return id >= PG_QUERY_PROGRESS && id <= PG_QUERY_PROGRESS_BACKUP
			       ? &snapshot->progress.problem
			       : &snapshot->problems[SNAPSHOT_OF_SERVER];
	}
}

/* What couldn't be read, panel by panel. */
static void
watch_fill_problems(struct pg_watch *watch, struct snapshot *snapshot)
{
	const struct watch_rights *rights = &watch->rights;
	struct replication *replication = &snapshot->replication;

	for (size_t i = 0; i < PG_QUERY_COUNT; i++) {
		const char *why = watch_skips_why(&watch->skips, (enum pg_query_id)i);
		char **to =
			why ? watch_problem_of(snapshot, (enum pg_query_id)i) : NULL;

		if (to && !*to)
			*to = alloc_copy(why);
	}
	watch_say_unavailable(
		rights->senders, "pg_stat_get_wal_senders()", &replication->problem);
	watch_say_unavailable(
		rights->slots, "pg_replication_slots", &replication->slots_problem);
	watch_say_unavailable(rights->subscriptions, "pg_stat_subscription",
		&replication->subscriptions_problem);
}

/* The server itself, where it is a standby. */
static void
watch_fill_self(struct pg_watch *watch, struct snapshot *snapshot)
{
	struct standby *own = &watch->poll.own;
	struct replica *self;

	if (snapshot->server.role != SERVER_STANDBY)
		return;
	watch_standby_problems(own, &watch->rights, &watch->skips);
	self = replication_add(&snapshot->replication,
		own->cluster_name ? own->cluster_name : "this standby");
	self->self = self->direct = true;
	self->own = *own;
	*own = (struct standby){ 0 };
}

/* Where the WAL that all others are held against is. */
static void
watch_keep_clock(struct pg_watch *watch, const struct snapshot *snapshot)
{
	const struct replication *replication = &snapshot->replication;
	uint64_t end = replication->current_lsn;

	if (snapshot->server.role == SERVER_STANDBY &&
		watch->poll.own.upstream_lsn > end)
		end = watch->poll.own.upstream_lsn;
	wal_clock_note(&watch->wal_clock, end, snapshot->server_now_us);
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

/*
 * What the command connected to is looked for while it runs and no session has the name
 * that it was given: env.py may have set another one.
 */
static void
watch_mark_migration(struct pg_watch *watch, struct snapshot *snapshot)
{
	struct session_marks marks = { .application = watch->step,
		.chosen = watch->chosen,
		.chosen_count = watch->chosen_count };
	struct session_port *ports = NULL;

	session_mark_migration(&snapshot->sessions, &marks);
	for (size_t i = 0; i < snapshot->sessions.count; i++) {
		if (snapshot->sessions.items[i].mark == SESSION_MARK_STEP)
			return;
	}
	if (watch->child == 0)
		return;
	marks.port_count = child_ports(watch->child, pg_port_number(watch->pg), &ports);
	marks.ports = ports;
	session_mark_migration(&snapshot->sessions, &marks);
	free(ports);
}

void
watch_finish(struct pg_watch *watch)
{
	struct snapshot *snapshot = watch->poll.snapshot;

	loop_timer_stop(watch->silent);
	watch_mark_own(watch, snapshot);
	watch_mark_waiting(watch, snapshot);
	watch_mark_migration(watch, snapshot);
	session_sort(&snapshot->sessions, snapshot->server_now_us);
	snapshot->locks_unread = watch_skips_why(&watch->skips, PG_QUERY_LOCKS) != NULL;
	snapshot->locks = lock_forest_new(&watch->poll.waits, &snapshot->sessions);
	progress_list_settle(&snapshot->progress, &snapshot->sessions);
	progress_history_take(
		&watch->progress, &snapshot->progress, snapshot->server_now_us);
	watch_keep_clock(watch, snapshot);
	watch_fill_self(watch, snapshot);
	for (size_t i = 0; i < watch->replica_count; i++)
		watch_replica_fill(&watch->replicas[i], snapshot);
	watch_fill_problems(watch, snapshot);
	watch_keep_pace(watch, snapshot);
	replication_count_waiting(&snapshot->replication, &snapshot->sessions,
		snapshot->server.monitor, snapshot->server_now_us);
	replication_settle(
		&snapshot->replication, &watch->wal_clock, snapshot->server_now_us);
	watch_table_took(watch);
	watch_table_fill(watch, &snapshot->version);

	free(watch->seen.items);
	watch->seen = watch->poll.seen;
	watch->poll.seen = (struct watch_seen_list){ 0 };
	watch->poll.snapshot = NULL;
	watch_poll_free(&watch->poll);
	free(watch->problem);
	watch->problem = NULL;
	watch->patience_us = watch->first_patience_us;
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
