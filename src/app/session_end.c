#include "pgrunbook/app/session_end.h"

#include <stdlib.h>

#include "pgrunbook/app/evidence.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/end_summary.h"

enum { BLOCKED_TOLD = 100 }; /* pids in an entry of the log; all are counted */

/* What was agreed to with one answer. */
struct end_batch {
	struct journal *journal;
	struct pg_watch *watch;
	bool terminate;
	struct end_summary summary;
};

/* One session of it, as it is written down. */
struct end_one {
	struct end_batch *batch;
	int pid;
	json_t *attributes; /* what it is, and what its end does */
};

static void
end_one_free(struct end_one *one)
{
	json_decref(one->attributes);
	free(one);
}

/* Those who wait for it themselves: their own waiters are theirs. */
static json_t *
end_blocked(const struct lock_forest *locks, int pid)
{
	json_t *pids = json_array();

	for (size_t i = 0; i < lock_forest_rows(locks); i++) {
		const struct lock_row *row = lock_forest_row(locks, i);

		if (lock_row_waits_for(row, pid) &&
			json_array_size(pids) < BLOCKED_TOLD)
			json_array_append_new(pids, json_integer(row->pid));
	}
	return pids;
}

static size_t
end_held_up(const struct lock_forest *locks, int pid)
{
	for (size_t i = 0; i < lock_forest_rows(locks); i++) {
		if (lock_forest_row(locks, i)->pid == pid)
			return lock_forest_row(locks, i)->held_up;
	}
	return 0;
}

/* By now the pid may be another session's: of that nothing is told. */
static json_t *
end_attributes(const struct snapshot *snapshot, struct session_key key)
{
	const struct session *session = session_find_key(&snapshot->sessions, key);
	json_t *attributes = json_object();

	json_object_set_new(attributes, "backend.pid", json_integer(key.pid));
	json_object_set_new(attributes, "backend.query",
		evidence_text(session == NULL ? NULL : session->query));
	json_object_set_new(attributes, "backend.user",
		evidence_text(session == NULL ? NULL : session->user));
	json_object_set_new(attributes, "backend.application",
		evidence_text(session == NULL ? NULL : session->application));
	json_object_set_new(attributes, "backend.state",
		evidence_text(
			session == NULL ? NULL : session_state_name(session->state)));
	json_object_set_new(attributes, "backend.blocked",
		json_integer((json_int_t)end_held_up(snapshot->locks, key.pid)));
	json_object_set_new(attributes, "backend.blocked_pids",
		end_blocked(snapshot->locks, key.pid));
	return attributes;
}

static void
end_batch_say(const struct end_batch *batch, const struct end_one *one, bool ended,
	const char *outcome)
{
	struct app *app = batch->journal->app;
	const struct end_summary *summary = &batch->summary;

	if (summary->asked == 1) {
		app_say(app, !ended, "session %d: %s", one->pid, outcome);
		return;
	}
	char *words = end_summary_words(summary, batch->terminate);
	app_say(app, summary->ended != summary->told, "%s%s", words,
		summary->told < summary->asked ? " ..." : "");
	free(words);
}

static void
end_on_outcome(void *context, bool ended, const char *outcome)
{
	struct end_one *one = context;
	struct end_batch *batch = one->batch;

	json_object_set_new(one->attributes, "event.outcome",
		json_string(ended ? "success" : "failure"));
	journal_write(batch->journal,
		batch->terminate ? EVENT_BACKEND_TERMINATED : EVENT_BACKEND_CANCELLED,
		ended ? ENTRY_INFO : ENTRY_WARN, json_incref(one->attributes),
		"session %d: %s", one->pid, outcome);
	end_summary_add(&batch->summary, one->pid, ended, outcome);
	end_batch_say(batch, one, ended, outcome);
	end_one_free(one);
	if (batch->summary.told < batch->summary.asked)
		return;
	pg_watch_refresh(batch->watch);
	end_summary_free(&batch->summary);
	free(batch);
}

/* What was agreed to is on the disk before anything is done. */
static bool
end_write_agreed(struct journal *journal, const struct end_targets *targets,
	struct end_one *const *all, const char *phrase)
{
	const char *verb = targets->terminate ? "terminate" : "cancel";
	json_t *attributes;

	if (!journal_open(journal, "Sessions ended by hand"))
		return false;
	if (targets->count == 1) {
		attributes = json_copy(all[0]->attributes);
	} else {
		json_t *pids = json_array();

		for (size_t i = 0; i < targets->count; i++)
			json_array_append_new(pids, json_integer(all[i]->pid));
		attributes = json_object();
		json_object_set_new(attributes, "backend.pids", pids);
	}
	json_object_set_new(attributes, "confirm.kind",
		json_string(phrase == NULL ? "yes" : "typed"));
	if (targets->count == 1)
		return journal_write(journal, EVENT_CONFIRMATION_ACCEPTED, ENTRY_INFO,
			attributes, "confirmed: %s session %d", verb, all[0]->pid);
	return journal_write(journal, EVENT_CONFIRMATION_ACCEPTED, ENTRY_INFO,
		attributes, "confirmed: %s %zu sessions", verb, targets->count);
}

static void
end_start(struct end_batch *batch, const struct end_target *target, struct end_one *one)
{
	const struct pg_end_target end = {
		.pid = target->key.pid,
		.backend_start_us = target->key.backend_start_us,
		.query_start_us = batch->terminate ? 0 : target->query_start_us,
	};

	one->batch = batch;
	pg_watch_end(batch->watch, batch->terminate ? PG_END_TERMINATE : PG_END_CANCEL,
		&end, end_on_outcome, one);
}

void
session_end_all(struct journal *journal, struct pg_watch *watch, const char *phrase)
{
	struct app *app = journal->app;
	const struct end_targets *targets = &app->end_targets;
	struct end_one **all = alloc_zeroed(targets->count, sizeof(all[0]));

	for (size_t i = 0; i < targets->count; i++) {
		all[i] = alloc_zeroed(1, sizeof(*all[i]));
		all[i]->pid = targets->items[i].key.pid;
		all[i]->attributes =
			end_attributes(app->snapshot, targets->items[i].key);
	}
	bool agreed = end_write_agreed(journal, targets, all, phrase);
	struct end_batch *batch = agreed ? alloc_zeroed(1, sizeof(*batch)) : NULL;
	if (agreed)
		*batch = (struct end_batch){ .journal = journal,
			.watch = watch,
			.terminate = targets->terminate,
			.summary.asked = targets->count };
	for (size_t i = 0; i < targets->count; i++) {
		if (agreed)
			end_start(batch, &targets->items[i], all[i]);
		else
			end_one_free(all[i]);
	}
	if (!agreed)
		app_say(app, true,
			"nothing was done: the incident log can't be written: %s",
			app->log_problem);
	free(all);
}
