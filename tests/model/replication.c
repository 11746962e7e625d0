/* How far behind, since when and why; one item of two views; unknown is never zero. */
#include "pgrunbook/model/replication.h"

#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "tests/tap/tap.h"

enum { SECOND = 1000000, NOW = 1000 * SECOND };

static void
is_judged(struct replica replica, uint64_t current, int64_t bytes, int64_t lag,
	enum replica_cause cause, const char *what)
{
	const struct replica_judge_by by = { .current_lsn = current,
		.server_now_us = NOW };

	replica_judge(&replica, &by);
	tap_is_int(replica.lag_bytes, bytes, "%s: bytes", what);
	tap_is_int(replica.lag_us, lag, "%s: time", what);
	tap_is_text(replica_cause_words(replica.cause), replica_cause_words(cause),
		"%s: cause", what);
	free(replica.disagreement);
}

static void
test_judge(void)
{
	is_judged((struct replica){ .sent_lsn = 100,
			  .write_lsn = 100,
			  .flush_lsn = 100,
			  .replay_lsn = 100,
			  .replay_lag_us = LAG_UNKNOWN },
		100, 0, 0, REPLICA_CAUGHT_UP, "caught up");
	is_judged((struct replica){ .sent_lsn = 100,
			  .write_lsn = 100,
			  .flush_lsn = 100,
			  .replay_lsn = 60,
			  .replay_lag_us = LAG_UNKNOWN },
		100, 40, LAG_UNKNOWN, REPLICA_REPLAYING, "replaying");
	is_judged((struct replica){ .sent_lsn = 100,
			  .write_lsn = 100,
			  .flush_lsn = 70,
			  .replay_lsn = 60,
			  .replay_lag_us = 5 },
		100, 40, 5, REPLICA_FLUSHING, "flushing");
	is_judged((struct replica){ .sent_lsn = 100,
			  .write_lsn = 80,
			  .flush_lsn = 70,
			  .replay_lsn = 60,
			  .replay_lag_us = LAG_UNKNOWN },
		100, 40, LAG_UNKNOWN, REPLICA_WRITING, "writing");
	is_judged((struct replica){ .sent_lsn = 70,
			  .write_lsn = 70,
			  .flush_lsn = 70,
			  .replay_lsn = 60,
			  .replay_lag_us = LAG_UNKNOWN },
		100, 40, LAG_UNKNOWN, REPLICA_SENDING, "sending");
	is_judged((struct replica){ .sent_lsn = 99,
			  .write_lsn = 99,
			  .flush_lsn = 99,
			  .replay_lsn = 60,
			  .replay_lag_us = LAG_UNKNOWN },
		100, 40, LAG_UNKNOWN, REPLICA_REPLAYING,
		"a byte that is on its way doesn't hide what replay lacks");
	is_judged((struct replica){ .flush_lsn = 90,
			  .replay_lsn = 90,
			  .replay_lag_us = LAG_UNKNOWN },
		100, 10, LAG_UNKNOWN, REPLICA_SENDING,
		"receiving, over a direct connection");
	is_judged((struct replica){ .replay_lsn = 100,
			  .disconnected = true,
			  .replay_lag_us = LAG_UNKNOWN },
		100, 0, LAG_UNKNOWN, REPLICA_DISCONNECTED, "without a receiver");
	is_judged((struct replica){ .replay_lag_us = LAG_UNKNOWN }, 100, LAG_UNKNOWN,
		LAG_UNKNOWN, REPLICA_UNKNOWN, "without positions");
	is_judged((struct replica){ .replay_lsn = 100, .replay_lag_us = LAG_UNKNOWN },
		0, LAG_UNKNOWN, LAG_UNKNOWN, REPLICA_UNKNOWN, "without the primary's");
	is_judged((struct replica){ .replay_lsn = 101, .replay_lag_us = LAG_UNKNOWN },
		100, 0, 0, REPLICA_CAUGHT_UP, "looked at a moment after the primary");
	is_judged((struct replica){ .kind = REPLICA_WAL_ONLY,
			  .sent_lsn = 100,
			  .flush_lsn = 90,
			  .replay_lag_us = LAG_UNKNOWN },
		100, 10, LAG_UNKNOWN, REPLICA_FLUSHING,
		"what replays nothing is held against what it has");
	is_judged((struct replica){ .kind = REPLICA_BACKUP,
			  .state = (char *)"backup",
			  .replay_lag_us = LAG_UNKNOWN },
		100, LAG_UNKNOWN, LAG_UNKNOWN, REPLICA_COPYING, "a base backup");
}

