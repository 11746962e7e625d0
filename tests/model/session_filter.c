/* What a filter of sessions lets through, and what is said of one that makes no sense.
 */
#include "pgrunbook/model/session_filter.h"

#include <stdlib.h>
#include <string.h>

#include "tests/tap/tap.h"

enum { SECOND = 1000000 };
static const int64_t now = 10000 * INT64_C(1000000);

static const struct session app = {
	.pid = 4312,
	.backend_start_us = 1,
	.query_start_us = 9000 * INT64_C(1000000),
	.transaction_start_us = 8000 * INT64_C(1000000),
	.state_change_us = 9400 * INT64_C(1000000),
	.state = SESSION_IDLE_IN_TRANSACTION,
	.backend_type = (char[]){ "client backend" },
	.database = (char[]){ "billing" },
	.user = (char[]){ "app" },
	.application = (char[]){ "web-3" },
	.client = (char[]){ "10.0.4.31" },
	.wait_type = (char[]){ "Client" },
	.wait_event = (char[]){ "ClientRead" },
	.query = (char[]){ "SELECT * FROM invoices -- \"urgent\"" },
	.xmin_age = 2500000,
};

static const struct session bare = {
	.pid = 77, .user = (char[]){ "other" }, .xmin_age = -1
};

static bool
matches(const char *text, const struct session *session)
{
	struct error error = { 0 };
	struct session_filter *filter = session_filter_parse(text, &error);

	if (filter == NULL) {
		tap_ok(false, "%s: %s", text, error.message);
		error_clear(&error);
		return false;
	}
	bool fits = session_filter_matches(filter, session, now);
	session_filter_free(filter);
	return fits;
}

static void
test_matches(void)
{
	static const struct {
		const char *text;
		bool app, bare;
	} filters[] = {
		{ "user=app", true, false },
		{ "user!=app", false, true },
		{ "!user=app", false, true },
		{ "not user=app", false, true },
		{ "!user!=app", true, false },
		{ "user=ap", false, false },
		{ "user~AP", false, false },
		{ "user~ap", true, false },
		{ "user!~ap", false, true },
		{ "app=web-3", true, false },
		{ "application~web", true, false },
		{ "db=billing", true, false },
		{ "database=''", false, true },
		{ "client~10.0.4", true, false },
		{ "pid=4312", true, false },
		{ "pid!=4312", false, true },
		{ "pid<100", false, true },
		{ "pid>=4312 pid<=4312", true, false },
		{ "state='idle in transaction'", true, false },
		{ "state=idle-in-tx", true, false },
		{ "state=IDLE_IN_TX", true, false },
		{ "state=idle", false, false },
		{ "state~idle", true, false },
		{ "state=hidden", false, true },
		{ "state!=active", true, true },
		{ "state=waiting", false, false },
		{ "state=migration", false, false },
		{ "age>9m", true, false },
		{ "age>10m", false, false },
		{ "age>=10m", true, false },
		{ "age<10m", false, false },
		{ "!age>10m", true, true },
		{ "age>9m59s age<10m01s", true, false },
		{ "xact<0h33m20.5s", true, false },
		{ "xact>30m xact<1h", true, false },
		{ "transaction>30m", true, false },
		{ "xmin>1000000", true, false },
		{ "xmin=2500000", true, false },
		{ "wait=Client", true, false },
		{ "wait=ClientRead", true, false },
		{ "wait=\"Client ClientRead\"", true, false },
		{ "wait~clientr", true, false },
		{ "type=\"client backend\"", true, false },
		{ "query~\"from invoices\"", true, false },
		{ "query~'\"urgent\"'", true, false },
		{ "query~\"\\\"urgent\\\"\"", true, false },
		{ "query~FROM", true, false },
		{ "query~From", false, false },
		{ " user=app\tquery~invoice\n state~idle ", true, false },
		{ "user=app query~orders", false, false },
	};

	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		tap_ok(matches(filters[i].text, &app) == filters[i].app &&
				matches(filters[i].text, &bare) == filters[i].bare,
			"%s", filters[i].text);
	}
}

