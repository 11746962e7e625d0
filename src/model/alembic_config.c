#include "pgrunbook/model/alembic_config.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/alembic_value.h"
#include "pgrunbook/model/python_text.h"

static const char location_key[] = "script_location";

const struct toml *
alembic_config_table(const struct toml *pyproject)
{
	return toml_member(toml_member(pyproject, "tool"), "alembic");
}

/* The sections that have scripts of their own; the caller owns it. */
static char *
config_sections(const struct ini *ini)
{
	struct strlist names = { 0 };
	const char *section, *key;

	for (size_t i = 0; (section = ini_section(ini, i)); i++)
		for (size_t k = 0; (key = ini_key(ini, section, k)); k++)
			if (strcmp(key, location_key) == 0)
				strlist_add(&names, section);
	char *list = strlist_join(&names, ", ");
	strlist_free(&names);
	return list;
}

static bool
config_no_section(const struct alembic_values *values)
{
	const struct alembic_source *source = values->source;

	if (!source->ini)
		return error_set(values->error,
			"-n %s is a section of alembic.ini, which isn't there",
			values->section);
	if (!ini_section(source->ini, 0))
		return error_set(values->error, "%s: it has no section at all",
			ini_path(source->ini));
	char *sections = config_sections(source->ini);
	error_set(values->error, "%s: there is no section [%s]%s%s",
		ini_path(source->ini), values->section,
		*sections == '\0' ? ""
		: source->section
			? "; those with a script_location are "
			: ", but others have a script_location; choose with -n: ",
		sections);
	free(sections);
	return false;
}

/* Nobody says where the scripts are. */
static bool
config_no_location(const struct alembic_values *values)
{
	const struct alembic_source *source = values->source;

	if (source->ini && !values->has_section)
		return config_no_section(values);
	if (source->ini)
		return error_set(values->error,
			"%s: [%s] has no script_location, the directory of the scripts",
			ini_path(source->ini), values->section);
	return error_set(values->error,
		"%s: %s has no script_location, the directory of the scripts",
		source->pyproject ? source->pyproject_path : "pyproject.toml",
		values->table ? "[tool.alembic]" : "it has no [tool.alembic], which");
}

/* Where packages are looked for first. */
static bool
config_sys_path(const struct alembic_values *values, struct strlist *path)
{
	const struct alembic_source *source = values->source;
	struct strlist first = { 0 };
	bool good = alembic_value_sys_path(values, &first);

	for (size_t i = 0; i < first.count; i++)
		strlist_add_owned(path, python_absolute(source->cwd, first.items[i]));
	if (!strlist_has(path, source->cwd))
		strlist_add(path, source->cwd);
	strlist_free(&first);
	return good;
}

/* The rest of "package:path:path" below the package's directories. */
static char *
config_below(const struct alembic_source *source, const struct strlist *directories,
	const char *rest)
{
	char *below = alloc_copy(rest), *path = NULL;

	for (char *c = below; *c != '\0'; c++)
		if (*c == ':')
			*c = '/';
	/* Of a namespace package the first part that has it, else simply the first. */
	for (size_t i = 0; i < directories->count && !path; i++) {
		path = python_absolute(directories->items[i], below);
		if (source->look(path) == PYTHON_NOTHING) {
			free(path);
			path = NULL;
		}
	}
	if (!path)
		path = python_absolute(directories->items[0], below);
	free(below);
	return path;
}

/* `text` is a package resource: not absolute, and with a colon.  NULL with an error. */
static char *
config_resource(const struct alembic_values *values, const struct strlist *sys_path,
	const char *key, const char *text)
{
	const struct alembic_source *source = values->source;
	size_t length = strcspn(text, ":");
	char *package = alloc_copy_bytes(text, length), *path = NULL;
	struct strlist places = { 0 }, directories = { 0 };

	strlist_copy(&places, sys_path);
	if (source->packages)
		source->packages(source->cwd, &places);
	if (source->look &&
		python_package_find(package, &places, source->look, &directories)) {
		path = config_below(source, &directories, text + length + 1);
	} else {
		char *origin = alembic_value_origin(values, key);
		char *list = strlist_join(&places, ", ");

		error_set(values->error,
			"%s = %s is a place in the Python package \"%s\", which is in "
			"none of %s; prepend_sys_path and PYTHONPATH add to them, and "
			"VIRTUAL_ENV the packages of an environment",
			origin, text, package, list);
		free(origin);
		free(list);
	}
	strlist_free(&directories);
	strlist_free(&places);
	free(package);
	return path;
}

/* A file name, or a package resource.  NULL with an error. */
static char *
config_locate(const struct alembic_values *values, const struct strlist *sys_path,
	const char *key, const char *text)
{
	if (*text == '/' || !strchr(text, ':'))
		return python_absolute(values->source->cwd, text);
	return config_resource(values, sys_path, key, text);
}

