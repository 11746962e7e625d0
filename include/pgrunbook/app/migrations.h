/* The migrations on screen: those of the snapshot, and those that went just now. */
#ifndef PGRUNBOOK_APP_MIGRATIONS_H
#define PGRUNBOOK_APP_MIGRATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/model/migration.h"
#include "pgrunbook/model/session_rows.h"

struct app;

/* One that is no more, for as long as the header says so. */
struct migration_gone {
	struct session_key key;
	char *statement; /* its last; NULL: hidden */
	bool stays;	 /* the session is still there, but migrates no more */
	int64_t seen_us; /* when it was gone, our clock */
};

struct migrations {
	struct migration_list list; /* of app->snapshot */
	struct migration_gone *gone;
	size_t gone_count, gone_capacity;
	struct session_keys chosen; /* that the operator takes for migrations */
};

void migrations_free(struct migrations *migrations);

/* Before app->snapshot gives way to `next`: what of it is gone then. */
void app_migrations_leave(struct app *app, const struct snapshot *next);
/* After it: lists those of app->snapshot. */
void app_migrations_relist(struct app *app);
/* The one that went last and not long ago; NULL: there is none. */
const struct migration_gone *app_migration_gone(const struct app *app);

/* Takes the session under the cursor for a migration, or takes that back. */
void app_migration_act(struct app *app, int unused);
/* `:migration PID` takes another one, `:migration off` takes all choices back. */
void app_migration_command(struct app *app, const char *argument);

/* A row of the pane Progress: the migrations first, then what else progresses. */
struct progress_row {
	const struct migration *migration; /* NULL: another session */
	const struct progress *progress;   /* NULL: a migration of which nothing is
					    * counted */
};

size_t app_progress_rows(const struct app *app);
/* False: there is no such row. */
bool app_progress_row(const struct app *app, size_t row, struct progress_row *at);
/* Of the row; 0: there is none. */
struct session_key app_progress_key(const struct app *app, size_t row);

#endif
