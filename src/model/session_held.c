#include "pgrunbook/model/session_held.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"

void
session_held_free(struct session_held *held)
{
	if (held == NULL)
		return;
	for (size_t i = 0; i < held->count; i++) {
		free(held->items[i].mode);
		free(held->items[i].object);
	}
	free(held->items);
	free(held->wait_words);
	free(held);
}

void
session_held_add(struct session_held *held, bool granted, char *mode, char *object)
{
	held->items = alloc_room(
		held->items, held->count, &held->capacity, sizeof(*held->items));
	held->items[held->count++] = (struct session_lock){
		.granted = granted, .mode = mode, .object = object
	};
}

/* The more a lock keeps from others, the lower. */
static size_t
held_rank(const char *mode)
{
	static const char *const modes[] = { "AccessExclusiveLock", "ExclusiveLock",
		"ShareRowExclusiveLock", "ShareLock", "ShareUpdateExclusiveLock",
		"RowExclusiveLock", "RowShareLock", "AccessShareLock" };
	size_t rank = 0;

	while (rank < sizeof(modes) / sizeof(modes[0]) &&
		strcmp(mode, modes[rank]) != 0)
		rank++;
	return rank;
}

static int
held_compare(const void *left, const void *right)
{
	const struct session_lock *a = left, *b = right;
	size_t rank_a = held_rank(a->mode), rank_b = held_rank(b->mode);

	if (a->granted != b->granted)
		return a->granted ? 1 : -1;
	if (rank_a != rank_b)
		return rank_a < rank_b ? -1 : 1;
	return strcmp(a->object, b->object);
}

void
session_held_sort(struct session_held *held)
{
	if (held->count > 1)
		qsort(held->items, held->count, sizeof(*held->items), held_compare);
	while (held->count > SESSION_HELD_MOST) {
		held->count--;
		held->more++;
		free(held->items[held->count].mode);
		free(held->items[held->count].object);
	}
}
