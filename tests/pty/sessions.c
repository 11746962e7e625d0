/*
 * The pane Sessions on a real server: a filter, marks, many sessions ended with one
 * question and written down one by one; and what a role without any grant gets to see.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/pty/console.h"
#include "tests/tap/tap.h"

enum { STUCK = 4 };

/* How often the output of a command holds the text. */
static int
count_in(const char *output, const char *text)
{
	int count = 0;

	for (const char *at = output; (at = strstr(at, text)) != NULL; at++)
		count++;
	return count;
}

static void
must_show(struct console_test *test, const char *text)
{
	console_must(pty_wait(test->pty, text, PTY_DEADLINE), text);
}

static void
test_many(struct console_test *test)
{
	PGconn *stuck[STUCK], *waiter;
	char *output;

	for (int i = 0; i < STUCK; i++) {
		stuck[i] = cluster_connect(
			test->cluster, CLUSTER_PRIMARY_PORT, "application_name=stuck");
		cluster_run(stuck[i], "BEGIN");
	}
	cluster_run(stuck[0], "LOCK TABLE alembic_version");
	waiter = cluster_connect(
		test->cluster, CLUSTER_PRIMARY_PORT, "application_name=waiter");
	cluster_send(waiter, "UPDATE alembic_version SET version_num = version_num");

	console_must(console_open(test, 30, 120), "the console");
	pty_send(test->pty, "2z");
	must_show(test, "stuck");
	console_command(test, "filter app=stuck state=idl");
	must_show(test, "filter, character 17: \"idl\" is no state");
	console_command(test, "filter app=stuck state=idle-in-tx");
	must_show(test, "4 of ");
	must_show(test, "with app=stuck state=idle-in-tx");
	pty_send(test->pty, "a");
	must_show(test, "4 marked: C cancels, T terminates");
	pty_send(test->pty, "T");
	console_must(
		console_answer(test, "Terminate 4 sessions?", "billing 4", true) &&
			pty_wait(test->pty, "that is not the phrase", PTY_DEADLINE),
		"another phrase does nothing");
	tap_is_text(cluster_ask(test->primary,
			    "SELECT count(*) FROM pg_stat_activity WHERE "
			    "application_name = 'stuck'"),
		"4", "nothing at all");
	pty_send(test->pty, "billing 4 sessions");
	pty_key(test->pty, "Enter");
	must_show(test, "4 of 4 sessions were terminated");
	must_show(test, "fits app=stuck");
	tap_is_text(cluster_finish(waiter), "", "who waited goes on");

	console_must(console_quit(test), "the console is left");
	char *incident = console_incident(test);
	char *show = alloc_printf("log export %s --format json", incident);
	tap_is_int(console_run(test, show, &output), 0, "the log is read");
	tap_is_int(count_in(output, "backend.terminated"), STUCK, "each has its entry");
	tap_is_int(count_in(output, "LOCK TABLE alembic_version") > 0, 1,
		"with what it ran");
	char *pid = alloc_printf("%d", PQbackendPID(waiter));
	const char *blocked = strstr(output, "backend.blocked_pids");
	bool named = false;
	for (; blocked != NULL && !named;
		blocked = strstr(blocked + 1, "backend.blocked_pids")) {
		const char *found = strstr(blocked, pid), *end = strchr(blocked, ']');

		named = found != NULL && end != NULL && found < end;
	}
	tap_ok(named, "and whom it blocked");
	free(pid);
	free(output);
	free(show);
	free(incident);
	PQfinish(waiter);
	for (int i = 0; i < STUCK; i++)
		PQfinish(stuck[i]);
}

/* Everything that is hidden says what it needs; nothing is tried that isn't permitted.
 */
static void
test_plain(struct console_test *test)
{
	PGconn *open = cluster_connect(
		test->cluster, CLUSTER_PRIMARY_PORT, "application_name=theirs");
	char *filter = alloc_printf("filter pid=%d", PQbackendPID(open));

	cluster_run(open, "BEGIN");
	console_must(console_open_under(test, 30, 120, "exec \"$@\" -U plain"),
		"the console as a role without any grant");
	pty_send(test->pty, "2z");
	must_show(test, "needs pg_monitor");
	console_command(test, filter);
	must_show(test, "1 of ");
	pty_key(test->pty, "Enter");
	must_show(test, "hidden: needs pg_monitor");
	must_show(test, "0 held, 0 awaited");
	pty_key(test->pty, "Esc");
	must_show(test, "theirs");
	pty_send(test->pty, "T");
	must_show(test, "not permitted: needs pg_monitor to tell which session it is");
	tap_is_text(cluster_ask(open, "SELECT 1"), "1", "it is still there");
	console_must(console_quit(test), "the console is left");
	tap_is_int(cluster_log_errors(test->cluster, "pgrunbook"), 0,
		"no error in the server's log is the console's");
	free(filter);
	PQfinish(open);
}

int
main(void)
{
	struct console_test test = { 0 };

	console_test_start(&test);
	cluster_run(test.primary, "CREATE ROLE plain LOGIN");
	test_many(&test);
	test_plain(&test);
	console_test_stop(&test);
	return tap_done();
}
