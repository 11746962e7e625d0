#include "tests/model/lock_scene.h"

#include <stdarg.h>
#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "tests/tap/tap.h"

struct session *
lock_scene_session(struct lock_scene *scene, int pid)
{
	struct session_list *list = &scene->sessions;
	struct session *at;

	list->items = alloc_room(
		list->items, list->count, &list->capacity, sizeof(*list->items));
	at = &list->items[list->count++];
	*at = (struct session){ .pid = pid,
		.backend_start_us = pid,
		.state = SESSION_ACTIVE,
		.backend_type = alloc_copy("client backend") };
	return at;
}

/* `pid` waits since `since` for the pids that follow, up to -1. */
struct lock_wait *
lock_scene_waits(struct lock_scene *scene, int pid, int64_t since, ...)
{
	struct lock_wait_list *list = &scene->waits;
	struct lock_wait *wait;
	size_t room = 0;
	va_list pids;

	list->waits = alloc_room(
		list->waits, list->count, &list->capacity, sizeof(*list->waits));
	wait = &list->waits[list->count++];
	*wait = (struct lock_wait){
		.pid = pid, .since_us = since, .kind = alloc_copy("relation")
	};
	va_start(pids, since);
	for (int at = va_arg(pids, int); at != -1; at = va_arg(pids, int)) {
		wait->blockers = alloc_room(
			wait->blockers, wait->blocker_count, &room, sizeof(int));
		wait->blockers[wait->blocker_count++] = at;
	}
	va_end(pids);
	return wait;
}

void
lock_scene_prepared(struct lock_scene *scene, const char *transaction, int waiter)
{
	struct lock_wait_list *list = &scene->waits;
	struct lock_prepared *at;

	list->prepared = alloc_room(list->prepared, list->prepared_count,
		&list->prepared_capacity, sizeof(*list->prepared));
	at = &list->prepared[list->prepared_count++];
	*at = (struct lock_prepared){ .transaction = alloc_copy(transaction) };
	if (!waiter)
		return;
	at->waiters = alloc_room(
		at->waiters, at->waiter_count, &at->waiter_capacity, sizeof(int));
	at->waiters[at->waiter_count++] = waiter;
}

/* "1 +2; . 2 < 1 +1; . . 3 < 1 2" : depth, pid, whom it waits for, how many it holds.
 */
static void
add_row(const struct lock_row *row, struct str *out)
{
	for (int depth = 0; depth < row->depth; depth++)
		str_add(out, ". ");
	if (row->prepared)
		str_printf(out, "prepared %s", row->prepared->transaction);
	else
		str_printf(out, "%d", row->pid);
	for (size_t i = 0; i < row->waits_for_count; i++)
		str_printf(out, "%s%d", i ? " " : " < ", row->waits_for[i]);
	if (row->held_up)
		str_printf(out, " +%zu", row->held_up);
	if (row->cycle)
		str_add(out, " cycle");
	if (row->last && row->depth > 0)
		str_add(out, " last");
}

void
lock_scene_is(struct lock_scene *scene, const char *want, const char *what)
{
	struct str got = { 0 };

	scene->forest = lock_forest_new(&scene->waits, &scene->sessions);
	for (size_t i = 0; i < lock_forest_rows(scene->forest); i++) {
		const struct lock_row *row = lock_forest_row(scene->forest, i);

		str_add(&got, i ? "; " : "");
		add_row(row, &got);
		if (row->depth > 0 &&
			lock_forest_row(scene->forest, row->parent)->depth + 1 !=
				row->depth)
			str_add(&got, " BAD PARENT");
	}
	tap_is_text(str_text(&got), want, "%s", what);
	str_free(&got);
}

void
lock_scene_end(struct lock_scene *scene)
{
	lock_forest_free(scene->forest);
	session_list_free(&scene->sessions);
	*scene = (struct lock_scene){ 0 };
}

struct session *
lock_scene_worker(struct lock_scene *scene, int pid, int leader)
{
	struct session *at = lock_scene_session(scene, pid);

	free(at->backend_type);
	at->backend_type = alloc_copy("parallel worker");
	at->leader_pid = leader;
	return at;
}

void
lock_scene_hold(struct lock_scene *scene, int pid, const char *transaction,
	const char *mode, const char *object)
{
	struct lock_wait_list *list = &scene->waits;

	list->holds = alloc_room(list->holds, list->hold_count, &list->hold_capacity,
		sizeof(*list->holds));
	list->holds[list->hold_count++] = (struct lock_hold){ .pid = pid,
		.transaction = alloc_copy(transaction),
		.mode = alloc_copy(mode),
		.kind = alloc_copy("relation"),
		.object = alloc_copy(object) };
}
