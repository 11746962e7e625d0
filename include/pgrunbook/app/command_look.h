/*
 * The commands that tell without a screen what the console's panes show: one look at
 * the server, or with `--watch` one after the other.  Each is a file command_NAME.c
 * with one struct look, and a row in main/options.c.
 */
#ifndef PGRUNBOOK_APP_COMMAND_LOOK_H
#define PGRUNBOOK_APP_COMMAND_LOOK_H

#include <jansson.h>
#include <stdbool.h>

#include "pgrunbook/app/setup.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/snapshot.h"

struct look {
	unsigned without; /* parts that it doesn't tell of: enum snapshot_part */
	unsigned tells;	  /* what is complained of where it can't be read: bits of
			   * enum snapshot_source */
	/* What a line of `--watch --format json` calls an answer that is a list. */
	const char *list;
	/*
	 * What is kept from one answer to the next, for `answer`; false after a
	 * complaint.  Both may be NULL: nothing is kept.
	 */
	bool (*open)(const struct setup *setup, void **kept, struct str *complaints);
	void (*close)(void *kept);
	/*
	 * Whether a single look may end with this snapshot, or should wait a moment for
	 * one that has what comes later; NULL: it may.
	 */
	bool (*complete)(const struct snapshot *snapshot);
	/*
	 * Whether a single look may end; if not, it goes on until this is so.  NULL: it
	 * may.
	 */
	bool (*settled)(void *kept, const struct snapshot *snapshot);
	/*
	 * Says what the snapshot shows: where `value` isn't NULL a new JSON value for
	 * it, else lines for `out`, each by look_line.  Returns the exit status of a
	 * single look; 2: it can't be told.
	 */
	int (*answer)(
		void *kept, struct snapshot *snapshot, json_t **value, struct str *out);
};

extern const struct look look_alerts;	/* command_alerts.c */
extern const struct look look_locks;	/* command_locks.c */
extern const struct look look_progress; /* command_progress.c */
extern const struct look look_replicas; /* command_replicas.c */
extern const struct look look_sessions; /* command_sessions.c */
extern const struct look look_status;	/* command_status.c */

/* Every direct connection has told something, if only that it can't be made. */
bool look_replicas_complete(const struct snapshot *snapshot);

/* How the answers leave. */
struct look_way {
	bool json;
	bool watch; /* again and again, until a signal or until nobody reads */
	/* Prints both and clears them; false: nobody will see more. */
	bool (*print)(void *context, struct str *out, struct str *complaints);
	int pipe;		       /* that carries the answers; -1: none */
	void (*broken)(void *context); /* its reader left, and that is an end */
	void *context;
};

/*
 * Exit status: the single answer's, 2 if there was none.  With `--watch` a lost server
 * is a complaint and the next answer comes when it is back; 0 then, once something was
 * answered.
 */
int command_look(
	const struct look *look, const struct setup *setup, const struct look_way *way);

/* Appends a line, sanitised behind its indentation. */
void look_line(struct str *out, int indent, const char *text);

#endif
