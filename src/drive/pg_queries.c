#include "src/drive/pg_queries.h"

#include <stddef.h>
#include <string.h>

/*
 * The one session that is to end, and whether it may: the guard against a pid that was
 * used again is the same for both ways.  Nobody owns a worker of autovacuum: the clause
 * in the middle says who may end it.
 */
/* clang-format off */
#define END_TARGET_BEGIN \
	"  FROM (SELECT a.pid, a.backend_type, a.state, " \
	"               a.backend_start IS NULL AS hidden, " \
	"               (date_part('epoch', a.backend_start) * 1e6)::bigint " \
	"                   = $2::bigint AS same, " \
	"               $3::bigint = 0 OR coalesce( " \
	"                   (date_part('epoch', a.query_start) * 1e6)::bigint " \
	"                   = $3::bigint, false) AS same_query, " \
	"               a.backend_type NOT IN ('startup', 'checkpointer', " \
	"                   'background writer', 'walwriter', 'archiver', " \
	"                   'walreceiver', 'walsummarizer', 'logger', 'io worker', " \
	"                   'autovacuum launcher', 'logical replication launcher', " \
	"                   'slotsync worker') AS ends, " \
	"               CASE WHEN we.rolsuper THEN NULL "
#define END_TARGET_AUTOVACUUM \
	"                    WHEN a.backend_type = 'autovacuum worker' " \
	"                    THEN CASE WHEN NOT pg_has_role( " \
	"                                  'pg_signal_autovacuum_worker', 'USAGE') " \
	"                         THEN 'pg_signal_autovacuum_worker' END "
#define END_TARGET_END \
	"                    WHEN them.rolsuper IS NOT FALSE THEN 'superuser' " \
	"                    WHEN NOT pg_has_role(a.usesysid, 'USAGE') " \
	"                         AND NOT pg_has_role('pg_signal_backend', 'USAGE') " \
	"                    THEN 'pg_signal_backend' END AS missing " \
	"          FROM pg_stat_activity a " \
	"          JOIN pg_roles we ON we.rolname = current_user " \
	"          LEFT JOIN pg_roles them ON them.oid = a.usesysid " \
	"         WHERE a.pid = $1::int " \
	"        OFFSET 0) AS target"

#define CANCEL \
	"SELECT hidden, same, same_query, backend_type, state, ends, missing, " \
	"       CASE WHEN same AND same_query AND missing IS NULL AND ends " \
	"                 AND state = 'active' " \
	"            THEN pg_cancel_backend(pid) END "
#define TERMINATE \
	"SELECT hidden, same, same_query, backend_type, state, ends, missing, " \
	"       CASE WHEN same AND same_query AND missing IS NULL AND ends " \
	"            THEN pg_terminate_backend(pid) END "

/*
 * In a transaction of its own, so that what follows in the same trip begins with it: a
 * standby refuses every query of a role that is serializable by default, and one that is
 * deferrable by default would wait for others.
 *
 * The path that the role has itself is kept, as the server searches it, since names mean
 * what they mean to the operator; pgrunbook.schema is where an unqualified one is looked
 * for first, as a prefix.  It begins with the default because it may be sent twice.
 */
#define SETTINGS \
	"BEGIN ISOLATION LEVEL READ COMMITTED; " \
	"SET search_path = DEFAULT; " \
	"SELECT pg_catalog.set_config('pgrunbook.path', " \
	"    pg_catalog.current_schemas(true)::pg_catalog.text, false); " \
	"SELECT " PG_QUERY_PIN_PATH "; " \
	"SELECT set_config('pgrunbook.schema', coalesce( " \
	"    (SELECT quote_ident(name) || '.' " \
	"       FROM unnest(current_setting('pgrunbook.path')::name[]) AS path (name) " \
	"      WHERE left(name, 3) <> 'pg_' LIMIT 1), ''), false); " \
	"SET default_transaction_isolation = 'read committed'; " \
	"SET statement_timeout = '4s'; " \
	"SET lock_timeout = '100ms'; " \
	"SET idle_in_transaction_session_timeout = '10s'; " \
	"SET default_transaction_read_only = on; " \
	"SET jit = off; "

