/* Replicas in words: what is wrong with one, and what helps. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/model/replication.h"

const char *
replica_cause_words(enum replica_cause cause)
{
	switch (cause) {
	case REPLICA_CAUGHT_UP:
		return "caught up";
	case REPLICA_SENDING:
		return "sending: the primary or the network";
	case REPLICA_WRITING:
		return "writing: the standby's disk";
	case REPLICA_FLUSHING:
		return "flushing: the standby's disk";
	case REPLICA_REPLAYING:
		return "replay: a conflict or load";
	case REPLICA_PAUSED:
		return "replay is paused";
	case REPLICA_DISCONNECTED:
		return "disconnected";
	case REPLICA_CONFLICT:
		return "conflict: replay waits for a query";
	case REPLICA_DELAYED:
		return "delayed: on purpose";
	case REPLICA_UPSTREAM:
		return "upstream: it is behind itself";
	case REPLICA_SILENT:
		return "silent: a dead link or a dead standby";
	case REPLICA_COPYING:
		return "copying: a base backup";
	case REPLICA_UNKNOWN:
		break;
	}
	return "unknown";
}

const char *
replica_kind_words(enum replica_kind kind)
{
	switch (kind) {
	case REPLICA_LOGICAL:
		return "logical decoding";
	case REPLICA_WAL_ONLY:
		return "a receiver of WAL that replays none";
	case REPLICA_BACKUP:
		return "a base backup";
	case REPLICA_STANDBY:
		break;
	}
	return "standby";
}

char *
replica_lag_words(const struct replica *replica)
{
	static const char *const marks[] = { "", "", ">=", "<=" };
	char age[DURATION_TEXT];

	if (replica->lag_us < 0)
		return alloc_copy("-");
	return alloc_printf("%s%s", marks[replica->lag_time],
		duration_format(replica->lag_us, age));
}

/* A logical subscriber replays nothing: the same stages have other causes there. */
static char *
replica_why_logical(const struct replica *replica)
{
	switch (replica->cause) {
	case REPLICA_SENDING:
		return alloc_copy("WAL is not decoded and sent yet: the decoding, the "
				  "network, or a long transaction that is sent when it "
				  "commits");
	case REPLICA_WRITING:
	case REPLICA_FLUSHING:
	case REPLICA_REPLAYING:
		return alloc_copy("it was sent, and the subscriber has not confirmed "
				  "it: it applies slowly, waits for a lock or fails");
	default:
		return alloc_copy(replica_cause_words(replica->cause));
	}
}

char *
replica_why(const struct replica *replica)
{
	char age[DURATION_TEXT];

	if (replica->kind == REPLICA_LOGICAL && replica->cause != REPLICA_SILENT)
		return replica_why_logical(replica);
	switch (replica->cause) {
	case REPLICA_CONFLICT:
		return standby_conflict_words(&replica->own);
	case REPLICA_DELAYED:
		return alloc_printf("it replays %s after the commit, as "
				    "recovery_min_apply_delay says",
			duration_format(replica->own.apply_delay_us, age));
	case REPLICA_SILENT:
		return alloc_printf(
			"no reply for %s: the link is dead, or the standby hangs",
			duration_format(replica->silent_us, age));
	case REPLICA_DISCONNECTED:
		return alloc_copy(replica->own.read ? "no WAL receiver runs there"
						    : "disconnected");
	case REPLICA_UPSTREAM:
		return alloc_printf("%s, which it receives from, is behind itself",
			replica->upstream ? replica->upstream : "the server");
	default:
		return alloc_copy(replica_cause_words(replica->cause));
	}
}

char *
replica_remedy(const struct replica *replica)
{
	switch (replica->cause) {
	case REPLICA_PAUSED:
		return alloc_copy("On the standby: SELECT pg_wal_replay_resume()");
	case REPLICA_CONFLICT:
		return standby_conflict_remedy(&replica->own);
	case REPLICA_DISCONNECTED:
		return replica->own.read
			       ? alloc_copy(
					 "The standby's log says why it can't "
					 "connect to its upstream: primary_conninfo, "
					 "the slot, or WAL that was removed already.")
			       : NULL;
	case REPLICA_SILENT:
		return alloc_copy(
			"Look at the standby and the network between; the sender "
			"gives it up after wal_sender_timeout, its slot keeps WAL "
			"from then on.");
	case REPLICA_FLUSHING:
	case REPLICA_WRITING:
		return replica->kind == REPLICA_STANDBY
			       ? alloc_copy("The standby's disk is slower than the "
					    "primary writes.")
			       : NULL;
	case REPLICA_REPLAYING:
		return replica->kind == REPLICA_STANDBY && !replica->own.read
			       ? alloc_printf("replica.%s in the settings watches it "
					      "directly, and tells a conflict from "
					      "load and from a pause.",
					 replica->name)
			       : NULL;
	default:
		return NULL;
	}
}
