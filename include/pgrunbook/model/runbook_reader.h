/*
 * The parts of reading a runbook, between runbook.c and its kin; of use to nobody else.
 * runbook.c walks the Markdown, runbook_fence.c makes steps of code, runbook_choice.c
 * finds the alternatives among them once all are known.
 */
#ifndef PGRUNBOOK_MODEL_RUNBOOK_READER_H
#define PGRUNBOOK_MODEL_RUNBOOK_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/model/markdown.h"
#include "pgrunbook/model/migration_call.h"
#include "pgrunbook/model/runbook.h"

enum {
	/* More can't be walked through; the rest is shown. */
	RUNBOOK_STEPS_MAX = 2000,
	/* A fence of this size is a script, not a list of commands. */
	RUNBOOK_FENCE_MAX = 16 * 1024,
};

/* What stands between a heading and the next. */
struct runbook_section {
	int heading; /* index of the heading's block; -1: before the first one */
	int level;
	int parent;		   /* index of the section around it; -1: none */
	char *slug, *heading_slug; /* for the ids of its steps; NULL: it has none yet */
	int steps;		   /* how many it has, for their ids */
	bool optional;		   /* itself or one around it */
	bool option;		   /* one of several ways, or inside one */
	char *state; /* the command that changed the shell, for those after it; NULL */
};

/* The steps of one fence. */
struct runbook_fence {
	size_t first, count;
	int section;
	const char
		*installer; /* the package manager that it calls; static; NULL: none */
	char *choice;	    /* why its commands are alternatives; NULL: they aren't */
	int moves[MIGRATION_COUNT]; /* calls that would change the database, by verb */
};

struct runbook_reader {
	struct runbook *runbook;
	const struct markdown *markdown;
	struct error *error;
	struct runbook_section *sections;
	size_t section_count, section_capacity;
	struct runbook_fence *fences;
	size_t fence_count, fence_capacity;
};

/* Adds a block, and a step with the block that shows it; strings are taken over. */
struct block *runbook_add_block(struct runbook_reader *reader, enum block_kind kind,
	int level, char *text, int line);
/* NULL when there are too many.  `name` (may be NULL) is the id its author gave. */
struct step *runbook_add_step(struct runbook_reader *reader, enum step_kind kind,
	char *title, char *command, int line, const char *name);
void runbook_add_note(struct runbook_reader *reader, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Makes blocks and steps of a code block.  False with an error if it is wrong. */
bool runbook_read_fence(
	struct runbook_reader *reader, const struct markdown_block *code);

/* Marks the commands that are alternatives, once all are read. */
void runbook_mark_choices(struct runbook_reader *reader);

#endif
