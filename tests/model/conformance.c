/*
 * The model held against what Alembic 1.19.2 answered on 40 random trees, recorded in
 * tests/conformance: `heads`, `history`, and what `upgrade` and `downgrade` ran.
 */
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/file.h"
#include "pgrunbook/drive/tree_load.h"
#include "pgrunbook/model/plan.h"
#include "pgrunbook/model/tree_text.h"
#include "tests/tap/tap.h"

/* What was compared in one tree, and how often it was the same. */
struct score {
	const char *name; /* of the tree */
	size_t good, all;
	size_t better; /* answered better than Alembic, on purpose */
};

static struct tree *
load_tree(const char *root)
{
	char *path = file_join(root, "alembic.ini");
	struct str bytes = { 0 };
	struct error error = { 0 };
	struct alembic_config config = { 0 };
	struct tree *tree = NULL;

	if (file_read(path, 1 << 20, &bytes, &error)) {
		struct ini *ini =
			ini_parse(path, root, str_text(&bytes), bytes.length, &error);

		if (ini && alembic_config_read(ini, "alembic", "/", &config, &error))
			tree = tree_load(&config);
		alembic_config_free(&config);
		ini_free(ini);
	}
	if (!tree)
		tap_diag("%s", error.message);
	error_clear(&error);
	str_free(&bytes);
	free(path);
	return tree;
}

static void
read_rows(const json_t *list, struct strlist *rows)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		strlist_add(rows, json_string_value(json_array_get(list, i)));
}

static void
score_add(struct score *score, bool good, const char *what, const char *got,
	const char *want)
{
	score->all++;
	score->good += good;
	if (!good)
		tap_diag("%s: %s\n got: %s\nwant: %s", score->name, what, got, want);
}

static void
check_heads(const struct tree *tree, const json_t *one, struct score *score)
{
	const char *want = json_string_value(json_object_get(one, "out"));
	const struct tree_list *heads = tree_heads(tree);
	struct str out = { 0 };

	for (size_t i = 0; i < heads->count; i++) {
		tree_text_line(tree, heads->items[i], TREE_TEXT_LABELS, &out);
		str_add(&out, "\n");
	}
	score_add(score, strcmp(str_text(&out), want) == 0, "heads", str_text(&out),
		want);
	str_free(&out);
}

/* `history`, and `history -i`, which marks the rows as current. */
static void
check_history(const struct tree *tree, const json_t *one, struct score *score)
{
	const char *want = json_string_value(json_object_get(one, "out"));
	const struct tree_list *order = tree_order(tree);
	struct strlist rows = { 0 };
	struct str out = { 0 };

	read_rows(json_object_get(one, "rows"), &rows);
	for (size_t i = 0; i < order->count; i++) {
		const char *id = tree_at(tree, order->items[i])->script.revision;
		unsigned what = TREE_TEXT_PARENTS | TREE_TEXT_LABELS | TREE_TEXT_TREE |
				TREE_TEXT_MESSAGE;

		if (strlist_has(&rows, id))
			what |= TREE_TEXT_CURRENT;
		tree_text_line(tree, order->items[i], what, &out);
		str_add(&out, "\n");
	}
	score_add(score, strcmp(str_text(&out), want) == 0, "history", str_text(&out),
		want);
	strlist_free(&rows);
	str_free(&out);
}

/* The steps as Alembic logs them; of a message only the first line was recorded. */
static char *
plan_text(const struct tree *tree, const struct plan *plan)
{
	struct str out = { 0 };

	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_step *step = &plan->steps[i];
		const char *message = tree_at(tree, step->revision)->script.message;
		char *from = strlist_join(&step->from, ", ");
		char *to = strlist_join(&step->to, ", ");

		str_printf(&out, "%s %s -> %s%s%.*s\n",
			plan->direction == PLAN_UPGRADE ? "upgrade" : "downgrade", from,
			to, *message ? ", " : "", (int)strcspn(message, "\n"), message);
		free(from);
		free(to);
	}
	return str_take(&out);
}

/* The recorded steps and rows in the same form. */
static char *
recorded_text(const json_t *one)
{
	const json_t *steps = json_object_get(one, "steps");
	const json_t *rows = json_object_get(one, "rows_after");
	struct str out = { 0 };

	for (size_t i = 0; i < json_array_size(steps); i++)
		str_printf(&out, "%s\n", json_string_value(json_array_get(steps, i)));
	for (size_t i = 0; i < json_array_size(rows); i++)
		str_printf(
			&out, "row %s\n", json_string_value(json_array_get(rows, i)));
	return str_take(&out);
}

