#include "pgrunbook/model/lanes.h"

#include <stdlib.h>

#include "pgrunbook/base/str.h"
#include "tests/model/grow.h"
#include "tests/tap/tap.h"

/* By LANE_UP | LANE_DOWN | LANE_LEFT | LANE_RIGHT. */
static const char *const lines[16] = { " ", "'", ",", "│", "-", "┘", "┐", "┤", "-", "└",
	"┌", "├", "─", "┴", "┬", "┼" };

static const char *
cell_text(uint8_t cell)
{
	if (cell & LANE_NODE)
		return "o";
	if (cell & LANE_CROSSED) /* what goes along the row passes under it */
		return cell & LANE_UP ? "│" : "?";
	if (cell & LANE_DOTTED) {
		if ((cell & 15) == (LANE_UP | LANE_DOWN))
			return "┊";
		if ((cell & 15) == (LANE_LEFT | LANE_RIGHT))
			return "┄";
	}
	return lines[cell & 15];
}

static char *
lanes_text(const struct tree *tree, const struct lanes *lanes)
{
	struct str out = { 0 };

	for (size_t i = 0; i < lanes->count; i++) {
		const struct lanes_row *row = &lanes->rows[i];

		for (int k = 0; k < row->width; k++) {
			uint8_t cell;

			lanes_cells(lanes, i, k, 1, &cell);
			bool link = cell & LANE_RIGHT;
			bool dotted = cell & LANE_RIGHT_DOTTED;

			str_add(&out, cell_text(cell));
			str_add(&out, dotted ? "┄" : link ? "─" : " ");
		}
		str_printf(&out, "%s\n", tree_at(tree, row->revision)->script.revision);
	}
	return str_take(&out);
}

static void
check(const char *what, const char *text, const char *want)
{
	struct tree *tree = grow_tree(text);
	struct lanes lanes;

	lanes_make(tree, &lanes);
	char *got = lanes_text(tree, &lanes);
	tap_is_text(got, want, "%s", what);
	free(got);
	lanes_free(&lanes);
	tree_free(tree);
}

/* Up to three parents of the twenty revisions before, and now and then a dependency. */
static struct tree *
random_tree(unsigned seed)
{
	struct str text = { 0 };

	for (int i = 0; i < 300; i++) {
		str_printf(&text, "r%d:", i);
		for (unsigned k = 0; i > 0 && k < 3; k++) {
			seed = seed * 1103515245u + 12345u;
			if (k == 0 || (seed >> 16) % 4 == 0)
				str_printf(&text, " r%d",
					i - 1 - (int)((seed >> 20) % 20) % i);
		}
		seed = seed * 1103515245u + 12345u;
		if (i > 0 && (seed >> 16) % 8 == 0)
			str_printf(&text, " | r%d", (int)((seed >> 20) % (unsigned)i));
		str_add(&text, "\n");
	}
	struct tree *tree = grow_tree(str_text(&text));
	str_free(&text);
	return tree;
}

static unsigned
cell_at(const struct lanes *lanes, size_t row, int lane)
{
	uint8_t cell = 0;

	if (row < lanes->count)
		lanes_cells(lanes, row, lane, 1, &cell);
	return cell;
}

/* Every line that leaves a cell enters the next one, and every row has one node. */
static void
check_joined(unsigned seed)
{
	struct tree *tree = random_tree(seed);
	struct lanes lanes;
	size_t loose = 0, nodes = 0;

	lanes_make(tree, &lanes);
	for (size_t row = 0; row < lanes.count; row++) {
		for (int lane = 0; lane <= lanes.width; lane++) {
			unsigned cell = cell_at(&lanes, row, lane);

			loose += !(cell & LANE_DOWN) !=
				 !(cell_at(&lanes, row + 1, lane) & LANE_UP);
			loose += !(cell & LANE_RIGHT) !=
				 !(cell_at(&lanes, row, lane + 1) & LANE_LEFT);
			nodes += (cell & LANE_NODE) != 0;
		}
	}
	tap_is_int((int64_t)loose, 0, "no line of random tree %u is loose", seed);
	tap_is_int((int64_t)nodes, 300, "it has every revision once");
	lanes_free(&lanes);
	tree_free(tree);
}

/*
 * A merge of `count` branches, each of them on the first revision, every other one by a
 * dependency.
 */
