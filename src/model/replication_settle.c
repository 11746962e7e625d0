/* Two views of the same standbys become one list. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/replication.h"

/* What speaks for two views being of the same standby; one of the first two must. */
enum {
	SAME_SLOT = 8,
	SAME_NAME = 4,
	SAME_PORT = 2, /* it receives from the port whose view that is */
	SAME_ADDRESS = 1
};

static bool
same_text(const char *a, const char *b)
{
	return a && b && *a && strcmp(a, b) == 0;
}

/* What a standby calls itself where it connects; the operator's name is a guess. */
static bool
settle_same_name(const struct replica *sender, const struct replica *direct)
{
	const struct standby *own = &direct->own;

	if (own->application)
		return same_text(sender->application, own->application);
	return same_text(sender->application, own->cluster_name) ||
	       same_text(sender->application, direct->name);
}

static int
settle_score(const struct replica *sender, const struct replica *direct)
{
	const struct standby *own = &direct->own;
	int score = 0;

	/* Nothing receives from itself. */
	if (same_text(sender->upstream, direct->name))
		return 0;
	if (same_text(sender->slot, own->slot))
		score += SAME_SLOT;
	if (settle_same_name(sender, direct))
		score += SAME_NAME;
	if (score == 0)
		return 0;
	if (sender->sender_port && sender->sender_port == own->upstream_port)
		score += SAME_PORT;
	if (same_text(sender->client, own->address))
		score += SAME_ADDRESS;
	return score;
}

/* Whether another connection is more likely to be that one. */
static bool
settle_other_fits(const struct replication *replication, const struct replica *sender,
	const struct replica *direct, int score)
{
	for (size_t i = 0; i < replication->count; i++) {
		const struct replica *other = &replication->items[i];

		if (other != direct && other->name && other->direct && !other->self &&
			!other->from_primary && settle_score(sender, other) > score)
			return true;
	}
	return false;
}

/* The sender's row of that standby; NULL if there is none, or several are as likely. */
static struct replica *
settle_sender_of(struct replication *replication, const struct replica *direct)
{
	struct replica *best = NULL;
	int most = 0;

	for (size_t i = 0; i < replication->count; i++) {
		struct replica *item = &replication->items[i];
		int score;

		if (!item->from_primary || item->direct)
			continue;
		score = settle_score(item, direct);
		if (score == 0 || score < most)
			continue;
		best = score == most ? NULL : item;
		most = score;
	}
	return best && !settle_other_fits(replication, best, direct, most) ? best
									   : NULL;
}

/* The sender's row goes on as the one item, under the operator's own name. */
static void
settle_join(struct replica *sender, struct replica *direct)
{
	free(sender->name);
	sender->name = direct->name;
	sender->direct = true;
	sender->pending = direct->pending;
	sender->own = direct->own;
	sender->version_rows = direct->version_rows;
	sender->version_rows_read = direct->version_rows_read;
	sender->version_problem = direct->version_problem;
	/* What the sender may not tell, the standby itself has told. */
	if (direct->problem || direct->own.read) {
		free(sender->problem);
		sender->problem = direct->problem;
	}
	direct->name = direct->problem = direct->version_problem = NULL;
	direct->own = (struct standby){ 0 };
	direct->version_rows = (struct strlist){ 0 };
	replica_free(direct);
}

static void
settle_views(struct replication *replication)
{
	size_t kept = 0;

	for (size_t i = 0; i < replication->count; i++) {
		struct replica *direct = &replication->items[i], *sender;

		if (!direct->direct || direct->from_primary || direct->self)
			continue;
		sender = settle_sender_of(replication, direct);
		if (sender)
			settle_join(sender, direct);
	}
	for (size_t i = 0; i < replication->count; i++) {
		if (replication->items[i].name)
			replication->items[kept++] = replication->items[i];
	}
	replication->count = kept;
}

static bool
settle_name_taken(const struct replication *replication, size_t but, const char *name)
{
	for (size_t i = 0; i < replication->count; i++) {
		if (i != but && strcmp(replication->items[i].name, name) == 0)
			return true;
	}
	return false;
}

/* What tells it apart from others of its name: where it is, else its walsender. */
static char *
settle_name(const struct replication *replication, size_t at)
{
	const struct replica *item = &replication->items[at];

	if (item->self)
		return alloc_printf("%s (watched)", item->name);
	for (size_t i = 0; item->client && i < replication->count; i++) {
		const struct replica *other = &replication->items[i];

		if (i != at && strcmp(other->name, item->name) == 0 &&
			same_text(other->client, item->client))
			return alloc_printf("%s pid %d", item->name, item->sender_pid);
	}
	return item->client ? alloc_printf("%s %s", item->name, item->client)
			    : alloc_printf("%s pid %d", item->name, item->sender_pid);
}

