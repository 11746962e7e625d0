/*
 * What stands behind a fence: the language, and attributes as runme has them, `bash
 * {name=backup interactive=true}` or JSON.
 */
#ifndef PGRUNBOOK_MODEL_FENCE_INFO_H
#define PGRUNBOOK_MODEL_FENCE_INFO_H

#include <stdbool.h>

#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/danger.h"

enum fence_language {
	FENCE_SHELL,
	FENCE_CONSOLE,
	FENCE_SQL,
	FENCE_ACTIONS,
	FENCE_SHOWN
};

struct fence_info {
	enum fence_language language;
	char *name; /* NULL: none given */
	bool ignore, interactive, background;
	bool has_danger; /* danger was given */
	enum danger danger;
	struct strlist problems; /* attributes that aren't known, or not used yet */
};

/* NULL is code without a fence. */
void fence_info_read(const char *text, struct fence_info *info);
void fence_info_free(struct fence_info *info);

#endif
