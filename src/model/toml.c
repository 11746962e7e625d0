#include "pgrunbook/model/toml.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/python_text.h"
#include "pgrunbook/model/toml_internal.h"

/* The document while it is read. */
struct toml_document {
	struct toml_reader reader;
	struct toml *root;
	struct toml *section;  /* that keys go to */
	struct toml **pending; /* tables that the section's dotted keys opened */
	size_t pending_count, pending_capacity;
};

int
toml_count_lines(struct toml_reader *reader)
{
	for (; reader->counted < reader->at; reader->counted++)
		reader->line += *reader->counted == '\n';
	return reader->line;
}

bool
toml_fail(struct toml_reader *reader, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	char *message = alloc_vprintf(format, arguments);
	va_end(arguments);
	error_set(reader->error, "%s:%d: %s", reader->path, toml_count_lines(reader),
		message);
	free(message);
	return false;
}

struct toml *
toml_new(struct toml_reader *reader, enum toml_kind kind)
{
	struct toml *value = alloc_zeroed(1, sizeof(*value));

	value->kind = kind;
	value->line = toml_count_lines(reader);
	return value;
}

void
toml_free(struct toml *value)
{
	if (value == NULL)
		return;
	for (size_t i = 0; i < value->count; i++)
		toml_free(value->items[i]);
	free(value->items);
	str_free(&value->key);
	str_free(&value->text);
	free(value);
}

struct toml *
toml_find(const struct toml *table, const char *key, size_t length)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct str *name = &table->items[i]->key;

		if (name->length == length && memcmp(str_text(name), key, length) == 0)
			return table->items[i];
	}
	return NULL;
}

void
toml_append(struct toml *array, struct toml *item)
{
	array->items = alloc_room(
		array->items, array->count, &array->capacity, sizeof(struct toml *));
	array->items[array->count++] = item;
}

bool
toml_add(struct toml_reader *reader, struct toml *table, struct str *name,
	struct toml *value)
{
	const struct toml *twin = toml_find(table, str_text(name), name->length);

	if (twin != NULL)
		toml_fail(reader, "`%s` has a value already, in line %d",
			str_text(name), twin->line);
	else if (table->count >= TOML_MOST)
		toml_fail(reader, "the table has more than %d keys", TOML_MOST);
	if (twin != NULL || table->count >= TOML_MOST) {
		toml_free(value);
		return false;
	}
	str_add_bytes(&value->key, str_text(name), name->length);
	toml_append(table, value);
	return true;
}

struct toml *
toml_open(struct toml_reader *reader, struct toml *table, struct str *name)
{
	struct toml *found = toml_find(table, str_text(name), name->length);

	if (found == NULL) {
		found = toml_new(reader, TOML_TABLE);
		return toml_add(reader, table, name, found) ? found : NULL;
	}
	if (found->kind == TOML_TABLE && !found->frozen)
		return found;
	toml_fail(reader, "nothing can be added to `%s`, which has a value in line %d",
		str_text(name), found->line);
	return NULL;
}

/* As toml_open; an array of tables stands for its last. */
static struct toml *
document_open(struct toml_document *document, struct toml *table, struct str *name)
{
	struct toml *found = toml_find(table, str_text(name), name->length);

	if (found != NULL && found->kind == TOML_ARRAY && !found->frozen)
		return found->items[found->count - 1];
	return toml_open(&document->reader, table, name);
}

/* A table's array, made if it isn't there; NULL and an error if it is something else.
 */
static struct toml *
document_array(struct toml_document *document, struct toml *table, struct str *name)
{
	struct toml *found = toml_find(table, str_text(name), name->length);

	if (found == NULL) {
		found = toml_new(&document->reader, TOML_ARRAY);
		return toml_add(&document->reader, table, name, found) ? found : NULL;
	}
	if (found->kind == TOML_ARRAY && !found->frozen)
		return found;
	toml_fail(&document->reader, "`%s` is no array of tables: see line %d",
		str_text(name), found->line);
	return NULL;
}

/* What a section's dotted keys opened belongs to it. */
static void
document_close_section(struct toml_document *document)
{
	for (size_t i = 0; i < document->pending_count; i++)
		document->pending[i]->closed = true;
	document->pending_count = 0;
}

/* The header's last name: a new table of an array, or a table that nobody opened. */
static bool
document_begin_section(struct toml_document *document, struct toml *parent,
	struct str *name, bool array)
{
	struct toml_reader *reader = &document->reader;

	if (array) {
		struct toml *list = document_array(document, parent, name);

		if (list == NULL)
			return false;
		list->closed = true;
		document->section = toml_new(reader, TOML_TABLE);
		toml_append(list, document->section);
		return true;
	}
	struct toml *found = toml_find(parent, str_text(name), name->length);
	if (found != NULL && found->closed)
		return toml_fail(reader, "the table `%s` is there already, in line %d",
			str_text(name), found->line);
	document->section = toml_open(reader, parent, name);
	if (document->section == NULL)
		return false;
	document->section->closed = true;
	return true;
}

/* [table] and [[array of tables]]. */
static bool
document_read_header(struct toml_document *document)
{
	struct toml_reader *reader = &document->reader;
	bool array = reader->at[1] == '[';
	struct toml_path path;
	struct toml *table = document->root;

	document_close_section(document);
	reader->at += array ? 2 : 1;
	toml_skip_blanks(reader);
	bool good = toml_read_path(reader, &path);
	for (size_t i = 0; good && i + 1 < path.count; i++) {
		table = document_open(document, table, &path.names[i]);
		good = table != NULL;
	}
	good = good && document_begin_section(
			       document, table, &path.names[path.count - 1], array);
	toml_path_free(&path);
	if (!good)
		return false;
	if (*reader->at != ']' || (array && reader->at[1] != ']'))
		return toml_fail(reader, "here should be %s, the end of the header",
			array ? "]]" : "]");
	reader->at += array ? 2 : 1;
	return true;
}

