/* Rows of the progress views as values. */
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "src/drive/pg_watch_parts.h"

enum { COUNTERS = 10 };

/* The views, with the counters that their queries give, in that order, up to
 * PROGRESS_COUNTER_COUNT. */
static const struct watch_view {
	const char *name; /* of pg_stat_get_progress_info */
	enum pg_query_id id;
	enum progress_kind kind;
	enum progress_counter counters[COUNTERS];
} watch_views[] = {
	{ "CREATE INDEX", PG_QUERY_PROGRESS_INDEX, PROGRESS_CREATE_INDEX,
		{ PROGRESS_BLOCKS_TOTAL, PROGRESS_BLOCKS_DONE, PROGRESS_TUPLES_TOTAL,
			PROGRESS_TUPLES_DONE, PROGRESS_PARTS_TOTAL, PROGRESS_PARTS_DONE,
			PROGRESS_LOCKERS_TOTAL, PROGRESS_LOCKERS_DONE, PROGRESS_LOCKER,
			PROGRESS_COUNTER_COUNT } },
	{ "VACUUM", PG_QUERY_PROGRESS_VACUUM, PROGRESS_VACUUM,
		{ PROGRESS_BLOCKS_TOTAL, PROGRESS_BLOCKS_DONE, PROGRESS_BLOCKS_VACUUMED,
			PROGRESS_ROUNDS, PROGRESS_MEMORY_TOTAL, PROGRESS_MEMORY_USED,
			PROGRESS_PARTS_TOTAL, PROGRESS_PARTS_DONE, PROGRESS_DELAY_US,
			PROGRESS_COUNTER_COUNT } },
	{ "ANALYZE", PG_QUERY_PROGRESS_ANALYZE, PROGRESS_ANALYZE,
		{ PROGRESS_BLOCKS_TOTAL, PROGRESS_BLOCKS_DONE, PROGRESS_PARTS_TOTAL,
			PROGRESS_PARTS_DONE, PROGRESS_DELAY_US,
			PROGRESS_COUNTER_COUNT } },
	{ "CLUSTER", PG_QUERY_PROGRESS_CLUSTER, PROGRESS_CLUSTER,
		{ PROGRESS_BLOCKS_TOTAL, PROGRESS_BLOCKS_DONE, PROGRESS_TUPLES_TOTAL,
			PROGRESS_TUPLES_DONE, PROGRESS_ROUNDS,
			PROGRESS_COUNTER_COUNT } },
	{ "COPY", PG_QUERY_PROGRESS_COPY, PROGRESS_COPY,
		{ PROGRESS_BYTES_TOTAL, PROGRESS_BYTES_DONE, PROGRESS_TUPLES_DONE,
			PROGRESS_COUNTER_COUNT } },
	{ "BASEBACKUP", PG_QUERY_PROGRESS_BACKUP, PROGRESS_BASE_BACKUP,
		{ PROGRESS_BYTES_TOTAL, PROGRESS_BYTES_DONE, PROGRESS_PARTS_TOTAL,
			PROGRESS_PARTS_DONE, PROGRESS_COUNTER_COUNT } },
};

enum { VIEWS = sizeof(watch_views) / sizeof(watch_views[0]) };

static void
watch_read_operation(const struct pg_result *result, int row,
	const struct watch_view *view, struct progress *progress)
{
	int columns = pg_result_columns(result);

	progress->pid = (int)pg_result_int(result, row, PG_PROGRESS_PID, 0);
	progress->kind = view->kind;
	progress->database =
		alloc_copy(pg_result_text(result, row, PG_PROGRESS_DATABASE));
	progress->elsewhere = pg_result_text(result, row, PG_PROGRESS_HERE) &&
			      !pg_result_bool(result, row, PG_PROGRESS_HERE);
	progress->relation_id =
		alloc_copy(pg_result_text(result, row, PG_PROGRESS_RELATION));
	progress->relation =
		alloc_copy(pg_result_text(result, row, PG_PROGRESS_RELATION_NAME));
	progress->part_id = alloc_copy(pg_result_text(result, row, PG_PROGRESS_PART));
	progress->part = alloc_copy(pg_result_text(result, row, PG_PROGRESS_PART_NAME));
	progress->command =
		alloc_copy(pg_result_text(result, row, PG_PROGRESS_COMMAND));
	progress->phase = alloc_copy(pg_result_text(result, row, PG_PROGRESS_PHASE));
	progress->hidden = !progress->phase;
	progress->block_size = pg_result_int(result, row, PG_PROGRESS_BLOCK_SIZE, 8192);
	/* Older versions have fewer. */
	for (int i = 0; view->counters[i] != PROGRESS_COUNTER_COUNT &&
			PG_PROGRESS_COUNTERS + i < columns;
		i++)
		progress->counters[view->counters[i]] =
			pg_result_int(result, row, PG_PROGRESS_COUNTERS + i, -1);
}

void
watch_read_progressing(struct pg_watch *watch, const struct pg_result *result)
{
	for (int row = 0; row < pg_result_rows(result); row++) {
		for (size_t i = 0; i < VIEWS; i++) {
			if (strcmp(watch_views[i].name,
				    pg_result_text(result, row, 0)) == 0)
				watch->poll.progressing |= 1U << i;
		}
	}
}

void
watch_add_progress(struct pg_watch *watch)
{
	for (size_t i = 0; i < VIEWS; i++) {
		if (watch->poll.progressing & 1U << i)
			watch_add(watch, watch_views[i].id, NULL);
	}
}

bool
watch_read_progress(
	struct pg_watch *watch, enum pg_query_id id, const struct pg_result *result)
{
	struct progress_list *list = &watch->poll.snapshot->progress;

	for (size_t i = 0; i < VIEWS; i++) {
		if (watch_views[i].id != id)
			continue;
		for (int row = 0; row < pg_result_rows(result); row++)
			watch_read_operation(
				result, row, &watch_views[i], progress_list_add(list));
		return true;
	}
	return false;
}