/* Why an answer may differ from the recorded one: alembic.md says where Alembic errs.
 */
static const char *
better_reason(const char *command, const char *target, const struct strlist *rows,
	const char *error)
{
	if (strcmp(command, "downgrade") == 0 && *target == '-' && rows->count > 1 &&
		error && strstr(error, "is ambiguous"))
		return "downgrade -N with several rows takes any of them";
	return NULL;
}

static void
check_plan(const struct tree *tree, const json_t *one, struct score *score)
{
	const json_t *words = json_object_get(one, "plan");
	const char *command = json_string_value(json_array_get(words, 0));
	const char *target = json_string_value(json_array_get(words, 1));
	bool want_good = json_integer_value(json_object_get(one, "rc")) == 0;
	struct strlist rows = { 0 };
	struct plan plan;
	struct error error = { 0 };

	read_rows(json_object_get(one, "rows"), &rows);
	char *held = strlist_join(&rows, ", ");
	char *what = alloc_printf("%s %s at (%s)", command, target, held);
	bool good = plan_make(tree,
		strcmp(command, "upgrade") == 0 ? PLAN_UPGRADE : PLAN_DOWNGRADE, target,
		&rows, &plan, &error);
	const char *reason = better_reason(command, target, &rows, error.message);
	if (reason && want_good && !good) {
		score->better++;
		tap_diag("%s: %s: refused: %s", score->name, what, reason);
	} else if (!want_good || !good) {
		score_add(score, want_good == good, what,
			good ? "a plan" : error.message,
			want_good ? "a plan" : "a refusal");
	} else {
		char *steps = plan_text(tree, &plan);
		char *after = strlist_join(&plan.rows_after, "\nrow ");
		char *got = alloc_printf("%s%s%s%s", steps, *after ? "row " : "", after,
			*after ? "\n" : "");
		char *want = recorded_text(one);

		score_add(score, strcmp(got, want) == 0, what, got, want);
		free(steps);
		free(after);
		free(got);
		free(want);
	}
	plan_free(&plan);
	error_clear(&error);
	strlist_free(&rows);
	free(held);
	free(what);
}

static void
check_case(const struct tree *tree, const json_t *one, struct score *score)
{
	const json_t *words = json_object_get(one, "args");
	const char *command = json_string_value(json_array_get(words, 0));
	const char *option = json_string_value(json_array_get(words, 1));

	if (json_object_get(one, "plan"))
		check_plan(tree, one, score);
	else if (!option && strcmp(command, "heads") == 0)
		check_heads(tree, one, score);
	else if (strcmp(command, "history") == 0 &&
		 (!option || strcmp(option, "-i") == 0))
		check_history(tree, one, score);
}

static void
check_tree(const char *name, const char *root)
{
	struct score score = { .name = name };
	char *path = file_join(root, "cases.json");
	json_t *cases = json_load_file(path, 0, NULL);
	struct tree *tree = load_tree(root);

	for (size_t i = 0; tree && i < tree_problems(tree)->count; i++)
		tap_diag("%s", tree_problems(tree)->items[i]);
	for (size_t i = 0; tree && i < json_array_size(cases); i++)
		check_case(tree, json_array_get(cases, i), &score);
	tap_ok(score.all > 0 && score.good == score.all,
		"tree %s: %zu of %zu answers are Alembic's, %zu better", name,
		score.good, score.all, score.better);
	json_decref(cases);
	tree_free(tree);
	free(path);
}

int
main(void)
{
	const char *source = getenv("srcdir");
	char *folder = alloc_printf("%s/tests/conformance", source ? source : ".");
	struct strlist names = { 0 };
	DIR *directory = opendir(folder);

	for (struct dirent *entry; directory && (entry = readdir(directory));)
		if (*entry->d_name != '.')
			strlist_add(&names, entry->d_name);
	if (directory)
		closedir(directory);
	strlist_sort(&names);
	for (size_t i = 0; i < names.count; i++) {
		char *root = file_join(folder, names.items[i]);

		check_tree(names.items[i], root);
		free(root);
	}
	tap_is_int((int64_t)names.count, 40, "trees");
	strlist_free(&names);
	free(folder);
	return tap_done();
}
