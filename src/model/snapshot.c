#include "pgrunbook/model/snapshot.h"

#include <stdlib.h>

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
	free(snapshot->problem);
	free(snapshot);
}
