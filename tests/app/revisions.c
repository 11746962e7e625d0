/* The pane Revisions without a screen: folding, jumps, the plan; and searching. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "tests/app/keys.h"
#include "tests/model/grow.h"
#include "tests/tap/tap.h"

static void
take_rows(struct app *app, const char *rows)
{
	struct snapshot *snapshot = alloc_zeroed(1, sizeof(*snapshot));
	struct lock_wait_list waits = { 0 };

	snapshot->locks = lock_forest_new(&waits, &snapshot->sessions);
	snapshot->version.table = VERSION_TABLE_READ;
	grow_words(rows, &snapshot->version.rows);
	app_take_snapshot(app, snapshot);
}

/* The console on this tree, with the version table's rows. */
static void
start(struct app *app, const char *text, const char *rows)
{
	app_init(app);
	app_resize(app, 24, 80);
	take_rows(app, rows);
	app_take_tree(app, grow_tree(text), NULL);
	app_settle(app);
}

static char *
chain(int count)
{
	struct str text = { 0 };

	for (int i = 1; i <= count; i++) {
		if (i == 1)
			str_printf(&text, "r%03d:\n", i);
		else
			str_printf(&text, "r%03d: r%03d\n", i, i - 1);
	}
	return str_take(&text);
}

static const char *
selected(const struct app *app)
{
	int revision = app_selected_revision(app);

	return revision == TREE_NONE ? "none"
				     : tree_at(app->tree, revision)->script.revision;
}

static const char fork_tree[] = "a:\nb: a\nc: b\nd: b\ne: c d\nf: e\n";

static void
test_jumps(void)
{
	struct app app;

	start(&app, fork_tree, "c");
	tap_is_text(selected(&app), "c", "the cursor begins at the current revision");
	keys_type(&app, "h");
	tap_is_text(selected(&app), "f", "h goes to the head");
	keys_type(&app, "b");
	tap_is_text(selected(&app), "e", "b goes down to the merge point");
	keys_type(&app, "b");
	tap_is_text(selected(&app), "b", "and on to the branch point");
	keys_type(&app, "b");
	tap_is_text(selected(&app), "b", "below it there is none");
	tap_ok(app.message != NULL, "which is said");
	keys_type(&app, "B");
	tap_is_text(selected(&app), "e", "B goes up");
	keys_type(&app, "c");
	tap_is_text(selected(&app), "c", "c goes to the current revision");
	app_command(&app, "goto base");
	tap_is_text(selected(&app), "a", "base is the root below the selected one");
	app_command(&app, "goto head");
	tap_is_text(selected(&app), "f", ":goto takes a symbol");
	app_command(&app, "goto nowhere");
	tap_is_text(selected(&app), "f", "and stays where a name is none");
	tap_ok(app.message != NULL && strstr(app.message, "nowhere") != NULL,
		"which is said, too");
	app_free(&app);
}

static void
test_fold(void)
{
	char *text = chain(120), *more = chain(121);
	struct app app;

	start(&app, text, "r110");
	tap_is_int((int64_t)app.revisions.folds, 1, "a long tree is folded");
	/* Ten pending, the current one, three on either side, and the root. */
	tap_is_int((int64_t)app.revisions.count, 10 + 1 + 3 + 1 + 3 + 1,
		"what is pending and what is near stays");
	keys_type(&app, "G");
	tap_is_text(selected(&app), "r001", "the end is the root");
	keys_type(&app, "kkkk");
	tap_is_text(selected(&app), "none", "a fold is no revision");
	keys_type(&app, "\n");
	tap_is_text(selected(&app), "r106", "Enter opens it at its newest");
	tap_is_int((int64_t)app.revisions.folds, 0, "nothing else was folded");
	app_take_tree(&app, grow_tree(more), NULL);
	app_settle(&app);
	tap_is_text(selected(&app), "r106", "a new revision changes neither");
	tap_is_int((int64_t)app.revisions.folds, 0, "it stays open");
	app_act(&app, ACT_FOLD_CLOSE);
	tap_is_int((int64_t)app.revisions.folds, 1, "Left closes it");
	tap_is_text(selected(&app), "none", "and the cursor is on the fold");
	app_command(&app, "goto r050");
	tap_is_text(selected(&app), "r050", "going into a fold opens it");
	keys_type(&app, "f");
	tap_is_int((int64_t)app.revisions.count, 121, "f shows all");
	tap_is_text(selected(&app), "r050", "and stays there");
	keys_type(&app, "f");
	tap_is_int((int64_t)app.revisions.folds, 1, "f folds again");
	tap_is_int((int64_t)app.panes[PANE_REVISIONS].row, 11 + 1 + 3,
		"the cursor is where the revision went");
	keys_type(&app, "f");
	tap_is_text(selected(&app), "r050", "and comes back with it");
	free(text);
	free(more);
	app_free(&app);
}

