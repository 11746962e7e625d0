#include "pgrunbook/view/pane.h"

#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/view/draw.h"

const struct pane *
pane_get(enum pane_id id)
{
	static const struct pane *const panes[PANE_COUNT] = {
		[PANE_REVISIONS] = &pane_revisions,
		[PANE_SESSIONS] = &pane_sessions,
		[PANE_LOCKS] = &pane_locks,
		[PANE_REPLICAS] = &pane_replicas,
		[PANE_PROGRESS] = &pane_progress,
		[PANE_RUNBOOK] = &pane_runbook,
		[PANE_LOG] = &pane_log,
		[PANE_OVERVIEW] = &pane_overview,
	};

	return panes[id];
}

char *
pane_title(const struct app *app, enum pane_id id)
{
	const struct pane *pane = pane_get(id);
	char *summary = pane->summary == NULL ? NULL : pane->summary(app);
	char *gone = app->panes[id].gone ? app_gone_words(app, id) : NULL;
	char *title = alloc_printf("%d %s%s%s%s%s%s", (int)id + 1, pane_name(id),
		summary == NULL ? "" : ": ", summary == NULL ? "" : summary,
		gone == NULL ? "" : "  (", gone == NULL ? "" : gone,
		gone == NULL ? "" : ")");
	char *clean = text_sanitized(title);

	free(summary);
	free(gone);
	free(title);
	return clean;
}

/* The title in the frame's upper edge, with blanks around it. */
static struct area
pane_frame(const struct app *app, enum pane_id id, struct area area)
{
	bool focused = app->focus == id;
	char *title = pane_title(app, id);
	char *spaced = alloc_printf(" %s ", title);
	struct area inside = area_frame(area, ROLE_BORDER, ROLE_TITLE, "");
	int width = text_width(spaced);
	int room = area.columns - 4;

	if (room > 0)
		area_field(area, 0, 2, width < room ? width : room,
			focused ? ROLE_FOCUS : ROLE_TITLE, spaced);
	free(spaced);
	free(title);
	return inside;
}

void
pane_draw(const struct app *app, enum pane_id id, struct area area)
{
	if (app->layout.framed)
		area = pane_frame(app, id, area);
	if (area.rows > 0 && area.columns > 0)
		pane_get(id)->draw(app, area);
}
