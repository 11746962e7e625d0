/* What stands to the right of TOML's equals sign. */
#include <string.h>

#include "pgrunbook/model/toml_internal.h"

static bool
value_skip_lines(struct toml_reader *reader)
{
	for (;;) {
		const char *before = reader->at;

		reader->at += strspn(reader->at, " \t\n");
		if (!toml_skip_comment(reader))
			return false;
		if (reader->at == before)
			return true;
	}
}

static bool
value_read_items(struct toml_reader *reader, struct toml *array, int depth)
{
	reader->at++;
	for (;;) {
		if (!value_skip_lines(reader))
			return false;
		if (*reader->at == ']')
			break;
		struct toml *item = toml_read_value(reader, depth + 1);
		if (item == NULL)
			return false;
		toml_append(array, item);
		if (!value_skip_lines(reader))
			return false;
		if (*reader->at == ']')
			break;
		if (*reader->at != ',')
			return toml_fail(reader,
				"the array that begins in line %d has no end here, and "
				"no comma",
				array->line);
		reader->at++;
	}
	reader->at++;
	return true;
}

/* One `key = value` of an inline table. */
static bool
value_read_pair(struct toml_reader *reader, struct toml *table, int depth)
{
	struct toml_path path;
	bool good = toml_read_path(reader, &path);

	if (good && *reader->at != '=')
		good = toml_fail(reader, "a key is followed by =");
	for (size_t i = 0; good && i + 1 < path.count; i++) {
		table = toml_open(reader, table, &path.names[i]);
		good = table != NULL;
	}
	if (good) {
		reader->at++;
		toml_skip_blanks(reader);
		struct toml *value = toml_read_value(reader, depth + 1);
		good = value != NULL &&
		       toml_add(reader, table, &path.names[path.count - 1], value);
	}
	toml_path_free(&path);
	return good;
}

static bool
value_read_pairs(struct toml_reader *reader, struct toml *table, int depth)
{
	reader->at++;
	toml_skip_blanks(reader);
	if (*reader->at == '}') {
		reader->at++;
		return true;
	}
	for (;;) {
		if (!value_read_pair(reader, table, depth))
			return false;
		toml_skip_blanks(reader);
		if (*reader->at == '}')
			break;
		if (*reader->at != ',')
			return toml_fail(reader,
				"the inline table has no end on this line, and no "
				"comma");
		reader->at++;
		toml_skip_blanks(reader);
	}
	reader->at++;
	return true;
}

static bool
value_read_word(struct toml_reader *reader, struct toml *value)
{
	bool exists;
	size_t length = toml_match_date(reader->at, &exists);

	value->kind = TOML_BOOLEAN;
	value->truth = *reader->at == 't';
	if (strncmp(reader->at, "true", 4) == 0 ||
		strncmp(reader->at, "false", 5) == 0) {
		reader->at += value->truth ? 4 : 5;
		return true;
	}
	value->kind = length != 0 ? TOML_DATE : TOML_NUMBER;
	if (length == 0)
		length = toml_match_number(reader->at);
	if (length == 0)
		return toml_fail(reader,
			"here should be a value: a \"string\" in quotes, true, false, "
			"a number, a date, [an array] or {an inline table}");
	if (!exists)
		return toml_fail(reader, "there is no such day: %.10s", reader->at);
	reader->at += length;
	return true;
}

struct toml *
toml_read_value(struct toml_reader *reader, int depth)
{
	char first = *reader->at;
	struct toml *value = toml_new(reader, TOML_STRING);
	bool good;

	if (depth >= TOML_DEEPEST) {
		good = toml_fail(
			reader, "this is nested more than %d deep", TOML_DEEPEST);
	} else if (first == '"' || first == '\'') {
		good = toml_read_string(reader, true, &value->text);
	} else if (first == '[') {
		value->kind = TOML_ARRAY;
		value->frozen = true;
		good = value_read_items(reader, value, depth);
	} else if (first == '{') {
		value->kind = TOML_TABLE;
		good = value_read_pairs(reader, value, depth);
		value->frozen = true;
	} else {
		good = value_read_word(reader, value);
	}
	if (good)
		return value;
	toml_free(value);
	return NULL;
}
