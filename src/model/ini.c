#include "pgrunbook/model/ini.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/python_text.h"

/* ConfigParser's own limit. */
enum { INI_NESTING = 10 };

/* Bounds for what a few lines of `%(name)s` can ask for, and for a search through all
 * keys; no setting comes near them. */
enum { INI_LONGEST = 1 << 20, INI_NAMES = 1 << 12, INI_MOST = 10000 };

struct ini_option {
	char *key; /* in lower case */
	struct str value;
	int line; /* 0: not from the file, but %(here)s */
};

struct ini_section {
	char *name;
	struct ini_option *options;
	size_t count, capacity;
};

/* sections[0] is [DEFAULT], whether or not the file has it. */
struct ini {
	char *path;
	struct ini_section *sections;
	size_t count, capacity;
};

/* Where the parser stands. */
struct ini_parser {
	struct ini *ini;
	size_t section; /* index; SIZE_MAX: before the first */
	size_t option;	/* index, if in_option */
	bool in_option; /* the last option may go on */
	int indent;	/* of the last header or option, in characters */
	int line;
};

static struct ini_section *
ini_add_section(struct ini *ini, char *name)
{
	ini->sections = alloc_room(
		ini->sections, ini->count, &ini->capacity, sizeof(*ini->sections));
	ini->sections[ini->count] = (struct ini_section){ .name = name };
	return &ini->sections[ini->count++];
}

/* NULL: no such section. */
static struct ini_section *
ini_find_section(const struct ini *ini, const char *name)
{
	for (size_t i = 0; i < ini->count; i++)
		if (strcmp(ini->sections[i].name, name) == 0)
			return &ini->sections[i];
	return NULL;
}

static struct ini_option *
ini_find_option(const struct ini_section *section, const char *key)
{
	for (size_t i = 0; i < section->count; i++)
		if (strcmp(section->options[i].key, key) == 0)
			return &section->options[i];
	return NULL;
}

/* ASCII only: every key that anybody looks up is ASCII. */
static char *
ini_lower(const char *text, size_t length)
{
	char *lower = alloc_copy_bytes(text, length);

	for (char *c = lower; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c | 0x20);
	return lower;
}

static bool
ini_begin_section(
	struct ini_parser *parser, const char *name, size_t length, struct error *error)
{
	struct ini *ini = parser->ini;
	char *copy = alloc_copy_bytes(name, length);
	struct ini_section *section = ini_find_section(ini, copy);
	bool twice = section && section != &ini->sections[0];

	if (twice || ini->count > INI_MOST) {
		error_set(error, "%s:%d: there %s [%s]", ini->path, parser->line,
			twice ? "is a second section" : "are too many sections before",
			copy);
		free(copy);
		return false;
	}
	if (section)
		free(copy);
	else
		section = ini_add_section(ini, copy);
	parser->section = (size_t)(section - ini->sections);
	parser->in_option = false;
	return true;
}

/* The option to fill, new or the %(here)s that the file has its own for; takes `key`.
 */
static struct ini_option *
ini_add_option(struct ini_parser *parser, char *key, struct error *error)
{
	struct ini_section *section = &parser->ini->sections[parser->section];
	struct ini_option *twin = ini_find_option(section, key);

	if (twin && twin->line == 0) {
		free(key);
		str_clear(&twin->value);
		twin->line = parser->line;
		return twin;
	}
	if (twin)
		error_set(error, "%s:%d: [%s] has `%s` already in line %d",
			parser->ini->path, parser->line, section->name, key,
			twin->line);
	else if (section->count >= INI_MOST)
		error_set(error, "%s:%d: [%s] has too many keys", parser->ini->path,
			parser->line, section->name);
	if (twin || section->count >= INI_MOST) {
		free(key);
		return NULL;
	}
	section->options = alloc_room(section->options, section->count,
		&section->capacity, sizeof(*section->options));
	struct ini_option *option = &section->options[section->count++];
	*option = (struct ini_option){ .key = key, .line = parser->line };
	return option;
}

/* `key = value` or `key: value`. */
static bool
ini_begin_option(
	struct ini_parser *parser, const char *text, size_t length, struct error *error)
{
	size_t key_length = 0;

	while (key_length < length && text[key_length] != '=' &&
		text[key_length] != ':')
		key_length++;
	const char *value = text + key_length + 1;
	size_t value_length = length - key_length - 1;
	bool sign = key_length < length;
	python_strip(&text, &key_length);
	if (!sign || key_length == 0)
		return error_set(error,
			"%s:%d: this is neither a [section] nor `key = value`: %.*s",
			parser->ini->path, parser->line,
			(int)(length < 80 ? length : 80), text);
	python_strip(&value, &value_length);
	struct ini_option *option =
		ini_add_option(parser, ini_lower(text, key_length), error);
	if (!option)
		return false;
	str_add_bytes(&option->value, value, value_length);
	parser->option =
		(size_t)(option - parser->ini->sections[parser->section].options);
	parser->in_option = true;
	return true;
}

