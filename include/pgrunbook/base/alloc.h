/*
 * Memory that is there.  Running out of memory is the one error that aborts, and it
 * does so here; every other failure is a value (base/error.h).
 */
#ifndef PGRUNBOOK_BASE_ALLOC_H
#define PGRUNBOOK_BASE_ALLOC_H

#include <stdarg.h>
#include <stddef.h>

/* Zeroed memory for `count` items of `size` bytes; the caller frees it with free(). */
void *alloc_zeroed(size_t count, size_t size);

/* realloc() that doesn't fail, with the multiplication checked. */
void *alloc_resize(void *items, size_t count, size_t size);

/* Copies that the caller owns.  alloc_copy(NULL) is NULL. */
char *alloc_copy(const char *text);
char *alloc_copy_bytes(const char *bytes, size_t length);

/* A formatted string that the caller owns. */
char *alloc_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *alloc_vprintf(const char *format, va_list arguments)
	__attribute__((format(printf, 1, 0)));

/*
 * Makes room for one more item: returns `items`, moved if it had to grow, and keeps
 * *capacity.  Use: list->items = alloc_room(list->items, list->count, &list->capacity,
 * sizeof(*list->items));
 */
void *alloc_room(void *items, size_t count, size_t *capacity, size_t size);

#endif
