/*
 * Text written into Markdown: what comes from outside stays text there.  Sanitised for
 * a terminal as well (base/text.h), since a report is read in one.
 */
#ifndef PGRUNBOOK_MODEL_MARKDOWN_OUT_H
#define PGRUNBOOK_MODEL_MARKDOWN_OUT_H

#include "pgrunbook/base/str.h"

/* On one line, fit for a paragraph, a list item or a table's cell.  NULL is "". */
void markdown_add_text(struct str *out, const char *text);
/* As a code span on one line, fit for a table's cell too. */
void markdown_add_code(struct str *out, const char *text);
/* As a fenced block, each line after `indent`; the fence is longer than any within. */
void markdown_add_fence(
	struct str *out, const char *indent, const char *language, const char *text);
/* Its lines as a quotation, indented by `indent`. */
void markdown_add_quote(struct str *out, const char *indent, const char *text);

#endif
