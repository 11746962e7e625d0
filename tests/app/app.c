#include "pgrunbook/app/app.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/app/keys.h"
#include "tests/model/grow.h"
#include "tests/tap/tap.h"

static void
add_session(struct snapshot *snapshot, int pid, enum session_state state)
{
	struct session_list *list = &snapshot->sessions;

	list->items = alloc_room(
		list->items, list->count, &list->capacity, sizeof(*list->items));
	list->items[list->count++] = (struct session){
		.pid = pid,
		.backend_start_us = pid * 1000,
		.state = state,
		.backend_type = alloc_copy("client backend"),
		.user = alloc_copy("web"),
	};
}

/* Three sessions with the pids given, in that order. */
static struct snapshot *
make_snapshot(int first, int second, int third)
{
	struct snapshot *snapshot = alloc_zeroed(1, sizeof(*snapshot));
	struct lock_wait_list none = { 0 };

	snapshot->server.database = alloc_copy("billing");
	snapshot->server.role = SERVER_PRIMARY;
	add_session(snapshot, first, SESSION_ACTIVE);
	add_session(snapshot, second, SESSION_IDLE_IN_TRANSACTION);
	add_session(snapshot, third, SESSION_ACTIVE);
	snapshot->locks = lock_forest_new(&none, &snapshot->sessions);
	return snapshot;
}

static void
test_cursor(void)
{
	struct app app;

	keys_start(&app, make_snapshot(11, 22, 33));
	keys_press(&app, 'j');
	tap_is_int(
		app_selected_session(&app)->pid, 22, "j moves to the second session");
	app_take_snapshot(&app, make_snapshot(22, 11, 33));
	app_settle(&app);
	tap_is_int(
		app_selected_session(&app)->pid, 22, "the cursor follows the session");
	app_take_snapshot(&app, make_snapshot(11, 44, 33));
	app_settle(&app);
	tap_ok(app_selected_session(&app) == NULL && app.panes[PANE_SESSIONS].gone,
		"when it is gone, no other session is selected in its place");
	keys_press(&app, 'T');
	tap_is_int(app.ask.purpose, ASK_NOTHING, "and there is nothing to terminate");
	app_free(&app);
}

static void
test_terminate(void)
{
	struct app app;

	keys_start(&app, make_snapshot(11, 22, 33));
	keys_press(&app, 'T');
	tap_is_int(app.ask.purpose, ASK_END_SESSION, "T asks");
	tap_is_text(app.ask.phrase, "billing 11", "for the database and the pid");
	/* The session's row moves to another session while the question is open. */
	app_take_snapshot(&app, make_snapshot(33, 22, 11));
	app_settle(&app);
	tap_is_int((int64_t)app.request_count, 0, "nothing is requested by asking");
	keys_type(&app, "billing 11");
	keys_press(&app, KEY_CODE_ENTER);
	tap_is_int((int64_t)app.request_count, 1, "the phrase makes one request");
	tap_is_int(app.requests[0].kind, REQUEST_ANSWER, "an answer");
	tap_ok(app.end_targets.items[0].key.pid == 11 &&
			app.end_targets.items[0].key.backend_start_us == 11000,
		"for the session that was asked about");
	app_free(&app);
}

static void
test_cancel(void)
{
	struct app app;

	keys_start(&app, make_snapshot(11, 22, 33));
	keys_press(&app, 'j');
	keys_press(&app, 'C');
	tap_ok(app.ask.purpose == ASK_NOTHING && app.message_bad,
		"an idle session has no query to cancel, and that is said");
	keys_press(&app, 'k');
	keys_press(&app, 'C');
	tap_is_int(app.ask.kind, ASK_YES, "an active one's cancel is a y or No");
	keys_press(&app, KEY_CODE_ENTER);
	tap_is_int(app.requests[0].kind, REQUEST_DECLINE, "Enter alone declines");
	app.read_only = true;
	keys_press(&app, 'C');
	tap_is_int(app.ask.purpose, ASK_NOTHING, "--read-only asks nothing");
	app_free(&app);
}

