#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/view/draw.h"
#include "pgrunbook/view/migration.h"

enum { VICTIMS_TOLD = 20, WHO_CELLS = 40 };

static const char *
detail_since(int64_t since_us, int64_t now_us, char out[DURATION_TEXT])
{
	return duration_format(since_us == 0	   ? -1
			       : now_us > since_us ? now_us - since_us
						   : 0,
		out);
}

static const char *
detail_why(enum session_mark mark)
{
	switch (mark) {
	case SESSION_MARK_CHOSEN:
		return "you chose it";
	case SESSION_MARK_STEP:
		return "its application name is that of the step that runs";
	case SESSION_MARK_CHILD:
		return "its connection is that of the command that the console "
		       "started";
	case SESSION_MARK_NAME:
		return "its application name";
	case SESSION_MARK_WRITES:
		return "it writes the version table";
	case SESSION_MARK_NONE:
		break;
	}
	return NULL;
}

/* What it wants, and since when. */
static void
detail_wait(const struct app *app, const struct lock_row *row, struct flow *flow)
{
	const struct lock_wait *wait = row->wait;
	char age[DURATION_TEXT];
	char *wants = lock_row_wants(row);

	if (row->cycle)
		flow_text(flow, ROLE_ALERT, 0,
			"part of a DEADLOCK: the server ends one of its members soon");
	flow_printf(flow, ROLE_ALERT, 0, "waits %s%s for %s",
		wait->since_at_least ? ">=" : "",
		detail_since(wait->since_us, app_server_now_us(app), age), wants);
	free(wants);
}

/* One who has what it waits for: who, how long, and what ends that. */
static void
detail_blocker(const struct app *app, const struct lock_row *row, struct flow *flow)
{
	int64_t now = app_server_now_us(app);
	char age[DURATION_TEXT], since[DURATION_TEXT];

	if (row->pid == 0) {
		flow_printf(flow, ROLE_WARNING, 2,
			"held by the prepared transaction %s, for %s",
			row->prepared == NULL ? "?" : row->prepared->gid,
			row->prepared == NULL
				? "?"
				: detail_since(row->prepared->prepared_us, now, age));
	} else if (row->session == NULL) {
		flow_printf(flow, ROLE_WARNING, 2, "held by %d", row->pid);
	} else {
		const struct session *session = row->session;
		char *who = session_who(session, WHO_CELLS);

		flow_printf(flow, ROLE_WARNING, 2,
			"held by %d %s: %s for %s, transaction for %s%s", row->pid, who,
			session_state_words(session->state),
			duration_format(session_age_us(session, now), age),
			duration_format(
				session_transaction_age_us(session, now), since),
			row->wait == NULL ? "" : "; it waits itself");
		free(who);
		if (session->query != NULL)
			flow_printf(flow, ROLE_DIM, 4, "%s", session->query);
	}
	flow_text(flow, ROLE_TEXT, 4, lock_row_remedy(row));
}

/* Those it waits for, and the root behind them if that is another one. */
static void
detail_blockers(
	const struct app *app, const struct migration *migration, struct flow *flow)
{
	const struct lock_forest *locks = app->snapshot->locks;
	const struct lock_row *holder = migration->holder;
	bool told = holder == NULL;

	for (size_t i = 0; i < lock_forest_rows(locks); i++) {
		const struct lock_row *row = lock_forest_row(locks, i);

		if (!lock_row_waits_for(migration->row, row->pid))
			continue;
		detail_blocker(app, row, flow);
		told = told || row == holder;
	}
	if (!told) {
		flow_text(flow, ROLE_TEXT, 2, "and behind that:");
		detail_blocker(app, holder, flow);
	}
}

/* Whether the row stands below the other one. */
static bool
detail_below(const struct lock_forest *locks, const struct lock_row *row,
	const struct lock_row *above)
{
	for (size_t left = lock_forest_rows(locks); left > 0; left--) {
		const struct lock_row *parent = lock_forest_row(locks, row->parent);

		if (parent == row)
			return false;
		if (parent == above)
			return true;
		row = parent;
	}
	return false;
}

static void
detail_victims(
	const struct app *app, const struct migration *migration, struct flow *flow)
{
	const struct lock_forest *locks = app->snapshot->locks;
	size_t told = 0;

	flow_printf(flow, ROLE_WARNING, 0, "blocks %zu", migration->row->held_up);
	for (size_t i = 0; i < lock_forest_rows(locks) && told < VICTIMS_TOLD; i++) {
		const struct lock_row *row = lock_forest_row(locks, i);
		char age[DURATION_TEXT];

		if (row->wait == NULL || !detail_below(locks, row, migration->row))
			continue;
		char *who = row->session == NULL ? NULL
						 : session_who(row->session, WHO_CELLS);
		char *wants = lock_row_wants(row);
		flow_printf(flow, ROLE_TEXT, 2, "%d %s waits %s for %s", row->pid,
			who == NULL ? "" : who,
			detail_since(row->wait->since_us, app_server_now_us(app), age),
			wants);
		free(wants);
		free(who);
		told++;
	}
	if (told == VICTIMS_TOLD && migration->row->held_up > told)
		flow_text(flow, ROLE_DIM, 2, "and more: the pane Locks has them all");
}

static void
detail_workers(
	const struct app *app, const struct migration *migration, struct flow *flow)
{
	const struct session_list *sessions = &app->snapshot->sessions;

	flow_printf(flow, ROLE_TEXT, 0, "%zu parallel worker%s", migration->workers,
		migration->workers == 1 ? "" : "s");
	for (size_t i = 0; i < sessions->count; i++) {
		const struct session *worker = &sessions->items[i];

		if (worker->leader_pid != migration->session->pid)
			continue;
		flow_printf(flow, ROLE_TEXT, 2, "%d %s%s%s%s%s", worker->pid,
			session_state_words(worker->state),
			worker->wait_type == NULL ? "" : ", waits: ",
			worker->wait_type == NULL ? "" : worker->wait_type,
			worker->wait_event == NULL ? "" : " ",
			worker->wait_event == NULL ? "" : worker->wait_event);
	}
}

void
migration_facts(
	const struct app *app, const struct migration *migration, struct flow *flow)
{
	const struct session *session = migration->session;
	int64_t now = app_server_now_us(app);
	char *state = migration_state_words(migration, now);
	char age[DURATION_TEXT];

	flow_printf(flow, ROLE_MIGRATION, 0, "MIGRATION %d", session->pid);
	flow_fact(flow, "known by", detail_why(session->mark));
	flow_fact(flow, session->state == SESSION_ACTIVE ? "runs for" : "state", state);
	flow_fact(flow, "transaction",
		duration_format(session_transaction_age_us(session, now), age));
	flow_fact(flow, session->state == SESSION_ACTIVE ? "query" : "last query",
		session->query == NULL ? "hidden: " SERVER_NEEDS_MONITOR
				       : session->query);
	flow_gap(flow);
	if (migration->row != NULL && migration->row->wait != NULL) {
		detail_wait(app, migration->row, flow);
		detail_blockers(app, migration, flow);
		flow_gap(flow);
	}
	if (migration->row != NULL && migration->row->held_up != 0) {
		detail_victims(app, migration, flow);
		flow_gap(flow);
	}
	if (migration->workers != 0) {
		detail_workers(app, migration, flow);
		flow_gap(flow);
	}
	flow_fact(flow, "user", session->user);
	flow_fact(flow, "application", session->application);
	flow_fact(flow, "client", session->client);
	free(state);
}
