/* Whether two readings of a version file say the same. */
#ifndef PGRUNBOOK_TESTS_MODEL_SCRIPT_SAME_H
#define PGRUNBOOK_TESTS_MODEL_SCRIPT_SAME_H

#include <string.h>

#include "pgrunbook/model/script.h"

static inline bool
script_same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static inline bool
script_same_function(const struct script_function *a, const struct script_function *b)
{
	return a->body == b->body && a->line == b->line &&
	       a->commit_line == b->commit_line;
}

/* The name of what differs; NULL: nothing does. */
static inline const char *
script_difference(const struct script *a, const struct script *b)
{
	if (!script_same_text(a->revision, b->revision) ||
		a->lines[SCRIPT_REVISION] != b->lines[SCRIPT_REVISION])
		return "revision";
	if (!strlist_equal(&a->down_revision, &b->down_revision) ||
		a->lines[SCRIPT_DOWN_REVISION] != b->lines[SCRIPT_DOWN_REVISION])
		return "down_revision";
	if (!strlist_equal(&a->branch_labels, &b->branch_labels) ||
		a->lines[SCRIPT_BRANCH_LABELS] != b->lines[SCRIPT_BRANCH_LABELS])
		return "branch_labels";
	if (!strlist_equal(&a->depends_on, &b->depends_on) ||
		a->lines[SCRIPT_DEPENDS_ON] != b->lines[SCRIPT_DEPENDS_ON])
		return "depends_on";
	if (!script_same_text(a->message, b->message) ||
		!script_same_text(a->docstring, b->docstring))
		return "docstring";
	if (!script_same_function(&a->upgrade, &b->upgrade) ||
		!script_same_function(&a->downgrade, &b->downgrade))
		return "functions";
	if (memcmp(a->senses, b->senses, sizeof(a->senses)) != 0 ||
		!script_same_text(a->problem, b->problem))
		return "problem";
	return NULL;
}

#endif
