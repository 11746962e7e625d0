/* Modes, names and remedies: what is said about locks rather than computed. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/locks.h"
#include "pgrunbook/model/server.h"

/*
 * Table 13.2 of the manual, "Conflicting Lock Modes": a bit for each mode that a held
 * one keeps waiting, in the order of this list.
 */
static const struct {
	const char *name;
	unsigned conflicts;
} lock_modes[] = {
	{ "AccessShareLock", 0x80 },
	{ "RowShareLock", 0xc0 },
	{ "RowExclusiveLock", 0xf0 },
	{ "ShareUpdateExclusiveLock", 0xf8 },
	{ "ShareLock", 0xec },
	{ "ShareRowExclusiveLock", 0xfc },
	{ "ExclusiveLock", 0xfe },
	{ "AccessExclusiveLock", 0xff },
};

static int
lock_mode_index(const char *name)
{
	for (int i = 0; i < (int)(sizeof(lock_modes) / sizeof(lock_modes[0])); i++) {
		if (strcmp(lock_modes[i].name, name) == 0)
			return i;
	}
	return -1;
}

bool
lock_modes_conflict(const char *held, const char *wanted)
{
	int a = lock_mode_index(held), b = lock_mode_index(wanted);

	/* A mode of a version to come: better one blocker too many than none. */
	if (a < 0 || b < 0)
		return true;
	return lock_modes[a].conflicts >> b & 1;
}

const char *
lock_node_kind_name(enum lock_node_kind kind)
{
	switch (kind) {
	case LOCK_NODE_SESSION:
		return "session";
	case LOCK_NODE_PREPARED:
		return "prepared";
	case LOCK_NODE_SAFE_SNAPSHOT:
		return "safe-snapshot";
	case LOCK_NODE_AUTOVACUUM:
		return "autovacuum";
	case LOCK_NODE_WRAPAROUND:
		return "autovacuum-wraparound";
	case LOCK_NODE_STARTUP:
		return "startup";
	case LOCK_NODE_WALSENDER:
		return "walsender";
	case LOCK_NODE_APPLY:
		return "apply";
	case LOCK_NODE_WORKER:
		return "worker";
	case LOCK_NODE_PARALLEL:
		return "parallel";
	case LOCK_NODE_OURS:
		return "ours";
	case LOCK_NODE_GONE:
		break;
	}
	return "gone";
}

static const char *
lock_session_remedy(const struct lock_row *row)
{
	const struct session *session = row->session;

	if (row->cycle)
		return "A deadlock: the server ends one of its sessions after "
		       "deadlock_timeout; nothing has to be done.";
	if (session && session->migration)
		return "This is the migration: it blocks others as long as it runs; "
		       "cancelling its query rolls its transaction back.";
	if (row->wait)
		return "It waits itself: end what it waits for, or cancel its query to "
		       "let those behind it pass.";
	switch (session ? session->state : SESSION_STATE_UNKNOWN) {
	case SESSION_ACTIVE:
	case SESSION_FASTPATH:
		return "Cancel its query: that rolls its transaction back, but for "
		       "what "
		       "came before a savepoint; terminate it where that doesn't help.";
	case SESSION_IDLE_IN_TRANSACTION:
	case SESSION_IDLE_IN_TRANSACTION_ABORTED:
		return "It does nothing and keeps its transaction open: have its "
		       "client "
		       "commit, or terminate it (there is no query to cancel).";
	case SESSION_IDLE:
		return "It is idle and keeps a lock of its session, such as an "
		       "advisory "
		       "lock: have its client unlock, or terminate it.";
	case SESSION_STATE_UNKNOWN:
	case SESSION_DISABLED:
	case SESSION_STARTING:
		break;
	}
	return "What it does is hidden from this role (" SERVER_NEEDS_MONITOR
	       "), and so is which session it is: its owner can end it, or who is "
	       "shown that.";
}

const char *
lock_row_remedy(const struct lock_row *row)
{
	switch (row->kind) {
	case LOCK_NODE_SESSION:
	case LOCK_NODE_PARALLEL:
		return lock_session_remedy(row);
	case LOCK_NODE_OURS:
		return row->session && row->session->own
			       ? "The console's own look: it gives up by itself within "
				 "4 s."
			       : "A step of the runbook that runs: abort it in the "
				 "pane "
				 "Runbook, or cancel its query.";
	case LOCK_NODE_PREPARED:
		return "A prepared transaction: only COMMIT PREPARED or ROLLBACK "
		       "PREPARED "
		       "in its database ends it, by its owner or a superuser.";
	case LOCK_NODE_SAFE_SNAPSHOT:
		return "It waits for a safe snapshot: it goes on when the serializable "
		       "transactions that write now have ended.";
	case LOCK_NODE_AUTOVACUUM:
		return "Autovacuum yields by itself to a lock that waits for it, "
		       "within "
		       "deadlock_timeout.";
	case LOCK_NODE_WRAPAROUND:
		return "Autovacuum to prevent wraparound doesn't yield and comes back "
		       "when "
		       "ended: let it finish.";
	case LOCK_NODE_STARTUP:
		return row->wait ? "Replay on a standby: it can't be ended; it goes on "
				   "when "
				   "what it waits for has ended, which the server sees "
				   "to "
				   "after max_standby_streaming_delay."
				 : "Replay on a standby: it can't be ended; it keeps "
				   "this "
				   "until the transaction that took it on the primary "
				   "has "
				   "ended there, and that has been replayed.";
	case LOCK_NODE_WALSENDER:
		return "A walsender: to terminate it disconnects a replica, a "
		       "subscriber or a base backup, which then comes back or fails.";
	case LOCK_NODE_APPLY:
		return "A subscription's worker: cancelled or terminated, it starts "
		       "again and takes the same transaction up; ALTER SUBSCRIPTION "
		       "... "
		       "DISABLE stops it.";
	case LOCK_NODE_WORKER:
		return "A background process of the server: what it belongs to says "
		       "how it is ended; its type is told below.";
	case LOCK_NODE_GONE:
		break;
	}
	return "It is gone already.";
}

