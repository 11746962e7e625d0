#include "pgrunbook/model/timeline.h"

#include <stdlib.h>

#include "pgrunbook/base/alloc.h"

static int
moment_compare(const void *left, const void *right)
{
	const struct entry *a = ((const struct moment *)left)->entry;
	const struct entry *b = ((const struct moment *)right)->entry;

	if (a->timestamp_us != b->timestamp_us)
		return a->timestamp_us < b->timestamp_us ? -1 : 1;
	return (a->seq > b->seq) - (a->seq < b->seq);
}

struct moment *
timeline_make(const struct entry *entries, size_t count)
{
	struct moment *moments = alloc_zeroed(count + 1, sizeof(*moments));

	for (size_t i = 0; i < count; i++)
		moments[i].entry = &entries[i];
	qsort(moments, count, sizeof(*moments), moment_compare);
	return moments;
}
