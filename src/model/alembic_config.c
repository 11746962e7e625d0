#include "pgrunbook/model/alembic_config.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"

/* How a list of paths is written. */
struct config_separator {
	const char *name;
	char character;
};

static const struct config_separator config_separators[] = {
	{ .name = "space", .character = ' ' },
	{ .name = "newline", .character = '\n' },
	{ .name = "os", .character = ':' },
	{ .name = ":", .character = ':' },
	{ .name = ";", .character = ';' },
};

/* Where relative names start, and what the settings are read from. */
struct config_reader {
	const struct ini *ini;
	const char *section;
	const char *cwd;
	struct error *error;
	char *package_root; /* the first of prepend_sys_path, else cwd */
};

static bool
config_get(const struct config_reader *reader, const char *key, char **value)
{
	struct error error = { 0 };

	*value = ini_get(reader->ini, reader->section, key, &error);
	if (!error.message)
		return true;
	error_set(reader->error, "%s", error.message);
	error_clear(&error);
	return false;
}

static char *
config_join(const char *directory, const char *name)
{
	size_t length = strlen(directory);
	const char *slash = length && directory[length - 1] == '/' ? "" : "/";

	while (strncmp(name, "./", 2) == 0)
		name += 2;
	if (*name == '/')
		return alloc_copy(name);
	if (*name == '\0' || strcmp(name, ".") == 0)
		return alloc_copy(directory);
	return alloc_printf("%s%s%s", directory, slash, name);
}

/* A file name, or `package:path` below the directory that packages are found in. */
static char *
config_locate(const struct config_reader *reader, const char *location)
{
	if (*location == '/' || !strchr(location, ':'))
		return config_join(reader->cwd, location);
	const char *colon = strchr(location, ':');
	char *below = alloc_copy(location);
	for (char *c = below; *c; c++) {
		bool package = c < below + (colon - location);

		if (*c == ':' || (*c == '.' && package))
			*c = '/';
	}
	char *path = config_join(reader->package_root, below);
	free(below);
	return path;
}

/* Adds the part unless it is empty; blanks around it don't count. */
static void
config_add_part(struct strlist *list, const char *text, size_t length)
{
	while (length && strchr(" \t\r\n", text[length - 1]))
		length--;
	while (length && strchr(" \t\r\n", *text)) {
		text++;
		length--;
	}
	if (length)
		strlist_add_owned(list, alloc_copy_bytes(text, length));
}

/* Splits at `separator`; without one, as old files have it, at blanks and `old`. */
static void
config_split(const char *text, char separator, const char *old, struct strlist *list)
{
	const char characters[2] = { separator, '\0' };

	while (*text) {
		size_t length = strcspn(text, separator ? characters : old);

		config_add_part(list, text, length);
		text += length + (text[length] != '\0');
	}
}

/* The separator that `key` names; '\0' if it isn't set. */
static bool
config_separator(const struct config_reader *reader, const char *key, char *separator)
{
	char *name;

	*separator = '\0';
	if (!config_get(reader, key, &name))
		return false;
	if (!name)
		return true;
	for (size_t i = 0; i < sizeof(config_separators) / sizeof(*config_separators);
		i++)
		if (strcmp(name, config_separators[i].name) == 0)
			*separator = config_separators[i].character;
	if (!*separator)
		error_set(reader->error,
			"%s = %s in [%s] is none of space, newline, os, : and ;", key,
			name, reader->section);
	free(name);
	return *separator != '\0';
}

static bool
config_read_package_root(struct config_reader *reader)
{
	char separator, *text;
	struct strlist paths = { 0 };

	reader->package_root = alloc_copy(reader->cwd);
	if (!config_separator(reader, "path_separator", &separator) ||
		!config_get(reader, "prepend_sys_path", &text))
		return false;
	if (text)
		config_split(text, separator, " ,:\n", &paths);
	if (paths.count) {
		free(reader->package_root);
		reader->package_root = config_join(reader->cwd, paths.items[0]);
	}
	strlist_free(&paths);
	free(text);
	return true;
}

static bool
config_read_locations(const struct config_reader *reader, struct alembic_config *config)
{
	char separator, *text;
	struct strlist names = { 0 };

	if (!config_get(reader, "version_locations", &text))
		return false;
	if (!text || !*text) {
		free(text);
		strlist_add_owned(&config->version_locations,
			config_join(config->script_location, "versions"));
		return true;
	}
	bool good = config_separator(reader, "path_separator", &separator);
	if (good && !separator)
		good = config_separator(reader, "version_path_separator", &separator);
	if (good)
		config_split(text, separator, ", ", &names);
	for (size_t i = 0; i < names.count; i++)
		strlist_add_owned(&config->version_locations,
			config_locate(reader, names.items[i]));
	strlist_free(&names);
	free(text);
	return good;
}

static bool
config_read_boolean(const struct config_reader *reader, const char *key, bool *value)
{
	char *text;

	if (!config_get(reader, key, &text))
		return false;
	*value = text && strcmp(text, "true") == 0;
	free(text);
	return true;
}

/*
 * The URL is a last resort for connecting, and many an env.py ignores it: one that
 * can't be read (a bare % in a password) is none.
 */
static char *
config_read_url(const struct config_reader *reader)
{
	struct error ignored = { 0 };
	char *url = ini_get(reader->ini, reader->section, "sqlalchemy.url", &ignored);

	error_clear(&ignored);
	return url;
}

bool
alembic_config_read(const struct ini *ini, const char *section, const char *cwd,
	struct alembic_config *config, struct error *error)
{
	struct config_reader reader = {
		.ini = ini, .section = section, .cwd = cwd, .error = error
	};
	char *location = NULL;
	bool good = false;

	*config = (struct alembic_config){ 0 };
	if (!ini_has_section(ini, section)) {
		error_set(error,
			"there is no section [%s] in the Alembic configuration",
			section);
		goto out;
	}
	if (!config_read_package_root(&reader) ||
		!config_get(&reader, "script_location", &location))
		goto out;
	if (!location) {
		error_set(error,
			"[%s] has no `script_location`, the directory of the scripts",
			section);
		goto out;
	}
	config->script_location = config_locate(&reader, location);
	good = config_read_locations(&reader, config) &&
	       config_read_boolean(
		       &reader, "recursive_version_locations", &config->recursive) &&
	       config_read_boolean(&reader, "sourceless", &config->sourceless);
	config->url = config_read_url(&reader);
out:
	free(location);
	free(reader.package_root);
	return good;
}

void
alembic_config_free(struct alembic_config *config)
{
	free(config->script_location);
	free(config->url);
	strlist_free(&config->version_locations);
	*config = (struct alembic_config){ 0 };
}
