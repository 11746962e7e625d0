#include "pgrunbook/model/place.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/model/tree_problems.h"

/* A message lists this many revisions and then says that there are more. */
enum { PLACE_LISTED = 8 };

/* Alembic's map holds ids and labels; a part is held against those of more than this.
 */
enum { PLACE_SHORT = 3 };

/* No tree is deeper; a number beyond it is as good as this one. */
enum { PLACE_STEPS = 1 << 24 };

static void
place_list_add(struct str *text, size_t position, const char *name)
{
	if (position < PLACE_LISTED)
		str_printf(text, "%s%s", position ? ", " : "", name);
	else if (position == PLACE_LISTED)
		str_add(text, ", ...");
}

/* The ids of a list with commas between them. */
static char *
place_list(const struct tree *tree, const struct tree_list *list)
{
	struct str text = { 0 };

	for (size_t i = 0; i < list->count; i++)
		place_list_add(
			&text, i, tree_at(tree, list->items[i])->script.revision);
	char *ids = alloc_copy(str_text(&text));
	str_free(&text);
	return ids;
}

/* Whether a character may stand in the name before +N and -N. */
static bool
place_is_word(unsigned char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
	       c == '_' || c >= 0x80;
}

/* Reads "+N" or "-N" to the end of the text. */
static bool
place_parse_steps(const char *text, struct place_name *parts)
{
	bool minus = *text == '-';

	if ((*text != '-' && *text != '+') || !text[1])
		return false;
	for (text++; *text >= '0' && *text <= '9'; text++)
		if (parts->steps < PLACE_STEPS)
			parts->steps = parts->steps * 10 + (*text - '0');
	parts->negative = minus && parts->steps > 0;
	return *text == '\0';
}

void
place_name_parse(const char *name, struct place_name *parts)
{
	const char *at = strchr(name, '@');
	const char *symbol = at && at > name ? at + 1 : name;
	size_t length = 0;

	*parts = (struct place_name){ 0 };
	if (symbol != name)
		parts->label = alloc_copy_bytes(name, (size_t)(at - name));
	while (place_is_word((unsigned char)symbol[length]))
		length++;
	parts->relative = place_parse_steps(symbol + length, parts);
	if (!parts->relative)
		parts->symbol = alloc_copy(symbol);
	else if (length)
		parts->symbol = alloc_copy_bytes(symbol, length);
}

void
place_name_free(struct place_name *parts)
{
	free(parts->label);
	free(parts->symbol);
	*parts = (struct place_name){ 0 };
}

/* What a partial name may stand for. */
struct place_matches {
	size_t count;
	int last;
	struct str names;
};

static bool
place_is_short(const char *name)
{
	size_t length = strlen(name), characters = 0;

	for (size_t i = 0, used; i < length && characters <= PLACE_SHORT; i += used) {
		text_decode(name + i, length - i, &used);
		characters++;
	}
	return characters <= PLACE_SHORT;
}

static void
place_match(const struct tree *tree, const char *part, const bool *lineage,
	struct place_matches *matches)
{
	size_t length = strlen(part);

	for (size_t i = 0; i < tree_name_count(tree); i++) {
		int index;
		const char *name = tree_name_at(tree, i, &index);

		if (strncmp(name, part, length) != 0 || place_is_short(name) ||
			(lineage && !lineage[index]))
			continue;
		place_list_add(&matches->names, matches->count++, name);
		matches->last = index;
	}
}

/* What may be why a name isn't known; "" if nothing is. */
static const char *
place_doubt(const struct tree *tree)
{
	for (size_t i = 0; i < tree_problems(tree)->count; i++)
		if (tree_problem_at(tree, i)->kind == TREE_COMPUTED_LABELS)
			return "; some branch labels are computed, so that only Python "
			       "knows them";
	return "";
}

/* An exact id or label, or the only one that begins so. */
static bool
place_find_in(const struct tree *tree, const char *id, const bool *lineage, int *index,
	struct error *error)
{
	struct place_matches matches = { .last = tree_find_name(tree, id) };

	if (matches.last == TREE_NONE && *id)
		place_match(tree, id, lineage, &matches);
	if (matches.count > 1)
		error_set(error, "%s may be any of these revisions and branches: %s",
			id, str_text(&matches.names));
	else if (matches.last == TREE_NONE)
		error_set(error,
			"can't locate a revision or branch identified by '%s'%s", id,
			place_doubt(tree));
	str_free(&matches.names);
	*index = matches.last;
	return matches.last != TREE_NONE && matches.count <= 1;
}

