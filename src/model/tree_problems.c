#include "pgrunbook/model/tree_problems.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/tree_internal.h"

void
tree_report(struct tree *tree, enum tree_problem_kind kind, int revision,
	const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	char *text = alloc_vprintf(format, arguments);
	va_end(arguments);
	strlist_add_owned(&tree->problems, text);
	tree->problem_items = alloc_room(tree->problem_items, tree->problems.count - 1,
		&tree->problem_capacity, sizeof(*tree->problem_items));
	tree->problem_items[tree->problems.count - 1] = (struct tree_problem){
		.kind = kind, .revision = revision, .text = text
	};
}

void
tree_add_problem(struct tree *tree, const char *problem)
{
	tree_report(tree, TREE_UNREADABLE, TREE_NONE, "%s", problem);
}

const struct strlist *
tree_problems(const struct tree *tree)
{
	return &tree->problems;
}

const struct tree_problem *
tree_problem_at(const struct tree *tree, size_t index)
{
	return &tree->problem_items[index];
}

bool
tree_problem_is_note(const struct tree_problem *problem)
{
	return problem->kind == TREE_COMPUTED_LABELS;
}

const struct tree_problem *
tree_first_defect(const struct tree *tree)
{
	for (size_t i = 0; i < tree->problems.count; i++)
		if (!tree_problem_is_note(&tree->problem_items[i]))
			return &tree->problem_items[i];
	return NULL;
}

const struct tree_problem *
tree_fatal_problem(const struct tree *tree)
{
	for (size_t i = 0; i < tree->problems.count; i++) {
		const struct tree_problem *problem = &tree->problem_items[i];

		if (problem->kind != TREE_COMPUTED && !tree_problem_is_note(problem))
			return problem;
	}
	return NULL;
}

const char *
tree_problem_name(enum tree_problem_kind kind)
{
	static const char *const names[] = {
		[TREE_UNREADABLE] = "unreadable",
		[TREE_BROKEN_FILE] = "broken-file",
		[TREE_COMPUTED] = "computed",
		[TREE_COMPUTED_LABELS] = "computed-labels",
		[TREE_ILLEGAL_ID] = "illegal-id",
		[TREE_DUPLICATE_ID] = "duplicate-id",
		[TREE_DUPLICATE_LABEL] = "duplicate-label",
		[TREE_MISSING_PARENT] = "missing-parent",
		[TREE_MISSING_DEPENDENCY] = "missing-dependency",
		[TREE_SELF_LOOP] = "self-loop",
		[TREE_CYCLE] = "cycle",
		[TREE_DEPENDENCY_CYCLE] = "dependency-cycle",
		[TREE_MANY_LABELS] = "many-labels",
	};

	return names[kind];
}

