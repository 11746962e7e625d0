#include "pgrunbook/model/progress.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"

struct progress *
progress_list_add(struct progress_list *list)
{
	struct progress *progress;

	list->items = alloc_room(
		list->items, list->count, &list->capacity, sizeof(*list->items));
	progress = &list->items[list->count++];
	*progress =
		(struct progress){ .done = -1, .total = -1, .rate = -1, .rest_us = -1 };
	for (size_t i = 0; i < PROGRESS_COUNTER_COUNT; i++)
		progress->counters[i] = -1;
	return progress;
}

static void
progress_free(struct progress *progress)
{
	free(progress->database);
	free(progress->relation);
	free(progress->part);
	free(progress->relation_id);
	free(progress->part_id);
	free(progress->command);
	free(progress->phase);
}

void
progress_list_free(struct progress_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		progress_free(&list->items[i]);
	free(list->items);
	free(list->problem);
	*list = (struct progress_list){ 0 };
}

/*
 * Which counter means something in which phase (documentation of 13 to 18, "Progress
 * Reporting").  The first whose phase begins so counts; what none of them has, such as
 * sorting, isn't counted by the server.
 */
static const struct rule {
	enum progress_kind kind;
	const char *phase;
	enum progress_unit unit;
	int total, done; /* counters; -1: there is none */
	bool last;
} rules[] = {
	{ PROGRESS_CREATE_INDEX, "waiting for", PROGRESS_SESSIONS,
		PROGRESS_LOCKERS_TOTAL, PROGRESS_LOCKERS_DONE, false },
	{ PROGRESS_CREATE_INDEX, "building index: scanning table", PROGRESS_BLOCKS,
		PROGRESS_BLOCKS_TOTAL, PROGRESS_BLOCKS_DONE, false },
	{ PROGRESS_CREATE_INDEX, "building index: loading tuples", PROGRESS_TUPLES,
		PROGRESS_TUPLES_TOTAL, PROGRESS_TUPLES_DONE, true },
	{ PROGRESS_CREATE_INDEX, "index validation: scanning", PROGRESS_BLOCKS,
		PROGRESS_BLOCKS_TOTAL, PROGRESS_BLOCKS_DONE, false },
	{ PROGRESS_VACUUM, "scanning heap", PROGRESS_BLOCKS, PROGRESS_BLOCKS_TOTAL,
		PROGRESS_BLOCKS_DONE, false },
	{ PROGRESS_VACUUM, "vacuuming indexes", PROGRESS_INDEXES, PROGRESS_PARTS_TOTAL,
		PROGRESS_PARTS_DONE, false },
	{ PROGRESS_VACUUM, "vacuuming heap", PROGRESS_BLOCKS, PROGRESS_BLOCKS_TOTAL,
		PROGRESS_BLOCKS_VACUUMED, false },
	{ PROGRESS_VACUUM, "cleaning up indexes", PROGRESS_INDEXES,
		PROGRESS_PARTS_TOTAL, PROGRESS_PARTS_DONE, false },
	{ PROGRESS_ANALYZE, "acquiring sample rows", PROGRESS_BLOCKS,
		PROGRESS_BLOCKS_TOTAL, PROGRESS_BLOCKS_DONE, false },
	{ PROGRESS_ANALYZE, "acquiring inherited sample rows", PROGRESS_TABLES,
		PROGRESS_PARTS_TOTAL, PROGRESS_PARTS_DONE, false },
	{ PROGRESS_ANALYZE, "computing extended statistics", PROGRESS_STATISTICS,
		PROGRESS_PARTS_TOTAL, PROGRESS_PARTS_DONE, false },
	{ PROGRESS_CLUSTER, "seq scanning heap", PROGRESS_BLOCKS, PROGRESS_BLOCKS_TOTAL,
		PROGRESS_BLOCKS_DONE, false },
	{ PROGRESS_CLUSTER, "index scanning heap", PROGRESS_TUPLES, -1,
		PROGRESS_TUPLES_TOTAL, false },
	{ PROGRESS_CLUSTER, "writing new heap", PROGRESS_TUPLES, PROGRESS_TUPLES_TOTAL,
		PROGRESS_TUPLES_DONE, false },
	{ PROGRESS_CLUSTER, "rebuilding index", PROGRESS_INDEXES, -1, PROGRESS_ROUNDS,
		false },
	{ PROGRESS_COPY, "", PROGRESS_BYTES, PROGRESS_BYTES_TOTAL, PROGRESS_BYTES_DONE,
		true },
	{ PROGRESS_BASE_BACKUP, "streaming database files", PROGRESS_BYTES,
		PROGRESS_BYTES_TOTAL, PROGRESS_BYTES_DONE, false },
};

