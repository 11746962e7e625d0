#include "pgrunbook/app/setup_files.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/file.h"
#include "pgrunbook/drive/python_path.h"
#include "pgrunbook/model/python_text.h"

enum { FILE_BYTES = 1 << 20 };

static const char ini_name[] = "alembic.ini", toml_name[] = "pyproject.toml";

static bool
files_is_pyproject(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strcmp(slash == NULL ? path : slash + 1, toml_name) == 0;
}

bool
setup_options_config(
	struct setup_options *options, const char *path, struct error *error)
{
	bool toml = files_is_pyproject(path);
	const char **file = toml ? &options->pyproject : &options->config;

	if (*file != NULL)
		return error_set(error, "-c names two %s files, %s and %s: one is read",
			toml ? "TOML" : "ini", *file, path);
	*file = path;
	return true;
}

/* False without an error if it isn't there and nobody named it. */
static bool
files_read(const char *path, bool named, struct str *bytes, struct error *error)
{
	if (!named && access(path, F_OK) != 0 && errno == ENOENT)
		return false;
	if (python_path_look(path) == PYTHON_DIRECTORY) {
		char *inside = file_join(path, ini_name);

		error_set(error, "%s is a directory: name the file itself, such as %s",
			path, inside);
		free(inside);
		return false;
	}
	return file_read(path, FILE_BYTES, bytes, error);
}

/* The directory of a file, %(here)s: links and two dots stay, as in Python. */
static char *
files_here(const char *cwd, const char *path)
{
	char *here = python_absolute(cwd, path);
	char *slash = strrchr(here, '/');

	slash[slash == here] = '\0';
	return here;
}

struct ini *
setup_read_ini(const char *cwd, const char *path, bool named, struct error *error)
{
	struct str bytes = { 0 };
	struct ini *ini = NULL;

	if (files_read(path, named, &bytes, error)) {
		char *here = files_here(cwd, path);

		ini = ini_parse(path, here, str_text(&bytes), bytes.length, error);
		free(here);
	}
	str_free(&bytes);
	return ini;
}

static struct toml *
files_read_toml(const char *path, bool named, struct error *error)
{
	struct str bytes = { 0 };
	struct toml *document = NULL;

	if (files_read(path, named, &bytes, error))
		document = toml_parse(path, str_text(&bytes), bytes.length, error);
	str_free(&bytes);
	return document;
}

static bool
files_read_ini(const char *named, const char *environment, struct setup_files *files,
	struct alembic_choice *choice, struct error *error)
{
	bool from_environment = named == NULL && environment != NULL;
	const char *path = named != NULL	 ? named
			   : environment != NULL ? environment
						 : ini_name;

	files->ini = setup_read_ini(files->cwd, path, path != ini_name, error);
	if (error->message != NULL)
		return from_environment ? error_prefix(error, "ALEMBIC_CONFIG") : false;
	if (files->ini != NULL)
		strlist_add(&choice->files, path);
	return true;
}

static bool
files_read_pyproject(const char *named, const char *environment,
	struct setup_files *files, struct alembic_choice *choice, struct error *error)
{
	struct error problem = { 0 };
	const char *path = named != NULL	 ? named
			   : environment != NULL ? environment
						 : toml_name;

	files->pyproject = files_read_toml(path, path != toml_name, &problem);
	files->pyproject_path = alloc_copy(path);
	files->pyproject_here = files_here(files->cwd, path);
	if (problem.message == NULL) {
		if (named != NULL)
			strlist_add(&choice->files, path);
		return true;
	}
	/* A file of other tools is no reason not to watch the database. */
	bool good = path == toml_name;
	if (good)
		files->pyproject_problem = alloc_copy(problem.message);
	else
		error_set(error, "%s%s", named == NULL ? "ALEMBIC_CONFIG: " : "",
			problem.message);
	error_clear(&problem);
	return good;
}

bool
setup_files_read(const struct setup_options *options, struct setup_files *files,
	struct alembic_choice *choice, struct error *error)
{
	const char *environment = getenv("ALEMBIC_CONFIG");
	char cwd[PATH_MAX];

	*files = (struct setup_files){ 0 };
	if (getcwd(cwd, sizeof(cwd)) == NULL)
		return error_set(error,
			"the working directory is gone (%s): start somewhere else",
			strerror(errno));
	files->cwd = alloc_copy(cwd);
	if (environment != NULL && *environment == '\0')
		environment = NULL;
	bool toml = environment != NULL && files_is_pyproject(environment);
	choice->named = options->config != NULL || options->pyproject != NULL;
	return files_read_ini(options->config, toml ? NULL : environment, files, choice,
		       error) &&
	       files_read_pyproject(options->pyproject, toml ? environment : NULL,
		       files, choice, error);
}

void
setup_files_free(struct setup_files *files)
{
	free(files->cwd);
	ini_free(files->ini);
	toml_free(files->pyproject);
	free(files->pyproject_path);
	free(files->pyproject_here);
	free(files->pyproject_problem);
	*files = (struct setup_files){ 0 };
}

/* Whether a directory has what Alembic would read if it were started there. */
static const char *
files_in(const char *directory)
{
	struct error ignored = { 0 };
	char *ini = file_join(directory, ini_name);
	char *toml = file_join(directory, toml_name);
	const char *found = python_path_look(ini) == PYTHON_FILE ? ini_name : NULL;
	struct toml *document =
		found == NULL ? files_read_toml(toml, false, &ignored) : NULL;

	if (document != NULL && alembic_config_table(document) != NULL)
		found = toml_name;
	toml_free(document);
	error_clear(&ignored);
	free(ini);
	free(toml);
	return found;
}

/* What to say when there is nothing here: Alembic doesn't look upward, but we can. */
static char *
files_none(const char *cwd)
{
	static const char none[] =
		"there is no alembic.ini here, and no pyproject.toml "
		"with [tool.alembic]: -c names the one to read";
	char *directory = alloc_copy(cwd), *message = NULL, *slash;
	struct str up = { 0 };

	while (message == NULL && (slash = strrchr(directory, '/')) != NULL &&
		directory[1] != '\0') {
		slash[slash == directory] = '\0';
		str_add(&up, "../");
		const char *name = files_in(directory);
		if (name != NULL)
			message = alloc_printf("%s; %s%s%s exists: start in %s, or use "
					       "-c %s%s",
				none, directory, directory[1] == '\0' ? "" : "/", name,
				directory, str_text(&up), name);
	}
	free(directory);
	str_free(&up);
	return message != NULL ? message : alloc_copy(none);
}

void
setup_files_config(
	const struct setup_files *files, const char *section, struct setup *setup)
{
	struct error error = { 0 };
	struct alembic_source source = {
		.ini = files->ini,
		.section = section,
		.pyproject = files->pyproject,
		.pyproject_path = files->pyproject_path,
		.pyproject_here = files->pyproject_here,
		.cwd = files->cwd,
		.packages = python_path_find,
		.look = python_path_look,
	};

	if (files->pyproject_problem != NULL) {
		setup->config_problem = alloc_copy(files->pyproject_problem);
		return;
	}
	if (files->ini == NULL && alembic_config_table(files->pyproject) == NULL) {
		setup->config_problem = files_none(files->cwd);
		return;
	}
	setup->config_path = alloc_copy(
		files->ini != NULL ? ini_path(files->ini) : files->pyproject_path);
	if (!alembic_config_read(&source, &setup->config, &error))
		setup->config_problem = alloc_copy(error.message);
	error_clear(&error);
}
