/* What came of a query: its results, and of long ones the first rows. */
#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "src/drive/pg_session.h"

/* Of one result; its rows may be as long as they like. */
enum { KEPT_BYTES = 16 * 1024 * 1024 };

static void
pg_came_clear_rows(struct pg_came *came)
{
	for (size_t i = 0; i < came->row_count; i++)
		PQclear(came->rows[i]);
	free(came->rows);
	came->rows = NULL;
	came->row_count = came->row_capacity = came->row_bytes = 0;
	came->row_sent = 0;
}

void
pg_came_clear(struct pg_came *came)
{
	pg_came_clear_rows(came);
	for (size_t i = 0; i < came->count; i++)
		PQclear(came->results[i]);
	free(came->results);
	free(came->sent);
	PQclear(came->failure);
	*came = (struct pg_came){ 0 };
}

struct pg_came
pg_came_take(struct pg_came *came)
{
	struct pg_came taken = *came;

	*came = (struct pg_came){ 0 };
	return taken;
}

void
pg_came_row(struct pg_came *came, PGresult *row, size_t most)
{
	came->row_sent++;
	if (came->row_count == most || came->row_bytes > KEPT_BYTES) {
		PQclear(row);
		return;
	}
	came->row_bytes += PQresultMemorySize(row);
	came->rows = alloc_room(
		came->rows, came->row_count, &came->row_capacity, sizeof(*came->rows));
	came->rows[came->row_count++] = row;
}

/* Into the empty result that ends them.  False: there is no memory. */
static bool
pg_came_join(struct pg_came *came, PGresult *result)
{
	for (size_t i = 0; i < came->row_count; i++) {
		const PGresult *row = came->rows[i];

		for (int column = 0; column < PQnfields(row); column++) {
			bool null = PQgetisnull(row, 0, column);

			if (!PQsetvalue(result, (int)i, column,
				    null ? NULL : PQgetvalue(row, 0, column),
				    null ? -1 : PQgetlength(row, 0, column)))
				return false;
		}
	}
	return true;
}

void
pg_came_result(struct pg_came *came, PGresult *result)
{
	size_t capacity = came->capacity;

	if (!pg_came_join(came, result))
		abort(); /* out of memory, as in base/alloc.h */
	came->results = alloc_room(
		came->results, came->count, &came->capacity, sizeof(*came->results));
	came->sent =
		alloc_room(came->sent, came->count, &capacity, sizeof(*came->sent));
	came->sent[came->count] =
		came->row_sent != 0 ? came->row_sent : PQntuples(result);
	came->results[came->count++] = result;
	pg_came_clear_rows(came);
}

void
pg_came_tell(const struct pg_came *came, struct pg_answer *answer)
{
	answer->results = (const struct pg_result *const *)(const void *)came->results;
	answer->sent = came->sent;
	answer->count = came->count;
}
