/* Which sessions are listed, in what order, and what is folded. */
#include "pgrunbook/model/session_rows.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "tests/tap/tap.h"

enum { NOW = 1000000 };

static struct session_list list;

static struct session *
add(int pid, enum session_state state, int64_t age, const char *user)
{
	list.items =
		alloc_room(list.items, list.count, &list.capacity, sizeof(*list.items));
	struct session *at = &list.items[list.count++];
	*at = (struct session){ .pid = pid,
		.backend_start_us = pid * 10,
		.state = state,
		.query_start_us = NOW - age,
		.state_change_us = NOW - age,
		.backend_type = alloc_copy("client backend"),
		.user = alloc_copy(user),
		.xmin_age = -1 };
	return at;
}

/* "1 2(+2) `3": pids; how many are folded under one; a worker below its leader. */
static void
lists(const struct session_choice *choice, const char *filter, const char *want,
	const char *what)
{
	struct session_choice with = *choice;
	struct session_rows rows = { 0 };
	struct error error = { 0 };
	struct str got = { 0 };

	struct session_filter *parsed =
		filter == NULL ? NULL : session_filter_parse(filter, &error);
	with.filter = parsed;
	session_rows_make(&list, &with, NOW, &rows);
	for (size_t i = 0; i < rows.count; i++) {
		const struct session_row *row = &rows.items[i];

		str_printf(&got, "%s%s%d", i ? " " : "",
			!row->worker ? ""
			: row->last  ? "`"
				     : "|",
			row->session->pid);
		if (row->folded)
			str_printf(&got, "(+%zu)", row->workers);
	}
	str_printf(&got, " %zu/%zu", rows.listed, rows.all);
	tap_is_text(str_text(&got), want, "%s", what);
	str_free(&got);
	session_rows_free(&rows);
	session_filter_free(parsed);
}

static void
test_listed(void)
{
	struct session_choice choice = { 0 };

	lists(&choice, NULL, " 0/0", "no sessions");
	add(5, SESSION_ACTIVE, 100, "app")->xmin_age = 40;
	add(4, SESSION_IDLE_IN_TRANSACTION, 900, "web")->transaction_start_us = 7;
	add(9, SESSION_ACTIVE, 300, "app")->leader_pid = 5;
	add(7, SESSION_ACTIVE, 300, "app")->leader_pid = 5;
	add(2, SESSION_IDLE, 500, "web");
	add(8, SESSION_STATE_UNKNOWN, 0, NULL);
	add(6, SESSION_ACTIVE, 300, "app")->leader_pid = 99;
	add(3, SESSION_ACTIVE, 50, "pgrunbook")->own = true;
	free(list.items[5].backend_type);
	list.items[5].backend_type = alloc_copy("checkpointer");

	lists(&choice, NULL, "5(+2) 4 2 6 3 7/7",
		"workers are folded, the server's own left out");
	choice.unfolded = true;
	lists(&choice, NULL, "5 |7 `9 4 2 6 3 7/7", "or not folded");
	choice = (struct session_choice){ .server = true };
	lists(&choice, NULL, "5(+2) 4 2 8 6 3 8/8", "with the server's own");
	choice = (struct session_choice){ .hide_idle = true };
	lists(&choice, NULL, "5(+2) 4 6 3 6/7", "without idle ones");
	choice = (struct session_choice){ .hide_own = true };
	lists(&choice, NULL, "5(+2) 4 2 6 6/7", "without our own");
	choice = (struct session_choice){ 0 };
	lists(&choice, "type=checkpointer", "8 1/8", "a filter asks for one of them");
	lists(&choice, "state!=idle", "5(+2) 4 6 3 6/7", "another doesn't");
	lists(&choice, "user=app age>0.0002", "9 7 6 3/7",
		"workers whose leader isn't listed stand alone");
	lists(&choice, "user=nobody", " 0/7", "nobody");
	list.items[5].waiting = true;
	lists(&choice, NULL, "5(+2) 4 2 8 6 3 8/8", "one that waits is listed");
	list.items[5].waiting = false;
	list.items[4].migration = true;
	choice.hide_idle = true;
	lists(&choice, NULL, "5(+2) 4 2 6 3 7/7", "the migration is never hidden");
}

