/* Placeholders in commands: <revision>, [Contact info], your-..., TARGET in angle
 * brackets; not the shell's own redirections and heredocs. */
#ifndef PGRUNBOOK_MODEL_PLACEHOLDER_H
#define PGRUNBOOK_MODEL_PLACEHOLDER_H

#include <stdbool.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/strlist.h"

/* The names in `command`, each once, in order: "<target revision>" is "target
 * revision". */
void placeholder_find(const char *command, struct strlist *names);

/*
 * `command` with each placeholder replaced; `names` and `values` side by side.  In a
 * shell command a value is quoted for the shell unless it needs none.  The caller owns
 * it.  NULL with an error that names what is not filled.
 */
char *placeholder_fill(const char *command, const struct strlist *names,
	const struct strlist *values, bool shell, struct error *error);

#endif