/* A standby that tells of itself. */
static struct replica
direct(uint64_t received, uint64_t replayed)
{
	return (struct replica){ .replay_lag_us = LAG_UNKNOWN,
		.direct = true,
		.own = { .read = true,
			.recovery = true,
			.receiver = RECEIVER_RUNS,
			.pause = REPLAY_NOT_PAUSED,
			.received_lsn = received,
			.replayed_lsn = replayed } };
}

static void
test_own(void)
{
	struct replica replica = direct(100, 60);

	is_judged(replica, 100, 40, LAG_UNKNOWN, REPLICA_REPLAYING, "load");
	replica.own.apply_delay_us = 5 * SECOND;
	is_judged(replica, 100, 40, LAG_UNKNOWN, REPLICA_DELAYED, "on purpose");
	replica.own.startup_wait = (char *)"RecoveryConflictSnapshot";
	is_judged(replica, 100, 40, LAG_UNKNOWN, REPLICA_CONFLICT, "a conflict");
	replica.own.pause = REPLAY_PAUSE_REQUESTED;
	is_judged(replica, 100, 40, LAG_UNKNOWN, REPLICA_CONFLICT,
		"a pause that was asked for is none yet");
	replica.own.pause = REPLAY_PAUSED;
	is_judged(replica, 100, 40, LAG_UNKNOWN, REPLICA_PAUSED, "paused");
	replica.own.replayed_lsn = 100;
	is_judged(replica, 100, 0, 0, REPLICA_PAUSED, "paused without a lag yet");
	replica.own.receiver = RECEIVER_NONE;
	is_judged(replica, 100, 0, LAG_UNKNOWN, REPLICA_DISCONNECTED,
		"caught up with what it knows of");
	replica.self = true;
	is_judged(replica, 100, LAG_UNKNOWN, LAG_UNKNOWN, REPLICA_DISCONNECTED,
		"which says nothing where it is the server that is watched");
	replica = direct(100, 60);
	replica.own.upstream_lsn = 140;
	is_judged(replica, 0, 80, LAG_UNKNOWN, REPLICA_SENDING,
		"where the primary can't be asked, its upstream has told");
	is_judged(replica, 100, 40, LAG_UNKNOWN, REPLICA_REPLAYING,
		"the primary's own word is the better one");
}

static void
time_is(struct replica replica, const struct wal_clock *clock, int64_t now_us,
	const char *want, const char *what)
{
	const struct replica_judge_by by = {
		.current_lsn = 100, .clock = clock, .server_now_us = now_us
	};
	char *words;

	replica_judge(&replica, &by);
	words = replica_lag_words(&replica);
	tap_is_text(words, want, "%s", what);
	free(words);
	free(replica.disagreement);
}

