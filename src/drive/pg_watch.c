#include "pgrunbook/drive/pg_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/clock.h"
#include "src/drive/pg_watch_parts.h"

enum {
	PATIENCE_US = 30 * 1000 * 1000, /* with a silent server, as a rule */
	ENDING_US = 100 * 1000		/* between polls while a session is to go */
};

const char watch_application[] = "pgrunbook";

void
watch_poll_free(struct watch_poll *poll)
{
	snapshot_free(poll->snapshot);
	lock_wait_list_free(&poll->waits);
	standby_free(&poll->own);
	free(poll->seen.items);
	free(poll->writers);
	strlist_free(&poll->locked);
	*poll = (struct watch_poll){ 0 };
}

static void
watch_destroy(struct pg_watch *watch)
{
	watch_poll_free(&watch->poll);
	watch_table_free(&watch->table);
	watch_end_free(watch);
	watch_skips_clear(&watch->skips);
	watch_plans_clear(&watch->plans);
	free(watch->system_identifier);
	str_free(&watch->batch.sql);
	free(watch->seen.items);
	progress_history_free(&watch->progress);
	free(watch->rights.database_oid);
	free(watch->replicas);
	free(watch->step);
	free(watch->chosen);
	free(watch->problem);
	free(watch);
}

void
watch_enter(struct pg_watch *watch)
{
	watch->inside++;
}

void
watch_leave(struct pg_watch *watch)
{
	if (--watch->inside == 0 && watch->freed)
		watch_destroy(watch);
}

void
watch_report(struct pg_watch *watch, const char *message)
{
	bool first = !watch->problem;
	char *copy = alloc_copy(message);

	free(watch->problem);
	watch->problem = copy;
	if (first && !watch->freed && watch->handler.lost)
		watch->handler.lost(watch->handler.context, message);
}

/* Sends and starts to listen; false if it can't be sent. */
static bool
watch_send(struct pg_watch *watch, const char *sql,
	void (*answered)(void *context, const struct pg_answer *answer),
	enum watch_state state)
{
	enum watch_state before = watch->state;
	struct error error = { 0 };

	watch->sent_us = clock_now_us();
	watch->state = state;
	watch_listen(watch);
	if (pg_query(watch->pg, sql, NULL, 0, answered, watch, &error))
		return true;
	watch->state = before;
	loop_timer_stop(watch->silent);
	watch_report(watch, error.message);
	error_clear(&error);
	return false;
}

void
watch_schedule(struct pg_watch *watch)
{
	int64_t spent = (clock_monotonic_ns() - watch->started_ns) / 1000;
	int64_t delay = pace_rest(&watch->pace, spent);

	watch->state = WATCH_IDLE;
	if (watch_end_pending(watch) && delay > ENDING_US)
		delay = ENDING_US;
	if (watch->refresh)
		delay = 0;
	loop_timer_start(watch->next, delay, 0);
}

static void
watch_on_rows(void *context, const struct pg_answer *answer)
{
	struct pg_watch *watch = context;
	size_t at = 0;

	if (answer->lost)
		return; /* watch_on_lost follows */
	watch_enter(watch);
	watch_plans_note(&watch->plans, &watch->batch, answer);
	for (; at < answer->count && at < watch->batch.count; at++) {
		enum pg_query_id id = watch_batch_query(&watch->batch, at);

		if (id == PG_QUERY_WRITES)
			watch_read_writes(watch, answer->results[at]);
		else
			watch_read_progress(watch, id, answer->results[at]);
	}
	/* The rows come last, so that their failure costs nothing else. */
	if (at < answer->count) {
		watch_read_rows(watch, answer->results[at]);
	} else if (answer->error && at == watch->batch.count) {
		watch_skips_rows(&watch->skips, answer);
		watch->table.looked_ns = 0; /* the table may be another one by now */
	} else if (answer->error && !watch_plans_lost(&watch->plans, answer)) {
		watch_skips_add(&watch->skips, watch->batch.statements[at].id, answer);
	}
	watch_finish(watch);
	watch_leave(watch);
}

