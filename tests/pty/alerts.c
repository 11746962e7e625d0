/* An alert from end to end: the banner, the bell and its muting, the incident's log. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "tests/pty/console.h"
#include "tests/tap/tap.h"

/* Whether the banner names the blocker, soon. */
static bool
shows(struct console_test *test, const struct console_block *block)
{
	char *alert = alloc_printf("! %s", block->pid);
	bool shown = pty_wait(test->pty, alert, PTY_DEADLINE);

	free(alert);
	return shown;
}

static void
block(struct console_test *test, struct console_block *block, const char *table)
{
	console_block(test, block, table);
	console_must(shows(test, block), "the banner has it");
}

static void
unblock(struct console_test *test, struct console_block *block)
{
	char *alert = alloc_printf("! %s", block->pid);

	console_unblock(block);
	console_must(pty_wait_gone(test->pty, alert, PTY_DEADLINE),
		"the banner follows at once");
	free(alert);
}

static size_t
bells(struct console_test *test)
{
	size_t length, count = 0;
	const char *bytes = pty_bytes(test->pty, &length);

	for (size_t i = 0; i < length; i++)
		count += bytes[i] == '\a';
	return count;
}

static void
test_bell(
	struct console_test *test, struct console_block *one, struct console_block *two)
{
	pty_send(test->pty, "m");
	console_must(pty_wait(test->pty, "the bell is muted", PTY_DEADLINE), "m mutes");
	block(test, one, "invoices");
	tap_is_int((int64_t)bells(test), 0, "a muted bell is silent");
	console_command(test, "mute off");
	console_must(pty_wait(test->pty, "rings the bell", PTY_DEADLINE),
		":mute off lets it ring");
	tap_is_int((int64_t)bells(test), 0, "but not for what was there");
	block(test, two, "payments");
	console_must(shows(test, one), "both stand in the banner");
	tap_is_int((int64_t)bells(test), 1, "a new one rings once");
}

/* "alert.raised 4312" of an entry about an alert; NULL: of another. */
static char *
told(const json_t *entry)
{
	const char *name = json_string_value(json_object_get(entry, "event_name"));
	const json_t *attributes = json_object_get(entry, "attributes");

	if (name == NULL || strncmp(name, "alert.", 6) != 0)
		return NULL;
	return alloc_printf("%s %s", name,
		json_string_value(json_object_get(attributes, "alert.subject")));
}

static void
is_told(struct console_test *test, const char *event, const struct console_block *block,
	const char *about)
{
	char *output, *want = alloc_printf("%s %s", event, block->pid);
	size_t index, count = 0;
	json_t *entry;

	console_run(test, "log export last --format json", &output);
	json_t *document = json_loads(output, 0, NULL);
	json_array_foreach(json_object_get(document, "entries"), index, entry)
	{
		char *got = told(entry);

		count += got != NULL && strcmp(got, want) == 0;
		free(got);
	}
	if (!tap_ok(count == 1, "%s: %s once", about, want))
		tap_diag("%s", output);
	json_decref(document);
	free(output);
	free(want);
}

static bool
both_over(const char *screen, void *user)
{
	const char *first = strstr(screen, "over since");

	(void)user;
	return first != NULL && strstr(first + 1, "over since") != NULL;
}

static int64_t
instant_of(const json_t *object, const char *key)
{
	int64_t us = 0;

	instant_parse(json_string_value(json_object_get(object, key)), &us);
	return us;
}

/* The server goes and comes back: the log has both at once. */
static void
test_lost(struct console_test *test)
{
	char *output;
	size_t index, raised = 0, cleared = 0;
	json_t *entry;

	cluster_do(test->cluster, "kill", "primary");
	console_must(pty_wait(test->pty, "LOST", PTY_DEADLINE), "the server is lost");
	cluster_do(test->cluster, "restart", "primary");
	console_must(pty_wait_gone(test->pty, "LOST", PTY_DEADLINE), "it is back");
	console_must(
		pty_wait(test->pty, "Z: the server", PTY_DEADLINE), "the log says so");
	console_must(console_quit(test), "q leaves");
	console_run(test, "log export last --format json", &output);
	json_t *document = json_loads(output, 0, NULL);
	json_array_foreach(json_object_get(document, "entries"), index, entry)
	{
		const json_t *attributes = json_object_get(entry, "attributes");
		const char *kind =
			json_string_value(json_object_get(attributes, "alert.kind"));
		const char *event =
			json_string_value(json_object_get(entry, "event_name"));

		if (kind == NULL || strcmp(kind, "connection-lost") != 0)
			continue;
		raised += strcmp(event, "alert.raised") == 0;
		if (strcmp(event, "alert.cleared") != 0)
			continue;
		cleared++;
		tap_ok(instant_of(entry, "timestamp") -
					instant_of(attributes, "alert.cleared") <
				INT64_C(5000000),
			"that it is back was written then");
	}
	if (!tap_ok(raised == 1 && cleared == 1, "the loss has two entries"))
		tap_diag("%s", output);
	json_decref(document);
	free(output);
}

