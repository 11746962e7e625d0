/*
 * What one Alembic version file says, read from its bytes without Python.  The rules
 * are Alembic's: any top-level binding of the four names counts and the last one wins.
 * What is computed is marked unknown with its line, never guessed.
 *
 * It is read in two depths: script_read takes what a tree is made of, for thousands of
 * files at once; script_operations_read takes the calls, for the file that is looked
 * at.
 */
#ifndef PGRUNBOOK_MODEL_SCRIPT_H
#define PGRUNBOOK_MODEL_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/strlist.h"

/* What stands in upgrade() or downgrade(). */
enum script_body {
	BODY_MISSING, /* no such function */
	BODY_EMPTY,   /* pass, a docstring, "..." and nothing else */
	BODY_RAISES,  /* its first statement that does anything is a raise */
	BODY_REAL,
	BODY_ELSEWHERE /* bound, but not by a def in this file: imported, assigned */
};

struct script_function {
	enum script_body body;
	int line;	 /* of its def; 0 when missing */
	int commit_line; /* where autocommit_block ends the transaction; 0: nowhere */
};

/* The names that make a file a revision. */
enum script_name {
	SCRIPT_REVISION,
	SCRIPT_DOWN_REVISION,
	SCRIPT_BRANCH_LABELS,
	SCRIPT_DEPENDS_ON,
	SCRIPT_NAMES
};

/* What the file tells of such a name's value. */
enum script_sense {
	SCRIPT_CLEAR,	 /* all, or nothing is bound */
	SCRIPT_COMPUTED, /* that only Python knows it */
	SCRIPT_NO_ID	 /* that it is neither None nor made of strings */
};

struct script {
	char *path;		      /* as given; for messages */
	char *revision;		      /* owned; NULL if the file is broken */
	struct strlist down_revision; /* empty: base */
	struct strlist branch_labels;
	struct strlist depends_on;
	/* Where the last binding of each begins; 0: there is none. */
	int lines[SCRIPT_NAMES];
	enum script_sense senses[SCRIPT_NAMES];
	char *message; /* the docstring up to its first blank line, stripped; "" if none
			*/
	char *docstring; /* stripped; "" if none */
	struct script_function upgrade, downgrade;
	char *problem; /* why this file is no revision, with file and line; NULL: fine
			*/
};

/*
 * Reads `length` bytes of the file `path` (used for the id of files without a
 * `revision`, and in messages).  Always fills *script; a file that can't be understood
 * has a `problem`.  Free with script_free.
 */
void script_read(
	const char *path, const char *bytes, size_t length, struct script *script);
void script_free(struct script *script);

/* "down_revision" */
const char *script_name_text(enum script_name name);
/* Whether all of the names are clear. */
bool script_is_clear(const struct script *script);

/* What an argument of a call is, as far as it is written down. */
enum script_argument_kind {
	GIVEN_COMPUTED, /* Python would have to run */
	GIVEN_TEXT,	/* also op.f("..."), sa.text("...") */
	GIVEN_NUMBER,
	GIVEN_CONSTANT, /* True, False or None */
	GIVEN_LIST,	/* of texts: a tuple, list or set */
	GIVEN_COLUMN,	/* sa.Column("name", ...) */
	GIVEN_TABLE	/* sa.table("name", ...), or what op.create_table gave */
};

struct script_argument {
	char *keyword; /* NULL: positional */
	enum script_argument_kind kind;
	bool spread; /* *NAME or **NAME: what comes after it has no known place */
	int line;
	/*
	 * Of a text what it stands for, of numbers and constants what is written, of a
	 * column or table its name; NULL of the others, and of a name that is computed.
	 */
	char *text;
	struct strlist items; /* of a list */
};

struct script_call {
	/*
	 * "add_column" of op.add_column(...), however the module was imported;
	 * "batch.add_column" of what batch_alter_table gave; "bind.execute" of what
	 * op.get_bind gave, or of a session on that (and .scalar, .scalars,
	 * .exec_driver_sql).
	 */
	char *name;
	char *text; /* the call on one line, shortened only by joining lines */
	int line;
	char *via;   /* the function of this file that it stands in; NULL: the asked one
		      */
	char *batch; /* the table of a batch; NULL: computed, or no batch */
	struct script_argument *arguments;
	size_t argument_count;
};

/*
 * In the order of the text.  A function of the file that is called is listed where it
 * is called first, and once: all the calls in it, whatever it is given.
 */
struct script_calls {
	struct script_call *items;
	size_t count, capacity;
	bool more; /* there are more than a file that means well ever has */
};

/* What the functions ask of alembic.op. */
struct script_operations {
	struct script_calls upgrade, downgrade;
};

/*
 * Reads them from the bytes of a version file.  No tree keeps them: they are several
 * times as much as all that its graph needs, and asked for one revision at a time.
 * drive/tree_load.h reads them from a revision's file.
 */
void script_operations_read(
	const char *bytes, size_t length, struct script_operations *operations);
void script_operations_free(struct script_operations *operations);

/* Whether Alembic takes a file of this name for a version file. */
bool script_is_version_file(const char *name);
/* Whether it takes it for a compiled one, which counts if `sourceless` is set. */
bool script_is_compiled_file(const char *name);

#endif
