/*
 * What an environment's env.py says of its version table, as far as it is written down:
 * the keyword arguments version_table= and version_table_schema= of context.configure.
 */
#ifndef PGRUNBOOK_MODEL_ENV_PY_H
#define PGRUNBOOK_MODEL_ENV_PY_H

#include <stddef.h>

/*
 * The table's name as version_name_parse wants it; NULL where it isn't settled: nothing
 * is said, something is computed, or calls differ.  Calls that are given a connection
 * count before those that aren't (alembic's offline mode).  The caller owns it.
 */
char *env_py_version_table(const char *bytes, size_t length);

#endif