/* The directory's part of a path, with its '/'. */
static size_t
problem_directory(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

/* What all paths begin with becomes shorter by one more path. */
static void
problem_meet(const char **first, size_t *length, const char *path)
{
	size_t most = problem_directory(path), same = 0;

	if (!*first) {
		*first = path;
		*length = most;
		return;
	}
	for (size_t i = 0; i < most && i < *length && path[i] == (*first)[i]; i++)
		if (path[i] == '/')
			same = i + 1;
	*length = same;
}

void
tree_find_directory(struct tree *tree)
{
	const char *first = NULL;
	size_t length = 0;

	for (size_t i = 0; i < tree->count; i++)
		problem_meet(&first, &length, tree->items[i].script.path);
	for (size_t i = 0; i < tree->broken.count; i++)
		problem_meet(&first, &length, tree->broken.items[i]);
	tree->directory = alloc_copy_bytes(first ? first : "", length);
	for (size_t i = 0; length && i < tree->problems.count; i++) {
		char *text = tree->problems.items[i];

		if (tree->problem_items[i].kind == TREE_BROKEN_FILE &&
			strncmp(text, tree->directory, length) == 0)
			memmove(text, text + length, strlen(text + length) + 1);
	}
}

char *
tree_directory(const struct tree *tree)
{
	return alloc_copy(tree->directory);
}

char *
tree_place(const struct tree *tree, const struct script *script, int line)
{
	const char *path = script->path + strlen(tree->directory);

	return line > 0 ? alloc_printf("%s:%d", path, line) : alloc_copy(path);
}

/* How many letters have to change to make one name of the other; `most` + 1: more. */
static size_t
suggest_distance(const char *a, const char *b, size_t most)
{
	enum { LONGEST = 64 };
	size_t row[LONGEST + 1];
	size_t rows = strlen(a), columns = strlen(b);

	if (rows > LONGEST || columns > LONGEST || rows > columns + most ||
		columns > rows + most)
		return most + 1;
	for (size_t k = 0; k <= columns; k++)
		row[k] = k;
	for (size_t i = 1; i <= rows; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (size_t k = 1; k <= columns; k++) {
			size_t change = corner + (a[i - 1] != b[k - 1]);

			corner = row[k];
			if (row[k - 1] + 1 < change)
				change = row[k - 1] + 1;
			row[k] = corner + 1 < change ? corner + 1 : change;
		}
	}
	return row[columns];
}

/* Whether one may have been typed, or cut off, for the other. */
static bool
suggest_is_near(const char *name, const char *id)
{
	enum { PART = 4 }; /* as Alembic wants it of a partial id */
	size_t length = strlen(name), other = strlen(id);
	size_t shorter = length < other ? length : other;
	size_t most = shorter >= 8 ? 2 : 1;

	if (shorter >= PART && strncmp(name, id, shorter) == 0)
		return true;
	return shorter >= PART && suggest_distance(name, id, most) <= most;
}

void
tree_suggest(const struct tree *tree, const char *name, struct str *out)
{
	enum { LISTED = 3 };
	size_t count = 0;

	for (size_t i = 0; i < tree->count && count < LISTED; i++) {
		const char *id = tree->items[i].script.revision;

		if (suggest_is_near(name, id) && strcmp(name, id) != 0)
			str_printf(
				out, "%s%s", count++ ? " or " : "; did you mean ", id);
	}
	if (count)
		str_add_char(out, '?');
}

/* The unreadable file that seems to be the one of `id`: it has it in its name. */
static const char *
problem_find_broken(const struct tree *tree, const char *id)
{
	for (size_t i = 0; *id && i < tree->broken.count; i++) {
		const char *path = tree->broken.items[i];

		if (strstr(path + problem_directory(path), id))
			return path + strlen(tree->directory);
	}
	return NULL;
}

/*
 * Appends what is near and what leads to the other way out.  A hostile tree names
 * nothing but what isn't there: that isn't held against all.
 */
static void
problem_suggest(const struct tree *tree, const char *name, struct str *out)
{
	enum { MOST = 50 };

	if (tree->problems.count < MOST)
		tree_suggest(tree, name, out);
	str_add(out, out->length ? " Else" : ":");
}

void
tree_report_missing_parent(struct tree *tree, int index, const char *name)
{
	const struct script *script = &tree->items[index].script;
	const char *file = problem_find_broken(tree, name);
	char *place = tree_place(tree, script, script->lines[SCRIPT_DOWN_REVISION]);
	int labelled = tree_find_name(tree, name);
	struct str near = { 0 };

	if (!*name) {
		tree_report(tree, TREE_MISSING_PARENT, index,
			"%s follows \"\", which is no revision (%s): a first revision "
			"has `down_revision = None`",
			script->revision, place);
	} else if (labelled != TREE_NONE) {
		tree_report(tree, TREE_MISSING_PARENT, index,
			"%s follows %s, which is a branch label, no revision (%s): let "
			"down_revision name the revision, %s",
			script->revision, name, place,
			tree->items[labelled].script.revision);
	} else if (file) {
		tree_report(tree, TREE_MISSING_PARENT, index,
			"%s follows %s, which no readable file has (%s): %s seems to "
			"be it; mend that first",
			script->revision, name, place, file);
	} else {
		problem_suggest(tree, name, &near);
		tree_report(tree, TREE_MISSING_PARENT, index,
			"%s follows %s, which no file has (%s)%s restore the file of "
			"%s if a merge or checkout lost it, or let down_revision name "
			"what %s really follows",
			script->revision, name, place, str_text(&near), name,
			script->revision);
	}
	str_free(&near);
	free(place);
}

void
tree_report_missing_dependency(struct tree *tree, int index, const char *name)
{
	const struct script *script = &tree->items[index].script;
	char *place = tree_place(tree, script, script->lines[SCRIPT_DEPENDS_ON]);
	struct str near = { 0 };

	problem_suggest(tree, name, &near);
	tree_report(tree, TREE_MISSING_DEPENDENCY, index,
		"%s depends on %s, which is no revision and no branch label (%s)%s "
		"restore its file, or take it out of depends_on",
		script->revision, name, place, str_text(&near));
	str_free(&near);
	free(place);
}

void
tree_report_self(struct tree *tree, int index, bool dependency)
{
	const struct script *script = &tree->items[index].script;
	char *place = tree_place(tree, script,
		dependency ? script->lines[SCRIPT_DEPENDS_ON]
			   : script->lines[SCRIPT_DOWN_REVISION]);

	if (dependency)
		tree_report(tree, TREE_SELF_LOOP, index,
			"%s depends on itself (%s): take that out of depends_on",
			script->revision, place);
	else
		tree_report(tree, TREE_SELF_LOOP, index,
			"%s follows itself (%s): let down_revision name the revision "
			"before it, or None if it is the first",
			script->revision, place);
	free(place);
}

void
tree_report_twins(struct tree *tree, int first, int second)
{
	const struct script *a = &tree->items[first].script;
	const struct script *b = &tree->items[second].script;
	char *place = tree_place(tree, a, a->lines[SCRIPT_REVISION]);
	char *other = tree_place(tree, b, b->lines[SCRIPT_REVISION]);

	tree_report(tree, TREE_DUPLICATE_ID, second,
		"two files have revision %s (%s, %s): Alembic takes the second alone; "
		"delete the copy, or give one a new id and let what follows it name "
		"that",
		b->revision, place, other);
	free(place);
	free(other);
}

void
tree_report_label(struct tree *tree, int first, int second, const char *label)
{
	const struct script *a = &tree->items[first].script;
	const struct script *b = &tree->items[second].script;
	bool id = strcmp(a->revision, label) == 0;
	char *place = tree_place(tree, a,
		id ? a->lines[SCRIPT_REVISION] : a->lines[SCRIPT_BRANCH_LABELS]);
	char *other = tree_place(tree, b, b->lines[SCRIPT_BRANCH_LABELS]);

	if (id)
		tree_report(tree, TREE_DUPLICATE_LABEL, second,
			"branch label %s of %s is a revision's id too (%s, %s): rename "
			"the label",
			label, b->revision, other, place);
	else if (first == second)
		tree_report(tree, TREE_DUPLICATE_LABEL, second,
			"%s has branch label %s twice (%s): take one away", b->revision,
			label, place);
	else
		tree_report(tree, TREE_DUPLICATE_LABEL, second,
			"branch label %s is given twice, by %s and %s (%s, %s): "
			"rename or remove one",
			label, a->revision, b->revision, place, other);
	free(place);
	free(other);
}

void
tree_report_labels(struct tree *tree)
{
	tree_report(tree, TREE_MANY_LABELS, TREE_NONE,
		"the branch labels and the revisions that they reach are too many to "
		"tell which has which: take labels away that nobody names");
}

static void
problem_report_unclear(struct tree *tree, int index, enum script_name name)
{
	const struct script *script = &tree->items[index].script;
	bool labels = name == SCRIPT_BRANCH_LABELS;
	bool computed = script->senses[name] == SCRIPT_COMPUTED;
	char *place = tree_place(tree, script, script->lines[name]);

	tree_report(tree, labels && computed ? TREE_COMPUTED_LABELS : TREE_COMPUTED,
		index, "%s of %s is %s (%s): write %s down", script_name_text(name),
		script->revision,
		computed ? "computed, so that only Python knows it"
			 : "neither a string nor None",
		place, labels ? "the labels" : "the ids");
	free(place);
}

void
tree_check_script(struct tree *tree, int index)
{
	const struct script *script = &tree->items[index].script;
	size_t illegal = strcspn(script->revision, "@-+:");

	if (script->revision[illegal]) {
		char *place = tree_place(tree, script, script->lines[SCRIPT_REVISION]);
		char c = script->revision[illegal];

		tree_report(tree, TREE_ILLEGAL_ID, index,
			"revision id %s has a `%c`, which Alembic%s takes for part of "
			"an expression (%s): rename it here and where it is named",
			script->revision, c, c == ':' ? " from 1.17.1 on" : "", place);
		free(place);
	}
	for (int name = 0; name < SCRIPT_NAMES; name++)
		if (script->senses[name] != SCRIPT_CLEAR)
			problem_report_unclear(tree, index, (enum script_name)name);
}
