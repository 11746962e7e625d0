#include "pgrunbook/base/strlist.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/sorted.h"
#include "pgrunbook/base/str.h"

void
strlist_add(struct strlist *list, const char *text)
{
	strlist_add_owned(list, alloc_copy(text));
}

void
strlist_add_owned(struct strlist *list, char *text)
{
	list->items =
		alloc_room(list->items, list->count, &list->capacity, sizeof(char *));
	list->items[list->count++] = text;
}

void
strlist_copy(struct strlist *to, const struct strlist *from)
{
	struct strlist copy = { 0 };

	for (size_t i = 0; i < from->count; i++)
		strlist_add(&copy, from->items[i]);
	strlist_free(to);
	*to = copy;
}

bool
strlist_has(const struct strlist *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->items[i], text) == 0)
			return true;
	}
	return false;
}

static int
strlist_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Where the text is in a sorted list, or would be. */
static size_t
strlist_place(const struct strlist *list, const char *text)
{
	return sorted_place(
		&text, list->items, list->count, sizeof(char *), strlist_compare);
}

bool
strlist_has_sorted(const struct strlist *list, const char *text)
{
	size_t place = strlist_place(list, text);

	return place < list->count && strcmp(list->items[place], text) == 0;
}

void
strlist_insert(struct strlist *list, const char *text)
{
	size_t place = strlist_place(list, text);

	strlist_add(list, text);
	char *added = list->items[list->count - 1];
	memmove(list->items + place + 1, list->items + place,
		(list->count - 1 - place) * sizeof(char *));
	list->items[place] = added;
}

void
strlist_remove(struct strlist *list, const char *text)
{
	size_t place = strlist_place(list, text);

	if (place == list->count || strcmp(list->items[place], text) != 0)
		return;
	free(list->items[place]);
	list->count--;
	memmove(list->items + place, list->items + place + 1,
		(list->count - place) * sizeof(char *));
}

void
strlist_sort(struct strlist *list)
{
	if (list->count > 1)
		qsort(list->items, list->count, sizeof(char *), strlist_compare);
}

bool
strlist_equal(const struct strlist *a, const struct strlist *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	}
	return true;
}

char *
strlist_join(const struct strlist *list, const char *separator)
{
	struct str out = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		if (i != 0)
			str_add(&out, separator);
		str_add(&out, list->items[i]);
	}
	return str_take(&out);
}

char **
strlist_argv(const struct strlist *list)
{
	char **argv = alloc_zeroed(list->count + 1, sizeof(char *));

	for (size_t i = 0; i < list->count; i++)
		argv[i] = list->items[i];
	return argv;
}

void
strlist_free(struct strlist *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct strlist){ 0 };
}
