/*
 * The terminal, on a pseudo-terminal: a child draws and reads keys, and tells what it
 * saw through a pipe; the parent is the terminal and counts the bytes.
 */
#include "pgrunbook/view/term.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pgrunbook/base/str.h"
#include "tests/tap/tap.h"

enum { WAIT_MS = 10000 };

struct child {
	pid_t pid;
	int master, told, orders;
	struct str screen; /* what came out of it since the last look */
};

/* Tells the parent, and waits until it says to go on. */
static void
tell(int out, int orders, const char *text)
{
	ssize_t got;
	char go;

	dprintf(out, "%s\n", text);
	do {
		got = read(orders, &go, 1);
	} while (got == -1 && errno == EINTR); /* SIGWINCH */
	if (got != 1)
		_exit(3);
}

static void
draw(struct term *term, const char *text)
{
	int rows, columns;

	term_size(term, &rows, &columns);
	struct canvas *canvas = canvas_new(rows, columns, term_ascii(term));
	area_put(canvas_area(canvas), 0, 0, ROLE_ALERT, text);
	area_put(canvas_area(canvas), rows - 1, columns - 1, ROLE_TEXT, "#");
	term_show(term, canvas);
	canvas_free(canvas);
}

/* Keys until "q" or the end of the terminal: tells each at once, as a number. */
static void
read_keys(struct term *term, int out, int orders)
{
	struct key key = { 0 };

	while (key.code != 'q' && !term_gone(term)) {
		struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

		poll(&input, 1, WAIT_MS);
		while (key.code != 'q' && term_key(term, &key))
			dprintf(out, "%x ", (unsigned)key.code);
	}
	tell(out, orders, term_gone(term) ? "gone" : "");
}

static void
child_main(int out, int orders)
{
	struct error error = { 0 };
	struct term *term = term_new(false, true, &error);
	int rows, columns;
	char size[32];

	if (term == NULL) {
		tell(out, orders, error.message);
		error_clear(&error);
		return;
	}
	term_size(term, &rows, &columns);
	snprintf(size, sizeof(size), "%dx%d %s", rows, columns,
		term_ascii(term) ? "ascii" : "utf-8");
	tell(out, orders, size);
	draw(term, "hello");
	tell(out, orders, "drawn");
	draw(term, "hello");
	tell(out, orders, "drawn again");
	draw(term, "hellO");
	tell(out, orders, "one cell");
	read_keys(term, out, orders);
	term_resized(term);
	term_size(term, &rows, &columns);
	snprintf(size, sizeof(size), "%dx%d", rows, columns);
	draw(term, "r\xC3\xA9sum\xC3\xA9");
	tell(out, orders, size);
	term_suspend(term);
	tell(out, orders, "suspended");
	term_resume(term);
	draw(term, "back");
	tell(out, orders, "resumed");
	term_free(term);
	tell(out, orders, "freed");
}

static struct child
start(const char *type, const char *locale, int rows, int columns)
{
	struct winsize size = { .ws_row = (unsigned short)rows,
		.ws_col = (unsigned short)columns };
	int told[2], orders[2];
	struct child child = { 0 };

	if (pipe(told) != 0 || pipe(orders) != 0)
		abort();
	child.pid = forkpty(&child.master, NULL, NULL, &size);
	if (child.pid == 0) {
		setenv("TERM", type, 1);
		setlocale(LC_ALL, locale);
		signal(SIGHUP, SIG_IGN);
		close(told[0]);
		close(orders[1]);
		child_main(told[1], orders[0]);
		exit(0);
	}
	close(told[1]);
	close(orders[0]);
	child.told = told[0];
	child.orders = orders[1];
	return child;
}

static bool
ends_with(const struct str *line, const char *end)
{
	size_t length = strlen(end);

	return line->length >= length &&
	       strcmp(line->bytes + line->length - length, end) == 0;
}

/*
 * What the child tells next: to the end of its line, or to these words.  Its screen is
 * collected meanwhile.
 */