/* The clock's primary went from 50 to 60 to 100, and then had a long rest. */
static void
test_time(void)
{
	struct wal_clock clock = { 0 };
	struct replica replica = direct(100, 60);
	const int64_t now = 400 * SECOND;

	time_is(replica, &clock, now, "-", "nothing is known");
	replica.own.replayed_at_us = 370 * SECOND;
	time_is(replica, &clock, now, "<=30s",
		"what comes after the last commit replayed is younger");
	replica.own.replayed_at_us = 0;
	replica.replay_lag_us = SECOND / 2;
	time_is(replica, &clock, now, ">=0.5s",
		"the server's figure may have stood still since");
	wal_clock_note(&clock, 100, 385 * SECOND);
	time_is(replica, &clock, now, ">=15s",
		"so long at least, since it was so at the first look");
	clock.count = 0;
	wal_clock_note(&clock, 50, 100 * SECOND);
	wal_clock_note(&clock, 60, 200 * SECOND);
	wal_clock_note(&clock, 60, 360 * SECOND);
	wal_clock_note(&clock, 100, 362 * SECOND);
	wal_clock_note(&clock, 100, now);
	time_is(replica, &clock, now, "38s", "the primary was seen to pass it");
	replica.own.pause = REPLAY_PAUSED;
	replica.own.replayed_at_us = 1 * SECOND;
	time_is(replica, &clock, now, "38s",
		"paused, and the last commit before is an age ago");
	replica.own.replayed_lsn = 100;
	time_is(replica, &clock, now, "0.0s", "an idle one that has all isn't old");
	time_is(replica, &clock, now + 3600 * INT64_C(1000000), "0.0s",
		"however long that lasts");
	replica.own.replayed_lsn = 60;
	replica.replay_lag_us = LAG_UNKNOWN;
	replica.own.replayed_at_us = 0;
	time_is(replica, &clock, 362 * SECOND, "<=2.0s",
		"at the look that finds more, it is since the one before");
}

static void
test_clock(void)
{
	struct wal_clock clock = { 0 };
	struct wal_behind behind;

	behind = wal_clock_behind(&clock, 1, NOW);
	tap_ok(behind.least_us == 0 && behind.most_us == -1, "nothing was seen");
	for (int i = 1; i <= 10000; i++)
		wal_clock_note(&clock, (uint64_t)i, (int64_t)i * SECOND);
	tap_ok(clock.count <= WAL_CLOCK_MARKS, "it stays small");
	behind = wal_clock_behind(&clock, 9990, 10000 * (int64_t)SECOND);
	tap_ok(behind.least_us == 9 * SECOND && behind.most_us == 10 * SECOND,
		"the newest it knows exactly");
	behind = wal_clock_behind(&clock, 100, 10000 * (int64_t)SECOND);
	tap_ok(behind.least_us > 9000 * (int64_t)SECOND &&
			behind.least_us <= 9900 * (int64_t)SECOND,
		"the oldest still about: %lld s", (long long)behind.least_us / SECOND);
	wal_clock_note(&clock, 5, 10001 * (int64_t)SECOND);
	tap_is_int(
		(int64_t)clock.count, 1, "a position that goes back: another server");
	wal_clock_note(&clock, 6, 5 * (int64_t)SECOND);
	tap_is_int((int64_t)clock.count, 1, "a clock that goes back, too");
}

static void
test_silence(void)
{
	struct replica replica = { .sent_lsn = 100,
		.flush_lsn = 100,
		.replay_lsn = 100,
		.reply_us = NOW - 40 * (int64_t)SECOND,
		.replay_lag_us = LAG_UNKNOWN };
	struct replica_judge_by by = { .current_lsn = 100,
		.server_now_us = NOW,
		.silence_us = replication_silence_us(10 * SECOND, 60 * SECOND) };
	char *words;

	tap_is_int(by.silence_us, 25 * SECOND, "twice its interval, and a margin");
	tap_is_int(replication_silence_us(0, 60 * SECOND), 35 * SECOND,
		"one that speaks when asked is asked after half the time allowed");
	tap_is_int(replication_silence_us(0, 0), 0, "or never");
	replica_judge(&replica, &by);
	words = replica_why(&replica);
	tap_is_text(words, "no reply for 40s: the link is dead, or the standby hangs",
		"silent");
	tap_is_int(replica.lag_us, LAG_UNKNOWN, "and 0 s behind is not claimed");
	free(words);
	replica.reply_us = NOW - 20 * (int64_t)SECOND;
	replica_judge(&replica, &by);
	tap_is_int(
		replica.cause, REPLICA_CAUGHT_UP, "a while without a word is normal");
	replica.reply_us = NOW - 40 * (int64_t)SECOND;
	replica.from_primary = true;
	replica.own = direct(100, 100).own;
	replica.own.upstream_host = (char *)"db1";
	replica.own.upstream_port = 5432;
	replica_judge(&replica, &by);
	tap_is_text(replica.disagreement,
		"it answers us and says that it receives from db1:5432, its sender "
		"hears nothing from it",
		"both views are said where they can't both be true");
	replica.own.receiver = RECEIVER_NONE;
	replica.state = (char *)"streaming";
	replica_judge(&replica, &by);
	tap_is_text(replica.disagreement,
		"its sender lists it as streaming, it says itself that no WAL "
		"receiver runs",
		"of the receiver, too");
	free(replica.disagreement);
}