static void
test_open(void)
{
	struct session_keys open = { 0 };
	struct session_choice choice = { .open = &open };

	session_keys_add(&open, (struct session_key){ 5, 50 });
	session_keys_add(&open, (struct session_key){ 5, 50 });
	lists(&choice, NULL, "5 |7 `9 4 2 6 3 7/7", "one fold that was opened");
	tap_ok(session_keys_remove(&open, (struct session_key){ 5, 50 }) &&
			!session_keys_remove(&open, (struct session_key){ 5, 50 }),
		"once");
	session_keys_add(&open, (struct session_key){ 5, 51 });
	lists(&choice, NULL, "5(+2) 4 2 6 3 7/7", "another session with that pid");
	session_keys_add(&open, (struct session_key){ 4, 40 });
	session_keys_add(&open, (struct session_key){ 99, 1 });
	session_keys_add(&open, (struct session_key){ 5, 50 });
	session_keys_keep(&open, &list);
	tap_ok(open.count == 2 &&
			session_keys_has(&open, (struct session_key){ 5, 50 }) &&
			session_keys_has(&open, (struct session_key){ 4, 40 }),
		"those of sessions that are gone are forgotten");
	session_keys_free(&open);

	list.items[0].leader_pid = 9;
	lists(&(struct session_choice){ 0 }, NULL, "5 4 9 7 2 6 3 7/7",
		"who is led leads nobody");
	list.items[0].leader_pid = 0;
}

static void
sorts(const char *order, const char *want)
{
	struct session_choice choice = { 0 };
	struct error error = { 0 };

	if (!session_order_parse(order, &choice.order, &error))
		tap_ok(false, "%s", error.message);
	lists(&choice, NULL, want, order);
}

static void
refuses(const char *order, const char *want)
{
	struct session_order parsed;
	struct error error = { 0 };

	tap_ok(!session_order_parse(order, &parsed, &error) &&
			strncmp(error.message, want, strlen(want)) == 0,
		"%s: %s", order, error.message == NULL ? "" : error.message);
	error_clear(&error);
}

static void
test_order(void)
{
	struct session_order order = { 0 };

	sorts("", "5(+2) 4 2 6 3 7/7");
	sorts("pid", "2 3 4 5(+2) 6 7/7");
	sorts("pid desc", "6 5(+2) 4 3 2 7/7");
	sorts("age", "4 2 6 5(+2) 3 7/7");
	sorts("age asc", "3 5(+2) 6 2 4 7/7");
	sorts("age  desc ", "4 2 6 5(+2) 3 7/7");
	sorts("tx", "4 5(+2) 2 6 3 7/7");
	sorts("xmin", "5(+2) 4 2 6 3 7/7");
	sorts("user", "5(+2) 6 3 4 2 7/7");
	sorts("user desc", "4 2 3 5(+2) 6 7/7");
	sorts("state", "4 5(+2) 6 3 2 7/7");
	sorts("wait", "5(+2) 4 2 6 3 7/7");
	refuses("colour", "\"colour\" is no column: pid, state, age, ");
	refuses("age up", "after the column comes asc or desc, not \"up\"");
	refuses("age desc pid", "one column");

	int steps = 0;
	do {
		char *words = session_order_words(&order);
		struct session_order parsed;
		struct error error = { 0 };

		tap_ok(session_order_parse(
			       words == NULL ? "" : words, &parsed, &error) &&
				parsed.chosen == order.chosen &&
				parsed.field == order.field &&
				parsed.descending == order.descending,
			"\"%s\" is read as it is told", words == NULL ? "" : words);
		free(words);
		order = session_order_next(&order);
	} while (order.chosen && steps++ < 100);
	tap_is_int(steps, SESSION_FIELD_COUNT - 1 + 1, "every column has its turn");
}

static void
test_find(void)
{
	struct session_choice choice = { 0 };
	struct session_rows rows = { 0 };

	session_rows_make(&list, &choice, NOW, &rows);
	tap_is_int(session_rows_find(&rows, (struct session_key){ 4, 40 }, 3), 1,
		"found, round the end");
	tap_is_int(session_rows_find(&rows, (struct session_key){ 4, 41 }, 1), -1,
		"the same pid is not the same session");
	tap_is_int(session_rows_find(&rows, (struct session_key){ 7, 70 }, 0), -1,
		"a folded one has no row");
	session_rows_free(&rows);
	tap_is_int(session_rows_find(&rows, (struct session_key){ 7, 70 }, 0), -1,
		"nor has anything in an empty list");
}

int
main(void)
{
	test_listed();
	test_open();
	test_order();
	test_find();
	session_list_free(&list);
	return tap_done();
}
