/* Where an Alembic environment's scripts are, from its alembic.ini. */
#ifndef PGRUNBOOK_MODEL_ALEMBIC_CONFIG_H
#define PGRUNBOOK_MODEL_ALEMBIC_CONFIG_H

#include <stdbool.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/ini.h"

struct alembic_config {
	char *script_location;		  /* as resolved against `cwd` */
	struct strlist version_locations; /* directories, in order */
	bool recursive;
	bool sourceless;
	char *url; /* sqlalchemy.url; NULL if there is none */
};

/*
 * `cwd` is the working directory that relative locations resolve against.  A package
 * resource "package:path" becomes a path below `cwd` and prepend_sys_path's first
 * directory.  Free with alembic_config_free, also after a failure.
 */
bool alembic_config_read(const struct ini *ini, const char *section, const char *cwd,
	struct alembic_config *config, struct error *error);
void alembic_config_free(struct alembic_config *config);

#endif
