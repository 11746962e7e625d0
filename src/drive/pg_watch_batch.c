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

static void
watch_batch_statement(struct watch_batch *batch, enum pg_query_id id,
	enum watch_statement_kind kind, const char *words, const char *name)
{
	str_printf(&batch->sql, "%s%s%s", batch->count ? ";\n" : "", words, name);
	batch->statements[batch->count++] = (struct watch_statement){ id, kind };
}

/* Whether the server has that very text by the query's name. */
static bool
watch_plans_have(const struct watch_plans *plans, enum pg_query_id id, const char *rest)
{
	return plans->kept[id] && plans->rest[id] && strcmp(plans->rest[id], rest) == 0;
}

void
watch_batch_add(struct watch_batch *batch, struct watch_plans *plans,
	enum pg_query_id id, int version, const char *rest)
{
	const char *text = pg_queries_text(id, version), *name = pg_queries_name(id);

	if (!rest)
		rest = "";
	if (!plans || plans->off || !pg_queries_lasts(id)) {
		watch_batch_statement(batch, id, STATEMENT_QUERY, text, rest);
		return;
	}
	if (!watch_plans_have(plans, id, rest)) {
		if (plans->kept[id])
			watch_batch_statement(
				batch, id, STATEMENT_DEALLOCATE, "DEALLOCATE ", name);
		watch_batch_statement(batch, id, STATEMENT_PREPARE, "PREPARE ", name);
		str_printf(&batch->sql, " AS %s%s", text, rest);
		free(plans->rest[id]);
		plans->rest[id] = alloc_copy(rest);
	}
	watch_batch_statement(batch, id, STATEMENT_QUERY, "EXECUTE ", name);
}

enum pg_query_id
watch_batch_query(const struct watch_batch *batch, size_t result)
{
	if (result >= batch->count || batch->statements[result].kind != STATEMENT_QUERY)
		return PG_QUERY_COUNT;
	return batch->statements[result].id;
}

void
watch_plans_clear(struct watch_plans *plans)
{
	for (size_t i = 0; i < PG_QUERY_COUNT; i++)
		free(plans->rest[i]);
	*plans = (struct watch_plans){ 0 };
}

void
watch_plans_begin(struct watch_plans *plans)
{
	watch_plans_clear(plans);
	plans->off = false;
}

void
watch_plans_note(struct watch_plans *plans, const struct watch_batch *batch,
	const struct pg_answer *answer)
{
	/* That a transaction was rolled back is nothing to them. */
	for (size_t i = 0; i < batch->count; i++) {
		const struct watch_statement *statement = &batch->statements[i];

		if (statement->kind == STATEMENT_QUERY)
			continue;
		if (i < answer->count) {
			plans->kept[statement->id] =
				statement->kind == STATEMENT_PREPARE;
		} else {
			/* Not done: what the server has is another text, if any. */
			free(plans->rest[statement->id]);
			plans->rest[statement->id] = NULL;
		}
	}
}

bool
watch_plans_lost(struct watch_plans *plans, const struct pg_answer *answer)
{
	bool gone = answer->sqlstate && strcmp(answer->sqlstate, "26000") == 0;
	bool there = answer->sqlstate && strcmp(answer->sqlstate, "42P05") == 0;
	bool again = plans->lost;

	if (plans->off || (!gone && !there))
		return false;
	watch_plans_clear(plans);
	plans->lost = true;
	plans->off = there || again;
	return true;
}

void
watch_batch_setup(struct watch_batch *batch, const struct pg *pg)
{
	int version = pg_server_version(pg);

	watch_batch_clear(batch);
	/* Settings that were refused have left their transaction open, and aborted. */
	if (pg_in_transaction(pg))
		str_add(&batch->sql, "ROLLBACK;\n");
	watch_batch_add(batch, NULL, PG_QUERY_SETTINGS, version, NULL);
	watch_batch_add(batch, NULL, PG_QUERY_IDENTITY, version, NULL);
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

void
watch_skips_rows(struct watch_skips *skips, const struct pg_answer *answer)
{
	/* Dropped, changed or not granted since it was found: the next poll sees it. */
	if (strcmp(answer->sqlstate, "42P01") != 0 &&
		strcmp(answer->sqlstate, "42703") != 0 &&
		strcmp(answer->sqlstate, "42501") != 0)
		watch_skips_add(skips, PG_QUERY_ROWS, answer);
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