static void
watch_second_trip(struct pg_watch *watch)
{
	struct str pids = { 0 }, rows = { 0 };

	watch_batch_clear(&watch->batch);
	if (watch_writers(watch, &pids))
		watch_add(watch, PG_QUERY_WRITES, str_text(&pids));
	watch_add_progress(watch);
	if (watch_table_query(watch, &rows) &&
		!watch_skips_one(&watch->skips, PG_QUERY_ROWS))
		str_printf(&watch->batch.sql, "%s%s", watch->batch.count ? ";\n" : "",
			str_text(&rows));
	str_free(&pids);
	str_free(&rows);
	if (watch->batch.sql.length != 0 &&
		watch_send(watch, str_text(&watch->batch.sql), watch_on_rows,
			WATCH_READING))
		return;
	if (!watch->freed) /* by whoever heard that it can't be sent */
		watch_finish(watch);
}

static void watch_poll_start(struct pg_watch *watch);

/* Nothing can be seen for now; whoever hears it may free us. */
static void
watch_refused(struct pg_watch *watch, const char *message)
{
	watch_end_overdue(watch, message);
	if (!watch->freed)
		watch_report(watch, message);
}

/* A query of the batch failed, and with it those after it. */
static void
watch_failed(struct pg_watch *watch, const struct pg_answer *answer)
{
	enum pg_query_id id = answer->count < watch->batch.count
				      ? watch->batch.statements[answer->count].id
				      : PG_QUERY_IDENTITY;

	watch_poll_free(&watch->poll);
	loop_timer_stop(watch->silent);
	pace_took(&watch->pace, (clock_monotonic_ns() - watch->sent_ns) / 1000);
	bool again = watch_plans_lost(&watch->plans, answer);

	if (again || id != PG_QUERY_TABLES)
		watch_table_missed(watch);
	if (again) {
		watch_poll_start(watch);
		return;
	}
	if (id == PG_QUERY_IDENTITY) {
		watch_refused(watch, answer->error);
		if (!watch->freed)
			watch_schedule(watch);
		return;
	}
	watch_skips_add(&watch->skips, id, answer);
	watch_poll_start(watch); /* without it */
}

static void
watch_on_poll(void *context, const struct pg_answer *answer)
{
	struct pg_watch *watch = context;

	if (answer->lost)
		return; /* watch_on_lost follows */
	watch_enter(watch);
	watch_plans_note(&watch->plans, &watch->batch, answer);
	if (answer->error) {
		watch_failed(watch, answer);
	} else {
		watch->poll.snapshot->taken_us = clock_now_us();
		for (size_t i = 0; i < answer->count && i < watch->batch.count; i++)
			watch_read(watch, watch_batch_query(&watch->batch, i),
				answer->results[i]);
		watch->poll.snapshot->server.system_identifier =
			alloc_copy(watch->system_identifier);
		if (session_key_same(watch->asked, watch->poll.asked))
			watch->asked = (struct session_key){ 0 };
		watch_second_trip(watch);
		if (watch->state == WATCH_READING)
			loop_unseen(watch->loop);
	}
	watch_leave(watch);
}

void
watch_add(struct pg_watch *watch, enum pg_query_id id, const char *rest)
{
	if (!watch_skips_one(&watch->skips, id))
		watch_batch_add(&watch->batch, &watch->plans, id,
			pg_server_version(watch->pg), rest);
}

/* What replication needs, as far as it is there and permitted. */
static void
watch_add_replication(struct pg_watch *watch)
{
	const struct watch_rights *rights = &watch->rights;

	if (rights->senders)
		watch_add(watch, PG_QUERY_SENDERS, NULL);
	if (rights->slots)
		watch_add(watch, PG_QUERY_SLOTS, NULL);
	if (rights->subscriptions)
		watch_add(watch, PG_QUERY_SUBSCRIBED, NULL);
	if (rights->subscriptions && watch->subscribed)
		watch_add(watch, PG_QUERY_SUBSCRIPTIONS, NULL);
	if (!rights->recovery)
		return;
	watch_add(watch, PG_QUERY_STANDBY, NULL);
	if (rights->receiver)
		watch_add(watch, PG_QUERY_RECEIVER, NULL);
	if (rights->conflicts)
		watch_add(watch, PG_QUERY_CONFLICTS, NULL);
}

/* What is told of one session only, on demand. */
static void
watch_add_held(struct pg_watch *watch)
{
	char rest[32];

	watch->poll.asked = watch->asked;
	if (watch->asked.pid == 0)
		return;
	snprintf(rest, sizeof(rest), "%d", watch->asked.pid);
	watch_add(watch, PG_QUERY_HELD, rest);
	snprintf(rest, sizeof(rest), "%d)", watch->asked.pid);
	if (pg_server_version(watch->pg) >= 170000)
		watch_add(watch, PG_QUERY_EVENT, rest);
}

