#include "pgrunbook/app/journal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/evidence.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/who.h"

void
journal_init(struct journal *journal, struct app *app)
{
	*journal = (struct journal){ .app = app, .redact = redact_new(NULL) };
}

void
journal_free(struct journal *journal)
{
	incident_free(journal->incident);
	redact_free(journal->redact);
	free(journal->root);
	*journal = (struct journal){ 0 };
}

/* Keeps why the log can't be written on screen until it can be again. */
static bool
journal_failed(struct journal *journal, struct error *error)
{
	free(journal->app->log_problem);
	journal->app->log_problem = error->message;
	error->message = NULL;
	app_say(journal->app, true, "%s", journal->app->log_problem);
	return false;
}

static bool
journal_worked(struct journal *journal)
{
	free(journal->app->log_problem);
	journal->app->log_problem = NULL;
	return true;
}

static bool
journal_find_root(struct journal *journal, struct error *error)
{
	if (journal->root == NULL)
		journal->root = incident_root(error);
	return journal->root != NULL;
}

static void
journal_adopt(struct journal *journal, struct incident *incident)
{
	struct app *app = journal->app;

	journal->incident = incident;
	free(app->incident);
	app->incident = alloc_copy(incident_id(incident));
}

bool
journal_open(struct journal *journal, const char *title)
{
	struct app *app = journal->app;
	struct error error = { 0 };

	if (journal->incident != NULL)
		return true;
	if (app->snapshot == NULL)
		return error_set(&error,
			       "no incident can be opened before the database "
			       "is known"),
		       journal_failed(journal, &error);
	if (!journal_find_root(journal, &error))
		return journal_failed(journal, &error);
	json_t *resource = who_resource(app->settings.environment);
	struct incident *incident =
		incident_create(journal->root, app->snapshot->server.database,
			app->now_us, resource, journal->redact, &error);
	json_decref(resource);
	if (incident == NULL)
		return journal_failed(journal, &error);
	app_forget_entries(app);
	journal_adopt(journal, incident);
	return journal_write(
		journal, EVENT_INCIDENT_OPENED, ENTRY_INFO, NULL, "%s", title);
}

bool
journal_resume(struct journal *journal, const char *id)
{
	struct app *app = journal->app;
	struct error error = { 0 };
	struct entry_list entries = { 0 };

	if (!journal_find_root(journal, &error))
		return journal_failed(journal, &error);
	json_t *resource = who_resource(app->settings.environment);
	struct incident *incident =
		incident_open(journal->root, id, resource, journal->redact, &error);
	json_decref(resource);
	if (incident == NULL)
		return journal_failed(journal, &error);
	/* Read after opening, so that a line torn by the crash is marked already. */
	if (!incident_read(journal->root, id, &entries, NULL, &error)) {
		incident_free(incident);
		return journal_failed(journal, &error);
	}
	app_forget_entries(app);
	for (size_t i = 0; i < entries.count; i++)
		app_take_entry(app, &entries.items[i]);
	entry_list_free(&entries);
	run_resume(&app->run);
	journal_adopt(journal, incident);
	if (incident_problem(incident) == NULL)
		return journal_worked(journal);
	error_set(&error, "%s", incident_problem(incident));
	journal_failed(journal, &error);
	return true; /* taken up, and blocked until writing works */
}

void
journal_leave(struct journal *journal)
{
	incident_free(journal->incident);
	journal->incident = NULL;
	free(journal->app->incident);
	journal->app->incident = NULL;
}

void
journal_close(struct journal *journal, const char *body)
{
	struct error error = { 0 };

	if (journal->incident == NULL)
		return;
	if (!journal_write(
		    journal, EVENT_INCIDENT_CLOSED, ENTRY_INFO, NULL, "%s", body))
		return; /* it stays open, and is offered again next time */
	if (!incident_report(journal->root, incident_id(journal->incident), &error))
		app_say(journal->app, true, "%s", error.message);
	error_clear(&error);
	journal_leave(journal);
}

static void
attribute_text(json_t *attributes, const char *name, const char *text)
{
	if (text != NULL && json_object_get(attributes, name) == NULL)
		json_object_set_new(attributes, name, evidence_text(text));
}

/* Every entry says where it happened; what the entry says itself wins. */
static void
journal_target(const struct app *app, json_t *attributes)
{
	attribute_text(attributes, "run.id", app->run.id);
	attribute_text(attributes, "db.system.name", "postgresql");
	if (app->snapshot == NULL)
		return;
	const struct server *server = &app->snapshot->server;
	attribute_text(attributes, "db.namespace", server->database);
	attribute_text(attributes, "server.address", server->host);
	attribute_text(attributes, "server.port", server->port);
	attribute_text(attributes, "db.role", server->user);
	attribute_text(attributes, "db.system_identifier", server->system_identifier);
}

bool
journal_write(struct journal *journal, enum entry_event event,
	enum entry_severity severity, json_t *attributes, const char *format, ...)
{
	struct error error = { 0 };
	struct entry written;
	va_list arguments;

	if (attributes == NULL)
		attributes = json_object();
	if (journal->incident == NULL) {
		json_decref(attributes);
		error_set(&error, "no incident is open");
		return journal_failed(journal, &error);
	}
	journal_target(journal->app, attributes);
	va_start(arguments, format);
	char *body = alloc_vprintf(format, arguments);
	va_end(arguments);
	bool durable = incident_append(
		journal->incident, event, severity, body, attributes, &written, &error);
	free(body);
	if (!durable)
		return journal_failed(journal, &error);
	app_take_entry(journal->app, &written);
	return journal_worked(journal);
}

bool
journal_evidence(struct journal *journal, const char *why)
{
	return journal_write(journal, EVENT_EVIDENCE, ENTRY_INFO,
		evidence_make(journal->app), "the server %s", why);
}
