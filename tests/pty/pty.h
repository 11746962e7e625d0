/*
 * A program under a pseudo-terminal, its screen read back through libvterm: the
 * operator's side of the tests.  Tests wait for what the screen shows, with a deadline;
 * nothing here waits for time to pass, but for pty_breathe.
 *
 * A test that waits in vain gets the screen as TAP diagnostics.  The program gets
 * SIGKILL when its test ends, in whatever way.  Only running out of memory or of
 * pseudo-terminals aborts.
 */
#ifndef PGRUNBOOK_TESTS_PTY_H
#define PGRUNBOOK_TESTS_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tests/pty/bytes.h"

/* Seconds that any one wait may take; generous, since it only matters in failure. */
enum { PTY_DEADLINE = 30 };

struct pty;

/*
 * Starts argv (found in PATH, NULL at its end) in a terminal of that size.  changes:
 * NULL or a list, NULL at its end, of "NAME=VALUE" to set and "NAME" to unset in what
 * is else the test's own environment.
 */
struct pty *pty_start(
	int rows, int columns, const char *const changes[], const char *const argv[]);
/* Kills and reaps the program if it is still there.  NULL is fine. */
void pty_free(struct pty *pty);

pid_t pty_pid(const struct pty *pty);

/* Bytes as they are. */
void pty_send(struct pty *pty, const char *text);
/*
 * A key as this terminal sends it in the mode the program has put it in: "Enter" "Esc"
 * "Tab" "S-Tab" "Backspace" "Space" "Up" "Down" "Left" "Right" "PgUp" "PgDn" "Home"
 * "End" "Insert" "Delete" "F1".."F12" "^A".."^_", or one character of UTF-8.
 */
void pty_key(struct pty *pty, const char *name);
/* The text between the marks of a bracketed paste, if the program asked for them. */
void pty_paste(struct pty *pty, const char *text);
void pty_resize(struct pty *pty, int rows, int columns);
/*
 * Keeps what is sent but puts nothing on the screen, which is an empty one afterwards:
 * libvterm 0.1 can't stand being resized in the middle of anything.
 */
void pty_set_blind(struct pty *pty, bool blind);

/* Until a row of the screen holds the text, or none does any more. */
bool pty_wait(struct pty *pty, const char *text, double seconds);
bool pty_wait_gone(struct pty *pty, const char *text, double seconds);
/* Until the check says yes to the screen. */
bool pty_wait_for(struct pty *pty, bool (*check)(const char *screen, void *user),
	void *user, const char *what, double seconds);
/* Until it has sent more than so many bytes in all. */
bool pty_wait_output(struct pty *pty, size_t beyond, double seconds);
/*
 * Until the program has ended and all its output is read.  *status is its exit status,
 * or 128 and the signal that ended it.
 */
bool pty_wait_exit(struct pty *pty, int *status, double seconds);
/*
 * Takes output for so long.  For the one thing that is a time: the guard that throws
 * away what is typed before a question could be read.
 */
void pty_breathe(struct pty *pty, double seconds);

/* Sends a signal to the program, if it still runs. */
void pty_kill(struct pty *pty, int signal);

/* The screen now, rows without the blanks at their ends, each with '\n'; for free(). */
char *pty_screen(struct pty *pty);
bool pty_shows(struct pty *pty, const char *text);
/* The first row that holds the text, for free(); NULL: none does. */
char *pty_row_with(struct pty *pty, const char *text);
/* Prints the screen as diagnostics. */
void pty_diag(struct pty *pty);

/* Every byte that the program ever sent, and a NUL; valid until the next call that
 * reads. */
const char *pty_bytes(const struct pty *pty, size_t *length);
/*
 * Whether they are printable UTF-8 and what ncurses has to say to an xterm, and nothing
 * else; what isn't is printed as diagnostics with what surrounds it.  Where the last
 * that came may be half a sequence, the rest is read first.
 */
bool pty_bytes_clean(struct pty *pty);
/* The same of what another terminal is told. */
bool pty_bytes_clean_on(struct pty *pty, enum bytes_terminal terminal);

#endif
