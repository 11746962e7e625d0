/* The inside of `pgrunbook log`, shared by its files.  Nobody else includes this. */
#ifndef PGRUNBOOK_APP_COMMAND_LOG_PARTS_H
#define PGRUNBOOK_APP_COMMAND_LOG_PARTS_H

#include <stdbool.h>

#include "pgrunbook/base/str.h"
#include "pgrunbook/drive/incident.h"
#include "pgrunbook/model/entry.h"

enum { LOG_COLUMNS = 80 };

/*
 * The incident that `part` names: "last", a whole name, or a part that only one has.
 * NULL after a complaint that lists what it could be.  The caller owns it.
 */
char *log_find(const char *root, const char *part, struct str *complaints);

/* Sanitised text, wrapped to LOG_COLUMNS, every line after the first indented. */
void log_wrap(struct str *out, int column, int indent, const char *text);

/* The incident as lines to read: what it is, then every entry by time. */
void log_show(const char *id, const struct entry_list *entries,
	const struct log_check *check, struct str *out);

/* The incident as one JSON document, in ASCII. */
void log_export_json(const char *id, const struct str *raw,
	const struct log_check *check, struct str *out);

#endif
