/* An SQL statement of the runbook, over a session of its own; results are a table. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/evidence.h"
#include "pgrunbook/app/runner_parts.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/drive/clock.h"

enum { SQL_ROWS = 1000, SQL_CELL = 60 };

void
step_sql_begin(struct runner *runner)
{
	const struct step *step = runner_step(runner);

	runner->command = step_filled(runner, step->command);
	if (runner->command == NULL)
		return;
	step_ask_command(runner, step_sql_accepted);
}

static int
sql_width(const struct pg_result *result, int column)
{
	int width = text_width(pg_result_column_name(result, column));

	for (int row = 0; row < pg_result_rows(result); row++) {
		const char *text = pg_result_text(result, row, column);
		int cells = text == NULL ? 4 : text_width(text);

		if (cells > width)
			width = cells;
	}
	return width > SQL_CELL ? SQL_CELL : width;
}

static void
sql_cell(struct str *line, const char *text, int width)
{
	char *clean = text_sanitized(text);
	int taken;
	size_t bytes = text_fit(clean, width, &taken);

	str_add_bytes(line, clean, bytes);
	while (taken++ < width + 2)
		str_add_char(line, ' ');
	free(clean);
}

/* "1 row"; the caller owns it. */
static char *
sql_rows(int64_t count)
{
	return alloc_printf("%" PRId64 " row%s", count, count == 1 ? "" : "s");
}

static void
sql_table(struct runner *runner, const struct pg_result *result, int64_t sent)
{
	int columns = pg_result_columns(result);
	int rows = pg_result_rows(result);
	int *widths = alloc_zeroed((size_t)columns + 1, sizeof(int));

	for (int column = 0; column < columns; column++)
		widths[column] = sql_width(result, column);
	for (int row = -1; row < rows; row++) {
		struct str line = { 0 };

		for (int column = 0; column < columns; column++) {
			const char *text =
				row < 0 ? pg_result_column_name(result, column)
					: pg_result_text(result, row, column);

			sql_cell(&line, text == NULL ? "NULL" : text, widths[column]);
		}
		step_print(runner, "%s", str_text(&line));
		str_free(&line);
	}
	char *count = sql_rows(sent);
	if (sent > rows)
		step_print(runner, "(%s; the first %d are shown)", count, rows);
	else
		step_print(runner, "(%s)", count);
	free(count);
	free(widths);
	runner->app->output.answer = true;
}

/* Runs inside the session's own callback: runner_snapshot lets go of it later. */
static void
sql_answered(void *context, const struct pg_answer *answer)
{
	struct runner *runner = context;
	char *last = alloc_copy("nothing");

	runner->app->now_us = clock_now_us();
	for (size_t i = 0; i < answer->count; i++) {
		const char *command = pg_result_command(answer->results[i]);

		if (strcmp(command, "BEGIN") == 0 || strcmp(command, "COMMIT") == 0)
			continue;
		free(last);
		if (pg_result_columns(answer->results[i]) != 0) {
			sql_table(runner, answer->results[i], answer->sent[i]);
			last = sql_rows(answer->sent[i]);
		} else {
			step_print(runner, "%s", command);
			last = alloc_copy(command);
		}
	}
	if (answer->error == NULL) {
		step_succeed(runner, NULL, "the statement is through: %s", last);
	} else if (answer->lost) {
		json_t *attributes = json_object();

		json_object_set_new(
			attributes, "event.outcome", json_string("unknown"));
		step_fail(runner, attributes,
			"the connection was lost: its outcome is unknown: %s",
			answer->error);
	} else {
		step_fail(runner, NULL, "%s", answer->error);
	}
	free(last);
}

static void
sql_connected(void *context)
{
	struct runner *runner = context;
	const struct step *step;
	struct error error = { 0 };

	if (runner->phase != RUNNER_RUNNING || runner->sql_sent)
		return;
	step = runner_step(runner);
	/* With several hosts to choose from this session may have found another one. */
	if (strcmp(pg_host(runner->sql), pg_host(runner->pg)) != 0 ||
		strcmp(pg_port(runner->sql), pg_port(runner->pg)) != 0) {
		step_fail(runner, NULL,
			"not sent: the statement's session is on %s:%s, the run's on "
			"%s:%s",
			pg_host(runner->sql), pg_port(runner->sql), pg_host(runner->pg),
			pg_port(runner->pg));
		return;
	}
	/*
	 * What is taken for a read can't write even if that was wrong; everything else
	 * goes alone, because VACUUM and its kin refuse to stand among other
	 * statements.
	 */
	char *sql =
		step->danger == DANGER_READ
			? alloc_printf("BEGIN READ ONLY;%s\n;COMMIT", runner->command)
			: alloc_copy(runner->command);
	runner->sql_sent = true;
	if (!pg_query(runner->sql, sql, NULL, 0, sql_answered, runner, &error)) {
		step_fail(runner, NULL, "%s", error.message);
		error_clear(&error);
	}
	free(sql);
}

static void
sql_lost(void *context, const char *message)
{
	struct runner *runner = context;

	if (runner->phase == RUNNER_RUNNING && !runner->sql_sent && runner->sql != NULL)
		step_fail(runner, NULL, "no connection for the statement: %s", message);
}

static void
sql_read_back(struct runner *runner, struct identity *identity, const char *why)
{
	struct pg_handler handler = {
		.connected = sql_connected,
		.lost = sql_lost,
		.context = runner,
	};

	if (!identity_stands(runner, identity, why))
		return;
	if (!step_started(runner))
		return;
	char *application = runner_application(runner);
	pg_free(runner->sql);
	runner->sql_sent = false;
	runner->sql = pg_new(runner->loop, &runner->params, application, &handler);
	pg_keep_rows(runner->sql, SQL_ROWS);
	free(application);
}

void
step_sql_accepted(struct runner *runner)
{
	step_set_phase(runner, RUNNER_READING_BACK, "reading the target back");
	identity_read(runner, sql_read_back);
}

void
step_sql_stop(struct runner *runner)
{
	pg_cancel(runner->sql);
}
