#include "pgrunbook/model/action.h"

#include <stdlib.h>
#include <string.h>

#include "tests/tap/tap.h"

static void
reads(const char *line, enum action_kind kind)
{
	struct error error = { 0 };
	struct action action;
	bool good = action_parse(line, &action, &error);

	tap_ok(good && action.kind == kind, "\"%s\" is %s", line, action_name(kind));
	if (good)
		action_free(&action);
	error_clear(&error);
}

static void
refuses(const char *line, const char *because)
{
	struct error error = { 0 };
	struct action action;

	tap_ok(!action_parse(line, &action, &error), "\"%s\" is refused", line);
	tap_ok(error.message != NULL && strstr(error.message, because) != NULL,
		"because of %s (%s)", because, error.message);
	error_clear(&error);
}

static void
test_arguments(void)
{
	struct error error = { 0 };
	struct action action;

	action_parse("check heads locks", &action, &error);
	tap_is_int((int64_t)action.checks.count, 2, "two checks");
	tap_is_text(action.checks.items[1], "locks", "in their order");
	action_free(&action);

	action_parse("downgrade <target revision>  # with a comment", &action, &error);
	tap_is_text(
		action.target, "<target revision>", "a placeholder may hold blanks");
	action_free(&action);

	action_parse("upgrade +1", &action, &error);
	tap_is_text(action.target, "+1", "a step is a target");
	action_free(&action);

	action_parse("wait replicas", &action, &error);
	tap_is_int(action.lag_us, -1, "without a lag every replica has all");
	tap_is_int(action.within_us, INT64_C(600000000), "within ten minutes");
	action_free(&action);

	action_parse("wait replicas lag<2.5s within 1h", &action, &error);
	tap_is_int(action.lag_us, 2500000, "a lag is read");
	tap_is_int(action.within_us, INT64_C(3600000000), "and how long to wait");
	action_free(&action);

	action_parse("ask reason \"Why \\\"now\\\"? # no comment\"", &action, &error);
	tap_is_text(action.name, "reason", "an answer has a name");
	tap_is_text(action.text, "Why \"now\"? # no comment", "quotes may be escaped");
	action_free(&action);
}

int
main(void)
{
	reads("identify", ACTION_IDENTIFY);
	reads("  check heads unknown-revision downgrades replicas locks transactions "
	      "backup disk rights",
		ACTION_CHECK);
	reads("backup", ACTION_BACKUP);
	reads("verify-backup", ACTION_VERIFY_BACKUP);
	reads("upgrade head", ACTION_UPGRADE);
	reads("downgrade -1", ACTION_DOWNGRADE);
	reads("downgrade billing@base", ACTION_DOWNGRADE);
	reads("verify-revision 0014", ACTION_VERIFY_REVISION);
	reads("wait replicas lag<10s within 10min", ACTION_WAIT_REPLICAS);
	reads("ask why \"Why?\"", ACTION_ASK);
	reads("note \"Rolled back the image\"", ACTION_NOTE);
	test_arguments();
	refuses("", "missing");
	refuses("# only a comment", "missing");
	refuses("reboot", "unknown action \"reboot\"; known: identify | check NAME...");
	refuses("identify me", "is written: identify");
	refuses("check", "check NAME...");
	refuses("check weather", "unknown check \"weather\"; known: heads");
	refuses("downgrade", "downgrade TARGET");
	refuses("downgrade -1 -2", "downgrade TARGET");
	refuses("upgrade head;reboot", "neither a revision");
	refuses("upgrade $(reboot)", "neither a revision");
	refuses("wait", "wait replicas");
	refuses("wait for godot", "wait replicas");
	refuses("wait replicas lag<soon", "\"lag<soon\" is no duration");
	refuses("wait replicas within", "wait replicas");
	refuses("wait replicas within 0s", "no duration");
	refuses("ask \"Why?\"", "ask NAME");
	refuses("ask the why \"Why?\"", "ask NAME");
	refuses("ask what? \"Why?\"", "can't name");
	refuses("note \"open", "not closed");
	refuses("note two words", "note \"TEXT\"");
	return tap_done();
}
