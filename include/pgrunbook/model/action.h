/*
 * The built-in actions of a `pgrunbook` fence, one a line:
 *
 *   identify | check NAME... | backup | verify-backup | upgrade TARGET |
 *   downgrade TARGET | verify-revision TARGET | wait replicas [lag<10s] [within 10min]
 * | ask NAME "QUESTION" | note "TEXT"
 */
#ifndef PGRUNBOOK_MODEL_ACTION_H
#define PGRUNBOOK_MODEL_ACTION_H

#include <stdbool.h>
#include <stdint.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/strlist.h"

enum action_kind {
	ACTION_IDENTIFY,
	ACTION_CHECK,
	ACTION_BACKUP,
	ACTION_VERIFY_BACKUP,
	ACTION_UPGRADE,
	ACTION_DOWNGRADE,
	ACTION_VERIFY_REVISION,
	ACTION_WAIT_REPLICAS,
	ACTION_ASK,
	ACTION_NOTE
};

struct action {
	enum action_kind kind;
	struct strlist checks; /* of check */
	char *target;	   /* of upgrade, downgrade, verify-revision; may be "<name>" */
	int64_t lag_us;	   /* of wait replicas; -1: every replica replayed all */
	int64_t within_us; /* of wait replicas; default 10 minutes */
	char *name;	   /* of ask: the answer's name */
	char *text;	   /* of ask and note */
};

/* Parses one line; '#' begins a comment.  The error says what is wrong and lists what
 * is known; nothing has to be freed then. */
bool action_parse(const char *line, struct action *action, struct error *error);
void action_free(struct action *action);
/* "downgrade", "verify-backup", "wait replicas"; static. */
const char *action_name(enum action_kind kind);
/* Is this a name that `check` takes?  heads, unknown-revision, downgrades, replicas,
 * locks, transactions, backup, disk, rights. */
bool action_knows_check(const char *name);

#endif
