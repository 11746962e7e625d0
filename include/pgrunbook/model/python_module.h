/*
 * What running a module's top level would bind its names to, statement by statement:
 * Python's scoping without Python's computing.  What is bound under a condition, by a
 * loop, an import or a definition is unknown from then on; so is everything after what
 * could bind any name (exec, globals(), a star import), and what a function binds by
 * `global`.
 */
#ifndef PGRUNBOOK_MODEL_PYTHON_MODULE_H
#define PGRUNBOOK_MODEL_PYTHON_MODULE_H

#include "pgrunbook/model/python_scope.h"

struct python_module {
	/* May hold names already when the reading begins, and be told what to keep. */
	struct python_scope scope;
	char *docstring;     /* as Python's __doc__; NULL: none */
	const char *problem; /* the first thing that is no Python; NULL: fine */
	int problem_line;
};

/*
 * Reads the text of a python_source, which must outlive the module.  Of the names that
 * the scope begins with the first `fixed` aren't bound by a star import from what is
 * known not to have them: Alembic, SQLAlchemy, Python's typing.
 */
void python_module_read(
	const char *text, size_t length, size_t fixed, struct python_module *module);
void python_module_free(struct python_module *module);

#endif
