#include "tests/screen/state.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/str.h"
#include "tests/screen/state_json.h"
#include "tests/screen/state_progress.h"
#include "tests/screen/state_replicas.h"
#include "tests/screen/state_run.h"
#include "tests/screen/state_tree.h"

/* The instant that every screen is drawn at, unless its state says another. */
#define STATE_NOW "2026-01-06T14:02:31.000000Z"

static void
load_server(const json_t *state, struct server *server)
{
	static const char *const roles[] = { "unknown", "primary", "standby" };
	const json_t *object = json_object_get(state, "server");

	server->host = copy_of(object, "host");
	server->port = copy_of(object, "port");
	server->database = copy_of(object, "database");
	server->user = copy_of(object, "user");
	server->version = copy_of(object, "version");
	server->role = (enum server_role)word_of(object, "role", roles, 3, 1);
	server->monitor = flag_of(object, "monitor", true);
	server->own_ending = flag_of(object, "own_ending", false);
}

static void
load_session(const json_t *object, int64_t now_us, struct session *session)
{
	static const char *const states[] = { "hidden", "active", "idle", "idle in tx",
		"aborted tx", "fastpath", "disabled", "starting" };

	*session = (struct session){
		.pid = (int)number_of(object, "pid", 0),
		.leader_pid = (int)number_of(object, "leader", 0),
		.backend_start_us = now_us - 3600 * INT64_C(1000000),
		.query_start_us = instant_of(object, "query_ago", now_us),
		.transaction_start_us = instant_of(object, "tx_ago", now_us),
		.state_change_us = instant_of(object, "state_ago", now_us),
		.state = (enum session_state)word_of(object, "state", states, 8, 1),
		.backend_type = copy_of(object, "backend"),
		.database = copy_of(object, "database"),
		.user = copy_of(object, "user"),
		.application = copy_of(object, "application"),
		.client = copy_of(object, "client"),
		.wait_type = copy_of(object, "wait_type"),
		.wait_event = copy_of(object, "wait_event"),
		.query = copy_of(object, "query"),
		.client_port = (int)number_of(object, "client_port", 0),
		.query_id = number_of(object, "query_id", 0),
		.xmin_age = number_of(object, "xmin_age", -1),
		.own = flag_of(object, "own", false),
		.migration = flag_of(object, "migration", false),
		.mark = flag_of(object, "migration", false) ? SESSION_MARK_NAME
							    : SESSION_MARK_NONE,
	};
	struct str query = { 0 };
	for (int64_t i = number_of(object, "query_times", 0); i > 0; i--)
		str_add(&query, session->query);
	if (query.length != 0) {
		free(session->query);
		session->query = str_take(&query);
	}
	if (session->backend_type == NULL && !flag_of(object, "bare", false))
		session->backend_type = alloc_copy("client backend");
}

/* {"count": 10000}: as many, made up. */
static void
make_sessions(size_t count, int64_t now_us, struct session_list *list)
{
	static const enum session_state states[] = { SESSION_IDLE, SESSION_ACTIVE,
		SESSION_IDLE, SESSION_IDLE_IN_TRANSACTION, SESSION_IDLE };

	list->items = alloc_zeroed(count, sizeof(*list->items));
	list->count = list->capacity = count;
	for (size_t i = 0; i < count; i++) {
		int64_t since_us = now_us - (int64_t)(i * 7919 % 900) * 1000000;

		list->items[i] = (struct session){
			.pid = (int)(10000 + i),
			.backend_start_us = now_us - (int64_t)i,
			.state = states[i % 5],
			.query_start_us = since_us,
			.state_change_us = since_us,
			.transaction_start_us =
				states[i % 5] == SESSION_IDLE ? 0 : since_us,
			.backend_type = alloc_copy("client backend"),
			.database = alloc_copy("billing"),
			.user = alloc_printf("app%zu", i % 3),
			.application = alloc_printf("web-%zu", i % 97),
			.query = alloc_printf("SELECT %zu", i),
			.xmin_age = -1,
		};
	}
}

static void
load_sessions(const json_t *state, int64_t now_us, struct session_list *list)
{
	const json_t *sessions = json_object_get(state, "sessions");
	json_t *item;
	size_t i;

	if (json_is_object(sessions))
		make_sessions((size_t)number_of(sessions, "count", 0), now_us, list);
	json_array_foreach(sessions, i, item)
	{
		list->items = alloc_room(list->items, list->count, &list->capacity,
			sizeof(*list->items));
		load_session(item, now_us, &list->items[list->count++]);
	}
	session_sort(list, now_us);
}

