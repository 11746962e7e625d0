/* Queries in one round trip: prepared once, sent by name after that. */
#include <stdio.h>
#include <string.h>

#include "src/drive/pg_watch_parts.h"
#include "tests/tap/tap.h"

enum { SERVER = 150000 };

/* The first words of each statement, joined. */
static const char *
shape(const struct watch_batch *batch)
{
	static char words[512];
	const char *at = str_text(&batch->sql);

	words[0] = '\0';
	for (; at; at = strstr(at, ";\n") ? strstr(at, ";\n") + 2 : NULL) {
		size_t length = strcspn(at, ";\n");
		const char *as = strstr(at, " AS ");

		if (strncmp(at, "PREPARE ", 8) == 0 && as)
			length = (size_t)(as - at);
		else if (strncmp(at, "SELECT ", 7) == 0 || strncmp(at, "WITH ", 5) == 0)
			length = strcspn(at, " ");
		snprintf(words + strlen(words), sizeof(words) - strlen(words), "%s%.*s",
			words[0] ? "; " : "", (int)length, at);
	}
	return words;
}

/* As if the server had done that many of its statements. */
static void
answered(struct watch_plans *plans, const struct watch_batch *batch, size_t count)
{
	const struct pg_answer answer = { .count = count };

	watch_plans_note(plans, batch, &answer);
}

static void
send_two(struct watch_batch *batch, struct watch_plans *plans, const char *condition)
{
	watch_batch_clear(batch);
	watch_batch_add(batch, plans, PG_QUERY_CLOCK, SERVER, NULL);
	watch_batch_add(batch, plans, PG_QUERY_TABLE, SERVER, condition);
}

static void
test_plans(void)
{
	struct watch_batch batch = { 0 };
	struct watch_plans plans = { 0 };

	watch_plans_begin(&plans);
	send_two(&batch, &plans, "c.oid = 7");
	tap_is_text(shape(&batch),
		"PREPARE clock; EXECUTE clock; PREPARE known_tables; EXECUTE "
		"known_tables",
		"at first all is prepared where it is used");
	tap_is_int((int64_t)batch.count, 4, "a result for each");
	tap_is_int(watch_batch_query(&batch, 0), PG_QUERY_COUNT,
		"the first isn't a query's");
	tap_is_int(watch_batch_query(&batch, 1), PG_QUERY_CLOCK, "the second is");
	tap_is_int(watch_batch_query(&batch, 4), PG_QUERY_COUNT, "there is no fifth");
	tap_ok(strstr(str_text(&batch.sql), "c.oid = 7;\nEXECUTE"),
		"with what completes it");

	/* The third statement failed: the second one's rollback takes nothing back. */
	answered(&plans, &batch, 2);
	send_two(&batch, &plans, "c.oid = 7");
	tap_is_text(shape(&batch),
		"EXECUTE clock; PREPARE known_tables; EXECUTE known_tables",
		"what failed is prepared again");
	answered(&plans, &batch, 3);
	send_two(&batch, &plans, "c.oid = 7");
	tap_is_text(shape(&batch), "EXECUTE clock; EXECUTE known_tables",
		"after that the names do");
	send_two(&batch, &plans, "c.oid = 8");
	tap_is_text(shape(&batch),
		"EXECUTE clock; DEALLOCATE known_tables; PREPARE known_tables; "
		"EXECUTE known_tables",
		"another text is prepared anew");
	answered(&plans, &batch, 1);
	send_two(&batch, &plans, "c.oid = 8");
	tap_is_text(shape(&batch),
		"EXECUTE clock; DEALLOCATE known_tables; PREPARE known_tables; "
		"EXECUTE known_tables",
		"what failed before it leaves the old text there");
	answered(&plans, &batch, 2);
	send_two(&batch, &plans, "c.oid = 8");
	tap_is_text(shape(&batch),
		"EXECUTE clock; PREPARE known_tables; EXECUTE known_tables",
		"if that fails halfway, too");
	watch_batch_clear(&batch);
	watch_batch_add(&batch, &plans, PG_QUERY_HELD, SERVER, "1");
	watch_batch_add(&batch, NULL, PG_QUERY_CLOCK, SERVER, NULL);
	tap_is_text(shape(&batch), "WITH; SELECT",
		"what changes each time isn't, nor what is asked for once");
	watch_plans_clear(&plans);
	str_free(&batch.sql);
}

static void
test_lost(void)
{
	const struct pg_answer gone = { .error = "no such", .sqlstate = "26000" };
	const struct pg_answer there = { .error = "exists", .sqlstate = "42P05" };
	const struct pg_answer other = { .error = "no right", .sqlstate = "42501" };
	struct watch_batch batch = { 0 };
	struct watch_plans plans = { 0 };

	watch_plans_begin(&plans);
	send_two(&batch, &plans, "c.oid = 7");
	answered(&plans, &batch, 4);
	tap_ok(!watch_plans_lost(&plans, &other), "another error is none of theirs");
	tap_ok(watch_plans_lost(&plans, &gone), "they are gone: once more");
	send_two(&batch, &plans, "c.oid = 7");
	tap_is_text(shape(&batch),
		"PREPARE clock; EXECUTE clock; PREPARE known_tables; EXECUTE "
		"known_tables",
		"they are made again");
	answered(&plans, &batch, 4);
	tap_ok(watch_plans_lost(&plans, &gone), "gone again: once more");
	send_two(&batch, &plans, "c.oid = 7");
	tap_is_text(shape(&batch), "SELECT; SELECT", "without them");
	tap_ok(!watch_plans_lost(&plans, &gone), "and that was the last time");

	watch_plans_begin(&plans);
	tap_ok(watch_plans_lost(&plans, &there), "somebody else's session");
	send_two(&batch, &plans, "c.oid = 7");
	tap_is_text(shape(&batch), "SELECT; SELECT", "is left alone");
	watch_plans_clear(&plans);
	str_free(&batch.sql);
}

/* One that has no name, or another's, would fail on a server only. */
static void
test_names(void)
{
	int missing = 0, twice = 0;

	for (int id = 0; id < PG_QUERY_COUNT; id++) {
		const char *name = pg_queries_name((enum pg_query_id)id);

		missing += !name;
		for (int other = 0; name && other < id; other++) {
			const char *before = pg_queries_name((enum pg_query_id)other);

			twice += before && strcmp(name, before) == 0;
		}
	}
	tap_is_int(missing, 0, "every query has a name");
	tap_is_int(twice, 0, "of its own");
}

int
main(void)
{
	test_plans();
	test_lost();
	test_names();
	return tap_done();
}
