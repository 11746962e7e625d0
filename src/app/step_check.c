/* check: what has to hold before a change, each item in one line with its reason. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "pgrunbook/app/evidence.h"
#include "pgrunbook/app/runner_parts.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/model/tree_problems.h"

/* What the server has to be asked for; the rest is on screen already. */
struct check_facts {
	int64_t database_bytes; /* -1: not known */
	bool may_write;		/* the version table */
	bool rights_known;
};

struct check {
	const char *name;
	/* NULL: it holds, and *words says how; else why not.  Both the caller's. */
	char *(*look)(const struct runner *runner, const struct check_facts *facts,
		char **words);
};

static char *
check_heads(const struct runner *runner, const struct check_facts *facts, char **words)
{
	const struct tree *tree = runner->app->tree;

	(void)facts;
	if (tree == NULL)
		return alloc_copy("the revision tree isn't read");
	const struct tree_problem *defect = tree_first_defect(tree);
	if (defect != NULL)
		return alloc_copy(defect->text);
	const struct tree_list *heads = tree_heads(tree);
	if (heads->count != 1)
		return alloc_printf(
			"%zu heads: join them with `alembic merge heads` first",
			heads->count);
	*words = alloc_printf(
		"one head, %s", tree_at(tree, heads->items[0])->script.revision);
	return NULL;
}

static char *
check_unknown(
	const struct runner *runner, const struct check_facts *facts, char **words)
{
	const struct app *app = runner->app;

	(void)facts;
	if (app->snapshot->version.table != VERSION_TABLE_READ)
		return status_words(&app->status);
	if (app->status.unknown.count != 0)
		return alloc_printf(
			"the database is at %s, which the tree doesn't have",
			app->status.unknown.items[0]);
	*words = alloc_copy("every row of the version table is in the tree");
	return NULL;
}

static char *
check_downgrades(
	const struct runner *runner, const struct check_facts *facts, char **words)
{
	const struct app *app = runner->app;
	const struct tree_list *lists[] = { &app->status.pending,
		&app->status.current };

	(void)facts;
	for (size_t list = 0; list < 2; list++) {
		for (size_t i = 0; i < lists[list]->count; i++) {
			const struct script *script =
				&tree_at(app->tree, lists[list]->items[i])->script;

			if (script->downgrade.body != BODY_REAL)
				return alloc_printf(
					"%s has no real downgrade", script->revision);
		}
	}
	*words = alloc_copy(
		"the current and every pending revision have a real downgrade");
	return NULL;
}

static char *
check_replicas(
	const struct runner *runner, const struct check_facts *facts, char **words)
{
	const struct app *app = runner->app;
	const struct replication *replication = &app->snapshot->replication;
	const struct replica *worst = replication_worst(replication);
	char bytes[BYTES_TEXT];

	(void)facts;
	if (replication->problem != NULL)
		return alloc_copy(replication->problem);
	if (worst != NULL &&
		(worst->cause == REPLICA_DISCONNECTED ||
			worst->cause == REPLICA_PAUSED ||
			worst->lag_bytes >= app->settings.thresholds.replica_lag_bytes))
		return alloc_printf("%s: %s, %s behind", worst->name,
			replica_cause_words(worst->cause),
			bytes_format(worst->lag_bytes, bytes));
	*words = alloc_printf("%zu known, none is far behind", replication->count);
	return NULL;
}

static char *
check_locks(const struct runner *runner, const struct check_facts *facts, char **words)
{
	const struct lock_forest *locks = runner->app->snapshot->locks;
	const struct lock_row *worst = lock_forest_worst(locks);

	(void)facts;
	if (worst != NULL) {
		char *who = lock_row_name(worst);
		char *why = alloc_printf(
			"%s blocks %zu session%s; 3 shows them, T ends one", who,
			worst->held_up, worst->held_up == 1 ? "" : "s");

		free(who);
		return why;
	}
	*words = alloc_copy("nobody waits for a lock");
	return NULL;
}

enum { LONG_TRANSACTION_US = 60000000 };

static char *
check_transactions(
	const struct runner *runner, const struct check_facts *facts, char **words)
{
	const struct app *app = runner->app;
	int64_t now = app_server_now_us(app);
	const struct session *oldest = NULL;
	int64_t longest = LONG_TRANSACTION_US;
	size_t count = 0;
	char age[DURATION_TEXT];

	(void)facts;
	for (size_t i = 0; i < app->snapshot->sessions.count; i++) {
		const struct session *session = &app->snapshot->sessions.items[i];

		if (session->own || session->transaction_start_us == 0)
			continue;
		int64_t open = session_transaction_age_us(session, now);
		count += open > LONG_TRANSACTION_US;
		if (open > longest) {
			longest = open;
			oldest = session;
		}
	}
	if (oldest != NULL) {
		char *who = session_name(oldest);
		char *more = count > 1 ? alloc_printf(", and %zu more", count - 1)
				       : alloc_copy("");
		char *why = alloc_printf("%s has had a transaction open for %s%s", who,
			duration_format(longest, age), more);

		free(who);
		free(more);
		return why;
	}
	*words = alloc_copy("no transaction is older than a minute");
	return NULL;
}

