/* What long operations are and how far, from rows as 13 to 18 give them. */
#include "pgrunbook/model/progress.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/tap/tap.h"

/*
 * Rows recorded from the views, with what must be said of them; counters that a version
 * or a view doesn't have are -1.
 */
static const struct row {
	const char *name;
	enum progress_kind kind;
	const char *command, *phase, *relation, *part;
	struct {
		enum progress_counter counter;
		int64_t value;
	} counters[6];
	const char *what, *says, *done; /* NULL: nothing is said */
	int percent;
	bool last;
} rows[] = {
	{ .name = "an index waits for writers",
		.kind = PROGRESS_CREATE_INDEX,
		.command = "CREATE INDEX CONCURRENTLY",
		.phase = "waiting for writers before build",
		.relation = "invoices",
		.part = "invoices_idx",
		.counters = { { PROGRESS_LOCKERS_TOTAL, 3 },
			{ PROGRESS_LOCKERS_DONE, 1 }, { PROGRESS_LOCKER, 4312 },
			{ PROGRESS_BLOCKS_TOTAL, 0 }, { PROGRESS_BLOCKS_DONE, 0 } },
		.what = "CREATE INDEX CONCURRENTLY invoices_idx on invoices",
		.says = "waiting for writers before build",
		.done = "1 of 3 sessions",
		.percent = 33 },
	{ .name = "nobody is left to wait for",
		.kind = PROGRESS_CREATE_INDEX,
		.command = "CREATE INDEX CONCURRENTLY",
		.phase = "waiting for old snapshots",
		.relation = "invoices",
		.counters = { { PROGRESS_LOCKERS_TOTAL, 0 },
			{ PROGRESS_LOCKERS_DONE, 0 } },
		.what = "CREATE INDEX CONCURRENTLY invoices",
		.says = "waiting for old snapshots",
		.percent = -1 },
	{ .name = "an index reads its table",
		.kind = PROGRESS_CREATE_INDEX,
		.command = "CREATE INDEX",
		.phase = "building index: scanning table",
		.relation = "invoices",
		.counters = { { PROGRESS_BLOCKS_TOTAL, 1000 },
			{ PROGRESS_BLOCKS_DONE, 250 }, { PROGRESS_TUPLES_TOTAL, 0 },
			{ PROGRESS_TUPLES_DONE, 0 } },
		.what = "CREATE INDEX invoices",
		.says = "building index: scanning table",
		.done = "2.0 MB of 7.8 MB",
		.percent = 25 },
	{ .name = "in its table's first block all blocks are said to be done",
		.kind = PROGRESS_CREATE_INDEX,
		.command = "CREATE INDEX",
		.phase = "building index: scanning table",
		.relation = "invoices",
		.counters = { { PROGRESS_BLOCKS_TOTAL, 1000 },
			{ PROGRESS_BLOCKS_DONE, 1000 } },
		.what = "CREATE INDEX invoices",
		.says = "building index: scanning table",
		.done = "0 B of 7.8 MB",
		.percent = 0 },
	{ .name = "sorting is not counted, whatever the blocks still say",
		.kind = PROGRESS_CREATE_INDEX,
		.command = "CREATE INDEX",
		.phase = "building index: sorting live tuples",
		.relation = "invoices",
		.counters = { { PROGRESS_BLOCKS_TOTAL, 1000 },
			{ PROGRESS_BLOCKS_DONE, 1000 } },
		.what = "CREATE INDEX invoices",
		.says = "building index: sorting live tuples",
		.percent = -1 },
	{ .name = "loading is the last that takes time",
		.kind = PROGRESS_CREATE_INDEX,
		.command = "CREATE INDEX",
		.phase = "building index: loading tuples in tree",
		.relation = "invoices",
		.counters = { { PROGRESS_BLOCKS_TOTAL, 1000 },
			{ PROGRESS_BLOCKS_DONE, 1000 },
			{ PROGRESS_TUPLES_TOTAL, 2000000 },
			{ PROGRESS_TUPLES_DONE, 1999999 },
			{ PROGRESS_PARTS_TOTAL, 0 } },
		.what = "CREATE INDEX invoices",
		.says = "building index: loading tuples in tree",
		.done = "2.0 M of 2.0 M rows",
		.percent = 99,
		.last = true },
	{ .name = "but not of one that is made concurrently",
		.kind = PROGRESS_CREATE_INDEX,
		.command = "REINDEX CONCURRENTLY",
		.phase = "building index: loading tuples in tree",
		.relation = "invoices",
		.counters = { { PROGRESS_TUPLES_TOTAL, 100 },
			{ PROGRESS_TUPLES_DONE, 50 } },
		.what = "REINDEX CONCURRENTLY invoices",
		.says = "building index: loading tuples in tree",
		.done = "50 of 100 rows",
		.percent = 50 },
	{ .name = "nor of one of several partitions",
		.kind = PROGRESS_CREATE_INDEX,
		.command = "CREATE INDEX",
		.phase = "building index: loading tuples in tree",
		.relation = "invoices",
		.counters = { { PROGRESS_TUPLES_TOTAL, 100 },
			{ PROGRESS_TUPLES_DONE, 50 }, { PROGRESS_PARTS_TOTAL, 12 },
			{ PROGRESS_PARTS_DONE, 3 } },
		.what = "CREATE INDEX invoices",
		.says = "building index: loading tuples in tree",
		.done = "50 of 100 rows",
		.percent = 50 },
	{ .name = "an access method without phases of its own",
		.kind = PROGRESS_CREATE_INDEX,
		.command = "CREATE INDEX",
		.phase = "building index",
		.relation = "invoices",
		.counters = { { PROGRESS_BLOCKS_TOTAL, 1000 },
			{ PROGRESS_BLOCKS_DONE, 500 }, { PROGRESS_TUPLES_TOTAL, 0 } },
		.what = "CREATE INDEX invoices",
		.says = "building index",
		.done = "3.9 MB of 7.8 MB",
		.percent = 50 },
	{ .name = "and when it loads what it has sorted (hash)",
		.kind = PROGRESS_CREATE_INDEX,
		.command = "CREATE INDEX",
		.phase = "building index",
		.relation = "invoices",
		.counters = { { PROGRESS_BLOCKS_TOTAL, 1000 },
			{ PROGRESS_BLOCKS_DONE, 1000 }, { PROGRESS_TUPLES_TOTAL, 400 },
			{ PROGRESS_TUPLES_DONE, 100 } },
		.what = "CREATE INDEX invoices",
		.says = "building index",
		.done = "100 of 400 rows",
		.percent = 25 },
	{ .name = "13 to 16: vacuum reads the table",
		.kind = PROGRESS_VACUUM,
		.command = "VACUUM",
		.phase = "scanning heap",
		.relation = "audit.events",
		.counters = { { PROGRESS_BLOCKS_TOTAL, 200 },
			{ PROGRESS_BLOCKS_DONE, 50 }, { PROGRESS_BLOCKS_VACUUMED, 0 },
			{ PROGRESS_ROUNDS, 0 }, { PROGRESS_MEMORY_TOTAL, 11184809 },
			{ PROGRESS_MEMORY_USED, 9000 } },
		.what = "VACUUM audit.events",
		.says = "scanning heap",
		.done = "400 kB of 1.6 MB",
		.percent = 25 },
	{ .name = "13 to 16: it doesn't count indexes",
		.kind = PROGRESS_VACUUM,
		.command = "VACUUM",
		.phase = "vacuuming indexes",
		.relation = "audit.events",
		.counters = { { PROGRESS_BLOCKS_TOTAL, 200 },
			{ PROGRESS_BLOCKS_DONE, 100 }, { PROGRESS_ROUNDS, 1 } },
		.what = "VACUUM audit.events",
		.says = "vacuuming indexes, round 2",
		.percent = -1 },
	{ .name = "17: it does",
		.kind = PROGRESS_VACUUM,
		.command = "VACUUM",
		.phase = "vacuuming indexes",
		.relation = "audit.events",
		.counters = { { PROGRESS_BLOCKS_TOTAL, 200 },
			{ PROGRESS_BLOCKS_DONE, 100 }, { PROGRESS_PARTS_TOTAL, 4 },
			{ PROGRESS_PARTS_DONE, 1 }, { PROGRESS_ROUNDS, 0 } },
		.what = "VACUUM audit.events",
		.says = "vacuuming indexes",
		.done = "1 of 4 indexes",
		.percent = 25 },
	{ .name = "17: none is begun yet",
		.kind = PROGRESS_VACUUM,
		.command = "VACUUM",
		.phase = "cleaning up indexes",
		.relation = "audit.events",
		.counters = { { PROGRESS_PARTS_TOTAL, 0 }, { PROGRESS_PARTS_DONE, 0 } },
		.what = "VACUUM audit.events",
		.says = "cleaning up indexes",
		.done = "0 indexes",
		.percent = -1 },
	{ .name = "vacuum's second pass over the table",
		.kind = PROGRESS_VACUUM,
		.command = "VACUUM",
		.phase = "vacuuming heap",
		.relation = "audit.events",
		.counters = { { PROGRESS_BLOCKS_TOTAL, 200 },
			{ PROGRESS_BLOCKS_DONE, 200 }, { PROGRESS_BLOCKS_VACUUMED, 20 },
			{ PROGRESS_ROUNDS, 1 } },
		.what = "VACUUM audit.events",
		.says = "vacuuming heap",
		.done = "160 kB of 1.6 MB",
		.percent = 10 },
	{ .name = "a round over the indexes is behind it",
		.kind = PROGRESS_VACUUM,
		.command = "VACUUM",
		.phase = "scanning heap",
		.relation = "audit.events",
		.counters = { { PROGRESS_BLOCKS_TOTAL, 200 },
			{ PROGRESS_BLOCKS_DONE, 150 }, { PROGRESS_ROUNDS, 1 } },
		.what = "VACUUM audit.events",
		.says = "scanning heap, after 1 round over the indexes",
		.done = "1.2 MB of 1.6 MB",
		.percent = 75 },
	{ .name = "the end of vacuum isn't counted",
		.kind = PROGRESS_VACUUM,
		.command = "VACUUM",
		.phase = "truncating heap",
		.relation = "audit.events",
		.counters = { { PROGRESS_BLOCKS_TOTAL, 200 },
			{ PROGRESS_BLOCKS_DONE, 200 } },
		.what = "VACUUM audit.events",
		.says = "truncating heap",
		.percent = -1 },
	{ .name = "analyze",
		.kind = PROGRESS_ANALYZE,
		.command = "ANALYZE",
		.phase = "acquiring sample rows",
		.relation = "events",
		.counters = { { PROGRESS_BLOCKS_TOTAL, 30000 },
			{ PROGRESS_BLOCKS_DONE, 300 } },
		.what = "ANALYZE events",
		.says = "acquiring sample rows",
		.done = "2.3 MB of 234 MB",
		.percent = 1 },
	{ .name = "analyze of a table with children counts those",
		.kind = PROGRESS_ANALYZE,
		.command = "ANALYZE",
		.phase = "acquiring inherited sample rows",
		.relation = "events",
		.part = "events_2026",
		.counters = { { PROGRESS_BLOCKS_TOTAL, 100 },
			{ PROGRESS_BLOCKS_DONE, 100 }, { PROGRESS_PARTS_TOTAL, 12 },
			{ PROGRESS_PARTS_DONE, 3 } },
		.what = "ANALYZE events, now events_2026",
		.says = "acquiring inherited sample rows",
		.done = "3 of 12 tables",
		.percent = 25 },
	{ .name = "extended statistics",
		.kind = PROGRESS_ANALYZE,
		.command = "ANALYZE",
		.phase = "computing extended statistics",
		.relation = "events",
		.counters = { { PROGRESS_PARTS_TOTAL, 2 }, { PROGRESS_PARTS_DONE, 1 } },
		.what = "ANALYZE events",
		.says = "computing extended statistics",
		.done = "1 of 2 statistics",
		.percent = 50 },
	{ .name = "vacuum full",
		.kind = PROGRESS_CLUSTER,
		.command = "VACUUM FULL",
		.phase = "seq scanning heap",
		.relation = "events",
		.counters = { { PROGRESS_BLOCKS_TOTAL, 100 },
			{ PROGRESS_BLOCKS_DONE, 1 }, { PROGRESS_TUPLES_TOTAL, 7000 },
			{ PROGRESS_TUPLES_DONE, 6900 } },
		.what = "VACUUM FULL events",
		.says = "seq scanning heap",
		.done = "8.0 kB of 800 kB",
		.percent = 1 },
	{ .name = "cluster through its index knows no total",
		.kind = PROGRESS_CLUSTER,
		.command = "CLUSTER",
		.phase = "index scanning heap",
		.relation = "events",
		.part = "events_at",
		.counters = { { PROGRESS_BLOCKS_TOTAL, 0 },
			{ PROGRESS_TUPLES_TOTAL, 7000 },
			{ PROGRESS_TUPLES_DONE, 6900 } },
		.what = "CLUSTER events using events_at",
		.says = "index scanning heap",
		.done = "7,000 rows",
		.percent = -1 },
	{ .name = "cluster writes what it has sorted",
		.kind = PROGRESS_CLUSTER,
		.command = "CLUSTER",
		.phase = "writing new heap",
		.relation = "events",
		.counters = { { PROGRESS_TUPLES_TOTAL, 8000 },
			{ PROGRESS_TUPLES_DONE, 2000 } },
		.what = "CLUSTER events",
		.says = "writing new heap",
		.done = "2,000 of 8,000 rows",
		.percent = 25 },
	{ .name = "how many indexes follow isn't told",
		.kind = PROGRESS_CLUSTER,
		.command = "CLUSTER",
		.phase = "rebuilding index",
		.relation = "events",
		.counters = { { PROGRESS_TUPLES_TOTAL, 8000 },
			{ PROGRESS_TUPLES_DONE, 8000 }, { PROGRESS_ROUNDS, 2 } },
		.what = "CLUSTER events",
		.says = "rebuilding index",
		.done = "2 indexes",
		.percent = -1 },
	{ .name = "14: a copy from a file",
		.kind = PROGRESS_COPY,
		.command = "COPY FROM",
		.phase = "file",
		.relation = "events",
		.counters = { { PROGRESS_BYTES_TOTAL, 10240 },
			{ PROGRESS_BYTES_DONE, 5120 }, { PROGRESS_TUPLES_DONE, 17 } },
		.what = "COPY FROM events",
		.says = "from a file",
		.done = "5.0 kB of 10 kB",
		.percent = 50,
		.last = true },
	{ .name = "a copy from the client has no end",
		.kind = PROGRESS_COPY,
		.command = "COPY FROM",
		.phase = "pipe",
		.relation = "events",
		.counters = { { PROGRESS_BYTES_TOTAL, 0 },
			{ PROGRESS_BYTES_DONE, 5120 } },
		.what = "COPY FROM events",
		.says = "from the client",
		.done = "5.0 kB",
		.percent = -1,
		.last = true },
	{ .name = "a copy of a query is of no relation",
		.kind = PROGRESS_COPY,
		.command = "COPY TO",
		.phase = "program",
		.counters = { { PROGRESS_BYTES_TOTAL, 0 }, { PROGRESS_BYTES_DONE, 0 } },
		.what = "COPY TO",
		.says = "to a program",
		.done = "0 B",
		.percent = -1,
		.last = true },
	{ .name = "a base backup",
		.kind = PROGRESS_BASE_BACKUP,
		.command = "base backup",
		.phase = "streaming database files",
		.counters = { { PROGRESS_BYTES_TOTAL, 4096 },
			{ PROGRESS_BYTES_DONE, 1024 } },
		.what = "base backup",
		.says = "streaming database files",
		.done = "1.0 kB of 4.0 kB",
		.percent = 25 },
	{ .name = "a base backup without an estimate",
		.kind = PROGRESS_BASE_BACKUP,
		.command = "base backup",
		.phase = "streaming database files",
		.counters = { { PROGRESS_BYTES_DONE, 1024 } },
		.what = "base backup",
		.says = "streaming database files",
		.done = "1.0 kB",
		.percent = -1 },
	{ .name = "a base backup that was overtaken by what is written",
		.kind = PROGRESS_BASE_BACKUP,
		.command = "base backup",
		.phase = "streaming database files",
		.counters = { { PROGRESS_BYTES_TOTAL, 4096 },
			{ PROGRESS_BYTES_DONE, 5120 } },
		.what = "base backup",
		.says = "streaming database files",
		.done = "5.0 kB of 5.0 kB",
		.percent = 100 },
	{ .name = "a phase that no version up to 18 has",
		.kind = PROGRESS_VACUUM,
		.command = "VACUUM",
		.phase = "polishing heap",
		.relation = "events",
		.counters = { { PROGRESS_BLOCKS_TOTAL, 10 },
			{ PROGRESS_BLOCKS_DONE, 10 } },
		.what = "VACUUM events",
		.says = "polishing heap",
		.percent = -1 },
};

