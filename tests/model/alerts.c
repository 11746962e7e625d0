/* Alerts from round to round: raised, cleared, back again, passed on, counted. */
#include "pgrunbook/model/alerts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "tests/tap/tap.h"

enum { SECOND = 1000000 };

struct scene {
	struct alerts alerts;
	int64_t now_us;
};

static void
begin(struct scene *scene, int seconds)
{
	scene->now_us += (int64_t)seconds * SECOND;
	alerts_begin(&scene->alerts);
}

static bool
finds(struct scene *scene, enum alert_kind kind, int pid, const char *name, bool severe,
	enum alert_level level)
{
	struct alert finding = {
		.kind = kind,
		.pid = pid,
		.backend_start_us = pid,
		.name = alloc_copy(name),
		.severe = severe,
	};

	if (!alerts_wants(&scene->alerts, &finding, level)) {
		free(finding.name);
		return false;
	}
	finding.text = alloc_printf(
		"%s %s%d", alert_kind_name(kind), name == NULL ? "" : name, pid);
	alerts_add(&scene->alerts, &finding);
	return true;
}

/* Ends the round: what stands on the banner is "subject@age; ...". */
static void
is_raised(struct scene *scene, const char *want, bool ring, const char *about)
{
	struct str got = { 0 };

	alerts_end(&scene->alerts, scene->now_us);
	for (size_t i = 0; i < scene->alerts.raised; i++) {
		const struct alert *alert = &scene->alerts.items[i];
		char *subject = alert_subject(alert);

		str_printf(&got, "%s%s%s@%d", i == 0 ? "" : "; ",
			alert->severe ? "!" : "", subject,
			(int)((scene->now_us - alert->since_us) / SECOND));
		free(subject);
	}
	tap_is_text(str_text(&got), want, "%s", about);
	tap_ok(alerts_take_ring(&scene->alerts) == ring, "%s: it %s", about,
		ring ? "rings" : "doesn't ring");
	str_free(&got);
}

static void
lag(struct scene *scene, int seconds, int64_t value, const char *want, bool ring,
	const char *about)
{
	begin(scene, seconds);
	finds(scene, ALERT_REPLICA, 0, "r1", true, alerts_level(value, 100));
	is_raised(scene, want, ring, about);
}

static void
test_levels(void)
{
	tap_ok(alerts_level(99, 100) == ALERT_BETWEEN, "below the threshold");
	tap_ok(alerts_level(100, 100) == ALERT_ABOVE, "at the threshold");
	tap_ok(alerts_level(90, 100) == ALERT_BETWEEN, "nine tenths of it");
	tap_ok(alerts_level(89, 100) == ALERT_BELOW, "and less");
	tap_ok(alerts_level(-1, 100) == ALERT_BELOW, "what isn't known is not above");
	tap_ok(alerts_level(5, -1) == ALERT_BELOW, "nor is anything where it is off");
	tap_ok(alerts_level(0, 0) == ALERT_ABOVE, "from nothing on is everything");
	tap_ok(alerts_level(INT64_MAX, INT64_MAX) == ALERT_ABOVE, "at the edge");
}

static void
test_hysteresis(void)
{
	struct scene scene = { .now_us = 1000 * INT64_C(1000000) };

	lag(&scene, 0, 99, "", false, "below its threshold nothing is raised");
	lag(&scene, 1, 100, "!r1@0", true, "at its threshold it is");
	lag(&scene, 1, 95, "!r1@1", false, "a little less doesn't clear it");
	lag(&scene, 1, 120, "!r1@2", false, "more is nothing new");
	lag(&scene, 1, 50, "", false, "much less clears it");
	lag(&scene, 1, 95, "", false, "and between the two it stays cleared");
	lag(&scene, 1, 100, "!r1@5", false, "soon back it is the same one");
	for (int i = 0; i < 50; i++) {
		begin(&scene, 1);
		finds(&scene, ALERT_REPLICA, 0, "r1", true,
			alerts_level(i % 2 == 0 ? 10 : 200, 100));
		alerts_end(&scene.alerts, scene.now_us);
	}
	tap_ok(!alerts_take_ring(&scene.alerts), "flapping it never rings again");
	tap_is_int((int64_t)scene.alerts.count, 1, "and is one alert all the time");
	lag(&scene, 1, 10, "", false, "it is cleared once more");
	lag(&scene, 16, 10, "", false, "and rests for long enough");
	tap_is_int((int64_t)scene.alerts.count, 0, "to be forgotten");
	lag(&scene, 1, 100, "!r1@0", true, "then it is a new one");
	alerts_free(&scene.alerts);
}

