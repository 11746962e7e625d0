/* Places in arrays that are sorted, for what bsearch(3) doesn't tell. */
#ifndef PGRUNBOOK_BASE_SORTED_H
#define PGRUNBOOK_BASE_SORTED_H

#include <stddef.h>

/*
 * The index of the first item that isn't before the key: where the key is, or would be
 * put; `count` if all are before it.  The arguments are those of bsearch(3): `compare`
 * gets the key first.
 */
size_t sorted_place(const void *key, const void *items, size_t count, size_t size,
	int (*compare)(const void *key, const void *item));

#endif
