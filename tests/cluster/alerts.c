/* The numbers and the alerts of a real server: each is raised, and cleared again. */
#include "pgrunbook/model/alert_rules.h"

#include <stdio.h>
#include <string.h>

#include "pgrunbook/model/settings.h"
#include "tests/cluster/watching.h"
#include "tests/tap/tap.h"

enum { MANY = 12 };

static struct thresholds thresholds = {
	.lock_wait_us = THRESHOLD_OFF,
	.transaction_us = THRESHOLD_OFF,
	.idle_in_transaction_us = THRESHOLD_OFF,
	.migration_us = THRESHOLD_OFF,
	.replica_lag_bytes = THRESHOLD_OFF,
	.replica_lag_us = THRESHOLD_OFF,
	.slot_wal_bytes = THRESHOLD_OFF,
	.connections = THRESHOLD_OFF,
	.wraparound = THRESHOLD_OFF,
};

static struct alerts alerts;

struct wanted {
	enum alert_kind kind;
	int pid; /* 0: of any */
	bool raised;
};

static bool
shows(const struct snapshot *snapshot, const void *context)
{
	const struct wanted *wanted = context;
	bool raised = false;

	alerts_begin(&alerts);
	alert_rules_apply(
		&alerts, snapshot, NULL, &thresholds, snapshot->server_now_us);
	alerts_end(&alerts, snapshot->taken_us);
	for (size_t i = 0; i < alerts.raised; i++)
		raised |= alerts.items[i].kind == wanted->kind &&
			  (wanted->pid == 0 || alerts.items[i].pid == wanted->pid);
	return raised == wanted->raised;
}

static void
is_raised(struct watching *watching, enum alert_kind kind, int pid, const char *about)
{
	const struct wanted wanted = { kind, pid, true };

	tap_ok(watching_await(watching, shows, &wanted), "%s is an alert", about);
	if (alerts.raised != 0)
		tap_diag("%s", alerts.items[0].text);
}

static void
is_cleared(struct watching *watching, enum alert_kind kind, int pid, const char *about)
{
	const struct wanted wanted = { kind, pid, false };

	tap_ok(watching_await(watching, shows, &wanted), "%s is over", about);
}

static PGconn *
session(const struct cluster *cluster, const char *sql)
{
	PGconn *connection = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);

	if (sql != NULL)
		cluster_run(connection, sql);
	return connection;
}

static void
test_vitals(struct watching *watching)
{
	const struct snapshot *snapshot = watching->snapshot;
	const struct vitals *vitals = &snapshot->vitals;

	tap_ok(vitals->read && snapshot_problem(snapshot, SNAPSHOT_ALL) == NULL,
		"the numbers are read");
	tap_ok(vitals->max_connections > 0 && vitals->reserved_connections >= 0 &&
			vitals_most_connections(vitals) > 0,
		"connections and those reserved");
	tap_ok(vitals->commits > 0 && vitals->rollbacks >= 0 &&
			vitals->temp_bytes >= 0 && vitals->deadlocks >= 0,
		"the database's counters");
	tap_ok(vitals->xid_age > 0 && vitals->freeze_max_age > 0 &&
			vitals->xid_database != NULL && vitals->multixact_age >= 0 &&
			vitals->multixact_freeze_max_age > 0,
		"how long ago was frozen");
}

static bool
is_prepared(const struct snapshot *snapshot, const void *context)
{
	struct holder holder = vitals_oldest_xmin(snapshot);

	return holder.kind == HOLDER_PREPARED &&
	       strcmp(holder.name, (const char *)context) == 0;
}

static bool
is_session(const struct snapshot *snapshot, const void *context)
{
	struct holder holder = vitals_oldest_xmin(snapshot);

	return holder.kind == HOLDER_SESSION &&
	       holder.session->pid == *(const int *)context;
}

