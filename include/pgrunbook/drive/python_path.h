/* Where the Python that runs Alembic may find packages, as far as the disk tells. */
#ifndef PGRUNBOOK_DRIVE_PYTHON_PATH_H
#define PGRUNBOOK_DRIVE_PYTHON_PATH_H

#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/python_package.h"

/* For alembic_source. */
enum python_entry python_path_look(const char *path);

/*
 * Adds directories, absolute: those of PYTHONPATH, then the packages of $VIRTUAL_ENV,
 * of .venv and venv in `cwd`, and of where the `alembic` on the PATH is installed; with
 * each, what its .pth files name.
 */
void python_path_find(const char *cwd, struct strlist *out);

#endif
