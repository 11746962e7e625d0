#include "tests/pty/console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "tests/tap/tap.h"

/* The guard of a question, and a little for a slow machine. */
static const double GUARD_SECONDS = 0.4;

/* Runs a line of shell in `environment`; the test ends if it can't be run at all. */
static int
shell(const char *line, struct str *output)
{
	int ends[2];
	char buffer[4096];
	ssize_t length;
	int status;

	if (pipe(ends) != 0)
		abort();
	pid_t pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execl("/bin/bash", "bash", "-c", line, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	while ((length = read(ends[0], buffer, sizeof(buffer))) > 0)
		str_add_bytes(output, buffer, (size_t)length);
	close(ends[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void
shell_must(const char *format, const char *first, const char *second)
{
	struct str output = { 0 };
	char *line = alloc_printf("%s", format);

	setenv("FIRST", first, 1);
	setenv("SECOND", second, 1);
	if (shell(line, &output) != 0) {
		tap_ok(false, "%s", line);
		tap_diag("%s", str_text(&output));
		exit(tap_done());
	}
	free(line);
	str_free(&output);
}

/* The console keeps standard error off its screen: findings go to files. */
static void
sanitizers_write_below(const char *directory)
{
	static const char *const names[] = { "ASAN_OPTIONS", "UBSAN_OPTIONS" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *before = getenv(names[i]);
		char *after = alloc_printf("%s:log_path=%s/finding",
			before == NULL ? "" : before, directory);

		setenv(names[i], after, 1);
		free(after);
	}
	setenv("FINDINGS", directory, 1);
}

void
console_must(bool passed, const char *what)
{
	struct str findings = { 0 };

	if (tap_ok(passed, "%s", what))
		return;
	shell("cat \"$FINDINGS\"/finding.* 2>/dev/null", &findings);
	tap_diag("%s", str_text(&findings));
	str_free(&findings);
	exit(tap_done());
}

static void
write_settings(const struct console_test *test)
{
	const char *host = cluster_host(test->cluster);
	char *path = alloc_printf("%s/pgrunbook.ini", cluster_directory(test->cluster));
	FILE *file = fopen(path, "w");

	if (file == NULL)
		abort();
	fprintf(file,
		"[pgrunbook]\n"
		"environment = %s\n"
		"database = postgresql:///billing?host=%s&port=5432&user=postgres\n"
		"replica.r1 = host=%s port=5433 user=postgres dbname=billing\n"
		"alembic = /usr/bin/alembic -c %s/alembic.ini\n"
		"backup_dir = %s\n"
		"interval = 200ms\n"
		"%s",
		test->environment, host, host, test->tree, test->backups,
		test->settings == NULL ? "" : test->settings);
	fclose(file);
	free(path);
}

void
console_test_start(struct console_test *test)
{
	const char *source = getenv("srcdir");

	if (test->environment == NULL)
		test->environment = "production";
	setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	test->cluster = cluster_start();
	const char *directory = cluster_directory(test->cluster);
	test->tree = alloc_printf("%s/app", directory);
	test->state = alloc_printf("%s/state", directory);
	test->backups = alloc_printf("%s/backups", directory);
	setenv("XDG_STATE_HOME", test->state, 1);
	sanitizers_write_below(directory);
	char *runbooks = alloc_printf("%s/runbooks", source);
	setenv("PGRUNBOOK_RUNBOOKS", runbooks, 1);
	free(runbooks);
	shell_must("\"$FIRST\"/demo/load \"$SECOND\" >&2", source, directory);
	shell_must("cp -r \"$FIRST\"/demo/app \"$SECOND\"/app && mkdir -p "
		   "\"$SECOND\"/state",
		source, directory);
	write_settings(test);
	test->primary =
		cluster_connect(test->cluster, CLUSTER_PRIMARY_PORT, "dbname=billing");
	test->standby =
		cluster_connect(test->cluster, CLUSTER_STANDBY_PORT, "dbname=billing");
}

void
console_test_stop(struct console_test *test)
{
	pty_free(test->pty);
	int errors = cluster_log_errors(test->cluster, "pgrunbook");
	if (test->left_hanging != 0 && errors != 0) {
		int lost = cluster_log_count(test->cluster, "primary",
			" pgrunbook FATAL:  connection to client lost");

		errors -= lost < test->left_hanging ? lost : test->left_hanging;
	}
	tap_is_int(errors, 0, "the servers logged no error of the console's");
	PQfinish(test->primary);
	PQfinish(test->standby);
	cluster_stop(test->cluster);
	free(test->tree);
	free(test->state);
	free(test->backups);
}

bool
console_open_under(struct console_test *test, int rows, int columns, const char *setup)
{
	const char *directory = cluster_directory(test->cluster);
	char *settings = alloc_printf("%s/pgrunbook.ini", directory);
	char *config = alloc_printf("%s/alembic.ini", test->tree);
	char *binary = alloc_printf("%s/pgrunbook", getenv("builddir"));
	const char *const argv[] = { "bash", "-c", setup, "bash", binary, "--settings",
		settings, "-c", config, NULL };

	pty_free(test->pty);
	test->pty = pty_start(rows, columns, NULL, argv);
	/* The tree is there first: the role tells that the server was read too. */
	bool shown = pty_wait(test->pty, " primary ", PTY_DEADLINE);
	free(binary);
	free(config);
	free(settings);
	return shown;
}

bool
console_open(struct console_test *test, int rows, int columns)
{
	return console_open_under(test, rows, columns, "exec \"$@\"");
}

bool
console_quit(struct console_test *test)
{
	int status = -1;

	pty_send(test->pty, "q");
	bool ended = pty_wait_exit(test->pty, &status, PTY_DEADLINE);
	pty_free(test->pty);
	test->pty = NULL;
	return ended && status == 0;
}

void
console_command(struct console_test *test, const char *line)
{
	pty_send(test->pty, ":");
	pty_send(test->pty, line);
	pty_key(test->pty, "Enter");
}

bool
console_answer(
	struct console_test *test, const char *text, const char *keys, bool enter)
{
	if (!pty_wait(test->pty, text, PTY_DEADLINE))
		return false;
	pty_breathe(test->pty, GUARD_SECONDS);
	pty_send(test->pty, keys);
	if (enter)
		pty_key(test->pty, "Enter");
	return true;
}

void
console_block(struct console_test *test, struct console_block *block, const char *table)
{
	char *lock =
		alloc_printf("BEGIN; LOCK TABLE %s IN ACCESS EXCLUSIVE MODE", table);
	char *count = alloc_printf("SELECT count(*) FROM %s", table);

	block->blocker =
		cluster_connect(test->cluster, CLUSTER_PRIMARY_PORT, "dbname=billing");
	block->waiter =
		cluster_connect(test->cluster, CLUSTER_PRIMARY_PORT, "dbname=billing");
	cluster_run(block->blocker, lock);
	cluster_send(block->waiter, count);
	cluster_wait_blocked(test->primary, block->waiter);
	snprintf(block->pid, sizeof(block->pid), "%d", PQbackendPID(block->blocker));
	free(count);
	free(lock);
}

void
console_unblock(struct console_block *block)
{
	PQfinish(block->waiter);
	PQfinish(block->blocker);
}

void
console_go_to_block(struct console_test *test, const struct console_block *block)
{
	pty_key(test->pty, "3");
	/* Its session may be on the screen before its lock is. */
	console_must(pty_wait_gone(test->pty, "nobody waits", PTY_DEADLINE) &&
			     pty_wait(test->pty, block->pid, PTY_DEADLINE),
		"the blocker is shown");
	pty_key(test->pty, "g");
}

void
console_terminate(
	struct console_test *test, const struct console_block *block, bool enter)
{
	char *phrase = alloc_printf("billing %s", block->pid);

	console_go_to_block(test, block);
	pty_send(test->pty, "T");
	console_must(console_answer(test, "Terminate session", phrase, enter),
		"T asks for database and pid");
	free(phrase);
}

/* What is to be ticked is to be read: a tick that comes too fast is a held key. */
static const double READING_SECONDS = 0.8;

bool
console_tick(struct console_test *test, const char *done)
{
	pty_breathe(test->pty, READING_SECONDS);
	pty_key(test->pty, "Enter");
	return pty_wait(test->pty, done, PTY_DEADLINE);
}

static bool
console_identify(struct console_test *test)
{
	pty_key(test->pty, "Enter");
	return console_answer(test, "Is this the database you mean", "y", false) &&
	       pty_wait(test->pty, "target confirmed", PTY_DEADLINE);
}

/* pg_dump refuses a server of a newer major version: what needs a backup ends here. */
static void
console_needs_pg_dump(const struct console_test *test)
{
	int server = PQserverVersion(test->primary) / 10000;
	struct str major = { 0 };

	if (shell("pg_dump --version | sed 's/^[^0-9]*\\([0-9]*\\).*/\\1/'", &major) !=
		0)
		console_must(false, "pg_dump says its version");
	if (atoi(str_text(&major)) < server) {
		tap_skip("needs a backup: pg_dump %d refuses a server %d",
			atoi(str_text(&major)), server);
		exit(tap_done());
	}
	str_free(&major);
}

bool
console_to_downgrade(struct console_test *test, const char *target)
{
	console_needs_pg_dump(test);

	char *command = alloc_printf("downgrade %s", target);

	console_command(test, command);
	free(command);
	bool good = pty_wait(test->pty, "nothing is written before", PTY_DEADLINE);
	good = good && console_identify(test);
	/* The prerequisites: four ticks by hand. */
	good = good && console_tick(test, "✓] 2 ") && console_tick(test, "✓] 3 ") &&
	       console_tick(test, "✓] 4 ") && console_tick(test, "✓] 5 ");
	good = good && console_tick(test, "checks hold");
	pty_key(test->pty, "Enter");
	good = good && console_answer(test, "Back up billing now?", "y", false) &&
	       pty_wait(test->pty, "backup taken", PTY_DEADLINE);
	return good && console_tick(test, "backup verified");
}

const char *
console_revision(PGconn *connection)
{
	return cluster_ask(connection, "SELECT string_agg(version_num, ',' ORDER BY "
				       "version_num) FROM alembic_version");
}

int
console_run(struct console_test *test, const char *arguments, char **output)
{
	struct str out = { 0 };
	/* The log needs neither file, and refuses the options. */
	char *files = strncmp(arguments, "log ", 4) == 0
			      ? alloc_copy("")
			      : alloc_printf("--settings '%s/pgrunbook.ini' "
					     "-c '%s/alembic.ini' ",
					cluster_directory(test->cluster), test->tree);
	char *line = alloc_printf(
		"'%s/pgrunbook' %s%s", getenv("builddir"), files, arguments);
	int status = shell(line, &out);

	free(files);
	free(line);
	if (output != NULL)
		*output = str_take(&out);
	str_free(&out);
	return status;
}

int
console_shell(const char *line)
{
	struct str output = { 0 };
	int status = shell(line, &output);

	str_free(&output);
	return status;
}

char *
console_incident(struct console_test *test)
{
	struct str out = { 0 };
	char *line = alloc_printf(
		"ls '%s/pgrunbook/incidents' 2>/dev/null | tail -n 1 | tr -d '\\n'",
		test->state);

	shell(line, &out);
	free(line);
	return str_take(&out);
}
