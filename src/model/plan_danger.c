#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/plan_internal.h"
#include "pgrunbook/model/tree_problems.h"

/* A sentence names this many revisions, and then says how many more there are. */
enum { DANGER_NAMED = 3 };

static const struct script *
danger_script(const struct plan_state *state, int revision)
{
	return &tree_at(state->tree, revision)->script;
}

/* Takes over `revisions`. */
static void danger_add(struct plan *plan, enum plan_danger_kind kind,
	struct tree_list *revisions, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void
danger_add(struct plan *plan, enum plan_danger_kind kind, struct tree_list *revisions,
	const char *format, ...)
{
	struct plan_dangers *dangers = &plan->dangers;
	va_list arguments;

	dangers->items = alloc_room(dangers->items, dangers->count, &dangers->capacity,
		sizeof(*dangers->items));
	va_start(arguments, format);
	dangers->items[dangers->count++] = (struct plan_danger){ .kind = kind,
		.revisions = *revisions,
		.text = alloc_vprintf(format, arguments) };
	va_end(arguments);
	*revisions = (struct tree_list){ 0 };
}

/* "b, c, d and 4 more"; the caller owns it. */
static char *
danger_ids(const struct plan_state *state, const struct tree_list *revisions)
{
	struct str text = { 0 };

	for (size_t i = 0; i < revisions->count && i < DANGER_NAMED; i++)
		str_printf(&text, "%s%s", i ? ", " : "",
			danger_script(state, revisions->items[i])->revision);
	if (revisions->count > DANGER_NAMED)
		str_printf(&text, " and %zu more", revisions->count - DANGER_NAMED);
	return str_take(&text);
}

/* The function that the step runs. */
static const struct script_function *
danger_function(const struct plan *plan, const struct script *script)
{
	return plan->direction == PLAN_DOWNGRADE ? &script->downgrade
						 : &script->upgrade;
}

/*
 * What can be told of a step from its script.  Each returns the line that shows it; 0:
 * it isn't so; -1: it is so, but no line shows it.
 */
static int
danger_is_missing(const struct plan *plan, const struct script *script)
{
	return danger_function(plan, script)->body == BODY_MISSING ? -1 : 0;
}

static int
danger_raises(const struct plan *plan, const struct script *script)
{
	const struct script_function *function = danger_function(plan, script);

	return function->body == BODY_RAISES ? function->line : 0;
}

/* The upgrade does something that this downgrade leaves. */
static bool
danger_stays(const struct script *script)
{
	return script->downgrade.body == BODY_EMPTY &&
	       (script->upgrade.body == BODY_REAL ||
		       script->upgrade.body == BODY_ELSEWHERE);
}

static int
danger_is_empty_downgrade(const struct plan *plan, const struct script *script)
{
	bool down = plan->direction == PLAN_DOWNGRADE;

	return down && danger_stays(script) ? script->downgrade.line : 0;
}

static int
danger_commits(const struct plan *plan, const struct script *script)
{
	return danger_function(plan, script)->commit_line;
}

/* A merge runs nothing, and nobody wonders. */
static int
danger_is_empty_upgrade(const struct plan *plan, const struct script *script)
{
	if (plan->direction == PLAN_DOWNGRADE || script->down_revision.count > 1)
		return 0;
	return script->upgrade.body == BODY_EMPTY ? script->upgrade.line : 0;
}

/* "0004 ONE (0004.py:9): WHY", or "12 of 15 steps MANY: 0004 (0004.py:9), ...: WHY" */
struct danger_row {
	enum plan_danger_kind kind;
	int (*look)(const struct plan *plan, const struct script *script);
	const char *one, *many, *why;
	const char *down; /* instead of `one`, of a downgrade */
	const char *all_down;
};

static const struct danger_row danger_missing = {
	.kind = PLAN_MISSING_FUNCTION,
	.look = danger_is_missing,
	.one = "has no upgrade()",
	.many = "have no upgrade()",
	.down = "has no downgrade()",
	.all_down = "have no downgrade()",
	.why = "Alembic fails before it runs anything",
};

static const struct danger_row danger_raising = {
	.kind = PLAN_RAISES,
	.look = danger_raises,
	.one = "raises in its upgrade",
	.many = "raise in their upgrade",
	.down = "raises in its downgrade",
	.all_down = "raise in their downgrade",
	.why = "Alembic fails there",
};

static const struct danger_row danger_empty_downgrade = {
	.kind = PLAN_EMPTY_DOWNGRADE,
	.look = danger_is_empty_downgrade,
	.down = "has an empty downgrade",
	.all_down = "have an empty downgrade",
	.why = "what the upgrade did stays, the version says otherwise",
};

static const struct danger_row danger_committing = {
	.kind = PLAN_COMMITS,
	.look = danger_commits,
	.one = "commits in between by autocommit_block",
	.many = "commit in between by autocommit_block",
	.down = "commits in between by autocommit_block",
	.all_down = "commit in between by autocommit_block",
	.why = "if anything fails after that, what ran before it stays done",
};

static const struct danger_row danger_empty_upgrade = {
	.kind = PLAN_EMPTY_UPGRADE,
	.look = danger_is_empty_upgrade,
	.one = "has an empty upgrade",
	.many = "have an empty upgrade",
	.why = "only the version moves",
};

/* Appends "0004" and, where a line shows it, " (0004.py:9)". */
static void
danger_add_place(const struct plan_state *state, const struct plan *plan,
	const struct danger_row *row, int revision, const char *words, struct str *out)
{
	const struct script *script = danger_script(state, revision);
	char *place = tree_place(state->tree, script, row->look(plan, script));

	str_printf(out, "%s%s (%s)", script->revision, words, place);
	free(place);
}

static void
danger_check_steps(
	const struct plan_state *state, const struct danger_row *row, struct plan *plan)
{
	bool down = plan->direction == PLAN_DOWNGRADE;
	struct tree_list found = { 0 };
	struct str text = { 0 };

	for (size_t i = 0; i < plan->count; i++) {
		int revision = plan->steps[i].revision;

		if (row->look(plan, danger_script(state, revision)))
			tree_list_add(&found, revision);
	}
	if (found.count == 1) {
		char *words = alloc_printf(" %s", down ? row->down : row->one);

		danger_add_place(state, plan, row, found.items[0], words, &text);
		free(words);
	} else {
		str_printf(&text, "%zu of %zu steps %s: ", found.count, plan->count,
			down ? row->all_down : row->many);
	}
	for (size_t i = 0; found.count > 1 && i < found.count && i < DANGER_NAMED;
		i++) {
		str_add(&text, i ? ", " : "");
		danger_add_place(state, plan, row, found.items[i], "", &text);
	}
	if (found.count > DANGER_NAMED)
		str_printf(&text, " and %zu more", found.count - DANGER_NAMED);
	if (found.count)
		danger_add(
			plan, row->kind, &found, "%s: %s", str_text(&text), row->why);
	str_free(&text);
}

/* Why what the upgrade does stays; NULL: it can be taken back, for all that is seen. */
static const char *
danger_one_way(const struct script *script)
{
	if (script->downgrade.body == BODY_MISSING)
		return danger_missing.down;
	if (script->downgrade.body == BODY_RAISES)
		return danger_raising.down;
	return danger_stays(script) ? danger_empty_downgrade.down : NULL;
}

/* Who upgrades should know what there is no way back from. */
static void
danger_check_way_back(const struct plan_state *state, struct plan *plan)
{
	struct tree_list found = { 0 };
	struct str text = { 0 };

	for (size_t i = 0; i < plan->count; i++) {
		int revision = plan->steps[i].revision;
		const struct script *script = danger_script(state, revision);
		const char *why = danger_one_way(script);

		if (!why)
			continue;
		tree_list_add(&found, revision);
		if (found.count > DANGER_NAMED)
			continue;
		char *place = tree_place(state->tree, script, script->downgrade.line);
		str_printf(&text, "%s%s %s (%s)", found.count > 1 ? ", " : "",
			script->revision, why, place);
		free(place);
	}
	if (found.count > DANGER_NAMED)
		str_printf(&text, " and %zu more", found.count - DANGER_NAMED);
	if (found.count) {
		size_t count = found.count;

		danger_add(plan, PLAN_ONE_WAY, &found,
			"%zu of %zu step%s can't be taken back: %s", count, plan->count,
			plan->count > 1 ? "s" : "", str_text(&text));
	}
	str_free(&text);
}

/* What a branch's downgrade takes back although other branches stand on it. */
static void
danger_check_branch(const struct plan_state *state,
	const struct plan_downgrade_target *target, struct plan *plan)
{
	const struct tree *tree = state->tree;
	int branch = target->relative && target->branch
			     ? tree_find_name(tree, target->branch)
			     : TREE_NONE;
	struct tree_list found = { 0 };

	if (branch == TREE_NONE || tree_find(tree, target->branch) != TREE_NONE)
		return; /* no label: Alembic's own name for the row */
	bool *below = alloc_zeroed(tree_count(tree), sizeof(*below));
	tree_mark_ancestors(tree, branch, false, below);
	for (size_t i = 0; i < plan->count; i++) {
		int revision = plan->steps[i].revision;

		if (below[revision] &&
			!strlist_has_sorted(
				tree_at(tree, revision)->labels, target->branch))
			tree_list_add(&found, revision);
	}
	free(below);
	if (found.count == 0)
		return;
	char *ids = danger_ids(state, &found);
	plan->refused = true;
	danger_add(plan, PLAN_LEAVES_BRANCH, &found,
		"%s leaves the branch %s: it takes back %s, which other branches stand "
		"on; name the revision to go to",
		plan->target, target->branch, ids);
	free(ids);
}

/* The table's name as SQL has it. */
static const char *
danger_table(const struct plan_state *state)
{
	return state->table ? state->table : "alembic_version";
}

char *
plan_redundant_text(const struct plan_state *state, const struct tree_list *implied)
{
	char *ids = danger_ids(state, implied);
	struct str list = { 0 };

	for (size_t i = 0; i < implied->count; i++) {
		const char *id = danger_script(state, implied->items[i])->revision;

		str_add(&list, i ? ", '" : "'");
		for (; *id; id++)
			str_add(&list, *id == '\'' ? "''" : (char[]){ *id, '\0' });
		str_add_char(&list, '\'');
	}
	char *text = alloc_printf(
		"the version table has %s, which another of its rows implies; an "
		"Alembic before 1.13.1 leaves that behind, and every upgrade fails "
		"(\"overlaps\") until DELETE FROM %s WHERE version_num %s%s%s",
		ids, danger_table(state), implied->count > 1 ? "IN (" : "= ",
		str_text(&list), implied->count > 1 ? ")" : "");
	str_free(&list);
	free(ids);
	return text;
}

/* Such rows end every upgrade; a downgrade goes on, and may leave them. */
static void
danger_check_rows(const struct plan_state *state, struct plan *plan)
{
	struct tree_list implied = { 0 };

	plan_find_implied(state->tree, &state->rows, &implied);
	if (implied.count == 0)
		return;
	char *text = plan_redundant_text(state, &implied);
	danger_add(plan, PLAN_REDUNDANT_ROW, &implied, "%s", text);
	free(text);
}

/* Characters of UTF-8. */
static size_t
danger_length(const char *id)
{
	size_t length = 0;

	for (; *id; id++)
		length += ((unsigned char)*id & 0xC0) != 0x80;
	return length;
}

/* What a step writes into the version table must fit. */
static void
danger_check_length(const struct plan_state *state, struct plan *plan)
{
	struct tree_list found = { 0 };
	size_t longest = 0;

	for (size_t i = 0; state->id_length && i < plan->count; i++) {
		const struct tree_list *written = &plan->steps[i].inserted;

		for (size_t k = 0; k < written->count; k++) {
			int revision = written->items[k];
			size_t length =
				danger_length(danger_script(state, revision)->revision);

			if (length <= (size_t)state->id_length)
				continue;
			tree_list_add(&found, revision);
			longest = length > longest ? length : longest;
		}
	}
	if (found.count == 0)
		return;
	char *ids = danger_ids(state, &found);
	danger_add(plan, PLAN_LONG_ID, &found,
		"%s %s longer than the %d characters of the version table's column: "
		"Alembic fails after running it; ALTER TABLE %s ALTER version_num TYPE "
		"varchar(%zu) first",
		ids, found.count > 1 ? "are" : "is", state->id_length,
		danger_table(state), longest);
	free(ids);
}

static void
danger_check_base(struct plan *plan)
{
	struct tree_list revisions = { 0 };

	if (plan->count == 0 || plan->rows_after.count)
		return;
	for (size_t i = 0; i < plan->count; i++)
		tree_list_add(&revisions, plan->steps[i].revision);
	danger_add(plan, PLAN_TO_BASE, &revisions,
		"this goes back to base: nothing of the %zu revision%s that %s applied "
		"stays",
		plan->count, plan->count > 1 ? "s" : "",
		plan->count > 1 ? "are" : "is");
}

/* Current revisions of several branches go: often only one was meant. */
static void
danger_check_others(const struct plan_state *state,
	const struct plan_downgrade_target *target, struct plan *plan)
{
	struct tree_list found = { 0 };

	for (size_t i = 0; i < plan->count; i++)
		if (strlist_has_sorted(&plan->rows_before,
			    danger_script(state, plan->steps[i].revision)->revision))
			tree_list_add(&found, plan->steps[i].revision);
	if (found.count > 1 && plan->rows_after.count) {
		const char *to =
			target->revision == TREE_NONE
				? "base"
				: danger_script(state, target->revision)->revision;
		char *ids = danger_ids(state, &found);
		char *way = target->forks && !target->branch
				    ? alloc_printf("; %s@%s takes back one of them",
					      danger_script(state, found.items[0])
						      ->revision,
					      to)
				    : alloc_copy("");

		danger_add(plan, PLAN_OTHER_BRANCHES, &found,
			"%zu of the %zu current revisions are taken back, %s%s",
			found.count, plan->rows_before.count, ids, way);
		free(ids);
		free(way);
	}
	tree_list_free(&found);
}

/* What doesn't stand on what is taken back, and goes because it depends on it. */
static void
danger_check_dependents(const struct plan_state *state,
	const struct plan_downgrade_target *target, struct plan *plan)
{
	struct tree_list found = { 0 };

	for (size_t i = 0; i < plan->count; i++)
		if (!target->stands[plan->steps[i].revision])
			tree_list_add(&found, plan->steps[i].revision);
	if (found.count == 0)
		return;
	char *ids = danger_ids(state, &found);
	bool several = found.count > 1;
	danger_add(plan, PLAN_DEPENDENTS, &found,
		"%s %s taken back too: %s on what goes", ids, several ? "are" : "is",
		several ? "they depend" : "it depends");
	free(ids);
}

void
plan_find_dangers(const struct plan_state *state,
	const struct plan_downgrade_target *target, struct plan *plan)
{
	bool down = plan->direction == PLAN_DOWNGRADE;

	if (down)
		danger_check_branch(state, target, plan);
	danger_check_steps(state, &danger_missing, plan);
	danger_check_steps(state, &danger_raising, plan);
	danger_check_length(state, plan);
	danger_check_rows(state, plan);
	if (down) {
		danger_check_base(plan);
		danger_check_others(state, target, plan);
		danger_check_dependents(state, target, plan);
	}
	danger_check_steps(state, &danger_empty_downgrade, plan);
	if (!down)
		danger_check_way_back(state, plan);
	danger_check_steps(state, &danger_committing, plan);
	danger_check_steps(state, &danger_empty_upgrade, plan);
	for (size_t i = 0; i < plan->dangers.count; i++)
		plan->refused |= plan->dangers.items[i].kind == PLAN_MISSING_FUNCTION;
}

const char *
plan_danger_name(enum plan_danger_kind kind)
{
	static const char *const names[] = {
		[PLAN_LEAVES_BRANCH] = "leaves-branch",
		[PLAN_MISSING_FUNCTION] = "missing-function",
		[PLAN_RAISES] = "raises",
		[PLAN_LONG_ID] = "long-id",
		[PLAN_REDUNDANT_ROW] = "redundant-row",
		[PLAN_TO_BASE] = "to-base",
		[PLAN_OTHER_BRANCHES] = "other-branches",
		[PLAN_DEPENDENTS] = "dependents",
		[PLAN_EMPTY_DOWNGRADE] = "empty-downgrade",
		[PLAN_ONE_WAY] = "one-way",
		[PLAN_COMMITS] = "commits",
		[PLAN_EMPTY_UPGRADE] = "empty-upgrade",
	};

	return names[kind];
}

bool
plan_danger_is_note(const struct plan_danger *danger)
{
	return danger->kind == PLAN_EMPTY_UPGRADE;
}

void
plan_dangers_free(struct plan_dangers *dangers)
{
	for (size_t i = 0; i < dangers->count; i++) {
		tree_list_free(&dangers->items[i].revisions);
		free(dangers->items[i].text);
	}
	free(dangers->items);
	*dangers = (struct plan_dangers){ 0 };
}
