#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/view/draw.h"
#include "pgrunbook/view/migration.h"
#include "pgrunbook/view/parts.h"

/* A wait that is worth a word. */
enum { RETRY_TOLD_US = 3000000 };

/* Data is called old when it missed a few refreshes in a row. */
enum { STALE_REFRESHES = 3, STALE_LEAST_US = 3000000 };

static void
header_badge(const struct app *app, struct segments *segments)
{
	const char *name = app->settings.environment;
	char *badge = alloc_printf(
		" %s ", name == NULL || *name == '\0' ? "UNLABELLED" : name);

	for (char *at = badge; *at != '\0'; at++)
		*at = (char)toupper((unsigned char)*at);
	segments_add(segments, 0, 3, app_protected(app) ? ROLE_PROTECTED : ROLE_RELAXED,
		"%s", badge);
	free(badge);
}

static void
header_target(const struct app *app, struct segments *segments)
{
	if (app->snapshot == NULL) {
		segments_add(segments, 0, 1, ROLE_TITLE, "%s",
			app->target == NULL ? "no database yet" : app->target);
		return;
	}
	char *name = server_name(&app->snapshot->server);
	/* Nothing can be changed on a standby: it is part of what the target is. */
	if (app->snapshot->server.role == SERVER_STANDBY)
		segments_add(segments, 0, 0, ROLE_WARNING, "STANDBY");
	segments_add(segments, 0, 1, ROLE_TITLE, "%s", name);
	free(name);
}

static void
header_server(const struct app *app, struct segments *segments)
{
	const struct server *server = &app->snapshot->server;

	if (server->role == SERVER_PRIMARY)
		segments_add(segments, 3, 0, ROLE_TEXT, "primary");
	if (server->version != NULL)
		segments_add(
			segments, 6, 0, ROLE_TEXT, "PostgreSQL %s", server->version);
	if (server->user != NULL)
		segments_add(segments, 5, 0, ROLE_TEXT, "as %s", server->user);
}

/* Whether the picture changes less often than was asked for. */
static bool
header_is_slow(const struct app *app)
{
	return app->snapshot != NULL && app->snapshot->slow && app->lost == NULL;
}

static void
header_rhythm(const struct app *app, struct segments *segments)
{
	char text[INSTANT_TEXT];

	if (app->interval_us > 0 && !header_is_slow(app)) {
		segments_add(segments, 7, 0, ROLE_DIM, "every %s",
			duration_every(app->interval_us, text));
		segments_right(segments);
	}
	segments_add(segments, 4, 0, ROLE_DIM, "%s", instant_clock(app->now_us, text));
	segments_right(segments);
}

/* Why there is no connection; the header has the target already. */
static const char *
header_cause(const char *lost)
{
	const char *cause = server_lost_cause(lost);

	if (strncmp(cause, "FATAL:", 6) == 0)
		cause += 6 + strspn(cause + 6, " ");
	return cause;
}

/* How old what is shown may be before its age is shown, too. */
static int64_t
header_stale_us(const struct app *app)
{
	int64_t every_us =
		header_is_slow(app) ? app->snapshot->every_us : app->interval_us;
	int64_t stale = every_us * STALE_REFRESHES;

	return stale < STALE_LEAST_US ? STALE_LEAST_US : stale;
}

/*
 * What is the matter with the picture: the connection is lost, it is frozen, or it got
 * old.  Nothing when it is live.
 */
static void
header_state(const struct app *app, struct segments *segments)
{
	int64_t age = app_age_us(app);
	char text[DURATION_TEXT];

	duration_format(age, text);
	if (app->lost != NULL && age >= 0)
		segments_add(segments, 0, 8, ROLE_ALERT, "%s, as of %s ago",
			app->lost_waits ? "NO ANSWER" : "LOST", text);
	else if (app->lost != NULL)
		segments_add(segments, 0, 8, ROLE_ALERT, "NOT CONNECTED");
	else if (app->paused)
		segments_add(
			segments, 1, 6, ROLE_WARNING, "PAUSED, as of %s ago", text);
	else if (age > header_stale_us(app))
		segments_add(segments, 1, 6, ROLE_WARNING, "as of %s ago", text);
	else if (age < 0)
		segments_add(segments, 1, 6, ROLE_DIM, "connecting");
	bool waits = app->lost != NULL && app->retry_in_us >= RETRY_TOLD_US;
	if (app->lost != NULL && app->lost_waits)
		segments_add(segments, 3, 16, ROLE_ALERT,
			"the server is silent, the connection still stands");
	else if (app->lost != NULL)
		segments_add(segments, 3, 16, ROLE_ALERT, "%s%s",
			age >= 0 && !waits ? "reconnecting: " : "",
			header_cause(app->lost));
	if (waits)
		segments_add(segments, 5, 0, ROLE_ALERT, "again in %s",
			duration_format(app->retry_in_us, text));
	if (header_is_slow(app))
		segments_add(segments, 2, 9, ROLE_WARNING,
			"every %s: the server is slow",
			duration_every(app->snapshot->every_us, text));
	if (app->read_only)
		segments_add(segments, 2, 0, ROLE_GOOD, "READ-ONLY");
}

