/* What of a look at the server is an alert, by the thresholds of the settings. */
#ifndef PGRUNBOOK_MODEL_ALERT_RULES_H
#define PGRUNBOOK_MODEL_ALERT_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "pgrunbook/model/alerts.h"
#include "pgrunbook/model/snapshot.h"
#include "pgrunbook/model/standbys.h"
#include "pgrunbook/model/thresholds.h"

/* Tells the round what the snapshot shows, and which standbys (NULL: none are known) it
 * doesn't show any more.  Times go by the server's clock. */
void alert_rules_apply(struct alerts *alerts, const struct snapshot *snapshot,
	const struct standbys *standbys, const struct thresholds *thresholds,
	int64_t server_now_us);

/*
 * Whether a wait for a lock may have reached its threshold before `first_us`, when the
 * first look was taken: of some waits (all before PostgreSQL 14) only is known since
 * when they were seen.  The waiter's query may be too young for that; else time tells.
 */
bool alert_rules_lock_unknown(const struct snapshot *snapshot,
	const struct thresholds *thresholds, int64_t first_us);

/*
 * Why nobody knows whether there is an alert of the kind, since what it follows from
 * was not read or may not be seen; NULL: it is known, or nobody wants to know.  The
 * caller owns it.
 */
char *alert_rules_unknown(const struct snapshot *snapshot,
	const struct thresholds *thresholds, enum alert_kind kind);

#endif
