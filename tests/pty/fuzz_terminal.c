/*
 * The console under keys that mean nothing and a window that never rests: random, from
 * a seed that is printed, and that FUZZ_SEED gives again.  It must go on, send nothing
 * that isn't its own, change nothing, and leave with q.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pgrunbook/base/alloc.h"
#include "tests/pty/console.h"
#include "tests/tap/tap.h"

enum { MOST_ROWS = 200, MOST_COLUMNS = 500 };

struct fuzz {
	struct console_test *test;
	uint64_t state;
	int rows, columns;
};

/* SplitMix64: any state is a good one. */
static uint32_t
below(struct fuzz *fuzz, uint32_t end)
{
	uint64_t z = fuzz->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((z ^ (z >> 31)) >> 32) % end;
}

/* Any character but q, which leaves, and so no command with a q either. */
static void
type_character(struct fuzz *fuzz)
{
	char text[2] = { (char)(' ' + below(fuzz, '~' - ' ' + 1)), '\0' };

	pty_send(fuzz->test->pty, *text == 'q' ? "?" : text);
}

/* Any control character but Control-C, which leaves, and Control-Z, which stops. */
static void
type_control(struct fuzz *fuzz)
{
	char text[2] = { (char)(1 + below(fuzz, 31)), '\0' };

	if (*text != 'C' - '@' && *text != 'Z' - '@')
		pty_send(fuzz->test->pty, text);
}

static void
type_key(struct fuzz *fuzz)
{
	static const char *const keys[] = { "Enter", "Esc", "Tab", "S-Tab", "Backspace",
		"Space", "Up", "Down", "Left", "Right", "PgUp", "PgDn", "Home", "End",
		"Insert", "Delete", "F1", "F5", "Enter", "Tab", "Esc", "\u00e9",
		"\u4f60", "\U0001f600", "\xff", "\xc3", "\x1b[", "\x1b[1;5A",
		"\x1bOq" };

	pty_key(fuzz->test->pty, keys[below(fuzz, sizeof(keys) / sizeof(*keys))]);
}

/* A press, a wheel or a release, on the screen or beside it. */
static void
type_mouse(struct fuzz *fuzz)
{
	static const int buttons[] = { 0, 1, 2, 35, 64, 65 };
	char text[64];

	snprintf(text, sizeof(text), "\x1b[<%d;%u;%u%c",
		buttons[below(fuzz, sizeof(buttons) / sizeof(*buttons))],
		below(fuzz, MOST_COLUMNS + 20), below(fuzz, MOST_ROWS + 20),
		below(fuzz, 2) ? 'M' : 'm');
	pty_send(fuzz->test->pty, text);
}

static void
type_paste(struct fuzz *fuzz)
{
	static const char *const pastes[] = { "yes\nbilling 0015\n", ":upgrade\n",
		"\x1b[201~y", "a long line of text ", "\xe2\x80\xae" };

	pty_paste(
		fuzz->test->pty, pastes[below(fuzz, sizeof(pastes) / sizeof(*pastes))]);
}

static void
type_something(struct fuzz *fuzz)
{
	uint32_t what = below(fuzz, 100);

	if (what < 55)
		type_character(fuzz);
	else if (what < 82)
		type_key(fuzz);
	else if (what < 90)
		type_control(fuzz);
	else if (what < 96)
		type_mouse(fuzz);
	else
		type_paste(fuzz);
}

/* One in eight is as small as can be, one in eight as large. */
static int
side(struct fuzz *fuzz, int most)
{
	switch (below(fuzz, 8)) {
	case 0:
		return 1 + (int)below(fuzz, 3);
	case 1:
		return most - (int)below(fuzz, 2);
	default:
		return 1 + (int)below(fuzz, (uint32_t)most / 3);
	}
}

/* Another size, and until something was drawn for it. */
static bool
resize(struct fuzz *fuzz)
{
	int rows = side(fuzz, MOST_ROWS), columns = side(fuzz, MOST_COLUMNS);
	size_t before;

	if (rows == fuzz->rows && columns == fuzz->columns)
		columns++;
	fuzz->rows = rows;
	fuzz->columns = columns;
	pty_bytes(fuzz->test->pty, &before);
	pty_resize(fuzz->test->pty, rows, columns);
	for (uint32_t keys = below(fuzz, 6); keys > 0; keys--)
		type_something(fuzz);
	return pty_wait_output(fuzz->test->pty, before, PTY_DEADLINE);
}

