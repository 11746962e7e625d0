#include "pgrunbook/drive/file_watch.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <uv.h>

#include "pgrunbook/base/alloc.h"

/*
 * An editor writes a file in several steps: it is read after the last of them.  A
 * burst without an end is told now and then.
 */
enum { SETTLE_US = 150000, LONGEST_MS = 2000, LOOK_US = 2000000 };

struct file_watch_path {
	struct file_watch *watch;
	uv_fs_event_t event;
	char *name;
	bool there;
	struct stat last;
};

struct file_watch {
	uv_loop_t *loop;
	struct loop_timer *settle, *look;
	void (*changed)(void *context);
	void *context;
	bool changing; /* a burst of changes goes on */
	uint64_t since_ms;
	struct file_watch_path *paths;
	size_t count;
	size_t open;
};

static void
file_watch_change(struct file_watch *watch)
{
	uint64_t now_ms = uv_now(watch->loop);

	if (!watch->changing)
		watch->since_ms = now_ms;
	if (!watch->changing || now_ms - watch->since_ms < LONGEST_MS)
		loop_timer_start(watch->settle, SETTLE_US, 0);
	watch->changing = true;
}

static void
file_watch_event(uv_fs_event_t *event, const char *name, int events, int status)
{
	struct file_watch_path *path = event->data;

	(void)name, (void)events, (void)status;
	file_watch_change(path->watch);
}

/*
 * The system tells nothing of what is missing, of a directory whose parent was renamed,
 * and of what comes after its limit of watches.  Looks whether it is there and what it
 * is; true if that is news.
 */
static bool
file_watch_look_at(struct file_watch_path *path)
{
	struct stat now = { 0 };
	bool there = stat(path->name, &now) == 0;
	bool same = there == path->there && now.st_ino == path->last.st_ino &&
		    now.st_size == path->last.st_size &&
		    now.st_mtim.tv_sec == path->last.st_mtim.tv_sec &&
		    now.st_mtim.tv_nsec == path->last.st_mtim.tv_nsec;

	path->there = there;
	path->last = now;
	return !same;
}

static void
file_watch_look(void *context)
{
	struct file_watch *watch = context;

	for (size_t i = 0; i < watch->count; i++)
		if (file_watch_look_at(&watch->paths[i]))
			file_watch_change(watch);
}

static void
file_watch_settled(void *context)
{
	struct file_watch *watch = context;

	watch->changing = false;
	for (size_t i = 0; i < watch->count; i++)
		file_watch_look_at(&watch->paths[i]); /* that is told now */
	watch->changed(watch->context);
}

static void
file_watch_add(struct file_watch *watch, struct file_watch_path *path, const char *name)
{
	path->watch = watch;
	path->name = alloc_copy(name);
	path->event.data = path;
	uv_fs_event_init(watch->loop, &path->event);
	uv_fs_event_start(&path->event, file_watch_event, name, 0);
	file_watch_look_at(path);
}

struct file_watch *
file_watch_new(struct loop *loop, const struct strlist *paths,
	void (*changed)(void *context), void *context)
{
	struct file_watch *watch = alloc_zeroed(1, sizeof(*watch));

	watch->loop = loop_uv(loop);
	watch->changed = changed;
	watch->context = context;
	watch->settle = loop_timer_new(loop, file_watch_settled, watch);
	watch->look = loop_timer_new(loop, file_watch_look, watch);
	watch->paths = alloc_zeroed(paths->count, sizeof(*watch->paths));
	watch->count = paths->count;
	for (size_t i = 0; i < paths->count; i++)
		file_watch_add(watch, &watch->paths[i], paths->items[i]);
	loop_timer_start(watch->look, LOOK_US, LOOK_US);
	return watch;
}

static void
file_watch_release(struct file_watch *watch)
{
	for (size_t i = 0; i < watch->count; i++)
		free(watch->paths[i].name);
	free(watch->paths);
	free(watch);
}

static void
file_watch_closed(uv_handle_t *handle)
{
	struct file_watch *watch = ((struct file_watch_path *)handle->data)->watch;

	if (--watch->open == 0)
		file_watch_release(watch);
}

void
file_watch_free(struct file_watch *watch)
{
	if (watch == NULL)
		return;
	loop_timer_free(watch->settle);
	loop_timer_free(watch->look);
	watch->open = watch->count;
	if (watch->count == 0) {
		file_watch_release(watch);
		return;
	}
	/* The last closing releases the paths: count them down on a copy. */
	size_t count = watch->count;
	struct file_watch_path *paths = watch->paths;
	for (size_t i = 0; i < count; i++)
		uv_close((uv_handle_t *)&paths[i].event, file_watch_closed);
}
