/*
 * The inside of the runner, shared by its files: app/runner.c (the run), app/step.c (a
 * step from question to end), app/step_*.c (one kind of step each).  Nobody else
 * includes this.
 */
#ifndef PGRUNBOOK_APP_RUNNER_PARTS_H
#define PGRUNBOOK_APP_RUNNER_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/app/journal.h"
#include "pgrunbook/app/runner.h"
#include "pgrunbook/drive/child.h"
#include "pgrunbook/drive/pg.h"
#include "pgrunbook/drive/transcript.h"
#include "pgrunbook/model/plan.h"

enum runner_phase {
	RUNNER_IDLE,	   /* no step is under way */
	RUNNER_CONNECTING, /* the run's own session isn't up yet; goes on when it is */
	RUNNER_GUARDING, /* taking the database's advisory lock before the first step */
	RUNNER_INPUT,	 /* the operator gives a value or an answer */
	RUNNER_PROVING,	 /* `alembic current`: does it see the same database? */
	RUNNER_ASKING,	 /* a question is open; nothing has started */
	RUNNER_READING_BACK, /* the target's identity, right before the command */
	RUNNER_RUNNING,	     /* a child, a statement or a wait is at work */
	RUNNER_VERIFYING,    /* reading what it left behind */
	RUNNER_FAILED,	/* it failed and the operator decides: retry, skip, abort */
	RUNNER_DECIDING /* its outcome is unknown and the operator says what is true */
};

/* What the server said of itself: held from question to start. */
struct identity {
	struct server server;
	struct strlist rows; /* of the version table, sorted */
};

struct runner {
	struct app *app;
	struct journal *journal;
	struct loop *loop;
	struct pg_watch *watch;
	struct pg_params params;
	struct strlist alembic; /* the command's argv, without the verb */
	char *alembic_problem;	/* why the setting can't be split; NULL */

	struct pg *pg; /* a session of the runner's own: guard, read-back, checks */
	char *pg_problem;
	bool guarded;	 /* that session holds the database's advisory lock */
	unsigned ticket; /* a new one whenever a step ends: runner_query.c */
	unsigned query_ticket;
	void (*query_answered)(struct runner *runner, const struct pg_answer *answer);
	void (*identity_then)(
		struct runner *runner, struct identity *identity, const char *why);
	int64_t identity_us; /* when that was asked */

	enum runner_phase phase;
	int step;      /* under way; -1: none */
	int again;     /* of unknown outcome, to be run again on purpose; -1: none */
	char *target;  /* given with :downgrade, until its input is asked for */
	int edit_next; /* the first input to ask for again; -1: those without a value */
	char *skip_reason; /* of a skip that waits for the lock for runs; NULL */
	char *command;	   /* of the step, filled in: exactly what runs */
	struct strlist argv;
	struct plan plan;
	bool typed;		  /* the question wants a phrase */
	struct identity asked;	  /* as the question showed it */
	char *script_text;	  /* what its scripts do, as the question showed it */
	struct loop_timer *sight; /* between looks for the session of the proof */
	bool looking;		  /* one of them waits for its answer */
	bool seen;		  /* that session is one of the database on screen */
	char *revision;		  /* the resolved target of a migration */
	bool stopping;		  /* the operator stopped it */

	struct child *child;
	struct child_run *child_run; /* step_child.c's; NULL without a child */
	json_t *output_attributes;   /* of the last transcript; NULL: there was none */
	struct transcript *transcript; /* the step's output file; NULL: none */
	struct pg *sql;		       /* the session of an SQL step */
	bool sql_sent;
	struct child_exit exit; /* of the migration, while its result is read */
	int64_t verify_us;    /* when it ended, while the version table is looked for */
	char *backup;	      /* the file that the step writes; NULL: none */
	struct str collected; /* the output of `alembic current` */

	uint64_t wait_lsn; /* of wait replicas: what they must have replayed */
	int64_t wait_until_us;
};

/* The newest look at the database, whatever stands frozen on screen. */
const struct snapshot *runner_newest(const struct runner *runner);
/* The step under way. */
const struct step *runner_step(const struct runner *runner);
/* "pgrunbook:RUN:STEP": the application name of what the step opens; caller owns. */
char *runner_application(const struct runner *runner);
/* Puts the cursor on the next step; offers to close when there is none. */
void runner_next(struct runner *runner);
/* Ends the run and closes its incident. */
void runner_close(struct runner *runner);
/* Forgets a step that waited for a decision, and the question for it; which it was. */
int runner_put_back(struct runner *runner);
/*
 * runner_target.c: what differs between the target that the run was begun on and the
 * one that is there now (caller owns); NULL: nothing, or there is no run.
 */
char *runner_stray(const struct runner *runner);
/* Whether anything may be done in the run now; says why not.  Unfreezes the picture. */
bool runner_may_begin(struct runner *runner);

