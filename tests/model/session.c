/* Ages, order and marks of sessions. */
#include "pgrunbook/model/session.h"

#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "tests/tap/tap.h"

enum { NOW = 1000 };

static struct session *
add(struct session_list *list, int pid, enum session_state state, int64_t since)
{
	struct session *at;

	list->items = alloc_room(
		list->items, list->count, &list->capacity, sizeof(*list->items));
	at = &list->items[list->count++];
	*at = (struct session){ .pid = pid,
		.state = state,
		.query_start_us = since,
		.state_change_us = since };
	return at;
}

static void
is_order(struct session_list *list, const char *want, const char *what)
{
	struct str got = { 0 };

	session_sort(list, NOW);
	for (size_t i = 0; i < list->count; i++)
		str_printf(&got, "%s%d", i ? " " : "", list->items[i].pid);
	tap_is_text(str_text(&got), want, "%s", what);
	str_free(&got);
}

static void
test_ages(void)
{
	struct session session = { .query_start_us = 100,
		.state_change_us = 300,
		.transaction_start_us = 50 };

	session.state = SESSION_ACTIVE;
	tap_is_int(session_age_us(&session, NOW), 900, "an active one by its query");
	session.state = SESSION_IDLE_IN_TRANSACTION;
	tap_is_int(session_age_us(&session, NOW), 700, "an idle one by its state");
	tap_is_int(session_transaction_age_us(&session, NOW), 950, "the transaction");
	tap_is_int(session_transaction_age_us(&session, 10), 0, "never negative");
	session.state_change_us = 0;
	tap_is_int(session_age_us(&session, NOW), -1, "but -1 where it is unknown");
}

static void
test_order(void)
{
	struct session_list list = { 0 };

	is_order(&list, "", "no sessions");
	add(&list, 1, SESSION_IDLE, 900);
	add(&list, 2, SESSION_ACTIVE, 800);
	add(&list, 3, SESSION_ACTIVE, 700);
	add(&list, 4, SESSION_IDLE_IN_TRANSACTION, 990);
	add(&list, 5, SESSION_IDLE_IN_TRANSACTION_ABORTED, 980);
	add(&list, 6, SESSION_ACTIVE, 999)->waiting = true;
	add(&list, 7, SESSION_IDLE, 999)->migration = true;
	add(&list, 8, SESSION_STATE_UNKNOWN, 0)->backend_type =
		alloc_copy("checkpointer");
	add(&list, 9, SESSION_STATE_UNKNOWN, 0);
	add(&list, 10, SESSION_ACTIVE, 800);
	is_order(&list, "7 6 5 4 3 2 10 1 9 8",
		"migration, waiting, open, active, idle");
	tap_is_int(session_find(&list, 9)->pid, 9, "found by pid");
	tap_ok(!session_find(&list, 99), "or not");
	session_list_free(&list);
}

static bool
is_migration(const char *application, enum session_state state, const char *query)
{
	struct session_list list = { 0 };
	struct session *session = add(&list, 1, state, 0);
	bool marked;

	session->application = alloc_copy(application);
	session->query = alloc_copy(query);
	session_mark_migration(
		&list, &(struct session_marks){ .application = "pgrunbook step 4" });
	marked = list.items[0].migration;
	session_list_free(&list);
	return marked;
}

static void
test_marks(void)
{
	static const char update[] =
		"UPDATE app.alembic_version SET version_num='b' WHERE "
		"app.alembic_version.version_num = 'a'";

	tap_ok(is_migration("pgrunbook step 4", SESSION_IDLE, NULL),
		"the step's own name");
	tap_ok(is_migration("pgrunbook:7:4", SESSION_IDLE, NULL),
		"a name of the console's");
	tap_ok(is_migration("alembic", SESSION_ACTIVE, "ALTER TABLE"), "alembic");
	tap_ok(!is_migration("pgrunbook", SESSION_IDLE, NULL),
		"not the console itself");
	tap_ok(!is_migration(NULL, SESSION_STATE_UNKNOWN, NULL), "not a hidden one");
	tap_ok(is_migration("", SESSION_IDLE_IN_TRANSACTION, update),
		"a write's query");
	tap_ok(!is_migration("", SESSION_IDLE, update), "not once that is over");
	tap_ok(is_migration("", SESSION_ACTIVE,
		       "INSERT INTO alembic_version (version_num) VALUES ('a') "
		       "RETURNING "
		       "alembic_version.version_num"),
		"the first revision's");
	tap_ok(is_migration("", SESSION_ACTIVE,
		       "\nCREATE TABLE alembic_version (\n\tversion_num VARCHAR(32) "
		       "NOT "
		       "NULL"),
		"the version table's making");
	tap_ok(!is_migration("", SESSION_ACTIVE,
		       "SELECT alembic_version.version_num FROM alembic_version"),
		"not a readiness probe");
	tap_is_text(session_state_words(SESSION_IDLE_IN_TRANSACTION), "idle in tx",
		"words");
}

/* What no name tells: a choice, and where the command's connection begins. */
static void
test_marks_more(void)
{
	struct session items[] = {
		{ .pid = 1,
			.backend_start_us = 10,
			.client = (char *)"10.0.0.7",
			.client_port = 40001 },
		{ .pid = 2,
			.backend_start_us = 20,
			.client = (char *)"10.0.0.8",
			.client_port = 40001 },
		{ .pid = 3, .backend_start_us = 30, .application = (char *)"step" },
		{ .pid = 4, .backend_start_us = 40, .client_port = -1 },
		{ .pid = 5, .backend_start_us = 50, .own = true },
	};
	struct session_list list = { .items = items, .count = 5 };
	static const struct session_key chosen[] = { { 4, 40 }, { 3, 31 }, { 5, 50 } };
	static const struct session_port ports[] = { { "10.0.0.7", 40001 } };
	const struct session_marks marks = { .application = "step",
		.chosen = chosen,
		.chosen_count = 3,
		.ports = ports,
		.port_count = 1 };

	session_mark_migration(&list, &marks);
	tap_is_int(items[0].mark, SESSION_MARK_CHILD, "the command's connection");
	tap_is_int(items[1].mark, SESSION_MARK_NONE, "the same port of another host");
	tap_is_int(items[2].mark, SESSION_MARK_STEP,
		"another session with the pid of one that was chosen");
	tap_is_int(items[3].mark, SESSION_MARK_CHOSEN, "what was chosen");
	tap_ok(!items[4].migration, "but never one of the console's own");
}

int
main(void)
{
	test_ages();
	test_order();
	test_marks();
	test_marks_more();
	return tap_done();
}
