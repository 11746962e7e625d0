/* Replicas, slots and subscriptions of real servers, in the states that hurt. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cluster/watching.h"
#include "tests/tap/tap.h"

enum { MEGABYTE = 1 << 20 };

static PGconn *control;

static const struct replica *
find(const struct snapshot *snapshot, const char *name)
{
	return replication_find(&snapshot->replication, name);
}

static const struct slot *
find_slot(const struct snapshot *snapshot, const char *name)
{
	for (size_t i = 0; i < snapshot->replication.slot_count; i++) {
		if (strcmp(snapshot->replication.slots[i].name, name) == 0)
			return &snapshot->replication.slots[i];
	}
	return NULL;
}

/* What is waited for: one of a name, in a state. */
struct wanted {
	const char *name;
	enum replica_cause cause;
	int64_t bytes; /* at least */
};

static bool
shows_cause(const struct snapshot *snapshot, const void *context)
{
	const struct wanted *wanted = context;
	const struct replica *replica = find(snapshot, wanted->name);

	return replica && replica->cause == wanted->cause &&
	       replica->lag_bytes >= wanted->bytes;
}

static bool
await(struct watching *watching, const char *name, enum replica_cause cause,
	int64_t bytes)
{
	const struct wanted wanted = { name, cause, bytes };
	const struct replica *replica;

	if (watching_await(watching, shows_cause, &wanted))
		return true;
	replica = find(watching->snapshot, name);
	tap_diag("%s: %s, %lld bytes, %s", name,
		replica ? replica_cause_words(replica->cause) : "is not there",
		replica ? (long long)replica->lag_bytes : 0,
		replica && replica->problem ? replica->problem : "no problem");
	return false;
}

/* WAL of that size at least, whatever compression does. */
static void
write_wal(int megabytes)
{
	char sql[160];

	snprintf(sql, sizeof(sql),
		"CREATE TABLE bulk AS SELECT repeat(md5(g::text), 32) AS t "
		"FROM generate_series(1, %d) g; DROP TABLE bulk",
		megabytes * 1024);
	cluster_run(control, sql);
}

static void
test_idle(struct watching *watching)
{
	const struct replica *replica;

	tap_ok(await(watching, "r1", REPLICA_CAUGHT_UP, 0), "caught up");
	watching_next(watching, 10);
	replica = find(watching->snapshot, "r1");
	tap_ok(replica->lag_bytes == 0 && replica->lag_us == 0 &&
			replica->lag_time == LAG_TIME_IS,
		"an idle one that has everything is 0 behind, in time, too");
	tap_ok(replica->own.replayed_at_us > 0 &&
			watching->snapshot->server_now_us > replica->own.replayed_at_us,
		"however old what it replayed last is");
	tap_ok(replica->from_primary && replica->own.read && !replica->disagreement,
		"both views are one item");
	tap_is_text(replica->slot, "r1", "by its slot");
	tap_is_text(find_slot(watching->snapshot, "r1")->replica, "r1",
		"which knows it, too");
}

static void
test_paused(struct watching *watching, PGconn *standby)
{
	const struct replica *replica;
	int64_t before;
	char *words;

	cluster_run(standby, "SELECT pg_wal_replay_pause()");
	write_wal(40);
	tap_ok(await(watching, "r1", REPLICA_PAUSED, 32 * MEGABYTE),
		"paused, with 32 MB to go");
	watching_next(watching, 2);
	replica = find(watching->snapshot, "r1");
	before = replica->lag_us;
	tap_ok(before > 0, "it is not 0 behind in time: %lld us", (long long)before);
	tap_is_int(replica->own.pause, REPLAY_PAUSED, "it says so itself");
	words = replica_remedy(replica);
	tap_is_text(
		words, "On the standby: SELECT pg_wal_replay_resume()", "what helps");
	free(words);
	watching_next(watching, 5);
	replica = find(watching->snapshot, "r1");
	tap_ok(replica->lag_us > before, "and more so as time passes");
	tap_ok(replica->lag_time == LAG_TIME_IS, "which is known: we saw it written");
	cluster_run(standby, "SELECT pg_wal_replay_resume()");
	tap_ok(await(watching, "r1", REPLICA_CAUGHT_UP, 0), "it catches up");
}

