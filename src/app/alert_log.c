#include "pgrunbook/app/alert_log.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/evidence.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"

void
alert_log_free(struct alert_log *log)
{
	free(log->incident);
	*log = (struct alert_log){ 0 };
}

/* Another incident's log knows nothing of what the one before was told. */
static void
alert_log_turn(struct alert_log *log, struct app *app)
{
	if (log->incident != NULL && app->incident != NULL &&
		strcmp(log->incident, app->incident) == 0)
		return;
	free(log->incident);
	log->incident = alloc_copy(app->incident);
	for (size_t i = 0; i < app->alerts.count; i++)
		app->alerts.items[i].logged = false;
}

static json_t *
alert_log_attributes(const struct alert *alert)
{
	json_t *attributes = json_object();
	char *subject = alert_subject(alert);
	char since[INSTANT_TEXT];

	json_object_set_new(
		attributes, "alert.kind", json_string(alert_kind_name(alert->kind)));
	json_object_set_new(attributes, "alert.subject", evidence_text(subject));
	json_object_set_new(attributes, "alert.severe", json_boolean(alert->severe));
	json_object_set_new(attributes, "alert.since",
		json_string(instant_format(alert->since_us, since)));
	if (alert->pid != 0)
		json_object_set_new(
			attributes, "backend.pid", json_integer(alert->pid));
	free(subject);
	return attributes;
}

static bool
alert_log_raised(struct journal *journal, struct alert *alert)
{
	alert->logged = journal_write(journal, EVENT_ALERT_RAISED,
		alert->severe ? ENTRY_ERROR : ENTRY_WARN, alert_log_attributes(alert),
		"%s", alert->text);
	return alert->logged;
}

static bool
alert_log_cleared(struct journal *journal, struct alert *alert)
{
	json_t *attributes = alert_log_attributes(alert);
	char cleared[INSTANT_TEXT];

	json_object_set_new(attributes, "alert.cleared",
		json_string(instant_format(alert->cleared_us, cleared)));
	bool written = journal_write(journal, EVENT_ALERT_CLEARED, ENTRY_INFO,
		attributes, "over since %s: %s",
		instant_clock(alert->cleared_us, cleared), alert->text);
	/* One that rests may come back: then it is raised anew. */
	if (written && alert->phase == ALERT_RESTING)
		alert->logged = false;
	return written;
}

/*
 * What goes to and fro is one entry, written when it has rested; but each loss of the
 * server is part of the story, and that it is back is worth knowing at once.
 */
static bool
alert_log_is_over(const struct alert *alert)
{
	return alert->phase == ALERT_OVER ||
	       (alert->phase == ALERT_RESTING && alert->kind == ALERT_LOST);
}

void
alert_log_follow(struct alert_log *log, struct app *app, struct journal *journal)
{
	alert_log_turn(log, app);
	for (size_t i = 0; app->incident != NULL && i < app->alerts.count; i++) {
		struct alert *alert = &app->alerts.items[i];
		bool written = true;

		/* Whoever repairs the log tries again; this is not worth trying. */
		if (app->log_problem != NULL)
			return;
		if (alert->phase == ALERT_RAISED && !alert->logged &&
			alert_is_server(alert->kind))
			written = alert_log_raised(journal, alert);
		else if (alert_log_is_over(alert) && alert->logged)
			written = alert_log_cleared(journal, alert);
		if (!written)
			return;
	}
	alerts_drop_over(&app->alerts);
}