/* A further line of the last option. */
static void
ini_continue_option(struct ini_parser *parser, const char *text, size_t length)
{
	struct ini_section *section = &parser->ini->sections[parser->section];
	struct ini_option *option = &section->options[parser->option];

	str_add_char(&option->value, '\n');
	str_add_bytes(&option->value, text, length);
}

/* One line without its end. */
static bool
ini_read_line(
	struct ini_parser *parser, const char *text, size_t length, struct error *error)
{
	int indent = python_strip(&text, &length);

	if (length == 0) { /* part of a value, if the value goes on after it */
		if (parser->in_option)
			ini_continue_option(parser, "", 0);
		return true;
	}
	if (*text == '#' || *text == ';')
		return true;
	if (parser->in_option && indent > parser->indent) {
		ini_continue_option(parser, text, length);
		return true;
	}
	parser->indent = indent;
	if (*text == '[') {
		const char *close = memrchr(text, ']', length);

		if (close && close > text + 1)
			return ini_begin_section(
				parser, text + 1, (size_t)(close - text) - 1, error);
	}
	if (parser->section == SIZE_MAX)
		return error_set(error, "%s:%d: there is no [section] before this line",
			parser->ini->path, parser->line);
	return ini_begin_option(parser, text, length, error);
}

/* The empty lines at a value's end belong to the layout. */
static void
ini_trim_values(struct ini *ini)
{
	for (size_t i = 0; i < ini->count; i++) {
		for (size_t k = 0; k < ini->sections[i].count; k++) {
			struct str *value = &ini->sections[i].options[k].value;
			const char *text = str_text(value);
			size_t length = value->length;

			python_strip(&text, &length);
			length += (size_t)(text - str_text(value));
			if (value->length > length) {
				value->length = length;
				value->bytes[length] = '\0';
			}
		}
	}
}

