/* The commands without a screen with --watch: again and again, until they are told. */
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/pty/console.h"
#include "tests/tap/tap.h"

/* A line of JSON for each look, with its time, until the reader has enough. */
static void
test_lines(struct console_test *test)
{
	char *output, *rest;
	char last[64] = "";
	int lines = 0;

	tap_is_int(console_run(test,
			   "locks --watch --every 100ms --format json | head -n 3; "
			   "exit ${PIPESTATUS[0]}",
			   &output),
		128 + SIGPIPE, "locks --watch ends as others do in front of head");
	for (char *line = strtok_r(output, "\n", &rest); line != NULL;
		line = strtok_r(NULL, "\n", &rest)) {
		json_t *value = json_loads(line, 0, NULL);
		const char *at = json_string_value(json_object_get(value, "at"));

		tap_ok(at != NULL && strcmp(at, last) > 0, "%s is after %s",
			at == NULL ? line : at, lines++ == 0 ? "nothing" : last);
		tap_ok(json_is_array(json_object_get(value, "locks")),
			"with the list of locks");
		snprintf(last, sizeof(last), "%s", at == NULL ? "" : at);
		json_decref(value);
	}
	tap_is_int(lines, 3, "a line each");
	free(output);
	tap_is_int(console_run(test,
			   "status --watch --every 100ms --format json | head -n 1 | "
			   "grep -q '^{\"at\":\"2.*\"status\":\"pending\"'",
			   NULL),
		0, "an answer that is an object has its time among its keys");
}

/* What comes with a later poll is waited for. */
static void
test_revisions(struct console_test *test)
{
	char *output;

	console_run(test, "replicas --format json", &output);
	json_t *value = json_loads(output, 0, NULL);
	const json_t *first = json_array_get(json_object_get(value, "replicas"), 0);
	if (!tap_ok(json_array_size(json_object_get(first, "revisions")) == 1,
		    "a single look tells the revisions of a standby"))
		tap_diag("%s", output);
	json_decref(value);
	free(output);
}

static void
test_ends(struct console_test *test)
{
	char *output;

	tap_is_int(console_run(test,
			   "locks --watch --every 1h | timeout 20 head -n 1; "
			   "exit ${PIPESTATUS[0]}",
			   NULL),
		128 + SIGPIPE, "a reader that leaves is noticed between two looks");
	tap_is_int(console_run(test, "locks --watch --every 100ms 2>&1 >/dev/full",
			   &output),
		2, "a full disk ends it: exit status 2");
	tap_ok(strstr(output, "the output can't be written: No space") != NULL, "%s",
		output);
	free(output);
	tap_is_int(console_run(test, "locks --every 2s 2>/dev/null", NULL), 2,
		"an interval of a single look is a mistake");
}

static bool
back_after_loss(const char *screen, void *user)
{
	const char *lost = strstr(screen, "lost the connection");

	(void)user;
	return lost != NULL && strstr(lost, "nobody waits") != NULL;
}

static void
start(struct console_test *test, const char *arguments)
{
	char *line = alloc_printf("exec '%s/pgrunbook' -c '%s/alembic.ini' %s",
		getenv("builddir"), test->tree, arguments);
	const char *const argv[] = { "bash", "-c", line, NULL };

	test->pty = pty_start(100, 120, NULL, argv);
	free(line);
}

static void
must_end(struct console_test *test, int signal)
{
	int status = -1;

	if (signal == SIGINT)
		pty_key(test->pty, "^C");
	else
		pty_kill(test->pty, signal);
	pty_wait_exit(test->pty, &status, PTY_DEADLINE);
	tap_is_int(status, 0, "signal %d ends it with exit status 0", signal);
	pty_free(test->pty);
	test->pty = NULL;
}

