#include "pgrunbook/model/snapshot.h"

#include <stdlib.h>

const char *
snapshot_problem(const struct snapshot *snapshot, unsigned sources)
{
	for (unsigned i = 0; i < SNAPSHOT_SOURCES; i++) {
		if ((sources & 1U << i) && snapshot->problems[i])
			return snapshot->problems[i];
	}
	return NULL;
}

void
snapshot_free(struct snapshot *snapshot)
{
	if (!snapshot)
		return;
	/* Both point into the sessions. */
	lock_forest_free(snapshot->locks);
	progress_list_free(&snapshot->progress);
	session_held_free(snapshot->held);
	session_list_free(&snapshot->sessions);
	replication_free(&snapshot->replication);
	vitals_free(&snapshot->vitals);
	version_rows_free(&snapshot->version);
	server_free(&snapshot->server);
	for (size_t i = 0; i < SNAPSHOT_SOURCES; i++)
		free(snapshot->problems[i]);
	free(snapshot);
}
