#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/plan_internal.h"

/* What is applied above all that comes right before a revision grows by one or shrinks.
 */
static void
rows_set_applied(struct plan_rows *at, int revision, bool applied)
{
	const struct revision *it = tree_at(at->tree, revision);
	const struct tree_list *below[] = { &it->parents, &it->dependencies };

	at->applied[revision] = applied;
	for (size_t way = 0; way < 2; way++)
		for (size_t i = 0; i < below[way]->count; i++)
			at->above[below[way]->items[i]] += applied ? 1 : (size_t)-1;
}

static void
rows_insert(struct plan_rows *at, int revision)
{
	tree_list_add(&at->rows, revision);
	at->place[revision] = at->rows.count;
}

static bool
rows_delete(struct plan_rows *at, int revision)
{
	size_t place = at->place[revision];

	if (place == 0)
		return false;
	int last = at->rows.items[--at->rows.count];
	at->rows.items[place - 1] = last;
	at->place[last] = place;
	at->place[revision] = 0;
	return true;
}

void
plan_rows_start(const struct plan_state *state, struct plan_rows *at)
{
	size_t count = tree_count(state->tree);

	*at = (struct plan_rows){
		.tree = state->tree,
		.applied = alloc_zeroed(count, sizeof(*at->applied)),
		.place = alloc_zeroed(count, sizeof(*at->place)),
		.above = alloc_zeroed(count, sizeof(*at->above)),
		.listed = alloc_zeroed(count, sizeof(*at->listed)),
		.seen = alloc_zeroed(count, sizeof(*at->seen)),
	};
	for (size_t i = 0; i < count; i++)
		if (state->applied[i])
			rows_set_applied(at, (int)i, true);
	for (size_t i = 0; i < state->rows.count; i++)
		rows_insert(at, state->rows.items[i]);
}

void
plan_rows_end(struct plan_rows *at)
{
	tree_list_free(&at->rows);
	tree_list_free(&at->below);
	tree_list_free(&at->stack);
	free(at->applied);
	free(at->place);
	free(at->above);
	free(at->listed);
	free(at->seen);
}

static void
rows_list_below(struct plan_rows *at, const struct tree_list *below)
{
	for (size_t i = 0; i < below->count; i++) {
		int index = below->items[i];

		if (at->listed[index] == at->turn)
			continue;
		at->listed[index] = at->turn;
		tree_list_add(&at->below, index);
	}
}

/* What the version table implies right below a revision: parents and dependencies. */
static void
rows_find_below(struct plan_rows *at, int revision)
{
	at->turn++;
	at->below.count = 0;
	rows_list_below(at, &tree_at(at->tree, revision)->parents);
	rows_list_below(at, &tree_at(at->tree, revision)->own_dependencies);
}

static void
rows_push(struct plan_rows *at, const struct tree_list *above)
{
	for (size_t i = 0; i < above->count; i++) {
		int index = above->items[i];

		if (at->applied[index] && at->seen[index] != at->search) {
			at->seen[index] = at->search;
			tree_list_add(&at->stack, index);
		}
	}
}

/*
 * Whether a row implies `from`; of `others`, one that isn't in at->below.  It is looked
 * for from below: what is applied above a revision whose turn it is is little, what
 * lies below a row is nearly all.
 */
static bool
rows_imply(struct plan_rows *at, int from, bool others)
{
	at->search++;
	at->stack.count = 0;
	tree_list_add(&at->stack, from);
	while (at->stack.count) {
		int index = at->stack.items[--at->stack.count];

		if (at->place[index] && !(others && at->listed[index] == at->turn))
			return true;
		rows_push(at, &tree_at(at->tree, index)->children);
		rows_push(at, &tree_at(at->tree, index)->dependents);
	}
	return false;
}

/* A merge: the rows below go, but for those that others still imply. */
static bool
rows_merge(struct plan_rows *at, struct plan_step *step, struct error *error)
{
	for (size_t i = 0; i < at->below.count; i++) {
		int index = at->below.items[i];

		if (at->above[index] && rows_imply(at, index, true))
			continue;
		if (!at->place[index])
			return error_set(error,
				"Alembic fails at %s: it would delete the version row "
				"%s, which another row implies; take that out of "
				"depends_on",
				tree_at(at->tree, step->revision)->script.revision,
				tree_at(at->tree, index)->script.revision);
		tree_list_add(&step->deleted, index);
	}
	for (size_t i = 0; i < step->deleted.count; i++)
		rows_delete(at, step->deleted.items[i]);
	return true;
}

bool
plan_rows_upgrade(struct plan_rows *at, struct plan_step *step, struct error *error)
{
	size_t present = 0;

	rows_find_below(at, step->revision);
	for (size_t i = 0; i < at->below.count; i++)
		present += at->place[at->below.items[i]] != 0;
	if (present > 1 && !rows_merge(at, step, error))
		return false;
	for (size_t i = 0; present == 1 && i < at->below.count; i++)
		if (rows_delete(at, at->below.items[i]))
			tree_list_add(&step->deleted, at->below.items[i]);
	rows_insert(at, step->revision);
	tree_list_add(&step->inserted, step->revision);
	rows_set_applied(at, step->revision, true);
	return true;
}

/*
 * What is right below becomes a row, but for what the rows imply that are left, and
 * only if none are for what others that become one imply: Alembic doesn't look at both.
 *
 * If nothing below is bare of anything applied above, all that is above leads to a row.
 */
static void
rows_unmerge(struct plan_rows *at, struct plan_step *step)
{
	bool bare = false;

	for (size_t i = 0; i < at->below.count; i++) {
		int index = at->below.items[i];

		bare |= !at->above[index] && !at->place[index];
	}
	for (size_t i = 0; i < at->below.count; i++) {
		int index = at->below.items[i];
		bool implied =
			at->above[index] &&
			(at->rows.count == 0 || !bare || rows_imply(at, index, false));

		if (!implied && !at->place[index])
			tree_list_add(&step->inserted, index);
	}
	for (size_t i = 0; i < step->inserted.count; i++)
		rows_insert(at, step->inserted.items[i]);
}

bool
plan_rows_downgrade(struct plan_rows *at, struct plan_step *step, struct error *error)
{
	if (!rows_delete(at, step->revision))
		return error_set(error,
			"Alembic fails at %s: the version table has no row for it then",
			tree_at(at->tree, step->revision)->script.revision);
	tree_list_add(&step->deleted, step->revision);
	rows_set_applied(at, step->revision, false);
	rows_find_below(at, step->revision);
	rows_unmerge(at, step);
	return true;
}
