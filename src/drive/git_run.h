/*
 * How git is run in a repository that may be anybody's: nothing that its configuration
 * names is run, nothing is fetched, nobody is asked, nothing is written.
 */
#ifndef PGRUNBOOK_SRC_DRIVE_GIT_RUN_H
#define PGRUNBOOK_SRC_DRIVE_GIT_RUN_H

#include <stdbool.h>

#include "pgrunbook/base/strlist.h"

/* The command up to git's verb; without `messages` its standard error is thrown away.
 */
void git_run_arguments(bool messages, struct strlist *argv);
/* Adds those directories that are below the repository's top, as git names them; false:
 * none is. */
bool git_run_locations(
	const char *top, const struct strlist *directories, struct strlist *argv);
/* For child_start. */
void git_run_environment(struct strlist *environment);

#endif
