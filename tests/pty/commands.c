/* The commands without a screen, on a real server: what they print and how they exit.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/pty/console.h"
#include "tests/tap/tap.h"

static json_t *
json_of(struct console_test *test, const char *arguments, int want)
{
	char *output;

	tap_is_int(console_run(test, arguments, &output), want, "%s: exit status %d",
		arguments, want);
	json_t *value = json_loads(output, 0, NULL);
	if (!tap_ok(value != NULL, "%s: prints JSON", arguments))
		tap_diag("%s", output);
	free(output);
	return value;
}

static const char *
text_of(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void
test_status(struct console_test *test)
{
	json_t *status = json_of(test, "status --format json", 1);

	tap_is_text(text_of(status, "status"), "pending", "0015 is behind 0016");
	tap_is_text(text_of(status, "database"), "billing", "of billing");
	tap_is_text(text_of(status, "role"), "primary", "on the primary");
	tap_is_text(json_string_value(
			    json_array_get(json_object_get(status, "pending"), 0)),
		"0016", "0016 is pending");
	json_decref(status);

	cluster_run(test->primary, "UPDATE alembic_version SET version_num = '0016'");
	status = json_of(test, "--format=json status", 0);
	tap_is_text(text_of(status, "status"), "in-sync", "0016 is in sync");
	json_decref(status);

	cluster_run(test->primary, "UPDATE alembic_version SET version_num = '0099'");
	status = json_of(test, "status --format json", 1);
	tap_is_text(text_of(status, "status"), "unknown-revision", "0099 is unknown");
	json_decref(status);

	cluster_run(test->primary,
		"ALTER TABLE alembic_version RENAME TO elsewhere; "
		"ALTER TABLE elsewhere RENAME COLUMN version_num TO v");
	status = json_of(test, "status --format json", 1);
	tap_is_text(text_of(status, "status"), "no-version-table", "no version table");
	json_decref(status);
	cluster_run(test->primary,
		"ALTER TABLE elsewhere RENAME COLUMN v TO version_num; "
		"ALTER TABLE elsewhere RENAME TO alembic_version; "
		"UPDATE alembic_version SET version_num = '0015'");
}

static void
is_output(struct console_test *test, const char *arguments, int want_status,
	const char *want)
{
	char *output;

	tap_is_int(console_run(test, arguments, &output), want_status,
		"%s: exit status %d", arguments, want_status);
	tap_is_text(output, want, "%s: prints", arguments);
	free(output);
}

/* The commands about the tree that ask the database: it is at 0015. */
static void
test_current(struct console_test *test)
{
	char *output;

	is_output(test, "current", 0, "0015\n");
	is_output(test, "current --check-heads 2>/dev/null", 1, "");
	is_output(test, "history -r current:head -i", 0,
		"0015 -> 0016 (audit) (head), Note when an invoice is disputed\n"
		"0014 -> 0015 (audit) (current), Tax invoices by region\n");
	console_run(test, "current -v", &output);
	tap_ok(strstr(output, "Current revision(s) for postgresql://") == output &&
			strstr(output, ":\nRev: 0015\nParent: 0014\n") != NULL,
		"current -v: the database and all about the revision");
	free(output);
	console_run(test, "show current", &output);
	tap_ok(strncmp(output, "Rev: 0015\n", 10) == 0, "show current");
	free(output);
	console_run(test,
		"current -v -d 'postgresql+psycopg2://u:secret@nowhere.invalid/x' 2>&1",
		&output);
	tap_ok(strstr(output, "secret") == NULL, "a password is printed nowhere");
	free(output);

	cluster_run(test->primary, "UPDATE alembic_version SET version_num = '0016'");
	is_output(test, "current --check-heads", 0, "0016 (head)\n");
	cluster_run(test->primary, "UPDATE alembic_version SET version_num = '0099'");
	is_output(test, "current 2>/dev/null", 2, "");
	cluster_run(test->primary, "DELETE FROM alembic_version");
	is_output(test, "current", 0, "");
	cluster_run(test->primary, "INSERT INTO alembic_version VALUES ('0015')");
}

