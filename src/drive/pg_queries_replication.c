/* The rows of the table of SQL that are about replication: see pg_queries.c. */
#include <stddef.h>

#include "src/drive/pg_queries.h"

/* clang-format off */
/* Slots of all versions begin and end alike. */
#define SLOTS_BEGIN \
	"SELECT slot_name, plugin, slot_type = 'logical', database, temporary, " \
	"       active, active_pid, restart_lsn, confirmed_flush_lsn, " \
	"       wal_status, safe_wal_size, " \
	"       greatest(age(xmin), age(catalog_xmin)), "
#define SLOTS_END "  FROM pg_replication_slots"

/* What pg_stat_replication has beside the names. */
#define SENDERS \
	"SELECT pid, state, sync_state, " \
	"       sent_lsn, write_lsn, flush_lsn, replay_lsn, " \
	"       (date_part('epoch', replay_lag) * 1e6)::bigint, " \
	"       (date_part('epoch', reply_time) * 1e6)::bigint"

#define SUBSCRIPTION_WORKER \
	", s.received_lsn, s.latest_end_lsn, " \
	"       (date_part('epoch', s.last_msg_send_time) * 1e6)::bigint, " \
	"       (date_part('epoch', s.last_msg_receipt_time) * 1e6)::bigint, " \
	"       (date_part('epoch', s.latest_end_time) * 1e6)::bigint, " \
	"       CASE WHEN d.datname = current_database() " \
	"            THEN (SELECT count(*) FROM pg_subscription_rel r " \
	"                   WHERE r.srsubid = s.subid AND r.srsubstate <> 'r') END, "
#define SUBSCRIPTIONS_BEGIN \
	"SELECT s.subname, d.datname, u.subenabled, u.subslotname, s.pid, "
#define SUBSCRIPTIONS_END \
	"  FROM pg_stat_subscription s " \
	"  JOIN pg_subscription u ON u.oid = s.subid " \
	"  LEFT JOIN pg_database d ON d.oid = u.subdbid "
#define SUBSCRIPTION_ERRORS \
	"  LEFT JOIN pg_stat_subscription_stats e ON e.subid = s.subid"

#define STANDBY_BEGIN \
	"SELECT pg_is_in_recovery(), " \
	"       (date_part('epoch', clock_timestamp()) * 1e6)::bigint, " \
	"       pg_last_wal_receive_lsn(), " \
	"       pg_last_wal_replay_lsn(), " \
	"       (date_part('epoch', pg_last_xact_replay_timestamp()) * 1e6)::bigint, " \
	"       CASE WHEN pg_is_in_recovery() THEN "
#define STANDBY_END \
	" END, " \
	"       current_setting('cluster_name'), " \
	"       current_setting('primary_slot_name'), " \
	"       (date_part('epoch', current_setting('recovery_min_apply_delay')::interval) " \
	"           * 1e6)::bigint, " \
	"       (date_part('epoch', current_setting('wal_receiver_status_interval')::interval) " \
	"           * 1e6)::bigint, " \
	"       (date_part('epoch', current_setting('max_standby_streaming_delay')::interval) " \
	"           * 1e6)::bigint, " \
	"       host(inet_server_addr()), " \
	"       pg_has_role('pg_read_all_stats', 'USAGE')"

#define CONFLICTS_BEGIN \
	"SELECT c.tablespace, c.lock, c.snapshot, c.bufferpin, c.deadlock, c.slot, " \
	"       startup.wait_event, holder.pid, oldest.pid, " \
	"       concat_ws(', ', nullif(holder.application_name, ''), " \
	"                       'user ' || holder.usename), " \
	"       concat_ws(', ', nullif(oldest.application_name, ''), " \
	"                       'user ' || oldest.usename) " \
	"  FROM (SELECT sum(confl_tablespace) AS tablespace, " \
	"               sum(confl_lock) AS lock, " \
	"               sum(confl_snapshot) AS snapshot, " \
	"               sum(confl_bufferpin) AS bufferpin, " \
	"               sum(confl_deadlock) AS deadlock, " \
	"               "
#define CONFLICTS_END \
	" AS slot " \
	"          FROM pg_stat_database_conflicts) c " \
	"  LEFT JOIN pg_stat_activity startup ON startup.backend_type = 'startup' " \
	"  LEFT JOIN LATERAL (SELECT held.pid, a.application_name, a.usename " \
	"                       FROM pg_locks waits " \
	"                       JOIN pg_locks held " \
	"                         ON held.granted " \
	"                        AND held.locktype = waits.locktype " \
	"                        AND held.database = waits.database " \
	"                        AND held.relation = waits.relation " \
	"                       LEFT JOIN pg_stat_activity a ON a.pid = held.pid " \
	"                      WHERE NOT waits.granted " \
	"                        AND waits.mode = 'AccessExclusiveLock' " \
	"                        AND waits.locktype = 'relation' " \
	"                      LIMIT 1) holder ON true " \
	"  LEFT JOIN LATERAL (SELECT pid, application_name, usename " \
	"                       FROM pg_stat_activity " \
	"                      WHERE backend_xmin IS NOT NULL " \
	"                        AND startup.wait_event LIKE 'RecoveryConflict%' " \
	"                        AND pid <> pg_backend_pid() " \
	"                      ORDER BY age(backend_xmin) DESC " \
	"                      LIMIT 1) oldest ON true"

