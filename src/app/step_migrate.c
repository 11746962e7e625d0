/*
 * upgrade and downgrade: the plan, the proof that the alembic command sees the database
 * on screen, the typed confirmation, the read-back, the command, and what it left.
 */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/evidence.h"
#include "pgrunbook/app/runner_parts.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/drive/clock.h"
#include "pgrunbook/model/place.h"
#include "pgrunbook/model/tree_problems.h"

enum { SIGHT_US = 10000 };

bool
migrate_is_upgrade(const struct runner *runner)
{
	return runner_step(runner)->action.kind == ACTION_UPGRADE;
}

static const char *
migrate_verb(const struct runner *runner)
{
	return migrate_is_upgrade(runner) ? "upgrade" : "downgrade";
}

/* The full id of the target, "base", or NULL with the step ended. */
static char *
migrate_target(struct runner *runner)
{
	const struct app *app = runner->app;
	struct error error = { 0 };
	int revision;
	char *name = step_filled(runner, runner_step(runner)->action.target);

	if (name == NULL)
		return NULL;
	bool found = place_resolve(
		app->tree, name, &app->snapshot->version.rows, &revision, &error);
	free(name);
	if (!found) {
		step_fail(runner, NULL, "%s", error.message);
		error_clear(&error);
		return NULL;
	}
	return alloc_copy(revision == TREE_NONE
				  ? "base"
				  : tree_at(app->tree, revision)->script.revision);
}

/* What makes it impossible before anything is asked; false: the step is ended. */
static bool
migrate_possible(struct runner *runner)
{
	const struct app *app = runner->app;

	if (runner->alembic_problem != NULL)
		step_fail(runner, NULL, "%s", runner->alembic_problem);
	else if (app->tree == NULL)
		step_fail(runner, NULL, "the revision tree isn't read: %s",
			app->tree_problem == NULL ? "no alembic.ini"
						  : app->tree_problem);
	else if (tree_first_defect(app->tree) != NULL)
		step_fail(runner, NULL, "the tree is broken, nothing is run on it: %s",
			tree_first_defect(app->tree)->text);
	else if (app->status.unknown.count != 0)
		step_fail(runner, NULL,
			"the database is at %s, which this tree doesn't have: "
			"is the checkout older than the database?",
			app->status.unknown.items[0]);
	else if (app->snapshot->server.role != SERVER_PRIMARY)
		step_fail(runner, NULL,
			"the server is a standby: migrations run on the primary");
	else
		return true;
	return false;
}

static bool
migrate_make_plan(
	struct runner *runner, const struct strlist *rows, struct error *error)
{
	enum plan_direction direction =
		migrate_is_upgrade(runner) ? PLAN_UPGRADE : PLAN_DOWNGRADE;

	/* The table is the screen's, its rows are those just read. */
	struct version_rows version = runner->app->snapshot->version;

	version.rows = *rows;
	plan_free(&runner->plan);
	runner->plan = (struct plan){ 0 };
	if (runner->app->tree == NULL)
		return error_set(error, "the revision tree can't be read any more");
	return plan_make_at(runner->app->tree, direction, runner->revision, &version,
		&runner->plan, error);
}

static bool
migrate_plan(struct runner *runner, const struct strlist *rows)
{
	const struct app *app = runner->app;
	struct error error = { 0 };

	if (!migrate_make_plan(runner, rows, &error)) {
		step_fail(runner, NULL, "%s", error.message);
		error_clear(&error);
		return false;
	}
	if (runner->plan.refused) {
		step_fail(runner, NULL, "refused: %s",
			runner->plan.dangers.count == 0
				? runner->revision
				: runner->plan.dangers.items[0].text);
		return false;
	}
	if (runner->plan.count == 0) {
		step_fail(runner, NULL,
			"there is nothing to %s: the database is at %s already",
			migrate_verb(runner), runner->revision);
		return false;
	}
	if (!migrate_is_upgrade(runner) && strcmp(runner->revision, "base") == 0 &&
		app_protected(app)) {
		step_fail(runner, NULL,
			"downgrade base is refused in a protected environment: "
			"it undoes every revision");
		return false;
	}
	return true;
}

