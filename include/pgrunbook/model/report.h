/* An incident as a Markdown document for the review: a fold over its entries. */
#ifndef PGRUNBOOK_MODEL_REPORT_H
#define PGRUNBOOK_MODEL_REPORT_H

#include "pgrunbook/base/str.h"
#include "pgrunbook/model/entry.h"

/* Timeline in UTC, checklist, commands with outcome and duration, revisions, answers
 * (empty ones as TODO), and how far the chain can be trusted. */
void report_markdown(const char *id, const struct entry *entries, size_t count,
	const struct log_check *check, struct str *out);

#endif