static struct progress *
add_row(struct progress_list *list, const struct row *row)
{
	struct progress *progress = progress_list_add(list);

	progress->pid = 100;
	progress->kind = row->kind;
	progress->command = alloc_copy(row->command);
	progress->phase = alloc_copy(row->phase);
	progress->relation = alloc_copy(row->relation);
	progress->part = alloc_copy(row->part);
	progress->block_size = 8192;
	for (size_t i = 0; i < sizeof(row->counters) / sizeof(row->counters[0]); i++) {
		/* The first counter is the total of blocks; 0 of it says nothing. */
		if (row->counters[i].value != 0 || row->counters[i].counter != 0)
			progress->counters[row->counters[i].counter] =
				row->counters[i].value;
	}
	return progress;
}

static void
is_words(char *words, const char *want, const char *name, const char *what)
{
	if (!want)
		tap_ok(!words, "%s: no %s: %s", name, what, words ? words : "-");
	else
		tap_is_text(words, want, "%s: %s", name, what);
	free(words);
}

static void
test_rows(void)
{
	static const struct session_list nobody;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct progress_list list = { 0 };
		struct progress *progress = add_row(&list, row);

		progress_list_settle(&list, &nobody);
		is_words(progress_command_words(progress), row->what, row->name,
			"what it does");
		is_words(progress_phase_words(progress), row->says, row->name, "phase");
		is_words(progress_done_words(progress), row->done, row->name,
			"how far it is");
		tap_is_int(progress_percent(progress), row->percent, "%s: percent",
			row->name);
		tap_is_int(
			progress->last, row->last, "%s: whether more comes", row->name);
		progress_list_free(&list);
	}
}