/* A row of pg_stat_replication. */
static struct replica *
add_sender(struct replication *list, const char *application, int pid, uint64_t replay)
{
	struct replica *item = replication_add(list, application);

	item->from_primary = true;
	item->application = alloc_copy(application);
	item->sender_pid = pid;
	item->sender_port = 5432;
	item->state = alloc_copy("streaming");
	item->sent_lsn = item->write_lsn = item->flush_lsn = item->replay_lsn = replay;
	return item;
}

static struct replica *
add_direct(struct replication *list, const char *name, const char *application,
	const char *slot, int port)
{
	struct replica *item = replication_add(list, name);

	item->direct = true;
	item->own = direct(90, 80).own;
	item->own.application = alloc_copy(application);
	item->own.slot = alloc_copy(slot);
	item->own.upstream_port = port;
	return item;
}

static void
tree_is(struct replication *list, const char *want, const char *what)
{
	struct str out = { 0 };

	list->current_lsn = 100;
	replication_settle(list, NULL, NOW);
	for (size_t i = 0; i < list->count; i++) {
		const struct replica *item = &list->items[i];

		str_printf(&out, "%s%*s%s%s%s", i == 0 ? "" : "; ", item->depth, "",
			item->name, item->from_primary ? " sender" : "",
			item->own.read ? " direct" : "");
	}
	tap_is_text(str_text(&out), want, "%s", what);
	str_free(&out);
	replication_free(list);
}

static void
test_views(void)
{
	struct replication list = { 0 };

	add_sender(&list, "walreceiver", 7, 90);
	add_direct(&list, "east", "walreceiver", NULL, 5432);
	tree_is(&list, "east sender direct", "one item by application_name");

	add_sender(&list, "walreceiver", 7, 90);
	add_sender(&list, "walreceiver", 8, 95);
	replication_add_slot(&list)->name = alloc_copy("west_slot");
	list.slots[0].active_pid = 8;
	list.slots[0].active = true;
	add_direct(&list, "west", "walreceiver", "west_slot", 5432);
	tree_is(&list, "walreceiver sender; west sender direct",
		"two of the same name, and one has its slot");

	add_sender(&list, "walreceiver", 7, 90);
	add_sender(&list, "walreceiver", 8, 95);
	add_direct(&list, "west", "walreceiver", NULL, 5432);
	tree_is(&list,
		"walreceiver pid 7 sender; walreceiver pid 8 sender; west direct",
		"nobody knows which of two it is: it isn't guessed");

	add_sender(&list, "r1", 7, 90)->client = alloc_copy("10.0.0.1");
	add_sender(&list, "r1", 8, 90)->client = alloc_copy("10.0.0.2");
	tree_is(&list, "r1 10.0.0.1 sender; r1 10.0.0.2 sender",
		"told apart by where they are");

	/* r1 feeds r2, and tells so over its direct connection. */
	add_sender(&list, "r1", 7, 90);
	add_direct(&list, "r1", "r1", NULL, 5432);
	struct replica *cascade = add_sender(&list, "r2", 9, 85);
	cascade->upstream = alloc_copy("r1");
	cascade->sender_port = 5433;
	add_direct(&list, "r2", "r2", NULL, 5433);
	add_sender(&list, "a", 10, 100);
	tree_is(&list, "a sender; r1 sender direct;  r2 sender direct", "a cascade");

	/* The same standby name on both: the port that it receives from tells. */
	add_sender(&list, "r", 7, 90);
	cascade = add_sender(&list, "r", 9, 85);
	cascade->upstream = alloc_copy("east");
	cascade->sender_port = 5433;
	add_direct(&list, "east", "r", NULL, 5432);
	add_direct(&list, "west", "r", NULL, 5433);
	tree_is(&list, "east sender direct;  west sender direct", "by the port");

	add_sender(&list, "x", 7, 90)->upstream = alloc_copy("y");
	add_sender(&list, "y", 8, 90)->upstream = alloc_copy("x");
	tree_is(&list, "x sender;  y sender", "a circle ends somewhere");

	struct replica *self = add_direct(&list, "this standby", NULL, NULL, 5432);
	self->self = true;
	add_sender(&list, "r2", 9, 85);
	tree_is(&list, "this standby direct;  r2 sender",
		"the standby that is watched");
}