/* The table that a dotted key's last name goes to. */
static struct toml *
document_open_keys(struct toml_document *document, struct toml_path *path)
{
	struct toml *table = document->section;

	for (size_t i = 0; i + 1 < path->count; i++) {
		struct str *name = &path->names[i];
		const struct toml *found =
			toml_find(table, str_text(name), name->length);

		if (found != NULL && found->closed) {
			toml_fail(&document->reader,
				"`%s` belongs to another section: see line %d",
				str_text(name), found->line);
			return NULL;
		}
		table = toml_open(&document->reader, table, name);
		if (table == NULL)
			return NULL;
		document->pending =
			alloc_room(document->pending, document->pending_count,
				&document->pending_capacity, sizeof(struct toml *));
		document->pending[document->pending_count++] = table;
	}
	return table;
}

static bool
document_read_pair(struct toml_document *document)
{
	struct toml_reader *reader = &document->reader;
	struct toml_path path;
	bool good = toml_read_path(reader, &path);

	if (good && *reader->at != '=')
		good = toml_fail(reader, "a key is followed by =");
	struct toml *table = good ? document_open_keys(document, &path) : NULL;
	if (table != NULL) {
		reader->at++;
		toml_skip_blanks(reader);
		struct toml *value = toml_read_value(reader, 0);
		good = value != NULL &&
		       toml_add(reader, table, &path.names[path.count - 1], value);
	}
	toml_path_free(&path);
	return good && table != NULL;
}

/* A line, or several if its value goes on. */
static bool
document_read_statement(struct toml_document *document)
{
	struct toml_reader *reader = &document->reader;
	bool good = true;

	toml_skip_blanks(reader);
	if (*reader->at == '[')
		good = document_read_header(document);
	else if (*reader->at != '\0' && *reader->at != '\n' && *reader->at != '#')
		good = document_read_pair(document);
	toml_skip_blanks(reader);
	if (!good || !toml_skip_comment(reader))
		return false;
	if (*reader->at != '\0' && *reader->at != '\n')
		return toml_fail(reader, "the line goes on after its end");
	reader->at += *reader->at == '\n';
	return true;
}

/* The text with bare line feeds; NULL if it has bytes that no text has. */
static char *
document_source(const char *path, const char *bytes, size_t length, struct error *error)
{
	size_t valid = python_utf8_valid(bytes, length);
	struct str text = { 0 };
	int line = 1;

	for (size_t i = 0; i < valid && bytes[i] != '\0'; i++) {
		line += bytes[i] == '\n';
		if (bytes[i] != '\r' || i + 1 == length || bytes[i + 1] != '\n')
			str_add_char(&text, bytes[i]);
	}
	if (length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
		error_set(error,
			"%s:1: it begins with a byte order mark, which TOML doesn't "
			"have: save it as UTF-8 without one",
			path);
	else if (length != 0 && memchr(bytes, '\0', length) != NULL)
		error_set(error, "%s:%d: it has a zero byte: this is no TOML file",
			path, line);
	else if (valid != length)
		error_set(error, "%s:%d: this is not UTF-8: byte 0x%02x", path, line,
			(unsigned char)bytes[valid]);
	else
		return str_take(&text);
	str_free(&text);
	return NULL;
}

struct toml *
toml_parse(const char *path, const char *bytes, size_t length, struct error *error)
{
	char *source = document_source(path, bytes, length, error);
	struct toml_document document = {
		.reader = { .path = path,
			.at = source,
			.counted = source,
			.line = 1,
			.error = error },
	};
	bool good = true;

	if (source == NULL)
		return NULL;
	document.root = document.section = toml_new(&document.reader, TOML_TABLE);
	while (good && *document.reader.at != '\0')
		good = document_read_statement(&document);
	free(document.pending);
	free(source);
	if (good)
		return document.root;
	toml_free(document.root);
	return NULL;
}

enum toml_kind
toml_kind(const struct toml *value)
{
	return value->kind;
}

const char *
toml_kind_name(const struct toml *value)
{
	static const char *const names[] = {
		[TOML_TABLE] = "a table",
		[TOML_ARRAY] = "an array",
		[TOML_STRING] = "a string",
		[TOML_BOOLEAN] = "a boolean",
		[TOML_NUMBER] = "a number",
		[TOML_DATE] = "a date",
	};

	return names[value->kind];
}

int
toml_line(const struct toml *value)
{
	return value->line;
}

const struct toml *
toml_member(const struct toml *table, const char *key)
{
	return table != NULL && table->kind == TOML_TABLE
		       ? toml_find(table, key, strlen(key))
		       : NULL;
}

const struct toml *
toml_item(const struct toml *value, size_t index)
{
	return index < value->count ? value->items[index] : NULL;
}

const char *
toml_key(const struct toml *value, size_t *length)
{
	*length = value->key.length;
	return str_text(&value->key);
}

const char *
toml_text(const struct toml *string, size_t *length)
{
	*length = string->text.length;
	return str_text(&string->text);
}

bool
toml_is_true(const struct toml *boolean)
{
	return boolean->truth;
}