static void
test_read_only(void)
{
	struct app app;

	keys_start(&app, make_snapshot(11, 22, 33));
	app.read_only = true;
	for (int action = 0; action < ACT_COUNT; action++) {
		if (action_table()[action].risk == RISK_NONE)
			continue;
		app_act(&app, (enum action_id)action);
		tap_ok(app.ask.purpose == ASK_NOTHING && app.request_count == 0 &&
				app.line.purpose == LINE_NONE,
			"--read-only leaves %s alone", action_table()[action].key);
	}
	app_free(&app);
}

static void
test_questions_wait(void)
{
	struct app app;
	struct ask failure = { .purpose = ASK_FAILURE, .kind = ASK_CHOICE };
	struct ask close = { .purpose = ASK_CLOSE, .kind = ASK_YES };

	keys_start(&app, make_snapshot(11, 22, 33));
	app_line_open(&app, LINE_NOTE, "note: ", "");
	app_ask(&app, &failure);
	app_ask(&app, &close);
	app_settle(&app);
	tap_is_int(app.ask.purpose, ASK_NOTHING, "no question opens over a line");
	app_forget_ask(&app, ASK_FAILURE);
	app_line_leave(&app);
	app_settle(&app);
	tap_is_int(app.ask.purpose, ASK_CLOSE, "one that was taken back never opens");
	app_forget_ask(&app, ASK_CLOSE);
	tap_is_int(app.ask.purpose, ASK_NOTHING, "an open one closes");
	app_free(&app);
}

static void
test_skip_names_its_step(void)
{
	static const char text[] = "# Book\n\n- [ ] one\n- [ ] two\n- [ ] three\n";
	struct error error = { 0 };
	struct app app;

	keys_start(&app, make_snapshot(11, 22, 33));
	app.runbook = runbook_read("book.md", text, sizeof(text) - 1, &error);
	app.focus = PANE_RUNBOOK;
	app_move_to(&app, PANE_RUNBOOK, 2);
	app_act(&app, ACT_SKIP);
	/* A step ends meanwhile, and the cursor goes on to the next one. */
	app_move_to(&app, PANE_RUNBOOK, 1);
	app_line_enter(&app, "not needed");
	tap_ok(app.request_count == 1 && app.requests[0].kind == REQUEST_SKIP &&
			app.requests[0].number == 2,
		"the step is skipped that the line named");
	app_free(&app);
}

static void
test_pause(void)
{
	struct app app;

	keys_start(&app, make_snapshot(11, 22, 33));
	keys_press(&app, ' ');
	app_take_snapshot(&app, make_snapshot(44, 55, 66));
	app_settle(&app);
	tap_is_int(app_session_at(&app, 0)->pid, 11, "a paused picture stands still");
	keys_press(&app, ' ');
	tap_is_int(app_session_at(&app, 0)->pid, 44, "and catches up when it may");
	app_connection_lost(&app, "server closed the connection");
	app_settle(&app);
	tap_is_int(
		app_session_at(&app, 0)->pid, 44, "a lost connection keeps the data");
	app_free(&app);
}

static void
says(struct app *app, const char *line, const char *want)
{
	app_command(app, line);
	tap_ok(app->message != NULL && app->message_bad &&
			strstr(app->message, want) != NULL,
		"\":%s\" is answered with \"%s\"", line, want);
}