/* Marks what comes before and after a revision. */
static void
place_mark_around(const struct tree *tree, int revision, bool *marks)
{
	bool *below = alloc_zeroed(tree_count(tree), sizeof(*below));
	bool *above = alloc_zeroed(tree_count(tree), sizeof(*above));

	tree_mark_ancestors(tree, revision, false, below);
	tree_mark_descendants(tree, revision, false, above);
	for (size_t i = 0; i < tree_count(tree); i++)
		marks[i] |= below[i] || above[i];
	free(below);
	free(above);
}

static bool
place_mark_branch(
	const struct tree *tree, const char *label, bool *marks, struct error *error)
{
	int branch;

	if (!place_find_in(tree, label, NULL, &branch, error))
		return error_prefix(error, "there is no branch '%s'", label);
	place_mark_around(tree, branch, marks);
	return true;
}

bool
place_mark_lineage(
	const struct tree *tree, const char *label, bool *marks, struct error *error)
{
	struct tree_list heads = { 0 };
	bool good = true;

	if (strcmp(label, "base") == 0)
		memset(marks, true, tree_count(tree));
	else if (strcmp(label, "head") == 0 || strcmp(label, "heads") == 0)
		good = place_resolve_all(tree, label, &heads, error);
	else
		good = place_mark_branch(tree, label, marks, error);
	for (size_t i = 0; good && i < heads.count; i++)
		place_mark_around(tree, heads.items[i], marks);
	tree_list_free(&heads);
	return good;
}

/* The marks of the label's lineage; *marks stays NULL without a label. */
static bool
place_lineage(
	const struct tree *tree, const char *label, bool **marks, struct error *error)
{
	*marks = NULL;
	if (!label)
		return true;
	*marks = alloc_zeroed(tree_count(tree), sizeof(**marks));
	return place_mark_branch(tree, label, *marks, error);
}

bool
place_find(const struct tree *tree, const char *id, const char *label, int *index,
	struct error *error)
{
	bool *lineage;
	bool good = place_lineage(tree, label, &lineage, error) &&
		    place_find_in(tree, id, lineage, index, error);

	if (good && lineage && !lineage[*index])
		good = error_set(error, "revision %s is not a member of branch '%s'",
			tree_at(tree, *index)->script.revision, label);
	free(lineage);
	return good;
}

/* The heads by down_revision, of a branch if `lineage` isn't NULL. */
static void
place_heads(const struct tree *tree, const bool *lineage, struct tree_list *heads)
{
	const struct tree_list *all = tree_heads(tree);

	for (size_t i = 0; i < all->count; i++)
		if (!lineage || lineage[all->items[i]])
			tree_list_add(heads, all->items[i]);
}

/* The only head; TREE_NONE in a tree without revisions. */
static bool
place_head(const struct tree *tree, const bool *lineage, const char *label, int *index,
	struct error *error)
{
	struct tree_list heads = { 0 };

	place_heads(tree, lineage, &heads);
	*index = heads.count ? heads.items[0] : TREE_NONE;
	if (heads.count > 1) {
		char *ids = place_list(tree, &heads);

		error_set(error,
			"there are several heads%s%s: %s; name one, say %s%sheads for "
			"all, or join them with `alembic merge`",
			label ? " on branch " : "", label ? label : "", ids,
			label ? label : "", label ? "@" : "");
		free(ids);
	}
	bool good = heads.count <= 1;
	tree_list_free(&heads);
	return good;
}

/* "heads": all that nothing follows or depends on; of a branch: its heads. */
static bool
place_all_heads(const struct tree *tree, const char *label, struct tree_list *places,
	struct error *error)
{
	bool *lineage;
	bool good = place_lineage(tree, label, &lineage, error);

	if (good && lineage) {
		place_heads(tree, lineage, places);
	} else if (good) {
		for (size_t i = 0; i < tree_count(tree); i++)
			if (tree_at(tree, (int)i)->real_head)
				tree_list_add(places, (int)i);
	}
	free(lineage);
	return good;
}

/* "heads" where one revision is asked for. */
static bool
place_only_head(
	const struct tree *tree, const char *label, int *index, struct error *error)
{
	struct tree_list heads = { 0 };
	bool good = place_all_heads(tree, label, &heads, error);

	if (good && heads.count > 1) {
		char *ids = place_list(tree, &heads);

		good = error_set(error, "heads are several revisions: %s", ids);
		free(ids);
	} else if (good && heads.count) {
		*index = heads.items[0];
	}
	tree_list_free(&heads);
	return good;
}