static void
add_names(const struct app *app, const struct tree_list *list, struct str *out)
{
	enum { NAMED = 8 };

	for (size_t i = 0; i < list->count && i < NAMED; i++)
		str_printf(out, "%s%s", i == 0 ? "" : ", ",
			tree_at(app->tree, list->items[i])->script.revision);
	if (list->count > NAMED)
		str_printf(out, " and %zu more", list->count - NAMED);
}

/* "0052 -> 0055 (head)"; what isn't known is left to the words beside it. */
static char *
revision_words(const struct app *app, const char *arrow)
{
	const struct status *status = &app->status;
	struct str out = { 0 };

	if (app->tree == NULL || status->kind == STATUS_UNKNOWN ||
		status->kind == STATUS_NO_TREE)
		return str_take(&out);
	if (status->unknown.count != 0) {
		char *rows = strlist_join(&status->unknown, ", ");

		str_add(&out, rows);
		free(rows);
		str_add(&out, status->current.count != 0 ? ", " : "");
	} else if (status->current.count == 0 && app->snapshot != NULL &&
		   app->snapshot->version.table == VERSION_TABLE_READ) {
		str_add(&out, "base");
	}
	add_names(app, &status->current, &out);
	const struct tree_list *heads = tree_heads(app->tree);
	if (status->kind != STATUS_IN_SYNC && heads->count != 0) {
		str_printf(&out, "%s%s ", out.length == 0 ? "" : " ", arrow);
		add_names(app, heads, &out);
	}
	if (heads->count != 0)
		str_add(&out, heads->count == 1 ? " (head)" : " (heads)");
	return str_take(&out);
}

static enum role
status_role(enum status_kind kind)
{
	switch (kind) {
	case STATUS_IN_SYNC:
		return ROLE_GOOD;
	case STATUS_PENDING:
	case STATUS_SEVERAL_HEADS:
	case STATUS_NO_TABLE:
	case STATUS_SEVERAL_TABLES:
	case STATUS_OTHER_TABLE:
	case STATUS_NOT_PERMITTED:
		return ROLE_WARNING;
	case STATUS_UNKNOWN_REVISION:
	case STATUS_BROKEN:
		return ROLE_ALERT;
	case STATUS_UNKNOWN:
	case STATUS_NO_TREE:
		break;
	}
	return ROLE_DIM;
}

/* The version table is never waited for: somebody who has locked it hides its rows. */
static void
header_locked(const struct app *app, int rank, struct segments *segments)
{
	const struct version_rows *version =
		app->snapshot == NULL ? NULL : &app->snapshot->version;
	char age[DURATION_TEXT];

	if (version == NULL || version->table != VERSION_TABLE_READ ||
		version->read_us == 0 ||
		app->snapshot->taken_us - version->read_us <= header_stale_us(app))
		return;
	segments_add(segments, rank, 6, ROLE_ALERT, "as of %s ago: %s is locked",
		duration_format(app->now_us - version->read_us, age), version->name);
}

/* What status_words can't tell from the rows. */
static const char *
header_unknown(const struct app *app)
{
	const struct version_rows *version =
		app->snapshot == NULL ? NULL : &app->snapshot->version;

	return version != NULL && version->table == VERSION_TABLE_NOT_READ &&
			       version->name != NULL
		       ? "revision not known: the version table is locked"
		       : "revision not known yet";
}

static void
header_revision(
	const struct app *app, const char *arrow, int rank, struct segments *segments)
{
	char *words = app->status.kind == STATUS_UNKNOWN
			      ? alloc_copy(header_unknown(app))
			      : status_words(&app->status);
	char *revision = revision_words(app, arrow);

	if (*revision != '\0')
		segments_add(segments, rank + 1, 5, ROLE_CURRENT, "%s", revision);
	segments_add(segments, rank, 6, status_role(app->status.kind), "%s", words);
	header_locked(app, rank, segments);
	free(words);
	free(revision);
}

void
header_draw(const struct app *app, struct area area)
{
	struct segments segments = { 0 };
	const char *arrow = canvas_glyph_text(area.canvas, GLYPH_ARROW);
	int margin = area.columns >= 60;

	if (area.rows == 0)
		return;
	header_badge(app, &segments);
	header_target(app, &segments);
	if (area.rows == 1)
		header_state(app, &segments);
	if (app->snapshot != NULL)
		header_server(app, &segments);
	if (area.rows == 1)
		header_revision(app, arrow, 1, &segments);
	else
		header_rhythm(app, &segments);
	segments_draw(&segments, area, 0, margin, area.columns >= 60 ? 2 : 1);
	if (area.rows == 1)
		return;
	header_revision(app, arrow, 1, &segments);
	header_state(app, &segments);
	segments_draw(&segments, area, 1, margin, 2);
	if (area.rows > 2)
		migration_line_draw(app, area, 2);
}
