/* The question before a migration: what runs, what it destroys, what stands in its way.
 */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/runner_parts.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/drive/tree_load.h"

/* What a script calls in the plan's direction; read anew, as alembic will. */
static const struct script_calls *
migrate_calls(const struct runner *runner, size_t step,
	struct script_operations *operations, struct error *error)
{
	int revision = runner->plan.steps[step].revision;

	tree_load_operations(
		tree_at(runner->app->tree, revision)->script.path, operations, error);
	return migrate_is_upgrade(runner) ? &operations->upgrade
					  : &operations->downgrade;
}

char *
migrate_script_text(const struct runner *runner)
{
	const struct tree *tree = runner->app->tree;
	struct str text = { 0 };

	for (size_t i = 0; i < runner->plan.count; i++) {
		struct script_operations operations;
		struct error error = { 0 };
		const struct script_calls *calls =
			migrate_calls(runner, i, &operations, &error);

		str_printf(&text, "%s:\n",
			tree_at(tree, runner->plan.steps[i].revision)->script.revision);
		if (error.message != NULL)
			str_printf(&text, "\t%s\n", error.message);
		for (size_t call = 0; call < calls->count; call++)
			str_printf(&text, "\t%s\n", calls->items[call].text);
		script_operations_free(&operations);
		error_clear(&error);
	}
	return str_take(&text);
}

static void
migrate_add_losses(const struct script_calls *calls, struct str *lost)
{
	for (size_t i = 0; i < calls->count; i++) {
		const char *name = calls->items[i].name;

		if (strstr(name, "drop_table") != NULL ||
			strstr(name, "drop_column") != NULL)
			str_printf(lost, "%s%s", lost->length == 0 ? "" : "; ",
				calls->items[i].text);
	}
}

static void
migrate_destroys(const struct runner *runner, struct ask *ask)
{
	struct str lost = { 0 };

	for (size_t i = 0; i < runner->plan.count; i++) {
		struct script_operations operations;
		struct error error = { 0 };

		migrate_add_losses(
			migrate_calls(runner, i, &operations, &error), &lost);
		if (error.message != NULL)
			ask_warn(
				ask, "what it destroys isn't known: %s", error.message);
		script_operations_free(&operations);
		error_clear(&error);
	}
	if (lost.length != 0)
		ask_fact(ask, "destroys", "%s", str_text(&lost));
	str_free(&lost);
}

static void
migrate_in_the_way(const struct runner *runner, struct ask *ask)
{
	const struct app *app = runner->app;
	const struct lock_row *worst = lock_forest_worst(app->snapshot->locks);
	int64_t oldest = -1;
	int pid = 0;
	char age[DURATION_TEXT];

	for (size_t i = 0; i < app->snapshot->sessions.count; i++) {
		const struct session *session = &app->snapshot->sessions.items[i];
		int64_t now = app_server_now_us(app);

		if (session->own || session->transaction_start_us == 0 ||
			session_transaction_age_us(session, now) <= oldest)
			continue;
		oldest = session_transaction_age_us(session, now);
		pid = session->pid;
	}
	if (worst != NULL)
		ask_warn(ask,
			"%d blocks %zu sessions already: the command would queue too "
			"(3 shows the locks, T ends a session)",
			worst->pid, worst->held_up);
	if (oldest > 5000000)
		ask_fact(ask, "in the way", "%d has had a transaction open for %s", pid,
			duration_format(oldest, age));
}

static void
migrate_backup_fact(const struct runner *runner, struct ask *ask)
{
	const struct run *run = &runner->app->run;
	char age[DURATION_TEXT];

	if (run->backup_path == NULL) {
		ask_warn(ask, "this run has taken no backup");
		return;
	}
	ask_fact(ask, "backup", "%s, taken %s ago, %s",
		run->backup_verified ? "verified" : "NOT verified",
		duration_format(runner->app->now_us - run->backup_us, age),
		run->backup_path);
	if (!run->backup_verified)
		ask_warn(ask, "the backup is not verified");
}

void
migrate_ask(struct runner *runner)
{
	const struct app *app = runner->app;
	const char *database = app->snapshot->server.database;
	bool typed = app_protected(app) || !migrate_is_upgrade(runner) || !runner->seen;
	struct ask ask = {
		.kind = typed ? ASK_TYPED : ASK_YES,
		.severe = typed,
		.title = alloc_printf("%s %s to %s?",
			migrate_is_upgrade(runner) ? "Upgrade" : "Downgrade", database,
			runner->revision),
		.phrase = typed ? alloc_printf("%s %s", database, runner->revision)
				: NULL,
	};

	for (size_t i = 0; i < runner->plan.count; i++) {
		const struct plan_step *step = &runner->plan.steps[i];
		char *from = strlist_join(&step->from, ", ");
		char *to = strlist_join(&step->to, ", ");

		ask_fact(&ask, i == 0 ? "will run" : "then", "%s -> %s, %s",
			*from == '\0' ? "base" : from, *to == '\0' ? "base" : to,
			tree_at(app->tree, step->revision)->script.message);
		free(from);
		free(to);
	}
	migrate_destroys(runner, &ask);
	migrate_backup_fact(runner, &ask);
	migrate_in_the_way(runner, &ask);
	if (!migrate_is_upgrade(runner)) {
		char *before = strlist_join(&runner->plan.rows_before, " ");

		ask_fact(&ask, "undo",
			"alembic upgrade %s brings the schema back, not the data",
			before);
		free(before);
	}
	if (!runner->seen)
		ask_warn(&ask,
			"the alembic command was not seen as a session of this "
			"database: that both are at the same revision is all there is");
	for (size_t i = 0; i < runner->plan.dangers.count; i++) {
		const struct plan_danger *danger = &runner->plan.dangers.items[i];

		if (plan_danger_is_note(danger))
			ask_fact(&ask, "note", "%s", danger->text);
		else
			ask_warn(&ask, "%s", danger->text);
	}
	step_ask(runner, &ask);
}
