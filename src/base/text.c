#include "pgrunbook/base/text.h"

#include <string.h>

#include "pgrunbook/base/str.h"
#include "pgrunbook/base/width_table.h"

uint32_t
text_decode(const char *bytes, size_t length, size_t *used)
{
	const unsigned char *in = (const unsigned char *)bytes;
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	size_t more;
	uint32_t code;

	*used = 1;
	if (in[0] < 0x80)
		return in[0];
	if (in[0] >= 0xC2 && in[0] <= 0xDF) {
		more = 1;
		code = in[0] & 0x1F;
	} else if (in[0] >= 0xE0 && in[0] <= 0xEF) {
		more = 2;
		code = in[0] & 0x0F;
	} else if (in[0] >= 0xF0 && in[0] <= 0xF4) {
		more = 3;
		code = in[0] & 0x07;
	} else {
		return TEXT_REPLACEMENT;
	}
	if (more >= length)
		return TEXT_REPLACEMENT;
	for (size_t i = 1; i <= more; i++) {
		if ((in[i] & 0xC0) != 0x80)
			return TEXT_REPLACEMENT;
		code = code << 6 | (in[i] & 0x3F);
	}
	if (code < least[more] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
		return TEXT_REPLACEMENT;
	*used = more + 1;
	return code;
}

size_t
text_expects(char first)
{
	unsigned char byte = (unsigned char)first;

	return byte < 0xC2 || byte > 0xF4 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

size_t
text_encode(uint32_t code, char *out)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xC0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3F));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xE0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3F));
		out[2] = (char)(0x80 | (code & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3F));
	out[2] = (char)(0x80 | (code >> 6 & 0x3F));
	out[3] = (char)(0x80 | (code & 0x3F));
	return 4;
}

int
text_width_of(uint32_t code)
{
	size_t low = 0;
	size_t high = sizeof(width_table) / sizeof(width_table[0]);

	if (code >= 0x20 && code < 0x7F)
		return 1;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (code < width_table[middle].first)
			high = middle;
		else if (code > width_table[middle].last)
			low = middle + 1;
		else
			return width_table[middle].width;
	}
	return code > 0x10FFFF ? -1 : 1;
}

/* What a code point becomes on a terminal; 0: nothing. */
static uint32_t
text_safe(uint32_t code)
{
	int width = text_width_of(code);

	if (width < 0)
		return TEXT_REPLACEMENT;
	return width == 0 ? 0 : code;
}

int
text_width(const char *text)
{
	size_t length = strlen(text);
	int width = 0;

	for (size_t i = 0, used; i < length; i += used) {
		uint32_t code = text_safe(text_decode(text + i, length - i, &used));

		if (code != 0)
			width += text_width_of(code);
	}
	return width;
}

static void
text_add_code(struct str *out, uint32_t code)
{
	char encoded[4];

	str_add_bytes(out, encoded, text_encode(code, encoded));
}

void
text_sanitize(const char *bytes, size_t length, struct str *out)
{
	bool blank = false;

	for (size_t i = 0, used; i < length; i += used) {
		uint32_t code = text_decode(bytes + i, length - i, &used);

		if (code == ' ' || code == '\n' || code == '\r' || code == '\t') {
			if (!blank)
				str_add_char(out, ' ');
			blank = true;
			continue;
		}
		code = text_safe(code);
		if (code == 0)
			continue;
		text_add_code(out, code);
		blank = false;
	}
}

void
text_sanitize_lines(const char *bytes, size_t length, struct str *out)
{
	int column = 0;

	for (size_t i = 0, used; i < length; i += used) {
		uint32_t code = text_decode(bytes + i, length - i, &used);

		if (code == '\n') {
			str_add_char(out, '\n');
			column = 0;
		} else if (code == '\t') {
			do {
				str_add_char(out, ' ');
			} while (++column % 8 != 0);
		} else if (code == '\r' && i + 1 < length && bytes[i + 1] == '\n') {
			continue;
		} else if ((code = text_safe(code)) != 0) {
			text_add_code(out, code);
			column += text_width_of(code);
		}
	}
}

char *
text_sanitized(const char *text)
{
	struct str out = { 0 };

	if (text != NULL)
		text_sanitize(text, strlen(text), &out);
	return str_take(&out);
}

size_t
text_fit(const char *text, int cells, int *width)
{
	size_t length = strlen(text);
	size_t at = 0;

	*width = 0;
	for (size_t used; at < length; at += used) {
		uint32_t code = text_safe(text_decode(text + at, length - at, &used));
		int wide = code == 0 ? 0 : text_width_of(code);

		if (*width + wide > cells)
			break;
		*width += wide;
	}
	return at;
}

const char *
text_find(const char *text, const char *needle)
{
	for (const char *at = needle; *at != '\0'; at++) {
		if (*at >= 'A' && *at <= 'Z')
			return strstr(text, needle);
	}
	return strcasestr(text, needle);
}
