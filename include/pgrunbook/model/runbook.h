/*
 * A runbook: a Markdown file read into blocks to show and steps to do.  Any Markdown
 * loads; what can't be run safely is shown and can be ticked, with the reason.  Pure:
 * bytes in, values out; the file is never written.
 */
#ifndef PGRUNBOOK_MODEL_RUNBOOK_H
#define PGRUNBOOK_MODEL_RUNBOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/action.h"
#include "pgrunbook/model/danger.h"
#include "pgrunbook/model/entry.h"

enum step_kind {
	STEP_ATTEST, /* a person does it and ticks it */
	STEP_SHELL,  /* one command, run by bash -o pipefail -c */
	STEP_SQL,    /* one statement, over libpq */
	STEP_ACTION  /* built in */
};

/* All strings are owned by the runbook; text is the file's bytes: sanitise to show. */
struct step {
	char *id;   /* stable: the section's slug and a number: "backup-1" */
	int number; /* from 1 over the whole runbook */
	enum step_kind kind;
	char *title;   /* the comment above a command, the text of a task item, ... */
	char *command; /* as written; NULL for an attestation */
	int line;      /* in the file, from 1 */
	int section;   /* index of the heading block it stands under; -1: none */
	enum danger danger;
	struct action action;  /* of STEP_ACTION */
	struct strlist inputs; /* names of placeholders to fill, in order: "revision" */
	/*
	 * Why it is not run from here (a choice between alternatives, interactive,
	 * endless, a literal revision that is an example, ...): it is shown and can be
	 * ticked. NULL: it can be run.
	 */
	char *by_hand;
	bool optional; /* in a folded section (writing, testing, CI): not counted as
			  open */
};

enum block_kind { BLOCK_HEADING, BLOCK_TEXT, BLOCK_CODE, BLOCK_STEP };

struct block {
	enum block_kind kind;
	int level;  /* of a heading: 1..6; of a list item's text: its depth */
	char *text; /* heading or paragraph as plain text; code as it is; NULL for a
		       step */
	int step;   /* index into steps */
	int line;
};

struct runbook {
	char *path;		      /* as given */
	char *name;		      /* file name without ".md" */
	char *title;		      /* front matter, first heading, or the name */
	char sha256[ENTRY_HASH_TEXT]; /* of the bytes that were read: what runs is what
					 was read */
	struct block *blocks;
	size_t block_count, block_capacity;
	struct step *steps;
	size_t step_count, step_capacity;
	struct strlist
		notes; /* what the reader should know: "line 12: unknown action" */
};

/* NULL with an error only if the bytes are no text (NUL bytes) or a pgrunbook fence is
 * wrong (file and line).  Free with runbook_free. */
struct runbook *runbook_read(
	const char *path, const char *bytes, size_t length, struct error *error);
void runbook_free(struct runbook *runbook);
int runbook_find_step(const struct runbook *runbook, const char *id); /* -1: none */

/*
 * Revisions that a step's command names outright ("alembic downgrade ae10"): one that
 * the tree doesn't have marks an example, which must not run.  Appends to `revisions`.
 */
void runbook_literal_revisions(const struct step *step, struct strlist *revisions);

/*
 * How dangerous the step is with `command` in place of its own, placeholders filled:
 * never less than the step says, and `downgrade base` is refused whatever it was.
 */
enum danger runbook_filled_danger(const struct step *step, const char *command);

/* "upgrade" of "/some/where/upgrade.md"; the caller owns it. */
char *runbook_name_of(const char *path);

/* "attest", "shell", "sql", "action"; static. */
const char *step_kind_name(enum step_kind kind);

/* Input names that ask for a revision get a picker fed by the tree. */
bool runbook_input_is_revision(const char *name);

#endif