static void
load_wait(const json_t *object, int64_t now_us, struct lock_wait_list *list)
{
	const json_t *blockers = json_object_get(object, "blockers");
	size_t count = json_array_size(blockers);

	list->waits = alloc_room(
		list->waits, list->count, &list->capacity, sizeof(*list->waits));
	struct lock_wait *wait = &list->waits[list->count++];
	*wait = (struct lock_wait){
		.pid = (int)number_of(object, "pid", 0),
		.since_us = instant_of(object, "ago", now_us),
		.since_at_least = flag_of(object, "at_least", false),
		.mode = copy_of(object, "mode"),
		.kind = copy_of(object, "kind"),
		.object = copy_of(object, "object"),
		.blockers = alloc_zeroed(count + 1, sizeof(int)),
		.blocker_count = count,
	};
	for (size_t i = 0; i < count; i++)
		wait->blockers[i] =
			(int)json_integer_value(json_array_get(blockers, i));
}

static void
load_prepared(const json_t *object, int64_t now_us, struct lock_prepared *prepared)
{
	const json_t *waiters = json_object_get(object, "waiters");

	*prepared = (struct lock_prepared){
		.transaction = copy_of(object, "transaction"),
		.gid = copy_of(object, "gid"),
		.owner = copy_of(object, "owner"),
		.database = copy_of(object, "database"),
		.prepared_us = instant_of(object, "ago", now_us),
	};
	for (size_t i = 0; i < json_array_size(waiters); i++) {
		prepared->waiters =
			alloc_room(prepared->waiters, prepared->waiter_count,
				&prepared->waiter_capacity, sizeof(*prepared->waiters));
		prepared->waiters[prepared->waiter_count++] =
			(int)json_integer_value(json_array_get(waiters, i));
	}
}

static void
load_hold(const json_t *object, struct lock_hold *hold)
{
	*hold = (struct lock_hold){
		.pid = (int)number_of(object, "pid", 0),
		.transaction = copy_of(object, "transaction"),
		.mode = copy_of(object, "mode"),
		.kind = copy_of(object, "kind"),
		.object = copy_of(object, "object"),
	};
}

static void
load_locks(const json_t *state, int64_t now_us, struct snapshot *snapshot)
{
	const json_t *prepared = json_object_get(state, "prepared");
	const json_t *holds = json_object_get(state, "holds");
	struct lock_wait_list list = { 0 };
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(state, "waits"), i, item)
	{
		load_wait(item, now_us, &list);
	}
	list.prepared_count = json_array_size(prepared);
	list.prepared = alloc_zeroed(list.prepared_count + 1, sizeof(*list.prepared));
	json_array_foreach(prepared, i, item)
	{
		load_prepared(item, now_us, &list.prepared[i]);
	}
	list.hold_count = json_array_size(holds);
	list.hold_capacity = list.hold_count + 1;
	list.holds = alloc_zeroed(list.hold_capacity, sizeof(*list.holds));
	json_array_foreach(holds, i, item)
	{
		load_hold(item, &list.holds[i]);
	}
	list.standby = snapshot->server.role == SERVER_STANDBY;
	snapshot->locks = lock_forest_new(&list, &snapshot->sessions);
}

static void
load_candidates(const json_t *object, struct version_rows *rows)
{
	const json_t *list = json_object_get(object, "candidates");
	json_t *item;
	size_t i;

	rows->candidate_count = json_array_size(list);
	rows->candidates =
		alloc_zeroed(rows->candidate_count, sizeof(*rows->candidates));
	json_array_foreach(list, i, item)
	{
		struct version_candidate *candidate = &rows->candidates[i];

		*candidate = (struct version_candidate){
			.name = copy_of(item, "name"),
			.oid = alloc_copy("0"),
			.grant = copy_of(item, "grant"),
			.column = true,
			.read = json_object_get(item, "rows") != NULL,
		};
		if (candidate->grant == NULL)
			candidate->grant = alloc_copy("");
		list_of(item, "rows", &candidate->rows);
	}
}

static void
load_version(const json_t *state, int64_t now_us, struct version_rows *rows)
{
	static const char *const tables[] = { "not read", "missing", "other",
		"not permitted", "unsafe", "several", "read" };
	const json_t *object = json_object_get(state, "version");

	rows->table = (enum version_table)word_of(
		object, "table", tables, 7, VERSION_TABLE_READ);
	if (rows->table == VERSION_TABLE_READ || rows->table == VERSION_TABLE_OTHER ||
		rows->table == VERSION_TABLE_NOT_PERMITTED ||
		rows->table == VERSION_TABLE_UNSAFE || flag_of(object, "locked", false))
		rows->name = alloc_copy("public.alembic_version");
	rows->grant = copy_of(object, "grant");
	if (rows->grant == NULL)
		rows->grant =
			alloc_copy("GRANT SELECT ON public.alembic_version TO deploy");
	list_of(object, "rows", &rows->rows);
	rows->read_us = now_us - duration_of(object, "read_ago", 0);
	load_candidates(object, rows);
}

