/* Whether the run still has the target that it was begun on. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/runner_parts.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"

enum { STALE_US = 30 * 1000000 }; /* a picture that no step is begun on */

static const struct entry *
target_run_started(const struct app *app)
{
	for (size_t i = app->entry_count; i-- > 0;) {
		if (app->entries[i].event == EVENT_RUN_STARTED)
			return &app->entries[i];
	}
	return NULL;
}

char *
runner_stray(const struct runner *runner)
{
	const struct entry *entry = target_run_started(runner->app);
	const struct server *now = &runner_newest(runner)->server;
	char *why;

	if (entry == NULL || runner->app->run.id == NULL)
		return NULL;
	const struct server then = {
		.host = (char *)entry_text(entry, "server.address"),
		.port = (char *)entry_text(entry, "server.port"),
		.database = (char *)entry_text(entry, "db.namespace"),
		.system_identifier = (char *)entry_text(entry, "db.system_identifier"),
		.role = now->role, /* a standby may have been promoted meanwhile */
	};
	return server_same(&then, now, &why) ? NULL : why;
}

/* Why no step may be begun now; NULL: it may.  The caller owns it. */
static char *
target_refusal(struct runner *runner)
{
	struct app *app = runner->app;
	char words[DURATION_TEXT];

	if (app->read_only)
		return alloc_copy("the console was started with --read-only");
	if (app->snapshot == NULL || app->lost != NULL)
		return alloc_copy("there is no connection to the database: no step is "
				  "begun");
	if (app->run.finished || app->run.aborted)
		return alloc_copy("this run is over: R opens a runbook for a new one");
	/* What a step shows and checks must be true now. */
	app_pause(app, false);
	if (app_age_us(app) > STALE_US) {
		pg_watch_refresh(runner->watch);
		return alloc_printf("what is on screen is %s old: it is read again, "
				    "then begin the step",
			duration_format(app_age_us(app), words));
	}
	char *stray = runner_stray(runner);
	if (stray == NULL)
		return NULL;
	char *refusal = alloc_printf(
		"the run was begun on another target: %s; A aborts the run", stray);
	free(stray);
	return refusal;
}

bool
runner_may_begin(struct runner *runner)
{
	char *refusal = target_refusal(runner);

	if (refusal == NULL)
		return true;
	app_say(runner->app, true, "%s", refusal);
	free(refusal);
	return false;
}
