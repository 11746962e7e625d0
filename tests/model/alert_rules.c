/* What of a snapshot is an alert, in which words, and from where on. */
#include "pgrunbook/model/alert_rules.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/settings.h"
#include "tests/tap/tap.h"

enum { SECOND = 1000000 };
static const int64_t now = INT64_C(1767669129000000);

struct scene {
	struct snapshot snapshot;
	struct lock_wait_list waits;
	struct settings settings;
	struct alerts alerts;
	struct standbys standbys;
};

static void
begin(struct scene *scene)
{
	*scene = (struct scene){ 0 };
	settings_init(&scene->settings);
	scene->snapshot.vitals = (struct vitals){ .read = true,
		.max_connections = 100,
		.reserved_connections = 3,
		.xid_age = 50000000,
		.freeze_max_age = 200000000,
		.multixact_age = 0,
		.multixact_freeze_max_age = 400000000 };
}

static struct session *
session(struct scene *scene, int pid, enum session_state state, int seconds)
{
	struct session_list *list = &scene->snapshot.sessions;
	struct session *at;

	list->items = alloc_room(
		list->items, list->count, &list->capacity, sizeof(*list->items));
	at = &list->items[list->count++];
	*at = (struct session){
		.pid = pid,
		.backend_start_us = now - 3600 * INT64_C(1000000),
		.state = state,
		.backend_type = alloc_copy("client backend"),
		.application = alloc_copy(pid % 2 == 0 ? "web" : ""),
		.state_change_us = now - (int64_t)seconds * SECOND,
		.query_start_us = now - (int64_t)seconds * SECOND,
		.transaction_start_us = now - (int64_t)seconds * SECOND,
	};
	return at;
}

static void
waits(struct scene *scene, int pid, int blocker, int seconds)
{
	struct lock_wait_list *list = &scene->waits;

	list->waits = alloc_room(
		list->waits, list->count, &list->capacity, sizeof(*list->waits));
	struct lock_wait *wait = &list->waits[list->count++];
	*wait = (struct lock_wait){ .pid = pid,
		.since_us = now - (int64_t)seconds * SECOND,
		.blockers = alloc_zeroed(1, sizeof(int)),
		.blocker_count = 1 };
	wait->blockers[0] = blocker;
}

static struct replica *
replica(struct scene *scene, const char *name)
{
	struct replica *item = replication_add(&scene->snapshot.replication, name);

	item->lag_bytes = item->lag_us = 0;
	item->lag_time = LAG_TIME_IS;
	item->cause = REPLICA_REPLAYING;
	return item;
}

/* One round over what the scene shows: the alerts as lines, '!' before severe ones. */
static void
is_told(struct scene *scene, const char *want, const char *about)
{
	struct str got = { 0 };

	if (scene->snapshot.locks == NULL)
		scene->snapshot.locks =
			lock_forest_new(&scene->waits, &scene->snapshot.sessions);
	alerts_begin(&scene->alerts);
	alert_rules_apply(&scene->alerts, &scene->snapshot, &scene->standbys,
		&scene->settings.thresholds, now);
	alerts_end(&scene->alerts, now);
	for (size_t i = 0; i < scene->alerts.raised; i++) {
		char *text = alerts_text(&scene->alerts, i);

		str_printf(&got, "%s%s\n", scene->alerts.items[i].severe ? "! " : "",
			text);
		free(text);
	}
	tap_is_text(str_text(&got), want, "%s", about);
	str_free(&got);
}

static void
end(struct scene *scene)
{
	for (size_t i = 0; i < scene->alerts.count; i++) {
		if (scene->alerts.items[i].advice == NULL)
			tap_ok(false, "\"%s\" says what to do",
				scene->alerts.items[i].text);
	}
	alerts_free(&scene->alerts);
	standbys_free(&scene->standbys);
	lock_forest_free(scene->snapshot.locks);
	session_list_free(&scene->snapshot.sessions);
	replication_free(&scene->snapshot.replication);
	settings_free(&scene->settings);
}

