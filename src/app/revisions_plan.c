/* The plan of an upgrade or downgrade, to be painted on the tree. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/app/revisions.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/canvas.h"
#include "pgrunbook/base/str.h"

/* What to call the body that somebody would be surprised by; NULL: none would be. */
static const char *
body_words(const struct script *script, bool upgrade, const char *const *words)
{
	enum script_body body = upgrade ? script->upgrade.body : script->downgrade.body;

	/* What does nothing has nothing to take back: a merge, mostly. */
	if (body == BODY_EMPTY && (upgrade || script->upgrade.body == BODY_EMPTY))
		return NULL;
	return words[body];
}

const char *
script_body_words(const struct script *script, bool upgrade)
{
	static const char *const words[2][BODY_ELSEWHERE + 1] = {
		{ [BODY_MISSING] = "no downgrade",
			[BODY_EMPTY] = "empty downgrade",
			[BODY_RAISES] = "downgrade raises" },
		{ [BODY_MISSING] = "no upgrade", [BODY_RAISES] = "upgrade raises" },
	};

	return body_words(script, upgrade, words[upgrade]);
}

const char *
script_body_mark(const struct script *script, bool upgrade)
{
	static const char *const words[2][BODY_ELSEWHERE + 1] = {
		{ [BODY_MISSING] = "down: none",
			[BODY_EMPTY] = "down: empty",
			[BODY_RAISES] = "down: raises" },
		{ [BODY_MISSING] = "up: none", [BODY_RAISES] = "up: raises" },
	};

	return body_words(script, upgrade, words[upgrade]);
}

void
plan_view_clear(struct plan_view *view)
{
	free(view->target);
	free(view->refused);
	free(view->step_of);
	free(view->marks);
	plan_free(&view->plan);
	*view = (struct plan_view){ 0 };
}

/* What keeps a plan from being made at all; static, or NULL. */
static const char *
plan_obstacle(const struct app *app)
{
	if (app->tree == NULL)
		return "the revision tree isn't read";
	if (app->snapshot == NULL)
		return "the database isn't read yet: where it stands isn't known";
	switch (app->snapshot->version.table) {
	case VERSION_TABLE_READ:
	case VERSION_TABLE_MISSING:
		return NULL;
	case VERSION_TABLE_UNSAFE:
		return "the version table isn't safe to read: where the database "
		       "stands isn't known";
	case VERSION_TABLE_NOT_PERMITTED:
		return "the version table may not be read: where the database stands "
		       "isn't known";
	default:
		return "where the database stands isn't known";
	}
}

/*
 * The dangers that a step can be marked with: what concerns all of them is told beside
 * the plan, and a body that isn't real has its own mark.
 */
static const char *
danger_mark(enum plan_danger_kind kind)
{
	switch (kind) {
	case PLAN_LONG_ID:
		return "id too long";
	case PLAN_OTHER_BRANCHES:
		return "another branch";
	case PLAN_LEAVES_BRANCH:
		return "leaves the branch";
	case PLAN_DEPENDENTS:
		return "depends on it";
	case PLAN_COMMITS:
		return "commits";
	default:
		return NULL;
	}
}

static void
plan_view_mark(struct plan_view *view, size_t revisions)
{
	view->marks = alloc_zeroed(revisions, sizeof(*view->marks));
	for (size_t i = 0; i < view->plan.dangers.count; i++) {
		const struct plan_danger *danger = &view->plan.dangers.items[i];

		for (size_t k = 0; k < danger->revisions.count; k++) {
			const char **mark = &view->marks[danger->revisions.items[k]];

			*mark = *mark != NULL ? *mark : danger_mark(danger->kind);
		}
	}
}

static void
plan_view_fill(struct app *app, struct plan_view *view)
{
	const char *obstacle = plan_obstacle(app);
	struct error error = { 0 };

	if (obstacle != NULL) {
		view->refused = alloc_copy(obstacle);
		return;
	}
	if (!plan_make_at(app->tree, view->direction, view->target,
		    &app->snapshot->version, &view->plan, &error)) {
		view->refused = alloc_copy(error.message);
		error_clear(&error);
		plan_free(&view->plan);
		return;
	}
	view->step_of = alloc_zeroed(tree_count(app->tree), sizeof(*view->step_of));
	for (size_t i = 0; i < view->plan.count; i++) {
		int revision = view->plan.steps[i].revision;

		view->step_of[revision] = i + 1;
		view->not_real +=
			script_body_words(&tree_at(app->tree, revision)->script,
				view->direction == PLAN_UPGRADE) != NULL;
	}
	plan_view_mark(view, tree_count(app->tree));
}

static void
plan_view_relist(struct app *app)
{
	app_revisions_relist(app);
	app_settle_pane(app, PANE_REVISIONS);
}

