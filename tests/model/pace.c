/* How often a server is looked at, by what the looks take. */
#include "pgrunbook/model/pace.h"

#include <stddef.h>

#include "tests/tap/tap.h"

enum { MS = 1000, S = 1000 * 1000 };

static void
took(struct pace *pace, int times, int64_t took_us)
{
	while (times-- > 0)
		pace_took(pace, took_us);
}

/* The share of time that looks which take so long get in the end. */
static void
test_share(void)
{
	static const int64_t lasting[] = { 0, MS, 99 * MS, 101 * MS, 500 * MS, 4 * S };

	for (size_t i = 0; i < sizeof(lasting) / sizeof(lasting[0]); i++) {
		struct pace pace = { 0 };

		pace_ask(&pace, S);
		took(&pace, 40, lasting[i]);
		tap_ok(lasting[i] * 10 <= pace.every_us,
			"%d ms have a tenth of %d ms at most", (int)(lasting[i] / MS),
			(int)(pace.every_us / MS));
		tap_ok(pace.every_us == S || pace.every_us < lasting[i] * 20 + MS,
			"and not much less");
	}
}

static void
test_outliers(void)
{
	struct pace pace = { 0 };

	pace_ask(&pace, S);
	took(&pace, 20, 5 * MS);
	pace_took(&pace, 150 * MS);
	tap_is_int(pace.every_us, S, "one look of 150 ms changes nothing");
	pace_took(&pace, 150 * MS);
	tap_is_int(pace.every_us, 2 * S, "a second one does");
	pace_took(&pace, 3 * S);
	tap_is_int(pace.every_us, 16 * S, "one of 3 s does at once");
	for (int i = 0; i < 8; i++)
		pace_took(&pace, 5 * MS);
	tap_is_int(pace.every_us, S, "quick ones bring it back");
}

/* At the bound: longer once, and it stays so. */
static void
test_to_and_fro(void)
{
	struct pace pace = { 0 };
	int changes = 0;

	pace_ask(&pace, S);
	for (int i = 0; i < 100; i++) {
		int64_t before = pace.every_us;

		pace_took(&pace, i % 2 == 0 ? 130 * MS : 85 * MS);
		changes += pace.every_us != before;
	}
	tap_is_int(changes, 1, "what is now over, now below a tenth changes it once");
	tap_is_int(pace.every_us, 2 * S, "to what has room for both");
}

static void
test_bounds(void)
{
	struct pace pace = { 0 };

	pace_ask(&pace, S);
	took(&pace, 10, 100 * S);
	tap_is_int(pace.every_us, 60 * S, "a minute is the longest");
	pace_ask(&pace, 7 * S);
	tap_is_int(pace.every_us, 60 * S, "whatever is asked for below it");
	pace_ask(&pace, 3600 * INT64_C(1000000));
	tap_is_int(pace.every_us, 3600 * INT64_C(1000000), "an hour is an hour");
	pace_ask(&pace, S);
	tap_is_int(pace.every_us, 60 * S, "the server is as slow as before");
	pace_forget(&pace);
	tap_is_int(pace.every_us, S, "another one gets its chance");
}

/* Between two looks, whatever they took. */
static void
test_rest(void)
{
	static const struct {
		int64_t spent_us, rest_us;
	} looks[] = {
		{ 0, S }, { 5 * MS, 995 * MS }, { 499 * MS, 501 * MS },
		{ 700 * MS, 700 * MS }, /* a slow network */
		{ 30 * S, S },
		{ -3600 * INT64_C(1000000), S }, /* a clock that was put back */
	};
	struct pace pace = { 0 };

	pace_ask(&pace, S);
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
		tap_is_int(pace_rest(&pace, looks[i].spent_us), looks[i].rest_us,
			"after %d ms", (int)(looks[i].spent_us / MS));
}

int
main(void)
{
	test_rest();
	test_share();
	test_outliers();
	test_to_and_fro();
	test_bounds();
	return tap_done();
}
