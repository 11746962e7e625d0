/* All locks of a session: in what order, and how many. */
#include "pgrunbook/model/session_held.h"

#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "tests/tap/tap.h"

static void
add(struct session_held *held, bool granted, const char *mode, const char *object)
{
	session_held_add(held, granted, alloc_copy(mode), alloc_copy(object));
}

int
main(void)
{
	struct session_held *held = alloc_zeroed(1, sizeof(*held));
	struct str got = { 0 };

	session_held_free(NULL);
	session_held_sort(held);
	tap_is_int((int64_t)held->count, 0, "none");
	add(held, true, "AccessShareLock", "a");
	add(held, true, "SIReadLock", "a");
	add(held, true, "AccessExclusiveLock", "b");
	add(held, true, "AccessShareLock", "A");
	add(held, false, "AccessShareLock", "c");
	add(held, true, "RowExclusiveLock", "a");
	session_held_sort(held);
	for (size_t i = 0; i < held->count; i++)
		str_printf(&got, "%s%s %s, ", held->items[i].granted ? "" : "!",
			held->items[i].mode, held->items[i].object);
	tap_is_text(str_text(&got),
		"!AccessShareLock c, AccessExclusiveLock b, RowExclusiveLock a, "
		"AccessShareLock A, AccessShareLock a, SIReadLock a, ",
		"what it waits for, then the strongest");
	for (int i = 0; i < SESSION_HELD_MOST; i++)
		add(held, true, "AccessShareLock", "x");
	session_held_sort(held);
	tap_ok(held->count == SESSION_HELD_MOST && held->more == 6 &&
			!held->items[0].granted,
		"the others are counted");
	session_held_free(held);
	str_free(&got);
	return tap_done();
}
