/* What the keys of the pane Sessions do: rows, marks, and what is asked for many. */
#include "pgrunbook/app/sessions.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "tests/app/keys.h"
#include "tests/tap/tap.h"

static struct session *
add(struct snapshot *snapshot, int pid, enum session_state state)
{
	struct session_list *list = &snapshot->sessions;

	list->items = alloc_room(
		list->items, list->count, &list->capacity, sizeof(*list->items));
	struct session *session = &list->items[list->count++];
	*session = (struct session){
		.pid = pid,
		.backend_start_us = pid * 1000,
		.state = state,
		.query_start_us = pid,
		.backend_type = alloc_copy("client backend"),
		.user = alloc_copy("web"),
		.query = alloc_copy("SELECT\n  1"),
	};
	return session;
}

static void
set_type(struct session *session, const char *type)
{
	free(session->backend_type);
	session->backend_type = alloc_copy(type);
}

/* A leader with a worker, one that is idle, the console's own, one of the server's. */
static struct snapshot *
make_snapshot(void)
{
	struct snapshot *snapshot = alloc_zeroed(1, sizeof(*snapshot));
	struct lock_wait_list none = { 0 };

	snapshot->server.database = alloc_copy("billing");
	snapshot->server_now_us = 1000;
	add(snapshot, 11, SESSION_ACTIVE);
	struct session *worker = add(snapshot, 12, SESSION_ACTIVE);
	worker->leader_pid = 11;
	set_type(worker, "parallel worker");
	add(snapshot, 22, SESSION_IDLE_IN_TRANSACTION);
	add(snapshot, 33, SESSION_IDLE);
	add(snapshot, 44, SESSION_ACTIVE)->own = true;
	set_type(add(snapshot, 55, SESSION_STATE_UNKNOWN), "checkpointer");
	snapshot->locks = lock_forest_new(&none, &snapshot->sessions);
	return snapshot;
}

static void
lists(const struct app *app, const char *want, const char *what)
{
	const struct session_rows *rows = &app->sessions_view.rows;
	struct str got = { 0 };

	for (size_t i = 0; i < rows->count; i++)
		str_printf(&got, "%s%s%d", i ? " " : "",
			app_session_marked(app, rows->items[i].session) ? "*" : "",
			rows->items[i].session->pid);
	tap_is_text(str_text(&got), want, "%s", what);
	str_free(&got);
}

static void
says(const struct app *app, bool bad, const char *want)
{
	tap_ok(app->message != NULL && strncmp(app->message, want, strlen(want)) == 0 &&
			app->message_bad == bad,
		"it says: %s", app->message == NULL ? "nothing" : app->message);
}

static void
command(struct app *app, const char *line)
{
	app_command(app, line);
	app_settle(app);
}

static void
test_rows(void)
{
	struct app app;

	keys_start(&app, make_snapshot());
	lists(&app, "11 22 33 44", "the worker is folded, the server's left out");
	keys_press(&app, KEY_CODE_RIGHT);
	lists(&app, "11 12 22 33 44", "Right lists it");
	keys_press(&app, 'j');
	tap_is_int(app_selected_session(&app)->pid, 12, "it can be selected");
	keys_press(&app, KEY_CODE_LEFT);
	lists(&app, "11 22 33 44", "Left folds it again");
	tap_is_int(app_selected_session(&app)->pid, 11, "and its leader is selected");
	keys_press(&app, 'j');
	keys_press(&app, KEY_CODE_RIGHT);
	says(&app, false, "22 has no parallel workers");
	keys_press(&app, 'f');
	keys_press(&app, 'i');
	keys_press(&app, 'o');
	keys_press(&app, 'b');
	lists(&app, "11 12 22 55", "all unfolded, no idle, no own, with the server's");
	tap_is_int(app_selected_session(&app)->pid, 22, "the cursor stays");
	keys_press(&app, 'f');
	keys_press(&app, 'i');
	keys_press(&app, 'o');
	keys_press(&app, 'b');
	keys_press(&app, 's');
	keys_press(&app, 'S');
	lists(&app, "44 33 22 11", "by pid, turned round");
	app_free(&app);
}

