/* Going to a revision by what it is; and what else the keys of the pane do. */
#include <stdint.h>
#include <stdlib.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/app/revisions.h"
#include "pgrunbook/model/place.h"

/* The one of the list that comes after the selected one; its first if none does. */
static void
jump_to_next(struct app *app, const struct tree_list *list)
{
	const struct lanes *lanes = &app->revisions.lanes;
	int selected = app_selected_revision(app);
	size_t from = selected == TREE_NONE ? 0 : lanes_row_of(lanes, selected);
	int first = TREE_NONE, next = TREE_NONE;

	for (size_t i = 0; i < list->count; i++) {
		int revision = list->items[i];
		size_t row = lanes_row_of(lanes, revision);

		if (first == TREE_NONE || row < lanes_row_of(lanes, first))
			first = revision;
		if (row > from &&
			(next == TREE_NONE || row < lanes_row_of(lanes, next)))
			next = revision;
	}
	app_revisions_show(app, next != TREE_NONE ? next : first);
	if (list->count > 1)
		app_say(app, false, "one of %zu: again for the next", list->count);
}

static bool
jump_has_tree(struct app *app)
{
	if (app->tree != NULL && app->revisions.lanes.count != 0)
		return true;
	app_say(app, true, "there is no revision to go to");
	return false;
}

void
app_revisions_current(struct app *app)
{
	if (!jump_has_tree(app))
		return;
	if (app->status.current.count != 0)
		jump_to_next(app, &app->status.current);
	else if (app->status.unknown.count != 0)
		app_say(app, true, "the database's revision is not in this tree");
	else if (app->revisions.judged)
		app_say(app, false, "nothing is applied: the database is at base");
	else
		app_say(app, true, "the database's revision isn't known");
}

void
app_revisions_head(struct app *app)
{
	if (!jump_has_tree(app))
		return;
	if (tree_heads(app->tree)->count != 0)
		jump_to_next(app, tree_heads(app->tree));
	else
		app_say(app, true, "the tree has no head");
}

void
app_revisions_fork(struct app *app, int direction)
{
	if (!jump_has_tree(app))
		return;
	const struct lanes *lanes = &app->revisions.lanes;
	size_t row = app->panes[PANE_REVISIONS].row;
	const struct revisions_row *at = &app->revisions.rows[row];
	/* Above the tree: one before its first row. */
	size_t from = at->kind >= REVISIONS_REVISION ? at->index : SIZE_MAX;

	/* Below 0 it is beyond the end, too. */
	for (size_t next = from + (size_t)direction; next < lanes->count;
		next += (size_t)direction) {
		const struct revision *it =
			tree_at(app->tree, lanes->rows[next].revision);

		if (it->branch_point || it->merge_point) {
			app_revisions_show(app, lanes->rows[next].revision);
			return;
		}
	}
	app_say(app, false, "no branch or merge point %s here",
		direction > 0 ? "below" : "above");
}

/* The root that the selected revision's first parents lead to. */
static int
jump_root(const struct app *app)
{
	int at = app_selected_revision(app);

	if (at == TREE_NONE)
		return app->revisions.lanes.rows[app->revisions.lanes.count - 1]
			.revision;
	/* In a circle there is none: whoever asks has gone round once. */
	for (size_t i = 0; i < tree_count(app->tree); i++) {
		const struct revision *it = tree_at(app->tree, at);

		if (it->parents.count == 0)
			break;
		at = it->parents.items[0];
	}
	return at;
}

void
app_revisions_goto(struct app *app, const char *name)
{
	struct error error = { 0 };
	int revision;

	if (!jump_has_tree(app))
		return;
	const struct strlist *rows =
		app->snapshot == NULL ? NULL : &app->snapshot->version.rows;
	if (!place_resolve(app->tree, name, rows, &revision, &error)) {
		app_say(app, true, "%s", error.message);
		error_clear(&error);
		return;
	}
	app->focus = PANE_REVISIONS;
	app->overlay = OVERLAY_NONE;
	app_revisions_show(app, revision == TREE_NONE ? jump_root(app) : revision);
}

void
app_revisions_act(struct app *app, int action)
{
	/* What lies over the panes hides what these would do. */
	if (app->overlay != OVERLAY_NONE)
		return;
	switch (action) {
	case ACT_PLAN:
		app_plan_selected(app);
		break;
	case ACT_FOLD:
		app_revisions_fold(app);
		break;
	case ACT_FOLD_OPEN:
		app_revisions_open_fold(app);
		break;
	case ACT_FOLD_CLOSE:
		app_revisions_close_fold(app);
		break;
	case ACT_TO_CURRENT:
		app_revisions_current(app);
		break;
	case ACT_TO_HEAD:
		app_revisions_head(app);
		break;
	default:
		app_revisions_fork(app, action == ACT_NEXT_FORK ? 1 : -1);
		break;
	}
}
