/* The list of replicas, slots and subscriptions, and the rows that are made of it. */
#include "pgrunbook/model/replication.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"

const struct replica *
replication_find(const struct replication *replication, const char *name)
{
	for (size_t i = 0; i < replication->count; i++) {
		if (strcmp(replication->items[i].name, name) == 0)
			return &replication->items[i];
	}
	return NULL;
}

struct replica *
replication_add(struct replication *replication, const char *name)
{
	struct replica *replica;

	replication->items = alloc_room(replication->items, replication->count,
		&replication->capacity, sizeof(*replication->items));
	replica = &replication->items[replication->count++];
	*replica = (struct replica){ .name = alloc_copy(name),
		.replay_lag_us = LAG_UNKNOWN,
		.lag_bytes = LAG_UNKNOWN,
		.lag_us = LAG_UNKNOWN,
		.silent_us = LAG_UNKNOWN };
	return replica;
}

void
replication_add_sender(struct replication *replication, const struct replica *sender)
{
	struct replica *replica = replication_add(replication, sender->name);
	char *name = replica->name;

	*replica = *sender;
	replica->name = name;
	replica->upstream = alloc_copy(sender->upstream);
	replica->application = alloc_copy(sender->application);
	replica->client = alloc_copy(sender->client);
	replica->slot = alloc_copy(sender->slot);
	replica->state = alloc_copy(sender->state);
	replica->sync_state = alloc_copy(sender->sync_state);
	replica->problem = alloc_copy(sender->problem);
	replica->own = (struct standby){ 0 };
	replica->version_rows = (struct strlist){ 0 };
	replica->version_problem = NULL;
	replica->disagreement = NULL;
}

struct slot *
replication_add_slot(struct replication *replication)
{
	struct slot *slot;

	replication->slots = alloc_room(replication->slots, replication->slot_count,
		&replication->slot_capacity, sizeof(*replication->slots));
	slot = &replication->slots[replication->slot_count++];
	*slot = (struct slot){ .xmin_age = -1, .held_bytes = -1 };
	return slot;
}

struct subscription *
replication_add_subscription(struct replication *replication)
{
	struct subscription *subscription;

	replication->subscriptions = alloc_room(replication->subscriptions,
		replication->subscription_count, &replication->subscription_capacity,
		sizeof(*replication->subscriptions));
	subscription = &replication->subscriptions[replication->subscription_count++];
	*subscription = (struct subscription){ .enabled = SUBSCRIPTION_UNKNOWN,
		.tables_left = SUBSCRIPTION_UNKNOWN,
		.apply_errors = SUBSCRIPTION_UNKNOWN,
		.sync_errors = SUBSCRIPTION_UNKNOWN,
		.conflicts = SUBSCRIPTION_UNKNOWN };
	return subscription;
}

static int
replica_compare(const void *left, const void *right)
{
	const struct replica *a = left, *b = right;

	if (a->self != b->self)
		return a->self ? -1 : 1;
	return strcmp(a->name, b->name);
}

/* Those that the rows show come first, and of those the ones in trouble. */
static int
slot_rank(const struct slot *slot)
{
	if (slot_in_trouble(slot))
		return 0;
	return slot->replica ? 2 : 1;
}

static int
slot_compare(const void *left, const void *right)
{
	const struct slot *a = left, *b = right;
	int ranks = slot_rank(a) - slot_rank(b);

	return ranks ? ranks : strcmp(a->name, b->name);
}

static int
subscription_compare(const void *left, const void *right)
{
	const struct subscription *a = left, *b = right;
	int databases =
		strcmp(a->database ? a->database : "", b->database ? b->database : "");

	return databases ? databases : strcmp(a->name, b->name);
}

/* Whether an item stands right under another one (NULL: at the left). */
static bool
replication_is_under(const struct replication *from, const struct replica *item,
	const struct replica *above)
{
	if (item->upstream == NULL)
		return above == NULL;
	if (above == NULL)
		return replication_find(from, item->upstream) == NULL;
	return strcmp(item->upstream, above->name) == 0;
}

/* What stands right under an item (NULL: at the left), and all under those. */
static void
replication_place(struct replication *from, const struct replica *above, int depth,
	bool *placed, struct replica *to, size_t *count)
{
	for (size_t i = 0; i < from->count; i++) {
		struct replica *item = &from->items[i];

		if (placed[i] || !replication_is_under(from, item, above))
			continue;
		placed[i] = true;
		item->depth = depth;
		to[(*count)++] = *item;
		replication_place(from, item, depth + 1, placed, to, count);
	}
}

static void
replication_make_tree(struct replication *replication)
{
	struct replica *ordered =
		alloc_zeroed(replication->count + 1, sizeof(*ordered));
	bool *placed = alloc_zeroed(replication->count + 1, sizeof(*placed));
	size_t count = 0;

	replication_place(replication, NULL, 0, placed, ordered, &count);
	/* Two that say to receive from each other have nobody above them. */
	for (size_t i = 0; i < replication->count; i++) {
		if (placed[i])
			continue;
		placed[i] = true;
		replication->items[i].depth = 0;
		ordered[count++] = replication->items[i];
		replication_place(replication, &replication->items[i], 1, placed,
			ordered, &count);
	}
	free(placed);
	free(replication->items);
	replication->items = ordered;
	replication->capacity = replication->count + 1;
}

