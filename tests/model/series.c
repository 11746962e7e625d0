#include "pgrunbook/model/series.h"

#include <stdio.h>

#include "pgrunbook/base/str.h"
#include "tests/tap/tap.h"

enum { SECOND = 1000000 };

/* Some instant that is no multiple of anything. */
static const int64_t start = INT64_C(1767669129412345);

static int64_t
after(double seconds)
{
	return start + (int64_t)(seconds * SECOND);
}

/* The cells as whole numbers, '?' where nothing is known. */
static void
is_cells(const struct series *series, int64_t now_us, size_t count, const char *want,
	const char *about)
{
	double cells[64];
	struct str got = { 0 };

	series_cells(series, now_us, cells, count);
	for (size_t i = 0; i < count; i++) {
		if (series_known(cells[i]))
			str_printf(&got, "%s%.0f", i == 0 ? "" : " ", cells[i]);
		else
			str_printf(&got, "%s?", i == 0 ? "" : " ");
	}
	tap_is_text(str_text(&got), want, "%s", about);
	str_free(&got);
}

static void
test_cells(void)
{
	struct series series = { 0 };

	tap_ok(!series_known(series_last(&series)), "an empty one has no last value");
	is_cells(&series, start, 4, "? ? ? ?", "nor any other");
	/* Cells of 10 s: their edges are 0.6 s after `start` and so on. */
	series_add(&series, after(0), 3);
	series_add(&series, after(1), 7);
	series_add(&series, after(2), 5);
	is_cells(&series, after(2), 6, "? ? ? ? 3 7",
		"a cell has its highest value, and before the first there is none");
	is_cells(&series, after(12), 6, "? ? ? 3 7 5", "the last value holds");
	series_add_unknown(&series, after(13));
	is_cells(&series, after(13), 6, "? ? ? 3 7 ?", "until it is said not to");
	is_cells(&series, after(33), 6, "? 3 7 ? ? ?", "however long that lasts");
	series_add(&series, after(33), 0);
	is_cells(&series, after(33), 6, "? 3 7 ? ? 0", "and zero is a value");
	series_add_unknown(&series, after(34));
	is_cells(&series, after(34), 6, "? 3 7 ? ? 0",
		"what is known of a cell's time is shown");
	is_cells(&series, after(1.5), 6, "? ? ? ? 3 7",
		"what came after now is not part of it");
	series_free(&series);
}

static void
test_still(void)
{
	struct series series = { 0 };

	for (int i = 0; i <= 60; i++)
		series_add(&series, after(i), i % 10 == 0 ? 9 : 1);
	is_cells(&series, after(60), 12, "1 9 1 9 1 9 1 9 1 9 1 9", "peaks are kept");
	is_cells(&series, after(60.5), 12, "1 9 1 9 1 9 1 9 1 9 1 9",
		"and don't change within a cell's time");
	series_add(&series, after(61), 2);
	is_cells(&series, after(61), 12, "9 1 9 1 9 1 9 1 9 1 9 2",
		"then all of them move by one");
	series_free(&series);
}

static void
test_intervals(void)
{
	struct series series = { 0 };
	double low = -1, high = -1;

	for (int i = 0; i <= 6000; i++)
		series_add(&series, after(i / 10.0), i / 10.0);
	tap_ok(series.count <= 602, "ten a second are kept for a minute, not for ever");
	tap_ok(series_range(&series, after(600), &low, &high), "there is a range");
	tap_is_int((int64_t)low, 540, "its lowest is a minute old");
	tap_is_int((int64_t)high, 600, "its highest is the last");
	is_cells(&series, after(600), 3, "570 590 600", "all of the minute is there");
	series_free(&series);

	series.window_us = INT64_C(300000000);
	for (int i = 0; i <= 600; i++)
		series_add(&series, after(i), i);
	tap_ok(series.count <= 302, "another window is kept as well");
	tap_ok(series_range(&series, after(600), &low, &high) && low == 300,
		"the range is the window's");
	is_cells(&series, after(600), 5, "410 470 530 590 600", "so are the cells");
	series_free(&series);
	series.window_us = 0;

	series_add(&series, after(0), 4);
	series_add(&series, after(100), 6);
	is_cells(&series, after(110), 6, "4 4 4 4 6 6", "a slow one fills its minute");
	tap_ok(series_range(&series, after(110), &low, &high) && low == 4,
		"and counts what reaches into it");
	tap_ok(series_range(&series, after(170), &low, &high) && low == 6,
		"as long as it does");
	series_add(&series, after(400), 8);
	series_add(&series, after(500), 9);
	tap_is_int((int64_t)series.count, 2, "one from before the minute is kept");
	series_add(&series, after(450), 2);
	tap_is_int((int64_t)series_last(&series), 2, "a clock that is set back wins");
	is_cells(
		&series, after(450), 3, "8 8 2", "what it says was never is forgotten");
	series_free(&series);
}

