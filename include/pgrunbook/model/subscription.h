/* Logical subscriptions of the watched server, of all its databases. */
#ifndef PGRUNBOOK_MODEL_SUBSCRIPTION_H
#define PGRUNBOOK_MODEL_SUBSCRIPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SUBSCRIPTION_UNKNOWN = -1 };

/* As pg_stat_subscription tells; times by the server's clock, 0: none or not known. */
struct subscription {
	char *database, *name;
	int enabled; /* 1, 0, SUBSCRIPTION_UNKNOWN: not permitted */
	int pid;     /* of its apply worker; 0: none runs */
	int workers; /* parallel ones and those that copy tables */
	uint64_t received_lsn,
		latest_end_lsn; /* the latter was confirmed to its source */
	int64_t sent_us, received_us, latest_end_us; /* of the last messages */
	/* Tables whose first copy isn't complete; SUBSCRIPTION_UNKNOWN in other
	 * databases. */
	int64_t tables_left;
	int64_t apply_errors, sync_errors; /* from 15 on; else SUBSCRIPTION_UNKNOWN */
	int64_t conflicts;		   /* from 18 on; else SUBSCRIPTION_UNKNOWN */
	char *slot;			   /* on its source; NULL: none */
};

enum subscription_state {
	SUBSCRIPTION_RUNS,
	SUBSCRIPTION_COPIES, /* the first copy of some tables */
	SUBSCRIPTION_DISABLED,
	SUBSCRIPTION_STOPPED,  /* no worker runs, and it is enabled */
	SUBSCRIPTION_NO_WORKER /* whether it is enabled can't be told */
};

enum subscription_state subscription_state(const struct subscription *subscription);
bool subscription_in_trouble(const struct subscription *subscription);
/* "runs", "disabled", "no worker"; with errors: "runs, 3 errors".  Caller owns. */
char *subscription_words(const struct subscription *subscription);
/* What to do about it; NULL: nothing.  The caller owns it. */
char *subscription_remedy(const struct subscription *subscription);
/* Received and not yet confirmed; SUBSCRIPTION_UNKNOWN. */
int64_t subscription_lag_bytes(const struct subscription *subscription);
void subscription_free(struct subscription *subscription);

#endif
