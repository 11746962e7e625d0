#include "tests/pty/bytes.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Modes that are set and reset: `CSI ? n h` and `l`. */
static bool
mode_is_known(const char *digits, size_t length)
{
	static const char *const known[] = {
		"1",				/* cursor keys (smkx) */
		"5",				/* flash */
		"7",				/* automatic margins */
		"12",				/* cursor, blinking */
		"25",				/* cursor, visible */
		"1000",				/* the mouse, from here */
		"1002", "1003", "1006", "1034", /* meta key */
		"1049",				/* the other screen */
		"2004"				/* bracketed paste */
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (strlen(known[i]) == length && memcmp(known[i], digits, length) == 0)
			return true;
	}
	return false;
}

static bool
modes_are_known(const char *list, size_t length)
{
	for (size_t start = 0, i = 0; i <= length; i++) {
		if (i < length && list[i] != ';')
			continue;
		if (!mode_is_known(list + start, i - start))
			return false;
		start = i + 1;
	}
	return true;
}

/* After ESC [: the length of a sequence that ncurses uses; 0: it is none. */
static size_t
csi_length(const char *bytes, size_t length)
{
	size_t private = length && bytes[0] == '?';
	size_t digits = private;

	while (digits < length && strchr("0123456789;", bytes[digits]) && bytes[digits])
		digits++;
	if (digits == length || !bytes[digits])
		return 0;
	if (private) {
		bool known = strchr("hl", bytes[digits]) &&
			     modes_are_known(bytes + 1, digits - 1);
		return known ? digits + 1 : 0;
	}
	if (bytes[digits] == 't') { /* the title is kept, and put back */
		bool known = digits == 6 && (!memcmp(bytes, "22;0;0", 6) ||
						    !memcmp(bytes, "23;0;0", 6));
		return known ? digits + 1 : 0;
	}
	if (bytes[digits] == 'h' || bytes[digits] == 'l') /* insert mode */
		return digits == 1 && bytes[0] == '4' ? 2 : 0;
	return strchr("@ABCDGHJKLMPSTXZbdmr", bytes[digits]) ? digits + 1 : 0;
}

/* After ESC. */
static size_t
escape_length(const char *bytes, size_t length)
{
	static const char reset_colours[] = "]104\a";
	size_t rest;

	if (!length)
		return 0;
	switch (bytes[0]) {
	case '[':
		rest = csi_length(bytes + 1, length - 1);
		return rest ? rest + 1 : 0;
	case ']':
		rest = sizeof(reset_colours) - 1;
		return length >= rest && !memcmp(bytes, reset_colours, rest) ? rest : 0;
	case '(': /* lines and ASCII */
		return length > 1 && (bytes[1] == '0' || bytes[1] == 'B') ? 2 : 0;
	case '7':
	case '8':
	case '=':
	case '>':
	case 'M':
		return 1;
	default:
		return 0;
	}
}

/* What has no place on a line and can turn it round or hide in it. */
static bool
is_printable(uint32_t c)
{
	return c >= 0xa0 && c != 0xad && !(c >= 0xd800 && c <= 0xdfff) &&
	       !(c >= 0x200b && c <= 0x200f) && !(c >= 0x2028 && c <= 0x202e) &&
	       !(c >= 0x2060 && c <= 0x206f) && c != 0xfeff &&
	       !(c >= 0xe0000 && c <= 0xe007f) && (c & 0xfffe) != 0xfffe &&
	       c <= 0x10ffff;
}

/* From a byte above 0x7f: the length of a character that may be shown; else 0. */
static size_t
character_length(const char *bytes, size_t length)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = (unsigned char)bytes[0];
	size_t count = first >= 0xf8   ? 0
		       : first >= 0xf0 ? 4
		       : first >= 0xe0 ? 3
		       : first >= 0xc0 ? 2
				       : 0;
	uint32_t c;

	if (!count || count > length)
		return 0;
	c = first & (0x7fU >> count);
	for (size_t i = 1; i < count; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (bytes[i] & 0x3f);
	}
	return c >= least[count] && is_printable(c) ? count : 0;
}

/* What an xterm doesn't get. */
static size_t
linux_length(const char *bytes, size_t length)
{
	static const char *const known[] = { "\x0e", "\x0f", "\x1b)0", "\x1b[?0c",
		"\x1b[?1c", "\x1b[?8c", "\x1b]R" };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		size_t rest = strlen(known[i]);

		if (length >= rest && memcmp(bytes, known[i], rest) == 0)
			return rest;
	}
	return 0;
}

static size_t
unit_length(const char *bytes, size_t length)
{
	unsigned char c = (unsigned char)bytes[0];
	size_t rest;

	if (c == 0x1b) {
		rest = escape_length(bytes + 1, length - 1);
		return rest ? rest + 1 : 0;
	}
	if (c >= 0x80)
		return character_length(bytes, length);
	if (c >= 0x20)
		return c != 0x7f;
	return c && strchr("\a\b\t\n\r", c) ? 1 : 0;
}

size_t
bytes_first_foreign(enum bytes_terminal terminal, const char *bytes, size_t length)
{
	size_t at = 0, step = 1;

	while (at < length && step != 0) {
		step = unit_length(bytes + at, length - at);
		if (step == 0 && terminal == BYTES_LINUX)
			step = linux_length(bytes + at, length - at);
		at += step;
	}
	return at;
}

bool
bytes_unfinished(const char *bytes, size_t length)
{
	unsigned char c = length ? (unsigned char)bytes[0] : 0;
	size_t count = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;

	if (c >= 0xc2 && c < 0xf5)
		return length < count;
	if (c != 0x1b || length == 1)
		return c == 0x1b;
	if (bytes[1] == '(')
		return length == 2;
	for (size_t i = 2; i < length; i++) {
		if (!bytes[i] || !strchr("?0123456789;", bytes[i]))
			return false;
	}
	return bytes[1] == '[';
}
