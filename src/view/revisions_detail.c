/* A revision on the whole screen: what it is, what it does, and its file. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/model/operation.h"
#include "pgrunbook/model/tree_problems.h"
#include "pgrunbook/view/revisions.h"

/* A longer name of an operation doesn't move what stands beside the others. */
enum { NAME_WIDEST = 26 };

static char *
detail_names(const struct app *app, const struct tree_list *list)
{
	struct str out = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		const struct script *script =
			&tree_at(app->tree, list->items[i])->script;

		str_printf(&out, "%s%s %s", i == 0 ? "" : "\n", script->revision,
			script->message == NULL ? "" : script->message);
	}
	return str_take(&out);
}

static void
detail_list(const struct app *app, struct flow *flow, const char *label,
	const struct tree_list *list)
{
	char *names = detail_names(app, list);

	flow_fact(flow, label, names);
	free(names);
}

/*
 * What is called, on what, and the whole call: on lines of its own if it has no room
 * beside that.
 */
static void
detail_call(struct flow *flow, const struct script_call *call, int name_width)
{
	char *target = script_call_target(call);
	char *head = alloc_printf("%-*s  %s%s%s%s", name_width, call->name, target,
		call->via == NULL ? ""
		: *target == '\0' ? "in "
				  : "  in ",
		call->via == NULL ? "" : call->via, call->via == NULL ? "" : "()");
	char *line = alloc_printf("%s%s%s", head,
		*target == '\0' && call->via == NULL ? "" : "   ", call->text);

	if (text_width(line) <= flow->area.columns - 2) {
		flow_text(flow, ROLE_TEXT, 2, line);
	} else {
		flow_text(flow, ROLE_TEXT, 2, head);
		flow_text(flow, ROLE_DIM, 4, call->text);
	}
	free(line);
	free(head);
	free(target);
}

/* The width of the longest name. */
static int
detail_name_width(const struct script_calls *calls)
{
	int width = 0;

	for (size_t i = 0; i < calls->count; i++) {
		int name = text_width(calls->items[i].name);

		width = name > width && name <= NAME_WIDEST ? name : width;
	}
	return width;
}

static void
detail_body(struct flow *flow, const char *label,
	const struct script_function *function, const struct script_calls *calls)
{
	static const char *const words[] = {
		[BODY_MISSING] = "missing: there is no such function",
		[BODY_EMPTY] = "empty: it does nothing",
		[BODY_RAISES] = "refuses: it raises at once",
		[BODY_REAL] = "real",
		[BODY_ELSEWHERE] = "elsewhere: it is imported or assigned",
	};

	int name_width = detail_name_width(calls);

	flow_gap(flow);
	flow_printf(flow, ROLE_HEADING, 0, "%s: %s", label, words[function->body]);
	for (size_t i = 0; i < calls->count; i++)
		detail_call(flow, &calls->items[i], name_width);
	if (calls->more)
		flow_text(flow, ROLE_WARNING, 2,
			"and more than can be listed: read the file");
}

/* Where it stands to the database. */
static const char *
detail_state(unsigned state)
{
	if (state & REVISION_CURRENT)
		return "current: the version table names it";
	if (state & REVISION_APPLIED)
		return "yes: applied";
	return state & REVISION_PENDING ? "no: pending" : "unknown";
}

static void
detail_place(const struct revision *it, struct flow *flow)
{
	const char *head =
		it->real_head ? "head" : "effective head: another branch depends on it";

	flow_fact(flow, "place",
		it->head && it->base ? "head and base"
		: it->head	     ? head
		: it->base	     ? "base"
				     : NULL);
	flow_fact(flow, "kind",
		it->merge_point && it->branch_point ? "merge point and branch point"
		: it->merge_point		    ? "merge point"
		: it->branch_point		    ? "branch point"
						    : NULL);
}

/* The revision's step in the plan that is painted on the tree; NULL: it has none. */
static char *
detail_step(const struct app *app, int revision)
{
	const struct plan_view *view = &app->revisions_view.plan;
	size_t number = view->step_of == NULL ? 0 : view->step_of[revision];

	if (number == 0)
		return NULL;
	struct strlist rows = { 0 };
	strlist_copy(&rows, &view->plan.rows_before);
	for (size_t i = 0; i < number; i++)
		plan_step_move(app->tree, &view->plan.steps[i], &rows);
	char *after = strlist_join(&rows, ", ");
	char *words = alloc_printf("step %zu of %zu of the %s to %s; then at %s",
		number, view->plan.count,
		view->direction == PLAN_UPGRADE ? "upgrade" : "downgrade", view->target,
		*after == '\0' ? "base" : after);
	strlist_free(&rows);
	free(after);
	return words;
}

/* Its part in the plan, and all that the pane has no room for, whichever it is. */
static void
detail_plan(const struct app *app, int revision, struct flow *flow)
{
	const struct plan_view *view = &app->revisions_view.plan;

	if (view->target == NULL)
		return;
	char *step = detail_step(app, revision), *whole = app_plan_words(app);
	if (step != NULL)
		flow_fact(flow, "in the plan", step);
	else
		flow_fact(flow, "the plan", whole);
	free(step);
	free(whole);
	flow_text(flow, ROLE_ALERT, 0, view->refused);
	for (size_t i = 0; i < view->plan.dangers.count; i++)
		flow_printf(flow,
			plan_danger_is_note(&view->plan.dangers.items[i]) ? ROLE_WARNING
									  : ROLE_ALERT,
			0, "! %s", view->plan.dangers.items[i].text);
}

