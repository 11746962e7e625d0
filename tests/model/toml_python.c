/* The TOML reader held against Python's tomllib on random documents. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/toml.h"
#include "tests/model/python_answers.h"
#include "tests/tap/tap.h"

/* As the script writes it: strings, booleans, lists and objects; else the kind. */
static json_t *
value_json(const struct toml *value)
{
	const struct toml *item;
	size_t length;
	const char *text;
	json_t *out;

	switch (toml_kind(value)) {
	case TOML_STRING:
		text = toml_text(value, &length);
		return json_stringn(text, length);
	case TOML_BOOLEAN:
		return json_boolean(toml_is_true(value));
	case TOML_NUMBER:
		return json_integer(0);
	case TOML_DATE:
		return json_null();
	case TOML_ARRAY:
		out = json_array();
		for (size_t i = 0; (item = toml_item(value, i)) != NULL; i++)
			json_array_append_new(out, value_json(item));
		return out;
	default:
		break;
	}
	/* A list of pairs: a key may hold a zero byte, which jansson's objects can't.
	 */
	out = json_pack("{s:[]}", "table");
	for (size_t i = 0; (item = toml_item(value, i)) != NULL; i++) {
		text = toml_key(item, &length);
		json_array_append_new(json_object_get(out, "table"),
			json_pack(
				"[oo]", json_stringn(text, length), value_json(item)));
	}
	return out;
}

static char *
differ(const char *bytes, size_t length, const json_t *answer)
{
	struct error error = { 0 };
	struct toml *document = toml_parse("a.toml", bytes, length, &error);
	char *why = NULL;

	if (document == NULL && !json_is_null(answer)) {
		why = alloc_copy(error.message);
	} else if (document == NULL && strncmp(error.message, "a.toml:", 7) != 0) {
		why = alloc_printf("names no line: %s", error.message);
	} else if (document != NULL && json_is_null(answer)) {
		why = alloc_copy("is an error in Python");
	} else if (document != NULL) {
		json_t *ours = value_json(document);

		if (!json_equal(ours, (json_t *)answer)) {
			char *got = json_dumps(ours, 0), *want = json_dumps(answer, 0);

			why = alloc_printf("reads %s instead of %s", got, want);
			free(got);
			free(want);
		}
		json_decref(ours);
	}
	toml_free(document);
	error_clear(&error);
	return why;
}

int
main(void)
{
	python_answers("toml_python.py", differ);
	return tap_done();
}
