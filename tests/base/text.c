#include "pgrunbook/base/text.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "pgrunbook/base/str.h"
#include "tests/tap/tap.h"

static void
sanitizes(const char *in, size_t length, const char *want, const char *what)
{
	struct str out = { 0 };

	text_sanitize(in, length, &out);
	tap_is_text(str_text(&out), want, "%s", what);
	str_free(&out);
}

static void
test_sanitize(void)
{
	sanitizes("select\n\t 1", 10, "select 1",
		"line breaks and tabs become one blank");
	sanitizes("a\033[31mb", 7, "a\xEF\xBF\xBD[31mb", "ESC is replaced");
	sanitizes("a\033]0;t\007b", 8,
		"a\xEF\xBF\xBD]0;t\xEF\xBF\xBD"
		"b",
		"OSC and BEL are replaced");
	sanitizes("\xC2\x9B"
		  "31m",
		5,
		"\xEF\xBF\xBD"
		"31m",
		"a C1 control in UTF-8 is replaced");
	sanitizes("\x9B", 1, "\xEF\xBF\xBD", "a raw C1 byte is replaced");
	sanitizes("a\0b", 3,
		"a\xEF\xBF\xBD"
		"b",
		"NUL is replaced");
	sanitizes("\xC0\xAF\xED\xA0\x80", 5,
		"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD",
		"overlong forms and surrogates are replaced byte by byte");
	sanitizes("\xF0\x9F\x98", 3, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD",
		"a cut sequence is replaced");
	sanitizes("a\xE2\x80\xAE"
		  "b",
		5,
		"a\xEF\xBF\xBD"
		"b",
		"a right-to-left override is replaced");
	sanitizes("e\xCC\x81", 3, "e", "combining characters are dropped");
	sanitizes("\xE6\x97\xA5", 3, "\xE6\x97\xA5", "wide characters stay");
	sanitizes("", 0, "", "nothing is nothing");
}

static void
test_width(void)
{
	int width;

	tap_is_int(text_width("\xE6\x97\xA5x"), 3, "a wide character takes two cells");
	tap_is_int((int64_t)text_fit("\xE6\x97\xA5x", 1, &width), 0,
		"half a wide character doesn't fit");
	tap_is_int(width, 0, "and takes nothing");
	tap_is_int(
		(int64_t)text_fit("\xE6\x97\xA5x", 2, &width), 3, "a whole one fits");
}

/* Those that the table changes on purpose. */
static bool
width_is_ours(uint32_t code)
{
	return (code >= 0x200B && code <= 0x200F) || code == 0x061C ||
	       (code >= 0x2028 && code <= 0x202E) || code == 0x2060 ||
	       (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF ||
	       (code >= 0xE0000 && code <= 0xE0FFF) || code == 0;
}

static void
test_table(void)
{
	int different = 0;

	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL) {
		tap_skip("no C.UTF-8 locale to hold the width table against");
		return;
	}
	for (uint32_t code = 1; code <= 0x10FFFF; code++) {
		if (width_is_ours(code) ||
			wcwidth((wchar_t)code) == text_width_of(code))
			continue;
		if (different++ < 5)
			tap_diag("U+%04X: %d here, %d there", code, text_width_of(code),
				wcwidth((wchar_t)code));
	}
	tap_is_int(different, 0, "the width table agrees with the C library");
}

static void
test_round_trip(void)
{
	int wrong = 0;

	for (uint32_t code = 0; code <= 0x10FFFF; code++) {
		char bytes[4];
		size_t used;

		if (code >= 0xD800 && code <= 0xDFFF)
			continue;
		size_t length = text_encode(code, bytes);
		if (text_decode(bytes, length, &used) != code || used != length)
			wrong++;
	}
	tap_is_int(wrong, 0, "every code point survives encoding and decoding");
}

int
main(void)
{
	test_sanitize();
	test_width();
	test_table();
	test_round_trip();
	return tap_done();
}
