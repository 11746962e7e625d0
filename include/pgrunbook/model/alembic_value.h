/* Single values of Alembic's configuration: the ini's section first, then the TOML. */
#ifndef PGRUNBOOK_MODEL_ALEMBIC_VALUE_H
#define PGRUNBOOK_MODEL_ALEMBIC_VALUE_H

#include <stdbool.h>

#include "pgrunbook/model/alembic_config.h"

struct alembic_values {
	const struct alembic_source *source;
	const char *section; /* of the ini, never NULL */
	bool has_section;    /* the ini has it; [DEFAULT] alone counts for nothing */
	const struct toml *table; /* [tool.alembic]; NULL: there is none */
	struct error *error;
};

/* All return false with an error that names file and line. */

/* A text; *value is NULL if nobody has the key, else the caller's. */
bool alembic_value_text(
	const struct alembic_values *values, const char *key, char **value);
bool alembic_value_boolean(
	const struct alembic_values *values, const char *key, bool *value);
/*
 * version_locations and prepend_sys_path.  Without path_separator the ini's text is
 * split as ever, at commas and blanks; *found says whether there was any text.
 */
bool alembic_value_locations(
	const struct alembic_values *values, struct strlist *list, bool *found);
bool alembic_value_sys_path(const struct alembic_values *values, struct strlist *list);

/* "alembic.ini:3: script_location", for messages; the caller owns it. */
char *alembic_value_origin(const struct alembic_values *values, const char *key);

#endif
