#include "pgrunbook/model/danger.h"

#include <string.h>

static const char *const names[] = {
	[DANGER_READ] = "read",
	[DANGER_CHANGE] = "change",
	[DANGER_DESTRUCTIVE] = "destructive",
	[DANGER_REFUSED] = "refused",
};

const char *
danger_name(enum danger danger)
{
	return names[danger];
}

bool
danger_parse(const char *name, enum danger *danger)
{
	for (int i = DANGER_READ; i <= DANGER_DESTRUCTIVE; i++) {
		if (strcmp(names[i], name) == 0) {
			*danger = (enum danger)i;
			return true;
		}
	}
	return false;
}

bool
danger_is_base(const char *target)
{
	const char *base = strrchr(target, ':'); /* a range of --sql */

	/* What the shell makes of it isn't known: expect the worst it may say. */
	if (strstr(target, "$'") != NULL ||
		(strpbrk(target, "{*?[") != NULL && strstr(target, "base") != NULL))
		return true;
	base = base != NULL ? base + 1 : target;
	target = strrchr(base, '@'); /* label@base */
	return strcmp(target != NULL ? target + 1 : base, "base") == 0;
}

enum danger
danger_of_action(const struct action *action)
{
	switch (action->kind) {
	case ACTION_UPGRADE:
		return DANGER_CHANGE;
	case ACTION_DOWNGRADE:
		return action->target != NULL && danger_is_base(action->target)
			       ? DANGER_REFUSED
			       : DANGER_DESTRUCTIVE;
	case ACTION_IDENTIFY:
	case ACTION_CHECK:
	case ACTION_BACKUP:
	case ACTION_VERIFY_BACKUP:
	case ACTION_VERIFY_REVISION:
	case ACTION_WAIT_REPLICAS:
	case ACTION_ASK:
	case ACTION_NOTE:
		break;
	}
	return DANGER_READ;
}
