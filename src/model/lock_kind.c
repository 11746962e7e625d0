/* What a node of the forest is. */
#include <string.h>

#include "src/model/lock_forest.h"

/* Of a process that isn't a client's; types are those of pg_stat_activity. */
static enum lock_node_kind
lock_server_kind(const struct session *session)
{
	const char *type = session->backend_type;

	if (strcmp(type, "startup") == 0)
		return LOCK_NODE_STARTUP;
	if (strcmp(type, "walsender") == 0)
		return LOCK_NODE_WALSENDER;
	if (strncmp(type, "logical replication ", 20) == 0 &&
		strcmp(type, "logical replication launcher") != 0)
		return LOCK_NODE_APPLY;
	if (strcmp(type, "autovacuum worker") == 0)
		return session->query &&
				       strstr(session->query, "(to prevent wraparound)")
			       ? LOCK_NODE_WRAPAROUND
			       : LOCK_NODE_AUTOVACUUM;
	return LOCK_NODE_WORKER;
}

/* The console's own session, or that of a step which it started (see app/runner.c). */
static bool
lock_is_ours(const struct session *session)
{
	return session->own || (session->application && strncmp(session->application,
								"pgrunbook:", 10) == 0);
}

/* Whether it has or wants what replay alone takes on a standby: for a role that isn't
 * shown what it is. */
static bool
lock_replays(const struct lock_row *row)
{
	static const char exclusive[] = "AccessExclusiveLock";

	if (row->wait && row->wait->mode && strcmp(row->wait->mode, exclusive) == 0)
		return true;
	for (size_t i = 0; i < row->hold_count; i++) {
		if (row->holds[i].mode && strcmp(row->holds[i].mode, exclusive) == 0)
			return true;
	}
	return false;
}

enum lock_node_kind
lock_kind(const struct lock_row *row, bool parallel, bool standby)
{
	const struct session *session = row->session;

	if (row->pid == 0)
		return LOCK_NODE_PREPARED;
	if (row->wait && row->wait->kind &&
		strcmp(row->wait->kind, "safe-snapshot") == 0)
		return LOCK_NODE_SAFE_SNAPSHOT;
	if ((!session || !session->backend_type) && standby && lock_replays(row))
		return LOCK_NODE_STARTUP;
	if (!session && !row->wait)
		return LOCK_NODE_GONE;
	if (session && lock_is_ours(session))
		return LOCK_NODE_OURS;
	if (session && session->backend_type &&
		strcmp(session->backend_type, "client backend") != 0 &&
		strcmp(session->backend_type, "parallel worker") != 0)
		return lock_server_kind(session);
	return parallel ? LOCK_NODE_PARALLEL : LOCK_NODE_SESSION;
}
