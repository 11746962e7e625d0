/*
 * A real migration that a reader blocks: what the header says of it, who that is, and
 * that it is gone at last.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/pty/console.h"
#include "tests/tap/tap.h"

/* Runs alembic beside the console, as somebody else would; `name` is its
 * application_name, "" for the driver's own. */
static void
start_alembic(const struct console_test *test, const char *name, const char *what)
{
	char *line = alloc_printf(
		"(cd '%s' && PGAPPNAME='%s' DATABASE_URL='postgresql:///billing?"
		"host=%s&port=%d&user=postgres' alembic %s) </dev/null >/dev/null 2>&1 "
		"&",
		test->tree, name, cluster_host(test->cluster), CLUSTER_PRIMARY_PORT,
		what);

	console_must(console_shell(line) == 0, "alembic runs elsewhere");
	free(line);
	console_must(
		cluster_wait_for(test->primary,
			"SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_stat_activity "
			"a USING (pid) WHERE NOT l.granted AND a.query ~ 'ALTER')"),
		"and waits for a lock");
}

static int
waiter(const struct console_test *test)
{
	return atoi(cluster_ask(
		test->primary, "SELECT pid FROM pg_locks WHERE NOT granted LIMIT 1"));
}

/* Words in the row of the header that begins with MIGRATION. */
static bool
has_line(const char *screen, void *user)
{
	const char *const *words = user;
	const char *row = strstr(screen, "MIGRATION ");
	const char *end = row == NULL ? NULL : strchr(row, '\n');

	for (; end != NULL && *words != NULL; words++) {
		const char *at = strstr(row, *words);

		if (at == NULL || at > end)
			return false;
	}
	return end != NULL;
}

static void
test_named(struct console_test *test)
{
	PGconn *reader = cluster_connect(test->cluster, CLUSTER_PRIMARY_PORT,
		"dbname=billing application_name=report-7");
	char holder[64];

	cluster_run(reader, "BEGIN; SELECT count(*) FROM invoices");
	start_alembic(test, "alembic", "downgrade 0014");
	snprintf(holder, sizeof(holder), "waits for %d", PQbackendPID(reader));
	const char *const words[] = { "ALTER TABLE", holder, "report-7", "idle in tx",
		NULL };
	tap_ok(pty_wait_for(test->pty, has_line, (void *)words,
		       "the migration and its holder", PTY_DEADLINE),
		"the header says what it runs, for whom it waits and who that is");

	PGconn *victim =
		cluster_connect(test->cluster, CLUSTER_PRIMARY_PORT, "dbname=billing");
	cluster_send(victim, "SELECT count(*) FROM invoices");
	cluster_wait_blocked(test->primary, victim);
	const char *const more[] = { holder, "blocks 1", NULL };
	tap_ok(pty_wait_for(
		       test->pty, has_line, (void *)more, "its victim", PTY_DEADLINE),
		"and whom it blocks");

	pty_key(test->pty, "5");
	pty_key(test->pty, "Enter");
	tap_ok(pty_wait(test->pty, "held by ", PTY_DEADLINE) &&
			pty_wait(test->pty, "its client commit", PTY_DEADLINE),
		"Enter in Progress tells who holds it and what ends that");
	pty_key(test->pty, "Esc");
	cluster_run(reader, "COMMIT");
	tap_ok(pty_wait(test->pty, "is gone", PTY_DEADLINE),
		"the header says that it is gone");
	tap_is_text(cluster_finish(victim), "", "its victim goes on");
	tap_ok(cluster_wait_for(test->primary,
		       "SELECT version_num = '0014' FROM alembic_version"),
		"the migration is through");
	PQfinish(victim);
	PQfinish(reader);
}

/* Nothing tells it until it writes the version table, but the operator. */
static void
test_chosen(struct console_test *test)
{
	PGconn *reader =
		cluster_connect(test->cluster, CLUSTER_PRIMARY_PORT, "dbname=billing");
	char *line;
	char pid[64];

	cluster_run(reader, "BEGIN; SELECT count(*) FROM invoices");
	start_alembic(test, "", "upgrade 0015");
	snprintf(pid, sizeof(pid), "%d active", waiter(test));
	console_must(pty_wait(test->pty, pid, PTY_DEADLINE), "the console sees it");
	snprintf(pid, sizeof(pid), "MIGRATION %d", waiter(test));
	line = alloc_printf("migration %d", waiter(test));
	console_command(test, line);
	tap_ok(pty_wait(test->pty, pid, PTY_DEADLINE),
		"a migration without a name is chosen by its pid");
	console_command(test, "migration off");
	tap_ok(pty_wait(test->pty, "migrates no more", PTY_DEADLINE),
		"and that is taken back");
	cluster_run(reader, "COMMIT");
	tap_ok(cluster_wait_for(test->primary,
		       "SELECT version_num = '0015' FROM alembic_version"),
		"it goes through");
	free(line);
	PQfinish(reader);
}

int
main(void)
{
	struct console_test test = { 0 };

	console_test_start(&test);
	console_must(console_open(&test, 40, 140), "the console is open");
	test_named(&test);
	test_chosen(&test);
	console_must(console_quit(&test), "it leaves");
	console_test_stop(&test);
	return tap_done();
}
