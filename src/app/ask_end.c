/* Cancel or terminate sessions: what is refused, and what the question says. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/migration.h"

enum {
	REFUSED_TOLD = 5, /* by name; the others are counted */
	QUERY_CELLS = 60  /* of each query where there are many */
};

static const struct lock_row *
lock_row_of(const struct app *app, int pid)
{
	const struct lock_forest *locks = app->snapshot->locks;

	for (size_t row = 0; row < lock_forest_rows(locks); row++) {
		if (lock_forest_row(locks, row)->pid == pid)
			return lock_forest_row(locks, row);
	}
	return NULL;
}

static bool
end_type_is(const struct session *session, const char *type)
{
	return session->backend_type != NULL &&
	       strcmp(session->backend_type, type) == 0;
}

/* Why it can't be ended this way; NULL: it can be tried. */
static const char *
end_refused(const struct app *app, bool terminate, const struct session *session)
{
	const struct lock_row *row = lock_row_of(app, session->pid);

	if (session->own)
		return "that is the console's own session";
	if (row != NULL && row->kind == LOCK_NODE_STARTUP)
		return lock_row_remedy(row);
	if (end_type_is(session, "startup"))
		return "that replays WAL and can't be ended; pg_wal_replay_pause() "
		       "holds it up";
	if (session_is_server(session))
		return "that is a process of the server itself: it can't be ended";
	if (session_is_hidden(session))
		return "not permitted: " SERVER_NEEDS_MONITOR
		       " to tell which session it is";
	if (app->snapshot->server.own_ending && session->user != NULL &&
		strcmp(session->user, app->snapshot->server.user) != 0)
		return "not permitted: needs pg_signal_backend";
	if (!terminate && (session->state == SESSION_IDLE ||
				  session_is_idle_in_transaction(session)))
		return "it runs no query to cancel; T terminates the session";
	return NULL;
}

/* What else ends with it, or that it comes back; NULL: nothing to say; static. */
static const char *
end_warning(const struct app *app, const struct session *session)
{
	const struct lock_row *row = lock_row_of(app, session->pid);

	if (session->migration)
		return "this is the migration's own backend";
	if (end_type_is(session, "walsender"))
		return "this is a walsender: a standby, a subscriber or a backup hangs "
		       "on it, and connects again";
	if ((row != NULL && row->kind == LOCK_NODE_WRAPAROUND) ||
		(end_type_is(session, "autovacuum worker") && session->query != NULL &&
			strstr(session->query, "(to prevent wraparound)") != NULL))
		return "this is an autovacuum to prevent wraparound: the server starts "
		       "it again soon; let it finish, or VACUUM the table yourself";
	if (end_type_is(session, "autovacuum worker"))
		return "this is an autovacuum: it yields to who waits by itself, and "
		       "comes back";
	if (end_type_is(session, "parallel worker") ||
		(session->leader_pid != 0 && session->leader_pid != session->pid))
		return "this is a parallel worker: its leader's query fails with it";
	if (session->backend_type != NULL && !end_type_is(session, "client backend"))
		return "this is a background worker: the server may start it again; a "
		       "subscription's is ended by ALTER SUBSCRIPTION ... DISABLE";
	return NULL;
}

static const char *
end_query(const struct session *session)
{
	return session->query == NULL ? "none" : session->query;
}

static void
end_where(const struct app *app, struct ask *ask)
{
	char *target = server_name(&app->snapshot->server);

	ask_fact(ask, "environment", "%s%s",
		app->settings.environment == NULL ? "not named"
						  : app->settings.environment,
		app_protected(app) ? " (protected)" : "");
	ask_fact(ask, "target", "%s", target);
	free(target);
}

static void
end_facts(const struct app *app, const struct session *session, struct ask *ask)
{
	const struct lock_row *row = lock_row_of(app, session->pid);
	const char *warning = end_warning(app, session);
	int64_t now = app_server_now_us(app);
	char age[DURATION_TEXT];

	ask_fact(ask, "session", "%d, %s, %s for %s", session->pid,
		session->user == NULL ? "user unknown" : session->user,
		session_state_words(session->state),
		duration_format(session_age_us(session, now), age));
	end_where(app, ask);
	ask_fact(ask, "application", "%s",
		session->application == NULL ? "" : session->application);
	ask_fact(ask, "blocks", "%zu session%s", row == NULL ? 0 : row->held_up,
		row != NULL && row->held_up == 1 ? "" : "s");
	ask_fact(ask, "its query", "%s", end_query(session));
	if (warning != NULL)
		ask_warn(ask, "%s", warning);
}

/* One of many, in a line or two. */
static void
end_list(const struct app *app, const struct session *session, struct ask *ask)
{
	const struct lock_row *row = lock_row_of(app, session->pid);
	const char *warning = end_warning(app, session);
	int64_t now = app_server_now_us(app);
	const char *application =
		session->application == NULL ? "" : session->application;
	char pid[16], age[DURATION_TEXT];
	char *held = row == NULL || row->held_up == 0
			     ? alloc_copy("")
			     : alloc_printf(", blocks %zu", row->held_up);
	char *query = migration_statement(end_query(session), QUERY_CELLS);
	snprintf(pid, sizeof(pid), "%d", session->pid);
	duration_format(session_age_us(session, now), age);
	ask_fact(ask, pid, "%s%s%s, %s for %s%s: %s",
		session->user == NULL ? "user unknown" : session->user,
		*application == '\0' ? "" : " ", application,
		session_state_words(session->state), age, held, query);
	free(query);
	free(held);
	if (warning != NULL)
		ask_warn(ask, "%d: %s", session->pid, warning);
}