static void
test_locks(void)
{
	struct scene scene;

	begin(&scene);
	for (int pid = 1; pid <= 6; pid++)
		session(&scene, pid, SESSION_ACTIVE, 9);
	waits(&scene, 3, 2, 12);
	waits(&scene, 4, 3, 8);
	waits(&scene, 6, 5, 9);
	is_told(&scene, "! 2 (web) blocks 2 sessions for 12s\n",
		"a wait of 10 s, told of the one who waits for nobody");
	scene.snapshot.sessions.items[1].transaction_start_us = 1;
	is_told(&scene, "! 2 (web) blocks 2 sessions for 12s\n",
		"who holds up others needs no second one for being old");
	scene.settings.thresholds.lock_wait_us = THRESHOLD_OFF;
	scene.settings.thresholds.transaction_us = THRESHOLD_OFF;
	is_told(&scene, "", "unless it is off");
	end(&scene);

	begin(&scene);
	session(&scene, 3, SESSION_ACTIVE, 20);
	waits(&scene, 3, 0, 20);
	is_told(&scene, "! prepared transaction ? blocks 1 session for 20s\n",
		"a prepared transaction is no session");
	end(&scene);
}

/* Of a wait that was first seen at `seen` seconds, of a query of `query` seconds. */
static bool
is_unknown(int seen, int query, int looking, bool at_least)
{
	struct scene scene;
	bool unknown;

	begin(&scene);
	session(&scene, 1, SESSION_IDLE_IN_TRANSACTION, 60);
	session(&scene, 2, SESSION_ACTIVE, query);
	if (query < 0)
		scene.snapshot.sessions.items[1].query_start_us = 0;
	waits(&scene, 2, 1, seen);
	scene.waits.waits[0].since_at_least = at_least;
	scene.snapshot.server_now_us = now;
	scene.snapshot.locks = lock_forest_new(&scene.waits, &scene.snapshot.sessions);
	unknown = alert_rules_lock_unknown(&scene.snapshot, &scene.settings.thresholds,
		now - (int64_t)looking * SECOND);
	scene.settings.thresholds.lock_wait_us = THRESHOLD_OFF;
	tap_ok(!alert_rules_lock_unknown(&scene.snapshot, &scene.settings.thresholds,
		       now - (int64_t)looking * SECOND),
		"a threshold that is off waits for nothing");
	end(&scene);
	return unknown;
}

/* The threshold is 10 s. */
static void
test_lock_unknown(void)
{
	tap_ok(!is_unknown(2, 60, 2, false), "what the server tells is known");
	tap_ok(is_unknown(2, 60, 2, true), "what was first seen now is not");
	tap_ok(is_unknown(2, -1, 2, true), "nor whose query is not known");
	tap_ok(!is_unknown(2, 9, 2, true), "but for a query that is too young");
	tap_ok(!is_unknown(10, 60, 10, true), "time tells");
	tap_ok(!is_unknown(1, 60, 2, true), "what began while we look, is younger");
}

static void
test_sessions(void)
{
	struct scene scene;

	begin(&scene);
	session(&scene, 10, SESSION_IDLE_IN_TRANSACTION, 301);
	session(&scene, 11, SESSION_IDLE_IN_TRANSACTION, 299);
	session(&scene, 12, SESSION_ACTIVE, 901);
	session(&scene, 13, SESSION_ACTIVE, 899);
	session(&scene, 14, SESSION_ACTIVE, 400)->migration = true;
	session(&scene, 16, SESSION_ACTIVE, 9000)->own = true;
	struct session *vacuum = session(&scene, 17, SESSION_ACTIVE, 9000);
	free(vacuum->backend_type);
	vacuum->backend_type = alloc_copy("autovacuum worker");
	session(&scene, 18, SESSION_IDLE_IN_TRANSACTION_ABORTED, 1000);
	struct session *idle = session(&scene, 19, SESSION_IDLE, 9000);
	idle->transaction_start_us = 0;
	is_told(&scene,
		"18 (web) has been idle in its transaction for 16m40s\n"
		"12 (web) has been in its transaction for 15m01s\n"
		"14 (web) is the migration and has been at it for 6m40s\n"
		"10 (web) has been idle in its transaction for 5m01s\n",
		"one alert a session, none for those that are ours or are idle");
	scene.settings.thresholds.idle_in_transaction_us = THRESHOLD_OFF;
	scene.settings.thresholds.migration_us = THRESHOLD_OFF;
	is_told(&scene,
		"18 (web) has been in its transaction for 16m40s\n"
		"12 (web) has been in its transaction for 15m01s\n",
		"where one is off, the other still counts");
	end(&scene);
}

