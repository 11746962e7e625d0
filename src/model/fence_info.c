#include "pgrunbook/model/fence_info.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"

static enum fence_language
language_of(const char *text, size_t length)
{
	static const struct {
		const char *name;
		enum fence_language language;
	} languages[] = {
		{ "bash", FENCE_SHELL },
		{ "console", FENCE_CONSOLE },
		{ "pgrunbook", FENCE_ACTIONS },
		{ "sh", FENCE_SHELL },
		{ "shell", FENCE_SHELL },
		{ "sql", FENCE_SQL },
	};

	for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++) {
		if (strlen(languages[i].name) == length &&
			strncasecmp(languages[i].name, text, length) == 0)
			return languages[i].language;
	}
	return FENCE_SHOWN;
}

static bool
is_one_of(const char *name, const char *list)
{
	size_t length = strlen(name);
	const char *at = length > 0 ? strstr(list, name) : NULL;

	return at != NULL && (at == list || at[-1] == ' ') &&
	       (at[length] == ' ' || at[length] == '\0');
}

static void
read_attribute(struct fence_info *info, const char *name, const char *value)
{
	/* Known to runme or to runbooks.md, but no step does anything with them yet. */
	static const char unused[] =
		"capture confirm critical cwd env every "
		"excludeFromRunAll expect interpreter kind onfailure "
		"promptEnv retries rollback secret timeout transform when";
	bool yes = strcmp(value, "true") == 0;

	if (strcmp(name, "name") == 0 && value[0] != '\0') {
		free(info->name);
		info->name = alloc_copy(value);
	} else if (strcmp(name, "ignore") == 0) {
		info->ignore = yes;
	} else if (strcmp(name, "interactive") == 0) {
		info->interactive = yes;
	} else if (strcmp(name, "background") == 0) {
		info->background = yes;
	} else if (strcmp(name, "danger") == 0 && danger_parse(value, &info->danger)) {
		info->has_danger = true;
	} else {
		strlist_add_owned(&info->problems,
			alloc_printf("%s=%s is %s", name, value,
				is_one_of(name, unused) ? "not used yet"
							: "not known"));
	}
}

static void
read_json(struct fence_info *info, const char *text)
{
	json_t *object = json_loads(text, 0, NULL);

	if (!json_is_object(object))
		strlist_add_owned(&info->problems,
			alloc_printf("attributes that can't be read: %s", text));
	for (void *at = json_object_iter(object); at != NULL;
		at = json_object_iter_next(object, at)) {
		const json_t *value = json_object_iter_value(at);
		char *number = json_dumps(value, JSON_ENCODE_ANY);
		const char *words = json_string_value(value);

		if (words == NULL)
			words = number != NULL ? number : "";
		read_attribute(info, json_object_iter_key(at), words);
		free(number);
	}
	json_decref(object);
}

/* name=value, name="a value" or a bare name, which is true; blanks or commas between.
 */
static void
read_pairs(struct fence_info *info, const char *text)
{
	const char *at = text + 1;

	for (;;) {
		struct str name = { 0 }, value = { 0 };
		char quote = '\0';

		at += strspn(at, " \t,");
		while (*at != '\0' && strchr("= \t,}", *at) == NULL)
			str_add_char(&name, *at++);
		if (*at == '=') {
			at++;
			quote = *at == '"' || *at == '\'' ? *at++ : '\0';
			while (*at != '\0' &&
				(quote != '\0' ? *at != quote
					       : strchr(" \t,}", *at) == NULL))
				str_add_char(&value, *at++);
			at += quote != '\0' && *at == quote;
		} else {
			str_add(&value, "true");
		}
		if (name.length > 0)
			read_attribute(info, str_text(&name), str_text(&value));
		str_free(&name);
		str_free(&value);
		if (*at == '\0' || *at == '}')
			return;
		if (*at == '=') /* "a==b": not ours to guess */
			at++;
	}
}

void
fence_info_read(const char *text, struct fence_info *info)
{
	size_t length;

	*info = (struct fence_info){ .language = FENCE_SHOWN };
	if (text == NULL)
		return;
	length = strcspn(text, " \t{");
	info->language = language_of(text, length);
	text += length + strspn(text + length, " \t");
	if (text[0] != '{')
		return;
	if (text[strspn(text, "{ \t")] == '"')
		read_json(info, text);
	else
		read_pairs(info, text);
}

void
fence_info_free(struct fence_info *info)
{
	free(info->name);
	strlist_free(&info->problems);
	*info = (struct fence_info){ .language = FENCE_SHOWN };
}
