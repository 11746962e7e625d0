/* Finds and reads Alembic's files as Alembic 1.19 does it. */
#ifndef PGRUNBOOK_APP_SETUP_FILES_H
#define PGRUNBOOK_APP_SETUP_FILES_H

#include <stdbool.h>

#include "pgrunbook/app/setup.h"
#include "pgrunbook/model/ini.h"
#include "pgrunbook/model/toml.h"

struct setup_files {
	char *cwd;
	struct ini *ini; /* NULL: there is none */
	struct toml *pyproject;
	char *pyproject_path, *pyproject_here;
	char *pyproject_problem; /* nobody named it, but it can't be read; NULL */
};

/*
 * Reads what -c names, else $ALEMBIC_CONFIG, else ./alembic.ini; and ./pyproject.toml
 * unless one of them names another.  Fills the setup's choice.  False with an error
 * where a file that was named isn't there, or can't be read.  Free it also then.
 */
bool setup_files_read(const struct setup_options *options, struct setup_files *files,
	struct alembic_choice *choice, struct error *error);
void setup_files_free(struct setup_files *files);

/* Reads an ini; NULL without an error if it isn't there and nobody `named` it. */
struct ini *setup_read_ini(
	const char *cwd, const char *path, bool named, struct error *error);

/*
 * Where the scripts are, into setup->config or setup->config_problem.  `section` is
 * the one that was asked for; NULL: none was.
 */
void setup_files_config(
	const struct setup_files *files, const char *section, struct setup *setup);

#endif
