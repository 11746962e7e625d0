/* Alerts of the server in the log of the incident that is open: raised, cleared. */
#ifndef PGRUNBOOK_APP_ALERT_LOG_H
#define PGRUNBOOK_APP_ALERT_LOG_H

#include "pgrunbook/app/journal.h"

/* All zero is a new one. */
struct alert_log {
	char *incident; /* whose log has what is marked as logged; NULL: none */
};

/*
 * Writes what is not written yet: what stands when the incident is opened, what comes,
 * what went and did not come back within ALERTS_REST_US.  Without an incident, and
 * while the log can't be written, nothing.
 */
void alert_log_follow(struct alert_log *log, struct app *app, struct journal *journal);
void alert_log_free(struct alert_log *log);

#endif
