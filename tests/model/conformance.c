/*
 * The model held against what Alembic 1.19.2 answered on 40 random trees, recorded in
 * tests/conformance: `heads`, `branches`, `history`, `show`, `current`, and what
 * `upgrade` and `downgrade` ran.
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
#include "pgrunbook/model/tree_answer.h"
#include "pgrunbook/model/tree_text.h"
#include "tests/tap/tap.h"

/* What was compared in one tree, and how often it was the same. */
struct score {
	const char *name; /* of the tree */
	char *root;	  /* its directory, as in the paths of its scripts */
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

		struct alembic_source source = { .ini = ini, .cwd = "/" };

		if (ini && alembic_config_read(&source, &config, &error))
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

/* The command that was recorded; its texts are those of `words`. */
static void
read_ask(const json_t *words, struct tree_ask *ask)
{
	static const char *const verbs[] = { [TREE_HEADS] = "heads",
		[TREE_BRANCHES] = "branches",
		[TREE_HISTORY] = "history",
		[TREE_SHOW] = "show",
		[TREE_CURRENT] = "current" };
	static const char range[] = "--rev-range=";
	const char *verb = json_string_value(json_array_get(words, 0));

	while (strcmp(verbs[ask->verb], verb) != 0)
		ask->verb++;
	for (size_t i = 1; i < json_array_size(words); i++) {
		const char *word = json_string_value(json_array_get(words, i));

		if (strcmp(word, "-v") == 0)
			ask->verbose = true;
		else if (strcmp(word, "-i") == 0)
			ask->indicate_current = true;
		else if (strcmp(word, "--resolve-dependencies") == 0)
			ask->resolve_dependencies = true;
		else if (strncmp(word, range, strlen(range)) == 0)
			ask->range = word + strlen(range);
		else
			ask->name = word;
	}
}

/* What was recorded, with the tree's directory where @ROOT@ stands for it. */
static char *
recorded_out(const json_t *one, const char *root)
{
	static const char mark[] = "@ROOT@";
	const char *text = json_string_value(json_object_get(one, "out"));
	struct str out = { 0 };

	for (const char *at; (at = strstr(text, mark)); text = at + strlen(mark)) {
		str_add_bytes(&out, text, (size_t)(at - text));
		str_add(&out, root);
	}
	str_add(&out, text);
	return str_take(&out);
}

/* Alembic's errors, and the words of ours that say the same. */
static const struct {
	const char *theirs, *ours;
} phrases[] = {
	{ "Can't locate revision", "can't locate" },
	{ "Can't locate revision", "may be any of" },
	{ "Multiple head revisions", "several heads" },
	{ "does not refer to ancestor/descendant revisions", "no ancestor" },
	{ "Ambiguous walk", "the way is ambiguous" },
};

/* The words of their error that ours must have, too: what was asked for. */
static bool
names_the_same(const char *theirs, const char *ours)
{
	static const char *const marks[] = { "identified by '", "argument '",
		"Requested range " };
	bool same = true;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		const char *name = strstr(theirs, marks[i]);

		if (!name)
			continue;
		name += strlen(marks[i]);
		while (same && *name && *name != ' ' && *name != '\'') {
			size_t length = strcspn(name, "@' ");
			char *word = alloc_copy_bytes(name, length);

			same = strstr(ours, word) != NULL;
			free(word);
			name += length + (name[length] == '@');
		}
	}
	return same;
}

static bool
says_the_same(const char *theirs, const char *ours)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (strstr(theirs, phrases[i].theirs) && strstr(ours, phrases[i].ours))
			return names_the_same(theirs, ours);
	return false;
}

/* Where Alembic dies, and why there is an answer. */
static const struct {
	const char *tree, *range, *reason;
} betters[] = {
	{ "003", "bac9b0:heads",
		"Alembic asserts that each revision of a range is reached from TO "
		"within the range, which dependencies break" },
};

static const char *
better_range(const struct score *score, const struct tree_ask *ask)
{
	for (size_t i = 0; ask->range && i < sizeof(betters) / sizeof(betters[0]); i++)
		if (strcmp(betters[i].tree, score->name) == 0 &&
			strcmp(betters[i].range, ask->range) == 0)
			return betters[i].reason;
	return NULL;
}

/*
 * The recorder sorted the children of a branch point where they stand on neighbouring
 * lines; here one with a message of several lines kept it from that, and the order is
 * the one that Python's hashes gave.
 */
