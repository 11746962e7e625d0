#include "tests/pty/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <vterm.h>

#include "tests/pty/bytes.h"
#include "tests/tap/tap.h"

struct buffer {
	char *bytes;
	size_t length, capacity;
};

struct pty {
	/*
	 * Stays open until the program is reaped: a program may close its side before
	 * it exits, and would get SIGHUP.
	 */
	int master;
	bool hung_up; /* nobody had the other side open when we last looked */
	pid_t pid;
	bool reaped;
	int status; /* of waitpid, once reaped */
	int rows, columns;
	VTerm *vterm;
	VTermScreen *screen;
	bool blind;
	struct buffer received; /* everything */
	struct buffer unsent;	/* keys that the terminal has not taken yet */
};

static void
pty_fail(const char *what)
{
	fprintf(stderr, "pty: %s: %s\n", what, strerror(errno));
	abort();
}

/* A NUL follows what is there. */
static void
buffer_add(struct buffer *buffer, const char *bytes, size_t length)
{
	if (!buffer->bytes || buffer->length + length >= buffer->capacity) {
		buffer->capacity = 2 * (buffer->length + length) + 1;
		buffer->bytes = realloc(buffer->bytes, buffer->capacity);
		if (!buffer->bytes)
			pty_fail("realloc");
	}
	memcpy(buffer->bytes + buffer->length, bytes, length);
	buffer->length += length;
	buffer->bytes[buffer->length] = '\0';
}

static double
clock_seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* libvterm types a key or answers a question of the program's. */
static void
pty_typed(const char *bytes, size_t length, void *user)
{
	struct pty *pty = user;
	buffer_add(&pty->unsent, bytes, length);
}