/* Python reads the file as UTF-8 and stumbles over a byte order mark. */
static bool
ini_check_bytes(const char *path, const char *bytes, size_t length, struct error *error)
{
	size_t valid = python_utf8_valid(bytes, length);
	int line = 1;

	if (length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
		return error_set(error,
			"%s:1: it begins with a byte order mark, which Alembic takes "
			"for text: save it as UTF-8 without one",
			path);
	if (length && memchr(bytes, '\0', length))
		return error_set(
			error, "%s: it has a zero byte: this is no ini file", path);
	if (valid == length)
		return true;
	for (size_t i = 0; i < valid; i++)
		line += bytes[i] == '\n';
	return error_set(error, "%s:%d: this is not UTF-8: byte 0x%02x", path, line,
		(unsigned char)bytes[valid]);
}

struct ini *
ini_parse(const char *path, const char *here, const char *bytes, size_t length,
	struct error *error)
{
	if (!ini_check_bytes(path, bytes, length, error))
		return NULL;
	struct ini *ini = alloc_zeroed(1, sizeof(*ini));
	struct ini_parser parser = { .ini = ini, .section = 0 };
	size_t at = 0;

	ini->path = alloc_copy(path);
	ini_add_section(ini, alloc_copy("DEFAULT"));
	if (here)
		str_add(&ini_add_option(&parser, alloc_copy("here"), error)->value,
			here);
	parser.section = SIZE_MAX;
	while (at < length) {
		size_t end = at;

		while (end < length && bytes[end] != '\n' && bytes[end] != '\r')
			end++;
		parser.line++;
		if (!ini_read_line(&parser, bytes + at, end - at, error)) {
			ini_free(ini);
			return NULL;
		}
		if (end + 1 < length && bytes[end] == '\r' && bytes[end + 1] == '\n')
			end++;
		at = end + 1;
	}
	ini_trim_values(ini);
	return ini;
}

void
ini_free(struct ini *ini)
{
	if (!ini)
		return;
	for (size_t i = 0; i < ini->count; i++) {
		struct ini_section *section = &ini->sections[i];

		for (size_t k = 0; k < section->count; k++) {
			free(section->options[k].key);
			str_free(&section->options[k].value);
		}
		free(section->options);
		free(section->name);
	}
	free(ini->sections);
	free(ini->path);
	free(ini);
}

const char *
ini_path(const struct ini *ini)
{
	return ini->path;
}

const char *
ini_section(const struct ini *ini, size_t index)
{
	return index + 1 < ini->count ? ini->sections[index + 1].name : NULL;
}

bool
ini_has_section(const struct ini *ini, const char *section)
{
	const struct ini_section *found = ini_find_section(ini, section);

	return found && found != &ini->sections[0];
}

/* The option as it stands in the section or in [DEFAULT]. */
static const struct ini_option *
ini_look_up(const struct ini *ini, const char *section, const char *key)
{
	const struct ini_section *found = ini_find_section(ini, section);
	const struct ini_option *option = found ? ini_find_option(found, key) : NULL;

	return option ? option : ini_find_option(&ini->sections[0], key);
}

/* One value on its way out, with what it refers to. */
struct ini_expansion {
	const struct ini *ini;
	const char *section;
	struct str out;
	size_t names; /* expanded so far */
	struct error *error;
};

/* What is wrong with a percent sign of the option; always false. */
static bool
ini_bad_percent(struct ini_expansion *expansion, const struct ini_option *option)
{
	if (option->line == 0)
		return error_set(expansion->error,
			"%s: its directory's name has a `%%`, which Python takes for "
			"the beginning of %%(name)s: move it, or do without %%(here)s",
			expansion->ini->path);
	return error_set(expansion->error,
		"%s:%d: a `%%` in `%s` must be doubled, unless it begins %%(name)s",
		expansion->ini->path, option->line, option->key);
}

static size_t ini_expand_name(struct ini_expansion *expansion,
	const struct ini_option *option, const char *at, int nesting);

/* Appends the value with what its percent signs stand for. */
static bool
ini_expand(
	struct ini_expansion *expansion, const struct ini_option *option, int nesting)
{
	const char *at = str_text(&option->value);

	if (!strchr(at, '%')) {
		str_add(&expansion->out, at);
		return true;
	}
	if (nesting >= INI_NESTING || expansion->names > INI_NAMES)
		return error_set(expansion->error,
			"%s:%d: `%s` refers to itself, or to too many others",
			expansion->ini->path, option->line, option->key);
	while (*at) {
		size_t plain = strcspn(at, "%");

		str_add_bytes(&expansion->out, at, plain);
		at += plain;
		if (expansion->out.length > INI_LONGEST)
			return error_set(expansion->error, "%s:%d: `%s` is too long",
				expansion->ini->path, option->line, option->key);
		if (at[0] == '%' && at[1] == '%') {
			str_add_char(&expansion->out, '%');
			at += 2;
		} else if (at[0] == '%') {
			size_t length = ini_expand_name(expansion, option, at, nesting);

			if (length == 0)
				return false;
			at += length;
		}
	}
	return true;
}

/* One `%(name)s` that stands at `at`; its length, 0 after an error. */
static size_t
ini_expand_name(struct ini_expansion *expansion, const struct ini_option *option,
	const char *at, int nesting)
{
	const struct ini *ini = expansion->ini;
	const char *close = at[1] == '(' ? strchr(at, ')') : NULL;

	if (!close || close[1] != 's' || close == at + 2) {
		ini_bad_percent(expansion, option);
		return 0;
	}
	expansion->names++;
	char *name = ini_lower(at + 2, (size_t)(close - at) - 2);
	const struct ini_option *found = ini_look_up(ini, expansion->section, name);
	bool good = true;
	if (found)
		good = ini_expand(expansion, found, nesting + 1);
	else
		good = error_set(expansion->error,
			"%s:%d: `%s` refers to `%s`, which isn't set", ini->path,
			option->line, option->key, name);
	free(name);
	return good ? (size_t)(close - at) + 2 : 0;
}

char *
ini_get(const struct ini *ini, const char *section, const char *key,
	struct error *error)
{
	struct ini_expansion expansion = {
		.ini = ini, .section = section, .error = error
	};
	char *lower = ini_lower(key, strlen(key));
	const struct ini_option *option = ini_look_up(ini, section, lower);
	bool good = option && ini_expand(&expansion, option, 0);

	free(lower);
	char *text = good ? str_take(&expansion.out) : NULL;
	str_free(&expansion.out);
	return text;
}

const char *
ini_raw(const struct ini *ini, const char *section, const char *key)
{
	char *lower = ini_lower(key, strlen(key));
	const struct ini_option *option = ini_look_up(ini, section, lower);

	free(lower);
	return option ? str_text(&option->value) : NULL;
}

const char *
ini_key(const struct ini *ini, const char *section, size_t index)
{
	const struct ini_section *found = ini_find_section(ini, section);

	return found && index < found->count ? found->options[index].key : NULL;
}

int
ini_line(const struct ini *ini, const char *section, const char *key)
{
	char *lower = ini_lower(key, strlen(key));
	const struct ini_option *option = ini_look_up(ini, section, lower);

	free(lower);
	return option ? option->line : 0;
}