static void
test_plan(void)
{
	struct app app;

	start(&app, fork_tree, "c");
	keys_type(&app, "h");
	keys_type(&app, "p");
	tap_is_int((int64_t)app.revisions_view.plan.plan.count, 3, "p plans upgrades");
	tap_is_int((int64_t)app.revisions_view.plan.step_of[tree_find(app.tree, "f")],
		3, "the head is the last step");
	keys_type(&app, "p");
	tap_ok(app.revisions_view.plan.target == NULL, "a second p ends that");
	keys_type(&app, "G");
	keys_type(&app, "p");
	char *words = app_plan_words(&app);
	tap_is_text(words, "downgrade to a: 2 steps", "p plans downgrades");
	free(words);
	keys_press(&app, KEY_CODE_ESCAPE);
	tap_ok(app.revisions_view.plan.target == NULL, "Esc ends it");
	app_command(&app, "plan upgrade head");
	tap_is_int((int64_t)app.revisions_view.plan.plan.count, 3, ":plan plans");
	take_rows(&app, "e");
	tap_is_int((int64_t)app.revisions_view.plan.plan.count, 1,
		"it follows the database");
	app_command(&app, "plan upgrade nowhere");
	tap_ok(app.revisions_view.plan.refused != NULL, "a refusal is kept to be read");
	app_command(&app, "plan sideways");
	tap_ok(app.message != NULL, "no direction is an error");
	app_free(&app);
}

static void
give_calls(struct app *app)
{
	static const char text[] = "from alembic import op\n"
				   "def upgrade():\n"
				   "    op.drop_column(\"Invoices\", \"note\")\n";
	int revision;

	while (app_calls_next(app, &revision)) {
		struct script_operations operations;

		script_operations_read(text,
			revision == tree_find(app->tree, "b") ? sizeof(text) - 1 : 0,
			&operations);
		app_take_calls(app, &operations);
		script_operations_free(&operations);
	}
}

static void
test_find(void)
{
	struct app app;

	start(&app, "a: | | billing\nb: a\nabc: b\nd: abc\nd2: d\n", "d");
	keys_type(&app, "/");
	tap_is_int(app.line.purpose, LINE_FIND, "/ opens a line");
	tap_ok(app.request_count == 1 && app.requests[0].kind == REQUEST_CALLS,
		"the scripts' calls are asked for");
	app_line_show(&app, "drop_c", 6);
	tap_is_text(selected(&app), "d", "what isn't read yet isn't found");
	give_calls(&app);
	tap_is_text(selected(&app), "b", "until it is");
	app_line_show(&app, "b", 1);
	tap_is_text(selected(&app), "abc", "the first match from the cursor on");
	app_line_show(&app, "bi", 2);
	tap_is_text(selected(&app), "a", "a label matches where it is declared");
	app_line_show(&app, "dro", 3);
	tap_is_text(selected(&app), "b", "an operation matches");
	app_line_show(&app, "invoices", 8);
	tap_is_text(selected(&app), "b", "and its text, in both cases");
	app_line_show(&app, "INVOICES", 8);
	tap_is_text(selected(&app), "d", "a capital wants its case");
	app_line_leave(&app);
	tap_is_text(selected(&app), "d", "Esc goes back");
	tap_ok(app.find.needle == NULL, "and looks for nothing");
	keys_type(&app, "/");
	app_line_show(&app, "d", 1);
	app_line_enter(&app, "d");
	tap_is_text(selected(&app), "d", "Enter stays");
	keys_type(&app, ">");
	tap_is_text(selected(&app), "b", "> goes on (drop_column)");
	keys_type(&app, ">");
	tap_is_text(selected(&app), "d2", "round the end");
	tap_ok(app.message != NULL && strstr(app.message, "from the top") != NULL,
		"which is said");
	keys_type(&app, "<");
	tap_is_text(selected(&app), "b", "< goes back, round the beginning");
	keys_press(&app, KEY_CODE_ESCAPE);
	tap_ok(app.find.needle == NULL, "Esc ends the search");
	keys_type(&app, ">");
	tap_ok(app.message_bad, "then > has nothing to look for");
	keys_type(&app, "/");
	app_line_enter(&app, "nothing has this");
	tap_ok(app.message_bad, "no match is said");
	app_free(&app);
}

