#include "pgrunbook/view/replicas_detail.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/view/draw.h"

/* A fact whose text is handed over. */
static void
fact_words(struct flow *flow, const char *label, char *words)
{
	flow_fact(flow, label, words);
	free(words);
}

/* "0/3000060, 41 MB behind": how far one is behind another, if both are known. */
static void
fact_position(struct flow *flow, const char *label, uint64_t lsn, uint64_t than)
{
	char text[LSN_TEXT], bytes[BYTES_TEXT];

	if (lsn == 0)
		return;
	replication_format_lsn(lsn, text);
	if (than > lsn)
		fact_words(flow, label,
			alloc_printf("%s, %s behind", text,
				bytes_format((int64_t)(than - lsn), bytes)));
	else
		flow_fact(flow, label, text);
}

static void
fact_ago(struct flow *flow, const char *label, int64_t at_us, int64_t now_us)
{
	char age[DURATION_TEXT];

	if (at_us != 0)
		fact_words(flow, label,
			alloc_printf("%s ago",
				duration_format(
					now_us > at_us ? now_us - at_us : 0, age)));
}

static void
fact_count(struct flow *flow, const char *label, int64_t count)
{
	if (count >= 0)
		fact_words(flow, label, alloc_printf("%" PRId64, count));
}

static void
fact_flag(struct flow *flow, const char *label, enum slot_flag flag)
{
	if (flag != SLOT_UNKNOWN)
		flow_fact(flow, label, flag == SLOT_YES ? "yes" : "no");
}

static void
say(struct flow *flow, enum role role, char *words)
{
	if (words != NULL)
		flow_text(flow, role, 0, words);
	free(words);
}

/* In time, with what the figure can't tell. */
static char *
replica_time(const struct replica *replica)
{
	char age[DURATION_TEXT];

	if (replica->lag_us < 0)
		return alloc_copy("unknown");
	duration_format(replica->lag_us, age);
	switch (replica->lag_time) {
	case LAG_TIME_AT_LEAST:
		return alloc_printf("at least %s", age);
	case LAG_TIME_AT_MOST:
		return alloc_printf("at most %s: what it replayed last was committed "
				    "then",
			age);
	default:
		return alloc_copy(age);
	}
}

static const char *
replica_seen_by(const struct replica *replica)
{
	if (replica->self)
		return "the server that is watched";
	if (replica->from_primary && replica->own.read)
		return replica->upstream == NULL
			       ? "the primary and a direct connection"
			       : "its upstream and a direct connection";
	if (replica->from_primary)
		return replica->upstream == NULL ? "the primary" : "its upstream";
	return "a direct connection";
}

/* What its sender says of it. */
static void
detail_sender(struct flow *flow, const struct replication *list,
	const struct replica *replica)
{
	char age[DURATION_TEXT];

	if (!replica->from_primary)
		return;
	flow_gap(flow);
	flow_text(flow, ROLE_HEADING, 0, "as its sender sees it");
	flow_fact(flow, "state", replica->state);
	flow_fact(flow, "sync", replica->sync_state);
	flow_fact(flow, "client", replica->client);
	if (replica->sender_pid != 0)
		fact_count(flow, "walsender", replica->sender_pid);
	fact_position(flow, "sent", replica->sent_lsn, list->current_lsn);
	fact_position(flow, "written", replica->write_lsn, list->current_lsn);
	fact_position(flow, "flushed", replica->flush_lsn, list->current_lsn);
	fact_position(flow, "replayed", replica->replay_lsn, list->current_lsn);
	if (replica->silent_us >= 0)
		fact_words(flow, "last word",
			alloc_printf(
				"%s ago", duration_format(replica->silent_us, age)));
}

