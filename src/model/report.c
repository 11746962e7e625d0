#include "pgrunbook/model/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/markdown_out.h"
#include "pgrunbook/model/report_steps.h"
#include "pgrunbook/model/timeline.h"

static const struct report_question questions[] = {
	{ "rolled_back", "What was rolled back?" },
	{ "forward_fix", "Why was a forward fix not feasible?" },
	{ "reapply", "How and when is the change re-applied?" },
	{ "impact", "What was the impact, and for how long?" },
	{ "data_loss", "Which data was lost, and what is the recovery point?" },
	{ "told", "Who was told?" },
	{ "follow_up", "What is to be followed up?" },
	{ "ticket", "Which ticket is it?" },
};

enum { QUESTIONS = sizeof(questions) / sizeof(questions[0]) };

/* The report under way. */
struct report {
	const struct entry *entries;
	size_t count;
	struct report_runs runs;
	struct strlist todo; /* what is open, as Markdown */
	struct str *out;
};

const struct report_question *
report_questions(size_t *count)
{
	*count = QUESTIONS;
	return questions;
}

/* The first text attribute of that name in the log; NULL: none has it. */
static const char *
first_text(const struct report *report, const char *name)
{
	const char *text = NULL;

	for (size_t i = 0; i < report->count && !text; i++)
		text = entry_text(&report->entries[i], name);
	return text;
}

static const struct entry *
first_event(const struct report *report, enum entry_event event)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->entries[i].event == event)
			return &report->entries[i];
	return NULL;
}

static void
add_fact(struct str *out, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	str_printf(out, "| %s | ", name);
	markdown_add_text(out, value);
	str_add(out, " |\n");
}

static char *
instant_words(int64_t unix_microseconds)
{
	char text[INSTANT_TEXT];

	return alloc_copy(instant_format(unix_microseconds, text));
}

static char *
target_words(const struct report *report)
{
	const char *database = first_text(report, "db.namespace");
	const char *address = first_text(report, "server.address");
	const char *port = first_text(report, "server.port");

	if (!database)
		return NULL;
	return alloc_printf("%s on %s%s%s", database,
		address ? address : "an unknown server", port ? ":" : "",
		port ? port : "");
}

/* "alice on jump1 (sudo of bob), carol on jump2": everybody who wrote entries. */
static char *
operators(const struct report *report)
{
	struct strlist names = { 0 };
	char *joined;

	for (size_t i = 0; i < report->count; i++) {
		const struct entry *entry = &report->entries[i];
		const char *user = entry_resource_text(entry, "user.name");
		const char *host = entry_resource_text(entry, "host.name");
		const char *sudo = entry_resource_text(entry, "user.sudo_user");
		const char *given = entry_resource_text(entry, "user.full_name");
		char *name = alloc_printf("%s on %s%s%s%s%s", user ? user : "somebody",
			host ? host : "an unknown host",
			sudo ? ", through sudo from " : "", sudo ? sudo : "",
			given ? ", who says to be " : "", given ? given : "");

		if (strlist_has(&names, name))
			free(name);
		else
			strlist_add_owned(&names, name);
	}
	joined = strlist_join(&names, "; ");
	strlist_free(&names);
	return joined;
}

static void
add_times(struct report *report, const struct log_check *check)
{
	const struct entry *first = &report->entries[0];
	const struct entry *last = &report->entries[report->count - 1];
	char *opened = instant_words(first->timestamp_us);
	char *ended = instant_words(last->timestamp_us);
	char length[DURATION_TEXT];
	char *open = alloc_printf("not closed; last entry %s", ended);

	add_fact(report->out, "Opened", opened);
	add_fact(report->out, "Closed", check->closed ? ended : open);
	add_fact(report->out, "Duration",
		duration_format(last->timestamp_us - first->timestamp_us, length));
	free(opened);
	free(ended);
	free(open);
}

static void
add_head(struct report *report, const char *id, const struct log_check *check)
{
	const struct entry *opened = first_event(report, EVENT_INCIDENT_OPENED);
	char *target = target_words(report);
	char *people = operators(report);

	str_add(report->out, "# Incident ");
	markdown_add_text(report->out, id);
	str_add(report->out, "\n\n");
	if (opened && *opened->body) {
		markdown_add_text(report->out, opened->body);
		str_add(report->out, "\n\n");
	}
	str_add(report->out, "| | |\n|---|---|\n");
	add_fact(report->out, "Database", target);
	add_fact(report->out, "System identifier",
		first_text(report, "db.system_identifier"));
	if (report->count > 0) {
		add_fact(report->out, "Environment",
			entry_resource_text(
				&report->entries[0], "deployment.environment.name"));
		add_times(report, check);
		add_fact(report->out, "Operator", people);
	}
	str_add_char(report->out, '\n');
	free(target);
	free(people);
}

