/* What a server tells of replication, as values of the model. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/server.h"
#include "src/drive/pg_watch_parts.h"

static uint64_t
wal_lsn(const struct pg_result *result, int row, int column)
{
	uint64_t lsn;

	replication_parse_lsn(pg_result_text(result, row, column), &lsn);
	return lsn;
}

static char *
wal_text(const struct pg_result *result, int row, int column)
{
	const char *text = pg_result_text(result, row, column);

	return alloc_copy(text && *text ? text : NULL);
}

void
watch_read_wal(struct replication *replication, const struct pg_result *result)
{
	replication->current_lsn = wal_lsn(result, 0, PG_WAL_CURRENT);
	free(replication->sync.names);
	replication->sync.names =
		alloc_copy(pg_result_text(result, 0, PG_WAL_SYNCHRONOUS));
	replication->silence_us = replication_silence_us(
		pg_result_int(result, 0, PG_WAL_STATUS_INTERVAL, 0),
		pg_result_int(result, 0, PG_WAL_SENDER_TIMEOUT, 0));
}

static struct replica *
wal_add_sender(struct replication *replication, const struct pg_result *result, int row,
	const char *application)
{
	struct replica *replica = replication_add(
		replication, application && *application ? application : "unnamed");

	replica->from_primary = true;
	replica->application = alloc_copy(application);
	replica->sender_pid = (int)pg_result_int(result, row, PG_SENDER_PID, 0);
	replica->state = wal_text(result, row, PG_SENDER_STATE);
	replica->sync_state = wal_text(result, row, PG_SENDER_SYNC_STATE);
	replica->sent_lsn = wal_lsn(result, row, PG_SENDER_SENT);
	replica->write_lsn = wal_lsn(result, row, PG_SENDER_WRITE);
	replica->flush_lsn = wal_lsn(result, row, PG_SENDER_FLUSH);
	replica->replay_lsn = wal_lsn(result, row, PG_SENDER_REPLAY);
	replica->replay_lag_us =
		pg_result_int(result, row, PG_SENDER_REPLAY_LAG, LAG_UNKNOWN);
	replica->reply_us = pg_result_int(result, row, PG_SENDER_REPLY, 0);
	/* A walsender that is there has a state, if we may see it. */
	if (!replica->state)
		replica->problem = alloc_copy(SERVER_NEEDS_MONITOR);
	return replica;
}

void
watch_read_senders(struct pg_watch *watch, const struct pg_result *result)
{
	struct snapshot *snapshot = watch->poll.snapshot;

	for (int row = 0; row < pg_result_rows(result); row++) {
		const struct session *session = session_find(&snapshot->sessions,
			(int)pg_result_int(result, row, PG_SENDER_PID, 0));
		struct replica *replica = wal_add_sender(&snapshot->replication, result,
			row, session ? session->application : NULL);

		replica->client = alloc_copy(session ? session->client : NULL);
		replica->sender_port = pg_port_number(watch->pg);
	}
}

void
watch_read_senders_named(struct replication *senders, const struct pg_result *result,
	const char *upstream, int port)
{
	for (int row = 0; row < pg_result_rows(result); row++) {
		struct replica *replica = wal_add_sender(senders, result, row,
			pg_result_text(result, row, PG_SENDER_NAME));

		replica->upstream = alloc_copy(upstream);
		replica->client = wal_text(result, row, PG_SENDER_CLIENT);
		replica->slot = wal_text(result, row, PG_SENDER_SLOT);
		replica->sender_port = port;
		if (pg_result_bool(result, row, PG_SENDER_LOGICAL))
			replica->kind = REPLICA_LOGICAL;
	}
}

static enum slot_flag
wal_flag(const struct pg_result *result, int row, int column)
{
	if (!pg_result_text(result, row, column))
		return SLOT_UNKNOWN;
	return pg_result_bool(result, row, column) ? SLOT_YES : SLOT_NO;
}