/* Names that there are not. */
static void
test_targets(void)
{
	struct progress progress = { .kind = PROGRESS_VACUUM,
		.command = (char *)"VACUUM",
		.relation_id = (char *)"24576",
		.database = (char *)"reports",
		.elsewhere = true };

	is_words(progress_target_words(&progress), "relation 24576 of database reports",
		"another database", "target");
	is_words(progress_short_words(&progress), "vacuum 24576", "another database",
		"short form");
	progress.elsewhere = false;
	is_words(progress_target_words(&progress), "relation 24576 (not committed yet)",
		"not committed", "target");
	progress.relation_id = NULL;
	progress.hidden = true;
	is_words(progress_command_words(&progress), "VACUUM", "hidden", "command");
	is_words(
		progress_phase_words(&progress), "needs pg_monitor", "hidden", "phase");
	progress.kind = PROGRESS_CREATE_INDEX;
	progress.command = NULL;
	is_words(progress_command_words(&progress), "CREATE INDEX or REINDEX", "hidden",
		"command");
	for (int kind = 0; kind < PROGRESS_KIND_COUNT; kind++)
		tap_ok(*progress_kind_name((enum progress_kind)kind) != '\0',
			"kind %d has a name", kind);
}

/* Workers report for their leader, autovacuum is nobody's command. */
static void
test_sessions(void)
{
	struct session items[] = {
		{ .pid = 100, .backend_start_us = 7, .backend_type = (char *)"client" },
		{ .pid = 101, .leader_pid = 100, .backend_start_us = 8 },
		{ .pid = 102, .leader_pid = 99, .backend_start_us = 9 },
		{ .pid = 90,
			.backend_start_us = 6,
			.backend_type = (char *)"autovacuum worker" },
	};
	const struct session_list sessions = { .items = items, .count = 4 };
	static const struct row at = { .kind = PROGRESS_VACUUM,
		.command = "VACUUM",
		.phase = "scanning heap",
		.relation = "t" };
	struct progress_list list = { 0 };

	for (int pid = 100; pid <= 103; pid++) {
		struct progress *progress = add_row(&list, &at);

		progress->pid = pid;
		progress->counters[PROGRESS_BLOCKS_TOTAL] = 100;
		progress->counters[PROGRESS_BLOCKS_DONE] = pid - 90;
	}
	add_row(&list, &at)->pid = 90;
	progress_list_settle(&list, &sessions);
	tap_is_int((int64_t)list.count, 4, "a worker is folded into its leader");
	tap_is_int(list.items[0].pid, 90, "by pid");
	is_words(progress_command_words(&list.items[0]), "autovacuum: VACUUM t",
		"autovacuum", "command");
	is_words(progress_short_words(&list.items[0]), "autovacuum t", "autovacuum",
		"short form");
	tap_is_int(list.items[1].pid, 99, "a leader that isn't seen");
	tap_ok(!list.items[1].session && list.items[1].backend_start_us == 0,
		"has no session");
	tap_is_int(list.items[2].done, 11, "the one that is furthest says the most");
	tap_is_int(list.items[2].backend_start_us, 7, "the leader's session");
	tap_is_int(list.items[3].pid, 103, "one without a session");
	tap_ok(progress_find(&list, 100) == &list.items[2] && !progress_find(&list, 1),
		"found by pid");
	progress_list_free(&list);
}

int
main(void)
{
	test_rows();
	test_targets();
	test_sessions();
	return tap_done();
}
