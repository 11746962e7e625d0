/*
 * The state of the console: what the drivers handed over and what the operator is
 * looking at.  Panes draw it as `const struct app *`; keys change it here and leave
 * requests for the outside world, which app/console.c carries out.  No I/O.
 */
#ifndef PGRUNBOOK_APP_APP_H
#define PGRUNBOOK_APP_APP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/app/action.h"
#include "pgrunbook/app/ask.h"
#include "pgrunbook/app/find.h"
#include "pgrunbook/app/layout.h"
#include "pgrunbook/app/migrations.h"
#include "pgrunbook/app/output.h"
#include "pgrunbook/app/overview.h"
#include "pgrunbook/app/pane.h"
#include "pgrunbook/app/revisions.h"
#include "pgrunbook/app/sessions.h"
#include "pgrunbook/base/key.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/alerts.h"
#include "pgrunbook/model/entry.h"
#include "pgrunbook/model/git_found.h"
#include "pgrunbook/model/lag_history.h"
#include "pgrunbook/model/revisions.h"
#include "pgrunbook/model/run.h"
#include "pgrunbook/model/runbook.h"
#include "pgrunbook/model/settings.h"
#include "pgrunbook/model/snapshot.h"
#include "pgrunbook/model/standbys.h"
#include "pgrunbook/model/status.h"
#include "pgrunbook/model/tree.h"

/* What lies over the panes. */
enum overlay {
	OVERLAY_NONE,
	OVERLAY_HELP,
	OVERLAY_DETAIL,	   /* of the focused pane's selection */
	OVERLAY_RUNBOOKS,  /* choose one of app->runbooks */
	OVERLAY_REVISIONS, /* choose a revision for the input app->input_name */
	OVERLAY_TABLES,	   /* choose one of app->tables */
	OVERLAY_OUTPUT	   /* the step's output, whole */
};

/* Whether Enter takes the overlay's row. */
static inline bool
overlay_chooses(enum overlay overlay)
{
	return overlay == OVERLAY_RUNBOOKS || overlay == OVERLAY_REVISIONS ||
	       overlay == OVERLAY_TABLES;
}

/* What a typed line is for. */
enum line_purpose {
	LINE_NONE, /* nobody types */
	LINE_COMMAND,
	LINE_FIND,
	LINE_NOTE,
	LINE_REASON, /* of a skip */
	LINE_ABORT,  /* the reason of an abort */
	LINE_INPUT,  /* a placeholder's value */
	LINE_ANSWER  /* to a question of the incident log */
};

/* The line in the footer; view/prompt.c edits it, here it is only shown. */
struct line {
	enum line_purpose purpose;
	char *label; /* ":", "note: " */
	char *text;
	size_t cursor; /* in bytes */
	int step;      /* of LINE_REASON: the one that its label names */
};

enum request_kind {
	REQUEST_QUIT,
	REQUEST_REFRESH,
	REQUEST_REDRAW,
	REQUEST_INTERVAL,     /* number: microseconds */
	REQUEST_NOTE,	      /* text */
	REQUEST_OPEN_RUNBOOK, /* text: path; value: target revision or NULL */
	REQUEST_DO_STEP,      /* number: step */
	REQUEST_EDIT,	      /* number: step */
	REQUEST_ANSWER,	      /* number: ask_purpose; text: typed phrase; choice */
	REQUEST_DECLINE,      /* number: ask_purpose */
	REQUEST_SKIP,	      /* number: step; text: reason */
	REQUEST_STOP,	      /* the running step: asks how */
	REQUEST_ABORT,	      /* text: reason */
	REQUEST_INPUT,	      /* value: its value, for app->input_name */
	REQUEST_TABLE,	      /* text: the version table to take */
	REQUEST_MIGRATION,    /* app->migrations.chosen has changed */
	REQUEST_LOG_ANSWER,   /* text: the answer to the step under way */
	REQUEST_HELD,	      /* all locks of app->sessions_view.held_key */
	REQUEST_OPERATIONS,   /* of app->operations_path */
	REQUEST_CALLS	      /* what all scripts call: app_calls_next */
};

struct request {
	enum request_kind kind;
	int64_t number;
	char choice;
	char *text, *value; /* owned; NULL */
};

/* A session that a question is about, as it was when the question opened. */
struct end_target {
	struct session_key key;
	int64_t query_start_us;
};

struct end_targets {
	bool terminate; /* or cancel */
	struct end_target *items;
	size_t count;
};

struct app {
	/* Given at the start. */
	struct settings settings;
	bool read_only;
	int64_t interval_us;

	int64_t now_us; /* set before each call below; draw reads it */
	int rows, columns;