static void
test_cascade_cause(void)
{
	struct replication list = { .current_lsn = 100 };
	struct replica *cascade;
	const struct replica *found;

	add_sender(&list, "r1", 7, 60);
	add_direct(&list, "r1", "r1", NULL, 5432)->own.received_lsn = 60;
	list.items[1].own.replayed_lsn = 60;
	cascade = add_sender(&list, "r2", 9, 55);
	cascade->upstream = alloc_copy("r1");
	replication_settle(&list, NULL, NOW);
	found = replication_find(&list, "r2");
	tap_is_int(found->cause, REPLICA_UPSTREAM, "its upstream lacks most of it");
	tap_is_int(found->lag_bytes, 45, "and it lacks that, too");
	tap_is_text(replication_worst(&list)->name, "r2", "the worst");
	replication_free(&list);
	tap_ok(!replication_worst(&list), "no replicas, no worst");
}

static void
test_kinds(void)
{
	struct replication list = { .current_lsn = 100 };
	struct replica *item;
	const struct replica *backup;

	add_sender(&list, "pg_basebackup", 7, 0);
	free(list.items[0].state);
	list.items[0].state = alloc_copy("backup");
	item = add_sender(&list, "pg_receivewal", 8, 0);
	item->sent_lsn = item->flush_lsn = 90;
	add_sender(&list, "sub", 9, 95);
	item = replication_add(&list, "hidden");
	item->from_primary = true;
	item->sender_pid = 10;
	for (int pid = 9; pid <= 10; pid++) {
		struct slot *slot = replication_add_slot(&list);

		slot->name = alloc_printf("slot%d", pid);
		slot->logical = true;
		slot->active = true;
		slot->active_pid = pid;
		slot->restart_lsn = 50;
		slot->confirmed_lsn = 70;
	}
	replication_settle(&list, NULL, NOW);
	backup = replication_find(&list, "pg_basebackup");
	tap_is_int(backup->kind, REPLICA_BACKUP, "a base backup");
	tap_is_int(replication_find(&list, "pg_receivewal")->kind, REPLICA_WAL_ONLY,
		"pg_receivewal");
	tap_is_int(replication_find(&list, "pg_receivewal")->lag_bytes, 10, "its lag");
	tap_is_int(replication_find(&list, "sub")->kind, REPLICA_LOGICAL, "logical");
	tap_is_text(replication_find(&list, "sub")->slot, "slot9", "by its slot");
	tap_is_text(list.slots[0].replica, "hidden", "which knows whose it is");
	tap_is_int(replication_find(&list, "hidden")->lag_bytes, 30,
		"and tells how far one is that our role may not see");
	tap_is_int((int64_t)list.slots_shown, 0, "and needs no row of its own");
	replication_free(&list);
}

static void
test_lsn(void)
{
	char text[LSN_TEXT];
	uint64_t lsn;

	tap_ok(replication_parse_lsn("16/B374D848", &lsn) &&
			lsn == UINT64_C(0x16B374D848),
		"a position");
	tap_is_text(replication_format_lsn(lsn, text), "16/B374D848", "and back");
	tap_is_text(replication_format_lsn(0, text), "unknown", "0 is none");
	tap_ok(!replication_parse_lsn(NULL, &lsn) && lsn == 0, "NULL is none");
	tap_ok(!replication_parse_lsn("16/", &lsn), "half of one is none");
	tap_ok(!replication_parse_lsn("16/0x", &lsn), "nor is what goes on");
}

int
main(void)
{
	test_judge();
	test_own();
	test_time();
	test_clock();
	test_silence();
	test_views();
	test_cascade_cause();
	test_kinds();
	test_lsn();
	return tap_done();
}
