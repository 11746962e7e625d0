/* Which runbooks there are to choose from: the Markdown files of the known folders. */
#ifndef PGRUNBOOK_APP_RUNBOOK_FOLDERS_H
#define PGRUNBOOK_APP_RUNBOOK_FOLDERS_H

#include "pgrunbook/base/strlist.h"

/*
 * Adds to `paths` what stands in `configured` (the settings' folders), in
 * $PGRUNBOOK_RUNBOOKS, in ./runbooks and among the installed ones.  One that was found
 * earlier hides others of its name: a team's own the installed one.
 */
void runbook_folders_find(const struct strlist *configured, struct strlist *paths);

#endif
