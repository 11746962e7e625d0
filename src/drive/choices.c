#include "pgrunbook/drive/choices.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/drive/file.h"

enum { CHOICES_BYTES = 1 << 20 };

static const char tables[] = "version_tables";

static char *
choices_path(struct error *error)
{
	char *folder = file_state_folder(error);
	char *path = folder != NULL ? file_join(folder, "choices.json") : NULL;

	free(folder);
	return path;
}

/* An empty object if there is no file yet; NULL with an error. */
static json_t *
choices_read(const char *path, struct error *error)
{
	struct str bytes = { 0 };
	json_error_t problem;
	json_t *all = NULL;

	if (access(path, F_OK) != 0 && errno == ENOENT)
		return json_object();
	if (file_read(path, CHOICES_BYTES, &bytes, error)) {
		all = json_loadb(str_text(&bytes), bytes.length, 0, &problem);
		if (all == NULL || !json_is_object(all)) {
			error_set(error,
				"%s:%d: %s: correct it, or delete it to be asked again",
				path, problem.line,
				all == NULL ? problem.text : "not an object");
			json_decref(all);
			all = NULL;
		}
	}
	str_free(&bytes);
	return all;
}

/* Which fields a place is kept as. */
static json_t *
choices_key(const struct choice_place *place)
{
	const struct {
		const char *name, *value;
	} fields[] = {
		{ "host", place->host },
		{ "port", place->port },
		{ "database", place->database },
		{ "config", place->config },
		{ "section", place->section },
	};
	json_t *key = json_object();

	/* A text that isn't UTF-8 can't be kept: the place is none then. */
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (fields[i].value != NULL &&
			json_object_set_new(key, fields[i].name,
				json_string(fields[i].value)) != 0) {
			json_decref(key);
			return NULL;
		}
	}
	return key;
}

static bool
choices_matches(const json_t *item, json_t *key)
{
	static const char *const names[] = { "host", "port", "database", "config",
		"section" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const json_t *a = json_object_get(item, names[i]);
		const json_t *b = json_object_get(key, names[i]);

		if (a == NULL ? b != NULL : b == NULL || !json_equal(a, b))
			return false;
	}
	return json_is_object(item);
}

/* Its index in the list; the list's size if it isn't there. */
static size_t
choices_find(const json_t *list, json_t *key)
{
	size_t at = 0;

	while (at < json_array_size(list) &&
		!choices_matches(json_array_get(list, at), key))
		at++;
	return at;
}

char *
choices_table(const struct choice_place *place, struct error *error)
{
	char *path = choices_path(error);
	json_t *all = path != NULL ? choices_read(path, error) : NULL;
	json_t *key = choices_key(place);
	char *table = NULL;

	if (all != NULL && key != NULL) {
		const json_t *list = json_object_get(all, tables);

		table = alloc_copy(json_string_value(json_object_get(
			json_array_get(list, choices_find(list, key)), "table")));
	}
	json_decref(key);
	json_decref(all);
	free(path);
	return table;
}

static bool
choices_write(const char *path, const json_t *all, struct error *error)
{
	char *json = json_dumps(all, JSON_INDENT(2));
	char *text = alloc_printf("%s\n", json);
	const char *slash = strrchr(path, '/');
	char *folder = alloc_copy_bytes(path, (size_t)(slash - path));
	bool good = file_make_directories(folder, 0700, error) &&
		    file_replace(path, text, strlen(text), error);

	free(folder);
	free(text);
	free(json);
	return good;
}

/* Puts it into the list, or out of it. */
static bool
choices_put(json_t *all, json_t *key, const char *table)
{
	json_t *list = json_object_get(all, tables);

	if (!json_is_array(list)) {
		list = json_array();
		json_object_set_new(all, tables, list);
	}
	json_array_remove(list, choices_find(list, key));
	if (table == NULL)
		return true;
	return json_object_set_new(key, "table", json_string(table)) == 0 &&
	       json_array_append(list, key) == 0;
}

bool
choices_set_table(
	const struct choice_place *place, const char *table, struct error *error)
{
	char *path = choices_path(error);
	json_t *all = path != NULL ? choices_read(path, error) : NULL;
	json_t *key = choices_key(place);
	bool good = all != NULL;

	if (good && (key == NULL || !choices_put(all, key, table)))
		good = error_set(error, "a name that is not UTF-8 can't be remembered");
	good = good && choices_write(path, all, error);
	json_decref(key);
	json_decref(all);
	free(path);
	return good;
}
