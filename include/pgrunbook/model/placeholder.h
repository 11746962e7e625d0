/*
 * Placeholders in commands: <revision>, [Contact info], your-app; not the shell's own
 * redirections, heredocs and tests.  Variables ($DB_HOST) are found apart, because only
 * the environment says whether they are set.
 */
#ifndef PGRUNBOOK_MODEL_PLACEHOLDER_H
#define PGRUNBOOK_MODEL_PLACEHOLDER_H

#include <stdbool.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/strlist.h"

/* The names in `command`, each once, in order: "<target revision>" is "target
 * revision".
 */
void placeholder_find(const char *command, struct strlist *names);

/*
 * `command` with each placeholder replaced; `names` and `values` side by side.  The
 * caller owns it.  NULL with an error that names what is not filled, or whose value
 * can't stand where it should.
 *
 * In a shell command a value is quoted for where it stands, unless it needs no quotes.
 * Elsewhere (SQL, the actions of a runbook) it is doubled inside '...', and has to be a
 * plain word outside of it.
 */
char *placeholder_fill(const char *command, const struct strlist *names,
	const struct strlist *values, bool shell, struct error *error);

/* `command` with each placeholder replaced by a harmless word, so that the shell's
 * grammar can be read.  The caller owns it. */
char *placeholder_neutral(const char *command);

/* Names of the variables that a shell command reads without a default and doesn't set
 * itself, each once, in order. */
void placeholder_variables(const char *command, struct strlist *names);

#endif