static bool
shows_held(const struct snapshot *snapshot, const void *context)
{
	const struct slot *slot = find_slot(snapshot, context);

	return slot && slot_in_trouble(slot) && slot->held_bytes >= 32 * MEGABYTE;
}

/* As it was before the 40 MB were written. */
static void
test_slot(struct watching *watching)
{
	const struct slot *slot;
	char *identity;

	tap_ok(watching_await(watching, shows_held, "old"),
		"a slot that nobody uses holds WAL");
	slot = find_slot(watching->snapshot, "old");
	tap_is_int(slot_state(slot), SLOT_HOLDS, "that is what is wrong with it");
	tap_ok(!slot->active && !slot->temporary && !slot->logical && !slot->replica,
		"what it is");
	tap_is_text(slot->wal_status, "reserved", "its WAL is there");
	tap_is_int(slot->inactive_since_us != 0, PQserverVersion(control) >= 170000,
		"since when is known from 17 on");
	tap_is_int(slot->conflicting == SLOT_UNKNOWN,
		PQserverVersion(control) < 160000 || !slot->logical,
		"what a server doesn't tell is unknown");
	identity = replication_row_identity(&watching->snapshot->replication,
		watching->snapshot->replication.count);
	tap_is_text(identity, "slot old", "it is the first slot of the list");
	free(identity);
	cluster_run(control, "SELECT pg_drop_replication_slot('old')");
}

static void
test_conflict(struct watching *watching, const struct cluster *cluster)
{
	PGconn *reader = cluster_connect(
		cluster, CLUSTER_STANDBY_PORT, "application_name=report");
	const struct replica *replica;
	char *words, want[160];

	cluster_run(control, "CREATE TABLE seen (a int)");
	tap_ok(cluster_wait_for(reader, "SELECT to_regclass('seen') IS NOT NULL"),
		"a table");
	cluster_run(reader, "BEGIN; SELECT * FROM seen");
	cluster_run(control, "BEGIN; LOCK TABLE seen; INSERT INTO seen VALUES (1); "
			     "COMMIT");
	tap_ok(await(watching, "r1", REPLICA_CONFLICT, 1), "replay waits for a reader");
	replica = find(watching->snapshot, "r1");
	words = replica_why(replica);
	snprintf(want, sizeof(want),
		"replay waits for a lock that pid %d, report, user postgres, has",
		PQbackendPID(reader));
	tap_is_text(words, want, "and for whom");
	free(words);
	cluster_run(reader, "COMMIT");
	PQfinish(reader);
	tap_ok(await(watching, "r1", REPLICA_CAUGHT_UP, 0), "then it goes on");
}

static bool
shows_backup(const struct snapshot *snapshot, const void *context)
{
	const struct replica *replica = find(snapshot, context);

	return replica && replica->kind == REPLICA_BACKUP;
}

/* A backup whose reader reads nothing stays under way. */
static void
test_backup(struct watching *watching, const struct cluster *cluster)
{
	PGconn *backup = cluster_connect(cluster, CLUSTER_PRIMARY_PORT,
		"replication=true application_name=nightly");

	cluster_send(backup, "BASE_BACKUP");
	tap_ok(watching_await(watching, shows_backup, "nightly"),
		"a base backup is called one");
	tap_is_int(find(watching->snapshot, "nightly")->lag_bytes, LAG_UNKNOWN,
		"and isn't behind");
	PQfinish(backup);
}

static bool
shows_cascade(const struct snapshot *snapshot, const void *context)
{
	const struct replica *replica = find(snapshot, "r2");

	(void)context;
	return replica && replica->upstream && strcmp(replica->upstream, "r1") == 0 &&
	       replica->cause == REPLICA_CAUGHT_UP;
}

