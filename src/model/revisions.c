#include "pgrunbook/model/revisions.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/text.h"

void
revisions_make(const struct tree *tree, struct revisions *revisions)
{
	*revisions = (struct revisions){ 0 };
	lanes_make(tree, &revisions->lanes);
	revisions->state = alloc_zeroed(tree_count(tree), sizeof(*revisions->state));
	revisions->shown =
		alloc_zeroed(revisions->lanes.count, sizeof(*revisions->shown));
	for (size_t i = 0; i < tree_count(tree); i++) {
		int cells = text_width(tree_at(tree, (int)i)->script.revision);

		if (cells > revisions->id_cells)
			revisions->id_cells = cells;
	}
}

void
revisions_free(struct revisions *revisions)
{
	lanes_free(&revisions->lanes);
	free(revisions->state);
	free(revisions->rows);
	free(revisions->shown);
	*revisions = (struct revisions){ 0 };
}

/* Without a row that the tree knows "pending" would be a guess. */
static bool
revisions_are_judged(const struct status *status)
{
	switch (status->kind) {
	case STATUS_NO_TABLE:
	case STATUS_IN_SYNC:
	case STATUS_SEVERAL_HEADS:
	case STATUS_PENDING:
		return true;
	default:
		return false;
	}
}

static void
revisions_mark(
	struct revisions *revisions, const struct tree_list *list, unsigned state)
{
	for (size_t i = 0; i < list->count; i++)
		revisions->state[list->items[i]] |= (uint8_t)state;
}

void
revisions_judge(struct revisions *revisions, const struct tree *tree,
	const struct status *status)
{
	memset(revisions->state, 0, tree_count(tree));
	revisions->judged = revisions_are_judged(status);
	revisions->many_pending = status->pending.count > REVISIONS_FOLD_PENDING;
	revisions_mark(revisions, &status->applied, REVISION_APPLIED);
	revisions_mark(revisions, &status->current, REVISION_CURRENT);
	if (revisions->judged)
		revisions_mark(revisions, &status->pending, REVISION_PENDING);
}

/* Nothing to see: a line comes in from above and goes on below. */
static bool
revisions_is_plain(const struct revisions *revisions, const struct tree *tree,
	const bool *kept, size_t row)
{
	const struct lanes_row *at = &revisions->lanes.rows[row];
	const struct revision *it = tree_at(tree, at->revision);

	return it->parents.count == 1 && it->children.count == 1 &&
	       it->own_dependencies.count == 0 && it->dependents.count == 0 &&
	       it->script.branch_labels.count == 0 && script_is_clear(&it->script) &&
	       at->link_count == 0 && !at->ends &&
	       !(revisions->state[at->revision] & REVISION_CURRENT) &&
	       (revisions->many_pending ||
		       !(revisions->state[at->revision] & REVISION_PENDING)) &&
	       (kept == NULL || !kept[at->revision]);
}

/* Whether a plain row continues the run of the plain one above it. */
static bool
revisions_continues(
	const struct revisions *revisions, const struct tree *tree, size_t row)
{
	const struct lanes_row *at = &revisions->lanes.rows[row];
	const struct lanes_row *above = at - 1;

	return tree_at(tree, above->revision)->parents.items[0] == at->revision &&
	       at->node == above->node &&
	       revisions->state[at->revision] == revisions->state[above->revision];
}

/* The rows of a maximal run that are folded: its ends are shown. */
static bool
revisions_trim(size_t *first, size_t *last)
{
	size_t count = *last - *first + 1;

	if (count < 2 * REVISIONS_FOLD_CONTEXT + REVISIONS_FOLD_LEAST)
		return false;
	*first += REVISIONS_FOLD_CONTEXT;
	*last -= REVISIONS_FOLD_CONTEXT;
	return true;
}

/* The last row of the run that begins with a plain row. */
static size_t
revisions_run_end(const struct revisions *revisions, const struct tree *tree,
	const bool *kept, size_t first)
{
	size_t last = first;

	while (last + 1 < revisions->lanes.count &&
		revisions_is_plain(revisions, tree, kept, last + 1) &&
		revisions_continues(revisions, tree, last + 1))
		last++;
	return last;
}

