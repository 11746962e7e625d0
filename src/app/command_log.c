#include "pgrunbook/app/command_log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/command_log_parts.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/drive/who.h"
#include "pgrunbook/model/report.h"

enum { LOG_GOOD, LOG_DAMAGED, LOG_ERROR };

/* A verb's arguments and where its output goes. */
struct log_call {
	char *root;
	int count;
	char *const *arguments;
	struct str *out, *complaints;
};

struct log_verb {
	const char *name, *usage, *help;
	int (*run)(const struct log_call *call);
};

static int
complain(const struct log_call *call, struct error *error)
{
	char *clean = text_sanitized(error->message);

	str_printf(call->complaints, "pgrunbook log: %s\n", clean);
	error_clear(error);
	free(clean);
	return LOG_ERROR;
}

static int
complain_usage(const struct log_call *call, const char *usage)
{
	str_printf(call->complaints, "Usage: pgrunbook log %s\n", usage);
	return LOG_ERROR;
}

static void
list_incident(const struct incident_summary *summary, struct str *out)
{
	char last[INSTANT_TEXT];
	struct str where = { 0 };

	str_printf(out, "%s\n  %s%s, %zu %s, last %.19sZ\n", summary->id,
		summary->damaged  ? "DOES NOT HOLD"
		: summary->closed ? "closed"
				  : "not closed",
		summary->in_use ? ", being written" : "", summary->entries,
		summary->entries == 1 ? "entry" : "entries",
		instant_format(summary->last_us, last));
	if (summary->database)
		str_add(&where, summary->database);
	if (summary->environment)
		str_printf(&where, "%s%s", where.length > 0 ? " in " : "",
			summary->environment);
	if (summary->runbook)
		str_printf(&where, "%s%s", where.length > 0 ? ", runbook " : "runbook ",
			summary->runbook);
	if (where.length > 0) {
		str_add(out, "  ");
		log_wrap(out, 2, 4, where.bytes);
	}
	/* A run's title is its runbook's. */
	if (summary->title && *summary->title &&
		(!summary->runbook || strcmp(summary->title, summary->runbook) != 0)) {
		str_add(out, "  ");
		log_wrap(out, 2, 4, summary->title);
	}
	str_free(&where);
}

static int
run_list(const struct log_call *call)
{
	struct incident_list list = { 0 };
	struct error error = { 0 };

	if (call->count > 0)
		return complain_usage(call, "[list]");
	if (!incident_list(call->root, &list, &error))
		return complain(call, &error);
	if (list.count == 0)
		str_printf(call->out, "No incident in %s.\n", call->root);
	for (size_t i = 0; i < list.count; i++)
		list_incident(&list.items[i], call->out);
	incident_list_free(&list);
	return LOG_GOOD;
}

/* An incident that was read and checked. */
struct log_read {
	char *id;
	struct entry_list entries;
	struct str raw;
	struct log_check check;
};

static bool
read_incident(const struct log_call *call, const char *part, struct log_read *read)
{
	struct error error = { 0 };

	*read = (struct log_read){ .id = log_find(call->root, part, call->complaints) };
	if (!read->id)
		return false;
	if (!incident_read(call->root, read->id, &read->entries, &read->raw, &error)) {
		free(read->id);
		complain(call, &error);
		return false;
	}
	log_check_bytes(str_text(&read->raw), read->raw.length, &read->check);
	return true;
}

static void
free_incident(struct log_read *read)
{
	log_check_free(&read->check);
	entry_list_free(&read->entries);
	str_free(&read->raw);
	free(read->id);
}

static int
run_show(const struct log_call *call)
{
	struct log_read read;

	if (call->count > 1)
		return complain_usage(call, "show [ID]");
	if (!read_incident(call, call->count > 0 ? call->arguments[0] : "last", &read))
		return LOG_ERROR;
	log_show(read.id, &read.entries, &read.check, call->out);
	free_incident(&read);
	return LOG_GOOD;
}

static int
verify_one(const struct log_call *call, const char *id, bool at_length)
{
	struct log_read read;
	struct str chain = { 0 };
	int result;

	if (!read_incident(call, id, &read))
		return LOG_ERROR;
	result = log_check_holds(&read.check) ? LOG_GOOD : LOG_DAMAGED;
	if (result == LOG_GOOD)
		str_printf(call->out, "%s: holds, %zu entries, %s\n", read.id,
			read.check.entries,
			read.check.closed ? "closed" : "not closed");
	else
		str_printf(call->out, "%s: DOES NOT HOLD at line %zu\n", read.id,
			read.check.bad_line ? read.check.bad_line
					    : read.check.tail[0].line);
	report_chain(&read.check, &chain);
	for (char *rest = NULL, *line = strtok_r(chain.bytes, "\n", &rest);
		line && (at_length || result != LOG_GOOD);
		line = strtok_r(NULL, "\n", &rest)) {
		str_add(call->out, "  ");
		log_wrap(call->out, 2, 2, line);
	}
	str_free(&chain);
	free_incident(&read);
	return result;
}

