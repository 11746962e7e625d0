/* Answers of the server as values of the model. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/clock.h"
#include "src/drive/pg_watch_parts.h"

/* A count, a time or a pid; absent ones are 0. */
static int64_t
number(const struct pg_result *result, int row, int column)
{
	return pg_result_int(result, row, column, 0);
}

static char *
text(const struct pg_result *result, int row, int column)
{
	return alloc_copy(pg_result_text(result, row, column));
}

int *
watch_read_pids(const char *array, size_t *count)
{
	int *pids = NULL;
	size_t capacity = 0;

	*count = 0;
	while (array && *array) {
		char *end;
		long pid = strtol(array, &end, 10);

		if (end == array) {
			array++; /* a brace or a comma */
			continue;
		}
		pids = alloc_room(pids, *count, &capacity, sizeof(*pids));
		pids[(*count)++] = (int)pid;
		array = end;
	}
	return pids;
}

void
watch_read_rights(struct watch_rights *rights, const struct pg_result *result)
{
	if (pg_result_rows(result) != 1)
		return;
	rights->sees_all = pg_result_bool(result, 0, PG_IDENTITY_SEES_ALL);
	rights->superuser = pg_result_bool(result, 0, PG_IDENTITY_SUPERUSER);
	rights->recovery = pg_result_bool(result, 0, PG_IDENTITY_RECOVERY);
	rights->system = pg_result_bool(result, 0, PG_IDENTITY_SYSTEM);
	rights->senders = pg_result_bool(result, 0, PG_IDENTITY_SENDERS);
	rights->slots = pg_result_bool(result, 0, PG_IDENTITY_SLOTS);
	rights->subscriptions = pg_result_bool(result, 0, PG_IDENTITY_SUBSCRIPTIONS);
	rights->receiver = pg_result_bool(result, 0, PG_IDENTITY_RECEIVER);
	rights->conflicts = pg_result_bool(result, 0, PG_IDENTITY_CONFLICTS);
	rights->own_ending = pg_result_bool(result, 0, PG_IDENTITY_OWN_ENDING);
	free(rights->database_oid);
	rights->database_oid = text(result, 0, PG_IDENTITY_DATABASE_OID);
}

/* "15.18 (Debian 15.18-0+deb12u1)" without its vendor's addition. */
static char *
watch_version(const char *version)
{
	return version ? alloc_copy_bytes(version, strcspn(version, " ")) : NULL;
}

/*
 * The server told its time somewhere between our sending and our hearing; where that
 * span leaves no doubt, our clocks differ.
 */
static int64_t
watch_skew(const struct pg_watch *watch, int64_t server_us)
{
	int64_t heard_us = watch->poll.snapshot->taken_us;

	if (server_us < watch->sent_us)
		return server_us - watch->sent_us;
	return server_us > heard_us ? server_us - heard_us : 0;
}

static void
watch_read_identity(struct pg_watch *watch, const struct pg_result *result)
{
	struct snapshot *snapshot = watch->poll.snapshot;
	struct server *server = &snapshot->server;

	watch_read_rights(&watch->rights, result);
	if (pg_result_rows(result) != 1)
		return;
	snapshot->server_now_us = number(result, 0, PG_IDENTITY_NOW);
	server->host = alloc_copy(pg_host(watch->pg));
	server->port = alloc_copy(pg_port(watch->pg));
	server->database = text(result, 0, PG_IDENTITY_DATABASE);
	server->user = text(result, 0, PG_IDENTITY_USER);
	server->version = watch_version(pg_result_text(result, 0, PG_IDENTITY_VERSION));
	server->version_number = pg_server_version(watch->pg);
	server->role = pg_result_bool(result, 0, PG_IDENTITY_RECOVERY) ? SERVER_STANDBY
								       : SERVER_PRIMARY;
	server->started_us = number(result, 0, PG_IDENTITY_STARTED);
	server->monitor = watch->rights.sees_all;
	server->superuser = watch->rights.superuser;
	server->own_ending = watch->rights.own_ending && !watch->rights.superuser;
	server->skew_us = watch_skew(watch, snapshot->server_now_us);
}

static void
watch_read_clock(struct pg_watch *watch, const struct pg_result *result)
{
	int64_t took_us = number(result, 0, 0) - watch->poll.snapshot->server_now_us;

	watch->poll.took_us = took_us < 0 ? 0 : took_us; /* it was set back */
}

static enum session_state
watch_session_state(const char *words)
{
	static const struct {
		const char *words;
		enum session_state state;
	} states[] = {
		{ "active", SESSION_ACTIVE },
		{ "idle", SESSION_IDLE },
		{ "idle in transaction", SESSION_IDLE_IN_TRANSACTION },
		{ "idle in transaction (aborted)",
			SESSION_IDLE_IN_TRANSACTION_ABORTED },
		{ "starting", SESSION_STARTING },
		{ "fastpath function call", SESSION_FASTPATH },
		{ "disabled", SESSION_DISABLED },
	};

	for (size_t i = 0; words && i < sizeof(states) / sizeof(states[0]); i++) {
		if (strcmp(words, states[i].words) == 0)
			return states[i].state;
	}
	return SESSION_STATE_UNKNOWN;
}

