/* What a row of the pane Revisions says beside its lanes. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/view/revisions.h"

/* A segment at the right; the higher its rank, the earlier it is left out. */
static void
words_mark(struct segments *segments, int rank, enum role role, const char *words)
{
	segments_add(segments, rank, 0, role, "%s", words);
	segments_right(segments);
}

/* The id, filled up to the width of all ids: the same in every row. */
static char *
words_id(const struct app *app, const char *id, int columns)
{
	int widest = app->revisions.id_cells < 4 ? 4 : app->revisions.id_cells;
	char *clean = text_sanitized(id);
	struct str out = { 0 };

	if (widest > columns / 2)
		widest = columns / 2;
	str_add(&out, clean);
	for (int cells = text_width(clean); cells < widest; cells++)
		str_add(&out, " ");
	free(clean);
	return str_take(&out);
}

/* The labels that the revision itself declares, in brackets. */
static void
words_labels(const struct revision *it, struct segments *segments)
{
	const struct strlist *labels = &it->script.branch_labels;

	if (labels->count == 0)
		return;
	char *names = strlist_join(labels, ", ");
	segments_add(segments, 4, 6, ROLE_HEADING, "[%s]", names);
	segments_right(segments);
	free(names);
}

static void
words_plan(const struct app *app, int revision, struct segments *segments)
{
	const struct plan_view *view = &app->revisions_view.plan;
	const char *way = view->direction == PLAN_UPGRADE ? "up" : "down";

	if (view->step_of == NULL)
		return;
	if (view->step_of[revision] != 0) {
		segments_add(segments, 1, 0, ROLE_MIGRATION, "%s %zu", way,
			view->step_of[revision]);
		segments_right(segments);
	} else if (strlist_has_sorted(&view->plan.rows_after,
			   tree_at(app->tree, revision)->script.revision)) {
		words_mark(segments, 1, ROLE_MIGRATION, "(then here)");
	}
	if (view->marks[revision] != NULL) {
		segments_add(segments, 2, 0, ROLE_ALERT, "(%s)", view->marks[revision]);
		segments_right(segments);
	}
}

/* What keeps the way back from being one; in the way of the plan it is an alert. */
static void
words_body(const struct app *app, int revision, struct segments *segments)
{
	const struct plan_view *view = &app->revisions_view.plan;
	const struct script *script = &tree_at(app->tree, revision)->script;
	bool step = view->step_of != NULL && view->step_of[revision] != 0;
	bool up = step && view->direction == PLAN_UPGRADE;
	const char *down_words = script_body_mark(script, false);
	const char *up_words = script_body_mark(script, true);

	if (down_words != NULL) {
		bool alert = step && !up;

		segments_add(segments, alert ? 2 : 7, 0, alert ? ROLE_ALERT : ROLE_DIM,
			"(%s)", down_words);
		segments_right(segments);
	}
	if (up_words != NULL) {
		segments_add(segments, up ? 2 : 6, 0, up ? ROLE_ALERT : ROLE_WARNING,
			"(%s)", up_words);
		segments_right(segments);
	}
	if (!script_is_clear(script))
		words_mark(segments, 5, ROLE_WARNING, "(computed)");
}

static void
words_state(const struct app *app, int revision, struct segments *segments)
{
	const struct revision *it = tree_at(app->tree, revision);
	unsigned state = app->revisions.state[revision];

	if (it->base)
		words_mark(segments, 8, ROLE_DIM, "(base)");
	if (state & REVISION_PENDING)
		words_mark(segments, 3, ROLE_WARNING, "(pending)");
	if (it->head)
		words_mark(segments, 2, ROLE_GOOD,
			it->real_head ? "(head)" : "(effective head)");
	if (state & REVISION_CURRENT)
		words_mark(segments, 1, ROLE_CURRENT, "(current)");
}

static void
words_revision(
	const struct app *app, struct area area, int at, int column, int revision)
{
	const struct revision *it = tree_at(app->tree, revision);
	const char *message = it->script.message == NULL ? "" : it->script.message;
	bool current = app->revisions.state[revision] & REVISION_CURRENT;
	struct segments segments = { 0 };
	char *id = words_id(app, it->script.revision, area.columns);

	segments_add(&segments, 0, 4, current ? ROLE_CURRENT : ROLE_TEXT, "%s", id);
	if (*message == '\0')
		segments_add(&segments, 6, 8, ROLE_DIM, "no message");
	else
		segments_add(&segments, 4, 8, ROLE_TEXT, "%.*s",
			(int)strcspn(message, "\n"), message);
	words_labels(it, &segments);
	words_body(app, revision, &segments);
	words_state(app, revision, &segments);
	words_plan(app, revision, &segments);
	segments_draw(&segments, area, at, column, 1);
	free(id);
}

