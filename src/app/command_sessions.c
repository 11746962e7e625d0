/* `pgrunbook sessions`: who is connected and does what. */
#include <stdlib.h>

#include "pgrunbook/app/command_look.h"
#include "pgrunbook/app/evidence.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/model/server.h"
#include "pgrunbook/model/session_rows.h"

/* What the options ask for. */
struct sessions_kept {
	struct session_filter *filter;
	struct session_order order;
};

static void
sessions_close(void *kept)
{
	struct sessions_kept *sessions = kept;

	if (sessions != NULL)
		session_filter_free(sessions->filter);
	free(sessions);
}

static bool
sessions_complain(struct str *complaints, const char *option, struct error *error)
{
	char *line = alloc_printf("pgrunbook: --%s: %s", option, error->message);

	look_line(complaints, 0, line);
	free(line);
	error_clear(error);
	return false;
}

static bool
sessions_open(const struct setup *setup, void **kept, struct str *complaints)
{
	struct sessions_kept *sessions = alloc_zeroed(1, sizeof(*sessions));
	struct error error = { 0 };

	*kept = sessions;
	if (setup->filter != NULL) {
		sessions->filter = session_filter_parse(setup->filter, &error);
		if (sessions->filter == NULL)
			return sessions_complain(complaints, "filter", &error);
	}
	if (setup->sort != NULL &&
		!session_order_parse(setup->sort, &sessions->order, &error))
		return sessions_complain(complaints, "sort", &error);
	return true;
}

/* Null where it isn't known. */
static json_t *
json_number(bool known, int64_t number)
{
	return known ? json_integer(number) : json_null();
}

static json_t *
json_seconds(int64_t since_us, int64_t now_us)
{
	if (since_us == 0)
		return json_null();
	return json_real(now_us > since_us ? (double)(now_us - since_us) / 1e6 : 0);
}

static json_t *
json_instant(int64_t at_us)
{
	char text[INSTANT_TEXT];

	return at_us == 0 ? json_null() : json_string(instant_format(at_us, text));
}

static const struct lock_row *
sessions_lock_row(const struct snapshot *snapshot, int pid)
{
	for (size_t i = 0; i < lock_forest_rows(snapshot->locks); i++) {
		if (lock_forest_row(snapshot->locks, i)->pid == pid)
			return lock_forest_row(snapshot->locks, i);
	}
	return NULL;
}

static void
json_locks(const struct snapshot *snapshot, const struct session *session, json_t *item)
{
	const struct lock_row *row = sessions_lock_row(snapshot, session->pid);
	json_t *blockers = json_array();

	for (size_t i = 0; row != NULL && i < row->waits_for_count; i++)
		json_array_append_new(blockers, json_integer(row->waits_for[i]));
	json_object_set_new(item, "waiting", json_boolean(session->waiting));
	json_object_set_new(item, "blocked_by", blockers);
	json_object_set_new(item, "holds_up",
		json_integer(row == NULL ? 0 : (json_int_t)row->held_up));
}

static json_t *
sessions_item(const struct snapshot *snapshot, const struct session *session)
{
	int64_t now = snapshot->server_now_us;
	bool hidden = session_is_hidden(session) && !session_is_server(session);
	json_t *item = json_object();

	json_object_set_new(item, "pid", json_integer(session->pid));
	json_object_set_new(
		item, "backend_start", json_instant(session->backend_start_us));
	json_object_set_new(item, "leader_pid",
		json_number(session->leader_pid != 0, session->leader_pid));
	json_object_set_new(item, "backend_type", evidence_text(session->backend_type));
	json_object_set_new(
		item, "state", evidence_text(session_state_name(session->state)));
	json_object_set_new(item, "hidden", json_boolean(hidden));
	json_object_set_new(
		item, "state_seconds", json_seconds(session->state_change_us, now));
	json_object_set_new(
		item, "query_seconds", json_seconds(session->query_start_us, now));
	json_object_set_new(item, "transaction_seconds",
		json_seconds(session->transaction_start_us, now));
	json_object_set_new(item, "xmin_age",
		json_number(session->xmin_age >= 0, session->xmin_age));
	json_object_set_new(item, "wait_type", evidence_text(session->wait_type));
	json_object_set_new(item, "wait_event", evidence_text(session->wait_event));
	json_locks(snapshot, session, item);
	json_object_set_new(item, "database", evidence_text(session->database));
	json_object_set_new(item, "user", evidence_text(session->user));
	json_object_set_new(item, "application", evidence_text(session->application));
	json_object_set_new(item, "client", evidence_text(session->client));
	json_object_set_new(item, "client_port",
		json_number(session->client_port > 0, session->client_port));
	json_object_set_new(item, "migration", json_boolean(session->migration));
	json_object_set_new(item, "own", json_boolean(session->own));
	json_object_set_new(item, "query_id",
		json_number(session->query_id != 0, session->query_id));
	json_object_set_new(
		item, "query", evidence_text(hidden ? NULL : session->query));
	return item;
}

