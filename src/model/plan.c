#include "pgrunbook/model/plan.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/place.h"
#include "pgrunbook/model/plan_internal.h"
#include "pgrunbook/model/tree_problems.h"

static const char *
plan_id(const struct tree *tree, int index)
{
	return tree_at(tree, index)->script.revision;
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
plan_refuse_row(const struct tree *tree, const char *row, struct error *error)
{
	struct str near = { 0 };

	tree_suggest(tree, row, &near);
	error_set(error,
		"the version table has %s, which is in none of the scripts: is this "
		"checkout older than the database?%s",
		row, str_text(&near) + (near.length ? 1 : 0));
	str_free(&near);
	return false;
}

static bool
plan_read_rows(
	struct plan_state *state, const struct strlist *rows, struct error *error)
{
	bool *listed = alloc_zeroed(tree_count(state->tree), sizeof(*listed));
	bool good = true;

	for (size_t i = 0; good && i < rows->count; i++) {
		int index = tree_find(state->tree, rows->items[i]);

		if (index == TREE_NONE) {
			good = plan_refuse_row(state->tree, rows->items[i], error);
			continue;
		}
		if (!listed[index])
			tree_list_add(&state->rows, index);
		listed[index] = true;
		tree_mark_ancestors(state->tree, index, true, state->applied);
	}
	free(listed);
	return good;
}

/* Marks what comes before any of the list. */
static void
plan_mark_before(const struct tree *tree, const struct tree_list *list, bool *before)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct revision *at = tree_at(tree, list->items[i]);
		const struct tree_list *below[] = { &at->parents, &at->dependencies };

		for (size_t way = 0; way < 2; way++)
			for (size_t k = 0; k < below[way]->count; k++)
				tree_mark_ancestors(
					tree, below[way]->items[k], true, before);
	}
}

void
plan_find_implied(const struct tree *tree, const struct tree_list *list,
	struct tree_list *implied)
{
	bool *before = alloc_zeroed(tree_count(tree), sizeof(*before));

	plan_mark_before(tree, list, before);
	for (size_t i = 0; i < list->count; i++)
		if (before[list->items[i]])
			tree_list_add(implied, list->items[i]);
	free(before);
}

/* Which of the list implies that one. */
static int
plan_find_implying(const struct tree *tree, const struct tree_list *list, int implied)
{
	bool *after = alloc_zeroed(tree_count(tree), sizeof(*after));
	int found = implied;

	tree_mark_descendants(tree, implied, true, after);
	for (size_t i = 0; i < list->count; i++)
		if (after[list->items[i]] && list->items[i] != implied)
			found = list->items[i];
	free(after);
	return found;
}

/* Alembic ends at rows of which one implies another. */
static bool
plan_check_rows(const struct plan_state *state, struct error *error)
{
	struct tree_list implied = { 0 };

	plan_find_implied(state->tree, &state->rows, &implied);
	if (implied.count == 0)
		return true;
	char *text = plan_redundant_text(state, &implied);
	error_set(error, "%s", text);
	free(text);
	tree_list_free(&implied);
	return false;
}

/* And at such targets. */
static bool
plan_check_targets(const struct plan_state *state, const char *target,
	const struct tree_list *heads, struct error *error)
{
	struct tree_list implied = { 0 };

	plan_find_implied(state->tree, heads, &implied);
	if (implied.count == 0)
		return true;
	error_set(error,
		"%s names both %s and %s, which comes before it; Alembic refuses that: "
		"name one of them",
		target,
		plan_id(state->tree,
			plan_find_implying(state->tree, heads, implied.items[0])),
		plan_id(state->tree, implied.items[0]));
	tree_list_free(&implied);
	return false;
}

/* What upgrading to `target` has to run: what the targets need and isn't applied. */
static bool
plan_collect_upgrade(const struct plan_state *state, const char *target, bool *wanted,
	struct tree_list *heads, struct error *error)
{
	const struct tree *tree = state->tree;

