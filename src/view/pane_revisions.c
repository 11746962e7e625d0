#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/view/draw.h"
#include "pgrunbook/view/pane.h"

enum { LANE_WAYS = LANE_UP | LANE_DOWN | LANE_LEFT | LANE_RIGHT };

/* Without a row that the tree knows "pending" would be a guess. */
static bool
revisions_known(const struct app *app)
{
	switch (app->status.kind) {
	case STATUS_NO_TABLE:
	case STATUS_IN_SYNC:
	case STATUS_SEVERAL_HEADS:
	case STATUS_PENDING:
		return true;
	default:
		return false;
	}
}

static char *
revisions_summary(const struct app *app)
{
	if (app->tree == NULL)
		return NULL;
	size_t heads = tree_heads(app->tree)->count;
	struct str words = { 0 };

	str_printf(&words, "%zu script%s", tree_count(app->tree),
		tree_count(app->tree) == 1 ? "" : "s");
	if (heads > 1)
		str_printf(&words, ", %zu heads", heads);
	if (revisions_known(app) && app->status.pending.count != 0)
		str_printf(&words, ", %zu pending", app->status.pending.count);
	return str_take(&words);
}

/* A cell of the graph by the directions that its line leaves in. */
static const char *
lane_lines(uint8_t cell)
{
	static const char *const lines[LANE_WAYS + 1] = { " ", "╵", "╷", "│", "╴", "┘",
		"┐", "┤", "╶", "└", "┌", "├", "─", "┴", "┬", "┼" };

	if (cell & LANE_DOTTED) {
		if ((cell & LANE_WAYS) == (LANE_UP | LANE_DOWN))
			return "┊";
		if ((cell & LANE_WAYS) == (LANE_LEFT | LANE_RIGHT))
			return "┄";
	}
	return lines[cell & LANE_WAYS];
}

static const char *
lane_lines_ascii(uint8_t cell)
{
	static const char *const lines[LANE_WAYS + 1] = { " ", "|", "|", "|", "-", "'",
		".", "+", "-", "`", ".", "|", "-", "'", ".", "+" };

	if ((cell & LANE_DOTTED) && (cell & LANE_WAYS) == (LANE_UP | LANE_DOWN))
		return ":";
	return lines[cell & LANE_WAYS];
}

static uint8_t
lane_at(const struct lanes_row *row, size_t lane)
{
	return lane < row->width ? row->cells[lane] : 0;
}

/*
 * ASCII has no corners, but a line that bends between neighbours can be a stroke
 * between the two, as git draws it; 0: it is no such bend.
 */
static char
lane_stroke(const struct lanes_row *row, size_t lane)
{
	uint8_t left = lane_at(row, lane);
	uint8_t right = lane_at(row, lane + 1);

	if (!(left & LANE_RIGHT) || (left & LANE_LEFT) ||
		(right & (LANE_RIGHT | LANE_NODE)))
		return 0;
	if ((right & LANE_WAYS) == (LANE_LEFT | LANE_UP))
		return '/';
	return (right & LANE_WAYS) == (LANE_LEFT | LANE_DOWN) ? '\\' : 0;
}

static const char *
lane_text(const struct canvas *canvas, const struct lanes_row *row, size_t lane)
{
	uint8_t cell = lane_at(row, lane);

	if (!canvas_ascii(canvas))
		return lane_lines(cell);
	if (lane > 0 && lane_stroke(row, lane - 1) != 0)
		return " ";
	/* The other end of a stroke, when it isn't a line of its own. */
	if (lane_stroke(row, lane) != 0 &&
		((cell & LANE_WAYS) == (LANE_RIGHT | LANE_UP) ||
			(cell & LANE_WAYS) == (LANE_RIGHT | LANE_DOWN)))
		return " ";
	return lane_lines_ascii(cell);
}

