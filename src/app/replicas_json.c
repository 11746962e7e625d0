#include "pgrunbook/app/replicas_json.h"

#include <stdlib.h>

#include "pgrunbook/app/evidence.h"

static void
set_text(json_t *object, const char *key, const char *text)
{
	json_object_set_new(object, key, evidence_text(text));
}

/* Takes the text over. */
static void
set_words(json_t *object, const char *key, char *words)
{
	set_text(object, key, words);
	free(words);
}

/* A number that is negative where it isn't known. */
static void
set_number(json_t *object, const char *key, int64_t number)
{
	json_object_set_new(
		object, key, number < 0 ? json_null() : json_integer(number));
}

static void
set_seconds(json_t *object, const char *key, int64_t microseconds)
{
	json_object_set_new(object, key,
		microseconds < 0 ? json_null() : json_real((double)microseconds / 1e6));
}

/* How long ago by the server's clock; 0: not known. */
static void
set_ago(json_t *object, const char *key, int64_t at_us, int64_t now_us)
{
	int64_t ago_us = now_us > at_us ? now_us - at_us : 0;

	set_seconds(object, key, at_us == 0 ? -1 : ago_us);
}

static void
set_lsn(json_t *object, const char *key, uint64_t lsn)
{
	char text[LSN_TEXT];

	json_object_set_new(object, key,
		lsn == 0 ? json_null()
			 : json_string(replication_format_lsn(lsn, text)));
}

/* 1, 0, or negative for unknown. */
static void
set_flag(json_t *object, const char *key, int flag)
{
	json_object_set_new(object, key, flag < 0 ? json_null() : json_boolean(flag));
}

static const char *
kind_name(enum replica_kind kind)
{
	static const char *const names[] = {
		[REPLICA_STANDBY] = "standby",
		[REPLICA_LOGICAL] = "logical",
		[REPLICA_WAL_ONLY] = "wal-only",
		[REPLICA_BACKUP] = "backup",
	};

	return names[kind];
}

static const char *
cause_name(enum replica_cause cause)
{
	static const char *const names[] = {
		[REPLICA_UNKNOWN] = NULL,
		[REPLICA_CAUGHT_UP] = "caught-up",
		[REPLICA_SENDING] = "sending",
		[REPLICA_WRITING] = "writing",
		[REPLICA_FLUSHING] = "flushing",
		[REPLICA_REPLAYING] = "replaying",
		[REPLICA_PAUSED] = "paused",
		[REPLICA_DISCONNECTED] = "disconnected",
		[REPLICA_CONFLICT] = "conflict",
		[REPLICA_DELAYED] = "delayed",
		[REPLICA_UPSTREAM] = "upstream",
		[REPLICA_SILENT] = "silent",
		[REPLICA_COPYING] = "copying",
	};

	return names[cause];
}

static json_t *
conflicts_json(const struct standby *own)
{
	const struct standby_conflicts *conflicts = &own->conflicts;
	json_t *value;

	if (!own->read || !conflicts->read)
		return json_null();
	value = json_object();
	set_number(value, "tablespace", conflicts->tablespace);
	set_number(value, "lock", conflicts->lock);
	set_number(value, "snapshot", conflicts->snapshot);
	set_number(value, "buffer_pin", conflicts->buffer_pin);
	set_number(value, "deadlock", conflicts->deadlock);
	set_number(value, "logical_slot", conflicts->logical_slot);
	return value;
}

/* What the standby says of itself; null where we are not connected to it. */
static json_t *
standby_json(const struct standby *own)
{
	static const char *const pauses[] = { NULL, "not-paused", "pause-requested",
		"paused" };
	json_t *value;

	if (!own->read)
		return json_null();
	value = json_object();
	set_flag(value, "receiver",
		own->receiver == RECEIVER_UNKNOWN ? -1
						  : own->receiver == RECEIVER_RUNS);
	set_words(value, "upstream", standby_upstream(own));
	set_lsn(value, "received_lsn", own->received_lsn);
	set_lsn(value, "replayed_lsn", own->replayed_lsn);
	set_lsn(value, "upstream_lsn", own->upstream_lsn);
	set_ago(value, "message_seconds", own->message_us, own->now_us);
	set_text(value, "pause", pauses[own->pause]);
	set_seconds(value, "apply_delay_seconds", own->apply_delay_us);
	set_words(value, "conflict", standby_conflict_words(own));
	set_number(value, "conflict_pid",
		standby_in_conflict(own) && own->blocker_pid ? own->blocker_pid : -1);
	json_object_set_new(value, "conflicts", conflicts_json(own));
	set_text(value, "receiver_problem", own->receiver_problem);
	set_text(value, "conflicts_problem", own->conflicts_problem);
	return value;
}