const char *
lock_end_name(enum lock_end how)
{
	switch (how) {
	case LOCK_END_CANCEL:
		return "cancel";
	case LOCK_END_TERMINATE:
		return "terminate";
	default:
		return "rollback";
	}
}

const char *
lock_end_words(enum lock_end how)
{
	switch (how) {
	case LOCK_END_CANCEL:
		return "if cancelled";
	case LOCK_END_TERMINATE:
		return "if terminated";
	default:
		return "if rolled back";
	}
}

char *
lock_words(const char *object, const char *mode)
{
	size_t length = mode ? strlen(mode) : 0;

	if (length > 4 && strcmp(mode + length - 4, "Lock") == 0)
		length -= 4;
	return alloc_printf("%s%s%.*s", object ? object : "?", length ? " " : "",
		(int)length, length ? mode : "");
}

char *
lock_hold_words(const struct lock_hold *hold)
{
	const char *object = hold->object ? hold->object : hold->kind;

	if (hold->kind && strcmp(hold->kind, "virtualxid") == 0)
		return alloc_copy("an open transaction");
	/* Nobody has these but in one mode. */
	if (!hold->mode ||
		(hold->kind && (strcmp(hold->kind, "transactionid") == 0 ||
				       strcmp(hold->kind, "virtualxid") == 0 ||
				       strcmp(hold->kind, "spectoken") == 0)))
		return alloc_copy(object ? object : "?");
	return lock_words(object, hold->mode);
}

char *
lock_row_name(const struct lock_row *row)
{
	if (row->session)
		return session_name(row->session);
	if (row->pid != 0)
		return alloc_printf("%d", row->pid);
	return alloc_printf("prepared transaction %s",
		row->prepared && row->prepared->gid ? row->prepared->gid : "?");
}

const char *
lock_node_kind_words(enum lock_node_kind kind)
{
	switch (kind) {
	case LOCK_NODE_SAFE_SNAPSHOT:
		return "snapshot";
	case LOCK_NODE_WRAPAROUND:
		return "wraparound";
	case LOCK_NODE_STARTUP:
		return "replay";
	default:
		return lock_node_kind_name(kind);
	}
}

const char *
lock_row_query(const struct lock_row *row)
{
	if (row->prepared)
		return row->prepared->gid;
	if (!row->session)
		return NULL;
	/* The server's own words for it are in place of the text. */
	if (session_is_hidden(row->session))
		return "hidden: " SERVER_NEEDS_MONITOR;
	return row->session->query;
}

char *
lock_row_wants(const struct lock_row *row)
{
	const struct lock_wait *wait = row->wait;

	if (!wait)
		return NULL;
	if (wait->kind && strcmp(wait->kind, "virtualxid") == 0 &&
		row->waits_for_count == 1 && row->waits_for[0] != 0)
		return alloc_printf("the end of %d's transaction", row->waits_for[0]);
	return lock_words(wait->object ? wait->object : wait->kind, wait->mode);
}

char *
lock_row_has(const struct lock_row *row)
{
	struct str out = { 0 };

	for (size_t i = 0; i < row->hold_count; i++) {
		char *words = lock_hold_words(&row->holds[i]);

		str_printf(&out, "%s%s", i ? ", " : "", words);
		free(words);
	}
	return row->hold_count ? str_take(&out) : NULL;
}

static bool
lock_prepared_holds_up(const struct lock_prepared *prepared, int pid)
{
	for (size_t i = 0; prepared && i < prepared->waiter_count; i++) {
		if (prepared->waiters[i] == pid)
			return true;
	}
	return false;
}

/* All of them are one 0 among the blockers. */
static void
lock_add_prepared_names(
	const struct lock_forest *forest, const struct lock_row *row, struct str *out)
{
	bool found = false;

	for (size_t i = 0; row->wait && i < lock_forest_rows(forest); i++) {
		const struct lock_prepared *prepared =
			lock_forest_row(forest, i)->prepared;

		if (!lock_prepared_holds_up(prepared, row->wait->pid))
			continue;
		str_printf(out, "%sprepared transaction '%s'", out->length ? ", " : "",
			prepared->gid);
		found = true;
	}
	if (!found)
		str_printf(out, "%sa prepared transaction", out->length ? ", " : "");
}

bool
lock_row_waits_for(const struct lock_row *row, int pid)
{
	for (size_t i = 0; i < row->waits_for_count; i++) {
		if (row->waits_for[i] == pid)
			return true;
	}
	return false;
}

char *
lock_row_behind(
	const struct lock_forest *forest, const struct lock_row *row, size_t from)
{
	struct str out = { 0 };

	for (size_t i = from; i < row->waits_for_count; i++) {
		if (row->waits_for[i] == 0)
			lock_add_prepared_names(forest, row, &out);
		else
			str_printf(&out, "%s%d", out.length ? ", " : "",
				row->waits_for[i]);
	}
	return row->waits_for_count > from ? str_take(&out) : NULL;
}
