/* What a migration runs, waits for and blocks, in words. */
#include "pgrunbook/model/migration.h"

#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "tests/tap/tap.h"

#define SECOND INT64_C(1000000)
#define NOW (1000 * SECOND)

static void
is_words(char *words, const char *want, const char *what)
{
	if (!want)
		tap_ok(!words, "%s: nothing is said: %s", what, words ? words : "-");
	else
		tap_is_text(words ? words : "(nothing)", want, "%s", what);
	free(words);
}

static void
test_statement(void)
{
	static const char alter[] = "ALTER TABLE invoices ADD COLUMN region text, "
				    "ADD COLUMN city text";

	is_words(migration_statement(alter, 200), alter, "all of it fits");
	is_words(migration_statement(alter, 50),
		"ALTER TABLE invoices ADD COLUMN region text...",
		"cut where a list goes on");
	is_words(migration_statement(alter, 30), "ALTER TABLE invoices ADD...",
		"else between words");
	is_words(migration_statement(
			 "CREATE INDEX i ON invoices USING gin (a, b, c)", 40),
		"CREATE INDEX i ON invoices USING gin...",
		"or where a parenthesis opens");
	is_words(migration_statement("SELECTaverylongwordwithoutanyblank", 10),
		"SELECTa...", "a word that is too long is split");
	is_words(migration_statement("\n\t-- by hand\n/* app:web */ UPDATE t\n  SET a "
				     "= 1",
			 40),
		"UPDATE t SET a = 1", "what stands before it is left out");
	is_words(migration_statement("/* only that", 40), "/* only that",
		"a comment that doesn't end");
	is_words(migration_statement("", 10), "", "nothing");
	is_words(migration_statement(NULL, 10), "", "hidden");
	is_words(migration_statement(alter, 2), "..", "no room");
	is_words(migration_statement(alter, 0), "", "none at all");
	is_words(migration_statement("DROP \x1b[2J\xff", 40),
		"DROP \xef\xbf\xbd[2J\xef\xbf\xbd", "hostile bytes");
}

/* 4312 <- 9120 (the migration) <- 4400, 4401; 9121 is its worker, 9200 another one. */
static struct session sessions[] = {
	{ .pid = 9120,
		.backend_start_us = 1,
		.state = SESSION_ACTIVE,
		.backend_type = (char *)"client backend",
		.query_start_us = NOW - 252 * SECOND,
		.query = (char *)"ALTER TABLE invoices ADD a int",
		.migration = true },
	{ .pid = 9200,
		.state = SESSION_IDLE_IN_TRANSACTION,
		.backend_type = (char *)"client backend",
		.state_change_us = NOW - 3 * SECOND,
		.migration = true },
	{ .pid = 9121, .leader_pid = 9120, .migration = true },
	{ .pid = 4312,
		.state = SESSION_IDLE_IN_TRANSACTION,
		.backend_type = (char *)"client backend",
		.state_change_us = NOW - 840 * SECOND,
		.user = (char *)"app",
		.application = (char *)"web-3" },
	{ .pid = 4400 },
	{ .pid = 4401 },
};

static void
add_wait(struct lock_wait_list *list, int pid, int blocker)
{
	list->waits = alloc_room(
		list->waits, list->count, &list->capacity, sizeof(*list->waits));
	list->waits[list->count] = (struct lock_wait){ .pid = pid,
		.mode = alloc_copy("AccessExclusiveLock"),
		.kind = alloc_copy("relation"),
		.object = alloc_copy("invoices"),
		.blockers = alloc_zeroed(1, sizeof(int)),
		.blocker_count = 1 };
	list->waits[list->count++].blockers[0] = blocker;
}

static void
make(struct snapshot *snapshot, int blocker)
{
	struct lock_wait_list waits = { 0 };

	*snapshot = (struct snapshot){
		.sessions = { .items = sessions,
			.count = sizeof(sessions) / sizeof(sessions[0]) },
		.server_now_us = NOW,
	};
	if (blocker != 0) {
		add_wait(&waits, 9120, blocker);
		add_wait(&waits, 4400, 9120);
		add_wait(&waits, 4401, 9120);
	}
	snapshot->locks = lock_forest_new(&waits, &snapshot->sessions);
}

