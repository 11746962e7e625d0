/* Where a database stands against its tree: the version table's rows held to the heads.
 */
#ifndef PGRUNBOOK_MODEL_STATUS_H
#define PGRUNBOOK_MODEL_STATUS_H

#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/tree.h"

/* The version table as it was read. */
enum version_table {
	VERSION_TABLE_NOT_READ, /* no connection yet */
	VERSION_TABLE_MISSING,
	VERSION_TABLE_NOT_PERMITTED, /* it is there; SELECT is not granted */
	VERSION_TABLE_SEVERAL,	     /* several candidates and none configured */
	VERSION_TABLE_READ
};

struct version_rows {
	enum version_table table;
	char *name;		   /* quoted, with schema; NULL unless read */
	struct strlist rows;	   /* sorted; empty: base */
	struct strlist candidates; /* the tables' names if there are several */
	int64_t read_us; /* when, by our clock: older than the snapshot while the table
			  * is locked, because a look would have to wait */
};

enum status_kind {
	STATUS_UNKNOWN,	 /* the tree or the table isn't read yet */
	STATUS_NO_TREE,	 /* no script could be read */
	STATUS_NO_TABLE, /* no version table: nothing was ever applied */
	STATUS_NOT_PERMITTED,
	STATUS_SEVERAL_TABLES,
	STATUS_UNKNOWN_REVISION, /* a row that the tree doesn't have */
	STATUS_IN_SYNC,		 /* at every head */
	STATUS_SEVERAL_HEADS,	 /* more than one head, and not all are applied */
	STATUS_PENDING,		 /* behind the head */
	STATUS_BROKEN		 /* the tree has problems: see tree_problems */
};

struct status {
	enum status_kind kind;
	struct tree_list applied; /* all revisions that the rows imply */
	struct tree_list pending; /* what upgrade heads would run, oldest first */
	struct tree_list current; /* the rows that the tree knows */
	struct strlist unknown;	  /* the rows that it doesn't */
};

/* `tree` may be NULL (not loaded yet).  Free with status_free. */
void status_make(const struct tree *tree, const struct version_rows *rows,
	struct status *status);
void status_free(struct status *status);
/* "in sync", "3 pending", "unknown revision 0099": words for the header. */
char *status_words(const struct status *status);

void version_rows_free(struct version_rows *rows);

#endif
