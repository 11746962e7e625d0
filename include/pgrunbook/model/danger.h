/*
 * How much harm a command can do, judged from its text alone.  The class decides how
 * the question is asked, so in doubt it is the higher one: what isn't known to only
 * read is a change, and what looks like taking something away is destructive.
 *
 * Judge again after placeholders are filled: `downgrade <revision>` may become
 * `downgrade base`.
 */
#ifndef PGRUNBOOK_MODEL_DANGER_H
#define PGRUNBOOK_MODEL_DANGER_H

#include <stdbool.h>

#include "pgrunbook/model/action.h"

enum danger {
	DANGER_READ,
	DANGER_CHANGE,	    /* also whatever isn't known */
	DANGER_DESTRUCTIVE, /* downgrade, restore, DROP, DELETE, UPDATE, terminate, ...
			     */
	DANGER_REFUSED	    /* never in a protected environment: downgrade base */
};

/* The worst of all the simple commands in it, substitutions and `bash -c` included. */
enum danger danger_of_shell(const char *command);
/* The worst of all the statements in it; psql's own commands (\dt) are known too. */
enum danger danger_of_sql(const char *statements);
/* Writing a backup reads the database: what it leaves behind is a new file. */
enum danger danger_of_action(const struct action *action);

/* Does a downgrade to it take everything away: base, label@base, head:base? */
bool danger_is_base(const char *target);

/* "read", "change", "destructive", "refused"; static. */
const char *danger_name(enum danger danger);
/* The class of such a name; false if there is none ("refused" is not for authors). */
bool danger_parse(const char *name, enum danger *danger);

#endif
