#include "pgrunbook/app/command_log.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/drive/incident.h"
#include "tests/tap/scratch.h"
#include "tests/tap/tap.h"

static const int64_t start_us = 1795183351000000; /* 2026-11-20T14:02:31Z */

static struct str out, complaints;

static int
run(int count, const char *const arguments[])
{
	char *copies[8];
	int status;

	str_clear(&out);
	str_clear(&complaints);
	for (int i = 0; i < count; i++)
		copies[i] = alloc_copy(arguments[i]);
	status = command_log(count, copies, &out, &complaints);
	for (int i = 0; i < count; i++)
		free(copies[i]);
	return status;
}

static int
run1(const char *a)
{
	return run(1, (const char *const[]){ a });
}

static int
run2(const char *a, const char *b)
{
	return run(2, (const char *const[]){ a, b });
}

static int
run3(const char *a, const char *b, const char *c)
{
	return run(3, (const char *const[]){ a, b, c });
}

static void
has(const struct str *text, const char *part)
{
	if (!tap_ok(strstr(str_text(text), part) != NULL, "has: %s", part))
		tap_diag("%s", str_text(text));
}

/* Everything on a terminal of 80 columns, and nothing that acts on one. */
static void
readable(const struct str *text, const char *what)
{
	const char *at = str_text(text);
	int widest = 0, hostile = 0;

	for (; *at; at++)
		hostile += ((unsigned char)*at < ' ' && *at != '\n') || *at == 127;
	for (at = str_text(text); *at;
		at += strcspn(at, "\n") + (strchr(at, '\n') != NULL)) {
		char *line = alloc_copy_bytes(at, strcspn(at, "\n"));

		if (text_width(line) > widest)
			widest = text_width(line);
		free(line);
	}
	tap_is_int(hostile, 0, "%s: no control byte", what);
	tap_ok(widest <= 80, "%s: at most 80 columns (%d)", what, widest);
}

static char *
make_incident(const char *root, const char *name, int64_t at_us, bool close)
{
	struct redact *redact = redact_new(NULL);
	struct error error = { 0 };
	json_t *resource = json_pack("{s:s,s:s}", "service.name", "pgrunbook",
		"deployment.environment.name", "production");
	struct incident *incident =
		incident_create(root, name, at_us, resource, redact, &error);
	char *id = alloc_copy(incident_id(incident));

	incident_append(incident, EVENT_INCIDENT_OPENED, ENTRY_INFO,
		"Roll back\x1b]0;owned\a after the deploy broke the invoices and "
		"everybody who had one open at the time of it",
		json_pack("{s:s}", "db.namespace", "billing"), NULL, &error);
	incident_append(incident, EVENT_STEP_FINISHED, ENTRY_ERROR, "it failed",
		json_pack("{s:s,s:i,s:s,s:s,s:s,s:i,s:i}", "step.id", "downgrade-1",
			"step.number", 4, "step.title", "Take it back",
			"process.command_line", "alembic downgrade 0014\x1b[2J",
			"event.outcome", "failure", "process.exit.code", 1,
			"duration_ms", 812),
		NULL, &error);
	if (close)
		incident_append(incident, EVENT_INCIDENT_CLOSED, ENTRY_INFO, "done",
			NULL, NULL, &error);
	incident_free(incident);
	json_decref(resource);
	redact_free(redact);
	error_clear(&error);
	return id;
}

static void
test_nothing(void)
{
	tap_is_int(run(0, NULL), 0, "no incident is no error");
	has(&out, "No incident in ");
	tap_is_int(run2("show", "last"), 2, "the last of none is one");
	has(&complaints, "There is none at all.");
	tap_is_int(run1("--help"), 0, "help");
	has(&out, "pgrunbook log verify [ID]");
	readable(&out, "help");
	tap_is_int(run1("frobnicate"), 2, "an unknown verb");
	has(&complaints, "there is no \"log frobnicate\"");
	tap_is_int(run2("note", "last"), 2, "a note without a text");
	has(&complaints, "Usage: pgrunbook log note ID TEXT");
}

/* The day on which an incident's first entry was written, by the log itself. */
static char *
first_day(const char *root, const char *id)
{
	char *path = alloc_printf("%s/%s/log.jsonl", root, id);
	json_t *entry = json_load_file(path, JSON_DISABLE_EOF_CHECK, NULL);
	const char *instant = json_string_value(json_object_get(entry, "timestamp"));
	char *day = alloc_copy_bytes(instant, strcspn(instant, "T"));

	json_decref(entry);
	free(path);
	return day;
}

