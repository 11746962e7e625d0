/* The queries by name, and which of them are worth being prepared. */
#include "src/drive/pg_queries.h"

static const char *const names[PG_QUERY_COUNT] = {
	[PG_QUERY_SETTINGS] = "settings",
	[PG_QUERY_IDENTITY] = "identity",
	[PG_QUERY_SYSTEM] = "system",
	[PG_QUERY_SESSIONS] = "sessions",
	[PG_QUERY_LOCKS] = "locks",
	[PG_QUERY_HELD] = "held",
	[PG_QUERY_EVENT] = "event",
	[PG_QUERY_PREPARED] = "prepared",
	[PG_QUERY_WAL] = "wal",
	[PG_QUERY_SENDERS] = "senders",
	[PG_QUERY_SENDERS_NAMED] = "senders_named",
	[PG_QUERY_SLOTS] = "slots",
	[PG_QUERY_SUBSCRIBED] = "subscribed",
	[PG_QUERY_SUBSCRIPTIONS] = "subscriptions",
	[PG_QUERY_STANDBY] = "standby",
	[PG_QUERY_PROGRESS] = "progress",
	[PG_QUERY_PROGRESS_INDEX] = "progress_index",
	[PG_QUERY_PROGRESS_VACUUM] = "progress_vacuum",
	[PG_QUERY_PROGRESS_ANALYZE] = "progress_analyze",
	[PG_QUERY_PROGRESS_CLUSTER] = "progress_cluster",
	[PG_QUERY_PROGRESS_COPY] = "progress_copy",
	[PG_QUERY_PROGRESS_BACKUP] = "progress_backup",
	[PG_QUERY_VITALS] = "vitals",
	[PG_QUERY_TABLES] = "tables",
	[PG_QUERY_TABLE] = "known_tables",
	[PG_QUERY_ROWS] = "rows",
	[PG_QUERY_LOCKED] = "locked",
	[PG_QUERY_WRITES] = "writes",
	[PG_QUERY_CLOCK] = "clock",
	[PG_QUERY_RECEIVER] = "receiver",
	[PG_QUERY_CONFLICTS] = "conflicts",
	[PG_QUERY_CANCEL] = "cancel",
	[PG_QUERY_TERMINATE] = "terminate",
};

const char *
pg_queries_name(enum pg_query_id id)
{
	return names[id];
}

bool
pg_queries_lasts(enum pg_query_id id)
{
	switch (id) {
	case PG_QUERY_SETTINGS:
	case PG_QUERY_CANCEL:
	case PG_QUERY_TERMINATE:
	/* Made for the tables that were found. */
	case PG_QUERY_ROWS:
	/* Those end in pids. */
	case PG_QUERY_HELD:
	case PG_QUERY_EVENT:
	case PG_QUERY_WRITES:
		return false;
	default:
		return true;
	}
}
