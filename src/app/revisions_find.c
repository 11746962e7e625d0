/*
 * Looking through the pane Revisions.  Its things are the rows above the tree and then
 * every revision, folded or not; which revisions match is found once per text.
 */
#include <stdlib.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/app/find.h"
#include "pgrunbook/app/revisions.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/operation.h"

/* The rows above the tree. */
static size_t
revisions_above(const struct app *app)
{
	size_t row = 0;

	while (row < app->revisions.count &&
		app->revisions.rows[row].kind <= REVISIONS_UNKNOWN)
		row++;
	return row;
}

/* The words that a row says about its revision: what is seen is found. */
static bool
state_matches(const struct app *app, int revision, const char *needle)
{
	const struct revision *it = tree_at(app->tree, revision);
	unsigned state = app->revisions.state[revision];

	return (it->head && find_in(needle, "head")) ||
	       (it->base && find_in(needle, "base")) ||
	       (it->branch_point && find_in(needle, "branch point")) ||
	       (it->merge_point && find_in(needle, "merge point")) ||
	       ((state & REVISION_CURRENT) && find_in(needle, "current")) ||
	       ((state & REVISION_PENDING) && find_in(needle, "pending")) ||
	       find_in(needle, script_body_words(&it->script, false)) ||
	       find_in(needle, script_body_mark(&it->script, false));
}

static bool
revision_matches(const struct app *app, int revision, const char *needle)
{
	const struct revision *it = tree_at(app->tree, revision);
	char *const *calls = app->revisions_view.calls;

	if (find_in(needle, it->script.revision) || find_in(needle, it->script.message))
		return true;
	/* Where it is declared: all that comes after it has the label, too. */
	for (size_t i = 0; i < it->script.branch_labels.count; i++) {
		if (find_in(needle, it->script.branch_labels.items[i]))
			return true;
	}
	return (calls != NULL && find_in(needle, calls[revision])) ||
	       state_matches(app, revision, needle);
}

void
app_revisions_find(struct app *app)
{
	struct revisions_view *view = &app->revisions_view;

	free(view->hits);
	view->hits = NULL;
	if (app->find.needle == NULL || app->tree == NULL)
		return;
	view->hits = alloc_zeroed(tree_count(app->tree), sizeof(*view->hits));
	for (size_t i = 0; i < tree_count(app->tree); i++)
		view->hits[i] = revision_matches(app, (int)i, app->find.needle);
}

size_t
app_revisions_fold_hits(const struct app *app, size_t row)
{
	const struct revisions_row *fold = &app->revisions.rows[row];
	size_t hits = 0;

	for (size_t i = 0; app->revisions_view.hits != NULL && i < fold->count; i++)
		hits += app->revisions_view.hits
				[app->revisions.lanes.rows[fold->index + i].revision];
	return hits;
}

size_t
app_revisions_things(const struct app *app)
{
	return revisions_above(app) + app->revisions.lanes.count;
}

size_t
app_revisions_thing(const struct app *app)
{
	size_t row = app->panes[PANE_REVISIONS].row, above = revisions_above(app);

	return row < above || row >= app->revisions.count
		       ? row
		       : above + app->revisions.rows[row].index;
}

bool
app_revisions_thing_matches(const struct app *app, size_t thing)
{
	size_t above = revisions_above(app);

	if (thing >= above)
		return app->revisions_view.hits != NULL &&
		       app->revisions_view
			       .hits[app->revisions.lanes.rows[thing - above].revision];
	char *identity = app_revisions_identity(app, thing);
	bool found = find_in(app->find.needle, identity);
	free(identity);
	return found;
}

void
app_revisions_select(struct app *app, size_t thing)
{
	size_t above = revisions_above(app);

	if (thing < above)
		app_move_to(app, PANE_REVISIONS, thing);
	else
		app_revisions_show(
			app, app->revisions.lanes.rows[thing - above].revision);
}

void
app_want_calls(struct app *app)
{
	struct revisions_view *view = &app->revisions_view;

	if (view->calls != NULL || app->tree == NULL || tree_count(app->tree) == 0)
		return;
	view->calls = alloc_zeroed(tree_count(app->tree), sizeof(*view->calls));
	app_request(app, REQUEST_CALLS);
}

bool
app_calls_next(const struct app *app, int *revision)
{
	const struct revisions_view *view = &app->revisions_view;

	if (view->calls == NULL || view->calls_read >= tree_count(app->tree))
		return false;
	*revision = (int)view->calls_read;
	return true;
}

void
app_take_calls(struct app *app, const struct script_operations *operations)
{
	const struct script_calls *const sides[] = { &operations->upgrade,
		&operations->downgrade };
	struct revisions_view *view = &app->revisions_view;
	struct str text = { 0 };

	for (size_t side = 0; side < 2; side++) {
		for (size_t i = 0; i < sides[side]->count; i++) {
			const struct script_call *call = &sides[side]->items[i];
			char *target = script_call_target(call);

			str_printf(
				&text, "%s %s\n%s\n", call->name, target, call->text);
			free(target);
		}
	}
	view->calls[view->calls_read++] = str_take(&text);
	if (view->calls_read == tree_count(app->tree))
		app_find_again(app);
}

void
revisions_view_forget(struct revisions_view *view, size_t count)
{
	for (size_t i = 0; view->calls != NULL && i < count; i++)
		free(view->calls[i]);
	free(view->calls);
	free(view->hits);
	view->calls = NULL;
	view->calls_read = 0;
	view->hits = NULL;
}