/* The first trip.  The senders' names are in the sessions, what is locked in the locks,
 * so those come first. */
static void
watch_poll_start(struct pg_watch *watch)
{
	char *condition = watch_table_condition(watch);

	watch_poll_free(&watch->poll);
	watch->poll.snapshot = alloc_zeroed(1, sizeof(*watch->poll.snapshot));
	watch_batch_clear(&watch->batch);
	watch_batch_add(&watch->batch, &watch->plans, PG_QUERY_IDENTITY,
		pg_server_version(watch->pg), NULL);
	if (watch->rights.system && !watch->system_identifier)
		watch_add(watch, PG_QUERY_SYSTEM, NULL);
	watch_add(watch, PG_QUERY_WAL, NULL);
	watch_add(watch, PG_QUERY_SESSIONS, NULL);
	watch_add_replication(watch);
	watch_add(watch, PG_QUERY_VITALS, NULL);
	watch_add(watch, PG_QUERY_PREPARED, NULL);
	watch_add(watch, PG_QUERY_LOCKS, NULL);
	watch->poll.snapshot->left_out = watch->left_out;
	if (!(watch->left_out & SNAPSHOT_PROGRESS))
		watch_add(watch, PG_QUERY_PROGRESS, NULL);
	watch_add_held(watch);
	watch_add(watch,
		watch->table.look == WATCH_TABLE_ALL ? PG_QUERY_TABLES : PG_QUERY_TABLE,
		condition);
	free(condition);
	watch_add(watch, PG_QUERY_CLOCK, NULL);
	if (!watch_send(
		    watch, str_text(&watch->batch.sql), watch_on_poll, WATCH_POLLING) &&
		!watch->freed)
		watch_schedule(watch);
}

void
watch_step(struct pg_watch *watch)
{
	if (watch->freed || watch->state != WATCH_IDLE ||
		pg_state(watch->pg) != PG_READY)
		return;
	loop_timer_stop(watch->next);
	/* A refusal is told at once, and whoever hears it may free us. */
	if (watch_end_send(watch)) {
		watch->state = WATCH_ENDING;
		watch_listen(watch);
		return;
	}
	if (watch->freed)
		return;
	watch->refresh = false;
	watch->started_ns = clock_monotonic_ns();
	for (size_t i = 0; i < watch->replica_count; i++)
		watch_replica_poll(&watch->replicas[i]);
	watch_poll_start(watch);
}

static void
watch_on_setup(void *context, const struct pg_answer *answer)
{
	struct pg_watch *watch = context;

	if (answer->lost)
		return; /* watch_on_lost follows */
	watch_enter(watch);
	loop_timer_stop(watch->silent);
	if (answer->error || answer->count == 0) {
		/* Say it, and ask again at a poll's pace. */
		loop_timer_start(watch->next, watch->pace.every_us, 0);
		watch_refused(watch, answer->error ? answer->error : "no answer");
	} else {
		watch->state = WATCH_IDLE;
		watch_read_rights(&watch->rights, answer->results[answer->count - 1]);
		watch_plans_begin(&watch->plans);
		watch_step(watch);
	}
	watch_leave(watch);
}

static void
watch_setup(struct pg_watch *watch)
{
	watch_batch_setup(&watch->batch, watch->pg);
	watch->state = WATCH_SETUP;
	if (!watch_send(
		    watch, str_text(&watch->batch.sql), watch_on_setup, WATCH_SETUP) &&
		!watch->freed)
		loop_timer_start(watch->next, watch->pace.every_us, 0);
}

static void
watch_on_next(void *context)
{
	struct pg_watch *watch = context;

	watch_enter(watch);
	if (watch->state == WATCH_DOWN)
		watch_end_lost(watch);
	else if (watch->state == WATCH_SETUP && pg_state(watch->pg) == PG_READY)
		watch_setup(watch);
	else
		watch_step(watch);
	if (watch->state == WATCH_POLLING)
		loop_unseen(watch->loop);
	watch_leave(watch);
}

