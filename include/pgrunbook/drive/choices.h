/*
 * What the operator chose where several things would do, remembered under his own state
 * directory (choices.json), not in the team's settings: which version table a database
 * has for an alembic.ini.
 */
#ifndef PGRUNBOOK_DRIVE_CHOICES_H
#define PGRUNBOOK_DRIVE_CHOICES_H

#include <stdbool.h>

#include "pgrunbook/base/error.h"

/* What a choice is for; texts may be NULL and are only looked at. */
struct choice_place {
	const char *host, *port, *database; /* as they are connected to */
	const char *config;		    /* absolute path of the alembic.ini */
	const char *section;		    /* of it; NULL: alembic */
};

/* The name chosen, for version_name_parse; NULL: none, or with an error.  The caller
 * owns it. */
char *choices_table(const struct choice_place *place, struct error *error);
/*
 * Remembers one; `table` NULL forgets it.  What else is in the file stays; one that is
 * no JSON is left alone, with an error.
 */
bool choices_set_table(
	const struct choice_place *place, const char *table, struct error *error);

#endif
