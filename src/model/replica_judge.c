/* How far behind a replica is, since when, and what holds it back. */
#include "pgrunbook/model/replication.h"

#include <stdlib.h>

#include "pgrunbook/base/alloc.h"

enum { SILENCE_MARGIN_US = 5 * 1000 * 1000 };

int64_t
replication_silence_us(int64_t interval_us, int64_t timeout_us)
{
	int64_t report = interval_us > 0 ? 2 * interval_us : 0;
	int64_t asked = timeout_us > 0 ? timeout_us / 2 : 0;

	/* Whichever makes it speak first. */
	if (report == 0 && asked == 0)
		return 0;
	if (report == 0 || (asked > 0 && asked < report))
		report = asked;
	return report + SILENCE_MARGIN_US;
}

static uint64_t
further(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Both look at different moments, and neither position ever goes back. */
static void
replica_positions(struct replica *replica)
{
	const struct standby *own = &replica->own;

	replica->received_lsn =
		further(replica->flush_lsn, own->read ? own->received_lsn : 0);
	replica->replayed_lsn =
		further(replica->replay_lsn, own->read ? own->replayed_lsn : 0);
	/* What comes from an archive was never received. */
	replica->received_lsn = further(replica->received_lsn, replica->replayed_lsn);
	/* That is all it ever does. */
	if (replica->kind == REPLICA_WAL_ONLY)
		replica->replayed_lsn = replica->received_lsn;
}

/* The stage at which most of the WAL is missing that the stage before it has. */
static enum replica_cause
replica_stage(const struct replica *replica, uint64_t upstream, uint64_t current)
{
	const struct {
		uint64_t lsn;
		enum replica_cause cause;
	} stages[] = {
		{ upstream, REPLICA_UPSTREAM },
		{ replica->sent_lsn, REPLICA_SENDING },
		{ replica->write_lsn, REPLICA_WRITING },
		/* Over a direct connection only this is known: what it hasn't got is
		 * still being sent. */
		{ replica->received_lsn,
			replica->sent_lsn ? REPLICA_FLUSHING : REPLICA_SENDING },
		{ replica->replayed_lsn, REPLICA_REPLAYING },
	};
	enum replica_cause cause = REPLICA_REPLAYING;
	uint64_t before = current, most = 0;

	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		if (stages[i].lsn == 0 || stages[i].lsn >= before)
			continue;
		if (before - stages[i].lsn > most) {
			most = before - stages[i].lsn;
			cause = stages[i].cause;
		}
		before = stages[i].lsn;
	}
	return cause;
}

/* What is known of replay beyond its position. */
static enum replica_cause
replica_replay_cause(const struct replica *replica)
{
	const struct standby *own = &replica->own;

	if (!own->read)
		return REPLICA_REPLAYING;
	if (standby_in_conflict(own))
		return REPLICA_CONFLICT;
	return own->apply_delay_us > 0 ? REPLICA_DELAYED : REPLICA_REPLAYING;
}

static enum replica_cause
replica_find_cause(const struct replica *replica, const struct replica_judge_by *by,
	uint64_t current)
{
	enum replica_cause cause;

	if (replica->kind == REPLICA_BACKUP)
		return REPLICA_COPYING;
	if (replica->disconnected)
		return REPLICA_DISCONNECTED;
	if (by->silence_us > 0 && replica->silent_us > by->silence_us)
		return REPLICA_SILENT;
	/* Paused and caught up so far is still paused: the next byte will wait. */
	if (replica->paused)
		return REPLICA_PAUSED;
	if (replica->lag_bytes == LAG_UNKNOWN)
		return REPLICA_UNKNOWN;
	if (replica->lag_bytes == 0)
		return REPLICA_CAUGHT_UP;
	cause = replica_stage(
		replica, by->upstream_lsn ? by->upstream_lsn : current, current);
	return cause == REPLICA_REPLAYING ? replica_replay_cause(replica) : cause;
}

static void
replica_set_lag(struct replica *replica, enum lag_time how, int64_t lag_us)
{
	replica->lag_time = how;
	replica->lag_us = lag_us;
}