	if (!plan_check_rows(state, error) ||
		!plan_upgrade_targets(state, target, heads, error) ||
		!plan_check_targets(state, target, heads, error))
		return false;
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

/* What downgrading to the target has to run: what's applied and stands on the roots. */
static bool
plan_collect_downgrade(const struct plan_state *state,
	struct plan_downgrade_target *target, const struct plan *plan, bool *wanted,
	struct error *error)
{
	const struct tree *tree = state->tree;
	struct tree_list roots = { 0 };
	size_t count = 0;

	plan_list_roots(tree, target->revision, &roots);
	target->forks = roots.count > 1;
	target->stands = alloc_zeroed(tree_count(tree), sizeof(*target->stands));
	bool good = plan_filter_roots(tree, target->branch, &roots, error);
	for (size_t i = 0; good && i < roots.count; i++) {
		tree_mark_descendants(tree, roots.items[i], true, wanted);
		tree_mark_descendants(tree, roots.items[i], false, target->stands);
	}
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
	return true;
}

/* Whether only Python knows what comes before the revision. */
static bool
plan_is_computed(const struct script *script)
{
	return script->senses[SCRIPT_DOWN_REVISION] != SCRIPT_CLEAR ||
	       script->senses[SCRIPT_DEPENDS_ON] != SCRIPT_CLEAR;
}

static bool
plan_refuse_computed(const struct tree *tree, int index, struct error *error)
{
	const struct script *script = &tree_at(tree, index)->script;
	bool parents = script->senses[SCRIPT_DOWN_REVISION] != SCRIPT_CLEAR;
	char *place = tree_place(tree, script,
		script->lines[parents ? SCRIPT_DOWN_REVISION : SCRIPT_DEPENDS_ON]);

	error_set(error,
		"what comes before %s is computed (%s), so only Alembic can tell what "
		"it would run here",
		script->revision, place);
	free(place);
	return false;
}

/* Names that don't depend on what comes after what, but for going down. */
static bool
plan_is_plain(const char *target)
{
	struct place_name parts;

	place_name_parse(target, &parts);
	bool plain = !parts.label && (!parts.relative || parts.negative) &&
		     !(parts.symbol && strncmp(parts.symbol, "head", 4) == 0);
	place_name_free(&parts);
	return plain;
}

/*
 * A revision with unknown parents may stand anywhere.  It matters unless it is neither
 * run nor applied and the target says where to go without counting upward.
 */
static bool
plan_check_computed(const struct plan_state *state, const char *target,
	const bool *wanted, struct error *error)
{
	bool plain = plan_is_plain(target);

	for (size_t i = 0; i < tree_count(state->tree); i++)
		if ((!plain || state->applied[i] || (wanted && wanted[i])) &&
			plan_is_computed(&tree_at(state->tree, (int)i)->script))
			return plan_refuse_computed(state->tree, (int)i, error);
	return true;
}

/* The revisions to run in order; the caller frees what is in `target`. */
static bool
plan_collect(const struct plan_state *state, struct plan *plan,
	struct plan_downgrade_target *target, struct tree_list *order,
	struct error *error)
{
	struct tree_list heads = { 0 };
	bool *wanted = alloc_zeroed(tree_count(state->tree), sizeof(*wanted));
	bool good = plan_check_computed(state, plan->target, NULL, error);

	if (good && plan->direction == PLAN_UPGRADE) {
		good = plan_collect_upgrade(
			       state, plan->target, wanted, &heads, error) &&
		       plan_check_computed(state, plan->target, wanted, error);
		if (good)
			tree_sort(state->tree, wanted, &heads, order);
		for (size_t i = 0; i < order->count / 2; i++) {
			int swapped = order->items[i];
			order->items[i] = order->items[order->count - 1 - i];
			order->items[order->count - 1 - i] = swapped;
		}
	} else if (good) {
		good = plan_downgrade_target(state, plan->target, target, error) &&
		       plan_collect_downgrade(state, target, plan, wanted, error);
		if (good)
			tree_sort(state->tree, wanted, &state->rows, order);
	}
	tree_list_free(&heads);
	free(wanted);
	return good;
}

static bool
plan_add_step(
	struct plan_rows *rows, int revision, struct plan *plan, struct error *error)
{
	const struct script *script = &tree_at(rows->tree, revision)->script;
	bool down = plan->direction == PLAN_DOWNGRADE;

