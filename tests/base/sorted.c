/* Where something is in a sorted array, or would be. */
#include "pgrunbook/base/sorted.h"

#include "tests/tap/tap.h"

static int
compare(const void *key, const void *item)
{
	const int *a = key, *b = item;

	return (*a > *b) - (*a < *b);
}

static void
is_at(int key, size_t count, int64_t want, const char *what)
{
	static const int items[] = { 10, 20, 20, 20, 30 };

	tap_is_int((int64_t)sorted_place(&key, items, count, sizeof(items[0]), compare),
		want, "%s", what);
}

int
main(void)
{
	is_at(5, 5, 0, "before all");
	is_at(10, 5, 0, "the first");
	is_at(15, 5, 1, "between two");
	is_at(20, 5, 1, "the first of equals");
	is_at(25, 5, 4, "behind them");
	is_at(30, 5, 4, "the last");
	is_at(35, 5, 5, "behind all");
	is_at(20, 1, 1, "behind the only one");
	is_at(10, 1, 0, "at the only one");
	tap_is_int((int64_t)sorted_place("", NULL, 0, 1, compare), 0, "in none");
	return tap_done();
}
