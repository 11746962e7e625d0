#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/view/draw.h"
#include "pgrunbook/view/pane.h"

static const struct column columns[] = {
	{ .width = 1 },			/* the cursor */
	{ .width = 9, .rank = 1 },	/* time of day, UTC */
	{ .width = 21, .rank = 2 },	/* what happened */
	{ .width = 10, .grows = true }, /* in words */
};

enum { LOG_COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static char *
log_summary(const struct app *app)
{
	if (app->incident == NULL)
		return NULL;
	return alloc_printf("%s, %zu entries", app->incident, app->entry_count);
}

/* "runbook.step.finished" reads as words: "step finished". */
static char *
log_event_words(const struct entry *entry)
{
	const char *name = entry->event_name == NULL ? entry_event_name(entry->event)
						     : entry->event_name;
	size_t prefix = strlen("runbook.");
	char *words = alloc_copy(
		strncmp(name, "runbook.", prefix) == 0 ? name + prefix : name);

	for (char *at = words; *at != '\0'; at++) {
		if (*at == '.' || *at == '_')
			*at = ' ';
	}
	return words;
}

static enum role
log_role(const struct entry *entry)
{
	if (entry->severity >= ENTRY_ERROR)
		return ROLE_ALERT;
	return entry->severity >= ENTRY_WARN ? ROLE_WARNING : ROLE_TEXT;
}

static void
log_draw(const struct app *app, struct area area)
{
	const struct pane_state *state = &app->panes[PANE_LOG];
	char clock[INSTANT_TEXT];
	int widths[COLUMNS_MAX];

	if (app->log_problem != NULL && app->entry_count == 0) {
		draw_empty(area, app->log_problem);
		return;
	}
	if (app->entry_count == 0) {
		draw_empty(area, "no incident is open: a note (n) or the first step of "
				 "a runbook opens one");
		return;
	}
	columns_fit(columns, LOG_COLUMNS, area.columns, widths);
	for (int row = 0; row < area.rows; row++) {
		size_t at = state->top + (size_t)row;

		if (at >= app->entry_count)
			break;
		const struct entry *entry = &app->entries[at];
		char *words = log_event_words(entry);
		struct pen pen = pen_at(area, row, columns, widths);
		pen_put(&pen, ROLE_TEXT, "");
		pen_put(&pen, ROLE_DIM, instant_clock(entry->timestamp_us, clock));
		pen_put(&pen, log_role(entry), words);
		pen_put(&pen, ROLE_TEXT, entry->body);
		free(words);
		if (at == state->row)
			draw_cursor(area, row, app->focus == PANE_LOG);
	}
}

static void
detail_attributes(const struct entry *entry, struct flow *flow)
{
	const char *name;
	json_t *value;

	json_object_foreach(entry->attributes, name, value)
	{
		if (json_is_string(value)) {
			flow_fact(flow, name, json_string_value(value));
			continue;
		}
		char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_SORT_KEYS);
		flow_fact(flow, name, text);
		free(text);
	}
}

static int
log_detail(const struct app *app, struct area area, int top)
{
	const struct pane_state *state = &app->panes[PANE_LOG];
	struct flow flow = flow_at(area, top);
	char text[INSTANT_TEXT];
	const char *name;
	json_t *value;

	if (state->row >= app->entry_count)
		return 0;
	const struct entry *entry = &app->entries[state->row];
	flow_text(&flow, log_role(entry), 0, entry->body);
	flow_gap(&flow);
	json_object_foreach(entry->attributes, name, value) flow_label(&flow, name);
	flow_fact(&flow, "event", entry->event_name);
	flow_fact(&flow, "at", instant_format(entry->timestamp_us, text));
	snprintf(text, sizeof(text), "%llu", (unsigned long long)entry->seq);
	flow_fact(&flow, "entry", text);
	detail_attributes(entry, &flow);
	flow_fact(&flow, "hash", entry->hash);
	return flow.row + top;
}

const struct pane pane_log = {
	.id = PANE_LOG,
	.summary = log_summary,
	.draw = log_draw,
	.detail = log_detail,
};