static void
test_list_and_show(const char *root, const char *billing)
{
	char *day = first_day(root, billing);
	char *heading = alloc_printf("\n%s (UTC)\n", day);

	tap_is_int(run(0, NULL), 0, "a list");
	has(&out, "2026-11-20T140231Z-billing\n  closed, 3 entries");
	has(&out, "billing in production");
	readable(&out, "list");
	tap_is_int(run2("show", "billing"), 0, "a part of the name will do");
	has(&out, heading);
	has(&out, "incident.opened\n");
	has(&out, "ERROR runbook.step.finished [4] Take it back\n");
	has(&out, "$ alembic downgrade 0014");
	has(&out, "= failure, exit status 1, 0.8s");
	has(&out, "All 3 entries hold");
	free(heading);
	free(day);
	readable(&out, "show");
}

static void
test_names(void)
{
	tap_is_int(run2("show", "Z-"), 2, "an ambiguous name");
	has(&complaints, "could be any of 3 incidents:\n");
	has(&complaints, "  2026-11-20T140231Z-billing\n");
	tap_is_int(run2("show", "2026-11-20T14:02-biling"), 2, "an unknown name");
	has(&complaints, "Is it one of these?\n");
	tap_is_int(run2("show", "\x1b[2J"), 2, "a hostile name");
	has(&complaints, "The newest are:\n");
	readable(&complaints, "complaint");
	tap_is_int(run1("show"), 0, "the last one is the default");
	has(&out, "orders");
}

static void
test_export(void)
{
	json_t *document;

	tap_is_int(run2("export", "billing"), 0, "Markdown is the default");
	has(&out, "# Incident 2026-11-20T140231Z-billing\n");
	tap_ok(!memchr(out.bytes, '\x1b', out.length), "without control bytes");
	tap_is_int(run3("export", "billing", "--format=json"), 0, "JSON");
	tap_ok(!memchr(out.bytes, '\x1b', out.length), "without control bytes");
	document = json_loads(out.bytes, 0, NULL);
	tap_is_int((int64_t)json_array_size(json_object_get(document, "entries")), 3,
		"has every entry");
	tap_ok(json_is_true(
		       json_object_get(json_object_get(document, "chain"), "holds")),
		"and the verdict");
	json_decref(document);
	tap_is_int(run3("export", "billing", "--format=html"), 2, "another format");
	has(&complaints, "--format markdown|json");
}

static void
test_note(const char *root)
{
	struct error error = { 0 };
	struct redact *redact = redact_new(NULL);
	struct incident *busy;

	tap_is_int(run(4, (const char *const[]){ "note", "orders", "phoned",
				  "PGPASSWORD=x" }),
		0, "a note");
	has(&out, "Entry 3 of ");
	tap_is_int(run2("show", "orders"), 0, "can be seen");
	has(&out, "phoned PGPASSWORD=***");
	tap_is_int(run3("note", "stock", "late"), 0, "a closed incident takes one too");
	busy = incident_open(root, "2026-11-20T140331Z-stock", NULL, redact, &error);
	tap_is_int(run3("note", "stock", "later"), 2, "not one that is being written");
	has(&complaints, "is being written by process ");
	tap_is_int(run(0, NULL), 0, "a list with it");
	has(&out, "closed, being written");
	incident_free(busy);
	redact_free(redact);
	error_clear(&error);
}

static void
test_verify(const char *root)
{
	char *path = alloc_printf("%s/2026-11-20T140331Z-stock/log.jsonl", root);
	FILE *log;

	tap_is_int(run1("verify"), 0, "all hold");
	has(&out, "2026-11-20T140231Z-billing: holds, 3 entries, closed\n");
	readable(&out, "verify");
	tap_is_int(run2("verify", "billing"), 0, "one holds");
	has(&out, "Head hash: ");
	has(&out, "and handed to the\n  system log: ");
	readable(&out, "verify");
	log = fopen(path, "r+");
	fseek(log, 25, SEEK_SET);
	fputc('7', log);
	fclose(log);
	tap_is_int(run2("verify", "stock"), 1, "a changed log is status 1");
	has(&out, "2026-11-20T140331Z-stock: DOES NOT HOLD at line 1\n");
	readable(&out, "verify");
	tap_is_int(run1("verify"), 1, "among others too");
	has(&out, "2026-11-20T140231Z-billing: holds");
	tap_is_int(run3("note", "stock", "x"), 2, "no more is written to it");
	has(&complaints, "doesn't hold at line 1");
	tap_is_int(run2("verify", "none"), 2, "an unknown one is status 2");
	free(path);
}

int
main(void)
{
	char *made = scratch_make();
	char *root = alloc_printf("%s/pgrunbook/incidents", made);

	setenv("XDG_STATE_HOME", made, 1);
	test_nothing();
	char *billing = make_incident(root, "billing", start_us, true);
	free(make_incident(root, "stock", start_us + 60000000, true));
	free(make_incident(root, "orders", start_us + 120000000, false));
	test_list_and_show(root, billing);
	test_names();
	test_export();
	test_note(root);
	test_verify(root);
	str_free(&out);
	str_free(&complaints);
	free(billing);
	free(root);
	scratch_remove(made);
	return tap_done();
}
