/* How far behind, and why; what isn't known is never zero. */
#include "pgrunbook/model/replication.h"

#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "tests/tap/tap.h"

static void
is_judged(struct replica replica, uint64_t current, int64_t bytes, int64_t lag,
	enum replica_cause cause, const char *what)
{
	replica_judge(&replica, current);
	tap_is_int(replica.lag_bytes, bytes, "%s: bytes", what);
	tap_is_int(replica.lag_us, lag, "%s: time", what);
	tap_is_text(replica_cause_words(replica.cause), replica_cause_words(cause),
		"%s: cause", what);
}

static void
test_judge(void)
{
	is_judged((struct replica){ .sent_lsn = 100,
			  .write_lsn = 100,
			  .flush_lsn = 100,
			  .replay_lsn = 100,
			  .lag_us = LAG_UNKNOWN },
		100, 0, 0, REPLICA_CAUGHT_UP, "caught up");
	is_judged((struct replica){ .sent_lsn = 100,
			  .write_lsn = 100,
			  .flush_lsn = 100,
			  .replay_lsn = 60,
			  .lag_us = LAG_UNKNOWN },
		100, 40, LAG_UNKNOWN, REPLICA_REPLAYING, "replaying");
	is_judged((struct replica){ .sent_lsn = 100,
			  .write_lsn = 100,
			  .flush_lsn = 70,
			  .replay_lsn = 60,
			  .lag_us = 5 },
		100, 40, 5, REPLICA_FLUSHING, "flushing");
	is_judged((struct replica){ .sent_lsn = 100,
			  .write_lsn = 80,
			  .flush_lsn = 70,
			  .replay_lsn = 60 },
		100, 40, 0, REPLICA_WRITING, "writing");
	is_judged((struct replica){ .sent_lsn = 90, .replay_lsn = 60 }, 100, 40, 0,
		REPLICA_SENDING, "sending");
	is_judged((struct replica){ .flush_lsn = 90, .replay_lsn = 90 }, 100, 10, 0,
		REPLICA_SENDING, "receiving, over a direct connection");
	is_judged((struct replica){ .replay_lsn = 60, .paused = true }, 100, 40, 0,
		REPLICA_PAUSED, "paused");
	is_judged((struct replica){ .replay_lsn = 100, .paused = true }, 100, 0, 0,
		REPLICA_PAUSED, "paused without a lag yet");
	is_judged((struct replica){ .replay_lsn = 100,
			  .disconnected = true,
			  .lag_us = LAG_UNKNOWN },
		100, 0, LAG_UNKNOWN, REPLICA_DISCONNECTED, "without a receiver");
	is_judged((struct replica){ .lag_us = LAG_UNKNOWN }, 100, LAG_UNKNOWN,
		LAG_UNKNOWN, REPLICA_UNKNOWN, "without positions");
	is_judged((struct replica){ .replay_lsn = 100, .lag_us = LAG_UNKNOWN }, 0,
		LAG_UNKNOWN, LAG_UNKNOWN, REPLICA_UNKNOWN, "without the primary's");
	is_judged((struct replica){ .replay_lsn = 101, .lag_us = LAG_UNKNOWN }, 100, 0,
		0, REPLICA_CAUGHT_UP, "looked at a moment after the primary");
}

static void
test_list(void)
{
	struct replication list = { 0 };

	tap_ok(!replication_worst(&list), "no replicas, no worst");
	replication_item(&list, "r2")->lag_bytes = 5;
	replication_item(&list, "r1")->lag_bytes = 0;
	replication_item(&list, "r3");
	tap_is_int((int64_t)list.count, 3, "three are added");
	replication_item(&list, "r2")->state = alloc_copy("streaming");
	tap_is_int((int64_t)list.count, 3, "a name is one item");
	replication_sort(&list);
	tap_is_text(list.items[0].name, "r1", "sorted");
	tap_is_text(replication_worst(&list)->name, "r2", "the worst is known to lag");
	replication_free(&list);
}

static void
test_lsn(void)
{
	uint64_t lsn;

	tap_ok(replication_parse_lsn("16/B374D848", &lsn) &&
			lsn == UINT64_C(0x16B374D848),
		"a position");
	tap_ok(!replication_parse_lsn(NULL, &lsn) && lsn == 0, "NULL is none");
	tap_ok(!replication_parse_lsn("16/", &lsn), "half of one is none");
	tap_ok(!replication_parse_lsn("16/0x", &lsn), "nor is what goes on");
}

int
main(void)
{
	test_judge();
	test_list();
	test_lsn();
	return tap_done();
}
