/* A list of owned strings.  An all-zero struct is the empty list. */
#ifndef PGRUNBOOK_BASE_STRLIST_H
#define PGRUNBOOK_BASE_STRLIST_H

#include <stdbool.h>
#include <stddef.h>

struct strlist {
	char **items; /* no NULL at the end: see strlist_argv */
	size_t count;
	size_t capacity;
};

void strlist_add(struct strlist *list, const char *text);
/* As strlist_add, but the list becomes the owner of `text`. */
void strlist_add_owned(struct strlist *list, char *text);
void strlist_copy(struct strlist *to, const struct strlist *from);
bool strlist_has(const struct strlist *list, const char *text);
/* As strlist_has, for a list that is sorted. */
bool strlist_has_sorted(const struct strlist *list, const char *text);
/* Adds to and takes out of a list that is sorted, and stays that. */
void strlist_insert(struct strlist *list, const char *text);
void strlist_remove(struct strlist *list, const char *text);
/* Byte order; strlist_equal wants both sides in the same order. */
void strlist_sort(struct strlist *list);
bool strlist_equal(const struct strlist *a, const struct strlist *b);
/* The items with `separator` between them; the caller owns the string. */
char *strlist_join(const struct strlist *list, const char *separator);
/* A NULL-terminated view for execve and its kin; the caller frees the array only. */
char **strlist_argv(const struct strlist *list);
void strlist_free(struct strlist *list);

#endif
