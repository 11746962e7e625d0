/*
 * The real console on a real primary and standby with the billing application's tree:
 * what the scenarios in this folder have in common.
 */
#ifndef PGRUNBOOK_TESTS_CONSOLE_H
#define PGRUNBOOK_TESTS_CONSOLE_H

#include <stdbool.h>

#include "tests/cluster/cluster.h"
#include "tests/pty/pty.h"

struct console_test {
	struct cluster *cluster;
	PGconn *primary, *standby; /* the test's own eyes */
	struct pty *pty;	   /* NULL: no console runs */
	char *tree;		   /* a copy of the application that may be changed */
	char *state;		   /* XDG_STATE_HOME */
	char *backups;
	const char *environment; /* of the settings; "production" unless set */
	const char *settings;	 /* sections to be added to them; NULL: none */
	/* Consoles that left a primary that hung in the middle of an answer: it may log
	 * that of each. */
	int left_hanging;
};

/* tap_ok for what the rest of a scenario stands on: a failure ends the program. */
void console_must(bool passed, const char *what);

/* Starts both servers and loads the application at 0015. */
void console_test_start(struct console_test *test);
void console_test_stop(struct console_test *test);

/* Starts the console; waits until it shows the database's revision. */
bool console_open(struct console_test *test, int rows, int columns);
/* As above, under `setup`: a bash script that ends with exec "$@". */
bool console_open_under(
	struct console_test *test, int rows, int columns, const char *setup);
/* Presses q and waits for exit status 0. */
bool console_quit(struct console_test *test);

/* Who holds a table of billing's, and who waits for it. */
struct console_block {
	PGconn *blocker, *waiter;
	char pid[16]; /* the blocker's */
};
/* The blocker holds all of the table, the waiter is seen to want to read it. */
void console_block(
	struct console_test *test, struct console_block *block, const char *table);
void console_unblock(struct console_block *block);
/* To the blocker, which stands first in the pane Locks; ends the test if it doesn't. */
void console_go_to_block(struct console_test *test, const struct console_block *block);
/*
 * Goes there, asks to terminate it, and types what the question wants; with Enter if
 * `enter`.  Ends the test if it isn't asked.
 */
void console_terminate(
	struct console_test *test, const struct console_block *block, bool enter);

/* Types a line with ':' before it. */
void console_command(struct console_test *test, const char *line);
/*
 * Waits for a question that shows `text`, lets its first 300 ms pass, and answers with
 * the keys given and, if `enter`, Enter.
 */
bool console_answer(
	struct console_test *test, const char *text, const char *keys, bool enter);

/* Reads a step, does it with Enter, and waits for `done` on the screen. */
bool console_tick(struct console_test *test, const char *done);
/*
 * Opens backup-then-downgrade for `target` and does its steps up to the downgrade. Ends
 * the test program as skipped where pg_dump is too old for the server.
 */
bool console_to_downgrade(struct console_test *test, const char *target);

/* The rows of alembic_version, joined by commas. */
const char *console_revision(PGconn *connection);
/* Runs the built pgrunbook with a line of arguments for the shell; its exit status.
 * Its standard output, for free(), goes to *output unless that is NULL. */
int console_run(struct console_test *test, const char *arguments, char **output);
/* Runs a line of bash; its exit status. */
int console_shell(const char *line);
/* The id of the newest incident, for free(). */
char *console_incident(struct console_test *test);

#endif
