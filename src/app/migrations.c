#include "pgrunbook/app/migrations.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/alloc.h"

enum { GONE_US = 15 * 1000 * 1000 }; /* long enough to be seen, and no longer */

static void
migrations_forget_gone(struct migrations *migrations, size_t at)
{
	char *statement = migrations->gone[at].statement;

	/* The last one takes its place. */
	migrations->gone[at] = migrations->gone[--migrations->gone_count];
	free(statement);
}

void
migrations_free(struct migrations *migrations)
{
	for (size_t i = 0; i < migrations->gone_count; i++)
		free(migrations->gone[i].statement);
	free(migrations->gone);
	session_keys_free(&migrations->chosen);
	migration_list_free(&migrations->list);
	*migrations = (struct migrations){ 0 };
}

/* What went long ago, and what is back. */
static void
migrations_tidy(struct app *app, const struct snapshot *next)
{
	struct migrations *migrations = &app->migrations;

	for (size_t i = migrations->gone_count; i-- > 0;) {
		const struct migration_gone *gone = &migrations->gone[i];
		const struct session *session =
			session_find_key(&next->sessions, gone->key);

		if ((session != NULL && session->migration) ||
			app->now_us - gone->seen_us > GONE_US)
			migrations_forget_gone(migrations, i);
	}
}

void
app_migrations_leave(struct app *app, const struct snapshot *next)
{
	struct migrations *migrations = &app->migrations;

	migrations_tidy(app, next);
	session_keys_keep(&migrations->chosen, &next->sessions);
	for (size_t i = 0; i < migrations->list.count; i++) {
		const struct session *before = migrations->list.items[i].session;
		struct session_key key = session_key_of(before);
		const struct session *now = session_find_key(&next->sessions, key);

		if (now != NULL && now->migration)
			continue;
		migrations->gone = alloc_room(migrations->gone, migrations->gone_count,
			&migrations->gone_capacity, sizeof(*migrations->gone));
		migrations->gone[migrations->gone_count++] = (struct migration_gone){
			.key = key,
			.statement = alloc_copy(before->query),
			.stays = now != NULL,
			.seen_us = app->now_us,
		};
	}
	migrations->list.count = 0; /* they point into what goes */
}

void
app_migrations_relist(struct app *app)
{
	if (app->snapshot != NULL)
		migration_list_make(app->snapshot, &app->migrations.list);
}

const struct migration_gone *
app_migration_gone(const struct app *app)
{
	const struct migrations *migrations = &app->migrations;
	const struct migration_gone *last = NULL;

	for (size_t i = 0; i < migrations->gone_count; i++) {
		const struct migration_gone *gone = &migrations->gone[i];

		if (app->now_us - gone->seen_us <= GONE_US &&
			(last == NULL || gone->seen_us >= last->seen_us))
			last = gone;
	}
	return last;
}

static void
migration_choose(struct app *app, const struct session *session, bool on)
{
	struct session_keys *chosen = &app->migrations.chosen;

	if (on)
		session_keys_add(chosen, session_key_of(session));
	else
		session_keys_remove(chosen, session_key_of(session));
	app_request(app, REQUEST_MIGRATION);
	app_say(app, false,
		on ? "%d is taken for the migration: :migration off takes that back"
		   : "%d is not taken for the migration any more",
		session->pid);
}

void
app_migration_act(struct app *app, int unused)
{
	const struct lock_row *lock = app_selected_lock(app);
	const struct session *session = app->focus == PANE_SESSIONS
						? app_selected_session(app)
					: lock == NULL ? NULL
						       : lock->session;

	(void)unused;
	if (session == NULL) {
		app_say(app, true, "no session is selected");
		return;
	}
	bool chosen =
		session_keys_has(&app->migrations.chosen, session_key_of(session));
	if (session->own)
		app_say(app, true, "%d is the console's own session", session->pid);
	else if (session->migration && !chosen)
		app_say(app, false, "%d is known to be the migration already",
			session->pid);
	else
		migration_choose(app, session, !chosen);
}

void
app_migration_command(struct app *app, const char *argument)
{
	struct session_keys *chosen = &app->migrations.chosen;
	char *end;
	long pid = strtol(argument, &end, 10);

	if (strcmp(argument, "off") == 0) {
		app_say(app, false, "%s",
			chosen->count == 0 ? "no session was taken for the migration"
					   : "what was chosen is taken back");
		session_keys_free(chosen);
		app_request(app, REQUEST_MIGRATION);
		return;
	}
	if (*argument == '\0') {
		app_say(app, true, "which session? :migration PID, :migration off");
		return;
	}
	if (*end != '\0' || pid <= 0 || pid > INT32_MAX) {
		app_say(app, true, "\"%s\" is no pid: :migration PID, :migration off",
			argument);
		return;
	}
	const struct session *session =
		app->snapshot == NULL
			? NULL
			: session_find(&app->snapshot->sessions, (int)pid);
	if (session == NULL)
		app_say(app, true, "there is no session %ld", pid);
	else if (session->own)
		app_say(app, true, "%ld is the console's own session", pid);
	else
		migration_choose(app, session, true);
}

bool
app_progress_row(const struct app *app, size_t row, struct progress_row *at)
{
	const struct migration_list *migrations = &app->migrations.list;

	*at = (struct progress_row){ NULL, NULL };
	if (app->snapshot == NULL)
		return false;
	if (row < migrations->count) {
		at->migration = &migrations->items[row];
		at->progress = at->migration->progress;
		return true;
	}
	row -= migrations->count;
	for (size_t i = 0; i < app->snapshot->progress.count; i++) {
		const struct progress *progress = &app->snapshot->progress.items[i];

		if (migration_find(migrations, progress->pid) != NULL || row-- != 0)
			continue;
		at->progress = progress;
		return true;
	}
	return false;
}

size_t
app_progress_rows(const struct app *app)
{
	const struct migration_list *migrations = &app->migrations.list;
	size_t rows = migrations->count;

	for (size_t i = 0; app->snapshot != NULL && i < app->snapshot->progress.count;
		i++)
		rows += migration_find(migrations,
				app->snapshot->progress.items[i].pid) == NULL;
	return rows;
}

struct session_key
app_progress_key(const struct app *app, size_t row)
{
	struct progress_row at;

	if (!app_progress_row(app, row, &at))
		return (struct session_key){ 0, 0 };
	if (at.migration != NULL)
		return session_key_of(at.migration->session);
	return (struct session_key){ at.progress->pid, at.progress->backend_start_us };
}
