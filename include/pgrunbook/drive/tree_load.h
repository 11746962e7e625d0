/* Reads an Alembic environment from disk: alembic.ini, then every version file. */
#ifndef PGRUNBOOK_DRIVE_TREE_LOAD_H
#define PGRUNBOOK_DRIVE_TREE_LOAD_H

#include <stdbool.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/model/alembic_config.h"
#include "pgrunbook/model/tree.h"

/*
 * Reads the version files of `config` in Alembic's order.  A file that can't be read
 * hides no other: it becomes one of tree_problems; so does each that `sourceless` lets
 * in without its source.  Never NULL; sealed.
 */
struct tree *tree_load(const struct alembic_config *config);

/*
 * "there is no revision in A, B, which doesn't exist": of a tree that has none.  The
 * caller owns it.
 */
char *tree_load_nothing(const struct alembic_config *config);

/*
 * Adds the directories where version files may come: the configured ones, whether they
 * are there or not, and those below them if they count, with `sourceless` their
 * __pycache__ too.
 */
void tree_load_directories(const struct alembic_config *config, struct strlist *paths);

/*
 * Reads what the version file calls, as it is now.  Always fills *operations; free with
 * script_operations_free.
 */
bool tree_load_operations(
	const char *path, struct script_operations *operations, struct error *error);

#endif
