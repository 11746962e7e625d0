/*
 * Where an Alembic environment's scripts are, from its alembic.ini and pyproject.toml,
 * by the rules of Alembic 1.19: what both have, the ini's section says.
 */
#ifndef PGRUNBOOK_MODEL_ALEMBIC_CONFIG_H
#define PGRUNBOOK_MODEL_ALEMBIC_CONFIG_H

#include <stdbool.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/ini.h"
#include "pgrunbook/model/python_package.h"
#include "pgrunbook/model/toml.h"

struct alembic_config {
	char *script_location;		  /* absolute */
	struct strlist version_locations; /* directories, absolute, in order */
	bool recursive;
	bool sourceless;
	char *url; /* sqlalchemy.url, of the ini alone; NULL if there is none */
};

/* What it is read from. */
struct alembic_source {
	const struct ini *ini;	      /* NULL: there is none */
	const char *section;	      /* of it; NULL: "alembic" */
	const struct toml *pyproject; /* the document; NULL: there is none */
	const char *pyproject_path;   /* for messages */
	const char *pyproject_here;   /* its directory, %(here)s */
	const char *cwd;	      /* what relative names belong to */
	/* Adds where Python looks for packages after prepend_sys_path and `cwd`,
	 * absolute; NULL: nowhere. */
	void (*packages)(const char *cwd, struct strlist *out);
	/* What the disk has at a path; NULL: don't ask, then no package is found and a
	 * missing directory is no error. */
	enum python_entry (*look)(const char *path);
};

/*
 * A section that was named has to be there.  The error names file and line, and what
 * else may have been meant.  Free with alembic_config_free, also after a failure.
 */
bool alembic_config_read(const struct alembic_source *source,
	struct alembic_config *config, struct error *error);
void alembic_config_free(struct alembic_config *config);

/* The table [tool.alembic] of a document; NULL if there is none. */
const struct toml *alembic_config_table(const struct toml *pyproject);

#endif