static void
test_hidden(void)
{
	struct scene scene;

	begin(&scene);
	struct session *hidden = session(&scene, 10, SESSION_STATE_UNKNOWN, 9000);
	free(hidden->backend_type);
	hidden->backend_type = NULL;
	hidden->transaction_start_us = hidden->state_change_us = 0;
	is_told(&scene, "", "what is hidden is not taken for old");
	end(&scene);
}

static void
test_connections(void)
{
	struct scene scene;

	begin(&scene);
	for (int pid = 1; pid <= 87; pid++)
		session(&scene, pid, SESSION_IDLE, 5)->transaction_start_us = 0;
	is_told(&scene, "", "89% of what is not reserved");
	session(&scene, 88, SESSION_IDLE, 5)->transaction_start_us = 0;
	lock_forest_free(scene.snapshot.locks);
	scene.snapshot.locks = NULL;
	is_told(&scene, "! 88 of 97 connections are taken (90%)\n", "90%");
	scene.snapshot.vitals.read = false;
	is_told(&scene, "! 88 of 97 connections are taken (90%)\n",
		"it stays while nobody knows of how many");
	alerts_free(&scene.alerts);
	is_told(&scene, "", "and isn't raised then");
	end(&scene);
}

static void
test_wraparound(void)
{
	struct scene scene;
	struct vitals *vitals = &scene.snapshot.vitals;

	begin(&scene);
	vitals->xid_database = alloc_copy("billing");
	vitals->xid_age = 530000000;
	is_told(&scene, "", "24% of the way");
	vitals->xid_age = 650000000;
	is_told(&scene,
		"! billing is 30% of the way to transaction wraparound: 650 M since it "
		"was frozen\n",
		"30%, and autovacuum should have frozen it long ago");
	vitals->freeze_max_age = 1500000000;
	is_told(&scene, "", "unless it is told to wait for longer");
	vitals->multixact_age = 2000000000;
	is_told(&scene,
		"! a database is 93% of the way to multixact wraparound: 2.0 G since "
		"it was frozen\n",
		"multixacts run out in the same way");
	free(vitals->xid_database);
	end(&scene);
}

static void
test_replicas(void)
{
	struct scene scene;
	struct replica *r1;

	begin(&scene);
	r1 = replica(&scene, "r1");
	r1->lag_bytes = (16 << 20) - 1;
	r1->lag_us = LAG_UNKNOWN;
	is_told(&scene, "", "less than 16 MB, and an unknown time, are fine");
	r1->lag_bytes = 41 << 20;
	is_told(&scene,
		"r1 is 41 MB behind (time unknown, replay: a conflict or load)\n",
		"16 MB are not");
	r1->lag_bytes = 8192;
	r1->lag_us = 38 * INT64_C(1000000);
	is_told(&scene, "r1 is 8.0 kB behind (38s, replay: a conflict or load)\n",
		"nor are 30 s");
	r1->cause = REPLICA_PAUSED;
	is_told(&scene, "r1 has its replay paused, 8.0 kB behind\n", "paused");
	r1->cause = REPLICA_DISCONNECTED;
	r1->lag_bytes = LAG_UNKNOWN;
	is_told(&scene, "! r1 is disconnected\n", "and gone, which is worse");
	scene.settings.thresholds.replica_lag_bytes = THRESHOLD_OFF;
	scene.settings.thresholds.replica_lag_us = THRESHOLD_OFF;
	is_told(&scene, "", "both off");
	end(&scene);
}

