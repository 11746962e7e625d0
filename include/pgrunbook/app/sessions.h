/*
 * What the operator does in the pane Sessions: which sessions are listed and in what
 * order, folds of parallel workers, marks for what is to be done with many.
 */
#ifndef PGRUNBOOK_APP_SESSIONS_H
#define PGRUNBOOK_APP_SESSIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/session_held.h"
#include "pgrunbook/model/session_rows.h"

struct app;
struct snapshot;

struct sessions_view {
	struct session_filter *filter; /* NULL: none */
	char *filter_text;	       /* as it was typed */
	struct session_order order;
	bool hide_idle, hide_own, server, unfolded;
	struct session_keys open;  /* leaders whose workers are listed */
	struct session_keys marks; /* of sessions that exist */
	struct session_rows rows;  /* of app->snapshot */
	/* The session whose detail is open, asked for its locks; pid 0: none. */
	struct session_key held_key;
	struct session_held *held; /* NULL: not answered yet */
};

void sessions_view_free(struct sessions_view *view);

/* The snapshot or what is to be listed changed: lists the rows again. */
void app_sessions_relist(struct app *app);

/* Takes the locks over that the snapshot has of the session whose detail is open. */
void app_sessions_take_held(struct app *app, struct snapshot *snapshot);
/* Asks for them when its detail was opened. */
void app_sessions_follow_held(struct app *app);
/* They are asked for again: what is on screen stays meanwhile. */
void app_sessions_again(struct app *app);

/* NULL: there is no such row. */
const struct session_row *app_session_row(const struct app *app, size_t row);
/* The row's identity (the caller owns it), and the row of one; -1: there is none. */
char *app_sessions_identity(const struct app *app, size_t row);
ptrdiff_t app_sessions_find_row(
	const struct app *app, const char *identity, size_t near);
/* The session with that identity, listed or not; NULL: it is gone. */
const struct session *app_session_of(const struct app *app, const char *identity);

bool app_session_marked(const struct app *app, const struct session *session);

/* The pane's own actions, by their enum action_id. */
void app_sessions_act(struct app *app, int action);
/* `:filter`, `:sort`; nothing ends them. */
void app_sessions_filter(struct app *app, const char *argument);
void app_sessions_sort(struct app *app, const char *argument);
/* What could stand for the word; `line` up to it is what was typed before. */
void app_sessions_complete_filter(
	const struct app *app, const char *word, struct strlist *candidates);
void app_sessions_complete_sort(const char *word, struct strlist *candidates);

/* `:cancel PID...`, `:terminate PID...`. */
void app_end_command(struct app *app, bool terminate, const char *argument);

/* What is listed, unless that is everything, in a few words: "12 of 521: state=active,
 * by age desc"; for the caller; NULL. */
char *app_sessions_words(const struct app *app);
/* Why no session is listed, and what lists them; for the caller. */
char *app_sessions_empty(const struct app *app);

#endif
