#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/command_log_parts.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/model/report.h"
#include "pgrunbook/model/timeline.h"

enum { TEXT_COLUMN = 17 };

/* How many bytes of clean text go on a line of `room` cells: whole words if it can be.
 */
static size_t
line_bytes(const char *text, int room)
{
	int width;
	size_t fits = text_fit(text, room, &width), at = fits;

	if (text[fits] == '\0' || text[fits] == ' ')
		return fits;
	while (at > 0 && text[at - 1] != ' ')
		at--;
	if (at > 0)
		return at;
	return fits > 0 ? fits : strlen(text);
}

void
log_wrap(struct str *out, int column, int indent, const char *text)
{
	char *clean = text_sanitized(text);
	const char *at = clean + strspn(clean, " ");

	for (;;) {
		size_t length = line_bytes(at, LOG_COLUMNS - column);
		size_t shown = length;

		while (shown > 0 && at[shown - 1] == ' ')
			shown--;
		str_add_bytes(out, at, shown);
		str_add_char(out, '\n');
		at += length + strspn(at + length, " ");
		if (*at == '\0')
			break;
		str_printf(out, "%*s", indent, "");
		column = indent;
	}
	free(clean);
}

static void
add_text(struct str *out, const char *prefix, const char *text)
{
	str_printf(out, "%*s%s", TEXT_COLUMN, "", prefix);
	log_wrap(out, TEXT_COLUMN + (int)strlen(prefix), TEXT_COLUMN, text);
}

/* "runbook.step.finished [4] Take a backup" */
static char *
entry_title(const struct entry *entry)
{
	static const char *const severities[] = { "", "WARN ", "ERROR " };
	const char *title = entry_text(entry, "step.title");
	int64_t number = entry_int(entry, "step.number", 0);
	struct str text = { 0 };

	str_add(&text, severities[entry->severity >= ENTRY_ERROR  ? 2
				  : entry->severity >= ENTRY_WARN ? 1
								  : 0]);
	str_add(&text, entry->event_name);
	if (number > 0)
		str_printf(&text, "  [%" PRId64 "]", number);
	if (title)
		str_printf(&text, " %s", title);
	return str_take(&text);
}

static void
add_outcome(struct str *out, const struct entry *entry)
{
	const char *outcome = entry_text(entry, "event.outcome");
	const char *path = entry_text(entry, "output.path");
	int64_t status = entry_int(entry, "process.exit.code", -1);
	int64_t milliseconds = entry_int(entry, "duration_ms", -1);
	char length[DURATION_TEXT];
	struct str text = { 0 };

	if (!outcome)
		return;
	str_add(&text, outcome);
	if (status >= 0)
		str_printf(&text, ", exit status %" PRId64, status);
	if (milliseconds >= 0 && milliseconds < INT64_MAX / 1000)
		str_printf(&text, ", %s", duration_format(milliseconds * 1000, length));
	if (path)
		str_printf(&text, ", %s", path);
	add_text(out, "= ", str_text(&text));
	str_free(&text);
}

static void
add_entry(struct str *out, const struct entry *entry)
{
	const char *command = entry_text(entry, "process.command_line");
	const char *answer = entry_text(entry, "answer");
	const char *reason = entry_text(entry, "reason");
	char *title = entry_title(entry);
	char time[INSTANT_TEXT];

	str_printf(out, "%.8s %6" PRIu64 "  ",
		instant_format(entry->timestamp_us, time) + 11, entry->seq);
	log_wrap(out, TEXT_COLUMN, TEXT_COLUMN + 2, title);
	if (*entry->body)
		add_text(out, "", entry->body);
	if (command)
		add_text(out, "$ ", command);
	if (answer)
		add_text(out, "> ", *answer ? answer : "(no answer)");
	if (reason && !strstr(entry->body, reason))
		add_text(out, "because: ", reason);
	add_outcome(out, entry);
	free(title);
}

void
log_show(const char *id, const struct entry_list *entries,
	const struct log_check *check, struct str *out)
{
	struct moment *moments = timeline_make(entries->items, entries->count);
	char day[11] = "";
	struct str chain = { 0 };

	log_wrap(out, 0, 2, id);
	for (size_t i = 0; i < entries->count; i++) {
		const struct entry *entry = moments[i].entry;
		char time[INSTANT_TEXT];

		instant_format(entry->timestamp_us, time);
		if (strncmp(day, time, sizeof(day) - 1) != 0) {
			memcpy(day, time, sizeof(day) - 1);
			str_printf(out, "\n%s (UTC)\n", day);
		}
		add_entry(out, entry);
	}
	str_add_char(out, '\n');
	report_chain(check, &chain);
	for (char *rest = NULL, *line = strtok_r(chain.bytes, "\n", &rest); line;
		line = strtok_r(NULL, "\n", &rest))
		log_wrap(out, 0, 0, line);
	str_free(&chain);
	free(moments);
}
