/* The rows of the pane Revisions: what is folded, and which row a thing is in. */
#include "pgrunbook/app/revisions.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/alloc.h"

/* What an identity begins with that isn't a revision's id. */
static const char problem_mark[] = "problem ", unknown_mark[] = "unknown ";

void
revisions_view_free(struct revisions_view *view)
{
	strlist_free(&view->open);
	plan_view_clear(&view->plan);
	*view = (struct revisions_view){ 0 };
}

bool
app_revisions_folded(const struct app *app)
{
	enum fold_wish wish = app->revisions_view.wish;

	if (wish != FOLD_BY_SIZE)
		return wish == FOLD_ALL;
	return app->tree != NULL && tree_count(app->tree) > REVISIONS_FOLD_FROM;
}

/* What is never folded: the steps of the plan that need a look. */
static bool *
revisions_kept(const struct app *app)
{
	const struct plan_view *view = &app->revisions_view.plan;
	bool upgrade = view->direction == PLAN_UPGRADE;

	if (view->step_of == NULL)
		return NULL;
	bool *kept = alloc_zeroed(tree_count(app->tree), sizeof(*kept));
	for (size_t i = 0; i < view->plan.count; i++) {
		int revision = view->plan.steps[i].revision;

		kept[revision] =
			script_body_words(
				&tree_at(app->tree, revision)->script, upgrade) != NULL;
	}
	return kept;
}

void
app_revisions_relist(struct app *app)
{
	if (app->tree == NULL)
		return;
	const struct strlist *names = &app->revisions_view.open;
	bool *open = alloc_zeroed(tree_count(app->tree), sizeof(*open));
	bool *kept = revisions_kept(app);

	for (size_t i = 0; i < names->count; i++) {
		int revision = tree_find(app->tree, names->items[i]);

		if (revision != TREE_NONE)
			open[revision] = true;
	}
	revisions_list(&app->revisions, app->tree, &app->status,
		app_revisions_folded(app), open, kept);
	free(open);
	free(kept);
}

void
app_revisions_take(struct app *app)
{
	revisions_free(&app->revisions);
	if (app->tree != NULL)
		revisions_make(app->tree, &app->revisions);
}

void
app_revisions_judge(struct app *app)
{
	if (app->tree != NULL)
		revisions_judge(&app->revisions, app->tree, &app->status);
	app_plan_renew(app);
	app_revisions_find(app);
	app_revisions_relist(app);
}

void
app_revisions_fold(struct app *app)
{
	bool folded = app_revisions_folded(app);

	strlist_free(&app->revisions_view.open);
	app->revisions_view.wish = folded ? FOLD_NOTHING : FOLD_ALL;
	app_revisions_relist(app);
	if (!folded && app->revisions.folds == 0)
		app_say(app, false, "there is no long run to fold here");
}

/* Opens the fold that a revision is in. */
static void
revisions_open_at(struct app *app, int revision)
{
	size_t row = revisions_row_of(&app->revisions, revision);

	if (app->revisions.rows[row].kind != REVISIONS_FOLD)
		return;
	strlist_add(&app->revisions_view.open,
		tree_at(app->tree, revision)->script.revision);
	app_revisions_relist(app);
}

bool
app_revisions_open_fold(struct app *app)
{
	size_t row = app->panes[PANE_REVISIONS].row;

	if (row >= app->revisions.count ||
		app->revisions.rows[row].kind != REVISIONS_FOLD)
		return false;
	app_revisions_show(app, revisions_fold_first(&app->revisions, row));
	return true;
}

void
app_revisions_close_fold(struct app *app)
{
	struct strlist *open = &app->revisions_view.open;
	int revision = app_selected_revision(app);
	size_t first, last, left = 0;

	if (revision == TREE_NONE)
		return;
	bool *kept = revisions_kept(app);
	bool run = revisions_run(
		&app->revisions, app->tree, kept, revision, &first, &last);
	free(kept);
	if (!run) {
		app_say(app, false, "this revision is not in a long run");
		return;
	}
	/* Where nothing is folded, all else stays open. */
	if (!app_revisions_folded(app)) {
		app_say(app, false, "f folds the long runs");
		return;
	}
	for (size_t i = 0; i < open->count; i++) {
		int other = tree_find(app->tree, open->items[i]);
		size_t row = other == TREE_NONE
				     ? SIZE_MAX
				     : lanes_row_of(&app->revisions.lanes, other);

		if (row >= first && row <= last)
			free(open->items[i]);
		else
			open->items[left++] = open->items[i];
	}
	open->count = left;
	app_revisions_relist(app);
	app_settle_pane(app, PANE_REVISIONS);
}

void
app_revisions_close_after(struct app *app, size_t count)
{
	struct strlist *open = &app->revisions_view.open;

	if (open->count <= count)
		return;
	while (open->count > count)
		free(open->items[--open->count]);
	app_revisions_relist(app);
}

void
app_revisions_show(struct app *app, int revision)
{
	struct pane_state *state = &app->panes[PANE_REVISIONS];

	revisions_open_at(app, revision);
	free(state->selected);
	state->selected = alloc_copy(tree_at(app->tree, revision)->script.revision);
	app_settle_pane(app, PANE_REVISIONS);
}

char *
app_revisions_identity(const struct app *app, size_t row)
{
	const struct revisions_row *at = &app->revisions.rows[row];
	const struct strlist *problems = tree_problems(app->tree);

	switch (at->kind) {
	case REVISIONS_PROBLEM:
		return alloc_printf("%s%s", problem_mark, problems->items[at->index]);
	case REVISIONS_MORE:
		return alloc_copy(problem_mark);
	case REVISIONS_UNKNOWN:
		return alloc_printf(
			"%s%s", unknown_mark, app->status.unknown.items[at->index]);
	case REVISIONS_REVISION:
	case REVISIONS_FOLD:
		break;
	}
	int revision = revisions_fold_first(&app->revisions, row);
	return alloc_copy(tree_at(app->tree, revision)->script.revision);
}

/* The id of a row of the version table that no script has; NULL: it is none. */
static const char *
unknown_id(const char *identity)
{
	size_t mark = sizeof(unknown_mark) - 1;

	return strncmp(identity, unknown_mark, mark) == 0 ? identity + mark : NULL;
}

/* A file that comes makes a revision of an unknown row; one that goes, the reverse. */
ptrdiff_t
app_revisions_find_row(const struct app *app, const char *identity)
{
	const char *id = unknown_id(identity);
	int revision = TREE_NONE;

	if (app->tree == NULL)
		return -1;
	revision = tree_find(app->tree, identity);
	if (revision == TREE_NONE && id != NULL)
		revision = tree_find(app->tree, id);
	if (revision != TREE_NONE)
		return (ptrdiff_t)revisions_row_of(&app->revisions, revision);
	for (size_t row = 0; row < app->revisions.count; row++) {
		if (app->revisions.rows[row].kind > REVISIONS_UNKNOWN)
			break;
		char *other = app_revisions_identity(app, row);
		const char *other_id = unknown_id(other);
		bool same = strcmp(other, identity) == 0 ||
			    (other_id != NULL && strcmp(other_id, identity) == 0);
		free(other);
		if (same)
			return (ptrdiff_t)row;
	}
	return -1;
}