/* One that is worse now and then rings once for all of it. */
static void
test_worse(void)
{
	struct scene scene = { .now_us = 1000 * INT64_C(1000000) };

	begin(&scene, 0);
	finds(&scene, ALERT_REPLICA, 0, "r1", false, ALERT_ABOVE);
	is_raised(&scene, "r1@0", false, "it lags");
	begin(&scene, 1);
	finds(&scene, ALERT_REPLICA, 0, "r1", true, ALERT_ABOVE);
	is_raised(&scene, "!r1@1", true, "and is gone");
	for (int i = 0; i < 50; i++) {
		begin(&scene, 1);
		finds(&scene, ALERT_REPLICA, 0, "r1", i % 2 == 1, ALERT_ABOVE);
		alerts_end(&scene.alerts, scene.now_us);
	}
	tap_ok(!alerts_take_ring(&scene.alerts), "to and fro it rings no more");
	begin(&scene, 3600);
	finds(&scene, ALERT_REPLICA, 0, "r1", true, ALERT_ABOVE);
	is_raised(&scene, "!r1@3651", false, "nor for staying so, however slow we are");
	begin(&scene, 1);
	finds(&scene, ALERT_REPLICA, 0, "r1", false, ALERT_ABOVE);
	is_raised(&scene, "r1@3652", false, "better");
	begin(&scene, 16);
	finds(&scene, ALERT_REPLICA, 0, "r1", false, ALERT_ABOVE);
	is_raised(&scene, "r1@3668", false, "for a while");
	begin(&scene, 1);
	finds(&scene, ALERT_REPLICA, 0, "r1", true, ALERT_ABOVE);
	is_raised(&scene, "!r1@3669", true, "then it is news again");
	alerts_free(&scene.alerts);
}

static void
test_order(void)
{
	struct scene scene = { .now_us = SECOND };

	begin(&scene, 0);
	finds(&scene, ALERT_TRANSACTION, 7, NULL, false, ALERT_ABOVE);
	is_raised(&scene, "7@0", false, "one that isn't severe");
	begin(&scene, 5);
	finds(&scene, ALERT_TRANSACTION, 7, NULL, false, ALERT_ABOVE);
	finds(&scene, ALERT_SLOT, 0, "s", false, ALERT_ABOVE);
	finds(&scene, ALERT_LOCK, 9, NULL, true, ALERT_ABOVE);
	finds(&scene, ALERT_CONNECTIONS, 0, NULL, true, ALERT_ABOVE);
	is_raised(&scene, "!9@0; !@0; 7@5; s@0", true, "severe first, then the oldest");
	begin(&scene, 1);
	finds(&scene, ALERT_CONNECTIONS, 0, NULL, true, ALERT_ABOVE);
	finds(&scene, ALERT_SLOT, 0, "s", true, ALERT_ABOVE);
	is_raised(&scene, "!@1; !s@1", true, "what gets severe rings");
	alerts_free(&scene.alerts);
}

/* Several of the same age of alert: by how long it has been so. */
static void
test_age(void)
{
	struct scene scene = { .now_us = 1000 * INT64_C(1000000) };

	for (int round = 0; round < 3; round++) {
		begin(&scene, 1);
		for (int pid = 1; pid <= 3; pid++) {
			struct alert finding = { .kind = ALERT_LOCK,
				.pid = pid,
				.text = alloc_copy("x"),
				/* The second's is told now longer, now shorter. */
				.age_us = (pid * 10 + round) * INT64_C(1000000) +
					  (pid == 2 ? round % 2 * 300000 : 0) };

			if (alerts_wants(&scene.alerts, &finding, ALERT_ABOVE))
				alerts_add(&scene.alerts, &finding);
		}
		alerts_end(&scene.alerts, scene.now_us);
	}
	tap_is_int(
		scene.alerts.items[0].pid, 3, "what has lasted longest stands first");
	tap_is_int(scene.now_us - scene.alerts.items[1].since_us, 22 * INT64_C(1000000),
		"a clock that trembles changes nothing");
	alerts_free(&scene.alerts);
}

