/*
 * frames [REVISIONS]: scrolls the revisions from end to end, a row a frame, and prints
 * how long one takes: what the app does with the key and the drawing of the whole
 * screen, all but the terminal.  It is CPU time, to which others on the machine add
 * nothing.  A line for each tree and size: their names, the median, 99th percentile and
 * most (us), and the number of frames.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/view/screen.h"

static int64_t
cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static void
add_parent(struct script *script, int number)
{
	strlist_add_owned(
		&script->down_revision, alloc_printf("%012x", (unsigned)number));
}

/* One line, or three after each that a fourth merges, as grow.py grows them. */
static struct tree *
make_tree(int count, bool merges)
{
	struct tree *tree = tree_new();

	for (int i = 0; i < count; i++) {
		struct script script = {
			.path = alloc_printf("versions/%d.py", i),
			.revision = alloc_printf("%012x", (unsigned)i),
			.message =
				alloc_printf("add table %d and what belongs to it", i),
			.docstring = alloc_copy(""),
			.upgrade.body = BODY_REAL,
			.downgrade.body = i % 7 ? BODY_REAL : BODY_EMPTY,
		};

		for (int back = 3; merges && i > 0 && i % 4 == 0 && back > 1; back--)
			add_parent(&script, i - back);
		if (i > 0)
			add_parent(&script, merges && i % 4 ? i - i % 4 : i - 1);
		tree_add(tree, &script);
	}
	tree_seal(tree);
	return tree;
}

/* A database that is half way. */
static struct snapshot *
make_snapshot(int count)
{
	struct snapshot *snapshot = alloc_zeroed(1, sizeof(*snapshot));
	struct lock_wait_list none = { 0 };

	snapshot->server.database = alloc_copy("billing");
	snapshot->server.role = SERVER_PRIMARY;
	snapshot->locks = lock_forest_new(&none, &snapshot->sessions);
	snapshot->version.table = VERSION_TABLE_READ;
	snapshot->version.name = alloc_copy("public.alembic_version");
	strlist_add_owned(&snapshot->version.rows,
		alloc_printf("%012x", (unsigned)(count / 8 * 4)));
	return snapshot;
}

static int64_t
draw_frame(struct app *app, struct canvas *canvas, uint32_t code)
{
	int64_t start = cpu_us();

	app->now_us += 16000;
	app_key(app, &(struct key){ .code = code });
	app_settle(app);
	canvas_clear(canvas);
	screen_draw(app, canvas);
	app->over_last = screen_over_last(app);
	return cpu_us() - start;
}

static int
compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static int
scroll(int count, bool merges, int rows, int columns)
{
	struct app app;
	struct canvas *canvas = canvas_new(rows, columns, false);
	int64_t *times = alloc_zeroed((size_t)count, sizeof(*times));
	int last;

	app_init(&app);
	app.focus = PANE_REVISIONS;
	app.zoomed = true;
	app_resize(&app, rows, columns);
	app_take_tree(&app, make_tree(count, merges), NULL);
	app_take_snapshot(&app, make_snapshot(count));
	app_settle(&app);
	draw_frame(&app, canvas, KEY_CODE_HOME);
	int first = app_selected_revision(&app);
	for (int i = 0; i < count; i++)
		times[i] = draw_frame(&app, canvas, KEY_CODE_DOWN);
	last = app_selected_revision(&app);
	qsort(times, (size_t)count, sizeof(*times), compare);
	printf("%s %dx%d %lld %lld %lld %d\n", merges ? "merges" : "line", columns,
		rows, (long long)times[count / 2],
		(long long)times[count - 1 - count / 100], (long long)times[count - 1],
		count);
	app_free(&app);
	canvas_free(canvas);
	free(times);
	return first == count - 1 && last == 0; /* newest first, oldest last */
}

int
main(int argc, char **argv)
{
	static const int sizes[][2] = { { 24, 80 }, { 40, 120 }, { 200, 500 } };
	int count = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 10000;

	for (int merges = 0; merges < 2; merges++) {
		for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
			/* With merges the newest must be one: 4n + 1 revisions. */
			if (!scroll(count / 4 * 4 + 1, merges, sizes[i][0],
				    sizes[i][1])) {
				fputs("frames: it didn't scroll from end to end\n",
					stderr);
				return 1;
			}
		}
	}
	return 0;
}