bool
revisions_run(const struct revisions *revisions, const struct tree *tree,
	const bool *kept, int revision, size_t *first, size_t *last)
{
	size_t row = lanes_row_of(&revisions->lanes, revision);

	if (!revisions_is_plain(revisions, tree, kept, row))
		return false;
	*last = revisions_run_end(revisions, tree, kept, row);
	*first = row;
	while (*first > 0 && revisions_is_plain(revisions, tree, kept, *first - 1) &&
		revisions_continues(revisions, tree, *first))
		--*first;
	return revisions_trim(first, last) && *first <= row && row <= *last;
}

static void
revisions_add(struct revisions *revisions, enum revisions_kind kind, size_t index,
	size_t count)
{
	revisions->rows = alloc_room(revisions->rows, revisions->count,
		&revisions->capacity, sizeof(*revisions->rows));
	revisions->rows[revisions->count++] =
		(struct revisions_row){ .kind = kind, .index = index, .count = count };
}

/* The rows of the lanes from `first` to `last`, one by one. */
static void
revisions_add_lanes(struct revisions *revisions, size_t first, size_t last)
{
	for (size_t row = first; row <= last; row++) {
		revisions->shown[row] = revisions->count;
		revisions_add(revisions, REVISIONS_REVISION, row, 1);
	}
}

static void
revisions_add_fold(struct revisions *revisions, size_t first, size_t last)
{
	for (size_t row = first; row <= last; row++)
		revisions->shown[row] = revisions->count;
	revisions_add(revisions, REVISIONS_FOLD, first, last - first + 1);
	revisions->folds++;
}

static bool
revisions_is_open(
	const struct revisions *revisions, const bool *open, size_t first, size_t last)
{
	for (size_t row = first; open != NULL && row <= last; row++)
		if (open[revisions->lanes.rows[row].revision])
			return true;
	return false;
}

static void
revisions_list_folded(struct revisions *revisions, const struct tree *tree,
	const bool *open, const bool *kept)
{
	size_t row = 0;

	while (row < revisions->lanes.count) {
		if (!revisions_is_plain(revisions, tree, kept, row)) {
			revisions_add_lanes(revisions, row, row);
			row++;
			continue;
		}
		size_t end = revisions_run_end(revisions, tree, kept, row);
		size_t first = row, last = end;
		if (revisions_trim(&first, &last) &&
			!revisions_is_open(revisions, open, first, last)) {
			revisions_add_lanes(revisions, row, first - 1);
			revisions_add_fold(revisions, first, last);
			revisions_add_lanes(revisions, last + 1, end);
		} else {
			revisions_add_lanes(revisions, row, end);
		}
		row = end + 1;
	}
}

void
revisions_list(struct revisions *revisions, const struct tree *tree,
	const struct status *status, bool fold, const bool *open, const bool *kept)
{
	size_t problems = tree_problems(tree)->count;
	size_t listed =
		problems > REVISIONS_PROBLEMS ? REVISIONS_PROBLEMS - 1 : problems;

	revisions->count = revisions->folds = 0;
	for (size_t i = 0; i < listed; i++)
		revisions_add(revisions, REVISIONS_PROBLEM, i, 1);
	if (listed < problems)
		revisions_add(revisions, REVISIONS_MORE, listed, problems - listed);
	for (size_t i = 0; i < status->unknown.count; i++)
		revisions_add(revisions, REVISIONS_UNKNOWN, i, 1);
	if (fold)
		revisions_list_folded(revisions, tree, open, kept);
	else if (revisions->lanes.count != 0)
		revisions_add_lanes(revisions, 0, revisions->lanes.count - 1);
}

size_t
revisions_row_of(const struct revisions *revisions, int revision)
{
	return revisions->shown[lanes_row_of(&revisions->lanes, revision)];
}

int
revisions_at(const struct revisions *revisions, size_t row)
{
	if (row >= revisions->count || revisions->rows[row].kind != REVISIONS_REVISION)
		return TREE_NONE;
	return revisions->lanes.rows[revisions->rows[row].index].revision;
}

int
revisions_fold_first(const struct revisions *revisions, size_t row)
{
	return revisions->lanes.rows[revisions->rows[row].index].revision;
}

int
revisions_fold_last(const struct revisions *revisions, size_t row)
{
	const struct revisions_row *fold = &revisions->rows[row];

	return revisions->lanes.rows[fold->index + fold->count - 1].revision;
}