static void
test_commands(void)
{
	struct app app;
	struct strlist candidates = { 0 };

	keys_start(&app, make_snapshot(11, 22, 33));
	strlist_add(&app.runbooks, "/usr/share/upgrade.md");
	says(&app, "frobnicate", "there is no command");
	says(&app, "r", "begins several");
	says(&app, "every never", "no interval");
	says(&app, "cancel x", "no pid");
	says(&app, "cancel 4711", "no session 4711");
	says(&app, "runbook nothing", "no runbook");
	says(&app, "quit now", "no argument");
	app_command(&app, "every 2s");
	tap_is_int(app.requests[app.request_count - 1].number, 2000000, ":every 2s");
	app_command(&app, "  note disk is full ");
	tap_is_text(
		app.requests[app.request_count - 1].text, "disk is full", ":note TEXT");
	app_command(&app, "runbook upgrade");
	tap_is_text(app.requests[app.request_count - 1].text, "/usr/share/upgrade.md",
		":runbook NAME finds the file");
	app_complete(&app, "run", 0, &candidates);
	tap_ok(candidates.count == 1 && strcmp(candidates.items[0], "runbook") == 0,
		"commands are completed");
	strlist_free(&candidates);
	app_complete(&app, "runbook u", 8, &candidates);
	tap_ok(candidates.count == 1 && strcmp(candidates.items[0], "upgrade") == 0,
		"runbooks are completed");
	strlist_free(&candidates);
	app_free(&app);
}

static void
test_sizes(void)
{
	struct app app;
	int wrong = 0;

	keys_start(&app, make_snapshot(11, 22, 33));
	for (int rows = 1; rows <= 60; rows++) {
		for (int columns = 1; columns <= 160; columns += 7) {
			app_resize(&app, rows, columns);
			app_settle(&app);
			for (int pane = 0; pane < PANE_COUNT; pane++) {
				struct rect rect = app.layout.panes[pane];

				wrong += rect.rows < 0 || rect.top + rect.rows > rows ||
					 rect.left + rect.columns > columns;
			}
		}
	}
	tap_is_int(wrong, 0, "at no size does a pane leave the screen");
	app_free(&app);
}

static struct snapshot *
snapshot_on(const char *host)
{
	struct snapshot *snapshot = make_snapshot(10, 20, 30);

	snapshot->server.host = alloc_copy(host);
	return snapshot;
}

/* Whom a question was about is gone: Yes to it would mean somebody else. */
static void
test_moved(void)
{
	struct app app;

	keys_start(&app, make_snapshot(11, 22, 33));
	app_take_snapshot(&app, snapshot_on("db1"));
	keys_press(&app, KEY_CODE_ESCAPE);
	tap_ok(app.moved == NULL, "what moved was seen");
	keys_press(&app, '2');
	keys_press(&app, 'T');
	tap_is_int(app.ask.purpose, ASK_END_SESSION, "a question is open");
	app_take_snapshot(&app, snapshot_on("db1"));
	app_settle(&app);
	tap_ok(app.ask.purpose == ASK_END_SESSION && app.moved == NULL,
		"on the same server it stays");
	app_take_snapshot(&app, snapshot_on("db2"));
	app_settle(&app);
	tap_is_int(app.ask.purpose, ASK_NOTHING, "on another one it is taken back");
	tap_ok(app.request_count == 1 && app.requests[0].kind == REQUEST_DECLINE,
		"as No");
	tap_ok(app.message != NULL && strstr(app.message, "nothing was done") != NULL,
		"which is said");
	tap_ok(app.alerts.raised == 1 && strstr(app.alerts.items[0].text,
						 "another server now: billing on db2"),
		"with an alert");
	keys_press(&app, 'j');
	tap_is_int((int64_t)app.alerts.raised, 1, "that stays");
	keys_press(&app, KEY_CODE_ESCAPE);
	tap_is_int((int64_t)app.alerts.raised, 0, "until Esc");
	app_free(&app);
}

static struct snapshot *
snapshot_with_standby(int64_t now_us, bool standby)
{
	struct snapshot *snapshot = make_snapshot(10, 20, 30);

	snapshot->taken_us = snapshot->server_now_us = now_us;
	if (standby) {
		struct replica *r1 = replication_add(&snapshot->replication, "r1");

		r1->kind = REPLICA_STANDBY;
		r1->from_primary = true;
	}
	return snapshot;
}