static bool
is_unsorted(const struct score *score, const struct tree_ask *ask)
{
	static const char *const trees[] = { "007", "017", "040" };
	bool listed = false;

	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++)
		listed |= strcmp(trees[i], score->name) == 0;
	return listed && ask->verb == TREE_BRANCHES && ask->verbose;
}

static bool
same_text(const char *got, const char *want, bool any_order)
{
	struct strlist lines[2] = { 0 };
	const char *texts[2] = { got, want };

	for (int i = 0; any_order && i < 2; i++) {
		for (const char *at = texts[i]; *at;) {
			size_t length = strcspn(at, "\n");

			strlist_add_owned(&lines[i], alloc_copy_bytes(at, length));
			at += length + (at[length] == '\n');
		}
		strlist_sort(&lines[i]);
	}
	bool same = any_order ? strlist_equal(&lines[0], &lines[1])
			      : strcmp(got, want) == 0;
	strlist_free(&lines[0]);
	strlist_free(&lines[1]);
	return same;
}

static void
check_command(const struct tree *tree, const json_t *one, struct score *score)
{
	bool want_good = json_integer_value(json_object_get(one, "rc")) == 0;
	const char *theirs = json_string_value(json_object_get(one, "err"));
	char *what = json_dumps(json_object_get(one, "args"), 0);
	char *want = recorded_out(one, score->root);
	struct tree_ask ask = { 0 };
	struct strlist rows = { 0 };
	struct tree_list list = { 0 };
	struct str out = { 0 };
	struct error error = { 0 };

	read_ask(json_object_get(one, "args"), &ask);
	if (json_is_array(json_object_get(one, "rows"))) {
		read_rows(json_object_get(one, "rows"), &rows);
		ask.rows = &rows;
	}
	const char *reason = better_range(score, &ask);
	bool good = tree_answer_find(tree, &ask, &list, &error);
	if (good)
		tree_answer_text(tree, &ask, &list, &out);
	if (good && !want_good && reason) {
		score->better++;
		tap_diag("%s: %s: answered: %s", score->name, what, reason);
	} else if (!good && !want_good) {
		score_add(score, says_the_same(theirs, error.message), what,
			error.message, theirs);
	} else {
		bool same = same_text(str_text(&out), want, is_unsorted(score, &ask));

		score_add(score, good == want_good && same, what,
			good ? str_text(&out) : error.message,
			want_good ? want : theirs);
	}
	error_clear(&error);
	tree_list_free(&list);
	strlist_free(&rows);
	str_free(&out);
	free(want);
	free(what);
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

/* Adds the tree's score to `all`. */
static void
check_tree(const char *name, const char *root, struct score *all)
{
	struct score score = { .name = name, .root = realpath(root, NULL) };
	char *path = file_join(root, "cases.json");
	json_t *cases = json_load_file(path, 0, NULL);
	struct tree *tree = load_tree(root);

	for (size_t i = 0; tree && i < tree_problems(tree)->count; i++)
		tap_diag("%s", tree_problems(tree)->items[i]);
	for (size_t i = 0; tree && i < json_array_size(cases); i++) {
		const json_t *one = json_array_get(cases, i);

		if (json_object_get(one, "plan"))
			check_plan(tree, one, &score);
		else
			check_command(tree, one, &score);
	}
	tap_ok(score.all > 0 && score.good == score.all,
		"tree %s: %zu of %zu answers are Alembic's, %zu better", name,
		score.good, score.all, score.better);
	all->all += score.all;
	all->better += score.better;
	json_decref(cases);
	tree_free(tree);
	free(path);
	free(score.root);
}

int
main(void)
{
	const char *source = getenv("srcdir");
	char *folder = alloc_printf("%s/tests/conformance", source ? source : ".");
	struct strlist names = { 0 };
	struct score all = { 0 };
	DIR *directory = opendir(folder);

	for (struct dirent *entry; directory && (entry = readdir(directory));)
		if (*entry->d_name != '.')
			strlist_add(&names, entry->d_name);
	if (directory)
		closedir(directory);
	strlist_sort(&names);
	for (size_t i = 0; i < names.count; i++) {
		char *root = file_join(folder, names.items[i]);

		check_tree(names.items[i], root, &all);
		free(root);
	}
	tap_is_int((int64_t)names.count, 40, "trees");
	tap_is_int((int64_t)(all.all + all.better), 3308, "answers");
	tap_is_int((int64_t)all.better, 1, "of them better, each for a reason above");
	strlist_free(&names);
	free(folder);
	return tap_done();
}
