/* Child processes: what they get, what comes back, and what they leave behind. */
#include "pgrunbook/drive/child.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/str.h"
#include "tests/tap/tap.h"

struct seen {
	struct loop *loop;
	struct child *child;
	struct str output;
	size_t bytes;
	int ends;
	struct child_exit exit;
};

static void
on_output(void *context, const char *bytes, size_t length)
{
	struct seen *seen = context;

	seen->bytes += length;
	if (seen->output.length < 65536)
		str_add_bytes(&seen->output, bytes, length);
}

static void
on_end(void *context, const struct child_exit *exit)
{
	struct seen *seen = context;

	seen->ends++;
	seen->exit = *exit;
	child_free(seen->child);
	seen->child = NULL;
	loop_stop(seen->loop);
}

static bool
seen_start(struct seen *seen, const char *script, const struct strlist *environment)
{
	struct child_handler handler = {
		.output = on_output,
		.ended = on_end,
		.context = seen,
	};
	struct strlist argv = { 0 };
	struct error error = { 0 };

	*seen = (struct seen){ .loop = loop_new() };
	strlist_add(&argv, "bash");
	strlist_add(&argv, "-c");
	strlist_add(&argv, script);
	seen->child =
		child_start(seen->loop, &argv, environment, NULL, &handler, &error);
	strlist_free(&argv);
	error_clear(&error);
	return seen->child != NULL;
}

static void
seen_free(struct seen *seen)
{
	str_free(&seen->output);
	tap_ok(loop_free(seen->loop), "nothing is left in the loop");
}

static void
test_environment(void)
{
	struct strlist environment = { 0 };
	struct seen seen;

	setenv("PGSERVICE", "elsewhere", 1);
	setenv("PGHOST", "ours", 1);
	setenv("PGHOSTADDR", "10.0.0.1", 1);
	strlist_add(&environment, "PGHOST=theirs");
	strlist_add(&environment, "PGSERVICE");
	seen_start(&seen, "echo \"${PGHOST-unset} ${PGSERVICE-unset} $PGHOSTADDR\"",
		&environment);
	loop_run(seen.loop);
	tap_is_text(str_text(&seen.output), "theirs unset 10.0.0.1\n",
		"a value beats ours, and a bare name takes ours away");
	seen_free(&seen);
	strlist_free(&environment);
	unsetenv("PGSERVICE");
	unsetenv("PGHOST");
	unsetenv("PGHOSTADDR");
}

static void
test_inheritance(void)
{
	struct strlist none = { 0 };
	struct seen seen;

	/* What the test itself was given is not in question. */
	for (int fd = 3; fd < 1024; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	/* An open log or database session must not live on in a command. */
	seen_start(&seen, "cd /proc/self/fd && echo [0-9]*; cat", &none);
	loop_run(seen.loop);
	tap_is_text(str_text(&seen.output), "0 1 2 3\n",
		"it has its three descriptors (and the shell's own glob)");
	tap_is_int(seen.exit.status, 0, "and reads nothing from the terminal");
	seen_free(&seen);
}

static void
test_signals(void)
{
	struct strlist none = { 0 };
	struct seen seen;

	seen_start(&seen, "sleep 600 & sleep 600", &none);
	child_signal(seen.child, SIGTERM);
	loop_run(seen.loop);
	tap_ok(seen.exit.signal == SIGTERM && seen.exit.status == -1,
		"a signal reaches the whole group");
	tap_is_int(seen.ends, 1, "and it ends once");
	seen_free(&seen);
	seen_start(&seen, "sleep 3 & echo done", &none);
	loop_run(seen.loop);
	tap_ok(seen.ends == 1 && seen.exit.status == 0,
		"a descendant that keeps the pipe doesn't keep us");
	seen_free(&seen);
	seen_start(&seen, "echo early; sleep 600", &none);
	child_signal(seen.child, SIGKILL);
	child_free(seen.child);
	child_free(NULL);
	seen_free(&seen);
	tap_is_int(seen.ends, 0, "one that was let go of tells nothing more");
}

static void
test_bytes(void)
{
	struct strlist none = { 0 };
	struct seen seen;

	seen_start(&seen, "printf 'a\\0b\\377\\n'; exit 7", &none);
	loop_run(seen.loop);
	tap_ok(seen.output.length == 5 &&
			memcmp(seen.output.bytes, "a\0b\377\n", 5) == 0 &&
			seen.exit.status == 7,
		"every byte comes through, and the exit status");
	seen_free(&seen);
	seen_start(&seen, "head -c 20000000 /dev/zero", &none);
	loop_run(seen.loop);
	tap_is_int((int64_t)seen.bytes, 20000000, "a flood comes whole");
	seen_free(&seen);
}

int
main(void)
{
	test_environment();
	test_inheritance();
	test_signals();
	test_bytes();
	return tap_done();
}