static void
load_vitals(const json_t *state, int64_t now_us, struct vitals *vitals)
{
	const json_t *object = json_object_get(state, "vitals");

	if (object == NULL)
		return;
	*vitals = (struct vitals){
		.read = true,
		.max_connections = number_of(object, "max_connections", 100),
		.reserved_connections = number_of(object, "reserved", 3),
		.commits = -1,
		.rollbacks = -1,
		.temp_bytes = -1,
		.deadlocks = -1,
		.xid_database = copy_of(object, "xid_database"),
		.xid_age = number_of(object, "xid_age", -1),
		.freeze_max_age = 200000000,
		.multixact_database = copy_of(object, "xid_database"),
		.multixact_age = number_of(object, "multixact_age", -1),
		.multixact_freeze_max_age = 400000000,
		.prepared_gid = copy_of(object, "prepared"),
		.prepared_xid_age = number_of(object, "prepared_xid_age", -1),
		.prepared_us = instant_of(object, "prepared_ago", now_us),
	};
}

/* What the numbers were, three seconds apart, up to the snapshot; null is unknown. */
static void
load_minute(const json_t *state, struct app *app)
{
	const json_t *minute = json_object_get(state, "minute");

	for (enum vital vital = 0; vital < VITAL_COUNT && minute != NULL; vital++) {
		const json_t *list = json_object_get(minute, vital_name(vital));
		size_t count = json_array_size(list);

		for (size_t i = 0; i < count; i++) {
			const json_t *value = json_array_get(list, i);

			series_add(&app->history.series[vital],
				app->snapshot->taken_us -
					(int64_t)(count - 1 - i) * 3000000,
				json_is_null(value) ? SERIES_UNKNOWN
						    : json_number_value(value));
		}
	}
}

static void
load_snapshot(const json_t *state, struct app *app)
{
	if (json_object_get(state, "server") == NULL ||
		json_is_null(json_object_get(state, "server")))
		return;
	struct snapshot *snapshot = alloc_zeroed(1, sizeof(*snapshot));
	int64_t now_us = app->now_us - duration_of(state, "taken_ago", 400000);
	snapshot->taken_us = snapshot->server_now_us = now_us;
	snapshot->every_us = duration_of(state, "slow", 0);
	snapshot->slow = snapshot->every_us != 0;
	snapshot->left_out =
		flag_of(state, "no_progress", false) ? SNAPSHOT_PROGRESS : 0;
	load_server(state, &snapshot->server);
	load_sessions(state, now_us, &snapshot->sessions);
	load_locks(state, now_us, snapshot);
	snapshot->problems[SNAPSHOT_OF_SESSIONS] = copy_of(state, "sessions_problem");
	snapshot->problems[SNAPSHOT_OF_LOCKS] = copy_of(state, "locks_problem");
	snapshot->locks_unread = snapshot->problems[SNAPSHOT_OF_LOCKS] != NULL;
	state_load_progress(state, snapshot);
	state_load_replicas(state, now_us, &snapshot->replication);
	load_version(state, now_us, &snapshot->version);
	load_vitals(state, now_us, &snapshot->vitals);
	app_take_snapshot(app, snapshot);
	load_minute(state, app);
}

static void
load_ask(const json_t *state, struct app *app)
{
	static const char *const kinds[] = { "yes", "typed", "choice" };
	static const struct ask_choice choices[] = { { 'r', "retry it" },
		{ 's', "skip it, with a reason" }, { 'a', "abort the run" } };
	const json_t *object = json_object_get(state, "ask");
	json_t *pair;
	size_t i;

	if (!json_is_object(object))
		return;
	struct ask ask = {
		.purpose = ASK_STEP,
		.kind = (enum ask_kind)word_of(object, "kind", kinds, 3, 0),
		.severe = flag_of(object, "severe", false),
		.title = copy_of(object, "title"),
		.command = copy_of(object, "command"),
		.phrase = copy_of(object, "phrase"),
		.complaint = copy_of(object, "complaint"),
	};
	json_array_foreach(json_object_get(object, "facts"), i, pair)
	{
		ask_fact(&ask, json_string_value(json_array_get(pair, 0)), "%s",
			json_string_value(json_array_get(pair, 1)));
	}
	list_of(object, "warnings", &ask.warnings);
	if (ask.kind == ASK_CHOICE)
		memcpy(ask.choices, choices, sizeof(choices));
	/* Long enough ago that keys are answers. */
	ask_open(&app->ask, &ask, KEY_CODE_UNKNOWN, app->now_us - 2000000);
	ask_show(&app->ask, app->now_us - 2000000); /* two seconds ago */
}

