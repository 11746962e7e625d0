/* What a watch has prepared: used, lost, and not made where a pooler would mix it up.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"
#include "tests/cluster/watching.h"
#include "tests/tap/tap.h"

enum { HEAD = 5 };

static PGconn *control;

/* How many of the watch's polls the log has that begin like that. */
static int
polls(const struct cluster *cluster, const char *begin)
{
	char text[128];

	snprintf(text, sizeof(text), " pgrunbook LOG:  statement: %s", begin);
	return cluster_log_count(cluster, "primary", text);
}

static bool
is_well(const struct snapshot *snapshot, const void *context)
{
	(void)context;
	return !snapshot_problem(snapshot, SNAPSHOT_ALL) &&
	       snapshot->sessions.count > 0 &&
	       snapshot->server.system_identifier != NULL && snapshot->vitals.read;
}

/* Whether the last one is of that kind: what a session did last stands in the view. */
static bool
last_poll_begins(const char *begin)
{
	char sql[256];

	snprintf(sql, sizeof(sql),
		"SELECT bool_and(query LIKE '%s%%') FROM pg_stat_activity "
		"WHERE application_name = 'pgrunbook'",
		begin);
	return strcmp(cluster_ask(control, sql), "t") == 0;
}

static void
test_used(struct loop *loop, const struct cluster *cluster)
{
	struct watching watching;

	watching_start(&watching, loop, "user=counted", NULL, NULL);
	tap_ok(watching_next(&watching, 4) && is_well(watching.snapshot, NULL),
		"snapshots");
	tap_ok(last_poll_begins("EXECUTE identity"), "names are sent");
	watching_stop(&watching);
	tap_is_int(polls(cluster, "PREPARE identity"), 1, "prepared once");
	tap_ok(polls(cluster, "EXECUTE identity") >= 3, "used after that");
	tap_is_int(polls(cluster, "SELECT"), 0, "no text is sent a second time");
}

/*
 * What DISCARD ALL does, done under a poll: all that was prepared before that time is
 * gone by the next query of the batch.
 */
static void
make_discard(void)
{
	cluster_run(control,
		"CREATE SCHEMA test; "
		"CREATE TABLE test.discard AS SELECT '-infinity'::timestamptz AS "
		"before; "
		"ALTER FUNCTION pg_catalog.pg_current_wal_lsn() RENAME TO plain_lsn; "
		"CREATE FUNCTION pg_catalog.pg_current_wal_lsn() RETURNS pg_lsn "
		"LANGUAGE plpgsql AS $$BEGIN "
		"IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statements, "
		"test.discard "
		"            WHERE prepare_time < before) THEN DEALLOCATE ALL; END IF; "
		"RETURN pg_catalog.plain_lsn(); END$$");
}

static void
discard(void)
{
	cluster_run(control, "UPDATE test.discard SET before = clock_timestamp()");
}

static void
test_lost(struct loop *loop, const struct cluster *cluster)
{
	static const char error[] = "pgrunbook ERROR:  prepared statement";
	struct watching watching;

	watching_start(&watching, loop, "", NULL, NULL);
	watching_next(&watching, 2);
	discard();
	tap_ok(watching_next(&watching, 3) && is_well(watching.snapshot, NULL),
		"after they were discarded the snapshots go on");
	tap_is_int(cluster_log_count(cluster, "primary", error), 1,
		"it took one error to hear of it");
	tap_ok(last_poll_begins("EXECUTE identity"), "they are made again");
	discard();
	tap_ok(watching_next(&watching, 3) && is_well(watching.snapshot, NULL),
		"nor does the second time stop them");
	tap_ok(last_poll_begins("SELECT pg_is_in_recovery"), "but now texts are sent");
	discard();
	tap_ok(watching_next(&watching, 3) && is_well(watching.snapshot, NULL),
		"which nothing can discard");
	tap_is_int(cluster_log_count(cluster, "primary", error), 2,
		"an error for each time that it was met");
	tap_is_int(watching.lost, 0, "nothing was told as lost");

	cluster_run(control, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
			     "WHERE application_name = 'pgrunbook'");
	tap_ok(watching_next(&watching, 4) && is_well(watching.snapshot, NULL) &&
			last_poll_begins("EXECUTE identity"),
		"the next connection begins anew");
	watching_stop(&watching);
}

/* Reads all of it; false at the end. */
static bool
read_whole(int fd, unsigned char *to, size_t length)
{
	for (size_t done = 0; done < length;) {
		ssize_t got = read(fd, to + done, length - done);

		if (got <= 0 && errno != EINTR)
			return false;
		done += got > 0 ? (size_t)got : 0;
	}
	return true;
}