const struct pg_query_row pg_queries_replication[] = {
	/* 0.1.  pg_current_wal_lsn fails on a standby, where a cascade begins with what
	 * was received. */
	{ PG_QUERY_WAL, 0, 0,
		"SELECT CASE WHEN pg_is_in_recovery() "
		"            THEN pg_last_wal_receive_lsn() "
		"            ELSE pg_current_wal_lsn() END, "
		"       current_setting('synchronous_standby_names'), "
		"       (date_part('epoch', current_setting('wal_receiver_status_interval') "
		"           ::interval) * 1e6)::bigint, "
		"       (date_part('epoch', current_setting('wal_sender_timeout') "
		"           ::interval) * 1e6)::bigint" },

	/* 0.1, where pg_stat_replication costs 1.2: that reads all sessions once more for
	 * the names, which we have by pid. */
	{ PG_QUERY_SENDERS, 0, 0,
		SENDERS " FROM pg_stat_get_wal_senders()" },
	/* 0.1 on a standby, where there are few sessions. */
	{ PG_QUERY_SENDERS_NAMED, 0, 0,
		SENDERS ", "
		"       application_name, coalesce(client_hostname, host(client_addr)), "
		"       s.slot_name, s.slot_type = 'logical' "
		"  FROM pg_stat_replication "
		"  LEFT JOIN pg_replication_slots s ON s.active_pid = pid" },

	/* 0.1. */
	{ PG_QUERY_SLOTS, 170000, 0,
		SLOTS_BEGIN
		"conflicting, invalidation_reason, "
		"(date_part('epoch', inactive_since) * 1e6)::bigint, "
		"failover, synced"
		SLOTS_END },
	{ PG_QUERY_SLOTS, 160000, 170000,
		SLOTS_BEGIN "conflicting, NULL, NULL, NULL, NULL" SLOTS_END },
	{ PG_QUERY_SLOTS, 0, 160000,
		SLOTS_BEGIN "NULL, NULL, NULL, NULL, NULL" SLOTS_END },

	/* 0.1, where the next costs 0.2, and 0.8 the first time. */
	{ PG_QUERY_SUBSCRIBED, 0, 0,
		"SELECT EXISTS (SELECT subname FROM pg_subscription)" },

	/* 0.2, where there is one.  Before 14 the oid of a subscription is a secret, and its
	 * name need not be the only one in all databases. */
	{ PG_QUERY_SUBSCRIPTIONS, 180000, 0,
		SUBSCRIPTIONS_BEGIN "s.relid IS NULL AND s.leader_pid IS NULL"
		SUBSCRIPTION_WORKER
		"e.apply_error_count, e.sync_error_count, "
		"e.confl_insert_exists + e.confl_update_origin_differs "
		"    + e.confl_update_exists + e.confl_update_missing "
		"    + e.confl_delete_origin_differs + e.confl_delete_missing "
		"    + e.confl_multiple_unique_conflicts"
		SUBSCRIPTIONS_END SUBSCRIPTION_ERRORS },
	{ PG_QUERY_SUBSCRIPTIONS, 160000, 180000,
		SUBSCRIPTIONS_BEGIN "s.relid IS NULL AND s.leader_pid IS NULL"
		SUBSCRIPTION_WORKER "e.apply_error_count, e.sync_error_count, NULL"
		SUBSCRIPTIONS_END SUBSCRIPTION_ERRORS },
	{ PG_QUERY_SUBSCRIPTIONS, 150000, 160000,
		SUBSCRIPTIONS_BEGIN "s.relid IS NULL"
		SUBSCRIPTION_WORKER "e.apply_error_count, e.sync_error_count, NULL"
		SUBSCRIPTIONS_END SUBSCRIPTION_ERRORS },
	{ PG_QUERY_SUBSCRIPTIONS, 140000, 150000,
		SUBSCRIPTIONS_BEGIN "s.relid IS NULL"
		SUBSCRIPTION_WORKER "NULL, NULL, NULL"
		SUBSCRIPTIONS_END },
	{ PG_QUERY_SUBSCRIPTIONS, 0, 140000,
		"SELECT s.subname, d.datname, d.subenabled, d.subslotname, s.pid, "
		"s.relid IS NULL"
		SUBSCRIPTION_WORKER "NULL, NULL, NULL "
		"  FROM pg_stat_subscription s "
		"  LEFT JOIN LATERAL "
		"       (SELECT min(b.datname) AS datname, "
		"               bool_and(u.subenabled) AS subenabled, "
		"               min(u.subslotname) AS subslotname "
		"          FROM pg_subscription u "
		"          JOIN pg_database b ON b.oid = u.subdbid "
		"         WHERE u.subname = s.subname "
		"        HAVING count(*) = 1) d ON true" },

	/* 0.1. */
	{ PG_QUERY_STANDBY, 140000, 0,
		STANDBY_BEGIN "pg_get_wal_replay_pause_state()" STANDBY_END },
	{ PG_QUERY_STANDBY, 0, 140000,
		STANDBY_BEGIN
		"CASE WHEN pg_is_wal_replay_paused() THEN 'paused' ELSE 'not paused' END"
		STANDBY_END },

	/* 0.1. */
	{ PG_QUERY_RECEIVER, 0, 0,
		"SELECT status, latest_end_lsn, "
		"       (date_part('epoch', last_msg_receipt_time) * 1e6)::bigint, "
		"       slot_name, sender_host, sender_port, conninfo "
		"  FROM pg_stat_wal_receiver" },

	/* 1.2 with as many sessions, and planning it takes 4.8. */
	{ PG_QUERY_CONFLICTS, 160000, 0,
		CONFLICTS_BEGIN "sum(confl_active_logicalslot)" CONFLICTS_END },
	{ PG_QUERY_CONFLICTS, 0, 160000,
		CONFLICTS_BEGIN "NULL" CONFLICTS_END },
};
/* clang-format on */

const size_t pg_queries_replication_count =
	sizeof(pg_queries_replication) / sizeof(pg_queries_replication[0]);