	plan->steps = alloc_room(
		plan->steps, plan->count, &plan->capacity, sizeof(*plan->steps));
	struct plan_step *step = &plan->steps[plan->count++];
	*step = (struct plan_step){ .revision = revision };
	strlist_copy(down ? &step->to : &step->from, &script->down_revision);
	strlist_add(down ? &step->from : &step->to, script->revision);
	return down ? plan_rows_downgrade(rows, step, error)
		    : plan_rows_upgrade(rows, step, error);
}

static bool
plan_check_tree(const struct tree *tree, struct error *error)
{
	const struct tree_problem *problem = tree_fatal_problem(tree);

	return !problem || error_set(error, "the tree is broken: %s", problem->text);
}

/* The steps of what is to run, and the rows after each. */
static bool
plan_add_steps(const struct plan_state *state, const struct tree_list *order,
	struct plan *plan, struct error *error)
{
	struct plan_rows rows;
	bool good = true;

	plan_rows_start(state, &rows);
	for (size_t i = 0; good && i < order->count; i++)
		good = plan_add_step(&rows, order->items[i], plan, error);
	if (good)
		plan_list_ids(state->tree, &rows.rows, &plan->rows_after);
	plan_rows_end(&rows);
	return good;
}

bool
plan_make_at(const struct tree *tree, enum plan_direction direction, const char *target,
	const struct version_rows *version, struct plan *plan, struct error *error)
{
	bool read = version->table == VERSION_TABLE_READ;
	struct plan_state state = { .tree = tree,
		.table = version->name,
		.id_length = read ? version->id_length : PLAN_ID_LENGTH };
	struct plan_downgrade_target place = { .revision = TREE_NONE };
	struct tree_list order = { 0 };

	*plan = (struct plan){ .direction = direction, .target = alloc_copy(target) };
	if (!plan_check_tree(tree, error))
		return false;
	state.applied = alloc_zeroed(tree_count(tree), sizeof(*state.applied));
	bool good = plan_read_rows(&state, &version->rows, error);
	plan_list_ids(tree, &state.rows, &plan->rows_before);
	good = good && plan_collect(&state, plan, &place, &order, error) &&
	       plan_add_steps(&state, &order, plan, error);
	if (good)
		plan_find_dangers(&state, &place, plan);
	tree_list_free(&order);
	tree_list_free(&state.rows);
	free(state.applied);
	free(place.branch);
	free(place.stands);
	return good;
}

bool
plan_make(const struct tree *tree, enum plan_direction direction, const char *target,
	const struct strlist *rows, struct plan *plan, struct error *error)
{
	struct version_rows version = { .rows = *rows };

	return plan_make_at(tree, direction, target, &version, plan, error);
}

void
plan_step_move(
	const struct tree *tree, const struct plan_step *step, struct strlist *rows)
{
	for (size_t i = 0; i < step->deleted.count; i++)
		strlist_remove(rows, plan_id(tree, step->deleted.items[i]));
	for (size_t i = 0; i < step->inserted.count; i++)
		strlist_insert(rows, plan_id(tree, step->inserted.items[i]));
}

void
plan_step_text(
	const struct tree *tree, const struct plan *plan, size_t step, struct str *out)
{
	const struct plan_step *at = &plan->steps[step];
	const char *message = tree_at(tree, at->revision)->script.message;
	char *from = strlist_join(&at->from, ", ");
	char *to = strlist_join(&at->to, ", ");

	str_printf(out, "Running %s %s -> %s%s%.*s",
		plan->direction == PLAN_UPGRADE ? "upgrade" : "downgrade", from, to,
		*message ? ", " : "", (int)strcspn(message, "\n"), message);
	free(from);
	free(to);
}

void
plan_free(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		strlist_free(&plan->steps[i].from);
		strlist_free(&plan->steps[i].to);
		tree_list_free(&plan->steps[i].deleted);
		tree_list_free(&plan->steps[i].inserted);
	}
	free(plan->steps);
	free(plan->target);
	strlist_free(&plan->rows_before);
	strlist_free(&plan->rows_after);
	plan_dangers_free(&plan->dangers);
	*plan = (struct plan){ 0 };
}
