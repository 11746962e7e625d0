#include "pgrunbook/base/duration.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { SECOND = 1000000 };

const char *
duration_format(int64_t microseconds, char out[DURATION_TEXT])
{
	int64_t seconds = microseconds / SECOND;

	if (microseconds < 0)
		snprintf(out, DURATION_TEXT, "-");
	else if (seconds < 10)
		snprintf(out, DURATION_TEXT, "%" PRId64 ".%ds", seconds,
			(int)(microseconds % SECOND / 100000));
	else if (seconds < 60)
		snprintf(out, DURATION_TEXT, "%" PRId64 "s", seconds);
	else if (seconds < 3600)
		snprintf(out, DURATION_TEXT, "%" PRId64 "m%02ds", seconds / 60,
			(int)(seconds % 60));
	else if (seconds < 86400)
		snprintf(out, DURATION_TEXT, "%" PRId64 "h%02dm", seconds / 3600,
			(int)(seconds % 3600 / 60));
	else
		snprintf(out, DURATION_TEXT, "%" PRId64 "d%02dh", seconds / 86400,
			(int)(seconds % 86400 / 3600));
	return out;
}

struct unit {
	const char *name;
	double factor;
};

/* A number with its unit, in whole ones of what the factors count. */
static bool
unit_parse(const char *text, const struct unit *units, size_t count, int64_t *value)
{
	char *end;

	/* strtod takes "nan", "inf" and hexadecimal too: only digits and a point here.
	 */
	size_t digits = strspn(text, "0123456789.");
	if (digits == 0)
		return false;
	double number = strtod(text, &end);
	if (end != text + digits)
		return false;
	end += strspn(end, " ");
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(end, units[i].name) != 0)
			continue;
		double product = number * units[i].factor;
		if (!(product < 9e18))
			return false;
		*value = llround(product);
		return true;
	}
	return false;
}

const char *
duration_every(int64_t microseconds, char out[DURATION_TEXT])
{
	const int64_t second = 1000000;

	if (microseconds < 60 * second && microseconds % second == 0)
		snprintf(out, DURATION_TEXT, "%llds",
			(long long)(microseconds / second));
	else
		duration_format(microseconds, out);
	return out;
}

bool
duration_parse(const char *text, int64_t *microseconds)
{
	static const struct unit units[] = { { "", 1e6 }, { "us", 1 }, { "ms", 1e3 },
		{ "s", 1e6 }, { "sec", 1e6 }, { "second", 1e6 }, { "seconds", 1e6 },
		{ "m", 60e6 }, { "min", 60e6 }, { "minute", 60e6 }, { "minutes", 60e6 },
		{ "h", 3600e6 }, { "hour", 3600e6 }, { "hours", 3600e6 },
		{ "d", 86400e6 }, { "day", 86400e6 }, { "days", 86400e6 } };

	return unit_parse(text, units, sizeof(units) / sizeof(units[0]), microseconds);
}

/* Floors, so that instants before 1970 keep a positive rest. */
static time_t
instant_split(int64_t unix_microseconds, int *rest)
{
	int64_t seconds = unix_microseconds / SECOND;

	*rest = (int)(unix_microseconds % SECOND);
	if (*rest < 0) {
		*rest += SECOND;
		seconds--;
	}
	return (time_t)seconds;
}

const char *
instant_clock(int64_t unix_microseconds, char out[INSTANT_TEXT])
{
	struct tm tm;
	int rest;
	time_t seconds = instant_split(unix_microseconds, &rest);

	gmtime_r(&seconds, &tm);
	strftime(out, INSTANT_TEXT, "%H:%M:%SZ", &tm);
	return out;
}

const char *
instant_format(int64_t unix_microseconds, char out[INSTANT_TEXT])
{
	struct tm tm;
	int rest;
	time_t seconds = instant_split(unix_microseconds, &rest);

	gmtime_r(&seconds, &tm);
	size_t length = strftime(out, INSTANT_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + length, INSTANT_TEXT - length, ".%06dZ", rest);
	return out;
}

bool
instant_parse(const char *text, int64_t *unix_microseconds)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	int64_t fraction = 0;

	if (rest == NULL)
		return false;
	if (*rest == '.') {
		int64_t scale = SECOND / 10;

		for (rest++; *rest >= '0' && *rest <= '9'; rest++, scale /= 10)
			fraction += (*rest - '0') * scale;
	}
	if (strcmp(rest, "Z") != 0)
		return false;
	*unix_microseconds = (int64_t)timegm(&tm) * SECOND + fraction;
	return true;
}

const char *
bytes_format(int64_t bytes, char out[BYTES_TEXT])
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
	double value = (double)bytes;
	size_t unit = 0;

	if (bytes < 0) {
		snprintf(out, BYTES_TEXT, "unknown");
		return out;
	}
	while (value >= 1024 && unit < sizeof(units) / sizeof(units[0]) - 1) {
		value /= 1024;
		unit++;
	}
	snprintf(out, BYTES_TEXT, unit != 0 && value < 10 ? "%.1f %s" : "%.0f %s",
		value, units[unit]);
	return out;
}

const char *
count_format(int64_t count, char out[BYTES_TEXT])
{
	static const char *const units[] = { "", "k", "M", "G", "T", "P", "E" };
	double value = (double)count;
	size_t unit = 0;

	if (count < 0) {
		snprintf(out, BYTES_TEXT, "unknown");
	} else if (count < 1000) {
		snprintf(out, BYTES_TEXT, "%d", (int)count);
	} else if (count < 10000) {
		snprintf(out, BYTES_TEXT, "%d,%03d", (int)count / 1000,
			(int)count % 1000);
	} else {
		/* 999,950 is one million, not 1000 k. */
		while (value >= 999.5 && unit < sizeof(units) / sizeof(units[0]) - 1) {
			value /= 1000;
			unit++;
		}
		snprintf(out, BYTES_TEXT, value < 9.95 ? "%.1f %s" : "%.0f %s", value,
			units[unit]);
	}
	return out;
}

bool
bytes_parse(const char *text, int64_t *bytes)
{
	static const struct unit units[] = { { "", 1 }, { "b", 1 }, { "k", 1024. },
		{ "kb", 1024. }, { "kib", 1024. }, { "m", 1048576. },
		{ "mb", 1048576. }, { "mib", 1048576. }, { "g", 1073741824. },
		{ "gb", 1073741824. }, { "gib", 1073741824. }, { "t", 1099511627776. },
		{ "tb", 1099511627776. }, { "tib", 1099511627776. } };

	return unit_parse(text, units, sizeof(units) / sizeof(units[0]), bytes);
}
