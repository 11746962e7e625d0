/* The selected session on the whole screen. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/view/draw.h"
#include "pgrunbook/view/pane.h"
#include "pgrunbook/view/sessions.h"

enum { PIDS_TOLD = 20, INDENT = 14 };

static const char needs[] = "hidden: " SERVER_NEEDS_MONITOR;

static void
detail_age(struct flow *flow, const char *label, int64_t since_us, int64_t now_us)
{
	char age[DURATION_TEXT];

	if (since_us != 0)
		flow_fact(flow, label,
			duration_format(
				now_us > since_us ? now_us - since_us : 0, age));
}

/* Ages of query, transaction and state, each for itself; what is too old in words. */
static void
detail_ages(const struct app *app, const struct session *session, struct flow *flow)
{
	int64_t now = app_server_now_us(app);
	bool running =
		session->state == SESSION_ACTIVE || session->state == SESSION_FASTPATH;

	detail_age(flow, "in that state", session->state_change_us, now);
	if (session_idle_long(app, session))
		flow_text(flow, ROLE_ALERT, INDENT,
			"idle for long: its locks and its snapshot stay until its "
			"client goes on");
	detail_age(flow, running ? "query began" : "last query",
		session->query_start_us, now);
	detail_age(flow, "transaction", session->transaction_start_us, now);
	if (session_transaction_long(app, session))
		flow_text(flow, ROLE_ALERT, INDENT,
			"a long transaction: what it locked stays locked");
	if (session->xmin_age >= 0) {
		char *age =
			alloc_printf("%lld transactions", (long long)session->xmin_age);

		flow_fact(flow, "snapshot age", age);
		free(age);
	}
	if (session_snapshot_old(session))
		flow_text(flow, ROLE_ALERT, INDENT,
			"an old snapshot: VACUUM can remove no row in this database "
			"that died since");
}

static void
detail_state(const struct session *session, struct flow *flow)
{
	enum role role;
	const char *words = session_words(session, &role);
	const char *name = session_state_name(session->state);

	if (session_is_server(session))
		flow_fact(flow, "state", "one of the server's own processes");
	else if (session_is_hidden(session))
		flow_fact(flow, "state", needs);
	else
		flow_fact(flow, "state", name == NULL ? words : name);
	if (session->state == SESSION_IDLE_IN_TRANSACTION_ABORTED)
		flow_text(flow, ROLE_ALERT, INDENT,
			"its transaction has failed: everything but ROLLBACK fails, "
			"too, "
			"and its locks stay until then");
	if (session->migration)
		flow_text(flow, ROLE_MIGRATION, INDENT, "the MIGRATION's own backend");
	if (session->own)
		flow_text(flow, ROLE_DIM, INDENT, "the console's own session");
}

/* "4312 (web-3), 4400, 4401 and 17 more"; the caller owns it. */
static char *
detail_pids(const struct app *app, const int *pids, size_t count)
{
	struct str words = { 0 };

	for (size_t i = 0; i < count && i < PIDS_TOLD; i++) {
		const struct session *session =
			session_find(&app->snapshot->sessions, pids[i]);
		char *who = session == NULL ? NULL : session_who(session, 30);

		str_add(&words, i == 0 ? "" : ", ");
		if (pids[i] == 0)
			str_add(&words, "a prepared transaction");
		else
			str_printf(&words, "%d", pids[i]);
		if (who != NULL && *who != '\0' && count <= 5)
			str_printf(&words, " (%s, %s)", who,
				session_is_hidden(session)
					? "hidden"
					: session_state_words(session->state));
		free(who);
	}
	if (count > PIDS_TOLD)
		str_printf(&words, " and %zu more", count - PIDS_TOLD);
	return str_take(&words);
}

static void
detail_fact_pids(const struct app *app, const char *label, const int *pids,
	size_t count, struct flow *flow)
{
	if (count == 0)
		return;
	char *words = detail_pids(app, pids, count);
	flow_fact(flow, label, words);
	free(words);
}

/* Those who wait for it themselves, and how many in all. */
static void
detail_blocks(const struct app *app, const struct lock_row *row, struct flow *flow)
{
	const struct lock_forest *locks = app->snapshot->locks;
	int *pids = alloc_zeroed(lock_forest_rows(locks), sizeof(*pids));
	size_t count = 0;

	for (size_t i = 0; i < lock_forest_rows(locks); i++) {
		const struct lock_row *other = lock_forest_row(locks, i);

		for (size_t j = 0; j < other->waits_for_count; j++) {
			if (other->waits_for[j] == row->pid)
				pids[count++] = other->pid;
		}
	}
	detail_fact_pids(app, "blocks", pids, count, flow);
	if (row->held_up > count) {
		char *all = alloc_printf("%zu in all, behind each other", row->held_up);

		flow_text(flow, ROLE_TEXT, INDENT, all);
		free(all);
	}
	free(pids);
}

static void
detail_locks(const struct app *app, const struct session *session, struct flow *flow)
{
	const struct lock_forest *locks = app->snapshot->locks;

	for (size_t i = 0; i < lock_forest_rows(locks); i++) {
		const struct lock_row *row = lock_forest_row(locks, i);

		if (row->pid != session->pid)
			continue;
		char *wants = lock_row_wants(row);
		flow_fact(flow, "waits for", wants);
		free(wants);
		detail_fact_pids(
			app, "blocked by", row->waits_for, row->waits_for_count, flow);
		detail_blocks(app, row, flow);
		if (row->held_up != 0 && row->wait == NULL)
			flow_fact(flow, "to end it", lock_row_remedy(row));
		return;
	}
}

