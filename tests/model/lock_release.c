/* What is held, and what happens when its holder is ended. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "tests/model/lock_scene.h"
#include "tests/tap/tap.h"

/* "inv AccessShare, inv row (0,7)" */
static void
is_held(const struct lock_scene *scene, size_t row, const char *want, const char *what)
{
	const struct lock_row *at = lock_forest_row(scene->forest, row);
	struct str got = { 0 };

	for (size_t i = 0; i < at->hold_count; i++) {
		char *words = lock_hold_words(&at->holds[i]);

		str_printf(&got, "%s%s", i ? ", " : "", words);
		free(words);
	}
	tap_is_text(str_text(&got), want, "%s", what);
	str_free(&got);
}

/* What is said of the wait for a transaction is what its holder holds. */
static struct lock_wait *
waits_for_transaction(
	struct lock_scene *scene, int pid, int blocker, const char *object)
{
	struct lock_wait *wait = lock_scene_waits(scene, pid, 5, blocker, -1);

	free(wait->kind);
	wait->kind = alloc_copy("transactionid");
	wait->object = alloc_copy(object);
	return wait;
}

static void
test_holds(void)
{
	struct lock_scene scene = { 0 };

	lock_scene_session(&scene, 1);
	lock_scene_session(&scene, 2);
	lock_scene_hold(&scene, 1, NULL, "RowExclusiveLock", "line");
	lock_scene_hold(&scene, 1, NULL, "AccessShareLock", "inv");
	lock_scene_hold(&scene, 1, NULL, "AccessShareLock", "inv");
	lock_scene_waits(&scene, 2, 5, 1, -1);
	waits_for_transaction(&scene, 3, 1, "inv row (0,7)");
	waits_for_transaction(&scene, 4, 1, "inv row (0,7)");
	lock_scene_is(
		&scene, "1 +3; . 2 < 1; . 3 < 1; . 4 < 1 last", "three wait for one");
	is_held(&scene, 0, "inv AccessShare, inv row (0,7), line RowExclusive",
		"for what it has, each once");
	is_held(&scene, 1, "", "a waiter that has nothing");
	lock_scene_end(&scene);
}

/* What is no lock of a session's, or not all of it. */
static void
test_others(void)
{
	struct lock_scene scene = { 0 };

	lock_scene_prepared(&scene, "731", 20);
	lock_scene_prepared(&scene, "732", 21);
	lock_scene_hold(&scene, 0, "732", "ShareLock", "inv");
	lock_scene_hold(&scene, 0, NULL, "ShareLock", "of nobody that is known");
	waits_for_transaction(&scene, 20, 0, "transaction 731");
	lock_scene_waits(&scene, 21, 5, 0, -1);
	lock_scene_is(&scene,
		"prepared 731 +1; . 20 < 0 last; prepared 732 +1; . 21 < 0 last",
		"two prepared transactions");
	is_held(&scene, 0, "transaction 731", "the first one's");
	is_held(&scene, 2, "inv Share", "the second one's");
	lock_scene_end(&scene);
}

/* "2 1 0" : at once, later, still. */
static void
is_released(const struct lock_scene *scene, size_t row, enum lock_end how,
	const char *want, const char *what)
{
	struct lock_release got = lock_forest_release(scene->forest, row, how);
	size_t held_up = lock_forest_row(scene->forest, row)->held_up;
	char *words = lock_release_words(&got);
	char *text = got.refused ? alloc_copy(got.refused)
				 : alloc_printf("%zu %zu %zu", got.at_once, got.later,
					   got.still);

	tap_is_text(text, want, "%s: %s", what, words);
	if (!got.refused && got.at_once + got.later + got.still != held_up)
		tap_ok(false, "but it holds up %zu", held_up);
	free(text);
	free(words);
}