static void
test_range(void)
{
	struct series series = { 0 };
	double low = -1, high = -1;

	tap_ok(!series_range(&series, start, &low, &high), "nothing has no range");
	series_add_unknown(&series, after(0));
	tap_ok(!series_range(&series, after(1), &low, &high), "nor has the unknown");
	tap_ok(low == -1 && high == -1, "which is left alone");
	series_add(&series, after(2), 5);
	tap_ok(series_range(&series, after(2), &low, &high) && low == 5 && high == 5,
		"it begins with what is known");
	series_free(&series);
}

static void
is_rate(double got, double want, const char *about)
{
	if (!tap_ok(got == want, "%s", about))
		tap_diag("got %g, want %g", got, want);
}

static void
test_rates(void)
{
	struct series_counter counter = { 0 };
	const uint64_t large = UINT64_C(0xFFFFFFFF00000000);

	tap_ok(!series_known(series_rate(&counter, after(0), 1, large)),
		"one value is no rate");
	is_rate(series_rate(&counter, after(2), 1, large + 30), 15,
		"a rate is exact where the counter is large");
	is_rate(series_rate(&counter, after(4), 1, large + 30), 0,
		"a counter that stands still has the rate 0");
	tap_ok(!series_known(series_rate(&counter, after(5), 1, 12)),
		"one that fell was reset");
	is_rate(series_rate(&counter, after(6), 1, 20), 8, "and goes on from there");
	tap_ok(!series_known(series_rate(&counter, after(7), 2, 25)),
		"one that was reset and grew past its value is not taken for grown");
	tap_ok(!series_known(series_rate(&counter, after(7), 2, 26)),
		"no time is no rate");
	tap_ok(!series_known(series_rate(&counter, after(6), 2, 27)),
		"nor is time that runs backwards");
	series_rate_lost(&counter);
	tap_ok(!series_known(series_rate(&counter, after(8), 2, 28)),
		"after a gap it begins again");
}

static void
test_slope(void)
{
	struct series series = { 0 };

	tap_ok(!series_known(series_slope(&series, 20 * SECOND, 0)),
		"an empty one has no slope");
	for (int second = 0; second <= 40; second++)
		series_add(&series, after(second),
			second < 30 ? second : 30 + (second - 30) * 5);
	tap_ok(series_slope(&series, 10 * SECOND, SECOND) == 5,
		"the slope of the window before the last sample");
	tap_ok(series_slope(&series, 40 * SECOND, SECOND) == 2, "of a longer one");
	tap_ok(!series_known(series_slope(&series, SECOND, 2 * SECOND)),
		"too short to tell");
	series_add_unknown(&series, after(41));
	tap_ok(!series_known(series_slope(&series, 10 * SECOND, SECOND)),
		"what isn't known has none");
	series_add(&series, after(42), 90);
	tap_ok(series_slope(&series, 10 * SECOND, SECOND) == 5,
		"and says nothing of what comes after it");
	series_free(&series);
}

int
main(void)
{
	test_cells();
	test_still();
	test_intervals();
	test_range();
	test_rates();
	test_slope();
	return tap_done();
}
