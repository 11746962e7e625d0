#include "pgrunbook/model/alembic_value.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/python_text.h"

/* How a list of paths is written. */
struct value_separator {
	const char *name;
	char character;
};

static const struct value_separator value_separators[] = {
	{ .name = "space", .character = ' ' },
	{ .name = "newline", .character = '\n' },
	{ .name = "os", .character = ':' },
	{ .name = ":", .character = ':' },
	{ .name = ";", .character = ';' },
};

enum { SEPARATORS = sizeof(value_separators) / sizeof(value_separators[0]) };

/* The ini's own; NULL without an error if it doesn't have the key. */
static bool
value_of_ini(const struct alembic_values *values, const char *key, char **value)
{
	struct error error = { 0 };

	*value = NULL;
	if (!values->has_section)
		return true;
	*value = ini_get(values->source->ini, values->section, key, &error);
	if (!error.message)
		return true;
	error_set(values->error, "%s", error.message);
	error_clear(&error);
	return false;
}

char *
alembic_value_origin(const struct alembic_values *values, const char *key)
{
	const struct alembic_source *source = values->source;
	int line =
		values->has_section ? ini_line(source->ini, values->section, key) : 0;
	const struct toml *value = toml_member(values->table, key);

	if (line == 0 && value)
		return alloc_printf(
			"%s:%d: %s", source->pyproject_path, toml_line(value), key);
	return alloc_printf("%s:%d: %s", ini_path(source->ini), line, key);
}

static bool
value_wrong_kind(const struct alembic_values *values, const struct toml *value,
	const char *key, const char *want)
{
	return error_set(values->error, "%s:%d: %s in [tool.alembic] is %s, not %s",
		values->source->pyproject_path, toml_line(value), key,
		toml_kind_name(value), want);
}

/*
 * A string of the TOML after Python's `%` operator, as Alembic applies it: with `here`
 * alone.  NULL with an error.
 */
static char *
value_expand(
	const struct alembic_values *values, const struct toml *value, const char *key)
{
	static const char here[] = "%(here)s";
	struct str out = { 0 };
	size_t length;
	const char *text = toml_text(value, &length);

	if (strlen(text) != length) {
		error_set(values->error, "%s:%d: %s has a zero byte",
			values->source->pyproject_path, toml_line(value), key);
		return NULL;
	}
	while (*text != '\0') {
		size_t plain = strcspn(text, "%");

		str_add_bytes(&out, text, plain);
		text += plain;
		if (strncmp(text, here, sizeof(here) - 1) == 0) {
			str_add(&out, values->source->pyproject_here);
			text += sizeof(here) - 1;
		} else if (text[0] == '%' && text[1] == '%') {
			str_add_char(&out, '%');
			text += 2;
		} else if (text[0] == '%') {
			error_set(values->error,
				"%s:%d: a `%%` in %s must be doubled, unless it begins "
				"%%(here)s",
				values->source->pyproject_path, toml_line(value), key);
			str_free(&out);
			return NULL;
		}
	}
	return str_take(&out);
}

bool
alembic_value_text(const struct alembic_values *values, const char *key, char **value)
{
	const struct toml *found = toml_member(values->table, key);

	if (!value_of_ini(values, key, value))
		return false;
	if (*value || !found)
		return true;
	if (toml_kind(found) != TOML_STRING)
		return value_wrong_kind(values, found, key, "a string");
	*value = value_expand(values, found, key);
	return *value != NULL;
}

bool
alembic_value_boolean(const struct alembic_values *values, const char *key, bool *value)
{
	const struct toml *found = toml_member(values->table, key);
	char *text;

	if (!value_of_ini(values, key, &text))
		return false;
	*value = text ? strcmp(text, "true") == 0 : false;
	if (text || !found) {
		free(text);
		return true;
	}
	if (toml_kind(found) != TOML_BOOLEAN)
		return value_wrong_kind(values, found, key, "true or false");
	*value = toml_is_true(found);
	return true;
}

