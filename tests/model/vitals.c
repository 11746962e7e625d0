/* The numbers, who is behind them, and their last minute. */
#include "pgrunbook/model/vitals.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/snapshot.h"
#include "tests/tap/tap.h"

enum { SECOND = 1000000 };
static const int64_t now = INT64_C(1767669129000000);

static struct session *
session(struct snapshot *snapshot, int pid, const char *type, enum session_state state)
{
	struct session_list *list = &snapshot->sessions;
	struct session *at;

	list->items = alloc_room(
		list->items, list->count, &list->capacity, sizeof(*list->items));
	at = &list->items[list->count++];
	*at = (struct session){
		.pid = pid,
		.backend_type = alloc_copy(type),
		.state = state,
		.application = alloc_copy(pid == 4 ? "web" : ""),
		.user = alloc_copy("u"),
		.database = alloc_copy("d"),
		.xmin_age = -1,
	};
	return at;
}

static void
is_holder(struct holder holder, const char *want, int64_t age, const char *about)
{
	char *words = holder_words(&holder);

	tap_is_text(words, want, "%s", about);
	tap_is_int(holder.age, age, "%s: its age", about);
	tap_ok((holder_remedy(&holder) == NULL) == (want == NULL), "%s: a remedy",
		about);
	free(words);
}

static double
value(enum vital vital, const struct snapshot *snapshot)
{
	return vital_value(vital, snapshot, now);
}

static void
test_counts(void)
{
	struct snapshot snapshot = { 0 };

	tap_ok(!series_known(value(VITAL_CONNECTIONS, &snapshot)),
		"sessions that weren't read are not none");
	session(&snapshot, 1, "client backend", SESSION_ACTIVE)->waiting = true;
	session(&snapshot, 2, "client backend", SESSION_IDLE);
	session(&snapshot, 3, "client backend", SESSION_IDLE_IN_TRANSACTION_ABORTED);
	session(&snapshot, 4, "client backend", SESSION_IDLE_IN_TRANSACTION);
	session(&snapshot, 5, "client backend", SESSION_ACTIVE)->own = true;
	session(&snapshot, 6, "autovacuum worker", SESSION_ACTIVE)->waiting = true;
	session(&snapshot, 7, "parallel worker", SESSION_ACTIVE);
	session(&snapshot, 8, "walsender", SESSION_ACTIVE);
	tap_ok(value(VITAL_ACTIVE, &snapshot) == 1, "active: clients, not ours");
	tap_ok(value(VITAL_IDLE_IN_TRANSACTION, &snapshot) == 2, "idle in tx");
	tap_ok(value(VITAL_WAITING, &snapshot) == 2, "waiting, whoever does");
	tap_ok(value(VITAL_CONNECTIONS, &snapshot) == 5, "connections, ours too");
	tap_ok(vital_missing(VITAL_ACTIVE, &snapshot) == NULL, "nothing is missing");
	session(&snapshot, 9, NULL, SESSION_STATE_UNKNOWN);
	tap_ok(!series_known(value(VITAL_ACTIVE, &snapshot)),
		"with one that is hidden nobody knows how many are active");
	tap_ok(value(VITAL_CONNECTIONS, &snapshot) == 6, "but it is connected");
	tap_is_text(vital_missing(VITAL_ACTIVE, &snapshot), "needs pg_monitor", "why");
	session_list_free(&snapshot.sessions);
}

static void
test_most(void)
{
	struct vitals vitals = {
		.read = true, .max_connections = 100, .reserved_connections = 5
	};

	tap_is_int(vitals_most_connections(&vitals), 95, "those that are not reserved");
	vitals.reserved_connections = -1;
	tap_is_int(vitals_most_connections(&vitals), -1, "not known");
	vitals = (struct vitals){ .max_connections = 100 };
	tap_is_int(vitals_most_connections(&vitals), -1, "not read");
}

static void
test_holders(void)
{
	struct snapshot snapshot = { 0 };
	struct session *at;

	session(&snapshot, 2, "client backend", SESSION_IDLE);
	is_holder(vitals_oldest_xmin(&snapshot), NULL, -1, "nobody holds xmin");
	is_holder(vitals_oldest_transaction(&snapshot, now), NULL, -1,
		"there is no transaction");
	tap_ok(value(VITAL_XMIN, &snapshot) == 0, "then it is of now");
	at = session(&snapshot, 4, "client backend", SESSION_ACTIVE);
	at->xmin_age = 100;
	at->transaction_start_us = now - 60 * SECOND;
	at = session(&snapshot, 5, "autovacuum worker", SESSION_ACTIVE);
	at->xmin_age = 9000;
	at->transaction_start_us = now - 600 * SECOND;
	at->query = alloc_copy("autovacuum: VACUUM public.invoices");
	is_holder(vitals_oldest_xmin(&snapshot), "session 4 (web)", 100,
		"vacuum's own doesn't count");
	is_holder(vitals_oldest_transaction(&snapshot, now), "session 4 (web)",
		60 * SECOND, "nor is it an old transaction");
	at = session(&snapshot, 6, "walsender", SESSION_ACTIVE);
	at->xmin_age = 200;
	is_holder(vitals_oldest_xmin(&snapshot),
		"standby without a name, by hot_standby_feedback", 200,
		"a standby's feedback");
	struct slot *slot = replication_add_slot(&snapshot.replication);
	slot->name = alloc_copy("archive");
	slot->xmin_age = 300;
	is_holder(vitals_oldest_xmin(&snapshot), "slot archive", 300, "a slot");
	snapshot.vitals = (struct vitals){ .read = true,
		.prepared_gid = alloc_copy("transfer-17"),
		.prepared_xid_age = 5000,
		.prepared_us = now - 7200 * INT64_C(1000000) };
	is_holder(vitals_oldest_xmin(&snapshot), "prepared transaction transfer-17",
		5000, "a prepared transaction");
	is_holder(vitals_oldest_transaction(&snapshot, now),
		"prepared transaction transfer-17", 7200 * INT64_C(1000000),
		"which is the oldest, too");
	replication_free(&snapshot.replication);
	vitals_free(&snapshot.vitals);
	session_list_free(&snapshot.sessions);
}