static char *
check_backup(const struct runner *runner, const struct check_facts *facts, char **words)
{
	const struct run *run = &runner->app->run;
	char age[DURATION_TEXT];

	(void)facts;
	if (run->backup_path == NULL)
		return alloc_copy("this run has taken none");
	if (!run->backup_verified)
		return alloc_copy("it is not verified");
	*words = alloc_printf("verified, %s old",
		duration_format(runner->app->now_us - run->backup_us, age));
	return NULL;
}

/* A dump is smaller than its database: that much room is enough. */
static char *
check_disk(const struct runner *runner, const struct check_facts *facts, char **words)
{
	const char *directory = runner->app->settings.backup_dir != NULL
					? runner->app->settings.backup_dir
					: incident_directory(runner->journal->incident);
	struct statvfs disk;
	char room[BYTES_TEXT], need[BYTES_TEXT];

	/* The folder may be made only by the backup: look where it will be. */
	char *at = alloc_copy(directory);
	while (statvfs(at, &disk) != 0) {
		char *slash = strrchr(at, '/');

		if (slash == NULL || slash == at) {
			free(at);
			return alloc_printf("the room at %s can't be told", directory);
		}
		*slash = '\0';
	}
	free(at);
	int64_t free_bytes = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
	if (facts->database_bytes < 0)
		return alloc_copy("the size of the database isn't known");
	if (free_bytes < facts->database_bytes)
		return alloc_printf("%s free at %s, the database has %s",
			bytes_format(free_bytes, room), directory,
			bytes_format(facts->database_bytes, need));
	*words = alloc_printf("%s free for backups, the database has %s",
		bytes_format(free_bytes, room),
		bytes_format(facts->database_bytes, need));
	return NULL;
}

static char *
check_rights(const struct runner *runner, const struct check_facts *facts, char **words)
{
	if (!facts->rights_known)
		return alloc_copy("not known: the version table isn't read");
	if (!facts->may_write)
		return alloc_printf("%s may not write the version table",
			runner->app->snapshot->server.user);
	*words = alloc_printf(
		"%s may write the version table", runner->app->snapshot->server.user);
	return NULL;
}

static const struct check checks[] = {
	{ "heads", check_heads },
	{ "unknown-revision", check_unknown },
	{ "downgrades", check_downgrades },
	{ "replicas", check_replicas },
	{ "locks", check_locks },
	{ "transactions", check_transactions },
	{ "backup", check_backup },
	{ "disk", check_disk },
	{ "rights", check_rights },
};

static const struct check *
check_find(const char *name)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (strcmp(checks[i].name, name) == 0)
			return &checks[i];
	}
	return NULL;
}

static void
check_run(struct runner *runner, const struct check_facts *facts)
{
	const struct strlist *names = &runner_step(runner)->action.checks;
	struct strlist failed = { 0 };

	for (size_t i = 0; i < names->count; i++) {
		const struct check *check = check_find(names->items[i]);
		char *words = NULL;
		char *why = check == NULL ? alloc_copy("this check isn't known")
					  : check->look(runner, facts, &words);

		step_print(runner, "%-4s %-17s %s", why == NULL ? "ok" : "FAIL",
			names->items[i], why == NULL ? words : why);
		if (why != NULL)
			strlist_add_owned(
				&failed, alloc_printf("%s (%s)", names->items[i], why));
		free(words);
		free(why);
	}
	char *list = strlist_join(&failed, "; ");
	if (failed.count == 0)
		step_succeed(runner, NULL, "all %zu checks hold", names->count);
	else
		step_fail(runner, NULL, "%zu of %zu checks don't hold: %s",
			failed.count, names->count, list);
	free(list);
	strlist_free(&failed);
}

static void
check_answered(struct runner *runner, const struct pg_answer *answer)
{
	struct check_facts facts = { .database_bytes = -1 };

	if (answer->error != NULL) {
		step_fail(runner, NULL, "the server can't be asked: %s", answer->error);
		return;
	}
	const struct pg_result *row = answer->results[0];
	facts.database_bytes = pg_result_int(row, 0, 0, -1);
	facts.rights_known = pg_result_text(row, 0, 1) != NULL;
	facts.may_write = pg_result_bool(row, 0, 1);
	check_run(runner, &facts);
}

static const char check_sql[] =
	"SELECT CASE WHEN has_database_privilege(current_database(), 'connect') "
	"THEN pg_database_size(current_database()) END, "
	"CASE WHEN $1::text IS NOT NULL THEN has_table_privilege($1::text, "
	"'insert, update, delete') END";

void
step_check_begin(struct runner *runner)
{
	const struct version_rows *version = &runner->app->snapshot->version;
	const char *table = version->table == VERSION_TABLE_READ ? version->name : NULL;
	struct error error = { 0 };

	if (!step_started(runner))
		return;
	if (!runner_query(runner, check_sql, &table, 1, check_answered, &error)) {
		step_fail(runner, NULL, "no connection: %s", error.message);
		error_clear(&error);
	}
}
