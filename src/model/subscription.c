#include "pgrunbook/model/subscription.h"

#include <inttypes.h>
#include <stdlib.h>

#include "pgrunbook/base/alloc.h"

enum subscription_state
subscription_state(const struct subscription *subscription)
{
	if (subscription->enabled == 0)
		return SUBSCRIPTION_DISABLED;
	if (subscription->pid == 0)
		return subscription->enabled == 1 ? SUBSCRIPTION_STOPPED
						  : SUBSCRIPTION_NO_WORKER;
	return subscription->tables_left > 0 ? SUBSCRIPTION_COPIES : SUBSCRIPTION_RUNS;
}

bool
subscription_in_trouble(const struct subscription *subscription)
{
	return subscription_state(subscription) >= SUBSCRIPTION_DISABLED;
}

char *
subscription_words(const struct subscription *subscription)
{
	int64_t errors =
		(subscription->apply_errors > 0 ? subscription->apply_errors : 0) +
		(subscription->sync_errors > 0 ? subscription->sync_errors : 0);
	char *words = NULL, *with;

	switch (subscription_state(subscription)) {
	case SUBSCRIPTION_RUNS:
		words = alloc_copy("runs");
		break;
	case SUBSCRIPTION_COPIES:
		words = alloc_printf("copies %" PRId64 " table%s",
			subscription->tables_left,
			subscription->tables_left == 1 ? "" : "s");
		break;
	case SUBSCRIPTION_DISABLED:
		words = alloc_copy("disabled");
		break;
	case SUBSCRIPTION_STOPPED:
	case SUBSCRIPTION_NO_WORKER:
		words = alloc_copy("no worker");
		break;
	}
	if (errors == 0)
		return words;
	with = alloc_printf(
		"%s, %" PRId64 " error%s", words, errors, errors == 1 ? "" : "s");
	free(words);
	return with;
}

char *
subscription_remedy(const struct subscription *subscription)
{
	switch (subscription_state(subscription)) {
	case SUBSCRIPTION_DISABLED:
		return alloc_printf("In %s: ALTER SUBSCRIPTION %s ENABLE.  Meanwhile "
				    "its slot keeps WAL on the source.",
			subscription->database ? subscription->database
					       : "its database",
			subscription->name);
	case SUBSCRIPTION_STOPPED:
		return alloc_copy(
			"It is enabled and nobody works for it: the server's log says "
			"why the worker ended; it is started again every 5 s, unless "
			"max_logical_replication_workers or max_worker_processes are "
			"in use.");
	default:
		break;
	}
	if (subscription->apply_errors > 0 || subscription->sync_errors > 0)
		return alloc_copy("The server's log says what failed; the counts are "
				  "since statistics were reset.");
	return NULL;
}

int64_t
subscription_lag_bytes(const struct subscription *subscription)
{
	if (subscription->received_lsn == 0 || subscription->latest_end_lsn == 0)
		return SUBSCRIPTION_UNKNOWN;
	return subscription->received_lsn > subscription->latest_end_lsn
		       ? (int64_t)(subscription->received_lsn -
				   subscription->latest_end_lsn)
		       : 0;
}

void
subscription_free(struct subscription *subscription)
{
	free(subscription->database);
	free(subscription->name);
	free(subscription->slot);
	*subscription = (struct subscription){ 0 };
}
