/*
 * Golden screens: NAME.state is the console's state, NAME.keys (if there) the keys that
 * are pressed then, NAME.screen what must be drawn: text first, then roles.
 *
 *     UPDATE=1 ./tests/screen/screen [NAME...]    writes the .screen files anew
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/view/screen.h"
#include "tests/screen/state.h"
#include "tests/tap/tap.h"

static char *
read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	struct str bytes = { 0 };
	char buffer[4096];
	size_t got;

	if (file == NULL)
		return NULL;
	while ((got = fread(buffer, 1, sizeof(buffer), file)) > 0)
		str_add_bytes(&bytes, buffer, got);
	fclose(file);
	return str_take(&bytes);
}

/* The file of every revision. */
static const char script_text[] =
	"\"\"\"A revision's file.\"\"\"\n"
	"from alembic import op\n"
	"\n"
	"revision = \"x\"\n"
	"\n"
	"\n"
	"def upgrade():\n"
	"\top.add_column(\"invoices\", sa.Column(\"note\", sa.Text()))  # \x1b[31m "
	"a tab, an escape and right to left \xe2\x80\xae, and a line that is too "
	"long for every screen but the widest\n"
	"\n"
	"\n"
	"def downgrade():\n"
	"\top.drop_column(\"invoices\", \"note\")\n";

static void
take_file(struct app *app)
{
	struct script_operations operations;

	if (app->operations_path == NULL)
		return;
	script_operations_read(script_text, sizeof(script_text) - 1, &operations);
	app_take_operations(app, &operations, NULL);
	app_take_file(app, script_text, sizeof(script_text) - 1, false, NULL);
}

/* The locks of every session. */
static void
take_held(struct app *app)
{
	struct snapshot snapshot = { .held = alloc_zeroed(1, sizeof(*snapshot.held)) };
	struct session_held *held = snapshot.held;

	held->key = app->sessions_view.held_key;
	held->read_us = app->now_us - 300000;
	held->wait_words = alloc_copy("Waiting to acquire a lock on a relation");
	session_held_add(
		held, true, alloc_copy("AccessShareLock"), alloc_copy("invoices_pkey"));
	session_held_add(
		held, true, alloc_copy("RowShareLock"), alloc_copy("invoices"));
	session_held_add(held, false, alloc_copy("AccessExclusiveLock"),
		alloc_copy("\x1b[2Jpayments"));
	session_held_sort(held);
	app_sessions_take_held(app, &snapshot);
	session_held_free(snapshot.held);
}

/* Only the first revision's script calls anything. */
static void
take_calls(struct app *app)
{
	struct script_operations operations;
	size_t length = sizeof(script_text) - 1;
	int revision;

	while (app_calls_next(app, &revision)) {
		script_operations_read(script_text, length, &operations);
		app_take_calls(app, &operations);
		script_operations_free(&operations);
		length = 0;
	}
}

/* As the prompt does it, without its editing. */
static void
type(struct app *app, uint32_t code)
{
	char *text = code == KEY_CODE_ENTER || code == KEY_CODE_ESCAPE
			     ? alloc_copy(app->line.text)
			     : alloc_printf("%s%c", app->line.text, (int)code);

	if (code == KEY_CODE_ENTER)
		app_line_enter(app, text);
	else if (code == KEY_CODE_ESCAPE)
		app_line_leave(app);
	else
		app_line_show(app, text, strlen(text));
	free(text);
}

static void
press(struct app *app, uint32_t code)
{
	if (app->line.purpose == LINE_NONE)
		app_key(app, &(struct key){ .code = code });
	else
		type(app, code);
	app_settle(app);
	app->over_last = screen_over_last(app);
	if (app->find.over_direction != 0)
		app_find_over(app, screen_over_find(app));
	for (size_t i = 0; i < app->request_count; i++) {
		if (app->requests[i].kind == REQUEST_OPERATIONS)
			take_file(app);
		else if (app->requests[i].kind == REQUEST_HELD)
			take_held(app);
		request_free(&app->requests[i]);
	}
	app->request_count = 0;
	take_calls(app);
}

/* A line is a key's name, "+1s" (time passes), "=text" (typed letter by letter), or
 * "@NAME.state" (the server as another state has it). */
static void
press_line(struct app *app, const char *folder, const char *line)
{
	int64_t microseconds;

	if (*line == '+' && duration_parse(line + 1, &microseconds)) {
		app->now_us += microseconds;
		app_settle(app);
	} else if (*line == '@') {
		state_look(folder, line + 1, app);
	} else if (*line == '=') {
		for (const char *at = line + 1; *at != '\0'; at++)
			press(app, (unsigned char)*at);
	} else if (*line != '\0') {
		press(app, key_from_name(line));
	}
}

static void
press_all(struct app *app, const char *folder, char *keys)
{
	char *rest;

	for (char *line = strtok_r(keys, "\n", &rest); line != NULL;
		line = strtok_r(NULL, "\n", &rest))
		press_line(app, folder, line);
}

static char *
dump(const struct app *app, bool ascii)
{
	struct canvas *canvas = canvas_new(app->rows, app->columns, ascii);
	struct str out = { 0 };

	screen_draw(app, canvas);
	canvas_dump(canvas, &out);
	if (canvas_cursor_row(canvas) >= 0)
		str_printf(&out, "=== cursor at %d, %d\n", canvas_cursor_row(canvas),
			canvas_cursor_column(canvas));
	str_add(&out, "=== roles\n");
	canvas_dump_roles(canvas, &out);
	canvas_free(canvas);
	return str_take(&out);
}

static void
check(const char *folder, const char *name)
{
	char *state = alloc_printf("%s.state", name);
	char *keys_path = alloc_printf("%s/%s.keys", folder, name);
	char *screen_path = alloc_printf("%s/%s.screen", folder, name);
	char *keys = read_file(keys_path);
	char *want = read_file(screen_path);
	struct app app;
	bool ascii;

	state_load(folder, state, &app, &ascii);
	if (keys != NULL)
		press_all(&app, folder, keys);
	app_settle(&app);
	char *got = dump(&app, ascii);
	if (getenv("UPDATE") != NULL) {
		FILE *file = fopen(screen_path, "w");
		bool written = file != NULL && fputs(got, file) >= 0;

		if (file != NULL)
			written = fclose(file) == 0 && written;
		tap_ok(written, "%s is written", name);
	} else {
		tap_is_text(got, want, "%s", name);
	}
	app_free(&app);
	free(state);
	free(keys_path);
	free(screen_path);
	free(keys);
	free(want);
	free(got);
}

int
main(int count, char *arguments[])
{
	const char *source = getenv("srcdir");
	char *folder = alloc_printf("%s/tests/screen", source == NULL ? "." : source);
	struct strlist names = { 0 };

	for (int i = 1; i < count; i++)
		strlist_add(&names, arguments[i]);
	DIR *directory = count > 1 ? NULL : opendir(folder);
	for (struct dirent *entry;
		directory != NULL && (entry = readdir(directory)) != NULL;) {
		size_t length = strlen(entry->d_name);

		if (length > 6 && strcmp(entry->d_name + length - 6, ".state") == 0)
			strlist_add_owned(
				&names, alloc_copy_bytes(entry->d_name, length - 6));
	}
	if (directory != NULL)
		closedir(directory);
	strlist_sort(&names);
	tap_ok(names.count != 0, "there are screens");
	for (size_t i = 0; i < names.count; i++)
		check(folder, names.items[i]);
	strlist_free(&names);
	free(folder);
	return tap_done();
}