/* What is told behind a frozen picture can be seen there, too. */
static void
test_gone_standby(void)
{
	struct app app;
	int64_t start_us = 1000 * INT64_C(1000000);

	keys_start(&app, snapshot_with_standby(start_us, true));
	app.now_us = start_us;
	keys_press(&app, ' ');
	tap_ok(app.paused, "the picture is frozen");
	app.now_us = start_us + 10 * INT64_C(1000000);
	app_take_snapshot(&app, snapshot_with_standby(app.now_us, false));
	app.now_us += 20 * INT64_C(1000000);
	app_take_snapshot(&app, snapshot_with_standby(app.now_us, false));
	app_settle(&app);
	tap_ok(app.alerts.raised == 1 &&
			strstr(app.alerts.items[0].text, "r1 is gone") != NULL,
		"a standby is gone");
	keys_press(&app, KEY_CODE_ESCAPE);
	tap_is_int((int64_t)app.alerts.raised, 0, "Esc says that this is known");
	app_free(&app);
}

/* On a narrow screen one pane is there; on a wide one progress may come by itself. */
static void
test_unseen(void)
{
	struct app app;

	keys_start(&app, make_snapshot(11, 22, 33));
	app_resize(&app, 24, 80);
	keys_press(&app, '2');
	tap_is_int(app_unseen_parts(&app), SNAPSHOT_PROGRESS, "progress isn't seen");
	keys_press(&app, '5');
	tap_is_int(app_unseen_parts(&app), 0, "but in its pane");
	keys_press(&app, '2');
	struct snapshot *migrating = make_snapshot(10, 20, 30);
	migrating->sessions.items[0].mark = SESSION_MARK_NAME;
	migrating->sessions.items[0].migration = true;
	app_take_snapshot(&app, migrating);
	tap_is_int(app_unseen_parts(&app), 0, "or of a migration");
	app_take_snapshot(&app, make_snapshot(10, 20, 30));
	tap_is_int(app_unseen_parts(&app), SNAPSHOT_PROGRESS, "that is over");
	app_resize(&app, 40, 120);
	app_settle(&app);
	tap_is_int(app_unseen_parts(&app), 0, "or beside the others");
	keys_press(&app, 'z');
	tap_is_int(
		app_unseen_parts(&app), SNAPSHOT_PROGRESS, "or not: a pane is large");
	app_free(&app);
}

static void
test_paste(void)
{
	struct app app;

	keys_start(&app, make_snapshot(11, 22, 33));
	keys_press(&app, KEY_CODE_PASTE_BEGIN);
	keys_press(&app, 'T');
	keys_press(&app, 'q');
	tap_ok(app.ask.purpose == ASK_NOTHING && app.request_count == 0,
		"what is pasted is no key");
	keys_press(&app, KEY_CODE_PASTE_END);
	tap_ok(app.message != NULL && app.request_count == 0, "and that is said");
	keys_press(&app, KEY_CODE_PASTE_BEGIN);
	keys_press(&app, 'C' - '@');
	tap_ok(!app.pasting && app.request_count == 0,
		"Control-C ends one whose end is lost, and no more");
	keys_press(&app, 'T');
	tap_is_int(app.ask.purpose, ASK_END_SESSION, "keys work again after it");
	app_free(&app);
}

static void
test_overlay(void)
{
	struct app app;

	keys_start(&app, make_snapshot(11, 22, 33));
	keys_press(&app, '?');
	keys_press(&app, 'G');
	tap_ok(app.over.row > 1000, "a text has no end until it was measured");
	app.over_last = 7;
	keys_press(&app, KEY_CODE_UP);
	tap_is_int((int64_t)app.over.top, 6, "then one up from its end is one up");
	keys_press(&app, 'G');
	tap_is_int((int64_t)app.over.top, 7, "and its end is its end");
	app_free(&app);
}