static void
test_xmin(struct watching *watching, const struct cluster *cluster, PGconn *control)
{
	PGconn *old =
		session(cluster, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1");
	int pid = PQbackendPID(old);

	for (int i = 0; i < 5; i++)
		cluster_run(control, "INSERT INTO numbers VALUES (1)");
	tap_ok(watching_await(watching, is_session, &pid),
		"the oldest xmin is the session's that has a snapshot");
	cluster_run(old, "COMMIT");
	cluster_run(old, "BEGIN; INSERT INTO numbers VALUES (2); "
			 "PREPARE TRANSACTION 'holds-xmin'");
	for (int i = 0; i < 5; i++)
		cluster_run(control, "INSERT INTO numbers VALUES (1)");
	tap_ok(watching_await(watching, is_prepared, "holds-xmin"),
		"or the prepared transaction's");
	cluster_run(old, "ROLLBACK PREPARED 'holds-xmin'");
	PQfinish(old);
}

static void
test_lock(struct watching *watching, const struct cluster *cluster)
{
	PGconn *blocker = session(cluster, "BEGIN; LOCK TABLE numbers");
	PGconn *waiter = session(cluster, NULL);

	thresholds.lock_wait_us = 200000;
	cluster_send(waiter, "SELECT * FROM numbers");
	is_raised(watching, ALERT_LOCK, PQbackendPID(blocker), "a lock wait");
	cluster_run(blocker, "COMMIT");
	cluster_finish(waiter);
	is_cleared(watching, ALERT_LOCK, 0, "it");
	thresholds.lock_wait_us = THRESHOLD_OFF;
	PQfinish(waiter);
	PQfinish(blocker);
}

static void
test_idle(struct watching *watching, const struct cluster *cluster)
{
	PGconn *idle = session(cluster, "BEGIN; SELECT 1");
	int pid = PQbackendPID(idle);

	thresholds.idle_in_transaction_us = 200000;
	is_raised(watching, ALERT_IDLE_IN_TRANSACTION, pid, "idle in transaction");
	cluster_run(idle, "COMMIT");
	is_cleared(watching, ALERT_IDLE_IN_TRANSACTION, pid, "it");
	thresholds.idle_in_transaction_us = THRESHOLD_OFF;
	PQfinish(idle);
}

static void
test_slot(struct watching *watching, PGconn *control)
{
	cluster_run(
		control, "SELECT pg_create_physical_replication_slot('left', true)");
	thresholds.slot_wal_bytes = 1 << 20;
	cluster_run(control, "INSERT INTO numbers SELECT generate_series(1, 50000)");
	is_raised(watching, ALERT_SLOT, 0, "a slot that keeps WAL");
	cluster_run(control, "SELECT pg_drop_replication_slot('left')");
	is_cleared(watching, ALERT_SLOT, 0, "it");
	thresholds.slot_wal_bytes = THRESHOLD_OFF;
}

static void
test_connections(struct watching *watching, const struct cluster *cluster)
{
	struct vitals_sessions counts;
	PGconn *many[MANY];

	/* As much as there is, and a little more than half of what comes. */
	vitals_count(watching->snapshot, &counts);
	thresholds.connections = (int64_t)(counts.clients + MANY - 2) * 100 /
				 vitals_most_connections(&watching->snapshot->vitals);
	for (int i = 0; i < MANY; i++)
		many[i] = session(cluster, NULL);
	is_raised(watching, ALERT_CONNECTIONS, 0, "many connections");
	for (int i = 0; i < MANY; i++)
		PQfinish(many[i]);
	is_cleared(watching, ALERT_CONNECTIONS, 0, "it");
	thresholds.connections = THRESHOLD_OFF;
}

int
main(void)
{
	struct cluster *cluster = cluster_start();
	struct loop *loop = loop_new();
	struct watching watching;
	char conninfo[512];
	PGconn *control = session(cluster, "CREATE TABLE numbers (n int)");

	snprintf(conninfo, sizeof(conninfo),
		"host=%s port=%d user=postgres dbname=postgres", cluster_host(cluster),
		CLUSTER_PRIMARY_PORT);
	watching_start(&watching, loop, conninfo, NULL, NULL);
	if (!watching_next(&watching, 2)) {
		tap_ok(false, "the server is watched");
		return tap_done();
	}
	test_vitals(&watching);
	test_lock(&watching, cluster);
	test_idle(&watching, cluster);
	test_slot(&watching, control);
	test_connections(&watching, cluster);
	test_xmin(&watching, cluster, control);
	tap_is_int(cluster_log_errors(cluster, "pgrunbook"), 0,
		"none of it is an error in the server's log");
	alerts_free(&alerts);
	watching_stop(&watching);
	PQfinish(control);
	loop_free(loop);
	cluster_stop(cluster);
	return tap_done();
}