static void
test_filter(void)
{
	struct app app;

	keys_start(&app, make_snapshot());
	keys_press(&app, 'j');
	keys_press(&app, 'j');
	command(&app, "filter state!=idle user=web");
	lists(&app, "11 22 44", "a filter");
	says(&app, false, "4 of 5 sessions are listed");
	tap_ok(app_selected_session(&app) != NULL && !app.panes[PANE_SESSIONS].gone,
		"another one is selected if that one isn't listed any more");
	char *words = app_sessions_words(&app);
	tap_is_text(words, "4 of 5 with state!=idle user=web", "the title says so");
	free(words);
	command(&app, "filter state!=idel");
	says(&app, true, "filter, character 8: \"idel\" is no state");
	lists(&app, "11 22 44", "a mistake changes nothing");
	command(&app, "fil user=nobody");
	char *empty = app_sessions_empty(&app);
	tap_is_text(empty,
		"none of 5 sessions fits user=nobody: \":filter\" alone lists them "
		"again",
		"an empty list says what empties it");
	free(empty);
	keys_press(&app, 'T');
	tap_is_int(app.ask.purpose, ASK_NOTHING, "there is nobody to terminate");
	command(&app, "filter");
	lists(&app, "11 22 33 44", "alone it ends");
	command(&app, "sort pid desc");
	lists(&app, "44 33 22 11", ":sort");
	command(&app, "sort colour");
	says(&app, true, "sort, \"colour\" is no column");
	command(&app, "sort");
	lists(&app, "11 22 33 44", "as at first");

	/* What was selected leaves the list, but is still there. */
	command(&app, "filter state=idle-in-tx");
	keys_press(&app, 'g');
	struct snapshot *next = make_snapshot();
	next->sessions.items[2].state = SESSION_IDLE;
	app_take_snapshot(&app, next);
	app_settle(&app);
	words = app_gone_words(&app, PANE_SESSIONS);
	tap_ok(strstr(words, "is not listed any more") != NULL && atoi(words) > 0,
		"it isn't called gone: %s", words);
	free(words);
	keys_press(&app, 'T');
	tap_is_int(app.ask.purpose, ASK_NOTHING, "and not terminated unseen");
	app_free(&app);
}

static void
test_marks(void)
{
	struct app app;

	keys_start(&app, make_snapshot());
	keys_press(&app, 't');
	keys_press(&app, 't');
	lists(&app, "*11 *22 33 44", "t marks and goes on");
	keys_press(&app, 'T');
	tap_is_text(app.ask.phrase, "billing 2 sessions", "one question for both");
	tap_is_int((int64_t)app.end_targets.count, 2, "both are meant");
	keys_type(&app, "billing 2 sessions");
	/* While the phrase is typed one of the pids goes to another session. */
	struct snapshot *next = make_snapshot();
	next->sessions.items[0].backend_start_us++;
	app_take_snapshot(&app, next);
	keys_press(&app, KEY_CODE_ENTER);
	tap_is_int(app.requests[0].kind, REQUEST_ANSWER, "it is an answer");
	tap_ok(app.end_targets.items[0].key.backend_start_us == 11000 &&
			app.end_targets.items[1].key.backend_start_us == 22000,
		"for those that were asked about");
	lists(&app, "11 *22 33 44", "a mark doesn't pass on with a pid");
	keys_press(&app, 'u');
	lists(&app, "11 22 33 44", "u takes marks back");
	keys_press(&app, 'b');
	keys_press(&app, 'a');
	lists(&app, "*11 *22 *33 44 55", "a marks neither our own nor the server's");
	keys_press(&app, 'C');
	tap_ok(app.end_targets.count == 1 && app.end_targets.items[0].key.pid == 11 &&
			app.ask.kind == ASK_YES,
		"who runs no query is left out of a cancel");
	tap_ok(app.ask.warnings.count == 2 && strcmp(app.ask.warnings.items[0],
						      "left out: 22: it runs no query "
						      "to cancel; T terminates "
						      "the session") == 0,
		"and why is said: %s", app.ask.warnings.items[0]);
	keys_press(&app, KEY_CODE_ESCAPE);
	app_free(&app);
}

