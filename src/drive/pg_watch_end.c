/* Ending sessions: asked once, guarded by the statement itself, then looked after. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/clock.h"
#include "pgrunbook/model/server.h"
#include "src/drive/pg_watch_parts.h"

static const int64_t END_PATIENCE_NS = INT64_C(3) * 1000000000;

void
pg_watch_end(struct pg_watch *watch, enum pg_end how,
	const struct pg_end_target *target,
	void (*done)(void *context, bool ended, const char *outcome), void *context)
{
	struct watch_end *end = alloc_zeroed(1, sizeof(*end)), **last = &watch->ends;

	*end = (struct watch_end){ .how = how,
		.target = *target,
		.deadline_ns = clock_monotonic_ns() + END_PATIENCE_NS,
		.done = done,
		.context = context };
	while (*last)
		last = &(*last)->next;
	*last = end;
	/* From the loop, never from within this call. */
	if (watch->state == WATCH_DOWN)
		loop_timer_start(watch->next, 0, 0);
	else
		pg_watch_refresh(watch);
}

void
watch_end_free(struct pg_watch *watch)
{
	while (watch->ends) {
		struct watch_end *end = watch->ends;

		watch->ends = end->next;
		free(end);
	}
}

bool
watch_end_pending(const struct pg_watch *watch)
{
	return watch->ends != NULL;
}

static size_t
watch_end_count(const struct pg_watch *watch)
{
	size_t count = 0;

	for (const struct watch_end *end = watch->ends; end; end = end->next)
		count++;
	return count;
}

/* Takes one out of the list and tells its outcome. */
static void
watch_end_settle(
	struct pg_watch *watch, struct watch_end *end, bool ended, const char *outcome)
{
	struct watch_end **at = &watch->ends;

	while (*at != end)
		at = &(*at)->next;
	*at = end->next;
	if (watch->ending == end)
		watch->ending = NULL;
	if (!watch->freed)
		end->done(end->context, ended, outcome);
	free(end);
}

void
pg_watch_end_give_up(struct pg_watch *watch, const char *outcome)
{
	watch_enter(watch);
	for (size_t left = watch_end_count(watch);
		left > 0 && watch->ends && !watch->freed; left--)
		watch_end_settle(watch, watch->ends, false, outcome);
	watch_leave(watch);
}

/* Which right is missing: most sessions need another than a worker of autovacuum. */
static const char *
watch_end_missing(const struct pg_result *result)
{
	const char *missing = pg_result_text(result, 0, PG_END_MISSING);
	const char *type = pg_result_text(result, 0, PG_END_TYPE);

	if (strcmp(missing, "pg_signal_autovacuum_worker") == 0)
		return "not permitted: needs pg_signal_autovacuum_worker";
	if (strcmp(missing, "superuser") != 0)
		return "not permitted: needs pg_signal_backend";
	return type && strcmp(type, "client backend") == 0
		       ? "not permitted: only a superuser may end a superuser's session"
		       : "not permitted: only a superuser may end it";
}

/* Why nothing was done, from what the statement says; NULL: it was signalled. */
static const char *
watch_end_refusal(const struct watch_end *end, const struct pg_result *result)
{
	const char *state;

	if (pg_result_rows(result) == 0)
		return "is gone already: nothing was done";
	if (pg_result_bool(result, 0, PG_END_HIDDEN))
		return "not permitted: " SERVER_NEEDS_MONITOR
		       " to tell which session it is";
	if (!pg_result_bool(result, 0, PG_END_SAME))
		return "is another session now: nothing was done";
	if (!pg_result_bool(result, 0, PG_END_SAME_QUERY))
		return "runs another query now: nothing was done";
	if (!pg_result_bool(result, 0, PG_END_ENDS))
		return "is a process of the server's own: it can't be ended";
	if (pg_result_text(result, 0, PG_END_MISSING))
		return watch_end_missing(result);
	state = pg_result_text(result, 0, PG_END_STATE);
	if (end->how == PG_END_CANCEL && (!state || strcmp(state, "active") != 0))
		return "runs no query: nothing was done";
	if (!pg_result_bool(result, 0, PG_END_SIGNALLED))
		return "could not be signalled: it has just ended";
	return NULL;
}

/* The one whose turn it is: the first that isn't signalled yet. */
static struct watch_end *
watch_end_due(const struct pg_watch *watch)
{
	struct watch_end *end = watch->ends;

	while (end && end->signalled)
		end = end->next;
	return end;
}

/* The server answers: those whose turn comes later are not late. */
static void
watch_end_extend(struct pg_watch *watch)
{
	for (struct watch_end *end = watch->ends; end; end = end->next) {
		if (!end->signalled)
			end->deadline_ns = clock_monotonic_ns() + END_PATIENCE_NS;
	}
}

static void
watch_on_end(void *context, const struct pg_answer *answer)
{
	struct pg_watch *watch = context;
	struct watch_end *end = watch->ending;
	const char *refusal;

	if (answer->lost)
		return; /* watch_end_lost follows */
	watch_enter(watch);
	watch->ending = NULL;
	watch->state = WATCH_IDLE;
	loop_timer_stop(watch->silent);
	watch_end_extend(watch);
	if (!end) {
		/* Whoever asked has given it up meanwhile. */
	} else if (answer->error) {
		watch_end_settle(watch, end, false, answer->error);
	} else {
		refusal = watch_end_refusal(end, answer->results[0]);
		end->signalled = !refusal;
		end->deadline_ns = clock_monotonic_ns() + END_PATIENCE_NS;
		if (refusal)
			watch_end_settle(watch, end, false, refusal);
	}
	if (!watch->freed)
		watch_step(watch);
	watch_leave(watch);
}