/* From the rows that the database has, 0015. */
static void
test_plan(struct console_test *test)
{
	is_output(test, "plan upgrade heads", 0,
		"Running upgrade 0015 -> 0016, Note when an invoice is disputed\n"
		"rows after: 0016\n");
	is_output(test, "plan downgrade -1", 0,
		"Running downgrade 0015 -> 0014, Tax invoices by region\n"
		"rows after: 0014\n");
	cluster_run(test->primary, "UPDATE alembic_version SET version_num = '0099'");
	is_output(test, "plan upgrade heads 2>&1", 1,
		"pgrunbook: the version table has 0099, which is in none of the "
		"scripts: is this checkout older than the database?\n");
	cluster_run(test->primary, "UPDATE alembic_version SET version_num = '0015'");
	is_output(test, "plan upgrade heads -d nowhere 2>/dev/null", 2, "");
}

static json_t *
node_of(json_t *nodes, PGconn *connection)
{
	size_t index;
	json_t *node;

	json_array_foreach(nodes, index, node)
	{
		if (json_integer_value(json_object_get(node, "pid")) ==
			PQbackendPID(connection))
			return node;
	}
	return NULL;
}

static bool
waits_only_for(json_t *node, PGconn *blocker)
{
	json_t *list = json_object_get(node, "waits_for");

	return json_array_size(list) == 1 &&
	       json_integer_value(json_array_get(list, 0)) == PQbackendPID(blocker);
}

static int64_t
end_of(const json_t *node, const char *how, const char *what)
{
	const json_t *end = json_object_get(json_object_get(node, "if_ended"), how);

	return json_integer_value(json_object_get(end, what));
}