static void
test_commands(void)
{
	struct app app;

	keys_start(&app, make_snapshot());
	command(&app, "terminate 11 22,11  33");
	tap_is_text(app.ask.phrase, "billing 3 sessions", "each once");
	tap_ok(strstr(app.ask.facts.items[3], "SELECT 1") != NULL,
		"a query takes one line: %s", app.ask.facts.items[3]);
	keys_press(&app, KEY_CODE_ESCAPE);
	command(&app, "terminate 11 99");
	says(&app, true, "there is no session 99");
	command(&app, "cancel 11 x");
	says(&app, true, "\"x\" is no pid");
	command(&app, "cancel 11x");
	says(&app, true, "\"11x\" is no pid");
	command(&app, "cancel");
	says(&app, true, "which session?");
	command(&app, "cancel 22 33");
	says(&app, true, "22: it runs no query to cancel");
	command(&app, "terminate 55");
	says(&app, true, "55: that is a process of the server itself");
	command(&app, "terminate 44");
	says(&app, true, "44: that is the console's own session");
	tap_is_int(app.ask.purpose, ASK_NOTHING, "nothing was asked");
	command(&app, "terminate 12");
	tap_ok(app.ask.warnings.count == 1 &&
			strstr(app.ask.warnings.items[0], "its leader's query fails"),
		"a worker's end is its leader's: %s", app.ask.warnings.items[0]);
	app_free(&app);
}

static void
completes(const struct app *app, const char *line, const char *want)
{
	const char *blank = strrchr(line, ' ');
	struct strlist candidates = { 0 };

	app_complete(app, line, (size_t)(blank - line) + 1, &candidates);
	char *got = strlist_join(&candidates, " ");
	tap_is_text(got, want, "%s", line);
	free(got);
	strlist_free(&candidates);
}

static void
test_complete(void)
{
	struct app app;

	keys_start(&app, make_snapshot());
	completes(&app, "filter sta", "state=");
	completes(&app, "filter user=web state=i", "state=idle state=idle-in-tx");
	completes(&app, "filter user=", "user=web");
	completes(&app, "sort x", "xact xmin");
	app_free(&app);
}

static struct session_held *
held_of(struct session_key key)
{
	struct session_held *held = alloc_zeroed(1, sizeof(*held));

	held->key = key;
	return held;
}

static void
test_held(void)
{
	struct app app;
	struct snapshot *next;

	keys_start(&app, make_snapshot());
	keys_press(&app, KEY_CODE_ENTER);
	tap_ok(app.request_count == 1 && app.requests[0].kind == REQUEST_HELD &&
			app.sessions_view.held_key.pid == 11,
		"opening a session asks for its locks");
	keys_press(&app, 'j');
	tap_is_int((int64_t)app.request_count, 1, "once");
	next = make_snapshot();
	next->held = held_of((struct session_key){ 22, 22000 });
	app_take_snapshot(&app, next);
	tap_ok(app.sessions_view.held == NULL, "those of another are not its own");
	next = make_snapshot();
	next->held = held_of((struct session_key){ 11, 11000 });
	app_take_snapshot(&app, next);
	tap_ok(app.sessions_view.held != NULL, "they come with a snapshot");
	app_take_snapshot(&app, make_snapshot());
	app_settle(&app);
	tap_ok(app.sessions_view.held != NULL, "and stay");
	keys_press(&app, KEY_CODE_ESCAPE);
	tap_ok(app.sessions_view.held == NULL && app.sessions_view.held_key.pid == 0,
		"until it is closed");
	app_free(&app);
}

int
main(void)
{
	test_rows();
	test_filter();
	test_marks();
	test_commands();
	test_complete();
	test_held();
	return tap_done();
}