/* What an entry without a sentence of its own is about. */
static const char *
entry_words(const struct entry *entry)
{
	static const char *const names[] = { "process.command_line", "answer", "reason",
		"step.title", "runbook.title" };
	const char *text = NULL;

	if (*entry->body)
		return entry->body;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !text; i++)
		text = entry_text(entry, names[i]);
	return text;
}

static void
add_timeline(struct report *report)
{
	struct moment *moments = timeline_make(report->entries, report->count);

	str_add(report->out, "## Timeline (UTC)\n\n| Time | # | Event | |\n"
			     "|---|---:|---|---|\n");
	for (size_t i = 0; i < report->count; i++) {
		const struct entry *entry = moments[i].entry;
		const char *outcome = entry_text(entry, "event.outcome");
		char time[INSTANT_TEXT];

		str_printf(report->out, "| %.19s | %" PRIu64 " | ",
			instant_format(entry->timestamp_us, time), entry->seq);
		markdown_add_text(report->out, entry->event_name);
		str_add(report->out, " | ");
		if (entry->severity >= ENTRY_ERROR)
			str_add(report->out, "**Error:** ");
		markdown_add_text(report->out, entry_words(entry));
		if (outcome && strcmp(outcome, "success") != 0) {
			str_add(report->out, " (");
			markdown_add_text(report->out, outcome);
			str_add_char(report->out, ')');
		}
		str_add(report->out, " |\n");
	}
	str_add_char(report->out, '\n');
	free(moments);
}

/* A step's place in the checklist: ticked only if it is known to have succeeded. */
static void
add_check(struct report *report, const struct report_step *step)
{
	const struct report_attempt *last =
		step->attempt_count > 0 ? &step->attempts[step->attempt_count - 1]
					: NULL;
	struct str title = { 0 };
	char time[INSTANT_TEXT];

	markdown_add_text(&title, step->title ? step->title : step->id);
	str_printf(report->out, "- [%c] ", report_step_done(step) ? 'x' : ' ');
	if (step->number > 0)
		str_printf(report->out, "%" PRId64 "\\. ", step->number);
	str_add(report->out, str_text(&title));
	if (step->skipped) {
		const char *reason = entry_text(step->skipped, "reason");

		str_add(report->out, " — **skipped**: ");
		markdown_add_text(report->out, reason ? reason : step->skipped->body);
	} else if (report_step_unknown(step)) {
		str_add(report->out, " — **outcome unknown**: it was started, and no "
				     "end was written");
		strlist_add_owned(&report->todo,
			alloc_printf("Find out what became of: %s", str_text(&title)));
	} else if (last && last->finished) {
		const char *outcome = entry_text(last->finished, "event.outcome");

		str_printf(report->out, " — %s %.19sZ",
			report_step_done(step) ? "done" : "**not done**",
			instant_format(last->finished->timestamp_us, time));
		if (!report_step_done(step)) {
			str_add(report->out, ", ");
			markdown_add_text(report->out, outcome ? outcome : "unknown");
		}
	} else {
		str_add(report->out, " — open");
	}
	str_add_char(report->out, '\n');
	str_free(&title);
}

static void
add_runs(struct report *report)
{
	str_add(report->out, "## Checklist\n\n");
	if (report->runs.count == 0)
		str_add(report->out, "No runbook was run.\n\n");
	for (size_t i = 0; i < report->runs.count; i++) {
		const struct report_run *run = &report->runs.items[i];
		const char *title =
			run->started ? entry_text(run->started, "runbook.title") : NULL;
		const char *path =
			run->started ? entry_text(run->started, "runbook.path") : NULL;
		const char *digest =
			run->started ? entry_text(run->started, "runbook.sha256")
				     : NULL;

		str_add(report->out, "### ");
		markdown_add_text(report->out, title ? title : path ? path : "A run");
		str_add(report->out, "\n\n");
		if (path) {
			markdown_add_code(report->out, path);
			if (digest) {
				str_add(report->out, ", SHA-256 ");
				markdown_add_code(report->out, digest);
			}
			str_add(report->out, ".\n");
		}
		str_add(report->out, "The run ");
		str_add(report->out, !run->ended ? "**has no end in the log**"
				     : run->ended->event == EVENT_RUN_ABORTED
					     ? "was **aborted**"
					     : "was finished");
		str_add(report->out, ".\n\n");
		for (size_t k = 0; k < run->step_count; k++)
			add_check(report, &run->steps[k]);
		str_add(report->out, run->step_count > 0 ? "\n" : "");
	}
}