static void
test_cascade(struct watching *watching, const struct cluster *cluster)
{
	PGconn *cascade;
	const struct replica *replica;

	cluster_do(cluster, "cascade", NULL);
	tap_ok(watching_await(watching, shows_cascade, NULL),
		"what receives from the standby stands under it");
	replica = find(watching->snapshot, "r2");
	tap_ok(replica->depth == 1 && replica->from_primary && !replica->direct,
		"as the standby sees it");
	cascade = cluster_connect(cluster, 5434, NULL);
	cluster_run(cascade, "SELECT pg_wal_replay_pause()");
	write_wal(4);
	tap_ok(await(watching, "r2", REPLICA_REPLAYING, 2 * MEGABYTE),
		"its lag is what the primary has and it hasn't");
	tap_ok(await(watching, "r1", REPLICA_CAUGHT_UP, 0), "its upstream has it");
	cluster_run(cascade, "SELECT pg_wal_replay_resume()");
	PQfinish(cascade);
}

/* The standby as the server that is watched. */
static void
test_watched(struct loop *loop)
{
	struct watching watching;
	const struct replica *self;

	watching_start(&watching, loop, "port=5433", NULL, NULL);
	tap_ok(await(&watching, "this standby", REPLICA_CAUGHT_UP, 0),
		"a standby that is watched is an item itself");
	self = find(watching.snapshot, "this standby");
	tap_ok(self->self && self->own.receiver == RECEIVER_RUNS &&
			self->own.upstream_port == 5432 &&
			self->own.pause == REPLAY_NOT_PAUSED &&
			self->own.conflicts.read,
		"with its upstream, replay and conflicts");
	tap_is_text(find(watching.snapshot, "r2")->upstream, "this standby",
		"and what receives from it");
	watching_stop(&watching);
}

static const struct subscription *
find_subscription(const struct snapshot *snapshot)
{
	return snapshot->replication.subscription_count == 0
		       ? NULL
		       : &snapshot->replication.subscriptions[0];
}

static bool
shows_subscription(const struct snapshot *snapshot, const void *context)
{
	const struct subscription *item = find_subscription(snapshot);

	return item &&
	       subscription_state(item) == *(const enum subscription_state *)context;
}

static bool
shows_logical(const struct snapshot *snapshot, const void *context)
{
	const struct replica *replica = find(snapshot, context);

	return replica && replica->kind == REPLICA_LOGICAL &&
	       replica->cause == REPLICA_CAUGHT_UP;
}

static void
test_subscription(struct watching *watching, const struct cluster *cluster)
{
	static const enum subscription_state runs = SUBSCRIPTION_RUNS,
					     disabled = SUBSCRIPTION_DISABLED;
	const struct subscription *item;
	PGconn *target;
	char sql[256];

	cluster_run(control, "CREATE DATABASE target");
	cluster_run(control, "CREATE TABLE fed (a int PRIMARY KEY);"
			     "CREATE PUBLICATION feed FOR TABLE fed");
	cluster_run(control,
		"SELECT pg_create_logical_replication_slot('fed', 'pgoutput')");
	target = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, "dbname=target");
	cluster_run(target, "CREATE TABLE fed (a int PRIMARY KEY)");
	snprintf(sql, sizeof(sql),
		"CREATE SUBSCRIPTION fed CONNECTION 'host=%s port=5432 "
		"user=postgres dbname=billing' PUBLICATION feed "
		"WITH (create_slot = false)",
		cluster_host(cluster));
	cluster_run(target, sql);
	tap_ok(watching_await(watching, shows_subscription, &runs),
		"a subscription runs");
	item = find_subscription(watching->snapshot);
	tap_is_text(item->database, "target", "in another database");
	tap_ok(item->enabled == 1 && item->pid > 0 &&
			item->tables_left == SUBSCRIPTION_UNKNOWN,
		"what is known of it");
	tap_is_int(item->apply_errors, PQserverVersion(control) < 150000 ? -1 : 0,
		"its errors are counted from 15 on");
	tap_ok(watching_await(watching, shows_logical, "fed"),
		"its walsender is called logical decoding");
	cluster_run(target, "ALTER SUBSCRIPTION fed DISABLE");
	tap_ok(watching_await(watching, shows_subscription, &disabled), "disabled");
	cluster_run(target, "ALTER SUBSCRIPTION fed SET (slot_name = NONE);"
			    "DROP SUBSCRIPTION fed");
	tap_ok(cluster_wait_for(control, "SELECT NOT active FROM pg_replication_slots "
					 "WHERE slot_name = 'fed'"),
		"its slot is left");
	cluster_run(control, "SELECT pg_drop_replication_slot('fed')");
	PQfinish(target);
}

