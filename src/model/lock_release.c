/* What happens when somebody who holds up others is ended. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "src/model/lock_forest.h"

/* What is known of a row while one is taken away. */
enum release_mark {
	RELEASE_NONE,	/* has nothing to do with it */
	RELEASE_BEHIND, /* waits for it, directly or through others */
	RELEASE_STILL	/* and for somebody else who doesn't */
};

struct release {
	const struct lock_forest *forest;
	size_t ended;
	enum release_mark *marks;
	size_t *open;
	size_t opened;
};

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

bool
lock_row_end(const struct lock_row *row, enum lock_end *how)
{
	static const enum lock_end ways[] = { LOCK_END_CANCEL, LOCK_END_TERMINATE,
		LOCK_END_ROLLBACK };

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		*how = ways[i];
		if (!release_refused(row, *how))
			return true;
	}
	return false;
}

/* Marks a row and keeps it for looking at who waits for it. */
static void
release_mark(struct release *release, size_t row, enum release_mark mark)
{
	if (release->marks[row] >= mark || row == release->ended)
		return;
	release->marks[row] = mark;
	release->open[release->opened++] = row;
}

/* Marks whoever waits for those that are open; with RELEASE_STILL only those that are
 * behind the one that ends, too. */
static void
release_spread(struct release *release, enum release_mark mark)
{
	const struct lock_edges *waiters = &release->forest->waiters;

	while (release->opened > 0) {
		size_t at = release->open[--release->opened];

		for (size_t i = waiters->first[at]; i < waiters->first[at + 1]; i++) {
			if (mark == RELEASE_BEHIND ||
				release->marks[waiters->to[i]] != RELEASE_NONE)
				release_mark(release, waiters->to[i], mark);
		}
	}
}

/* Whether somebody keeps it waiting who neither ends nor waits for the one that does.
 */
static bool
release_has_other(const struct release *release, size_t row)
{
	const struct lock_edges *blockers = &release->forest->blockers;

	for (size_t i = blockers->first[row]; i < blockers->first[row + 1]; i++) {
		if (blockers->to[i] != release->ended &&
			release->marks[blockers->to[i]] == RELEASE_NONE)
			return true;
	}
	return false;
}

static void
release_count(const struct release *release, struct lock_release *count)
{
	const struct lock_edges *blockers = &release->forest->blockers;

	for (size_t row = 0; row < release->forest->count; row++) {
		if (release->marks[row] == RELEASE_STILL)
			count->still++;
		else if (release->marks[row] == RELEASE_BEHIND &&
			 blockers->first[row + 1] - blockers->first[row] == 1 &&
			 blockers->to[blockers->first[row]] == release->ended)
			count->at_once++;
		else if (release->marks[row] == RELEASE_BEHIND)
			count->later++;
	}
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
	struct release release = { .forest = forest, .ended = row };

	if (count.refused || at->held_up == 0)
		return count;
	count.at_most = how == LOCK_END_CANCEL && release_has_advisory(at);
	release.marks = alloc_zeroed(forest->count, sizeof(*release.marks));
	release.open = alloc_zeroed(forest->count + 1, sizeof(*release.open));
	release.open[release.opened++] = row;
	release_spread(&release, RELEASE_BEHIND);
	for (size_t i = 0; i < forest->count; i++) {
		if (release.marks[i] == RELEASE_BEHIND &&
			release_has_other(&release, i))
			release_mark(&release, i, RELEASE_STILL);
	}
	release_spread(&release, RELEASE_STILL);
	release_count(&release, &count);
	free(release.marks);
	free(release.open);
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
	if (release->at_once + release->later + release->still == 0)
		return alloc_copy("nobody waits for it");
	if (release->at_once == 0)
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