static char *
told_to(struct child *child, const char *words)
{
	struct str line = { 0 };

	str_clear(&child->screen);
	while (!words || !ends_with(&line, words)) {
		/* poll passes over a master of -1 */
		struct pollfd ends[] = { { .fd = child->told, .events = POLLIN },
			{ .fd = child->master, .events = POLLIN } };
		char bytes[4096];

		if (poll(ends, 2, WAIT_MS) <= 0)
			break;
		if (ends[1].revents & POLLIN) {
			ssize_t got = read(child->master, bytes, sizeof(bytes));
			if (got > 0) {
				str_add_bytes(&child->screen, bytes, (size_t)got);
				continue;
			}
		}
		if (read(child->told, bytes, 1) != 1 || bytes[0] == '\n')
			break;
		str_add_char(&line, bytes[0]);
	}
	return str_take(&line);
}

static char *
told(struct child *child)
{
	return told_to(child, NULL);
}

static void
go_on(struct child *child)
{
	if (write(child->orders, "g", 1) != 1)
		tap_diag("the child is gone");
}

static void
tells(struct child *child, const char *want, const char *what)
{
	char *got = told(child);

	tap_is_text(got, want, "%s", what);
	free(got);
}

static bool
shows(const struct child *child, const char *text)
{
	return strstr(str_text(&child->screen), text) != NULL;
}

static int
end(struct child *child)
{
	int status = 0;

	close(child->orders);
	waitpid(child->pid, &status, 0);
	close(child->told);
	if (child->master >= 0)
		close(child->master);
	str_free(&child->screen);
	return status;
}

static void
type(const struct child *child, const char *bytes)
{
	if (write(child->master, bytes, strlen(bytes)) < 0)
		tap_diag("the terminal is gone");
}

static void
test_drawing(struct child *child)
{
	tells(child, "24x80 utf-8", "size and locale are known");
	tap_ok(shows(child, "\033[?1049h"), "on the alternate screen");
	tap_ok(shows(child, "\033[?2004h"), "with pastes in brackets");
	go_on(child);
	tells(child, "drawn", "a canvas is shown");
	tap_ok(shows(child, "hello"), "as it is");
	go_on(child);
	tells(child, "drawn again", "the same canvas");
	tap_is_int((int64_t)child->screen.length, 0, "sends nothing");
	go_on(child);
	tells(child, "one cell", "another cell");
	tap_ok(child->screen.length < 40, "sends little (%zu bytes)",
		child->screen.length);
}

static void
test_keys(struct child *child)
{
	type(child, "a\r\t\003\032\010\177");
	type(child, "\033OA\033[B\033[5~\033[Z\033[3~");
	type(child, "\033[1;5A\033[38;5;7X\033[200~x\033[201~");
	type(child, "\xC3\xA9\xF0\x9F\x9A\x80");
	type(child, "\xC3x\xE9\033[A\xFF\xA9y\xE4\xBD\177");
	type(child, "\033z");
	type(child, "\033[1;\033\033[200~x\033\033[201~\033O\033[A");
	type(child, "\033[M !!\033");
	go_on(child);
	/* The Esc must be seen to stand alone before a key follows. */
	char *keys = told_to(child, "110010 20 21 21 1b ");
	type(child, "q");
	tells(child, "71 ", "Esc alone");
	tap_ok(strncmp(keys, "61 a 9 3 1a 7f 7f ", 18) == 0, "plain keys: %s", keys);
	tap_ok(strstr(keys, "110000 110001 110004 110009 110008 ") != NULL,
		"keys that terminfo knows");
	tap_ok(strstr(keys, "110008 110010 110010 11000b 78 11000c ") != NULL,
		"sequences that it doesn't know are one key; a paste is bracketed");
	tap_ok(strstr(keys, "e9 1f680 ") != NULL, "UTF-8");
	tap_ok(strstr(keys, " 110010 78 110010 110000 110010 110010 79 110010 7f ") !=
			NULL,
		"what is none swallows no key");
	tap_ok(strstr(keys, "1b 7a ") != NULL, "Esc and a key at once are both");
	tap_ok(strstr(keys, "110010 1b 11000b 78 1b 11000c 110010 110000 ") != NULL,
		"a sequence that breaks off swallows neither Esc nor a paste's mark");
	free(keys);
}