static bool
shows_hanging(const struct snapshot *snapshot, const void *context)
{
	(void)context;
	return snapshot->replication.sync.waiting == 1;
}

static bool
shows_sync(const struct snapshot *snapshot, const void *context)
{
	const struct replica *replica = find(snapshot, "r1");

	return replica && replica->sync_state &&
	       strcmp(replica->sync_state, context) == 0;
}

static void
test_sync(struct watching *watching, const struct cluster *cluster)
{
	PGconn *writer = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);
	char *words;

	cluster_set(control, "synchronous_standby_names = 'r1'");
	tap_ok(watching_await(watching, shows_sync, "sync"), "a synchronous standby");
	words = replication_sync_words(&watching->snapshot->replication);
	tap_ok(words == NULL, "nothing is wrong with it");
	free(words);
	cluster_set(control, "synchronous_standby_names = 'ANY 1 (r1, r3)'");
	tap_ok(watching_await(watching, shows_sync, "quorum"), "one of a quorum");
	cluster_set(control, "synchronous_standby_names = 'gone'");
	tap_ok(watching_await(watching, shows_sync, "async"), "none of those named");
	cluster_send(writer, "INSERT INTO seen VALUES (2)");
	tap_ok(watching_await(watching, shows_hanging, NULL), "a commit hangs");
	words = replication_sync_words(&watching->snapshot->replication);
	tap_ok(words && strncmp(words, "1 commit waits for ", 19) == 0 &&
			strstr(words, ": 0 of 1 connected"),
		"that is said: %s", words ? words : "not at all");
	free(words);
	cluster_set(control, "synchronous_standby_names = ''");
	tap_is_text(cluster_finish(writer), "", "without the name it goes on");
	PQfinish(writer);
}

static bool
shows_slots(const struct snapshot *snapshot, const void *context)
{
	(void)context;
	return find(snapshot, "r1") && find(snapshot, "r1")->own.read &&
	       snapshot->replication.slot_count > 0;
}

static bool
shows_nothing_available(const struct snapshot *snapshot, const void *context)
{
	const struct replication *list = &snapshot->replication;
	const struct replica *replica = find(snapshot, "r1");

	(void)context;
	return list->problem && list->slots_problem && list->subscriptions_problem &&
	       replica && replica->own.read && replica->own.receiver_problem &&
	       replica->own.conflicts_problem;
}

static bool
shows_all_available(const struct snapshot *snapshot, const void *context)
{
	const struct replication *list = &snapshot->replication;
	const struct replica *replica = find(snapshot, "r1");

	(void)context;
	return !list->problem && !list->slots_problem && !list->subscriptions_problem &&
	       replica && replica->own.read && replica->own.conflicts.read;
}