static void
end_ask(struct app *app, bool terminate, const struct session *const *sessions,
	size_t count, struct ask *ask)
{
	const char *function = terminate ? "pg_terminate_backend" : "pg_cancel_backend";
	const char *database = app->snapshot->server.database;
	static const char undo[] = "none: its transaction is rolled back";

	ask->purpose = ASK_END_SESSION;
	ask->kind = terminate ? ASK_TYPED : ASK_YES;
	ask->severe = terminate;
	if (count == 1) {
		ask->title = alloc_printf("%s session %d?",
			terminate ? "Terminate" : "Cancel the query of",
			sessions[0]->pid);
		ask->command =
			alloc_printf("SELECT %s(%d)", function, sessions[0]->pid);
		ask->phrase =
			terminate ? alloc_printf("%s %d", database, sessions[0]->pid)
				  : NULL;
		end_facts(app, sessions[0], ask);
		if (terminate)
			ask_fact(ask, "undo", "%s", undo);
		return;
	}
	ask->title = alloc_printf("%s %zu sessions?",
		terminate ? "Terminate" : "Cancel the queries of", count);
	ask->command =
		alloc_printf("SELECT %s(PID) for each of these %zu", function, count);
	ask->phrase =
		terminate ? alloc_printf("%s %zu sessions", database, count) : NULL;
	end_where(app, ask);
	if (terminate)
		ask_fact(ask, "undo", "%s", undo);
	for (size_t i = 0; i < count; i++)
		end_list(app, sessions[i], ask);
}

static void
end_remember(struct app *app, bool terminate, const struct session *const *sessions,
	size_t count)
{
	struct end_targets *targets = &app->end_targets;

	free(targets->items);
	targets->terminate = terminate;
	targets->items = alloc_zeroed(count, sizeof(*targets->items));
	targets->count = count;
	for (size_t i = 0; i < count; i++)
		targets->items[i] = (struct end_target){
			.key = session_key_of(sessions[i]),
			.query_start_us = sessions[i]->query_start_us,
		};
}

void
app_ask_end(struct app *app, bool terminate, const struct session *const *sessions,
	size_t count)
{
	const struct session **left = alloc_zeroed(count + 1, sizeof(left[0]));
	struct strlist refused = { 0 };
	struct ask ask = { 0 };
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		const char *why = end_refused(app, terminate, sessions[i]);

		if (why == NULL)
			left[kept++] = sessions[i];
		else
			strlist_add_owned(&refused,
				alloc_printf("%d: %s", sessions[i]->pid, why));
	}
	if (app->read_only) {
		app_say(app, true, "the console was started with --read-only");
	} else if (count == 0) {
		app_say_gone(app, app->focus);
	} else if (kept == 0) {
		app_say(app, true,
			count == 1 ? "%s" : "%s; none of %zu can be ended so",
			refused.items[0], count);
	} else {
		end_ask(app, terminate, left, kept, &ask);
		for (size_t i = 0; i < refused.count && i < REFUSED_TOLD; i++)
			ask_warn(&ask, "left out: %s", refused.items[i]);
		if (refused.count > REFUSED_TOLD)
			ask_warn(&ask, "and %zu more are left out",
				refused.count - REFUSED_TOLD);
		end_remember(app, terminate, left, kept);
		app_ask(app, &ask);
	}
	strlist_free(&refused);
	free(left);
}

/* The session of a pid, "4312"; NULL after saying why there is none. */
static const struct session *
end_session_of(struct app *app, const char *word, size_t length)
{
	char *end;
	long pid = strtol(word, &end, 10);

	if (end != word + length || pid <= 0 || pid > INT32_MAX) {
		app_say(app, true, "\"%.*s\" is no pid", (int)length, word);
		return NULL;
	}
	const struct session *session =
		app->snapshot == NULL
			? NULL
			: session_find(&app->snapshot->sessions, (int)pid);
	if (session == NULL)
		app_say(app, true, "there is no session %ld", pid);
	return session;
}

void
app_end_command(struct app *app, bool terminate, const char *argument)
{
	const struct session **sessions =
		alloc_zeroed(strlen(argument) / 2 + 1, sizeof(sessions[0]));
	size_t count = 0;

	if (*argument == '\0')
		app_say(app, true, "which session? A pid, or several");
	while (*argument != '\0') {
		size_t length = strcspn(argument, " \t,");
		const struct session *session = end_session_of(app, argument, length);
		bool twice = false;

		if (session == NULL) {
			count = 0;
			break;
		}
		for (size_t i = 0; i < count; i++)
			twice = twice || sessions[i] == session;
		if (!twice)
			sessions[count++] = session;
		argument += length + strspn(argument + length, " \t,");
	}
	if (count != 0)
		app_ask_end(app, terminate, sessions, count);
	free(sessions);
}
