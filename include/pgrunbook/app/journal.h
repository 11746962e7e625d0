/*
 * The console's hand on the incident log: writes an entry, makes it durable, and shows
 * it to the app, which folds it into the run.  Nothing that changes anything starts
 * before journal_write said true.
 */
#ifndef PGRUNBOOK_APP_JOURNAL_H
#define PGRUNBOOK_APP_JOURNAL_H

#include <jansson.h>
#include <stdbool.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/error.h"
#include "pgrunbook/drive/incident.h"
#include "pgrunbook/model/redact.h"

struct journal {
	struct app *app;
	char *root; /* of all incidents */
	struct redact *redact;
	struct incident *incident; /* NULL: none is open */
};

/* The root is found by incident_root; a failure shows when an incident is opened. */
void journal_init(struct journal *journal, struct app *app);
void journal_free(struct journal *journal);

/*
 * Opens a new incident for the database on screen unless one is open already.  False,
 * with the reason in the footer and in app->log_problem, if that can't be done.
 */
bool journal_open(struct journal *journal, const char *title);

/* Opens an existing one: its entries become the app's, and the run is folded again. */
bool journal_resume(struct journal *journal, const char *id);

/* Ends the open incident, if there is one: the closing entry and the report. */
void journal_close(struct journal *journal, const char *body);

/* Lets go of an incident without closing it: it can be resumed. */
void journal_leave(struct journal *journal);

/*
 * Writes one entry; `attributes` (taken over, may be NULL) get the target's identity
 * added.  False, with app->log_problem set, if it isn't durable.
 */
bool journal_write(struct journal *journal, enum entry_event event,
	enum entry_severity severity, json_t *attributes, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* What the server looked like: lock forest, sessions by state, replicas. */
bool journal_evidence(struct journal *journal, const char *why);

#endif
