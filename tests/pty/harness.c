/* The terminal that the scenarios drive the console in, tried on programs of a line. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/pty/bytes.h"
#include "tests/pty/pty.h"
#include "tests/tap/tap.h"

static struct pty *
start_shell(const char *script, const char *const changes[])
{
	const char *const argv[] = { "bash", "--norc", "-c", script, NULL };
	return pty_start(5, 40, changes, argv);
}

static void
test_screen(void)
{
	struct pty *pty = start_shell(
		"printf '\\e[?1049h\\e[H\\e[2Jone\\e[3;5Htwo \\u4f60\\u597d|\\e[5;1H"
		"\\e(0qx\\e(B-\\e[4b'; read -r",
		NULL);
	char *screen, *row;

	tap_ok(pty_wait(pty, "\u2502-----", PTY_DEADLINE), "a screen is drawn");
	screen = pty_screen(pty);
	tap_is_text(screen, "one\n\n    two \u4f60\u597d|\n\n\u2500\u2502-----\n",
		"lines, wide characters and repeats are read back");
	row = pty_row_with(pty, "two");
	tap_is_text(row, "    two \u4f60\u597d|", "a row is found by its text");
	tap_ok(!pty_row_with(pty, "three"), "no row is found by another");
	free(screen);
	free(row);
	pty_free(pty);
}

static void
test_keys(void)
{
	const char *const argv[] = { "cat", "-v", NULL };
	struct pty *pty = pty_start(24, 80, NULL, argv);
	int status = -1;

	pty_send(pty, "hello");
	pty_key(pty, "Enter");
	tap_ok(pty_wait(pty, "hello\nhello\n", PTY_DEADLINE), "what is sent arrives");
	pty_key(pty, "Up");
	pty_key(pty, "S-Tab");
	pty_key(pty, "PgDn");
	pty_key(pty, "F5");
	pty_key(pty, "\u00e9");
	pty_key(pty, "Enter");
	tap_ok(pty_wait(pty, "\n^[[A^[[Z^[[6~^[[15~M-CM-)\n", PTY_DEADLINE),
		"keys are an xterm's");
	pty_key(pty, "^D");
	tap_ok(pty_wait_exit(pty, &status, PTY_DEADLINE), "the program's end is seen");
	tap_is_int(status, 0, "its status is known");
	pty_free(pty);

	pty = start_shell("printf '\\e[?1h\\e[?2004hready'; stty -echo; cat -v", NULL);
	tap_ok(pty_wait(pty, "ready", PTY_DEADLINE), "a program asks for other keys");
	pty_key(pty, "Up");
	pty_paste(pty, "a b");
	pty_key(pty, "Enter");
	tap_ok(pty_wait(pty, "^[OA^[[200~a b^[[201~", PTY_DEADLINE), "and has them");
	pty_free(pty);
}

static void
test_environment(void)
{
	const char *const changes[] = { "PTY_GIVEN=yes", "PTY_TAKEN", NULL };
	struct pty *pty;
	int status = -1;

	setenv("PTY_TAKEN", "still here", 1);
	pty = start_shell(
		"echo \"<$PTY_GIVEN,${PTY_TAKEN-none},$TERM>\"; exit 7", changes);
	tap_ok(pty_wait_exit(pty, &status, PTY_DEADLINE) && status == 7,
		"an exit status comes through");
	tap_ok(pty_shows(pty, "<yes,none,xterm-256color>"),
		"the environment is the test's, with changes; output survives the "
		"program");
	pty_free(pty);

	pty = pty_start(5, 40, NULL, (const char *const[]){ "/no/such/program", NULL });
	tap_ok(pty_wait_exit(pty, &status, PTY_DEADLINE) && status == 127,
		"a program that is not there has status 127");
	pty_free(pty);
}

static void
test_resize(void)
{
	struct pty *pty = start_shell(
		"trap 'stty size' WINCH; stty size; while :; do read -rt 1; done",
		NULL);

	tap_ok(pty_wait(pty, "5 40", PTY_DEADLINE), "the size is the one asked for");
	pty_resize(pty, 10, 60);
	tap_ok(pty_wait(pty, "10 60", PTY_DEADLINE), "and changes under the program");
	pty_free(pty);
}

static void
test_waiting(void)
{
	struct pty *pty =
		start_shell("echo first; read -r; printf '\\e[2J'; read -r", NULL);
	int status = -1;
	pid_t pid;

	tap_ok(pty_wait(pty, "first", PTY_DEADLINE), "a text comes");
	tap_ok(!pty_wait(pty, "second", 0.1),
		"another does not, and the screen is shown");
	pty_key(pty, "Enter");
	tap_ok(pty_wait_gone(pty, "first", PTY_DEADLINE), "a text goes");
	tap_ok(!pty_wait_exit(pty, &status, 0.1), "the program does not end by itself");
	pty_kill(pty, SIGTERM);
	tap_ok(pty_wait_exit(pty, &status, PTY_DEADLINE), "but by a signal");
	tap_is_int(status, 128 + SIGTERM, "which its status says");
	tap_ok(!pty_wait(pty, "never", PTY_DEADLINE), "nobody waits for the dead");
	pty_free(pty);

	pty = start_shell("read -r", NULL);
	pid = pty_pid(pty);
	pty_free(pty);
	tap_ok(kill(pid, 0) != 0, "a program that was let go is gone");
}

static void
test_bytes(void)
{
	static const struct {
		const char *text, *what;
	} foreign[] = {
		{ "a\x01z", "a control character" },
		{ "a\x7fz", "DEL" },
		{ "a\xc2\x9bz", "a C1 character in UTF-8" },
		{ "a\x9bz", "a C1 byte" },
		{ "a\xc3(z", "broken UTF-8" },
		{ "a\xc0\xafz", "an overlong character" },
		{ "a\xed\xa0\x80z", "a surrogate" },
		{ "a\xe2\x80\xaez", "an override of the direction" },
		{ "a\xe2\x80\x8bz", "a character without width" },
		{ "a\x1b]0;title\az", "a window's title" },
		{ "a\x1b]52;c;aGk=\az", "the clipboard" },
		{ "a\x1b[6nz", "a question to the terminal" },
		{ "a\x1b[?1047hz", "a mode that ncurses doesn't set" },
		{ "a\x1b[>4;2mz", "a private parameter" },
		{ "a\x1b[8;50;50tz", "a window's size" },
		{ "a\x1bPq\x1b\\z", "a device control string" },
		{ "a\x1b"
		  "cz",
			"a reset" },
		{ "a\x1b", "a lone ESC" },
		{ "a\x1b[12", "half a sequence" },
	};
	static const char own[] =
		"\x1b[?1049h\x1b[22;0;0t\x1b[1;24r\x1b(B\x1b[m\x1b[4l\x1b[?7h\x1b[?"
		"1h\x1b=\x1b[?2004h"
		"\x1b[39;49m\x1b[H\x1b[2J\x1b[3;7H\x1b[38;5;208m\u00e9 \u4f60 "
		"\u2500\x1b[12b\x1b[K\r\n\t\b"
		"\x1b[?12l\x1b[?25h\x1b[?1049l\x1b[23;0;0t\x1b]104\a\x1b[?1l\x1b>\a";
	struct pty *pty;
	int status;

	tap_is_int((int64_t)bytes_first_foreign(BYTES_XTERM, own, sizeof(own) - 1),
		sizeof(own) - 1, "what ncurses sends is no foreign matter");
	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++) {
		size_t length = strlen(foreign[i].text);
		tap_is_int((int64_t)bytes_first_foreign(
				   BYTES_XTERM, foreign[i].text, length),
			1, "found: %s", foreign[i].what);
	}
	tap_ok(bytes_unfinished("\x1b", 1) && bytes_unfinished("\x1b[12", 4) &&
			bytes_unfinished("\xe2\x94", 2),
		"what may go on is unfinished");
	tap_ok(!bytes_unfinished("\x1b[12m", 5) && !bytes_unfinished("\x1b]0", 3) &&
			!bytes_unfinished("a", 1) && !bytes_unfinished("\xff", 1),
		"what may not is none of that");
	pty = start_shell("printf 'fine'", NULL);
	tap_ok(pty_wait_exit(pty, &status, PTY_DEADLINE) && pty_bytes_clean(pty),
		"a clean program passes");
	pty_free(pty);
	pty = start_shell("printf 'not\\e]0;x\\afine'", NULL);
	tap_ok(pty_wait_exit(pty, &status, PTY_DEADLINE) && !pty_bytes_clean(pty),
		"another does not, and what it sent is shown");
	pty_free(pty);
	pty = start_shell(
		"stty -echo; printf 'half\\e[3'; read x; printf '1mwhole'; read x",
		NULL);
	pty_wait(pty, "half", PTY_DEADLINE);
	pty_key(pty, "Enter");
	tap_ok(pty_bytes_clean(pty), "of half a sequence the rest is waited for");
	pty_free(pty);
}

int
main(void)
{
	tap_diag("what follows in comments is meant to be: it is what a failure looks "
		 "like");
	test_screen();
	test_keys();
	test_environment();
	test_resize();
	test_waiting();
	test_bytes();
	return tap_done();
}
