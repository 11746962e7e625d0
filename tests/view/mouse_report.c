#include "pgrunbook/view/mouse_report.h"

#include <stddef.h>
#include <stdio.h>

#include "tests/tap/tap.h"

static const struct {
	const char *text;
	char last;
	uint32_t code; /* 0: nothing is said */
	int row, column;
} reports[] = {
	{ "0;1;1", 'M', KEY_CODE_CLICK, 0, 0 },
	{ "0;500;200", 'M', KEY_CODE_CLICK, 199, 499 },
	{ "64;80;24", 'M', KEY_CODE_WHEEL_UP, 23, 79 },
	{ "65;80;24", 'M', KEY_CODE_WHEEL_DOWN, 23, 79 },
	/* Control and the wheel. */
	{ "81;80;24", 'M', KEY_CODE_WHEEL_DOWN, 23, 79 },
	/* A release, other buttons, a move, a tilted wheel, a ninth button. */
	{ "0;1;1", 'm', 0, 0, 0 },
	{ "1;1;1", 'M', 0, 0, 0 },
	{ "2;1;1", 'M', 0, 0, 0 },
	{ "32;1;1", 'M', 0, 0, 0 },
	{ "35;1;1", 'M', 0, 0, 0 },
	{ "66;1;1", 'M', 0, 0, 0 },
	{ "128;1;1", 'M', 0, 0, 0 },
	/* Nobody's reports. */
	{ "", 'M', 0, 0, 0 },
	{ "0", 'M', 0, 0, 0 },
	{ "0;1", 'M', 0, 0, 0 },
	{ "0;1;1;", 'M', 0, 0, 0 },
	{ "0;1;1;1", 'M', 0, 0, 0 },
	{ ";;", 'M', 0, 0, 0 },
	{ "0;-1;1", 'M', 0, 0, 0 },
	{ " 0;1;1", 'M', 0, 0, 0 },
	{ "0;0;1", 'M', 0, 0, 0 },
	{ "0;1;0", 'M', 0, 0, 0 },
	{ "0;1;1", '~', 0, 0, 0 },
	{ "0;99999999999999999999;1", 'M', 0, 0, 0 },
	{ "99999999999999999999;1;1", 'M', 0, 0, 0 },
};

static const struct {
	unsigned char bytes[3];
	uint32_t code;
	int row, column;
} old[] = {
	{ { ' ', '!', '!' }, KEY_CODE_CLICK, 0, 0 },
	{ { ' ', 255, 255 }, KEY_CODE_CLICK, 222, 222 },
	{ { '`', '"', '#' }, KEY_CODE_WHEEL_UP, 2, 1 },
	{ { 'a', '"', '#' }, KEY_CODE_WHEEL_DOWN, 2, 1 },
	{ { '#', '!', '!' }, 0, 0, 0 }, /* a release: of any button */
	{ { ' ', ' ', '!' }, 0, 0, 0 },
};

static void
check(bool said, const struct key *key, uint32_t code, int row, int column,
	const char *about)
{
	tap_ok(said == (code != 0) && (!said || (key->code == code && key->row == row &&
							key->column == column)),
		"%s", about);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
		struct key key = { 0 };
		bool said = mouse_report_sgr(reports[i].text, reports[i].last, &key);
		char about[64];

		snprintf(
			about, sizeof(about), "%s%c", reports[i].text, reports[i].last);
		check(said, &key, reports[i].code, reports[i].row, reports[i].column,
			about);
	}
	for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++) {
		struct key key = { 0 };
		bool said = mouse_report_bytes(old[i].bytes, &key);
		char about[32];

		snprintf(about, sizeof(about), "bytes %d %d %d", old[i].bytes[0],
			old[i].bytes[1], old[i].bytes[2]);
		check(said, &key, old[i].code, old[i].row, old[i].column, about);
	}
	return tap_done();
}