bool
place_find_symbol(const struct tree *tree, const char *symbol, const char *label,
	int *index, struct error *error)
{
	bool *lineage;
	bool good;

	*index = TREE_NONE;
	if (strcmp(symbol, "base") == 0)
		return true;
	if (strcmp(symbol, "heads") == 0)
		return place_only_head(tree, label, index, error);
	if (strcmp(symbol, "head") != 0)
		return place_find(tree, symbol, label, index, error);
	good = place_lineage(tree, label, &lineage, error) &&
	       place_head(tree, lineage, label, index, error);
	free(lineage);
	return good;
}

bool
place_resolve_all(const struct tree *tree, const char *name, struct tree_list *places,
	struct error *error)
{
	struct place_name parts;
	int index = TREE_NONE;
	bool good;

	place_name_parse(name, &parts);
	if (parts.relative)
		good = error_set(error, "%s is relative; this takes a revision", name);
	else if (strcmp(parts.symbol, "heads") == 0)
		good = place_all_heads(tree, parts.label, places, error);
	else
		good = place_find_symbol(
			tree, parts.symbol, parts.label, &index, error);
	if (good && index != TREE_NONE)
		tree_list_add(places, index);
	place_name_free(&parts);
	return good;
}

/* What comes next on the way up: the children, or the bases. */
static void
place_above(
	const struct tree *tree, int from, const bool *lineage, struct tree_list *above)
{
	if (from != TREE_NONE) {
		const struct tree_list *children = &tree_at(tree, from)->children;

		for (size_t i = 0; i < children->count; i++)
			if (!lineage || lineage[children->items[i]])
				tree_list_add(above, children->items[i]);
		return;
	}
	for (size_t i = 0; i < tree_count(tree); i++)
		if (tree_at(tree, (int)i)->base && (!lineage || lineage[i]))
			tree_list_add(above, (int)i);
}

static const char *
place_id(const struct tree *tree, int index)
{
	return index == TREE_NONE ? "base" : tree_at(tree, index)->script.revision;
}

static bool
place_fork(const struct tree *tree, int at, const struct tree_list *ways,
	const char *where, struct error *error)
{
	char *ids = place_list(tree, ways);

	error_set(error, "the way is ambiguous %s %s: it may go to %s; name a revision",
		where, place_id(tree, at), ids);
	free(ids);
	return false;
}

bool
place_go_up(const struct tree *tree, int from, int steps, const bool *lineage,
	int *index, int *done, struct error *error)
{
	struct tree_list above = { 0 };
	bool good = true;

	*index = from;
	for (*done = 0; good && *done < steps; *done += good) {
		above.count = 0;
		place_above(tree, *index, lineage, &above);
		if (above.count == 0)
			break;
		if (above.count > 1)
			good = place_fork(tree, *index, &above, "after", error);
		else
			*index = above.items[0];
	}
	tree_list_free(&above);
	return good;
}

bool
place_walk_up(const struct tree *tree, int from, int steps, const bool *lineage,
	int *index, struct error *error)
{
	int done;

	if (!place_go_up(tree, from, steps, lineage, index, &done, error))
		return false;
	return done == steps ||
	       error_set(error, "there are %d revisions after %s on this way, not %d",
		       done, place_id(tree, from), steps);
}

bool
place_go_down(const struct tree *tree, int from, int steps, int *index, int *done,
	struct error *error)
{
	*index = from;
	for (*done = 0; *done < steps && *index != TREE_NONE; (*done)++) {
		const struct revision *at = tree_at(tree, *index);

		if (at->merge_point)
			return place_fork(tree, *index, &at->parents, "before", error);
		*index = at->parents.count ? at->parents.items[0] : TREE_NONE;
	}
	return true;
}

bool
place_walk_down(
	const struct tree *tree, int from, int steps, int *index, struct error *error)
{
	int done;

	if (!place_go_down(tree, from, steps, index, &done, error))
		return false;
	return done == steps ||
	       error_set(error, "there are %d steps down from %s, not %d", done,
		       place_id(tree, from), steps);
}

bool
place_below_heads(const struct tree *tree, const char *name, struct tree_list *places,
	struct error *error)
{
	struct place_name parts;
	bool good = true;

