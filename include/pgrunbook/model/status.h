/* Where a database stands against its tree: the version table's rows held to the heads.
 */
#ifndef PGRUNBOOK_MODEL_STATUS_H
#define PGRUNBOOK_MODEL_STATUS_H

#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/tree.h"
#include "pgrunbook/model/version.h"

enum status_kind {
	STATUS_UNKNOWN,	    /* the tree or the table isn't read yet */
	STATUS_NO_TREE,	    /* no script could be read */
	STATUS_NO_TABLE,    /* no version table: nothing was ever applied */
	STATUS_OTHER_TABLE, /* what is configured has no column version_num */
	STATUS_NOT_PERMITTED,
	STATUS_SEVERAL_TABLES,
	STATUS_UNKNOWN_REVISION, /* a row that the tree doesn't have */
	STATUS_IN_SYNC,		 /* at every head */
	STATUS_SEVERAL_HEADS,	 /* more than one head, and not all are applied */
	STATUS_PENDING,		 /* behind the head */
	STATUS_BROKEN		 /* the tree has a defect: see tree_first_defect */
};

struct status {
	enum status_kind kind;
	struct tree_list applied; /* all revisions that the rows imply */
	struct tree_list pending; /* what upgrade heads would run, oldest first */
	struct tree_list current; /* the rows that the tree knows */
	struct strlist unknown;	  /* the rows that it doesn't */
	size_t null_rows;	  /* and those that say nothing */
};

/* `tree` may be NULL (not loaded yet).  Free with status_free. */
void status_make(const struct tree *tree, const struct version_rows *rows,
	struct status *status);
void status_free(struct status *status);
/* "in sync", "3 pending", "unknown revision 0099": words for the header. */
char *status_words(const struct status *status);

#endif