static void
test_lost(struct console_test *test)
{
	start(test, "locks --watch --every 200ms");
	console_must(pty_wait(test->pty, "nobody waits for a lock", PTY_DEADLINE),
		"a look as text");
	cluster_do(test->cluster, "kill", "primary");
	console_must(
		pty_wait(test->pty, "lost the connection to billing", PTY_DEADLINE),
		"a lost server is told");
	cluster_do(test->cluster, "restart", "primary");
	console_must(pty_wait_for(test->pty, back_after_loss, NULL, "another look",
			     PTY_DEADLINE),
		"and it goes on when it is back");
	must_end(test, SIGINT);
	PQreset(test->primary);
}

static void
test_changes(struct console_test *test)
{
	start(test, "status --watch --every 200ms");
	console_must(pty_wait(test->pty, "0016", PTY_DEADLINE), "0016 is pending");
	cluster_run(test->primary, "UPDATE alembic_version SET version_num = '0016'");
	console_must(
		pty_wait(test->pty, "in sync", PTY_DEADLINE), "then it is in sync");
	must_end(test, SIGTERM);
}

/* The sessions that a filter leaves, as a list with keys that stay. */
static void
test_sessions(struct console_test *test)
{
	static const char *const keys[] = { "pid", "backend_start", "leader_pid",
		"backend_type", "state", "hidden", "state_seconds", "query_seconds",
		"transaction_seconds", "xmin_age", "wait_type", "wait_event", "waiting",
		"blocked_by", "holds_up", "database", "user", "application", "client",
		"client_port", "migration", "own", "query_id", "query" };
	enum { KEYS = sizeof(keys) / sizeof(keys[0]) };
	PGconn *open = cluster_connect(
		test->cluster, CLUSTER_PRIMARY_PORT, "application_name=open");
	char *output;

	cluster_run(open, "BEGIN");
	tap_is_int(console_run(test,
			   "sessions --format json --sort 'pid desc' --filter "
			   "'state=idle-in-tx app=open'",
			   &output),
		0, "sessions as JSON");
	json_t *list = json_loads(output, 0, NULL);
	json_t *item = json_array_get(list, 0);
	tap_ok(json_array_size(list) == 1 && json_integer_value(json_object_get(item,
						     "pid")) == PQbackendPID(open),
		"the one that the filter leaves");
	tap_is_int((int64_t)json_object_size(item), KEYS, "%d keys", KEYS);
	for (int i = 0; i < KEYS; i++)
		if (json_object_get(item, keys[i]) == NULL)
			tap_ok(false, "no key %s", keys[i]);
	tap_is_text(json_string_value(json_object_get(item, "state")),
		"idle in transaction", "its state as the server says it");
	tap_is_text(json_string_value(json_object_get(item, "query")), "BEGIN",
		"its last query");
	json_decref(list);
	free(output);
	tap_is_int(console_run(test, "sessions --filter app=open", &output), 0,
		"sessions as text");
	tap_ok(strstr(output, "idle in transaction ") != NULL &&
			strstr(output, "postgres (open) in billing: BEGIN\n") != NULL,
		"%s", output);
	free(output);
	tap_is_int(console_run(test, "sessions --filter user=nobody", &output), 0,
		"nobody fits");
	tap_ok(strstr(output, "fits the filter") != NULL, "%s", output);
	free(output);
	tap_is_int(
		console_run(test, "sessions --filter 'app=x state=idel' 2>&1", &output),
		2, "a filter that makes no sense");
	tap_ok(strstr(output,
		       "pgrunbook: --filter: character 13: \"idel\" is no state") ==
			output,
		"%s", output);
	free(output);
	tap_is_int(console_run(test, "sessions --sort colour 2>&1", &output), 2,
		"nor a column");
	tap_ok(strstr(output, "--sort: \"colour\" is no column") != NULL, "%s", output);
	free(output);
	PQfinish(open);
}

int
main(void)
{
	struct console_test test = { 0 };

	console_test_start(&test);
	test_lines(&test);
	test_revisions(&test);
	test_ends(&test);
	test_sessions(&test);
	test_lost(&test);
	test_changes(&test);
	console_test_stop(&test);
	return tap_done();
}