/* The ids that `alembic current` printed: the first word of each line. */
static void
migrate_current_ids(const char *text, struct strlist *ids)
{
	while (*text != '\0') {
		size_t line = strcspn(text, "\n");
		size_t word = strcspn(text, " \t\r\n");

		if (word != 0)
			strlist_add_owned(ids, alloc_copy_bytes(text, word));
		text += line + (text[line] == '\n');
	}
	strlist_sort(ids);
}

/* Other output (log lines) stands around the ids: a row must be among the words. */
static bool
migrate_agrees(const struct strlist *rows, const struct strlist *words,
	const struct tree *tree)
{
	for (size_t i = 0; i < rows->count; i++) {
		if (!strlist_has(words, rows->items[i]))
			return false;
	}
	for (size_t i = 0; i < words->count; i++) {
		if (tree_find(tree, words->items[i]) != TREE_NONE &&
			!strlist_has(rows, words->items[i]))
			return false;
	}
	return true;
}

static void
migrate_command(struct runner *runner, const char *verb, const char *target)
{
	struct strlist argv = { 0 };

	strlist_copy(&argv, &runner->alembic);
	strlist_add(&argv, verb);
	if (target != NULL)
		strlist_add(&argv, target);
	strlist_free(&runner->argv);
	runner->argv = argv;
	free(runner->command);
	runner->command = argv_words(&runner->argv);
}

/* Why the question can't be asked; NULL: it can.  The caller owns it. */
static char *
migrate_disagreement(struct runner *runner, const struct identity *identity)
{
	const struct app *app = runner->app;
	struct strlist words = { 0 };
	char *rows = identity_rows(&identity->rows);
	char *why = NULL, *difference = NULL;

	migrate_current_ids(str_text(&runner->collected), &words);
	char *seen = strlist_join(&words, " ");
	if (!server_same(&app->snapshot->server, &identity->server, &difference))
		why = alloc_printf(
			"the screen and the run see two servers: %s", difference);
	else if (!migrate_agrees(&identity->rows, &words, app->tree))
		why = alloc_printf(
			"the alembic command doesn't see the database on screen: %s "
			"has %s, `%s` says \"%s\"; give both the same database and "
			"retry",
			identity->server.database, rows, runner->command,
			*seen == '\0' ? "nothing" : seen);
	free(difference);
	free(rows);
	free(seen);
	strlist_free(&words);
	return why;
}

static void
migrate_identified(struct runner *runner, struct identity *identity, const char *why)
{
	if (identity == NULL) {
		step_fail(runner, NULL, "the target can't be read: %s", why);
		return;
	}
	/* The scripts may have been read anew since: the old plan is of the old tree.
	 */
	if (!migrate_possible(runner))
		return;
	char *disagreement = migrate_disagreement(runner, identity);
	if (disagreement != NULL) {
		pg_watch_refresh(runner->watch);
		step_fail(runner, NULL, "%s", disagreement);
		free(disagreement);
		return;
	}
	/* The scripts may have been read anew since: the old plan is of the old tree.
	 */
	if (!migrate_possible(runner) || !migrate_plan(runner, &identity->rows))
		return;
	free(runner->script_text);
	runner->script_text = migrate_script_text(runner);
	identity_free(&runner->asked);
	runner->asked = *identity;
	*identity = (struct identity){ 0 };
	output_clear(&runner->app->output);
	migrate_command(runner, migrate_verb(runner), runner->revision);
	migrate_ask(runner);
}

