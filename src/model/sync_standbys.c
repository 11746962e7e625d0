/* Commits that wait for a standby's word, and why nobody gives it. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/model/replication.h"

/* A commit that waits as long as that is worth a word though all are connected. */
enum { SYNC_LONG_US = 2 * 1000 * 1000 };

/* Whether the text begins with that keyword and a blank after it; steps over both. */
static bool
sync_keyword(const char **at, const char *keyword)
{
	size_t length = strlen(keyword);

	for (size_t i = 0; i < length; i++) {
		if (((*at)[i] | 0x20) != keyword[i])
			return false;
	}
	if (!strchr(" \t\n", (*at)[length]) || (*at)[length] == '\0')
		return false;
	*at += length;
	*at += strspn(*at, " \t\n");
	return true;
}

/* "FIRST 2 (a, b)", "ANY 2 (a, b)", "2 (a, b)", or a list, which means one. */
size_t
sync_standbys_needed(const char *names)
{
	const char *at = names;
	char *end;
	unsigned long count;

	if (!names)
		return 0;
	at += strspn(at, " \t\n");
	if (*at == '\0')
		return 0;
	if (!sync_keyword(&at, "first"))
		sync_keyword(&at, "any");
	count = strtoul(at, &end, 10);
	end += strspn(end, " \t\n");
	return *end == '(' && count > 0 && count < 1000 ? count : 1;
}

int
replication_sync_connected(const struct replication *replication)
{
	int connected = 0;

	for (size_t i = 0; i < replication->count; i++) {
		const struct replica *item = &replication->items[i];

		if (!item->from_primary || item->upstream)
			continue;
		if (!item->state)
			return -1; /* hidden from our role */
		if (item->sync_state && item->cause != REPLICA_SILENT &&
			(strcmp(item->sync_state, "sync") == 0 ||
				strcmp(item->sync_state, "quorum") == 0))
			connected++;
	}
	return replication->problem ? -1 : connected;
}

void
replication_count_waiting(struct replication *replication,
	const struct session_list *sessions, bool monitor, int64_t server_now_us)
{
	struct sync_standbys *sync = &replication->sync;

	sync->waiting_known = monitor;
	for (size_t i = 0; i < sessions->count; i++) {
		const struct session *session = &sessions->items[i];
		int64_t since = session->query_start_us;

		if (!session->wait_event || strcmp(session->wait_event, "SyncRep") != 0)
			continue;
		sync->waiting++;
		if (since && server_now_us - since > sync->longest_us)
			sync->longest_us = server_now_us - since;
	}
}

/* "3 commits wait for a synchronous standby, for up to 42s". */
static char *
sync_waiting_words(const struct sync_standbys *sync)
{
	char age[DURATION_TEXT];

	if (sync->waiting == 0)
		return alloc_copy("commits will wait for a synchronous standby");
	return alloc_printf("%zu commit%s wait%s for a synchronous standby, for up to "
			    "%s",
		sync->waiting, sync->waiting == 1 ? "" : "s",
		sync->waiting == 1 ? "s" : "", duration_format(sync->longest_us, age));
}

char *
replication_sync_words(const struct replication *replication)
{
	const struct sync_standbys *sync = &replication->sync;
	size_t needed = sync_standbys_needed(sync->names);
	int connected = replication_sync_connected(replication);
	char *waiting, *words;

	if (needed == 0)
		return NULL;
	if (connected < 0 || (size_t)connected >= needed)
		return sync->waiting > 0 && sync->longest_us > SYNC_LONG_US
			       ? sync_waiting_words(sync)
			       : NULL;
	waiting = sync_waiting_words(sync);
	words = alloc_printf("%s: %d of %zu connected", waiting, connected, needed);
	free(waiting);
	return words;
}

char *
replication_sync_remedy(const struct replication *replication)
{
	int connected = replication_sync_connected(replication);

	if (connected < 0 ||
		(size_t)connected >= sync_standbys_needed(replication->sync.names))
		return alloc_copy(
			"A standby is connected and doesn't confirm in time: with "
			"synchronous_commit = remote_apply that is its replay (paused, "
			"or in a conflict), else its disk or the network.");
	return alloc_copy(
		"Bring the standby back.  Or give up the guarantee: ALTER SYSTEM SET "
		"synchronous_standby_names = ''; SELECT pg_reload_conf().  To cancel a "
		"commit that waits doesn't undo it: it is committed here, and perhaps "
		"nowhere else.");
}
