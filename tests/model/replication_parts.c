/* Slots, subscriptions, synchronous commits, conflicts, and what lags were before. */
#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/lag_history.h"
#include "pgrunbook/model/replication.h"
#include "tests/tap/tap.h"

enum { SECOND = 1000000, NOW = 1000 * SECOND };

static void
slot_is(struct slot slot, enum slot_state state, const char *want, bool remedy)
{
	char *words = slot_words(&slot, NOW), *helps = slot_remedy(&slot);

	tap_is_int(slot_state(&slot), state, "%s", want);
	tap_is_text(words, want, "in words");
	tap_ok((helps != NULL) == remedy, "%s", helps ? helps : "no remedy");
	free(words);
	free(helps);
}

static void
test_slots(void)
{
	char name[] = "s", reserved[] = "reserved", lost[] = "lost";
	char unreserved[] = "unreserved", reason[] = "wal_removed";
	char horizon[] = "rows_removed";

	slot_is((struct slot){ .name = name,
			.active = true,
			.restart_lsn = 1,
			.held_bytes = 5,
			.wal_status = reserved },
		SLOT_ACTIVE, "active", false);
	slot_is((struct slot){ .name = name, .held_bytes = -1 }, SLOT_UNUSED,
		"never used", false);
	slot_is((struct slot){ .name = name,
			.restart_lsn = 1,
			.held_bytes = 5,
			.inactive_since_us = NOW - 90 * (int64_t)SECOND },
		SLOT_HOLDS, "inactive for 1m30s: holds WAL", true);
	slot_is((struct slot){ .name = name, .restart_lsn = 1, .held_bytes = 0 },
		SLOT_IDLE, "inactive", false);
	slot_is((struct slot){ .name = name,
			.restart_lsn = 1,
			.held_bytes = 5,
			.synced = SLOT_YES },
		SLOT_IDLE, "a copy of the primary's", false);
	slot_is((struct slot){ .name = name,
			.active = true,
			.restart_lsn = 1,
			.wal_status = unreserved },
		SLOT_AT_RISK, "active: soon lost", true);
	slot_is((struct slot){ .name = name, .wal_status = lost }, SLOT_LOST,
		"lost: its WAL was removed", true);
	slot_is((struct slot){ .name = name,
			.wal_status = lost,
			.invalidation_reason = reason },
		SLOT_LOST, "lost: wal_removed", true);
	slot_is((struct slot){ .name = name,
			.conflicting = SLOT_YES,
			.invalidation_reason = horizon },
		SLOT_IN_CONFLICT, "invalidated: rows_removed", true);
}

static void
subscription_is(struct subscription subscription, const char *want, bool trouble)
{
	char *words = subscription_words(&subscription);
	char *helps = subscription_remedy(&subscription);

	tap_is_text(words, want, "%s", want);
	tap_is_int(subscription_in_trouble(&subscription), trouble, "trouble or not");
	free(words);
	free(helps);
}

static void
test_subscriptions(void)
{
	char name[] = "sub";
	struct subscription item = { .name = name,
		.enabled = 1,
		.pid = 5,
		.received_lsn = 100,
		.latest_end_lsn = 90 };

	subscription_is(item, "runs", false);
	tap_is_int(subscription_lag_bytes(&item), 10, "what it hasn't confirmed");
	item.tables_left = 2;
	subscription_is(item, "copies 2 tables", false);
	item.tables_left = SUBSCRIPTION_UNKNOWN;
	item.apply_errors = 3;
	item.sync_errors = SUBSCRIPTION_UNKNOWN;
	subscription_is(item, "runs, 3 errors", false);
	item.pid = 0;
	subscription_is(item, "no worker, 3 errors", true);
	item.apply_errors = 0;
	item.enabled = 0;
	subscription_is(item, "disabled", true);
	item.enabled = SUBSCRIPTION_UNKNOWN;
	subscription_is(item, "no worker", true);
	item.received_lsn = 0;
	tap_is_int(subscription_lag_bytes(&item), SUBSCRIPTION_UNKNOWN,
		"what isn't known");
}

static void
sync_is(struct replication *list, const char *want, const char *what)
{
	char *words = replication_sync_words(list);

	if (want == NULL)
		tap_ok(words == NULL, "%s", what);
	else
		tap_is_text(words, want, "%s", what);
	free(words);
}

