#include "pgrunbook/model/version_choose.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/model/grow.h"
#include "tests/tap/tap.h"

static void
check_name(const char *text, const char *schema, const char *name)
{
	char *got_schema, *got_name;
	bool good = version_name_parse(text, &got_schema, &got_name);

	tap_ok(good == (name != NULL), "%s is %s name", text, name ? "a" : "no");
	if (name != NULL) {
		tap_is_text(got_name, name, "its name");
		tap_ok(schema == NULL ? got_schema == NULL
				      : got_schema && strcmp(got_schema, schema) == 0,
			"its schema");
	}
	free(got_schema);
	free(got_name);
}

static void
test_names(void)
{
	check_name("alembic_version", NULL, "alembic_version");
	check_name("Tenant.Versions", "Tenant", "Versions");
	check_name("\"a.b\".\"c\"\"d\"", "a.b", "c\"d");
	check_name("public.\"odd name; --\"", "public", "odd name; --");
	check_name("\"x\"", NULL, "x");
	check_name("", NULL, NULL);
	check_name(".x", NULL, NULL);
	check_name("x.", NULL, NULL);
	check_name("a.b.c", NULL, NULL);
	check_name("\"open", NULL, NULL);
	check_name("\"\".x", NULL, NULL);
	check_name("\"a\"b", NULL, NULL);
}

/* "audit: 0001 x", one a line; "-": can't be read, "v": a view, "NULL": a row of it. */
static void
candidates(const char *const *lines, struct version_rows *rows)
{
	*rows = (struct version_rows){ .table = VERSION_TABLE_SEVERAL };
	rows->candidates = alloc_zeroed(8, sizeof(*rows->candidates));
	for (size_t i = 0; lines[i]; i++) {
		struct version_candidate *item =
			&rows->candidates[rows->candidate_count++];
		const char *colon = strchr(lines[i], ':');

		*item = (struct version_candidate){ .column = true, .read = true };
		item->name = alloc_copy_bytes(lines[i], (size_t)(colon - lines[i]));
		item->oid = alloc_copy("1");
		item->grant = alloc_copy(
			strcmp(colon, ": -") == 0 ? "GRANT SELECT ON x TO me" : "");
		if (*item->grant) {
			item->read = false;
			continue;
		}
		item->null_rows = strcmp(colon, ": NULL") == 0;
		if (!item->null_rows)
			grow_words(colon + 1, &item->rows);
	}
}

static void
check_choice(const char *const *lines, const char *want, const char *what)
{
	struct tree *tree = grow_tree("a:\nb: a\nc: a\n");
	struct version_rows rows;
	int chosen;

	candidates(lines, &rows);
	chosen = version_choose(tree, &rows);
	tap_is_text(
		chosen < 0 ? "ask" : rows.candidates[chosen].name, want, "%s", what);
	tap_is_int(version_choose(NULL, &rows), -1, "without a tree nobody knows");
	version_rows_free(&rows);
	tree_free(tree);
}

static void
test_choice(void)
{
	check_choice((const char *[]){ "x: z", "y: b", "z: q b", NULL }, "y",
		"the only one whose rows are all known");
	check_choice((const char *[]){ "x: a", "y: b", NULL }, "ask",
		"two tenants of one tree");
	check_choice((const char *[]){ "x: b", "y:", NULL }, "ask",
		"an empty one could be the tree's, at base");
	check_choice((const char *[]){ "x:", "y: z", NULL }, "ask",
		"and a table without rows proves nothing");
	check_choice((const char *[]){ "x: b", "y: -", NULL }, "ask",
		"one that may not be read could be, too");
	check_choice((const char *[]){ "x: b", "y: NULL", NULL }, "x",
		"one with a NULL is not");
}

static void
test_words(void)
{
	struct tree *tree = grow_tree("a:\nb: a\nc: a\n");
	struct version_rows rows;
	static const char *const words[] = { "a: this tree's",
		"p, q, r and 1 more: not this tree's", "b, z: 1 of them this tree's",
		"empty: at base", "not readable: GRANT SELECT ON x TO me",
		"NULL: not this tree's" };

	candidates((const char *[]){ "one: a", "two: p q r s", "three: b z",
			   "four:", "five: -", "six: NULL", NULL },
		&rows);
	for (size_t i = 0; i < rows.candidate_count; i++) {
		char *got = version_candidate_words(tree, &rows.candidates[i]);

		tap_is_text(got, words[i], "%s", rows.candidates[i].name);
		free(got);
	}
	char *problem = version_problem(tree, &rows, NULL);
	tap_ok(strstr(problem, "6 tables") && strstr(problem, "one (a: this tree's)") &&
			strstr(problem, "--version-table='one'"),
		"several: which, and how to choose: %s", problem);
	free(problem);
	version_rows_take(&rows, &rows.candidates[4]);
	tap_is_int(rows.table, VERSION_TABLE_NOT_PERMITTED, "taken as it is");
	problem = version_problem(tree, &rows, NULL);
	tap_is_text(problem,
		"five may not be read; what is missing: GRANT SELECT ON x TO me",
		"what is to be granted");
	free(problem);
	version_rows_free(&rows);

	for (int hazard = VERSION_HAZARD_POLICY; hazard <= VERSION_HAZARD_PARTS;
		hazard++) {
		struct version_candidate candidate = { .name = alloc_copy("t"),
			.grant = alloc_copy(""),
			.column = true,
			.hazard = (enum version_hazard)hazard };
		char *told = version_candidate_words(tree, &candidate);

		version_rows_take(&rows, &candidate);
		problem = version_problem(tree, &rows, NULL);
		tap_ok(rows.table == VERSION_TABLE_UNSAFE &&
				strncmp(problem, "t isn't read: it ", 17) == 0 &&
				strstr(problem, told),
			"hazard %d: %s", hazard, problem);
		free(problem);
		free(told);
		version_candidate_free(&candidate);
		version_rows_free(&rows);
	}

	rows = (struct version_rows){ .table = VERSION_TABLE_MISSING };
	problem = version_problem(tree, &rows, "x.y");
	tap_ok(strstr(problem, "no version table x.y"), "a name that isn't there");
	free(problem);
	tree_free(tree);
}

int
main(void)
{
	test_names();
	test_choice();
	test_words();
	return tap_done();
}
