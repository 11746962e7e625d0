#include "pgrunbook/base/duration.h"

#include "tests/tap/tap.h"

static void
formats(int64_t microseconds, const char *want)
{
	char out[DURATION_TEXT];

	tap_is_text(duration_format(microseconds, out), want, "%s", want);
}

static void
parses(const char *text, int64_t want)
{
	int64_t got = -1;

	tap_ok(duration_parse(text, &got), "\"%s\" is a duration", text);
	tap_is_int(got, want, "\"%s\" is that long", text);
}

static void
refuses(const char *text)
{
	int64_t got;

	tap_ok(!duration_parse(text, &got), "\"%s\" is no duration", text);
}

static void
sizes(int64_t bytes, const char *want)
{
	char out[BYTES_TEXT];

	tap_is_text(bytes_format(bytes, out), want, "%s", want);
}

static void
counts(int64_t bytes, const char *want)
{
	char out[BYTES_TEXT];

	tap_is_text(count_format(bytes, out), want, "%s", want);
}

static void
takes(const char *text, int64_t want)
{
	int64_t got = -1;

	tap_ok(bytes_parse(text, &got), "\"%s\" is a size", text);
	tap_is_int(got, want, "\"%s\" is that large", text);
}

static void
refuses_size(const char *text)
{
	int64_t got;

	tap_ok(!bytes_parse(text, &got), "\"%s\" is no size", text);
}

int
main(void)
{
	char out[INSTANT_TEXT];
	int64_t instant;

	formats(-1, "-");
	formats(0, "0.0s");
	formats(1449999, "1.4s");
	formats(59999999, "59s");
	formats(252000000, "4m12s");
	formats(50520000000, "14h02m");
	formats(273600000000, "3d04h");
	parses("500ms", 500000);
	parses("2", 2000000);
	parses("1.5s", 1500000);
	parses("10min", 600000000);
	parses("2d", 172800000000);
	parses("15 min", 900000000);
	parses("1 Hour", 3600000000);
	refuses("");
	refuses("nan");
	refuses("-1s");
	refuses("2 fortnights");
	refuses("99999999999999999999d");
	takes("0", 0);
	takes("64MB", 67108864);
	takes("64 MiB", 67108864);
	takes("16m", 16777216);
	takes("4kB", 4096);
	takes("1.5GB", 1610612736);
	takes("2 TB", 2199023255552);
	refuses_size("");
	refuses_size("-1");
	refuses_size("1 PB");
	refuses_size("0x10");
	refuses_size("MB");
	refuses_size("9000000000 GB");
	sizes(-1, "unknown");
	sizes(0, "0 B");
	sizes(42991616, "41 MB");
	sizes(1288490188, "1.2 GB");
	counts(-1, "unknown");
	counts(0, "0");
	counts(999, "999");
	counts(9999, "9,999");
	counts(10000, "10 k");
	counts(999499, "999 k");
	counts(999500, "1.0 M");
	counts(1249000, "1.2 M");
	counts(9960000, "10 M");
	counts(INT64_MAX, "9.2 E");
	tap_is_text(instant_format(1767669129412345, out),
		"2026-01-06T03:12:09.412345Z", "an instant is written as RFC 3339");
	tap_ok(instant_parse("2026-01-06T03:12:09.412345Z", &instant) &&
			instant == 1767669129412345,
		"and read back");
	tap_ok(!instant_parse("2026-01-06", &instant), "a day is no instant");
	tap_is_text(instant_format(-1, out), "1969-12-31T23:59:59.999999Z",
		"instants before 1970 hold");
	return tap_done();
}
