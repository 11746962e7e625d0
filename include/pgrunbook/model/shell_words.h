/*
 * What a shell command would run, as far as its text tells: the simple commands in it
 * with their words, quotes removed.  Those inside $(...), `...`, `bash -c "..."` and
 * `ssh host "..."` are simple commands of the list, too.  It is for judging commands,
 * never for running them.
 */
#ifndef PGRUNBOOK_MODEL_SHELL_WORDS_H
#define PGRUNBOOK_MODEL_SHELL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/base/strlist.h"

struct shell_simple {
	struct strlist words;  /* assignments before the command included */
	struct strlist writes; /* files that its output is redirected to */
	char *heredoc;	       /* NULL: none */
	bool fed;	       /* reads a pipe, a file or a heredoc */
	bool in_background;    /* ends in & */
	bool nested;	       /* inside a substitution or a script given to a shell */
};

struct shell_words {
	struct shell_simple *items;
	size_t count, capacity;
	size_t left;  /* bytes still to be read: scripts in scripts are read again */
	bool unclear; /* a part was not understood: expect the worst of it */
};

/* Placeholders are read as one harmless word each.  Free with shell_words_free. */
void shell_words_read(const char *command, struct shell_words *words);
void shell_words_free(struct shell_words *words);

/*
 * Where the words of the command itself begin: after assignments and after what runs
 * another command (sudo, timeout 10, docker compose exec -T api, kubectl exec POD --).
 * words->count if there is none or the options before it aren't understood.
 */
size_t shell_words_inner(const struct strlist *words);
/* The word without the folders before it; "" past the end. */
const char *shell_words_name(const struct strlist *words, size_t at);
/* Is it NAME=value? */
bool shell_word_is_assignment(const char *word);

#endif