static void
detail_workers(const struct app *app, const struct session *session, struct flow *flow)
{
	const struct session_list *list = &app->snapshot->sessions;
	int *pids = alloc_zeroed(list->count, sizeof(*pids));
	size_t count = 0;

	if (session->leader_pid != 0 && session->leader_pid != session->pid)
		detail_fact_pids(app, "worker of", &session->leader_pid, 1, flow);
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].leader_pid == session->pid &&
			list->items[i].pid != session->pid)
			pids[count++] = list->items[i].pid;
	}
	detail_fact_pids(app, "its workers", pids, count, flow);
	free(pids);
}

static void
detail_client(const struct session *session, struct flow *flow)
{
	if (session->client_port < 0)
		flow_fact(flow, "client", "on the server itself, by a local socket");
	else if (session->client != NULL && session->client_port > 0) {
		char *client = alloc_printf(
			"%s port %d", session->client, session->client_port);

		flow_fact(flow, "client", client);
		free(client);
	} else {
		flow_fact(flow, "client", session->client);
	}
}

static void
detail_who(const struct session *session, struct flow *flow)
{
	char text[INSTANT_TEXT];

	flow_fact(flow, "user", session->user);
	flow_fact(flow, "application", session->application);
	flow_fact(flow, "database", session->database);
	detail_client(session, flow);
	flow_fact(flow, "backend", session->backend_type);
	if (session->backend_start_us != 0)
		flow_fact(flow, "connected",
			instant_format(session->backend_start_us, text));
}

static void
detail_query(const struct session *session, struct flow *flow)
{
	if (session_is_server(session))
		return;
	flow_gap(flow);
	flow_text(flow, ROLE_HEADING, 0,
		session->state == SESSION_ACTIVE ? "Query" : "Last query");
	if (session->query_id != 0) {
		char *id = alloc_printf("%lld", (long long)session->query_id);

		flow_fact(flow, "query id", id);
		free(id);
	}
	if (session_is_hidden(session) || session->query == NULL)
		flow_text(flow, ROLE_DIM, 0, needs);
	else if (*session->query == '\0')
		flow_text(flow, ROLE_DIM, 0, "none yet");
	else
		flow_text(flow, ROLE_TEXT, 0, session->query);
	/* The page ends such a text with how much of it is left. */
	if (!session_is_hidden(session) && session->query != NULL &&
		strlen(session->query) > FLOW_BYTES)
		flow_printf(flow, ROLE_DIM, 0,
			"all of it: pgrunbook sessions --filter pid=%d", session->pid);
}

void
session_facts(const struct app *app, const struct session *session, struct flow *flow)
{
	char *wait = session_wait_words(session);

	detail_state(session, flow);
	detail_ages(app, session, flow);
	flow_fact(flow, "wait event", wait);
	detail_who(session, flow);
	detail_query(session, flow);
	free(wait);
}

/* All its locks, as of when they were asked for. */
static void
detail_held(const struct app *app, struct flow *flow)
{
	const struct session_held *held = app->sessions_view.held;
	size_t awaited = 0;
	char age[DURATION_TEXT];

	flow_gap(flow);
	flow_text(flow, ROLE_HEADING, 0, "Locks");
	if (held == NULL) {
		flow_text(flow, ROLE_DIM, 0,
			app->lost == NULL ? "being read ..."
					  : "not known: there is no connection");
		return;
	}
	for (size_t i = 0; i < held->count; i++)
		awaited += !held->items[i].granted;
	flow_printf(flow, ROLE_DIM, 0,
		"%zu held, %zu awaited, as of %s ago (r reads them again)",
		held->count - awaited + held->more, awaited,
		duration_format(app->now_us - held->read_us, age));
	for (size_t i = 0; i < held->count; i++) {
		const struct session_lock *lock = &held->items[i];
		char *words = lock_words(lock->object, lock->mode);

		flow_printf(flow, lock->granted ? ROLE_TEXT : ROLE_WARNING, 0, "%s %s",
			lock->granted ? "holds" : "waits for", words);
		free(words);
	}
	if (held->more != 0)
		flow_printf(flow, ROLE_DIM, 0, "and %zu more", held->more);
}

int
sessions_detail(const struct app *app, struct area area, int top)
{
	const struct session *session = app_selected_session(app);
	struct flow flow = flow_at(area, top);
	char text[16];

	if (session == NULL) {
		flow_gone(&flow, app, PANE_SESSIONS);
		return flow.row + top;
	}
	char *wait = session_wait_words(session);
	snprintf(text, sizeof(text), "%d", session->pid);
	flow_fact(&flow, "pid", text);
	detail_state(session, &flow);
	detail_ages(app, session, &flow);
	flow_fact(&flow, "wait event", wait);
	if (app->sessions_view.held != NULL && *wait != '\0')
		flow_text(&flow, ROLE_DIM, INDENT, app->sessions_view.held->wait_words);
	detail_locks(app, session, &flow);
	detail_workers(app, session, &flow);
	detail_who(session, &flow);
	detail_query(session, &flow);
	detail_held(app, &flow);
	free(wait);
	return flow.row + top;
}