void
watch_read_slots(struct replication *replication, const struct pg_result *result)
{
	for (int row = 0; row < pg_result_rows(result); row++) {
		struct slot *slot = replication_add_slot(replication);

		slot->name = alloc_copy(pg_result_text(result, row, PG_SLOT_NAME));
		slot->plugin = wal_text(result, row, PG_SLOT_PLUGIN);
		slot->logical = pg_result_bool(result, row, PG_SLOT_LOGICAL);
		slot->database = wal_text(result, row, PG_SLOT_DATABASE);
		slot->temporary = pg_result_bool(result, row, PG_SLOT_TEMPORARY);
		slot->active = pg_result_bool(result, row, PG_SLOT_ACTIVE);
		slot->active_pid = (int)pg_result_int(result, row, PG_SLOT_PID, 0);
		slot->restart_lsn = wal_lsn(result, row, PG_SLOT_RESTART);
		slot->confirmed_lsn = wal_lsn(result, row, PG_SLOT_CONFIRMED);
		slot->wal_status = wal_text(result, row, PG_SLOT_WAL_STATUS);
		slot->safe_known = pg_result_text(result, row, PG_SLOT_SAFE) != NULL;
		slot->safe_bytes = pg_result_int(result, row, PG_SLOT_SAFE, 0);
		slot->xmin_age = pg_result_int(result, row, PG_SLOT_XMIN_AGE, -1);
		slot->conflicting = wal_flag(result, row, PG_SLOT_CONFLICTING);
		slot->invalidation_reason = wal_text(result, row, PG_SLOT_INVALIDATION);
		slot->inactive_since_us =
			pg_result_int(result, row, PG_SLOT_INACTIVE_SINCE, 0);
		slot->failover = wal_flag(result, row, PG_SLOT_FAILOVER);
		slot->synced = wal_flag(result, row, PG_SLOT_SYNCED);
	}
}

/* The subscription that a worker's row is of. */
static struct subscription *
wal_subscription(
	struct replication *replication, const struct pg_result *result, int row)
{
	const char *name = pg_result_text(result, row, PG_SUBSCRIPTION_NAME);
	const char *database = pg_result_text(result, row, PG_SUBSCRIPTION_DATABASE);
	struct subscription *item;

	for (size_t i = 0; i < replication->subscription_count; i++) {
		item = &replication->subscriptions[i];
		if (strcmp(item->name, name) == 0 &&
			strcmp(item->database ? item->database : "",
				database ? database : "") == 0)
			return item;
	}
	item = replication_add_subscription(replication);
	item->name = alloc_copy(name);
	item->database = alloc_copy(database);
	if (pg_result_text(result, row, PG_SUBSCRIPTION_ENABLED))
		item->enabled = pg_result_bool(result, row, PG_SUBSCRIPTION_ENABLED);
	item->slot = wal_text(result, row, PG_SUBSCRIPTION_SLOT);
	item->tables_left = pg_result_int(
		result, row, PG_SUBSCRIPTION_TABLES_LEFT, SUBSCRIPTION_UNKNOWN);
	item->apply_errors = pg_result_int(
		result, row, PG_SUBSCRIPTION_APPLY_ERRORS, SUBSCRIPTION_UNKNOWN);
	item->sync_errors = pg_result_int(
		result, row, PG_SUBSCRIPTION_SYNC_ERRORS, SUBSCRIPTION_UNKNOWN);
	item->conflicts = pg_result_int(
		result, row, PG_SUBSCRIPTION_CONFLICTS, SUBSCRIPTION_UNKNOWN);
	return item;
}

void
watch_read_subscriptions(
	struct replication *replication, const struct pg_result *result)
{
	for (int row = 0; row < pg_result_rows(result); row++) {
		int pid = (int)pg_result_int(result, row, PG_SUBSCRIPTION_PID, 0);
		struct subscription *item;

		if (!pg_result_text(result, row, PG_SUBSCRIPTION_NAME))
			continue;
		item = wal_subscription(replication, result, row);
		if (pid && !pg_result_bool(result, row, PG_SUBSCRIPTION_APPLIES))
			item->workers++;
		if (!pid || !pg_result_bool(result, row, PG_SUBSCRIPTION_APPLIES))
			continue;
		item->pid = pid;
		item->received_lsn = wal_lsn(result, row, PG_SUBSCRIPTION_RECEIVED);
		item->latest_end_lsn = wal_lsn(result, row, PG_SUBSCRIPTION_LATEST_END);
		item->sent_us = pg_result_int(result, row, PG_SUBSCRIPTION_SENT_AT, 0);
		item->received_us =
			pg_result_int(result, row, PG_SUBSCRIPTION_RECEIVED_AT, 0);
		item->latest_end_us =
			pg_result_int(result, row, PG_SUBSCRIPTION_LATEST_END_AT, 0);
	}
}

static enum replay_pause
wal_pause(const char *words)
{
	if (!words)
		return REPLAY_PAUSE_UNKNOWN;
	if (strcmp(words, "paused") == 0)
		return REPLAY_PAUSED;
	return strcmp(words, "pause requested") == 0 ? REPLAY_PAUSE_REQUESTED
						     : REPLAY_NOT_PAUSED;
}

