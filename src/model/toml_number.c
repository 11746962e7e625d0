/* The shapes of TOML's dates, times and numbers. */
#include <string.h>

#include "pgrunbook/model/toml_internal.h"

/* How often the class of characters stands there, at most `most` times. */
static size_t
match_some(const char *text, const char *class, size_t most)
{
	size_t length = strspn(text, class);

	return length < most ? length : most;
}

static const char digits[] = "0123456789";

/* `count` digits as a number of `low` to `high`; -1 if it is none. */
static int
match_field(const char *text, size_t count, int low, int high)
{
	int value = 0;

	if (match_some(text, digits, count) != count)
		return -1;
	for (size_t i = 0; i < count; i++)
		value = value * 10 + (text[i] - '0');
	return value >= low && value <= high ? value : -1;
}

/* hh:mm; 5 or 0. */
static size_t
match_minutes(const char *text)
{
	return match_field(text, 2, 0, 23) >= 0 && text[2] == ':' &&
			       match_field(text + 3, 2, 0, 59) >= 0
		       ? 5
		       : 0;
}

/* hh:mm:ss with an optional fraction. */
static size_t
match_time(const char *text)
{
	if (match_minutes(text) == 0 || text[5] != ':' ||
		match_field(text + 6, 2, 0, 59) < 0)
		return 0;
	size_t fraction = text[8] == '.' ? strspn(text + 9, digits) : 0;
	return 8 + (fraction == 0 ? 0 : fraction + 1);
}

static bool
date_exists(int year, int month, int day)
{
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	int days = month == 2						   ? 28 + leap
		   : month == 4 || month == 6 || month == 9 || month == 11 ? 30
									   : 31;

	return year >= 1 && day <= days;
}

size_t
toml_match_date(const char *text, bool *valid)
{
	size_t length = match_time(text);

	*valid = true;
	if (length != 0)
		return length;
	int year = match_field(text, 4, 0, 9999);
	int month = year >= 0 && text[4] == '-' ? match_field(text + 5, 2, 1, 12) : -1;
	int day = month >= 0 && text[7] == '-' ? match_field(text + 8, 2, 1, 31) : -1;
	if (day < 0)
		return 0;
	*valid = date_exists(year, month, day);
	length = 10;
	size_t time = text[10] != '\0' && strchr("Tt ", text[10]) != NULL
			      ? match_time(text + 11)
			      : 0;
	if (time == 0)
		return length;
	length += 1 + time;
	if (text[length] == 'Z' || text[length] == 'z')
		return length + 1;
	size_t offset = text[length] == '+' || text[length] == '-'
				? match_minutes(text + length + 1)
				: 0;
	return length + (offset == 0 ? 0 : offset + 1);
}

/* Digits, with single underscores between them. */
static size_t
match_digits(const char *text, const char *class)
{
	size_t length = strspn(text, class);

	while (length != 0 && text[length] == '_') {
		size_t more = strspn(text + length + 1, class);

		if (more == 0)
			break;
		length += more + 1;
	}
	return length;
}

/* 0xff, 0b1, 0o7. */
static size_t
match_based(const char *text)
{
	const char *class = text[1] == 'x'   ? "0123456789abcdefABCDEF"
			    : text[1] == 'b' ? "01"
			    : text[1] == 'o' ? "01234567"
					     : "";
	size_t length = match_digits(text + 2, class);

	return length == 0 ? 0 : length + 2;
}

size_t
toml_match_number(const char *text)
{
	size_t length = text[0] == '+' || text[0] == '-';

	if (strncmp(text + length, "inf", 3) == 0 ||
		strncmp(text + length, "nan", 3) == 0)
		return length + 3;
	if (text[0] == '0' && text[1] != '\0' && match_based(text) != 0)
		return match_based(text);
	size_t whole = text[length] == '0' ? 1 : match_digits(text + length, digits);
	if (whole == 0)
		return 0;
	length += whole;
	if (text[length] == '.') {
		size_t fraction = match_digits(text + length + 1, digits);

		length += fraction == 0 ? 0 : fraction + 1;
	}
	if (text[length] == 'e' || text[length] == 'E') {
		bool sign = text[length + 1] == '+' || text[length + 1] == '-';
		size_t power = match_digits(text + length + 1 + sign, digits);

		length += power == 0 ? 0 : power + 1 + sign;
	}
	return length;
}
