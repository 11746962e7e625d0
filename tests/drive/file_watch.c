/* Changes of files and directories: each burst is told once, what is missing isn't. */
#include "pgrunbook/drive/file_watch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/file.h"
#include "tests/tap/scratch.h"
#include "tests/tap/tap.h"

/* Only for what fails: the loop waits for events, not for time to pass. */
enum { DEADLINE_US = 20000000 };

struct seen {
	struct loop *loop;
	int changes;
	bool late;
};

static void
on_change(void *context)
{
	((struct seen *)context)->changes++;
}

static void
on_deadline(void *context)
{
	((struct seen *)context)->late = true;
}

/* Turns the loop until there was one change more; false if none comes. */
static bool
wait_change(struct seen *seen)
{
	struct loop_timer *deadline = loop_timer_new(seen->loop, on_deadline, seen);
	int before = seen->changes;

	seen->late = false;
	loop_timer_start(deadline, DEADLINE_US, 0);
	while (seen->changes == before && !seen->late)
		loop_turn(seen->loop, true);
	loop_timer_free(deadline);
	return !seen->late;
}

static void
write_file(const char *folder, const char *name, const char *text)
{
	char *path = file_join(folder, name);
	FILE *file = fopen(path, "w");

	if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
		abort();
	free(path);
}

static void
test_directory(struct seen *seen, const char *folder)
{
	struct strlist paths = { 0 };
	char *from = file_join(folder, "new"), *to = file_join(folder, "a.py");

	strlist_add(&paths, folder);
	struct file_watch *watch = file_watch_new(seen->loop, &paths, on_change, seen);
	for (int i = 0; i < 500; i++) {
		char name[16];

		snprintf(name, sizeof(name), "%d.py", i);
		write_file(folder, name, "x");
	}
	tap_ok(wait_change(seen), "a checkout of 500 files is seen");
	tap_is_int(seen->changes, 1, "once");
	write_file(folder, "a.py", "changed in place");
	tap_ok(wait_change(seen), "so is a file that is written in place");
	write_file(folder, "new", "as editors do it");
	if (rename(from, to) != 0)
		abort();
	tap_ok(wait_change(seen), "and one that is put in another's place");
	file_watch_free(watch);
	strlist_free(&paths);
	free(from);
	free(to);
}

static void
test_missing(struct seen *seen, const char *folder)
{
	struct strlist paths = { 0 };
	char *missing = file_join(folder, "later");

	strlist_add(&paths, missing);
	strlist_add(&paths, folder);
	struct file_watch *watch = file_watch_new(seen->loop, &paths, on_change, seen);
	seen->changes = 0;
	/* What is told comes before this: both looks were made by then. */
	write_file(folder, "b.py", "x");
	wait_change(seen);
	tap_is_int(seen->changes, 1, "that something is missing is no change");
	strlist_free(&paths);
	file_watch_free(watch);
	strlist_add(&paths, missing);
	watch = file_watch_new(seen->loop, &paths, on_change, seen);
	if (mkdir(missing, 0700) != 0)
		abort();
	tap_ok(wait_change(seen), "that it comes is one");
	file_watch_free(watch);
	strlist_free(&paths);
	free(missing);
}

int
main(void)
{
	struct seen seen = { .loop = loop_new() };
	char *folder = scratch_make();

	test_directory(&seen, folder);
	test_missing(&seen, folder);
	scratch_remove(folder);
	tap_ok(loop_free(seen.loop), "nothing is left behind");
	return tap_done();
}