static void
test_words(void)
{
	static const struct {
		struct lock_release release;
		const char *want;
	} cases[] = {
		{ { .refused = "it is gone already" },
			"not possible: it is gone already" },
		{ { 0 }, "nobody waits for it" },
		{ { .at_once = 1, .later = 2 }, "1 goes on at once, 2 after it" },
		{ { .at_once = 3, .later = 1, .still = 1 },
			"3 go on at once, 1 after them, 1 is still behind others" },
		{ { .still = 2 }, "nobody goes on at once, 2 are still behind others" },
		{ { .later = 2 }, "nobody goes on at once, 2 after others" },
		{ { .at_once = 1, .unknown = "hidden" },
			"not known (hidden); if it runs a query, 1 goes on at once" },
		{ { .unknown = "hidden" },
			"not known (hidden); if it runs a query, nobody waits for it" },
		{ { .at_once = 2, .at_most = true },
			"at most 2 go on at once (an advisory lock of its session "
			"stays)" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *words = lock_release_words(&cases[i].release);

		tap_is_text(words, cases[i].want, "%s", words);
		free(words);
	}
}

static void
test_releases(void)
{
	struct lock_scene scene = { 0 };

	/* 1 reads, 2 wants to ALTER, 3 and 4 want to read. */
	lock_scene_session(&scene, 1)->state = SESSION_IDLE_IN_TRANSACTION;
	lock_scene_session(&scene, 2);
	lock_scene_waits(&scene, 2, 5, 1, -1);
	lock_scene_waits(&scene, 3, 6, 2, -1);
	lock_scene_waits(&scene, 4, 7, 2, -1);
	lock_scene_is(&scene, "1 +3; . 2 < 1 +2 last; . . 3 < 2; . . 4 < 2 last",
		"a queue behind a request for AccessExclusiveLock");
	is_released(&scene, 0, LOCK_END_TERMINATE, "1 2 0",
		"the end of the reader lets the ALTER pass, then the others");
	is_released(&scene, 0, LOCK_END_CANCEL, "it runs no query to cancel",
		"who is idle in a transaction can't be cancelled");
	is_released(&scene, 0, LOCK_END_ROLLBACK, "it is no prepared transaction",
		"nor rolled back from elsewhere");
	is_released(&scene, 1, LOCK_END_CANCEL, "2 0 0", "without the ALTER both pass");
	is_released(
		&scene, 2, LOCK_END_TERMINATE, "0 0 0", "nobody waits for the last");
	lock_scene_end(&scene);

	/* Each request also waits for those before: what is implied still counts. */
	lock_scene_waits(&scene, 2, 5, 1, -1);
	lock_scene_waits(&scene, 3, 6, 1, 2, -1);
	lock_scene_session(&scene, 1);
	lock_scene_session(&scene, 2);
	lock_scene_is(&scene, "1 +2; . 2 < 1 +1 last; . . 3 < 2 last", "two of them");
	is_released(&scene, 1, LOCK_END_TERMINATE, "0 0 1",
		"the end of the first leaves the second where it is");
	is_released(&scene, 0, LOCK_END_TERMINATE, "1 1 0", "but for the reader's");
	lock_scene_end(&scene);

	/* 3 has two blockers, 4 waits for 3, 5 for 1 alone. */
	lock_scene_session(&scene, 1);
	lock_scene_session(&scene, 2);
	lock_scene_waits(&scene, 3, 5, 1, 2, -1);
	lock_scene_waits(&scene, 4, 6, 3, -1);
	lock_scene_waits(&scene, 5, 7, 1, -1);
	lock_scene_is(&scene, "1 +3; . 3 < 1 2 +1; . . 4 < 3 last; . 5 < 1 last; 2 +2",
		"a waiter with two blockers");
	is_released(&scene, 0, LOCK_END_TERMINATE, "1 0 2",
		"stays behind the second, and with it who waits for it");
	is_released(&scene, 4, LOCK_END_TERMINATE, "0 0 2", "or behind the first");
	lock_scene_end(&scene);
}

static void
test_deadlock(void)
{
	struct lock_scene scene = { 0 };

	lock_scene_session(&scene, 1);
	lock_scene_session(&scene, 2);
	lock_scene_waits(&scene, 1, 20, 2, -1);
	lock_scene_waits(&scene, 2, 10, 1, -1);
	lock_scene_waits(&scene, 3, 30, 1, -1);
	lock_scene_is(&scene, "2 < 1 +2 cycle; . 1 < 2 +2 cycle last; . . 3 < 1 last",
		"a deadlock");
	is_released(&scene, 0, LOCK_END_CANCEL, "1 1 0", "goes on without the one");
	is_released(&scene, 1, LOCK_END_CANCEL, "2 0 0", "or without the other");
	lock_scene_end(&scene);

	lock_scene_prepared(&scene, "731", 20);
	lock_scene_waits(&scene, 20, 5, 0, -1);
	lock_scene_is(
		&scene, "prepared 731 +1; . 20 < 0 last", "a prepared transaction");
	is_released(&scene, 0, LOCK_END_TERMINATE,
		"a prepared transaction has no session", "can't be terminated");
	is_released(&scene, 0, LOCK_END_ROLLBACK, "1 0 0", "but rolled back");
	for (int how = 0; how < LOCK_END_COUNT; how++)
		tap_is_int(lock_row_ends(lock_forest_row(scene.forest, 0), how),
			how == LOCK_END_ROLLBACK, "%s", lock_end_words(how));
	lock_scene_end(&scene);

	lock_scene_hold(&scene, 1, NULL, "ExclusiveLock", "advisory 42");
	free(scene.waits.holds[0].kind);
	scene.waits.holds[0].kind = alloc_copy("advisory");
	lock_scene_session(&scene, 1);
	lock_scene_waits(&scene, 2, 5, 1, -1);
	lock_scene_is(&scene, "1 +1; . 2 < 1 last", "an advisory lock");
	tap_ok(lock_forest_release(scene.forest, 0, LOCK_END_CANCEL).at_most &&
			!lock_forest_release(scene.forest, 0, LOCK_END_TERMINATE)
				 .at_most,
		"may be its session's: a cancel may not be enough");
	lock_scene_end(&scene);

	lock_scene_waits(&scene, 2, 5, 1, -1);
	lock_scene_is(&scene, "1 +1; . 2 < 1 last", "one that is gone");
	is_released(
		&scene, 0, LOCK_END_TERMINATE, "it is gone already", "can't be ended");
	lock_scene_end(&scene);
}

/* Whether it runs a query that could be cancelled is not for all to see. */
static void
test_unknown(void)
{
	static const char hidden[] =
		"what it does is hidden from this role: needs pg_monitor";
	struct lock_scene scene = { 0 };
	struct session *one = lock_scene_session(&scene, 1);
	struct lock_release release;

	one->state = SESSION_STATE_UNKNOWN;
	free(one->backend_type);
	one->backend_type = NULL;
	lock_scene_waits(&scene, 2, 5, 1, -1);
	lock_scene_is(&scene, "1 +1; . 2 < 1 last", "one whose doings are hidden");
	release = lock_forest_release(scene.forest, 0, LOCK_END_CANCEL);
	tap_is_text(release.unknown, hidden, "may run no query");
	tap_ok(release.at_once == 1 && !release.refused, "and may run one");
	release = lock_forest_release(scene.forest, 0, LOCK_END_TERMINATE);
	tap_ok(!release.unknown, "can be terminated all the same");
	lock_scene_end(&scene);

	lock_scene_session(&scene, 1)->state = SESSION_DISABLED;
	lock_scene_waits(&scene, 2, 5, 1, -1);
	lock_scene_is(&scene, "1 +1; . 2 < 1 last", "one that tracks no activities");
	release = lock_forest_release(scene.forest, 0, LOCK_END_CANCEL);
	tap_ok(release.unknown != NULL, "tells as little");
	lock_scene_end(&scene);
}

enum { CROWD = 9 };

/* Who waits for whom among pids from 1 on. */
struct crowd {
	bool waits[CROWD][CROWD];
};

static void
crowd_build(const struct crowd *crowd, struct lock_scene *scene)
{
	for (int i = 0; i < CROWD; i++)
		lock_scene_session(scene, i + 1);
	for (int i = 0; i < CROWD; i++) {
		struct lock_wait *wait = NULL;

		for (int to = 0; to < CROWD; to++) {
			if (!crowd->waits[i][to])
				continue;
			if (!wait)
				wait = lock_scene_waits(scene, i + 1, i + 5, -1);
			wait->blockers = alloc_resize(
				wait->blockers, wait->blocker_count + 1, sizeof(int));
			wait->blockers[wait->blocker_count++] = to + 1;
		}
	}
	scene->forest = lock_forest_new(&scene->waits, &scene->sessions);
}

/* Marks who leads to one of those that are marked, past `without`. */
static void
crowd_follow(const struct crowd *crowd, int without, bool *marked)
{
	for (int turn = 0; turn < CROWD; turn++) {
		for (int i = 0; i < CROWD; i++) {
			for (int to = 0; to < CROWD; to++)
				marked[i] = marked[i] ||
					    (i != without && crowd->waits[i][to] &&
						    marked[to]);
		}
	}
}

/* What ending one brings, as the header says it, in the plainest way. */
static struct lock_release
crowd_release(const struct crowd *crowd, int ended)
{
	bool behind[CROWD] = { false }, still[CROWD] = { false };
	struct lock_release out = { 0 };

	behind[ended] = true;
	crowd_follow(crowd, -1, behind);
	for (int i = 0; i < CROWD; i++)
		still[i] = !behind[i];
	crowd_follow(crowd, ended, still);
	for (int i = 0; i < CROWD; i++) {
		int blockers = 0;

		for (int to = 0; to < CROWD; to++)
			blockers += crowd->waits[i][to];
		if (i == ended || !behind[i])
			continue;
		out.still += still[i];
		out.at_once += !still[i] && blockers == 1 && crowd->waits[i][ended];
		out.later += !still[i] && !(blockers == 1 && crowd->waits[i][ended]);
	}
	return out;
}

/* The same in every state of a small crowd, deadlocks and all. */
static void
test_crowds(void)
{
	enum { CROWDS = 4000 };
	uint32_t seed = 1;
	int wrong = 0, rows = 0, cycles = 0, still = 0;

	for (int turn = 0; turn < CROWDS; turn++) {
		struct lock_scene scene = { 0 };
		struct crowd crowd = { 0 };

		for (int i = 0; i < CROWD; i++) {
			for (int to = 0; to < CROWD; to++) {
				seed = seed * 1664525 + 1013904223;
				crowd.waits[i][to] =
					i != to &&
					(seed >> 16) % (2 + turn % 12) == 0 &&
					(to < i || turn % 3 == 0);
			}
		}
		crowd_build(&crowd, &scene);
		for (size_t row = 0; row < lock_forest_rows(scene.forest); row++) {
			struct lock_release got = lock_forest_release(
				scene.forest, row, LOCK_END_TERMINATE);
			struct lock_release want = crowd_release(
				&crowd, lock_forest_row(scene.forest, row)->pid - 1);

			rows++;
			cycles += lock_forest_row(scene.forest, row)->cycle;
			still += want.still != 0;
			wrong += got.at_once != want.at_once ||
				 got.later != want.later || got.still != want.still;
		}
		lock_scene_end(&scene);
	}
	tap_is_int(wrong, 0, "of %d who may be ended, %d in deadlocks, %d in vain",
		rows, cycles, still);
	tap_ok(cycles > 1000 && still > 1000, "which are enough of each");
}

int
main(void)
{
	test_holds();
	test_releases();
	test_deadlock();
	test_others();
	test_unknown();
	test_crowds();
	test_words();
	return tap_done();
}