static void
test_format(void)
{
	static const struct {
		enum vital vital;
		double value;
		const char *want;
	} rows[] = {
		{ VITAL_ACTIVE, 72, "72" },
		{ VITAL_TRANSACTION, 252e6, "4m12s" },
		{ VITAL_XMIN, 1234567, "1.2 M" },
		{ VITAL_WAL, 1258291, "1.2 MB/s" },
		{ VITAL_COMMITS, 0, "0/s" },
		{ VITAL_COMMITS, 0.4, "0.4/s" },
		{ VITAL_COMMITS, 1234.5, "1234/s" },
		{ VITAL_XID, 50, "50" },
		{ VITAL_XID, (double)NAN, "unknown" },
	};
	char out[VITAL_TEXT];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		tap_is_text(vital_format(rows[i].vital, rows[i].value, out),
			rows[i].want, "%s: %s", vital_name(rows[i].vital),
			rows[i].want);
	for (enum vital vital = 0; vital < VITAL_COUNT; vital++)
		tap_ok(strlen(vital_name(vital)) <= 13 &&
				strlen(vital_explanation(vital)) > 20,
			"%s is explained", vital_name(vital));
}

/* A look two seconds after the one before. */
static void
look(struct vitals_history *history, struct snapshot *snapshot, int64_t commits,
	uint64_t lsn)
{
	snapshot->taken_us += 2 * SECOND;
	snapshot->server_now_us += 2 * SECOND;
	snapshot->vitals.commits = commits;
	snapshot->replication.current_lsn = lsn;
	vitals_history_take(history, snapshot);
}

static double
last(const struct vitals_history *history, enum vital vital)
{
	return series_last(&history->series[vital]);
}

static void
test_history(void)
{
	struct vitals_history history = { 0 };
	struct snapshot snapshot = { .taken_us = now,
		.server_now_us = now,
		.server.role = SERVER_PRIMARY,
		.vitals = { .read = true, .rollbacks = -1, .xid_age = 7 } };

	look(&history, &snapshot, 1000, 1 << 20);
	tap_ok(!series_known(last(&history, VITAL_COMMITS)), "one look is no rate");
	tap_ok(last(&history, VITAL_XID) == 7, "but it is an age");
	look(&history, &snapshot, 1100, 3 << 20);
	tap_ok(last(&history, VITAL_COMMITS) == 50, "commits a second");
	tap_ok(last(&history, VITAL_WAL) == 1 << 20, "bytes of WAL a second");
	tap_ok(!series_known(last(&history, VITAL_ROLLBACKS)),
		"what isn't told is unknown");
	snapshot.vitals.stats_reset_us = 5;
	look(&history, &snapshot, 1200, 5 << 20);
	tap_ok(!series_known(last(&history, VITAL_COMMITS)),
		"no rate across a reset of the statistics");
	tap_ok(last(&history, VITAL_WAL) == 1 << 20, "which WAL has none of");
	look(&history, &snapshot, 1210, 5 << 20);
	tap_ok(last(&history, VITAL_COMMITS) == 5, "then it goes on");
	vitals_history_gap(&history, snapshot.taken_us + SECOND);
	tap_ok(!series_known(last(&history, VITAL_XID)), "a lost connection is a gap");
	look(&history, &snapshot, 1310, 6 << 20);
	tap_ok(!series_known(last(&history, VITAL_COMMITS)) &&
			last(&history, VITAL_XID) == 7,
		"after which rates begin again");
	snapshot.server.role = SERVER_STANDBY;
	struct replica *self = replication_add(&snapshot.replication, "self");
	self->self = true;
	self->replayed_lsn = 1;
	look(&history, &snapshot, 1310, 6 << 20);
	tap_ok(!series_known(last(&history, VITAL_WAL)),
		"what a primary wrote is not held against what a standby replays");
	self->replayed_lsn = 2001;
	look(&history, &snapshot, 1310, 9 << 20);
	tap_ok(last(&history, VITAL_WAL) == 1000, "a standby's rate is of replay");
	replication_free(&snapshot.replication);
	vitals_history_free(&history);
}

int
main(void)
{
	test_counts();
	test_most();
	test_holders();
	test_format();
	test_history();
	return tap_done();
}
