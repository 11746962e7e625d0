/* Several queries in one round trip, and which of them are better left out. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "src/drive/pg_watch_parts.h"

enum { SKIP_POLLS = 10 }; /* that a query which failed is left out of */

void
watch_batch_clear(struct watch_batch *batch)
{
	str_clear(&batch->sql);
	batch->count = 0;
}

void
watch_batch_add(
	struct watch_batch *batch, enum pg_query_id id, int version, const char *rest)
{
	str_printf(&batch->sql, "%s%s%s", batch->count ? ";\n" : "",
		pg_queries_text(id, version), rest ? rest : "");
	batch->ids[batch->count++] = id;
}

void
watch_batch_setup(struct watch_batch *batch, const struct pg *pg)
{
	int version = pg_server_version(pg);

	watch_batch_clear(batch);
	/* Settings that were refused have left their transaction open, and aborted. */
	if (pg_in_transaction(pg))
		str_add(&batch->sql, "ROLLBACK;\n");
	watch_batch_add(batch, PG_QUERY_SETTINGS, version, NULL);
	watch_batch_add(batch, PG_QUERY_IDENTITY, version, NULL);
}

/* What no patience helps with: each attempt would be one more error in the log. */
static bool
skips_for_good(const char *sqlstate)
{
	static const char *const states[] = {
		"0A000", /* not supported by this server */
		"42501", /* not permitted */
		"42703", /* no such column */
		"42883", /* no such function */
		"42P01", /* no such view */
	};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (strcmp(sqlstate, states[i]) == 0)
			return true;
	}
	return false;
}

void
watch_skips_add(
	struct watch_skips *skips, enum pg_query_id id, const struct pg_answer *answer)
{
	bool good = answer->sqlstate && skips_for_good(answer->sqlstate);

	skips->polls[id] = good ? UINT_MAX : SKIP_POLLS;
	free(skips->why[id]);
	skips->why[id] = good ? alloc_printf("not available here: %s", answer->error)
			      : alloc_copy(answer->error);
}

bool
watch_skips_one(struct watch_skips *skips, enum pg_query_id id)
{
	if (skips->polls[id] <= 1) {
		skips->polls[id] = 0;
		return false;
	}
	if (skips->polls[id] != UINT_MAX)
		skips->polls[id]--;
	return true;
}

const char *
watch_skips_why(const struct watch_skips *skips, enum pg_query_id id)
{
	return skips->polls[id] ? skips->why[id] : NULL;
}

void
watch_skips_clear(struct watch_skips *skips)
{
	for (size_t i = 0; i < PG_QUERY_COUNT; i++)
		free(skips->why[i]);
	*skips = (struct watch_skips){ 0 };
}
