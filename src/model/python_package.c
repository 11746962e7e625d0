#include "pgrunbook/model/python_package.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"

/* What one directory of the search has under a name. */
enum package_kind { PACKAGE_NONE, PACKAGE_REGULAR, PACKAGE_MODULE, PACKAGE_PORTION };

static enum package_kind
package_look(const char *base, enum python_entry (*look)(const char *path))
{
	char *marker = alloc_printf("%s/__init__.py", base);
	char *module = alloc_printf("%s.py", base);
	bool directory = look(base) == PYTHON_DIRECTORY;
	enum package_kind kind = directory && look(marker) == PYTHON_FILE
					 ? PACKAGE_REGULAR
				 : look(module) == PYTHON_FILE ? PACKAGE_MODULE
				 : directory		       ? PACKAGE_PORTION
							       : PACKAGE_NONE;

	free(marker);
	free(module);
	return kind;
}

/* One part of the name in all directories: the first real package ends the search. */
static enum package_kind
package_search(const char *name, size_t length, const struct strlist *path,
	enum python_entry (*look)(const char *path), struct strlist *found)
{
	for (size_t i = 0; i < path->count; i++) {
		const char *directory = path->items[i];
		char *base = alloc_printf("%s%s%.*s", directory,
			strcmp(directory, "/") == 0 ? "" : "/", (int)length, name);
		enum package_kind kind = package_look(base, look);

		if (kind == PACKAGE_REGULAR || kind == PACKAGE_MODULE) {
			strlist_free(found);
			strlist_add(found, kind == PACKAGE_MODULE ? directory : base);
			free(base);
			return kind;
		}
		if (kind == PACKAGE_PORTION)
			strlist_add(found, base);
		free(base);
	}
	return found->count == 0 ? PACKAGE_NONE : PACKAGE_PORTION;
}

bool
python_package_find(const char *name, const struct strlist *path,
	enum python_entry (*look)(const char *path), struct strlist *directories)
{
	struct strlist within = { 0 };
	bool good = true;

	strlist_copy(&within, path);
	for (;;) {
		size_t length = strcspn(name, ".");
		struct strlist found = { 0 };
		enum package_kind kind = PACKAGE_NONE;

		if (length != 0)
			kind = package_search(name, length, &within, look, &found);
		strlist_free(&within);
		within = found;
		name += length;
		/* Nothing can be below a module. */
		good = kind != PACKAGE_NONE &&
		       (*name == '\0' || kind != PACKAGE_MODULE);
		if (!good || *name == '\0')
			break;
		name++;
	}
	for (size_t i = 0; good && i < within.count; i++)
		strlist_add(directories, within.items[i]);
	strlist_free(&within);
	return good;
}
