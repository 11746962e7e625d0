#include "pgrunbook/drive/version_read.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/clock.h"
#include "src/drive/pg_watch_parts.h"

enum { READ_PATIENCE_US = 15 * 1000 * 1000 };

/* So that each of two hosts can be asked before our own patience ends. */
static const char connect_patience_s[] = "5";

struct version_reader {
	struct loop *loop;
	struct pg *pg;
	const char *table;
	struct pg_version found;
	struct strlist locked, lockers; /* oid and pid, side by side */
	size_t attempts;		/* that are left: one for each host */
	bool done;
	char *problem;
};

static void
reader_end(struct version_reader *reader, const char *problem)
{
	free(reader->problem);
	reader->problem = alloc_copy(problem);
	reader->done = problem == NULL;
	loop_stop(reader->loop);
}

static void
reader_send(struct version_reader *reader, const char *sql,
	void (*answered)(void *context, const struct pg_answer *answer))
{
	struct error error = { 0 };

	if (!pg_query(reader->pg, sql, NULL, 0, answered, reader, &error))
		reader_end(reader, error.message);
	error_clear(&error);
}

/* "t is locked by 4312", where its rows are what was asked for. */
static bool
reader_is_locked(struct version_reader *reader)
{
	const struct pg_version *found = &reader->found;
	const struct version_candidate *item =
		found->chosen < 0 ? NULL : &found->items[found->chosen];

	for (size_t i = 0; item != NULL && i < reader->locked.count; i++) {
		if (strcmp(reader->locked.items[i], item->oid) != 0)
			continue;
		char *problem = alloc_printf(
			"%s is locked (ACCESS EXCLUSIVE, process %s): its rows can't "
			"be read now; `pgrunbook locks` shows who waits for whom",
			item->name, reader->lockers.items[i]);
		reader_end(reader, problem);
		free(problem);
		return true;
	}
	return false;
}

static void
reader_on_rows(void *context, const struct pg_answer *answer)
{
	struct version_reader *reader = context;

	if (answer->lost)
		return; /* reader_on_lost follows */
	if (answer->error == NULL && answer->count == 1)
		pg_version_read(&reader->found, answer->results[0]);
	reader_end(reader, answer->error);
}

static void
reader_on_tables(void *context, const struct pg_answer *answer)
{
	struct version_reader *reader = context;
	struct str sql = { 0 };

	if (answer->lost)
		return;
	if (answer->error != NULL || answer->count < 2) {
		reader_end(reader, answer->error ? answer->error : "no answer");
		return;
	}
	const struct pg_result *locked = answer->results[answer->count - 2];
	for (int row = 0; row < pg_result_rows(locked); row++) {
		const char *pid = pg_result_text(locked, row, PG_LOCKED_PID);

		strlist_add(&reader->locked,
			pg_result_text(locked, row, PG_LOCKED_RELATION));
		strlist_add(&reader->lockers, pid ? pid : "0, a prepared transaction");
	}
	pg_version_found(&reader->found, reader->table != NULL,
		answer->results[answer->count - 1], &reader->locked);
	if (reader_is_locked(reader))
		return;
	if (pg_version_query(&reader->found, &sql))
		reader_send(reader, str_text(&sql), reader_on_rows);
	else
		reader_end(reader, NULL);
	str_free(&sql);
}

static void
reader_on_connected(void *context)
{
	struct version_reader *reader = context;
	int version = pg_server_version(reader->pg);
	struct watch_batch batch = { 0 };
	struct str condition = { 0 };

	watch_batch_add(&batch, NULL, PG_QUERY_SETTINGS, version, NULL);
	watch_batch_add(&batch, NULL, PG_QUERY_LOCKED, version, NULL);
	pg_version_condition(reader->table, &condition);
	watch_batch_add(&batch, NULL, PG_QUERY_TABLES, version, str_text(&condition));
	reader_send(reader, str_text(&batch.sql), reader_on_tables);
	str_free(&condition);
	str_free(&batch.sql);
}

static void
reader_on_lost(void *context, const char *message)
{
	struct version_reader *reader = context;

	/* A host that doesn't answer at all is libpq's last: the next attempt begins
	 * with the one behind it. */
	if (--reader->attempts == 0)
		reader_end(reader, message);
}

static void
reader_on_patience(void *context)
{
	reader_end(context, "no answer from the server within 15 seconds");
}

static size_t
reader_hosts(const struct pg_params *params)
{
	char *hosts = pg_params_value(params, "host");
	size_t count = 1;

	for (const char *at = hosts; at != NULL && (at = strchr(at, ',')) != NULL; at++)
		count++;
	free(hosts);
	return count;
}

static void
reader_run(struct version_reader *reader, const struct pg_params *params)
{
	const struct pg_handler handler = { .connected = reader_on_connected,
		.lost = reader_on_lost,
		.context = reader };
	struct pg_params quick;
	struct loop_timer *timer =
		loop_timer_new(reader->loop, reader_on_patience, reader);

	pg_params_copy(&quick, params);
	char *patience = pg_params_value(params, "connect_timeout");
	if (patience == NULL)
		pg_params_set(&quick, "connect_timeout", connect_patience_s);
	free(patience);
	reader->pg = pg_new(reader->loop, &quick, watch_application, &handler);
	loop_timer_start(timer, READ_PATIENCE_US, 0);
	loop_run(reader->loop);
	loop_timer_free(timer);
	pg_free(reader->pg);
	pg_params_free(&quick);
}

bool
version_read(const struct pg_params *params, const char *table,
	struct version_rows *rows, struct error *error)
{
	struct version_reader reader = { .loop = loop_new(),
		.table = table,
		.found.chosen = -1,
		.attempts = reader_hosts(params) };

	*rows = (struct version_rows){ 0 };
	reader_run(&reader, params);
	if (reader.done) {
		pg_version_fill(&reader.found, rows);
		rows->read_us = clock_now_us();
	} else {
		error_set(error, "%s", reader.problem);
	}
	free(reader.problem);
	strlist_free(&reader.locked);
	strlist_free(&reader.lockers);
	pg_version_free(&reader.found);
	loop_free(reader.loop);
	return reader.done;
}
