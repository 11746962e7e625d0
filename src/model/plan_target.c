#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/place.h"
#include "pgrunbook/model/plan_internal.h"

/* The rows, or those of a branch. */
static void
target_rows(const struct plan_state *state, const bool *lineage, struct tree_list *rows)
{
	for (size_t i = 0; i < state->rows.count; i++)
		if (!lineage || lineage[state->rows.items[i]])
			tree_list_add(rows, state->rows.items[i]);
}

/* How many of the applied revisions stand right on it; TREE_NONE: the bases. */
static size_t
target_count_above(const struct plan_state *state, int revision)
{
	size_t count = 0;

	for (size_t i = 0; i < tree_count(state->tree); i++) {
		const struct revision *at = tree_at(state->tree, (int)i);

		count +=
			state->applied[i] &&
			(revision == TREE_NONE ? at->base
					       : tree_list_has(&at->parents, revision));
	}
	return count;
}

/* Whether going down from there takes other branches back too. */
static bool
target_takes_more(const struct plan_state *state, int start, int steps)
{
	struct error error = { 0 };
	int landing;
	bool more = place_walk_down(state->tree, start, steps, &landing, &error) &&
		    target_count_above(state, landing) > 1;

	error_clear(&error);
	return more;
}

/* "`name` is ambiguous; say A+1 or B+1" */
static bool
target_refuse(const struct plan_state *state, const struct tree_list *starts,
	const char *target, const struct place_name *parts, struct error *error)
{
	struct str choices = { 0 };

	for (size_t i = 0; i < starts->count; i++)
		str_printf(&choices, "%s%s%c%d", i ? " or " : "",
			tree_at(state->tree, starts->items[i])->script.revision,
			parts->negative ? '-' : '+', parts->steps);
	int first = starts->items[0];
	if (parts->negative && !parts->label &&
		target_takes_more(state, first, parts->steps))
		str_printf(&choices, "; with %s@-%d the other branches stay",
			tree_at(state->tree, first)->script.revision, parts->steps);
	error_set(error, "%s is ambiguous: there are %zu current revisions; say %s",
		target, starts->count, str_text(&choices));
	str_free(&choices);
	return false;
}

/* Where "+N" starts: the row; on a branch, where that is; else base. */
static bool
target_start_up(const struct plan_state *state, const char *target,
	const struct place_name *parts, const bool *lineage, int *start,
	struct error *error)
{
	struct tree_list starts = { 0 };

	target_rows(state, lineage, &starts);
	if (starts.count == 0 && lineage)
		place_branch_tips(state->tree, state->applied, lineage, true, &starts);
	*start = starts.count ? starts.items[0] : TREE_NONE;
	bool good = starts.count <= 1 ||
		    target_refuse(state, &starts, target, parts, error);
	tree_list_free(&starts);
	return good;
}

/* "+N", "label@+N", "rev+N" */
static bool
target_up(const struct plan_state *state, const char *target,
	const struct place_name *parts, int *found, struct error *error)
{
	bool *lineage = NULL;
	bool good = true;
	int start = TREE_NONE;

	if (parts->label) {
		lineage = alloc_zeroed(tree_count(state->tree), sizeof(*lineage));
		good = place_mark_lineage(state->tree, parts->label, lineage, error);
	}
	if (good && parts->symbol)
		good = place_find_symbol(
			state->tree, parts->symbol, NULL, &start, error);
	else if (good)
		good = target_start_up(state, target, parts, lineage, &start, error);
	good = good &&
	       place_walk_up(state->tree, start, parts->steps, lineage, found, error);
	free(lineage);
	return good;
}

/* "rev-N", "label@rev-N" */
static bool
target_down(const struct plan_state *state, const struct place_name *parts, int *found,
	struct error *error)
{
	int start = TREE_NONE;

	return place_find_symbol(
		       state->tree, parts->symbol, parts->label, &start, error) &&
	       place_walk_down(state->tree, start, parts->steps, found, error);
}

bool
plan_upgrade_targets(const struct plan_state *state, const char *target,
	struct tree_list *targets, struct error *error)
{
	struct place_name parts;
	int found = TREE_NONE;
	bool good;

	place_name_parse(target, &parts);
	if (!parts.relative)
		good = place_resolve_all(state->tree, target, targets, error);
	else if (!parts.symbol && (parts.negative || parts.steps == 0))
		good = error_set(error,
			"%s doesn't go up: an upgrade goes to +1 and on", target);
	else if (parts.negative)
		good = target_down(state, &parts, &found, error);
	else
		good = target_up(state, target, &parts, &found, error);
	if (good && parts.relative && found == TREE_NONE)
		good = error_set(
			error, "%s is base: there is nothing to upgrade to", target);
	else if (good && parts.relative)
		tree_list_add(targets, found);
	place_name_free(&parts);
	return good;
}

/* Where "-N" starts.  Alembic takes any row if there are several; nobody should. */
static bool
target_start_down(const struct plan_state *state, const char *target,
	const struct place_name *parts, int *start, struct error *error)
{
	struct tree_list starts = { 0 };
	bool *lineage = NULL;
	bool good = true;

	if (parts->label) {
		lineage = alloc_zeroed(tree_count(state->tree), sizeof(*lineage));
		good = place_mark_lineage(state->tree, parts->label, lineage, error);
	}
	if (good)
		target_rows(state, lineage, &starts);
	if (good && lineage && starts.count == 0)
		place_branch_tips(state->tree, state->applied, lineage, false, &starts);
	if (good && starts.count == 0)
		good = error_set(error, "%s: nothing%s%s is applied", target,
			lineage ? " of " : "", lineage ? parts->label : "");
	else if (good && starts.count > 1)
		good = target_refuse(state, &starts, target, parts, error);
	else if (good)
		*start = starts.items[0];
	tree_list_free(&starts);
	free(lineage);
	return good;
}

/* "-N" and "label@-N": from where the database is. */
static bool
target_from_here(const struct plan_state *state, const char *target,
	const struct place_name *parts, struct plan_downgrade_target *found,
	struct error *error)
{
	int start = TREE_NONE;

	if (!target_start_down(state, target, parts, &start, error) ||
		!place_walk_down(
			state->tree, start, parts->steps, &found->revision, error))
		return false;
	if (!found->branch) /* only this row's branch goes down */
		found->branch =
			alloc_copy(tree_at(state->tree, start)->script.revision);
	return true;
}

bool
plan_downgrade_target(const struct plan_state *state, const char *target,
	struct plan_downgrade_target *found, struct error *error)
{
	struct place_name parts;
	bool good;

	place_name_parse(target, &parts);
	*found = (struct plan_downgrade_target){ .revision = TREE_NONE,
		.branch = alloc_copy(parts.label),
		.relative = parts.relative };
	if (!parts.relative)
		good = place_find_symbol(
			state->tree, parts.symbol, NULL, &found->revision, error);
	else if (parts.symbol && parts.negative)
		good = target_down(state, &parts, &found->revision, error);
	else if (parts.symbol)
		good = target_up(state, target, &parts, &found->revision, error);
	else if (parts.negative)
		good = target_from_here(state, target, &parts, found, error);
	else
		good = error_set(error,
			"%s doesn't go down: a downgrade goes to -1 and on", target);
	if (good && parts.relative && !parts.negative && found->revision == TREE_NONE)
		good = error_set(
			error, "%s is base: if that is meant, say base", target);
	place_name_free(&parts);
	return good;
}
