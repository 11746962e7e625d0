#include "pgrunbook/base/alloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
alloc_check(void *memory)
{
	if (memory == NULL) {
		fputs("pgrunbook: out of memory\n", stderr);
		abort();
	}
	return memory;
}

void *
alloc_zeroed(size_t count, size_t size)
{
	return alloc_check(calloc(count ? count : 1, size ? size : 1));
}

void *
alloc_resize(void *items, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		alloc_check(NULL);
	size_t bytes = count * size;
	return alloc_check(realloc(items, bytes ? bytes : 1));
}

char *
alloc_copy(const char *text)
{
	return text == NULL ? NULL : alloc_copy_bytes(text, strlen(text));
}

char *
alloc_copy_bytes(const char *bytes, size_t length)
{
	char *copy = alloc_resize(NULL, length + 1, 1);

	if (length != 0)
		memcpy(copy, bytes, length);
	copy[length] = '\0';
	return copy;
}

char *
alloc_printf(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	char *text = alloc_vprintf(format, arguments);
	va_end(arguments);
	return text;
}

char *
alloc_vprintf(const char *format, va_list arguments)
{
	char *text = NULL;

	if (vasprintf(&text, format, arguments) < 0)
		alloc_check(NULL);
	return text;
}

void *
alloc_room(void *items, size_t count, size_t *capacity, size_t size)
{
	if (count < *capacity)
		return items;
	*capacity = *capacity ? *capacity * 2 : 2;
	return alloc_resize(items, *capacity, size);
}