/* What the standby says of itself. */
static void
detail_own(struct flow *flow, const struct replication *list,
	const struct replica *replica)
{
	const struct standby *own = &replica->own;
	char age[DURATION_TEXT];

	if (!own->read)
		return;
	flow_gap(flow);
	flow_text(flow, ROLE_HEADING, 0, "as it says itself");
	flow_fact(flow, "receiver",
		own->receiver == RECEIVER_NONE	    ? "none runs"
		: own->receiver == RECEIVER_UNKNOWN ? "unknown"
		: own->receiver_status == NULL	    ? "runs"
						    : own->receiver_status);
	fact_words(flow, "from", standby_upstream(own));
	if (own->receiver_problem != NULL)
		flow_printf(flow, ROLE_DIM, 0, "receiver: %s", own->receiver_problem);
	fact_position(flow, "its end", own->upstream_lsn, 0);
	fact_position(flow, "received", own->received_lsn, list->current_lsn);
	fact_position(flow, "replayed", own->replayed_lsn, list->current_lsn);
	fact_ago(flow, "message", own->message_us, own->now_us);
	flow_fact(flow, "replay", replay_pause_words(own->pause));
	if (own->apply_delay_us > 0)
		fact_words(flow, "delay",
			alloc_printf("%s (recovery_min_apply_delay)",
				duration_format(own->apply_delay_us, age)));
	fact_words(flow, "conflicts", standby_conflicts_words(&own->conflicts));
	if (own->conflicts_problem != NULL)
		flow_printf(flow, ROLE_DIM, 0, "conflicts: %s", own->conflicts_problem);
}

static void
slot_facts(struct flow *flow, const struct slot *slot, int64_t now_us)
{
	char bytes[BYTES_TEXT], text[LSN_TEXT];

	fact_words(flow, "kind", slot_kind_words(slot));
	fact_words(flow, "state", slot_words(slot, now_us));
	flow_fact(flow, "used by", slot->replica);
	if (slot->active_pid != 0)
		fact_count(flow, "walsender", slot->active_pid);
	if (slot->held_bytes >= 0)
		flow_fact(flow, "holds", bytes_format(slot->held_bytes, bytes));
	flow_fact(flow, "WAL is", slot->wal_status);
	if (slot->safe_known && slot->safe_bytes >= 0)
		fact_words(flow, "safe for",
			alloc_printf("%s more", bytes_format(slot->safe_bytes, bytes)));
	else if (slot->safe_known)
		flow_fact(flow, "safe for", "nothing more: it is over the limit");
	else if (slot->restart_lsn != 0)
		flow_fact(flow, "safe for", "ever: max_slot_wal_keep_size is not set");
	if (slot->restart_lsn != 0)
		flow_fact(
			flow, "from", replication_format_lsn(slot->restart_lsn, text));
	if (slot->confirmed_lsn != 0)
		flow_fact(flow, "confirmed",
			replication_format_lsn(slot->confirmed_lsn, text));
	if (slot->xmin_age >= 0)
		fact_words(flow, "xmin",
			alloc_printf("%" PRId64 " transactions old: VACUUM keeps what "
				     "they may see",
				slot->xmin_age));
	fact_flag(flow, "conflict", slot->conflicting);
	flow_fact(flow, "because", slot->invalidation_reason);
	fact_flag(flow, "failover", slot->failover);
	fact_flag(flow, "synced", slot->synced);
}

static const struct slot *
slot_of(const struct replication *list, const struct replica *replica)
{
	for (size_t i = 0; i < list->slot_count; i++) {
		if (list->slots[i].replica != NULL &&
			list->slots[i].active_pid == replica->sender_pid)
			return &list->slots[i];
	}
	return NULL;
}

static void
detail_slot_of(struct flow *flow, const struct app *app, const struct replica *replica)
{
	const struct slot *slot = slot_of(&app->snapshot->replication, replica);

	if (slot == NULL)
		return;
	flow_gap(flow);
	flow_printf(flow, ROLE_HEADING, 0, "its slot %s", slot->name);
	slot_facts(flow, slot, app_server_now_us(app));
	say(flow, ROLE_WARNING, slot_remedy(slot));
}

static void
detail_replica(struct flow *flow, const struct app *app, const struct replica *replica)
{
	const struct replication *list = &app->snapshot->replication;
	char bytes[BYTES_TEXT];
	char *revisions = strlist_join(&replica->version_rows, ", ");

	flow_fact(flow, "name", replica->name);
	if (replica->problem != NULL)
		flow_text(flow, ROLE_ALERT, 0, replica->problem);
	if (replica->disagreement != NULL)
		flow_text(flow, ROLE_ALERT, 0, replica->disagreement);
	flow_fact(flow, "kind", replica_kind_words(replica->kind));
	flow_fact(flow, "under", replica->upstream);
	if (replica->kind != REPLICA_BACKUP) {
		flow_fact(flow, "behind", bytes_format(replica->lag_bytes, bytes));
		fact_words(flow, "in time", replica_time(replica));
	}
	fact_words(flow, "cause", replica_why(replica));
	say(flow, ROLE_WARNING, replica_remedy(replica));
	if (replica->version_rows_read)
		flow_fact(flow, "revision", *revisions == '\0' ? "base" : revisions);
	if (replica->version_problem != NULL)
		fact_words(flow, "revision",
			alloc_printf("can't be read: %s", replica->version_problem));
	fact_position(flow, list->items[0].self ? "server at" : "primary at",
		list->current_lsn, 0);
	flow_fact(flow, "seen by", replica_seen_by(replica));
	detail_sender(flow, list, replica);
	detail_own(flow, list, replica);
	detail_slot_of(flow, app, replica);
	free(revisions);
}

