/*
 * A pid that is used again: what was meant for the session that had it must not meet
 * the one that has it now.
 *
 * As root it is made to happen: in a pid namespace of the test's own, where
 * ns_last_pid says which pid the server's next backend gets.  Where that isn't to be
 * had the other half still runs, over the same statement: a living session's pid with
 * another session's backend start.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pgrunbook/model/session_rows.h"
#include "tests/cluster/watching.h"
#include "tests/tap/tap.h"

enum { TRIES = 200 };

static const char inside[] = "PGRUNBOOK_TEST_PID_NAMESPACE";
static const char next_pid[] = "/proc/sys/kernel/ns_last_pid";

/* Whether the kernel lets us; asked in a child, since there is no way back. */
static bool
may_have_namespace(void)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		dup2(null, STDERR_FILENO);
		execlp("unshare", "unshare", "--pid", "--fork", "--mount-proc", "test",
			"-w", next_pid, (char *)NULL);
		_exit(127);
	}
	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

/* Runs the test once more, as the first process of its own namespace. */
static void
enter_namespace(char **argv)
{
	if (getenv(inside) || geteuid() != 0 || !may_have_namespace())
		return;
	setenv(inside, "1", 1);
	execlp("unshare", "unshare", "--pid", "--fork", "--kill-child", "--mount-proc",
		argv[0], (char *)NULL);
	tap_ok(false, "unshare: %s", strerror(errno));
}

/* The next process gets this pid. */
static bool
set_next_pid(int pid)
{
	int file = open(next_pid, O_WRONLY | O_CLOEXEC);
	char text[16];
	int length = snprintf(text, sizeof(text), "%d", pid - 1);
	bool written = file >= 0 && write(file, text, (size_t)length) == length;

	if (file >= 0)
		close(file);
	return written;
}

static bool
shows_gone(const struct snapshot *snapshot, const void *context)
{
	return !watching_session(snapshot, context);
}

/* A session with this pid and no other; NULL: others were always faster. */
static PGconn *
connect_as(const struct cluster *cluster, int pid)
{
	for (int i = 0; i < TRIES && set_next_pid(pid); i++) {
		PGconn *connection = cluster_connect(
			cluster, CLUSTER_PRIMARY_PORT, "application_name=second");

		if (PQbackendPID(connection) == pid)
			return connection;
		PQfinish(connection);
	}
	return NULL;
}

static void
refuses(struct watching *watching, enum pg_end how, const struct pg_end_target *target)
{
	struct watching_outcome outcome;

	watching_end(watching, how, target, &outcome);
	tap_ok(!outcome.ended &&
			strcmp(outcome.words,
				"is another session now: nothing was done") == 0,
		"%s: %s", how == PG_END_CANCEL ? "cancel" : "terminate", outcome.words);
}

/* Neither way meets the session that has the pid now, at work or not. */
static void
spares(struct watching *watching, PGconn *second, struct pg_end_target target)
{
	refuses(watching, PG_END_TERMINATE, &target);
	refuses(watching, PG_END_CANCEL, &target);
	cluster_send(second, "SELECT pg_sleep(1000)");
	tap_ok(watching_await(watching, watching_shows_active, "second"),
		"it is at work");
	target.query_start_us =
		watching_session(watching->snapshot, "second")->query_start_us;
	refuses(watching, PG_END_CANCEL, &target);
	refuses(watching, PG_END_TERMINATE, &target);
	watching_next(watching, 2);
	tap_ok(watching_shows_active(watching->snapshot, "second") &&
			PQconsumeInput(second) && PQisBusy(second),
		"and still is: nothing was signalled");
}

static void
ends(struct watching *watching, PGconn *second)
{
	struct watching_outcome outcome;
	const struct session *session = watching_session(watching->snapshot, "second");
	const struct pg_end_target target = { session->pid, session->backend_start_us,
		session->query_start_us };

	watching_end(watching, PG_END_CANCEL, &target, &outcome);
	tap_ok(outcome.ended, "its own backend start ends it: %s", outcome.words);
	tap_is_text(cluster_finish(second), "57014", "as it has heard");
}

static void
test_used_again(struct watching *watching, const struct cluster *cluster)
{
	PGconn *first = cluster_connect(
		cluster, CLUSTER_PRIMARY_PORT, "application_name=first");
	struct session_keys marks = { 0 };

	watching_next(watching, 2);
	const struct session *session = watching_session(watching->snapshot, "first");
	const struct pg_end_target target = { session->pid, session->backend_start_us,
		0 };
	session_keys_add(&marks, session_key_of(session));
	PQfinish(first);
	watching_await(watching, shows_gone, "first");

	PGconn *second = connect_as(cluster, target.pid);
	if (!tap_ok(second != NULL, "the pid %d is another session's", target.pid))
		return;
	watching_next(watching, 2);
	session = watching_session(watching->snapshot, "second");
	tap_ok(session->pid == target.pid &&
			session->backend_start_us != target.backend_start_us,
		"with another backend start");
	session_keys_keep(&marks, &watching->snapshot->sessions);
	tap_is_int((int64_t)marks.count, 0, "a mark doesn't pass on to it");
	spares(watching, second, target);
	ends(watching, second);
	PQfinish(second);
}

/* The same statement where the kernel doesn't help: the start is another session's. */
static void
test_named(struct watching *watching, const struct cluster *cluster)
{
	PGconn *first = cluster_connect(
		cluster, CLUSTER_PRIMARY_PORT, "application_name=first");
	PGconn *second = cluster_connect(
		cluster, CLUSTER_PRIMARY_PORT, "application_name=second");

	watching_next(watching, 2);
	const struct pg_end_target target = {
		watching_session(watching->snapshot, "second")->pid,
		watching_session(watching->snapshot, "first")->backend_start_us, 0
	};
	spares(watching, second, target);
	ends(watching, second);
	PQfinish(first);
	PQfinish(second);
}

int
main(int argc, char **argv)
{
	(void)argc;
	enter_namespace(argv);
	struct cluster *cluster = cluster_start();
	struct loop *loop = loop_new();
	struct watching watching;

	watching_start(&watching, loop, "", NULL, NULL);
	watching_next(&watching, 1);
	test_named(&watching, cluster);
	if (getenv(inside)) {
		tap_diag("pids are used again in a namespace of the test's own");
		test_used_again(&watching, cluster);
	} else {
		tap_skip("only root may have a pid used again: what has its pid with "
			 "another's start was tried instead");
	}
	watching_stop(&watching);
	tap_ok(loop_free(loop), "nothing is left behind");
	cluster_stop(cluster);
	return tap_done();
}
