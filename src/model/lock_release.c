/* What happens when somebody who holds up others is ended. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/server.h"
#include "src/model/lock_forest.h"

static const char *
release_refused(const struct lock_row *row, enum lock_end how)
{
	enum session_state state =
		row->session ? row->session->state : SESSION_STATE_UNKNOWN;

	if (row->kind == LOCK_NODE_GONE)
		return "it is gone already";
	if (row->kind == LOCK_NODE_STARTUP)
		return "replay can't be ended";
	if (row->kind == LOCK_NODE_PREPARED)
		return how == LOCK_END_ROLLBACK
			       ? NULL
			       : "a prepared transaction has no session";
	if (how == LOCK_END_ROLLBACK)
		return "it is no prepared transaction";
	if (row->session && row->session->own)
		return "that is the console's own session";
	if (how == LOCK_END_CANCEL &&
		(state == SESSION_IDLE || state == SESSION_IDLE_IN_TRANSACTION ||
			state == SESSION_IDLE_IN_TRANSACTION_ABORTED))
		return "it runs no query to cancel";
	return NULL;
}

/* Only who runs a query can be cancelled. */
static const char *
release_unknown(const struct lock_row *row, enum lock_end how)
{
	if (how != LOCK_END_CANCEL || !row->session)
		return NULL;
	if (session_is_hidden(row->session))
		return "what it does is hidden from this role: " SERVER_NEEDS_MONITOR;
	if (row->session->state == SESSION_DISABLED)
		return "what it does isn't tracked: its track_activities is off";
	return NULL;
}

bool
lock_row_ends(const struct lock_row *row, enum lock_end how)
{
	return (row->kind == LOCK_NODE_PREPARED) == (how == LOCK_END_ROLLBACK);
}

static bool
release_has_advisory(const struct lock_row *row)
{
	for (size_t i = 0; i < row->hold_count; i++) {
		if (row->holds[i].kind && strcmp(row->holds[i].kind, "advisory") == 0)
			return true;
	}
	return false;
}

struct lock_release
lock_forest_release(const struct lock_forest *forest, size_t row, enum lock_end how)
{
	const struct lock_row *at = &forest->rows[row];
	struct lock_release count = { .refused = release_refused(at, how) };
	const struct lock_freed *freed = &forest->freed[row];

	if (!count.refused)
		count.unknown = release_unknown(at, how);
	if (count.refused || at->held_up == 0)
		return count;
	count.at_most = how == LOCK_END_CANCEL && release_has_advisory(at);
	count.at_once = freed->at_once;
	count.later = freed->all - freed->at_once;
	count.still = at->held_up - freed->all;
	return count;
}

char *
lock_release_words(const struct lock_release *release)
{
	struct str out = { 0 };

	if (release->refused) {
		str_printf(&out, "not possible: %s", release->refused);
		return str_take(&out);
	}
	if (release->unknown)
		str_printf(
			&out, "not known (%s); if it runs a query, ", release->unknown);
	if (release->at_once + release->later + release->still == 0)
		str_add(&out, "nobody waits for it");
	else if (release->at_once == 0)
		str_add(&out, "nobody goes on at once");
	else
		str_printf(&out, "%s%zu %s on at once",
			release->at_most ? "at most " : "", release->at_once,
			release->at_once == 1 ? "goes" : "go");
	if (release->later > 0)
		str_printf(&out, ", %zu after %s", release->later,
			release->at_once == 0	? "others"
			: release->at_once == 1 ? "it"
						: "them");
	if (release->still > 0)
		str_printf(&out, ", %zu %s still behind others", release->still,
			release->still == 1 ? "is" : "are");
	if (release->at_most)
		str_add(&out, " (an advisory lock of its session stays)");
	return str_take(&out);
}
