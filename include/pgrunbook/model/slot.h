/*
 * Replication slots: what they hold, and which of them will hurt.  A slot that nobody
 * uses keeps WAL until the disk is full.
 */
#ifndef PGRUNBOOK_MODEL_SLOT_H
#define PGRUNBOOK_MODEL_SLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Columns that a server of before doesn't have are SLOT_UNKNOWN. */
enum slot_flag { SLOT_UNKNOWN = -1, SLOT_NO, SLOT_YES };

/* As pg_replication_slots has them; texts NULL: none.  Positions: 0 unknown. */
struct slot {
	char *name;
	bool logical;
	char *plugin, *database; /* of a logical one */
	bool temporary, active;
	int active_pid; /* 0: none */
	uint64_t restart_lsn, confirmed_lsn;
	char *wal_status; /* "reserved", "extended", "unreserved", "lost" */
	/* safe_wal_size, negative for one that is over it; not known: no limit. */
	bool safe_known;
	int64_t safe_bytes;
	int64_t xmin_age; /* of the older of xmin and catalog_xmin; -1: none */
	enum slot_flag conflicting;	 /* from 16 on */
	char *invalidation_reason;	 /* from 17 on */
	int64_t inactive_since_us;	 /* from 17 on; 0: not known */
	enum slot_flag failover, synced; /* from 17 on */
	int64_t held_bytes; /* WAL from restart_lsn on; -1: not known, or none */
	char *replica;	    /* whose it is, in the list of replicas; NULL: nobody's */
};

enum slot_state {
	SLOT_ACTIVE,
	SLOT_UNUSED,	 /* never used: it holds nothing */
	SLOT_IDLE,	 /* nobody uses it, but it holds nothing, or is a copy */
	SLOT_HOLDS,	 /* nobody uses it, and it holds WAL */
	SLOT_AT_RISK,	 /* what it needs goes with one of the next checkpoints */
	SLOT_LOST,	 /* what it needs is gone */
	SLOT_IN_CONFLICT /* a logical one that recovery has invalidated */
};

enum slot_state slot_state(const struct slot *slot);
/* Whether it should stand out. */
bool slot_in_trouble(const struct slot *slot);
/* "inactive for 3h02m", "active", "lost: wal_removed"; the caller owns it. */
char *slot_words(const struct slot *slot, int64_t server_now_us);
/* "physical", "logical: pgoutput in billing"; the caller owns it. */
char *slot_kind_words(const struct slot *slot);
/* What to do about it; NULL: nothing.  The caller owns it. */
char *slot_remedy(const struct slot *slot);
void slot_free(struct slot *slot);

#endif
