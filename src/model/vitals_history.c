/* How the numbers look, what they mean, and what they did in the last minute. */
#include <stdio.h>

#include "pgrunbook/base/duration.h"
#include "pgrunbook/model/snapshot.h"
#include "pgrunbook/model/vitals.h"

static const struct {
	const char *name;
	const char *explanation;
} rows[VITAL_COUNT] = {
	[VITAL_ACTIVE] = { "active",
		"Client sessions that run a statement now, those that wait for a lock "
		"among them. More of them than the server has processors is load; many "
		"more is a queue." },
	[VITAL_IDLE_IN_TRANSACTION] = { "idle in tx",
		"Sessions that do nothing and have a transaction open. They keep its "
		"locks, and vacuum from removing what they might still look at. Their "
		"clients have to commit or roll back." },
	[VITAL_WAITING] = { "waiting",
		"Sessions that wait for a lock. The pane Locks shows for whom." },
	[VITAL_CONNECTIONS] = { "connections",
		"Client sessions, this console's own among them, of those that an "
		"ordinary role can have: max_connections less those that are reserved. "
		"When none is left, clients are refused." },
	[VITAL_TRANSACTION] = { "oldest tx",
		"How long ago the oldest transaction began that is open now. As long "
		"as it is, none of its locks is free, and a change of a table that it "
		"looked at waits for it, and everybody else for that." },
	[VITAL_XMIN] = { "oldest xmin",
		"How many transactions ago the oldest snapshot was taken that somebody "
		"still uses. Vacuum can't remove what was deleted after that: tables "
		"grow." },
	[VITAL_WAL] = { "WAL",
		"What is written to the write-ahead log; on a standby, what it "
		"replays. Replicas and archives have to keep up with it." },
	[VITAL_COMMITS] = { "commits",
		"Transactions of this database that were committed. Each look of this "
		"console at it is one or two of them." },
	[VITAL_ROLLBACKS] = { "rollbacks",
		"Transactions of this database that were rolled back: by clients, or "
		"by errors." },
	[VITAL_TEMP] = { "temp files",
		"What statements of this database write to temporary files because it "
		"doesn't fit into work_mem. It is counted when a file is done." },
	[VITAL_DEADLOCKS] = { "deadlocks",
		"Deadlocks of this database that the server ended by failing one of "
		"the transactions." },
	[VITAL_XID] = { "frozen age",
		"How many transactions ago the database that is oldest in this was "
		"frozen throughout. From autovacuum_freeze_max_age on autovacuum works "
		"on it even where it is off; at about two billion the server refuses "
		"to write." },
	[VITAL_MULTIXACT] = { "multixact age",
		"The same for multixacts, of which row locks are made that several "
		"have: they run out in the same way." },
};

const char *
vital_name(enum vital vital)
{
	return rows[vital].name;
}

const char *
vital_explanation(enum vital vital)
{
	return rows[vital].explanation;
}

/* "0/s", "0.4/s", "72/s": slow ones with a tenth. */
static void
format_rate(double value, char out[VITAL_TEXT])
{
	snprintf(out, VITAL_TEXT, value > 0 && value < 9.95 ? "%.1f/s" : "%.0f/s",
		value);
}

const char *
vital_format(enum vital vital, double value, char out[VITAL_TEXT])
{
	char text[BYTES_TEXT > DURATION_TEXT ? BYTES_TEXT : DURATION_TEXT];

	if (!series_known(value)) {
		snprintf(out, VITAL_TEXT, "unknown");
		return out;
	}
	switch (vital) {
	case VITAL_TRANSACTION:
		snprintf(out, VITAL_TEXT, "%s", duration_format((int64_t)value, text));
		break;
	case VITAL_WAL:
	case VITAL_TEMP:
		snprintf(out, VITAL_TEXT, "%s/s", bytes_format((int64_t)value, text));
		break;
	case VITAL_COMMITS:
	case VITAL_ROLLBACKS:
	case VITAL_DEADLOCKS:
		format_rate(value, out);
		break;
	case VITAL_XMIN:
	case VITAL_XID:
	case VITAL_MULTIXACT:
		snprintf(out, VITAL_TEXT, "%s", count_format((int64_t)value, text));
		break;
	default:
		snprintf(out, VITAL_TEXT, "%.0f", value);
		break;
	}
	return out;
}

/* How far the log is: written, or on a standby replayed; 0: not known. */
static uint64_t
vital_wal(const struct snapshot *snapshot)
{
	const struct replication *replication = &snapshot->replication;

	if (snapshot->server.role != SERVER_STANDBY)
		return replication->current_lsn;
	for (size_t i = 0; i < replication->count; i++) {
		if (replication->items[i].self)
			return replication->items[i].replayed_lsn;
	}
	return 0;
}

/* The counter behind a rate; false: it isn't known. */
static bool
vital_counter(enum vital vital, const struct snapshot *snapshot, uint64_t *value)
{
	const struct vitals *vitals = &snapshot->vitals;
	int64_t counted = -1;

	if (vital == VITAL_WAL) {
		*value = vital_wal(snapshot);
		return *value != 0;
	}
	if (vital == VITAL_COMMITS)
		counted = vitals->commits;
	else if (vital == VITAL_ROLLBACKS)
		counted = vitals->rollbacks;
	else if (vital == VITAL_TEMP)
		counted = vitals->temp_bytes;
	else if (vital == VITAL_DEADLOCKS)
		counted = vitals->deadlocks;
	*value = (uint64_t)counted;
	return vitals->read && counted >= 0;
}

static bool
vital_is_rate(enum vital vital)
{
	return vital >= VITAL_WAL && vital <= VITAL_DEADLOCKS;
}

static double
vital_rate(struct vitals_history *history, enum vital vital,
	const struct snapshot *snapshot)
{
	/* A reset of the statistics is none of the log's; a promotion is. */
	int64_t since = vital == VITAL_WAL ? (int64_t)snapshot->server.role
					   : snapshot->vitals.stats_reset_us;
	uint64_t value;

	if (!vital_counter(vital, snapshot, &value)) {
		series_rate_lost(&history->counters[vital]);
		return SERIES_UNKNOWN;
	}
	return series_rate(
		&history->counters[vital], snapshot->server_now_us, since, value);
}

void
vitals_history_take(struct vitals_history *history, const struct snapshot *snapshot)
{
	for (enum vital vital = 0; vital < VITAL_COUNT; vital++) {
		double value =
			vital_is_rate(vital)
				? vital_rate(history, vital, snapshot)
				: vital_value(vital, snapshot, snapshot->server_now_us);

		series_add(&history->series[vital], snapshot->taken_us, value);
	}
}

void
vitals_history_gap(struct vitals_history *history, int64_t now_us)
{
	for (enum vital vital = 0; vital < VITAL_COUNT; vital++) {
		series_add_unknown(&history->series[vital], now_us);
		series_rate_lost(&history->counters[vital]);
	}
}

void
vitals_history_free(struct vitals_history *history)
{
	for (enum vital vital = 0; vital < VITAL_COUNT; vital++)
		series_free(&history->series[vital]);
	*history = (struct vitals_history){ 0 };
}
