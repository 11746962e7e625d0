#include "pgrunbook/drive/file_watch.h"

#include <stdlib.h>
#include <uv.h>

#include "pgrunbook/base/alloc.h"

/* An editor writes a file in several steps: a tree is read after the last of them. */
enum { SETTLE_US = 150000, LOOK_MS = 2000 };

struct file_watch_path {
	struct file_watch *watch;
	uv_fs_event_t event;
	uv_fs_poll_t poll;
	bool polled;
};

struct file_watch {
	struct loop_timer *settle;
	void (*changed)(void *context);
	void *context;
	struct file_watch_path *paths;
	size_t count;
	size_t open;
};

static void
file_watch_event(uv_fs_event_t *event, const char *name, int events, int status)
{
	struct file_watch_path *path = event->data;

	(void)name, (void)events, (void)status;
	loop_timer_start(path->watch->settle, SETTLE_US, 0);
}

static void
file_watch_poll(
	uv_fs_poll_t *poll, int status, const uv_stat_t *before, const uv_stat_t *now)
{
	struct file_watch_path *path = poll->data;

	(void)status, (void)before, (void)now;
	loop_timer_start(path->watch->settle, SETTLE_US, 0);
}

static void
file_watch_settled(void *context)
{
	struct file_watch *watch = context;

	watch->changed(watch->context);
}

struct file_watch *
file_watch_new(struct loop *loop, const struct strlist *paths,
	void (*changed)(void *context), void *context)
{
	struct file_watch *watch = alloc_zeroed(1, sizeof(*watch));

	watch->changed = changed;
	watch->context = context;
	watch->settle = loop_timer_new(loop, file_watch_settled, watch);
	watch->paths = alloc_zeroed(paths->count, sizeof(*watch->paths));
	watch->count = paths->count;
	for (size_t i = 0; i < paths->count; i++) {
		struct file_watch_path *path = &watch->paths[i];

		path->watch = watch;
		path->event.data = path->poll.data = path;
		uv_fs_event_init(loop_uv(loop), &path->event);
		path->polled = uv_fs_event_start(&path->event, file_watch_event,
				       paths->items[i], 0) != 0;
		uv_fs_poll_init(loop_uv(loop), &path->poll);
		if (path->polled)
			uv_fs_poll_start(
				&path->poll, file_watch_poll, paths->items[i], LOOK_MS);
	}
	return watch;
}

static void
file_watch_closed(uv_handle_t *handle)
{
	struct file_watch *watch = ((struct file_watch_path *)handle->data)->watch;

	if (--watch->open != 0)
		return;
	free(watch->paths);
	free(watch);
}

void
file_watch_free(struct file_watch *watch)
{
	if (watch == NULL)
		return;
	loop_timer_free(watch->settle);
	watch->open = 2 * watch->count;
	if (watch->count == 0) {
		free(watch->paths);
		free(watch);
		return;
	}
	/* The last closing frees the paths: count them down on a copy. */
	size_t count = watch->count;
	struct file_watch_path *paths = watch->paths;
	for (size_t i = 0; i < count; i++) {
		uv_close((uv_handle_t *)&paths[i].event, file_watch_closed);
		uv_close((uv_handle_t *)&paths[i].poll, file_watch_closed);
	}
}
