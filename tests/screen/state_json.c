#include "tests/screen/state_json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/str.h"

void
state_fail(const char *format, ...)
{
	va_list arguments;

	printf("Bail out! ");
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	exit(1);
}

const char *
text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

char *
copy_of(const json_t *object, const char *name)
{
	char *hex_name = alloc_printf("%s_hex", name);
	const char *hex = text_of(object, hex_name);
	struct str out = { 0 };

	free(hex_name);
	if (hex == NULL)
		return alloc_copy(text_of(object, name));
	for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
		char pair[] = { hex[0], hex[1], '\0' };

		str_add_char(&out, (char)strtol(pair, NULL, 16));
	}
	return str_take(&out);
}

int64_t
duration_of(const json_t *object, const char *name, int64_t otherwise)
{
	const char *text = text_of(object, name);
	int64_t microseconds;

	if (text == NULL)
		return otherwise;
	if (!duration_parse(text, &microseconds))
		state_fail("\"%s\" is no duration", text);
	return microseconds;
}

int64_t
instant_of(const json_t *object, const char *name, int64_t now_us)
{
	int64_t ago = duration_of(object, name, -1);

	return ago < 0 ? 0 : now_us - ago;
}

bool
flag_of(const json_t *object, const char *name, bool otherwise)
{
	const json_t *value = json_object_get(object, name);

	return value == NULL ? otherwise : json_is_true(value);
}

int64_t
number_of(const json_t *object, const char *name, int64_t otherwise)
{
	const json_t *value = json_object_get(object, name);

	return value == NULL ? otherwise : json_integer_value(value);
}

void
list_of(const json_t *object, const char *name, struct strlist *list)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(object, name), i, item)
	{
		strlist_add(list, json_string_value(item));
	}
}

int
word_of(const json_t *object, const char *name, const char *const *words, int count,
	int otherwise)
{
	const char *text = text_of(object, name);

	if (text == NULL)
		return otherwise;
	for (int i = 0; i < count; i++) {
		if (words[i] != NULL && strcmp(words[i], text) == 0)
			return i;
	}
	state_fail("\"%s\" is no %s", text, name);
}