static const char *
lane_between(const struct canvas *canvas, const struct lanes_row *row, size_t lane)
{
	uint8_t left = lane_at(row, lane);
	uint8_t right = lane_at(row, lane + 1);

	if (!(left & LANE_RIGHT) && !(right & LANE_LEFT))
		return " ";
	if (!canvas_ascii(canvas))
		return (left & right) & LANE_DOTTED ? "┄" : "─";
	switch (lane_stroke(row, lane)) {
	case '/':
		return "/";
	case '\\':
		return "\\";
	default:
		return "-";
	}
}

/* Filled nodes are in the database; the word "(current)" says where it stands. */
static void
revisions_draw_lanes(const struct app *app, struct area area, int at,
	const struct lanes_row *row, int lanes)
{
	int revision = row->revision;
	bool current =
		revision != TREE_NONE && tree_list_has(&app->status.current, revision);
	bool applied =
		revision != TREE_NONE && tree_list_has(&app->status.applied, revision);

	for (int lane = 0; lane < lanes; lane++) {
		uint8_t cell = lane_at(row, (size_t)lane);
		int column = 1 + 2 * lane;

		if (cell & LANE_NODE)
			area_glyph(area, at, column, current ? ROLE_CURRENT : ROLE_LANE,
				applied ? GLYPH_NODE_CURRENT : GLYPH_NODE);
		else
			area_put(area, at, column, ROLE_LANE,
				lane_text(area.canvas, row, (size_t)lane));
		if (lane + 1 < lanes)
			area_put(area, at, column + 1, ROLE_LANE,
				lane_between(area.canvas, row, (size_t)lane));
	}
}

static bool
has_downgrade(const struct script *script)
{
	return script->downgrade.body == BODY_REAL;
}

static void
revisions_draw_words(const struct app *app, struct area area, int at, int column,
	int revision, int id_cells)
{
	const struct revision *it = tree_at(app->tree, revision);
	bool current = tree_list_has(&app->status.current, revision);
	struct segments segments = { 0 };

	segments_add(&segments, 0, 4, current ? ROLE_CURRENT : ROLE_TEXT, "%-*s",
		id_cells, it->script.revision);
	segments_add(&segments, 4, 8, ROLE_TEXT, "%s",
		it->script.message == NULL ? "" : it->script.message);
	if (!has_downgrade(&it->script)) {
		segments_add(&segments, 5, 0, ROLE_DIM, "(no downgrade)");
		segments_right(&segments);
	}
	if (revisions_known(app) && tree_list_has(&app->status.pending, revision)) {
		segments_add(&segments, 3, 0, ROLE_WARNING, "(pending)");
		segments_right(&segments);
	}
	if (it->head) {
		segments_add(&segments, 2, 0, ROLE_GOOD, "(head)");
		segments_right(&segments);
	}
	if (current) {
		segments_add(&segments, 1, 0, ROLE_CURRENT, "(current)");
		segments_right(&segments);
	}
	segments_draw(&segments, area, at, column, 1);
}

/* Cells for the ids: the same in every row, and not the whole pane. */
static int
revisions_id_cells(const struct app *app, int columns)
{
	int cells = 4;

	for (size_t i = 0; i < tree_count(app->tree); i++) {
		const char *id = tree_at(app->tree, (int)i)->script.revision;
		int width = id == NULL ? 0 : text_width(id);

		cells = width > cells ? width : cells;
	}
	return cells < columns / 2 ? cells : columns / 2;
}

static void
revisions_draw_rows(const struct app *app, struct area area)
{
	const struct pane_state *state = &app->panes[PANE_REVISIONS];
	int id_cells = revisions_id_cells(app, area.columns);
	int lanes = (int)app->lanes.width;

	if (lanes > area.columns / 6)
		lanes = area.columns / 6;
	if (lanes < 1)
		lanes = 1;
	for (int row = 0; row < area.rows; row++) {
		size_t at = state->top + (size_t)row;

		if (at >= app->lanes.count)
			break;
		const struct lanes_row *line = &app->lanes.rows[at];
		revisions_draw_lanes(app, area, row, line, lanes);
		if (line->revision != TREE_NONE)
			revisions_draw_words(app, area, row, 2 + 2 * lanes,
				line->revision, id_cells);
		if (at == state->row)
			draw_cursor(area, row, app->focus == PANE_REVISIONS);
	}
}

