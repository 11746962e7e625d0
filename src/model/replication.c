#include "pgrunbook/model/replication.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"

const char *
replica_cause_words(enum replica_cause cause)
{
	switch (cause) {
	case REPLICA_CAUGHT_UP:
		return "caught up";
	case REPLICA_SENDING:
		return "sending: the primary or the network";
	case REPLICA_WRITING:
		return "writing: the standby's disk";
	case REPLICA_FLUSHING:
		return "flushing: the standby's disk";
	case REPLICA_REPLAYING:
		return "replay: a conflict or load";
	case REPLICA_PAUSED:
		return "replay is paused";
	case REPLICA_DISCONNECTED:
		return "disconnected";
	case REPLICA_UNKNOWN:
		break;
	}
	return "unknown";
}

struct replica *
replication_item(struct replication *replication, const char *name)
{
	struct replica *replica;

	for (size_t i = 0; i < replication->count; i++) {
		if (strcmp(replication->items[i].name, name) == 0)
			return &replication->items[i];
	}
	replication->items = alloc_room(replication->items, replication->count,
		&replication->capacity, sizeof(*replication->items));
	replica = &replication->items[replication->count++];
	*replica = (struct replica){ .name = alloc_copy(name),
		.lag_bytes = LAG_UNKNOWN,
		.lag_us = LAG_UNKNOWN };
	return replica;
}

static int
replication_compare(const void *left, const void *right)
{
	const struct replica *a = left, *b = right;

	return strcmp(a->name, b->name);
}

void
replication_sort(struct replication *replication)
{
	if (replication->count > 1)
		qsort(replication->items, replication->count,
			sizeof(*replication->items), replication_compare);
}

/* The first stage at which WAL is missing that the stage before it has. */
static enum replica_cause
replica_stage(const struct replica *replica, uint64_t current)
{
	if (replica->sent_lsn && replica->sent_lsn < current)
		return REPLICA_SENDING;
	if (replica->write_lsn && replica->sent_lsn &&
		replica->write_lsn < replica->sent_lsn)
		return REPLICA_WRITING;
	if (replica->flush_lsn && replica->write_lsn &&
		replica->flush_lsn < replica->write_lsn)
		return REPLICA_FLUSHING;
	/* Over a direct connection only the receiver's position is known: what it
	 * hasn't got yet is still being sent. */
	if (!replica->sent_lsn && replica->flush_lsn && replica->flush_lsn < current)
		return REPLICA_SENDING;
	return REPLICA_REPLAYING;
}

void
replica_judge(struct replica *replica, uint64_t current)
{
	replica->lag_bytes = LAG_UNKNOWN;
	if (current && replica->replay_lsn)
		replica->lag_bytes = replica->replay_lsn >= current
					     ? 0
					     : (int64_t)(current - replica->replay_lsn);

	/* Paused and caught up so far is still paused: the next byte will wait. */
	if (replica->disconnected)
		replica->cause = REPLICA_DISCONNECTED;
	else if (replica->paused)
		replica->cause = REPLICA_PAUSED;
	else if (replica->lag_bytes == LAG_UNKNOWN)
		replica->cause = REPLICA_UNKNOWN;
	else if (replica->lag_bytes == 0)
		replica->cause = REPLICA_CAUGHT_UP;
	else
		replica->cause = replica_stage(replica, current);

	if (replica->lag_bytes == 0 && !replica->disconnected)
		replica->lag_us = 0;
}

const struct replica *
replication_worst(const struct replication *replication)
{
	const struct replica *worst = NULL;

	for (size_t i = 0; i < replication->count; i++) {
		const struct replica *replica = &replication->items[i];

		if (replica->lag_bytes > 0 &&
			(!worst || replica->lag_bytes > worst->lag_bytes))
			worst = replica;
	}
	return worst;
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

void
replica_free(struct replica *replica)
{
	free(replica->name);
	free(replica->state);
	free(replica->sync_state);
	free(replica->problem);
	strlist_free(&replica->version_rows);
	*replica = (struct replica){ 0 };
}

void
replication_free(struct replication *replication)
{
	for (size_t i = 0; i < replication->count; i++)
		replica_free(&replication->items[i]);
	free(replication->items);
	free(replication->problem);
	*replication = (struct replication){ 0 };
}
