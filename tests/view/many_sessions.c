/*
 * A server with 10,000 sessions, of which 2,000 stand in one queue, and queries of a
 * megabyte: everything is there, at every size, and no row is out of its place.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/view/screen.h"
#include "tests/tap/tap.h"

enum { SESSIONS = 10000, WAITERS = 2000, LONG_QUERY = 1 << 20, FIRST_PID = 10001 };

/* What a terminal must not get, what is wide, and what has no end. */
static char *
query_of(int i)
{
	static const char *const nasty[] = { "SELECT \x1b[2J\x1b]0;pwned\x07",
		"SELECT '\xf0\x9f\x98\x80\xe4\xbd\xa0\xe5\xa5\xbd' AS wide",
		"SELECT \xff\xfe\xc3( \xe2\x80\xae", "SELECT 1" };
	struct str query = { 0 };

	if (i % 1000 != 7)
		return alloc_copy(nasty[i % 4]);
	while (query.length < LONG_QUERY)
		str_add(&query, nasty[query.length % 4]);
	return str_take(&query);
}

static struct snapshot *
make_snapshot(int64_t now_us)
{
	struct snapshot *snapshot = alloc_zeroed(1, sizeof(*snapshot));
	struct session_list *list = &snapshot->sessions;
	struct lock_wait_list waits = { 0 };

	snapshot->taken_us = snapshot->server_now_us = now_us;
	snapshot->server.database = alloc_copy("billing");
	snapshot->server.role = SERVER_PRIMARY;
	list->items = alloc_zeroed(SESSIONS, sizeof(*list->items));
	list->count = list->capacity = SESSIONS;
	for (int i = 0; i < SESSIONS; i++)
		list->items[i] = (struct session){ .pid = FIRST_PID + i,
			.backend_start_us = now_us - i,
			.query_start_us = now_us - i * INT64_C(1000),
			.transaction_start_us = now_us - i * INT64_C(1000),
			.state = i % 3 ? SESSION_IDLE : SESSION_ACTIVE,
			.waiting = i > 0 && i <= WAITERS,
			.backend_type = alloc_copy("client backend"),
			.user = alloc_copy("web"),
			.query = query_of(i) };
	waits.waits = alloc_zeroed(WAITERS, sizeof(*waits.waits));
	waits.count = WAITERS;
	for (int i = 0; i < WAITERS; i++) {
		struct lock_wait *wait = &waits.waits[i];

		wait->pid = FIRST_PID + 1 + i;
		wait->blockers = alloc_zeroed(1, sizeof(*wait->blockers));
		wait->blockers[0] = FIRST_PID + i;
		wait->blocker_count = 1;
		wait->mode = alloc_copy("AccessExclusiveLock");
		wait->since_us = now_us - i;
	}
	session_sort(list, now_us);
	snapshot->locks = lock_forest_new(&waits, list);
	lock_wait_list_free(&waits);
	return snapshot;
}

/* Every cell of the canvas can be shown, and a wide one has both its halves. */
static bool
is_sound(const struct canvas *canvas)
{
	for (int row = 0; row < canvas_rows(canvas); row++) {
		for (int column = 0; column < canvas_columns(canvas); column++) {
			uint32_t code = canvas_cell(canvas, row, column)->code;
			int width = code == 0 ? 1 : text_width_of(code);

			if (width < 1 ||
				(width == 2 &&
					canvas_cell(canvas, row, column + 1)->code !=
						0))
				return false;
		}
	}
	return true;
}

static bool
draws(struct app *app, int rows, int columns)
{
	struct canvas *canvas = canvas_new(rows, columns, false);

	app_resize(app, rows, columns);
	app_settle(app);
	screen_draw(app, canvas);
	bool sound = is_sound(canvas);
	canvas_free(canvas);
	return sound;
}

static void
press(struct app *app, uint32_t code)
{
	struct key key = { .code = code };

	app_key(app, &key);
	app_settle(app);
}

int
main(void)
{
	static const int sizes[][2] = { { 1, 1 }, { 10, 40 }, { 24, 80 }, { 40, 120 },
		{ 200, 500 } };
	struct app app;

	app_init(&app);
	app.now_us = INT64_C(1800000000) * 1000000;
	app_take_snapshot(&app, make_snapshot(app.now_us));
	tap_is_int((int64_t)lock_forest_rows(app.snapshot->locks), WAITERS + 1,
		"the queue is whole");
	for (uint32_t pane = '2'; pane <= '3'; pane++) {
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			bool sound = draws(&app, sizes[i][0], sizes[i][1]);

			press(&app, pane);
			press(&app, 'G');
			sound = draws(&app, sizes[i][0], sizes[i][1]) && sound;
			press(&app, KEY_CODE_ENTER);
			sound = draws(&app, sizes[i][0], sizes[i][1]) && sound;
			press(&app, KEY_CODE_ESCAPE);
			press(&app, 'g');
			tap_ok(sound, "pane %c, %d x %d: top, end and detail",
				(char)pane, sizes[i][1], sizes[i][0]);
		}
	}
	press(&app, '2');
	press(&app, 'G');
	char *selected = alloc_copy(app.panes[PANE_SESSIONS].selected);
	app_take_snapshot(&app, make_snapshot(app.now_us));
	app_settle(&app);
	tap_is_text(app.panes[PANE_SESSIONS].selected, selected,
		"the cursor stands on its session after a refresh");
	free(selected);
	app_free(&app);
	return tap_done();
}