static void
pty_run_child(pid_t parent, const char *const changes[], const char *const argv[])
{
	/* The kernel ends it with the test, even if that is killed. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(126);
	for (size_t i = 0; changes && changes[i]; i++) {
		if (strchr(changes[i], '='))
			putenv((char *)changes[i]);
		else
			unsetenv(changes[i]);
	}
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], (char *const *)argv);
	fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static void
pty_make_screen(struct pty *pty)
{
	pty->vterm = vterm_new(pty->rows, pty->columns);
	vterm_set_utf8(pty->vterm, 1);
	vterm_output_set_callback(pty->vterm, pty_typed, pty);
	pty->screen = vterm_obtain_screen(pty->vterm);
	vterm_screen_enable_altscreen(pty->screen, 1);
	vterm_screen_reset(pty->screen, 1);
}

struct pty *
pty_start(int rows, int columns, const char *const changes[], const char *const argv[])
{
	struct winsize size = { .ws_row = (unsigned short)rows,
		.ws_col = (unsigned short)columns };
	struct pty *pty = calloc(1, sizeof(*pty));
	pid_t parent = getpid();

	if (!pty)
		pty_fail("calloc");
	pty->rows = rows;
	pty->columns = columns;
	pty_make_screen(pty);
	fflush(NULL);
	pty->pid = forkpty(&pty->master, NULL, NULL, &size);
	if (pty->pid < 0)
		pty_fail("forkpty");
	if (pty->pid == 0)
		pty_run_child(parent, changes, argv);
	if (fcntl(pty->master, F_SETFL, O_NONBLOCK) < 0 ||
		fcntl(pty->master, F_SETFD, FD_CLOEXEC) < 0)
		pty_fail("fcntl");
	return pty;
}

static void
pty_read(struct pty *pty)
{
	char bytes[65536];
	ssize_t count = read(pty->master, bytes, sizeof(bytes));

	pty->hung_up = count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR);
	if (count > 0) {
		buffer_add(&pty->received, bytes, (size_t)count);
		if (!pty->blind)
			vterm_input_write(pty->vterm, bytes, (size_t)count);
	}
}

static void
pty_write(struct pty *pty)
{
	ssize_t count = write(pty->master, pty->unsent.bytes, pty->unsent.length);

	if (count > 0) {
		pty->unsent.length -= (size_t)count;
		memmove(pty->unsent.bytes, pty->unsent.bytes + count,
			pty->unsent.length);
	} else if (errno != EAGAIN && errno != EINTR) {
		pty->unsent.length = 0;
	}
}

/* Takes what the program says and gives it what is typed, until `end` at the latest. */
static void
pty_step(struct pty *pty, double end)
{
	double left = end - clock_seconds();
	int wait = left > 0 ? (int)(left * 1000) + 1 : 0;
	struct pollfd poll_for = { .fd = pty->master, .events = POLLIN };

	if (pty->hung_up) {
		/* Nothing tells of the program's end, or that it has come back. */
		poll(NULL, 0, wait < 10 ? wait : 10);
		pty_read(pty);
		return;
	}
	if (pty->unsent.length)
		poll_for.events |= POLLOUT;
	if (poll(&poll_for, 1, wait) <= 0)
		return;
	if (poll_for.revents & POLLOUT)
		pty_write(pty);
	if (poll_for.revents & (POLLIN | POLLHUP | POLLERR))
		pty_read(pty);
}

static bool
pty_reap(struct pty *pty)
{
	if (!pty->reaped && waitpid(pty->pid, &pty->status, WNOHANG) == pty->pid)
		pty->reaped = true;
	return pty->reaped;
}

void
pty_free(struct pty *pty)
{
	if (!pty)
		return;
	if (!pty_reap(pty)) {
		kill(pty->pid, SIGKILL);
		while (waitpid(pty->pid, &pty->status, 0) < 0 && errno == EINTR)
			;
	}
	close(pty->master);
	vterm_free(pty->vterm);
	free(pty->received.bytes);
	free(pty->unsent.bytes);
	free(pty);
}

pid_t
pty_pid(const struct pty *pty)
{
	return pty->pid;
}

void
pty_kill(struct pty *pty, int signal)
{
	if (!pty_reap(pty))
		kill(pty->pid, signal);
}

void
pty_send(struct pty *pty, const char *text)
{
	buffer_add(&pty->unsent, text, strlen(text));
	pty_step(pty, 0);
}

static const struct {
	const char *name;
	VTermKey key;
	VTermModifier modifier;
} pty_keys[] = {
	{ "Enter", VTERM_KEY_ENTER, VTERM_MOD_NONE },
	{ "Esc", VTERM_KEY_ESCAPE, VTERM_MOD_NONE },
	{ "Tab", VTERM_KEY_TAB, VTERM_MOD_NONE },
	{ "S-Tab", VTERM_KEY_TAB, VTERM_MOD_SHIFT },
	{ "Backspace", VTERM_KEY_BACKSPACE, VTERM_MOD_NONE },
	{ "Up", VTERM_KEY_UP, VTERM_MOD_NONE },
	{ "Down", VTERM_KEY_DOWN, VTERM_MOD_NONE },
	{ "Left", VTERM_KEY_LEFT, VTERM_MOD_NONE },
	{ "Right", VTERM_KEY_RIGHT, VTERM_MOD_NONE },
	{ "PgUp", VTERM_KEY_PAGEUP, VTERM_MOD_NONE },
	{ "PgDn", VTERM_KEY_PAGEDOWN, VTERM_MOD_NONE },
	{ "Home", VTERM_KEY_HOME, VTERM_MOD_NONE },
	{ "End", VTERM_KEY_END, VTERM_MOD_NONE },
	{ "Insert", VTERM_KEY_INS, VTERM_MOD_NONE },
	{ "Delete", VTERM_KEY_DEL, VTERM_MOD_NONE },
};

void
pty_key(struct pty *pty, const char *name)
{
	for (size_t i = 0; i < sizeof(pty_keys) / sizeof(*pty_keys); i++) {
		if (strcmp(pty_keys[i].name, name) != 0)
			continue;
		vterm_keyboard_key(pty->vterm, pty_keys[i].key, pty_keys[i].modifier);
		pty_step(pty, 0);
		return;
	}
	if (name[0] == 'F' && name[1] >= '1' && name[1] <= '9') {
		VTermKey key = (VTermKey)VTERM_KEY_FUNCTION(strtol(name + 1, NULL, 10));
		vterm_keyboard_key(pty->vterm, key, VTERM_MOD_NONE);
		pty_step(pty, 0);
	} else if (name[0] == '^' && name[1] >= '@' && name[1] <= '_') {
		pty_send(pty, (char[]){ (char)(name[1] & 0x1f), '\0' });
	} else {
		pty_send(pty, strcmp(name, "Space") == 0 ? " " : name);
	}
}

void
pty_paste(struct pty *pty, const char *text)
{
	vterm_keyboard_start_paste(pty->vterm);
	buffer_add(&pty->unsent, text, strlen(text));
	vterm_keyboard_end_paste(pty->vterm);
	pty_step(pty, 0);
}

void
pty_resize(struct pty *pty, int rows, int columns)
{
	struct winsize size = { .ws_row = (unsigned short)rows,
		.ws_col = (unsigned short)columns };

	pty->rows = rows;
	pty->columns = columns;
	if (!pty->blind)
		vterm_set_size(pty->vterm, rows, columns);
	if (ioctl(pty->master, TIOCSWINSZ, &size) < 0)
		pty_fail("TIOCSWINSZ");
}

void
pty_set_blind(struct pty *pty, bool blind)
{
	if (pty->blind && !blind) {
		vterm_free(pty->vterm);
		pty_make_screen(pty);
	}
	pty->blind = blind;
}

static size_t
utf8_put(char *to, uint32_t c)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (char)(0xe0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 0x3f));
		to[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | c >> 18);
	to[1] = (char)(0x80 | (c >> 12 & 0x3f));
	to[2] = (char)(0x80 | (c >> 6 & 0x3f));
	to[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static void
pty_add_row(struct pty *pty, int row, struct buffer *text)
{
	size_t end = text->length; /* after the last that is not blank */
	VTermScreenCell cell;

	for (int column = 0; column < pty->columns; column += cell.width) {
		char bytes[4 * VTERM_MAX_CHARS_PER_CELL];
		size_t length = 0;

		if (!vterm_screen_get_cell(
			    pty->screen, (VTermPos){ row, column }, &cell))
			break;
		for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
			length += utf8_put(bytes + length, cell.chars[i]);
		if (!length)
			bytes[length++] = ' ';
		buffer_add(text, bytes, length);
		if (length > 1 || bytes[0] != ' ')
			end = text->length;
		if (cell.width < 1)
			cell.width = 1;
	}
	text->length = end;
	buffer_add(text, "\n", 1);
}

char *
pty_screen(struct pty *pty)
{
	struct buffer text = { 0 };

	for (int row = 0; row < pty->rows; row++)
		pty_add_row(pty, row, &text);
	return text.bytes;
}

bool
pty_shows(struct pty *pty, const char *text)
{
	char *screen = pty_screen(pty);
	bool shows = strstr(screen, text) != NULL;

	free(screen);
	return shows;
}

char *
pty_row_with(struct pty *pty, const char *text)
{
	char *screen = pty_screen(pty);
	char *row = screen, *copy = NULL;

	while (!copy && *row) {
		char *end = strchr(row, '\n');
		*end = '\0';
		if (strstr(row, text) && !(copy = strdup(row)))
			pty_fail("strdup");
		row = end + 1;
	}
	free(screen);
	return copy;
}

void
pty_diag(struct pty *pty)
{
	char *screen = pty_screen(pty);

	tap_diag("the screen, %d x %d%s:\n%s", pty->columns, pty->rows,
		pty_reap(pty) ? ", of a program that has ended" : "", screen);
	free(screen);
}

bool
pty_wait_for(struct pty *pty, bool (*check)(const char *screen, void *user), void *user,
	const char *what, double seconds)
{
	double end = clock_seconds() + seconds;
	size_t seen = 0;
	bool first = true;

	for (;;) {
		/* Most steps bring nothing new: look only when one did. */
		if (first || seen != pty->received.length) {
			char *screen = pty_screen(pty);
			bool yes = check(screen, user);
			free(screen);
			if (yes)
				return true;
			first = false;
			seen = pty->received.length;
		}
		if (clock_seconds() >= end || (pty->hung_up && pty_reap(pty)))
			break;
		pty_step(pty, end);
	}
	tap_diag("%.1f s in vain for: %s", seconds - (end - clock_seconds()), what);
	pty_diag(pty);
	return false;
}

static bool
screen_has(const char *screen, void *user)
{
	return strstr(screen, user) != NULL;
}

static bool
screen_has_not(const char *screen, void *user)
{
	return strstr(screen, user) == NULL;
}

bool
pty_wait(struct pty *pty, const char *text, double seconds)
{
	return pty_wait_for(pty, screen_has, (void *)text, text, seconds);
}

bool
pty_wait_gone(struct pty *pty, const char *text, double seconds)
{
	char what[200];

	snprintf(what, sizeof(what), "the end of '%s'", text);
	return pty_wait_for(pty, screen_has_not, (void *)text, what, seconds);
}

bool
pty_wait_output(struct pty *pty, size_t beyond, double seconds)
{
	double end = clock_seconds() + seconds;

	while (pty->received.length <= beyond) {
		if (clock_seconds() >= end || (pty->hung_up && pty_reap(pty))) {
			tap_diag("in vain for more output");
			pty_diag(pty);
			return false;
		}
		pty_step(pty, end);
	}
	return true;
}

bool
pty_wait_exit(struct pty *pty, int *status, double seconds)
{
	double end = clock_seconds() + seconds;

	while (!(pty_reap(pty) && pty->hung_up) && clock_seconds() < end) {
		/* A grandchild may keep the terminal open for good. */
		double soon = clock_seconds() + 0.05;
		pty_step(pty, soon < end ? soon : end);
		if (pty->reaped && clock_seconds() >= soon)
			break;
	}
	if (!pty->reaped) {
		tap_diag("it did not end in %.1f s", seconds);
		pty_diag(pty);
		return false;
	}
	*status = WIFEXITED(pty->status) ? WEXITSTATUS(pty->status)
					 : 128 + WTERMSIG(pty->status);
	return true;
}

void
pty_breathe(struct pty *pty, double seconds)
{
	double end = clock_seconds() + seconds;

	while (clock_seconds() < end)
		pty_step(pty, end);
}

const char *
pty_bytes(const struct pty *pty, size_t *length)
{
	*length = pty->received.length;
	return *length ? pty->received.bytes : "";
}

/* Bytes with everything that is not plain ASCII as \xNN. */
static void
diag_bytes(const char *label, const char *bytes, size_t length)
{
	struct buffer text = { 0 };

	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)bytes[i];
		char shown[8];
		int count = snprintf(shown, sizeof(shown),
			c >= 0x20 && c < 0x7f ? "%c" : "\\x%02x", c);
		buffer_add(&text, shown, (size_t)count);
	}
	tap_diag("%s: %s", label, text.bytes);
	free(text.bytes);
}

