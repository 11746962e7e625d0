/* The line that is typed in the footer: what it is for, and what comes of it. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/alloc.h"

void
app_line_open(
	struct app *app, enum line_purpose purpose, const char *label, const char *text)
{
	free(app->line.label);
	free(app->line.text);
	app->line = (struct line){
		.purpose = purpose,
		.label = alloc_copy(label),
		.text = alloc_copy(text),
		.cursor = strlen(text),
	};
}

void
app_line_show(struct app *app, const char *text, size_t cursor)
{
	char *copy = alloc_copy(text);

	free(app->line.text);
	app->line.text = copy;
	app->line.cursor = cursor;
	free(app->message); /* what was said about the line as it was */
	app->message = NULL;
	if (app->line.purpose == LINE_FIND)
		app_find_typed(app, app->line.text);
}

static void
app_line_close(struct app *app)
{
	free(app->line.label);
	free(app->line.text);
	app->line = (struct line){ .purpose = LINE_NONE };
}

void
app_line_leave(struct app *app)
{
	if (app->line.purpose == LINE_FIND)
		app_find_leave(app);
	/* A step that waits for this line is put back as it was. */
	if (app->line.purpose == LINE_INPUT || app->line.purpose == LINE_ANSWER)
		app_request(app, REQUEST_STOP);
	app_line_close(app);
}

void
app_line_enter(struct app *app, const char *text)
{
	enum line_purpose purpose = app->line.purpose;
	int step = app->line.step;
	char *line = alloc_copy(text);

	app_line_close(app);
	switch (purpose) {
	case LINE_COMMAND:
		app_command(app, line);
		break;
	case LINE_FIND:
		app_find_enter(app, line);
		break;
	case LINE_NOTE:
		if (*line != '\0')
			app_request(app, REQUEST_NOTE)->text = alloc_copy(line);
		break;
	case LINE_REASON:
		if (*line == '\0') {
			app_say(app, true,
				"a skip needs a reason: nothing was skipped");
			break;
		}
		app_request(app, REQUEST_SKIP)->text = alloc_copy(line);
		app->requests[app->request_count - 1].number = step;
		break;
	case LINE_ABORT:
		app_request(app, REQUEST_ABORT)->text = alloc_copy(line);
		break;
	case LINE_INPUT:
		if (*line != '\0')
			app_request(app, REQUEST_INPUT)->value = alloc_copy(line);
		else
			app_request(app, REQUEST_STOP); /* no value: put back */
		break;
	case LINE_ANSWER:
		app_request(app, REQUEST_LOG_ANSWER)->text = alloc_copy(line);
		break;
	case LINE_NONE:
		break;
	}
	free(line);
}