/* What is in the fold that one may look for: the state, steps, matches. */
static void
words_fold_counts(const struct app *app, size_t row, struct segments *segments)
{
	const struct revisions *revisions = &app->revisions;
	const struct revisions_row *fold = &revisions->rows[row];
	const struct plan_view *view = &app->revisions_view.plan;
	size_t unreal = 0, steps = 0, hits = app_revisions_fold_hits(app, row);

	for (size_t i = 0; i < fold->count; i++) {
		int revision = revisions->lanes.rows[fold->index + i].revision;
		const struct script *script = &tree_at(app->tree, revision)->script;

		unreal += script_body_words(script, false) != NULL;
		steps += view->step_of != NULL && view->step_of[revision] != 0;
	}
	if (unreal != 0) {
		segments_add(
			segments, 5, 0, ROLE_DIM, "(%zu without downgrade)", unreal);
		segments_right(segments);
	}
	if (hits != 0) {
		segments_add(segments, 2, 0, ROLE_WARNING, "(%zu match%s)", hits,
			hits == 1 ? "" : "es");
		segments_right(segments);
	}
	if (steps != 0) {
		segments_add(segments, 1, 0, ROLE_MIGRATION, "%s: %zu steps",
			view->direction == PLAN_UPGRADE ? "up" : "down", steps);
		segments_right(segments);
	}
}

static void
words_fold(const struct app *app, struct area area, int at, int column, size_t row)
{
	const struct revisions_row *fold = &app->revisions.rows[row];
	int newest = revisions_fold_first(&app->revisions, row);
	int oldest = revisions_fold_last(&app->revisions, row);
	unsigned state = app->revisions.state[newest];
	struct segments segments = { 0 };

	segments_add(&segments, 0, 8, ROLE_DIM, "%s %zu revisions",
		canvas_ascii(area.canvas) ? "..." : "···", fold->count);
	segments_add(&segments, 4, 8, ROLE_DIM, "%s..%s",
		tree_at(app->tree, oldest)->script.revision,
		tree_at(app->tree, newest)->script.revision);
	words_fold_counts(app, row, &segments);
	if (state & (REVISION_APPLIED | REVISION_PENDING))
		words_mark(&segments, 3, revision_role(app, newest),
			state & REVISION_APPLIED ? "(applied)" : "(pending)");
	segments_draw(&segments, area, at, column, 1);
}

static void
words_unknown(struct area area, int at, const char *id)
{
	struct segments segments = { 0 };

	area_glyph(area, at, 1, ROLE_ALERT, GLYPH_NODE_CURRENT);
	segments_add(&segments, 0, 4, ROLE_ALERT, "%s", id);
	segments_add(&segments, 1, 8, ROLE_ALERT, "not in this tree");
	words_mark(&segments, 2, ROLE_CURRENT, "(current)");
	segments_draw(&segments, area, at, 3, 2);
}

void
revisions_draw_words(
	const struct app *app, struct area area, int at, size_t row, int column)
{
	const struct revisions_row *it = &app->revisions.rows[row];
	struct segments segments = { 0 };

	switch (it->kind) {
	case REVISIONS_PROBLEM:
		segments_add(&segments, 0, 1, ROLE_ALERT, "! %s",
			tree_problems(app->tree)->items[it->index]);
		segments_draw(&segments, area, at, 1, 1);
		break;
	case REVISIONS_MORE:
		segments_add(&segments, 0, 1, ROLE_ALERT,
			"! %zu more problems: Enter lists them", it->count);
		segments_draw(&segments, area, at, 1, 1);
		break;
	case REVISIONS_UNKNOWN:
		words_unknown(area, at, app->status.unknown.items[it->index]);
		break;
	case REVISIONS_REVISION:
		words_revision(
			app, area, at, column, revisions_at(&app->revisions, row));
		break;
	case REVISIONS_FOLD:
		words_fold(app, area, at, column, row);
		break;
	}
}