static void
test_choosing(void)
{
	struct app app;

	keys_start(&app, make_snapshot(11, 22, 33));
	strlist_add(&app.runbooks, "/usr/share/downgrade.md");
	strlist_add(&app.runbooks, "/usr/share/upgrade.md");
	keys_press(&app, 'R');
	keys_press(&app, 'T');
	keys_press(&app, 'n');
	keys_press(&app, '3');
	tap_ok(app.overlay == OVERLAY_RUNBOOKS && app.ask.purpose == ASK_NOTHING &&
			app.line.purpose == LINE_NONE && app.focus == PANE_SESSIONS,
		"while a list is chosen from no key acts on what it covers");
	tap_ok(app.message != NULL, "and the keys that do act are told");
	keys_press(&app, KEY_CODE_DOWN);
	keys_press(&app, KEY_CODE_ENTER);
	tap_is_text(app.requests[0].text, "/usr/share/upgrade.md", "Enter chooses");
	app_free(&app);
}

static void
test_held_enter(void)
{
	static const char text[] = "# Checklist\n\n- [ ] one\n- [ ] two\n";
	struct app app;
	struct error error = { 0 };
	struct key enter = { .code = KEY_CODE_ENTER };

	keys_start(&app, make_snapshot(11, 22, 33));
	app.runbook = runbook_read("list.md", text, sizeof(text) - 1, &error);
	app.focus = PANE_RUNBOOK;
	app_settle(&app);
	keys_press(&app, KEY_CODE_ENTER);
	tap_is_int((int64_t)app.request_count, 1, "Enter ticks an attestation");
	for (int i = 0; i < 100; i++) {
		app.now_us += i == 0 ? 500000 : 33000; /* as a keyboard repeats */
		app_key(&app, &enter);
	}
	tap_is_int((int64_t)app.request_count, 1, "a held Enter ticks no other");
	keys_press(&app, KEY_CODE_ENTER);
	tap_is_int(
		(int64_t)app.request_count, 2, "let go of and pressed again, it does");
	app_free(&app);
}

/* What a script calls is read while its detail is open, and from no old file. */
static void
test_operations(void)
{
	struct script_operations operations = { 0 };
	struct app app;

	keys_start(&app, make_snapshot(11, 22, 33));
	app.focus = PANE_REVISIONS;
	app_take_tree(&app, grow_tree("a:\nb: a"), NULL);
	app_settle(&app);
	tap_ok(app.request_count == 0, "a list asks for no operations");
	keys_press(&app, KEY_CODE_ENTER);
	tap_ok(app.request_count == 1 && app.requests[0].kind == REQUEST_OPERATIONS,
		"the detail asks for them");
	tap_is_text(app.operations_path, "b.py", "of its own file");
	app_take_operations(&app, &operations, "can't open b.py");
	keys_press(&app, 'x');
	tap_is_int((int64_t)app.request_count, 1, "once");
	tap_is_text(app.operations_problem, "can't open b.py", "what they met is kept");
	app_take_tree(&app, grow_tree("a:\nb: a"), NULL);
	app_settle(&app);
	tap_ok(app.request_count == 2 && app.operations_problem == NULL,
		"files that changed are asked for again");
	keys_press(&app, KEY_CODE_ESCAPE);
	tap_ok(app.operations_path == NULL, "a closed detail needs none");
	app_free(&app);
}

