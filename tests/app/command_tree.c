/* What the commands about a tree say of rows that only the database has. */
#include "pgrunbook/app/command_tree.h"

#include <stdbool.h>

#include "tests/model/grow.h"
#include "tests/tap/tap.h"

static void
check_end(const char *rows, const char *at, const char *problem, const char *want)
{
	struct tree *tree = grow_tree("a:\nb: a\n");
	struct tree_question question = { .at = at };
	struct strlist list = { 0 };
	struct error error = { 0 };
	struct str complaints = { 0 };

	grow_words(rows, &list);
	if (problem)
		error_set(&error, "%s", problem);
	bool good = command_end(tree, &question, &list, &error, &complaints);
	tap_is_text(str_text(&complaints), want, "rows %s%s%s", rows,
		at ? " given" : "", problem ? "" : ", no error");
	tap_ok(good == !problem && !error.message, "which it answers, too");
	str_free(&complaints);
}

int
main(void)
{
	check_end("z", NULL, "z is unknown",
		"pgrunbook: z is unknown; `pgrunbook status` looks for it in git\n");
	check_end("a z", NULL, "z is unknown",
		"pgrunbook: z is unknown; `pgrunbook status` looks for it in git\n");
	check_end("b", NULL, "another error", "pgrunbook: another error\n");
	check_end("z", "z", "z is unknown", "pgrunbook: z is unknown\n");
	check_end("z", NULL, NULL, "");
	return tap_done();
}
