#include "pgrunbook/model/plan.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/place.h"
#include "pgrunbook/model/plan_internal.h"

/* alembic_version.version_num is a varchar of this many characters. */
enum { PLAN_LONGEST_ID = 32 };

static const char *
plan_id(const struct tree *tree, int index)
{
	return tree_at(tree, index)->script.revision;
}

static void plan_warn(struct plan *plan, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void
plan_warn(struct plan *plan, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	strlist_add_owned(&plan->dangers, alloc_vprintf(format, arguments));
	va_end(arguments);
}

/* The sorted ids of a list. */
static void
plan_list_ids(
	const struct tree *tree, const struct tree_list *list, struct strlist *ids)
{
	for (size_t i = 0; i < list->count; i++)
		strlist_add(ids, plan_id(tree, list->items[i]));
	strlist_sort(ids);
}

static bool
plan_read_rows(
	struct plan_state *state, const struct strlist *rows, struct error *error)
{
	for (size_t i = 0; i < rows->count; i++) {
		int index = tree_find(state->tree, rows->items[i]);

		if (index == TREE_NONE)
			return error_set(error,
				"the version table has %s, which is in none of the "
				"scripts: is this checkout older than the database?",
				rows->items[i]);
		if (!tree_list_has(&state->rows, index))
			tree_list_add(&state->rows, index);
		tree_mark_ancestors(state->tree, index, true, state->applied);
	}
	return true;
}

/* Finds one of the list that another of it implies; false if there is none. */
static bool
plan_find_implied(
	const struct tree *tree, const struct tree_list *list, int *implied, int *by)
{
	for (size_t i = 0; list->count > 1 && i < list->count; i++) {
		bool *marks = alloc_zeroed(tree_count(tree), sizeof(*marks));
		bool found = false;

		tree_mark_ancestors(tree, list->items[i], true, marks);
		for (size_t k = 0; !found && k < list->count; k++) {
			if (k == i || !marks[list->items[k]])
				continue;
			*implied = list->items[k];
			*by = list->items[i];
			found = true;
		}
		free(marks);
		if (found)
			return true;
	}
	return false;
}

/* What upgrading to `target` has to run: what the targets need and isn't applied. */
static bool
plan_collect_upgrade(const struct plan_state *state, const char *target, bool *wanted,
	struct tree_list *heads, struct error *error)
{
	const struct tree *tree = state->tree;
	int implied, by;

	if (!plan_upgrade_targets(state, target, heads, error))
		return false;
	if (plan_find_implied(tree, heads, &implied, &by))
		return error_set(error,
			"%s names both %s and %s, which comes before it; Alembic "
			"refuses "
			"that: name one of them",
			target, plan_id(tree, by), plan_id(tree, implied));
	if (plan_find_implied(tree, &state->rows, &implied, &by))
		return error_set(error,
			"the version table has %s and %s, which comes before it: "
			"Alembic "
			"refuses to upgrade from there; a downgrade by a version "
			"before "
			"1.13.1 leaves that; delete the row %s",
			plan_id(tree, by), plan_id(tree, implied),
			plan_id(tree, implied));
	for (size_t i = 0; i < heads->count; i++)
		tree_mark_ancestors(tree, heads->items[i], true, wanted);
	for (size_t i = 0; i < tree_count(tree); i++)
		wanted[i] &= !state->applied[i];
	return true;
}

/* The first revisions that a downgrade takes back, applied or not. */
static void
plan_list_roots(const struct tree *tree, int target, struct tree_list *roots)
{
	if (target != TREE_NONE) {
		const struct tree_list *children = &tree_at(tree, target)->children;

		for (size_t i = 0; i < children->count; i++)
			tree_list_add(roots, children->items[i]);
		return;
	}
	for (size_t i = 0; i < tree_count(tree); i++)
		if (tree_at(tree, (int)i)->base)
			tree_list_add(roots, (int)i);
}

/* Keeps the roots that the branch stands on. */
static bool
plan_filter_roots(const struct tree *tree, const char *branch, struct tree_list *roots,
	struct error *error)
{
	int index;

	if (!branch || !place_find(tree, branch, NULL, &index, error))
		return !branch;
	if (roots->count <= 1)
		return true;
	bool *below = alloc_zeroed(tree_count(tree), sizeof(*below));
	size_t kept = 0;
	tree_mark_ancestors(tree, index, false, below);
	for (size_t i = 0; i < roots->count; i++)
		if (below[roots->items[i]])
			roots->items[kept++] = roots->items[i];
	roots->count = kept;
	free(below);
	return kept > 0 ||
	       error_set(error,
		       "branch %s doesn't come after that revision: it is not "
		       "a valid downgrade target",
		       branch);
}

/* What a branch's downgrade takes back although other branches stand on it. */
static void
plan_check_lineage(const struct tree *tree, const struct plan_downgrade_target *target,
	const bool *wanted, struct plan *plan)
{
	int branch = tree_find_name(tree, target->branch);

	if (branch == TREE_NONE || tree_find(tree, target->branch) != TREE_NONE)
		return; /* no label: Alembic's own name for the row */
	bool *below = alloc_zeroed(tree_count(tree), sizeof(*below));
	tree_mark_ancestors(tree, branch, false, below);
	for (size_t i = 0; i < tree_count(tree); i++) {
		if (!wanted[i] || !below[i] ||
			strlist_has(&tree_at(tree, (int)i)->labels, target->branch))
			continue;
		plan->refused = true;
		plan_warn(plan,
			"%s leaves the branch %s: it takes back %s, which other "
			"branches "
			"stand on; name the revision to go to",
			plan->target, target->branch, plan_id(tree, (int)i));
	}
	free(below);
}

/* What downgrading to the target has to run: what's applied and stands on the roots. */
static bool
plan_collect_downgrade(const struct plan_state *state,
	const struct plan_downgrade_target *target, struct plan *plan, bool *wanted,
	struct error *error)
{
	const struct tree *tree = state->tree;
	struct tree_list roots = { 0 };
	size_t count = 0;

	plan_list_roots(tree, target->revision, &roots);
	bool good = plan_filter_roots(tree, target->branch, &roots, error);
	for (size_t i = 0; good && i < roots.count; i++)
		tree_mark_descendants(tree, roots.items[i], true, wanted);
	tree_list_free(&roots);
	if (!good)
		return false;
	for (size_t i = 0; i < tree_count(tree); i++) {
		wanted[i] &= state->applied[i];
		count += wanted[i];
	}
	if (count == 0 && target->revision != TREE_NONE &&
		!tree_list_has(&state->rows, target->revision))
		return error_set(error,
			"%s is not a valid downgrade target: nothing that is applied "
			"comes after it",
			plan->target);
	if (target->relative && target->branch)
		plan_check_lineage(tree, target, wanted, plan);
	return true;
}

/* The revisions to run in order. */
static bool
plan_collect(const struct plan_state *state, struct plan *plan, struct tree_list *order,
	struct error *error)
{
	struct plan_downgrade_target target = { 0 };
	struct tree_list heads = { 0 };
	bool *wanted = alloc_zeroed(tree_count(state->tree), sizeof(*wanted));
	bool good;

	if (plan->direction == PLAN_UPGRADE) {
		good = plan_collect_upgrade(state, plan->target, wanted, &heads, error);
		if (good)
			tree_sort(state->tree, wanted, &heads, order);
		for (size_t i = 0; i < order->count / 2; i++) {
			int swapped = order->items[i];
			order->items[i] = order->items[order->count - 1 - i];
			order->items[order->count - 1 - i] = swapped;
		}
	} else {
		good = plan_downgrade_target(state, plan->target, &target, error) &&
		       plan_collect_downgrade(state, &target, plan, wanted, error);
		if (good)
			tree_sort(state->tree, wanted, &state->rows, order);
		free(target.branch);
	}
	tree_list_free(&heads);
	free(wanted);
	return good;
}

/* What of this step may not be what somebody expects. */
static void
plan_check_step(struct plan *plan, const struct script *script)
{
	bool down = plan->direction == PLAN_DOWNGRADE;
	enum script_body body = down ? script->downgrade.body : script->upgrade.body;
	const char *name = down ? "downgrade" : "upgrade";

	if (body == BODY_MISSING)
		plan_warn(
			plan, "%s has no %s(): Alembic fails", script->revision, name);
	else if (body == BODY_RAISES)
		plan_warn(plan, "%s raises in its %s(): Alembic fails there",
			script->revision, name);
	else if (body == BODY_EMPTY && down && script->upgrade.body == BODY_REAL)
		plan_warn(plan,
			"%s has an empty downgrade: what its upgrade did stays, the "
			"version says otherwise",
			script->revision);
	plan->refused |= body == BODY_MISSING;
	if (!down && strlen(script->revision) > PLAN_LONGEST_ID)
		plan_warn(plan,
			"%s is longer than the %d characters of the version table's "
			"column: Alembic fails after running it",
			script->revision, PLAN_LONGEST_ID);
}

static bool
plan_add_step(const struct tree *tree, int revision, struct tree_list *rows,
	struct plan *plan, struct error *error)
{
	const struct script *script = &tree_at(tree, revision)->script;
	bool down = plan->direction == PLAN_DOWNGRADE;

	plan->steps = alloc_room(
		plan->steps, plan->count, &plan->capacity, sizeof(*plan->steps));
	struct plan_step *step = &plan->steps[plan->count++];
	*step = (struct plan_step){ .revision = revision };
	strlist_copy(down ? &step->to : &step->from, &script->down_revision);
	strlist_add(down ? &step->from : &step->to, script->revision);
	plan_check_step(plan, script);
	if (down ? !plan_rows_downgrade(tree, revision, rows, error)
		 : !plan_rows_upgrade(tree, revision, rows, error))
		return false;
	plan_list_ids(tree, rows, &step->rows_after);
	return true;
}

/* A row that another implies is what an old Alembic left, or a stamp. */
static void
plan_check_rows(const struct plan_state *state, struct plan *plan)
{
	int implied, by;

	if (plan->direction == PLAN_DOWNGRADE &&
		plan_find_implied(state->tree, &state->rows, &implied, &by))
		plan_warn(plan,
			"the version table has %s and %s, which comes before it; "
			"Alembic "
			"refuses to upgrade from there",
			plan_id(state->tree, by), plan_id(state->tree, implied));
}

bool
plan_make(const struct tree *tree, enum plan_direction direction, const char *target,
	const struct strlist *rows, struct plan *plan, struct error *error)
{
	struct plan_state state = { .tree = tree };
	struct tree_list order = { 0 };
	bool good = true;

	*plan = (struct plan){ .direction = direction, .target = alloc_copy(target) };
	if (tree_problems(tree)->count)
		return error_set(
			error, "the tree is broken: %s", tree_problems(tree)->items[0]);
	state.applied = alloc_zeroed(tree_count(tree), sizeof(*state.applied));
	if (!plan_read_rows(&state, rows, error) ||
		!plan_collect(&state, plan, &order, error)) {
		good = false;
		goto out;
	}
	plan_list_ids(tree, &state.rows, &plan->rows_before);
	plan_check_rows(&state, plan);
	for (size_t i = 0; good && i < order.count; i++)
		good = plan_add_step(tree, order.items[i], &state.rows, plan, error);
	if (good)
		plan_list_ids(tree, &state.rows, &plan->rows_after);
out:
	tree_list_free(&order);
	tree_list_free(&state.rows);
	free(state.applied);
	return good;
}

void
plan_free(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		strlist_free(&plan->steps[i].from);
		strlist_free(&plan->steps[i].to);
		strlist_free(&plan->steps[i].rows_after);
	}
	free(plan->steps);
	free(plan->target);
	strlist_free(&plan->rows_before);
	strlist_free(&plan->rows_after);
	strlist_free(&plan->dangers);
	*plan = (struct plan){ 0 };
}
