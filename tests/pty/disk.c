/*
 * A disk that fills up under the incident log: the destructive step is blocked with the
 * reason, and goes on once there is room.  The disk is a small real one (tmpfs in a
 * mount namespace of the console's own); in a container where that is not allowed, a
 * limit on the size of the console's files stands in for it.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"
#include "tests/pty/console.h"
#include "tests/tap/tap.h"

/*
 * As in the operator's shell, but with the state directory on a disk of 512 kB.  The
 * console's own working directory is there, so that the test reaches it by /proc.
 */
static const char small_disk[] =
	"if [ $EUID = 0 ]; then ns=(unshare -m); else ns=(unshare -rm); fi; "
	"disk=(mount -t tmpfs -o size=512k tmpfs \"$XDG_STATE_HOME\"); "
	"if \"${ns[@]}\" \"${disk[@]}\" 2>/dev/null; then "
	"exec \"${ns[@]}\" bash -c '\"${@:1:7}\" && cd \"$XDG_STATE_HOME\" && "
	"exec \"${@:8}\"' bash \"${disk[@]}\" \"$@\"; fi; "
	"trap '' XFSZ; cd \"$XDG_STATE_HOME\" && exec \"$@\"";

/* Whether it is one, or a limit has to do. */
static bool
is_small_disk(const struct console_test *test)
{
	char *path = alloc_printf("/proc/%d/cwd/.", (int)pty_pid(test->pty));
	struct stat there = { 0 }, here = { 0 };
	bool known = stat(path, &there) == 0 && stat(test->state, &here) == 0;

	free(path);
	return known && there.st_dev != here.st_dev;
}

static void
limit(const struct console_test *test, bool full)
{
	struct rlimit size = { .rlim_cur = full ? 1 : RLIM_INFINITY,
		.rlim_max = RLIM_INFINITY };

	if (prlimit(pty_pid(test->pty), RLIMIT_FSIZE, &size, NULL) != 0)
		abort();
}

static void
fill(const struct console_test *test, bool full)
{
	char *path = alloc_printf("/proc/%d/cwd/filler", (int)pty_pid(test->pty));
	char block[4096] = { 0 };

	if (!is_small_disk(test)) {
		limit(test, full);
		free(path);
		return;
	}
	unlink(path);
	if (full) {
		FILE *file = fopen(path, "w");

		if (file == NULL)
			abort();
		setvbuf(file, NULL, _IONBF, 0);
		while (fwrite(block, sizeof(block), 1, file) == 1)
			;
		fclose(file);
	}
	free(path);
}

static long
log_size(const struct console_test *test)
{
	char *pattern = alloc_printf("/proc/%d/cwd/pgrunbook/incidents/*/log.jsonl",
		(int)pty_pid(test->pty));
	glob_t found;
	struct stat status = { 0 };

	if (glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc == 1)
		stat(found.gl_pathv[0], &status);
	globfree(&found);
	free(pattern);
	return (long)status.st_size;
}

static bool
log_grew(const char *screen, void *user)
{
	(void)screen;
	struct console_test *test = ((void **)user)[0];
	const long *before = ((void **)user)[1];

	return log_size(test) > *before;
}

static void
note(struct console_test *test, int length)
{
	char text[1024];
	long before = log_size(test);
	void *user[] = { test, &before };

	memset(text, 'x', sizeof(text));
	text[length] = '\0';
	pty_send(test->pty, "n");
	pty_wait(test->pty, "note:", PTY_DEADLINE);
	pty_send(test->pty, text);
	pty_key(test->pty, "Enter");
	pty_wait_for(test->pty, log_grew, user, "a note in the log", PTY_DEADLINE);
}

/*
 * The file has its last page already, and what fits there is no new room: notes fill it
 * up until an entry can't fit.
 */
static void
fill_page(struct console_test *test)
{
	enum { PAGE = 4096, ENTRY = 400, SHORT = 10 };
	long before = log_size(test);

	note(test, SHORT);
	long rest = log_size(test) - before - SHORT;
	for (long room; (room = PAGE - log_size(test) % PAGE) > ENTRY;) {
		long length = room - rest - 1;

		note(test, length < 1 ? SHORT : length > 900 ? 900 : (int)length);
	}
}

int
main(void)
{
	struct console_test test = { 0 };

	console_test_start(&test);
	console_must(console_open_under(&test, 40, 120, small_disk),
		"the console runs with its log on a small disk");
	console_must(console_to_downgrade(&test, "0014"),
		"a run stands before its downgrade");

	fill_page(&test);
	fill(&test, true);
	pty_key(test.pty, "Enter");
	console_must(
		pty_wait(test.pty, "the incident log can't be written", PTY_DEADLINE),
		"with the disk full the downgrade is blocked");
	const char *reason =
		is_small_disk(&test) ? "No space left on device" : "File too large";
	console_must(pty_wait(test.pty, reason, PTY_DEADLINE), "with the reason");
	console_must(
		!pty_shows(test.pty, "type billing 0014"), "and no question is open");
	tap_is_text(console_revision(test.primary), "0015", "nothing was run");

	fill(&test, false);
	pty_key(test.pty, "Enter");
	pty_wait(test.pty, "Downgrade billing to 0014?", PTY_DEADLINE);
	fill(&test, true);
	/* The evidence alone is more than a page can have left. */
	console_must(console_answer(
			     &test, "Downgrade billing to 0014?", "billing 0014", true),
		"the disk is full again between question and answer");
	console_must(pty_wait(test.pty, "nothing was started", PTY_DEADLINE),
		"that blocks the step as well");
	tap_is_text(console_revision(test.primary), "0015", "nothing was run");

	fill(&test, false);
	pty_key(test.pty, "Enter");
	console_must(
		console_answer(
			&test, "Downgrade billing to 0014?", "billing 0014", true) &&
			pty_wait(test.pty, "the database is at 0014", PTY_DEADLINE),
		"with room again it runs");
	tap_is_text(console_revision(test.primary), "0014", "the database is at 0014");
	console_must(console_quit(&test), "q leaves with exit status 0");
	console_test_stop(&test);
	return tap_done();
}