/* A migration has a row of its own and the header's line, and is told to be gone. */
static void
test_migration(void)
{
	struct app app;
	struct progress_row at;
	struct snapshot *snapshot;

	keys_start(&app, make_snapshot(11, 22, 33));
	snapshot = make_snapshot(10, 20, 30);
	snapshot->sessions.items[0].migration = true;
	snapshot->sessions.items[0].query = alloc_copy("DROP TABLE t");
	progress_list_add(&snapshot->progress)->pid = 30;
	progress_list_add(&snapshot->progress)->pid = 10;
	progress_list_settle(&snapshot->progress, &snapshot->sessions);
	app_take_snapshot(&app, snapshot);
	app_settle(&app);
	tap_is_int((int64_t)app_pane_rows(&app, PANE_PROGRESS), 2,
		"two operations, one of them the migration's");
	tap_ok(app_progress_row(&app, 0, &at) && at.migration != NULL &&
			at.progress != NULL && at.progress->pid == 10,
		"which comes first");
	tap_ok(app_progress_row(&app, 1, &at) && at.migration == NULL &&
			at.progress->pid == 30 && !app_progress_row(&app, 2, &at),
		"then the others");
	tap_is_int(app.layout.header.rows, 3, "the header has a line for it");
	tap_ok(app_migration_gone(&app) == NULL, "nothing is gone");

	snapshot = make_snapshot(10, 20, 30);
	app_take_snapshot(&app, snapshot);
	app_settle(&app);
	tap_ok(app_migration_gone(&app) != NULL && app_migration_gone(&app)->stays &&
			app.layout.header.rows == 3,
		"it migrates no more, which is said");
	snapshot = make_snapshot(10, 20, 30);
	snapshot->sessions.items[0].migration = true;
	app_take_snapshot(&app, snapshot);
	tap_ok(app_migration_gone(&app) == NULL, "until it does again");
	app_take_snapshot(&app, make_snapshot(11, 20, 30));
	tap_ok(app_migration_gone(&app) != NULL && !app_migration_gone(&app)->stays &&
			app_migration_gone(&app)->key.pid == 10,
		"now it is gone");
	app.now_us += 20000000;
	app_settle(&app);
	tap_ok(app_migration_gone(&app) == NULL && app.layout.header.rows == 2,
		"which is no news after a while");
	app_free(&app);
}

/* The operator says which session is the migration. */
static void
test_choose_migration(void)
{
	struct app app;
	struct snapshot *snapshot;

	keys_start(&app, make_snapshot(11, 22, 33));
	app_take_snapshot(&app, make_snapshot(10, 20, 30));
	app_settle(&app);
	keys_press(&app, '2');
	keys_press(&app, 'M');
	tap_is_int((int64_t)app.migrations.chosen.count, 1, "M chooses the session");
	tap_ok(app.request_count == 1 && app.requests[0].kind == REQUEST_MIGRATION,
		"which the watch is told");
	keys_press(&app, 'M');
	tap_is_int((int64_t)app.migrations.chosen.count, 0, "M again takes it back");
	app_command(&app, "migration 30");
	tap_ok(session_keys_has(&app.migrations.chosen,
		       (struct session_key){ .pid = 30, .backend_start_us = 30000 }),
		"by its pid");
	app_command(&app, "migration 4711");
	tap_is_text(app.message, "there is no session 4711", "one that isn't there");
	app_command(&app, "migration x");
	tap_is_text(app.message, "\"x\" is no pid: :migration PID, :migration off",
		"no pid at all");
	app_command(&app, "migration");
	tap_is_text(app.message, "which session? :migration PID, :migration off",
		"nor anything");
	snapshot = make_snapshot(10, 20, 31);
	app_take_snapshot(&app, snapshot);
	tap_is_int((int64_t)app.migrations.chosen.count, 0,
		"one that is gone is forgotten: its pid may come back as another's");
	app_command(&app, "migration 10");
	app_command(&app, "migration off");
	tap_is_int((int64_t)app.migrations.chosen.count, 0, "all are taken back");
	app_free(&app);
}

int
main(void)
{
	test_moved();
	test_gone_standby();
	test_unseen();
	test_paste();
	test_choosing();
	test_overlay();
	test_cursor();
	test_terminate();
	test_cancel();
	test_read_only();
	test_questions_wait();
	test_skip_names_its_step();
	test_pause();
	test_commands();
	test_sizes();
	test_held_enter();
	test_operations();
	test_migration();
	test_choose_migration();
	return tap_done();
}
