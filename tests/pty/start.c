/*
 * Coming up and leaving, without a server: the options' mistakes, the missing terminal,
 * every size, and a terminal that is put back as it was.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/pty/pty.h"
#include "tests/tap/scratch.h"
#include "tests/tap/tap.h"

/* The console on a server that is not there; $PGRUNBOOK is the one that was built. */
#define NOWHERE                                                                        \
	"\"$PGRUNBOOK\" -c \"$srcdir\"/demo/app/alembic.ini "                          \
	"-d 'host=/nonexistent dbname=nowhere'"

static struct pty *
start_wide(const char *line, int columns)
{
	const char *const argv[] = { "bash", "--norc", "-c", line, NULL };
	return pty_start(24, columns, NULL, argv);
}

static struct pty *
start(const char *line)
{
	return start_wide(line, 80);
}

/* Runs a line to its end; it says this and has that status. */
static void
says(const char *line, const char *text, int expected, const char *what)
{
	struct pty *pty = start_wide(line, 500); /* no message is broken in two */
	int status = -1;
	bool ended = pty_wait_exit(pty, &status, PTY_DEADLINE);

	if (!tap_ok(ended && status == expected && pty_shows(pty, text), "%s", what)) {
		tap_diag("status %d, want %d; want on the screen: %s", status, expected,
			text);
		pty_diag(pty);
	}
	pty_free(pty);
}

static bool
sent(const struct pty *pty, const char *bytes)
{
	size_t length;
	const char *all = pty_bytes(pty, &length);

	return length && memmem(all, length, bytes, strlen(bytes)) != NULL;
}

/* Any of the parameters from 30 up of a sequence that ends in 'm'. */
static bool
sent_colour(const struct pty *pty)
{
	size_t length;
	const char *bytes = pty_bytes(pty, &length), *end = bytes + length;

	while ((bytes = memmem(bytes, (size_t)(end - bytes), "\x1b[", 2))) {
		size_t count = strspn(bytes += 2, "0123456789;");
		if (bytes[count] != 'm')
			continue;
		for (const char *at = bytes; at < bytes + count; at++) {
			if (strtol(at, (char **)&at, 10) >= 30)
				return true;
		}
	}
	return false;
}

static void
test_words(void)
{
	says("\"$PGRUNBOOK\" --help | grep usage", "usage: pgrunbook", 0,
		"--help says how to use it");
	says("\"$PGRUNBOOK\" --help >/dev/null", "", 0, "--help has status 0");
	says("\"$PGRUNBOOK\" --version", "pgrunbook 0.", 0,
		"--version says the version");
	says("\"$PGRUNBOOK\" --nonsense", "--nonsense", 2,
		"an unknown option is named, status 2");
	says("\"$PGRUNBOOK\" --every never", "never", 2,
		"an interval that is none is named, status 2");
	says("\"$PGRUNBOOK\" one two", "\"two\" is one argument too many", 2,
		"so is an argument too many");
	says("\"$PGRUNBOOK\" --version >/dev/full", "", 2,
		"a version that can't be written is an error");
}

static void
test_no_terminal(void)
{
	says(NOWHERE " </dev/null", "needs a terminal", 2,
		"standard input is no terminal: said, status 2");
	says(NOWHERE " >/dev/null", "needs a terminal", 2,
		"neither is standard output: said, status 2");
	says("TERM=nonsense " NOWHERE, "nonsense", 2,
		"a type of terminal that nobody knows is named, status 2");
	says("\"$PGRUNBOOK\" -c /nonexistent/alembic.ini", "/nonexistent/alembic.ini",
		2, "so is a configuration that is not there");
}

static void
test_settings(void)
{
	char *directory = scratch_make();
	char line[600];

	snprintf(line, sizeof(line),
		"printf '[pgrunbook]\\nenviroment = production\\n' >%s/x.ini "
		"&& " NOWHERE " --settings %s/x.ini",
		directory, directory);
	says(line, "x.ini:2", 2, "a misspelt setting is an error with file and line");
	scratch_remove(directory);
}

static void
test_leaving(void)
{
	struct pty *pty =
		start("modes=$(stty -g); " NOWHERE "; s=$?; "
		      "[[ $modes == $(stty -g) ]] && echo same modes; exit $s");
	int status = -1;

	tap_ok(pty_wait(pty, "nowhere", PTY_DEADLINE),
		"the console comes up without a server");
	tap_ok(pty_wait(pty, "/nonexistent", PTY_DEADLINE),
		"it says whom it looks for");
	pty_key(pty, "q");
	tap_ok(pty_wait_exit(pty, &status, PTY_DEADLINE) && status == 0,
		"q leaves it with status 0");
	tap_ok(sent(pty, "\x1b[?1049h") && sent(pty, "\x1b[?1049l"),
		"the screen from before is put back");
	tap_ok(pty_shows(pty, "same modes"), "and so are the terminal's modes");
	tap_ok(pty_bytes_clean(pty), "nothing but text and known sequences was sent");
	pty_free(pty);

	pty = start("exec " NOWHERE);
	tap_ok(pty_wait(pty, "nowhere", PTY_DEADLINE), "it comes up again");
	pty_kill(pty, SIGTERM);
	tap_ok(pty_wait_exit(pty, &status, PTY_DEADLINE), "SIGTERM ends it");
	tap_ok(sent(pty, "\x1b[?1049l"), "and the terminal is put back then, too");
	pty_free(pty);
}

static void
test_sizes(void)
{
	static const int sizes[][2] = { { 1, 1 }, { 2, 200 }, { 200, 2 }, { 3, 17 },
		{ 10, 40 }, { 200, 500 }, { 40, 120 }, { 24, 80 } };
	struct pty *pty = start("exec " NOWHERE);
	int status = -1;

	pty_wait(pty, "nowhere", PTY_DEADLINE);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		size_t before;

		pty_bytes(pty, &before);
		pty_resize(pty, sizes[i][0], sizes[i][1]);
		tap_ok(pty_wait_output(pty, before, PTY_DEADLINE),
			"it draws on %d x %d", sizes[i][1], sizes[i][0]);
	}
	tap_ok(pty_wait(pty, "nowhere", PTY_DEADLINE), "all is there again at 80 x 24");
	pty_key(pty, "?");
	tap_ok(pty_wait(pty, "Leave the console", PTY_DEADLINE), "keys are answered");
	pty_key(pty, "Esc");
	tap_ok(pty_wait_gone(pty, "Leave the console", PTY_DEADLINE), "Esc goes back");
	pty_key(pty, "q");
	tap_ok(pty_wait_exit(pty, &status, PTY_DEADLINE) && status == 0,
		"and q leaves");
	tap_ok(pty_bytes_clean(pty), "clean all the way");
	pty_free(pty);
}

static void
test_drawing(void)
{
	struct pty *pty = start("exec " NOWHERE " --ascii --no-colour");
	size_t length, plain = 0;
	const char *bytes;

	tap_ok(pty_wait(pty, "nowhere", PTY_DEADLINE), "it comes up in ASCII");
	bytes = pty_bytes(pty, &length);
	while (plain < length && !(bytes[plain] & 0x80))
		plain++;
	tap_ok(plain == length && !sent(pty, "\x1b(0"),
		"and sends nothing but ASCII, no line drawing either");
	tap_ok(!sent_colour(pty), "nor any colour");
	pty_free(pty);
}

int
main(void)
{
	test_words();
	test_no_terminal();
	test_settings();
	test_leaving();
	test_sizes();
	test_drawing();
	return tap_done();
}