static void
migrate_proof_ended(struct runner *runner)
{
	struct child_exit exit = runner->exit;
	char *words = child_exit_words(&exit);

	if (exit.signal != 0 || exit.status != 0)
		step_fail(runner, step_child_attributes(runner, &exit),
			"`%s` doesn't work here: %s", runner->command, words);
	else
		identity_read(runner, migrate_identified);
	free(words);
}

static void migrate_watch_proof(struct runner *runner);

static void
migrate_sighted(struct runner *runner, const struct pg_answer *answer)
{
	runner->looking = false;
	if (answer->error == NULL)
		runner->seen |= pg_result_bool(answer->results[0], 0, 0);
	if (runner->child == NULL)
		migrate_proof_ended(runner);
	else
		migrate_watch_proof(runner);
}

/* Whether the command's session is one of this database, by the name it was given. */
static void
migrate_look_for_session(void *context)
{
	static const char sql[] =
		"SELECT count(*) <> 0 FROM pg_stat_activity WHERE application_name = "
		"left($1, 63) AND datname = current_database()";
	struct runner *runner = context;
	struct error unused = { 0 };

	if (runner->phase != RUNNER_PROVING || runner->child == NULL || runner->looking)
		return;
	char *application = runner_application(runner);
	const char *const parameters[] = { application };
	runner->looking =
		runner_query(runner, sql, parameters, 1, migrate_sighted, &unused);
	if (!runner->looking)
		migrate_watch_proof(runner);
	error_clear(&unused);
	free(application);
}

/* It is there for some tens of milliseconds only. */
static void
migrate_watch_proof(struct runner *runner)
{
	if (runner->seen)
		return;
	if (runner->sight == NULL)
		runner->sight =
			loop_timer_new(runner->loop, migrate_look_for_session, runner);
	loop_timer_start(runner->sight, SIGHT_US, 0);
}

static void
migrate_proved(struct runner *runner, const struct child_exit *exit)
{
	runner->exit = *exit;
	if (runner->looking)
		step_set_phase(runner, RUNNER_PROVING,
			"was its session one of this database?");
	else
		migrate_proof_ended(runner);
}

void
step_migrate_begin(struct runner *runner)
{
	if (!migrate_possible(runner))
		return;
	runner->revision = migrate_target(runner);
	if (runner->revision == NULL ||
		!migrate_plan(runner, &runner->app->snapshot->version.rows))
		return;
	str_clear(&runner->collected);
	migrate_command(runner, "current", NULL);
	runner->seen = runner->looking = false;
	step_set_phase(runner, RUNNER_PROVING, "does alembic see the same database?");
	if (step_child(runner, migrate_proved))
		migrate_watch_proof(runner);
}

/* What the version table holds afterwards decides, whatever the exit status says. */
static void
migrate_verified(struct runner *runner, struct identity *identity, const char *why)
{
	struct child_exit exit = runner->exit;
	json_t *attributes = step_child_attributes(runner, &exit);
	char *words = child_exit_words(&exit);

	if (identity == NULL) {
		json_object_set_new(
			attributes, "event.outcome", json_string("unknown"));
		step_fail(runner, attributes, "%s, and the revision can't be read: %s",
			words, why);
		free(words);
		return;
	}
	char *now = identity_rows(&identity->rows);
	bool moved = !strlist_equal(&identity->rows, &runner->asked.rows);
	json_object_set_new(attributes, "alembic.revision.before",
		evidence_list(&runner->asked.rows));
	json_object_set_new(
		attributes, "alembic.revision.after", evidence_list(&identity->rows));
	if (moved)
		journal_write(runner->journal, EVENT_REVISION_CHANGED, ENTRY_INFO,
			json_deep_copy(attributes), "the database is at %s", now);
	if (exit.signal != 0 || exit.status != 0)
		step_fail(runner, attributes, "%s; the database is %s %s", words,
			moved ? "now at" : "unchanged at", now);
	else if (!strlist_equal(&identity->rows, &runner->plan.rows_after))
		step_fail(runner, attributes,
			"the command ended well, but the database is at "
			"%s instead of %s",
			now, runner->revision);
	else
		step_succeed(runner, attributes, "the database is at %s", now);
	pg_watch_refresh(runner->watch);
	free(now);
	free(words);
}