/*
 * Around something whose name is to be shown: without its schema where that comes first
 * on the role's own path, unless pg_catalog, the path here, has such a name too.
 */
#define OWN_BEGIN \
	"(SELECT CASE WHEN own = '' OR NOT starts_with(whole, own) THEN whole WHEN "
#define OWN_MIDDLE \
	"(substr(whole, length(own) + 1)) IS NULL " \
	"             THEN substr(whole, length(own) + 1) ELSE whole END " \
	"   FROM (SELECT coalesce(current_setting('pgrunbook.schema', true), '') AS own, "
#define OWN_RELATION OWN_BEGIN "to_regclass" OWN_MIDDLE
#define OWN_TYPE OWN_BEGIN "to_regtype" OWN_MIDDLE
#define OWN_FUNCTION OWN_BEGIN "to_regprocedure" OWN_MIDDLE
#define OWN_END "::text AS whole OFFSET 0) AS name)"

/*
 * The view is read once for all uses: it stops locking for a moment.  Whose lock of a
 * thing that is waited for keeps others from it is found by the thing's number alone,
 * which is cheap, and more exactly by the reader.  Most locks are of the fast path:
 * nobody waits for one, since whoever would moves it out of there before.  But who has
 * it has it.
 */
#define LOCKS_VIEW \
	"WITH l AS MATERIALIZED ( " \
	"    SELECT *, database IN (0, (SELECT oid FROM pg_database " \
	"                                WHERE datname = current_database())) AS here " \
	"      FROM pg_locks "
#define LOCKS_BEGIN LOCKS_VIEW \
	"     WHERE NOT fastpath) " \
	"SELECT pid, granted, mode, "
#define HELD_BEGIN LOCKS_VIEW ") " \
	"SELECT pid, granted, mode, "
/*
 * pg_blocking_pids doesn't know of the startup process on a standby.  Replay alone takes
 * this mode there, and it conflicts with all.
 */
#define LOCKS_COLUMNS \
	"       virtualtransaction, locktype, database, relation, page, tuple, " \
	"       virtualxid, transactionid, classid, objid, objsubid, " \
	"       CASE WHEN here THEN " OWN_RELATION "relation::regclass" OWN_END " END, " \
	"       CASE WHEN locktype <> 'object' THEN NULL " \
	"            WHEN classid = 'pg_catalog.pg_database'::regclass " \
	"            THEN 'database ' || coalesce((SELECT quote_ident(datname) " \
	"                      FROM pg_database WHERE oid = objid), objid::text) " \
	"            WHEN here AND classid = 'pg_catalog.pg_namespace'::regclass " \
	"            THEN 'schema ' || objid::regnamespace " \
	"            WHEN here AND classid = 'pg_catalog.pg_type'::regclass " \
	"            THEN 'type ' || " OWN_TYPE "objid::regtype" OWN_END " " \
	"            WHEN here AND classid = 'pg_catalog.pg_proc'::regclass " \
	"            THEN 'function ' || " OWN_FUNCTION "objid::regprocedure" OWN_END " " \
	"            WHEN classid = 'pg_catalog.pg_authid'::regclass " \
	"            THEN 'role ' || objid::regrole " \
	"            ELSE concat_ws(' ', classid::regclass, objid) END, " \
	"       CASE WHEN NOT here " \
	"            THEN (SELECT datname FROM pg_database WHERE oid = l.database) END, " \
	"       CASE WHEN granted THEN NULL " \
	"            WHEN mode = 'AccessExclusiveLock' AND pg_is_in_recovery() " \
	"            THEN ARRAY (SELECT held.pid FROM l held " \
	"                         WHERE held.granted " \
	"                           AND held.locktype = l.locktype " \
	"                           AND held.database = l.database " \
	"                           AND held.relation = l.relation) " \
	"            ELSE pg_blocking_pids(pid) END " \
	"  FROM l "
#define LOCKS_REST LOCKS_COLUMNS \
	" WHERE mode <> 'SIReadLock' " \
	"   AND (NOT granted OR pid IS NULL OR locktype = 'tuple' " \
	"        OR locktype = 'relation' AND mode = 'AccessExclusiveLock' " \
	"        OR coalesce(relation, objid) IN " \
	"           (SELECT coalesce(relation, objid) FROM l WHERE NOT granted))"