/* str.split(separator), without the empty parts; a blank one becomes "". */
static void
value_split(const char *text, char separator, struct strlist *list)
{
	const char characters[2] = { separator, '\0' };

	while (*text != '\0') {
		size_t length = strcspn(text, characters);
		const char *part = text;

		text += length + (text[length] != '\0');
		if (length == 0)
			continue;
		python_strip(&part, &length);
		strlist_add_owned(list, alloc_copy_bytes(part, length));
	}
}

/* re.split(", *| +|:"), the colon only if it is among `ends`; empty parts stay. */
static void
value_split_of_old(const char *text, const char *ends, struct strlist *list)
{
	for (;;) {
		size_t length = strcspn(text, ends);

		strlist_add_owned(list, alloc_copy_bytes(text, length));
		text += length;
		char end = *text;
		if (end == '\0')
			return;
		text++;
		if (end != ':')
			text += strspn(text, " ");
	}
}

/* The separator that one of the keys names, the first that is set; '\0': none is. */
static bool
value_separator(const struct alembic_values *values, const char *const *keys,
	size_t count, char *separator)
{
	char *name = NULL;
	size_t key = 0;

	*separator = '\0';
	while (key < count && !name)
		if (!value_of_ini(values, keys[key++], &name))
			return false;
	if (!name)
		return true;
	for (size_t i = 0; i < SEPARATORS; i++)
		if (strcmp(name, value_separators[i].name) == 0)
			*separator = value_separators[i].character;
	if (!*separator) {
		char *origin = alembic_value_origin(values, keys[key - 1]);

		error_set(values->error,
			"%s = %s is none of space, newline, os, : and ;", origin, name);
		free(origin);
	}
	free(name);
	return *separator != '\0';
}

static bool
value_array(const struct alembic_values *values, const struct toml *array,
	const char *key, struct strlist *list)
{
	const struct toml *item;

	for (size_t i = 0; (item = toml_item(array, i)); i++) {
		if (toml_kind(item) != TOML_STRING)
			return value_wrong_kind(
				values, item, key, "only strings, as it should be");
		char *text = value_expand(values, item, key);
		if (!text)
			return false;
		strlist_add_owned(list, text);
	}
	return true;
}

/* The ini's text, split; *found: there was one. */
static bool
value_list_of_ini(const struct alembic_values *values, const char *key,
	size_t separators, const char *ends, struct strlist *list, bool *found)
{
	static const char *const keys[] = { "path_separator",
		"version_path_separator" };
	char separator, *text;

	*found = false;
	if (!value_of_ini(values, key, &text))
		return false;
	bool good = true;
	if (text && *text) {
		*found = true;
		good = value_separator(values, keys, separators, &separator);
		if (good && separator)
			value_split(text, separator, list);
		else if (good)
			value_split_of_old(text, ends, list);
	}
	free(text);
	return good;
}

bool
alembic_value_locations(
	const struct alembic_values *values, struct strlist *list, bool *found)
{
	static const char key[] = "version_locations";
	const struct toml *array = toml_member(values->table, key);

	if (!value_list_of_ini(values, key, 2, ", ", list, found))
		return false;
	if (*found || !array)
		return true;
	/* Alembic would take each letter of a string for a directory. */
	if (toml_kind(array) != TOML_ARRAY)
		return value_wrong_kind(values, array, key, "an array of strings");
	if (!value_array(values, array, key, list))
		return false;
	*found = list->count != 0;
	return true;
}

bool
alembic_value_sys_path(const struct alembic_values *values, struct strlist *list)
{
	static const char key[] = "prepend_sys_path";
	const struct toml *array = toml_member(values->table, key);
	bool found;

	if (!value_list_of_ini(values, key, 1, ", :", list, &found))
		return false;
	/* Of a string Python takes each letter: "." alone means anything, and the
	 * working directory is looked in anyway. */
	if (found || !array || toml_kind(array) == TOML_STRING)
		return true;
	if (toml_kind(array) != TOML_ARRAY)
		return value_wrong_kind(values, array, key, "an array of strings");
	return value_array(values, array, key, list);
}
