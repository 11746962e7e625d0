/* Entries in the order in which people read them: by time, then by number. */
#ifndef PGRUNBOOK_MODEL_TIMELINE_H
#define PGRUNBOOK_MODEL_TIMELINE_H

#include <stddef.h>

#include "pgrunbook/model/entry.h"

struct moment {
	const struct entry *entry;
};

/* One moment for each entry; the caller frees the array. */
struct moment *timeline_make(const struct entry *entries, size_t count);

#endif
