#include "pgrunbook/view/mouse_report.h"

#include <stdlib.h>

enum {
	BUTTON_LEFT = 0,
	BUTTON_WHEEL_UP = 64,
	BUTTON_WHEEL_DOWN = 65,
	MODIFIERS = 4 | 8 | 16, /* Shift, Meta, Control */
	BYTE_BASE = 32,
	FARTHEST = 9999 /* no terminal is that big */
};

/* Rows and columns count from 1. */
static bool
mouse_report(long button, long column, long row, struct key *key)
{
	if (column < 1 || column > FARTHEST || row < 1 || row > FARTHEST)
		return false;
	key->column = (int)column - 1;
	key->row = (int)row - 1;
	switch (button & ~(long)MODIFIERS) {
	case BUTTON_LEFT:
		key->code = KEY_CODE_CLICK;
		return true;
	case BUTTON_WHEEL_UP:
		key->code = KEY_CODE_WHEEL_UP;
		return true;
	case BUTTON_WHEEL_DOWN:
		key->code = KEY_CODE_WHEEL_DOWN;
		return true;
	default:
		return false;
	}
}

bool
mouse_report_sgr(const char *text, char last, struct key *key)
{
	long numbers[3];

	for (int i = 0; i < 3; i++) {
		char *end;

		if (*text < '0' || *text > '9')
			return false;
		numbers[i] = strtol(text, &end, 10);
		if (*end != (i < 2 ? ';' : '\0'))
			return false;
		text = end + (i < 2);
	}
	return last == 'M' && mouse_report(numbers[0], numbers[1], numbers[2], key);
}

bool
mouse_report_bytes(const unsigned char bytes[3], struct key *key)
{
	return mouse_report(
		bytes[0] - BYTE_BASE, bytes[1] - BYTE_BASE, bytes[2] - BYTE_BASE, key);
}