static int
compare_texts(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

/* Sorted, kept until the next call. */
static const char *
keys_of(json_t *node)
{
	static char all[512];
	const char *keys[64] = { NULL }, *key;
	size_t count = 0, length = 0;
	json_t *value;

	json_object_foreach(node, key, value)
	{
		if (count < sizeof(keys) / sizeof(keys[0]))
			keys[count++] = key;
	}
	qsort(keys, count, sizeof(keys[0]), compare_texts);
	for (size_t i = 0; i < count && length < sizeof(all); i++)
		length += (size_t)snprintf(all + length, sizeof(all) - length, "%s%s",
			i ? " " : "", keys[i]);
	return all;
}

/* What `progress` says of that migration. */
static void
is_progress(struct console_test *test, PGconn *alter, PGconn *reader)
{
	json_t *value = json_of(test, "progress --format json", 0);
	json_t *migrations = json_object_get(value, "migrations");
	json_t *one = json_array_get(migrations, 0);

	tap_is_int((int64_t)json_array_size(migrations), 1, "one migration");
	tap_is_int(json_integer_value(json_object_get(one, "pid")), PQbackendPID(alter),
		"its pid");
	tap_is_text(text_of(one, "known_by"), "name", "it is known by its name");
	tap_is_int(json_integer_value(json_object_get(one, "holder")),
		PQbackendPID(reader), "who holds it up");
	tap_is_int(json_integer_value(json_object_get(one, "holds_up")), 2,
		"and whom it holds up");
	tap_is_text(text_of(json_object_get(one, "waits"), "mode"),
		"AccessExclusiveLock", "what it wants");
	tap_ok(json_is_null(json_object_get(value, "problem")), "nothing is missing");
	json_decref(value);
}

/* The queue that every on-call engineer meets: an idle reader, a migration, everybody.
 */
static void
test_locks(struct console_test *test)
{
	const char *billing = "dbname=billing";
	PGconn *reader = cluster_connect(test->cluster, CLUSTER_PRIMARY_PORT, billing);
	PGconn *alter = cluster_connect(test->cluster, CLUSTER_PRIMARY_PORT,
		"dbname=billing application_name=alembic");
	PGconn *first = cluster_connect(test->cluster, CLUSTER_PRIMARY_PORT, billing);
	PGconn *second = cluster_connect(test->cluster, CLUSTER_PRIMARY_PORT, billing);

	json_t *nodes = json_of(test, "locks --format json", 0);
	tap_is_int((int64_t)json_array_size(nodes), 0, "nobody waits");
	json_decref(nodes);

	cluster_run(reader, "BEGIN; SELECT count(*) FROM invoices");
	cluster_send(alter, "ALTER TABLE invoices ADD COLUMN note text");
	cluster_wait_blocked(test->primary, alter);
	cluster_send(first, "SELECT count(*) FROM invoices");
	cluster_send(second, "SELECT count(*) FROM invoices");
	cluster_wait_blocked(test->primary, first);
	cluster_wait_blocked(test->primary, second);
	nodes = json_of(test, "locks --format json", 0);
	tap_is_int((int64_t)json_array_size(nodes), 4, "four stand in the queue");
	tap_ok(json_array_size(json_object_get(node_of(nodes, reader), "waits_for")) ==
			0,
		"the reader waits for nobody");
	tap_ok(waits_only_for(node_of(nodes, alter), reader),
		"ALTER TABLE for the reader");
	tap_ok(waits_only_for(node_of(nodes, first), alter),
		"one SELECT for ALTER TABLE");
	tap_ok(waits_only_for(node_of(nodes, second), alter), "the other one, too");
	json_t *node = node_of(nodes, alter);
	tap_is_text(text_of(node, "kind"), "session", "kind");
	tap_is_text(text_of(node, "relation"), "invoices", "relation");
	tap_is_text(text_of(node, "mode"), "AccessExclusiveLock", "mode");
	tap_ok(json_real_value(json_object_get(node, "seconds")) >= 0, "seconds");
	tap_is_text(keys_of(node),
		"application backend_start backend_type behind client database "
		"deadlock depth hidden holds holds_up if_ended kind lock_type mode "
		"object pid query relation remedy seconds seconds_at_least state "
		"transaction_seconds under user waits_for workers",
		"the keys are those of the manual");
	tap_is_int(end_of(node, "cancel", "at_once"), 2, "both could go on at once");
	node = node_of(nodes, reader);
	tap_is_text(text_of(json_array_get(json_object_get(node, "holds"), 0), "mode"),
		"AccessShareLock", "what the reader holds");
	tap_ok(end_of(node, "terminate", "at_once") == 1 &&
			end_of(node, "terminate", "later") == 2,
		"its end would let them go on one after another");
	tap_is_text(
		text_of(json_object_get(json_object_get(node, "if_ended"), "cancel"),
			"why_not"),
		"it runs no query to cancel", "a cancel wouldn't");
	tap_is_text(text_of(node, "state"), "idle in transaction",
		"its state as the server says it");
	json_decref(nodes);
	char *text = NULL;
	tap_is_int(console_run(test, "locks", &text), 0, "the same as text");
	tap_ok(text && strstr(text, "holds invoices AccessShare, blocks 3") &&
			strstr(text, " idle in transaction, transaction ") &&
			strstr(text, "\n    if terminated: 1 goes on at once, 2 after "
				     "it\n") &&
			strstr(text, "for invoices AccessExclusive, blocked by"),
		"says what is held, wanted, and what an end brings");
	free(text);
	is_progress(test, alter, reader);
	cluster_run(reader, "ROLLBACK");
	cluster_finish(alter);
	cluster_finish(first);
	cluster_finish(second);
	PQfinish(reader);
	PQfinish(alter);
	PQfinish(first);
	PQfinish(second);
}

static void
test_errors(struct console_test *test)
{
	tap_is_int(console_run(test, "status -d nosuch 2>/dev/null", NULL), 2,
		"a database that isn't there: exit status 2");
	tap_is_int(console_run(test, "status -h /nowhere 2>/dev/null", NULL), 2,
		"a server that isn't there: exit status 2");
	tap_is_int(
		console_run(test, "status -c /nowhere/alembic.ini 2>/dev/null", NULL),
		2, "an ini that isn't there: exit status 2");
	tap_is_int(console_run(test, "--frobnicate 2>/dev/null", NULL), 2,
		"an unknown option: exit status 2");
	tap_is_int(console_run(test, "status billing extra 2>/dev/null", NULL), 2,
		"an argument too many: exit status 2");
}

int
main(void)
{
	struct console_test test = { 0 };

	console_test_start(&test);
	test_status(&test);
	test_current(&test);
	test_plan(&test);
	test_locks(&test);
	test_errors(&test);
	console_test_stop(&test);
	return tap_done();
}
