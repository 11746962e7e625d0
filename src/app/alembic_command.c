#include "pgrunbook/app/alembic_command.h"

#include <stdlib.h>
#include <string.h>
#include <wordexp.h>

static bool
command_split(const char *command, struct strlist *argv, struct error *error)
{
	wordexp_t words;
	int failed = wordexp(command, &words, WRDE_NOCMD | WRDE_UNDEF);

	if (failed == 0 && words.we_wordc != 0) {
		for (size_t i = 0; i < words.we_wordc; i++)
			strlist_add(argv, words.we_wordv[i]);
	} else {
		error_set(error,
			"the setting alembic = %s can't be split into words: %s",
			command,
			failed == WRDE_BADVAL ? "a variable is not set"
					      : "it isn't a simple command");
	}
	if (failed == 0)
		wordfree(&words);
	return argv->count != 0;
}

/* Where alembic's own options begin: behind its name, else behind the first word. */
static size_t
command_options(const struct strlist *argv)
{
	for (size_t i = argv->count; i-- > 0;) {
		const char *slash = strrchr(argv->items[i], '/');
		const char *name = slash == NULL ? argv->items[i] : slash + 1;

		if (strcmp(name, "alembic") == 0 || strcmp(name, "alembic.config") == 0)
			return i + 1;
	}
	return 1;
}

/* -x, -xVALUE, --word, --word=VALUE */
static bool
command_has(const struct strlist *argv, char letter, const char *word)
{
	size_t length = strlen(word);

	for (size_t i = command_options(argv); i < argv->count; i++) {
		const char *item = argv->items[i];

		if (item[0] != '-')
			continue;
		if (item[1] == letter)
			return true;
		if (item[1] == '-' && strncmp(item + 2, word, length) == 0 &&
			(item[2 + length] == '\0' || item[2 + length] == '='))
			return true;
	}
	return false;
}

bool
alembic_command_make(const char *command, const struct alembic_choice *choice,
	struct strlist *argv, struct error *error)
{
	if (!command_split(command == NULL ? "alembic" : command, argv, error))
		return false;
	bool files =
		(command == NULL || choice->named) && !command_has(argv, 'c', "config");
	bool section = choice->section != NULL && !command_has(argv, 'n', "name");

	for (size_t i = 0; files && i < choice->files.count; i++) {
		strlist_add(argv, "-c");
		strlist_add(argv, choice->files.items[i]);
	}
	if (section) {
		strlist_add(argv, "-n");
		strlist_add(argv, choice->section);
	}
	return true;
}

void
alembic_choice_free(struct alembic_choice *choice)
{
	strlist_free(&choice->files);
	free(choice->section);
	*choice = (struct alembic_choice){ 0 };
}
