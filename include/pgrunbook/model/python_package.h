/* Where Python finds a package, as importlib's PathFinder does it. */
#ifndef PGRUNBOOK_MODEL_PYTHON_PACKAGE_H
#define PGRUNBOOK_MODEL_PYTHON_PACKAGE_H

#include <stdbool.h>

#include "pgrunbook/base/strlist.h"

/* What is at a path, links followed. */
enum python_entry { PYTHON_NOTHING, PYTHON_FILE, PYTHON_DIRECTORY };

/*
 * Adds the directories of the package `name`, whose parts are separated by dots, to
 * `directories`: one for a package with an __init__.py, also for a module in a file of
 * its own (the one it lies in); all of them in order for a namespace package.  `path`
 * is sys.path, absolute.  False if it isn't there.
 */
bool python_package_find(const char *name, const struct strlist *path,
	enum python_entry (*look)(const char *path), struct strlist *directories);

#endif
