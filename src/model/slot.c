#include "pgrunbook/model/slot.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"

static bool
slot_status_is(const struct slot *slot, const char *status)
{
	return slot->wal_status && strcmp(slot->wal_status, status) == 0;
}

enum slot_state
slot_state(const struct slot *slot)
{
	if (slot->conflicting == SLOT_YES)
		return SLOT_IN_CONFLICT;
	if (slot_status_is(slot, "lost") || slot->invalidation_reason)
		return SLOT_LOST;
	if (slot_status_is(slot, "unreserved"))
		return SLOT_AT_RISK;
	if (slot->active)
		return SLOT_ACTIVE;
	if (slot->restart_lsn == 0)
		return SLOT_UNUSED;
	/* A copy of the primary's slot is used by nobody until a failover. */
	if (slot->synced == SLOT_YES || slot->held_bytes <= 0)
		return SLOT_IDLE;
	return SLOT_HOLDS;
}

bool
slot_in_trouble(const struct slot *slot)
{
	return slot_state(slot) >= SLOT_HOLDS;
}

/* " for 3h02m", where the server tells since when. */
static char *
slot_since(const struct slot *slot, int64_t server_now_us)
{
	char age[DURATION_TEXT];

	if (slot->inactive_since_us == 0 || server_now_us < slot->inactive_since_us)
		return alloc_copy("");
	return alloc_printf(" for %s",
		duration_format(server_now_us - slot->inactive_since_us, age));
}

char *
slot_words(const struct slot *slot, int64_t server_now_us)
{
	char *since = slot_since(slot, server_now_us), *words = NULL;

	switch (slot_state(slot)) {
	case SLOT_ACTIVE:
		words = alloc_copy("active");
		break;
	case SLOT_UNUSED:
		words = alloc_copy("never used");
		break;
	case SLOT_IDLE:
		words = slot->synced == SLOT_YES ? alloc_copy("a copy of the primary's")
						 : alloc_printf("inactive%s", since);
		break;
	case SLOT_HOLDS:
		words = alloc_printf("inactive%s: holds WAL", since);
		break;
	case SLOT_AT_RISK:
		words = alloc_printf(
			"%s: soon lost", slot->active ? "active" : "inactive");
		break;
	case SLOT_LOST:
		words = slot->invalidation_reason
				? alloc_printf("lost: %s", slot->invalidation_reason)
				: alloc_copy("lost: its WAL was removed");
		break;
	case SLOT_IN_CONFLICT:
		words = alloc_printf("invalidated: %s",
			slot->invalidation_reason ? slot->invalidation_reason
						  : "a conflict with recovery");
		break;
	}
	free(since);
	return words;
}

char *
slot_kind_words(const struct slot *slot)
{
	const char *temporary = slot->temporary ? ", temporary" : "";

	if (!slot->logical)
		return alloc_printf("physical%s", temporary);
	return alloc_printf("logical: %s in %s%s", slot->plugin ? slot->plugin : "?",
		slot->database ? slot->database : "?", temporary);
}

/* What uses such a slot. */
static const char *
slot_user(const struct slot *slot)
{
	return slot->logical ? "subscriber" : "standby";
}

char *
slot_remedy(const struct slot *slot)
{
	switch (slot_state(slot)) {
	case SLOT_HOLDS:
		return alloc_printf(
			"Start the %s that uses it.  If that is gone for good: SELECT "
			"pg_drop_replication_slot('%s'); until then WAL is kept for "
			"it%s.",
			slot_user(slot), slot->name,
			slot->safe_known ? "" : ", without a limit");
	case SLOT_AT_RISK:
		return alloc_printf("It holds more than max_slot_wal_keep_size: the "
				    "%s must catch up before the next checkpoint, or "
				    "the limit be raised.",
			slot_user(slot));
	case SLOT_LOST:
	case SLOT_IN_CONFLICT:
		return alloc_printf("It can't be used any more: make the %s anew (or "
				    "from an archive of WAL), and SELECT "
				    "pg_drop_replication_slot('%s').",
			slot_user(slot), slot->name);
	default:
		return NULL;
	}
}

void
slot_free(struct slot *slot)
{
	free(slot->name);
	free(slot->plugin);
	free(slot->database);
	free(slot->wal_status);
	free(slot->invalidation_reason);
	free(slot->replica);
	*slot = (struct slot){ 0 };
}