/*
 * runner_query.c: asks over the runner's own session; the answer is dropped if the step
 * that asked has ended by then.  False with an error: nothing was asked.
 */
bool runner_query(struct runner *runner, const char *sql, const char *const *parameters,
	size_t count,
	void (*answered)(struct runner *runner, const struct pg_answer *answer),
	struct error *error);
/* Takes the database's lock for runs, then does runner->step. */
void runner_guard(struct runner *runner);
void runner_unguard(struct runner *runner);

/* step.c: a step from question to end. */
void step_begin(struct runner *runner);
/* Notes that a person did it. */
void step_tick(struct runner *runner);
/* Opens the question for the step (takes over *ask), writing down that it was asked. */
void step_ask(struct runner *runner, struct ask *ask);
/*
 * Asks about runner->command as its danger wants it: a read goes on at once with
 * `accepted`, `downgrade base` is refused in a protected environment.
 */
void step_ask_command(struct runner *runner, void (*accepted)(struct runner *runner));
/* Writes `started`; false: it isn't durable and the step is over, nothing ran. */
bool step_started(struct runner *runner);
/* Ends it: writes `finished` with the outcome in one sentence, and what comes next. */
void step_succeed(struct runner *runner, json_t *attributes, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void step_fail(struct runner *runner, json_t *attributes, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Leaves it as it was before, with a message: nothing was started. */
void step_drop(struct runner *runner, bool bad, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* A line of the step's output, on screen and in its file. */
void step_print(struct runner *runner, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* step_input.c: asks for the first input that needs a value; true: all have one. */
bool step_inputs(struct runner *runner);
/* `text` with "<name>" replaced by the input's value; the caller owns it. */
char *step_filled(struct runner *runner, const char *text);
/* Attributes that every entry of the step carries. */
json_t *step_attributes(const struct runner *runner);
void step_set_phase(struct runner *runner, enum runner_phase phase, const char *words);

/* identity.c: asks the server who it is; `then` gets NULL and why if it can't be had.
 */
void identity_read(
	struct runner *runner, void (*then)(struct runner *runner,
				       struct identity *identity, const char *why));
/* Stops waiting for that: `then` gets NULL and `why` now, the answer goes nowhere. */
void identity_give_up(struct runner *runner, const char *why);
void identity_free(struct identity *identity);
/* NULL if both are the same target in the same state; else what differs (caller owns).
 */
char *identity_difference(const struct identity *asked, const struct identity *now);
/* "base", or the rows joined; the caller owns it. */
char *identity_rows(const struct strlist *rows);

/*
 * Why the command must not run, though it was confirmed: who the server is couldn't be
 * read (identity is NULL, why), it took so long that nobody expects the command any
 * more, or the lock for runs went with its session.  NULL: none of these; caller owns.
 */
char *identity_refusal(
	const struct runner *runner, const struct identity *identity, const char *why);
/*
 * Whether the server that `identity` was read from is still the one that the question
 * showed and nothing else speaks against it; if not, the step is dropped.
 */
bool identity_stands(
	struct runner *runner, const struct identity *identity, const char *why);

/* step_child.c: runs runner->argv; `ended` gets its exit once all output is in. */
bool step_child(struct runner *runner,
	void (*ended)(struct runner *runner, const struct child_exit *exit));
/* What a child gets: the target's settings, and a name to find its sessions by. */
void step_environment(struct runner *runner, struct strlist *environment);
/* "exit status 1", "killed by SIGKILL"; the caller owns it. */
char *child_exit_words(const struct child_exit *exit);
json_t *step_child_attributes(
	const struct runner *runner, const struct child_exit *exit);
/* argv as a shell would be given it, for the question and the log; caller owns. */
char *argv_words(const struct strlist *argv);

/* One file each. */
void step_shell_begin(struct runner *runner);
void step_shell_accepted(struct runner *runner);
void step_sql_begin(struct runner *runner);
void step_sql_accepted(struct runner *runner);
void step_sql_stop(struct runner *runner);
void step_identify_begin(struct runner *runner);
void step_identify_accepted(struct runner *runner);
void step_check_begin(struct runner *runner);
void step_backup_begin(struct runner *runner);
void step_backup_accepted(struct runner *runner);
void step_verify_backup_begin(struct runner *runner);
void step_migrate_begin(struct runner *runner);
void step_migrate_accepted(struct runner *runner);
void step_migrate_look(struct runner *runner);
bool migrate_is_upgrade(const struct runner *runner);
/* step_migrate_ask.c */
void migrate_ask(struct runner *runner);
/* What the plan's scripts do, call by call; the caller owns it. */
char *migrate_script_text(const struct runner *runner);
void step_verify_revision_begin(struct runner *runner);
void step_wait_begin(struct runner *runner);
void step_wait_look(struct runner *runner);

#endif