static void
revisions_draw_pane(const struct app *app, struct area area)
{
	if (app->tree == NULL)
		draw_empty(area, app->tree_problem != NULL
					 ? app->tree_problem
					 : "the revision scripts are being read");
	else if (app->lanes.count == 0)
		draw_empty(area, "there is no revision script yet: "
				 "`alembic revision -m ...` makes the first");
	else
		revisions_draw_rows(app, area);
}

static char *
detail_names(const struct app *app, const struct tree_list *list)
{
	struct str out = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		const struct script *script =
			&tree_at(app->tree, list->items[i])->script;

		str_printf(&out, "%s%s %s", i == 0 ? "" : "\n", script->revision,
			script->message == NULL ? "" : script->message);
	}
	return str_take(&out);
}

static void
detail_list(const struct app *app, struct flow *flow, const char *label,
	const struct tree_list *list)
{
	char *names = detail_names(app, list);

	flow_fact(flow, label, names);
	free(names);
}

static void
detail_body(struct flow *flow, const char *label,
	const struct script_function *function, const struct script_calls *calls)
{
	static const char *const words[] = {
		[BODY_MISSING] = "missing: there is no such function",
		[BODY_EMPTY] = "empty: it does nothing",
		[BODY_RAISES] = "refuses: it raises at once",
		[BODY_REAL] = "real",
		[BODY_ELSEWHERE] = "elsewhere: it is imported or assigned",
	};

	flow_gap(flow);
	flow_printf(flow, ROLE_HEADING, 0, "%s: %s", label, words[function->body]);
	for (size_t i = 0; i < calls->count; i++)
		flow_text(flow, ROLE_TEXT, 2, calls->items[i].text);
}

static int
revisions_detail(const struct app *app, struct area area, int top)
{
	int revision = app_selected_revision(app);
	struct flow flow = flow_at(area, top);

	if (revision == TREE_NONE)
		return 0;
	const struct revision *it = tree_at(app->tree, revision);
	bool current = tree_list_has(&app->status.current, revision);
	bool pending =
		revisions_known(app) && tree_list_has(&app->status.pending, revision);
	char *labels = strlist_join(&it->labels, ", ");
	flow_printf(&flow, current ? ROLE_CURRENT : ROLE_TITLE, 0, "%s  %s",
		it->script.revision,
		it->script.message == NULL ? "" : it->script.message);
	flow_gap(&flow);
	flow_fact(&flow, "in database",
		current	  ? "current: the version table names it"
		: pending ? "no: pending"
		: tree_list_has(&app->status.applied, revision) ? "yes"
								: "unknown");
	flow_fact(&flow, "place",
		it->head && it->base ? "head and base"
		: it->head	     ? "head"
		: it->base	     ? "base"
				     : NULL);
	flow_fact(&flow, "kind",
		it->merge_point	   ? "merge point"
		: it->branch_point ? "branch point"
				   : NULL);
	detail_list(app, &flow, "after", &it->parents);
	detail_list(app, &flow, "before", &it->children);
	detail_list(app, &flow, "depends on", &it->dependencies);
	detail_list(app, &flow, "needed by", &it->dependents);
	flow_fact(&flow, "labels", labels);
	flow_fact(&flow, "file", it->script.path);
	detail_body(&flow, "Upgrade", &it->script.upgrade, &app->operations.upgrade);
	detail_body(
		&flow, "Downgrade", &it->script.downgrade, &app->operations.downgrade);
	flow_text(&flow, ROLE_WARNING, 0, app->operations_problem);
	for (size_t i = 0; i < it->script.unknown.count; i++)
		flow_text(&flow, ROLE_WARNING, 0, it->script.unknown.items[i]);
	flow_gap(&flow);
	flow_text(&flow, ROLE_DIM, 0, it->script.docstring);
	free(labels);
	return flow.row + top;
}

const struct pane pane_revisions = {
	.id = PANE_REVISIONS,
	.summary = revisions_summary,
	.draw = revisions_draw_pane,
	.detail = revisions_detail,
};
