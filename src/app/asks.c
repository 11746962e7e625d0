/* Questions that are open or wait: opened one by one, and taken back when the server
 * that they are about is no longer what it was. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/alloc.h"

void
app_ask(struct app *app, struct ask *ask)
{
	app->asks = alloc_room(
		app->asks, app->ask_count, &app->ask_capacity, sizeof(*app->asks));
	app->asks[app->ask_count++] = *ask;
	*ask = (struct ask){ 0 };
	app_ask_next(app);
}

void
app_ask_next(struct app *app)
{
	if (app->ask_count == 0 || app->ask.purpose != ASK_NOTHING ||
		app->line.purpose != LINE_NONE)
		return;
	ask_open(&app->ask, &app->asks[0], app->last_key, app->now_us);
	app->ask.pasting = app->pasting; /* the rest of it is no answer */
	app->ask_count--;
	memmove(app->asks, app->asks + 1, app->ask_count * sizeof(*app->asks));
}

void
app_forget_ask(struct app *app, enum ask_purpose purpose)
{
	size_t kept = 0;

	if (app->ask.purpose == purpose)
		ask_close(&app->ask);
	for (size_t i = 0; i < app->ask_count; i++) {
		if (app->asks[i].purpose == purpose)
			ask_close(&app->asks[i]);
		else
			app->asks[kept++] = app->asks[i];
	}
	app->ask_count = kept;
}

/* As with Esc: who asked hears that it was No. */
static void
app_refuse(struct app *app, struct ask *ask)
{
	app_request(app, REQUEST_DECLINE)->number = ask->purpose;
	ask_close(ask);
}

/* Whether Yes changes something on the server. */
static bool
ask_is_about_server(const struct ask *ask)
{
	return ask->purpose == ASK_END_SESSION || ask->purpose == ASK_STEP;
}

static bool
app_refuse_all(struct app *app)
{
	bool refused = ask_is_about_server(&app->ask);
	size_t kept = 0;

	if (refused)
		app_refuse(app, &app->ask);
	for (size_t i = 0; i < app->ask_count; i++) {
		if (ask_is_about_server(&app->asks[i]))
			app_refuse(app, &app->asks[i]);
		else
			app->asks[kept++] = app->asks[i];
	}
	app->ask_count = kept;
	return refused;
}

void
app_follow_server(
	struct app *app, const struct server *before, const struct server *now)
{
	char *moved = server_moved(before, now, &app->moved_badly);

	if (moved == NULL)
		return;
	free(app->moved);
	app->moved = moved;
	if (app_refuse_all(app))
		app_say(app, true,
			"nothing was done: the question was about the server as it "
			"was");
}

void
app_see_moved(struct app *app)
{
	free(app->moved);
	app->moved = NULL;
}
