/* A key as the console sees it, whatever terminal it came from. */
#ifndef PGRUNBOOK_BASE_KEY_H
#define PGRUNBOOK_BASE_KEY_H

#include <stdbool.h>
#include <stdint.h>

/* Printable keys are their code point, control keys their C0 code ('\n' is Enter). */
enum key_code {
	KEY_CODE_TAB = '\t',
	KEY_CODE_ENTER = '\n',
	KEY_CODE_ESCAPE = 27,
	KEY_CODE_BACKSPACE = 127,
	KEY_CODE_UP = 0x110000, /* above Unicode */
	KEY_CODE_DOWN,
	KEY_CODE_LEFT,
	KEY_CODE_RIGHT,
	KEY_CODE_PAGE_UP,
	KEY_CODE_PAGE_DOWN,
	KEY_CODE_HOME,
	KEY_CODE_END,
	KEY_CODE_DELETE,
	KEY_CODE_BACK_TAB,
	KEY_CODE_RESIZE,
	KEY_CODE_PASTE_BEGIN, /* bracketed paste: what follows is no typing */
	KEY_CODE_PASTE_END,
	KEY_CODE_CLICK, /* row and column say where */
	KEY_CODE_WHEEL_UP,
	KEY_CODE_WHEEL_DOWN,
	KEY_CODE_UNKNOWN
};

struct key {
	uint32_t code;
	int row, column; /* of a click */
};

/* "q", "Enter", "PageUp", "^L": the name as help shows it; static or in `out`. */
const char *key_label(uint32_t code, char out[8]);
/* The code of such a name; KEY_CODE_UNKNOWN if there is none. */
uint32_t key_from_name(const char *name);

#endif
