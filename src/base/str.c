#include "pgrunbook/base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"

static void
str_room(struct str *str, size_t more)
{
	size_t need = str->length + more + 1;

	if (need <= str->capacity)
		return;
	size_t capacity = str->capacity ? str->capacity : 32;
	while (capacity < need)
		capacity *= 2;
	str->bytes = alloc_resize(str->bytes, capacity, 1);
	str->capacity = capacity;
}

void
str_add(struct str *str, const char *text)
{
	str_add_bytes(str, text, strlen(text));
}

void
str_add_bytes(struct str *str, const char *bytes, size_t length)
{
	str_room(str, length);
	if (length != 0)
		memcpy(str->bytes + str->length, bytes, length);
	str->length += length;
	str->bytes[str->length] = '\0';
}

void
str_add_char(struct str *str, char c)
{
	str_add_bytes(str, &c, 1);
}

void
str_printf(struct str *str, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	str_vprintf(str, format, arguments);
	va_end(arguments);
}

void
str_vprintf(struct str *str, const char *format, va_list arguments)
{
	char *text = alloc_vprintf(format, arguments);

	str_add(str, text);
	free(text);
}

const char *
str_text(const struct str *str)
{
	return str->bytes == NULL ? "" : str->bytes;
}

void
str_clear(struct str *str)
{
	str->length = 0;
	if (str->bytes != NULL)
		str->bytes[0] = '\0';
}

char *
str_take(struct str *str)
{
	char *bytes = str->bytes == NULL ? alloc_copy("") : str->bytes;

	*str = (struct str){ 0 };
	return bytes;
}

void
str_free(struct str *str)
{
	free(str->bytes);
	*str = (struct str){ 0 };
}