static void
detail_slot(struct flow *flow, const struct app *app, const struct slot *slot)
{
	flow_fact(flow, "slot", slot->name);
	slot_facts(flow, slot, app_server_now_us(app));
	flow_gap(flow);
	say(flow, ROLE_WARNING, slot_remedy(slot));
}

static void
detail_subscription(
	struct flow *flow, const struct app *app, const struct subscription *item)
{
	int64_t now_us = app_server_now_us(app);
	char bytes[BYTES_TEXT];

	flow_fact(flow, "from", item->name);
	flow_fact(flow, "database", item->database);
	fact_words(flow, "state", subscription_words(item));
	flow_fact(flow, "enabled",
		item->enabled < 0 ? "unknown"
		: item->enabled	  ? "yes"
				  : "no");
	if (item->pid != 0)
		fact_count(flow, "worker", item->pid);
	fact_count(flow, "others", item->workers > 0 ? item->workers : -1);
	flow_fact(flow, "its slot", item->slot);
	fact_position(flow, "received", item->received_lsn, 0);
	fact_position(flow, "confirmed", item->latest_end_lsn, item->received_lsn);
	if (subscription_lag_bytes(item) >= 0)
		flow_fact(flow, "lacks",
			bytes_format(subscription_lag_bytes(item), bytes));
	fact_ago(flow, "sent", item->sent_us, now_us);
	fact_ago(flow, "arrived", item->received_us, now_us);
	fact_ago(flow, "told", item->latest_end_us, now_us);
	fact_count(flow, "to copy", item->tables_left);
	fact_count(flow, "failures", item->apply_errors);
	fact_count(flow, "in copies", item->sync_errors);
	fact_count(flow, "conflicts", item->conflicts);
	flow_gap(flow);
	say(flow, ROLE_WARNING, subscription_remedy(item));
}

static void
detail_sync(struct flow *flow, const struct app *app)
{
	const struct replication *list = &app->snapshot->replication;
	char age[DURATION_TEXT];

	say(flow, ROLE_ALERT, replication_sync_words(list));
	flow_gap(flow);
	flow_fact(flow, "names", list->sync.names);
	fact_count(flow, "needed", (int64_t)sync_standbys_needed(list->sync.names));
	fact_count(flow, "connected", replication_sync_connected(list));
	if (!list->sync.waiting_known)
		flow_fact(flow, "waiting", SERVER_NEEDS_MONITOR);
	else
		fact_count(flow, "waiting", (int64_t)list->sync.waiting);
	if (list->sync.waiting != 0)
		flow_fact(flow, "longest", duration_format(list->sync.longest_us, age));
	flow_gap(flow);
	say(flow, ROLE_WARNING, replication_sync_remedy(list));
}

int
replicas_detail(const struct app *app, struct area area, int top)
{
	const struct pane_state *state = &app->panes[PANE_REPLICAS];
	struct flow flow = flow_at(area, top);

	if (app->snapshot == NULL || state->gone ||
		state->row >= replication_rows(&app->snapshot->replication)) {
		flow_gone(&flow, app, PANE_REPLICAS);
		return flow.row + top;
	}
	const struct replication *list = &app->snapshot->replication;
	const struct replication_row row = replication_row(list, state->row);
	switch (row.kind) {
	case REPLICATION_ROW_SYNC:
		detail_sync(&flow, app);
		break;
	case REPLICATION_ROW_REPLICA:
		detail_replica(&flow, app, &list->items[row.index]);
		break;
	case REPLICATION_ROW_SLOT:
		detail_slot(&flow, app, &list->slots[row.index]);
		break;
	case REPLICATION_ROW_SUBSCRIPTION:
		detail_subscription(&flow, app, &list->subscriptions[row.index]);
		break;
	}
	return flow.row + top;
}
