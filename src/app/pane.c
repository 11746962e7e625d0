#include "pgrunbook/app/pane.h"

const char *
pane_name(enum pane_id pane)
{
	static const char *const names[PANE_COUNT] = {
		[PANE_REVISIONS] = "Revisions",
		[PANE_SESSIONS] = "Sessions",
		[PANE_LOCKS] = "Locks",
		[PANE_REPLICAS] = "Replicas",
		[PANE_PROGRESS] = "Progress",
		[PANE_RUNBOOK] = "Runbook",
		[PANE_LOG] = "Log",
		[PANE_OVERVIEW] = "Overview",
	};

	return pane < PANE_COUNT ? names[pane] : "";
}
