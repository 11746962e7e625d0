/* `pgrunbook locks`: who waits for whom. */
#include <stdlib.h>

#include "pgrunbook/app/command_look.h"
#include "pgrunbook/app/evidence.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"

static json_t *
locks_seconds(int64_t microseconds)
{
	return microseconds < 0 ? json_null() : json_real((double)microseconds / 1e6);
}

static json_t *
locks_instant(int64_t microseconds)
{
	char text[INSTANT_TEXT];

	return microseconds == 0 ? json_null()
				 : json_string(instant_format(microseconds, text));
}

static void
locks_set_text(json_t *node, const char *key, const char *text)
{
	json_object_set_new(node, key, evidence_text(text));
}

static json_t *
locks_holds(const struct lock_row *row)
{
	json_t *list = json_array();

	for (size_t i = 0; i < row->hold_count; i++) {
		const struct lock_hold *hold = &row->holds[i];
		json_t *item = json_object();

		locks_set_text(item, "lock_type", hold->kind);
		locks_set_text(item, "object", hold->object);
		locks_set_text(item, "mode", hold->mode);
		json_array_append_new(list, item);
	}
	return list;
}

static json_t *
locks_workers(const struct lock_row *row, int64_t now_us)
{
	json_t *list = json_array();

	for (size_t i = 0; i < row->worker_wait_count; i++) {
		const struct lock_wait *wait = row->worker_waits[i];
		json_t *item = json_object();

		json_object_set_new(item, "pid", json_integer(wait->pid));
		locks_set_text(item, "object", wait->object);
		locks_set_text(item, "mode", wait->mode);
		json_object_set_new(
			item, "seconds", locks_seconds(lock_wait_us(wait, now_us)));
		json_array_append_new(list, item);
	}
	return list;
}

static json_t *
locks_release(const struct lock_release *release)
{
	json_t *end = json_object();

	json_object_set_new(end, "possible",
		release->unknown != NULL ? json_null()
					 : json_boolean(release->refused == NULL));
	locks_set_text(end, "why_not",
		release->unknown != NULL ? release->unknown : release->refused);
	json_object_set_new(end, "at_once", json_integer((json_int_t)release->at_once));
	json_object_set_new(end, "later", json_integer((json_int_t)release->later));
	json_object_set_new(end, "still", json_integer((json_int_t)release->still));
	return end;
}

static json_t *
locks_if_ended(const struct lock_forest *forest, size_t index)
{
	const struct lock_row *row = lock_forest_row(forest, index);
	json_t *ends = json_object();

	for (int how = 0; how < LOCK_END_COUNT; how++) {
		struct lock_release release =
			lock_forest_release(forest, index, (enum lock_end)how);

		if (lock_row_ends(row, (enum lock_end)how))
			json_object_set_new(ends, lock_end_name((enum lock_end)how),
				locks_release(&release));
	}
	return ends;
}

/* How long its transaction is open; -1: not known. */
static int64_t
locks_transaction_us(const struct lock_row *row, int64_t now_us)
{
	if (row->prepared != NULL)
		return now_us > row->prepared->prepared_us
			       ? now_us - row->prepared->prepared_us
			       : 0;
	return row->session == NULL ? -1
				    : session_transaction_age_us(row->session, now_us);
}

static void
locks_set_session(json_t *node, const struct lock_row *row, int64_t now_us)
{
	static const struct session nobody = { 0 };
	const struct session *session = row->session ? row->session : &nobody;
	bool hidden = row->session != NULL && session_is_hidden(session);

	json_object_set_new(node, "hidden", json_boolean(hidden));
	json_object_set_new(
		node, "backend_start", locks_instant(session->backend_start_us));
	locks_set_text(node, "backend_type", session->backend_type);
	locks_set_text(node, "database",
		row->prepared ? row->prepared->database : session->database);
	locks_set_text(
		node, "user", row->prepared ? row->prepared->owner : session->user);
	locks_set_text(node, "application", session->application);
	locks_set_text(node, "client", session->client);
	locks_set_text(node, "state",
		row->session == NULL ? NULL : session_state_name(session->state));
	json_object_set_new(node, "transaction_seconds",
		locks_seconds(locks_transaction_us(row, now_us)));
	locks_set_text(node, "query", hidden ? NULL : session->query);
}

static json_t *
locks_node(const struct snapshot *snapshot, size_t index)
{
	const struct lock_row *row = lock_forest_row(snapshot->locks, index);
	const struct lock_row *parent = lock_forest_row(snapshot->locks, row->parent);
	const struct lock_wait *wait = row->wait;
	int64_t now_us = snapshot->server_now_us;
	char *behind = lock_row_behind(snapshot->locks, row, 0);
	json_t *node = evidence_lock(snapshot, index, now_us);

	json_object_set_new(node, "depth", json_integer(row->depth));
	json_object_set_new(
		node, "under", parent == row ? json_null() : json_integer(parent->pid));
	locks_set_text(node, "behind", behind);
	json_object_set_new(node, "deadlock", json_boolean(row->cycle));
	locks_set_text(node, "lock_type", wait == NULL ? NULL : wait->kind);
	locks_set_text(node, "object", wait == NULL ? NULL : wait->object);
	json_object_set_new(node, "seconds_at_least",
		json_boolean(wait != NULL && wait->since_at_least));
	json_object_set_new(node, "holds_up", json_integer((json_int_t)row->held_up));
	json_object_set_new(node, "holds", locks_holds(row));
	json_object_set_new(node, "workers", locks_workers(row, now_us));
	json_object_set_new(node, "if_ended", locks_if_ended(snapshot->locks, index));
	json_object_set_new(node, "remedy", json_string(lock_row_remedy(row)));
	locks_set_session(node, row, now_us);
	free(behind);
	return node;
}

