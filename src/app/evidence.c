#include "pgrunbook/app/evidence.h"

#include <string.h>

#include "pgrunbook/base/str.h"
#include "pgrunbook/base/text.h"

json_t *
evidence_text(const char *text)
{
	struct str clean = { 0 };

	if (text == NULL)
		return json_null();
	text_sanitize_lines(text, strlen(text), &clean);
	json_t *value = json_stringn(str_text(&clean), clean.length);
	str_free(&clean);
	return value;
}

json_t *
evidence_list(const struct strlist *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(array, evidence_text(list->items[i]));
	return array;
}

json_t *
evidence_lock(const struct snapshot *snapshot, size_t index, int64_t server_now_us)
{
	const struct lock_row *row = lock_forest_row(snapshot->locks, index);
	const struct lock_wait *wait = row->wait;
	int64_t waited = wait == NULL ? -1 : lock_wait_us(wait, server_now_us);
	json_t *waits_for = json_array();
	json_t *node = json_object();

	for (size_t i = 0; i < row->waits_for_count; i++)
		json_array_append_new(waits_for, json_integer(row->waits_for[i]));
	json_object_set_new(node, "pid", json_integer(row->pid));
	json_object_set_new(node, "kind", json_string(lock_node_kind_name(row->kind)));
	json_object_set_new(node, "waits_for", waits_for);
	json_object_set_new(
		node, "relation", evidence_text(wait == NULL ? NULL : wait->relation));
	json_object_set_new(
		node, "mode", evidence_text(wait == NULL ? NULL : wait->mode));
	json_object_set_new(node, "seconds",
		waited < 0 ? json_null() : json_real((double)waited / 1e6));
	if (row->prepared != NULL)
		json_object_set_new(node, "gid", evidence_text(row->prepared->gid));
	return node;
}

json_t *
evidence_locks(const struct snapshot *snapshot, int64_t server_now_us)
{
	json_t *nodes = json_array();

	for (size_t row = 0; row < lock_forest_rows(snapshot->locks); row++)
		json_array_append_new(
			nodes, evidence_lock(snapshot, row, server_now_us));
	return nodes;
}

static json_t *
evidence_sessions(const struct session_list *sessions)
{
	json_t *counts = json_object();

	for (size_t i = 0; i < sessions->count; i++) {
		const char *state = session_state_words(sessions->items[i].state);
		json_int_t before = json_integer_value(json_object_get(counts, state));

		json_object_set_new(counts, state, json_integer(before + 1));
	}
	return counts;
}

static json_t *
evidence_replicas(const struct replication *replication)
{
	json_t *list = json_array();

	for (size_t i = 0; i < replication->count; i++) {
		const struct replica *replica = &replication->items[i];
		json_t *node = json_object();

		json_object_set_new(node, "name", evidence_text(replica->name));
		json_object_set_new(node, "state", evidence_text(replica->state));
		json_object_set_new(node, "lag_bytes",
			replica->lag_bytes < 0 ? json_null()
					       : json_integer(replica->lag_bytes));
		json_object_set_new(node, "cause",
			json_string(replica_cause_words(replica->cause)));
		json_array_append_new(list, node);
	}
	return list;
}

json_t *
evidence_make(const struct app *app)
{
	const struct snapshot *snapshot = app->latest ? app->latest : app->snapshot;
	json_t *evidence = json_object();

	if (snapshot == NULL)
		return evidence;
	json_object_set_new(
		evidence, "locks", evidence_locks(snapshot, snapshot->server_now_us));
	json_object_set_new(
		evidence, "sessions", evidence_sessions(&snapshot->sessions));
	json_object_set_new(
		evidence, "replicas", evidence_replicas(&snapshot->replication));
	json_object_set_new(
		evidence, "alembic.revision", evidence_list(&snapshot->version.rows));
	return evidence;
}

static void
evidence_dump(json_t *value, size_t flags, struct str *out)
{
	char *text = json_dumps(value, flags | JSON_REAL_PRECISION(9));

	str_add(out, text);
	str_add_char(out, '\n');
	free(text);
	json_decref(value);
}

void
evidence_print(json_t *value, struct str *out)
{
	evidence_dump(value, JSON_INDENT(2), out);
}

void
evidence_print_line(json_t *value, struct str *out)
{
	evidence_dump(value, JSON_COMPACT, out);
}
