/* The one table of what keys do (src/app/actions.def). */
#ifndef PGRUNBOOK_APP_ACTION_H
#define PGRUNBOOK_APP_ACTION_H

#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/app/pane.h"

/* How an action is asked about: console.md's table of risks. */
enum risk { RISK_NONE, RISK_MILD, RISK_CHANGE, RISK_SEVERE };

enum action_id {
#define ACTION(id, key, pane, risk, help) ACT_##id,
#include "pgrunbook/app/actions.def"
#undef ACTION
	ACT_COUNT,
	ACT_NONE = ACT_COUNT
};

struct action_row {
	enum action_id id;
	const char *key; /* key_from_name's spelling */
	enum pane_id pane;
	enum risk risk;
	const char *help;
};

/* The table, ACT_COUNT rows. */
const struct action_row *action_table(void);
/* What a key does in a pane; ACT_NONE: nothing. */
enum action_id action_for_key(uint32_t code, enum pane_id pane);

#endif