/* It is back at a size to read at, takes keys, and leaves. */
static void
must_leave(struct fuzz *fuzz, enum bytes_terminal terminal, const char *what)
{
	struct console_test *test = fuzz->test;
	int status = -1;

	pty_resize(test->pty, 40, 120);
	pty_set_blind(test->pty, false);
	for (int i = 0; i < 4; i++)
		pty_key(test->pty, "Esc");
	pty_key(test->pty, "?");
	pty_key(test->pty, "^L");
	console_must(pty_wait(test->pty, "Leave the console", PTY_DEADLINE),
		"keys are answered in the end");
	pty_key(test->pty, "Esc");
	pty_send(test->pty, "q");
	pty_wait_exit(test->pty, &status, PTY_DEADLINE);
	console_must(status == 0, "q leaves with status 0");
	tap_ok(pty_bytes_clean_on(test->pty, terminal),
		"%s: nothing but the console's own was sent", what);
	pty_free(test->pty);
	test->pty = NULL;
}

static bool
is_ascii(const struct pty *pty)
{
	size_t length, at = 0;
	const char *bytes = pty_bytes(pty, &length);

	while (at < length && !(bytes[at] & 0x80))
		at++;
	return at == length;
}

static void
run(struct fuzz *fuzz, const char *environment, enum bytes_terminal terminal, int sizes)
{
	struct console_test *test = fuzz->test;
	char *setup = alloc_printf("export %s; exec \"$@\" --read-only", environment);
	int done = 0;

	console_must(console_open_under(test, 40, 120, setup), environment);
	pty_set_blind(test->pty, true);
	while (done < sizes && resize(fuzz))
		done++;
	tap_is_int(done, sizes, "%s: it draws on every size", environment);
	if (strcmp(environment, "LC_ALL=C") == 0)
		tap_ok(is_ascii(test->pty), "and sends only ASCII");
	must_leave(fuzz, terminal, environment);
	free(setup);
}

/* A query that would like to be on the terminal, and a queue of locks. */
static void
set_scene(struct console_test *test, PGconn **scene)
{
	struct console_block block;

	cluster_run(test->primary, "CREATE DATABASE anything TEMPLATE template0 "
				   "ENCODING 'SQL_ASCII' LOCALE 'C'");
	scene[0] =
		cluster_connect(test->cluster, CLUSTER_PRIMARY_PORT, "dbname=anything");
	cluster_send(scene[0], "SELECT /* \033[2J\033]0;pwned\007\x9b"
			       "31m \xff\xfe \xe2\x80\xae \xf0\x9f\x98\x80 "
			       "\xe4\xbd\xa0\xe5\xa5\xbd */ pg_sleep(600)");
	console_block(test, &block, "payments");
	scene[1] = block.blocker;
	scene[2] = block.waiter;
	scene[3] =
		cluster_connect(test->cluster, CLUSTER_PRIMARY_PORT, "dbname=billing");
	cluster_send(scene[3], "ALTER TABLE payments ADD COLUMN x int");
	cluster_wait_blocked(test->primary, scene[3]);
}

static void
nothing_changed(struct console_test *test, PGconn *const *scene)
{
	char *incident = console_incident(test);
	char sql[160];

	snprintf(sql, sizeof(sql),
		"SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' AND "
		"pid IN (%d, %d, %d, %d)",
		PQbackendPID(scene[0]), PQbackendPID(scene[1]), PQbackendPID(scene[2]),
		PQbackendPID(scene[3]));
	tap_is_text(
		cluster_ask(test->primary, sql), "4", "all sessions are at it still");
	tap_is_text(console_revision(test->primary), "0015", "no revision was run");
	tap_is_text(incident, "", "no incident was opened");
	free(incident);
}

static void
test_dumb(struct console_test *test)
{
	static const char *const argv[] = { "bash", "-c",
		"TERM=dumb \"$PGRUNBOOK\" -d postgres", NULL };
	int status = -1;

	test->pty = pty_start(24, 80, NULL, argv);
	tap_ok(pty_wait_exit(test->pty, &status, PTY_DEADLINE) && status == 2 &&
			pty_shows(test->pty, "can't move its cursor"),
		"TERM=dumb is refused with the reason and status 2");
	tap_ok(pty_bytes_clean(test->pty), "and gets nothing else");
	pty_free(test->pty);
	test->pty = NULL;
}

int
main(void)
{
	const char *given = getenv("FUZZ_SEED");
	struct console_test test = { 0 };
	struct fuzz fuzz = { .test = &test };
	PGconn *scene[4];

	fuzz.state = given == NULL ? (uint64_t)time(NULL) : strtoull(given, NULL, 10);
	tap_diag("FUZZ_SEED=%llu", (unsigned long long)fuzz.state);
	console_test_start(&test);
	set_scene(&test, scene);
	run(&fuzz, "TERM=xterm-256color", BYTES_XTERM, 500);
	run(&fuzz, "TERM=linux", BYTES_LINUX, 50);
	run(&fuzz, "LC_ALL=C", BYTES_XTERM, 50);
	nothing_changed(&test, scene);
	test_dumb(&test);
	for (int i = 0; i < 4; i++)
		PQfinish(scene[i]);
	console_test_stop(&test);
	return tap_done();
}