void
replication_arrange(struct replication *replication)
{
	if (replication->count > 0) {
		qsort(replication->items, replication->count,
			sizeof(*replication->items), replica_compare);
		replication_make_tree(replication);
	}
	if (replication->slot_count > 1)
		qsort(replication->slots, replication->slot_count,
			sizeof(*replication->slots), slot_compare);
	replication->slots_shown = 0;
	for (size_t i = 0; i < replication->slot_count; i++)
		replication->slots_shown += slot_rank(&replication->slots[i]) < 2;
	if (replication->subscription_count > 1)
		qsort(replication->subscriptions, replication->subscription_count,
			sizeof(*replication->subscriptions), subscription_compare);
}

const struct replica *
replication_worst(const struct replication *replication)
{
	const struct replica *worst = NULL;

	for (size_t i = 0; i < replication->count; i++) {
		const struct replica *replica = &replication->items[i];

		if (replica->lag_bytes > 0 && replica->kind != REPLICA_BACKUP &&
			(!worst || replica->lag_bytes > worst->lag_bytes))
			worst = replica;
	}
	return worst;
}

/* A row of its own, as long as there is something to say. */
static bool
replication_sync_row(const struct replication *replication)
{
	char *words = replication_sync_words(replication);
	bool says = words != NULL;

	free(words);
	return says;
}

size_t
replication_rows(const struct replication *replication)
{
	return replication->count + replication->slots_shown +
	       replication->subscription_count + replication_sync_row(replication);
}

struct replication_row
replication_row(const struct replication *replication, size_t row)
{
	if (replication_sync_row(replication)) {
		if (row == 0)
			return (struct replication_row){ REPLICATION_ROW_SYNC, 0 };
		row--;
	}
	if (row < replication->count)
		return (struct replication_row){ REPLICATION_ROW_REPLICA, row };
	row -= replication->count;
	if (row < replication->slots_shown)
		return (struct replication_row){ REPLICATION_ROW_SLOT, row };
	return (struct replication_row){ REPLICATION_ROW_SUBSCRIPTION,
		row - replication->slots_shown };
}

char *
replication_row_identity(const struct replication *replication, size_t at)
{
	const struct replication_row row = replication_row(replication, at);
	const struct subscription *subscription;

	switch (row.kind) {
	case REPLICATION_ROW_REPLICA:
		return alloc_printf("replica %s", replication->items[row.index].name);
	case REPLICATION_ROW_SLOT:
		return alloc_printf("slot %s", replication->slots[row.index].name);
	case REPLICATION_ROW_SUBSCRIPTION:
		subscription = &replication->subscriptions[row.index];
		return alloc_printf("subscription %s in %s", subscription->name,
			subscription->database ? subscription->database : "");
	case REPLICATION_ROW_SYNC:
		break;
	}
	return alloc_copy("commits");
}

bool
replication_parse_lsn(const char *text, uint64_t *lsn)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	size_t high = text ? strspn(text, digits) : 0, low;

	*lsn = 0;
	if (high == 0 || high > 8 || text[high] != '/')
		return false;
	low = strspn(text + high + 1, digits);
	if (low == 0 || low > 8 || text[high + 1 + low])
		return false;
	*lsn = strtoull(text, NULL, 16) << 32 | strtoull(text + high + 1, NULL, 16);
	return true;
}

const char *
replication_format_lsn(uint64_t lsn, char out[LSN_TEXT])
{
	if (lsn == 0)
		snprintf(out, LSN_TEXT, "unknown");
	else
		snprintf(out, LSN_TEXT, "%" PRIX32 "/%" PRIX32, (uint32_t)(lsn >> 32),
			(uint32_t)lsn);
	return out;
}

void
replica_free(struct replica *replica)
{
	free(replica->name);
	free(replica->upstream);
	free(replica->application);
	free(replica->client);
	free(replica->slot);
	free(replica->state);
	free(replica->sync_state);
	standby_free(&replica->own);
	strlist_free(&replica->version_rows);
	free(replica->version_problem);
	free(replica->disagreement);
	free(replica->problem);
	*replica = (struct replica){ 0 };
}

void
replication_free(struct replication *replication)
{
	for (size_t i = 0; i < replication->count; i++)
		replica_free(&replication->items[i]);
	free(replication->items);
	for (size_t i = 0; i < replication->slot_count; i++)
		slot_free(&replication->slots[i]);
	free(replication->slots);
	for (size_t i = 0; i < replication->subscription_count; i++)
		subscription_free(&replication->subscriptions[i]);
	free(replication->subscriptions);
	free(replication->sync.names);
	free(replication->problem);
	free(replication->slots_problem);
	free(replication->subscriptions_problem);
	*replication = (struct replication){ 0 };
}
