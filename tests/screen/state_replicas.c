#include "tests/screen/state_replicas.h"

#include "tests/screen/state_json.h"

/* What a standby says of itself: "own" of a replica that we are connected to. */
static void
load_own(const json_t *item, int64_t now_us, struct standby *own)
{
	static const char *const pauses[] = { "unknown", "no", "requested", "paused" };
	static const char *const receivers[] = { "unknown", "none", "runs" };
	const json_t *object = json_object_get(item, "own");
	const json_t *conflicts = json_object_get(object, "conflicts");

	own->read = flag_of(item, "direct", false) && text_of(item, "problem") == NULL;
	own->recovery = true;
	own->receiver = (enum standby_receiver)word_of(
		object, "receiver", receivers, 3, RECEIVER_RUNS);
	own->pause = (enum replay_pause)word_of(
		object, "pause", pauses, 4, REPLAY_NOT_PAUSED);
	own->receiver_status = copy_of(object, "status");
	own->upstream_host = copy_of(object, "host");
	own->upstream_port = (int)number_of(object, "port", 0);
	own->received_lsn = (uint64_t)number_of(object, "received", 0);
	own->replayed_lsn = (uint64_t)number_of(object, "replayed", 0);
	own->upstream_lsn = (uint64_t)number_of(object, "end", 0);
	own->now_us = now_us;
	own->message_us = instant_of(object, "message_ago", now_us);
	own->apply_delay_us = duration_of(object, "delay", 0);
	own->patience_us = duration_of(object, "patience", 30000000);
	own->startup_wait = copy_of(object, "wait");
	own->blocker_pid = (int)number_of(object, "blocker", 0);
	own->blocker = copy_of(object, "who");
	own->blocker_sure = flag_of(object, "sure", false);
	own->conflicts.read = conflicts != NULL;
	own->conflicts.lock = number_of(conflicts, "lock", 0);
	own->conflicts.snapshot = number_of(conflicts, "snapshot", 0);
	own->receiver_problem = copy_of(object, "receiver_problem");
	own->conflicts_problem = copy_of(object, "conflicts_problem");
}

static void
load_replica(const json_t *item, int64_t now_us, struct replica *replica)
{
	static const char *const causes[] = { "unknown", "caught up", "sending",
		"writing", "flushing", "replaying", "paused", "disconnected",
		"conflict", "delayed", "upstream", "silent", "copying" };
	static const char *const kinds[] = { "standby", "logical", "WAL only",
		"backup" };
	static const char *const times[] = { "unknown", "is", "at least", "at most" };

	replica->upstream = copy_of(item, "upstream");
	replica->depth = (int)number_of(item, "depth", 0);
	replica->self = flag_of(item, "self", false);
	replica->kind = (enum replica_kind)word_of(item, "kind", kinds, 4, 0);
	replica->from_primary = flag_of(item, "from_primary", !replica->self);
	replica->direct = flag_of(item, "direct", false);
	replica->client = copy_of(item, "client");
	replica->sender_pid = (int)number_of(item, "pid", 0);
	replica->state = copy_of(item, "state");
	replica->sync_state = copy_of(item, "sync");
	replica->sent_lsn = (uint64_t)number_of(item, "sent", 0);
	replica->flush_lsn = (uint64_t)number_of(item, "flushed", 0);
	replica->replay_lsn = (uint64_t)number_of(item, "replayed", 0x16B3000000);
	replica->lag_bytes = number_of(item, "lag_bytes", LAG_UNKNOWN);
	replica->lag_us = duration_of(item, "lag", LAG_UNKNOWN);
	replica->lag_time =
		(enum lag_time)word_of(item, "lag_time", times, 4, LAG_TIME_IS);
	replica->cause = (enum replica_cause)word_of(item, "cause", causes, 13, 0);
	replica->silent_us = duration_of(item, "reply_ago", LAG_UNKNOWN);
	replica->disagreement = copy_of(item, "disagreement");
	replica->problem = copy_of(item, "problem");
	replica->version_rows_read = json_object_get(item, "version") != NULL;
	list_of(item, "version", &replica->version_rows);
	load_own(item, now_us, &replica->own);
}

static void
load_slot(const json_t *item, int64_t now_us, struct slot *slot)
{
	slot->name = copy_of(item, "name");
	slot->plugin = copy_of(item, "plugin");
	slot->logical = slot->plugin != NULL;
	slot->database = copy_of(item, "database");
	slot->active_pid = (int)number_of(item, "pid", 0);
	slot->active = slot->active_pid != 0;
	slot->temporary = flag_of(item, "temporary", false);
	slot->restart_lsn = (uint64_t)number_of(item, "from", 0x16B0000000);
	slot->confirmed_lsn = (uint64_t)number_of(item, "confirmed", 0);
	slot->wal_status = copy_of(item, "wal_status");
	slot->safe_known = json_object_get(item, "safe") != NULL;
	slot->safe_bytes = number_of(item, "safe", 0);
	slot->xmin_age = number_of(item, "xmin_age", -1);
	slot->invalidation_reason = copy_of(item, "reason");
	slot->inactive_since_us = instant_of(item, "inactive_ago", now_us);
	slot->held_bytes = number_of(item, "held", -1);
	slot->conflicting = slot->failover = slot->synced = SLOT_UNKNOWN;
	slot->replica = copy_of(item, "replica");
}

static void
load_subscription(const json_t *item, int64_t now_us, struct subscription *subscription)
{
	subscription->name = copy_of(item, "name");
	subscription->database = copy_of(item, "database");
	subscription->enabled = (int)number_of(item, "enabled", 1);
	subscription->pid = (int)number_of(item, "pid", 0);
	subscription->received_lsn = (uint64_t)number_of(item, "received", 0);
	subscription->latest_end_lsn = (uint64_t)number_of(item, "confirmed", 0);
	subscription->received_us = instant_of(item, "received_ago", now_us);
	subscription->apply_errors = number_of(item, "errors", SUBSCRIPTION_UNKNOWN);
	subscription->tables_left = number_of(item, "left", SUBSCRIPTION_UNKNOWN);
}

void
state_load_replicas(
	const json_t *state, int64_t now_us, struct replication *replication)
{
	const json_t *sync = json_object_get(state, "synchronous");
	json_t *item;
	size_t i;

	replication->problem = copy_of(state, "replication_problem");
	replication->slots_problem = copy_of(state, "slots_problem");
	replication->subscriptions_problem = copy_of(state, "subscriptions_problem");
	replication->current_lsn = 0x16B374D848;
	replication->sync.names = copy_of(sync, "names");
	replication->sync.waiting_known = true;
	replication->sync.waiting = (size_t)number_of(sync, "waiting", 0);
	replication->sync.longest_us = duration_of(sync, "longest", 0);
	json_array_foreach(json_object_get(state, "replicas"), i, item)
	{
		load_replica(item, now_us,
			replication_add(replication, text_of(item, "name")));
	}
	json_array_foreach(json_object_get(state, "slots"), i, item)
	{
		load_slot(item, now_us, replication_add_slot(replication));
	}
	json_array_foreach(json_object_get(state, "subscriptions"), i, item)
	{
		load_subscription(
			item, now_us, replication_add_subscription(replication));
	}
	replication_arrange(replication);
}