static bool
config_read_locations(const struct alembic_values *values,
	const struct strlist *sys_path, struct alembic_config *config)
{
	struct strlist names = { 0 };
	bool found;
	bool good = alembic_value_locations(values, &names, &found);

	for (size_t i = 0; good && i < names.count; i++) {
		char *path = config_locate(
			values, sys_path, "version_locations", names.items[i]);

		good = path != NULL;
		if (path)
			strlist_add_owned(&config->version_locations, path);
	}
	if (good && config->version_locations.count == 0)
		strlist_add_owned(&config->version_locations,
			python_absolute(config->script_location, "versions"));
	strlist_free(&names);
	return good;
}

/*
 * The URL is a last resort for connecting, and many an env.py ignores it: one that
 * can't be read (a bare % in a password) is none.
 */
static char *
config_read_url(const struct alembic_values *values)
{
	struct error ignored = { 0 };
	char *url = NULL;

	if (values->has_section)
		url = ini_get(values->source->ini, values->section, "sqlalchemy.url",
			&ignored);
	error_clear(&ignored);
	return url;
}

/* The directory of the file that has the script_location, to be read by people. */
static char *
config_here(const struct alembic_values *values)
{
	const struct alembic_source *source = values->source;
	struct error ignored = { 0 };
	char *here = NULL;

	if (values->has_section && ini_line(source->ini, values->section, location_key))
		here = ini_get(source->ini, "DEFAULT", "here", &ignored);
	else if (source->pyproject)
		here = alloc_copy(source->pyproject_here);
	error_clear(&ignored);
	char *normal = here ? python_normal(here) : NULL;
	free(here);
	return normal;
}

/* The one mistake that everybody makes once: it is there, but not from here. */
static void
config_missing(const struct alembic_values *values, const char *text, const char *path)
{
	const struct alembic_source *source = values->source;
	char *origin = alembic_value_origin(values, location_key);
	char *here = config_here(values);
	bool relative = *text != '/' && !strchr(text, ':');
	char *there = relative && here ? python_absolute(here, text) : NULL;

	if (there && source->look(there) == PYTHON_DIRECTORY)
		error_set(values->error,
			"%s = %s belongs to the working directory, as in Alembic, and "
			"there is no %s; but %s is there: start in %s, or write "
			"%%(here)s/%s",
			origin, text, path, there, here, text);
	else
		error_set(values->error, "%s = %s: %s %s", origin, text, path,
			source->look(path) == PYTHON_NOTHING ? "isn't there"
							     : "is no directory");
	free(there);
	free(here);
	free(origin);
}

/* Whether the scripts look like some; env.py alone is a tree that has no revision yet.
 */
static bool
config_check(const struct alembic_values *values, const char *text,
	const struct alembic_config *config)
{
	const struct alembic_source *source = values->source;
	const char *path = config->script_location;
	char *env = python_absolute(path, "env.py");
	bool good = source->look(env) != PYTHON_NOTHING;

	free(env);
	if (source->look(path) != PYTHON_DIRECTORY) {
		config_missing(values, text, path);
		return false;
	}
	for (size_t i = 0; i < config->version_locations.count && !good; i++)
		good = source->look(config->version_locations.items[i]) !=
		       PYTHON_NOTHING;
	if (!good) {
		char *origin = alembic_value_origin(values, location_key);

		error_set(values->error,
			"%s = %s: %s has neither env.py nor versions: is it another "
			"directory?",
			origin, text, path);
		free(origin);
	}
	return good;
}

static bool
config_read(const struct alembic_values *values, struct alembic_config *config)
{
	struct strlist sys_path = { 0 };
	char *text;

	if (!alembic_value_text(values, location_key, &text))
		return false;
	if (!text)
		return config_no_location(values);
	if (config_sys_path(values, &sys_path))
		config->script_location =
			config_locate(values, &sys_path, location_key, text);
	bool good = config->script_location != NULL &&
		    config_read_locations(values, &sys_path, config) &&
		    alembic_value_boolean(values, "recursive_version_locations",
			    &config->recursive) &&
		    alembic_value_boolean(values, "sourceless", &config->sourceless) &&
		    (!values->source->look || config_check(values, text, config));
	strlist_free(&sys_path);
	free(text);
	return good;
}

bool
alembic_config_read(const struct alembic_source *source, struct alembic_config *config,
	struct error *error)
{
	struct alembic_values values = {
		.source = source,
		.section = source->section ? source->section : "alembic",
		.table = alembic_config_table(source->pyproject),
		.error = error,
	};
	const struct toml *tool = toml_member(source->pyproject, "tool");

	*config = (struct alembic_config){ 0 };
	values.has_section =
		source->ini && ini_has_section(source->ini, values.section);
	if ((tool && toml_kind(tool) != TOML_TABLE) ||
		(values.table && toml_kind(values.table) != TOML_TABLE))
		return error_set(error, "%s:%d: [tool.alembic] is no table",
			source->pyproject_path,
			toml_line(values.table ? values.table : tool));
	if (source->section && !values.has_section)
		return config_no_section(&values);
	config->url = config_read_url(&values);
	return config_read(&values, config);
}

void
alembic_config_free(struct alembic_config *config)
{
	free(config->script_location);
	free(config->url);
	strlist_free(&config->version_locations);
	*config = (struct alembic_config){ 0 };
}
