#include "pgrunbook/model/version_choose.h"

#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"

enum { IDS_SHOWN = 3, CANDIDATES_SHOWN = 20 };

static size_t
candidate_known(const struct tree *tree, const struct version_candidate *candidate)
{
	size_t known = 0;

	for (size_t i = 0; tree != NULL && i < candidate->rows.count; i++)
		known += tree_find(tree, candidate->rows.items[i]) != TREE_NONE;
	return known;
}

/* An empty table fits every tree. */
static bool
candidate_fits(const struct tree *tree, const struct version_candidate *candidate)
{
	return candidate->read && candidate->null_rows == 0 && !candidate->more &&
	       candidate_known(tree, candidate) == candidate->rows.count;
}

int
version_choose(const struct tree *tree, const struct version_rows *rows)
{
	int chosen = -1;

	for (size_t i = 0; tree != NULL && i < rows->candidate_count; i++) {
		const struct version_candidate *candidate = &rows->candidates[i];

		if (!candidate->read)
			return -1;
		if (!candidate_fits(tree, candidate))
			continue;
		if (chosen >= 0 || candidate->rows.count == 0)
			return -1;
		chosen = (int)i;
	}
	return chosen;
}

char *
version_settle(const struct tree *tree, struct version_rows *rows)
{
	int chosen =
		rows->table == VERSION_TABLE_SEVERAL ? version_choose(tree, rows) : -1;

	if (chosen < 0)
		return NULL;
	char *words = alloc_printf("of %zu version tables %s is this tree's: it knows "
				   "all rows of that one only",
		rows->candidate_count, rows->candidates[chosen].name);
	version_rows_take(rows, &rows->candidates[chosen]);
	return words;
}

size_t
version_choose_best(const struct tree *tree, const struct version_rows *rows)
{
	size_t best = 0, best_known = 0;

	for (size_t i = 0; i < rows->candidate_count; i++) {
		size_t known = candidate_known(tree, &rows->candidates[i]);

		if (known <= best_known)
			continue;
		best = i;
		best_known = known;
	}
	return best;
}

static void
candidate_ids(const struct version_candidate *candidate, struct str *out)
{
	for (size_t i = 0; i < candidate->rows.count && i < IDS_SHOWN; i++)
		str_printf(out, "%s%s", i == 0 ? "" : ", ", candidate->rows.items[i]);
	if (candidate->rows.count > IDS_SHOWN)
		str_printf(out, " and %zu more", candidate->rows.count - IDS_SHOWN);
	if (candidate->more)
		str_add(out, " at least");
	if (candidate->null_rows != 0)
		str_printf(out, "%sNULL", candidate->rows.count == 0 ? "" : ", ");
}

char *
version_candidate_words(
	const struct tree *tree, const struct version_candidate *candidate)
{
	size_t known = candidate_known(tree, candidate);
	struct str out = { 0 };

	if (*candidate->grant != '\0')
		str_printf(&out, "not readable: %s", candidate->grant);
	else if (candidate->hazard != VERSION_SAFE)
		str_add(&out, version_hazard_words(candidate->hazard));
	else if (candidate->view)
		str_add(&out, "a view or foreign table");
	else if (candidate->locked)
		str_add(&out, "locked just now");
	else if (!candidate->read)
		str_add(&out, "not read");
	else if (candidate->rows.count == 0 && candidate->null_rows == 0)
		str_add(&out, "empty: at base");
	if (out.length != 0)
		return str_take(&out);
	candidate_ids(candidate, &out);
	if (tree == NULL)
		return str_take(&out);
	if (candidate_fits(tree, candidate))
		str_add(&out, ": this tree's");
	else if (known == 0)
		str_add(&out, ": not this tree's");
	else
		str_printf(&out, ": %zu of them this tree's", known);
	return str_take(&out);
}

static char *
problem_several(const struct tree *tree, const struct version_rows *rows)
{
	const struct version_candidate *best =
		&rows->candidates[version_choose_best(tree, rows)];
	struct str out = { 0 };

	str_printf(&out, "%zu tables look like Alembic's version table: ",
		rows->candidate_count);
	for (size_t i = 0; i < rows->candidate_count && i < CANDIDATES_SHOWN; i++) {
		char *words = version_candidate_words(tree, &rows->candidates[i]);

		str_printf(&out, "%s%s (%s)", i == 0 ? "" : ", ",
			rows->candidates[i].name, words);
		free(words);
	}
	if (rows->candidate_count > CANDIDATES_SHOWN)
		str_printf(&out, " and %zu more",
			rows->candidate_count - CANDIDATES_SHOWN);
	str_printf(&out,
		"; name the one with --version-table='%s', or as version_table in the "
		"settings",
		best->name);
	return str_take(&out);
}

static char *
problem_missing(const struct version_rows *rows, const char *configured)
{
	if (configured != NULL)
		return alloc_printf("there is no version table %s: nothing was ever "
				    "applied, or version_table is another one",
			configured);
	if (rows->candidate_count != 0)
		return alloc_printf("there is no version table, but %s is a view or "
				    "foreign table: --version-table='%s' reads it",
			rows->candidates[0].name, rows->candidates[0].name);
	return alloc_copy("there is no version table: nothing was ever applied");
}

char *
version_problem(const struct tree *tree, const struct version_rows *rows,
	const char *configured)
{
	switch (rows->table) {
	case VERSION_TABLE_NOT_READ:
		return rows->name == NULL
			       ? alloc_copy("the version table isn't read yet")
			       : alloc_printf(
					 "%s is locked: its rows can't be read now",
					 rows->name);
	case VERSION_TABLE_MISSING:
		return problem_missing(rows, configured);
	case VERSION_TABLE_OTHER:
		return alloc_printf("%s has no column version_num: it is not a version "
				    "table of Alembic's; correct version_table",
			rows->name);
	case VERSION_TABLE_NOT_PERMITTED:
		return alloc_printf("%s may not be read; what is missing: %s",
			rows->name, rows->grant);
	case VERSION_TABLE_UNSAFE:
		return alloc_printf("%s isn't read: it %s", rows->name,
			version_hazard_words(rows->hazard));
	case VERSION_TABLE_SEVERAL:
		return problem_several(tree, rows);
	case VERSION_TABLE_READ:
		break;
	}
	return NULL;
}