/*
 * How old the oldest byte is that it lacks.  To have seen the primary pass it is best.
 * The server's figure stands still when replay does, so it is the least it can be; what
 * was replayed last is older than what comes after it, so its age is the most.
 */
static void
replica_judge_time(struct replica *replica, const struct replica_judge_by *by)
{
	struct wal_behind behind = { 0, -1 };
	int64_t at = replica->own.read ? replica->own.replayed_at_us : 0;

	replica_set_lag(replica, LAG_TIME_UNKNOWN, LAG_UNKNOWN);
	if (replica->kind == REPLICA_BACKUP || replica->lag_bytes == LAG_UNKNOWN)
		return;
	if (replica->lag_bytes == 0) {
		/* Without a connection nobody knows what it lacks by now. */
		if (!replica->disconnected && replica->cause != REPLICA_SILENT)
			replica_set_lag(replica, LAG_TIME_IS, 0);
		return;
	}
	if (by->clock)
		behind = wal_clock_behind(
			by->clock, replica->replayed_lsn, by->server_now_us);
	if (at > 0 && by->server_now_us > at &&
		(behind.most_us < 0 || by->server_now_us - at < behind.most_us))
		behind.most_us = by->server_now_us - at;
	if (behind.least_us > 0 && behind.most_us >= 0)
		replica_set_lag(replica, LAG_TIME_IS, behind.least_us);
	else if (replica->replay_lag_us > behind.least_us &&
		 (behind.most_us < 0 || replica->replay_lag_us <= behind.most_us))
		replica_set_lag(replica, LAG_TIME_AT_LEAST, replica->replay_lag_us);
	else if (behind.least_us > 0)
		replica_set_lag(replica, LAG_TIME_AT_LEAST, behind.least_us);
	else if (behind.most_us > 0)
		replica_set_lag(replica, LAG_TIME_AT_MOST, behind.most_us);
}

/* One view says what the other can't be true with. */
static void
replica_judge_views(struct replica *replica)
{
	const struct standby *own = &replica->own;
	char *upstream;

	free(replica->disagreement);
	replica->disagreement = NULL;
	if (!own->read || replica->self || !replica->from_primary)
		return;
	if (own->receiver == RECEIVER_NONE) {
		replica->disagreement =
			alloc_printf("its sender lists it as %s, it says itself that "
				     "no WAL receiver runs",
				replica->state ? replica->state : "connected");
	} else if (replica->cause == REPLICA_SILENT && own->receiver == RECEIVER_RUNS) {
		upstream = standby_upstream(own);
		replica->disagreement =
			alloc_printf("it answers us and says that it receives from "
				     "%s, its sender hears nothing from it",
				upstream ? upstream : "there");
		free(upstream);
	}
}

void
replica_judge(struct replica *replica, const struct replica_judge_by *by)
{
	const struct standby *own = &replica->own;
	uint64_t current = by->current_lsn;

	replica_positions(replica);
	/* What its upstream told it last is the next best that is known. */
	if (own->read && own->upstream_lsn > current &&
		(replica->self || by->current_lsn == 0))
		current = own->upstream_lsn;
	replica->lag_bytes = LAG_UNKNOWN;
	if (current && replica->replayed_lsn)
		replica->lag_bytes =
			replica->replayed_lsn >= current
				? 0
				: (int64_t)(current - replica->replayed_lsn);
	if (own->read) {
		/* Asked for is not there yet, and said in the detail. */
		replica->paused = own->pause == REPLAY_PAUSED;
		if (own->receiver != RECEIVER_UNKNOWN)
			replica->disconnected = own->receiver == RECEIVER_NONE;
	}
	/* It knows what it received, not what its upstream has written since. */
	if (replica->self && replica->disconnected && replica->lag_bytes == 0)
		replica->lag_bytes = LAG_UNKNOWN;
	replica->silent_us = LAG_UNKNOWN;
	if (replica->reply_us && by->server_now_us)
		replica->silent_us = by->server_now_us > replica->reply_us
					     ? by->server_now_us - replica->reply_us
					     : 0;
	replica->cause = replica_find_cause(replica, by, current);
	replica_judge_time(replica, by);
	replica_judge_views(replica);
}
