/*
 * A question to the operator, the only way to anything that changes something.  Keys
 * typed before it opened don't count, nor does what comes in the first 300 ms, nor a
 * held key's repeats, nor a paste.  No by default; Esc always leaves.
 */
#ifndef PGRUNBOOK_APP_ASK_H
#define PGRUNBOOK_APP_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/base/key.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/strlist.h"

enum ask_kind {
	ASK_YES,   /* y, or No */
	ASK_TYPED, /* the phrase, to the letter, then Enter */
	ASK_CHOICE /* one of the choices' keys */
};

/* Whom the answer goes to; the rest of the question is text. */
enum ask_purpose {
	ASK_NOTHING,
	ASK_QUIT,	 /* leave while a step runs */
	ASK_END_SESSION, /* cancel or terminate */
	ASK_STEP,	 /* run this step's command or action */
	ASK_FAILURE,	 /* retry, skip, abort */
	ASK_UNKNOWN,	 /* a step whose outcome is unknown: done, run again, skip */
	ASK_STOP,	 /* how to stop the running step */
	ASK_RESUME,	 /* an incident that was left open */
	ASK_ABORT,
	ASK_CLOSE /* the run is through: close the incident */
};

struct ask_choice {
	char key;
	const char *label; /* static */
};

/* A keyboard repeats a held key first after at most about 600 ms, then faster. */
enum { ASK_GUARD_US = 300000, ASK_REPEAT_US = 700000, ASK_CHOICES = 5 };

struct ask {
	enum ask_purpose purpose; /* ASK_NOTHING: no question is open */
	enum ask_kind kind;
	bool severe;		      /* drawn as an alert */
	char *title;		      /* "Downgrade billing to 0014?" */
	struct strlist labels, facts; /* side by side, the most important first */
	char *command;		      /* exactly what will run; NULL: nothing does */
	struct strlist warnings;
	char *phrase; /* of ASK_TYPED: "billing 0014" */
	struct str typed;
	struct ask_choice choices[ASK_CHOICES]; /* of ASK_CHOICE; ends with key 0 */
	int top;	   /* first line on screen if it doesn't fit */
	bool shown;	   /* on screen: what is typed before that is no answer */
	int64_t opened_us; /* when it was shown */
	uint32_t held; /* the key that may still be held down: what opened the question
			*/
	int64_t held_us; /* when it was last seen */
	bool pasting;
	char *complaint; /* "that is not the phrase"; NULL */
};

enum ask_answer { ASK_PENDING, ASK_NO, ASK_ACCEPTED };

/*
 * Opens `ask` in `slot` (what was there is freed); takes over its texts.  `held` is the
 * key that led here: its repeats are no answer.
 */
void ask_open(struct ask *slot, struct ask *ask, uint32_t held, int64_t now_us);
void ask_fact(struct ask *ask, const char *label, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void ask_warn(struct ask *ask, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* It is on screen now: its first 300 ms begin. */
void ask_show(struct ask *ask, int64_t now_us);
/* One key; *choice is the chosen key of an ASK_CHOICE once it is ASK_ACCEPTED. */
enum ask_answer ask_key(
	struct ask *ask, const struct key *key, int64_t now_us, char *choice);
void ask_close(struct ask *ask);

#endif
