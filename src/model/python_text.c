#include "pgrunbook/model/python_text.h"

#include <stdbool.h>
#include <string.h>

#include "pgrunbook/base/str.h"
#include "pgrunbook/base/text.h"

/* str.isspace() for one character. */
static bool
python_is_space(uint32_t code)
{
	return (code >= 0x09 && code <= 0x0D) || (code >= 0x1C && code <= 0x20) ||
	       code == 0x85 || code == 0xA0 || code == 0x1680 ||
	       (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 ||
	       code == 0x202F || code == 0x205F || code == 0x3000;
}

/* The bytes of the last character. */
static size_t
python_last(const char *text, size_t length)
{
	size_t used = 1;

	while (used < length && used < 4 &&
		((unsigned char)text[length - used] & 0xC0) == 0x80)
		used++;
	return used;
}

int
python_strip(const char **text, size_t *length)
{
	int count = 0;
	size_t used;

	while (*length > 0) {
		size_t last = python_last(*text, *length);

		if (!python_is_space(text_decode(*text + *length - last, last, &used)))
			break;
		*length -= last;
	}
	while (*length > 0 && python_is_space(text_decode(*text, *length, &used))) {
		*text += used;
		*length -= used;
		count++;
	}
	return count;
}

size_t
python_utf8_valid(const char *bytes, size_t length)
{
	size_t used;

	for (size_t at = 0; at < length; at += used) {
		uint32_t code = text_decode(bytes + at, length - at, &used);

		/* U+FFFD itself takes three bytes. */
		if (code == TEXT_REPLACEMENT && used == 1)
			return at;
	}
	return length;
}

static void
python_add_parts(struct str *out, const char *path)
{
	while (*path != '\0') {
		size_t length = strcspn(path, "/");

		if (length > 1 || (length == 1 && *path != '.')) {
			str_add_char(out, '/');
			str_add_bytes(out, path, length);
		}
		path += length + (path[length] == '/');
	}
}

char *
python_absolute(const char *cwd, const char *path)
{
	struct str out = { 0 };

	if (*path != '/')
		python_add_parts(&out, cwd);
	python_add_parts(&out, path);
	if (out.length == 0)
		str_add_char(&out, '/');
	return str_take(&out);
}

char *
python_normal(const char *path)
{
	struct str out = { 0 };

	while (*path != '\0') {
		size_t length = strcspn(path, "/");

		if (length == 2 && strncmp(path, "..", 2) == 0) {
			while (out.length > 0 && out.bytes[--out.length] != '/')
				;
		} else if (length > 1 || (length == 1 && *path != '.')) {
			str_add_char(&out, '/');
			str_add_bytes(&out, path, length);
		}
		path += length + (path[length] == '/');
	}
	if (out.length == 0)
		str_add_char(&out, '/');
	out.bytes[out.length] = '\0';
	return str_take(&out);
}