/*
 * Whose operation it is and on what, the same of all progress views; what follows is
 * its part, command and counters.  Names are looked up, not cast: what another
 * transaction has made is no name to us yet.
 */
#define PROGRESS_HEAD \
	"SELECT pid, datname, datname = current_database(), " \
	"       nullif(relid, 0), " \
	"       (SELECT " OWN_RELATION "c.oid::regclass" OWN_END " FROM pg_class c " \
	"         WHERE c.oid = relid AND datname = current_database()), " \
	"       phase, current_setting('block_size'), "
#define PROGRESS_VACUUM \
	PROGRESS_HEAD \
	"       NULL, NULL, 'VACUUM', " \
	"       heap_blks_total, heap_blks_scanned, heap_blks_vacuumed, " \
	"       index_vacuum_count, "
#define PROGRESS_ANALYZE \
	PROGRESS_HEAD \
	"       nullif(current_child_table_relid, 0), " \
	"       (SELECT " OWN_RELATION "c.oid::regclass" OWN_END " FROM pg_class c " \
	"         WHERE c.oid = current_child_table_relid " \
	"           AND datname = current_database()), " \
	"       'ANALYZE', sample_blks_total, sample_blks_scanned, " \
	"       CASE phase WHEN 'computing extended statistics' " \
	"                  THEN ext_stats_total ELSE child_tables_total END, " \
	"       CASE phase WHEN 'computing extended statistics' " \
	"                  THEN ext_stats_computed ELSE child_tables_done END"

#define SESSIONS_BEGIN \
	"SELECT pid, " \
	"       leader_pid, " \
	"       (date_part('epoch', backend_start) * 1e6)::bigint, " \
	"       (date_part('epoch', query_start) * 1e6)::bigint, " \
	"       (date_part('epoch', xact_start) * 1e6)::bigint, " \
	"       (date_part('epoch', state_change) * 1e6)::bigint, " \
	"       state, " \
	"       backend_type, " \
	"       datname, " \
	"       usename, " \
	"       application_name, " \
	"       coalesce(client_hostname, host(client_addr)), " \
	"       client_port, " \
	"       wait_event_type, " \
	"       wait_event, " \
	"       age(backend_xmin), " \
	"       CASE WHEN wait_event = 'SafeSnapshot' OR backend_start IS NULL " \
	"            THEN nullif(pg_safe_snapshot_blocking_pids(pid), '{}') END, "
/* clang-format on */

/*
 * Costs are milliseconds of the server's CPU as `./dev bench server` tells them for
 * what is prepared, on 15 with 528 sessions of which 107 wait, one of them with 53
 * behind it: 4.5 for all of a poll, and 6.8 if their texts were sent instead.  Of both,
 * the views take 0.7 (sessions), 0.6 (locks) and 0.3 (blockers) of whoever asks.
 *
 * Times are (date_part('epoch', ...) * 1e6)::bigint: exact microseconds, because a
 * double has 52 bits, and on all versions much cheaper than extract, which is numeric
 * since 14.
 */