static struct tree *
octopus(int count)
{
	struct str text = { 0 };

	str_add(&text, "a:\n");
	for (int i = 0; i < count; i++)
		str_printf(&text, "b%05d: a\n", i);
	str_add(&text, "m:");
	for (int i = 0; i < count; i += 2)
		str_printf(&text, " b%05d", i);
	str_add(&text, " |");
	for (int i = 1; i < count; i += 2)
		str_printf(&text, " b%05d", i);
	str_add(&text, "\n");
	struct tree *tree = grow_tree(str_text(&text));
	str_free(&text);
	return tree;
}

/* Ten thousand lanes in ten thousand rows are kept as twenty thousand lines. */
static void
check_wide(void)
{
	enum { BRANCHES = 10000 };
	struct tree *tree = octopus(BRANCHES);
	struct lanes lanes;

	lanes_make(tree, &lanes);
	tap_is_int((int64_t)lanes.count, BRANCHES + 2, "a merge of 10,000 is laid out");
	tap_is_int(lanes.width, BRANCHES, "it is that wide");
	tap_is_int((int64_t)lanes.line_count, 2 * BRANCHES, "a line for each edge");
	tap_ok(lanes.link_count < 2 * BRANCHES, "and no more than two links");
	tap_is_int(cell_at(&lanes, 1 + BRANCHES / 2, BRANCHES - 1) & 15,
		LANE_UP | LANE_DOWN, "a lane far out goes on");
	size_t last = lanes_row_of(&lanes, tree_find(tree, "a"));
	tap_is_int(cell_at(&lanes, last, BRANCHES - 1), LANE_UP | LANE_LEFT,
		"and ends where all end");
	tap_is_int(cell_at(&lanes, last, BRANCHES), 0, "nothing is beyond the last");
	lanes_free(&lanes);
	tree_free(tree);
}

int
main(void)
{
	check("nothing", "", "");
	check("a line", "a:\nb: a\nc: b\n",
		"o c\n"
		"o b\n"
		"o a\n");
	check("a fork", "a:\nb: a\nc: a\nd: c\n",
		"o b\n"
		"│ o d\n"
		"│ o c\n"
		"o─┘ a\n");
	check("a merge", "a:\nb: a\nc: a\nm: b c\nn: m\n",
		"o n\n"
		"o─┐ m\n"
		"o │ b\n"
		"│ o c\n"
		"o─┘ a\n");
	check("three parents", "a:\nb: a\nc: a\nd: a\nm: b c d\n",
		"o─┬─┐ m\n"
		"o │ │ b\n"
		"│ o │ c\n"
		"│ │ o d\n"
		"o─┴─┘ a\n");
	check("neighbouring merges", "a:\nb: a\nc: a\nm: b c\nd: m\ne: m\nn: d e\n",
		"o─┐ n\n"
		"o │ d\n"
		"│ o e\n"
		"o─┴─┐ m\n"
		"o   │ b\n"
		"│   o c\n"
		"o───┘ a\n");
	check("roots", "a:\nb: a\nc:\nd: c\ne:\n",
		"o b\n"
		"o a\n"
		"  o d\n"
		"  o c\n"
		"o e\n");
	check("a dependency", "a:\nb: a\nc:\nd: c | b\n",
		"o┄┐ d\n"
		"o ┊ c\n"
		"  o b\n"
		"  o a\n");
	check("a dependency of a base", "a:\nb: | a\nc: b\n",
		"o c\n"
		"o b\n"
		"o a\n");
	check("a merge of what is a fork below", "a:\nb: a\nc: b\nd: b\ne: a\nm: c e\n",
		"o d\n"
		"│ o─┐ m\n"
		"│ o │ c\n"
		"o─┘ │ b\n"
		"│   o e\n"
		"o───┘ a\n");
	check("a circle", "a: c\nb: a\nc: b\nd: b\n",
		"o c\n"
		"│ o d\n"
		"o─┘ b\n"
		"o a\n");
	check("passing by is not joining", "a:\nb: a\nc: a\nd: a\nm: b d\nn: m c\n",
		"o─┐ n\n"
		"o─│─┐ m\n"
		"o │ │ b\n"
		"│ o │ c\n"
		"│ │ o d\n"
		"o─┴─┘ a\n");
	for (unsigned seed = 1; seed <= 20; seed++)
		check_joined(seed);
	check_wide();
	return tap_done();
}