/* Where the first foreign byte is; what may be half a sequence yet is waited for. */
static size_t
pty_first_foreign(struct pty *pty, enum bytes_terminal terminal)
{
	enum { SEQUENCE = 32 }; /* none is longer */
	double end = clock_seconds() + PTY_DEADLINE;
	size_t at;

	for (;;) {
		const struct buffer *all = &pty->received;

		at = bytes_first_foreign(terminal, all->bytes, all->length);
		if (at == all->length || all->length - at > SEQUENCE || pty->hung_up ||
			clock_seconds() >= end)
			return at;
		pty_step(pty, end);
	}
}

bool
pty_bytes_clean(struct pty *pty)
{
	return pty_bytes_clean_on(pty, BYTES_XTERM);
}

bool
pty_bytes_clean_on(struct pty *pty, enum bytes_terminal terminal)
{
	size_t at = pty_first_foreign(pty, terminal);
	const char *bytes = pty->received.bytes;
	size_t length = pty->received.length;
	size_t before = at < 60 ? at : 60, after = length - at < 60 ? length - at : 60;

	/* The rest of what is drawn just now may be on its way. */
	if (at == length || bytes_unfinished(bytes + at, length - at))
		return true;
	tap_diag("a foreign byte at %zu of %zu", at, length);
	diag_bytes("before", bytes + at - before, before);
	diag_bytes("there", bytes + at, after);
	return false;
}
