#include "pgrunbook/base/key.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct {
	uint32_t code;
	const char *name;
} names[] = {
	{ KEY_CODE_TAB, "Tab" },
	{ KEY_CODE_ENTER, "Enter" },
	{ KEY_CODE_ESCAPE, "Esc" },
	{ KEY_CODE_BACKSPACE, "Bksp" },
	{ ' ', "Space" },
	{ KEY_CODE_UP, "Up" },
	{ KEY_CODE_DOWN, "Down" },
	{ KEY_CODE_LEFT, "Left" },
	{ KEY_CODE_RIGHT, "Right" },
	{ KEY_CODE_PAGE_UP, "PgUp" },
	{ KEY_CODE_PAGE_DOWN, "PgDn" },
	{ KEY_CODE_HOME, "Home" },
	{ KEY_CODE_END, "End" },
	{ KEY_CODE_DELETE, "Del" },
	{ KEY_CODE_BACK_TAB, "S-Tab" },
};

const char *
key_label(uint32_t code, char out[8])
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].code == code)
			return names[i].name;
	}
	if (code < 0x20)
		snprintf(out, 8, "^%c", (char)(code + 0x40));
	else if (code < 0x7F)
		snprintf(out, 8, "%c", (char)code);
	else
		snprintf(out, 8, "?");
	return out;
}

uint32_t
key_from_name(const char *name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i].name, name) == 0)
			return names[i].code;
	}
	if (name[0] == '^' && name[1] >= '@' && name[1] <= '_' && name[2] == '\0')
		return (uint32_t)name[1] - 0x40;
	if (name[0] != '\0' && name[1] == '\0')
		return (unsigned char)name[0];
	return KEY_CODE_UNKNOWN;
}
