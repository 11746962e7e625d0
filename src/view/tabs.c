#include <stdlib.h>

#include "pgrunbook/base/text.h"
#include "pgrunbook/view/draw.h"
#include "pgrunbook/view/pane.h"
#include "pgrunbook/view/parts.h"

enum { ADVICE_CELLS = 24 }; /* less of an advice is none */

/* How much the tabs say of panes that are not on screen. */
enum tab_words {
	TAB_NAMES,  /* " 1 Revisions  2 Sessions " */
	TAB_SHORT,  /* " 1 Rev  2 Ses " */
	TAB_NUMBERS /* " (1-8)" behind the one that is */
};

enum { SHORT_CELLS = 3, SUMMARY_CELLS = 16 };

static int
tab_cells(enum pane_id id, bool focused, enum tab_words words)
{
	int name = text_width(pane_name(id));

	if (words == TAB_NUMBERS && !focused)
		return 0;
	return (words == TAB_SHORT && !focused ? SHORT_CELLS : name) + 4;
}

static enum tab_words
tabs_choose(const struct app *app, int columns, bool summary)
{
	int names = columns, shorter = columns - (summary ? SUMMARY_CELLS : 0);

	for (int i = 0; i < PANE_COUNT; i++) {
		bool focused = (enum pane_id)i == app->focus;

		names -= tab_cells((enum pane_id)i, focused, TAB_NAMES);
		shorter -= tab_cells((enum pane_id)i, focused, TAB_SHORT);
	}
	if (names >= 0)
		return TAB_NAMES;
	return shorter >= 0 ? TAB_SHORT : TAB_NUMBERS;
}

static void
tabs_add(const struct app *app, enum tab_words words, struct segments *segments)
{
	for (int i = 0; i < PANE_COUNT; i++) {
		enum pane_id id = (enum pane_id)i;
		bool focused = id == app->focus;

		if (words == TAB_NUMBERS && !focused)
			continue;
		segments_add(segments, focused ? 0 : 1, focused ? 3 : 0,
			focused ? ROLE_FOCUS : ROLE_DIM, " %d %.*s ", i + 1,
			words == TAB_SHORT && !focused ? SHORT_CELLS : 100,
			pane_name(id));
	}
	if (words == TAB_NUMBERS)
		segments_add(segments, 1, 0, ROLE_DIM, " (1-%d) ", PANE_COUNT);
}

/* What there is to say in the row, and how much room that leaves. */
struct tabs {
	char *summary, *gone; /* NULL: nothing */
	enum tab_words words;
};

static struct tabs
tabs_make(const struct app *app, int columns)
{
	const struct pane *pane = pane_get(app->focus);
	char *chosen = app->focus == PANE_SESSIONS ? app_sessions_words(app) : NULL;
	struct tabs tabs = {
		.summary = pane->summary == NULL ? NULL : pane->summary(app),
		.gone = app->panes[app->focus].gone ? app_gone_words(app, app->focus)
						    : NULL,
	};

	/* That not all is listed matters more than what other panes are called. */
	tabs.words = chosen != NULL || tabs.gone != NULL
			     ? TAB_NUMBERS
			     : tabs_choose(app, columns, tabs.summary != NULL);
	free(chosen);
	return tabs;
}

static void
tabs_free(struct tabs *tabs)
{
	free(tabs->summary);
	free(tabs->gone);
}

/* As much of the panes' names as fits, and what the one on screen has to say. */
void
tabs_draw(const struct app *app, struct area area)
{
	struct tabs tabs = tabs_make(app, area.columns);
	struct segments segments = { 0 };
	const char *line = canvas_glyph_text(area.canvas, GLYPH_VERTICAL);

	tabs_add(app, tabs.words, &segments);
	if (tabs.gone != NULL)
		segments_add(&segments, 2, 8, ROLE_WARNING, "%s %s ", line, tabs.gone);
	if (tabs.summary != NULL)
		segments_add(&segments, 3, 8, ROLE_TITLE, "%s %s", line, tabs.summary);
	segments_draw(&segments, area, 0, 0, 0);
	tabs_free(&tabs);
}

enum pane_id
tabs_pane_at(const struct app *app, int row, int column)
{
	const struct rect *rect = &app->layout.tabs;

	if (rect->rows == 0 || row != rect->top)
		return PANE_ANY;
	struct tabs tabs = tabs_make(app, rect->columns);
	int end = rect->left;

	tabs_free(&tabs);
	for (int i = 0; i < PANE_COUNT; i++) {
		end += tab_cells(
			(enum pane_id)i, (enum pane_id)i == app->focus, tabs.words);
		if (column < end)
			return (enum pane_id)i;
	}
	return PANE_ANY;
}

/* One row: what is the matter, and what to do about it as far as there is room. */
static void
alerts_draw_row(
	const struct app *app, size_t index, size_t more, struct area area, int row)
{
	const struct alert *alert = &app->alerts.items[index];
	char *text = alerts_text(&app->alerts, index);
	struct segments segments = { 0 };

	segments_add(&segments, 1, 1, alert->severe ? ROLE_ALERT : ROLE_WARNING, "! %s",
		text);
	if (alert->advice != NULL)
		segments_add(&segments, 2, ADVICE_CELLS, ROLE_DIM, "%s", alert->advice);
	if (more != 0) {
		segments_add(&segments, 0, 0, ROLE_WARNING, "(and %zu more)", more);
		segments_right(&segments);
	}
	segments_draw(&segments, area, row, area.columns >= 60, 2);
	free(text);
}

void
alerts_draw(const struct app *app, struct area area)
{
	size_t wanted = app_banner_rows(app);
	size_t rows = (size_t)area.rows < wanted ? (size_t)area.rows : wanted;
	size_t row = 0;

	for (size_t i = 0; row < rows; i++) {
		if (app->alerts.items[i].shown)
			continue;
		alerts_draw_row(
			app, i, row + 1 == rows ? wanted - rows : 0, area, (int)row);
		row++;
	}
}
