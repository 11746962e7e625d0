/*
 * From where on something is an alert: the section [thresholds] of the settings.
 * THRESHOLD_OFF: never.
 */
#ifndef PGRUNBOOK_MODEL_THRESHOLDS_H
#define PGRUNBOOK_MODEL_THRESHOLDS_H

#include <stdint.h>

enum { THRESHOLD_OFF = -1 };

/* Times in microseconds, sizes in bytes, shares in per cent. */
struct thresholds {
	int64_t lock_wait_us;	/* of the longest of those that a session holds up */
	int64_t transaction_us; /* since it began */
	int64_t idle_in_transaction_us; /* since its last statement ended */
	int64_t migration_us;		/* since its statement or transaction began */
	int64_t replica_lag_bytes;
	int64_t replica_lag_us;
	int64_t slot_wal_bytes; /* that a replication slot keeps */
	int64_t connections;	/* of those that not only superusers get */
	int64_t wraparound;	/* of the way to the refusal of all writing */
};

#endif