static void
done(struct snapshot *snapshot, struct migration_list *list)
{
	migration_list_free(list);
	lock_forest_free(snapshot->locks);
	progress_list_free(&snapshot->progress);
}

static void
test_blocked(void)
{
	struct migration_list list = { 0 };
	const struct migration *migration;
	struct snapshot snapshot;

	make(&snapshot, 4312);
	migration_list_make(&snapshot, &list);
	tap_is_int((int64_t)list.count, 2, "a worker is its leader's");
	migration = migration_find(&list, 9120);
	tap_is_int((int64_t)migration->workers, 1, "which has one");
	is_words(migration_state_words(migration, NOW), "4m12s", "for how long");
	is_words(migration_wait_words(migration), "waits for 4312", "for whom");
	is_words(migration_holder_words(migration, NOW),
		"web-3 (app), idle in tx 14m00s", "who that is");
	is_words(migration_victims_words(migration), "blocks 2", "victims");
	is_words(migration_progress_words(migration), NULL, "progress");
	migration = migration_find(&list, 9200);
	is_words(migration_state_words(migration, NOW), "between statements for 3.0s",
		"another one");
	is_words(migration_wait_words(migration), NULL, "it waits for nobody");
	is_words(migration_holder_words(migration, NOW), NULL, "nobody holds it");
	is_words(migration_victims_words(migration), NULL, "it blocks nobody");
	tap_ok(!migration_find(&list, 4312), "its blocker is none");
	done(&snapshot, &list);

	make(&snapshot, 4400); /* its own victim */
	migration_list_make(&snapshot, &list);
	is_words(migration_wait_words(migration_find(&list, 9120)),
		"in a DEADLOCK, which the server ends soon", "a deadlock");
	done(&snapshot, &list);
}

static void
test_progress(void)
{
	struct migration_list list = { 0 };
	struct progress *progress;
	struct snapshot snapshot;

	make(&snapshot, 0);
	progress = progress_list_add(&snapshot.progress);
	progress->pid = 9120;
	progress->kind = PROGRESS_CREATE_INDEX;
	progress->command = alloc_copy("CREATE INDEX");
	progress->phase = alloc_copy("building index: scanning table");
	progress->block_size = 8192;
	progress->counters[PROGRESS_BLOCKS_TOTAL] = 100;
	progress->counters[PROGRESS_BLOCKS_DONE] = 61;
	progress_list_settle(&snapshot.progress, &snapshot.sessions);
	migration_list_make(&snapshot, &list);
	is_words(migration_progress_words(&list.items[0]), "61%", "how far");
	progress->rest_us = 130 * SECOND;
	is_words(migration_progress_words(&list.items[0]), "61%, at least 2m10s",
		"and how long it takes");
	progress->total = -1;
	is_words(migration_progress_words(&list.items[0]),
		"building index: scanning table", "the phase where that is unknown");
	progress->counters[PROGRESS_LOCKER] = 4312;
	is_words(migration_wait_words(&list.items[0]), "waits for 4312",
		"an index tells itself whom it waits for");
	progress->hidden = true;
	is_words(migration_progress_words(&list.items[0]), NULL, "hidden");
	done(&snapshot, &list);
}

static void
test_states(void)
{
	struct session session = { .pid = 1,
		.backend_type = (char *)"client backend",
		.state = SESSION_IDLE_IN_TRANSACTION_ABORTED,
		.state_change_us = NOW - 8 * SECOND };
	const struct migration migration = { .session = &session };

	is_words(migration_state_words(&migration, NOW),
		"FAILED 8.0s ago, until it rolls back", "a failed one");
	session.state = SESSION_IDLE;
	is_words(migration_state_words(&migration, NOW), "idle for 8.0s", "idle");
	session.state = SESSION_STATE_UNKNOWN;
	session.backend_type = NULL;
	is_words(migration_state_words(&migration, NOW), "hidden: needs pg_monitor",
		"hidden");
}

int
main(void)
{
	test_statement();
	test_blocked();
	test_progress();
	test_states();
	return tap_done();
}