/* "failure, exit status 1, 4.2s" */
static void
add_outcome(struct str *out, const struct report_attempt *attempt)
{
	const struct entry *finished = attempt->finished;
	const char *outcome, *signal;
	int64_t status, milliseconds;
	char length[DURATION_TEXT];

	if (!finished) {
		str_add(out, "**outcome unknown**");
		return;
	}
	outcome = entry_text(finished, "event.outcome");
	signal = entry_text(finished, "process.signal");
	status = entry_int(finished, "process.exit.code", -1);
	milliseconds = entry_int(finished, "duration_ms", -1);
	markdown_add_text(out, outcome ? outcome : "unknown");
	if (signal) {
		str_add(out, ", killed by ");
		markdown_add_text(out, signal);
	} else if (entry_int(finished, "process.signal", 0) > 0) {
		str_printf(out, ", killed by signal %" PRId64,
			entry_int(finished, "process.signal", 0));
	} else if (status >= 0) {
		str_printf(out, ", exit status %" PRId64, status);
	}
	if (milliseconds >= 0 && milliseconds < INT64_MAX / 1000)
		str_printf(out, ", %s", duration_format(milliseconds * 1000, length));
}

static void
add_command(struct report *report, const struct report_step *step, size_t number,
	const char *command)
{
	const struct report_attempt *attempt = &step->attempts[number];
	const struct entry *entry =
		attempt->started ? attempt->started : attempt->finished;
	const struct entry *end = attempt->finished ? attempt->finished : entry;
	const char *path = entry_text(end, "output.path");
	const char *digest = entry_text(end, "output.sha256");
	char time[INSTANT_TEXT], size[BYTES_TEXT];

	str_add(report->out, "- ");
	markdown_add_text(report->out, step->title ? step->title : step->id);
	if (step->attempt_count > 1)
		str_printf(report->out, " (attempt %zu)", number + 1);
	str_printf(
		report->out, ", %.19sZ: ", instant_format(entry->timestamp_us, time));
	add_outcome(report->out, attempt);
	str_add(report->out, "\n\n");
	markdown_add_fence(report->out, "  ", "", command);
	str_add_char(report->out, '\n');
	if (!path)
		return;
	str_add(report->out, "  Output: ");
	markdown_add_code(report->out, path);
	str_printf(report->out, ", %s",
		bytes_format(entry_int(end, "output.bytes", -1), size));
	if (json_is_true(json_object_get(end->attributes, "output.truncated")))
		str_add(report->out, ", **cut short**");
	if (digest) {
		str_add(report->out, ", SHA-256 ");
		markdown_add_code(report->out, digest);
	}
	str_add(report->out, "\n\n");
}

static void
add_commands(struct report *report)
{
	size_t before;

	str_add(report->out, "## Commands\n\n");
	before = report->out->length;
	for (size_t i = 0; i < report->runs.count; i++) {
		const struct report_run *run = &report->runs.items[i];

		for (size_t k = 0; k < run->step_count; k++) {
			const struct report_step *step = &run->steps[k];

			for (size_t n = 0; n < step->attempt_count; n++) {
				const struct report_attempt *attempt =
					&step->attempts[n];
				const char *command = NULL;

				if (attempt->started)
					command = entry_text(attempt->started,
						"process.command_line");
				if (!command && attempt->finished)
					command = entry_text(attempt->finished,
						"process.command_line");
				if (command)
					add_command(report, step, n, command);
			}
		}
	}
	if (report->out->length == before)
		str_add(report->out, "None was run.\n\n");
}

/* "0015", "0014, 00a1", or "base" for none. */
static void
add_revisions_of(struct str *out, const struct entry *entry, const char *name)
{
	const json_t *item, *list = json_object_get(entry->attributes, name);
	size_t i;

	if (!json_is_array(list)) {
		str_add(out, "unknown");
		return;
	}
	json_array_foreach(list, i, item)
	{
		str_add(out, i > 0 ? ", " : "");
		markdown_add_code(out, json_string_value(item));
	}
	if (json_array_size(list) == 0)
		str_add(out, "base");
}

