#include "tests/screen/state_progress.h"

#include "pgrunbook/base/alloc.h"
#include "tests/screen/state_json.h"

/* A row of the views: "blocks": [done, total] and the like. */
static void
load_operation(const json_t *item, struct progress *progress)
{
	static const char *const kinds[] = { "create-index", "vacuum", "analyze",
		"cluster", "copy", "base-backup" };
	static const struct {
		const char *name;
		enum progress_counter done;
	} pairs[] = { { "blocks", PROGRESS_BLOCKS_DONE },
		{ "tuples", PROGRESS_TUPLES_DONE }, { "bytes", PROGRESS_BYTES_DONE },
		{ "parts", PROGRESS_PARTS_DONE }, { "lockers", PROGRESS_LOCKERS_DONE },
		{ "memory", PROGRESS_MEMORY_USED } };

	progress->pid = (int)number_of(item, "pid", 0);
	progress->kind = (enum progress_kind)word_of(item, "kind", kinds, 6, 0);
	progress->hidden = flag_of(item, "hidden", false);
	progress->database = copy_of(item, "database");
	progress->relation = copy_of(item, "relation");
	progress->relation_id = copy_of(item, "relation_id");
	progress->part = copy_of(item, "part");
	if (progress->part != NULL)
		progress->part_id = alloc_copy("1");
	progress->elsewhere = flag_of(item, "elsewhere", false);
	progress->command = copy_of(item, "command");
	progress->phase = copy_of(item, "phase");
	progress->block_size = 8192;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const json_t *pair = json_object_get(item, pairs[i].name);

		if (pair == NULL)
			continue;
		progress->counters[pairs[i].done] =
			json_integer_value(json_array_get(pair, 0));
		progress->counters[pairs[i].done - 1] =
			json_integer_value(json_array_get(pair, 1));
	}
	progress->counters[PROGRESS_ROUNDS] = number_of(item, "rounds", -1);
	progress->counters[PROGRESS_LOCKER] = number_of(item, "locker", -1);
	progress->counters[PROGRESS_DELAY_US] = duration_of(item, "delay", -1);
}

void
state_load_progress(const json_t *state, struct snapshot *snapshot)
{
	const json_t *list = json_object_get(state, "progress");
	json_t *item;
	size_t i;

	snapshot->progress.problem = copy_of(state, "progress_problem");
	json_array_foreach(list, i, item)
	{
		load_operation(item, progress_list_add(&snapshot->progress));
	}
	progress_list_settle(&snapshot->progress, &snapshot->sessions);
	json_array_foreach(list, i, item)
	{
		struct progress *progress = &snapshot->progress.items[i];

		progress->rate = (double)number_of(item, "rate", -1);
		progress->rest_us = duration_of(item, "rest", -1);
	}
}