static void
watch_read_session(const struct pg_result *result, int row, struct session *session)
{
	*session = (struct session){
		.pid = (int)number(result, row, PG_SESSION_PID),
		.leader_pid = (int)number(result, row, PG_SESSION_LEADER),
		.backend_start_us = number(result, row, PG_SESSION_BACKEND_START),
		.query_start_us = number(result, row, PG_SESSION_QUERY_START),
		.transaction_start_us =
			number(result, row, PG_SESSION_TRANSACTION_START),
		.state_change_us = number(result, row, PG_SESSION_STATE_CHANGE),
		.state = watch_session_state(
			pg_result_text(result, row, PG_SESSION_STATE)),
		.backend_type = text(result, row, PG_SESSION_TYPE),
		.database = text(result, row, PG_SESSION_DATABASE),
		.user = text(result, row, PG_SESSION_USER),
		.application = text(result, row, PG_SESSION_APPLICATION),
		.client = text(result, row, PG_SESSION_CLIENT),
		.client_port = (int)number(result, row, PG_SESSION_PORT),
		.query_id = number(result, row, PG_SESSION_QUERY_ID),
		.wait_type = text(result, row, PG_SESSION_WAIT_TYPE),
		.wait_event = text(result, row, PG_SESSION_WAIT_EVENT),
		.query = text(result, row, PG_SESSION_QUERY),
		.xmin_age = pg_result_int(result, row, PG_SESSION_XMIN_AGE, -1),
	};
}

/* A wait that pg_locks doesn't show. */
static void
watch_add_snapshot_wait(
	struct pg_watch *watch, const struct pg_result *result, int row, int pid)
{
	struct lock_wait_list *list = &watch->poll.waits;
	const char *blockers =
		pg_result_text(result, row, PG_SESSION_SNAPSHOT_BLOCKERS);
	struct lock_wait *wait;

	if (!blockers)
		return;
	list->waits = alloc_room(
		list->waits, list->count, &list->capacity, sizeof(*list->waits));
	wait = &list->waits[list->count++];
	*wait = (struct lock_wait){ .pid = pid,
		.kind = alloc_copy("safe-snapshot"),
		.object = alloc_copy("a safe snapshot") };
	wait->blockers = watch_read_pids(blockers, &wait->blocker_count);
	watch_since(watch, wait, 0);
}

static void
watch_read_sessions(struct pg_watch *watch, const struct pg_result *result)
{
	struct session_list *list = &watch->poll.snapshot->sessions;
	int rows = pg_result_rows(result);

	list->items = alloc_zeroed((size_t)rows + 1, sizeof(*list->items));
	list->capacity = (size_t)rows + 1;
	for (int row = 0; row < rows; row++) {
		watch_read_session(result, row, &list->items[list->count]);
		watch_add_snapshot_wait(
			watch, result, row, list->items[list->count].pid);
		list->count++;
	}
	watch_sort_seen(&watch->poll.seen); /* where the locks can't be read */
}

void
watch_read(struct pg_watch *watch, enum pg_query_id id, const struct pg_result *result)
{
	struct snapshot *snapshot = watch->poll.snapshot;

	switch (id) {
	case PG_QUERY_IDENTITY:
		watch_read_identity(watch, result);
		break;
	case PG_QUERY_SYSTEM:
		free(watch->system_identifier);
		watch->system_identifier = alloc_copy(pg_result_text(result, 0, 0));
		break;
	case PG_QUERY_SESSIONS:
		watch_read_sessions(watch, result);
		break;
	case PG_QUERY_LOCKS:
		watch_read_locks(watch, result);
		break;
	case PG_QUERY_HELD:
		watch_read_held(watch, result);
		break;
	case PG_QUERY_EVENT:
		if (snapshot->held)
			snapshot->held->wait_words =
				alloc_copy(pg_result_text(result, 0, 0));
		break;
	case PG_QUERY_PREPARED:
		watch_read_prepared(watch, result);
		break;
	case PG_QUERY_WAL:
		watch_read_wal(&snapshot->replication, result);
		break;
	case PG_QUERY_VITALS:
		watch_read_vitals(watch, result);
		break;
	case PG_QUERY_SENDERS:
		watch_read_senders(watch, result);
		break;
	case PG_QUERY_PROGRESS:
		watch_read_progressing(watch, result);
		break;
	case PG_QUERY_SLOTS:
		watch_read_slots(&snapshot->replication, result);
		break;
	case PG_QUERY_SUBSCRIBED:
		/* What there is, is asked with the next poll. */
		snapshot->replication.pending =
			!watch->subscribed && pg_result_bool(result, 0, 0);
		watch->subscribed = pg_result_bool(result, 0, 0);
		break;
	case PG_QUERY_SUBSCRIPTIONS:
		watch_read_subscriptions(&snapshot->replication, result);
		break;
	case PG_QUERY_TABLES:
	case PG_QUERY_TABLE:
		watch_read_tables(watch, result);
		break;
	case PG_QUERY_CLOCK:
		watch_read_clock(watch, result);
		break;
	default:
		watch_read_of_standby(&watch->poll.own, id, result);
		break;
	}
}
