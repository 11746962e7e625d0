/* The mouse: it selects, scrolls and gives the keys to a pane, and changes nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/pty/console.h"
#include "tests/tap/tap.h"

enum { ROWS = 40, COLUMNS = 160, LEFT = 0, WHEEL_UP = 64, WHEEL_DOWN = 65 };

static void
must_show(struct console_test *test, const char *text)
{
	console_must(pty_wait(test->pty, text, PTY_DEADLINE), text);
}

/* Cells before `end` in the row that begins at `row`; every glyph here has one. */
static int
cells(const char *row, const char *end)
{
	int count = 0;

	for (; row < end; row++)
		count += ((unsigned char)*row & 0xc0) != 0x80;
	return count;
}

/* Where the screen shows the text; rows and columns count from 1. */
static void
find(struct console_test *test, const char *text, int *line, int *column)
{
	char *screen = pty_screen(test->pty), *at = strstr(screen, text), *row = screen;

	console_must(at != NULL, text);
	*line = 1;
	for (char *p = screen; p < at; p++) {
		if (*p == '\n') {
			++*line;
			row = p + 1;
		}
	}
	*column = cells(row, at) + 1;
	free(screen);
}

/* Presses a button, or turns the wheel, where the screen shows the text. */
static void
press(struct console_test *test, int button, const char *text)
{
	char sent[64];
	int line, column;

	find(test, text, &line, &column);
	snprintf(sent, sizeof(sent), "\x1b[<%d;%d;%dM\x1b[<%d;%d;%dm", button, column,
		line, button, column, line);
	pty_send(test->pty, sent);
}

/* The first button in the form of older terminals, byte by byte, as a network may. */
static void
press_old(struct console_test *test, const char *text)
{
	char sent[8];
	int line, column;

	find(test, text, &line, &column);
	snprintf(sent, sizeof(sent), "\x1b[M %c%c", ' ' + column, ' ' + line);
	for (size_t i = 0; sent[i] != '\0'; i++)
		pty_send(test->pty, (char[]){ sent[i], '\0' });
}

/* Whether the row that shows the text has the cursor before it. */
static bool
is_selected(const char *screen, void *user)
{
	const char *const *text = user;
	const char *at = strstr(screen, *text), *row = at, *mark;

	if (at == NULL)
		return false;
	while (row > screen && row[-1] != '\n')
		row--;
	mark = strstr(row, "▸");
	return mark != NULL && mark < at;
}

static bool
selected(struct console_test *test, const char *text)
{
	return pty_wait_for(test->pty, is_selected, &text, text, PTY_DEADLINE);
}

static void
test_panes(struct console_test *test)
{
	press(test, LEFT, "Add refunds");
	tap_ok(selected(test, "Add refunds"), "a click on a row selects it");
	press(test, LEFT, " 2 Sessions");
	pty_send(test->pty, "?");
	tap_ok(pty_wait(test->pty, "Terminate", PTY_DEADLINE),
		"a click on a title gives the pane the keys: its help comes first");
	press(test, LEFT, "Terminate");
	pty_key(test->pty, "Esc");
	pty_wait_gone(test->pty, "Terminate the", PTY_DEADLINE);
	tap_ok(selected(test, "Add refunds"),
		"a click on help chooses nothing below it");
	press(test, WHEEL_DOWN, "Add refunds");
	tap_ok(selected(test, "0009a"),
		"the wheel turns what is under the pointer, three rows a notch");
	press(test, WHEEL_UP, "Add refunds");
	tap_ok(selected(test, "Add refunds"), "and back");
	for (int i = 0; i < 3; i++)
		press(test, WHEEL_DOWN, "0009a");
	tap_ok(selected(test, "0004"), "several notches at once are several");
	press_old(test, "0003");
	tap_ok(selected(test, "0003"), "older terminals have another word for it");
}

/* Where there is room for one pane only. */
static void
test_tabs(struct console_test *test)
{
	pty_resize(test->pty, 24, 80);
	must_show(test, " 3 Loc ");
	press(test, LEFT, "3 Loc");
	tap_ok(pty_wait(test->pty, "3 Locks", PTY_DEADLINE), "a click on a tab");
	press(test, LEFT, "8 Ove ");
	tap_ok(pty_wait(test->pty, "8 Overview", PTY_DEADLINE), "on the last one");
	press(test, LEFT, "1 Rev");
	tap_ok(pty_wait(test->pty, "1 Revisions", PTY_DEADLINE), "and on the first");
	pty_resize(test->pty, ROWS, COLUMNS);
	must_show(test, " 2 Sessions");
}

/* Everywhere on the screen, while a question waits. */
static void
test_question(struct console_test *test)
{
	PGconn *victim = cluster_connect(
		test->cluster, CLUSTER_PRIMARY_PORT, "application_name=victim");
	char *command = alloc_printf("terminate %d", PQbackendPID(victim));
	char *phrase = alloc_printf("billing %d", PQbackendPID(victim));
	char sent[64];

	must_show(test, "victim");
	console_command(test, command);
	must_show(test, phrase);
	pty_breathe(test->pty, 0.4); /* the guard of a question */
	for (int row = 1; row <= ROWS; row++) {
		for (int column = 1; column <= COLUMNS; column += 5) {
			snprintf(sent, sizeof(sent), "\x1b[<0;%d;%dM\x1b[<0;%d;%dm",
				column, row, column, row);
			pty_send(test->pty, sent);
		}
	}
	pty_send(test->pty, "seen");
	tap_ok(pty_wait(test->pty, "seen", PTY_DEADLINE),
		"a question isn't answered by clicks");
	pty_key(test->pty, "Esc");
	pty_wait_gone(test->pty, phrase, PTY_DEADLINE);
	tap_is_text(cluster_ask(victim, "SELECT 1"), "1", "the session lives");
	PQfinish(victim);
	free(command);
	free(phrase);
}

int
main(void)
{
	struct console_test test = { 0 };

	console_test_start(&test);
	console_must(console_open(&test, ROWS, COLUMNS), "the console");
	test_panes(&test);
	test_tabs(&test);
	test_question(&test);
	console_must(console_quit(&test), "the console is left");
	console_test_stop(&test);
	return tap_done();
}
