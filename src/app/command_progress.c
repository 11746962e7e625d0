/* `pgrunbook progress`: the migrations, and how far the server's long operations are.
 */
#include <stdlib.h>

#include "pgrunbook/app/command_look.h"
#include "pgrunbook/app/evidence.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/model/migration.h"

enum { STATEMENT_CELLS = 100 };

/* ", WORDS" behind what stands on the line already; takes the words over. */
static void
add_words(struct str *line, char *words)
{
	if (words != NULL)
		str_printf(line, ", %s", words);
	free(words);
}

static void
say_progress(const struct progress *progress, const char *begin, struct str *out)
{
	int percent = progress_percent(progress);
	struct str line = { 0 };

	str_add(&line, begin);
	add_words(&line, progress_phase_words(progress));
	if (percent >= 0)
		str_printf(&line, ", %d%%", percent);
	add_words(&line, progress_done_words(progress));
	add_words(&line, progress_rate_words(progress));
	add_words(&line, progress_rest_words(progress));
	if (progress->counters[PROGRESS_LOCKER] > 0)
		str_printf(&line, ", waits for %d",
			(int)progress->counters[PROGRESS_LOCKER]);
	look_line(out, 0, str_text(&line));
	str_free(&line);
}

static void
say_operation(const struct progress *progress, struct str *out)
{
	char *what = progress_command_words(progress);
	char *begin = alloc_printf("%d %s", progress->pid, what);

	say_progress(progress, begin, out);
	free(begin);
	free(what);
}

static void
say_migration(const struct migration *migration, int64_t server_now_us, struct str *out)
{
	char *statement =
		migration_statement(migration->session->query, STATEMENT_CELLS);
	char *holder = migration_holder_words(migration, server_now_us);
	struct str line = { 0 };

	str_printf(&line, "MIGRATION %d", migration->session->pid);
	if (*statement != '\0')
		str_printf(&line, " %s", statement);
	add_words(&line, migration_state_words(migration, server_now_us));
	add_words(&line, migration_wait_words(migration));
	if (holder != NULL)
		str_printf(&line, " (%s)", holder);
	add_words(&line, migration_victims_words(migration));
	look_line(out, 0, str_text(&line));
	str_free(&line);
	free(statement);
	free(holder);
	if (migration->progress != NULL) {
		char *what = progress_command_words(migration->progress);
		char *begin = alloc_printf("  %s", what);

		say_progress(migration->progress, begin, out);
		free(begin);
		free(what);
	}
}

static json_t *
json_count(int64_t count)
{
	return count < 0 ? json_null() : json_integer(count);
}

static json_t *
json_age(int64_t microseconds)
{
	return microseconds < 0 ? json_null() : json_real((double)microseconds / 1e6);
}

/* The views' counters by name; those that the view or the version lacks are left out.
 */
static json_t *
json_counters(const struct progress *progress)
{
	static const char *const names[PROGRESS_COUNTER_COUNT] = {
		[PROGRESS_BLOCKS_TOTAL] = "blocks_total",
		[PROGRESS_BLOCKS_DONE] = "blocks_done",
		[PROGRESS_BLOCKS_VACUUMED] = "blocks_vacuumed",
		[PROGRESS_TUPLES_TOTAL] = "rows_total",
		[PROGRESS_TUPLES_DONE] = "rows_done",
		[PROGRESS_BYTES_TOTAL] = "bytes_total",
		[PROGRESS_BYTES_DONE] = "bytes_done",
		[PROGRESS_PARTS_TOTAL] = "parts_total",
		[PROGRESS_PARTS_DONE] = "parts_done",
		[PROGRESS_ROUNDS] = "rounds",
		[PROGRESS_LOCKERS_TOTAL] = "lockers_total",
		[PROGRESS_LOCKERS_DONE] = "lockers_done",
		[PROGRESS_MEMORY_TOTAL] = "memory_total",
		[PROGRESS_MEMORY_USED] = "memory_used",
		[PROGRESS_DELAY_US] = "delay_us",
	};
	json_t *object = json_object();

	for (int i = 0; i < PROGRESS_COUNTER_COUNT; i++) {
		if (names[i] != NULL && progress->counters[i] >= 0)
			json_object_set_new(
				object, names[i], json_integer(progress->counters[i]));
	}
	return object;
}

/* "at-least" where phases follow of which nobody knows how long they take. */
static json_t *
json_rest_is(const struct progress *progress)
{
	if (progress->rest_us < 0)
		return json_null();
	return json_string(progress->last ? "estimated" : "at-least");
}