/* The first upgrade makes the version table: it is found by the next look. */
void
step_migrate_look(struct runner *runner)
{
	const struct snapshot *snapshot = runner_newest(runner);

	if (snapshot->version.table != VERSION_TABLE_READ &&
		snapshot->taken_us < runner->verify_us)
		return;
	runner->verify_us = 0;
	identity_read(runner, migrate_verified);
}

static void
migrate_ended(struct runner *runner, const struct child_exit *exit)
{
	runner->exit = *exit;
	runner->verify_us = clock_now_us();
	runner->identity_then = migrate_verified;
	step_set_phase(runner, RUNNER_VERIFYING, "reading the revision");
	pg_watch_look_anew(runner->watch);
	step_migrate_look(runner);
}

/* What runs is what the question showed: the scripts may have been edited meanwhile. */
static char *
migrate_changed(struct runner *runner)
{
	struct error error = { 0 };
	char *why = NULL;

	if (!migrate_make_plan(runner, &runner->asked.rows, &error)) {
		why = alloc_copy(error.message);
	} else {
		char *text = migrate_script_text(runner);

		if (strcmp(text, runner->script_text) != 0)
			why = alloc_copy("the version scripts were changed while the "
					 "question was open: read it again");
		free(text);
	}
	error_clear(&error);
	return why;
}

static void
migrate_read_back(struct runner *runner, struct identity *identity, const char *why)
{
	char *refusal = identity_refusal(runner, identity, why);
	char *difference =
		refusal == NULL ? identity_difference(&runner->asked, identity) : NULL;

	if (refusal == NULL && difference == NULL)
		refusal = migrate_changed(runner);
	if (difference != NULL)
		refusal = alloc_printf(
			"the target moved between question and answer: %s", difference);
	free(difference);
	if (refusal != NULL) {
		journal_write(runner->journal, EVENT_CONFIRMATION_DECLINED, ENTRY_WARN,
			step_attributes(runner), "nothing was run: %s", refusal);
		step_drop(runner, true, "nothing was run: %s", refusal);
	} else if (journal_evidence(runner->journal, "right before the command") &&
		   step_started(runner)) {
		step_child(runner, migrate_ended);
	} else if (runner->phase == RUNNER_READING_BACK) {
		step_drop(runner, true,
			"nothing was started: the incident log can't be "
			"written: %s",
			runner->app->log_problem);
	}
	free(refusal);
}

void
step_migrate_accepted(struct runner *runner)
{
	step_set_phase(runner, RUNNER_READING_BACK, "reading the target back");
	identity_read(runner, migrate_read_back);
}

static void
verify_read(struct runner *runner, struct identity *identity, const char *why)
{
	json_t *attributes = json_object();

	if (identity == NULL) {
		json_decref(attributes);
		step_fail(runner, NULL, "the revision can't be read: %s", why);
		return;
	}
	char *rows = identity_rows(&identity->rows);
	bool base = strcmp(runner->revision, "base") == 0;
	bool there = base ? identity->rows.count == 0
			  : strlist_has(&identity->rows, runner->revision);
	json_object_set_new(
		attributes, "alembic.revision.after", evidence_list(&identity->rows));
	if (there)
		step_succeed(
			runner, attributes, "the database is at %s", runner->revision);
	else
		step_fail(runner, attributes, "the database is at %s, not at %s", rows,
			runner->revision);
	free(rows);
}

void
step_verify_revision_begin(struct runner *runner)
{
	if (runner->app->tree == NULL) {
		step_fail(runner, NULL, "the revision tree isn't read");
		return;
	}
	runner->revision = migrate_target(runner);
	if (runner->revision != NULL && step_started(runner))
		identity_read(runner, verify_read);
}
