/* The row of counters and settings that no list tells. */
#include "pgrunbook/base/alloc.h"
#include "src/drive/pg_watch_parts.h"

void
watch_read_vitals(struct pg_watch *watch, const struct pg_result *result)
{
	struct vitals *vitals = &watch->poll.snapshot->vitals;
	const struct {
		int64_t *to;
		enum pg_vitals_column column;
	} numbers[] = {
		{ &vitals->max_connections, PG_VITALS_CONNECTIONS },
		{ &vitals->reserved_connections, PG_VITALS_RESERVED },
		{ &vitals->commits, PG_VITALS_COMMITS },
		{ &vitals->rollbacks, PG_VITALS_ROLLBACKS },
		{ &vitals->temp_bytes, PG_VITALS_TEMP },
		{ &vitals->deadlocks, PG_VITALS_DEADLOCKS },
		{ &vitals->xid_age, PG_VITALS_XID_AGE },
		{ &vitals->freeze_max_age, PG_VITALS_XID_FREEZE },
		{ &vitals->multixact_age, PG_VITALS_MULTIXACT_AGE },
		{ &vitals->multixact_freeze_max_age, PG_VITALS_MULTIXACT_FREEZE },
	};
	const struct {
		char **to;
		enum pg_vitals_column column;
	} texts[] = {
		{ &vitals->xid_database, PG_VITALS_XID_DATABASE },
		{ &vitals->multixact_database, PG_VITALS_MULTIXACT_DATABASE },
	};

	if (pg_result_rows(result) != 1)
		return;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		*numbers[i].to = pg_result_int(result, 0, (int)numbers[i].column, -1);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i].to =
			alloc_copy(pg_result_text(result, 0, (int)texts[i].column));
	vitals->stats_reset_us = pg_result_int(result, 0, PG_VITALS_RESET, 0);
	vitals->read = true;
}