/* The lock that all want is held by one session after the other. */
static void
test_passed_on(void)
{
	struct scene scene = { .now_us = SECOND };
	bool rang = false;

	begin(&scene, 0);
	finds(&scene, ALERT_LOCK, 1, NULL, true, ALERT_ABOVE);
	is_raised(&scene, "!1@0", true, "the first holder");
	scene.alerts.items[0].logged = true;
	for (int pid = 2; pid < 40; pid++) {
		begin(&scene, 1);
		finds(&scene, ALERT_LOCK, pid, NULL, true, ALERT_ABOVE);
		alerts_end(&scene.alerts, scene.now_us);
		rang |= alerts_take_ring(&scene.alerts);
	}
	tap_ok(!rang, "the next ones don't ring");
	begin(&scene, 1);
	finds(&scene, ALERT_LOCK, 39, NULL, true, ALERT_ABOVE);
	is_raised(&scene, "!39@39", false, "it is as old as the trouble");
	tap_is_int((int64_t)scene.alerts.count, 1, "there is one alert");
	tap_ok(scene.alerts.items[0].logged, "that needs no second entry");
	begin(&scene, 1);
	finds(&scene, ALERT_LOCK, 39, NULL, true, ALERT_ABOVE);
	finds(&scene, ALERT_LOCK, 50, NULL, true, ALERT_ABOVE);
	is_raised(&scene, "!39@40; !50@0", true, "a second holder beside it is new");
	begin(&scene, 1);
	finds(&scene, ALERT_REPLICA, 0, "r1", true, ALERT_ABOVE);
	is_raised(&scene, "!r1@0", true, "a replica");
	begin(&scene, 1);
	finds(&scene, ALERT_REPLICA, 0, "r2", true, ALERT_ABOVE);
	is_raised(&scene, "!r2@0", true, "another one takes nothing over");
	alerts_free(&scene.alerts);
}

static void
test_many(void)
{
	struct scene scene = { .now_us = SECOND };
	int wanted = 0;

	begin(&scene, 0);
	for (int pid = 1; pid <= 500; pid++)
		wanted += finds(&scene, ALERT_IDLE_IN_TRANSACTION, pid, NULL, false,
			ALERT_ABOVE);
	is_raised(&scene, "1@0; 2@0; 3@0; 4@0; 5@0", false, "five of many are listed");
	tap_is_int(wanted, 5, "and no more made");
	char *first = alerts_text(&scene.alerts, 0);
	char *last = alerts_text(&scene.alerts, 4);
	tap_is_text(first, "idle-in-transaction 1", "the first speaks for itself");
	tap_is_text(last, "idle-in-transaction 5 (and 495 more like it)",
		"the last for all others");
	free(first);
	free(last);
	begin(&scene, 1);
	for (int pid = 500; pid > 0; pid--)
		finds(&scene, ALERT_IDLE_IN_TRANSACTION, pid, NULL, false, ALERT_ABOVE);
	is_raised(&scene, "1@1; 2@1; 3@1; 4@1; 5@1", false,
		"those that are listed stay, in whatever order they come");
	begin(&scene, 1);
	for (int pid = 3; pid < 5; pid++)
		finds(&scene, ALERT_IDLE_IN_TRANSACTION, pid, NULL, false, ALERT_ABOVE);
	is_raised(&scene, "3@2; 4@2", false, "who is gone is no longer listed");
	tap_is_int((int64_t)scene.alerts.more[ALERT_IDLE_IN_TRANSACTION], 0,
		"nor counted");
	alerts_free(&scene.alerts);
}

/* What was written down as raised is kept until somebody wrote that it is over. */
static void
test_logged(void)
{
	struct scene scene = { .now_us = SECOND };

	lag(&scene, 0, 100, "!r1@0", true, "one that is logged");
	scene.alerts.items[0].logged = true;
	lag(&scene, 1, 0, "", false, "is cleared");
	lag(&scene, 30, 0, "", false, "and over");
	tap_ok(scene.alerts.count == 1 && scene.alerts.items[0].phase == ALERT_OVER,
		"it waits for its entry");
	lag(&scene, 1, 100, "!r1@0", true, "it doesn't come back as the same one");
	tap_is_int((int64_t)scene.alerts.count, 2, "both are there");
	alerts_drop_over(&scene.alerts);
	tap_is_int((int64_t)scene.alerts.count, 1, "until it was written");
	tap_is_int((int64_t)scene.alerts.raised, 1, "and what is raised stays");
	alerts_free(&scene.alerts);
}

int
main(void)
{
	test_levels();
	test_hysteresis();
	test_worse();
	test_order();
	test_age();
	test_passed_on();
	test_many();
	test_logged();
	return tap_done();
}