static void
add_revisions(struct report *report)
{
	bool any = false;
	char time[INSTANT_TEXT];

	str_add(report->out, "## Revisions\n\n");
	for (size_t i = 0; i < report->count; i++) {
		const struct entry *entry = &report->entries[i];

		if (entry->event != EVENT_REVISION_CHANGED)
			continue;
		if (!any)
			str_add(report->out,
				"| Time | Before | After |\n|---|---|---|\n");
		any = true;
		str_printf(report->out, "| %.19s | ",
			instant_format(entry->timestamp_us, time));
		add_revisions_of(report->out, entry, "alembic.revision.before");
		str_add(report->out, " | ");
		add_revisions_of(report->out, entry, "alembic.revision.after");
		str_add(report->out, " |\n");
	}
	str_add(report->out,
		any ? "\n" : "No change of the revision was recorded.\n\n");
}

/* The last answer to a question; NULL: it wasn't asked. */
static const struct entry *
last_answer(const struct report *report, const char *name)
{
	for (size_t i = report->count; i-- > 0;) {
		const struct entry *entry = &report->entries[i];
		const char *asked = entry_text(entry, "question.name");

		if (entry->event == EVENT_QUESTION_ANSWERED && asked &&
			strcmp(asked, name) == 0)
			return entry;
	}
	return NULL;
}

static void
add_answer(struct report *report, const char *text, const struct entry *answered)
{
	const char *answer = answered ? entry_text(answered, "answer") : NULL;
	struct str question = { 0 };

	markdown_add_text(&question, text);
	str_printf(report->out, "### %s\n\n", str_text(&question));
	if (answer && answer[strspn(answer, " \t\n")] != '\0') {
		markdown_add_quote(report->out, "", answer);
		str_add_char(report->out, '\n');
	} else {
		str_add(report->out, "**TODO**\n\n");
		strlist_add_owned(
			&report->todo, alloc_printf("Answer: %s", str_text(&question)));
	}
	str_free(&question);
}

static bool
is_standard(const char *name)
{
	for (size_t i = 0; i < QUESTIONS; i++)
		if (strcmp(questions[i].name, name) == 0)
			return true;
	return false;
}

static void
add_questions(struct report *report)
{
	str_add(report->out, "## Questions\n\n");
	for (size_t i = 0; i < QUESTIONS; i++)
		add_answer(report, questions[i].text,
			last_answer(report, questions[i].name));
	/* The runbook's own. */
	for (size_t i = 0; i < report->count; i++) {
		const struct entry *entry = &report->entries[i];
		const char *name = entry_text(entry, "question.name");
		const char *text = entry_text(entry, "question.text");

		if (entry->event == EVENT_QUESTION_ANSWERED && name &&
			!is_standard(name) && last_answer(report, name) == entry)
			add_answer(report, text ? text : name, entry);
	}
}

static void
add_notes(struct report *report)
{
	const struct entry *first = first_event(report, EVENT_NOTE);
	char time[INSTANT_TEXT];

	if (!first)
		return;
	str_add(report->out, "## Notes\n\n");
	for (const struct entry *entry = first; entry < report->entries + report->count;
		entry++) {
		if (entry->event != EVENT_NOTE)
			continue;
		str_printf(report->out, "%.19sZ:\n\n",
			instant_format(entry->timestamp_us, time));
		markdown_add_quote(report->out, "", entry->body);
		str_add_char(report->out, '\n');
	}
}

static void
add_todo(struct report *report)
{
	str_add(report->out, "## Open points\n\n");
	for (size_t i = 0; i < report->todo.count; i++)
		str_printf(report->out, "- [ ] %s\n", report->todo.items[i]);
	str_add(report->out,
		report->todo.count > 0 ? "\n" : "None is known to the log.\n\n");
}

/* The sentences on the chain, as paragraphs. */
static void
add_chain(struct report *report, const struct log_check *check)
{
	struct str text = { 0 };
	char *line, *rest = NULL;

	str_add(report->out, "## How far this log can be trusted\n\n");
	report_chain(check, &text);
	for (line = strtok_r(text.bytes, "\n", &rest); line;
		line = strtok_r(NULL, "\n", &rest)) {
		markdown_add_text(report->out, line);
		str_add(report->out, rest && *rest ? "\n\n" : "\n");
	}
	str_free(&text);
}

void
report_markdown(const char *id, const struct entry *entries, size_t count,
	const struct log_check *check, struct str *out)
{
	struct report report = { .entries = entries, .count = count, .out = out };

	report_runs_make(entries, count, &report.runs);
	add_head(&report, id, check);
	add_timeline(&report);
	add_runs(&report);
	add_commands(&report);
	add_revisions(&report);
	add_questions(&report);
	add_notes(&report);
	if (!log_check_holds(check))
		strlist_add(&report.todo, "Find out who changed the log, and why");
	add_todo(&report);
	add_chain(&report, check);
	report_runs_free(&report.runs);
	strlist_free(&report.todo);
}
