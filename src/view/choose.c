/* Lists to choose from: runbooks, and the revision that a step asks for. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/model/version_choose.h"
#include "pgrunbook/view/draw.h"
#include "pgrunbook/view/parts.h"

/*
 * The rows of a list around its cursor.  app->over.top is kept for about this size; the
 * cursor is in view whatever size it is.
 */
static size_t
choose_top(const struct app *app, struct area area)
{
	size_t rows = area.rows > 0 ? (size_t)area.rows : 1;

	if (app->over.row >= app->over.top + rows)
		return app->over.row - rows + 1;
	return app->over.row < app->over.top ? app->over.row : app->over.top;
}

void
runbooks_draw(const struct app *app, struct area area)
{
	area = area_frame(area, ROLE_BORDER, ROLE_FOCUS, " Choose a runbook: Enter ");
	size_t top = choose_top(app, area);

	if (app->runbooks.count == 0)
		draw_empty(area, "no runbook was found: put Markdown files into "
				 "./runbooks, or name folders with `runbooks` in the "
				 "settings or a file with -f");
	for (int row = 0; row < area.rows; row++) {
		size_t at = top + (size_t)row;

		if (at >= app->runbooks.count)
			break;
		const char *path = app->runbooks.items[at];
		const char *slash = strrchr(path, '/');
		struct segments segments = { 0 };
		segments_add(&segments, 0, 1, ROLE_TEXT, "%s",
			slash == NULL ? path : slash + 1);
		segments_add(&segments, 1, 8, ROLE_DIM, "%s", path);
		segments_right(&segments);
		segments_draw(&segments, area, row, 2, 2);
		if (at == app->over.row)
			draw_cursor(area, row, true);
	}
}

static void
revisions_draw_row(const struct app *app, struct area area, int row, size_t at)
{
	const struct tree_list *order = tree_order(app->tree);
	struct segments segments = { 0 };

	if (at == order->count) {
		segments_add(&segments, 0, 4, ROLE_TEXT, "base");
		segments_add(&segments, 1, 8, ROLE_WARNING,
			"nothing: every table of the tree goes");
	} else {
		int revision = order->items[at];
		const struct revision *it = tree_at(app->tree, revision);
		bool current = tree_list_has(&app->status.current, revision);

		segments_add(&segments, 0, 4, current ? ROLE_CURRENT : ROLE_TEXT, "%s",
			it->script.revision);
		segments_add(&segments, 3, 8, ROLE_TEXT, "%s",
			it->script.message == NULL ? "" : it->script.message);
		if (current) {
			segments_add(&segments, 1, 0, ROLE_CURRENT, "(current)");
			segments_right(&segments);
		}
		if (it->head) {
			segments_add(&segments, 2, 0, ROLE_GOOD, "(head)");
			segments_right(&segments);
		}
	}
	segments_draw(&segments, area, row, 2, 2);
}

void
revisions_draw(const struct app *app, struct area area)
{
	char *title = alloc_printf(" Choose %s: Enter ",
		app->input_name == NULL ? "a revision" : app->input_name);
	char *clean = text_sanitized(title);

	area = area_frame(area, ROLE_BORDER, ROLE_FOCUS, clean);
	free(title);
	free(clean);
	size_t top = choose_top(app, area);
	if (app->tree == NULL) {
		draw_empty(area, "the revision scripts are not read");
		return;
	}
	for (int row = 0; row < area.rows; row++) {
		size_t at = top + (size_t)row;

		if (at > tree_order(app->tree)->count)
			break;
		revisions_draw_row(app, area, row, at);
		if (at == app->over.row)
			draw_cursor(area, row, true);
	}
}

static void
tables_draw_row(const struct app *app, struct area area, int row, size_t at)
{
	const struct version_candidate *candidate = &app->tables.candidates[at];
	char *words = version_candidate_words(app->tree, candidate);
	struct segments segments = { 0 };

	segments_add(&segments, 0, 8, ROLE_TEXT, "%s", candidate->name);
	segments_add(
		&segments, 1, 8, candidate->read ? ROLE_TEXT : ROLE_DIM, "%s", words);
	segments_right(&segments);
	segments_draw(&segments, area, row, 2, 2);
	free(words);
}

void
tables_draw(const struct app *app, struct area area)
{
	area = area_frame(area, ROLE_BORDER, ROLE_FOCUS,
		" Choose the version table of this tree: Enter ");
	size_t top = choose_top(app, area);

	for (int row = 0; row < area.rows; row++) {
		size_t at = top + (size_t)row;

		if (at >= app->tables.candidate_count)
			break;
		tables_draw_row(app, area, row, at);
		if (at == app->over.row)
			draw_cursor(area, row, true);
	}
}