static void
load_line(const json_t *state, struct app *app)
{
	const json_t *object = json_object_get(state, "line");

	if (!json_is_object(object))
		return;
	app_line_open(
		app, LINE_COMMAND, text_of(object, "label"), text_of(object, "text"));
	app->line.cursor =
		(size_t)number_of(object, "cursor", (int64_t)app->line.cursor);
}

static void
load_git(const json_t *state, struct app *app)
{
	static const char *const outcomes[] = { "looking", "found", "stashed",
		"removed", "dropped", "nowhere", "no repository", "not installed",
		"failed" };
	const json_t *all = json_object_get(state, "git");
	struct git_found_list list = { .count = json_array_size(all) };
	json_t *item;
	size_t i;

	list.items = alloc_zeroed(list.count, sizeof(*list.items));
	json_array_foreach(all, i, item)
	{
		list.items[i] = (struct git_found){
			.id = copy_of(item, "id"),
			.outcome = (enum git_outcome)word_of(
				item, "outcome", outcomes, 9, GIT_FOUND),
			.commit = copy_of(item, "commit"),
			.path = copy_of(item, "path"),
			.author = copy_of(item, "author"),
			.time_us = instant_of(item, "ago", app->now_us),
			.looked_at = (size_t)number_of(item, "looked_at", 0),
		};
		list_of(item, "refs", &list.items[i].refs);
	}
	app_take_git(app, &list);
}

static void
load_looks(const json_t *state, struct app *app, bool *ascii)
{
	static const char *const overlays[] = { "none", "help", "detail", "runbooks",
		"revisions", "tables", "output" };
	const json_t *size = json_object_get(state, "size");
	const char *panes[PANE_COUNT];

	for (int i = 0; i < PANE_COUNT; i++)
		panes[i] = pane_name((enum pane_id)i);
	app_resize(app, (int)json_integer_value(json_array_get(size, 0)),
		(int)json_integer_value(json_array_get(size, 1)));
	*ascii = flag_of(state, "ascii", false);
	app->focus = (enum pane_id)word_of(state, "focus", panes, PANE_COUNT, 0);
	app->zoomed = flag_of(state, "zoomed", false);
	app->overlay = (enum overlay)word_of(state, "overlay", overlays, 7, 0);
	if (app->overlay == OVERLAY_TABLES)
		app_choose_table(app, &app->snapshot->version);
	load_git(state, app);
	app->paused = flag_of(state, "paused", false);
	app->read_only = flag_of(state, "read_only", false);
	app->input_name = copy_of(state, "input_name");
	list_of(state, "runbooks", &app->runbooks);
	if (text_of(state, "message") != NULL)
		app_say(app, flag_of(state, "message_bad", false), "%s",
			text_of(state, "message"));
}

static json_t *
read_state(const char *folder, const char *name)
{
	char *path = alloc_printf("%s/%s", folder, name);
	json_error_t error;
	json_t *state = json_load_file(path, 0, &error);

	if (state == NULL)
		state_fail("%s:%d: %s", path, error.line, error.text);
	free(path);
	const char *base = text_of(state, "base");
	if (base != NULL) {
		json_t *other = read_state(folder, base);

		json_object_update_missing(state, other);
		json_decref(other);
	}
	return state;
}

void
state_look(const char *folder, const char *name, struct app *app)
{
	json_t *state = read_state(folder, name);

	load_snapshot(state, app);
	json_decref(state);
	app_settle(app);
}

void
state_load(const char *folder, const char *name, struct app *app, bool *ascii)
{
	json_t *state = read_state(folder, name);
	const char *now = text_of(state, "now");

	app_init(app);
	instant_parse(now == NULL ? STATE_NOW : now, &app->now_us);
	app->settings.environment = copy_of(state, "environment");
	app->settings.protect = flag_of(state, "protected", true);
	app->interval_us = duration_of(state, "interval", 2000000);
	app->target = copy_of(state, "target");
	app_take_tree(app, state_tree(json_object_get(state, "tree")),
		text_of(state, "tree_problem"));
	load_snapshot(state, app);
	state_load_run(state, folder, app);
	load_looks(state, app, ascii);
	load_line(state, app);
	load_ask(state, app);
	if (text_of(state, "lost") != NULL)
		app_connection_lost(app, text_of(state, "lost"));
	app->lost_waits = flag_of(state, "lost_waits", false);
	app->retry_in_us = duration_of(state, "retry_in", 0);
	app->moved = copy_of(state, "moved");
	app->moved_badly = app->moved != NULL;
	json_decref(state);
	app_settle(app);
}
