#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/view/draw.h"
#include "pgrunbook/view/migration.h"

/* Fewer cells say too little of a statement: who holds it up gives way then. */
enum { STATEMENT_LEAST = 12, STATEMENT_WANTS = 30, RANK_STATEMENT = 4, RANK_HOLDER };

/* Takes the words over. */
static void
line_add(struct segments *segments, int rank, enum role role, char *words)
{
	if (words != NULL)
		segments_add(segments, rank, 0, role, "%s", words);
	free(words);
}

/* Cells that are left by the segments that don't give way before the statement. */
static int
line_room(const struct segments *segments, int rank, int columns, int gap)
{
	for (int i = 0; i < segments->count; i++) {
		if (segments->items[i].rank <= rank)
			columns -= text_width(segments->items[i].text) + gap;
	}
	return columns - 2;
}

/*
 * The statement gets what the others leave, and is cut where that makes sense.  It
 * stands behind the pid.
 */
static void
line_add_statement(
	const char *query, struct segments *segments, struct area area, int gap)
{
	int room = line_room(segments, RANK_HOLDER, area.columns, gap);
	struct segment statement = { .role = ROLE_TEXT, .rank = RANK_STATEMENT };

	if (query == NULL)
		return;
	if (room < STATEMENT_WANTS)
		room = line_room(segments, RANK_STATEMENT, area.columns, gap);
	statement.text = migration_statement(
		query, room < STATEMENT_LEAST ? STATEMENT_LEAST : room);
	for (int i = segments->count; i > 1; i--)
		segments->items[i] = segments->items[i - 1];
	segments->items[1] = statement;
	segments->count++;
}

static void
line_draw_gone(const struct app *app, const struct migration_gone *gone,
	struct area area, int row, int gap)
{
	struct segments segments = { 0 };

	segments_add(&segments, 0, 0, ROLE_MIGRATION, "MIGRATION %d", gone->key.pid);
	segments_add(&segments, 0, 4, ROLE_WARNING, "%s",
		gone->stays ? "migrates no more" : "is gone");
	line_add_statement(gone->statement, &segments, area, gap);
	if (segments.count > 2) /* it was the last that was seen of it */
		segments_add(&segments, 5, 0, ROLE_DIM, "was its last statement");
	(void)app;
	segments_draw(&segments, area, row, area.columns >= 60, gap);
}

static void
line_draw_first(const struct app *app, const struct migration *migration,
	struct area area, int row, int gap)
{
	const struct session *session = migration->session;
	int64_t now = app_server_now_us(app);
	size_t others = app->migrations.list.count - 1;
	bool failed = session->state == SESSION_IDLE_IN_TRANSACTION_ABORTED;
	struct segments segments = { 0 };

	segments_add(&segments, 0, 0, ROLE_MIGRATION, "MIGRATION %d", session->pid);
	line_add(&segments, 2, failed ? ROLE_ALERT : ROLE_TEXT,
		migration_state_words(migration, now));
	line_add(&segments, 0, ROLE_ALERT, migration_wait_words(migration));
	line_add(&segments, RANK_HOLDER, ROLE_WARNING,
		migration_holder_words(migration, now));
	line_add(&segments, 1, ROLE_WARNING, migration_victims_words(migration));
	line_add(&segments, 3, ROLE_GOOD, migration_progress_words(migration));
	if (others != 0)
		segments_add(&segments, 3, 0, ROLE_MIGRATION, "+%zu migration%s",
			others, others == 1 ? "" : "s");
	line_add_statement(session->query, &segments, area, gap);
	segments_draw(&segments, area, row, area.columns >= 60, gap);
}

void
migration_line_draw(const struct app *app, struct area area, int row)
{
	const struct migration_list *list = &app->migrations.list;
	const struct migration_gone *gone = app_migration_gone(app);
	int gap = area.columns >= 60 ? 2 : 1;

	if (list->count != 0)
		line_draw_first(app, &list->items[0], area, row, gap);
	else if (gone != NULL)
		line_draw_gone(app, gone, area, row, gap);
}
