/* An incident as a Markdown document for the review: a fold over its entries. */
#ifndef PGRUNBOOK_MODEL_REPORT_H
#define PGRUNBOOK_MODEL_REPORT_H

#include "pgrunbook/base/str.h"
#include "pgrunbook/model/entry.h"

/*
 * What a review asks.  The runner asks these before an incident closes, with `name` as
 * question.name; an answer may be empty and is a TODO in the report then.
 */
struct report_question {
	const char *name, *text;
};
const struct report_question *report_questions(size_t *count);

/* Timeline in UTC, checklist, commands with outcome and duration, revisions, answers
 * (empty ones as TODO), open points, and how far the chain can be trusted. */
void report_markdown(const char *id, const struct entry *entries, size_t count,
	const struct log_check *check, struct str *out);

/* The last part alone, plain text, a sentence or two a line: what the chain shows, and
 * what it can't. */
void report_chain(const struct log_check *check, struct str *out);

#endif