/* clang-format off */
static const struct pg_query_row pg_queries[] = {
	/*
	 * The console must never be what others wait for: it gives up soon, takes no lock
	 * that stays, writes nothing.  Compiling would cost more than it saves.  It waits
	 * between polls as long as it likes: to be ended for that is a FATAL in the log.
	 */
	{ PG_QUERY_SETTINGS, 170000, 0,
		SETTINGS "SET idle_session_timeout = 0; "
		"SET transaction_timeout = 0; "
		"COMMIT" },
	{ PG_QUERY_SETTINGS, 140000, 170000,
		SETTINGS "SET idle_session_timeout = 0; "
		"COMMIT" },
	{ PG_QUERY_SETTINGS, 0, 140000,
		SETTINGS "COMMIT" },

	/*
	 * 0.1.  Who and where we are, and what we may ask: NULL where a managed server has
	 * no such thing.  Roles below 16384 are the server's own, which nobody logs in as
	 * but for 10, its first superuser: who is a member of none but those can't signal
	 * any other role's sessions, without asking for each of what may be thousands.
	 */
	{ PG_QUERY_IDENTITY, 0, 0,
		"SELECT pg_is_in_recovery(), "
		"       (date_part('epoch', clock_timestamp()) * 1e6)::bigint, "
		"       current_user, "
		"       current_database(), "
		"       (SELECT oid FROM pg_database WHERE datname = current_database()), "
		"       current_setting('server_version'), "
		"       (date_part('epoch', pg_postmaster_start_time()) * 1e6)::bigint, "
		"       pg_has_role('pg_read_all_stats', 'USAGE'), "
		"       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user), "
		"       has_function_privilege(to_regprocedure( "
		"           'pg_catalog.pg_control_system()'), 'EXECUTE'), "
		"       has_function_privilege(to_regprocedure( "
		"           'pg_catalog.pg_stat_get_wal_senders()'), 'EXECUTE'), "
		"       has_table_privilege(to_regclass( "
		"           'pg_catalog.pg_replication_slots'), 'SELECT'), "
		"       has_table_privilege(to_regclass( "
		"           'pg_catalog.pg_stat_subscription'), 'SELECT'), "
		"       has_table_privilege(to_regclass( "
		"           'pg_catalog.pg_stat_wal_receiver'), 'SELECT'), "
		"       has_table_privilege(to_regclass( "
		"           'pg_catalog.pg_stat_database_conflicts'), 'SELECT'), "
		"       NOT pg_has_role('pg_signal_backend', 'USAGE') AND NOT EXISTS ( "
		"           SELECT FROM pg_auth_members m "
		"            WHERE (m.member < 16384 OR m.member = "
		"                   (SELECT oid FROM pg_roles WHERE rolname = current_user)) "
		"              AND (m.roleid >= 16384 OR m.roleid = 10))" },

	/*
	 * 0.1.  Only sent where it is permitted: a CASE around it wouldn't help, since the
	 * right is checked before the first row.
	 */
	{ PG_QUERY_SYSTEM, 0, 0,
		"SELECT system_identifier FROM pg_control_system()" },

	/*
	 * 2.3, a third of it the view's own.  pg_blocking_pids doesn't know of waits for a
	 * safe snapshot, so their blockers come from here; a role that isn't shown what a
	 * session waits for may ask all the same.
	 */
	{ PG_QUERY_SESSIONS, 140000, 0,
		SESSIONS_BEGIN
		"       query_id, query "
		"  FROM pg_stat_activity" },
	{ PG_QUERY_SESSIONS, 0, 140000,
		SESSIONS_BEGIN
		"       NULL, query "
		"  FROM pg_stat_activity" },

	/*
	 * 1.3.  pg_blocking_pids stops all locking for a moment, so it is called for those
	 * who wait only.  Granted locks of what is waited for tell who has it, and in which
	 * mode.  The locks of prepared transactions tell which one a blocker 0 is; a
	 * waiter's granted tuple lock tells the row of a transactionid wait; exclusive ones
	 * of tables whether a look at the version table would have to wait.  What a
	 * serializable transaction has read nobody waits for, and it may be very many.
	 */
	{ PG_QUERY_LOCKS, 140000, 0,
		LOCKS_BEGIN
		"       (date_part('epoch', waitstart) * 1e6)::bigint, "
		LOCKS_REST },
	{ PG_QUERY_LOCKS, 0, 140000,
		LOCKS_BEGIN
		"       NULL, "
		LOCKS_REST },

	/*
	 * Once, when somebody looks at a session in full: every lock of that one, what it
	 * waits for first.
	 */
	{ PG_QUERY_HELD, 140000, 0,
		HELD_BEGIN
		"       (date_part('epoch', waitstart) * 1e6)::bigint, "
		LOCKS_COLUMNS
		" WHERE pid = " },
	{ PG_QUERY_HELD, 0, 140000,
		HELD_BEGIN
		"       NULL, "
		LOCKS_COLUMNS
		" WHERE pid = " },

	/* With it.  What the event means in words: a list that the server has. */
	{ PG_QUERY_EVENT, 170000, 0,
		"SELECT description "
		"  FROM pg_wait_events "
		" WHERE (type, name) = (SELECT wait_event_type, wait_event "
		"                         FROM pg_stat_activity "
		"                        WHERE pid = " },

	/* 0.1. */
	{ PG_QUERY_PREPARED, 0, 0,
		"SELECT transaction, gid, "
		"       (date_part('epoch', prepared) * 1e6)::bigint, "
		"       owner, database, age(transaction) "
		"  FROM pg_prepared_xacts" },

	/*
	 * 0.2.  The functions cost less than the view pg_stat_database, which has twenty
	 * more of them for every database.  reserved_connections is there from 16 on.
	 */
	{ PG_QUERY_VITALS, 0, 0,
		"SELECT current_setting('max_connections')::int, "
		"       current_setting('superuser_reserved_connections')::int "
		"           + coalesce(current_setting('reserved_connections', true), "
		"                      '0')::int, "
		"       pg_stat_get_db_xact_commit(here.oid), "
		"       pg_stat_get_db_xact_rollback(here.oid), "
		"       pg_stat_get_db_temp_bytes(here.oid), "
		"       pg_stat_get_db_deadlocks(here.oid), "
		"       (date_part('epoch', pg_stat_get_db_stat_reset_time(here.oid)) "
		"           * 1e6)::bigint, "
		"       xid.datname, xid.age, "
		"       current_setting('autovacuum_freeze_max_age')::bigint, "
		"       multixact.datname, multixact.age, "
		"       current_setting('autovacuum_multixact_freeze_max_age')::bigint "
		"  FROM pg_database here "
		"  LEFT JOIN (SELECT datname, age(datfrozenxid) FROM pg_database "
		"              ORDER BY 2 DESC LIMIT 1) xid ON true "
		"  LEFT JOIN (SELECT datname, mxid_age(datminmxid) AS age "
		"               FROM pg_database "
		"              ORDER BY 2 DESC LIMIT 1) multixact ON true "
		" WHERE here.datname = current_database()" },

	/*
	 * 0.3, where one view costs 1.2 to plan and to ask, so they are asked when there is
	 * something in them.
	 */
	{ PG_QUERY_PROGRESS, 140000, 0,
		"SELECT name FROM (VALUES ('CREATE INDEX'), ('VACUUM'), ('ANALYZE'), "
		"                         ('CLUSTER'), ('BASEBACKUP'), ('COPY')) k (name) "
		" WHERE EXISTS (SELECT FROM pg_stat_get_progress_info(name))" },
	{ PG_QUERY_PROGRESS, 0, 140000,
		"SELECT name FROM (VALUES ('CREATE INDEX'), ('VACUUM'), ('ANALYZE'), "
		"                         ('CLUSTER'), ('BASEBACKUP')) k (name) "
		" WHERE EXISTS (SELECT FROM pg_stat_get_progress_info(name))" },

	/* 0.2 to 0.9 each. */
	{ PG_QUERY_PROGRESS_INDEX, 0, 0,
		PROGRESS_HEAD
		"       nullif(index_relid, 0), "
		"       (SELECT " OWN_RELATION "c.oid::regclass" OWN_END " FROM pg_class c "
		"         WHERE c.oid = index_relid AND datname = current_database()), "
		"       command, blocks_total, blocks_done, tuples_total, tuples_done, "
		"       partitions_total, partitions_done, "
		"       lockers_total, lockers_done, current_locker_pid "
		"  FROM pg_stat_progress_create_index" },
	{ PG_QUERY_PROGRESS_VACUUM, 180000, 0,
		PROGRESS_VACUUM "max_dead_tuple_bytes, dead_tuple_bytes, "
		"       indexes_total, indexes_processed, (delay_time * 1000)::bigint "
		"  FROM pg_stat_progress_vacuum" },
	{ PG_QUERY_PROGRESS_VACUUM, 170000, 180000,
		PROGRESS_VACUUM "max_dead_tuple_bytes, dead_tuple_bytes, "
		"       indexes_total, indexes_processed "
		"  FROM pg_stat_progress_vacuum" },
	{ PG_QUERY_PROGRESS_VACUUM, 0, 170000,
		PROGRESS_VACUUM "max_dead_tuples, num_dead_tuples "
		"  FROM pg_stat_progress_vacuum" },
	{ PG_QUERY_PROGRESS_ANALYZE, 180000, 0,
		PROGRESS_ANALYZE ", (delay_time * 1000)::bigint "
		"  FROM pg_stat_progress_analyze" },
	{ PG_QUERY_PROGRESS_ANALYZE, 0, 180000,
		PROGRESS_ANALYZE
		"  FROM pg_stat_progress_analyze" },
	{ PG_QUERY_PROGRESS_CLUSTER, 0, 0,
		PROGRESS_HEAD
		"       nullif(cluster_index_relid, 0), "
		"       (SELECT " OWN_RELATION "c.oid::regclass" OWN_END " FROM pg_class c "
		"         WHERE c.oid = cluster_index_relid "
		"           AND datname = current_database()), "
		"       command, heap_blks_total, heap_blks_scanned, "
		"       heap_tuples_scanned, heap_tuples_written, index_rebuild_count "
		"  FROM pg_stat_progress_cluster" },
	/* It has no phases: its other end stands there instead. */
	{ PG_QUERY_PROGRESS_COPY, 140000, 0,
		PROGRESS_HEAD
		"       NULL, NULL, command, bytes_total, bytes_processed, "
		"       tuples_processed "
		"  FROM (SELECT *, lower(type) AS phase FROM pg_stat_progress_copy) c" },
	{ PG_QUERY_PROGRESS_BACKUP, 0, 0,
		"SELECT pid, NULL, NULL, NULL, NULL, phase, "
		"       current_setting('block_size'), NULL, NULL, 'base backup', "
		"       backup_total, backup_streamed, "
		"       tablespaces_total, tablespaces_streamed "
		"  FROM pg_stat_progress_basebackup" },

	/*
	 * 0.4 for tables that are known by oid or by name; to look for all of them scans
	 * pg_class, 0.1 in a small database and 130 with 100,000 tables: seldom.  A temporary
	 * one is its session's own affair.
	 */
	{ PG_QUERY_TABLES, 0, 0,
		"SELECT c.oid, "
		"       format('%I.%I', n.nspname, c.relname), "
		"       concat_ws('; ', "
		"           CASE WHEN NOT has_schema_privilege(n.oid, 'USAGE') "
		"                THEN format('GRANT USAGE ON SCHEMA %I TO %I', "
		"                            n.nspname, current_user) END, "
		"           CASE WHEN NOT has_column_privilege(c.oid, a.attnum, 'SELECT') "
		"                THEN format('GRANT SELECT ON %I.%I TO %I', "
		"                            n.nspname, c.relname, current_user) END), "
		"       c.oid = (SELECT o.oid "
		"                  FROM unnest(current_setting('pgrunbook.path', true) "
		"                              ::name[]) "
		"                       WITH ORDINALITY AS path (name, place) "
		"                  JOIN pg_namespace s ON s.nspname = path.name "
		"                  JOIN pg_class o ON o.relnamespace = s.oid "
		"                                 AND o.relname = c.relname "
		"                 ORDER BY place LIMIT 1), "
		"       c.relkind NOT IN ('r', 'p'), "
		"       a.attnum IS NOT NULL, "
		"       CASE WHEN t.typname IN ('varchar', 'bpchar') AND a.atttypmod > 4 "
		"            THEN a.atttypmod - 4 ELSE 0 END, "
		/* In the order of enum version_hazard; below 16384 is what initdb made. */
		"       CASE WHEN row_security_active(c.oid) THEN 1 "
		"            WHEN c.relowner IN (SELECT r.oid FROM pg_roles r "
		"                                 WHERE r.rolname = current_user "
		"                                    OR r.rolsuper) THEN 0 "
		"            WHEN c.relkind NOT IN ('r', 'p') THEN 2 "
		"            WHEN t.oid >= 16384 OR t.typtype <> 'b' THEN 3 "
		"            WHEN EXISTS (SELECT FROM pg_index i "
		"                          WHERE i.indrelid = c.oid "
		"                            AND (i.indexprs IS NOT NULL "
		"                                 OR i.indpred IS NOT NULL)) "
		"                 OR EXISTS (SELECT FROM pg_statistic_ext s "
		"                             WHERE s.stxrelid = c.oid) THEN 4 "
		"            WHEN c.relkind = 'p' "
		"                 OR EXISTS (SELECT FROM pg_inherits p "
		"                             WHERE p.inhparent = c.oid) THEN 5 "
		"            ELSE 0 END "
		"  FROM pg_class c "
		"  JOIN pg_namespace n ON n.oid = c.relnamespace "
		"  LEFT JOIN pg_attribute a ON a.attrelid = c.oid "
		"                          AND a.attname = 'version_num' "
		"                          AND NOT a.attisdropped "
		"  LEFT JOIN pg_type t ON t.oid = a.atttypid "
		" WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') "
		"   AND c.relpersistence <> 't' "
		"   AND " },

	/* 0.8, where the locks aren't read anyway: what a look would have to wait for,
	 * and the one who has it or is to get it. */
	{ PG_QUERY_LOCKED, 0, 0,
		"SELECT relation, pid "
		"  FROM pg_locks "
		" WHERE locktype = 'relation' "
		"   AND mode = 'AccessExclusiveLock' "
		"   AND database = (SELECT oid FROM pg_database "
		"                    WHERE datname = current_database()) "
		" ORDER BY granted DESC" },

	/*
	 * 1.4, since its text is another one each time, and only while somebody waits for a
	 * transaction without a row of it: an insert into a unique index.  The table that
	 * both write is the one.
	 */
	{ PG_QUERY_WRITES, 0, 0,
		"SELECT l.pid, l.relation, " OWN_RELATION "l.relation::regclass" OWN_END " "
		"  FROM pg_locks l "
		"  JOIN pg_class c ON c.oid = l.relation "
		" WHERE l.locktype = 'relation' "
		"   AND l.granted "
		"   AND l.mode = 'RowExclusiveLock' "
		"   AND c.relkind IN ('r', 'p') "
		"   AND l.database = (SELECT oid FROM pg_database "
		"                      WHERE datname = current_database()) "
		"   AND l.pid IN " },

	/* What a poll took: by the server's clock, since it isn't slow for being far. */
	{ PG_QUERY_CLOCK, 0, 0,
		"SELECT (date_part('epoch', clock_timestamp()) * 1e6)::bigint" },

	/*
	 * The identity is looked at by the statement that signals, so that a pid which
	 * belongs to another session by now is left alone; so are those whose owner we may
	 * not signal, since trying would be an error in the server's log.
	 */
	{ PG_QUERY_CANCEL, 180000, 0,
		CANCEL END_TARGET_BEGIN END_TARGET_AUTOVACUUM END_TARGET_END },
	{ PG_QUERY_CANCEL, 0, 180000,
		CANCEL END_TARGET_BEGIN END_TARGET_END },
	{ PG_QUERY_TERMINATE, 180000, 0,
		TERMINATE END_TARGET_BEGIN END_TARGET_AUTOVACUUM END_TARGET_END },
	{ PG_QUERY_TERMINATE, 0, 180000,
		TERMINATE END_TARGET_BEGIN END_TARGET_END },
};
/* clang-format on */

static const char *
pg_queries_find(
	const struct pg_query_row *rows, size_t count, enum pg_query_id id, int version)
{
	for (size_t i = 0; i < count; i++) {
		if (rows[i].id == id && version >= rows[i].since &&
			(!rows[i].before || version < rows[i].before))
			return rows[i].sql;
	}
	return NULL;
}

const char *
pg_queries_text(enum pg_query_id id, int version)
{
	size_t count = sizeof(pg_queries) / sizeof(pg_queries[0]);
	/* The same, completed with another condition. */
	if (id == PG_QUERY_TABLE)
		id = PG_QUERY_TABLES;
	const char *sql = pg_queries_find(pg_queries, count, id, version);

	if (!sql)
		sql = pg_queries_find(pg_queries_replication,
			pg_queries_replication_count, id, version);
	return sql ? sql : "";
}

void
pg_queries_literal(const char *text, struct str *sql)
{
	/* E'' means the same whatever standard_conforming_strings says. */
	str_add(sql, strchr(text, '\\') ? "E'" : "'");
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			str_add_char(sql, *text);
		str_add_char(sql, *text);
	}
	str_add_char(sql, '\'');
}
