/*
 * A child process with its output on a pipe: its own session and process group,
 * standard input from /dev/null, standard output and error together, in the order
 * written.
 */
#ifndef PGRUNBOOK_DRIVE_CHILD_H
#define PGRUNBOOK_DRIVE_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/drive/loop.h"

struct child;

struct child_exit {
	int status; /* exit status; -1 if a signal ended it */
	int signal; /* 0: none */
};

struct child_handler {
	void (*output)(void *context, const char *bytes, size_t length);
	/* Once: it has ended and its output is read (or, when a descendant keeps the
	 * pipe open, was waited for during one second). */
	void (*ended)(void *context, const struct child_exit *exit);
	void *context;
};

/*
 * Starts argv[0], looked for in PATH, with this process's environment and `environment`
 * ("NAME=value", or "NAME" to take ours away; the last one of a name wins) on top.
 * `directory` NULL: ours.  NULL with an error if it can't be started.  Free with
 * child_free.
 */
struct child *child_start(struct loop *loop, const struct strlist *argv,
	const struct strlist *environment, const char *directory,
	const struct child_handler *handler, struct error *error);

int child_pid(const struct child *child);
/* Sends a signal to its whole process group, if it still runs. */
void child_signal(struct child *child, int number);
/* Lets go of it; one that still runs goes on by itself, without an audience. */
void child_free(struct child *child);

#endif
