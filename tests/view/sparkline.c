#include "pgrunbook/view/sparkline.h"

#include "pgrunbook/base/str.h"
#include "tests/tap/tap.h"

enum { SECOND = 1000000, CELLS = 20 };

/* A multiple of the minute, so that a cell of 3 s begins with a sample. */
static const int64_t start = INT64_C(1767669120000000);

static int64_t
after(int seconds)
{
	return start + (int64_t)seconds * SECOND;
}

/* What 20 cells look like `seconds` after the start, in both forms. */
static void
draws(const struct series *series, int seconds, double full, const char *utf8,
	const char *ascii, const char *about)
{
	for (int form = 0; form < 2; form++) {
		struct canvas *canvas = canvas_new(1, CELLS + 4, form == 1);
		struct str got = { 0 };
		int next = sparkline_draw(canvas_area(canvas), 0, 1, CELLS, ROLE_TEXT,
			series, after(seconds), full);

		area_put(canvas_area(canvas), 0, next, ROLE_TEXT, "|");
		canvas_dump(canvas, &got);
		tap_is_text(str_text(&got), form == 1 ? ascii : utf8, "%s, %s", about,
			form == 1 ? "ASCII" : "UTF-8");
		str_free(&got);
		canvas_free(canvas);
	}
}

static void
test_edges(void)
{
	struct canvas *canvas = canvas_new(1, 4, false);
	struct series series = { 0 };
	struct str got = { 0 };

	series_add(&series, after(0), 1);
	sparkline_draw(canvas_area(canvas), 0, 2, 9, ROLE_TEXT, &series, after(60), 0);
	sparkline_draw(canvas_area(canvas), 3, 0, 9, ROLE_TEXT, &series, after(60), 0);
	tap_is_int(sparkline_draw(canvas_area(canvas), 0, 2, -1, ROLE_TEXT, &series,
			   after(60), 0),
		2, "no room takes none");
	canvas_dump(canvas, &got);
	tap_is_text(str_text(&got), "  ██\n", "nothing is drawn beyond the edge");
	str_free(&got);
	series_free(&series);
	canvas_free(canvas);
}

int
main(void)
{
	struct series series = { 0 };

	draws(&series, 0, 0, "                     |\n", "                     |\n",
		"nothing known is nothing drawn");
	for (int i = 0; i < 8; i++)
		series_add(&series, after(i * 3), i);
	draws(&series, 21, 0, "             ▁▂▃▄▅▆▇█|\n", "             _..--==#|\n",
		"heights go by the highest of the minute");
	draws(&series, 21, 70, "             ▁▂▂▂▂▂▂▂|\n", "             _.......|\n",
		"or by what is full, and little is not nothing");
	draws(&series, 21, 3, "             ▁▄▆█████|\n", "             _-=#####|\n",
		"more than full is full");
	series_add_unknown(&series, after(24));
	series_add(&series, after(33), 0);
	series_add(&series, after(39), 3.5);
	draws(&series, 42, 0, "      ▁▂▃▄▅▆▇█   ▁▁▅▅|\n", "      _..--==#   __--|\n",
		"a gap is a gap, and 0 is not");
	draws(&series, 87, 0, "  ▁▁█████████████████|\n", "  __#################|\n",
		"what has left the minute no longer counts");
	series_free(&series);
	test_edges();
	return tap_done();
}
