/* Cancel or terminate a session: what is refused, and what the question says. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"

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

/* Why it can't be ended this way; NULL: it can be tried. */
static const char *
end_refused(const struct app *app, bool terminate, const struct session *session)
{
	const struct lock_row *row = lock_row_of(app, session->pid);

	if (app->read_only)
		return "the console was started with --read-only";
	if (session->own)
		return "that is the console's own session";
	if (row != NULL && row->kind == LOCK_NODE_STARTUP)
		return lock_row_remedy(row);
	if (session->backend_type != NULL &&
		strcmp(session->backend_type, "client backend") != 0 &&
		strcmp(session->backend_type, "autovacuum worker") != 0 &&
		strcmp(session->backend_type, "parallel worker") != 0 &&
		strcmp(session->backend_type, "walsender") != 0)
		return "that is a process of the server itself";
	if (!terminate &&
		(session->state == SESSION_IDLE ||
			session->state == SESSION_IDLE_IN_TRANSACTION ||
			session->state == SESSION_IDLE_IN_TRANSACTION_ABORTED))
		return "it runs no query to cancel; T terminates the session";
	return NULL;
}

static void
end_facts(const struct app *app, const struct session *session, struct ask *ask)
{
	const struct lock_row *row = lock_row_of(app, session->pid);
	int64_t now = app_server_now_us(app);
	char age[DURATION_TEXT];
	char *target = server_name(&app->snapshot->server);

	ask_fact(ask, "session", "%d, %s, %s for %s", session->pid,
		session->user == NULL ? "user unknown" : session->user,
		session_state_words(session->state),
		duration_format(session_age_us(session, now), age));
	ask_fact(ask, "environment", "%s%s",
		app->settings.environment == NULL ? "not named"
						  : app->settings.environment,
		app_protected(app) ? " (protected)" : "");
	ask_fact(ask, "target", "%s", target);
	ask_fact(ask, "application", "%s",
		session->application == NULL ? "" : session->application);
	ask_fact(ask, "holds up", "%zu session%s", row == NULL ? 0 : row->held_up,
		row != NULL && row->held_up == 1 ? "" : "s");
	ask_fact(ask, "its query", "%s",
		session->query == NULL ? "hidden" : session->query);
	if (session->migration)
		ask_warn(ask, "this is the migration's own backend");
	if (session->backend_type != NULL &&
		strcmp(session->backend_type, "walsender") == 0)
		ask_warn(ask, "this is a walsender: a standby or a backup hangs on it");
	free(target);
}

void
app_ask_end(struct app *app, bool terminate, const struct session *session)
{
	if (session == NULL) {
		app_say(app, true, "no session is selected: it is gone");
		return;
	}
	const char *refused = end_refused(app, terminate, session);
	if (refused != NULL) {
		app_say(app, true, "%d: %s", session->pid, refused);
		return;
	}

	struct ask ask = {
		.purpose = ASK_END_SESSION,
		.kind = terminate ? ASK_TYPED : ASK_YES,
		.severe = terminate,
		.title = alloc_printf("%s session %d?",
			terminate ? "Terminate" : "Cancel the query of", session->pid),
		.command = alloc_printf("SELECT %s(%d)",
			terminate ? "pg_terminate_backend" : "pg_cancel_backend",
			session->pid),
	};
	end_facts(app, session, &ask);
	if (terminate) {
		ask.phrase = alloc_printf(
			"%s %d", app->snapshot->server.database, session->pid);
		ask_fact(&ask, "undo", "none: its transaction is rolled back");
	}
	app->end_target = (struct end_target){
		.terminate = terminate,
		.pid = session->pid,
		.backend_start_us = session->backend_start_us,
		.query_start_us = session->query_start_us,
	};
	app_ask(app, &ask);
}