static void
wal_read_standby(struct standby *standby, const struct pg_result *result)
{
	standby_free(standby);
	standby->read = true;
	standby->recovery = pg_result_bool(result, 0, PG_STANDBY_RECOVERY);
	standby->now_us = pg_result_int(result, 0, PG_STANDBY_NOW, 0);
	standby->received_lsn = wal_lsn(result, 0, PG_STANDBY_RECEIVED);
	standby->replayed_lsn = wal_lsn(result, 0, PG_STANDBY_REPLAYED);
	standby->replayed_at_us = pg_result_int(result, 0, PG_STANDBY_REPLAYED_AT, 0);
	standby->pause = wal_pause(pg_result_text(result, 0, PG_STANDBY_PAUSE));
	standby->cluster_name = wal_text(result, 0, PG_STANDBY_CLUSTER_NAME);
	standby->slot = wal_text(result, 0, PG_STANDBY_SLOT);
	standby->apply_delay_us = pg_result_int(result, 0, PG_STANDBY_APPLY_DELAY, 0);
	standby->status_interval_us =
		pg_result_int(result, 0, PG_STANDBY_STATUS_INTERVAL, 0);
	standby->patience_us = pg_result_int(result, 0, PG_STANDBY_PATIENCE, 0);
	standby->address = wal_text(result, 0, PG_STANDBY_ADDRESS);
	standby->monitor = pg_result_bool(result, 0, PG_STANDBY_MONITOR);
}

static void
wal_read_receiver(struct standby *standby, const struct pg_result *result)
{
	char *slot;

	if (pg_result_rows(result) == 0) {
		standby->receiver = RECEIVER_NONE;
		return;
	}
	standby->receiver = RECEIVER_RUNS;
	standby->receiver_status = wal_text(result, 0, PG_RECEIVER_STATUS);
	if (!standby->receiver_status)
		standby->receiver_problem = alloc_copy(SERVER_NEEDS_MONITOR);
	standby->upstream_lsn = wal_lsn(result, 0, PG_RECEIVER_UPSTREAM_END);
	standby->message_us = pg_result_int(result, 0, PG_RECEIVER_MESSAGE_AT, 0);
	standby->upstream_host = wal_text(result, 0, PG_RECEIVER_HOST);
	standby->upstream_port = (int)pg_result_int(result, 0, PG_RECEIVER_PORT, 0);
	standby->application =
		standby_name_of(pg_result_text(result, 0, PG_RECEIVER_CONNINFO));
	/* Since 13 it may have made one of its own. */
	slot = wal_text(result, 0, PG_RECEIVER_SLOT);
	if (slot) {
		free(standby->slot);
		standby->slot = slot;
	}
}

static void
wal_read_conflicts(struct standby *standby, const struct pg_result *result)
{
	struct standby_conflicts *conflicts = &standby->conflicts;

	if (pg_result_rows(result) == 0)
		return;
	conflicts->read = true;
	conflicts->tablespace = pg_result_int(result, 0, PG_CONFLICT_TABLESPACE, 0);
	conflicts->lock = pg_result_int(result, 0, PG_CONFLICT_LOCK, 0);
	conflicts->snapshot = pg_result_int(result, 0, PG_CONFLICT_SNAPSHOT, 0);
	conflicts->buffer_pin = pg_result_int(result, 0, PG_CONFLICT_BUFFER_PIN, 0);
	conflicts->deadlock = pg_result_int(result, 0, PG_CONFLICT_DEADLOCK, 0);
	conflicts->logical_slot =
		pg_result_int(result, 0, PG_CONFLICT_SLOT, STANDBY_UNKNOWN);
	standby->startup_wait = wal_text(result, 0, PG_CONFLICT_WAIT);
	standby->blocker_pid = (int)pg_result_int(result, 0, PG_CONFLICT_HOLDER, 0);
	standby->blocker_sure = standby->blocker_pid != 0;
	standby->blocker = wal_text(result, 0,
		standby->blocker_sure ? PG_CONFLICT_HOLDER_WHO
				      : PG_CONFLICT_OLDEST_WHO);
	if (!standby->blocker_sure)
		standby->blocker_pid =
			(int)pg_result_int(result, 0, PG_CONFLICT_OLDEST, 0);
}

bool
watch_read_of_standby(
	struct standby *standby, enum pg_query_id id, const struct pg_result *result)
{
	switch (id) {
	case PG_QUERY_STANDBY:
		wal_read_standby(standby, result);
		return true;
	case PG_QUERY_RECEIVER:
		wal_read_receiver(standby, result);
		return true;
	case PG_QUERY_CONFLICTS:
		wal_read_conflicts(standby, result);
		return true;
	default:
		return false;
	}
}