/* A role without any grant, and a server that has taken away what all may see. */
static void
test_plain(struct loop *loop, PGconn *standby)
{
	static const char views[] =
		"pg_replication_slots, pg_stat_subscription, pg_stat_wal_receiver, "
		"pg_stat_database_conflicts";
	struct watching watching;
	const struct replica *replica;
	char sql[256];

	watching_start(&watching, loop, "user=plain", "port=5433 user=plain", NULL);
	tap_ok(watching_await(&watching, shows_slots, NULL), "a plain role sees slots");
	replica = find(watching.snapshot, "r1");
	tap_ok(replica->from_primary && replica->lag_bytes >= 0,
		"joined by the slot, with what the standby tells all");
	tap_is_text(replica->own.receiver_problem, "needs pg_monitor",
		"what it doesn't see needs a right");
	watching_stop(&watching);
	snprintf(sql, sizeof(sql), "REVOKE SELECT ON %s FROM public", views);
	cluster_run(control, sql);
	cluster_run(control, "REVOKE EXECUTE ON FUNCTION pg_stat_get_wal_senders(), "
			     "pg_control_system() FROM public");
	tap_ok(cluster_wait_for(standby, "SELECT NOT has_function_privilege('plain', "
					 "'pg_control_system()', 'EXECUTE')"),
		"the standby has that, too");
	watching_start(&watching, loop, "user=plain", "port=5433 user=plain", NULL);
	tap_ok(watching_await(&watching, shows_nothing_available, NULL),
		"each part says that it isn't there");
	replica = find(watching.snapshot, "r1");
	tap_is_text(replica->own.conflicts_problem,
		"not available here: pg_stat_database_conflicts is missing or not "
		"permitted",
		"in words");
	tap_ok(replica->lag_bytes >= 0, "and the standby still tells how far it is");
	snprintf(sql, sizeof(sql), "GRANT SELECT ON %s TO public", views);
	cluster_run(control, sql);
	cluster_run(control, "GRANT EXECUTE ON FUNCTION pg_stat_get_wal_senders(), "
			     "pg_control_system() TO public");
	tap_ok(watching_await(&watching, shows_all_available, NULL),
		"what is granted later is there with the next looks");
	watching_stop(&watching);
}

/* All of the standby stops, its receiver and what answers us. */
static void
test_silent(struct watching *watching, const struct cluster *cluster)
{
	const struct replica *replica;

	cluster_do(cluster, "pause", "standby");
	tap_ok(await(watching, "r1", REPLICA_SILENT, -1), "a standby that hangs");
	replica = find(watching->snapshot, "r1");
	tap_ok(replica->silent_us > 5000000 && replica->lag_us != 0,
		"silent for %lld us, and not said to have everything",
		(long long)replica->silent_us);
	tap_ok(replica->problem && strstr(replica->problem, "has not answered for"),
		"nor does it answer us: %s",
		replica->problem ? replica->problem : "no problem");
	cluster_do(cluster, "resume", "standby");
	tap_ok(await(watching, "r1", REPLICA_CAUGHT_UP, 0), "it comes back");
}

int
main(void)
{
	struct cluster *cluster = cluster_start();
	struct loop *loop = loop_new();
	struct watching watching;
	PGconn *standby;

	control = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);
	cluster_run(control, "ALTER SYSTEM SET wal_level = 'logical'");
	cluster_run(control, "ALTER SYSTEM SET max_standby_streaming_delay = -1");
	PQfinish(control);
	cluster_do(cluster, "restart", "primary");
	control = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);
	cluster_run(control, "CREATE ROLE plain LOGIN");
	cluster_run(control, "SELECT pg_create_physical_replication_slot('old', true)");
	standby = cluster_connect(cluster, CLUSTER_STANDBY_PORT, NULL);
	cluster_set(standby, "max_standby_streaming_delay = -1");

	watching_start(&watching, loop, "", "port=5433", NULL);
	test_idle(&watching);
	test_paused(&watching, standby);
	PQfinish(standby); /* it is stopped for a moment later on */
	test_slot(&watching);
	test_conflict(&watching, cluster);
	test_backup(&watching, cluster);
	test_subscription(&watching, cluster);
	test_sync(&watching, cluster);
	test_cascade(&watching, cluster);
	test_watched(loop);
	standby = cluster_connect(cluster, CLUSTER_STANDBY_PORT, NULL);
	test_plain(loop, standby);
	PQfinish(standby);
	tap_is_int(cluster_log_errors(cluster, "pgrunbook"), 0,
		"no error of the console's is in the logs");
	test_silent(&watching, cluster);
	watching_stop(&watching);
	PQfinish(control);
	tap_ok(loop_free(loop), "nothing is left behind");
	cluster_stop(cluster);
	return tap_done();
}
