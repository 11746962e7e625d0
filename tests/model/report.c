#include "pgrunbook/model/report.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/markdown_out.h"
#include "tests/tap/tap.h"

enum { ENTRIES = 32 };
static const int64_t start_us = 1795183351000000; /* 2026-11-20T14:02:31Z */

struct log {
	struct entry entries[ENTRIES];
	size_t count;
	struct str bytes;
};

/* `seconds` after the start; `attributes` is taken over. */
static void
add(struct log *log, int seconds, enum entry_event event, const char *body,
	json_t *attributes)
{
	struct entry *entry = &log->entries[log->count];

	memset(entry, 0, sizeof(*entry));
	entry->timestamp_us = start_us + (int64_t)seconds * 1000000;
	entry->seq = log->count + 1;
	entry->event = event;
	entry->event_name = alloc_copy(entry_event_name(event));
	entry->severity = ENTRY_INFO;
	entry->body = alloc_copy(body);
	entry->attributes = attributes ? attributes : json_object();
	entry->resource = json_pack("{s:s,s:s,s:s}", "user.name", "alice", "host.name",
		"jump1", "deployment.environment.name", "production");
	memcpy(entry->prev,
		log->count > 0 ? log->entries[log->count - 1].hash : entry_no_hash,
		ENTRY_HASH_TEXT);
	entry_write(entry, &log->bytes);
	log->count++;
}

static void
log_free(struct log *log)
{
	for (size_t i = 0; i < log->count; i++)
		entry_free(&log->entries[i]);
	str_free(&log->bytes);
}

static json_t *
step(const char *id, const char *outcome)
{
	json_t *attributes = json_pack("{s:s,s:s}", "run.id", "r1", "step.id", id);

	if (outcome)
		json_object_set_new(attributes, "event.outcome", json_string(outcome));
	return attributes;
}

static json_t *
command(const char *id, const char *outcome, const char *line)
{
	json_t *attributes = step(id, outcome);

	json_object_set_new(attributes, "process.command_line", json_string(line));
	if (outcome) {
		json_object_set_new(attributes, "process.exit.code",
			json_integer(strcmp(outcome, "success") != 0));
		json_object_set_new(attributes, "duration_ms", json_integer(4200));
		json_object_set_new(
			attributes, "output.path", json_string("output/0001.txt"));
		json_object_set_new(attributes, "output.bytes", json_integer(812));
	}
	return attributes;
}

static json_t *
answer(const char *name, const char *text)
{
	return json_pack("{s:s,s:s,s:s}", "question.name", name, "question.text",
		"How?", "answer", text);
}

/* A rollback with a failed attempt, a skipped step, an open one and one without end. */
static void
make_rollback(struct log *log)
{
	add(log, 0, EVENT_INCIDENT_OPENED, "Roll back billing",
		json_pack("{s:s,s:s,s:s,s:s}", "db.namespace", "billing",
			"server.address", "db1", "server.port", "5432",
			"db.system_identifier", "7301"));
	add(log, 1, EVENT_RUN_STARTED, "backup-then-downgrade",
		json_pack("{s:s,s:s,s:s,s:[{s:s,s:i,s:s,s:s},{s:s,s:i,s:s,s:s},"
			  "{s:s,s:i,s:s,s:s},{s:s,s:i,s:s,s:s},{s:s,s:i,s:s,s:s}]}",
			"run.id", "r1", "runbook.title", "Backup, then downgrade",
			"runbook.path", "runbooks/backup-then-downgrade.md", "steps",
			"id", "tick-1", "number", 1, "title", "Tell the *team*", "kind",
			"attest", "id", "backup-1", "number", 2, "title",
			"Take a backup", "kind", "action", "id", "replicas-1", "number",
			3, "title", "Wait for replicas", "kind", "action", "id",
			"downgrade-1", "number", 4, "title", "Downgrade", "kind",
			"action", "id", "verify-1", "number", 5, "title", "Verify",
			"kind", "attest"));
	add(log, 2, EVENT_STEP_FINISHED, "ticked", step("tick-1", "success"));
	add(log, 3, EVENT_STEP_STARTED, "",
		command("backup-1", NULL, "pg_dump -Fc | tee ```x```"));
	add(log, 4, EVENT_STEP_FINISHED, "no space",
		command("backup-1", "failure", "pg_dump"));
	add(log, 5, EVENT_STEP_STARTED, "",
		command("backup-1", NULL, "pg_dump -Fc -f /backup/x"));
	add(log, 9, EVENT_STEP_FINISHED, "backup taken",
		command("backup-1", "success", "pg_dump"));
	add(log, 10, EVENT_STEP_SKIPPED, "skipped",
		json_pack("{s:s,s:s,s:s}", "run.id", "r1", "step.id", "replicas-1",
			"reason", "no | replicas"));
	add(log, 11, EVENT_STEP_STARTED, "",
		command("downgrade-1", NULL, "alembic downgrade 0014"));
	add(log, 12, EVENT_REVISION_CHANGED, "",
		json_pack("{s:[s],s:[s]}", "alembic.revision.before", "0015",
			"alembic.revision.after", "0014"));
	add(log, 14, EVENT_NOTE, "phoned\n# the \x1b[2Jteam", NULL);
	add(log, 13, EVENT_QUESTION_ANSWERED, "",
		answer("rolled_back", "The index\nof 0015"));
	add(log, 15, EVENT_QUESTION_ANSWERED, "", answer("forward_fix", " "));
	add(log, 16, EVENT_QUESTION_ANSWERED, "", answer("own", "by bus"));
}

