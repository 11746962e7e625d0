#include "tests/cluster/watching.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tap/tap.h"

static void
watching_on_snapshot(void *context, struct snapshot *snapshot)
{
	struct watching *watching = context;

	snapshot_free(watching->snapshot);
	watching->snapshot = snapshot;
	watching->snapshots++;
}

static void
watching_on_lost(void *context, const char *message)
{
	struct watching *watching = context;

	watching->lost++;
	snprintf(watching->message, sizeof(watching->message), "%s", message);
}

static void
watching_params(const char *conninfo, struct pg_params *params)
{
	struct error error = { 0 };

	if (!pg_params_make(conninfo, NULL, NULL, NULL, params, &error))
		tap_diag("%s", error.message);
	error_clear(&error);
}

static void
watching_start_with(struct watching *watching, struct loop *loop, const char *conninfo,
	const char *replica, const char *version_table, int patience_ms)
{
	struct pg_watch_replica standby = { .name = (char *)"r1" };
	struct pg_watch_options options = { .replicas = &standby,
		.replica_count = replica ? 1 : 0,
		.version_table = version_table,
		.interval_us = 50 * 1000,
		.patience_us = patience_ms * INT64_C(1000) };
	const struct pg_watch_handler handler = { .snapshot = watching_on_snapshot,
		.lost = watching_on_lost,
		.context = watching };

	*watching = (struct watching){ .loop = loop };
	watching_params(conninfo, &options.params);
	if (replica)
		watching_params(replica, &standby.params);
	watching->watch = pg_watch_new(loop, &options, &handler);
	pg_params_free(&options.params);
	pg_params_free(&standby.params);
}

void
watching_start(struct watching *watching, struct loop *loop, const char *conninfo,
	const char *replica, const char *version_table)
{
	watching_start_with(watching, loop, conninfo, replica, version_table, 0);
}

void
watching_start_patient(struct watching *watching, struct loop *loop,
	const char *conninfo, const char *replica, int patience_ms)
{
	watching_start_with(watching, loop, conninfo, replica, NULL, patience_ms);
}

void
watching_stop(struct watching *watching)
{
	pg_watch_free(watching->watch);
	snapshot_free(watching->snapshot);
	*watching = (struct watching){ 0 };
}

struct watching_condition {
	struct watching *watching;
	bool (*shows)(const struct snapshot *snapshot, const void *context);
	const void *context;
	int from, count;
};

static bool
watching_shows(const void *context)
{
	const struct watching_condition *condition = context;
	const struct watching *watching = condition->watching;

	return watching->snapshots > condition->from &&
	       condition->shows(watching->snapshot, condition->context);
}

bool
watching_await(struct watching *watching,
	bool (*shows)(const struct snapshot *snapshot, const void *context),
	const void *context)
{
	struct watching_condition condition = { watching, shows, context,
		watching->snapshots, 0 };

	return cluster_await(watching->loop, watching_shows, &condition);
}

static bool
watching_came(const void *context)
{
	const struct watching_condition *condition = context;

	return condition->watching->snapshots >= condition->from + condition->count;
}

const struct session *
watching_session(const struct snapshot *snapshot, const char *application)
{
	for (size_t i = 0; i < snapshot->sessions.count; i++) {
		const struct session *session = &snapshot->sessions.items[i];

		if (session->application &&
			strcmp(session->application, application) == 0)
			return session;
	}
	return NULL;
}

bool
watching_shows_active(const struct snapshot *snapshot, const void *application)
{
	const struct session *session = watching_session(snapshot, application);

	return session && session->state == SESSION_ACTIVE;
}

bool
watching_next(struct watching *watching, int count)
{
	struct watching_condition condition = { watching, NULL, NULL,
		watching->snapshots, count };

	return cluster_await(watching->loop, watching_came, &condition);
}

void
watching_on_outcome(void *context, bool ended, const char *words)
{
	struct watching_outcome *outcome = context;

	outcome->count++;
	outcome->ended = ended;
	snprintf(outcome->words, sizeof(outcome->words), "%s", words);
}

bool
watching_has_outcome(const void *context)
{
	return ((const struct watching_outcome *)context)->count > 0;
}

void
watching_end(struct watching *watching, enum pg_end how,
	const struct pg_end_target *target, struct watching_outcome *outcome)
{
	*outcome = (struct watching_outcome){ 0 };
	pg_watch_end(watching->watch, how, target, watching_on_outcome, outcome);
	cluster_await(watching->loop, watching_has_outcome, outcome);
}

static void
watching_add_name(
	const struct watching_name *names, size_t count, int pid, struct str *out)
{
	for (size_t i = 0; i < count; i++) {
		if (names[i].pid == pid) {
			str_add(out, names[i].name);
			return;
		}
	}
	str_printf(out, "%s", pid == 0 ? "prepared" : "somebody");
}

/* Numbers of transactions differ from run to run. */
static void
watching_add_object(const char *object, struct str *out)
{
	const char *number = strstr(object, "transaction ");

	if (!number) {
		str_add(out, object);
		return;
	}
	number += strlen("transaction ");
	str_add_bytes(out, object, (size_t)(number - object));
	str_add(out, "N");
	str_add(out, number + strspn(number, "0123456789/"));
}

static void
watching_add_wait(const struct lock_wait *wait, struct str *out)
{
	char *words = lock_words(wait->object ? wait->object : "-", wait->mode);

	str_add_char(out, ' ');
	watching_add_object(words, out);
	free(words);
}

/* In the order of the names: pids begin anew some time. */
static void
watching_add_blockers(const struct lock_row *row, const struct watching_name *names,
	size_t count, struct str *out)
{
	size_t told = 0;

	for (size_t name = 0; name <= count; name++) {
		int pid = name < count ? names[name].pid : 0;

		for (size_t i = 0; i < row->waits_for_count; i++) {
			if (row->waits_for[i] != pid)
				continue;
			str_add(out, told++ ? " " : " < ");
			watching_add_name(names, count, pid, out);
		}
	}
	if (told < row->waits_for_count)
		str_add(out, " < somebody");
}

static void
watching_add_row(const struct lock_row *row, const struct watching_name *names,
	size_t count, bool kinds, struct str *out)
{
	if (row->prepared)
		str_printf(out, "prepared '%s'", row->prepared->gid);
	else
		watching_add_name(names, count, row->pid, out);
	if (kinds && row->kind != LOCK_NODE_SESSION && !row->prepared)
		str_printf(out, " [%s]", lock_node_kind_name(row->kind));
	watching_add_blockers(row, names, count, out);
	if (row->wait)
		watching_add_wait(row->wait, out);
	for (size_t i = 0; i < row->worker_wait_count; i++) {
		str_add(out, " and");
		watching_add_wait(row->worker_waits[i], out);
	}
	for (size_t i = 0; i < row->hold_count; i++) {
		char *words = lock_hold_words(&row->holds[i]);

		str_add(out, i ? ", " : " has ");
		watching_add_object(words, out);
		free(words);
	}
	if (row->held_up)
		str_printf(out, " +%zu", row->held_up);
	if (row->cycle)
		str_add(out, " cycle");
}

void
watching_forest(const struct snapshot *snapshot, const struct watching_name *names,
	size_t count, bool kinds, struct str *out)
{
	for (size_t i = 0; i < lock_forest_rows(snapshot->locks); i++) {
		const struct lock_row *row = lock_forest_row(snapshot->locks, i);

		str_add(out, i ? "; " : "");
		for (int depth = 0; depth < row->depth; depth++)
			str_add(out, ". ");
		watching_add_row(row, names, count, kinds, out);
	}
}