static int
run_verify(const struct log_call *call)
{
	struct strlist names = { 0 };
	struct error error = { 0 };
	int worst = LOG_GOOD;

	if (call->count > 1)
		return complain_usage(call, "verify [ID]");
	if (call->count == 1)
		return verify_one(call, call->arguments[0], true);
	if (!incident_names(call->root, &names, &error))
		return complain(call, &error);
	for (size_t i = 0; i < names.count; i++) {
		int result = verify_one(call, names.items[i], false);

		if (result > worst)
			worst = result;
	}
	if (names.count == 0)
		str_printf(call->out, "No incident in %s.\n", call->root);
	else
		log_wrap(call->out, 0, 0,
			"A chain that holds doesn't show that entries were cut off at "
			"the end, or that all of it was written anew: `pgrunbook log "
			"verify ID` says what to compare.");
	strlist_free(&names);
	return worst;
}

/* [ID] [--format FORMAT] in any order. */
static bool
export_arguments(const struct log_call *call, const char **id, const char **format)
{
	*id = "last";
	*format = "markdown";
	for (int i = 0, ids = 0; i < call->count; i++) {
		const char *argument = call->arguments[i];

		if (strcmp(argument, "--format") == 0 && i + 1 < call->count)
			*format = call->arguments[++i];
		else if (strncmp(argument, "--format=", 9) == 0)
			*format = argument + 9;
		else if (*argument != '-' && ids++ == 0)
			*id = argument;
		else
			return false;
	}
	return strcmp(*format, "markdown") == 0 || strcmp(*format, "json") == 0;
}

static int
run_export(const struct log_call *call)
{
	const char *id, *format;
	struct log_read read;

	if (!export_arguments(call, &id, &format))
		return complain_usage(call, "export [ID] [--format markdown|json]");
	if (!read_incident(call, id, &read))
		return LOG_ERROR;
	if (strcmp(format, "json") == 0)
		log_export_json(read.id, &read.raw, &read.check, call->out);
	else
		report_markdown(read.id, read.entries.items, read.entries.count,
			&read.check, call->out);
	free_incident(&read);
	return LOG_GOOD;
}

/* The resource of the note: who writes it now, in the incident's environment. */
static json_t *
note_resource(const struct log_read *read)
{
	return who_resource(read->entries.count > 0
				    ? entry_resource_text(&read->entries.items[0],
					      "deployment.environment.name")
				    : NULL);
}

static int
write_note(const struct log_call *call, const struct log_read *read, const char *text)
{
	struct redact *redact = redact_new(NULL);
	json_t *resource = note_resource(read);
	struct error error = { 0 };
	struct incident *incident =
		incident_open(call->root, read->id, resource, redact, &error);
	struct entry written;
	bool good = incident && incident_append(incident, EVENT_NOTE, ENTRY_INFO, text,
					NULL, &written, &error);

	if (good) {
		str_printf(call->out, "Entry %" PRIu64 " of %s\n  head hash %s\n",
			written.seq, read->id, written.hash);
		entry_free(&written);
	}
	incident_free(incident);
	json_decref(resource);
	redact_free(redact);
	return good ? LOG_GOOD : complain(call, &error);
}

static int
run_note(const struct log_call *call)
{
	struct str text = { 0 };
	struct log_read read;
	int result = LOG_ERROR;

	for (int i = 1; i < call->count; i++)
		str_printf(&text, "%s%s", i > 1 ? " " : "", call->arguments[i]);
	if (str_text(&text)[strspn(str_text(&text), " \t\n")] == '\0') {
		str_free(&text);
		return complain_usage(call, "note ID TEXT");
	}
	if (read_incident(call, call->arguments[0], &read)) {
		result = write_note(call, &read, text.bytes);
		free_incident(&read);
	}
	str_free(&text);
	return result;
}

static const struct log_verb verbs[] = {
	{ "list", "[list]", "what there is, newest first", run_list },
	{ "show", "show [ID]", "the entries of one, by time", run_show },
	{ "verify", "verify [ID]", "check the chain of one, or of all", run_verify },
	{ "export", "export [ID] [--format markdown|json]", "a report for the review",
		run_export },
	{ "note", "note ID TEXT", "add a note", run_note },
};

enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

static void
help(struct str *out)
{
	str_add(out, "The incident logs on this machine.\n\n");
	for (size_t i = 0; i < VERBS; i++)
		str_printf(out, "  pgrunbook log %s\n      %s\n", verbs[i].usage,
			verbs[i].help);
	str_add(out, "\nID is \"last\", or any part of a name that only one incident "
		     "has.\nExit status: 0; 1: a log doesn't hold; 2: an error.\n");
}

static int
run_verb(const struct log_verb *verb, int count, char *const arguments[],
	struct str *out, struct str *complaints)
{
	struct error error = { 0 };
	struct log_call call = { .root = incident_root(&error),
		.count = count,
		.arguments = arguments,
		.out = out,
		.complaints = complaints };
	int result;

	if (!call.root)
		return complain(&call, &error);
	result = verb->run(&call);
	free(call.root);
	return result;
}

int
command_log(int count, char *const arguments[], struct str *out, struct str *complaints)
{
	const char *name = count > 0 ? arguments[0] : "list";
	char *clean;

	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ||
		strcmp(name, "help") == 0) {
		help(out);
		return LOG_GOOD;
	}
	for (size_t i = 0; i < VERBS; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return run_verb(&verbs[i], count > 0 ? count - 1 : 0,
				arguments + (count > 0), out, complaints);
	clean = text_sanitized(name);
	str_printf(complaints, "pgrunbook log: there is no \"log %s\".\n", clean);
	help(complaints);
	free(clean);
	return LOG_ERROR;
}