static void
has(const struct str *report, const char *text)
{
	if (!tap_ok(strstr(report->bytes, text) != NULL, "it has: %s", text))
		tap_diag("%s", report->bytes);
}

static void
lacks(const struct str *report, const char *text)
{
	tap_ok(strstr(report->bytes, text) == NULL, "it lacks: %s", text);
}

static void
make_report(const struct log *log, struct str *report)
{
	struct log_check check;

	log_check_bytes(log->bytes.bytes, log->bytes.length, &check);
	report_markdown(
		"2026-11-20T140231Z-billing", log->entries, log->count, &check, report);
	log_check_free(&check);
}

static void
test_rollback(void)
{
	struct log log = { 0 };
	struct str report = { 0 };

	make_rollback(&log);
	make_report(&log, &report);
	has(&report, "# Incident 2026-11-20T140231Z-billing\n\nRoll back billing\n");
	has(&report, "| Database | billing on db1:5432 |");
	has(&report, "| Environment | production |");
	has(&report, "| Operator | alice on jump1 |");
	has(&report,
		"| 2026-11-20T14:02:31 | 1 | incident.opened | Roll back billing |");
	tap_ok(strstr(report.bytes, "| 12 | question.answered") <
			strstr(report.bytes, "| 11 | note.added"),
		"the timeline goes by time, not by number");
	has(&report, "- [x] 1\\. Tell the \\*team\\* — done 2026-11-20T14:02:33Z\n");
	has(&report, "- [x] 2\\. Take a backup — done 2026-11-20T14:02:40Z\n");
	has(&report, "- [ ] 3\\. Wait for replicas — **skipped**: no \\| replicas\n");
	has(&report, "- [ ] 4\\. Downgrade — **outcome unknown**");
	has(&report, "- [ ] 5\\. Verify — open\n");
	has(&report, "The run **has no end in the log**.");
	has(&report, "- Take a backup (attempt 1), 2026-11-20T14:02:34Z: failure, "
		     "exit status 1, 4.2s\n\n"
		     "  ````\n  pg_dump -Fc | tee ```x```\n  ````\n");
	has(&report, "- Take a backup (attempt 2), 2026-11-20T14:02:36Z: success, "
		     "exit status 0, 4.2s\n");
	has(&report, "Output: `output/0001.txt`, 812 B");
	has(&report, "- Downgrade, 2026-11-20T14:02:42Z: **outcome unknown**\n");
	has(&report, "| 2026-11-20T14:02:43 | `0015` | `0014` |");
	has(&report, "### What was rolled back?\n\n> The index\n> of 0015\n");
	has(&report, "### Why was a forward fix not feasible?\n\n**TODO**\n");
	has(&report, "### Who was told?\n\n**TODO**\n");
	has(&report, "### How?\n\n> by bus\n");
	has(&report, "> phoned\n> \\# the \xef\xbf\xbd\\[2Jteam\n");
	has(&report, "- [ ] Find out what became of: Downgrade\n");
	has(&report, "- [ ] Answer: Why was a forward fix not feasible?\n");
	has(&report, "All 14 entries hold");
	has(&report, "never closed");
	lacks(&report, "\x1b");
	str_free(&report);
	log_free(&log);
}

static void
test_closed(void)
{
	struct log log = { 0 };
	struct str report = { 0 };
	struct str after = { 0 };

	add(&log, 0, EVENT_INCIDENT_OPENED, "Look around", NULL);
	add(&log, 60, EVENT_INCIDENT_CLOSED, "", NULL);
	make_report(&log, &report);
	has(&report, "| Closed | 2026-11-20T14:03:31.000000Z |");
	has(&report, "No runbook was run.");
	has(&report, log.entries[1].hash);
	lacks(&report, "What was added after it");
	add(&log, 90, EVENT_NOTE, "late", NULL);
	make_report(&log, &after);
	has(&after, "What was added after it (1 of the entries) is in neither.");
	log.bytes.bytes[20] ^= 1;
	str_clear(&after);
	make_report(&log, &after);
	has(&after, "Line 1 doesn't hold");
	has(&after, "- [ ] Find out who changed the log, and why");
	lacks(&after, "entries hold:");
	str_free(&report);
	str_free(&after);
	log_free(&log);
}

static void
test_nothing(void)
{
	struct log_check check;
	struct str report = { 0 };

	log_check_bytes("", 0, &check);
	report_markdown("x", NULL, 0, &check, &report);
	has(&report, "# Incident x\n");
	log_check_free(&check);
	str_free(&report);
}

static void
test_markdown(void)
{
	struct str out = { 0 };

	markdown_add_text(&out, "1. alembic_version *x* <b> [a](b) _y_ | # `z`\n- w");
	tap_is_text(out.bytes,
		"1\\. alembic_version \\*x\\* \\<b\\> \\[a\\](b) \\_y\\_ \\| # "
		"\\`z\\` - w",
		"text stays text");
	str_clear(&out);
	markdown_add_code(&out, "a|b `c");
	tap_is_text(out.bytes, "``a\\|b `c``", "code stays code");
	str_clear(&out);
	markdown_add_fence(&out, "", "sh", "a\n```\nb\n\n");
	tap_is_text(out.bytes, "````sh\na\n```\nb\n````\n", "a fence can't be left");
	str_clear(&out);
	markdown_add_quote(&out, "", "# a\n\n  1) b");
	tap_is_text(out.bytes, "> \\# a\n> \n>   1\\) b\n", "a quotation neither");
	str_free(&out);
}

int
main(void)
{
	test_rollback();
	test_closed();
	test_nothing();
	test_markdown();
	return tap_done();
}