static void
test_states(void)
{
	struct session session = app;

	session.state = SESSION_IDLE_IN_TRANSACTION_ABORTED;
	tap_ok(matches("state=aborted", &session) &&
			matches("state=\"idle in transaction (aborted)\"", &session) &&
			matches("state~aborted", &session) &&
			!matches("state=idle-in-tx", &session),
		"an aborted one");
	session.waiting = session.migration = session.own = true;
	tap_ok(matches("state=waiting state=migration state=console", &session),
		"what the pane shows as a state");
	session.waiting = false;
	tap_ok(!matches("state=waiting", &session), "one that doesn't wait");
	session = bare;
	session.user = NULL;
	tap_ok(matches("state=server !state=hidden", &session),
		"without user and database it is the server's own");
	session = bare;
	session.query = (char[]){ "<insufficient privilege>" };
	tap_ok(!matches("query~insufficient", &session), "a hidden query has no text");
}

static void
complains(const char *text, const char *want)
{
	struct error error = { 0 };
	struct session_filter *filter = session_filter_parse(text, &error);

	tap_ok(filter == NULL && error.message != NULL &&
			strncmp(error.message, want, strlen(want)) == 0,
		"%s: %s", text, error.message == NULL ? "" : error.message);
	session_filter_free(filter);
	error_clear(&error);
}

static void
test_complaints(void)
{
	complains("", "character 1: a field is expected here, such as state: pid, ");
	complains("user=app invoice", "character 10: \"invoice\" is no field: pid, ");
	complains("user=\xc3\xa4 invoice", "character 8: \"invoice\" is no field");
	complains("user", "character 5: after user comes =, !=, ~, !~, >, <, >= or <=");
	complains("user app", "character 5: after user comes ");
	complains("user=", "character 6: a value is missing here");
	complains("user= app", "character 6: a value is missing here");
	complains("user=\"app", "character 6: this quote is never closed");
	complains("user=\"app\\\"", "character 6: this quote is never closed");
	complains("user=\"app\"x", "character 11: after a quoted text comes a blank");
	complains("state=actve",
		"character 7: \"actve\" is no state: active, idle, idle-in-tx, "
		"aborted, fastpath, disabled, starting, waiting, migration, console, "
		"server, hidden");
	complains(
		"state>idle", "character 6: state is a text: it takes =, !=, ~ or !~");
	complains("age=5m", "character 4: age takes >, <, >= or <=");
	complains("age>soon", "character 5: \"soon\" is no age: 30s, 5m, 1h, 2d");
	complains("age>1m2x", "character 5: ");
	complains("age>''", "character 5: ");
	complains("pid~4", "character 4: pid is a number: it takes no ~");
	complains("pid=-4", "character 5: \"-4\" is no number");
	complains("pid=4x", "character 5: \"4x\" is no number");
	complains("pid=9999999999999999999", "character 5: ");
	complains("!", "character 2: a field is expected here");
	complains("not", "character 1: \"not\" is no field");
	complains("not ", "character 5: a field is expected here");
	complains("or user=app", "character 1: \"or\" is no field");
}

static void
wants_server(const char *text, bool want)
{
	struct error error = { 0 };
	struct session_filter *filter = session_filter_parse(text, &error);

	tap_ok(filter != NULL && session_filter_wants_server(filter) == want,
		"%s asks %sfor the server's own", text, want ? "" : "not ");
	session_filter_free(filter);
}

static void
completes(const char *word, const char *want)
{
	struct session items[] = { app, bare, app };
	const struct session_list list = { .items = items, .count = 3 };
	struct strlist candidates = { 0 };

	items[1].user = (char[]){ "the other" };
	items[2].user = (char[]){ "bad\x1b[2J" };
	session_filter_complete(word, &list, &candidates);
	char *got = strlist_join(&candidates, " ");
	tap_is_text(got, want, "completes %s", word);
	free(got);
	strlist_free(&candidates);
}

int
main(void)
{
	test_matches();
	test_states();
	test_complaints();
	wants_server("type~check", true);
	wants_server("pid=4", true);
	wants_server("state=server", true);
	wants_server("state!=idle", false);
	wants_server("!state=server", false);
	wants_server("user=app", false);
	completes("us", "user=");
	completes("!ag", "!age>");
	completes("x", "xact> xmin=");
	completes("user=", "user=app user=\"the other\"");
	completes("user=\"", "user=\"the other\"");
	completes("user!=a", "user!=app");
	completes("db=", "db=billing");
	completes("state=a", "state=active state=aborted");
	completes("query~", "");
	completes("nothing=", "");
	return tap_done();
}
