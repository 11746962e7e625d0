#include "pgrunbook/app/action.h"

#include "pgrunbook/base/key.h"

static const struct action_row rows[ACT_COUNT] = {
#define ACTION(id_, key_, pane_, risk_, help_)                                         \
	[ACT_##id_] = { .id = ACT_##id_,                                               \
		.key = key_,                                                           \
		.pane = pane_,                                                         \
		.risk = risk_,                                                         \
		.help = help_ },
#include "pgrunbook/app/actions.def"
#undef ACTION
};

const struct action_row *
action_table(void)
{
	return rows;
}

/* The second names of keys: vi's movements, and keys that keyboards label alike. */
static uint32_t
action_plain_key(uint32_t code)
{
	switch (code) {
	case 'k':
		return KEY_CODE_UP;
	case 'j':
		return KEY_CODE_DOWN;
	case KEY_CODE_HOME:
		return 'g';
	case KEY_CODE_END:
		return 'G';
	case '\r':
		return KEY_CODE_ENTER;
	default:
		return code;
	}
}

enum action_id
action_for_key(uint32_t code, enum pane_id pane)
{
	code = action_plain_key(code);
	for (int i = 0; i < ACT_COUNT; i++) {
		if ((rows[i].pane == pane || rows[i].pane == PANE_ANY) &&
			key_from_name(rows[i].key) == code)
			return rows[i].id;
	}
	return ACT_NONE;
}