	/* From the database.  `snapshot` is what is shown: frozen while paused. */
	struct snapshot *snapshot; /* NULL: nothing read yet */
	struct snapshot *latest;   /* newer than `snapshot` while paused; else NULL */
	struct lag_history lags;   /* paused or not */
	struct standbys standbys;  /* that the server had, paused or not */
	struct migrations migrations;  /* of `snapshot` */
	struct vitals_history history; /* of what was shown */
	char *target;	 /* what we connect to, in words, before it is known */
	char *lost;	 /* why there is no connection; NULL: there is one */
	bool lost_waits; /* but there is: the server doesn't answer what was asked */
	int64_t lost_since_us;
	int64_t retry_in_us; /* while it is lost: to the next attempt; -1: now */
	char *moved;	     /* how the server is another one than before; NULL: seen */
	bool moved_badly;    /* more than a restart */

	/* From the files. */
	struct tree *tree;  /* NULL: not read (yet) */
	char *tree_problem; /* why not */
	struct revisions revisions;
	struct status status;
	struct git_found_list git;  /* of the rows that the tree doesn't have */
	struct version_rows tables; /* to choose from, as they were when asked */
	/* What the script whose detail is open calls: read from its file then. */
	char *operations_path; /* NULL: no detail is open */
	struct script_operations operations;
	char *operations_problem;   /* why they are not known; NULL */
	struct file_view file_view; /* and its text */

	/* What the operator looks at. */
	enum pane_id focus;
	bool zoomed, paused;
	struct pane_state panes[PANE_COUNT];
	enum overlay overlay;
	struct pane_state over; /* the overlay's cursor or first row */
	size_t over_last;	/* the last row it may begin with: the view measures */
	struct layout layout;
	struct revisions_view revisions_view;
	struct sessions_view sessions_view;
	struct find find;
	struct alerts alerts;
	bool muted; /* no bell */
	struct ask ask;
	/*
	 * Questions that came while another was open or a line was typed: a key meant
	 * for the one must never answer the other.
	 */
	struct ask *asks;
	size_t ask_count, ask_capacity;
	struct end_targets end_targets; /* of ASK_END_SESSION */
	struct line line;
	int64_t opened_us; /* when a step was last begun with Enter */
	uint32_t last_key;
	bool pasting;  /* between the marks of a paste */
	char *message; /* in the footer until the next key, or until it is old */
	bool message_bad;
	int64_t said_us; /* when */

	/* The run. */
	struct strlist runbooks; /* paths of those that were found */
	struct runbook *runbook; /* NULL: none is open */
	struct run run;
	int step_running; /* index into runbook->steps; -1: none */
	int64_t step_started_us;
	char *step_phase;     /* "waiting for r1: 12 kB behind"; NULL */
	struct output output; /* of the step that runs or ran last */
	char *input_name;     /* of OVERLAY_REVISIONS, LINE_INPUT */
	char *incident;	      /* id of the open incident; NULL: none */
	char *log_problem;    /* why the log can't be written; NULL */
	char log_head[ENTRY_HASH_TEXT];
	struct entry *entries; /* of the open incident, in order */
	size_t entry_count, entry_capacity;

	struct request *requests;
	size_t request_count, request_capacity;
};

void app_init(struct app *app);
void app_free(struct app *app);

/* What the drivers hand over; each takes over what it is given. */
void app_take_snapshot(struct app *app, struct snapshot *snapshot);
/* While paused the newest snapshot waits in app->latest. */
void app_pause(struct app *app, bool paused);
void app_connection_lost(struct app *app, const char *message);
void app_take_tree(struct app *app, struct tree *tree, const char *problem);
/* Of app->operations_path; takes over what it is given. */
void app_take_operations(
	struct app *app, struct script_operations *operations, const char *problem);
void app_take_entry(
	struct app *app, struct entry *entry); /* folds it into app->run too */
