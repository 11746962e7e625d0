#include "tests/screen/state_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "tests/screen/state_json.h"

static void
read_runbook(const char *folder, const char *name, struct app *app)
{
	char *path = alloc_printf("%s/%s", folder, name);
	FILE *file = fopen(path, "r");
	struct error error = { 0 };
	struct str bytes = { 0 };
	char buffer[4096];
	size_t got = 0;

	while (file != NULL && (got = fread(buffer, 1, sizeof(buffer), file)) > 0)
		str_add_bytes(&bytes, buffer, got);
	if (file != NULL)
		fclose(file);
	app->runbook = runbook_read(name, str_text(&bytes), bytes.length, &error);
	if (app->runbook == NULL) {
		printf("Bail out! %s: %s\n", path, error.message);
		exit(1);
	}
	str_free(&bytes);
	free(path);
}

static enum entry_event
event_of(const char *name)
{
	for (int event = 0; event < EVENT_OTHER; event++) {
		if (strcmp(entry_event_name((enum entry_event)event), name) == 0)
			return (enum entry_event)event;
	}
	return EVENT_OTHER;
}

static void
add_entry(const json_t *object, struct app *app)
{
	const char *name = text_of(object, "event");
	const json_t *severity = json_object_get(object, "severity");
	json_t *attributes = json_object_get(object, "attributes");
	struct entry entry = {
		/* One every 20 seconds, the last one 20 seconds ago. */
		.timestamp_us = app->now_us - 600 * INT64_C(1000000) +
				(int64_t)app->entry_count * 20000000,
		.seq = app->entry_count + 1,
		.event = event_of(name),
		.event_name = alloc_copy(name),
		.severity = severity == NULL
				    ? ENTRY_INFO
				    : (enum entry_severity)json_integer_value(severity),
		.body = alloc_copy(text_of(object, "body")),
		.attributes =
			attributes == NULL ? json_object() : json_incref(attributes),
	};

	memset(entry.hash, 'e', ENTRY_HASH_TEXT - 1);
	app_take_entry(app, &entry);
}

void
state_load_run(const json_t *state, const char *folder, struct app *app)
{
	const char *runbook = text_of(state, "runbook");
	const json_t *running = json_object_get(state, "step_running");
	json_t *item;
	size_t i;

	if (runbook != NULL)
		read_runbook(folder, runbook, app);
	json_array_foreach(json_object_get(state, "entries"), i, item)
	{
		add_entry(item, app);
	}
	if (json_is_true(json_object_get(state, "resumed")))
		run_resume(&app->run);
	if (running != NULL)
		app->step_running = (int)json_integer_value(running);
	app->step_started_us = app->now_us - 12 * INT64_C(1000000);
	app->step_phase = alloc_copy(text_of(state, "step_phase"));
	app->incident = alloc_copy(text_of(state, "incident"));
	app->log_problem = alloc_copy(text_of(state, "log_problem"));
	json_array_foreach(json_object_get(state, "output"), i, item)
	{
		output_add(&app->output, json_string_value(item),
			json_string_length(item));
		output_add(&app->output, "\n", 1);
	}
}