/* "4312 app (web-3)", "prepared transaction 'x' bank". */
static void
locks_add_name(const struct lock_row *row, struct str *line)
{
	const struct session *session = row->session;

	if (row->prepared != NULL)
		str_printf(line, "prepared transaction '%s' %s", row->prepared->gid,
			row->prepared->owner);
	else if (row->pid == 0)
		str_add(line, "a prepared transaction");
	else
		str_printf(line, "%d", row->pid);
	if (session != NULL && session->user != NULL)
		str_printf(line, " %s", session->user);
	if (session != NULL && session->application != NULL &&
		*session->application != '\0')
		str_printf(line, " (%s)", session->application);
	if (row->kind != LOCK_NODE_SESSION && row->kind != LOCK_NODE_PREPARED)
		str_printf(line, " %s", lock_node_kind_name(row->kind));
	else if (session != NULL && session_state_name(session->state) != NULL)
		str_printf(line, " %s", session_state_name(session->state));
	else if (session != NULL)
		str_add(line, session_is_hidden(session) ? " hidden" : " -");
	if (session != NULL && session->migration)
		str_add(line, " MIGRATION");
	if (row->cycle)
		str_add(line, " DEADLOCK");
}

static void
locks_add_ages(
	const struct snapshot *snapshot, const struct lock_row *row, struct str *line)
{
	int64_t now_us = snapshot->server_now_us;
	int64_t open_us = locks_transaction_us(row, now_us);
	char age[DURATION_TEXT];

	if (open_us >= 0)
		str_printf(line, ", transaction %s", duration_format(open_us, age));
	if (row->wait == NULL)
		return;

	char *wants = lock_row_wants(row);
	char *behind = lock_row_behind(snapshot->locks, row, 0);
	int64_t waited = lock_wait_us(row->wait, now_us);

	str_printf(line, ", waits %s%s for %s, blocked by %s",
		row->wait->since_at_least ? ">=" : "",
		waited < 0 ? "?" : duration_format(waited, age), wants,
		behind == NULL ? "nobody" : behind);
	free(wants);
	free(behind);
}

static void
locks_line(const struct snapshot *snapshot, size_t index, struct str *out)
{
	const struct lock_row *row = lock_forest_row(snapshot->locks, index);
	const char *query = row->prepared ? NULL : lock_row_query(row);
	char *has = lock_row_has(row);
	struct str line = { 0 };

	locks_add_name(row, &line);
	locks_add_ages(snapshot, row, &line);
	if (has != NULL)
		str_printf(&line, ", holds %s", has);
	if (row->held_up != 0)
		str_printf(&line, ", blocks %zu", row->held_up);
	if (query != NULL && *query != '\0')
		str_printf(&line, ": %s", query);
	look_line(out, row->depth * 2, str_text(&line));
	str_free(&line);
	free(has);
}

/* What an end would bring; and where nobody stands above it, what ends it. */
static void
locks_advice(const struct snapshot *snapshot, size_t index, struct str *out)
{
	const struct lock_row *row = lock_forest_row(snapshot->locks, index);

	for (int way = 0; row->held_up != 0 && way < LOCK_END_COUNT; way++) {
		enum lock_end how = (enum lock_end)way;
		struct lock_release release =
			lock_forest_release(snapshot->locks, index, how);
		char *words = lock_release_words(&release);
		char *line = alloc_printf("%s: %s", lock_end_words(how), words);

		if (lock_row_ends(row, how))
			look_line(out, row->depth * 2 + 4, line);
		free(line);
		free(words);
	}
	if (row->wait == NULL || row->cycle)
		look_line(out, row->depth * 2 + 4, lock_row_remedy(row));
}

static int
locks_answer(void *kept, struct snapshot *snapshot, json_t **value, struct str *out)
{
	size_t rows = lock_forest_rows(snapshot->locks);

	(void)kept;
	/* That nobody waits would be a guess, and that everybody is gone. */
	if (snapshot->locks_unread || snapshot->sessions.count == 0)
		return 2;
	if (value != NULL) {
		*value = json_array();
		for (size_t row = 0; row < rows; row++)
			json_array_append_new(*value, locks_node(snapshot, row));
		return 0;
	}
	if (rows == 0)
		str_add(out, "nobody waits for a lock\n");
	for (size_t row = 0; row < rows; row++) {
		locks_line(snapshot, row, out);
		locks_advice(snapshot, row, out);
	}
	return 0;
}

const struct look look_locks = {
	.without = SNAPSHOT_PROGRESS,
	.tells = 1U << SNAPSHOT_OF_SESSIONS | 1U << SNAPSHOT_OF_LOCKS,
	.list = "locks",
	.answer = locks_answer,
};
