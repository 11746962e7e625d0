/*
 * The console at work: the app's state with its drivers behind it.  Events of the
 * drivers become values of the app; the app's requests become work for the drivers.
 */
#ifndef PGRUNBOOK_APP_CONSOLE_H
#define PGRUNBOOK_APP_CONSOLE_H

#include <stdbool.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/app/setup.h"
#include "pgrunbook/base/error.h"
#include "pgrunbook/drive/loop.h"

struct console;

struct console_options {
	const struct setup *setup;
	const char *runbook; /* -f: opened at once; NULL: none */
	bool read_only;
	/* What only the view can do; each may be NULL. */
	void (*redraw)(void *context); /* everything, with the next picture */
	void (*quit)(void *context);
	void *context;
};

/* `setup` must outlive it. */
struct console *console_new(struct loop *loop, const struct console_options *options);
void console_free(struct console *console);

struct app *console_app(struct console *console);
/* To be called after each key and before each picture: carries out the requests. */
void console_work(struct console *console);
/* The operator's terminal went away, or SIGTERM came: leaves without a question. */
void console_leave(struct console *console);

/* A line for the terminal after the screen is gone: an incident that is still open, or
 * NULL; the caller owns it. */
char *console_farewell(const struct console *console);

#endif
