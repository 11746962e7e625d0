#include "pgrunbook/drive/python_path.h"

#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/file.h"
#include "pgrunbook/model/python_text.h"

enum { PTH_BYTES = 1 << 20 };

enum python_entry
python_path_look(const char *path)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return PYTHON_NOTHING;
	return S_ISDIR(status.st_mode) ? PYTHON_DIRECTORY : PYTHON_FILE;
}

static void
path_add(struct strlist *out, const char *cwd, const char *path)
{
	char *absolute = python_absolute(cwd, path);

	if (!strlist_has(out, absolute) &&
		python_path_look(absolute) == PYTHON_DIRECTORY)
		strlist_add(out, absolute);
	free(absolute);
}

/* The items of a list like PATH; an empty one is the working directory. */
static void
path_split(const char *text, struct strlist *items)
{
	while (text && *text != '\0') {
		size_t length = strcspn(text, ":");

		strlist_add_owned(items, alloc_copy_bytes(text, length));
		text += length + (text[length] != '\0');
	}
}

/* The lines of a .pth file are directories, but for comments and what is to be run. */
static void
path_add_pth(struct strlist *out, const char *site, const char *file)
{
	struct str bytes = { 0 };
	struct error ignored = { 0 };

	file_read(file, PTH_BYTES, &bytes, &ignored);
	error_clear(&ignored);
	for (const char *at = str_text(&bytes); *at != '\0';) {
		size_t length = strcspn(at, "\r\n"), rest = length;
		const char *text = at;

		python_strip(&text, &rest);
		char *line = alloc_copy_bytes(text, rest);
		if (rest != 0 && *line != '#' && strncmp(line, "import ", 7) != 0)
			path_add(out, site, line);
		free(line);
		at += length + (at[length] != '\0');
	}
	str_free(&bytes);
}

static void
path_add_site(struct strlist *out, const char *site)
{
	char *pattern = alloc_printf("%s/*.pth", site);
	glob_t files;

	path_add(out, "/", site);
	if (glob(pattern, 0, NULL, &files) == 0) {
		for (size_t i = 0; i < files.gl_pathc; i++)
			path_add_pth(out, site, files.gl_pathv[i]);
		globfree(&files);
	}
	free(pattern);
}

/* The packages of an environment, or of an installation, below `prefix`. */
static void
path_add_prefix(struct strlist *out, const char *prefix)
{
	static const char *const names[] = { "site-packages", "dist-packages" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *pattern = alloc_printf("%s/lib/python*/%s", prefix, names[i]);
		glob_t sites;

		if (glob(pattern, 0, NULL, &sites) == 0) {
			for (size_t k = 0; k < sites.gl_pathc; k++)
				path_add_site(out, sites.gl_pathv[k]);
			globfree(&sites);
		}
		free(pattern);
	}
}

/* PREFIX of PREFIX/bin/alembic, the first on the PATH; NULL; the caller owns it. */
static char *
path_of_alembic(const char *cwd)
{
	struct strlist directories = { 0 };
	char *prefix = NULL;

	path_split(getenv("PATH"), &directories);
	for (size_t i = 0; i < directories.count && !prefix; i++) {
		char *directory = python_absolute(cwd, directories.items[i]);
		char *command = file_join(directory, "alembic");

		if (access(command, X_OK) == 0 &&
			python_path_look(command) == PYTHON_FILE)
			prefix = file_join(directory, "..");
		free(command);
		free(directory);
	}
	strlist_free(&directories);
	char *real = prefix ? realpath(prefix, NULL) : NULL;
	free(prefix);
	return real;
}

void
python_path_find(const char *cwd, struct strlist *out)
{
	struct strlist items = { 0 };
	const char *environment = getenv("VIRTUAL_ENV");
	char *prefix = path_of_alembic(cwd);

	path_split(getenv("PYTHONPATH"), &items);
	for (size_t i = 0; i < items.count; i++)
		path_add(out, cwd, items.items[i]);
	strlist_free(&items);
	if (environment && *environment != '\0')
		strlist_add(&items, environment);
	strlist_add(&items, ".venv");
	strlist_add(&items, "venv");
	if (prefix)
		strlist_add(&items, prefix);
	for (size_t i = 0; i < items.count; i++) {
		char *absolute = python_absolute(cwd, items.items[i]);

		path_add_prefix(out, absolute);
		free(absolute);
	}
	strlist_free(&items);
	free(prefix);
}
