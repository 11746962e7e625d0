#include "pgrunbook/base/canvas.h"

#include "pgrunbook/base/str.h"
#include "tests/tap/tap.h"

static void
shows(struct canvas *canvas, const char *want, const char *what)
{
	struct str out = { 0 };

	canvas_dump(canvas, &out);
	tap_is_text(str_text(&out), want, "%s", what);
	str_free(&out);
	canvas_clear(canvas);
}

static void
test_text(void)
{
	struct canvas *canvas = canvas_new(2, 8, false);
	struct area area = canvas_area(canvas);

	area_put(area, 0, 5, ROLE_TEXT, "abcdef");
	shows(canvas, "     abc\n\n", "text is cut at the edge");
	area_put(area, 0, 7, ROLE_TEXT, "\xE6\x97\xA5");
	shows(canvas, "\n\n", "half a wide character is not drawn");
	area_put(area, 0, 0, ROLE_TEXT, "\xE6\x97\xA5\xE6\x97\xA5");
	area_put(area, 0, 1, ROLE_TEXT, "x");
	shows(canvas, " x\xE6\x97\xA5\n\n", "a wide character is never left in half");
	area_put(area, 0, 0, ROLE_TEXT, "\xE6\x97\xA5\xE6\x97\xA5");
	area_put(area, 0, 1, ROLE_TEXT, "\xE6\x9C\xAC");
	shows(canvas, " \xE6\x9C\xAC\n\n", "nor is one overwritten by another");
	area_field(area, 1, 0, 4, ROLE_TEXT, "abcdef");
	shows(canvas, "\nabc\xE2\x80\xA6\n", "a field ends with an ellipsis");
	area_field(area, 1, 0, -4, ROLE_TEXT, "ab");
	shows(canvas, "\n  ab\n", "or is aligned to the right");
	area_put(area, 5, 0, ROLE_TEXT, "no");
	area_put(area, -1, 0, ROLE_TEXT, "no");
	area_field(area, -1, 0, 4, ROLE_TEXT, "no");
	area_field(area, 5, 0, 4, ROLE_TEXT, "no");
	area_put(area, 0, -1, ROLE_TEXT, "xy");
	shows(canvas, "y\n\n", "rows and columns outside are not drawn");
	area_put(area, 0, 0, ROLE_TEXT, "a\033[1mb");
	shows(canvas, "a\xEF\xBF\xBD[1mb\n\n", "control characters never get in");
	canvas_free(canvas);
}

static void
test_ascii(void)
{
	struct canvas *canvas = canvas_new(3, 9, true);
	struct area inside =
		area_frame(canvas_area(canvas), ROLE_BORDER, ROLE_TITLE, "T");

	area_put(inside, 0, 0, ROLE_TEXT, "\xC3\xA9\xE6\x97\xA5");
	shows(canvas, "+-T-----+\n|??     |\n+-------+\n",
		"ASCII canvases have an ASCII frame and question marks");
	canvas_free(canvas);
}

static void
test_wrap(void)
{
	struct canvas *canvas = canvas_new(4, 6, false);
	struct area area = canvas_area(canvas);

	tap_is_int(area_wrap(area, 0, ROLE_TEXT, "one two threefour\nx"), 5,
		"wrapping counts all rows");
	shows(canvas, "one\ntwo\nthreef\nour\n", "and draws those that fit");
	tap_is_int(
		area_wrap((struct area){ .columns = 1 }, 0, ROLE_TEXT, "\xE6\x97\xA5"),
		1, "a wide character in one column ends");
	canvas_free(canvas);
}

static void
test_sizes(void)
{
	static const char *const drawn[] = { "…\n", "…\n", "日\n└┘\n",
		"日\n│ │\n└─┘\n" };

	for (int size = 0; size < 4; size++) {
		struct canvas *canvas = canvas_new(size, size, false);

		area_frame(canvas_area(canvas), ROLE_BORDER, ROLE_TITLE, "title");
		area_field(canvas_area(canvas), 0, 0, 9, ROLE_TEXT, "\xE6\x97\xA5");
		shows(canvas, drawn[size], "a tiny canvas holds");
		canvas_free(canvas);
	}
}

static void
test_find(void)
{
	struct canvas *canvas = canvas_new(3, 12, false);
	struct area area = canvas_area(canvas);
	struct str roles = { 0 };

	area_put(area, 0, 0, ROLE_TEXT, "one \xE6\x97\xA5 Two");
	area_put(area, 2, 0, ROLE_TEXT, "two, two");
	tap_is_int(area_find(area, 0, "two"), 0, "a text is found in both cases");
	tap_is_int(area_find(area, 1, "two"), 2, "and again from a row on");
	tap_is_int(area_find(area, 1, "Two"), -1, "a capital wants its case");
	tap_is_int(area_find(area, 0, ""), -1, "nothing is nowhere");
	area_highlight(area, "two");
	canvas_dump_roles(canvas, &roles);
	tap_is_text(str_text(&roles), ".......___\n\n___..___\n",
		"it is marked wherever it is, after a wide character too");
	area_highlight(area_part(area, 0, 0, 3, 0), "two");
	str_free(&roles);
	canvas_free(canvas);
}

int
main(void)
{
	test_find();
	test_text();
	test_ascii();
	test_wrap();
	test_sizes();
	return tap_done();
}