static bool
write_whole(int fd, const unsigned char *from, size_t length)
{
	for (size_t done = 0; done < length;) {
		ssize_t put = write(fd, from + done, length - done);

		if (put <= 0 && errno != EINTR)
			return false;
		done += put > 0 ? (size_t)put : 0;
	}
	return true;
}

/* Up to the message that tells the backend's pid, which becomes another one. */
static bool
pooler_greet(int server, int client)
{
	unsigned char buffer[4096];

	while (read_whole(server, buffer, HEAD)) {
		size_t length = (size_t)buffer[3] << 8 | buffer[4];

		if (length < 4 || length + 1 > sizeof(buffer) ||
			!read_whole(server, buffer + HEAD, length - 4))
			return false;
		if (buffer[0] == 'K')
			buffer[7] ^= 0x55;
		if (!write_whole(client, buffer, length + 1) || buffer[0] == 'K')
			return buffer[0] == 'K';
	}
	return false;
}

/* The other way round, what is sent while nobody waits for an answer. */
static bool
pooler_pass(int from, int to)
{
	unsigned char buffer[65536];
	ssize_t got = read(from, buffer, sizeof(buffer));

	return got > 0 && write_whole(to, buffer, (size_t)got);
}

static void
pooler_serve(int client, const struct sockaddr_un *address)
{
	int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct pollfd ends[] = { { client, POLLIN, 0 }, { server, POLLIN, 0 } };

	if (connect(server, (const struct sockaddr *)address, sizeof(*address)) == 0 &&
		pooler_pass(client, server) && pooler_greet(server, client)) {
		while (poll(ends, 2, -1) > 0 &&
			(!ends[0].revents || pooler_pass(client, server)) &&
			(!ends[1].revents || pooler_pass(server, client)))
			;
	}
	close(server);
	close(client);
}

static struct sockaddr_un
address_in(const char *directory)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.5432",
		directory);
	return address;
}

/* In a process of its own, one client after the other, until it is killed. */
static pid_t
pooler_start(const struct cluster *cluster, const char *directory)
{
	struct sockaddr_un own = address_in(directory);
	struct sockaddr_un server = address_in(cluster_host(cluster));
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	tap_ok(mkdir(directory, 0700) == 0 &&
			bind(listener, (struct sockaddr *)&own, sizeof(own)) == 0 &&
			listen(listener, 4) == 0,
		"a pooler listens in %s", directory);
	pid = fork();
	if (pid == 0) {
		for (int client; (client = accept(listener, NULL, NULL)) >= 0;)
			pooler_serve(client, &server);
		_exit(1);
	}
	close(listener);
	return pid;
}

static bool
is_refused(const void *context)
{
	return ((const struct watching *)context)->lost > 0;
}

/* Who answers through it has another pid than who greeted us. */
static void
test_pooler(struct loop *loop, const struct cluster *cluster)
{
	char *directory = alloc_printf("%s/pooler", cluster_directory(cluster));
	char conninfo[256];
	struct watching watching;
	pid_t pooler;

	pooler = pooler_start(cluster, directory);
	snprintf(conninfo, sizeof(conninfo), "user=counted host=%s", directory);
	int statements = polls(cluster, "");
	int settings = polls(cluster, "BEGIN ISOLATION LEVEL READ COMMITTED; SET");

	watching_start(&watching, loop, conninfo, NULL, NULL);
	tap_ok(cluster_await(loop, is_refused, &watching), "a pooler is refused");
	tap_ok(strstr(watching.message, "a connection pooler answers there"), "%s",
		watching.message);
	watching_stop(&watching);
	kill(pooler, SIGKILL);
	waitpid(pooler, NULL, 0);
	tap_is_int(polls(cluster, "") - statements, 1, "it was asked once who it is");
	tap_is_int(
		polls(cluster, "BEGIN ISOLATION LEVEL READ COMMITTED; SET") - settings,
		0, "nothing was set for others");
	free(directory);
}

int
main(void)
{
	struct cluster *cluster = cluster_start();
	struct loop *loop = loop_new();

	control = cluster_connect(cluster, CLUSTER_PRIMARY_PORT, NULL);
	cluster_run(control, "CREATE ROLE counted LOGIN SUPERUSER; "
			     "ALTER ROLE counted SET log_statement = 'all'");
	test_used(loop, cluster);
	test_pooler(loop, cluster);
	make_discard();
	test_lost(loop, cluster);
	PQfinish(control);
	tap_ok(loop_free(loop), "nothing is left behind");
	cluster_stop(cluster);
	return tap_done();
}