/* The scripts are read to the end while something else is looked at. */
static void
test_find_elsewhere(void)
{
	struct app app;

	start(&app, "a:\nb: a\nc: b\n", "c");
	keys_type(&app, "/");
	app_line_enter(&app, "drop_c");
	keys_type(&app, "?");
	give_calls(&app);
	tap_is_text(selected(&app), "c", "over the help the cursor stays");
	keys_press(&app, KEY_CODE_ESCAPE);
	app_take_tree(&app, grow_tree("a:\nb: a\nc: b\n"), NULL);
	keys_type(&app, "/");
	app_line_enter(&app, "drop_c");
	keys_type(&app, "2");
	give_calls(&app);
	tap_is_int(app.focus, PANE_SESSIONS, "in another pane");
	tap_is_text(selected(&app), "c", "it stays, too");
	keys_type(&app, "1>");
	tap_is_text(selected(&app), "b", "and the match is there to go to");
	app_free(&app);
}

static void
test_find_in_fold(void)
{
	char *text = chain(120);
	struct app app;

	start(&app, text, "r110");
	keys_type(&app, "/");
	app_line_show(&app, "r05", 3);
	tap_is_text(selected(&app), "r059", "a match in a fold opens it");
	tap_is_int((int64_t)app.revisions.folds, 0, "as long as it is looked at");
	app_line_show(&app, "r05x", 4);
	tap_is_int((int64_t)app.revisions.folds, 1, "it closes when typing goes on");
	app_line_leave(&app);
	tap_is_text(selected(&app), "r110", "Esc goes back");
	free(text);
	app_free(&app);
}

static void
test_broken(void)
{
	struct app app;

	start(&app, "a:\nb: a\nc: gone\n", "zz");
	tap_is_int(
		app.revisions.rows[0].kind, REVISIONS_PROBLEM, "problems come first");
	tap_is_int(app.revisions.rows[1].kind, REVISIONS_UNKNOWN,
		"then the rows that the tree doesn't have");
	app_take_tree(&app, grow_tree("a:\nb: a\nc: a\nd: b c\ne: gone\n"), NULL);
	app_settle(&app);
	tap_ok(strstr(app.alerts.items[0].text, "more problem") == NULL,
		"a problem alone is an alert");
	keys_type(&app, "g");
	keys_type(&app, "b");
	tap_is_text(selected(&app), "d", "b goes from above to the first row, too");
	app_take_tree(&app, grow_tree("a:\nb: lost\nc: gone\n"), NULL);
	app_settle(&app);
	tap_ok(strstr(app.alerts.items[0].text, "1 more problem of") != NULL,
		"beside another it tells that there is one");
	app_take_tree(&app, grow_tree("a:\nb: a\nc: gone\n"), NULL);
	app_settle(&app);
	app_move_to(&app, PANE_REVISIONS, 1);
	app_take_tree(&app, grow_tree("a:\nb: a\nc: b\n"), NULL);
	app_settle(&app);
	tap_is_int((int64_t)app.panes[PANE_REVISIONS].row, 0,
		"the cursor goes up with its row when the problem is gone");
	app_take_tree(&app, grow_tree("a:\nb: a\nc: b\nzz: c\n"), NULL);
	app_settle(&app);
	tap_is_text(selected(&app), "zz", "and to the revision when its file comes");
	app_take_tree(&app, grow_tree("a:\nb: a\n"), NULL);
	app_settle(&app);
	tap_is_text(selected(&app), "none", "and back when the file is removed");
	tap_ok(!app.panes[PANE_REVISIONS].gone, "the row is not gone");
	take_rows(&app, "b");
	app_settle(&app);
	tap_ok(app.panes[PANE_REVISIONS].gone, "until the table has it no more");
	tap_is_text(
		selected(&app), "none", "what slid under the cursor isn't selected");
	keys_type(&app, "p");
	tap_ok(app.revisions_view.plan.target == NULL && app.message_bad,
		"so no plan is made to it");
	keys_type(&app, "c");
	tap_is_text(selected(&app), "b", "until it is gone to");
	app_free(&app);
}

static void
test_detail_stays(void)
{
	struct app app;

	start(&app, "a:\nb: a\nc: b\nd: c\n", "c");
	keys_press(&app, KEY_CODE_ENTER);
	app_take_tree(&app, grow_tree("a:\nb: a\ne: gone\n"), NULL);
	app_settle(&app);
	const struct revisions_row *row =
		&app.revisions.rows[app.panes[PANE_REVISIONS].row];
	tap_is_int(row->kind, REVISIONS_UNKNOWN,
		"whose file goes while it is read is shown as unknown");
	take_rows(&app, "b");
	app_settle(&app);
	tap_ok(app.panes[PANE_REVISIONS].gone, "and as gone when no row names it");
	app_free(&app);
}

int
main(void)
{
	test_jumps();
	test_fold();
	test_plan();
	test_find();
	test_find_elsewhere();
	test_find_in_fold();
	test_broken();
	test_detail_stays();
	return tap_done();
}