static int64_t
progress_counter(const struct progress *progress, int counter)
{
	return counter < 0 ? -1 : progress->counters[counter];
}

static void
progress_count(
	struct progress *progress, enum progress_unit unit, int64_t total, int64_t done)
{
	progress->unit = unit;
	progress->done = done;
	/* 0 is what a view says of a total before it is known. */
	progress->total = total > 0 ? total : -1;
	/* Totals of files that still grow are overtaken. */
	if (progress->total >= 0 && progress->total < done)
		progress->total = done;
	if (progress->done < 0)
		progress->unit = PROGRESS_UNKNOWN;
}

/*
 * While a build is in the table's first block the server says that all blocks are done
 * (heapam_scan_get_blocks_done, 13 to 18).  At the true end it goes on to the next
 * phase at once.
 */
static void
progress_doubt_start(struct progress *progress)
{
	if (progress->unit == PROGRESS_BLOCKS && progress->done == progress->total)
		progress->done = 0;
}

/*
 * Access methods other than btree have one phase for all of it: first they read the
 * table's blocks, then those that sort load tuples.
 */
static void
progress_judge_building(struct progress *progress)
{
	const int64_t *counters = progress->counters;

	if (counters[PROGRESS_TUPLES_TOTAL] > 0)
		progress_count(progress, PROGRESS_TUPLES,
			counters[PROGRESS_TUPLES_TOTAL],
			counters[PROGRESS_TUPLES_DONE]);
	else
		progress_count(progress, PROGRESS_BLOCKS,
			counters[PROGRESS_BLOCKS_TOTAL],
			counters[PROGRESS_BLOCKS_DONE]);
	progress_doubt_start(progress);
}

/* Whether the command has more to do after its one index. */
static bool
progress_goes_on(const struct progress *progress)
{
	return progress->kind == PROGRESS_CREATE_INDEX &&
	       (progress->counters[PROGRESS_PARTS_TOTAL] > 0 || !progress->command ||
		       strcmp(progress->command, "CREATE INDEX") != 0);
}

static void
progress_judge(struct progress *progress)
{
	if (!progress->phase)
		return;
	if (progress->kind == PROGRESS_CREATE_INDEX &&
		strcmp(progress->phase, "building index") == 0) {
		progress_judge_building(progress);
		return;
	}
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct rule *rule = &rules[i];

		if (rule->kind != progress->kind ||
			strncmp(progress->phase, rule->phase, strlen(rule->phase)) != 0)
			continue;
		progress_count(progress, rule->unit,
			progress_counter(progress, rule->total),
			progress_counter(progress, rule->done));
		if (strcmp(rule->phase, "building index: scanning table") == 0)
			progress_doubt_start(progress);
		progress->last = rule->last && !progress_goes_on(progress);
		return;
	}
}

/* A worker's report is its leader's. */
static void
progress_find_session(struct progress *progress, const struct session_list *sessions)
{
	const struct session *session = session_find(sessions, progress->pid);

	if (session && session->leader_pid != 0) {
		progress->pid = session->leader_pid;
		session = session_find(sessions, progress->pid);
	}
	progress->session = session;
	progress->backend_start_us = session ? session->backend_start_us : 0;
}

static int
progress_compare(const void *left, const void *right)
{
	const struct progress *a = left, *b = right;

	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	/* Of a leader and its workers the one that is furthest says the most. */
	return (a->done < b->done) - (a->done > b->done);
}

void
progress_list_settle(struct progress_list *list, const struct session_list *sessions)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		progress_find_session(&list->items[i], sessions);
		progress_judge(&list->items[i]);
	}
	if (list->count > 1)
		qsort(list->items, list->count, sizeof(*list->items), progress_compare);
	for (size_t i = 0; i < list->count; i++) {
		if (kept > 0 && list->items[kept - 1].pid == list->items[i].pid)
			progress_free(&list->items[i]);
		else
			list->items[kept++] = list->items[i];
	}
	list->count = kept;
}

const struct progress *
progress_find(const struct progress_list *list, int pid)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].pid == pid)
			return &list->items[i];
	}
	return NULL;
}

int
progress_percent(const struct progress *progress)
{
	if (progress->total <= 0 || progress->done < 0)
		return -1;
	return (int)((double)progress->done / (double)progress->total * 100);
}
