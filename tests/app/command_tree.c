/* What the commands about a tree say of rows that only the database has. */
#include "pgrunbook/app/command_tree.h"

#include "tests/model/grow.h"
#include "tests/tap/tap.h"

static void
check_hint(const char *rows, const char *at, const char *problem, const char *want)
{
	struct tree *tree = grow_tree("a:\nb: a\n");
	struct tree_question question = { .at = at };
	struct strlist list = { 0 };
	struct error error = { 0 };

	grow_words(rows, &list);
	if (problem)
		error_set(&error, "%s", problem);
	command_hint_unknown(tree, &question, &list, &error);
	tap_is_text(error.message, want, "rows %s%s%s", rows, at ? " given" : "",
		problem ? "" : ", no error");
	error_clear(&error);
	strlist_free(&list);
	tree_free(tree);
}

int
main(void)
{
	check_hint("z", NULL, "z is unknown",
		"z is unknown; `pgrunbook status` looks for it in git");
	check_hint("a z", NULL, "z is unknown",
		"z is unknown; `pgrunbook status` looks for it in git");
	check_hint("b", NULL, "another error", "another error");
	check_hint("z", "z", "z is unknown", "z is unknown");
	check_hint("z", NULL, NULL, NULL);
	return tap_done();
}