static const char *
sessions_state(const struct session *session)
{
	const char *name = session_state_name(session->state);

	if (name != NULL)
		return name;
	if (session_is_server(session))
		return "server";
	return session_is_hidden(session) ? "hidden (" SERVER_NEEDS_MONITOR ")" : "-";
}

static void
sessions_line(
	const struct snapshot *snapshot, const struct session_row *row, struct str *out)
{
	const struct session *session = row->session;
	int64_t now = snapshot->server_now_us;
	struct str line = { 0 };
	char age[DURATION_TEXT], wait[SESSION_WAIT_TEXT];
	const char *waits = session_field_text(session, SESSION_FIELD_WAIT, wait);

	str_printf(&line, "%d %s%s", session->pid,
		session->migration ? "MIGRATION " : "", sessions_state(session));
	if (session_age_us(session, now) >= 0)
		str_printf(&line, " %s",
			duration_format(session_age_us(session, now), age));
	if (session->transaction_start_us != 0)
		str_printf(&line, ", transaction %s",
			duration_format(session_transaction_age_us(session, now), age));
	if (session->xmin_age >= SESSION_OLD_XMIN)
		str_printf(&line, ", snapshot %lld transactions old",
			(long long)session->xmin_age);
	if (session->waiting || (waits != NULL && session->state == SESSION_ACTIVE))
		str_printf(&line, ", waits for %s", waits == NULL ? "a lock" : waits);
	if (session->user != NULL)
		str_printf(&line, ", %s", session->user);
	if (session->application != NULL && *session->application != '\0')
		str_printf(&line, " (%s)", session->application);
	if (session->database != NULL)
		str_printf(&line, " in %s", session->database);
	if (session->client != NULL)
		str_printf(&line, " from %s", session->client);
	if (session_is_server(session) && session->backend_type != NULL)
		str_printf(&line, ": %s", session->backend_type);
	else if (!session_is_hidden(session) && session->query != NULL &&
		 *session->query != '\0')
		str_printf(&line, ": %s", session->query);
	look_line(out, row->worker ? 2 : 0, str_text(&line));
	str_free(&line);
}

static int
sessions_answer(void *kept, struct snapshot *snapshot, json_t **value, struct str *out)
{
	const struct sessions_kept *sessions = kept;
	const struct session_choice choice = {
		.filter = sessions->filter,
		.order = sessions->order,
		.unfolded = true,
	};
	struct session_rows rows = { 0 };

	/* Our own is always there: they could not be read. */
	if (snapshot->sessions.count == 0)
		return 2;
	session_rows_make(&snapshot->sessions, &choice, snapshot->server_now_us, &rows);
	if (value != NULL)
		*value = json_array();
	for (size_t i = 0; i < rows.count; i++) {
		if (value != NULL)
			json_array_append_new(
				*value, sessions_item(snapshot, rows.items[i].session));
		else
			sessions_line(snapshot, &rows.items[i], out);
	}
	if (value == NULL && rows.count == 0)
		str_printf(out, "none of %zu sessions fits the filter\n", rows.all);
	session_rows_free(&rows);
	return 0;
}

const struct look look_sessions = {
	.tells = 1U << SNAPSHOT_OF_SESSIONS | 1U << SNAPSHOT_OF_LOCKS,
	.list = "sessions",
	.open = sessions_open,
	.close = sessions_close,
	.answer = sessions_answer,
};