/* The server shows one that lags, then none, then after so many seconds again none. */
static void
test_gone(void)
{
	struct scene scene;
	struct replica *r1;

	begin(&scene);
	r1 = replica(&scene, "r1");
	r1->kind = REPLICA_STANDBY;
	r1->from_primary = true;
	r1->lag_bytes = 41 << 20;
	scene.snapshot.server_now_us = now - 60 * SECOND;
	standbys_note(&scene.standbys, &scene.snapshot);
	is_told(&scene, "r1 is 41 MB behind (0.0s, replay: a conflict or load)\n",
		"it lags");
	replication_free(&scene.snapshot.replication);
	scene.snapshot.server_now_us = now - 5 * SECOND;
	standbys_note(&scene.standbys, &scene.snapshot);
	is_told(&scene, "! standby r1 is gone since 03:12:04Z\n",
		"one that was in trouble before is so yet");
	alerts_free(&scene.alerts);
	is_told(&scene, "", "of another it is not said at once");
	scene.standbys.items[0].missing_us = now - 15 * SECOND;
	is_told(&scene, "! standby r1 is gone since 03:11:54Z\n", "but then it is");
	scene.settings.thresholds.replica_lag_bytes = THRESHOLD_OFF;
	scene.settings.thresholds.replica_lag_us = THRESHOLD_OFF;
	is_told(&scene, "", "unless nobody wants to hear of replicas");
	end(&scene);
}

static void
test_slots(void)
{
	struct scene scene;
	struct slot *slot;

	begin(&scene);
	slot = replication_add_slot(&scene.snapshot.replication);
	*slot = (struct slot){ .name = alloc_copy("old"),
		.restart_lsn = 1,
		.xmin_age = -1,
		.held_bytes = 255 << 20,
		.wal_status = alloc_copy("reserved") };
	is_told(&scene, "", "less than 256 MB");
	slot->held_bytes = INT64_C(3) << 30;
	is_told(&scene, "slot old keeps 3.0 GB of WAL (inactive: holds WAL)\n", "3 GB");
	slot->held_bytes = 250 << 20;
	is_told(&scene, "slot old keeps 250 MB of WAL (inactive: holds WAL)\n",
		"a little less doesn't clear it");
	free(slot->wal_status);
	slot->wal_status = alloc_copy("unreserved");
	slot->held_bytes = 1 << 20;
	scene.alerts.ring = false;
	alerts_begin(&scene.alerts);
	alert_rules_apply(
		&scene.alerts, &scene.snapshot, NULL, &scene.settings.thresholds, now);
	alerts_end(&scene.alerts, now);
	tap_ok(scene.alerts.raised == 1 && scene.alerts.items[0].severe &&
			alerts_take_ring(&scene.alerts),
		"one that is about to lose what it needs is severe");
	scene.settings.thresholds.slot_wal_bytes = THRESHOLD_OFF;
	is_told(&scene, "", "off");
	end(&scene);
}

/* Nothing is cleared by not having been read, and nothing raised by it. */
static void
test_unread(void)
{
	static const char want[] = "! 2 blocks 1 session for 12s\n"
				   "r1 is 41 MB behind (time unknown, replay: a "
				   "conflict or load)\n";
	struct scene scene;
	struct replication *list = &scene.snapshot.replication;

	begin(&scene);
	session(&scene, 7, SESSION_ACTIVE, 9);
	waits(&scene, 3, 2, 12);
	replica(&scene, "r1")->lag_bytes = 41 << 20;
	list->items[0].lag_us = LAG_UNKNOWN;
	is_told(&scene, want, "a wait and a lag");
	lock_forest_free(scene.snapshot.locks);
	scene.snapshot.locks = NULL;
	scene.snapshot.locks_unread = true;
	replication_free(list);
	list->problem = alloc_copy("canceling statement due to statement timeout");
	is_told(&scene, want, "when neither can be read they stay");
	scene.snapshot.locks_unread = false;
	free(list->problem);
	list->problem = NULL;
	is_told(&scene, "", "when they are read again they go");
	scene.snapshot.locks_unread = true;
	is_told(&scene, "", "what can't be read isn't raised");
	end(&scene);
}