	place_name_parse(name, &parts);
	for (size_t i = 0; good && i < tree_count(tree); i++) {
		const struct revision *at = tree_at(tree, (int)i);
		int index, done;

		if (!at->real_head ||
			(parts.label && !strlist_has_sorted(at->labels, parts.label)))
			continue;
		good = place_go_down(tree, (int)i, parts.steps, &index, &done, error);
		tree_list_add(places, done < parts.steps ? PLACE_BEYOND : index);
	}
	place_name_free(&parts);
	return good;
}

void
place_branch_tips(const struct tree *tree, const bool *applied, const bool *lineage,
	bool dependencies, struct tree_list *tips)
{
	for (size_t i = 0; i < tree_count(tree); i++) {
		const struct revision *at = tree_at(tree, (int)i);
		const struct tree_list *above[2] = { &at->children, &at->dependents };
		bool tip = applied[i] && lineage[i];

		for (size_t way = 0; way < (dependencies ? 2 : 1); way++)
			for (size_t k = 0; tip && k < above[way]->count; k++)
				tip = !applied[above[way]->items[k]] ||
				      (dependencies && !lineage[above[way]->items[k]]);
		if (tip)
			tree_list_add(tips, (int)i);
	}
}

bool
place_find_rows(const struct tree *tree, const struct strlist *rows,
	struct tree_list *places, struct error *error)
{
	if (!rows)
		return error_set(error, "the current revisions aren't known");
	for (size_t i = 0; i < rows->count; i++) {
		int index;

		if (!place_find(tree, rows->items[i], NULL, &index, error))
			return error_prefix(
				error, "current revision %s", rows->items[i]);
		tree_list_add(places, index);
	}
	return true;
}

/* The one row of the version table; TREE_NONE if it has none. */
static bool
place_current(const struct tree *tree, const struct strlist *rows, int *index,
	struct error *error)
{
	*index = TREE_NONE;
	if (!rows)
		return error_set(error, "the current revision isn't known");
	if (rows->count == 0)
		return true;
	if (rows->count > 1) {
		char *ids = strlist_join(rows, ", ");

		error_set(error, "there are several current revisions: %s; name one",
			ids);
		free(ids);
		return false;
	}
	*index = tree_find(tree, rows->items[0]);
	if (*index == TREE_NONE)
		return error_set(error,
			"the current revision %s is in none of the scripts",
			rows->items[0]);
	return true;
}

/* The current revisions with `suffix` after each: what to say instead. */
static bool
place_refuse_several(const struct strlist *rows, const char *name, struct error *error)
{
	struct str choices = { 0 };

	for (size_t i = 0; i < rows->count; i++)
		str_printf(&choices, "%s%s%s", i ? " or " : "", rows->items[i], name);
	error_set(error,
		"%s is ambiguous: there are %zu current revisions; Alembic would take "
		"any of them: say %s",
		name, rows->count, str_text(&choices));
	str_free(&choices);
	return false;
}

static bool
place_resolve_relative(const struct tree *tree, const char *name,
	const struct place_name *parts, const struct strlist *rows, int *index,
	struct error *error)
{
	bool *lineage = NULL;
	bool good;

	if (parts->symbol && strcmp(parts->symbol, "current") != 0)
		good = place_find_symbol(tree, parts->symbol,
			parts->negative ? parts->label : NULL, index, error);
	else if (!parts->symbol && rows && rows->count > 1)
		good = place_refuse_several(rows, name, error);
	else
		good = place_current(tree, rows, index, error);
	good = good && place_lineage(tree, parts->label, &lineage, error);
	if (good && parts->negative)
		good = place_walk_down(tree, *index, parts->steps, index, error);
	else if (good)
		good = place_walk_up(tree, *index, parts->steps, lineage, index, error);
	free(lineage);
	return good;
}

bool
place_resolve(const struct tree *tree, const char *name, const struct strlist *rows,
	int *index, struct error *error)
{
	struct place_name parts;
	bool good;

	*index = TREE_NONE;
	if (strcmp(name, "current") == 0)
		return place_current(tree, rows, index, error);
	place_name_parse(name, &parts);
	if (parts.relative)
		good = place_resolve_relative(tree, name, &parts, rows, index, error);
	else
		good = place_find_symbol(tree, parts.symbol, parts.label, index, error);
	place_name_free(&parts);
	return good;
}
