/* The ini reader held against Python's own ConfigParser on random files. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/ini.h"
#include "tests/model/python_answers.h"
#include "tests/tap/tap.h"

/* NULL if one section's keys and values are those of the answer. */
static char *
differ_in_section(const struct ini *ini, const char *section, const json_t *own,
	const json_t *values)
{
	const char *name;
	json_t *want;
	size_t count = 0;

	while (ini_key(ini, section, count) != NULL)
		count++;
	if (count != json_array_size(own))
		return alloc_printf("[%s] has %zu keys", section, count);
	for (size_t i = 0; i < count; i++) {
		name = json_string_value(json_array_get(own, i));
		if (strcmp(ini_key(ini, section, i), name) != 0)
			return alloc_printf("[%s] has no key %s", section, name);
	}
	json_object_foreach((json_t *)values, name, want)
	{
		struct error error = { 0 };
		char *got = ini_get(ini, section, name, &error);
		bool same = json_is_null(want)
				    ? got == NULL && error.message != NULL
				    : got != NULL &&
					      strcmp(got, json_string_value(want)) == 0;
		char *why =
			same ? NULL
			     : alloc_printf("[%s] %s is \"%s\" instead of \"%s\"",
				       section, name, got ? got : error.message,
				       json_is_null(want) ? "an error"
							  : json_string_value(want));

		error_clear(&error);
		free(got);
		if (why != NULL)
			return why;
	}
	return NULL;
}

static char *
differ(const char *bytes, size_t length, const json_t *answer)
{
	struct error error = { 0 };
	struct ini *ini = ini_parse("a.ini", "/here", bytes, length, &error);
	char *why = NULL;

	if (ini == NULL) {
		if (!json_is_null(answer))
			why = alloc_copy(error.message);
		else if (strncmp(error.message, "a.ini:", 6) != 0)
			why = alloc_printf("names no line: %s", error.message);
	} else if (json_is_null(answer)) {
		why = alloc_copy("is an error in Python");
	}
	for (size_t i = 0; ini != NULL && why == NULL && i < json_array_size(answer);
		i++) {
		const json_t *section = json_array_get(answer, i);
		const char *name =
			json_string_value(json_object_get(section, "section"));
		const char *ours = i == 0 ? "DEFAULT" : ini_section(ini, i - 1);

		if (ours == NULL || strcmp(ours, name) != 0)
			why = alloc_printf("there is no section [%s]", name);
		else
			why = differ_in_section(ini, name,
				json_object_get(section, "own"),
				json_object_get(section, "values"));
	}
	if (ini != NULL && why == NULL &&
		ini_section(ini, json_array_size(answer) - 1) != NULL)
		why = alloc_copy("there is one section too many");
	ini_free(ini);
	error_clear(&error);
	return why;
}

int
main(void)
{
	python_answers("ini_python.py", differ);
	return tap_done();
}