/* The sessions could not be read, who waits could: it is the same blocker. */
static void
test_unread_sessions(void)
{
	static const char want[] = "! 2 (web) blocks 1 session for 12s\n";
	struct scene scene;

	begin(&scene);
	session(&scene, 2, SESSION_IDLE_IN_TRANSACTION, 20);
	waits(&scene, 3, 2, 12);
	is_told(&scene, want, "one with its session");
	tap_ok(alerts_take_ring(&scene.alerts), "rings");
	lock_forest_free(scene.snapshot.locks);
	scene.snapshot.locks = NULL;
	session_list_free(&scene.snapshot.sessions);
	waits(&scene, 3, 2, 12);
	waits(&scene, 5, 4, 11);
	is_told(&scene,
		"! 2 (web) blocks 1 session for 12s\n"
		"! 4 blocks 1 session for 11s\n",
		"without the sessions it is the one that it was, beside a new one");
	tap_ok(alerts_take_ring(&scene.alerts), "for which it rings");
	is_told(&scene,
		"! 2 (web) blocks 1 session for 12s\n"
		"! 4 blocks 1 session for 11s\n",
		"and both stay");
	lock_forest_free(scene.snapshot.locks);
	scene.snapshot.locks = NULL;
	session(&scene, 2, SESSION_IDLE_IN_TRANSACTION, 20);
	waits(&scene, 3, 2, 12);
	is_told(&scene, want, "with the sessions all is as before");
	tap_ok(!alerts_take_ring(&scene.alerts), "and nothing rings");
	end(&scene);
}

/* Which kinds nobody can judge: "lock-wait: ...\n". */
static void
not_known(const struct scene *scene, const char *want, const char *about)
{
	struct str got = { 0 };

	for (int kind = 0; kind < ALERT_KINDS; kind++) {
		char *why = alert_rules_unknown(&scene->snapshot,
			&scene->settings.thresholds, (enum alert_kind)kind);

		if (why != NULL)
			str_printf(&got, "%s: %s\n",
				alert_kind_name((enum alert_kind)kind), why);
		free(why);
	}
	tap_is_text(str_text(&got), want, "%s", about);
	str_free(&got);
}

static void
test_unknown(void)
{
	struct scene scene;
	char *const timeout = (char *)"ERROR: canceling statement due to "
				      "statement timeout";

	begin(&scene);
	session(&scene, 1, SESSION_ACTIVE, 0);
	not_known(&scene, "", "all is read");
	struct session *hidden = session(&scene, 2, SESSION_STATE_UNKNOWN, 0);
	free(hidden->backend_type);
	hidden->backend_type = NULL;
	not_known(&scene, "", "processes of the server's own are nobody's");
	hidden->user = alloc_copy("app");
	not_known(&scene,
		"idle-in-transaction: what 1 session of other roles does is not shown: "
		"needs pg_monitor\n"
		"transaction: what 1 session of other roles does is not shown: needs "
		"pg_monitor\n",
		"without pg_monitor");
	scene.settings.thresholds.idle_in_transaction_us = THRESHOLD_OFF;
	scene.settings.thresholds.transaction_us = THRESHOLD_OFF;
	not_known(&scene, "", "which nobody wants to know");
	scene.snapshot.locks_unread = true;
	scene.snapshot.problems[SNAPSHOT_OF_LOCKS] = timeout;
	scene.snapshot.vitals.read = false;
	scene.snapshot.replication.problem = alloc_copy("not permitted");
	scene.snapshot.replication.slots_problem = alloc_copy("missing");
	not_known(&scene,
		"lock-wait: locks could not be read: ERROR: canceling statement due to "
		"statement timeout\n"
		"connections: the server's numbers could not be read\n"
		"wraparound: the server's numbers could not be read\n"
		"replica: replicas could not be read: not permitted\n"
		"slot: slots could not be read: missing\n",
		"what could not be read, and why");
	scene.snapshot.locks_unread = false;
	scene.snapshot.vitals.read = true;
	free(scene.snapshot.replication.problem);
	scene.snapshot.replication.problem = NULL;
	free(scene.snapshot.replication.slots_problem);
	scene.snapshot.replication.slots_problem = NULL;
	replica(&scene, "r1");
	replica(&scene, "r2")->cause = REPLICA_UNKNOWN;
	session_list_free(&scene.snapshot.sessions);
	not_known(&scene,
		"lock-wait: sessions could not be read\n"
		"connections: sessions could not be read\n"
		"replica: how far r2 is, is not known\n"
		"migration: sessions could not be read\n",
		"not even our own session, nor a standby's place");
	scene.snapshot.problems[SNAPSHOT_OF_LOCKS] = NULL;
	end(&scene);
}

int
main(void)
{
	test_unknown();
	test_locks();
	test_lock_unknown();
	test_sessions();
	test_hidden();
	test_connections();
	test_wraparound();
	test_replicas();
	test_gone();
	test_slots();
	test_unread();
	test_unread_sessions();
	return tap_done();
}
