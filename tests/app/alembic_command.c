#include "pgrunbook/app/alembic_command.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/tap/tap.h"

static const struct {
	const char *what, *command;
	bool named;
	const char *section, *words;
} cases[] = {
	{ "alembic itself is told the file", NULL, false, NULL, "alembic -c a.ini" },
	{ "and the section", NULL, false, "billing", "alembic -c a.ini -n billing" },
	{ "a command of the settings finds its own", "poetry run alembic", false, NULL,
		"poetry run alembic" },
	{ "but for a file that was named", "poetry run alembic", true, NULL,
		"poetry run alembic -c a.ini" },
	{ "it is told the section", "docker compose exec -T api alembic", false,
		"billing", "docker compose exec -T api alembic -n billing" },
	{ "and both", "python3 -m alembic.config", true, "billing",
		"python3 -m alembic.config -c a.ini -n billing" },
	{ "what it says itself stays", "alembic -c /app/b.ini -n x", true, "billing",
		"alembic -c /app/b.ini -n x" },
	{ "in any spelling", "/bin/alembic --config=b.ini --name x", true, "billing",
		"/bin/alembic --config=b.ini --name x" },
	{ "and without a blank", "alembic -cb.ini -nx", true, "billing",
		"alembic -cb.ini -nx" },
	{ "another program's -c and -n are none of alembic's",
		"ionice -c 3 nice -n 5 alembic", true, "billing",
		"ionice -c 3 nice -n 5 alembic -c a.ini -n billing" },
	{ "a command without its name", "./migrate.sh", true, "billing",
		"./migrate.sh -c a.ini -n billing" },
	{ "quotes", "'/my tools/alembic' -x 'a b'", false, "b c",
		"/my tools/alembic -x a b -n b c" },
	{ "no simple command", "alembic | tee x", false, NULL,
		"the setting alembic = alembic | tee x can't be split into words: it "
		"isn't "
		"a simple command" },
	{ "a variable that isn't set", "$NO_SUCH_VARIABLE_HERE/alembic", false, NULL,
		"the setting alembic = $NO_SUCH_VARIABLE_HERE/alembic can't be split "
		"into "
		"words: a variable is not set" },
	{ "no word", "", false, NULL,
		"the setting alembic =  can't be split into words: it isn't a simple "
		"command" },
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct alembic_choice choice = { .named = cases[i].named,
			.section = alloc_copy(cases[i].section) };
		struct strlist argv = { 0 };
		struct error error = { 0 };

		strlist_add(&choice.files, "a.ini");
		char *words =
			alembic_command_make(cases[i].command, &choice, &argv, &error)
				? strlist_join(&argv, " ")
				: alloc_copy(error.message);
		tap_is_text(words, cases[i].words, "%s", cases[i].what);
		free(words);
		error_clear(&error);
		strlist_free(&argv);
		alembic_choice_free(&choice);
	}
	return tap_done();
}