/* Forgets the entries and the run that was folded from them. */
void app_forget_entries(struct app *app);
/* Forgets a run that is over, for another one; what an open incident holds stays. */
void app_forget_run(struct app *app);
void app_take_git(struct app *app, struct git_found_list *list);
/* Lets the operator choose one of the candidates; the choice becomes a request. */
void app_choose_table(struct app *app, const struct version_rows *rows);
void app_resize(struct app *app, int rows, int columns);
/* An error stays for long, with its age, and what went well for a moment. */
void app_say(struct app *app, bool bad, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * After anything changed and before drawing: alerts, status and layout follow, every
 * cursor stands on its thing again.
 */
void app_settle(struct app *app);

/* Every key goes through this first: whether it is part of a paste. */
void app_follow_paste(struct app *app, const struct key *key);
/*
 * The parts of a snapshot (enum snapshot_part) that are neither on screen nor could
 * come there by themselves: as of the last app_settle.
 */
unsigned app_unseen_parts(const struct app *app);

/* A round of the alerts; app_settle has it done. */
void app_judge_alerts(struct app *app);
/* Forgets the standbys that are told to be gone, paused or not; false: none is. */
bool app_see_gone_standbys(struct app *app);
/* Alerts that want a row of the banner: some stand in the header. */
size_t app_banner_rows(const struct app *app);
/* Says so, too. */
void app_mute(struct app *app, bool mute);
void app_turn_mute(struct app *app, int unused);

/* A key, when no line is typed (app->line.purpose is LINE_NONE). */
void app_key(struct app *app, const struct key *key);
void app_act(struct app *app, enum action_id action);
/* Gives the keys to a pane. */
void app_focus(struct app *app, enum pane_id pane);
/* A click focuses and selects; nothing dangerous happens on one. */
void app_click(struct app *app, const struct key *key);
/* So many rows down in what lies over the panes, else in the pane under the pointer. */
void app_wheel(struct app *app, const struct key *key, ptrdiff_t rows);

/*
 * Asks before sessions are cancelled or terminated, once for all; the answer becomes a
 * request.  Those that can't be ended that way are left out, with the reason; none of
 * them is NULL but the only one (what was selected is gone).
 */
void app_ask_end(struct app *app, bool terminate, const struct session *const *sessions,
	size_t count);

/* A line of the command line; says what is wrong with it in the footer. */
void app_command(struct app *app, const char *line);
/*
 * Why a migration to `target` can't be meant: unknown, ambiguous, in the other
 * direction, or nothing to do; NULL if it can, or if that is not known yet.  The caller
 * owns it.
 */
char *app_target_refused(const struct app *app, bool upgrade, const char *target);
/* What could stand at the end of `line`, whose last word begins at `word`. */
void app_complete(const struct app *app, const char *line, size_t word,
	struct strlist *candidates);

/* The typed line: opened here, edited by view/prompt.c, ended by one of the two. */
void app_line_open(struct app *app, enum line_purpose purpose, const char *label,
	const char *text);
void app_line_show(struct app *app, const char *text, size_t cursor);
void app_line_enter(struct app *app, const char *text);
void app_line_leave(struct app *app);

/*
 * Asks a question (takes over its texts), at once or as soon as nothing else is asked
 * or typed; the answer becomes a request.
 */
void app_ask(struct app *app, struct ask *ask);
/* Takes back questions of that purpose that were not answered. */
void app_forget_ask(struct app *app, enum ask_purpose purpose);
/*
 * What the snapshots say of the server: another one, promoted, restarted.  That is an
 * alert until Esc says that it was seen, and no question about the server before it can
 * be answered any more.
 */
void app_follow_server(
	struct app *app, const struct server *before, const struct server *now);
void app_see_moved(struct app *app);
/* Opens the next question that waits, if it may be. */
void app_ask_next(struct app *app);

/* A new request at the end of the queue, for filling in. */
struct request *app_request(struct app *app, enum request_kind kind);
void request_free(struct request *request);

/* Things listed in a pane, by row. */
size_t app_pane_rows(const struct app *app, enum pane_id pane);
/* Rows of things that a pane has room for on the screen. */
size_t app_page_rows(const struct app *app, enum pane_id pane);
/* Finds the row that a pane's cursor stands on again, and scrolls to it. */
void app_settle_pane(struct app *app, enum pane_id pane);
/* Puts the cursor on a row, or on the last one. */
void app_move_to(struct app *app, enum pane_id pane, size_t row);
/* Rows down, or up, in what lies over the panes, else in the pane that has the keys. */
void app_move(struct app *app, ptrdiff_t by);
/* The same for the list or text over the panes. */
void app_over_to(struct app *app, size_t row);
/* Sessions as the pane lists them. */
const struct session *app_session_at(const struct app *app, size_t row);
/* What became of a pane's selected thing that has no row any more: "4312 (web-3) is
 * gone"; the caller owns it. */
char *app_gone_words(const struct app *app, enum pane_id pane);
/* Says that nothing is selected there, and what became of what was. */
void app_say_gone(struct app *app, enum pane_id pane);
/* The selected thing of a pane, NULL or TREE_NONE or -1 if there is none. */
int app_selected_revision(const struct app *app);
/* The same, for what is to be done with it: that there is none is said. */
int app_need_revision(struct app *app);
const struct session *app_selected_session(const struct app *app);
const struct lock_row *app_selected_lock(const struct app *app);
/* False: there is none. */
bool app_selected_progress(const struct app *app, struct progress_row *at);
int app_selected_step(const struct app *app);

/* Age of the data on screen; -1 if there is none. */
int64_t app_age_us(const struct app *app);
/* The server's clock now, carried forward from the snapshot while it is live. */
int64_t app_server_now_us(const struct app *app);
/* Whether the environment wants typed confirmations. */
bool app_protected(const struct app *app);

#endif