/* Two of the same name are told apart; the operator's names stay. */
static void
settle_names(struct replication *replication)
{
	char **names = alloc_zeroed(replication->count + 1, sizeof(*names));

	for (size_t i = 0; i < replication->count; i++) {
		const struct replica *item = &replication->items[i];

		if ((!item->direct || item->self) &&
			settle_name_taken(replication, i, item->name))
			names[i] = settle_name(replication, i);
	}
	for (size_t i = 0; i < replication->count; i++) {
		if (!names[i])
			continue;
		free(replication->items[i].name);
		replication->items[i].name = names[i];
	}
	free(names);
}

/* What everybody may see of a slot tells what the sender hides from our role. */
static void
settle_hidden(struct replica *item, const struct slot *slot)
{
	if (item->state)
		return;
	if (slot->logical)
		item->replay_lsn = slot->confirmed_lsn;
	else
		item->flush_lsn = slot->restart_lsn;
}

/* Slots of the server that is watched, and who uses them there. */
static void
settle_slots(struct replication *replication)
{
	for (size_t at = 0; at < replication->slot_count; at++) {
		struct slot *slot = &replication->slots[at];

		slot->held_bytes = -1;
		if (slot->restart_lsn && replication->current_lsn)
			slot->held_bytes =
				slot->restart_lsn >= replication->current_lsn
					? 0
					: (int64_t)(replication->current_lsn -
						    slot->restart_lsn);
		for (size_t i = 0; i < replication->count; i++) {
			struct replica *item = &replication->items[i];

			if (!item->from_primary || item->upstream ||
				slot->active_pid == 0 ||
				item->sender_pid != slot->active_pid)
				continue;
			free(item->slot);
			item->slot = alloc_copy(slot->name);
			if (slot->logical)
				item->kind = REPLICA_LOGICAL;
			settle_hidden(item, slot);
		}
	}
}

static void
settle_slot_owners(struct replication *replication)
{
	for (size_t at = 0; at < replication->slot_count; at++) {
		struct slot *slot = &replication->slots[at];

		free(slot->replica);
		slot->replica = NULL;
		for (size_t i = 0; i < replication->count; i++) {
			const struct replica *item = &replication->items[i];

			if (slot->active_pid && item->from_primary && !item->upstream &&
				item->sender_pid == slot->active_pid)
				slot->replica = alloc_copy(item->name);
		}
	}
}

static void
settle_kind(struct replica *item)
{
	if (!item->state || item->kind == REPLICA_LOGICAL)
		return;
	if (strcmp(item->state, "backup") == 0)
		item->kind = REPLICA_BACKUP;
	/* A standby tells what it replayed with its first word. */
	else if (strcmp(item->state, "streaming") == 0 && item->flush_lsn &&
		 !item->replay_lsn && !item->own.read)
		item->kind = REPLICA_WAL_ONLY;
}

/* What receives from a standby that is watched stands under it. */
static void
settle_self(struct replication *replication)
{
	const struct replica *self = NULL;

	for (size_t i = 0; i < replication->count; i++) {
		if (replication->items[i].self)
			self = &replication->items[i];
	}
	for (size_t i = 0; self && i < replication->count; i++) {
		struct replica *item = &replication->items[i];

		if (item->from_primary && !item->upstream)
			item->upstream = alloc_copy(self->name);
	}
}

static void
settle_judge(struct replication *replication, const struct wal_clock *clock,
	int64_t server_now_us)
{
	for (size_t i = 0; i < replication->count; i++) {
		struct replica *item = &replication->items[i];
		/* It stands above, and was judged before. */
		const struct replica *upstream =
			item->upstream ? replication_find(replication, item->upstream)
				       : NULL;
		struct replica_judge_by by = {
			.current_lsn = replication->current_lsn,
			.clock = clock,
			.server_now_us = server_now_us,
			.silence_us = replication->silence_us,
		};

		if (upstream && !upstream->self)
			by.upstream_lsn = upstream->received_lsn;
		replica_judge(item, &by);
	}
}

void
replication_settle(struct replication *replication, const struct wal_clock *clock,
	int64_t server_now_us)
{
	settle_slots(replication);
	settle_views(replication);
	settle_names(replication);
	settle_slot_owners(replication);
	for (size_t i = 0; i < replication->count; i++)
		settle_kind(&replication->items[i]);
	settle_self(replication);
	replication_arrange(replication);
	settle_judge(replication, clock, server_now_us);
}