/* What the file binds and doesn't tell. */
static void
detail_unclear(const struct script *script, struct flow *flow)
{
	const char *label = "computed";

	for (int name = 0; name < SCRIPT_NAMES; name++) {
		if (script->senses[name] == SCRIPT_CLEAR)
			continue;
		char *words = alloc_printf("%s is %s at line %d",
			script_name_text((enum script_name)name),
			script->senses[name] == SCRIPT_COMPUTED ? "computed"
								: "no revision id",
			script->lines[name]);
		flow_fact(flow, label, words);
		label = "";
		free(words);
	}
}

static void
detail_facts(const struct app *app, int revision, struct flow *flow)
{
	const struct revision *it = tree_at(app->tree, revision);
	char *labels = strlist_join(it->labels, ", ");

	flow_fact(flow, "in database", detail_state(app->revisions.state[revision]));
	detail_place(it, flow);
	detail_list(app, flow, "after", &it->parents);
	detail_list(app, flow, "before", &it->children);
	detail_list(app, flow, "depends on", &it->dependencies);
	detail_list(app, flow, "needed by", &it->dependents);
	flow_fact(flow, "labels", labels);
	flow_fact(flow, "file", it->script.path);
	detail_unclear(&it->script, flow);
	detail_plan(app, revision, flow);
	free(labels);
}

static void
detail_revision(const struct app *app, int revision, struct flow *flow)
{
	const struct revision *it = tree_at(app->tree, revision);
	bool current = app->revisions.state[revision] & REVISION_CURRENT;
	const char *message = it->script.message == NULL ? "" : it->script.message;

	flow_printf(flow, current ? ROLE_CURRENT : ROLE_TITLE, 0, "%s  %s",
		it->script.revision, message);
	flow_gap(flow);
	detail_facts(app, revision, flow);
	detail_body(flow, "Upgrade", &it->script.upgrade, &app->operations.upgrade);
	detail_body(
		flow, "Downgrade", &it->script.downgrade, &app->operations.downgrade);
	flow_text(flow, ROLE_WARNING, 0, app->operations_problem);
	revisions_flow_file(app, flow);
}

/* What the problems stand in the way of. */
static const char *
detail_outcome(const struct tree *tree)
{
	if (tree_first_defect(tree) == NULL)
		return "What is drawn is right, and plans are made; labels may be "
		       "missing.";
	if (tree_fatal_problem(tree) == NULL)
		return "What could be read is drawn. Alembic runs the files, so that "
		       "it can work with the tree; no plan is made here until this is "
		       "mended.";
	return "What could be read is drawn. Until this is mended Alembic itself may "
	       "refuse to work with the tree, and no plan is made.";
}

static void
detail_problems(const struct app *app, size_t first, struct flow *flow)
{
	const struct strlist *problems = tree_problems(app->tree);

	flow_printf(flow, ROLE_TITLE, 0, "%zu problem%s of the tree", problems->count,
		problems->count == 1 ? "" : "s");
	flow_gap(flow);
	for (size_t i = 0; i < problems->count; i++)
		flow_printf(flow, i == first ? ROLE_ALERT : ROLE_TEXT, 0, "! %s",
			problems->items[i]);
	flow_gap(flow);
	flow_text(flow, ROLE_DIM, 0, detail_outcome(app->tree));
}

/* Where git has the file, and what brings it here. */
static void
detail_git(const struct app *app, const char *id, struct flow *flow)
{
	for (size_t i = 0; i < app->git.count; i++) {
		const struct git_found *found = &app->git.items[i];

		if (strcmp(found->id, id) != 0)
			continue;
		char *words = git_found_words(found, app->now_us);
		char *command = git_found_command(found);
		flow_text(flow, ROLE_WARNING, 0, words);
		flow_text(flow, ROLE_KEY, 2, command);
		flow_gap(flow);
		free(words);
		free(command);
	}
}

static void
detail_unknown(const struct app *app, const char *id, struct flow *flow)
{
	flow_printf(flow, ROLE_ALERT, 0, "%s  not in this tree", id);
	flow_gap(flow);
	flow_printf(flow, ROLE_TEXT, 0,
		"%s names this revision, and no script here has it: the database was "
		"migrated from another branch or a newer checkout, or the file was "
		"removed.",
		app->snapshot == NULL || app->snapshot->version.name == NULL
			? "The version table"
			: app->snapshot->version.name);
	flow_gap(flow);
	detail_git(app, id, flow);
	flow_text(flow, ROLE_TEXT, 0,
		"Alembic can neither upgrade nor downgrade from here: bring the file "
		"back, or check out the revision of the application that has it. "
		"`alembic stamp` only rewrites the version table: it is right only if "
		"the schema is known to be another revision's.");
}

int
revisions_detail(const struct app *app, struct area area, int top)
{
	size_t row = app->panes[PANE_REVISIONS].row;
	struct flow flow = flow_at(area, top);

	if (app->tree == NULL || row >= app->revisions.count)
		return 0;
	if (app->panes[PANE_REVISIONS].gone) {
		flow_text(&flow, ROLE_WARNING, 0,
			"this is gone from the tree: its file was removed or changed");
		return flow.row + top;
	}
	const struct revisions_row *it = &app->revisions.rows[row];
	switch (it->kind) {
	case REVISIONS_PROBLEM:
	case REVISIONS_MORE:
		detail_problems(app, it->index, &flow);
		break;
	case REVISIONS_UNKNOWN:
		detail_unknown(app, app->status.unknown.items[it->index], &flow);
		break;
	case REVISIONS_REVISION:
	case REVISIONS_FOLD: /* a revision that was folded while it was read */
		detail_revision(app, revisions_fold_first(&app->revisions, row), &flow);
		break;
	}
	return flow.row + top;
}