static void
watch_on_connected(void *context)
{
	struct pg_watch *watch = context;

	watch_enter(watch);
	/* What another server, or this one's next life, may do differently. */
	watch_skips_clear(&watch->skips);
	pace_forget(&watch->pace);
	watch->table.looked_ns = 0;
	free(watch->system_identifier);
	watch->system_identifier = NULL;
	watch_setup(watch);
	watch_leave(watch);
}

void
watch_on_lost(void *context, const char *message)
{
	struct pg_watch *watch = context;

	watch_enter(watch);
	loop_timer_stop(watch->next);
	loop_timer_stop(watch->silent);
	watch_poll_free(&watch->poll);
	watch_end_lost(watch);
	watch->state = WATCH_DOWN;
	if (!watch->freed)
		watch_report(watch, message);
	watch_leave(watch);
}

struct pg_watch *
pg_watch_new(struct loop *loop, const struct pg_watch_options *options,
	const struct pg_watch_handler *handler)
{
	struct pg_watch *watch = alloc_zeroed(1, sizeof(*watch));
	const struct pg_handler connection = {
		.connected = watch_on_connected, .lost = watch_on_lost, .context = watch
	};

	watch->loop = loop;
	watch->handler = *handler;
	pace_ask(&watch->pace, options->interval_us);
	watch->first_patience_us =
		options->patience_us ? options->patience_us : PATIENCE_US;
	watch->patience_us = watch->first_patience_us;
	watch->table.name = alloc_copy(options->version_table);
	watch->table.found.chosen = -1;
	watch->next = loop_timer_new(loop, watch_on_next, watch);
	watch->silent = loop_timer_new(loop, watch_on_silence, watch);
	watch->replicas =
		alloc_zeroed(options->replica_count + 1, sizeof(*watch->replicas));
	watch->replica_count = options->replica_count;
	for (size_t i = 0; i < options->replica_count; i++)
		watch_replica_init(watch, &watch->replicas[i], &options->replicas[i]);
	watch->pg = pg_new(loop, &options->params, watch_application, &connection);
	pg_pin_path(watch->pg);
	return watch;
}

void
pg_watch_free(struct pg_watch *watch)
{
	if (!watch || watch->freed)
		return;
	watch->freed = true;
	for (size_t i = 0; i < watch->replica_count; i++)
		watch_replica_free(&watch->replicas[i]);
	pg_free(watch->pg);
	loop_timer_free(watch->next);
	loop_timer_free(watch->silent);
	if (watch->inside == 0)
		watch_destroy(watch);
}

const char *
pg_watch_problem(const struct pg_watch *watch)
{
	return watch->problem;
}

bool
pg_watch_waits(const struct pg_watch *watch)
{
	return watch->state != WATCH_DOWN && pg_state(watch->pg) == PG_BUSY;
}

int64_t
pg_watch_retry_in(const struct pg_watch *watch)
{
	return pg_retry_in(watch->pg);
}

void
pg_watch_set_interval(struct pg_watch *watch, int64_t interval_us)
{
	pace_ask(&watch->pace, interval_us);
	if (watch->state == WATCH_IDLE)
		watch_schedule(watch);
}

void
pg_watch_leave_out(struct pg_watch *watch, unsigned parts)
{
	unsigned wanted = watch->left_out & ~parts;

	watch->left_out = parts;
	if (wanted)
		pg_watch_refresh(watch);
}

void
pg_watch_refresh(struct pg_watch *watch)
{
	watch->refresh = true;
	if (watch->state == WATCH_IDLE)
		watch_schedule(watch);
}

void
pg_watch_ask_locks(struct pg_watch *watch, struct session_key key)
{
	watch->asked = key;
	pg_watch_refresh(watch);
}

void
pg_watch_set_step(struct pg_watch *watch, const char *application)
{
	char *copy = alloc_copy(application);

	free(watch->step);
	watch->step = copy;
}

void
pg_watch_set_child(struct pg_watch *watch, int pid)
{
	watch->child = pid;
}

void
pg_watch_set_chosen(
	struct pg_watch *watch, const struct session_key *keys, size_t count)
{
	struct session_key *copy = alloc_zeroed(count + 1, sizeof(*copy));

	if (count != 0)
		memcpy(copy, keys, count * sizeof(*keys));
	free(watch->chosen);
	watch->chosen = copy;
	watch->chosen_count = count;
	pg_watch_refresh(watch);
}