static json_t *
json_operation(const struct progress *progress)
{
	const char *unit = progress_unit_name(progress->unit);
	int64_t locker = progress->counters[PROGRESS_LOCKER];
	json_t *item = json_object();

	json_object_set_new(item, "pid", json_integer(progress->pid));
	json_object_set_new(
		item, "kind", json_string(progress_kind_name(progress->kind)));
	json_object_set_new(item, "hidden", json_boolean(progress->hidden));
	json_object_set_new(item, "command",
		evidence_text(progress->hidden ? NULL : progress->command));
	json_object_set_new(item, "database", evidence_text(progress->database));
	json_object_set_new(item, "relation", evidence_text(progress->relation));
	json_object_set_new(item, "relation_oid", evidence_text(progress->relation_id));
	json_object_set_new(item, "part", evidence_text(progress->part));
	json_object_set_new(item, "phase", evidence_text(progress->phase));
	json_object_set_new(
		item, "unit", unit == NULL ? json_null() : json_string(unit));
	json_object_set_new(item, "done", json_count(progress->done));
	json_object_set_new(item, "total", json_count(progress->total));
	json_object_set_new(item, "percent", json_count(progress_percent(progress)));
	json_object_set_new(item, "per_second",
		progress->rate < 0 ? json_null() : json_real(progress->rate));
	json_object_set_new(item, "rest_seconds", json_age(progress->rest_us));
	json_object_set_new(item, "rest_is", json_rest_is(progress));
	json_object_set_new(
		item, "waits_for", locker > 0 ? json_integer(locker) : json_null());
	json_object_set_new(item, "counters", json_counters(progress));
	return item;
}

static json_t *
json_wait(const struct lock_wait *wait, int64_t server_now_us)
{
	json_t *item = json_object();

	if (wait == NULL) {
		json_decref(item);
		return json_null();
	}
	json_object_set_new(item, "object", evidence_text(wait->object));
	json_object_set_new(item, "type", evidence_text(wait->kind));
	json_object_set_new(item, "mode", evidence_text(wait->mode));
	json_object_set_new(item, "seconds",
		json_age(wait->since_us == 0 ? -1 : server_now_us - wait->since_us));
	json_object_set_new(item, "at_least", json_boolean(wait->since_at_least));
	return item;
}

static json_t *
json_migration(const struct migration *migration, int64_t server_now_us)
{
	const struct session *session = migration->session;
	const struct lock_row *row = migration->row;
	json_t *item = json_object(), *pids = json_array();

	for (size_t i = 0; row != NULL && i < row->waits_for_count; i++)
		json_array_append_new(pids, json_integer(row->waits_for[i]));
	json_object_set_new(item, "pid", json_integer(session->pid));
	json_object_set_new(
		item, "known_by", json_string(session_mark_name(session->mark)));
	json_object_set_new(
		item, "state", evidence_text(session_state_name(session->state)));
	json_object_set_new(item, "state_seconds",
		json_age(session_age_us(session, server_now_us)));
	json_object_set_new(item, "transaction_seconds",
		json_age(session_transaction_age_us(session, server_now_us)));
	json_object_set_new(item, "query", evidence_text(session->query));
	json_object_set_new(item, "waits",
		json_wait(row == NULL ? NULL : row->wait, server_now_us));
	json_object_set_new(item, "waits_for", pids);
	json_object_set_new(item, "holder",
		migration->holder == NULL ? json_null()
					  : json_integer(migration->holder->pid));
	json_object_set_new(item, "holds_up",
		json_integer(row == NULL ? 0 : (json_int_t)row->held_up));
	json_object_set_new(
		item, "workers", json_integer((json_int_t)migration->workers));
	return item;
}

static json_t *
progress_json(const struct snapshot *snapshot, const struct migration_list *list)
{
	json_t *value = json_object();
	json_t *migrations = json_array(), *operations = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(migrations,
			json_migration(&list->items[i], snapshot->server_now_us));
	for (size_t i = 0; i < snapshot->progress.count; i++)
		json_array_append_new(
			operations, json_operation(&snapshot->progress.items[i]));
	json_object_set_new(value, "migrations", migrations);
	json_object_set_new(value, "operations", operations);
	json_object_set_new(
		value, "problem", evidence_text(snapshot->progress.problem));
	return value;
}

static void
progress_text(const struct snapshot *snapshot, const struct migration_list *list,
	struct str *out)
{
	for (size_t i = 0; i < list->count; i++)
		say_migration(&list->items[i], snapshot->server_now_us, out);
	for (size_t i = 0; i < snapshot->progress.count; i++) {
		const struct progress *progress = &snapshot->progress.items[i];

		if (migration_find(list, progress->pid) == NULL)
			say_operation(progress, out);
	}
	if (snapshot->progress.problem != NULL)
		look_line(out, 0, snapshot->progress.problem);
	else if (list->count == 0 && snapshot->progress.count == 0)
		str_add(out, "no migration, and nothing that the server counts\n");
}

static int
progress_answer(void *kept, struct snapshot *snapshot, json_t **value, struct str *out)
{
	struct migration_list list = { 0 };

	(void)kept;
	migration_list_make(snapshot, &list);
	if (value != NULL)
		*value = progress_json(snapshot, &list);
	else
		progress_text(snapshot, &list, out);
	migration_list_free(&list);
	return snapshot_problem(snapshot, look_progress.tells) != NULL ||
			       snapshot->progress.problem != NULL
		       ? 2
		       : 0;
}

const struct look look_progress = {
	.tells = 1U << SNAPSHOT_OF_SESSIONS,
	.list = "operations",
	.answer = progress_answer,
};
