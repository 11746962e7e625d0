/*
 * Carries out what the operator agreed to: cancels or terminates the sessions of
 * app->end_targets, writes into the incident log what is agreed to before and what
 * came of each after, and sums it up in the footer.
 */
#ifndef PGRUNBOOK_APP_SESSION_END_H
#define PGRUNBOOK_APP_SESSION_END_H

#include "pgrunbook/app/journal.h"
#include "pgrunbook/drive/pg_watch.h"

/* `phrase`: what was typed; NULL: it was answered with yes.  All must outlive what
 * pg_watch_end promises. */
void session_end_all(
	struct journal *journal, struct pg_watch *watch, const char *phrase);

#endif