/* The same without a screen. */
static void
test_command(struct console_test *test, const struct console_block *one)
{
	char *output, *want = alloc_printf("severe: %s (postgres) blocks", one->pid);
	json_error_t error;

	tap_is_int(console_run(test, "alerts", &output), 1, "alerts exits with 1");
	if (!tap_ok(strstr(output, want) == output, "and lists \"%s\"", want))
		tap_diag("%s", output);
	free(output);
	console_run(test, "alerts --format json", &output);
	json_t *list = json_loads(output, 0, &error);
	const json_t *first = json_array_get(list, 0);
	tap_is_text(json_string_value(json_object_get(first, "kind")), "lock-wait",
		"in JSON with its kind");
	tap_is_text(json_string_value(json_object_get(first, "subject")), one->pid,
		"and its subject");
	tap_ok(json_is_true(json_object_get(first, "severe")), "severe");
	json_decref(list);
	free(output);
	free(want);
}

/* The server doesn't tell since when: the command waits until it knows. */
static void
test_unknown_since(struct console_test *test)
{
	PGconn *writer =
		cluster_connect(test->cluster, CLUSTER_PRIMARY_PORT, "dbname=billing");
	PGconn *reader =
		cluster_connect(test->cluster, CLUSTER_PRIMARY_PORT, "dbname=billing");
	char *output, *want = alloc_printf(
			      "severe: %d (postgres) blocks 1", PQbackendPID(writer));

	cluster_run(writer, "BEGIN ISOLATION LEVEL SERIALIZABLE; CREATE TABLE x ()");
	cluster_run(reader, "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE");
	cluster_send(reader, "SELECT 1");
	cluster_wait_for(test->primary,
		"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = "
		"'SafeSnapshot' AND clock_timestamp() - query_start > '300ms')");
	tap_is_int(console_run(test, "alerts", &output), 1,
		"a wait for a safe snapshot is watched for as long as the threshold");
	if (!tap_ok(strstr(output, want) == output, "and told: \"%s\"", want))
		tap_diag("%s", output);
	free(output);
	free(want);
	PQfinish(writer);
	cluster_finish(reader);
	PQfinish(reader);
}

int
main(void)
{
	struct console_test test = {
		.settings = "[thresholds]\n"
			    "lock_wait = 300ms\n"
			    "replica_lag = off\n"
			    "replica_delay = off\n",
	};
	struct console_block one, two;

	console_test_start(&test);
	test_unknown_since(&test);
	console_must(console_open(&test, 40, 120), "the console shows the database");
	console_command(&test, "note here we go");
	console_must(pty_wait(test.pty, "noted in", PTY_DEADLINE), "an incident opens");
	test_bell(&test, &one, &two);
	is_told(&test, "alert.raised", &one, "its log has the first, muted or not");
	test_command(&test, &one);
	unblock(&test, &one);
	unblock(&test, &two);
	tap_is_int(console_run(&test, "alerts | grep -qx 'no alerts'", NULL), 0,
		"then there are none");
	pty_key(test.pty, "7");
	console_must(pty_wait_for(test.pty, both_over, NULL, "two alerts are over",
			     2 * PTY_DEADLINE),
		"when they stay away for long enough, the log says that they are over");
	test_lost(&test);
	is_told(&test, "alert.cleared", &one, "the first is over");
	is_told(&test, "alert.cleared", &two, "and so is the other");
	tap_is_int(console_run(&test, "log verify last >/dev/null", NULL), 0,
		"the chain holds");
	console_test_stop(&test);
	return tap_done();
}