bool
watch_end_send(struct pg_watch *watch)
{
	struct watch_end *end = watch_end_due(watch);
	char pid[16], start[24], query[24];
	const char *const parameters[] = { pid, start, query };
	struct error error = { 0 };
	bool sent;

	if (!end)
		return false;
	/* Whoever asked has gone on long ago. */
	if (clock_monotonic_ns() > end->deadline_ns) {
		watch_end_settle(watch, end, false,
			"the server did not answer in time: nothing was done");
		return false;
	}
	if (end->target.pid == pg_backend_pid(watch->pg)) {
		watch_end_settle(watch, end, false,
			"is the console's own session: nothing was done");
		return false;
	}
	snprintf(pid, sizeof(pid), "%d", end->target.pid);
	snprintf(start, sizeof(start), "%lld", (long long)end->target.backend_start_us);
	snprintf(query, sizeof(query), "%lld",
		end->how == PG_END_CANCEL ? (long long)end->target.query_start_us
					  : 0LL);
	sent = pg_query(watch->pg,
		pg_queries_text(end->how == PG_END_CANCEL ? PG_QUERY_CANCEL
							  : PG_QUERY_TERMINATE,
			pg_server_version(watch->pg)),
		parameters, 3, watch_on_end, watch, &error);
	if (sent)
		watch->ending = end;
	else
		watch_end_settle(watch, end, false, error.message);
	error_clear(&error);
	return sent;
}

/* Whether a session is still there and still does what was to end. */
static bool
watch_end_goes_on(const struct watch_end *end, const struct snapshot *snapshot)
{
	const struct session *session =
		session_find(&snapshot->sessions, end->target.pid);

	if (!session || session->backend_start_us != end->target.backend_start_us)
		return false;
	if (end->how == PG_END_TERMINATE)
		return true;
	return session->state == SESSION_ACTIVE &&
	       (end->target.query_start_us == 0 ||
		       session->query_start_us == end->target.query_start_us);
}

/* What a snapshot says of one that was signalled; NULL: nothing yet. */
static const char *
watch_end_outcome(const struct watch_end *end, const struct snapshot *snapshot,
	int64_t now_ns, bool *ended)
{
	bool cancel = end->how == PG_END_CANCEL, late = now_ns > end->deadline_ns;

	*ended = false;
	/* Our own is always there: they could not be read. */
	if (snapshot->sessions.count == 0)
		return late ? "was signalled, but sessions can't be read: the outcome "
			      "is unknown"
			    : NULL;
	*ended = !watch_end_goes_on(end, snapshot);
	if (*ended)
		return cancel ? "its query was cancelled" : "was terminated";
	if (!late)
		return NULL;
	return cancel ? "was asked to cancel, but its query still runs"
		      : "was asked to end, but is still there";
}

void
watch_end_check(struct pg_watch *watch, const struct snapshot *snapshot)
{
	int64_t now_ns = clock_monotonic_ns();
	struct watch_end *end = watch->ends;

	while (end && !watch->freed) {
		bool ended;
		const char *outcome = end->signalled ? watch_end_outcome(end, snapshot,
							       now_ns, &ended)
						     : NULL;

		if (outcome)
			watch_end_settle(watch, end, ended, outcome);
		/* Whoever heard it may have changed the list. */
		end = outcome ? watch->ends : end->next;
	}
}

void
watch_end_lost(struct pg_watch *watch)
{
	/* A handler may ask anew: that is for the next connection. */
	for (size_t left = watch_end_count(watch); left > 0 && !watch->freed; left--) {
		struct watch_end *end = watch->ends;
		bool unknown = end->signalled || end == watch->ending;

		watch_end_settle(watch, end, false,
			unknown ? "the connection was lost: the outcome is unknown"
				: "there is no connection: nothing was done");
	}
}

void
watch_end_silent(struct pg_watch *watch)
{
	/* A handler may ask anew: that is for when it answers. */
	for (size_t left = watch_end_count(watch); left > 0 && !watch->freed; left--) {
		struct watch_end *end = watch_end_due(watch);

		if (end && end == watch->ending)
			end = end->next;
		while (end && end->signalled)
			end = end->next;
		if (!end)
			return;
		watch_end_settle(watch, end, false,
			"the server does not answer: nothing was done");
	}
}

void
watch_end_overdue(struct pg_watch *watch, const char *why)
{
	int64_t now_ns = clock_monotonic_ns();
	struct watch_end *end = watch->ends;

	while (end && !watch->freed) {
		bool late = now_ns > end->deadline_ns && end != watch->ending;
		char *outcome;

		if (!late) {
			end = end->next;
			continue;
		}
		outcome = alloc_printf("%s: %s",
			end->signalled
				? "was signalled, but sessions can't be read, so the "
				  "outcome is unknown"
				: "nothing was done",
			why);
		watch_end_settle(watch, end, false, outcome);
		free(outcome);
		end = watch->ends; /* whoever heard it may have changed the list */
	}
}