/* No key with a modifier, or of another terminal, is taken for the mark of a paste. */
static void
test_modified(const char *name)
{
	struct child child = start(name, "C.UTF-8", 24, 80);
	struct str all = { 0 };

	for (int modifier = 2; modifier <= 8; modifier++) {
		for (const char *last = "ABCDEFHPQRSZ"; *last; last++)
			str_printf(&all, "\033[1;%d%c", modifier, *last);
		for (int key = 1; key < 30; key++)
			str_printf(&all, "\033[%d;%d~", key, modifier);
	}
	for (const char *last = "ABCDEFGHPQRSZ"; *last; last++)
		str_printf(&all, "\033[%c\033O%c\033[[%c", *last, *last, *last);
	str_add_char(&all, 'q');
	for (int i = 0; i < 4; i++) {
		free(told(&child));
		go_on(&child);
	}
	type(&child, str_text(&all));
	char *keys = told(&child);
	tap_ok(strstr(keys, " 71 ") != NULL && strstr(keys, "11000b") == NULL &&
			strstr(keys, "11000c") == NULL,
		"TERM=%s: no other key begins or ends a paste", name);
	free(keys);
	str_free(&all);
	end(&child);
}

static void
test_end(struct child *child)
{
	struct winsize size = { .ws_row = 3, .ws_col = 7 };

	ioctl(child->master, TIOCSWINSZ, &size);
	go_on(child);
	tells(child, "3x7", "a new size");
	tap_ok(shows(child, "r\xC3\xA9sum\xC3\xA9"), "is drawn in");
	go_on(child);
	tells(child, "suspended", "the terminal is given back");
	tap_ok(shows(child, "\033[?1049l") && shows(child, "\033[?2004l"), "as it was");
	go_on(child);
	tells(child, "resumed", "and taken again");
	tap_ok(shows(child, "back") && shows(child, "\033[?2004h"), "and drawn");
	go_on(child);
	tells(child, "freed", "it ends");
	tap_ok(shows(child, "\033[?1049l") && shows(child, "\033[?2004l"),
		"with the terminal as it was");
	go_on(child);
	tap_is_int(end(child), 0, "and in order");
}

static void
test_refused(const char *name, const char *want)
{
	struct child child = start(name, "C.UTF-8", 24, 80);
	char *message = told(&child);

	tap_ok(strstr(message, want) != NULL, "TERM=%s: %s", name, message);
	tap_ok(!shows(&child, "\033"), "and nothing is drawn there");
	free(message);
	go_on(&child);
	end(&child);
}

static void
test_hang_up(void)
{
	struct child child = start("xterm-256color", "C", 1, 1);

	tells(&child, "1x1 ascii", "the smallest terminal, in the C locale");
	for (int i = 0; i < 4; i++) {
		go_on(&child);
		if (i < 3)
			free(told(&child));
	}
	close(child.master);
	child.master = -1;
	tells(&child, "gone", "a terminal that hangs up is noticed");
	kill(child.pid, SIGKILL);
	end(&child);
}

int
main(void)
{
	struct error error = { 0 };
	int null = open("/dev/null", O_RDWR);
	int in = dup(STDIN_FILENO);

	dup2(null, STDIN_FILENO);
	tap_ok(term_new(false, true, &error) == NULL && error.message != NULL,
		"no terminal is an error");
	error_clear(&error);
	dup2(in, STDIN_FILENO);
	unsetenv("NO_COLOR");

	struct child child = start("xterm-256color", "C.UTF-8", 24, 80);
	test_drawing(&child);
	test_keys(&child);
	test_end(&child);
	test_refused("dumb", "can't move its cursor");
	test_refused("no-such-terminal", "is not known");
	test_refused("", "TERM is not set");
	test_modified("xterm-256color");
	test_modified("linux");
	test_modified("screen");
	test_hang_up();
	return tap_done();
}
