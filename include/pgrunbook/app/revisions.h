/*
 * What the operator does in the pane Revisions: folding, jumping, looking at the plan
 * of a migration, reading a revision's file.
 */
#ifndef PGRUNBOOK_APP_REVISIONS_H
#define PGRUNBOOK_APP_REVISIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/base/str.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/plan.h"
#include "pgrunbook/model/revisions.h"

struct app;

/* By the tree's size until the operator says otherwise. */
enum fold_wish { FOLD_BY_SIZE, FOLD_ALL, FOLD_NOTHING };

/* A plan that is painted on the tree. */
struct plan_view {
	char *target; /* NULL: none is shown */
	enum plan_direction direction;
	char *refused;	    /* why there is no plan; NULL */
	struct plan plan;   /* unless refused */
	size_t *step_of;    /* by revision: its step from 1 on; 0: it is none */
	const char **marks; /* by revision: a danger in a few words, or NULL; static */
	size_t not_real;    /* steps that won't do what one of that direction should */
};

/* The file of the revision that is looked at. */
struct file_view {
	char *problem;	 /* why it can't be read; NULL */
	struct str text; /* fit for the screen, lines with '\n' */
	size_t *lines;	 /* where each begins */
	size_t line_count, line_capacity;
	bool cut; /* the file is longer */
};

/* More of a file is not read for the screen. */
enum { FILE_VIEW_BYTES = 256 << 10 };

struct revisions_view {
	enum fold_wish wish;
	struct strlist open; /* ids: runs with one of them aren't folded */
	struct plan_view plan;
	/*
	 * The calls of each revision's script, read when something is looked for: NULL
	 * until then, and of those that aren't read yet.
	 */
	char **calls;
	size_t calls_read;
	bool *hits; /* by revision: what is looked for is in it; NULL: nothing is */
};

void revisions_view_free(struct revisions_view *view);
void plan_view_clear(struct plan_view *view);
/* Forgets what is known of each of the tree's `count` revisions. */
void revisions_view_forget(struct revisions_view *view, size_t count);

/* The tree is another one. */
void app_revisions_take(struct app *app);
/* The database stands elsewhere, or the tree is another one. */
void app_revisions_judge(struct app *app);

/* Lists the rows again: what is folded changed. */
void app_revisions_relist(struct app *app);
bool app_revisions_folded(const struct app *app);
/* Folds all runs, or none. */
void app_revisions_fold(struct app *app);
/* Opens the selected fold; false if no fold is selected. */
bool app_revisions_open_fold(struct app *app);
/* Folds the run that the selected revision is in. */
void app_revisions_close_fold(struct app *app);

/* Closes the folds that were opened since `count` were open. */
void app_revisions_close_after(struct app *app, size_t count);

/* Selects a revision, and opens the fold that it is in. */
void app_revisions_show(struct app *app, int revision);
void app_revisions_current(struct app *app);
void app_revisions_head(struct app *app);
/* The next branch or merge point, downwards (1) or upwards (-1). */
void app_revisions_fork(struct app *app, int direction);
/* `name` as Alembic's command line has it; base: the root below the selected one. */
void app_revisions_goto(struct app *app, const char *name);

/* The pane's own actions, by their enum action_id. */
void app_revisions_act(struct app *app, int action);

/* The row's identity (the caller owns it), and the row of one; -1: there is none. */
char *app_revisions_identity(const struct app *app, size_t row);
ptrdiff_t app_revisions_find_row(const struct app *app, const char *identity);

/* What an upgrade or downgrade to `target` would take, painted on the tree. */
void app_plan_show(struct app *app, enum plan_direction direction, const char *target);
/* To the selected revision; a second time it ends. */
void app_plan_selected(struct app *app);
void app_plan_end(struct app *app);
/* The plan that is shown, from where the database stands now. */
void app_plan_renew(struct app *app);
/* "upgrade TARGET", "downgrade TARGET"; nothing ends it. */
void app_plan_command(struct app *app, const char *argument);
/* What the plan is, in a few words, and with what comes of it; for the caller. */
char *app_plan_words(const struct app *app);
char *app_plan_text(const struct app *app);
/* How many of a pane's rows the text takes: at most three, fewer where there are few.
 */
int app_plan_rows(const struct app *app, int rows);
/* Whether this script's part in a migration isn't what one expects: in words, or NULL;
 * static. */
const char *script_body_words(const struct script *script, bool upgrade);
/* The same, short: "down: empty". */
const char *script_body_mark(const struct script *script, bool upgrade);

/* Asks for all scripts' calls to be read, once. */
void app_want_calls(struct app *app);
/* The next revision whose calls are wanted; false if no more are. */
bool app_calls_next(const struct app *app, int *revision);
/* What its script calls. */
void app_take_calls(struct app *app, const struct script_operations *operations);

/* The text of the file app->operations_path; takes over nothing. */
void app_take_file(struct app *app, const char *bytes, size_t length, bool cut,
	const char *problem);
void file_view_clear(struct file_view *file);

#endif
