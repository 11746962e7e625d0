/* Says when something changed in a set of directories or files. */
#ifndef PGRUNBOOK_DRIVE_FILE_WATCH_H
#define PGRUNBOOK_DRIVE_FILE_WATCH_H

#include "pgrunbook/base/strlist.h"
#include "pgrunbook/drive/loop.h"

struct file_watch;

/*
 * `changed` comes a moment after the last of a burst of changes, once for all of them.
 * What the system doesn't tell (a missing path that comes, a parent that is renamed,
 * more watches than its limit) is found by a look every two seconds.
 */
struct file_watch *file_watch_new(struct loop *loop, const struct strlist *paths,
	void (*changed)(void *context), void *context);
void file_watch_free(struct file_watch *watch);

#endif
