/* Whether the target is still the one that was confirmed. */
#include "pgrunbook/model/server.h"

#include <stdlib.h>

#include "tests/tap/tap.h"

static void
is_same(const struct server *a, const struct server *b, const char *why)
{
	char *got;

	tap_ok(server_same(a, b, &got) == !why, "%s", why ? why : "the same");
	tap_is_text(got, why, "with the reason");
	free(got);
}

static void
has_moved(const struct server *before, const struct server *now, bool badly,
	const char *words)
{
	bool is_bad;
	char *got = server_moved(before, now, &is_bad);

	tap_is_text(got, words, "moved: %s", words ? words : "no");
	tap_ok(is_bad == badly, "which is %s", badly ? "bad" : "fine");
	free(got);
}

static void
test_moved(void)
{
	struct server server = { .host = (char *)"db1",
		.port = (char *)"5432",
		.database = (char *)"billing",
		.role = SERVER_PRIMARY,
		.started_us = 1000000,
		.system_identifier = (char *)"73" };
	struct server other = server;

	has_moved(&server, &other, false, NULL);
	other.started_us = 3600 * INT64_C(1000000);
	has_moved(&server, &other, false,
		"billing on db1:5432 was restarted at 01:00:00Z");
	other.role = SERVER_STANDBY;
	has_moved(&server, &other, true,
		"billing on db1:5432 is not what it was: it is a standby now, not a "
		"primary");
	other.host = (char *)"db2";
	has_moved(&server, &other, true,
		"another server now: billing on db2:5432, a standby; it was billing on "
		"db1:5432");
	other = server;
	other.system_identifier = (char *)"74";
	has_moved(&server, &other, true,
		"billing on db1:5432 is not what it was: it is another cluster: system "
		"identifier 74, not 73");
}

int
main(void)
{
	test_moved();

	struct server server = { .host = (char *)"db1",
		.port = (char *)"5432",
		.database = (char *)"billing",
		.role = SERVER_PRIMARY,
		.system_identifier = (char *)"73" };
	struct server other = server, copy;
	char *name = server_name(&server);

	tap_is_text(name, "billing on db1:5432", "a name");
	free(name);
	server_copy(&copy, &server);
	is_same(&server, &copy, NULL);
	tap_ok(copy.host != server.host, "a copy is its own");
	server_free(&copy);
	name = server_name(&copy);
	tap_is_text(name, "? on ?:?", "a name before there is one");
	free(name);

	char *words = server_lost_words(false, "a on ::1:5432", "FATAL: no");
	tap_is_text(words, "cannot connect to a on ::1:5432: FATAL: no",
		"why there is no connection");
	tap_is_text(server_lost_cause(words), "FATAL: no", "without the target");
	free(words);
	words = server_lost_words(true, "a on /tmp:5432", "gone: no file");
	tap_is_text(words, "lost the connection to a on /tmp:5432: gone: no file",
		"why there is none any more");
	tap_is_text(server_lost_cause(words), "gone: no file", "without the target");
	free(words);
	tap_is_text(server_lost_cause("permission denied: t"), "permission denied: t",
		"another message is left whole");

	other.host = (char *)"10.0.0.1";
	is_same(&server, &other, NULL);
	other.role = SERVER_STANDBY;
	is_same(&server, &other, "it is a standby now, not a primary");
	other.system_identifier = NULL;
	is_same(&server, &other,
		"it is on another server: 10.0.0.1:5432, not db1:5432, and nothing "
		"else tells clusters apart (pg_control_system isn't permitted)");
	other.database = (char *)"audit";
	is_same(&server, &other, "it is another database: audit, not billing");
	other.system_identifier = (char *)"74";
	is_same(&server, &other, "it is another cluster: system identifier 74, not 73");
	return tap_done();
}