static json_t *
replica_json(const struct replica *replica)
{
	static const char *const times[] = { NULL, "exact", "at-least", "at-most" };
	json_t *value = json_object();

	set_text(value, "name", replica->name);
	set_text(value, "kind", kind_name(replica->kind));
	set_text(value, "upstream", replica->upstream);
	set_flag(value, "watched", replica->self);
	set_flag(value, "seen_by_sender", replica->from_primary);
	set_flag(value, "seen_directly", replica->own.read);
	set_text(value, "client", replica->client);
	set_text(value, "slot",
		replica->slot == NULL && replica->own.read ? replica->own.slot
							   : replica->slot);
	set_text(value, "state", replica->state);
	set_text(value, "sync_state", replica->sync_state);
	set_lsn(value, "sent_lsn", replica->sent_lsn);
	set_lsn(value, "write_lsn", replica->write_lsn);
	set_lsn(value, "flush_lsn", replica->flush_lsn);
	set_lsn(value, "replay_lsn", replica->replay_lsn);
	set_number(value, "lag_bytes", replica->lag_bytes);
	set_seconds(value, "lag_seconds", replica->lag_us);
	set_text(value, "lag_is", times[replica->lag_time]);
	set_seconds(value, "reply_seconds", replica->silent_us);
	set_text(value, "cause", cause_name(replica->cause));
	set_words(value, "why", replica_why(replica));
	set_words(value, "remedy", replica_remedy(replica));
	json_object_set_new(value, "standby", standby_json(&replica->own));
	json_object_set_new(value, "revisions",
		replica->version_rows_read ? evidence_list(&replica->version_rows)
					   : json_null());
	set_text(value, "revisions_problem", replica->version_problem);
	set_text(value, "disagreement", replica->disagreement);
	set_text(value, "problem", replica->problem);
	return value;
}

static json_t *
slot_json(const struct slot *slot, int64_t server_now_us)
{
	json_t *value = json_object();

	set_text(value, "name", slot->name);
	set_text(value, "type", slot->logical ? "logical" : "physical");
	set_text(value, "plugin", slot->plugin);
	set_text(value, "database", slot->database);
	set_flag(value, "temporary", slot->temporary);
	set_flag(value, "active", slot->active);
	set_number(value, "pid", slot->active_pid == 0 ? -1 : slot->active_pid);
	set_text(value, "replica", slot->replica);
	set_lsn(value, "restart_lsn", slot->restart_lsn);
	set_lsn(value, "confirmed_flush_lsn", slot->confirmed_lsn);
	set_number(value, "held_bytes", slot->held_bytes);
	set_text(value, "wal_status", slot->wal_status);
	json_object_set_new(value, "safe_wal_bytes",
		slot->safe_known ? json_integer(slot->safe_bytes) : json_null());
	set_number(value, "xmin_age", slot->xmin_age);
	set_flag(value, "conflicting", slot->conflicting);
	set_text(value, "invalidation_reason", slot->invalidation_reason);
	set_ago(value, "inactive_seconds", slot->inactive_since_us, server_now_us);
	set_flag(value, "failover", slot->failover);
	set_flag(value, "synced", slot->synced);
	set_flag(value, "trouble", slot_in_trouble(slot));
	set_words(value, "words", slot_words(slot, server_now_us));
	set_words(value, "remedy", slot_remedy(slot));
	return value;
}

static json_t *
subscription_json(const struct subscription *item, int64_t server_now_us)
{
	json_t *value = json_object();

	set_text(value, "name", item->name);
	set_text(value, "database", item->database);
	set_flag(value, "enabled", item->enabled);
	set_number(value, "pid", item->pid == 0 ? -1 : item->pid);
	set_number(value, "workers", item->workers);
	set_text(value, "slot", item->slot);
	set_lsn(value, "received_lsn", item->received_lsn);
	set_lsn(value, "latest_end_lsn", item->latest_end_lsn);
	set_ago(value, "sent_seconds", item->sent_us, server_now_us);
	set_ago(value, "received_seconds", item->received_us, server_now_us);
	set_ago(value, "latest_end_seconds", item->latest_end_us, server_now_us);
	set_number(value, "tables_left", item->tables_left);
	set_number(value, "apply_errors", item->apply_errors);
	set_number(value, "sync_errors", item->sync_errors);
	set_number(value, "conflicts", item->conflicts);
	set_flag(value, "trouble", subscription_in_trouble(item));
	set_words(value, "words", subscription_words(item));
	set_words(value, "remedy", subscription_remedy(item));
	return value;
}

static json_t *
sync_json(const struct replication *list)
{
	const struct sync_standbys *sync = &list->sync;
	json_t *value = json_object();

	set_text(value, "names", sync->names);
	set_number(value, "needed",
		sync->names == NULL ? -1 : (int64_t)sync_standbys_needed(sync->names));
	set_number(value, "connected", replication_sync_connected(list));
	set_number(value, "waiting", sync->waiting_known ? (int64_t)sync->waiting : -1);
	set_seconds(value, "longest_seconds", sync->waiting ? sync->longest_us : -1);
	set_words(value, "words", replication_sync_words(list));
	return value;
}

json_t *
replicas_json(const struct snapshot *snapshot)
{
	const struct replication *list = &snapshot->replication;
	json_t *value = json_object(), *replicas = json_array();
	json_t *slots = json_array(), *subscriptions = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(replicas, replica_json(&list->items[i]));
	for (size_t i = 0; i < list->slot_count; i++)
		json_array_append_new(
			slots, slot_json(&list->slots[i], snapshot->server_now_us));
	for (size_t i = 0; i < list->subscription_count; i++)
		json_array_append_new(
			subscriptions, subscription_json(&list->subscriptions[i],
					       snapshot->server_now_us));
	set_text(value, "role",
		snapshot->server.role == SERVER_STANDBY ? "standby" : "primary");
	set_lsn(value, "current_lsn", list->current_lsn);
	json_object_set_new(value, "synchronous", sync_json(list));
	json_object_set_new(value, "replicas", replicas);
	set_text(value, "replicas_problem", list->problem);
	json_object_set_new(value, "slots", slots);
	set_text(value, "slots_problem", list->slots_problem);
	json_object_set_new(value, "subscriptions", subscriptions);
	set_text(value, "subscriptions_problem", list->subscriptions_problem);
	return value;
}
