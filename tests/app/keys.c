#include "tests/app/keys.h"

void
keys_start(struct app *app, struct snapshot *snapshot)
{
	app_init(app);
	app->focus = PANE_SESSIONS;
	app_take_snapshot(app, snapshot);
	app_settle(app);
}

void
keys_press(struct app *app, uint32_t code)
{
	struct key key = { .code = code };

	app->now_us += 2000000;
	app_key(app, &key);
	app_settle(app);
}

void
keys_type(struct app *app, const char *text)
{
	for (; *text != '\0'; text++)
		keys_press(app, (unsigned char)*text);
}