void
app_plan_renew(struct app *app)
{
	struct plan_view *view = &app->revisions_view.plan;
	struct plan_view anew = { .direction = view->direction,
		.target = alloc_copy(view->target) };

	if (anew.target != NULL)
		plan_view_fill(app, &anew);
	plan_view_clear(view);
	*view = anew;
}

void
app_plan_show(struct app *app, enum plan_direction direction, const char *target)
{
	struct plan_view *view = &app->revisions_view.plan;
	char *name = alloc_copy(target);

	free(view->target);
	view->target = name;
	view->direction = direction;
	app_plan_renew(app);
	plan_view_relist(app);
}

void
app_plan_end(struct app *app)
{
	plan_view_clear(&app->revisions_view.plan);
	plan_view_relist(app);
}

void
app_plan_selected(struct app *app)
{
	const struct plan_view *view = &app->revisions_view.plan;
	int revision = app_need_revision(app);

	if (revision == TREE_NONE)
		return;
	const char *id = tree_at(app->tree, revision)->script.revision;
	unsigned state = app->revisions.state[revision];
	if (view->target != NULL && strcmp(view->target, id) == 0)
		app_plan_end(app);
	else if ((state & REVISION_CURRENT) && app->status.current.count == 1)
		app_say(app, false, "the database is at %s: nothing to do", id);
	else
		app_plan_show(app,
			state & REVISION_APPLIED ? PLAN_DOWNGRADE : PLAN_UPGRADE, id);
}

void
app_plan_command(struct app *app, const char *argument)
{
	size_t length = strcspn(argument, " \t");
	const char *target = argument + length + strspn(argument + length, " \t");
	bool upgrade = length > 0 && strncmp(argument, "upgrade", length) == 0;
	bool downgrade = length > 0 && strncmp(argument, "downgrade", length) == 0;

	if (*argument == '\0') {
		app_plan_end(app);
		return;
	}
	if ((!upgrade && !downgrade) || *target == '\0') {
		app_say(app, true,
			"say which way and where to: plan upgrade head, "
			"plan downgrade -1");
		return;
	}
	app->focus = PANE_REVISIONS;
	app->overlay = OVERLAY_NONE;
	app_plan_show(app, upgrade ? PLAN_UPGRADE : PLAN_DOWNGRADE, target);
}

char *
app_plan_words(const struct app *app)
{
	const struct plan_view *view = &app->revisions_view.plan;
	const char *way = view->direction == PLAN_UPGRADE ? "upgrade" : "downgrade";
	struct str words = { 0 };

	str_printf(&words, "%s to %s: ", way, view->target);
	if (view->refused != NULL) {
		str_printf(&words, "refused");
	} else if (view->plan.refused) {
		str_add(&words, "nobody means that");
	} else if (view->plan.count == 0) {
		str_add(&words, "nothing to do");
	} else {
		str_printf(&words, "%zu step%s", view->plan.count,
			view->plan.count == 1 ? "" : "s");
		if (view->not_real != 0)
			str_printf(
				&words, ", %zu without real %s", view->not_real, way);
	}
	return str_take(&words);
}

/* What was refused and why, or the version table's rows when it is done. */
static char *
app_plan_outcome(const struct app *app)
{
	const struct plan_view *view = &app->revisions_view.plan;
	const struct strlist *rows = &view->plan.rows_after;
	struct str words = { 0 };

	if (view->refused != NULL)
		return alloc_copy(view->refused);
	char *names = strlist_join(rows, ", ");
	str_printf(&words, "then at %s", rows->count == 0 ? "base" : names);
	free(names);
	if (view->plan.dangers.count > 1)
		str_printf(&words, "; %zu dangers, Enter lists them",
			view->plan.dangers.count);
	if (view->plan.dangers.count != 0)
		str_printf(&words, "; %s", view->plan.dangers.items[0].text);
	return str_take(&words);
}

char *
app_plan_text(const struct app *app)
{
	char *words = app_plan_words(app), *outcome = app_plan_outcome(app);
	char *text = alloc_printf("%s; %s", words, outcome);

	free(words);
	free(outcome);
	return text;
}

int
app_plan_rows(const struct app *app, int rows)
{
	const struct layout *layout = &app->layout;
	int columns = layout->panes[PANE_REVISIONS].columns;
	int most = rows < 8 ? 1 : rows < 16 ? 2 : 3;

	if (app->revisions_view.plan.target == NULL || rows < 3)
		return 0;
	char *text = app_plan_text(app);
	struct area inside = { .columns = columns - (layout->framed ? 2 : 0) - 1 };
	int needed = area_wrap(inside, 0, ROLE_TEXT, text);
	free(text);
	return needed < 1 ? 1 : needed < most ? needed : most;
}