static void
test_sync(void)
{
	struct session sessions[] = {
		{ .wait_event = (char *)"SyncRep", .query_start_us = NOW - SECOND },
		{ .wait_event = (char *)"SyncRep",
			.query_start_us = NOW - 42 * (int64_t)SECOND },
		{ .wait_event = (char *)"ClientRead" },
	};
	const struct session_list waiting = { .items = sessions, .count = 3 };
	struct replication list = { .current_lsn = 100 };
	struct replica *item;

	tap_is_int((int64_t)sync_standbys_needed(""), 0, "none is needed");
	tap_is_int((int64_t)sync_standbys_needed("r1, r2"), 1, "a list means one");
	tap_is_int((int64_t)sync_standbys_needed("FIRST 2 (r1, r2)"), 2, "FIRST 2");
	tap_is_int((int64_t)sync_standbys_needed(" any 3(*)"), 3, "ANY 3");
	tap_is_int((int64_t)sync_standbys_needed("2 (r1, r2)"), 2, "as before 9.6");
	tap_is_int((int64_t)sync_standbys_needed("first"), 1, "a standby of that name");
	tap_is_int((int64_t)sync_standbys_needed("\"2 (x\""), 1, "or such a one");
	sync_is(&list, NULL, "nothing is to be said");
	list.sync.names = alloc_copy("FIRST 1 (r1)");
	sync_is(&list, "commits will wait for a synchronous standby: 0 of 1 connected",
		"the standby is gone");
	replication_count_waiting(&list, &waiting, true, NOW);
	sync_is(&list,
		"2 commits wait for a synchronous standby, for up to 42s: 0 of 1 "
		"connected",
		"and commits hang");
	tap_is_int((int64_t)replication_row(&list, 0).kind, REPLICATION_ROW_SYNC,
		"that is a row of its own");
	item = replication_add(&list, "r1");
	item->from_primary = true;
	item->state = alloc_copy("streaming");
	item->sync_state = alloc_copy("sync");
	sync_is(&list, "2 commits wait for a synchronous standby, for up to 42s",
		"it is there, and they wait all the same");
	list.sync.waiting = 0;
	sync_is(&list, NULL, "it is there, and nobody waits");
	free(list.items[0].state);
	list.items[0].state = NULL;
	sync_is(&list, NULL, "hidden from our role: nothing is claimed");
	replication_free(&list);
}

static void
test_conflict(void)
{
	struct standby own = { .startup_wait = (char *)"RecoveryConflictSnapshot",
		.blocker_pid = 4312,
		.blocker = (char *)"report, user bi",
		.patience_us = 30 * SECOND,
		.conflicts = { .read = true,
			.lock = 3,
			.snapshot = 1,
			.logical_slot = STANDBY_UNKNOWN } };
	char *words = standby_conflict_words(&own);

	tap_is_text(words,
		"replay waits for a query that may still see what it removes; pid "
		"4312, report, user bi, has the oldest snapshot",
		"a snapshot");
	free(words);
	own.blocker_sure = true;
	words = standby_conflict_words(&own);
	tap_is_text(words,
		"replay waits for a lock that pid 4312, report, user bi, has",
		"a lock");
	free(words);
	words = standby_conflict_remedy(&own);
	tap_is_text(words,
		"it cancels the query when it has waited 30s "
		"(max_standby_streaming_delay); on the standby SELECT "
		"pg_terminate_backend(4312) ends it at once",
		"what helps");
	free(words);
	words = standby_conflicts_words(&own.conflicts);
	tap_is_text(words, "4: 3 locks, 1 snapshot", "what there was");
	free(words);
	words = standby_name_of("user=x passfile=/a b/c application_name=r 1 "
				"fallback_application_name=walreceiver sslmode=a");
	tap_is_text(words, "r 1", "a name in a text that quotes nothing");
	free(words);
	words = standby_name_of("fallback_application_name=walreceiver host=x");
	tap_is_text(words, "walreceiver", "the default one");
	free(words);
	tap_ok(standby_name_of("host=x") == NULL && standby_name_of(NULL) == NULL,
		"none");
}

static void
test_history(void)
{
	struct lag_history history = { 0 };
	struct replication list = { 0 };
	const struct series *series;

	replication_add(&list, "r1")->lag_bytes = 5;
	lag_history_note(&history, &list, 1 * SECOND);
	list.items[0].lag_bytes = LAG_UNKNOWN;
	lag_history_note(&history, &list, 2 * SECOND);
	series = lag_history_of(&history, "replica r1");
	tap_ok(series && !series_known(series_last(series)), "unknown is a gap, not 0");
	list.items[0].lag_bytes = 7;
	lag_history_note(&history, &list, 3 * SECOND);
	lag_history_note(&history, NULL, 4 * SECOND);
	series = lag_history_of(&history, "replica r1");
	tap_ok(series && !series_known(series_last(series)), "so is a lost server");
	lag_history_note(&history, NULL, 290 * SECOND);
	tap_ok(lag_history_of(&history, "replica r1"), "kept for five minutes");
	lag_history_note(&history, NULL, 310 * SECOND);
	tap_ok(!lag_history_of(&history, "replica r1"), "and forgotten then");
	lag_history_free(&history);
	replication_free(&list);
}

int
main(void)
{
	test_slots();
	test_subscriptions();
	test_sync();
	test_conflict();
	test_history();
	return tap_done();
}
